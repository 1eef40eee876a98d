//! Folders of pictures without any labels: whether each of them is a class, as for classification, or something else that
//! is kept in folders, such as the cameras, the days, or the halves of a dataset whose labels are in the pictures' names.

use std::collections::BTreeSet;

use super::names::{MOST_LEVELS, Tree};
use super::names::{Role, role_of};
use super::{Certainty, DatasetFormat, FOLDERS_SIGN, Recognized};

/// Names of folders with pictures of one kind, in lower case.
const KINDS: [&str; 40] = [
    "images",
    "image",
    "imgs",
    "img",
    "pictures",
    "photos",
    "jpegimages",
    "frames",
    "masks",
    "mask_images",
    "segmentation",
    "segmentations",
    "segmentationclass",
    "segmentationobject",
    "annotations",
    "labels",
    "ground_truth",
    "groundtruth",
    "gt",
    "gtfine",
    "gt_bbox",
    "gt_query",
    "leftimg8bit",
    "rightimg8bit",
    "disparity",
    "depth",
    "query",
    "gallery",
    "thumbnails",
    "thumbs",
    "crops",
    "originals",
    "raw",
    "processed",
    "augmented",
    "unlabeled",
    "unlabelled",
    "unsorted",
    "_unlabeled",
    "no_label",
];
/// Words of folders that divide a dataset.
const PARTS: [&str; 9] = ["train", "training", "trainval", "val", "valid", "validation", "test", "testing", "query"];
/// Words that are numbered where pictures are kept by where they come from.
const SOURCES: [&str; 19] = [
    "video", "vid", "cam", "camera", "clip", "scene", "seq", "sequence", "session", "batch", "fold", "split", "part",
    "set", "subset", "run", "shot", "frames", "day",
];

/// Class folders that were found, and those that are probably none, each with the reason.
#[derive(Default)]
pub(super) struct ClassFolders {
    pub(super) found: Vec<Recognized>,
    pub(super) refused: Vec<(String, String)>,
}

/// Looks for folders with pictures. `is_wanted` says that the user wants each of them as a class, whatever its name.
pub(super) fn class_folders(tree: &Tree, is_wanted: bool) -> ClassFolders {
    let mut all = ClassFolders::default();
    let mut level = vec![String::new()];
    for _ in 0..=MOST_LEVELS {
        for root in &level {
            let parts: Vec<&str> =
                tree.folders(root).into_iter().filter(|at| matches!(role_of(at), Some(Role::Part(_)))).collect();
            let classes: Vec<&str> = match parts.is_empty() {
                true => tree.classes(root),
                false => parts.iter().flat_map(|part| tree.classes(part)).collect(),
            };
            let in_parts = !parts.is_empty() && !classes.is_empty();
            let is_plain = parts.is_empty() && !tree.has_picture(root) && classes.len() > 1;
            if in_parts || is_plain {
                all.add(tree, root, &classes, is_wanted);
            }
        }
        if !all.found.is_empty() || !all.refused.is_empty() {
            break;
        }
        level = level.iter().flat_map(|folder| tree.folders(folder)).map(str::to_owned).collect();
    }
    all
}

impl ClassFolders {
    fn add(&mut self, tree: &Tree, root: &str, classes: &[&str], is_wanted: bool) {
        let names: BTreeSet<&str> = classes.iter().map(|class| bare(class)).collect();
        let doubtful: Vec<&str> = match tree.is_classification() {
            true => Vec::new(),
            false => names.iter().copied().filter(|name| is_doubtful(name)).collect(),
        };
        let are_all = doubtful.len() == names.len();
        if let Some(first) = doubtful.first().filter(|_| are_all && !is_wanted) {
            let place = if root.is_empty() { (*first).to_owned() } else { format!("{root}/{first}") };
            let reason = format!(
                "it and the folders next to it have pictures, but their names ({}) are those of parts, sources or kinds of \
                 pictures, not of classes, and there are no label files; to make a class of each folder all the same, use \
                 tagscope import yolo",
                listed(&doubtful)
            );
            return self.refused.push((place, reason));
        }
        let reason = "the folder became a class, but its name is rather that of a part, a source or a kind of pictures";
        // The numbers of sources are of interest only where no folder has another name.
        let told = doubtful.into_iter().filter(|name| are_all || is_kind(name));
        self.found.push(Recognized {
            format: DatasetFormat::Yolo,
            certainty: Certainty::Likely,
            root: root.to_owned(),
            signs: vec![FOLDERS_SIGN.to_owned()],
            labels: Vec::new(),
            passed: told.map(|name| (name.to_owned(), reason.to_owned())).collect(),
        });
    }
}

fn bare(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or_default()
}

/// A few names for people.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 5;
    let shown = names.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    if names.len() > MOST { format!("{shown} and {} more", names.len() - MOST) } else { shown }
}

/// Whether a folder is probably no class.
fn is_doubtful(name: &str) -> bool {
    is_kind(name) || is_part(name) || is_source(name) || is_day(name)
}

