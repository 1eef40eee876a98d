//! How thumbnails and boxes look in the window, and the size of text and controls: what people choose in **View** and in the
//! settings. Exports never change with it.

use serde::{Deserialize, Serialize};

/// What stands below a thumbnail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caption {
    #[default]
    None,
    /// The file name; the id of an image without one.
    Name,
    Id,
    Date,
    Regions,
    Size,
}

impl Caption {
    pub const ALL: [Self; 6] = [Self::None, Self::Name, Self::Id, Self::Date, Self::Regions, Self::Size];

    pub fn label(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Name => "File name",
            Self::Id => "Id",
            Self::Date => "Date",
            Self::Regions => "Regions",
            Self::Size => "Size",
        }
    }

    /// The next one, and round again.
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|one| *one == self).unwrap_or_default();
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// How wide the lines of boxes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineWidth {
    /// 1 point.
    Thin,
    /// 1.5 points.
    #[default]
    Normal,
    /// 3 points.
    Thick,
}

impl LineWidth {
    pub const ALL: [Self; 3] = [Self::Thin, Self::Normal, Self::Thick];

    pub fn label(self) -> &'static str {
        match self {
            Self::Thin => "Thin",
            Self::Normal => "Normal",
            Self::Thick => "Thick",
        }
    }

    /// What the usual widths are multiplied by.
    pub fn factor(self) -> f32 {
        match self {
            Self::Thin => 2.0 / 3.0,
            Self::Normal => 1.0,
            Self::Thick => 2.0,
        }
    }
}

/// How strongly boxes are filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fill {
    None,
    /// Hardly seen, and only on the canvas.
    #[default]
    Light,
    Medium,
    Strong,
}

impl Fill {
    pub const ALL: [Self; 4] = [Self::None, Self::Light, Self::Medium, Self::Strong];

    pub fn label(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Light => "Light",
            Self::Medium => "Medium",
            Self::Strong => "Strong",
        }
    }

    /// Its strength on the canvas, 0 to 1.
    pub fn strength(self) -> f32 {
        match self {
            Self::None => 0.0,
            Self::Light => 0.05,
            Self::Medium => 0.15,
            Self::Strong => 0.3,
        }
    }

    /// The same on a thumbnail, where a light one would not be seen.
    pub fn thumbnail_strength(self) -> f32 {
        if self == Self::Light { 0.0 } else { self.strength() }
    }
}

/// How large the names of tags on pictures are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelSize {
    /// There are none, but at the region that is selected or under the pointer.
    Hidden,
    Small,
    /// As the text of the window.
    #[default]
    Normal,
    Large,
}

impl LabelSize {
    pub const ALL: [Self; 4] = [Self::Hidden, Self::Small, Self::Normal, Self::Large];

    pub fn label(self) -> &'static str {
        match self {
            Self::Hidden => "Hidden",
            Self::Small => "Small",
            Self::Normal => "Normal",
            Self::Large => "Large",
        }
    }

    /// What the usual size is multiplied by.
    pub fn factor(self) -> f32 {
        match self {
            Self::Small => 0.85,
            Self::Hidden | Self::Normal => 1.0,
            Self::Large => 1.35,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Appearance {
    /// Whether thumbnails fill their cells; else all of the picture is seen.
    pub fills_cells: bool,
    pub caption: Caption,
    pub line: LineWidth,
    pub fill: Fill,
    pub labels: LabelSize,
    /// Whether the other boxes of the image step back while a region is selected.
    pub dims_others: bool,
}

pub const SCALES: [u16; 8] = [75, 90, 100, 110, 125, 150, 175, 200];

/// The size from the start.
pub const NORMAL_SCALE: u16 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleCommand {
    Larger,
    Smaller,
    Normal,
    /// This size in percent.
    To(u16),
}

pub(crate) fn scaled(percent: u16, command: ScaleCommand) -> u16 {
    let wanted = match command {
        ScaleCommand::Larger => SCALES.into_iter().find(|scale| *scale > percent).unwrap_or(percent),
        ScaleCommand::Smaller => SCALES.into_iter().rev().find(|scale| *scale < percent).unwrap_or(percent),
        ScaleCommand::Normal => NORMAL_SCALE,
        ScaleCommand::To(percent) => percent,
    };
    bounded_scale(wanted)
}

/// A kept size within its bounds, whatever a file of settings says.
pub fn bounded_scale(percent: u16) -> u16 {
    percent.clamp(SCALES[0], SCALES[SCALES.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_an_earlier_version_look_as_they_did() {
        let old: Appearance = serde_json::from_str("{}").expect("settings");
        assert_eq!(old, Appearance::default());
        let words = serde_json::to_string(&Appearance { caption: Caption::Name, ..old }).expect("settings");
        assert_eq!(serde_json::from_str::<Appearance>(&words).expect("settings").caption, Caption::Name);
    }

    #[test]
    fn only_a_fill_that_is_seen_is_on_thumbnails() {
        let thumbnails = Fill::ALL.map(Fill::thumbnail_strength);
        assert_eq!(thumbnails, [0.0, 0.0, 0.15, 0.3]);
    }

    #[test]
    fn steps_stay_within_their_bounds() {
        let steps = |from, command| {
            std::iter::successors(Some(from), |percent| Some(scaled(*percent, command))).take(9).collect::<Vec<_>>()
        };
        assert_eq!(steps(100, ScaleCommand::Larger), [100, 110, 125, 150, 175, 200, 200, 200, 200]);
        assert_eq!(steps(100, ScaleCommand::Smaller)[..4], [100, 90, 75, 75]);
        assert_eq!((scaled(93, ScaleCommand::Larger), scaled(93, ScaleCommand::Smaller)), (100, 90));
        assert_eq!((scaled(175, ScaleCommand::Normal), bounded_scale(0), bounded_scale(9_999)), (100, 75, 200));
    }
}
