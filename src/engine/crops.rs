//! Crops for the region wall: requests of a [`WantedSet`]. A picture is decoded once for all its wanted crops.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::pool::Rank;
use super::session::ProjectSession;
use super::wanted::{Made, Maker, Request, WantedSet};
use crate::failure::OrFailure as _;
use app::wall::CropRequest;
use app::{Failure, PixelKey};
use domain::wall::crop_frame;
use domain::{BlobKind, ImageId, Mipmap, Raster, UnitRect};
use pixels::{self, DecodeRequest, PixelError};

/// Images under way at once.
pub(super) const WORKERS: usize = 6;
/// Longest side of the picture that crops are cut from: that of the service's resized pictures.
const PICTURE_SIDE: u32 = 1_600;

pub(super) struct Crops {
    session: Arc<ProjectSession>,
    set: WantedSet<CropRequest>,
}

impl Crops {
    pub(super) fn new(session: Arc<ProjectSession>) -> Self {
        Self { session, set: WantedSet::default() }
    }
}

impl Request for CropRequest {
    fn image(&self) -> ImageId {
        self.target.id
    }

    fn keys(&self) -> Vec<PixelKey> {
        self.crops.iter().map(|&(key, _)| key).collect()
    }

    fn retain(&mut self, mut keep: impl FnMut(PixelKey) -> bool) -> bool {
        self.crops.retain(|&(key, _)| keep(key));
        !self.crops.is_empty()
    }
}

impl Maker for Crops {
    type Request = CropRequest;

    fn session(&self) -> &ProjectSession {
        &self.session
    }

    fn set(&self) -> &WantedSet<CropRequest> {
        &self.set
    }

    async fn make(&self, request: &CropRequest, rank: Rank, cancel: &CancellationToken) -> Result<Made, Failure> {
        let blobs = &self.session.blobs;
        let wanted = || self.set.images();
        let bytes = if blobs.source.is_archive() {
            blobs.bytes(request.target.id, BlobKind::Original, None, Vec::new).await?
        } else if request.target.resized.is_none() && request.target.original.is_some() {
            // A picture that was never resized may be listed under its original address alone.
            blobs.bytes(request.target.id, BlobKind::Original, request.target.original.as_ref(), wanted).await?
        } else {
            blobs.bytes(request.target.id, BlobKind::Resized, request.target.resized.as_ref(), wanted).await?
        };
        let limits = self.session.shared.limits;
        let (listed_size, side) = (request.target.listed_size, request.side);
        let crops = request.crops.clone();
        let work = move || {
            let request = DecodeRequest { listed_size, max_side: Some(PICTURE_SIDE) };
            let raster = pixels::decode_within(&bytes, request, &limits)?.raster;
            let cut = |rect| cut(&raster, rect, side).map(|crop| Arc::new(Mipmap::single(&crop)));
            Ok(crops.into_iter().filter_map(|(key, rect)| Some((key, cut(rect)?))).collect())
        };
        let cut: Result<_, PixelError> = self.session.shared.pool.run(rank, cancel, work).await.or_failure()?;
        cut.or_failure()
    }
}

/// The part of a picture that shows a region, no longer than `side`.
fn cut(raster: &Raster, region: UnitRect, side: u16) -> Option<Raster> {
    let (width, height) = (raster.width(), raster.height());
    let frame = crop_frame(region, width as f32 / height as f32);
    let span = |from: f32, to: f32, length: u32| {
        let from = ((from * length as f32).round() as u32).min(length - 1);
        (from, ((to * length as f32).round() as u32).clamp(from + 1, length) - from)
    };
    let (left, width) = span(frame.left, frame.right(), width);
    let (top, height) = span(frame.top, frame.bottom(), height);
    let part = pixels::crop(raster, left, top, width, height)?;
    Some(pixels::scale_to_fit(part, u32::from(side)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crop_is_cut_around_its_region_and_no_larger_than_wanted() {
        let raster = Raster::new(400, 200, vec![9; 400 * 200 * 4]).expect("raster");
        let crop = cut(&raster, UnitRect::new(0.4, 0.4, 0.1, 0.2), 256).expect("crop");
        assert_eq!((crop.width(), crop.height()), (46, 46));
        let crop = cut(&raster, UnitRect::new(0.0, 0.0, 1.0, 1.0), 64).expect("crop");
        assert_eq!((crop.width(), crop.height()), (64, 32));
        assert!(cut(&raster, UnitRect::new(5.0, 5.0, 0.0, 0.0), 64).is_some(), "there is always something to see");
    }
}
