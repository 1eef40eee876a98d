//! The COCO readers: the one of datasets in the wild, and the strict one of our own exports.

use std::sync::Arc;

use serde_json::{Value, json};
use tagscope::engine::import::{DatasetFormat, DatasetPlace, import};
use tagscope::formats::coco::read::{CocoAnnotation, CocoCategory, CocoImage};
use tagscope::formats::coco::{CocoSink, read_coco, read_dataset};
use tagscope::formats::dataset::{Dataset, DatasetImage};
use tagscope::storage::Archive;
use tagscope::storage::regular::is_plain_path;
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use super::runner::Target;
use super::wire::comes_back;

const TARGET: Target = Target {
    name: "coco",
    cases: 800,
    tokens: &[
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b":",
        b"\"",
        b"null",
        b"true",
        b"\"images\":[",
        b"\"annotations\":[",
        b"\"categories\":[",
        b"{\"id\":",
        b"\"image_id\":",
        b"\"category_id\":",
        b"\"bbox\":[0,0,1,1],",
        b"\"bbox\":[1e308,1e308,1e308,-1e308],",
        b"\"file_name\":\"../../x.jpg\",",
        b"\"file_name\":\"C:\\\\x\",",
        b"\"file_name\":\"a/./b//c\",",
        b"\"width\":",
        b"\"height\":",
        b"1e999",
        b"-1",
        b"7.0",
        b"\"name\":\"\",",
        b"\"custom_vision\":{\"id\":",
        b"\"tags\":[\"a\"],",
        b"\"metadata\":{\"a\":\"b\"},",
        b"\\u0000",
        b"\\u001b[2J",
        b"\xff",
        b"\"info\":{\"description\":\"d\"},",
        b"\"9aa8e448-cbfa-437d-9d5b-39a006846d74\"",
    ],
    heads: &[b"{\"images\":[{\"id\":1,\"file_name\":\"", b"{\"images\":[],\"annotations\":[{"],
};

#[test]
fn datasets() {
    let home = tempdir().expect("folder");
    let file = home.path().join("coco.json");
    TARGET.run(|input, rng| {
        // Only that it ends.
        let _ = read_coco(input, &mut Ephemeral);
        let Ok(dataset) = read_dataset(input) else { return };
        assert!(dataset.images.len() as u64 <= dataset.counts_in.0);
        for image in &dataset.images {
            assert!(is_plain_path(&image.file_name), "{:?}", image.file_name);
            for found in &image.boxes {
                assert!(found.category < dataset.categories.len());
                assert!(found.bbox.iter().all(|number| number.is_finite()));
            }
        }
        let again = read_dataset(as_json(&dataset).to_string().as_bytes()).expect("read again");
        assert_eq!(again.categories, dataset.categories);
        assert_eq!(again.images.len(), dataset.images.len());
        for (again, image) in again.images.into_iter().zip(&dataset.images) {
            assert_alike(again, image);
        }
        // The whole way into an archive flushes to the disk, so it is done for few.
        if rng.u8(..64) == 0 {
            std::fs::write(&file, input).expect("write");
            imported(&file, &home.path().join("archive"));
        }
    });
}

/// The same; the last of a number's 17 digits may differ, and a name from elsewhere is a plain one the second time.
fn assert_alike(mut again: DatasetImage, image: &DatasetImage) {
    for (again, found) in again.boxes.iter_mut().zip(&image.boxes) {
        for (again, number) in again.bbox.iter_mut().zip(found.bbox) {
            assert!((*again - number).abs() <= number.abs() * 1e-12, "{again} {number}");
            *again = number;
        }
    }
    again.elsewhere.clone_from(&image.elsewhere);
    assert_eq!(again, *image);
}

fn imported(file: &std::path::Path, out: &std::path::Path) {
    let place =
        DatasetPlace { format: DatasetFormat::Coco, path: file.to_path_buf(), others: Vec::new(), images: None };
    let Ok(report) = import(&place, out, &(Arc::new(|_| {}) as _), &CancellationToken::new()) else { return };
    let archive = Archive::open(out).expect("an archive");
    let rows: Vec<_> = archive.rows().expect("rows").map(|row| row.expect("readable")).collect();
    assert_eq!(rows.len() as u64, report.images_out);
    rows.iter().for_each(comes_back);
    std::fs::remove_dir_all(out).expect("remove");
}

/// Takes everything.
struct Ephemeral;

impl CocoSink for Ephemeral {
    fn category(&mut self, _: CocoCategory) -> Result<(), String> {
        Ok(())
    }

    fn image(&mut self, _: CocoImage) -> Result<(), String> {
        Ok(())
    }

    fn annotation(&mut self, _: CocoAnnotation) -> Result<(), String> {
        Ok(())
    }
}

fn as_json(dataset: &Dataset) -> Value {
    let categories: Vec<Value> =
        dataset.categories.iter().enumerate().map(|(at, name)| json!({"id": at, "name": name})).collect();
    let mut images = Vec::new();
    let mut annotations = Vec::new();
    for (at, image) in dataset.images.iter().enumerate() {
        let metadata: serde_json::Map<String, Value> =
            image.metadata.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        let (width, height) = image.size.unzip();
        let created = image.created.map(|created| created.to_string());
        images.push(json!({
            "id": at, "file_name": image.file_name, "width": width, "height": height,
            "custom_vision": {"id": image.id, "created": created, "tags": image.tags, "metadata": metadata},
        }));
        for found in &image.boxes {
            let id = found.id.map(|id| id.to_string());
            annotations.push(
                json!({"image_id": at, "category_id": found.category, "bbox": found.bbox, "custom_vision_id": id}),
            );
        }
    }
    json!({"images": images, "annotations": annotations, "categories": categories})
}
