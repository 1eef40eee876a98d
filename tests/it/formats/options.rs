//! What the user can choose about the formats, one choice after the other.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use tagscope::app::{ExportJob, ExportReport};
use tagscope::domain::{Catalogue, ImageIx, ProjectKind, UnitRect};
use tagscope::engine::export::{self, ExportOptions};
use tagscope::formats::{
    BoxStyle, EdgeRule, Format, FormatOptions, OtherTypes, PixelChoice, SplitGroup, SplitRule, azureml,
};
use tagscope::storage::staging::measure;
use tempfile::tempdir;

use super::every::{export, text};
use super::rig::{ImageStore, export_with, job, json_of, names_below, picture, row, tag, tags, three};

#[test]
fn a_split_divides_what_can_be_divided() {
    let rows: Vec<_> = (0..40).map(|number| row(number, (8, 6), &[(0, UnitRect::new(0.25, 0.25, 0.5, 0.5))])).collect();
    let shelf = ImageStore::new(rows.iter().map(|row| (row.id, picture(8, 6, 2))));
    let home = tempdir().expect("folder");
    let out = home.path().join("x");
    let options =
        FormatOptions { split: Some(SplitRule::parse("50/25/25").expect("split")), ..FormatOptions::default() };
    let job = ExportJob { formats: Format::ALL.to_vec(), options, ..job(rows, &out) };
    let report = export_with(job, shelf, ExportOptions::default()).expect("export");
    assert!(report.notes.iter().any(|note| note.contains("SHA-256 of the image's id")), "{:?}", report.notes);
    let names = names_below(&out);
    let count = |start: &str| names.iter().filter(|name| name.starts_with(start)).count();
    let parts = [count("yolo/images/train/"), count("yolo/images/val/"), count("yolo/images/test/")];
    assert!(parts.iter().sum::<usize>() == 40 && parts.iter().all(|&count| count > 3), "{parts:?}");
    for (part, expected) in ["train", "val", "test"].into_iter().zip(parts) {
        assert_eq!(count(&format!("datumaro/images/{part}/")), expected);
        assert_eq!(count(&format!("crops/{part}/fork/")), expected);
        assert_eq!(count(&format!("createml/{part}/dir")), expected);
        let full = part.replace("val", "validation");
        assert!(out.join(format!("webdataset/{full}-000000.tar")).is_file());
        assert!(out.join(format!("parquet/data/{full}-00000-of-00001.parquet")).is_file());
        assert_eq!(count(&format!("huggingface/{full}/dir")), expected);
        assert_eq!(text(&out.join(format!("huggingface/{full}/metadata.jsonl"))).lines().count(), expected);
        assert_eq!(text(&out.join(format!("voc/ImageSets/Main/{part}.txt"))).lines().count(), expected);
        let coco = json_of(&out.join(format!("annotations/instances_{part}.json")));
        assert_eq!(coco["images"].as_array().expect("list").len(), expected);
        assert_eq!(text(&out.join("cvat.xml")).matches(&format!("subset=\"{part}\"")).count(), expected);
    }
    assert_eq!(
        text(&out.join("azureml/validation-mltable-folder/validation_annotations.jsonl")).lines().count(),
        parts[1]
    );
    assert!(text(&out.join("yolo/data.yaml")).starts_with("train: images/train\nval: images/val\ntest: images/test\n"));
}

#[test]
fn images_with_one_metadata_value_stay_in_one_part() {
    let rect = UnitRect::new(0.25, 0.25, 0.5, 0.5);
    let rows: Vec<_> = (0..40)
        .map(|number| {
            let mut row = row(number, (8, 6), &[(0, rect)]);
            // The last ones have no camera: each is on its own.
            row.metadata.extend((number < 36).then(|| ("Camera".to_owned(), format!("c{}", number / 6))));
            row
        })
        .collect();
    let camera: Vec<_> = rows.iter().map(|row| (row.id.to_string(), row.metadata.get(1).cloned())).collect();
    let home = tempdir().expect("folder");
    let out = home.path().join("x");
    let group = SplitGroup::Meta("camera".to_owned());
    let split = Some(SplitRule { group, ..SplitRule::parse("60/20/20").expect("split") });
    let options = FormatOptions { split, ..FormatOptions::default() };
    let job = ExportJob { pixels: PixelChoice::None, options, ..job(rows, &out) };
    let report = export_with(job, ImageStore::new([]), ExportOptions::default()).expect("export");
    let mut counts = Vec::new();
    let mut homes: std::collections::BTreeMap<String, &str> = Default::default();
    for part in ["train", "val", "test"] {
        let list = text(&out.join(format!("annotations/instances_{part}.json")));
        let here: Vec<_> = camera.iter().filter(|(id, _)| list.contains(id.as_str())).collect();
        counts.push(here.len());
        for (_, value) in here.into_iter().filter_map(|(_, camera)| camera.as_ref()) {
            assert_eq!(*homes.entry(value.clone()).or_insert(part), part, "{value} is in two parts");
        }
    }
    assert_eq!((counts.iter().sum::<usize>(), homes.len()), (40, 6));
    assert!(counts.iter().zip([24, 8, 8]).all(|(&count, wanted)| count.abs_diff(wanted) <= 6), "{counts:?}");
    let note = report.notes.iter().find(|note| note.contains("would have separated")).expect("a note");
    assert!(
        note.starts_with("6 groups of images with the same camera (36 images) are each kept in one split"),
        "{note}"
    );
}

