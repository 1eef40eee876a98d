//! The large pictures of the canvas, one or two side by side: the resized one first, its neighbours ahead, then the
//! original in tiles. As with thumbnails there is one wish, and a new one replaces it; what both want goes on.
//!
//! Pictures are lightened for the eye on their way to the window, on the pool: the window never touches a pixel. What is
//! wished for is kept decoded (resized pictures, and the originals in sight once they are wanted), so that another slider's place
//! costs no second decode, and so that the colour of a pixel can be told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rustc_hash::{FxHashMap, FxHashSet};
use tokio_util::sync::CancellationToken;

use super::derived;
use super::failure;
use super::guard::guarded;
use super::opening::Opening;
use super::originals::Original;
use super::pool::{Class, Rank};
use crate::app::canvas::Pixel;
use crate::app::effect::{PictureTarget, ShownPicture};
use crate::app::event::TILE_SIDE;
use crate::app::{Event, Failure, PictureInfo, PictureSource, PictureWish, PixelKey};
use crate::domain::{Adjust, BlobKind, ImageIx, Problem, Raster};
use crate::pixels::{self, DecodeRequest, Pyramid};

/// Longest side of what is shown before the original: that of the service's resized pictures.
pub(super) const RESIZED_SIDE: u32 = 1_600;

#[derive(Default)]
pub(super) struct Pictures {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    wish: Option<Wish>,
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

struct Wish {
    pictures: PictureWish,
    epoch: u64,
}

/// One thing to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Job {
    Resized(ImageIx),
    Original(ImageIx),
    Tile(ImageIx, (u8, u16, u16)),
}

impl Job {
    fn image(self) -> ImageIx {
        match self {
            Self::Resized(ix) | Self::Original(ix) | Self::Tile(ix, _) => ix,
        }
    }
}

impl Wish {
    /// All jobs, the most wanted first. Tiles follow once their original is there.
    fn jobs(&self, has_original: impl Fn(ImageIx) -> bool) -> Vec<Job> {
        let mut jobs: Vec<_> = self.pictures.shown().map(|shown| Job::Resized(shown.target.ix)).collect();
        for ShownPicture { target: PictureTarget { ix, .. }, want_original, tiles } in self.pictures.shown() {
            if *want_original || !tiles.is_empty() {
                jobs.push(Job::Original(*ix));
            }
            if has_original(*ix) {
                jobs.extend(tiles.iter().map(|&tile| Job::Tile(*ix, tile)));
            }
        }
        jobs.extend(self.pictures.ahead.iter().map(|target| Job::Resized(target.ix)));
        jobs
    }

    fn shown(&self, ix: ImageIx) -> Option<&ShownPicture> {
        self.pictures.shown().find(|shown| shown.target.ix == ix)
    }

    fn target(&self, ix: ImageIx) -> Option<&PictureTarget> {
        let ahead = || self.pictures.ahead.iter().find(|target| target.ix == ix);
        self.shown(ix).map(|shown| &shown.target).or_else(ahead)
    }

    /// Whether a person asks for the very same again: after a failure that means "try again".
    fn is_same(&self, other: &PictureWish) -> bool {
        let parts = |wish: &PictureWish| -> Vec<_> {
            let part = |shown: &ShownPicture| (shown.target.ix, shown.want_original, shown.tiles.clone());
            wish.shown().map(part).collect()
        };
        self.pictures.adjust == other.adjust && parts(&self.pictures) == parts(other)
    }
}

