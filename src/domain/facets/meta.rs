//! Metadata as small numbers: a key has one, and so has each of its values, as long as there are not too many.

use rustc_hash::FxHashMap;

/// Keys that are distinguished.
const MOST_KEYS: usize = 64;
/// Values of a key that are distinguished.
const MOST_VALUES: usize = 400;

/// An entry of an image: the number of a key or of a value.
pub(super) type EntryId = u32;

#[derive(Clone, Debug, Default)]
pub(super) struct MetaTable {
    keys: Vec<MetaKey>,
    /// By every spelling met.
    spellings: FxHashMap<String, usize>,
    /// Numbers given out.
    entries: u32,
}

#[derive(Clone, Debug)]
pub(super) struct MetaKey {
    /// As first met.
    pub name: String,
    pub entry: EntryId,
    /// Each with its number; as first met.
    pub values: Vec<(String, EntryId)>,
    spellings: FxHashMap<String, EntryId>,
    /// There are too many values: none is counted.
    pub has_many: bool,
}

impl MetaTable {
    pub(super) fn keys(&self) -> &[MetaKey] {
        &self.keys
    }

    /// The key of a name, whatever its case.
    pub(super) fn key(&self, name: &str) -> Option<&MetaKey> {
        let folded = name.to_lowercase();
        self.keys.iter().find(|key| key.name.to_lowercase() == folded)
    }

    pub(super) fn entry_count(&self) -> usize {
        self.entries as usize
    }

    /// Adds the entries of a pair.
    pub(super) fn intern(&mut self, name: &str, value: &str, entries: &mut Vec<EntryId>) {
        let Some(at) = self.key_at(name) else { return };
        let key = &mut self.keys[at];
        entries.push(key.entry);
        if let Some(&entry) = key.spellings.get(value) {
            entries.push(entry);
            return;
        }
        if key.has_many {
            return;
        }
        let folded = value.to_lowercase();
        let known = key.values.iter().find(|(other, _)| other.to_lowercase() == folded).map(|&(_, entry)| entry);
        if known.is_none() && key.values.len() >= MOST_VALUES {
            key.has_many = true;
            key.values = Vec::new();
            key.spellings = FxHashMap::default();
            return;
        }
        let entry = known.unwrap_or_else(|| {
            self.entries += 1;
            key.values.push((value.to_owned(), self.entries - 1));
            self.entries - 1
        });
        // Spellings of one value are few: they differ in case alone.
        if key.spellings.len() < 2 * MOST_VALUES {
            key.spellings.insert(value.to_owned(), entry);
        }
        entries.push(entry);
    }

    fn key_at(&mut self, name: &str) -> Option<usize> {
        if let Some(&at) = self.spellings.get(name) {
            return Some(at);
        }
        let folded = name.to_lowercase();
        let at = match self.keys.iter().position(|key| key.name.to_lowercase() == folded) {
            Some(at) => at,
            None if self.keys.len() >= MOST_KEYS => return None,
            None => {
                let entry = self.entries;
                self.entries += 1;
                self.keys.push(MetaKey {
                    name: name.to_owned(),
                    entry,
                    values: Vec::new(),
                    spellings: FxHashMap::default(),
                    has_many: false,
                });
                self.keys.len() - 1
            }
        };
        if self.spellings.len() < 4 * MOST_KEYS {
            self.spellings.insert(name.to_owned(), at);
        }
        Some(at)
    }
}
