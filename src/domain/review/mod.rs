//! What people have decided about images and regions. Pure: where decisions are kept is the storage layer's.
//!
//! A [`Decision`] is one entry of an append-only journal; [`Reviews`] is what all entries come to. An undo is an entry
//! too, which names the one that it undoes. Everything goes by id, so that decisions outlive a listing.
//!
//! Verdicts, comments, imports, dismissed findings and who is wrong about a prediction are entries of the same journal.
//! That gives them one history: an undo takes back the last entry of any kind that is in force, and a restart changes
//! nothing about it.

mod chain;
mod decision;
mod dispute;
mod progress;
mod reviews;
mod rows;
mod steps;
mod survey;
#[cfg(test)]
mod tests;

use super::ids::{ImageId, RegionId};

pub use decision::{
    Comment, Decision, DecisionKind, DecisionSummary, ImageReview, Opinion, Review, ReviewRow, Statement,
};
pub use dispute::{Blame, Dispute};
pub use progress::ReviewProgress;
pub use reviews::{DecisionError, Reviews};
pub use survey::{Agreement, ReviewCount, ReviewerTotal, SharedDecisions, Survey, TagSurvey};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// The labels are right.
    Accepted,
    /// The labels are wrong.
    Rejected,
    /// Somebody is to look again.
    Flagged,
    /// Nothing is there, and that is right.
    Negative,
}

impl Verdict {
    /// All of them, in the order of their buttons.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Rejected, Self::Flagged, Self::Negative];

    /// Its word in files and queries.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Flagged => "flagged",
            Self::Negative => "negative",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::Rejected => "Rejected",
            Self::Flagged => "Flagged",
            Self::Negative => "Confirmed negative",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word)
    }

    /// How much it asks for attention: of several regions' verdicts the gravest stands for the image.
    pub fn gravity(self) -> u8 {
        match self {
            Self::Rejected => 3,
            Self::Flagged => 2,
            Self::Negative => 1,
            Self::Accepted => 0,
        }
    }
}

/// What a decision is about: an image, or one of its regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    pub image: ImageId,
    /// The region; `None`: the image as a whole.
    pub region: Option<RegionId>,
}

impl Subject {
    pub fn image(image: ImageId) -> Self {
        Self { image, region: None }
    }

    pub fn region(image: ImageId, region: RegionId) -> Self {
        Self { image, region: Some(region) }
    }
}
