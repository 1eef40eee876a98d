use std::sync::Arc;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{ImageId, ImageRow, ImageUris, Raster, RegionId, RegionIx, RegionRow, TagId};

/// Images whose regions are given as tag and width; all are 0.1 high.
pub(in crate::wall) fn catalogue(images: &[&[(&str, f32)]]) -> Catalogue {
    let tag = |name: &str| TagId(Uuid::from_u128(name.bytes().fold(1, |sum, byte| sum * 256 + u128::from(byte))));
    let mut catalogue = Catalogue::new();
    let mut number = 0;
    let rows = images.iter().enumerate().map(|(at, regions)| ImageRow {
        id: ImageId(Uuid::from_u128(at as u128 + 1)),
        created: None,
        width: 100,
        height: 100,
        uris: ImageUris::default(),
        tags: Vec::new(),
        regions: regions
            .iter()
            .map(|&(name, width)| {
                number += 1;
                RegionRow {
                    id: RegionId(Uuid::from_u128(number)),
                    tag: tag(name),
                    tag_name: Arc::from(name),
                    created: Some(Timestamp(number as i64)),
                    rect: UnitRect::new(0.0, 0.0, width, 0.1),
                }
            })
            .collect(),
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    });
    let rows = rows.collect();
    catalogue.append(rows);
    catalogue
}

pub(in crate::wall) fn all(catalogue: &Catalogue) -> Vec<ImageIx> {
    catalogue.iter().map(|image| image.ix).collect()
}

pub(in crate::wall) fn numbers(order: &RegionOrder) -> Vec<u32> {
    order.items.iter().map(|item| item.label().expect("a label").0).collect()
}

fn gray(value: u8) -> Feature {
    Feature::of(&Raster::new(1, 1, vec![value, value, value, 255]).expect("raster"), 0, 0, 1, 1)
}

#[test]
fn groups_go_by_name_and_count_images_once() {
    let catalogue =
        catalogue(&[&[("spoon", 0.1), ("Fork", 0.2), ("spoon", 0.3)], &[("fork b", 0.4)], &[("spoon", 0.2)]]);
    let order =
        order_regions(&catalogue, &all(&catalogue), None, RegionSort::Images, true, Looks::of(&Features::default()));
    assert_eq!(numbers(&order), [1, 3, 0, 2, 4]);
    let groups: Vec<_> = order.groups.iter().map(|group| (group.start, group.len, group.image_count)).collect();
    assert_eq!(groups, [(0, 1, 1), (1, 1, 1), (2, 3, 2)]);
    assert_eq!(order.image_count, 3);
}

#[test]
fn sizes_shapes_and_dates_are_followed() {
    let catalogue = catalogue(&[&[("a", 0.1), ("b", 0.3)], &[("a", 0.2)]]);
    let sorted = |sort| {
        numbers(&order_regions(&catalogue, &all(&catalogue), None, sort, false, Looks::of(&Features::default())))
    };
    assert_eq!(sorted(RegionSort::Largest), [1, 2, 0]);
    assert_eq!(sorted(RegionSort::Smallest), [0, 2, 1]);
    assert_eq!(sorted(RegionSort::Widest), [1, 2, 0]);
    assert_eq!(sorted(RegionSort::Highest), [0, 2, 1]);
    assert_eq!(sorted(RegionSort::Newest), [2, 1, 0]);
    assert_eq!(sorted(RegionSort::Tag), [0, 2, 1]);
    let only = order_regions(
        &catalogue,
        &all(&catalogue),
        Some(TagIx(1)),
        RegionSort::Images,
        true,
        Looks::of(&Features::default()),
    );
    assert_eq!((numbers(&only), only.image_count), (vec![1], 1));
}

#[test]
fn what_has_no_pixels_yet_comes_last() {
    let catalogue = catalogue(&[&[("a", 0.1), ("a", 0.1), ("a", 0.1)]]);
    let mut features = Features::default();
    features.insert(RegionIx(1), gray(200));
    features.insert(RegionIx(2), gray(10));
    let sorted = |sort| numbers(&order_regions(&catalogue, &all(&catalogue), None, sort, false, Looks::of(&features)));
    assert_eq!(sorted(RegionSort::Darkest), [2, 1, 0]);
    assert_eq!(sorted(RegionSort::Brightest), [1, 2, 0]);
}

