//! What the regions of the wall are sorted by, and in which direction.

use serde::{Deserialize, Serialize};

/// The order of regions. Ties fall to the order of the images, then of the regions in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RegionSort {
    /// As the images are in the grid.
    #[default]
    Images,
    Tag,
    Largest,
    Smallest,
    /// From wide to high.
    Widest,
    /// From high to wide.
    Highest,
    /// The latest drawn first.
    Newest,
    Darkest,
    Brightest,
    /// The one least like the average of its tag first.
    LeastAlike,
    /// The one most like the average of its tag first.
    MostAlike,
    /// The one that looks most like another tag first: see [`Lookalike`](super::Lookalike).
    LooksLikeOther,
    /// The nearest to one region first; only while such a region is chosen.
    Similar,
    /// Predictions by their score, the highest first; labels come last.
    Surest,
    /// The lowest score first; labels come last.
    LeastSure,
    /// Predictions by the overlap with their label, the greatest IoU first; labels come last.
    MostOverlap,
    /// The least IoU first; labels come last.
    LeastOverlap,
}

impl RegionSort {
    /// All orders that can be chosen, in the order of the menu.
    pub const ALL: [Self; 16] = [
        Self::Surest,
        Self::LeastSure,
        Self::MostOverlap,
        Self::LeastOverlap,
        Self::LooksLikeOther,
        Self::LeastAlike,
        Self::MostAlike,
        Self::Images,
        Self::Tag,
        Self::Largest,
        Self::Smallest,
        Self::Widest,
        Self::Highest,
        Self::Darkest,
        Self::Brightest,
        Self::Newest,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Images => "Grid order",
            Self::Tag => "By tag",
            Self::Largest => "Largest first",
            Self::Smallest => "Smallest first",
            Self::Widest => "Widest first",
            Self::Highest => "Tallest first",
            Self::Newest => "Newest first",
            Self::Darkest => "Darkest first",
            Self::Brightest => "Brightest first",
            Self::LeastAlike => "Outliers first",
            Self::MostAlike => "Most typical first",
            Self::LooksLikeOther => "Looks like another tag",
            Self::Similar => "Most similar first",
            Self::Surest => "Highest score first",
            Self::LeastSure => "Lowest score first",
            Self::MostOverlap => "Highest IoU first",
            Self::LeastOverlap => "Lowest IoU first",
        }
    }

    /// Whether it hangs on the pixels.
    pub fn needs_features(self) -> bool {
        let is_of_light = matches!(self, Self::Darkest | Self::Brightest);
        is_of_light || matches!(self, Self::LeastAlike | Self::MostAlike) || self.compares_tags()
    }

    /// Whether it holds regions against those of all tags, whatever is shown.
    pub fn compares_tags(self) -> bool {
        matches!(self, Self::LooksLikeOther | Self::Similar)
    }

    pub fn is_of_predictions(self) -> bool {
        matches!(self, Self::Surest | Self::LeastSure | Self::MostOverlap | Self::LeastOverlap)
    }

    /// Whether it leaves the regions as the images stand.
    pub(super) fn is_free(self) -> bool {
        matches!(self, Self::Images | Self::Tag)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct WallSort {
    pub key: RegionSort,
    /// From the other end. What has no date or score, or is not compared yet, stays last.
    pub is_reversed: bool,
}

impl From<RegionSort> for WallSort {
    fn from(key: RegionSort) -> Self {
        Self { key, is_reversed: false }
    }
}

impl WallSort {
    pub fn label(self) -> &'static str {
        let opposite = match self.key {
            key if !self.is_reversed => key,
            RegionSort::Images => return "Grid order, reversed",
            RegionSort::Tag => return "By tag, Z to A",
            RegionSort::Newest => return "Oldest first",
            RegionSort::LooksLikeOther => return "Looks like its own tag",
            RegionSort::Similar => return "Least similar first",
            RegionSort::Largest => RegionSort::Smallest,
            RegionSort::Smallest => RegionSort::Largest,
            RegionSort::Widest => RegionSort::Highest,
            RegionSort::Highest => RegionSort::Widest,
            RegionSort::Darkest => RegionSort::Brightest,
            RegionSort::Brightest => RegionSort::Darkest,
            RegionSort::LeastAlike => RegionSort::MostAlike,
            RegionSort::MostAlike => RegionSort::LeastAlike,
            RegionSort::Surest => RegionSort::LeastSure,
            RegionSort::LeastSure => RegionSort::Surest,
            RegionSort::MostOverlap => RegionSort::LeastOverlap,
            RegionSort::LeastOverlap => RegionSort::MostOverlap,
        };
        opposite.label()
    }
}
