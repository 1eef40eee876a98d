//! Decisions that are not on the disk yet, of whatever opening: the program does not end without asking while there are some.

use std::collections::BTreeSet;

/// The decisions, by opening and number.
#[derive(Clone, Debug, Default)]
pub struct Unsaved(BTreeSet<(u64, u64)>);

impl Unsaved {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether everything is on the disk.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A decision of an opening is on its way.
    pub(crate) fn begin(&mut self, generation: u64, number: u64) {
        self.0.insert((generation, number));
    }

    /// Everything up to this decision of an opening is on the disk.
    pub(crate) fn kept(&mut self, generation: u64, up_to: u64) {
        self.0.retain(|&(of, number)| of != generation || number > up_to);
    }

    /// This decision of an opening and all later ones could not be kept; how many they are.
    pub(crate) fn failed(&mut self, generation: u64, from: u64) -> usize {
        let before = self.0.len();
        self.0.retain(|&(of, number)| of != generation || number < from);
        before - self.0.len()
    }
}