impl Pictures {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Replaces the wish.
pub(super) fn want(opening: &Arc<Opening>, pictures: Option<PictureWish>) {
    let mut state = opening.pictures.lock();
    let is_again = pictures.as_ref().zip(state.wish.as_ref()).is_some_and(|(new, old)| old.is_same(new));
    if is_again {
        let State { failed, settled, .. } = &mut *state;
        for job in failed.drain() {
            settled.remove(&job);
        }
    }
    let epoch = opening.shared.next_epoch();
    let adjust = state.wish.as_ref().map(|wish| wish.pictures.adjust);
    state.wish = pictures.map(|pictures| Wish { pictures, epoch });
    let State { wish, originals, decoded, settled, .. } = &mut *state;
    let is_shown = |ix: &ImageIx| wish.as_ref().is_some_and(|wish| wish.shown(*ix).is_some());
    originals.retain(|ix, _| is_shown(ix));
    decoded.retain(|ix, _| wish.as_ref().is_some_and(|wish| wish.target(*ix).is_some()));
    if wish.as_ref().is_some_and(|wish| adjust.is_some_and(|adjust| adjust != wish.pictures.adjust)) {
        // All pictures anew. What is under way comes to its end first: while a slider moves something is to be seen.
        settled.retain(|job| matches!(job, Job::Original(_)));
    }
    let wanted: FxHashSet<Job> =
        wish.as_ref().map(|wish| wish.jobs(|_| true).into_iter().collect()).unwrap_or_default();
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
    begin(opening, &mut state);
}

/// Starts what is wished for and not under way.
fn begin(opening: &Arc<Opening>, state: &mut State) {
    let State { wish: Some(wish), flights, settled, originals, decoded, .. } = state else { return };
    for (place, job) in wish.jobs(|ix| originals.contains_key(&ix)).into_iter().enumerate() {
        // The original would take the decoder from under the picture that stands in for it meanwhile.
        let is_too_soon = matches!(job, Job::Original(ix) if !settled.contains(&Job::Resized(ix)));
        if flights.contains_key(&job) || settled.contains(&job) || is_too_soon {
            continue;
        }
        let Some(target) = wish.target(job.image()) else { continue };
        let class = match job {
            Job::Resized(ix) if wish.shown(ix).is_some() => Class::Current,
            Job::Resized(_) => Class::Ahead,
            Job::Original(_) | Job::Tile(..) => Class::Original,
        };
        let cancel = opening.cancel.child_token();
        flights.insert(job, cancel.clone());
        let flight = Flight {
            opening: Arc::clone(opening),
            target: target.clone(),
            rank: Rank::new(class, wish.epoch, place),
            adjust: wish.pictures.adjust,
            decoded: decoded.get(&target.ix).cloned(),
            cancel,
        };
        tokio::spawn(flight.fly(job, originals.get(&target.ix).cloned()));
    }
}

/// One job under way.
struct Flight {
    opening: Arc<Opening>,
    target: PictureTarget,
    rank: Rank,
    adjust: Adjust,
    /// The resized picture, when it has been decoded already.
    decoded: Option<Arc<Raster>>,
    cancel: CancellationToken,
}

impl Flight {
    async fn fly(self, job: Job, original: Option<Arc<Original>>) {
        let work = async {
            match (job, original) {
                (Job::Resized(ix), _) => match self.decoded.clone() {
                    Some(raster) => self.hand_over(PixelKey::Resized { ix }, raster).await,
                    None => self.resized().await,
                },
                (Job::Original(_), _) => self.original().await,
                (Job::Tile(_, tile), Some(original)) => self.tile(tile, original).await,
                (Job::Tile(..), None) => Ok(()),
            }
        };
        let result = tokio::select! {
            biased;
            () = self.cancel.cancelled() => return,
            result = Box::pin(guarded(work)) => result,
        };
        {
            let mut state = self.opening.pictures.lock();
            if self.cancel.is_cancelled() {
                return;
            }
            state.flights.remove(&job);
            let is_as_wished = state.wish.as_ref().is_some_and(|wish| wish.pictures.adjust == self.adjust);
            if is_as_wished || matches!(job, Job::Original(_)) || result.is_err() {
                state.settled.insert(job);
            }
            if result.is_err() {
                state.failed.insert(job);
            }
            begin(&self.opening, &mut state);
        }
        // Last, so that whoever hears of it can ask for a retry at once.
        if let Err(failure) = &result {
            self.report_failure(job, failure).await;
        }
    }

    /// A failed original has no pixels of its own to say so: its tiles do.
    async fn report_failure(&self, job: Job, failure: &Failure) {
        let keys = match job {
            Job::Resized(ix) => vec![PixelKey::Resized { ix }],
            Job::Tile(ix, tile) => vec![tile_key(ix, tile)],
            Job::Original(ix) => {
                let state = self.opening.pictures.lock();
                let shown = state.wish.as_ref().and_then(|wish| wish.shown(ix));
                let tiles = shown.map(|shown| shown.tiles.clone()).unwrap_or_default();
                let tiles = if tiles.is_empty() { vec![(0, 0, 0)] } else { tiles };
                tiles.into_iter().map(|tile| tile_key(ix, tile)).collect()
            }
        };
        for key in keys {
            self.post(key, Err(failure.clone())).await;
        }
    }

