//! What was taken for what.

use std::collections::BTreeMap;

use crate::catalogue::TagIx;

/// How often a label of one tag was predicted as another; only what occurs is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion(BTreeMap<(Option<TagIx>, Option<TagIx>), u64>);

impl Confusion {
    /// Counts one more. `None` as the label: nothing is labeled there; as the prediction: nothing is predicted there.
    pub(super) fn add(&mut self, label: Option<TagIx>, prediction: Option<TagIx>) {
        *self.0.entry((label, prediction)).or_default() += 1;
    }

    pub fn count(&self, label: Option<TagIx>, prediction: Option<TagIx>) -> u64 {
        self.0.get(&(label, prediction)).copied().unwrap_or_default()
    }

    /// What occurs: label, prediction, how often.
    pub fn iter(&self) -> impl Iterator<Item = (Option<TagIx>, Option<TagIx>, u64)> + '_ {
        self.0.iter().map(|(&(label, prediction), &count)| (label, prediction, count))
    }

    /// A row for each of `tags` and one for "none", in each a column for each and one for "none".
    pub fn matrix(&self, tags: &[TagIx]) -> Vec<Vec<u64>> {
        let ends: Vec<Option<TagIx>> = tags.iter().copied().map(Some).chain([None]).collect();
        let row = |label: &Option<TagIx>| ends.iter().map(|prediction| self.count(*label, *prediction)).collect();
        ends.iter().map(row).collect()
    }
}

impl FromIterator<((Option<TagIx>, Option<TagIx>), u64)> for Confusion {
    fn from_iter<T: IntoIterator<Item = ((Option<TagIx>, Option<TagIx>), u64)>>(counts: T) -> Self {
        Self(counts.into_iter().collect())
    }
}