#[test]
fn options_leave_out_what_they_say() {
    let home = tempdir().expect("folder");
    let run = |name: &str, options: FormatOptions| {
        export(&[Format::Coco], ProjectKind::Detection, options, &home.path().join(name))
    };
    let reasons =
        |report: &ExportReport| report.skips.iter().map(|skip| skip.reason.clone()).collect::<Vec<_>>().join("\n");
    let dropped = run("drop", FormatOptions { edges: EdgeRule::Drop, ..FormatOptions::default() });
    assert_eq!((dropped.regions_out, dropped.skips.iter().all(|skip| skip.is_left_out)), (2, true));
    // 40 x 15, 26.7 x 18 and (cut) 30 x 40 pixels.
    let small = run("small", FormatOptions { min_region_pixels: 16.0, ..FormatOptions::default() });
    assert_eq!(small.regions_out, 2);
    assert!(reasons(&small).contains("smaller than the requested minimum"));
    let negatives = run("negatives", FormatOptions { are_negatives_left_out: true, ..FormatOptions::default() });
    assert_eq!((negatives.images_out, negatives.regions_out), (2, 3));
    assert!(reasons(&negatives).contains("It has no regions."));
}

fn gif() -> Bytes {
    let mut bytes = Vec::new();
    let frame = image::Frame::new(image::RgbaImage::from_pixel(8, 6, image::Rgba([200, 10, 10, 255])));
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    encoder.encode_frames([frame.clone(), frame]).expect("gif");
    drop(encoder);
    bytes.into()
}

#[test]
fn pictures_of_other_types_are_skipped_or_converted() {
    let home = tempdir().expect("folder");
    let rows = vec![row(1, (8, 6), &[(0, UnitRect::new(0.25, 0.25, 0.5, 0.5))]), row(2, (8, 6), &[])];
    let run = |name: &str, other_types: OtherTypes| {
        let options = FormatOptions { other_types, ..FormatOptions::default() };
        let shelf = ImageStore::new([(rows[0].id, gif()), (rows[1].id, picture(8, 6, 2))]);
        let formats = vec![Format::Coco, Format::Yolo, Format::AzureMl];
        let job = ExportJob { formats, options, ..job(rows.clone(), &home.path().join(name)) };
        export_with(job, shelf, ExportOptions::default()).expect("export")
    };
    let skipped = run("skip", OtherTypes::Skip);
    let formats: Vec<_> = skipped.skips.iter().map(|skip| skip.format.as_deref().unwrap_or_default()).collect();
    assert_eq!((skipped.images_out, formats), (1, vec!["yolo", "azureml"]));
    assert!(names_below(&home.path().join("skip")).iter().any(|name| name.ends_with(".gif")));
    let converted = run("convert", OtherTypes::Convert);
    assert_eq!((converted.images_out, converted.regions_out), (2, 1));
    assert!(converted.skips[0].reason.contains("converted from GIF to PNG") && !converted.skips[0].is_left_out);
    assert!(names_below(&home.path().join("convert")).iter().all(|name| !name.ends_with(".gif")));
}

#[test]
fn double_boxes_are_one_row_of_yolo() {
    let rect = UnitRect::new(0.25, 0.25, 0.5, 0.5);
    let rows = vec![row(1, (8, 6), &[(0, rect), (0, rect), (2, rect)])];
    let home = tempdir().expect("folder");
    let shelf = ImageStore::new([(rows[0].id, picture(8, 6, 2))]);
    let job = ExportJob { formats: vec![Format::Coco, Format::Yolo], ..job(rows, &home.path().join("x")) };
    let report = export_with(job, shelf, ExportOptions::default()).expect("export");
    assert_eq!((report.regions_out, report.skips.len()), (2, 1));
    assert_eq!(report.skips[0].reason, "It duplicates another box of the same tag.");
}

