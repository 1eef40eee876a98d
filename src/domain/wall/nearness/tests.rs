use super::super::order::tests::{all, catalogue, numbers};
use super::*;
use crate::{Raster, RegionSort, wall::order_regions};

fn gray(value: u8) -> Feature {
    Feature::of(&Raster::new(1, 1, vec![value, value, value, 255]).expect("raster"), 0, 0, 1, 1)
}

/// Twelve forks of which half are dark and half are light, and twelve spoons of a gray between them; region 5 is a spoon
/// with the tag of forks.
fn cutlery() -> (Catalogue, Features) {
    let shapes: Vec<(&str, f32)> = (0..24).map(|at| (if at < 12 { "fork" } else { "spoon" }, 0.1)).collect();
    let mut features = Features::default();
    for at in 0..24_u8 {
        let value = match at {
            5 => 128,
            0..6 => 20 + at,
            6..12 => 220 + at,
            _ => 120 + at,
        };
        features.insert(RegionIx(u32::from(at)), gray(value));
    }
    (catalogue(&[&shapes]), features)
}

#[test]
fn a_thing_in_the_middle_of_its_tag_looks_like_the_tag_that_it_lies_in() {
    let (catalogue, features) = cutlery();
    let looks = Looks::of(&features);
    let order = order_regions(&catalogue, &all(&catalogue), None, RegionSort::LooksLikeOther, true, looks);
    let spoon = catalogue.tags().find_name("spoon").expect("tag");
    let first = order.lookalikes[0].expect("known");
    assert_eq!((numbers(&order)[0], first.tag), (5, spoon));
    assert!(first.ratio > 5.0 && order.lookalikes[1].expect("known").ratio < 1.0, "{:?}", order.lookalikes);
    // It is like the average of the forks, so that the other order has it last of them.
    let order = order_regions(&catalogue, &all(&catalogue), None, RegionSort::LeastAlike, true, looks);
    assert_eq!((numbers(&order)[11], order.lookalikes.len()), (5, 0));
}

#[test]
fn the_nearest_to_a_region_come_first_and_what_is_not_known_last() {
    let (catalogue, mut features) = cutlery();
    let sorted = |features: &Features| {
        let looks = Looks { near: Some(RegionIx(5)), ..Looks::of(features) };
        numbers(&order_regions(&catalogue, &all(&catalogue), None, RegionSort::Similar, false, looks))
    };
    // Spoon n has the gray 120 + n.
    assert_eq!(sorted(&features)[..4], [5, 12, 13, 14]);
    features = Features::default();
    features.insert(RegionIx(7), gray(1));
    assert_eq!(sorted(&features)[..3], [5, 0, 1], "as they stand, behind the one that is looked for");
}

#[test]
fn few_of_a_tag_say_nothing_and_a_stopped_search_leaves_the_rest_unknown() {
    let catalogue = catalogue(&[&[("a", 0.1), ("a", 0.1), ("a", 0.1), ("b", 0.1), ("b", 0.1), ("b", 0.1), ("b", 0.1)]]);
    let mut features = Features::default();
    (0..7).for_each(|at| features.insert(RegionIx(at), gray(at as u8 * 30)));
    let regions: Vec<_> = catalogue
        .iter()
        .flat_map(|image| image.regions().map(|region| (Some(region.ix), region.tag)).collect::<Vec<_>>())
        .collect();
    let found = lookalikes(&catalogue, &regions, Looks::of(&features));
    let known: Vec<_> = found.iter().map(Option::is_some).collect();
    assert_eq!(known, [false, false, false, true, true, true, true], "two others of a, three of b");
    let stopped: Each<'_> = &|_, one| vec![one(3)];
    let found = lookalikes(&catalogue, &regions, Looks { each: stopped, ..Looks::of(&features) });
    assert_eq!((found.len(), found.iter().flatten().count()), (7, 1));
}

#[test]
fn of_many_a_sample_of_each_tag_is_held_against() {
    let many: Vec<(&str, f32)> = (0..20_000).map(|at| (if at % 50 == 0 { "rare" } else { "usual" }, 0.1)).collect();
    let catalogue = catalogue(&[&many]);
    let mut features = Features::default();
    (0..20_000).for_each(|at| features.insert(RegionIx(at), gray(at as u8)));
    let references = References::of(&catalogue, &features);
    assert_eq!(references.points.len(), MOST_REFERENCES);
    let rare = catalogue.tags().find_name("rare").expect("tag");
    assert_eq!(references.points.iter().filter(|(_, tag, _)| *tag == rare).count(), 400, "all of them");
}
