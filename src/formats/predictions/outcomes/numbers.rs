//! Which number an image and a tag have in COCO results.

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::super::coco::CocoLabels;
use super::super::names::ImageNames;
use crate::classes::ClassList;
use domain::{Catalogue, ImageIx, TagIx};

/// The ids of images and categories: those of a COCO dataset, or those that Tagscope's own COCO export of the whole list
/// has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CocoNumbers {
    images: FxHashMap<ImageIx, (Value, Option<(u32, u32)>)>,
    tags: FxHashMap<TagIx, Value>,
}

impl CocoNumbers {
    /// Those of Tagscope's own export of all images: images from 1 in the order of the list, tags from 1 in theirs.
    pub fn own(catalogue: &Catalogue) -> Self {
        let classes = ClassList::of(catalogue.tags(), &[]);
        let tags = catalogue.tags().iter().filter_map(|(tag, _)| Some((tag, (classes.index(tag)? + 1).into())));
        let images = (0..catalogue.len() as u32).map(|at| (ImageIx(at), ((at + 1).into(), None)));
        Self { images: images.collect(), tags: tags.collect() }
    }

    /// Those of a COCO dataset, whose images and categories are found as when predictions are read. Of several entries for
    /// one image or tag the one with the lowest id counts.
    pub fn of_labels(labels: &CocoLabels, catalogue: &Catalogue) -> Self {
        let names = ImageNames::of(catalogue);
        let mut numbers = Self::default();
        for (id, image) in labels.images() {
            let by_id = image.id.and_then(|id| catalogue.find(id));
            let Some(ix) = by_id.or_else(|| names.find(&image.file_name, catalogue).ok()) else { continue };
            numbers.images.entry(ix).or_insert_with(|| (as_written(id), image.size));
        }
        for (id, category) in labels.categories() {
            let by_id = category.tag.and_then(|tag| catalogue.tags().find(tag));
            let mut named = catalogue.tags().iter().filter(|(_, entry)| *entry.name == *category.name);
            let by_name = || match (named.next(), named.next()) {
                (Some((tag, _)), None) => Some(tag),
                _ => None,
            };
            let Some(tag) = by_id.or_else(by_name) else { continue };
            numbers.tags.entry(tag).or_insert_with(|| as_written(id));
        }
        numbers
    }

    /// The id of an image, and the size of its picture where the dataset has it.
    pub(super) fn image(&self, ix: ImageIx) -> Option<(&Value, Option<(u32, u32)>)> {
        self.images.get(&ix).map(|(number, size)| (number, *size))
    }

    /// The id of a tag.
    pub(super) fn tag(&self, tag: TagIx) -> Option<&Value> {
        self.tags.get(&tag)
    }
}

/// An id as the dataset has it: a number, or a text.
fn as_written(id: &str) -> Value {
    let number = id.parse::<u64>().ok().filter(|number| number.to_string() == id);
    number.map_or_else(|| id.into(), Into::into)
}
