//! Figures of a set of images: how many images and regions a tag has, how large regions are and where they lie, which
//! tags occur together, how many regions an image has, and when images were uploaded.
//!
//! Pure counting over the catalogue, bounded in size whatever the project contains: what is plotted is a few thousand
//! numbers for a million regions. Each plot prints itself as CSV and as a sentence; who draws it is no matter here.

mod figures;
mod gather;
mod grid;
mod panel;

pub use figures::{
    CountBin, DateBin, DateUnit, Dates, MOST_PAIRED, MOST_POINTS, PerImage, SIZE_BINS, SizeMap, SizePoint, TagPairs,
    size_edge,
};
pub use gather::gather;
pub use grid::Grid;
pub(crate) use panel::thousands;
pub use panel::{Panel, Target};

use std::sync::Arc;

use super::catalogue::TagIx;
use super::tag_color::TagColor;

pub const PLACE_COLUMNS: usize = 48;
pub const PLACE_ROWS: usize = 36;

/// Everything that is plotted of a set of images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    pub images: u64,
    pub regions: u64,
    /// Every tag of the catalogue in its order, those without an image too.
    pub tags: Vec<TagTotal>,
    pub sizes: SizeMap,
    /// How many regions cover each place of the image.
    pub places: Grid,
    pub pairs: TagPairs,
    pub per_image: PerImage,
    pub dates: Dates,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TagTotal {
    pub tag: TagIx,
    pub name: Arc<str>,
    pub color: TagColor,
    /// Images that carry it, themselves or on a region.
    pub images: u64,
    pub regions: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TagOrder {
    #[default]
    Count,
    Name,
}

impl Statistics {
    pub fn is_empty(&self) -> bool {
        self.images == 0
    }

    /// The tags that were met, as places in [`tags`](Self::tags).
    pub fn met_tags(&self, order: TagOrder) -> Vec<usize> {
        let mut met: Vec<usize> = (0..self.tags.len()).filter(|&at| self.tags[at].images > 0).collect();
        match order {
            TagOrder::Count => met.sort_by_key(|&at| {
                let count = &self.tags[at];
                (std::cmp::Reverse((count.images, count.regions)), Arc::clone(&count.name))
            }),
            TagOrder::Name => met.sort_by_cached_key(|&at| (self.tags[at].name.to_lowercase(), at)),
        }
        met
    }
}

#[cfg(test)]
mod tests;
