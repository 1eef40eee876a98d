//! What folders are recognized as.

use std::collections::BTreeSet;

use super::*;

/// What is recognized: its format, its root, and its label files with their parts.
type Shown = (DatasetFormat, String, Vec<(String, Option<String>)>);

fn found(files: &[(&str, &str)]) -> Vec<Shown> {
    let tree = Tree::new(files.iter().map(|(name, _)| (*name).to_owned()));
    let head = |name: &str| {
        let found = files.iter().find(|(known, _)| *known == name);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "it is not there".to_owned())
    };
    let found = recognize(&tree, None, &mut |name: &str| head(name)).found;
    let labels = |labels: Vec<LabelFile>| labels.into_iter().map(|label| (label.name, label.part)).collect();
    found.into_iter().map(|found| (found.format, found.root, labels(found.labels))).collect()
}

const COCO: &str = r#"{"images":[],"annotations":[],"categories":[]}"#;
const PAGE: &str = "<annotation/>";
const ROW: &str = "0 0.5 0.5 0.1 0.1\n";

#[test]
fn each_name_of_a_folder_is_there_once_and_in_lower_case() {
    let names: BTreeSet<&str> = FOLDERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), FOLDERS.len());
    assert!(names.iter().all(|name| name.to_lowercase() == **name));
    assert_eq!(role_of("a/Validation"), Some(Role::Part("val")));
    assert_eq!((role_of("VOC2012"), role_of("vocal"), role_of("")), (Some(Role::Labels), None, None));
    for sign in SIGNS {
        assert!(!sign.words.is_empty() && !sign.format.label().is_empty(), "{sign:?}");
    }
}

/// Only some files of a folder are looked into, but each of them is read.
#[test]
fn no_label_file_of_many_is_left_out() {
    let asset = r#"{"asset":{"name":"1.jpg"},"regions":[]}"#;
    let names: Vec<String> = (0..300).map(|number| format!("{number:03}-asset.json")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), asset)).collect();
    let [(format, _, labels)] = &found(&files)[..] else { panic!("not one dataset") };
    assert_eq!((*format, labels.len()), (DatasetFormat::Vott, 300));
    // Where they are not alike, each of them is looked into.
    files[7].1 = "{}";
    files[299].1 = "{}";
    let [(_, _, labels)] = &found(&files)[..] else { panic!("not one dataset") };
    assert_eq!(labels.len(), 298);
}

#[test]
fn of_several_kinds_of_coco_files_the_boxes_are_read() {
    let points = r#"{"images":[],"annotations":[{"num_keypoints":1}]}"#;
    let files = [
        ("annotations/image_info_val.json", COCO),
        ("annotations/instances_train.json", COCO),
        ("annotations/instances_val.json", COCO),
        ("annotations/labels_val.json", COCO),
        ("annotations/person_keypoints_val.json", points),
        ("annotations/stuff_val.json", COCO),
    ];
    let [(DatasetFormat::Coco, _, labels)] = &found(&files)[..] else { panic!("not one dataset") };
    let names: Vec<_> = labels.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["annotations/instances_train.json", "annotations/instances_val.json"]);
    let [(_, _, labels)] = &found(&[files[0], files[4]])[..] else { panic!("not one dataset") };
    assert_eq!(labels[0].0, files[4].0, "key points have boxes");
    assert_eq!(found(&[("a.json", COCO), ("b.json", COCO)]).len(), 2, "names that say nothing");
}

#[test]
fn parts_are_words_of_names() {
    for (name, general, part) in [
        ("train/_annotations.coco.json", "*/_annotations.coco.json", Some("train")),
        ("a/Valid/x.json", "a/*/x.json", Some("val")),
        ("annotations/instances_val2017.json", "annotations/instances_*2017", Some("val")),
        ("Training Set.json", "* set", Some("train")),
        ("constraints.json", "constraints", None),
        ("\u{e9}-test.json", "\u{e9}-*", Some("test")),
    ] {
        assert_eq!(part_of(name), (general.to_owned(), part), "{name}");
    }
}

#[test]
fn files_of_parts_are_one_dataset_and_others_are_not() {
    let parts = found(&[("train/a.json", COCO), ("valid/a.json", COCO), ("test/a.json", COCO)]);
    let labels = [("test", "test"), ("train", "train"), ("valid", "val")];
    let labels = labels.map(|(folder, part)| (format!("{folder}/a.json"), Some(part.to_owned()))).to_vec();
    assert_eq!(parts, [(DatasetFormat::Coco, String::new(), labels)]);
    assert_eq!(found(&[("a.json", COCO), ("b.json", COCO)]).len(), 2);
    assert_eq!(found(&[("x/a.json", COCO), ("y/b.json", COCO)]).len(), 2, "in folders of their own");
}

