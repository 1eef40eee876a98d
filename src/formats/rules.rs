//! What a format can hold, in the terms that [`judge`](super::judge) asks for; and which of the keys and ids that an image
//! has twice is written, and under which name, where a format holds each once.

use std::collections::HashMap;

use super::Format;
use domain::{ImageView, ProjectKind, RegionId};

/// Where tags of whole images go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagPlace {
    None,
    /// Exactly one an image.
    One,
    /// Any number, those that no region of the image has.
    Many,
}

/// What a format can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub has_boxes: bool,
    pub tags: TagPlace,
    /// Extensions of pictures that its readers do not take.
    pub refused: &'static [&'static str],
    /// Whether it needs a picture to write anything.
    pub needs_picture: bool,
    /// Whether an image without a region has no place in it.
    pub needs_region: bool,
    /// Whether its readers drop the same box of the same class in one image.
    pub drops_doubles: bool,
    /// Whether it holds rows as they came: nothing is cut, left out or measured.
    pub is_verbatim: bool,
}

/// Whether a project has tags on whole images rather than regions.
pub fn is_classification(kind: ProjectKind) -> bool {
    matches!(kind, ProjectKind::Multiclass | ProjectKind::Multilabel)
}

impl Format {
    /// What it can hold of a project of this kind.
    pub fn rules(self, kind: ProjectKind) -> Rules {
        let labels = Rules {
            has_boxes: true,
            tags: TagPlace::Many,
            refused: &[],
            needs_picture: false,
            needs_region: false,
            drops_doubles: false,
            is_verbatim: false,
        };
        let classification = is_classification(kind);
        let class_tags = match kind {
            ProjectKind::Multiclass => TagPlace::One,
            ProjectKind::Multilabel => TagPlace::Many,
            _ => TagPlace::None,
        };
        match self {
            Self::Csv | Self::LabelStudio | Self::Cvat | Self::Datumaro | Self::WebDataset | Self::Parquet => labels,
            Self::Jsonl => Rules { is_verbatim: true, ..labels },
            Self::Coco | Self::Voc | Self::CreateMl => Rules { tags: TagPlace::None, ..labels },
            Self::Yolo if classification => {
                Rules { has_boxes: false, tags: TagPlace::One, refused: &["gif", "bin"], needs_picture: true, ..labels }
            }
            Self::Yolo => Rules { tags: TagPlace::None, refused: &["gif", "bin"], drops_doubles: true, ..labels },
            Self::AzureMl => {
                Rules { has_boxes: !classification, tags: class_tags, refused: &["gif", "webp", "bin"], ..labels }
            }
            Self::HuggingFace => Rules { has_boxes: !classification, tags: class_tags, refused: &["bin"], ..labels },
            Self::Crops => Rules { tags: TagPlace::None, needs_picture: true, needs_region: true, ..labels },
            Self::Annotated => Rules { needs_picture: true, ..labels },
        }
    }
}

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
