//! Pixels that were delivered and are still wished for: a wish that was met is not met again. Beyond a number of bytes the
//! window may have dropped the oldest, so these may be asked for again.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use app::PixelKey;

/// Bytes of pixels that are remembered.
const REMEMBERED_BYTES: usize = 128 << 20;

/// See the [module's words](self).
#[derive(Default)]
pub(super) struct Sent {
    keys: FxHashSet<PixelKey>,
    /// In the order of delivery.
    order: VecDeque<(PixelKey, usize)>,
    bytes: usize,
}

impl Sent {
    pub(super) fn contains(&self, key: &PixelKey) -> bool {
        self.keys.contains(key)
    }

    /// What is no longer wished for is forgotten.
    pub(super) fn forget_unless(&mut self, keep: impl Fn(&PixelKey) -> bool) {
        let Self { keys, order, bytes } = self;
        order.retain(|(key, size)| {
            let is_kept = keep(key);
            if !is_kept {
                keys.remove(key);
                *bytes -= size;
            }
            is_kept
        });
    }

    pub(super) fn remember(&mut self, key: PixelKey, size: usize) {
        if !self.keys.insert(key) {
            return;
        }
        self.order.push_back((key, size));
        self.bytes += size;
        while self.bytes > REMEMBERED_BYTES
            && let Some((oldest, size)) = self.order.pop_front()
        {
            self.keys.remove(&oldest);
            self.bytes -= size;
        }
    }
}
