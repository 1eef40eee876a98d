//! How a tag is painted: a color that follows from its name alone, so it never moves when tags come, go or are counted again
//! and is the same in every project and session, and a line pattern as a second cue.
//!
//! The pattern follows from the name too; where two tags of a small project would share both, the later one by name
//! takes another pattern. The user may choose another color for a name.

use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaletteColor {
    pub name: &'static str,
    /// On dark panels, on photographs and on the canvas; red, green, blue in sRGB.
    pub on_dark: [u8; 3],
    /// On light panels and on paper.
    pub on_light: [u8; 3],
}

/// Twelve colors found by search for the largest smallest distance in `OKLab`, seen normally and by people with
/// protanopia, deuteranopia and tritanopia (Machado, Oliveira, Fernandes 2009, severity 1), each of 3:1 contrast or
/// more.
pub const PALETTE: [PaletteColor; 12] = [
    color("Sky blue", 0x56_b4_e9, 0x00_44_66),
    color("Orange", 0xe6_9f_00, 0xaa_77_11),
    color("Yellow", 0xf0_e4_42, 0x66_66_00),
    color("Pink", 0xe6_4d_99, 0xff_11_99),
    color("Indigo", 0x77_66_cc, 0x88_77_dd),
    color("Teal blue", 0x00_99_bb, 0x00_33_44),
    color("Cyan", 0x00_ff_ff, 0x00_66_66),
    color("Violet", 0xaa_77_ff, 0xaa_55_ff),
    color("Green", 0x99_dd_99, 0x33_99_55),
    color("Pale green", 0xcc_ff_bb, 0x55_77_55),
    color("Brown", 0xaa_66_00, 0x66_44_22),
    color("Sand", 0xbb_88_44, 0x55_33_00),
];

/// Of tags that mark images on which nothing is: no color of the palette.
pub const NEGATIVE: PaletteColor = color("Gray", 0x8d_91_98, 0x6b_70_79);

pub const PATTERNS: u8 = 4;

/// Up to so many tags no two share color and pattern, as far as that can be had.
const MOST_RESOLVED: usize = 48;

const fn color(name: &'static str, on_dark: u32, on_light: u32) -> PaletteColor {
    PaletteColor { name, on_dark: parts(on_dark), on_light: parts(on_light) }
}

const fn parts(hex: u32) -> [u8; 3] {
    [(hex >> 16) as u8, (hex >> 8) as u8, hex as u8]
}

/// Colors that the user has chosen, by the tag's name, as places in [`PALETTE`].
pub type ChosenColors = BTreeMap<String, u8>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagColor {
    /// The place in [`PALETTE`]; `None`: [`NEGATIVE`].
    pub place: Option<u8>,
    /// The line pattern, below [`PATTERNS`].
    pub pattern: u8,
}

impl TagColor {
    /// The color of a regular tag with this name.
    pub fn named(name: &str, chosen: &ChosenColors) -> Self {
        let hash = hash(name);
        let of_name = (hash % PALETTE.len() as u64) as u8;
        let place = chosen.get(name).copied().filter(|at| usize::from(*at) < PALETTE.len()).unwrap_or(of_name);
        Self { place: Some(place), pattern: (hash / PALETTE.len() as u64 % u64::from(PATTERNS)) as u8 }
    }

    pub fn palette_color(self) -> PaletteColor {
        self.place.and_then(|at| PALETTE.get(usize::from(at)).copied()).unwrap_or(NEGATIVE)
    }
}

/// The colors of all tags of a project, given by name and whether it marks images on which nothing is.
pub fn tag_colors(tags: &[(&str, bool)], chosen: &ChosenColors) -> Vec<TagColor> {
    let own = |&(name, is_negative): &(&str, bool)| {
        if is_negative { TagColor::default() } else { TagColor::named(name, chosen) }
    };
    let mut colors: Vec<TagColor> = tags.iter().map(own).collect();
    if tags.len() > MOST_RESOLVED {
        return colors;
    }
    // By name, so that the order of arrival changes nothing.
    let mut order: Vec<usize> = (0..tags.len()).filter(|&at| !tags[at].1).collect();
    order.sort_by_key(|&at| tags[at].0);
    let mut taken = [[false; PATTERNS as usize]; PALETTE.len()];
    for at in order {
        let color = &mut colors[at];
        let Some(row) = color.place.and_then(|place| taken.get_mut(usize::from(place))) else { continue };
        let free =
            (0..PATTERNS).map(|step| (color.pattern + step) % PATTERNS).find(|&pattern| !row[usize::from(pattern)]);
        color.pattern = free.unwrap_or(color.pattern);
        row[usize::from(color.pattern)] = true;
    }
    colors
}

/// FNV-1a with a final mix. Written out because it must give the same number in every version, which no hasher of a
/// library promises. The offset is chosen so that the tags of the sample project and of Microsoft's quickstart get
/// different colors.
fn hash(name: &str) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2c38;
    let mut hash = name.bytes().fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests;
