//! The figures against slow and plain counts.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::figures::place;
use super::*;
use crate::catalogue::{Catalogue, ImageIx};
use crate::image::{ImageRow, ImageUris, RegionRow, TagMark};
use crate::{ImageId, RegionId, TagId, Timestamp, UnitRect};

const DAY: i64 = 864_000_000_000;

/// An image with tags, regions (tag, left, top, width, height) and the day of its upload.
#[derive(Clone, Debug)]
struct Plain {
    tags: Vec<u8>,
    regions: Vec<(u8, [f32; 4])>,
    day: Option<i64>,
}

fn name(tag: u8) -> Arc<str> {
    format!("tag {tag}").into()
}

fn id(tag: u8) -> TagId {
    TagId(Uuid::from_u128(u128::from(tag) + 1))
}

fn catalogue(images: &[Plain]) -> Catalogue {
    let mut catalogue = Catalogue::new();
    let rows = images.iter().enumerate().map(|(at, image)| ImageRow {
        id: ImageId(Uuid::from_u128(at as u128 + 1)),
        created: image.day.map(|day| Timestamp(day * DAY + 5)),
        width: 800,
        height: 600,
        uris: ImageUris::default(),
        tags: image.tags.iter().map(|&tag| TagMark { tag: id(tag), name: name(tag), created: None }).collect(),
        regions: image
            .regions
            .iter()
            .enumerate()
            .map(|(region, &(tag, [left, top, width, height]))| RegionRow {
                id: RegionId(Uuid::from_u128((at << 16 | region) as u128)),
                tag: id(tag),
                tag_name: name(tag),
                created: None,
                rect: UnitRect::new(left, top, width, height),
            })
            .collect(),
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    });
    catalogue.append(rows.collect());
    catalogue
}

fn all(catalogue: &Catalogue) -> Statistics {
    gather(catalogue, (0..catalogue.len() as u32).map(ImageIx))
}

fn plain() -> impl Strategy<Value = Plain> {
    let edge = prop_oneof![-0.2_f32..1.2, Just(0.0), Just(1.0), Just(0.5)];
    let side = prop_oneof![0.0_f32..1.0, Just(0.001), Just(1.0), Just(0.0)];
    let region = (0..6_u8, edge.clone(), edge, side.clone(), side);
    (
        prop::collection::vec(0..6_u8, 0..4),
        prop::collection::vec(region.prop_map(|(tag, l, t, w, h)| (tag, [l, t, w, h])), 0..9),
        prop::option::of(-40_000_i64..40_000),
    )
        .prop_map(|(tags, regions, day)| Plain { tags, regions, day })
}

fn carried(image: &Plain) -> BTreeSet<u8> {
    image.tags.iter().copied().chain(image.regions.iter().map(|region| region.0)).collect()
}