    /// Lightens a picture, on the pool, and reports it.
    async fn hand_over(&self, key: PixelKey, raster: Arc<Raster>) -> Result<(), Failure> {
        let raster = if self.adjust.is_neutral() {
            raster
        } else {
            let adjust = self.adjust;
            let work = move || adjust.applied(&raster).map_or(raster, Arc::new);
            self.opening.shared.pool.run(self.rank, &self.cancel, work).await.map_err(failure::of_stopped)?
        };
        self.post(key, Ok(raster)).await;
        Ok(())
    }

    async fn post(&self, key: PixelKey, result: Result<Arc<Raster>, Failure>) {
        let opening = &self.opening;
        opening.shared.inbox.post_pixels(opening.generation, key, result, &self.cancel).await;
    }

    fn tell(&self, info: PictureInfo) {
        let generation = self.opening.generation;
        self.opening.shared.inbox.post(Event::Picture { generation, info });
    }

    async fn fetch(&self, kind: BlobKind) -> Result<Bytes, Failure> {
        let target = &self.target;
        let uri = match kind {
            BlobKind::Original => target.original.as_ref(),
            BlobKind::Resized | BlobKind::Thumbnail => target.resized.as_ref(),
        };
        self.opening.blobs.bytes(target.id, kind, uri, || vec![target.id]).await
    }

    /// Whether the original is the file that the resized picture is made from anyway.
    fn is_one_file(&self) -> bool {
        let PictureTarget { resized, original, .. } = &self.target;
        self.opening.blobs.source.is_archive() || original.is_none() || resized == original
    }

    async fn resized(&self) -> Result<(), Failure> {
        let PictureTarget { ix, listed_size, .. } = self.target;
        let kind = if self.opening.blobs.source.is_archive() { BlobKind::Original } else { BlobKind::Resized };
        let bytes = match self.fetch(kind).await {
            // A picture that was never resized may be listed under its original address alone.
            Err(failure) if self.target.resized.is_none() && self.target.original.is_some() => {
                self.fetch(BlobKind::Original).await.map_err(|_| failure)?
            }
            other => other?,
        };
        let size = bytes.len() as u64;
        let request = DecodeRequest { listed_size, max_side: Some(RESIZED_SIDE) };
        let decoded = self.decode_resized(bytes, request).await?;
        let raster = Arc::new(decoded.raster);
        let info = PictureInfo {
            ix,
            source: PictureSource::Resized,
            width: raster.width(),
            height: raster.height(),
            bytes: size,
            format: decoded.format,
            is_turned: decoded.is_turned,
        };
        if !decoded.fits_listed {
            let problem = Problem::SizeMismatch { decoded: decoded.upright_size };
            let generation = self.opening.generation;
            self.opening.shared.inbox.post(Event::ImageProblem { generation, ix, problem });
        }
        self.tell(info.clone());
        if self.is_one_file() {
            // What an inspector says of the original is known from the same bytes.
            let (width, height) = decoded.upright_size;
            let whole = PictureInfo { source: PictureSource::Original, width, height, ..info };
            self.tell(whole.clone());
            if (raster.width(), raster.height()) == decoded.upright_size {
                self.opening.pictures.lock().whole.insert(ix, (Arc::clone(&raster), whole));
            }
        }
        {
            let mut state = self.opening.pictures.lock();
            if state.wish.as_ref().is_some_and(|wish| wish.target(ix).is_some()) {
                state.decoded.insert(ix, Arc::clone(&raster));
            }
        }
        self.hand_over(PixelKey::Resized { ix }, raster).await
    }

    async fn decode_resized(&self, bytes: Bytes, request: DecodeRequest) -> Result<pixels::Decoded, Failure> {
        let Self { opening, target, rank, cancel, .. } = self;
        if let Some(decoded) = derived::kept(opening, target.id, &bytes, request, *rank, cancel).await {
            return Ok(decoded);
        }
        let limits = opening.shared.limits;
        let work = move || pixels::decode_within(&bytes, request, &limits);
        let decoded = opening.shared.pool.run(*rank, cancel, work).await.map_err(failure::of_stopped)?;
        let decoded = decoded.map_err(|error| failure::of_pixels(&error))?;
        let later = Rank { class: Class::Cover, ..*rank };
        derived::keep(opening, target.id, &decoded, later);
        Ok(decoded)
    }

