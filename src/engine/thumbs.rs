//! Thumbnails: requests of a [`WantedSet`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::derived;
use super::picture::RESIZED_SIDE;
use super::pool::Rank;
use super::session::ProjectSession;
use super::wanted::{Made, Maker, Request, WantedSet};
use crate::failure::OrFailure as _;
use app::{Failure, PixelKey, ThumbRequest};
use domain::{BlobKind, ImageId, Mipmap, Raster};
use pixels::{self, DecodeRequest, Limits, PixelError};

/// Wishes under way at once: more than downloads, so that these are kept busy while others decode.
pub(super) const WORKERS: usize = 12;

/// Longest side of what is kept of a large local original.
const DERIVED_SIDE: u32 = 512;
/// Originals above this many pixels are worth it.
const DERIVED_FROM_PIXELS: u64 = 2_000_000;
const DERIVED_QUALITY: u8 = 88;

/// Side from which a thumbnail that is too small is replaced by the resized picture.
const SHARP_SIDE: u16 = 256;

pub(super) struct Thumbs {
    session: Arc<ProjectSession>,
    set: WantedSet<ThumbRequest>,
    /// The largest side of a thumbnail of this project, once one was too small; 0: not known.
    small_side: AtomicU32,
}

impl Thumbs {
    pub(super) fn new(session: Arc<ProjectSession>) -> Self {
        Self { session, set: WantedSet::default(), small_side: AtomicU32::new(0) }
    }
}

impl Request for ThumbRequest {
    fn image(&self) -> ImageId {
        self.target.id
    }

    fn keys(&self) -> Vec<PixelKey> {
        vec![PixelKey::Thumb { ix: self.target.ix, side: self.side }]
    }

    fn retain(&mut self, keep: impl FnMut(PixelKey) -> bool) -> bool {
        self.keys().into_iter().all(keep)
    }
}

impl Maker for Thumbs {
    type Request = ThumbRequest;

    fn session(&self) -> &ProjectSession {
        &self.session
    }

    fn set(&self) -> &WantedSet<ThumbRequest> {
        &self.set
    }

    async fn make(&self, request: &ThumbRequest, rank: Rank, cancel: &CancellationToken) -> Result<Made, Failure> {
        let picture = Making { thumbs: self, request, rank, cancel, finish: ready }.run().await?;
        Ok(request.keys().into_iter().map(|key| (key, Arc::clone(&picture))).collect())
    }
}

/// What the window takes.
fn ready(raster: Raster) -> Arc<Mipmap> {
    Arc::new(Mipmap::single(&raster))
}

/// One thumbnail in the making; `finish` is what the thread that decodes does with it at last.
pub(super) struct Making<'a, T> {
    pub(super) thumbs: &'a Thumbs,
    pub(super) request: &'a ThumbRequest,
    pub(super) rank: Rank,
    pub(super) cancel: &'a CancellationToken,
    pub(super) finish: fn(Raster) -> T,
}

impl<T: Send + 'static> Making<'_, T> {
    pub(super) async fn run(&self) -> Result<T, Failure> {
        let Self { thumbs, request, .. } = *self;
        if thumbs.session.blobs.source.is_archive() {
            return self.scaled_original().await;
        }
        let has_resized = request.target.resized.is_some();
        let is_known_small = is_too_small(thumbs.small_side.load(Ordering::Relaxed), request);
        let first = if has_resized && (is_known_small || request.target.thumbnail.is_none()) {
            BlobKind::Resized
        } else {
            BlobKind::Thumbnail
        };
        if let Some(picture) = self.at_hand(first).await? {
            return Ok(picture);
        }
        if (is_known_small || request.target.thumbnail.is_none()) && has_resized {
            match self.fetch(BlobKind::Resized).await {
                Ok(bytes) => return self.decode(bytes).await,
                // Something small is better than nothing.
                Err(failure) if request.target.thumbnail.is_none() => return Err(failure),
                Err(_) => {}
            }
        }
        let small = self.fetch(BlobKind::Thumbnail).await;
        let side =
            small.as_ref().ok().and_then(|bytes| pixels::probe(bytes).ok()).map(|found| found.width.max(found.height));
        let is_small = side.is_some_and(|side| is_too_small(side, request));
        if let Some(side) = side.filter(|_| is_small) {
            thumbs.small_side.fetch_max(side, Ordering::Relaxed);
        }
        // A thumbnail that is missing or damaged is stood in for, too.
        if has_resized && !is_known_small && (is_small || side.is_none()) {
            match self.fetch(BlobKind::Resized).await {
                Ok(bytes) => return self.decode(bytes).await,
                Err(failure) if side.is_none() => return Err(failure),
                Err(_) => {}
            }
        }
        self.decode(small?).await
    }

