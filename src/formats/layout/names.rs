//! What the names of folders and files say about what is in them.

use crate::yolo::dataset::PICTURES;

/// What the names of COCO's files begin with, those that say most about boxes first.
pub(super) const KINDS_OF_COCO: [&str; 6] =
    ["instances", "person_keypoints", "stuff_", "panoptic_", "labels_", "image_info"];

/// What the name of a folder says about the files in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// They are of one part of the dataset.
    Part(&'static str),
    /// They are labels; so are those of the folders below.
    Labels,
    /// They are pictures, with or without labels next to them.
    Pictures,
    /// It is a dataset of its own next to others: a folder of an export with several formats.
    Own,
}

/// What the names of folders say, in lower case. Names of parts are those of Ultralytics, Roboflow, CVAT, FiftyOne and
/// Azure ML.
pub const FOLDERS: [(&str, Role); 45] = [
    ("train", Role::Part("train")),
    ("training", Role::Part("train")),
    ("trainval", Role::Part("train")),
    ("valid", Role::Part("val")),
    ("val", Role::Part("val")),
    ("validation", Role::Part("val")),
    ("test", Role::Part("test")),
    ("testing", Role::Part("test")),
    ("training-mltable-folder", Role::Part("train")),
    ("validation-mltable-folder", Role::Part("val")),
    ("test-mltable-folder", Role::Part("test")),
    ("obj_train_data", Role::Part("train")),
    ("obj_valid_data", Role::Part("val")),
    ("obj_test_data", Role::Part("test")),
    ("annotations", Role::Labels),
    ("annotation", Role::Labels),
    ("labels", Role::Labels),
    ("label", Role::Labels),
    ("labeltxt", Role::Labels),
    ("ann", Role::Labels),
    ("xml", Role::Labels),
    ("xmls", Role::Labels),
    ("json", Role::Labels),
    ("imagesets", Role::Labels),
    ("vocdevkit", Role::Labels),
    ("images", Role::Pictures),
    ("image", Role::Pictures),
    ("imgs", Role::Pictures),
    ("img", Role::Pictures),
    ("pictures", Role::Pictures),
    ("photos", Role::Pictures),
    ("jpegimages", Role::Pictures),
    ("data", Role::Pictures),
    ("upload", Role::Pictures),
    ("media", Role::Pictures),
    ("vott-json-export", Role::Pictures),
    ("vott-csv-export", Role::Pictures),
    ("yolo", Role::Own),
    ("voc", Role::Own),
    ("datumaro", Role::Own),
    ("createml", Role::Own),
    ("azureml", Role::Own),
    ("huggingface", Role::Own),
    ("webdataset", Role::Own),
    ("parquet", Role::Own),
];

/// What the name of a folder says.
pub fn role_of(folder: &str) -> Option<Role> {
    let name = folder.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    // A year of Pascal VOC.
    if name.strip_prefix("voc").is_some_and(|year| year.starts_with(|letter: char| letter.is_ascii_digit())) {
        return Some(Role::Labels);
    }
    FOLDERS.iter().find(|(known, _)| *known == name).map(|(_, role)| *role)
}

/// The part that a file's folders, else its own name, say: and its name without that word.
pub fn part_of(name: &str) -> (String, Option<&'static str>) {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let mut folders: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for folder in folders.iter_mut().rev() {
        if let Some(Role::Part(part)) = role_of(folder) {
            *folder = "*";
            folders.push(file);
            return (folders.join("/").to_lowercase(), Some(part));
        }
    }
    let lower = file.to_lowercase();
    let stem = lower.rsplit_once('.').map_or(lower.as_str(), |(stem, _)| stem);
    let mut at = 0;
    for word in stem.split(|letter: char| !letter.is_ascii_alphabetic()) {
        if let Some(Role::Part(part)) = role_of(word).filter(|_| !word.is_empty()) {
            let general = format!("{}*{}", &stem[..at], &stem[at + word.len()..]);
            folders.push(&general);
            return (folders.join("/").to_lowercase(), Some(part));
        }
        // One letter, of any length in bytes, divides words.
        at += word.len();
        at += stem[at..].chars().next().map_or(0, char::len_utf8);
    }
    folders.push(stem);
    (folders.join("/").to_lowercase(), None)
}

/// The part in the name of a COCO file, without its extension: `val2017` of `instances_val2017`.
pub fn subset_of_coco(stem: &str) -> &str {
    let behind = KINDS_OF_COCO.iter().find_map(|kind| stem.strip_prefix(kind));
    behind.map(|rest| rest.trim_start_matches('_')).filter(|rest| !rest.is_empty()).unwrap_or(stem)
}

/// Whether a name has an extension of pictures.
pub fn is_picture(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| PICTURES.contains(&extension.as_str()))
}
