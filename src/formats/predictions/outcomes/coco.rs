//! COCO results: what `loadRes` of pycocotools reads next to a COCO dataset, and which number an image and a tag have there.

use std::io::{self, Write};

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde_json::Value;

use super::super::labels::CocoLabels;
use super::super::names::ImageNames;
use super::{Outcomes, WrittenOutcomes};
use crate::classes::ClassList;
use domain::evaluation::Pixels;
use domain::{Catalogue, ImageId, ImageIx, PixelRect, TagId, TagIx};

#[derive(Serialize)]
struct ResultRow<'a> {
    image_id: &'a Value,
    category_id: &'a Value,
    bbox: [f64; 4],
    score: f64,
    custom_vision: ServiceFacts,
}

/// What the numbers mean, whatever dataset is next to the file: only Tagscope reads it.
#[derive(Serialize)]
struct ServiceFacts {
    image: ImageId,
    tag: TagId,
    /// The picture that the box is in pixels of.
    width: u32,
    height: u32,
}

pub(super) fn write(
    outcomes: &Outcomes<'_>,
    numbers: &CocoNumbers,
    out: &mut dyn Write,
) -> io::Result<WrittenOutcomes> {
    let mut written = WrittenOutcomes::default();
    out.write_all(b"[")?;
    for image in outcomes.image_views() {
        let known = image.pixel_size();
        let (image_id, size) = match numbers.image(image.ix) {
            Some((number, size)) => (Some(number), size),
            None => (None, None),
        };
        let (width, height) = size.unwrap_or((known.width, known.height));
        for one in outcomes.judged.predictions.of(image.ix) {
            let (Some(image_id), Some(category_id)) = (image_id, numbers.tag(one.tag)) else {
                written.unnumbered += 1;
                continue;
            };
            out.write_all(if written.predictions > 0 { b",\n" } else { b"\n" })?;
            written.predictions += 1;
            let PixelRect { x, y, width: wide, height: high } = Pixels::from_size(width, height).rect(one.rect);
            let tag = outcomes.catalogue.tags().get(one.tag).id;
            let row = ResultRow {
                image_id,
                category_id,
                bbox: [x, y, wide, high],
                score: one.score,
                custom_vision: ServiceFacts { image: image.id(), tag, width, height },
            };
            serde_json::to_writer(&mut *out, &row)?;
        }
    }
    out.write_all(b"\n]\n")?;
    Ok(written)
}

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
    pub fn from_labels(labels: &CocoLabels, catalogue: &Catalogue) -> Self {
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

    pub(super) fn tag(&self, tag: TagIx) -> Option<&Value> {
        self.tags.get(&tag)
    }
}

/// An id as the dataset has it: a number, or a text.
fn as_written(id: &str) -> Value {
    let number = id.parse::<u64>().ok().filter(|number| number.to_string() == id);
    number.map_or_else(|| id.into(), Into::into)
}
