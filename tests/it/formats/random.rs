//! Random projects through every format and back: the export compares each image, region and tag with what it was asked
//! for, so an export that succeeds and counts right has given everything back. Then each format that can be imported is,
//! and what the archive holds is compared once more. `PROPTEST_CASES=1000` for the long run.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use tagscope::app::ExportJob;
use tagscope::domain::{
    Catalogue, ImageId, ImageIx, ImageRow, ImageUris, ProjectKind, RegionId, RegionRow, Tag, TagMark, UnitRect,
};
use tagscope::engine::export::ExportOptions;
use tagscope::formats::{EdgeRule, Format, FormatOptions, SplitRule};
use tempfile::tempdir;

use super::back::{Asked, every_import_gives_back};
use super::coco::any_rect;
use super::rig::{ImageStore, export_with, id, job, picture, tag};

const NAMES: [&str; 24] = [
    "fork",
    "Fork",
    "FORK ",
    "a/b\\c:d",
    "*?\"<>|",
    ".hidden",
    "..",
    "CON",
    "con.txt",
    "two\nlines",
    "tab\there",
    "\u{1b}[31m",
    "مرحبا",
    "\u{202e}gpj",
    "🙂👩‍👩‍👧",
    "猫, 犬",
    "'",
    "\"",
    "#",
    "- x: [y]",
    "null",
    "background",
    "&amp;",
    "%s;=,",
];

#[derive(Clone, Debug)]
struct Drawn {
    tags: Vec<Tag>,
    rows: Vec<ImageRow>,
    shades: Vec<u8>,
    kind: ProjectKind,
    options: FormatOptions,
}

/// Names of files as people give them.
const FILES: [&str; 8] = [
    "dir/shot 1.jpeg",
    "100% & co #1;.png",
    "猫/🙂.jpg",
    "a\\b\"c'.jpg",
    "CON.png",
    "x.tar.gz",
    "../../etc/passwd",
    "%2e%2e%2fx.jpg",
];

/// Boxes anywhere, and such as just touch, fill or leave their image.
fn any_region() -> impl Strategy<Value = UnitRect> {
    const ENDS: [f32; 8] = [0.0, 1.0, 0.5, 0.999_999_94, 1.192_092_9e-7, 0.333_333_34, -0.0, 1.000_000_1];
    let end = || proptest::sample::select(ENDS.to_vec());
    let edge =
        (end(), end(), end(), end()).prop_map(|(left, top, width, height)| UnitRect::new(left, top, width, height));
    prop_oneof![2 => any_rect(), 1 => edge]
}

fn any_options() -> impl Strategy<Value = FormatOptions> {
    let split = prop_oneof![Just(None), Just(Some("80/20")), Just(Some("2/1/1"))];
    (split, any::<bool>(), any::<bool>(), any::<bool>(), 0.0..4.0_f64, 0.0..0.5_f64).prop_map(
        |(split, is_stratified, are_negatives_left_out, is_dropped, min_region_pixels, crop_margin)| FormatOptions {
            split: split.map(|text| SplitRule { is_stratified, ..SplitRule::parse(text).expect("split") }),
            are_negatives_left_out,
            edges: if is_dropped { EdgeRule::Drop } else { EdgeRule::Clamp },
            min_region_pixels,
            crop_margin,
            ..FormatOptions::default()
        },
    )
}

