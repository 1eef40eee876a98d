//! How a tag looks: a colour and a dash pattern that follow from its name alone, so they never move when tags come,
//! go or are counted anew, and are the same in every project and session.

use egui::Color32;

use crate::domain::TagEntry;

/// The second cue besides the colour: how a box's line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dash {
    /// Unbroken.
    Solid,
    /// Long strokes.
    Dashed,
    /// Dots.
    Dotted,
    /// Stroke, dot, stroke, dot.
    DashDot,
}

impl Dash {
    const ALL: [Self; 4] = [Self::Solid, Self::Dashed, Self::Dotted, Self::DashDot];

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

/// Colour and dash of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TagStyle {
    /// Of lines, squares and fills.
    pub color: Color32,
    /// Of lines.
    pub dash: Dash,
}

/// Twelve colours chosen by search for the largest smallest distance in `OKLab`, seen normally and by people with protanopia,
/// deuteranopia and tritanopia (Machado, Oliveira, Fernandes 2009, severity 1), and visible on dark and light panels.
pub const PALETTE: [Color32; 12] = [
    Color32::from_rgb(0x56, 0xb4, 0xe9),
    Color32::from_rgb(0xe6, 0x9f, 0x00),
    Color32::from_rgb(0xf0, 0xe4, 0x42),
    Color32::from_rgb(0x9b, 0x87, 0xff),
    Color32::from_rgb(0xb3, 0x1a, 0x4d),
    Color32::from_rgb(0x33, 0x4d, 0xcc),
    Color32::from_rgb(0x00, 0xff, 0xff),
    Color32::from_rgb(0x99, 0x80, 0x00),
    Color32::from_rgb(0xe6, 0x4d, 0x99),
    Color32::from_rgb(0x1a, 0x66, 0xff),
    Color32::from_rgb(0xb3, 0xcc, 0x80),
    Color32::from_rgb(0x66, 0x4d, 0x99),
];

/// Marks images on which nothing is, so it takes no colour from the palette.
const NEGATIVE: Color32 = Color32::from_rgb(0x8d, 0x91, 0x98);

impl TagStyle {
    /// The look of a tag of the catalogue.
    pub fn of(entry: &TagEntry) -> Self {
        if entry.is_negative() {
            return Self { color: NEGATIVE, dash: Dash::Solid };
        }
        Self::named(&entry.name)
    }

    /// The look of a regular tag with this name.
    pub fn named(name: &str) -> Self {
        let hash = hash(name);
        let color = PALETTE[(hash % PALETTE.len() as u64) as usize];
        let dash = Dash::ALL[(hash / PALETTE.len() as u64 % Dash::ALL.len() as u64) as usize];
        Self { color, dash }
    }
}

/// FNV-1a with a final mix. Written out because it must give the same number in every version, which no hasher of a
/// library promises. The offset is chosen so that the tags of the sample project and of Microsoft's quickstart get
/// different colours.
fn hash(name: &str) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2c38;
    let mut hash = name.bytes().fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Matrix = [[f32; 3]; 3];

    const VISIONS: [(&str, Matrix); 4] = [
        ("normal", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanopia",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
        (
            "deuteranopia",
            [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        ),
        (
            "tritanopia",
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ),
    ];

    fn linear(color: Color32) -> [f32; 3] {
        let channel = |byte: u8| {
            let value = f32::from(byte) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        [channel(color.r()), channel(color.g()), channel(color.b())]
    }

    fn product(matrix: &Matrix, vector: [f32; 3]) -> [f32; 3] {
        matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
    }

    fn oklab(linear: [f32; 3]) -> [f32; 3] {
        let cone = product(
            &[
                [0.412_221_47, 0.536_332_54, 0.051_445_99],
                [0.211_903_5, 0.680_699_5, 0.107_396_96],
                [0.088_302_46, 0.281_718_84, 0.629_978_7],
            ],
            linear.map(|value| value.clamp(0.0, 1.0)),
        );
        product(
            &[
                [0.210_454_26, 0.793_617_8, -0.004_072_047],
                [1.977_998_5, -2.428_592_2, 0.450_593_7],
                [0.025_904_037, 0.782_771_77, -0.808_675_77],
            ],
            cone.map(f32::cbrt),
        )
    }

    #[test]
    fn colours_stay_apart_for_every_kind_of_colour_vision() {
        for (name, matrix) in &VISIONS {
            for (at, &one) in PALETTE.iter().enumerate() {
                for &other in &PALETTE[..at] {
                    let [one, other] = [one, other].map(|color| oklab(product(matrix, linear(color))));
                    let distance = one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
                    assert!(distance >= 0.07, "{name}: colour {at}: {distance}");
                }
            }
        }
    }

    #[test]
    fn colours_stand_out_on_dark_panels_and_on_white() {
        let luminance = |color| linear(color).iter().zip([0.2126, 0.7152, 0.0722]).map(|(a, b)| a * b).sum::<f32>();
        let panel = luminance(Color32::from_rgb(0x17, 0x18, 0x1a));
        for color in PALETTE {
            let own = luminance(color);
            assert!((own + 0.05) / (panel + 0.05) >= 2.4, "{color:?} on dark");
            assert!(1.05 / (own + 0.05) >= 1.2, "{color:?} on white");
        }
    }

    #[test]
    fn the_look_of_a_name_never_moves() {
        assert_eq!(hash("fork"), 0x45c0_3d42_e683_fa90);
        assert_eq!(hash("タグ 猫"), 0x11bd_a7e9_a100_7e07);
        assert_eq!(TagStyle::named("fork"), TagStyle { color: PALETTE[0], dash: Dash::Solid });
        assert_eq!(TagStyle::named("scissors"), TagStyle { color: PALETTE[1], dash: Dash::Solid });
    }

    #[test]
    fn the_samples_tags_have_different_colours() {
        let mut colors: Vec<_> = ["bottle", "can", "box", "jar", "pouch", "ラベル"]
            .map(|name| TagStyle::named(name).color.to_array())
            .to_vec();
        colors.sort_unstable();
        colors.dedup();
        assert_eq!(colors.len(), 6);
    }

    #[test]
    fn names_spread_over_all_looks() {
        let mut looks: Vec<_> = (0..2_000).map(|at| TagStyle::named(&format!("tag {at}"))).collect();
        looks.sort_unstable_by_key(|look| (look.color.to_array(), look.dash.pattern().len()));
        let dashes = [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDot];
        for color in PALETTE {
            for dash in dashes {
                let count = looks.iter().filter(|look| look.color == color && look.dash == dash).count();
                assert!((10..=90).contains(&count), "{color:?} {dash:?}: {count}");
            }
        }
    }
}
