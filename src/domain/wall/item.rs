//! What a crop of the wall shows.

use crate::{RegionIx, UnitRect};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WallItem {
    Label(RegionIx),
    /// A prediction: its place among those that are compared.
    Prediction(u32),
}

impl WallItem {
    /// The label; `None`: it is a prediction.
    pub fn label(self) -> Option<RegionIx> {
        match self {
            Self::Label(region) => Some(region),
            Self::Prediction(_) => None,
        }
    }

    /// The place of the prediction; `None`: it is a label.
    pub fn prediction(self) -> Option<usize> {
        match self {
            Self::Label(_) => None,
            Self::Prediction(at) => Some(at as usize),
        }
    }

    /// What stands for a judged prediction or label; `None` for a tag of a whole image, which has no box.
    pub fn of(item: &crate::evaluation::Item) -> Option<Self> {
        match item.prediction {
            Some(one) if one.rect == UnitRect::default() => None,
            Some(one) => u32::try_from(one.at).ok().map(Self::Prediction),
            None => item.region.map(Self::Label),
        }
    }
}

impl From<RegionIx> for WallItem {
    fn from(region: RegionIx) -> Self {
        Self::Label(region)
    }
}
