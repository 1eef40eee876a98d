//! Layouts of other people's folders: which files are labels, which pictures belong to them, and what is refused.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tagscope::app::FailureKind;
use tagscope::domain::{ImageRow, ProjectKind};
use tagscope::engine::import::{DatasetFormat, DatasetPlace, ImportReport, OpenKind, import, open_folder};
use tagscope::storage::Archive;
use tempfile::{TempDir, tempdir};

use super::foreign::{folder, imported, reasons};
use super::imports::import_as;
use super::rig::picture;

fn coco(names: &[&str]) -> String {
    let images: Vec<Value> = (1..)
        .zip(names)
        .map(|(id, name): (u32, _)| json!({"id": id, "file_name": name, "width": 40, "height": 20}))
        .collect();
    let annotations: Vec<Value> = (1..)
        .zip(names)
        .map(|(id, _): (u32, _)| json!({"id": id, "image_id": id, "category_id": 1, "bbox": [10, 5, 20, 10]}))
        .collect();
    json!({"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "fork"}]}).to_string()
}

fn voc(name: &str) -> String {
    format!(
        "<annotation><filename>{name}</filename><size><width>40</width><height>20</height></size><object><name>fork</name>\
         <bndbox><xmin>11</xmin><ymin>6</ymin><xmax>30</xmax><ymax>15</ymax></bndbox></object></annotation>"
    )
}

const ROW: &str = "0 0.5 0.5 0.5 0.5\n";

fn create_ml(name: &str) -> String {
    json!([{"image": name, "annotations": [{"label": "fork", "coordinates": {"x": 20, "y": 10, "width": 20, "height": 10}}]}])
        .to_string()
}

/// Opens a folder as the window does, and imports it.
fn opened(home: &TempDir) -> (DatasetFormat, Archive, ImportReport) {
    let data = home.path().join("data");
    let OpenKind::Dataset(format, path) = open_folder(&data).expect("recognized") else { panic!("an archive") };
    let out = home.path().join("archive");
    let report = import_as(format, &path, None, &out).expect("import");
    (format, Archive::open(&out).expect("archive"), report)
}

fn rows(archive: &Archive) -> Vec<ImageRow> {
    archive.rows().expect("rows").map(|row| row.expect("row")).collect()
}

fn fact<'a>(row: &'a ImageRow, key: &str) -> Option<&'a str> {
    row.metadata.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
}

