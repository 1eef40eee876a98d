//! One walk over the images for everything but the pairs, which need to know the most used tags first.

use std::sync::Arc;

use super::figures::{Dates, MOST_POINTS, PerImage, SizeMap, SizePoint, TagPairs, day_of};
use super::grid::Coverage;
use super::{PLACE_COLUMNS, PLACE_ROWS, Statistics, TagOrder, TagTotal};
use crate::catalogue::{Catalogue, ImageIx, ImageView};

/// Counts over these images, each of which is taken as often as it comes; indices of another catalogue are passed over.
pub fn gather(catalogue: &Catalogue, images: impl Iterator<Item = ImageIx> + Clone) -> Statistics {
    let mut found = Statistics { tags: tags_of(catalogue), sizes: SizeMap::new(), ..Statistics::default() };
    let mut places = Coverage::new(PLACE_COLUMNS, PLACE_ROWS);
    let mut seen = Seen::new(found.tags.len());
    let (mut numbers, mut days, mut undated) = (Vec::new(), Vec::new(), 0);
    for image in images.clone().filter_map(|ix| catalogue.get(ix)) {
        found.images += 1;
        for tag in seen.tags(image) {
            found.tags[*tag].images += 1;
        }
        match image.created() {
            Some(created) => days.push(day_of(created)),
            None => undated += 1,
        }
        numbers.push(image.region_count() as u32);
        for region in image.regions() {
            found.regions += 1;
            let tag = region.tag.index();
            if let Some(count) = found.tags.get_mut(tag) {
                count.regions += 1;
            }
            let rect = region.rect.clamped();
            if rect.is_empty() {
                found.sizes.without_area += 1;
                continue;
            }
            found.sizes.add(rect.width, rect.height);
            if found.sizes.points.len() <= MOST_POINTS {
                found.sizes.points.push(SizePoint { width: rect.width, height: rect.height, tag });
            }
            places.add(rect.left, rect.top, rect.right(), rect.bottom());
        }
    }
    if found.sizes.points.len() > MOST_POINTS {
        found.sizes.points = Vec::new();
    }
    found.places = places.grid();
    found.per_image = PerImage::of(numbers);
    found.dates = Dates::of(&days, undated);
    found.pairs = pairs(catalogue, images, &found, &mut seen);
    found
}

fn tags_of(catalogue: &Catalogue) -> Vec<TagTotal> {
    let tags = catalogue.tags().iter();
    tags.map(|(tag, entry)| TagTotal { tag, name: Arc::clone(&entry.name), color: entry.color, images: 0, regions: 0 })
        .collect()
}

fn pairs(
    catalogue: &Catalogue,
    images: impl Iterator<Item = ImageIx>,
    found: &Statistics,
    seen: &mut Seen,
) -> TagPairs {
    let mut pairs = TagPairs::new(found.met_tags(TagOrder::Count));
    let mut rows = vec![None; found.tags.len()];
    for (row, &tag) in pairs.tags.iter().enumerate() {
        rows[tag] = Some(row);
    }
    let mut carried = Vec::new();
    for image in images.filter_map(|ix| catalogue.get(ix)) {
        carried.clear();
        carried.extend(seen.tags(image).iter().filter_map(|&tag| rows[tag]));
        pairs.add(&carried);
    }
    pairs
}

/// The tags that an image carries, itself or on a region, each once.
struct Seen {
    /// For each tag the number of the last image that had it.
    last: Vec<u32>,
    number: u32,
    tags: Vec<usize>,
}

impl Seen {
    fn new(tags: usize) -> Self {
        Self { last: vec![0; tags], number: 0, tags: Vec::new() }
    }

    fn tags(&mut self, image: ImageView<'_>) -> &[usize] {
        self.number += 1;
        self.tags.clear();
        for tag in image.tags().iter().copied().chain(image.regions().map(|region| region.tag)) {
            if let Some(last) = self.last.get_mut(tag.index())
                && *last != self.number
            {
                *last = self.number;
                self.tags.push(tag.index());
            }
        }
        &self.tags
    }
}