#[test]
fn every_order_goes_from_the_other_end_too_and_what_is_not_known_stays_last() {
    let catalogue = catalogue(&[&[("a", 0.1), ("b", 0.3)], &[("a", 0.2)]]);
    let mut features = Features::default();
    features.insert(RegionIx(1), gray(200));
    features.insert(RegionIx(2), gray(10));
    let sorted = |key, is_grouped| {
        let sort = WallSort { key, is_reversed: true };
        numbers(&order_regions(&catalogue, &all(&catalogue), None, sort, is_grouped, Looks::of(&features)))
    };
    assert_eq!(sorted(RegionSort::Images, false), [2, 1, 0]);
    assert_eq!(sorted(RegionSort::Largest, false), [0, 2, 1]);
    assert_eq!(sorted(RegionSort::Highest, false), [1, 2, 0]);
    assert_eq!(sorted(RegionSort::Newest, false), [0, 1, 2]);
    assert_eq!(sorted(RegionSort::Tag, false), [1, 0, 2], "those of a tag stay as they stand");
    assert_eq!(sorted(RegionSort::Darkest, false), [1, 2, 0], "0 is not compared yet");
    // Groups stay in the order of their names, unless that is what is reversed.
    assert_eq!(sorted(RegionSort::Images, true), [2, 0, 1]);
    assert_eq!(sorted(RegionSort::Largest, true), [0, 2, 1]);
    assert_eq!(sorted(RegionSort::Tag, true), [1, 0, 2]);
}

#[test]
fn an_order_and_its_reverse_have_names_of_their_own() {
    for key in RegionSort::ALL {
        let [there, back] = [false, true].map(|is_reversed| WallSort { key, is_reversed }.label());
        assert_ne!(there, back, "{key:?}");
        assert_eq!(there, key.label());
    }
}

#[test]
fn the_odd_one_of_each_tag_comes_first() {
    // 20 forks light below, 20 spoons light above; fork 7 looks like a spoon.
    let shapes: Vec<(&str, f32)> = (0..40).map(|at| (if at < 20 { "fork" } else { "spoon" }, 0.1)).collect();
    let catalogue = catalogue(&[&shapes]);
    let picture = |light_above: bool, n: u8| {
        let value = |at: usize| if (at < 32) == light_above { 180 + n } else { 40 + n };
        let rgba = (0..64).flat_map(|at| [value(at), value(at), value(at), 255]).collect();
        Feature::of(&Raster::new(8, 8, rgba).expect("raster"), 0, 0, 8, 8)
    };
    let mut features = Features::default();
    for at in 0..40_u32 {
        features.insert(RegionIx(at), picture(at >= 20 || at == 7, (at % 5) as u8));
    }
    let order = order_regions(&catalogue, &all(&catalogue), None, RegionSort::LeastAlike, true, Looks::of(&features));
    assert_eq!((order.items[0], order.groups[1].start), (RegionIx(7).into(), 20));
    let order = order_regions(&catalogue, &all(&catalogue), None, RegionSort::MostAlike, true, Looks::of(&features));
    assert_eq!(order.items[19], RegionIx(7).into());
    let ungrouped =
        order_regions(&catalogue, &all(&catalogue), None, RegionSort::LeastAlike, false, Looks::of(&features));
    assert_eq!(ungrouped.items[0], RegionIx(7).into(), "it is held against its own tag");
}

proptest! {
    #[test]
    fn every_region_stands_once_and_groups_cover_all(
        tags in proptest::collection::vec(proptest::collection::vec(0_usize..4, 0..6), 1..12),
        sort in 0_usize..RegionSort::ALL.len(), is_grouped: bool,
    ) {
        const NAMES: [&str; 4] = ["d", "b", "c", "a"];
        let rows: Vec<Vec<(&str, f32)>> =
            tags.iter().map(|row| row.iter().map(|&tag| (NAMES[tag], 0.1 * tag as f32)).collect()).collect();
        let catalogue = catalogue(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let order = order_regions(&catalogue, &all(&catalogue), None, RegionSort::ALL[sort], is_grouped, Looks::of(&Features::default()));
        let mut sorted = numbers(&order);
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..catalogue.region_count() as u32).collect::<Vec<_>>());
        if is_grouped {
            prop_assert_eq!(order.groups.iter().map(|group| group.len).sum::<usize>(), order.len());
            for group in &order.groups {
                for place in group.start..group.start + group.len {
                    let region = catalogue.region(order.items[place].label().expect("a label")).expect("region");
                    prop_assert_eq!(region.tag, group.tag);
                }
            }
        }
    }
}
