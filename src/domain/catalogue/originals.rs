//! The sizes of the originals, as far as they are known: 8 bytes an image, and nothing until the first is known.
//!
//! The service lists the size of the picture it keeps for training, at most 1600 x 900. How large the original is comes
//! from the original itself: when it is opened, or from its header where it is on this computer.

use std::sync::Arc;

use super::{Catalogue, ImageIx};
use crate::UnitRect;

/// Shared among clones of the catalogue until one of them learns more.
#[derive(Clone, Debug, Default)]
pub(super) struct Originals(Arc<Vec<(u32, u32)>>);

impl Originals {
    pub(super) fn get(&self, ix: ImageIx) -> Option<(u32, u32)> {
        self.0.get(ix.index()).copied().filter(|&(width, height)| width > 0 && height > 0)
    }

    fn set(&mut self, ix: ImageIx, size: (u32, u32)) {
        let sizes = Arc::make_mut(&mut self.0);
        if sizes.len() <= ix.index() {
            sizes.resize(ix.index() + 1, (0, 0));
        }
        sizes[ix.index()] = size;
    }

    pub(super) fn byte_count(&self) -> usize {
        self.0.capacity() * size_of::<(u32, u32)>()
    }
}

/// The size in whose pixels an image and its regions are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelSize {
    /// Upright width in pixels; 0 when no size is known.
    pub width: u32,
    pub height: u32,
    /// Whether it is the original's; else it is the listed size.
    pub is_original: bool,
}

impl PixelSize {
    pub fn sides(self) -> (u32, u32) {
        (self.width, self.height)
    }

    pub fn is_known(self) -> bool {
        self.width > 0 && self.height > 0
    }

    /// Whose pixels, for people: `px of the original`.
    pub fn unit(self) -> &'static str {
        Self::unit_of(self.is_original)
    }

    /// Whose pixels, where no more than that is known.
    pub fn unit_of(is_original: bool) -> &'static str {
        if is_original { "px of the original" } else { "px of the listed size" }
    }

    /// The same where it is spoken.
    pub fn spoken_unit(self) -> &'static str {
        if self.is_original { "pixels of the original" } else { "pixels of the listed size" }
    }

    /// Width and height of a region: `256 × 389 px of the original`; `None` where no size is known.
    pub fn region_text(self, rect: UnitRect) -> Option<String> {
        self.measured(rect, "\u{d7}", self.unit())
    }

    /// The same where it is spoken: `256 by 389 pixels of the original`.
    pub fn spoken_region_text(self, rect: UnitRect) -> Option<String> {
        self.measured(rect, "by", self.spoken_unit())
    }

    fn measured(self, rect: UnitRect, by: &str, unit: &str) -> Option<String> {
        self.is_known().then(|| {
            let pixels = rect.in_pixels(self.width, self.height);
            format!("{:.0} {by} {:.0} {unit}", pixels.width, pixels.height)
        })
    }
}

impl Catalogue {
    pub fn original_size(&self, ix: ImageIx) -> Option<(u32, u32)> {
        self.originals.get(ix)
    }

    /// Takes sizes of originals, and returns the images that are measured in other pixels than before.
    pub fn know_originals(&mut self, sizes: &[(ImageIx, (u32, u32))]) -> Vec<ImageIx> {
        let mut changed = Vec::new();
        for &(ix, size) in sizes {
            let Some(before) = self.get(ix).map(|image| image.pixel_size()) else { continue };
            if size.0 == 0 || size.1 == 0 || self.originals.get(ix) == Some(size) {
                continue;
            }
            self.originals.set(ix, size);
            if before.sides() != size {
                changed.push(ix);
            }
        }
        changed
    }

    /// Takes the sizes that an earlier list knew of the same images.
    pub fn know_originals_of(&mut self, earlier: &Self) {
        let known = earlier.iter().filter_map(|image| Some((image.id(), earlier.original_size(image.ix)?)));
        let sizes: Vec<_> = known.filter_map(|(id, size)| Some((self.find(id)?, size))).collect();
        let sizes: Vec<_> = sizes.into_iter().filter(|(ix, _)| self.original_size(*ix).is_none()).collect();
        self.know_originals(&sizes);
    }
}