#[test]
fn one_file_names_the_classes_of_yolo() {
    let by = |files: &[(&str, &str)]| {
        let [(DatasetFormat::Yolo, _, labels)] = &found(files)[..] else { panic!("{:?}", found(files)) };
        labels.first().map(|(name, _)| name.clone())
    };
    let yaml = "train: x\nnames: [a]\n";
    let rows = [("images/1.jpg", ""), ("labels/1.txt", ROW)];
    let with = |more: &[(&'static str, &'static str)]| by(&[&rows[..], more].concat());
    assert_eq!(with(&[("data.yaml", yaml), ("classes.txt", "a\n")]).as_deref(), Some("data.yaml"));
    assert_eq!(with(&[("data.yaml", yaml), ("other.yaml", yaml)]).as_deref(), Some("data.yaml"));
    assert_eq!(with(&[("labels/classes.txt", "a\n")]).as_deref(), Some("labels/classes.txt"));
    assert_eq!(with(&[]), None);
    assert!(found(&[("1.txt", ROW), ("2.jpg", "")]).is_empty(), "numbers without a picture of the name");
    assert!(found(&[("classes.txt", "a\n"), ("1.jpg", "")]).is_empty(), "names without labels");
}

#[test]
fn folders_of_classes_are_no_folders_of_pictures() {
    let is_found = |names: &[&str]| {
        let files: Vec<_> = names.iter().map(|name| (*name, "")).collect();
        !found(&files).is_empty()
    };
    assert!(is_found(&["fork/1.jpg", "spoon/1.jpg"]) && is_found(&["train/fork/1.jpg"]));
    assert!(is_found(&["set/train/fork/1.jpg"]) && is_found(&["train/images/1.jpg", "train/fork/1.jpg"]));
    for none in [
        &["images/1.jpg"][..],
        &["train/images/1.jpg", "train/labels/1.jpg"],
        &["1.jpg", "2.jpg"],
        &["a/1.jpg"],
        &["1.jpg", "a/1.jpg", "b/1.jpg"],
    ] {
        assert!(!is_found(none), "{none:?}");
    }
    // A manifest may say that a class has such a name.
    let tree = Tree::new(["train/images/1.jpg".to_owned()]).from_classification(true);
    assert_eq!(recognize(&tree, None, &mut |_| Ok(Vec::new())).found.len(), 1);
}

#[test]
fn pages_below_a_folder_of_labels_belong_to_its_dataset() {
    for names in [["Annotations/a/1.xml", "JPEGImages/a/1.jpg"], ["VOCdevkit/VOC2012/Annotations/1.xml", "x.jpg"]] {
        let found = found(&[(names[0], PAGE), (names[1], "")]);
        assert_eq!(found, [(DatasetFormat::Voc, String::new(), Vec::new())], "{names:?}");
    }
}

#[test]
fn many_files_cost_no_more_than_some() {
    let names = (0..20_000)
        .map(|number| format!("labels/{number}.txt"))
        .chain((0..20_000).map(|number| format!("images/{number}.jpg")));
    let mut heads = 0;
    let tree = Tree::new(names.chain(["classes.txt".to_owned()]));
    let found = recognize(&tree, None, &mut |_| {
        heads += 1;
        Ok(ROW.as_bytes().to_vec())
    });
    assert_eq!(found.found[0].format, DatasetFormat::Yolo);
    assert!(heads < 500, "{heads}");
}

#[test]
fn a_label_file_that_cannot_be_read_is_named_and_other_files_are_not_looked_at() {
    let names = ["a.json", "read me.txt", "film.mp4", ".DS_Store"];
    let tree = Tree::new(names.map(str::to_owned));
    let mut looked = Vec::new();
    let findings = recognize(&tree, None, &mut |name| {
        looked.push(name.to_owned());
        Err("it is locked".to_owned())
    });
    assert_eq!(findings.passed, [("a.json".to_owned(), "it is locked".to_owned())]);
    assert_eq!(looked, ["a.json", "read me.txt"]);
}

#[test]
fn the_part_is_in_the_name_of_every_kind_of_coco_file() {
    for (stem, part) in [
        ("instances_val2017", "val2017"),
        ("person_keypoints_train", "train"),
        ("stuff_val", "val"),
        ("panoptic_val", "val"),
        ("labels_train", "train"),
        ("image_info_default", "default"),
        ("instances", "instances"),
        ("train", "train"),
    ] {
        assert_eq!(subset_of_coco(stem), part);
    }
}
