//! The sample project: the same everywhere, its boxes inside, its files what the rows say.

use std::collections::HashSet;

use serde_json::Value;
use tagscope::domain::RecordReader;
use tagscope::pixels::{self, DecodeRequest};
use tagscope::server::{ServeOptions, ServedProject};

use super::client::Asked;

fn rows(asked: &Asked) -> Vec<Value> {
    let rows = asked.ok("/images/tagged?take=256&orderBy=Oldest");
    rows.as_array().expect("rows").clone()
}

fn unsigned(body: &[u8]) -> String {
    let text = std::str::from_utf8(body).expect("UTF-8");
    let mut plain = String::new();
    for (index, part) in text.split("http://127.0.0.1:").enumerate() {
        plain.push_str(if index == 0 {
            part
        } else {
            part.split_once('?').map_or(part, |(_, rest)| rest.split_once('"').map_or(rest, |(_, rest)| rest))
        });
    }
    plain
}

#[test]
fn two_runs_give_the_same_rows_and_the_same_bytes() {
    let (one, two) = (Asked::sample(), Asked::sample());
    assert_eq!(one.service.project_id(), two.service.project_id());
    assert_ne!(one.key(), two.key());
    let call = "/images/tagged?take=256";
    assert_eq!(unsigned(&one.project(call).body), unsigned(&two.project(call).body));
    let (mine, theirs) = (&rows(&one)[7], &rows(&two)[7]);
    for kind in ["thumbnailUri", "resizedImageUri"] {
        let file = |asked: &Asked, row: &Value| asked.blob(row[kind].as_str().expect("address")).body;
        assert_eq!(file(&one, mine), file(&two, theirs));
    }
}

#[test]
fn about_1500_regions_all_inside_and_read_without_a_problem() {
    let asked = Asked::sample();
    let body = asked.project("/images/tagged?take=256").body;
    let page = RecordReader::new().page(&body).expect("page");
    assert!(page.problems.is_empty() && page.rows.len() == 240);
    let regions: usize = page.rows.iter().map(|row| row.regions.len()).sum();
    assert!((1_400..=1_600).contains(&regions), "{regions}");
    let mut ids = HashSet::new();
    for row in &page.rows {
        assert_eq!(row.problems, []);
        assert!(row.regions.iter().all(|region| !region.rect.leaves_image() && ids.insert(region.id)));
        assert_eq!(domain::geometry::training_size(row.width, row.height), (row.width, row.height));
    }
    assert!(page.rows.iter().filter(|row| row.regions.is_empty()).count() == 12);
}

#[test]
fn mistakes_are_there_to_be_found() {
    let asked = Asked::sample();
    let page = RecordReader::new().page(&asked.project("/images/tagged?take=256").body).expect("page");
    let (mut doubled, mut two_tags, mut tiny, mut whole) = (0, 0, 0, 0);
    for row in &page.rows {
        for (index, a) in row.regions.iter().enumerate() {
            whole += usize::from(a.rect.area() > 0.999);
            tiny += usize::from(a.rect.in_pixels(row.width, row.height).width < 4.0);
            for b in &row.regions[index + 1..] {
                if a.rect.iou(b.rect) > 0.9 {
                    *(if a.tag == b.tag { &mut doubled } else { &mut two_tags }) += 1;
                }
            }
        }
    }
    assert_eq!((doubled, two_tags, tiny, whole), (3, 2, 2, 2));
}

#[test]
fn files_decode_to_the_listed_size() {
    let asked = Asked::sample();
    let mut sizes = HashSet::new();
    for row in rows(&asked) {
        let listed = (row["width"].as_u64().expect("width") as u32, row["height"].as_u64().expect("height") as u32);
        if !sizes.insert(listed) {
            continue;
        }
        let request = DecodeRequest { listed_size: listed, max_side: None };
        let resized =
            pixels::decode(&asked.blob(row["resizedImageUri"].as_str().expect("address")).body, request).expect("JPEG");
        assert_eq!((resized.upright_size, resized.format, resized.fits_listed), (listed, "JPEG", true));
        let thumbnail =
            pixels::decode(&asked.blob(row["thumbnailUri"].as_str().expect("address")).body, request).expect("JPEG");
        assert_eq!(thumbnail.upright_size.0.max(thumbnail.upright_size.1), 320);
        assert!(thumbnail.fits_listed);
    }
    assert!(sizes.len() >= 5, "{sizes:?}");
}

#[test]
fn one_original_is_larger_and_one_is_stored_turned() {
    let asked = Asked::sample();
    let rows = rows(&asked);
    let larger: Vec<&Value> = rows.iter().filter(|row| row["resizedImageUri"] != row["originalImageUri"]).collect();
    let [larger] = larger[..] else { panic!("{} larger originals", larger.len()) };
    let uri = larger["originalImageUri"].as_str().expect("address");
    assert!(uri.contains("/o-"));
    let listed = (1200, 900);
    assert_eq!((larger["width"].as_u64(), larger["height"].as_u64()), (Some(1200), Some(900)));
    let decoded =
        pixels::decode(&asked.blob(uri).body, DecodeRequest { listed_size: listed, max_side: None }).expect("JPEG");
    assert_eq!(decoded.upright_size, (2400, 1800));

    let turned = &rows[17];
    let listed = (turned["width"].as_u64().expect("width") as u32, turned["height"].as_u64().expect("height") as u32);
    assert_eq!(listed, (900, 1200));
    let file = asked.blob(turned["originalImageUri"].as_str().expect("address")).body;
    let probe = pixels::probe(&file).expect("JPEG");
    assert_eq!((probe.width, probe.height), (1200, 900));
    let request = DecodeRequest { listed_size: listed, max_side: Some(320) };
    let upright = pixels::decode(&file, request).expect("JPEG");
    assert!(upright.is_turned && upright.fits_listed);
    // Upright, it is the same picture as the thumbnail, which is stored upright.
    let thumbnail =
        pixels::decode(&asked.blob(turned["thumbnailUri"].as_str().expect("address")).body, request).expect("JPEG");
    assert!(!thumbnail.is_turned);
    assert_eq!(
        (upright.raster.width(), upright.raster.height()),
        (thumbnail.raster.width(), thumbnail.raster.height())
    );
    let apart: u64 =
        upright.raster.rgba().iter().zip(thumbnail.raster.rgba()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mean = apart as f64 / upright.raster.rgba().len() as f64;
    assert!(mean < 6.0, "{mean}");
}

#[test]
fn it_scales_without_storing_anything() {
    let asked = Asked::new(ServedProject::Sample { images: 100_000, regions: Some(10) }, ServeOptions::default());
    assert_eq!(asked.project("/images/tagged/count").text(), "100000");
    let last = RecordReader::new().page(&asked.project("/images/tagged?take=256&skip=99900").body).expect("page");
    assert_eq!(last.rows.len(), 100);
    assert!(last.rows.iter().all(|row| row.regions.len() == 10 && row.problems.is_empty()));
    let newest = RecordReader::new().page(&asked.project("/images/tagged?take=2").body).expect("page");
    let thumbnail = newest.rows[0].uris.thumbnail.as_ref().expect("address");
    assert_eq!(asked.blob(thumbnail.expose()).status, 200);
    assert_eq!(asked.ids(&format!("/images/id?imageIds={}", newest.rows[1].id)), [newest.rows[1].id.to_string()]);
}
