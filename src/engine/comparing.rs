//! Takes the features of regions from small pictures, in the background: one image after the other, with everything else
//! before it. What is known is kept for as long as the project is open. How far it is comes a few times a second.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::guard::guarded;
use super::opening::Opening;
use super::pool::{Class, Rank};
use super::thumbs;
use crate::failure::OrFailure as _;
use app::wall::{Compared, WallEvent};
use app::{Event, Failure, ThumbRequest};
use domain::wall::{Feature, Features};
use domain::{BlobKind, Catalogue, ImageIx, RegionIx, TagIx, UnitRect};

/// Longest side of the pictures that are compared: what the service calls a thumbnail is enough for 8 x 8 lights of most
/// regions, and a project's thumbnails are a fiftieth of its pictures.
const SIDE: u16 = 192;
/// Between two reports.
const PERIOD: Duration = Duration::from_millis(250);
/// Images under way at once.
const AT_ONCE: usize = 4;

/// What is known of the regions of a project, and the running comparison.
#[derive(Default)]
pub(super) struct Comparison {
    /// The features taken so far. An order holds them for a while, so whoever waits must not hold up a thread.
    pub(super) features: tokio::sync::Mutex<Features>,
    under_way: Mutex<Option<CancellationToken>>,
}

impl Comparison {
    fn replace(&self, next: Option<CancellationToken>) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *under_way, next) {
            before.cancel();
        }
    }
}

/// One comparison.
struct Run {
    opening: Arc<Opening>,
    catalogue: Arc<Catalogue>,
    images: Arc<[ImageIx]>,
    only: Option<TagIx>,
    cancel: CancellationToken,
    /// The place of the image that is taken up next.
    next: AtomicUsize,
    progress: Mutex<Progress>,
}

struct Progress {
    done: usize,
    told: Instant,
}

/// Stops the running comparison.
pub(super) fn stop(opening: &Opening) {
    opening.comparison.replace(None);
}

/// Compares the regions of these images in the place of what was compared before.
pub(super) fn compare(opening: &Arc<Opening>, catalogue: Arc<Catalogue>, images: Arc<[ImageIx]>, only: Option<TagIx>) {
    let cancel = opening.cancel.child_token();
    opening.comparison.replace(Some(cancel.clone()));
    let run = Arc::new(Run {
        opening: Arc::clone(opening),
        catalogue,
        images,
        only,
        cancel,
        next: AtomicUsize::new(0),
        progress: Mutex::new(Progress { done: 0, told: Instant::now() }),
    });
    for _ in 0..AT_ONCE {
        let run = Arc::clone(&run);
        tokio::spawn(async move {
            tokio::select! {
                biased;
                () = run.cancel.cancelled() => {}
                () = Box::pin(run.work()) => {}
            }
        });
    }
}

impl Run {
    async fn work(&self) {
        while let Some(&ix) = self.images.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let result = match self.request_of(ix).await {
                Some((request, regions)) => self.one(request, regions).await,
                None => Ok(()),
            };
            if let Err(failure) = result {
                // Its regions stay without an order of their own; the wall says why when it shows them.
                tracing::debug!(failure = failure.kind_name(), "a picture could not be compared");
            }
            let is_full = self.opening.comparison.features.lock().await.is_full();
            self.tell(is_full);
            if is_full {
                self.cancel.cancel();
                return;
            }
        }
    }

    /// One image more is done.
    fn tell(&self, is_full: bool) {
        let total = self.images.len();
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.done += 1;
        let is_over = is_full || progress.done == total;
        if !is_over && progress.told.elapsed() < PERIOD {
            return;
        }
        progress.told = Instant::now();
        let compared = Compared { done: if is_over { total } else { progress.done }, total, is_full };
        if self.cancel.is_cancelled() {
            return;
        }
        let event = WallEvent::Compared(compared);
        self.opening.shared.inbox.post(Event::Wall { generation: self.opening.generation, event });
    }

    /// What is to be had for an image, unless everything is known of it.
    async fn request_of(&self, ix: ImageIx) -> Option<(ThumbRequest, Vec<(RegionIx, UnitRect)>)> {
        let features = self.opening.comparison.features.lock().await;
        let image = self.catalogue.get(ix)?;
        let is_meant = |tag: TagIx| self.only.is_none_or(|only| only == tag);
        let regions: Vec<_> = image
            .regions()
            .filter(|region| is_meant(region.tag) && features.get(region.ix).is_none())
            .map(|region| (region.ix, region.rect))
            .collect();
        let request = ThumbRequest {
            ix,
            id: image.id(),
            side: SIDE,
            thumbnail: image.uri(BlobKind::Thumbnail),
            resized: image.uri(BlobKind::Resized),
            listed_size: image.size(),
        };
        (!regions.is_empty()).then_some((request, regions))
    }

    async fn one(&self, request: ThumbRequest, regions: Vec<(RegionIx, UnitRect)>) -> Result<(), Failure> {
        // Whatever is looked at goes first.
        let rank = Rank::new(Class::Background, 0, request.ix.at());
        let raster = guarded(thumbs::meet(&self.opening, &request, rank, &self.cancel, std::convert::identity)).await?;
        let take = move || regions.into_iter().map(|(region, rect)| (region, Feature::of_region(&raster, rect))).collect();
        let taken: Result<Vec<_>, _> = self.opening.shared.pool.run(rank, &self.cancel, take).await;
        let taken = taken.or_failure()?;
        let mut features = self.opening.comparison.features.lock().await;
        for (region, feature) in taken {
            features.insert(region, feature);
        }
        Ok(())
    }
}
