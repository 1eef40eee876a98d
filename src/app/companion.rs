//! Which image another one is compared with from a menu: the pinned one, else another selected one.

use super::state::Opened;
use super::view::View;
use domain::ImageIx;

/// Selected crops of the wall that are looked at; each costs a walk through its order.
const MOST_CROPS: usize = 8;

/// What an image is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Companion {
    Pinned(ImageIx),
    /// Another selected one, the next in the order of the list.
    Selected(ImageIx),
}

impl Companion {
    pub fn ix(self) -> ImageIx {
        match self {
            Self::Pinned(ix) | Self::Selected(ix) => ix,
        }
    }
}

impl Opened {
    /// What an image is compared with; `None`: nothing is pinned, and no other image is selected.
    pub fn companion(&self, ix: ImageIx) -> Option<Companion> {
        let is_other = |other: &ImageIx| *other != ix && self.catalogue.get(*other).is_some();
        let pinned = self.tools.pinned.filter(is_other).map(Companion::Pinned);
        pinned.or_else(|| self.other_selected(ix).filter(is_other).map(Companion::Selected))
    }

    /// Another selected image: of the grid from the image on, and round again; on the wall that of another selected crop.
    fn other_selected(&self, ix: ImageIx) -> Option<ImageIx> {
        if self.view == View::Wall {
            let mut images = self.wall.selection.iter().take(MOST_CROPS).filter_map(|item| self.wall.image_of(item));
            return images.find(|other| *other != ix);
        }
        let place = self.place(ix).filter(|_| self.selection.contains(ix) && self.selection.len() > 1)?;
        let (before, after) = self.visible.split_at(place);
        after.iter().chain(before).copied().find(|&other| other != ix && self.selection.contains(other))
    }
}
