//! What people have decided about images and regions. Pure: where decisions are kept is the storage layer's.

use rustc_hash::{FxHashMap, FxHashSet};

use super::ids::{ImageId, RegionId};

/// A decision.
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

/// What a decision is about: an image, or one of its regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// The image.
    pub image: ImageId,
    /// The region; `None`: the image as a whole.
    pub region: Option<RegionId>,
}

/// All decisions of a project as they stand now. By id, so that they outlive a listing.
#[derive(Clone, Debug, Default)]
pub struct Reviews {
    verdicts: FxHashMap<Subject, Verdict>,
    comments: FxHashMap<ImageId, Vec<String>>,
    disagreements: FxHashSet<ImageId>,
}

impl Reviews {
    /// The decision about a subject.
    pub fn verdict(&self, subject: Subject) -> Option<Verdict> {
        self.verdicts.get(&subject).copied()
    }
    /// Comments on an image and its regions.
    pub fn comments(&self, image: ImageId) -> impl Iterator<Item = &str> {
        self.comments.get(&image).into_iter().flatten().map(String::as_str)
    }

    /// Number of comments on an image and its regions.
    pub fn comment_count(&self, image: ImageId) -> usize {
        self.comments(image).count()
    }

    /// Whether two reviewers decided differently about an image or one of its regions.
    pub fn has_disagreement(&self, image: ImageId) -> bool {
        self.disagreements.contains(&image)
    }
}