fn any_project() -> impl Strategy<Value = Drawn> {
    let names = proptest::sample::subsequence(NAMES.to_vec(), 1..8).prop_shuffle();
    let kinds = prop_oneof![
        3 => Just(ProjectKind::Detection),
        1 => Just(ProjectKind::Multiclass),
        1 => Just(ProjectKind::Multilabel),
        1 => Just(ProjectKind::Unknown),
    ];
    let region = (0..9_usize, any_region());
    let image = (
        proptest::collection::vec(region, 0..5),
        proptest::collection::vec(0..9_usize, 0..4),
        (1..40_u32, 1..40_u32),
        any::<u8>(),
        proptest::option::of(proptest::sample::select(FILES.to_vec())),
    );
    (names, kinds, proptest::collection::vec(image, 1..6), any_options()).prop_map(|(names, kind, images, options)| {
        let mut tags: Vec<Tag> = (1..).zip(names).map(|(number, name)| tag(number, name, "Regular")).collect();
        tags.push(tag(99, "Negative", "Negative"));
        let mut shades = Vec::new();
        let rows = (1..)
            .zip(images)
            .map(|(number, (regions, marks, size, shade, file))| {
                shades.push(shade);
                let of = |at: usize| &tags[at % tags.len()];
                let mark = |at: &usize| TagMark { tag: of(*at).id, name: of(*at).name.as_str().into(), created: None };
                ImageRow {
                    id: ImageId(id(number)),
                    created: None,
                    width: size.0,
                    height: size.1,
                    uris: ImageUris::default(),
                    tags: marks.iter().map(mark).collect(),
                    regions: (1..)
                        .zip(&regions)
                        .map(|(place, (at, rect))| RegionRow {
                            id: RegionId(id(number * 1_000 + place)),
                            tag: of(*at).id,
                            tag_name: of(*at).name.as_str().into(),
                            created: None,
                            rect: UnitRect::new(rect.left, rect.top, rect.width, rect.height),
                        })
                        .collect(),
                    metadata: file.map(|file| ("name".to_owned(), file.to_owned())).into_iter().collect(),
                    verbatim: Vec::new(),
                    problems: Vec::new(),
                }
            })
            .collect();
        Drawn { tags, rows, shades, kind, options }
    })
}

fn run(drawn: &Drawn, out: &Path) -> app::ExportReport {
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(&drawn.tags);
    let pictures: Vec<_> = drawn
        .rows
        .iter()
        .zip(&drawn.shades)
        .map(|(row, &shade)| (row.id, picture(row.width, row.height, shade)))
        .collect();
    let images = catalogue.append(drawn.rows.clone()).map(ImageIx).collect();
    let job = ExportJob {
        catalogue: Arc::new(catalogue),
        images,
        kind: drawn.kind,
        formats: Format::ALL.to_vec(),
        options: drawn.options.clone(),
        ..job(Vec::new(), out)
    };
    export_with(job, ImageStore::new(pictures), ExportOptions::default())
        .unwrap_or_else(|failure| panic!("{failure:?}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12)
    ))]

    #[test]
    fn every_format_gives_a_project_back(drawn in any_project()) {
        let home = tempdir().expect("folder");
        let report = run(&drawn, &home.path().join("x"));
        let regions: usize = drawn.rows.iter().map(|row| row.regions.len()).sum();
        prop_assert_eq!((report.images_in, report.regions_in), (drawn.rows.len() as u64, regions as u64));
        // Every region of COCO is there or itemized, by its own id.
        let coco_items = report.skips.iter().filter(|skip| skip.format.as_deref() == Some("coco") && skip.is_left_out);
        let (lost_regions, lost_images): (Vec<_>, Vec<_>) = coco_items.partition(|skip| skip.region.is_some());
        let mut written = 0;
        for name in ["instances_default", "instances_train", "instances_val", "instances_test"] {
            let Ok(text) = std::fs::read(home.path().join(format!("x/annotations/{name}.json"))) else { continue };
            let coco: serde_json::Value = serde_json::from_slice(&text).expect("json");
            written += coco["annotations"].as_array().expect("list").len();
        }
        let with_images: usize = drawn
            .rows
            .iter()
            .filter(|row| lost_images.iter().any(|skip| skip.image == row.id.to_string()))
            .map(|row| row.regions.len())
            .sum();
        prop_assert_eq!(written + lost_regions.len() + with_images, regions);
        let mut catalogue = Catalogue::new();
        catalogue.set_tags(&drawn.tags);
        catalogue.append(drawn.rows.clone());
        let extension = |at: usize| if drawn.shades[at].is_multiple_of(2) { "png" } else { "jpg" };
        let asked =
            Asked { catalogue: &catalogue, kind: drawn.kind, options: &drawn.options, extension: &extension };
        every_import_gives_back(&asked, &home.path().join("x"), home.path());
    }
}
