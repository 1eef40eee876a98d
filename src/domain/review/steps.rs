//! What entries have said of things, step by step, such as which findings are dismissed: of those in force the last one
//! counts.

use std::hash::Hash;
use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::checks::{Dismissed, FindingKey};

/// What an entry has said of one thing.
#[derive(Clone, Copy, Debug)]
struct Step<K, V> {
    key: K,
    value: V,
    is_in_force: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Steps<K, V> {
    steps: Vec<Step<K, V>>,
    /// The places of a thing's steps, ascending.
    of: FxHashMap<K, Vec<u32>>,
}

impl<K, V> Default for Steps<K, V> {
    fn default() -> Self {
        Self { steps: Vec::new(), of: FxHashMap::default() }
    }
}

impl<K: Copy + Eq + Hash, V: Copy> Steps<K, V> {
    /// Number of steps, in force or not.
    pub(super) fn len(&self) -> u32 {
        self.steps.len() as u32
    }

    /// Adds a step in force.
    pub(super) fn push(&mut self, key: K, value: V) {
        let place = self.len();
        self.steps.push(Step { key, value, is_in_force: true });
        self.of.entry(key).or_default().push(place);
    }

    /// The things of the steps at these places.
    pub(super) fn keys(&self, places: Range<u32>) -> impl Iterator<Item = K> {
        self.steps.get(places.start as usize..places.end as usize).unwrap_or_default().iter().map(|step| step.key)
    }

    /// What the step at a place says, in force or not.
    pub(super) fn value(&self, place: u32) -> Option<V> {
        self.steps.get(place as usize).map(|step| step.value)
    }

    /// Puts the step at a place in force, or out of it; what it is about.
    pub(super) fn set_in_force(&mut self, place: u32, is_in_force: bool) -> Option<K> {
        let step = self.steps.get_mut(place as usize)?;
        step.is_in_force = is_in_force;
        Some(step.key)
    }

    /// Forgets all steps from this place on; what they were about.
    pub(super) fn truncate(&mut self, from: u32) -> Vec<K> {
        let gone = self.steps.split_off((from as usize).min(self.steps.len()));
        for step in &gone {
            if let Some(places) = self.of.get_mut(&step.key) {
                places.retain(|&place| place < from);
            }
        }
        gone.into_iter().map(|step| step.key).collect()
    }

    /// What counts of a thing.
    pub(super) fn latest(&self, key: &K) -> Option<V> {
        let places = self.of.get(key)?;
        let in_force = places.iter().rev().map(|&place| &self.steps[place as usize]).find(|step| step.is_in_force);
        in_force.map(|step| step.value)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Dismissals {
    steps: Steps<FindingKey, bool>,
    dismissed: Dismissed,
    /// Counts the changes.
    revision: u64,
}

impl Dismissals {
    pub(super) fn len(&self) -> u32 {
        self.steps.len()
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn dismissed(&self) -> &Dismissed {
        &self.dismissed
    }

    pub(super) fn push(&mut self, key: FindingKey, is_dismissed: bool) {
        self.steps.push(key, is_dismissed);
        self.update(key);
    }

    pub(super) fn keys(&self, places: Range<u32>) -> impl Iterator<Item = FindingKey> {
        self.steps.keys(places)
    }

    pub(super) fn set_in_force(&mut self, places: Range<u32>, is_in_force: bool) {
        for place in places {
            let Some(key) = self.steps.set_in_force(place, is_in_force) else { return };
            self.update(key);
        }
    }

    pub(super) fn truncate(&mut self, from: u32) {
        for key in self.steps.truncate(from) {
            self.update(key);
        }
    }

    /// Works out whether a finding is dismissed.
    fn update(&mut self, key: FindingKey) {
        let is_dismissed = self.steps.latest(&key) == Some(true);
        if is_dismissed == self.dismissed.contains(&key) {
            return;
        }
        match is_dismissed {
            true => self.dismissed.insert(key),
            false => self.dismissed.remove(&key),
        }
        self.revision += 1;
    }
}
