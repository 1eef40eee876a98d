//! The changes of each image of the second state, for queries and for the canvas.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::{ChangeKind, Changes};
use crate::ImageIx;

/// What has changed of each image of the second state. Images that only the first state has are not in here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageChanges {
    by_image: FxHashMap<ImageIx, Of>,
}

#[derive(Clone, Debug, PartialEq)]
struct Of {
    /// A bit for each kind, by its place in [`ChangeKind::ALL`].
    kinds: u16,
    /// The farthest move of a region in pixels.
    moved: f64,
    /// Its changes in the list.
    places: Range<usize>,
}

impl ImageChanges {
    pub fn of(changes: &Changes) -> Self {
        let mut by_image: FxHashMap<ImageIx, Of> = FxHashMap::default();
        for (place, change) in changes.list.iter().enumerate() {
            let Some(image) = change.to else { continue };
            let of = by_image.entry(image).or_insert(Of { kinds: 0, moved: 0.0, places: place..place });
            of.kinds |= bit(change.kind);
            // Those of one image stand together.
            of.places.end = place + 1;
            if let Some(shift) = change.shift.filter(|shift| shift.is_pixels) {
                of.moved = of.moved.max(shift.by);
            }
        }
        Self { by_image }
    }

    pub fn is_empty(&self) -> bool {
        self.by_image.is_empty()
    }

    /// Whether an image has changes of a kind, or with `None` any.
    pub fn has(&self, image: ImageIx, kind: Option<ChangeKind>) -> bool {
        let kinds = self.by_image.get(&image).map_or(0, |of| of.kinds);
        kind.map_or(kinds, |kind| kinds & bit(kind)) != 0
    }

    /// The farthest that an edge of one of its regions has moved, in pixels; 0 when none has.
    pub fn moved(&self, image: ImageIx) -> f64 {
        self.by_image.get(&image).map_or(0.0, |of| of.moved)
    }

    pub fn places(&self, image: ImageIx) -> Range<usize> {
        self.by_image.get(&image).map_or(0..0, |of| of.places.clone())
    }
}

fn bit(kind: ChangeKind) -> u16 {
    1 << (kind as u16)
}
