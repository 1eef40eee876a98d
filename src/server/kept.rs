//! Files kept in memory up to a number of bytes, the least used go first.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use domain::ByteLru;

pub(super) struct Kept<K: Hash + Eq>(Mutex<ByteLru<K, Bytes>>);

impl<K: Hash + Eq> Kept<K> {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self(Mutex::new(ByteLru::new(max_bytes)))
    }

    pub(super) fn get(&self, key: &K) -> Option<Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Keeps a file, unless it alone is too large.
    pub(super) fn put(&self, key: K, file: Bytes) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = file.len();
        if bytes <= files.max_bytes() {
            files.put(key, file, bytes);
            files.trim(0, |_| true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_used_goes_first() {
        let kept = Kept::new(10);
        let file = |length: usize| Bytes::from(vec![0_u8; length]);
        kept.put(1, file(4));
        kept.put(2, file(4));
        assert!(kept.get(&1).is_some());
        kept.put(3, file(4));
        assert!(kept.get(&2).is_none() && kept.get(&1).is_some() && kept.get(&3).is_some());
        kept.put(4, file(11));
        assert!(kept.get(&4).is_none() && kept.get(&3).is_some());
        kept.put(3, file(2));
        kept.put(5, file(4));
        assert!(kept.get(&1).is_some() && kept.get(&3).is_some() && kept.get(&5).is_some());
    }
}