/// A kind of pictures, with a number or without: `images`, `image_2`.
fn is_kind(name: &str) -> bool {
    let name = name.to_lowercase();
    let bare = name.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end_matches(['_', '-']);
    KINDS.contains(&name.as_str()) || KINDS.contains(&bare)
}

/// A part of a dataset and another word: `bounding_box_train`, `trainA`.
fn is_part(name: &str) -> bool {
    let words = words_of(name);
    words.len() > 1 && words.iter().any(|word| PARTS.contains(&word.as_str()))
}

/// A source and its number or letter: `cam_a`, `video12`; or a folder of a camera, `101CANON`.
fn is_source(name: &str) -> bool {
    let of_camera = |name: &str| {
        name.len() == 8
            && name.bytes().take(3).all(|letter| letter.is_ascii_digit())
            && name.bytes().skip(3).all(|letter| letter.is_ascii_uppercase() || letter == b'_')
    };
    if of_camera(name) {
        return true;
    }
    match &words_of(name)[..] {
        [word, number] => {
            let is_number = number.bytes().all(|letter| letter.is_ascii_digit()) || number.len() == 1;
            is_number && SOURCES.contains(&word.as_str())
        }
        _ => false,
    }
}

/// A day: `2024-01-31`, `20240131`.
fn is_day(name: &str) -> bool {
    let digits: Vec<u8> = name.bytes().filter(u8::is_ascii_digit).collect();
    let is_plain = name.bytes().all(|letter| letter.is_ascii_digit() || matches!(letter, b'-' | b'_' | b'.'));
    let number = |from: usize, to: usize| {
        digits
            .get(from..to)
            .and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u32>().ok())
            .unwrap_or_default()
    };
    is_plain
        && digits.len() == 8
        && (1970..2100).contains(&number(0, 4))
        && (1..=12).contains(&number(4, 6))
        && (1..=31).contains(&number(6, 8))
}

/// The words of a name in lower case: what is divided by signs, by digits, or by a capital behind a small letter.
fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before: Option<char> = None;
    for letter in name.chars() {
        if letter.is_alphanumeric() {
            let is_new = before.is_none_or(|before| {
                !before.is_alphanumeric()
                    || before.is_numeric() != letter.is_numeric()
                    || (before.is_lowercase() && letter.is_uppercase())
            });
            if is_new {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(letter.to_lowercase());
            }
        }
        before = Some(letter);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(folders: &[&str], is_wanted: bool) -> ClassFolders {
        let names = folders.iter().flat_map(|folder| [format!("{folder}/1.jpg"), format!("{folder}/2.jpg")]);
        class_folders(&Tree::new(names), is_wanted)
    }

    #[test]
    fn folders_that_are_no_classes_are_refused_by_their_names() {
        for folders in [
            &["bounding_box_train", "bounding_box_test", "query"][..],
            &["gt_bbox", "gt_query", "bounding_box_train", "bounding_box_test", "query"],
            &["images", "masks"],
            &["JPEGImages", "SegmentationClass"],
            &["trainA", "trainB", "testA", "testB"],
            &["cam_a", "cam_b"],
            &["video1", "video02"],
            &["2024-01-31", "20240201"],
            &["100CANON", "101MSDCF"],
            &["fold_0", "fold_1"],
            &["set/images", "set/masks"],
            &["train/image_2", "val/image_2"],
        ] {
            let all = look(folders, false);
            assert!(all.found.is_empty(), "{folders:?}: {:?}", all.found);
            assert!(all.refused[0].1.contains("tagscope import yolo"), "{folders:?}: {:?}", all.refused);
            let all = look(folders, true);
            assert_eq!((all.found.len(), all.refused.len()), (1, 0), "{folders:?}");
            assert!(!all.found[0].passed.is_empty(), "{folders:?}");
        }
    }

    #[test]
    fn class_folders_stay_class_folders() {
        for folders in [
            &["cat", "dog"][..],
            &["0", "1", "2"],
            &["n01440764", "n01443537"],
            &["with_mask", "without_mask"],
            &["s1", "s2"],
            &["train/cat", "train/dog", "test/cat"],
            &["bullet_train", "bus"],
            &["20000101", "20001301"],
            &["scene", "video"],
            &["camel", "camera 2x"],
        ] {
            let all = look(folders, false);
            assert_eq!((all.found.len(), all.refused.len()), (1, 0), "{folders:?}: {:?}", all.refused);
            assert_eq!(all.found[0].passed, [], "{folders:?}");
        }
    }

    #[test]
    fn one_odd_folder_among_classes_is_told() {
        for odd in ["thumbnails", "_unlabeled", "no_label"] {
            let all = look(&["cat", "dog", odd], false);
            let told: Vec<_> = all.found[0].passed.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(told, [odd]);
        }
    }

    #[test]
    fn two_folders_of_classes_are_two_datasets() {
        let all = look(&["a/train/x", "a/train/y", "b/train/x", "b/train/y"], false);
        let roots: Vec<_> = all.found.iter().map(|found| found.root.as_str()).collect();
        assert_eq!(roots, ["a", "b"]);
    }
}