#[test]
fn class_order_is_kept_from_export_to_export() {
    let home = tempdir().expect("folder");
    let first = home.path().join("first");
    export(&[Format::Yolo], ProjectKind::Detection, FormatOptions::default(), &first);
    let earlier_classes = export::read_classes(&first).expect("classes");
    // "fork" is gone, "spoon" is new and the first in the project's list.
    let mut catalogue = Catalogue::new();
    let mut now = tags();
    now.remove(0);
    now.insert(0, tag(9, "spoon", "Regular"));
    catalogue.set_tags(&now);
    let rows = vec![row(1, (8, 6), &[(2, UnitRect::new(0.25, 0.25, 0.5, 0.5))])];
    let mut rows = rows;
    rows[0].tags.remove(0);
    let shelf = ImageStore::new([(rows[0].id, picture(8, 6, 2))]);
    let images = catalogue.append(rows).map(ImageIx).collect();
    let out = home.path().join("second");
    let options = FormatOptions { earlier_classes, ..FormatOptions::default() };
    let job = ExportJob {
        formats: vec![Format::Yolo],
        options,
        images,
        catalogue: Arc::new(catalogue),
        ..job(Vec::new(), &out)
    };
    let report = export_with(job, shelf, ExportOptions::default()).expect("export");
    assert!(
        text(&out.join("data.yaml"))
            .ends_with("  0: \"fork\"\n  1: \"<>&\\\"'猫🙂\"\n  2: \"unused\"\n  3: \"spoon\"\n")
    );
    assert!(report.notes.iter().any(|note| note.contains("no longer in the project: 1.")));
    assert_eq!(json_of(&out.join("manifest.json"))["classes"][0]["deleted"], true);
    std::fs::write(home.path().join("manifest.json"), "{\"format\": \"tagscope-archive\", \"classes\": []}")
        .expect("write");
    assert!(export::read_classes(home.path()).is_err());
}

#[test]
fn the_address_for_azure_ml_can_come_later() {
    let home = tempdir().expect("folder");
    let out = home.path().join("x");
    export(&[Format::AzureMl, Format::Coco], ProjectKind::Detection, FormatOptions::default(), &out);
    let list = out.join("azureml/training-mltable-folder/train_annotations.jsonl");
    let before = text(&list);
    let url = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/forks/images";
    assert_eq!(export::rewrite_azureml_url(&out, url).expect("rewritten"), 3);
    assert_eq!(text(&list), before.replace(azureml::PLACEHOLDER, &format!("{url}/")), "nothing else has changed");
    let manifest = json_of(&out.join("manifest.json"));
    let facts = measure(&list).expect("file");
    assert_eq!(
        manifest["files"]["azureml/training-mltable-folder/train_annotations.jsonl"]["sha256"],
        facts.sha256.to_string()
    );
    assert_eq!(manifest["options"]["azuremlUrl"], format!("{url}/"));
    assert_eq!(export::rewrite_azureml_url(&out, url).expect("again"), 3);
    assert!(export::rewrite_azureml_url(&out, "https://a.blob.core.windows.net/c?sig=secret").is_err());
    assert!(export::rewrite_azureml_url(home.path(), url).is_err());
    assert!(names_below(&out).iter().all(|name| !name.contains(".rewrite")));

    let direct = home.path().join("direct");
    let options = FormatOptions { azureml_url: Some(format!("{url}/")), ..FormatOptions::default() };
    export(&[Format::AzureMl, Format::Coco], ProjectKind::Detection, options, &direct);
    assert_eq!(text(&direct.join("azureml/training-mltable-folder/train_annotations.jsonl")), text(&list));
}

#[test]
fn crops_and_drawings_follow_their_options() {
    let home = tempdir().expect("folder");
    let size = |path: &Path| {
        let probe = pixels::probe(&std::fs::read(path).expect("file")).expect("picture");
        (probe.width, probe.height)
    };
    let run = |name: &str, options: FormatOptions| {
        let out = home.path().join(name);
        export(&[Format::Crops, Format::Annotated], ProjectKind::Detection, options, &out);
        out
    };
    let first = &three()[0];
    let crop = format!("crops/fork/{}_{}.jpg", first.id, first.regions[0].id);
    let plain = run("plain", FormatOptions::default());
    assert_eq!(size(&plain.join(&crop)), (40, 15));
    let wide = run("wide", FormatOptions { crop_margin: 0.1, ..FormatOptions::default() });
    // 20-4..60+4 and 30-1.5..45+1.5, whole pixels.
    assert_eq!(size(&wide.join(&crop)), (48, 19));
    let drawn = format!("annotated/dir_shot 2_{}.png", three()[1].id);
    assert_eq!(size(&plain.join(&drawn)), (60, 80));
    let box_style = BoxStyle { stroke: 5, has_names: false };
    let thick = run("thick", FormatOptions { box_style, ..FormatOptions::default() });
    assert_ne!(measure(&thick.join(&drawn)).expect("file"), measure(&plain.join(&drawn)).expect("file"));
}