#[test]
fn each_layout_is_recognized_with_its_pictures_and_boxes() {
    let (one, page) = (coco(&["1.jpg"]), voc("1.jpg"));
    let (yaml, cvat) = (
        "train: images\nnames: [fork]\n",
        "<annotations><image id='0' name='1.jpg' width='40' height='20'><box label='fork' xtl='10' ytl='5' xbr='30' ybr='15'/>\
         </image></annotations>",
    );
    let darknet = "classes = 1\ntrain = data/train.txt\nnames = data/obj.names\n";
    use DatasetFormat as F;
    /// Names of files with their texts.
    type Files<'a> = &'a [(&'a str, &'a str)];
    let layouts: &[(&str, F, Files<'_>)] = &[
        ("COCO beside the pictures", F::Coco, &[("a.json", &one), ("1.jpg", "")]),
        ("COCO with capital letters", F::Coco, &[("Annotations/a.json", &one), ("Images/1.jpg", "")]),
        ("FiftyOne's COCO", F::Coco, &[("labels.json", &one), ("data/1.jpg", ""), ("metadata.json", "{}")]),
        ("official COCO", F::Coco, &[("annotations/instances_val2017.json", &one), ("val2017/1.jpg", "")]),
        ("in a folder of its own", F::Coco, &[("set/a.json", &one), ("set/1.jpg", ""), ("read me.txt", "x")]),
        ("FiftyOne's CVAT", F::Cvat, &[("labels.xml", cvat), ("data/1.jpg", "")]),
        ("FiftyOne's VOC", F::Voc, &[("labels/1.xml", &page), ("data/1.jpg", "")]),
        ("labelImg's VOC", F::Voc, &[("1.xml", &page), ("1.jpg", "")]),
        ("VOC in lower case", F::Voc, &[("annotations/1.xml", &page), ("images/1.jpg", "")]),
        ("VOC below a folder", F::Voc, &[("Annotations/a/1.xml", &page), ("JPEGImages/a/1.jpg", "")]),
        ("YOLO", F::Yolo, &[("data.yaml", yaml), ("images/1.jpg", ""), ("labels/1.txt", ROW)]),
        ("Label Studio's YOLO", F::Yolo, &[("classes.txt", "fork\n"), ("images/1.jpg", ""), ("labels/1.txt", ROW)]),
        ("labelImg's YOLO", F::Yolo, &[("classes.txt", "fork\n"), ("1.jpg", ""), ("1.txt", ROW)]),
        ("labels elsewhere", F::Yolo, &[("labels/classes.txt", "fork\n"), ("shots/1.jpg", ""), ("labels/1.txt", ROW)]),
        (
            "Darknet",
            F::Yolo,
            &[
                ("obj.data", darknet),
                ("obj.names", "fork\n"),
                ("train.txt", "data/obj_train_data/1.jpg\n"),
                ("obj_train_data/1.jpg", ""),
                ("obj_train_data/1.txt", ROW),
            ],
        ),
        ("Create ML", F::CreateMl, &[("x.json", &create_ml("1.jpg")), ("1.jpg", "")]),
    ];
    for (name, format, files) in layouts {
        let home = folder(files);
        let (found, archive, report) = opened(&home);
        assert_eq!(found, *format, "{name}");
        let rows = rows(&archive);
        assert_eq!((rows.len(), report.pictures, report.skips.len()), (1, 1, 0), "{name}: {:?}", reasons(&report));
        let rect = rows[0].regions[0].rect;
        assert!((rect.left - 0.25).abs() < 0.01 && (rect.width - 0.5).abs() < 0.02, "{name}: {rect:?}");
        assert_eq!(&*rows[0].regions[0].tag_name, "fork", "{name}");
    }
}

#[test]
fn parts_in_folders_are_one_dataset() {
    type Files = Vec<(String, String)>;
    let in_parts = |make: &dyn Fn(&str, &str) -> Files| -> Files {
        ["train", "valid", "test"].iter().zip(["1", "2", "1"]).flat_map(|(part, stem)| make(part, stem)).collect()
    };
    let named = |part: &str, file: &str| format!("{part}/{file}");
    let picture = |part: &str, stem: &str| (format!("{part}/{stem}.jpg"), String::new());
    let layouts = [
        (
            DatasetFormat::Coco,
            in_parts(&|part, stem| {
                let file = (named(part, "_annotations.coco.json"), coco(&[&format!("{stem}.jpg")]));
                vec![file, picture(part, stem)]
            }),
        ),
        (
            DatasetFormat::CreateMl,
            in_parts(&|part, stem| {
                let file = (named(part, "_annotations.createml.json"), create_ml(&format!("{stem}.jpg")));
                vec![file, picture(part, stem)]
            }),
        ),
        (
            DatasetFormat::Voc,
            in_parts(&|part, stem| {
                let file = (named(part, &format!("{stem}.xml")), voc(&format!("{stem}.jpg")));
                vec![file, picture(part, stem)]
            }),
        ),
        (
            DatasetFormat::Csv,
            in_parts(&|part, stem| {
                let table = format!("filename,class,xmin,ymin,xmax,ymax\n{stem}.jpg,fork,10,5,30,15\n");
                vec![(named(part, "_annotations.csv"), table), picture(part, stem)]
            }),
        ),
    ];
    for (format, files) in layouts {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let home = folder(&files);
        let (found, archive, report) = opened(&home);
        assert_eq!((found, report.pictures), (format, 3), "{:?}", reasons(&report));
        assert!(report.skips.is_empty(), "{format:?}: {:?}", reasons(&report));
        let rows = rows(&archive);
        let splits: Vec<_> = rows.iter().map(|row| fact(row, "split").unwrap_or_default()).collect();
        for part in ["train", "val", "test"] {
            assert_eq!(splits.iter().filter(|split| **split == part).count(), 1, "{format:?}: {splits:?}");
        }
        assert!(rows.iter().all(|row| row.regions.len() == 1), "{format:?}: parts with the same names stay apart");
    }
}

#[test]
fn names_of_other_computers_are_looked_up_by_their_ends() {
    let names = [
        "..\\..\\media\\upload\\4\\a.jpg",
        "C:\\Users\\me\\b.jpg",
        "/home/me/data/c.jpg",
        "images/1/d.jpg",
        "data/local-files/?d=set/e.jpg",
        "http://localhost:8080/data/local-files/?d=set/f.jpg",
        "train_images.zip@g.jpg",
        "H.JPG",
        "\u{e9}.jpg",
        "%69.jpg",
        "upload/1/ab12cd34-j.jpg",
    ];
    let mut files: Vec<(String, String)> =
        "abcdefghij".chars().map(|name| (format!("images/{name}.jpg"), String::new())).collect();
    files.push(("images/e\u{301}.jpg".to_owned(), String::new()));
    files.push(("result.json".to_owned(), coco(&names)));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let home = folder(&files);
    let (archive, report) = imported(&home, DatasetFormat::Coco, "result.json");
    let told = reasons(&report);
    assert_eq!((report.images_out, report.pictures), (11, 11), "{told:#?}");
    assert!(told.iter().all(|line| line.starts_with("~pictures: ")), "{told:#?}");
    for words in
        ["found by the end of their path: 4", "only in case: 1", "Unicode normalization: 1", "prefix that Label Studio"]
    {
        assert!(told.iter().any(|line| line.contains(words)), "{words}: {told:#?}");
    }
    assert_eq!(rows(&archive).iter().filter(|row| row.regions.len() == 1).count(), 11);
}

#[test]
fn of_two_pictures_that_fit_neither_is_used() {
    let home = folder(&[
        ("a.json", &coco(&["/x/1.jpg", "y/2.jpg", "3.jpg"])),
        ("a/2.jpg", ""),
        ("b/2.jpg", ""),
        ("3.jpg", ""),
    ]);
    let (_, report) = imported(&home, DatasetFormat::Coco, "a.json");
    let told = reasons(&report);
    assert!(told.iter().any(|line| line.contains("a/2.jpg or b/2.jpg, so none was used")), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("-images[0]: the name \"/x/1.jpg\" points outside")), "{told:#?}");
    assert_eq!((report.images_in, report.images_out, report.pictures), (3, 2, 1), "{told:#?}");
}

