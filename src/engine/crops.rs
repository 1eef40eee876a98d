//! Crops for the region wall, and the effects of [`app::wall`]. There is one set of wishes and it is replaced as a
//! whole, as that of the thumbnails. A picture is decoded once for all its wanted crops; what scrolled away ends with its
//! token, whether it waits, downloads or decodes. Orders and comparisons are `ordering`'s and `comparing`'s.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::core::Core;
use super::guard::guarded;
use super::opening::Opening;
use super::pool::{Class, Rank};
use super::sent::Sent;
use super::{comparing, ordering};
use crate::failure::OrFailure as _;
use app::wall::{CropWish, WallEffect};
use app::{Failure, PixelKey};
use domain::wall::crop_frame;
use domain::{BlobKind, ImageId, Mipmap, Raster, RegionIx, UnitRect};
use pixels::{self, DecodeRequest};

/// Images under way at once.
pub(super) const WORKERS: usize = 6;
/// Longest side of the picture that crops are cut from: that of the service's resized pictures.
const PICTURE_SIDE: u32 = 1_600;

#[derive(Default)]
pub(super) struct Crops {
    state: Mutex<State>,
    more: Notify,
}

#[derive(Default)]
struct State {
    pending: VecDeque<(CropWish, Rank)>,
    flights: FxHashMap<u64, Flight>,
    /// Number of the last flight.
    number: u64,
    sent: Sent,
}

/// The crops of one image, under way.
struct Flight {
    image: ImageId,
    keys: FxHashSet<PixelKey>,
    cancel: CancellationToken,
}

impl Crops {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Images that are under way or wait: their addresses are as old as one another.
    fn wanted(&self) -> Vec<ImageId> {
        let state = self.lock();
        let under_way = state.flights.values().map(|flight| flight.image);
        under_way.chain(state.pending.iter().map(|(wish, _)| wish.id)).collect()
    }
}

/// Begins one effect for the open project.
pub(super) fn run(core: &Arc<Core>, opening: &Arc<Opening>, effect: WallEffect) {
    match effect {
        WallEffect::Order { request, catalogue, basis } => ordering::order(core, opening, request, catalogue, basis),
        WallEffect::Compare { catalogue, images, only } => comparing::compare(opening, catalogue, images, only),
        WallEffect::StopComparing => comparing::stop(opening),
        WallEffect::WantCrops(wishes) => want(opening, wishes),
    }
}

fn key_of(region: RegionIx, side: u16) -> PixelKey {
    PixelKey::Crop { region, side }
}

/// Replaces the wishes.
fn want(opening: &Opening, mut wishes: Vec<CropWish>) {
    let epoch = opening.shared.next_epoch();
    let keys = |wish: &CropWish| {
        let side = wish.side;
        wish.regions.iter().map(|&(region, _)| key_of(region, side)).collect::<Vec<_>>()
    };
    let wanted: FxHashSet<PixelKey> = wishes.iter().flat_map(keys).collect();
    let mut state = opening.crops.lock();
    state.flights.retain(|_, flight| {
        let is_wanted = flight.keys.iter().any(|key| wanted.contains(key));
        if !is_wanted {
            flight.cancel.cancel();
        }
        is_wanted
    });
    state.sent.forget_unless(|key| wanted.contains(key));
    let mut seen: FxHashSet<PixelKey> = state.flights.values().flat_map(|flight| flight.keys.iter().copied()).collect();
    for wish in &mut wishes {
        let side = wish.side;
        wish.regions.retain(|&(region, _)| {
            let key = key_of(region, side);
            seen.insert(key) && !state.sent.contains(&key) && !opening.shared.inbox.has_pixels(opening.generation, key)
        });
    }
    let ranked = wishes.into_iter().enumerate().filter(|(_, wish)| !wish.regions.is_empty());
    state.pending = ranked.map(|(place, wish)| (wish, Rank::new(Class::Thumb, epoch, place))).collect();
    drop(state);
    opening.crops.more.notify_waiters();
}