proptest! {
    #[test]
    fn figures_are_those_of_a_plain_count(images in prop::collection::vec(plain(), 0..30)) {
        let catalogue = catalogue(&images);
        let found = all(&catalogue);
        prop_assert_eq!(found.images, images.len() as u64);
        prop_assert_eq!(found.regions, images.iter().map(|image| image.regions.len() as u64).sum::<u64>());
        let mut of_tags: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for image in &images {
            for tag in carried(image) {
                of_tags.entry(name(tag).to_string()).or_default().0 += 1;
            }
            for (tag, _) in &image.regions {
                of_tags.entry(name(*tag).to_string()).or_default().1 += 1;
            }
        }
        let counted: BTreeMap<_, _> =
            found.tags.iter().map(|tag| (tag.name.to_string(), (tag.images, tag.regions))).collect();
        prop_assert_eq!(counted, of_tags);
        for (row, &one) in found.pairs.tags.iter().enumerate() {
            for (column, &other) in found.pairs.tags.iter().enumerate() {
                let both = images.iter().filter(|image| {
                    let carried: BTreeSet<_> = carried(image).into_iter().map(|tag| name(tag).to_string()).collect();
                    carried.contains(&*found.tags[one].name) && carried.contains(&*found.tags[other].name)
                });
                prop_assert_eq!(found.pairs.get(row, column), both.count() as u32);
            }
        }
    }

    #[test]
    fn every_image_is_in_one_bar_and_every_region_in_one_cell(images in prop::collection::vec(plain(), 0..30)) {
        let found = all(&catalogue(&images));
        for bin in &found.per_image.bins {
            let inside = |image: &&Plain| (bin.from..=bin.to).contains(&(image.regions.len() as u32));
            prop_assert_eq!(bin.images, images.iter().filter(inside).count() as u64);
        }
        let in_bars: u64 = found.dates.bins.iter().map(|bin| bin.images).sum();
        prop_assert_eq!(in_bars + found.dates.undated, found.images);
        prop_assert!(found.dates.bins.len() <= 100);
        let in_cells: u64 = found.sizes.grid.filled().map(|cell| u64::from(cell.2)).sum();
        prop_assert_eq!(in_cells + found.sizes.without_area, found.regions);
        prop_assert_eq!(found.sizes.points.len() as u64, in_cells);
    }

    #[test]
    fn places_are_covered_as_a_loop_over_all_cells_says(images in prop::collection::vec(plain(), 0..12)) {
        let found = all(&catalogue(&images));
        let rects: Vec<_> = images
            .iter()
            .flat_map(|image| &image.regions)
            .map(|&(_, [left, top, width, height])| UnitRect::new(left, top, width, height).clamped())
            .filter(|rect| !rect.is_empty())
            .collect();
        let covers = |from: f32, to: f32, cell: usize, cells: usize| {
            let first = ((from * cells as f32) as usize).min(cells - 1);
            let end = (to * cells as f32).ceil() as usize;
            cell == first || (cell > first && cell < end)
        };
        for row in 0..PLACE_ROWS {
            for column in 0..PLACE_COLUMNS {
                let count = rects.iter().filter(|rect| {
                    covers(rect.left, rect.right(), column, PLACE_COLUMNS)
                        && covers(rect.top, rect.bottom(), row, PLACE_ROWS)
                });
                prop_assert_eq!(found.places.get(column, row), count.count() as u32, "{} {}", column, row);
            }
        }
    }

    #[test]
    fn bars_of_regions_are_few_and_whole(numbers in prop::collection::vec(0..5_000_000_u32, 1..50)) {
        let most = numbers.iter().copied().max().unwrap_or(0);
        let found = PerImage::of(numbers.clone());
        prop_assert!(found.bins.len() <= 30, "{}", found.bins.len());
        prop_assert_eq!(found.bins.iter().map(|bin| bin.images).sum::<u64>(), numbers.len() as u64);
        prop_assert_eq!(found.most, most);
    }

    #[test]
    fn sentences_csv_and_terms_hold_for_anything(images in prop::collection::vec(plain(), 0..10)) {
        let found = all(&catalogue(&images));
        for panel in Panel::ALL {
            prop_assert!(found.sentence(panel).ends_with('.'));
            let csv = found.csv(panel);
            let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
            let width = reader.headers().expect("head").len();
            for record in reader.records() {
                prop_assert_eq!(record.expect("row").len(), width);
            }
        }
    }
}

#[test]
fn a_spreadsheet_runs_no_name_of_a_tag() {
    let mark = |tag: u8, name: &str| TagMark { tag: id(tag), name: name.into(), created: None };
    let mut catalogue = Catalogue::new();
    catalogue.append(vec![ImageRow {
        id: ImageId(Uuid::from_u128(1)),
        created: None,
        width: 800,
        height: 600,
        uris: ImageUris::default(),
        tags: vec![mark(1, "=1+1"), mark(2, "\u{ff1d}cmd")],
        regions: Vec::new(),
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    }]);
    let found = all(&catalogue);
    for panel in Panel::ALL {
        let csv = found.csv(panel);
        let mut table = ::csv::Reader::from_reader(csv.as_bytes());
        let rows: Vec<_> = table.records().map(|row| row.expect("row")).collect();
        let is_run = |cell: &str| cell.starts_with(['=', '\u{ff1d}']);
        assert!(!rows.iter().flatten().any(is_run), "{panel:?}: {csv}");
        let is_of_tags = [Panel::Tags, Panel::Pairs].contains(&panel);
        assert_eq!(csv.contains("'=1+1"), is_of_tags, "{panel:?}: {csv}");
    }
}

#[test]
fn a_place_on_the_axis_of_sizes_and_its_edge_belong_together() {
    for bin in 0..=SIZE_BINS {
        assert!((place(size_edge(bin) as f32) - bin as f64).abs() < 1e-3, "{bin}");
    }
    assert_eq!((place(0.0), place(1.0)), (0.0, SIZE_BINS as f64));
}

