//! The large pictures of the canvas, one or two side by side: the resized one first, its neighbors ahead, then the
//! original in tiles. As with thumbnails there is one request, and a new one replaces it; what both want is not interrupted.
//!
//! Pictures are lightened for the eye on their way to the window, on the pool: the window never touches a pixel. What is
//! wished for is kept decoded (resized pictures, and the originals in sight once they are wanted), so that another slider's place
//! costs no second decode, and so that the color of a pixel is known.

mod flight;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use tokio_util::sync::CancellationToken;

use self::flight::Flight;
use super::originals::Original;
use super::pool::{Rank, Urgency};
use super::session::ProjectSession;
use app::canvas::Pixel;
use app::picture::{PictureTarget, ShownPicture};
use app::{Event, PictureInfo, PictureRequest};
use domain::{ImageIx, Raster};

/// Longest side of what is shown before the original: that of the service's resized pictures.
pub(super) const RESIZED_SIDE: u32 = 1_600;

pub(super) struct Pictures {
    session: Arc<ProjectSession>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    request: Option<Request>,
    flights: FxHashMap<Job, CancellationToken>,
    /// Done, or failed: not begun again while it stays wished for.
    settled: FxHashSet<Job>,
    failed: FxHashSet<Job>,
    /// Originals of the pictures in sight, once they are decoded: one or two.
    originals: FxHashMap<ImageIx, Arc<Original>>,
    /// The resized pictures that are wished for, as decoded: those in sight and a few ahead.
    decoded: FxHashMap<ImageIx, Arc<Raster>>,
    /// Resized pictures that are the whole original: no second decode is needed for these.
    whole: FxHashMap<ImageIx, (Arc<Raster>, PictureInfo)>,
}

