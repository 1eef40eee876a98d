//! The open project: its session, and the workers of its own that make pictures and orders for the window.

use std::sync::Arc;

use tokio::runtime::Handle;

use crate::comparing::{self, FeatureComparison, What};
use crate::crops::{self, Crops};
use crate::listing::Listing;
use crate::ordering;
use crate::picture::Pictures;
use crate::session::ProjectSession;
use crate::thumbs::{self, Thumbs};
use crate::wanted;
use app::wall::WallEffect;

pub(super) struct OpenProject {
    pub(super) session: Arc<ProjectSession>,
    /// Locked while it runs. An interrupted one stays, so that it can continue where it stopped.
    pub(super) listing: tokio::sync::Mutex<Option<Listing>>,
    pub(super) thumbs: Arc<Thumbs>,
    pub(super) pictures: Arc<Pictures>,
    crops: Arc<Crops>,
    comparison: Arc<FeatureComparison>,
}

impl OpenProject {
    /// Starts the workers, which end with the session.
    pub(super) fn begin(session: ProjectSession, handle: &Handle) -> Self {
        let session = Arc::new(session);
        let thumbs = Arc::new(Thumbs::new(Arc::clone(&session)));
        for _ in 0..thumbs::WORKERS {
            handle.spawn(wanted::work(Arc::clone(&thumbs)));
        }
        let crops = Arc::new(Crops::new(Arc::clone(&session)));
        for _ in 0..crops::WORKERS {
            handle.spawn(wanted::work(Arc::clone(&crops)));
        }
        Self {
            listing: tokio::sync::Mutex::default(),
            pictures: Arc::new(Pictures::new(Arc::clone(&session))),
            comparison: Arc::new(FeatureComparison::new(Arc::clone(&session), Arc::clone(&thumbs))),
            thumbs,
            crops,
            session,
        }
    }

    pub(super) fn run_wall(&self, effect: WallEffect) {
        let comparison = &self.comparison;
        match effect {
            WallEffect::Order { request, catalogue, basis } => ordering::order(comparison, request, catalogue, basis),
            WallEffect::Compare { catalogue, images, only } => {
                comparing::start(comparison, catalogue, images, What::Regions(only));
            }
            WallEffect::ComparePictures { catalogue, images, near } => {
                comparing::start(comparison, catalogue, images, What::Pictures(near));
            }
            WallEffect::StopComparingPictures => comparison.stop_pictures(),
            WallEffect::StopComparing => comparison.stop(),
            WallEffect::WantCrops(requests) => wanted::want(&*self.crops, requests),
        }
    }
}