    /// The picture from the disk cache, read, checked and decoded in one go on a decoding thread: each change of threads costs a
    /// twentieth of a thumbnail. `None` if it is not there, damaged, or too small; then it is fetched.
    async fn at_hand(&self, kind: BlobKind) -> Result<Option<T>, Failure> {
        let Self { thumbs, request, rank, cancel, finish } = *self;
        let blobs = &thumbs.session.blobs;
        let Some(cache) = blobs.cache().filter(|cache| cache.blobs.has_noted(request.target.id, kind, blobs.scope))
        else {
            return Ok(None);
        };
        let (cache, scope, limits, request) =
            (cache.clone(), blobs.scope, thumbs.session.shared.limits, request.clone());
        let may_be_small = kind == BlobKind::Thumbnail && request.target.resized.is_some();
        let work = move || {
            let bytes = cache.read(request.target.id, kind, scope)?;
            let longest = longest_side(&bytes);
            if may_be_small && is_too_small(longest, &request) {
                return None;
            }
            decode_near(&bytes, longest, &request, &limits).ok().map(finish)
        };
        thumbs.session.shared.pool.run(rank, cancel, work).await.or_failure()
    }

    async fn fetch(&self, kind: BlobKind) -> Result<Bytes, Failure> {
        let Self { thumbs, request, .. } = *self;
        let uri = match kind {
            BlobKind::Thumbnail => request.target.thumbnail.as_ref(),
            BlobKind::Resized | BlobKind::Original => request.target.resized.as_ref(),
        };
        thumbs.session.blobs.bytes(request.target.id, kind, uri, || thumbs.set.images()).await
    }

    async fn decode(&self, bytes: Bytes) -> Result<T, Failure> {
        let Self { thumbs, rank, cancel, finish, .. } = *self;
        let (request, limits) = (self.request.clone(), thumbs.session.shared.limits);
        let work = move || decode_near(&bytes, longest_side(&bytes), &request, &limits).map(finish);
        let decoded = thumbs.session.shared.pool.run(rank, cancel, work).await.or_failure()?;
        decoded.or_failure()
    }

    /// An archive has only originals. What is made of a large one is kept on disk for the next visit.
    async fn scaled_original(&self) -> Result<T, Failure> {
        let Self { thumbs, request, rank, cancel, finish } = *self;
        let blobs = &thumbs.session.blobs;
        if let Some(cache) = blobs.cache()
            && let Some(bytes) = cache.get(request.target.id, BlobKind::Thumbnail, blobs.scope).await
            && let Ok(picture) = self.decode(bytes).await
        {
            return Ok(picture);
        }
        // A thumbnail that is on its way is a fiftieth of its original.
        if blobs.source.has_far_thumbnail(request.target.id)
            && let Ok(bytes) = blobs.bytes(request.target.id, BlobKind::Thumbnail, None, Vec::new).await
            && let side @ 1.. = longest_side(&bytes)
            && !is_too_small(side, request)
        {
            return self.decode(bytes).await;
        }
        let bytes = blobs.bytes(request.target.id, BlobKind::Original, None, Vec::new).await?;
        let limits = thumbs.session.shared.limits;
        let (listed_size, side) = (request.target.listed_size, u32::from(request.side));
        let is_kept = blobs.cache().is_some();
        let work = move || {
            let found = pixels::probe(&bytes)?;
            let is_large = u64::from(found.width) * u64::from(found.height) > DERIVED_FROM_PIXELS;
            if !is_large || !is_kept {
                let request = DecodeRequest { listed_size, max_side: Some(side) };
                return Ok((finish(pixels::decode_within(&bytes, request, &limits)?.raster), Vec::new()));
            }
            let mut kept = Vec::new();
            let small_side = side.max(DERIVED_SIDE);
            let for_canvas = derived::is_huge(found.width, found.height);
            let max_side = if for_canvas { RESIZED_SIDE } else { small_side };
            let request = DecodeRequest { listed_size, max_side: Some(max_side) };
            let mut raster = pixels::decode_within(&bytes, request, &limits)?.raster;
            if for_canvas {
                kept.push((BlobKind::Resized, pixels::encode_jpeg(&raster, derived::QUALITY)?));
                raster = pixels::scale_to_fit(raster, small_side);
            }
            kept.push((BlobKind::Thumbnail, pixels::encode_jpeg(&raster, DERIVED_QUALITY)?));
            Ok((finish(pixels::scale_to_fit(raster, side)), kept))
        };
        let made: Result<_, PixelError> = thumbs.session.shared.pool.run(rank, cancel, work).await.or_failure()?;
        let (picture, kept) = made.or_failure()?;
        if let Some(cache) = blobs.cache() {
            for (kind, bytes) in kept {
                cache.put(request.target.id, kind, blobs.scope, bytes.into()).await;
            }
        }
        Ok(picture)
    }
}

