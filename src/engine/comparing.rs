//! Takes the features of regions from small pictures, in the background: one image after the other, with everything else
//! before it. What is known is kept for as long as the project is open. How far it is comes a few times a second.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::failure::guarded;
use super::pool::{Rank, Urgency};
use super::session::ProjectSession;
use super::thumbs::{Making, Thumbs};
use crate::failure::OrFailure as _;
use app::picture::PictureTarget;
use app::similar::CompareProgress;
use app::wall::WallEvent;
use app::{Event, Failure, ThumbRequest};
use domain::wall::{Feature, Features, distances};
use domain::{Catalogue, ImageIx, ImageView, Raster, RegionIx, TagIx, UnitRect};

/// Longest side of the pictures that are compared: what the service calls a thumbnail is enough for 8 x 8 lights of most
/// regions, and a project's thumbnails are a fiftieth of its pictures.
const SIDE: u16 = 192;
/// Between two reports.
const PERIOD: Duration = Duration::from_millis(250);
/// How often the distances of pictures are reported while they are compared.
const STEPS: usize = 10;
/// Images under way at once.
const AT_ONCE: usize = 4;

/// What is known of the regions of a project, and the running comparison.
pub(super) struct FeatureComparison {
    pub(super) session: Arc<ProjectSession>,
    thumbs: Arc<Thumbs>,
    /// The features taken so far. An order holds them for a while, so waiting for it must not hold up a thread.
    pub(super) features: tokio::sync::Mutex<Features>,
    pictures: tokio::sync::Mutex<Features<ImageIx>>,
    under_way: Mutex<Option<CancellationToken>>,
    pictures_under_way: Mutex<Option<CancellationToken>>,
    /// The number of the order that was requested last.
    pub(super) last_order: AtomicU64,
}

impl FeatureComparison {
    pub(super) fn new(session: Arc<ProjectSession>, thumbs: Arc<Thumbs>) -> Self {
        Self {
            session,
            thumbs,
            features: tokio::sync::Mutex::default(),
            pictures: tokio::sync::Mutex::default(),
            under_way: Mutex::default(),
            pictures_under_way: Mutex::default(),
            last_order: AtomicU64::new(0),
        }
    }

    pub(super) fn stop(&self) {
        replace(&self.under_way, None);
    }

    pub(super) fn stop_pictures(&self) {
        replace(&self.pictures_under_way, None);
    }
}

/// Ends what is under way, and puts another in its place.
fn replace(under_way: &Mutex<Option<CancellationToken>>, next: Option<CancellationToken>) {
    let mut under_way = under_way.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = std::mem::replace(&mut *under_way, next) {
        before.cancel();
    }
}

#[derive(Clone, Copy)]
pub(super) enum What {
    /// The regions of this tag; `None`: of all.
    Regions(Option<TagIx>),
    /// Whole pictures, with this one.
    Pictures(ImageIx),
}

struct Run {
    comparison: Arc<FeatureComparison>,
    catalogue: Arc<Catalogue>,
    images: Arc<[ImageIx]>,
    what: What,
    cancel: CancellationToken,
    /// The place of the image that is taken up next.
    next: AtomicUsize,
    progress: Mutex<Progress>,
}

struct Progress {
    done: usize,
    told: Instant,
    /// Tenths of the pictures after which the distances were last reported.
    step: usize,
}