impl Pictures {
    pub(super) fn new(session: Arc<ProjectSession>) -> Self {
        Self { session, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn want(pictures: &Arc<Pictures>, wanted: Option<PictureRequest>) {
    let mut state = pictures.lock();
    let is_again = wanted.as_ref().zip(state.request.as_ref()).is_some_and(|(new, old)| old.is_same(new));
    if is_again {
        let State { failed, settled, .. } = &mut *state;
        for job in failed.drain() {
            settled.remove(&job);
        }
    }
    let epoch = pictures.session.shared.next_epoch();
    let adjust = state.request.as_ref().map(|request| request.pictures.adjust);
    state.request = wanted.map(|pictures| Request { pictures, epoch });
    let State { request, originals, decoded, settled, .. } = &mut *state;
    let is_shown = |ix: &ImageIx| request.as_ref().is_some_and(|request| request.shown(*ix).is_some());
    originals.retain(|ix, _| is_shown(ix));
    decoded.retain(|ix, _| request.as_ref().is_some_and(|request| request.target(*ix).is_some()));
    if request.as_ref().is_some_and(|request| adjust.is_some_and(|adjust| adjust != request.pictures.adjust)) {
        // All pictures again. What is under way comes to its end first: while a slider moves something is to be seen.
        settled.retain(|job| matches!(job, Job::Original(_)));
    }
    let wanted: FxHashSet<Job> =
        request.as_ref().map(|request| request.jobs(|_| true).into_iter().collect()).unwrap_or_default();
    state.flights.retain(|job, cancel| {
        let is_wanted = wanted.contains(job);
        if !is_wanted {
            cancel.cancel();
        }
        is_wanted
    });
    state.settled.retain(|job| wanted.contains(job));
    state.failed.retain(|job| wanted.contains(job));
    state.whole.retain(|ix, _| wanted.contains(&Job::Resized(*ix)));
    begin(pictures, &mut state);
}

/// Starts what is wished for and not under way.
fn begin(pictures: &Arc<Pictures>, state: &mut State) {
    let State { request: Some(request), flights, settled, originals, decoded, .. } = state else { return };
    for (place, job) in request.jobs(|ix| originals.contains_key(&ix)).into_iter().enumerate() {
        // The original would take the decoder from under the picture that is in for it meanwhile.
        let is_too_soon = matches!(job, Job::Original(ix) if !settled.contains(&Job::Resized(ix)));
        if flights.contains_key(&job) || settled.contains(&job) || is_too_soon {
            continue;
        }
        let Some(target) = request.target(job.image()) else { continue };
        let urgency = match job {
            Job::Resized(ix) if request.shown(ix).is_some() => Urgency::Current,
            Job::Resized(_) => Urgency::Ahead,
            Job::Original(_) | Job::Tile(..) => Urgency::Original,
        };
        let cancel = pictures.session.cancel.child_token();
        flights.insert(job, cancel.clone());
        let flight = Flight {
            pictures: Arc::clone(pictures),
            target: target.clone(),
            rank: Rank::new(urgency, request.epoch, place),
            adjust: request.pictures.adjust,
            decoded: decoded.get(&target.ix).cloned(),
            cancel,
        };
        tokio::spawn(flight.fly(job, originals.get(&target.ix).cloned()));
    }
}

/// Tells the color of a pixel of a picture in sight: a look into what is decoded already, nothing is started for it.
pub(super) fn pixel(pictures: &Pictures, ix: ImageIx, at: [f32; 2]) {
    let color = {
        let state = pictures.lock();
        let original = state.originals.get(&ix).and_then(|original| original.pyramid.level(0));
        original.or_else(|| state.decoded.get(&ix)).and_then(|picture| color_at(picture, at))
    };
    let session = &pictures.session;
    let generation = session.generation;
    session.post(Event::Pixel { generation, pixel: Pixel { ix, at, color } });
}

fn color_at(picture: &Raster, [x, y]: [f32; 2]) -> Option<[u8; 3]> {
    if !(0.0..1.0).contains(&x) || !(0.0..1.0).contains(&y) {
        return None;
    }
    let place = |share: f32, side: u32| (share * side as f32) as u32;
    let [red, green, blue, _] = picture.pixel(place(x, picture.width()), place(y, picture.height()))?;
    Some([red, green, blue])
}

/// What is wished for, and when it was.
pub(super) struct Request {
    pub(super) pictures: PictureRequest,
    pub(super) epoch: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Job {
    Resized(ImageIx),
    Original(ImageIx),
    Tile(ImageIx, (u8, u16, u16)),
}

impl Job {
    pub(super) fn image(self) -> ImageIx {
        match self {
            Self::Resized(ix) | Self::Original(ix) | Self::Tile(ix, _) => ix,
        }
    }
}

impl Request {
    /// All jobs, the most wanted first. Tiles follow once their original is there.
    pub(super) fn jobs(&self, has_original: impl Fn(ImageIx) -> bool) -> Vec<Job> {
        let mut jobs: Vec<_> = self.pictures.shown().map(|shown| Job::Resized(shown.target.ix)).collect();
        for ShownPicture { target: PictureTarget { ix, .. }, original } in self.pictures.shown() {
            if original.want_original || !original.tiles.is_empty() {
                jobs.push(Job::Original(*ix));
            }
            if has_original(*ix) {
                jobs.extend(original.tiles.iter().map(|&tile| Job::Tile(*ix, tile)));
            }
        }
        jobs.extend(self.pictures.ahead.iter().map(|target| Job::Resized(target.ix)));
        jobs
    }

    pub(super) fn shown(&self, ix: ImageIx) -> Option<&ShownPicture> {
        self.pictures.shown().find(|shown| shown.target.ix == ix)
    }

    pub(super) fn target(&self, ix: ImageIx) -> Option<&PictureTarget> {
        let ahead = || self.pictures.ahead.iter().find(|target| target.ix == ix);
        self.shown(ix).map(|shown| &shown.target).or_else(ahead)
    }

    /// Whether the user asks for the very same again: after a failure that means "try again".
    pub(super) fn is_same(&self, other: &PictureRequest) -> bool {
        let parts = |request: &PictureRequest| -> Vec<_> {
            let part = |shown: &ShownPicture| (shown.target.ix, shown.original.clone());
            request.shown().map(part).collect()
        };
        self.pictures.adjust == other.adjust && parts(&self.pictures) == parts(other)
    }
}
