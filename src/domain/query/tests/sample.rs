//! Samples against a plain sort of all images by their numbers, and by what people expect of a sample.

use std::collections::{BTreeMap, BTreeSet};

use super::{catalogue, found};
use crate::query::edit;
use crate::query::parse;
use crate::{Catalogue, ImageIx};

/// The images of each tag.
fn by_tag(catalogue: &Catalogue) -> BTreeMap<String, BTreeSet<u32>> {
    let mut by_tag: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for image in catalogue.iter() {
        for &tag in image.tags().iter().chain(image.region_tags()) {
            by_tag.entry(catalogue.tags().get(tag).name.to_string()).or_default().insert(image.ix.0);
        }
    }
    by_tag
}

fn sampled(catalogue: &Catalogue, text: &str) -> BTreeSet<u32> {
    found(catalogue, text).into_iter().collect()
}

#[test]
fn a_sample_has_so_many_images_of_each_tag() {
    let catalogue = catalogue();
    let all = by_tag(&catalogue);
    assert!(all.len() > 2 && all.values().any(|images| images.len() > 5), "{all:?}");
    let mut joined = BTreeSet::new();
    for (tag, images) in &all {
        let term = edit::tag(tag);
        let of_tag = sampled(&catalogue, &format!("{term} sample:5"));
        assert!(of_tag.is_subset(images), "{tag}");
        assert_eq!(of_tag.len(), images.len().min(5), "{tag}");
        joined.extend(of_tag);
    }
    assert_eq!(sampled(&catalogue, "sample:5"), joined, "the samples of all tags together");
    let both = sampled(&catalogue, "(tag:fork or tag:Scissors) sample:5");
    let each: BTreeSet<u32> =
        ["tag:fork sample:5", "tag:Scissors sample:5"].iter().flat_map(|text| sampled(&catalogue, text)).collect();
    assert_eq!(both, each, "of two tags");
}

#[test]
fn a_sample_is_the_same_each_time_and_grows_into_a_larger_one() {
    let catalogue = catalogue();
    let five = sampled(&catalogue, "sample:5");
    assert_eq!(five, sampled(&catalogue, "sample:5#1"));
    assert!(five.is_subset(&sampled(&catalogue, "sample:8")));
    assert_ne!(five, sampled(&catalogue, "sample:5#2"), "another seed is another sample");
    assert_eq!(
        sampled(&catalogue, "sample:1000000").len(),
        by_tag(&catalogue).values().flatten().collect::<BTreeSet<_>>().len()
    );
    // What else is asked chooses among the sample and does not change it.
    let wide = sampled(&catalogue, "w>=800");
    assert_eq!(sampled(&catalogue, "sample:5 w>=800"), five.intersection(&wide).copied().collect());
    let rest = sampled(&catalogue, "-sample:5");
    assert!(rest.is_disjoint(&five) && rest.len() + five.len() == catalogue.len());
    // The order in which the images were listed does not matter.
    let mut turned = Catalogue::new();
    turned.append(super::rows().into_iter().rev().collect());
    let ids = |catalogue: &Catalogue, images: &BTreeSet<u32>| -> BTreeSet<_> {
        images.iter().filter_map(|&ix| catalogue.get(ImageIx(ix)).map(|image| image.id())).collect()
    };
    assert_eq!(ids(&catalogue, &five), ids(&turned, &sampled(&turned, "sample:5")));
}

#[test]
fn samples_are_read_printed_and_asked_for_again() {
    for text in ["sample:50", "sample:50#7", "-sample:2"] {
        assert_eq!(parse(text).expect(text).to_string(), text);
    }
    for (text, words) in [
        ("sample:0", "at least one"),
        ("sample:many", "`many` is not a number of images"),
        ("sample:5#x", "`x` is not the number of a sample"),
        ("sample:99999999999", "is not a number of images"),
        ("sample>5", "cannot be compared"),
        ("sample:", "needs a value"),
    ] {
        let error = parse(text).expect_err(text).to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
    assert_eq!(edit::sample("", 50), "sample:50");
    assert_eq!(edit::sample("tag:fork review:none", 50), "tag:fork review:none sample:50");
    assert_eq!(edit::sample("tag:fork sample:50", 50), "tag:fork sample:50#2");
    assert_eq!(edit::sample("sample:50#3 tag:fork", 20), "tag:fork sample:20#3");
}