#[test]
fn dates_are_shown_by_day_then_month_then_years() {
    let dates = |days: &[i64]| Dates::of(days, 0);
    let found = dates(&[19_700, 19_702]);
    assert_eq!(found.unit, DateUnit::Day);
    let labels: Vec<_> = found.bins.iter().map(|bin| bin.label.as_str()).collect();
    assert_eq!(labels, ["2023-12-09", "2023-12-10", "2023-12-11"]);
    let found = dates(&[19_700, 19_900]);
    assert_eq!((found.unit, found.bins[0].label.as_str()), (DateUnit::Month, "2023-12"));
    let found = dates(&[0, 19_900]);
    assert_eq!((found.unit, found.bins[0].label.as_str(), found.bins.len()), (DateUnit::Years, "1970", 55));
    let found = dates(&[-700_000, 2_900_000]);
    assert!(found.bins.len() <= 100 && found.bins[0].label.contains(".."), "{:?}", found.bins[0]);
}

#[test]
fn targets_are_terms_of_the_query_language() {
    let targets = [
        Target::Tag("two words \"quoted\" 猫".to_owned()),
        Target::Pair("fork".to_owned(), "and".to_owned()),
        Target::Regions(3, 3),
        Target::Regions(10, 19),
        Target::Created("2024-01-05".to_owned()),
        Target::Created("2020..2029".to_owned()),
    ];
    let cells = (0..SIZE_BINS).map(|bin| Target::Size(bin, SIZE_BINS - 1 - bin));
    let places = (0..PLACE_ROWS).map(|row| Target::Place(row, row));
    for target in targets.into_iter().chain(cells).chain(places) {
        for term in target.terms() {
            let query = crate::query::parse(&term).unwrap_or_else(|error| panic!("{term}: {error}"));
            assert!(query.root.is_some());
        }
    }
}

#[test]
fn a_click_finds_the_regions_that_are_counted_in_the_cell() {
    let images: Vec<Plain> = (0..40)
        .map(|at| {
            let side = 0.01 + 0.02 * at as f32;
            Plain { tags: Vec::new(), regions: vec![(0, [0.1, 0.2, side, side * 0.7])], day: None }
        })
        .collect();
    let catalogue = catalogue(&images);
    let found = all(&catalogue);
    let (reviews, findings) = Default::default();
    let sources = crate::Sources {
        catalogue: &catalogue,
        reviews: &reviews,
        findings: &findings,
        changes: &Default::default(),
        predicted: &Default::default(),
    };
    let shown = |target: Target| {
        let query = crate::query::parse(&target.terms().join(" ")).expect("query");
        let program = crate::Program::bind(&query, catalogue.tags()).expect("program");
        crate::order::shown(&sources, &program, crate::SortKey::Newest).len() as u32
    };
    for (column, row, count) in found.sizes.grid.filled() {
        let shown = shown(Target::Size(column, row));
        assert!(shown >= count && shown <= count + 1, "{column} {row}: {count} counted, {shown} shown");
    }
    for (column, row, count) in found.places.filled() {
        let shown = shown(Target::Place(column, row));
        assert!(shown.abs_diff(count) <= 1, "{column} {row}: {count} counted, {shown} shown");
    }
}

#[test]
fn many_tags_are_cut_and_said() {
    let images: Vec<Plain> =
        (0..60).map(|tag| Plain { tags: (0..=tag).collect(), regions: Vec::new(), day: Some(0) }).collect();
    let found = all(&catalogue(&images));
    assert_eq!((found.pairs.tags.len(), found.pairs.left_out), (MOST_PAIRED, 20));
    assert_eq!(&*found.tags[found.met_tags(TagOrder::Count)[0]].name, "tag 0");
    assert_eq!(found.sentence(Panel::Dates), "All images are from 1970-01-01: 60 images.");
    assert!(found.sentence(Panel::Tags).starts_with("60 tags; the most used is tag 0 with 60 images"));
}

#[test]
fn one_image_is_spoken_of_as_one() {
    let image = Plain { tags: Vec::new(), regions: vec![(0, [0.25, 0.25, 0.1, 0.1])], day: Some(0) };
    let found = all(&catalogue(&[image]));
    assert_eq!(found.sentence(Panel::PerImage), "The image has 1 region.");
    let sizes = found.sentence(Panel::Sizes);
    assert!(sizes.contains(" % of the image's width") && sizes.starts_with("1 region;"), "{sizes}");
}
