//! Where a label and a model disagree, and who is wrong there.

use std::ops::Range;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::Subject;
use super::steps::Steps;
use crate::catalogue::{Catalogue, ImageIx, RegionIx};
use crate::evaluation::JudgedItem;
use crate::geometry::UnitRect;
use crate::ids::{ImageId, TagId};
use crate::predictions::PredictionView;

/// Who is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Blame {
    /// The label, or that there is none.
    Label,
    /// The prediction, or that there is none.
    Model,
}

impl Blame {
    /// Both, in the order of menus.
    pub const ALL: [Self; 2] = [Self::Label, Self::Model];

    /// Its word in queries.
    pub fn name(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Model => "model",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Label => "The label is wrong",
            Self::Model => "The model is wrong",
        }
    }

    /// The same next to other words.
    pub fn short_label(self) -> &'static str {
        match self {
            Self::Label => "label wrong",
            Self::Model => "model wrong",
        }
    }
}

/// A prediction, or a label that no prediction agrees with, by a lasting name: a prediction has no id, so it goes by
/// its image, tag and place. A set that is loaded again, or another set with the same box, is decided about already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Dispute {
    Prediction {
        image: ImageId,
        tag: TagId,
        /// Left, top, width and height in ten-thousandths of the image; zeros where tags of whole images are predicted.
        place: [i32; 4],
    },
    Label(Subject),
}

impl Dispute {
    /// The name of a prediction or label of an image; `None` when it is of another catalogue, or a tag of a whole image
    /// that is not predicted.
    pub fn of(catalogue: &Catalogue, image: ImageIx, item: &JudgedItem) -> Option<Self> {
        match item.prediction {
            Some(one) => Self::from_prediction(catalogue, image, &one),
            None => Self::from_label(catalogue, image, item.region?),
        }
    }

    /// The name of a prediction on an image; `None` when it is of another catalogue.
    pub fn from_prediction(catalogue: &Catalogue, image: ImageIx, one: &PredictionView) -> Option<Self> {
        let is_known = one.tag.index() < catalogue.tags().len();
        let image = catalogue.get(image).filter(|_| is_known)?;
        Some(Self::prediction(image.id(), catalogue.tags().get(one.tag).id, one.rect))
    }

    /// The name of a label on an image; `None` when it is of another catalogue.
    pub fn from_label(catalogue: &Catalogue, image: ImageIx, region: RegionIx) -> Option<Self> {
        Some(Self::Label(Subject::region(catalogue.get(image)?.id(), catalogue.region(region)?.id)))
    }

    pub fn prediction(image: ImageId, tag: TagId, rect: UnitRect) -> Self {
        let place = [rect.left, rect.top, rect.width, rect.height].map(|side| (side * 10_000.0).round() as i32);
        Self::Prediction { image, tag, place }
    }

    pub fn image(&self) -> ImageId {
        match self {
            Self::Prediction { image, .. } => *image,
            Self::Label(subject) => subject.image,
        }
    }
}

/// Who is wrong where, by the entries that said so: the last one in force counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Blames {
    steps: Steps<Dispute, Option<Blame>>,
    now: FxHashMap<Dispute, Blame>,
    /// How many there are on an image.
    of_image: FxHashMap<ImageId, u32>,
    /// Counts the changes.
    revision: u64,
}

impl Blames {
    /// Number of steps, in force or not.
    pub(super) fn len(&self) -> u32 {
        self.steps.len()
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn push(&mut self, dispute: Dispute, blame: Option<Blame>) {
        self.steps.push(dispute, blame);
        self.update(dispute);
    }

    pub(super) fn keys(&self, places: Range<u32>) -> impl Iterator<Item = Dispute> {
        self.steps.keys(places)
    }

    /// What the step at a place says, in force or not.
    pub(super) fn value(&self, place: u32) -> Option<Blame> {
        self.steps.value(place).flatten()
    }

    pub(super) fn set_in_force(&mut self, places: Range<u32>, is_in_force: bool) {
        for place in places {
            let Some(dispute) = self.steps.set_in_force(place, is_in_force) else { return };
            self.update(dispute);
        }
    }

    pub(super) fn truncate(&mut self, from: u32) {
        for dispute in self.steps.truncate(from) {
            self.update(dispute);
        }
    }

    pub(super) fn of(&self, dispute: &Dispute) -> Option<Blame> {
        // Nearly all images have none, and a name costs more to look up than an id.
        self.of_image.contains_key(&dispute.image()).then(|| self.now.get(dispute).copied()).flatten()
    }

    /// Whether anything was decided about an image.
    pub(super) fn has(&self, image: ImageId) -> bool {
        self.of_image.contains_key(&image)
    }

    /// All that is decided, in the order of their names.
    pub(super) fn all(&self) -> Vec<(Dispute, Blame)> {
        let mut all: Vec<_> = self.now.iter().map(|(dispute, blame)| (*dispute, *blame)).collect();
        all.sort_unstable();
        all
    }

    fn update(&mut self, dispute: Dispute) {
        let now = self.steps.latest(&dispute).flatten();
        let before = match now {
            Some(blame) => self.now.insert(dispute, blame),
            None => self.now.remove(&dispute),
        };
        if before == now {
            return;
        }
        self.revision += 1;
        let image = dispute.image();
        match (before, now) {
            (None, Some(_)) => *self.of_image.entry(image).or_default() += 1,
            (Some(_), None) => {
                if let Some(count) = self.of_image.get_mut(&image) {
                    *count -= 1;
                    if *count == 0 {
                        self.of_image.remove(&image);
                    }
                }
            }
            _ => {}
        }
    }
}
