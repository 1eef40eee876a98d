//! The lasting identity of a finding, by the ids of the service: what was dismissed stays so when the project is listed
//! again, in whatever order.

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::CheckKind;
use super::finding::{Facts, Finding};
use super::twins::TwinLabels;
use crate::catalogue::{Catalogue, RegionIx, TagIx};
use crate::ids::ImageId;

/// Dismissals that are kept; beyond this the oldest ones are forgotten.
const MOST_DISMISSED: usize = 100_000;

/// Stands behind two images whose boxes differ. An older dismissal of such a pair only said that they are
/// nearly the same, and not, as earlier versions could not see it, that one of them is labeled wrong: that is a finding
/// of its own. Without the ids of the boxes, so that it stays dismissed with other thresholds.
const OTHER_BOXES: Uuid = Uuid::max();

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FindingKey {
    kind: CheckKind,
    /// What it is about: image and regions, two images, an image and a tag, or two tags; the rest is nil. Two images whose
    /// boxes differ are followed by [`OTHER_BOXES`].
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
        let tag = |ix: TagIx| (ix.at() < catalogue.tags().len()).then(|| catalogue.tags().get(ix).id.0);
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