/// Compares what is meant of these images; this replaces the comparison of the same kind that ran before.
pub(super) fn start(
    comparison: &Arc<FeatureComparison>,
    catalogue: Arc<Catalogue>,
    images: Arc<[ImageIx]>,
    what: What,
) {
    let cancel = comparison.session.cancel.child_token();
    let under_way = match what {
        What::Regions(_) => &comparison.under_way,
        What::Pictures(_) => &comparison.pictures_under_way,
    };
    replace(under_way, Some(cancel.clone()));
    let run = Arc::new(Run {
        comparison: Arc::clone(comparison),
        catalogue,
        images,
        what,
        cancel,
        next: AtomicUsize::new(0),
        progress: Mutex::new(Progress { done: 0, told: Instant::now(), step: 0 }),
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
            let result = match self.what {
                What::Pictures(_) => self.picture(ix).await,
                What::Regions(only) => match self.request_of(ix, only).await {
                    Some((request, regions)) => self.one(request, regions).await,
                    None => Ok(()),
                },
            };
            if let Err(failure) = result {
                // Its regions stay without an order of their own; the wall says why when it shows them.
                tracing::debug!(failure = failure.kind_name(), "a picture could not be compared");
            }
            let is_full = match self.what {
                What::Regions(_) => self.comparison.features.lock().await.is_full(),
                What::Pictures(_) => self.comparison.pictures.lock().await.is_full(),
            };
            let has_news = self.report(is_full);
            if let What::Pictures(near) = self.what
                && has_news
            {
                self.report_distances(near).await;
            }
            if is_full {
                self.cancel.cancel();
                return;
            }
        }
    }

    /// One image more is done. Says whether another tenth of them is.
    fn report(&self, is_full: bool) -> bool {
        let total = self.images.len();
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.done += 1;
        let is_over = is_full || progress.done == total;
        let step = if is_over { STEPS } else { progress.done * STEPS / total.max(1) };
        let has_news = std::mem::replace(&mut progress.step, step) < step;
        if !is_over && progress.told.elapsed() < PERIOD {
            return has_news;
        }
        progress.told = Instant::now();
        let compared = CompareProgress { done: if is_over { total } else { progress.done }, total, is_full };
        self.post(match self.what {
            What::Regions(_) => WallEvent::Compared(compared),
            What::Pictures(near) => WallEvent::ComparedPictures { near, compared },
        });
        has_news
    }

    fn post(&self, event: WallEvent) {
        if !self.cancel.is_cancelled() {
            let session = &self.comparison.session;
            session.post(Event::Wall { generation: session.generation, event });
        }
    }

    /// How far all images are from one, as far as that is known.
    async fn report_distances(&self, near: ImageIx) {
        let pictures = self.comparison.pictures.lock().await;
        let distance = distances(&pictures, near);
        let all = (0..self.catalogue.len() as u32).map(|at| distance(ImageIx(at)).unwrap_or(f32::INFINITY));
        self.post(WallEvent::Nearness { near, distances: all.collect() });
    }

    /// What is to be had for an image, unless everything is known of it.
    async fn request_of(&self, ix: ImageIx, only: Option<TagIx>) -> Option<(ThumbRequest, Vec<(RegionIx, UnitRect)>)> {
        let features = self.comparison.features.lock().await;
        let image = self.catalogue.get(ix)?;
        let is_meant = |tag: TagIx| only.is_none_or(|only| only == tag);
        let regions: Vec<_> = image
            .regions()
            .filter(|region| is_meant(region.tag) && features.get(region.ix).is_none())
            .map(|region| (region.ix, region.rect))
            .collect();
        (!regions.is_empty()).then(|| (request(image), regions))
    }

    /// Takes the feature of a whole picture, unless it is known.
    async fn picture(&self, ix: ImageIx) -> Result<(), Failure> {
        let Some(image) = self.catalogue.get(ix) else { return Ok(()) };
        if self.comparison.pictures.lock().await.get(ix).is_some() {
            return Ok(());
        }
        let rank = Rank::new(Urgency::Background, 0, ix.index());
        let request = request(image);
        let raster = self.thumbnail(&request, rank).await?;
        let take = move || Feature::from_region(&raster, UnitRect::new(0.0, 0.0, 1.0, 1.0));
        let feature: Result<_, _> = self.comparison.session.shared.pool.run(rank, &self.cancel, take).await;
        self.comparison.pictures.lock().await.insert(ix, feature.or_failure()?);
        Ok(())
    }

    async fn thumbnail(&self, request: &ThumbRequest, rank: Rank) -> Result<Raster, Failure> {
        let Self { comparison, cancel, .. } = self;
        let making = Making { thumbs: &comparison.thumbs, request, rank, cancel, finish: std::convert::identity };
        guarded(making.run()).await
    }

    async fn one(&self, request: ThumbRequest, regions: Vec<(RegionIx, UnitRect)>) -> Result<(), Failure> {
        // Whatever is looked at goes first.
        let rank = Rank::new(Urgency::Background, 0, request.target.ix.index());
        let raster = self.thumbnail(&request, rank).await?;
        let take =
            move || regions.into_iter().map(|(region, rect)| (region, Feature::from_region(&raster, rect))).collect();
        let taken: Result<Vec<_>, _> = self.comparison.session.shared.pool.run(rank, &self.cancel, take).await;
        let taken = taken.or_failure()?;
        let mut features = self.comparison.features.lock().await;
        for (region, feature) in taken {
            features.insert(region, feature);
        }
        Ok(())
    }
}

fn request(image: ImageView<'_>) -> ThumbRequest {
    ThumbRequest { target: PictureTarget::new(image), side: SIDE }
}
