//! Which findings are dismissed, by the entries that dismissed or restored them: the last one in force counts.

use super::steps::Steps;
use crate::checks::{Dismissed, FindingKey};

#[derive(Clone, Debug, Default)]
pub(super) struct Dismissals {
    steps: Steps<FindingKey, bool>,
    dismissed: Dismissed,
    /// Counts the changes.
    revision: u64,
}

impl Dismissals {
    /// Number of steps, in force or not.
    pub(super) fn len(&self) -> u32 {
        self.steps.len()
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn dismissed(&self) -> &Dismissed {
        &self.dismissed
    }

    /// Adds a step in force.
    pub(super) fn push(&mut self, key: FindingKey, is_dismissed: bool) {
        self.steps.push(key, is_dismissed);
        self.settle(key);
    }

    pub(super) fn keys(&self, places: std::ops::Range<u32>) -> impl Iterator<Item = FindingKey> {
        self.steps.keys(places)
    }

    pub(super) fn set_in_force(&mut self, places: std::ops::Range<u32>, is_in_force: bool) {
        for place in places {
            let Some(key) = self.steps.set_in_force(place, is_in_force) else { return };
            self.settle(key);
        }
    }

    pub(super) fn truncate(&mut self, from: u32) {
        for key in self.steps.truncate(from) {
            self.settle(key);
        }
    }

    /// Works out whether a finding is dismissed.
    fn settle(&mut self, key: FindingKey) {
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