    async fn original(&self) -> Result<(), Failure> {
        let PictureTarget { ix, id, listed_size, .. } = self.target;
        let originals = &self.opening.shared.originals;
        let place = (self.opening.blobs.scope, id);
        let original = match originals.get(place) {
            Some(original) => {
                self.tell(PictureInfo { ix, ..original.info.clone() });
                original
            }
            None => {
                let whole = self.opening.pictures.lock().whole.get(&ix).cloned();
                let made = match whole {
                    Some((raster, info)) => self.cut(raster, info).await?,
                    None => self.decode_original(ix, listed_size).await?,
                };
                originals.put(place, Arc::clone(&made));
                made
            }
        };
        let mut state = self.opening.pictures.lock();
        if state.wish.as_ref().is_some_and(|wish| wish.shown(ix).is_some()) {
            state.originals.insert(ix, original);
        }
        Ok(())
    }

    async fn cut(&self, raster: Arc<Raster>, info: PictureInfo) -> Result<Arc<Original>, Failure> {
        let work = move || Arc::new(Original { pyramid: Pyramid::new(raster, TILE_SIDE), info });
        self.opening.shared.large.run(self.rank, &self.cancel, work).await.map_err(failure::of_stopped)
    }

    async fn decode_original(&self, ix: ImageIx, listed_size: (u32, u32)) -> Result<Arc<Original>, Failure> {
        let kind = if self.target.original.is_none() && !self.opening.blobs.source.is_archive() {
            BlobKind::Resized
        } else {
            BlobKind::Original
        };
        let bytes = self.fetch(kind).await?;
        let found = pixels::probe(&bytes).map_err(|error| failure::of_pixels(&error))?;
        let (width, height) = found.upright_size(listed_size);
        let info = PictureInfo {
            ix,
            source: PictureSource::Original,
            width,
            height,
            bytes: bytes.len() as u64,
            format: found.kind.label,
            is_turned: found.is_turned(listed_size),
        };
        // Before the decode: the canvas can tell which tiles it will need.
        self.tell(info.clone());
        let limits = self.opening.shared.limits;
        let work = move || {
            let request = DecodeRequest { listed_size, max_side: None };
            let decoded = pixels::decode_within(&bytes, request, &limits)?;
            Ok(Arc::new(Original { pyramid: Pyramid::new(decoded.raster, TILE_SIDE), info }))
        };
        let decoded = self.opening.shared.large.run(self.rank, &self.cancel, work).await;
        decoded.map_err(failure::of_stopped)?.map_err(|error: pixels::PixelError| failure::of_pixels(&error))
    }

    async fn tile(&self, tile: (u8, u16, u16), original: Arc<Original>) -> Result<(), Failure> {
        let (level, column, row) = tile;
        let adjust = self.adjust;
        let work = move || {
            let tile = original.pyramid.tile(level, column, row)?;
            Some(adjust.applied(&tile).unwrap_or(tile))
        };
        let cut = self.opening.shared.pool.run(self.rank, &self.cancel, work).await.map_err(failure::of_stopped)?;
        // A tile outside the picture is nothing to show and nothing to complain of.
        if let Some(cut) = cut {
            self.post(tile_key(self.target.ix, tile), Ok(Arc::new(cut))).await;
        }
        Ok(())
    }
}

/// Tells the colour of a pixel of a picture in sight: a look into what is decoded already, nothing is begun for it.
pub(super) fn pixel(opening: &Opening, ix: ImageIx, at: [f32; 2]) {
    let color = {
        let state = opening.pictures.lock();
        let original = state.originals.get(&ix).and_then(|original| original.pyramid.level(0));
        original.or_else(|| state.decoded.get(&ix)).and_then(|picture| color_at(picture, at))
    };
    let generation = opening.generation;
    opening.shared.inbox.post(Event::Pixel { generation, pixel: Pixel { ix, at, color } });
}

fn color_at(picture: &Raster, [x, y]: [f32; 2]) -> Option<[u8; 3]> {
    if !(0.0..1.0).contains(&x) || !(0.0..1.0).contains(&y) {
        return None;
    }
    let place = |share: f32, side: u32| (share * side as f32) as u32;
    let [red, green, blue, _] = picture.pixel(place(x, picture.width()), place(y, picture.height()))?;
    Some([red, green, blue])
}

fn tile_key(ix: ImageIx, (level, column, row): (u8, u16, u16)) -> PixelKey {
    PixelKey::Tile { ix, level, column, row }
}
