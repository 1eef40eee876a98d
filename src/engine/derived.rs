//! What is made of the large originals of an archive and kept in the disk cache, so that a picture of 100 megapixels is
//! decoded once and not at every visit. Small ones are decoded faster than they are kept.

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::pool::Rank;
use super::session::ProjectSession;
use domain::{BlobKind, ImageId};
use pixels::{self, DecodeRequest, Decoded};

/// Originals above this many pixels are worth it for the canvas.
const WORTH_PIXELS: u64 = 8_000_000;
/// Above these the canvas's picture is made along with the thumbnail: the decoding takes so long that it must be done once.
const HUGE_PIXELS: u64 = 24_000_000;
pub(super) const QUALITY: u8 = 92;

/// A picture for the canvas that was made of this original before; `None`: there is none, or none is needed.
pub(super) async fn kept(
    session: &ProjectSession,
    image: ImageId,
    original: &Bytes,
    request: DecodeRequest,
    rank: Rank,
    cancel: &CancellationToken,
) -> Option<Decoded> {
    let found = pixels::probe(original).ok().filter(|found| is_worth(found.width, found.height))?;
    if !session.blobs.source.is_archive() {
        return None;
    }
    let bytes = session.blobs.cache()?.get(image, BlobKind::Resized, session.blobs.scope).await?;
    let limits = session.shared.limits;
    // It is upright already and says nothing of a turn.
    let upright = DecodeRequest { listed_size: (0, 0), ..request };
    let work = move || pixels::decode_within(&bytes, upright, &limits);
    let made = session.shared.pool.run(rank, cancel, work).await.ok()?.ok()?;
    Some(Decoded {
        raster: made.raster,
        upright_size: found.upright_size(request.listed_size),
        format: found.kind.label,
        is_turned: found.is_turned(request.listed_size),
        fits_listed: found.fits_listed(request.listed_size),
        // It was decoded once, so nothing else can be missing.
        lacks_end: pixels::lacks_end_marker(original),
    })
}

/// Keeps what was made of a large original, behind whatever else is to be decoded.
pub(super) fn keep(session: &std::sync::Arc<ProjectSession>, image: ImageId, decoded: &Decoded, rank: Rank) {
    let (width, height) = decoded.upright_size;
    let is_scaled = (decoded.raster.width(), decoded.raster.height()) != decoded.upright_size;
    if !session.blobs.source.is_archive() || !is_worth(width, height) || !is_scaled {
        return;
    }
    let (session, raster) = (std::sync::Arc::clone(session), decoded.raster.clone());
    tokio::spawn(async move {
        let Some(cache) = session.blobs.cache() else { return };
        let work = move || pixels::encode_jpeg(&raster, QUALITY);
        // A picture that cannot be kept is decoded again: no more than that.
        if let Ok(Ok(bytes)) = session.shared.pool.run(rank, &session.cancel, work).await {
            cache.put(image, BlobKind::Resized, session.blobs.scope, bytes.into()).await;
        }
    });
}

fn is_worth(width: u32, height: u32) -> bool {
    u64::from(width) * u64::from(height) > WORTH_PIXELS
}

/// Whether a picture of this size is kept for the canvas as soon as its thumbnail is made.
pub(super) fn is_huge(width: u32, height: u32) -> bool {
    u64::from(width) * u64::from(height) > HUGE_PIXELS
}
