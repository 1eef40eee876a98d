//! The palette is measured here: contrast, and distances for every kind of color vision.

use super::*;

type Matrix = [[f32; 3]; 3];

const VISIONS: [(&str, Matrix); 4] = [
    ("normal", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    ),
    (
        "deuteranopia",
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    ),
    (
        "tritanopia",
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    ),
];

fn linear(color: [u8; 3]) -> [f32; 3] {
    color.map(|byte| {
        let value = f32::from(byte) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
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

/// The smallest distance of two colors, by kind of vision.
fn nearest(colors: &[[u8; 3]], matrix: &Matrix) -> f32 {
    let seen: Vec<_> = colors.iter().map(|&color| oklab(product(matrix, linear(color)))).collect();
    let mut least = f32::INFINITY;
    for (at, one) in seen.iter().enumerate() {
        for other in &seen[..at] {
            least = least.min(one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt());
        }
    }
    least
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f32 {
    let luminance = |color| linear(color).iter().zip([0.2126, 0.7152, 0.0722]).map(|(a, b)| a * b).sum::<f32>() + 0.05;
    let (one, other) = (luminance(one), luminance(other));
    one.max(other) / one.min(other)
}

#[test]
fn colors_stay_apart_for_every_kind_of_color_vision() {
    for (name, matrix) in &VISIONS {
        let on_dark = nearest(&PALETTE.map(|color| color.on_dark), matrix);
        assert!(on_dark >= 0.085, "{name} on dark: {on_dark}");
        let on_light = nearest(&PALETTE.map(|color| color.on_light), matrix);
        assert!(on_light >= 0.06, "{name} on light: {on_light}");
    }
}

#[test]
fn colors_stand_out_on_the_canvas_and_on_panels_of_both_themes() {
    // The canvas, the window, panels and raised parts, as in the themes' tokens.
    let dark = [[0x11, 0x12, 0x13], [0x17, 0x18, 0x1a], [0x1e, 0x20, 0x22], [0x28, 0x2a, 0x2e]];
    let light = [[0xff, 0xff, 0xff], [0xf3, 0xf4, 0xf5], [0xec, 0xee, 0xf0]];
    for color in PALETTE.iter().chain([&NEGATIVE]) {
        for ground in dark {
            let found = contrast(color.on_dark, ground);
            assert!(found >= 3.0, "{} on {ground:?}: {found}", color.name);
        }
        for ground in light {
            let found = contrast(color.on_light, ground);
            assert!(found >= 3.0, "{} on {ground:?}: {found}", color.name);
        }
    }
}

#[test]
fn the_color_of_a_name_never_moves() {
    assert_eq!(hash("fork"), 0x45c0_3d42_e683_fa90);
    assert_eq!(hash("タグ 猫"), 0x11bd_a7e9_a100_7e07);
    let chosen = ChosenColors::new();
    assert_eq!(TagColor::named("fork", &chosen), TagColor { place: Some(0), pattern: 0 });
    assert_eq!(TagColor::named("scissors", &chosen), TagColor { place: Some(1), pattern: 0 });
}

#[test]
fn the_samples_tags_have_different_colors() {
    let chosen = ChosenColors::new();
    let mut colors =
        ["bottle", "can", "box", "jar", "pouch", "ラベル"].map(|name| TagColor::named(name, &chosen).place);
    colors.sort_unstable();
    assert!(colors.windows(2).all(|pair| pair[0] != pair[1]), "{colors:?}");
}

#[test]
fn names_spread_over_all_colors() {
    let chosen = ChosenColors::new();
    let tag_colors: Vec<_> = (0..2_000).map(|at| TagColor::named(&format!("tag {at}"), &chosen)).collect();
    for place in 0..PALETTE.len() as u8 {
        for pattern in 0..PATTERNS {
            let color = TagColor { place: Some(place), pattern };
            let count = tag_colors.iter().filter(|other| **other == color).count();
            assert!((10..=90).contains(&count), "{color:?}: {count}");
        }
    }
}

#[test]
fn tags_of_a_small_project_differ_in_color_or_pattern_whatever_their_order() {
    let names: Vec<String> = (0..24).map(|at| format!("part {at}")).collect();
    let chosen = ChosenColors::new();
    let tags: Vec<(&str, bool)> = names.iter().map(|name| (name.as_str(), false)).collect();
    let found = tag_colors(&tags, &chosen);
    for (at, color) in found.iter().enumerate() {
        assert_eq!(color.place, TagColor::named(&names[at], &chosen).place, "the color is the name's own");
        let of_color = found.iter().filter(|other| other.place == color.place).count();
        let same = found.iter().filter(|other| *other == color).count();
        assert!(same == 1 || of_color > usize::from(PATTERNS), "{}: {color:?}", names[at]);
    }
    let reversed: Vec<_> = tags.iter().rev().copied().collect();
    let mut backwards = tag_colors(&reversed, &chosen);
    backwards.reverse();
    assert_eq!(backwards, found);
}

#[test]
fn a_chosen_color_is_taken_and_a_wrong_one_is_not() {
    let chosen = ChosenColors::from([("fork".to_owned(), 5), ("spoon".to_owned(), 200)]);
    assert_eq!(TagColor::named("fork", &chosen).place, Some(5));
    let spoon = TagColor::named("spoon", &chosen);
    assert_eq!(spoon, TagColor::named("spoon", &ChosenColors::new()));
    assert_eq!(tag_colors(&[("none", true)], &chosen), [TagColor::default()]);
}
