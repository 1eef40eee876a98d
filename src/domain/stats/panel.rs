//! The plots of the page.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Panel {
    Tags,
    PerImage,
    Dates,
    Sizes,
    Places,
    Pairs,
}

impl Panel {
    /// All, in the order of the page.
    pub const ALL: [Self; 6] = [Self::Tags, Self::PerImage, Self::Dates, Self::Sizes, Self::Places, Self::Pairs];

    pub fn label(self) -> &'static str {
        match self {
            Self::Tags => "Images and regions per tag",
            Self::PerImage => "Regions per image",
            Self::Dates => "Images over time",
            Self::Sizes => "Size of regions",
            Self::Places => "Where regions lie",
            Self::Pairs => "Tags that occur together",
        }
    }

    /// Its file's name without the ending.
    pub fn file_stem(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::PerImage => "regions-per-image",
            Self::Dates => "images-over-time",
            Self::Sizes => "region-sizes",
            Self::Places => "region-places",
            Self::Pairs => "tag-pairs",
        }
    }
}
