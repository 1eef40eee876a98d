//! Every color and size of the window's own parts. Nothing else in `ui` names a color, but for the colors of tags
//! (`tag_style`) and the marks on photographs, which are the same in both themes.

use egui::Color32;

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// The colors of one theme. Grays have no hue, so that the photographs' colors are judged rightly.
#[derive(Debug, PartialEq)]
pub struct Tokens {
    pub is_dark: bool,
    /// Behind the grid, and behind everything.
    pub window: Color32,
    /// Panels and dialogs.
    pub panel: Color32,
    /// Buttons at rest, hovered rows, chips.
    pub raised: Color32,
    /// Buttons under the pointer.
    pub hovered: Color32,
    /// Buttons while pressed; the chosen part of a segmented control.
    pub pressed: Color32,
    /// Lines between panels, frames of fields.
    pub line: Color32,
    pub text: Color32,
    /// Text that matters less: heads, counts, hints.
    pub dim: Color32,
    /// Marks that nobody has to read: empty bars, disabled text.
    pub faint: Color32,
    /// Focus, links, progress, selection marks.
    pub accent: Color32,
    /// On `accent`.
    pub on_accent: Color32,
    /// The primary button.
    pub primary: Color32,
    /// The primary button under the pointer.
    pub primary_hovered: Color32,
    /// On `primary`.
    pub on_primary: Color32,
    /// The band of a selected row.
    pub selected: Color32,
    /// The band of an excluded tag.
    pub excluded: Color32,
    /// It worked.
    pub ok: Color32,
    /// Something is odd.
    pub warning: Color32,
    /// It did not work.
    pub bad: Color32,
    /// Behind warnings.
    pub warning_fill: Color32,
    /// Text on `warning_fill`.
    pub on_warning: Color32,
    /// Behind errors.
    pub bad_fill: Color32,
    /// Text on `bad_fill`.
    pub on_bad: Color32,
    /// Text fields.
    pub field: Color32,
    /// Between a dialog and what is under it.
    pub scrim: Color32,
    /// Around dialogs and menus.
    pub shadow: Color32,
}

pub static DARK: Tokens = Tokens {
    is_dark: true,
    window: rgb(0x17_18_1a),
    panel: rgb(0x1e_20_22),
    raised: rgb(0x28_2a_2e),
    hovered: rgb(0x30_33_37),
    pressed: rgb(0x38_3b_40),
    line: rgb(0x31_34_39),
    text: rgb(0xdf_e1_e5),
    dim: rgb(0x9b_a0_a9),
    faint: rgb(0x6b_70_79),
    accent: rgb(0x5a_a9_ff),
    on_accent: rgb(0x0b_1a_2b),
    primary: rgb(0x2c_6c_c4),
    primary_hovered: rgb(0x35_75_cd),
    on_primary: rgb(0xff_ff_ff),
    selected: rgb(0x23_35_4c),
    excluded: rgb(0x3d_25_27),
    ok: rgb(0x4f_c0_8d),
    warning: rgb(0xf0_b8_4a),
    bad: rgb(0xff_7b_7b),
    warning_fill: rgb(0x3a_2e_14),
    on_warning: rgb(0xf5_cf_83),
    bad_fill: rgb(0x3b_22_24),
    on_bad: rgb(0xff_b3_ae),
    field: rgb(0x17_18_1a),
    scrim: Color32::from_rgba_premultiplied(0, 0, 0, 150),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 130),
};

pub static LIGHT: Tokens = Tokens {
    is_dark: false,
    window: rgb(0xf3_f4_f5),
    panel: rgb(0xff_ff_ff),
    raised: rgb(0xec_ee_f0),
    hovered: rgb(0xe3_e5_e8),
    pressed: rgb(0xd6_d9_dd),
    line: rgb(0xd9_dc_e0),
    text: rgb(0x1c_1e_21),
    dim: rgb(0x57_5d_66),
    faint: rgb(0x8d_93_9c),
    accent: rgb(0x1b_66_c4),
    on_accent: rgb(0xff_ff_ff),
    primary: rgb(0x1f_6f_d0),
    primary_hovered: rgb(0x1a_63_bd),
    on_primary: rgb(0xff_ff_ff),
    selected: rgb(0xdc_e8_f7),
    excluded: rgb(0xf7_df_de),
    ok: rgb(0x14_70_47),
    warning: rgb(0x85_56_00),
    bad: rgb(0xb4_26_1e),
    warning_fill: rgb(0xfb_ef_d5),
    on_warning: rgb(0x5f_3f_00),
    bad_fill: rgb(0xfb_e6_e4),
    on_bad: rgb(0x8c_1a_14),
    field: rgb(0xff_ff_ff),
    scrim: Color32::from_rgba_premultiplied(0, 0, 0, 90),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 50),
};

