//! Images that are similar to one of them: the grid in another order, for as long as the image is chosen.

use std::hash::Hash;
use std::sync::Arc;

use domain::{ImageIx, Selection};

/// What was chosen before a search for what is similar to one of them.
#[derive(Clone, Debug)]
pub(super) struct Before<T> {
    selection: Selection<T>,
    cursor: Option<T>,
}

impl<T: Copy + Eq + Hash> Before<T> {
    pub(super) fn new(selection: &Selection<T>, cursor: Option<T>) -> Self {
        Self { selection: selection.clone(), cursor }
    }

    /// The same for things that have other indices.
    pub(super) fn moved(&self, place: impl Fn(T) -> Option<T>) -> Self {
        let mut selection = Selection::default();
        selection.follow(&self.selection, &place);
        Self { selection, cursor: self.cursor.and_then(place) }
    }

    /// Chooses it again.
    pub(super) fn give_back(self, selection: &mut Selection<T>, cursor: &mut Option<T>) {
        selection.take_over(self.selection);
        *cursor = self.cursor;
    }
}

/// How far pictures have been compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompareProgress {
    pub done: usize,
    pub total: usize,
    /// Whether there was no room for the features of all regions.
    pub is_full: bool,
}

/// The search for images that are similar to one.
#[derive(Clone, Debug)]
pub struct SimilarImages {
    /// The image that the others are compared with.
    pub near: ImageIx,
    /// What was chosen before.
    pub(super) before: Before<ImageIx>,
    /// Counts up each time the images get another order.
    pub edition: u64,
    /// How far the pictures have been compared; `None`: that has yet to begin.
    pub compared: Option<CompareProgress>,
    /// How far each image is from the one, by index, as the order has it; images that are not known are not in here or
    /// infinitely far.
    pub(super) distances: Arc<[f32]>,
    /// What has become known since somebody went to work with the order.
    pub(super) fresh: Option<Arc<[f32]>>,
}

impl SimilarImages {
    /// Of which nothing is known yet.
    pub(super) fn to(near: ImageIx, before: Before<ImageIx>, edition: u64) -> Self {
        Self { near, before, edition, compared: None, distances: Arc::default(), fresh: None }
    }

    /// Whether more is known than the order was made of.
    pub fn has_better(&self) -> bool {
        self.fresh.is_some()
    }

    /// Puts images in order, the most similar first. Those that are not known stay in theirs, behind the others.
    pub(super) fn sort(&self, images: &mut [ImageIx]) {
        let distance = |ix: &ImageIx| match self.distances.get(ix.index()) {
            _ if *ix == self.near => -1.0,
            Some(distance) => *distance,
            None => f32::INFINITY,
        };
        images.sort_by(|one, other| distance(one).total_cmp(&distance(other)));
    }
}
