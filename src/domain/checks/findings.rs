//! All findings of a project as far as they are known, by image, and which ones were dismissed. Bounded: a project with
//! too many findings is described by its first half million findings and the number of the rest.

use std::ops::Range;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::finding::{Facts, Finding};
use super::twins::TwinLabels;
use super::{CheckKind, CheckSet};
use crate::catalogue::{Catalogue, ImageIx, RegionIx, TagIx};
use crate::ids::ImageId;

/// Findings that are kept.
const MOST: usize = 500_000;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownFinding {
    pub finding: Finding,
    pub is_dismissed: bool,
}

/// Dismissed ones are kept but not counted.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// By image, those without one last; then by kind.
    list: Vec<KnownFinding>,
    /// By image: the kinds, and how many.
    images: Vec<(CheckSet, u32)>,
    counts: [u32; CheckKind::ALL.len()],
    dismissed: u32,
    left_out: u64,
}

fn order(known: &KnownFinding) -> (u32, CheckKind) {
    (known.finding.image.map_or(u32::MAX, |ix| ix.0), known.finding.kind())
}

impl Findings {
    pub fn kinds(&self, image: ImageIx) -> CheckSet {
        self.images.get(image.index()).map_or_else(CheckSet::default, |entry| entry.0)
    }

    pub fn count(&self, image: ImageIx) -> u32 {
        self.images.get(image.index()).map_or(0, |entry| entry.1)
    }

    pub fn count_of(&self, kind: CheckKind) -> u32 {
        self.counts[kind as usize]
    }

    pub fn len(&self) -> usize {
        self.list.len() - self.dismissed as usize
    }

    /// Whether nothing was found that is not dismissed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn dismissed_count(&self) -> u32 {
        self.dismissed
    }

    /// Number of findings for which there was no more room.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// All, by image and kind; those that are about no image come last.
    pub fn iter(&self) -> impl Iterator<Item = &KnownFinding> {
        self.list.iter()
    }

    fn range(&self, image: u32) -> Range<usize> {
        let start = self.list.partition_point(|known| order(known).0 < image);
        let count = self.list[start..].partition_point(|known| order(known).0 == image);
        start..start + count
    }

    /// Those on an image, dismissed ones too.
    pub fn of(&self, image: ImageIx) -> &[KnownFinding] {
        &self.list[self.range(image.0)]
    }

    /// Adds findings; `is_dismissed` is called for each.
    pub fn add(&mut self, found: Vec<Finding>, is_dismissed: impl Fn(&Finding) -> bool) {
        let room = MOST.saturating_sub(self.list.len());
        self.left_out += found.len().saturating_sub(room) as u64;
        let from = self.list.len();
        for finding in found.into_iter().take(room) {
            let known = KnownFinding { finding, is_dismissed: is_dismissed(&finding) };
            self.list.push(known);
            self.note(known);
        }
        // Findings of a listing come in its order; what is found at its end is merged in.
        let from = from.saturating_sub(1);
        if !self.list[from..].is_sorted_by_key(order) {
            self.list.sort_by_key(order);
        }
    }

    fn note(&mut self, known: KnownFinding) {
        if known.is_dismissed {
            self.dismissed += 1;
            return;
        }
        let kind = known.finding.kind();
        self.counts[kind as usize] += 1;
        if let Some(image) = known.finding.image {
            if self.images.len() <= image.index() {
                self.images.resize(image.index() + 1, Default::default());
            }
            let entry = &mut self.images[image.index()];
            entry.0.insert(kind);
            entry.1 += 1;
        }
    }

    /// Forgets all of some kinds, before they are looked for again.
    pub fn forget(&mut self, kinds: CheckSet) {
        self.list.retain(|known| !kinds.contains(known.finding.kind()));
        self.count_again();
    }

    /// Forgets some kinds on one image, before it is looked at again.
    pub fn forget_on(&mut self, image: ImageIx, kinds: CheckSet) {
        let is_one = |known: &KnownFinding| known.finding.image == Some(image) && kinds.contains(known.finding.kind());
        if self.of(image).iter().any(is_one) {
            self.list.retain(|known| !is_one(known));
            self.count_again();
        }
    }

    /// Asks again which ones are dismissed.
    pub fn dismiss_again(&mut self, is_dismissed: impl Fn(&Finding) -> bool) {
        for known in &mut self.list {
            known.is_dismissed = is_dismissed(&known.finding);
        }
        self.count_again();
    }

    fn count_again(&mut self) {
        self.images.clear();
        self.counts = Default::default();
        self.dismissed = 0;
        for at in 0..self.list.len() {
            self.note(self.list[at]);
        }
    }
}

