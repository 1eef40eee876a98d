//! What the sample's iterations were trained on, which is not what the workspace has now: images that have been deleted
//! since, a tag that nobody used yet, one under its former name, boxes that were drawn later.

use super::kind::{Kind, TAGS};
use super::scene::Mark;

/// Trial photographs that were deleted again, older than every image that is there.
pub(super) const DELETED: usize = 3;

/// The first training or the second, which is the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Training {
    First,
    Second,
}

impl Training {
    /// From 1, the oldest.
    pub(super) fn number(self) -> u64 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    /// How many images it had, of a project that has `images` by now.
    pub(super) fn count(self, images: usize) -> usize {
        match self {
            Self::First => images * 3 / 5,
            Self::Second => images * 17 / 20,
        }
    }

    /// How many of the deleted images were there: the last ones.
    pub(super) fn deleted(self) -> usize {
        match self {
            Self::First => DELETED,
            Self::Second => 1,
        }
    }

    pub(super) fn has_tag(self, tag: usize) -> bool {
        self == Self::Second || tag != Kind::Label.tag()
    }

    pub(super) fn tag_name(self, tag: usize) -> &'static str {
        if self == Self::First && tag == Kind::SixPack.tag() { "six-pack" } else { TAGS[tag].name }
    }

    /// Of the boxes of an image those that were drawn, each with its place among those of now.
    pub(super) fn marks(self, image: usize, marks: &[Mark]) -> Vec<(usize, Mark)> {
        let is_unfinished = self == Self::Second && image % 11 == 3 && marks.len() > 1;
        let drawn = marks.len() - usize::from(is_unfinished);
        let marks = marks.iter().copied().enumerate().take(drawn);
        marks.filter(|(_, mark)| self.has_tag(mark.tag)).collect()
    }
}
