//! What has changed about the list of shown images since it was requested. Once somebody has decided something that it hangs
//! on, or that is next to findings it hangs on, the list stays as it is: no image leaves, joins or moves while they work,
//! whether by a decision, a finding or a new listing. This counts what would; asking again makes it so.

use domain::ImageIx;

/// Where an image would be if the list were requested now, where that is elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListChange {
    /// It is shown and no longer let through.
    Goes,
    /// It is let through and not shown.
    Comes,
    /// It is shown, and is at another place of the order.
    Moves,
}

/// An image as it was when the list was requested, or when it arrived.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SeenImage {
    pub(super) is_shown: bool,
    /// What the order goes by, where that is the state of review or the number of findings.
    pub(super) rank: u32,
    pub(super) shift: Option<ListChange>,
}

/// How the list differs from what it would be now. Empty where it hangs on no decision and no finding.
#[derive(Clone, Debug, Default)]
pub struct Outdated {
    /// By image, as far as they have been looked at.
    pub(super) seen: Vec<SeenImage>,
    counts: [usize; 3],
}

impl Outdated {
    /// Images that have been looked at, none of which would leave, join or move.
    pub(super) fn new(seen: Vec<SeenImage>) -> Self {
        Self { seen, ..Self::default() }
    }

    /// Whether the list is what it would be now.
    pub fn is_empty(&self) -> bool {
        self.counts == [0; 3]
    }

    /// Number of images that would leave, join or move.
    pub fn count(&self) -> usize {
        self.counts.iter().sum()
    }

    /// What it comes to, in words: `3 decided images are no longer in this list`.
    pub fn words(&self) -> String {
        let images = |count: usize| super::words::count(count as u64, "image", "images");
        let verb = |count: usize, one: &'static str, many: &'static str| if count == 1 { one } else { many };
        match self.counts {
            [0, 0, 0] => String::new(),
            [goes, 0, 0] => {
                let (images, verb) = (images(goes), verb(goes, "belongs", "belong"));
                format!("{images} no longer {verb} in this list")
            }
            [0, comes, 0] => format!("{} now {} in this list", images(comes), verb(comes, "belongs", "belong")),
            [0, 0, moves] => {
                format!("{} now {} elsewhere in this list", images(moves), verb(moves, "belongs", "belong"))
            }
            _ => format!("{} would be removed from, added to or moved in this list", images(self.count())),
        }
    }

    /// Whether somebody has decided since the list was requested, so that it is to stay as it is.
    pub(super) fn is_held(&self) -> bool {
        !self.seen.is_empty()
    }

    /// The list has been requested again.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Notes where an image would be now.
    pub(super) fn set(&mut self, ix: ImageIx, shift: Option<ListChange>) {
        let Some(seen) = self.seen.get_mut(ix.index()) else { return };
        let before = std::mem::replace(&mut seen.shift, shift);
        if let Some(before) = before {
            self.counts[before as usize] -= 1;
        }
        if let Some(shift) = shift {
            self.counts[shift as usize] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_image_counts_once_and_is_told() {
        let mut outdated = Outdated { seen: vec![SeenImage::default(); 3], ..Outdated::default() };
        assert!(outdated.is_empty() && outdated.words().is_empty());
        outdated.set(ImageIx(0), Some(ListChange::Goes));
        outdated.set(ImageIx(0), Some(ListChange::Goes));
        assert_eq!(outdated.words(), "1 image no longer belongs in this list");
        outdated.set(ImageIx(1), Some(ListChange::Comes));
        assert_eq!(
            (outdated.count(), outdated.words().as_str()),
            (2, "2 images would be removed from, added to or moved in this list")
        );
        outdated.set(ImageIx(0), None);
        outdated.set(ImageIx(2), Some(ListChange::Comes));
        assert_eq!(outdated.words(), "2 images now belong in this list");
        outdated.set(ImageIx(9), Some(ListChange::Moves));
        assert_eq!(outdated.count(), 2, "one that nobody has looked at");
    }
}
