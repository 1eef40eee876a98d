//! Images that are similar to one of them: the grid in another order, for as long as the image is chosen.

use std::sync::Arc;

use super::wall::Compared;
use domain::ImageIx;

/// The search for images that are similar to one.
#[derive(Clone, Debug)]
pub struct SimilarImages {
    /// The one.
    pub near: ImageIx,
    /// Counts up each time the images get another order.
    pub edition: u64,
    /// How far the pictures have been compared; `None`: that has yet to begin.
    pub compared: Option<Compared>,
    /// How far each image is from the one, by index, as the order has it; images that are not known are not in here or
    /// infinitely far.
    pub(super) distances: Arc<[f32]>,
    /// What has become known since somebody went to work with the order.
    pub(super) fresh: Option<Arc<[f32]>>,
}

impl SimilarImages {
    /// Of which nothing is known yet.
    pub(super) fn to(near: ImageIx, edition: u64) -> Self {
        Self { near, edition, compared: None, distances: Arc::default(), fresh: None }
    }

    /// Whether more is known than the order was made of.
    pub fn has_better(&self) -> bool {
        self.fresh.is_some()
    }

    /// Puts images in order, the most similar first. Those that are not known stay in theirs, behind the others.
    pub(super) fn sort(&self, images: &mut [ImageIx]) {
        let distance = |ix: &ImageIx| match self.distances.get(ix.at()) {
            _ if *ix == self.near => -1.0,
            Some(distance) => *distance,
            None => f32::INFINITY,
        };
        images.sort_by(|one, other| distance(one).total_cmp(&distance(other)));
    }
}
