//! Decoded originals, kept until others need the room: going back and forth between images decodes nothing twice.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::PictureInfo;
use domain::{ByteLru, ImageId, ProjectId};
use pixels::Pyramid;

/// A decoded original with its half-size levels.
pub(super) struct Original {
    pub(super) pyramid: Pyramid,
    /// Its index belongs to the session that decoded it.
    pub(super) info: PictureInfo,
}

type Place = (ProjectId, ImageId);

/// The least recently used ones are dropped first. One that is larger than the limit is kept alone.
pub(super) struct Originals {
    kept: Mutex<ByteLru<Place, Arc<Original>>>,
}

impl Originals {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { kept: Mutex::new(ByteLru::new(max_bytes)) }
    }

    fn lock(&self) -> MutexGuard<'_, ByteLru<Place, Arc<Original>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, place: Place) -> Option<Arc<Original>> {
        self.lock().get(&place).cloned()
    }

    pub(super) fn put(&self, place: Place, original: Arc<Original>) {
        let bytes = original.pyramid.byte_count();
        let mut kept = self.lock();
        kept.put(place, original, bytes);
        kept.trim(1, |_| true);
    }

    pub(super) fn set_max_bytes(&self, bytes: usize) {
        let mut kept = self.lock();
        kept.set_max_bytes(bytes);
        kept.trim(1, |_| true);
    }

    pub(super) fn byte_count(&self) -> usize {
        self.lock().byte_count()
    }

    /// Another project is open: nobody needs these again.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::PictureSource;
    use domain::{ImageIx, Raster};

    fn original(side: u32) -> Arc<Original> {
        let raster = Raster::new(side, side, vec![0; (side * side * 4) as usize]).expect("raster");
        let info = PictureInfo {
            ix: ImageIx(0),
            source: PictureSource::Original,
            width: side,
            height: side,
            bytes: 1,
            format: "PNG",
            is_turned: false,
            lacks_end: false,
        };
        Arc::new(Original { pyramid: Pyramid::new(raster, 512), info })
    }

    fn place(number: u128) -> Place {
        (ProjectId::default(), ImageId(uuid::Uuid::from_u128(number)))
    }

    #[test]
    fn the_least_used_goes_first_and_a_giant_stays_alone() {
        let originals = Originals::new(3 * 16 * 16 * 4);
        for number in 1..=3 {
            originals.put(place(number), original(16));
        }
        assert!(originals.get(place(1)).is_some());
        originals.put(place(4), original(16));
        assert!(originals.get(place(2)).is_none() && originals.get(place(1)).is_some());
        originals.put(place(5), original(100));
        assert!(originals.get(place(5)).is_some() && originals.get(place(1)).is_none());
        originals.put(place(5), original(16));
        assert_eq!(originals.byte_count(), 16 * 16 * 4);
    }
}
