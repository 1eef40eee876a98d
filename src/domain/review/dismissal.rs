//! Which findings are dismissed, by the entries that dismissed or restored them: the last one in force counts.

use rustc_hash::FxHashMap;

use crate::checks::{Dismissed, FindingKey};

/// A finding that an entry dismissed or restored.
#[derive(Clone, Copy, Debug)]
struct Step {
    key: FindingKey,
    is_dismissed: bool,
    is_in_force: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Dismissals {
    steps: Vec<Step>,
    /// The places of a finding's steps, ascending.
    of: FxHashMap<FindingKey, Vec<u32>>,
    dismissed: Dismissed,
    /// Counts the changes.
    revision: u64,
}

impl Dismissals {
    /// Number of steps, in force or not.
    pub(super) fn len(&self) -> u32 {
        self.steps.len() as u32
    }

    /// Number of changes so far.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// What is dismissed now.
    pub(super) fn dismissed(&self) -> &Dismissed {
        &self.dismissed
    }

    /// Adds a step in force.
    pub(super) fn push(&mut self, key: FindingKey, is_dismissed: bool) {
        let place = self.len();
        self.steps.push(Step { key, is_dismissed, is_in_force: true });
        self.of.entry(key).or_default().push(place);
        self.settle(key);
    }

    /// The findings of the steps at these places.
    pub(super) fn keys(&self, places: std::ops::Range<u32>) -> impl Iterator<Item = FindingKey> {
        self.steps.get(places.start as usize..places.end as usize).unwrap_or_default().iter().map(|step| step.key)
    }

    /// Puts steps in force, or out of it.
    pub(super) fn set_in_force(&mut self, places: std::ops::Range<u32>, is_in_force: bool) {
        for place in places {
            let Some(step) = self.steps.get_mut(place as usize) else { return };
            step.is_in_force = is_in_force;
            let key = step.key;
            self.settle(key);
        }
    }

    /// Forgets all steps from this place on.
    pub(super) fn truncate(&mut self, from: u32) {
        for step in self.steps.split_off(from as usize) {
            if let Some(places) = self.of.get_mut(&step.key) {
                places.retain(|&place| place < from);
            }
            self.settle(step.key);
        }
    }

    /// Works out whether a finding is dismissed.
    fn settle(&mut self, key: FindingKey) {
        let places = self.of.get(&key).map_or(&[][..], Vec::as_slice);
        let in_force = places.iter().rev().map(|&place| self.steps[place as usize]).find(|step| step.is_in_force);
        let is_dismissed = in_force.is_some_and(|step| step.is_dismissed);
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