#[test]
fn a_picture_of_one_image_is_not_guessed_for_another() {
    let home = folder(&[("a.json", &coco(&["1.jpg", "gone/1.jpg"])), ("1.jpg", "")]);
    let (_, report) = imported(&home, DatasetFormat::Coco, "a.json");
    let told = reasons(&report);
    assert!(
        told.iter().any(|line| line.contains("gone/1.jpg: the picture \"1.jpg\" could belong to several")),
        "{told:#?}"
    );
    assert_eq!(report.pictures, 1, "{told:#?}");
}

#[test]
fn label_files_that_differ_in_writing_are_found() {
    let yaml = ("data.yaml", "train: images\nnames: [a]\n");
    for (picture, label) in [
        ("images/1.jpg", "labels/1.TXT"),
        ("images/1.jpg", "Labels/1.txt"),
        ("images/1.jpg", "images/1.txt"),
        ("images/IMG_1.jpg", "labels/img_1.txt"),
        ("images/a b.jpg", "labels/a%20b.txt"),
        ("images/c.jpg", "labels/ab12cd34-c.txt"),
        ("images/\u{e9}.jpg", "labels/e\u{301}.txt"),
    ] {
        let home = folder(&[yaml, (picture, ""), (label, ROW)]);
        let (_, report) = imported(&home, DatasetFormat::Yolo, "data.yaml");
        assert_eq!((report.regions_out, report.skips.len()), (1, 0), "{label}: {:?}", reasons(&report));
    }
    let home = folder(&[yaml, ("images/1.jpg", "")]);
    let told = reasons(&imported(&home, DatasetFormat::Yolo, "data.yaml").1);
    assert!(told.iter().any(|line| line.contains("no label file was found for any of 1 image,")), "{told:#?}");
}