/// The longest side of a picture; 0 when it is damaged.
fn longest_side(bytes: &[u8]) -> u32 {
    pixels::probe(bytes).map_or(0, |found| found.width.max(found.height))
}

/// Longest side of what is halved once decoded. Of anything larger a JPEG is decoded straight at a fraction of its size.
const HALVED: u32 = 800;

/// What is done to a picture to bring it near a wished side.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fit {
    /// It is hardly larger, or smaller.
    Whole,
    /// Its half is hardly larger.
    Half,
    /// It is scaled to the side.
    Scaled,
}

/// How a picture with this longest side is brought near a wished one. Scaling takes nearly as long as decoding, halving next
/// to nothing, and the graphics side does the rest well down to a half.
fn fit(longest: u32, side: u32) -> Fit {
    let is_near = |longest: u32| longest <= side * 5 / 4;
    match longest {
        0 => Fit::Scaled,
        _ if is_near(longest) => Fit::Whole,
        ..=HALVED if longest >= side * 2 && is_near(longest.div_ceil(2)) => Fit::Half,
        _ => Fit::Scaled,
    }
}

/// The pixels for a request of a picture with this longest side.
fn decode_near(bytes: &[u8], longest: u32, request: &ThumbRequest, limits: &Limits) -> Result<Raster, PixelError> {
    let fit = fit(longest, u32::from(request.side));
    let max_side = (fit == Fit::Scaled).then_some(u32::from(request.side));
    let raster =
        pixels::decode_within(bytes, DecodeRequest { listed_size: request.target.listed_size, max_side }, limits)?
            .raster;
    let half = (fit == Fit::Half).then(|| pixels::half_size(&raster)).flatten();
    Ok(half.unwrap_or(raster))
}

/// Whether a thumbnail of this side would look blurred in the cell although the picture itself has the pixels.
fn is_too_small(side: u32, request: &ThumbRequest) -> bool {
    let (width, height) = request.target.listed_size;
    let listed = match width.max(height) {
        0 => u32::MAX,
        longest => longest,
    };
    side != 0 && request.side >= SHARP_SIDE && side * 5 / 4 < u32::from(request.side).min(listed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::picture::PictureTarget;

    fn request(side: u16) -> ThumbRequest {
        let (ix, id) = (domain::ImageIx(0), ImageId::default());
        let listed_size = (800, 600);
        ThumbRequest {
            target: PictureTarget { ix, id, thumbnail: None, resized: None, original: None, listed_size },
            side,
        }
    }

    #[test]
    fn only_a_picture_that_is_much_larger_is_scaled() {
        assert_eq!([fit(200, 256), fit(320, 256), fit(160, 128)], [Fit::Whole; 3]);
        assert_eq!([fit(320, 128), fit(256, 128), fit(640, 256)], [Fit::Half; 3]);
        assert_eq!([fit(321, 256), fit(322, 128), fit(255, 128), fit(1_200, 512)], [Fit::Scaled; 4]);
        assert_eq!(fit(0, 256), Fit::Scaled, "not known");
    }

    #[test]
    fn pixels_come_near_the_request() {
        let raster = Raster::new(320, 240, vec![90; 320 * 240 * 4]).expect("raster");
        let file = pixels::encode_jpeg(&raster, 80).expect("file");
        let longest = |side| {
            let found = decode_near(&file, longest_side(&file), &request(side), &Limits::default()).expect("pixels");
            found.width()
        };
        assert_eq!([longest(512), longest(256), longest(192), longest(128), longest(100)], [320, 320, 192, 160, 100]);
    }

    #[test]
    fn a_damaged_picture_has_no_side() {
        let raster = Raster::new(320, 240, vec![90; 320 * 240 * 4]).expect("raster");
        let file = pixels::encode_jpeg(&raster, 80).expect("file");
        assert_eq!([longest_side(&file), longest_side(b"\xff\xd8damaged")], [320, 0]);
    }
}
