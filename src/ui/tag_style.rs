//! How a tag is painted: its [color](domain::tag_color) as a color of egui and a dash pattern.

use egui::Color32;

use domain::stats::TagTotal;
use domain::tag_color::{NEGATIVE, PALETTE, TagColor};
use domain::{ImageView, TagEntry, TagIx};

/// The second cue besides the color: how a box's line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dash {
    Solid,
    Dashed,
    Dotted,
    DashDot,
}

impl Dash {
    fn of(pattern: u8) -> Self {
        match pattern {
            1 => Self::Dashed,
            2 => Self::Dotted,
            3 => Self::DashDot,
            _ => Self::Solid,
        }
    }

    /// Lengths in points, drawn and left out by turns; empty for an unbroken line.
    pub fn pattern(self) -> &'static [f32] {
        match self {
            Self::Solid => &[],
            Self::Dashed => &[8.0, 4.0],
            Self::Dotted => &[3.0, 3.0],
            Self::DashDot => &[10.0, 3.0, 3.0, 3.0],
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TagStyle {
    /// Of lines, squares and fills, on photographs and on dark; for a light panel see [`on_light`].
    pub color: Color32,
    pub dash: Dash,
}

impl TagStyle {
    pub fn of(entry: &TagEntry) -> Self {
        Self::from_look(entry.color)
    }

    pub fn from_count(count: &TagTotal) -> Self {
        Self::from_look(count.color)
    }

    fn from_look(color: TagColor) -> Self {
        Self { color: rgb(color.palette_color().on_dark), dash: Dash::of(color.pattern) }
    }
}

fn rgb([red, green, blue]: [u8; 3]) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

/// The darker form of a tag's color, for light panels; other colors stay as they are.
pub fn on_light(color: Color32) -> Color32 {
    let found = PALETTE.iter().chain([&NEGATIVE]).find(|other| rgb(other.on_dark) == color);
    found.map_or(color, |other| rgb(other.on_light))
}

/// The image's tags, then those only its regions have, each once.
pub(crate) fn image_tags(image: ImageView<'_>) -> Vec<TagIx> {
    let mut tags = image.tags().to_vec();
    for region in image.regions() {
        if !tags.contains(&region.tag) {
            tags.push(region.tag);
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::tag_color::PATTERNS;

    #[test]
    fn every_pattern_has_a_dash_of_its_own() {
        let mut dashes: Vec<_> = (0..PATTERNS).map(Dash::of).collect();
        dashes.dedup();
        assert_eq!(dashes.len(), usize::from(PATTERNS));
    }

    #[test]
    fn light_panels_get_the_darker_form() {
        for color in PALETTE {
            assert_eq!(on_light(rgb(color.on_dark)), rgb(color.on_light));
        }
        assert_eq!(on_light(Color32::RED), Color32::RED);
    }
}