#[cfg(unix)]
#[test]
fn labels_behind_links_are_read_inside_and_listed_outside() {
    use std::os::unix::fs::symlink;
    let start = || folder(&[("data.yaml", "train: images/train\nnames: [a]\n"), ("images/train/1.jpg", "")]);
    let outside = tempdir().expect("folder");
    fs::create_dir(outside.path().join("train")).expect("folder");
    fs::write(outside.path().join("train/1.txt"), ROW).expect("write");
    // A whole folder, one below it, a single file, and links to nothing.
    let links: [(&str, &Path); 5] = [
        ("labels", outside.path()),
        ("labels/train", &outside.path().join("train")),
        ("labels/train/1.txt", &outside.path().join("train/1.txt")),
        ("labels", &outside.path().join("nothing")),
        ("labels/train/1.txt", &outside.path().join("nothing.txt")),
    ];
    for (name, target) in links {
        let home = start();
        let link = home.path().join("data").join(name);
        fs::create_dir_all(link.parent().expect("folder")).expect("folder");
        symlink(target, &link).expect("link");
        let (_, report) = imported(&home, DatasetFormat::Yolo, "data.yaml");
        let told = reasons(&report);
        let is_listed = |line: &String| {
            line.starts_with(&format!("-{name}: it is a ")) && line.contains("link") && line.contains("not read")
        };
        assert_eq!(
            (told.iter().filter(|line| is_listed(line)).count(), report.regions_out),
            (1, 0),
            "{name}: {told:#?}"
        );
    }
    // Inside the dataset a link is as good as a folder.
    let home = folder(&[("data.yaml", "train: images\nnames: [a]\n"), ("pics/1.jpg", ""), ("store/1.txt", ROW)]);
    symlink("pics", home.path().join("data/images")).expect("link");
    symlink("store", home.path().join("data/labels")).expect("link");
    let (_, report) = imported(&home, DatasetFormat::Yolo, "data.yaml");
    assert_eq!((report.pictures, report.regions_out), (1, 1), "{:?}", reasons(&report));
}

#[test]
fn data_yaml_of_another_computer_finds_its_folders() {
    let home = folder(&[
        ("data.yaml", "train: /content/Hat-1/train/images\nval: D:\\sets\\Hat-1\\valid\\images\nnames: [hat]\n"),
        ("train/images/1.jpg", ""),
        ("train/labels/1.txt", ROW),
        ("valid/images/2.jpg", ""),
        ("valid/labels/2.txt", ROW),
    ]);
    let (archive, report) = imported(&home, DatasetFormat::Yolo, "data.yaml");
    assert_eq!((report.pictures, report.regions_out, report.skips.len()), (2, 2, 0), "{:?}", reasons(&report));
    assert_eq!(rows(&archive).iter().filter(|row| fact(row, "split") == Some("val")).count(), 1);
}

