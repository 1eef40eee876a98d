//! One job of the canvas's pictures under way: fetched, decoded, lightened and reported.

use std::sync::Arc;

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::{Job, Pictures, RESIZED_SIDE, begin};
use crate::derived;
use crate::failure::{OrFailure as _, guarded};
use crate::originals::Original;
use crate::pool::{Rank, Urgency};
use app::picture::{PictureTarget, TILE_SIDE};
use app::{Event, Failure, PictureInfo, PictureSource, PixelKey, PixelResult};
use domain::{Adjust, BlobKind, ImageIx, Mipmap, Problem, Raster};
use pixels::{self, DecodeRequest, PixelError, Pyramid};

pub(super) struct Flight {
    pub(super) pictures: Arc<Pictures>,
    pub(super) target: PictureTarget,
    pub(super) rank: Rank,
    pub(super) adjust: Adjust,
    /// The resized picture, when it has been decoded already.
    pub(super) decoded: Option<Arc<Raster>>,
    pub(super) cancel: CancellationToken,
}

impl Flight {
    pub(super) async fn fly(self, job: Job, original: Option<Arc<Original>>) {
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
            let mut state = self.pictures.lock();
            if self.cancel.is_cancelled() {
                return;
            }
            state.flights.remove(&job);
            let is_as_requested = state.request.as_ref().is_some_and(|request| request.pictures.adjust == self.adjust);
            if is_as_requested || matches!(job, Job::Original(_)) || result.is_err() {
                state.settled.insert(job);
            }
            if result.is_err() {
                state.failed.insert(job);
            }
            begin(&self.pictures, &mut state);
        }
        // Last, so that the receiver can retry immediately.
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
                let state = self.pictures.lock();
                let shown = state.request.as_ref().and_then(|request| request.shown(ix));
                let tiles = shown.map(|shown| shown.original.tiles.clone()).unwrap_or_default();
                let tiles = if tiles.is_empty() { vec![(0, 0, 0)] } else { tiles };
                tiles.into_iter().map(|tile| tile_key(ix, tile)).collect()
            }
        };
        for key in keys {
            self.post(key, Err(failure.clone())).await;
        }
    }

    /// Lightens a picture and makes it ready for the graphics card, on the pool, and reports it.
    async fn hand_over(&self, key: PixelKey, raster: Arc<Raster>) -> Result<(), Failure> {
        let adjust = self.adjust;
        let work = move || {
            let lightened = if adjust.is_neutral() { None } else { adjust.applied(&raster) };
            Arc::new(Mipmap::with_halves(lightened.as_ref().unwrap_or(&raster)))
        };
        let picture = self.pictures.session.shared.pool.run(self.rank, &self.cancel, work).await.or_failure()?;
        self.post(key, Ok(picture)).await;
        Ok(())
    }

    async fn post(&self, key: PixelKey, result: PixelResult) {
        let session = &self.pictures.session;
        session.shared.inbox.post_pixels(session.generation, key, result, &self.cancel).await;
    }

    fn report(&self, info: PictureInfo) {
        let generation = self.pictures.session.generation;
        self.pictures.session.post(Event::Picture { generation, info });
    }

    async fn fetch(&self, kind: BlobKind) -> Result<Bytes, Failure> {
        let target = &self.target;
        let uri = match kind {
            BlobKind::Original => target.original.as_ref(),
            BlobKind::Resized | BlobKind::Thumbnail => target.resized.as_ref(),
        };
        self.pictures.session.blobs.bytes(target.id, kind, uri, || vec![target.id]).await
    }

    /// Whether the original is the file that the resized picture is made from anyway.
    fn is_one_file(&self) -> bool {
        let PictureTarget { resized, original, .. } = &self.target;
        self.pictures.session.blobs.source.is_archive() || original.is_none() || resized == original
    }

    async fn resized(&self) -> Result<(), Failure> {
        let PictureTarget { ix, listed_size, .. } = self.target;
        let kind = if self.pictures.session.blobs.source.is_archive() { BlobKind::Original } else { BlobKind::Resized };
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
            lacks_end: decoded.lacks_end,
        };
        if !decoded.fits_listed {
            let problem = Problem::SizeMismatch { decoded: decoded.upright_size };
            let generation = self.pictures.session.generation;
            self.pictures.session.post(Event::ImageProblem { generation, ix, problem });
        }
        self.report(info.clone());
        if self.is_one_file() {
            // What an inspector says of the original is known from the same bytes.
            let (width, height) = decoded.upright_size;
            let whole = PictureInfo { source: PictureSource::Original, width, height, ..info };
            self.report(whole.clone());
            if (raster.width(), raster.height()) == decoded.upright_size {
                self.pictures.lock().whole.insert(ix, (Arc::clone(&raster), whole));
            }
        }
        {
            let mut state = self.pictures.lock();
            if state.request.as_ref().is_some_and(|request| request.target(ix).is_some()) {
                state.decoded.insert(ix, Arc::clone(&raster));
            }
        }
        self.hand_over(PixelKey::Resized { ix }, raster).await
    }

    async fn decode_resized(&self, bytes: Bytes, request: DecodeRequest) -> Result<pixels::Decoded, Failure> {
        let Self { target, rank, cancel, .. } = self;
        let session = &self.pictures.session;
        if let Some(decoded) = derived::kept(session, target.id, &bytes, request, *rank, cancel).await {
            return Ok(decoded);
        }
        let limits = session.shared.limits;
        let work = move || pixels::decode_within(&bytes, request, &limits);
        let decoded = session.shared.pool.run(*rank, cancel, work).await.or_failure()?;
        let decoded = decoded.or_failure()?;
        let later = Rank { urgency: Urgency::Background, ..*rank };
        derived::keep(session, target.id, &decoded, later);
        Ok(decoded)
    }

    async fn original(&self) -> Result<(), Failure> {
        let PictureTarget { ix, id, listed_size, .. } = self.target;
        let originals = &self.pictures.session.shared.originals;
        let place = (self.pictures.session.blobs.scope, id);
        let original = match originals.get(place) {
            Some(original) => {
                self.report(PictureInfo { ix, ..original.info.clone() });
                original
            }
            None => {
                let whole = self.pictures.lock().whole.get(&ix).cloned();
                let made = match whole {
                    Some((raster, info)) => self.cut(raster, info).await?,
                    None => self.decode_original(ix, listed_size).await?,
                };
                originals.put(place, Arc::clone(&made));
                made
            }
        };
        let mut state = self.pictures.lock();
        if state.request.as_ref().is_some_and(|request| request.shown(ix).is_some()) {
            state.originals.insert(ix, original);
        }
        Ok(())
    }

    async fn cut(&self, raster: Arc<Raster>, info: PictureInfo) -> Result<Arc<Original>, Failure> {
        let work = move || Arc::new(Original { pyramid: Pyramid::new(raster, TILE_SIDE), info });
        self.pictures.session.shared.large.run(self.rank, &self.cancel, work).await.or_failure()
    }

    async fn decode_original(&self, ix: ImageIx, listed_size: (u32, u32)) -> Result<Arc<Original>, Failure> {
        let kind = if self.target.original.is_none() && !self.pictures.session.blobs.source.is_archive() {
            BlobKind::Resized
        } else {
            BlobKind::Original
        };
        let bytes = self.fetch(kind).await?;
        let found = pixels::probe(&bytes).or_failure()?;
        let (width, height) = found.upright_size(listed_size);
        let info = PictureInfo {
            ix,
            source: PictureSource::Original,
            width,
            height,
            bytes: bytes.len() as u64,
            format: found.kind.label,
            is_turned: found.is_turned(listed_size),
            lacks_end: pixels::lacks_end_marker(&bytes),
        };
        // Before the decode: the canvas can tell which tiles it will need.
        self.report(info.clone());
        let limits = self.pictures.session.shared.limits;
        let work = move || {
            let request = DecodeRequest { listed_size, max_side: None };
            let decoded = pixels::decode_within(&bytes, request, &limits)?;
            Ok::<_, PixelError>(Arc::new(Original { pyramid: Pyramid::new(decoded.raster, TILE_SIDE), info }))
        };
        let decoded = self.pictures.session.shared.large.run(self.rank, &self.cancel, work).await;
        decoded.or_failure()?.or_failure()
    }

    async fn tile(&self, tile: (u8, u16, u16), original: Arc<Original>) -> Result<(), Failure> {
        let (level, column, row) = tile;
        let adjust = self.adjust;
        let work = move || {
            let tile = original.pyramid.tile(level, column, row)?;
            Some(Arc::new(Mipmap::single(&adjust.applied(&tile).unwrap_or(tile))))
        };
        let cut = self.pictures.session.shared.pool.run(self.rank, &self.cancel, work).await.or_failure()?;
        // A tile outside the picture is nothing to show and nothing to complain of.
        if let Some(cut) = cut {
            self.post(tile_key(self.target.ix, tile), Ok(cut)).await;
        }
        Ok(())
    }
}

fn tile_key(ix: ImageIx, (level, column, row): (u8, u16, u16)) -> PixelKey {
    PixelKey::Tile { ix, level, column, row }
}
