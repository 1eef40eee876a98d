//! The way back: what each format holds of a project by its rules, and what an import of its files brings into an archive.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tagscope::domain::{Catalogue, ImageRow, ProjectKind, UnitRect};
use tagscope::engine::import::DatasetFormat;
use tagscope::formats::rules::is_classification;
use tagscope::formats::{ClassList, Format, FormatOptions, Picture, RegionFate, SplitPart, judge};
use tagscope::storage::Archive;

use super::imports::import_as;

/// The formats that can be imported, and as what.
pub(super) const IMPORTABLE: [(Format, DatasetFormat); 13] = [
    (Format::Jsonl, DatasetFormat::Jsonl),
    (Format::Coco, DatasetFormat::Coco),
    (Format::Yolo, DatasetFormat::Yolo),
    (Format::Voc, DatasetFormat::Voc),
    (Format::AzureMl, DatasetFormat::AzureMl),
    (Format::Csv, DatasetFormat::Csv),
    (Format::LabelStudio, DatasetFormat::LabelStudio),
    (Format::Cvat, DatasetFormat::Cvat),
    (Format::Datumaro, DatasetFormat::Datumaro),
    (Format::CreateMl, DatasetFormat::CreateMl),
    (Format::HuggingFace, DatasetFormat::HuggingFace),
    (Format::WebDataset, DatasetFormat::WebDataset),
    (Format::Parquet, DatasetFormat::Parquet),
];

/// A project and how it was exported.
pub(super) struct Asked<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) kind: ProjectKind,
    pub(super) options: &'a FormatOptions,
    /// The extension of an image's picture, whose size is the listed one.
    pub(super) extension: &'a dyn Fn(usize) -> &'static str,
}

/// What of an image a format holds.
struct Held {
    regions: Vec<(String, RegionFate, UnitRect, [f64; 4])>,
    tags: BTreeSet<String>,
    size: (u32, u32),
}

/// Imports each format of an export of all of them and compares it with what that format holds.
pub(super) fn every_import_gives_back(asked: &Asked<'_>, export: &Path, archives: &Path) {
    for (format, dataset) in IMPORTABLE {
        let held = held(asked, format);
        let place = place(export, format);
        let is_folders = format == Format::Yolo && is_classification(asked.kind);
        if is_folders && !place.join("train").is_dir() {
            // No image has exactly one tag, or all of those are in another part: nothing says that it is YOLO.
            continue;
        }
        if held.is_empty() && format == Format::HuggingFace {
            // A split without images has no list.
            continue;
        }
        let out = archives.join(format.name());
        let report = import_as(dataset, &place, None, &out).unwrap_or_else(|failure| panic!("{format:?}: {failure:?}"));
        let archive = Archive::open(&out).expect("archive");
        let rows: BTreeMap<String, ImageRow> = archive
            .rows()
            .expect("rows")
            .map(|row| row.expect("readable"))
            .map(|row| (row.id.to_string(), row))
            .collect();
        assert_eq!(rows.keys().collect::<Vec<_>>(), held.keys().collect::<Vec<_>>(), "{format:?}: {:?}", report.skips);
        assert_eq!(report.pictures, rows.len() as u64, "{format:?}: {:?}", report.skips);
        if !matches!(format, Format::Yolo | Format::Voc) && asked.kind != ProjectKind::Unknown {
            assert_eq!(archive.kind(), asked.kind, "{format:?}");
        }
        for (id, held) in &held {
            same(format, &rows[id], held);
        }
        std::fs::remove_dir_all(&out).expect("remove");
    }
}

/// Where a format is in an export of all of them.
fn place(export: &Path, format: Format) -> PathBuf {
    match format {
        Format::Jsonl => export.join("images.jsonl"),
        Format::Csv => export.join("regions.csv"),
        Format::LabelStudio => export.join("label-studio.json"),
        Format::Cvat => export.join("cvat.xml"),
        Format::Coco => export.to_path_buf(),
        other => export.join(other.name()),
    }
}

fn held(asked: &Asked<'_>, format: Format) -> BTreeMap<String, Held> {
    let classes = ClassList::of(asked.catalogue.tags(), &[]);
    let names = classes.names(format, is_classification(asked.kind));
    let mut held = BTreeMap::new();
    for (at, image) in asked.catalogue.iter().enumerate() {
        let row = image.to_row();
        let path = format!("images/{}.{}", row.id, (asked.extension)(at));
        let picture = Picture { path: &path, width: row.width, height: row.height };
        let judged = judge(format.rules(asked.kind), asked.options, &classes, image, picture, SplitPart::Train);
        let Ok(item) = judged.item else { continue };
        let mut fates = judged.fates.iter().filter(|fate| !fate.is_left_out());
        let mut regions: Vec<_> = item
            .regions
            .iter()
            .map(|region| {
                let fate = *fates.next().expect("a fate");
                (names[region.class].clone(), fate, region.listed, region.corners)
            })
            .collect();
        let mut tags: BTreeSet<String> = item.tags.iter().map(|&class| names[class].clone()).collect();
        if format == Format::Jsonl {
            let listed =
                row.regions.iter().map(|region| (region.tag_name.to_string(), RegionFate::Kept, region.rect, [0.0; 4]));
            regions = listed.collect();
            tags = row.tags.iter().map(|mark| mark.name.to_string()).collect();
        } else {
            tags.extend(regions.iter().map(|(name, ..)| name.clone()));
        }
        held.insert(row.id.to_string(), Held { regions, tags, size: (row.width, row.height) });
    }
    held
}

fn same(format: Format, found: &ImageRow, held: &Held) {
    let tags: BTreeSet<String> = found.tags.iter().map(|mark| mark.name.to_string()).collect();
    match format {
        // It lists all tags of an image next to its boxes.
        Format::Coco => assert!(tags.is_superset(&held.tags), "{tags:?} {:?}", held.tags),
        _ => assert_eq!(tags, held.tags, "{format:?}"),
    }
    assert_eq!(found.regions.len(), held.regions.len(), "{format:?}");
    for (region, (name, fate, listed, corners)) in found.regions.iter().zip(&held.regions) {
        assert_eq!(&*region.tag_name, name, "{format:?}");
        let is_exact = matches!(format, Format::Jsonl | Format::Csv)
            || (matches!(format, Format::Coco | Format::Datumaro | Format::HuggingFace | Format::WebDataset)
                && *fate == RegionFate::Kept);
        if is_exact {
            assert_eq!(region.rect, *listed, "{format:?}");
            continue;
        }
        let rect = region.rect;
        let edges = [rect.left, rect.top, rect.left + rect.width, rect.top + rect.height].map(f64::from);
        // VOC rounds outwards to whole pixels.
        let slack = |side: u32| if format == Format::Voc { 1.000_1 / f64::from(side) } else { 5e-7 };
        let slacks = [held.size.0, held.size.1, held.size.0, held.size.1].map(slack);
        for ((edge, corner), slack) in edges.into_iter().zip(corners).zip(slacks) {
            assert!((edge - corner).abs() <= slack, "{format:?}: {rect:?} is not {corners:?}");
        }
    }
}
