//! Values in memory up to a number of bytes: the least recently used ones are dropped first.

use std::hash::Hash;

use lru::LruCache;
use rustc_hash::FxBuildHasher;

/// Each value is stored with its size in bytes.
pub struct ByteLru<K, V> {
    entries: LruCache<K, (V, usize), FxBuildHasher>,
    bytes: usize,
    max_bytes: usize,
}

impl<K: Hash + Eq, V> ByteLru<K, V> {
    pub fn new(max_bytes: usize) -> Self {
        Self { entries: LruCache::unbounded_with_hasher(FxBuildHasher), bytes: 0, max_bytes }
    }

    pub fn byte_count(&self) -> usize {
        self.bytes
    }

    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether `key` has a value; it does not count as use.
    pub fn contains(&self, key: &K) -> bool {
        self.entries.contains(key)
    }

    /// A value, used now.
    pub fn get(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key).map(|(value, _)| value)
    }

    /// A value; looking at it does not count as use.
    pub fn peek(&self, key: &K) -> Option<&V> {
        self.entries.peek(key).map(|(value, _)| value)
    }

    pub fn peek_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.peek_mut(key).map(|(value, _)| value)
    }

    /// Stores a value of `bytes`, used now, in place of the one before. Nothing is dropped until [`Self::trim`].
    pub fn put(&mut self, key: K, value: V, bytes: usize) {
        self.bytes += bytes;
        if let Some((_, before)) = self.entries.put(key, (value, bytes)) {
            self.bytes -= before;
        }
    }

    /// Changes the limit; [`Self::trim`] applies it.
    pub fn set_max_bytes(&mut self, max_bytes: usize) {
        self.max_bytes = max_bytes;
    }

    /// Drops the least recently used values until the rest is within the limit, `least` are left, or `may_drop` refuses
    /// one.
    pub fn trim(&mut self, least: usize, may_drop: impl Fn(&V) -> bool) {
        while self.bytes > self.max_bytes
            && self.entries.len() > least
            && self.entries.peek_lru().is_some_and(|(_, (value, _))| may_drop(value))
            && let Some((_, (_, bytes))) = self.entries.pop_lru()
        {
            self.bytes -= bytes;
        }
    }

    /// Gives each value the key that `renamed` says and drops those it has none for. The order of use stays.
    pub fn rekey(&mut self, renamed: impl Fn(K) -> Option<K>) {
        let limit = self.max_bytes;
        let mut before = std::mem::replace(self, Self::new(limit));
        while let Some((key, (value, bytes))) = before.entries.pop_lru() {
            if let Some(key) = renamed(key) {
                self.put(key, value, bytes);
            }
        }
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(store: &ByteLru<u32, char>) -> Vec<u32> {
        (0..10).filter(|key| store.contains(key)).collect()
    }

    #[test]
    fn the_least_recently_used_value_is_dropped_first() {
        let mut store = ByteLru::new(10);
        for key in 1..=2 {
            store.put(key, 'a', 4);
        }
        assert_eq!(store.get(&1).copied(), Some('a'));
        store.put(3, 'a', 4);
        assert_eq!((store.byte_count(), store.len()), (12, 3), "nothing is dropped before it is trimmed");
        store.trim(0, |_| true);
        assert_eq!(keys(&store), [1, 3]);
        store.put(3, 'b', 2);
        assert_eq!((store.byte_count(), store.peek(&3)), (6, Some(&'b')), "a new value replaces the old one");
        store.set_max_bytes(0);
        store.trim(0, |value| *value == 'a');
        assert_eq!(keys(&store), [3], "a protected value stays, whatever the limit");
        store.clear();
        assert_eq!((store.byte_count(), store.is_empty()), (0, true));
    }

    #[test]
    fn new_keys_keep_the_order_of_use() {
        let mut store = ByteLru::new(100);
        for key in 0..4 {
            store.put(key, 'a', 10);
        }
        store.rekey(|key| (key != 1).then_some(key + 5));
        assert_eq!((keys(&store), store.byte_count()), (vec![5, 7, 8], 30));
        store.set_max_bytes(20);
        store.trim(0, |_| true);
        assert_eq!(keys(&store), [7, 8]);
    }
}