/// Behind the image on the canvas, in both themes: pictures are judged on dark.
pub const CANVAS: Color32 = rgb(0x11_12_13);
/// The pill of a chip on a photograph.
pub const CHIP: Color32 = Color32::from_rgba_premultiplied(16, 17, 18, 209);
/// The pill of a finding on a photograph.
pub const FINDING: Color32 = Color32::from_rgba_premultiplied(52, 41, 18, 230);
/// Text of a chip on a photograph.
pub const ON_CHIP: Color32 = rgb(0xe8_ea_ed);
/// The dark hairlines on both sides of a box's line.
pub const HALO: Color32 = Color32::from_rgba_premultiplied(0, 0, 0, 150);

pub const TOP_BAR: f32 = 44.0;
pub const STATUS_BAR: f32 = 28.0;
pub const LEFT_PANEL: f32 = 236.0;
pub const RIGHT_PANEL: f32 = 284.0;
/// Height of buttons and fields.
pub const CONTROL: f32 = 28.0;
/// Height of a row in a list.
pub const ROW: f32 = 26.0;
/// Corners of controls.
pub const RADIUS: u8 = 6;
pub const DIALOG_RADIUS: u8 = 12;
/// Between neighbors that belong together.
pub const GAP_SMALL: f32 = 4.0;
/// Between neighbors.
pub const GAP: f32 = 8.0;
/// Between groups, and from the edge of a panel to its content.
pub const GAP_LARGE: f32 = 12.0;
pub const GRID_GAP: f32 = 8.0;
pub const FOCUS_WIDTH: f32 = 2.0;
/// Seconds of a hover's fade.
pub const FADE_SECS: f32 = 0.08;

/// Size of text.
pub const BODY: f32 = 13.0;
/// Size of heads, chips and hints.
pub const SMALL: f32 = 11.5;
/// Size of a dialog's title.
pub const TITLE: f32 = 16.0;
/// Size of the name on the connect screen.
pub const HERO: f32 = 26.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(color: Color32) -> f32 {
        let linear = |byte: u8| {
            let value = f32::from(byte) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    fn contrast(one: Color32, other: Color32) -> f32 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn contrast_of_black_and_white_is_21() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
    }

    #[test]
    fn needed_text_has_at_least_4_5_to_1() {
        for tokens in [&DARK, &LIGHT] {
            let surfaces = [
                ("window", tokens.window),
                ("panel", tokens.panel),
                ("raised", tokens.raised),
                ("hovered", tokens.hovered),
                ("field", tokens.field),
                ("selected", tokens.selected),
                ("excluded", tokens.excluded),
            ];
            for (name, surface) in surfaces {
                for (what, color) in [("text", tokens.text), ("dim", tokens.dim)] {
                    let found = contrast(color, surface);
                    assert!(found >= 4.5, "{what} on {name}, dark {}: {found:.2}", tokens.is_dark);
                }
            }
            for (name, surface) in [("window", tokens.window), ("panel", tokens.panel), ("raised", tokens.raised)] {
                let states = [tokens.accent, tokens.ok, tokens.warning, tokens.bad];
                for (at, color) in states.into_iter().enumerate() {
                    let found = contrast(color, surface);
                    assert!(found >= 4.5, "state {at} on {name}, dark {}: {found:.2}", tokens.is_dark);
                }
            }
            let pairs = [
                ("on accent", tokens.on_accent, tokens.accent),
                ("on primary", tokens.on_primary, tokens.primary),
                ("on primary, hovered", tokens.on_primary, tokens.primary_hovered),
                ("on warning", tokens.on_warning, tokens.warning_fill),
                ("on bad", tokens.on_bad, tokens.bad_fill),
                ("on pressed", tokens.text, tokens.pressed),
            ];
            for (name, text, surface) in pairs {
                let found = contrast(text, surface);
                assert!(found >= 4.5, "{name}, dark {}: {found:.2}", tokens.is_dark);
            }
        }
        assert!(contrast(ON_CHIP, Color32::from_rgb(60, 60, 60)) >= 4.5, "a chip over a white photograph");
    }

    #[test]
    fn grays_have_no_hue() {
        for tokens in [&DARK, &LIGHT] {
            for color in [tokens.window, tokens.panel, tokens.raised, tokens.hovered, tokens.line] {
                let [r, g, b, _] = color.to_array();
                assert!(r.max(g).max(b) - r.min(g).min(b) <= 9, "{color:?}");
            }
        }
    }
}