/// Meets wishes until the opening ends. Sleeps while there are none.
pub(super) async fn work(opening: Arc<Opening>) {
    loop {
        let more = opening.crops.more.notified();
        tokio::pin!(more);
        // Before looking, so that a wish that comes just after is not slept through.
        more.as_mut().enable();
        let Some((number, wish, rank, cancel)) = next(&opening) else {
            tokio::select! {
                () = opening.cancel.cancelled() => return,
                () = more => continue,
            }
        };
        let result = tokio::select! {
            biased;
            () = cancel.cancelled() => continue,
            result = Box::pin(guarded(meet(&opening, &wish, rank, &cancel))) => result,
        };
        deliver(&opening, number, &wish, result, &cancel).await;
    }
}

fn next(opening: &Opening) -> Option<(u64, CropWish, Rank, CancellationToken)> {
    let mut state = opening.crops.lock();
    if opening.cancel.is_cancelled() {
        return None;
    }
    let (wish, rank) = state.pending.pop_front()?;
    let cancel = opening.cancel.child_token();
    state.number += 1;
    let number = state.number;
    let keys = wish.regions.iter().map(|&(region, _)| key_of(region, wish.side)).collect();
    state.flights.insert(number, Flight { image: wish.id, keys, cancel: cancel.clone() });
    Some((number, wish, rank, cancel))
}

type Cut = Vec<(RegionIx, Arc<Mipmap>)>;

async fn deliver(
    opening: &Opening,
    number: u64,
    wish: &CropWish,
    result: Result<Cut, Failure>,
    cancel: &CancellationToken,
) {
    let inbox = &opening.shared.inbox;
    match result {
        Ok(cut) => {
            for (region, picture) in cut {
                let key = key_of(region, wish.side);
                let bytes = picture.byte_count();
                if !inbox.post_pixels(opening.generation, key, Ok(picture), cancel).await {
                    break;
                }
                opening.crops.lock().sent.remember(key, bytes);
            }
            opening.crops.lock().flights.remove(&number);
        }
        Err(failure) => {
            // Taken off the list first, so that whoever hears of the failure can ask for a retry at once.
            opening.crops.lock().flights.remove(&number);
            for &(region, _) in &wish.regions {
                let key = key_of(region, wish.side);
                inbox.post_pixels(opening.generation, key, Err(failure.clone()), cancel).await;
            }
        }
    }
}

async fn meet(opening: &Opening, wish: &CropWish, rank: Rank, cancel: &CancellationToken) -> Result<Cut, Failure> {
    let blobs = &opening.blobs;
    let wanted = || opening.crops.wanted();
    let bytes = if blobs.source.is_archive() {
        blobs.bytes(wish.id, BlobKind::Original, None, Vec::new).await?
    } else if wish.resized.is_none() && wish.original.is_some() {
        // A picture that was never resized may be listed under its original address alone.
        blobs.bytes(wish.id, BlobKind::Original, wish.original.as_ref(), wanted).await?
    } else {
        blobs.bytes(wish.id, BlobKind::Resized, wish.resized.as_ref(), wanted).await?
    };
    let limits = opening.shared.limits;
    let CropWish { listed_size, side, .. } = *wish;
    let regions = wish.regions.clone();
    let work = move || {
        let request = DecodeRequest { listed_size, max_side: Some(PICTURE_SIDE) };
        let raster = pixels::decode_within(&bytes, request, &limits)?.raster;
        let cut = |rect| cut(&raster, rect, side).map(|crop| Arc::new(Mipmap::single(&crop)));
        Ok(regions.into_iter().filter_map(|(region, rect)| Some((region, cut(rect)?))).collect())
    };
    let cut = opening.shared.pool.run(rank, cancel, work).await.or_failure()?;
    cut.or_failure()
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
