//! Figures of a set of images: how many images and regions a tag has, how large regions are and where they lie, which
//! tags occur together, how many regions an image has, and when images were uploaded.
//!
//! Pure counting over the catalogue, bounded in size whatever the project contains: what is plotted is a few thousand
//! numbers for a million regions. Each plot prints itself as CSV and as a sentence; who draws it is no matter here.

mod csv;
mod dates;
mod gather;
mod grid;
mod pairs;
mod panel;
mod per_image;
mod sizes;
mod target;
mod words;

pub use dates::{DateBin, DateUnit, Dates};
pub use gather::gather;
pub use grid::Grid;
pub use pairs::{MOST_PAIRED, TagPairs};
pub use panel::Panel;
pub use per_image::{CountBin, PerImage};
pub use sizes::{MOST_POINTS, SIZE_BINS, SizeMap, SizePoint, size_edge};
pub use target::Target;
pub(crate) use words::thousands;

use std::sync::Arc;

use super::catalogue::TagIx;
use super::look::TagLook;

/// Columns of the map of places.
pub const PLACE_COLUMNS: usize = 48;
/// Rows of the map of places.
pub const PLACE_ROWS: usize = 36;

/// Everything that is plotted of a set of images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Number of images.
    pub images: u64,
    /// Number of their regions.
    pub regions: u64,
    /// Every tag of the catalogue in its order, those without an image too.
    pub tags: Vec<TagCount>,
    /// How large regions are.
    pub sizes: SizeMap,
    /// How many regions cover each place of the image.
    pub places: Grid,
    /// Which tags occur together.
    pub pairs: TagPairs,
    /// How many regions an image has.
    pub per_image: PerImage,
    /// When images were uploaded.
    pub dates: Dates,
}

/// How often a tag was met.
#[derive(Clone, Debug, PartialEq)]
pub struct TagCount {
    /// The tag's place in the list of tags.
    pub tag: TagIx,
    /// The tag's name.
    pub name: Arc<str>,
    /// How it is painted.
    pub look: TagLook,
    /// Images that carry it, themselves or on a region.
    pub images: u64,
    /// Regions of it.
    pub regions: u64,
}

/// The order of a list of tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TagOrder {
    /// Most images first.
    #[default]
    Count,
    /// By name.
    Name,
}

impl Statistics {
    /// Whether there is nothing to plot.
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
