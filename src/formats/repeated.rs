//! Keys and ids that an image has twice, in formats that hold each once: which one is written, and under which name.

use std::collections::HashMap;

use super::Format;
use domain::{ImageView, RegionId};

/// Something that a format holds otherwise because it is there twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The place of the region among the image's; `None`: it is about the image.
    pub region: Option<usize>,
    /// What is written, in words.
    pub reason: String,
}

/// What a format holds otherwise of an image. `is_written` says whether the region at a place is in it.
pub fn repeated(format: Format, image: ImageView<'_>, is_written: impl Fn(usize) -> bool) -> Vec<Repeated> {
    match format {
        Format::Coco => repeated_keys(image),
        Format::Crops => {
            let ids = image.region_ids();
            let places: Vec<usize> = (0..ids.len()).filter(|&place| is_written(place)).collect();
            let numbers = crop_numbers(places.iter().map(|&place| ids[place]));
            let again = places.into_iter().zip(numbers).filter(|(_, number)| *number > 1);
            again
                .map(|(place, number)| Repeated {
                    region: Some(place),
                    reason: format!(
                        "The region's id is on the image more than once, so the name of this crop ends with _{number}."
                    ),
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

fn repeated_keys(image: ImageView<'_>) -> Vec<Repeated> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    let mut again = Vec::new();
    for (key, _) in image.metadata() {
        let count = counts.entry(key).or_default();
        *count += 1;
        if *count == 2 {
            again.push(key);
        }
    }
    let words = |key: &str| {
        let start: String = key.chars().take(60).collect();
        format!("The metadata key {start:?} is on the image more than once; the last value was written.")
    };
    again.into_iter().map(|key| Repeated { region: None, reason: words(key) }).collect()
}

/// How often each region's id has come so far, from 1: what tells the crops of equal ids apart.
pub fn crop_numbers(ids: impl Iterator<Item = RegionId>) -> Vec<u32> {
    let mut counts: HashMap<RegionId, u32> = HashMap::new();
    ids.map(|id| {
        let count = counts.entry(id).or_default();
        *count += 1;
        *count
    })
    .collect()
}

/// The name of a crop's file without folder and extension.
pub fn crop_stem(image: &str, region: RegionId, number: u32) -> String {
    match number {
        0 | 1 => format!("{image}_{region}"),
        number => format!("{image}_{region}_{number}"),
    }
}