#[test]
fn a_page_of_voc_belongs_to_the_picture_with_its_name() {
    let home = folder(&[
        ("Annotations/1.xml", &voc("1.jpg")),
        ("Annotations/2.xml", &voc("1.jpg")),
        ("Annotations/3.xml", &voc("C:\\imgs\\3.jpg")),
        ("JPEGImages/1.jpg", ""),
        ("JPEGImages/2.jpg", ""),
        ("JPEGImages/3.jpg", ""),
    ]);
    let (archive, report) = imported(&home, DatasetFormat::Voc, "");
    let told = reasons(&report);
    assert_eq!((report.pictures, report.images_out), (3, 3), "{told:#?}");
    let names: Vec<_> = rows(&archive).iter().filter_map(|row| fact(row, "name").map(str::to_owned)).collect();
    assert_eq!(names, ["1.jpg", "2.jpg", "3.jpg"]);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].contains("name another picture than the one with the XML file's own name, which was used: 1"),
        "{told:#?}"
    );
}

#[test]
fn folders_of_classes_are_a_classification() {
    let home = folder(&[("fork/1.jpg", ""), ("spoon/2.jpg", ""), ("spoon/3.jpg", "")]);
    let (format, archive, report) = opened(&home);
    assert_eq!((format, archive.kind(), report.pictures), (DatasetFormat::Yolo, ProjectKind::Multiclass, 3));
    let tags: Vec<_> = archive.tags().iter().map(|tag| (tag.name.as_str(), tag.image_count)).collect();
    assert_eq!(tags, [("fork", 1), ("spoon", 2)]);
    // Pictures in `images` are no class of that name.
    let home = folder(&[("images/1.jpg", ""), ("other.txt", "x")]);
    assert!(open_folder(&home.path().join("data")).is_err());
}

#[test]
fn captions_and_key_points_beside_instances_are_passed_over_and_named() {
    let captions =
        r#"{"images":[{"id":1,"file_name":"1.jpg"}],"annotations":[{"id":1,"image_id":1,"caption":"a fork"}]}"#;
    let points = r#"{"images":[{"id":1,"file_name":"1.jpg"}],"annotations":[{"image_id":1,"category_id":1,"num_keypoints":1,"bbox":[1,1,2,2]}],"categories":[{"id":1,"name":"x"}]}"#;
    let home = folder(&[
        ("annotations/instances_val2017.json", &coco(&["1.jpg"])),
        ("annotations/captions_val2017.json", captions),
        ("annotations/person_keypoints_val2017.json", points),
        ("val2017/1.jpg", ""),
    ]);
    let (_, report) = imported(&home, DatasetFormat::Coco, "");
    let told = reasons(&report);
    assert_eq!((report.images_out, report.regions_out, told.len()), (1, 1, 2), "{told:#?}");
    assert!(told.iter().any(|line| line.contains("captions_val2017.json: it has captions")), "{told:#?}");
    assert!(told.iter().any(|line| line.contains("person_keypoints_val2017.json: its key points")), "{told:#?}");
}

#[test]
fn several_datasets_are_listed_and_none_is_chosen() {
    let one = coco(&["1.jpg"]);
    let sets: Vec<String> = (1..=5).flat_map(|n| [format!("set {n}/a.json"), format!("set {n}/1.jpg")]).collect();
    let files: Vec<(&str, &str)> = sets.iter().map(|name| (name.as_str(), one.as_str())).collect();
    let home = folder(&files);
    let two = folder(&[("a.json", &one), ("data.yaml", "train: x\nnames: [a]\n"), ("x/1.jpg", "")]);
    for (home, expected) in
        [(&home, ["set 1/a.json (COCO)", "set 5/a.json (COCO)"]), (&two, ["a.json (COCO)", "data.yaml (YOLO)"])]
    {
        let failure = open_folder(&home.path().join("data")).expect_err("refused");
        let FailureKind::SeveralDatasets { found, .. } = &failure.kind else { panic!("{failure:?}") };
        assert!(expected.iter().all(|words| found.iter().any(|found| found == words)), "{found:?}");
    }
    // With a format there is one.
    let home = folder(&[("a.json", &one), ("1.jpg", ""), ("data.yaml", "train: .\nnames: [a]\n"), ("1.txt", ROW)]);
    for format in [DatasetFormat::Coco, DatasetFormat::Yolo] {
        let out = home.path().join(format.name());
        let report = import_as(format, &home.path().join("data"), None, &out).expect("import");
        assert_eq!(report.regions_out, 1, "{format:?}");
        let recognized = report.recognized.expect("recognized");
        assert_eq!((recognized.format, recognized.labels.len()), (format, 1));
    }
}