/// Dismissals that are kept; beyond this the oldest ones are forgotten.
const MOST_DISMISSED: usize = 100_000;

/// Stands behind two images whose boxes differ. An older dismissal of such a pair only said that they are
/// nearly the same, and not, as earlier versions could not see it, that one of them is labeled wrong: that is a finding
/// of its own. Without the ids of the boxes, so that it stays dismissed with other thresholds.
const OTHER_BOXES: Uuid = Uuid::max();

/// The lasting identity of a finding, by the ids of the service: what was dismissed stays so when the project is listed
/// again, in whatever order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FindingKey {
    kind: CheckKind,
    /// What it is about: image and regions, two images, an image and a tag, or two tags; the rest is nil. Two images
    /// whose boxes differ are followed by [`OTHER_BOXES`].
    ids: [Uuid; 3],
}

impl FindingKey {
    pub fn kind(&self) -> CheckKind {
        self.kind
    }

    /// The images that it is about: one, two that are nearly the same, or none for a finding about tags.
    pub fn images(&self) -> impl Iterator<Item = ImageId> + use<> {
        let count = match self.kind {
            CheckKind::Duplicate => 2,
            CheckKind::TagName => 0,
            _ => 1,
        };
        self.ids.into_iter().take(count).filter(|id| !id.is_nil()).map(ImageId)
    }
}

impl Finding {
    /// Its lasting identity; `None` when it is of another catalogue.
    pub fn key(&self, catalogue: &Catalogue) -> Option<FindingKey> {
        let image = match self.image {
            Some(ix) => catalogue.get(ix)?.id().0,
            None => Uuid::nil(),
        };
        let region = |ix: RegionIx| catalogue.region(ix).map(|region| region.id.0);
        let tag = |ix: TagIx| (ix.index() < catalogue.tags().len()).then(|| catalogue.tags().get(ix).id.0);
        let in_order = |a: Uuid, b: Uuid| if a <= b { [a, b] } else { [b, a] };
        let ids = match (self.facts, self.regions, self.tags) {
            (Facts::Duplicate { other, labels, .. }, ..) => {
                let [a, b] = in_order(image, catalogue.get(other)?.id().0);
                let is_of_boxes = matches!(labels, TwinLabels::OtherBoxes(_));
                [a, b, if is_of_boxes { OTHER_BOXES } else { Uuid::nil() }]
            }
            (Facts::TagName { .. }, _, [Some(a), Some(b)]) => {
                let [a, b] = in_order(tag(a)?, tag(b)?);
                [a, b, Uuid::nil()]
            }
            (Facts::RareTag, _, [Some(rare), _]) => [image, tag(rare)?, Uuid::nil()],
            (_, [Some(a), Some(b)], _) => {
                let [a, b] = in_order(region(a)?, region(b)?);
                [image, a, b]
            }
            (_, [Some(a), None], _) => [image, region(a)?, Uuid::nil()],
            _ => [image, Uuid::nil(), Uuid::nil()],
        };
        Some(FindingKey { kind: self.kind(), ids })
    }
}

/// What the user has looked at and called no problem, in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<FindingKey>", into = "Vec<FindingKey>")]
pub struct Dismissed {
    order: Vec<FindingKey>,
    set: FxHashSet<FindingKey>,
}

impl From<Vec<FindingKey>> for Dismissed {
    fn from(keys: Vec<FindingKey>) -> Self {
        let mut dismissed = Self::default();
        keys.into_iter().for_each(|key| dismissed.insert(key));
        dismissed
    }
}

impl From<Dismissed> for Vec<FindingKey> {
    fn from(dismissed: Dismissed) -> Self {
        dismissed.order
    }
}

impl Dismissed {
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn contains(&self, key: &FindingKey) -> bool {
        self.set.contains(key)
    }

    /// Whether the same findings are dismissed, in whatever order.
    pub fn is_same_set(&self, other: &Self) -> bool {
        self.set == other.set
    }

    pub fn insert(&mut self, key: FindingKey) {
        if !self.set.insert(key) {
            return;
        }
        self.order.push(key);
        if self.order.len() > MOST_DISMISSED {
            let forgotten = self.order.remove(0);
            self.set.remove(&forgotten);
        }
    }

    pub fn remove(&mut self, key: &FindingKey) {
        if self.set.remove(key) {
            self.order.retain(|other| other != key);
        }
    }

    pub fn last(&self) -> Option<FindingKey> {
        self.order.last().copied()
    }
}
