//! The names below a folder, and what those of folders and files say about what is in them.

use std::collections::BTreeMap;

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

/// Extensions of what Ultralytics takes for a picture, and GIF.
const PICTURES: [&str; 13] =
    ["bmp", "dng", "gif", "heic", "jpeg", "jpg", "mpo", "pfm", "png", "tif", "tiff", "webp", "jfif"];

/// Whether a name has an extension of pictures.
pub fn is_picture(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| PICTURES.contains(&extension.as_str()))
}

/// Folders in one another that are looked through for a dataset.
pub(super) const MOST_LEVELS: usize = 3;

/// The names below a folder.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Files by their folder; the folder itself is the empty name.
    pub(super) folders: BTreeMap<String, Vec<String>>,
    /// Whether its own manifest says that it is about whole images.
    is_classification: bool,
}

impl Tree {
    /// Of names relative to the folder, with forward slashes.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in names {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            for at in folder.char_indices().filter(|(_, letter)| *letter == '/').map(|(at, _)| at) {
                folders.entry(folder[..at].to_owned()).or_default();
            }
            folders.entry(folder).or_default().push(name);
        }
        folders.entry(String::new()).or_default();
        Self { folders, is_classification: false }
    }

    /// With what its own manifest says: a class may be called like a folder of pictures then.
    pub fn from_classification(mut self, is_classification: bool) -> Self {
        self.is_classification = is_classification;
        self
    }

    /// The files just in a folder.
    pub fn files(&self, folder: &str) -> &[String] {
        self.folders.get(folder).map(Vec::as_slice).unwrap_or_default()
    }

    /// The folders just in a folder.
    pub fn folders(&self, folder: &str) -> Vec<&str> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below = self.folders.range(start.clone()..).map(|(name, _)| name.as_str());
        let below = below.take_while(|name| name.starts_with(&start));
        below.filter(|name| name.len() > start.len() && !name[start.len()..].contains('/')).collect()
    }

    /// All files below a folder, in the order of their folders.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a String> {
        let is_below = move |name: &str| {
            folder.is_empty() || name.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.folders.iter().filter(move |(name, _)| is_below(name)).flat_map(|(_, files)| files)
    }

    pub(super) fn is_classification(&self) -> bool {
        self.is_classification
    }

    /// Whether there are pictures just in a folder.
    pub(super) fn has_picture(&self, folder: &str) -> bool {
        self.files(folder).iter().any(|name| is_picture(name))
    }

    /// The folders of classes in a folder: those with pictures, when none is called like a folder of a format.
    pub fn classes(&self, folder: &str) -> Vec<&str> {
        let found: Vec<&str> = self.folders(folder).into_iter().filter(|class| self.has_picture(class)).collect();
        let is_of_format = |class: &&str| matches!(role_of(class), Some(Role::Labels | Role::Pictures | Role::Part(_)));
        // A class may have such a name; then there are others, or a manifest that says so.
        if found.iter().all(is_of_format) && !self.is_classification { Vec::new() } else { found }
    }
}