#[test]
fn empty_and_broken_files_say_what_they_are() {
    let told = |files: &[(&str, &str)], path: &str| {
        let home = folder(files);
        let out = home.path().join("archive");
        let found = open_folder(&home.path().join("data").join(path));
        let failure = match found {
            Ok(OpenKind::Dataset(format, path)) => import_as(format, &path, None, &out).expect_err("refused"),
            Ok(other) => panic!("{other:?}"),
            Err(failure) => failure,
        };
        assert!(!out.exists());
        failure.full_text()
    };
    assert!(told(&[("a.json", "")], "a.json").contains("The file is empty"));
    assert!(told(&[("a.json", "")], "").contains("a.json: it is empty"));
    let whole = coco(&["1.jpg"]);
    let cut = told(&[("a.json", &whole[..whole.len() / 2]), ("1.jpg", "")], "");
    assert!(cut.contains("a.json") && cut.contains("line 1"), "{cut}");
    assert!(told(&[("read me.txt", "x")], "").contains("a COCO file"));
    // Rows are not read under made-up names of classes when those of data.yaml cannot be read.
    let rows = [("images/1.jpg", ""), ("labels/1.txt", ROW)];
    let broken = told(&[&rows[..], &[("data.yaml", "train: images\nnames:\n  0: cat\n  1:dog\n")]].concat(), "");
    assert!(broken.contains("data.yaml") && broken.contains("line"), "{broken}");
}

#[test]
fn nothing_is_published_when_no_picture_is_found() {
    for (format, files, name) in [
        (DatasetFormat::Yolo, &[("data.yaml", "train: /content/nowhere/images\nnames: [fork]\n")][..], "data.yaml"),
        (DatasetFormat::Coco, &[("a.json", "")][..], "a.json"),
        (DatasetFormat::Voc, &[("Annotations/1.xml", "")][..], ""),
    ] {
        let (one, page) = (coco(&["1.jpg", "2.jpg"]), voc("1.jpg"));
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| match name.rsplit('.').next() {
                Some("json") => (*name, one.as_str()),
                Some("xml") => (*name, page.as_str()),
                _ => (*name, *text),
            })
            .collect();
        let home = folder(&files);
        let place =
            DatasetPlace { format, path: home.path().join("data").join(name), others: Vec::new(), images: None };
        let out = home.path().join("archive");
        let failure = import(&place, &out, &super::rig::quiet(), &tokio_util::sync::CancellationToken::new());
        let failure = failure.expect_err("refused");
        assert!(matches!(failure.kind, FailureKind::NoPictures { .. }), "{format:?}: {failure:?}");
        assert!(failure.full_text().contains("--images") && !out.exists(), "{}", failure.full_text());
    }
    // With the folder of its pictures it is a dataset.
    let home = folder(&[("a.json", &coco(&["1.jpg"]))]);
    let pictures = home.path().join("pictures");
    fs::create_dir(&pictures).expect("folder");
    fs::write(pictures.join("1.jpg"), picture(40, 20, 1)).expect("write");
    let out = home.path().join("archive");
    let report =
        import_as(DatasetFormat::Coco, &home.path().join("data/a.json"), Some(&pictures), &out).expect("import");
    assert_eq!((report.pictures, report.skips.len()), (1, 0));
}
