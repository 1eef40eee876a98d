//! The look: [tokens] (colors, sizes), [fonts], and egui's own style made from them.

pub mod fonts;
pub mod tokens;

use egui::epaint::Shadow;
use egui::style::{HandleShape, ScrollStyle, WidgetVisuals};
use egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Theme, ThemePreference, Visuals,
};

use app::ThemeChoice;
use app::appearance::{NORMAL_SCALE, bounded_scale};
use fonts::FontFiles;
pub use tokens::{DARK, LIGHT, Tokens};

/// Installs fonts and both styles; once, before the first frame.
pub fn install(ctx: &egui::Context, choice: ThemeChoice, files: FontFiles) {
    ctx.set_fonts(fonts::definitions(files));
    ctx.set_style_of(Theme::Dark, style(&DARK));
    ctx.set_style_of(Theme::Light, style(&LIGHT));
    // The size of text is an action with keys like any other, and is kept.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    choose(ctx, choice);
}

/// Light, dark or system; cheap, so it may be called each frame.
pub fn choose(ctx: &egui::Context, choice: ThemeChoice) {
    let preference = match choice {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::Dark => ThemePreference::Dark,
    };
    if ctx.options(|options| options.theme_preference) != preference {
        ctx.set_theme(preference);
        // The frame under way has its style already.
        ctx.request_repaint();
    }
}

/// The size of text and controls; cheap, so it may be called each frame.
pub(super) fn choose_scale(ctx: &egui::Context, percent: u16) {
    let factor = f32::from(bounded_scale(percent)) / f32::from(NORMAL_SCALE);
    if (ctx.zoom_factor() - factor).abs() > 1e-3 {
        // In force from the next frame on.
        ctx.set_zoom_factor(factor);
    }
}

/// Fades of hovers, or none where motion is not wanted.
pub(super) fn choose_motion(ctx: &egui::Context, is_reduced: bool) {
    let secs = if is_reduced { 0.0 } else { tokens::FADE_SECS };
    if ctx.global_style().animation_time != secs {
        ctx.all_styles_mut(|style| style.animation_time = secs);
    }
}

/// The colors in force.
pub fn of(ui: &egui::Ui) -> &'static Tokens {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

pub fn font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Says that the window is cleared in the panels' color before each frame. Panels then need no ground of their own: a
/// layer over the whole window is a good part of a frame where the processor paints.
pub fn set_cleared(ctx: &egui::Context) {
    ctx.data_mut(|data| data.insert_temp(cleared_id(), true));
}

fn cleared_id() -> egui::Id {
    egui::Id::unique("the window is cleared in the panels' color")
}

/// What a panel at the window's edge is filled with.
pub fn panel_fill(ui: &egui::Ui) -> Color32 {
    let is_cleared = ui.data(|data| data.get_temp(cleared_id())) == Some(true);
    if is_cleared { Color32::TRANSPARENT } else { of(ui).panel }
}

pub fn semibold(size: f32) -> FontId {
    FontId::new(size, fonts::semibold_family())
}

fn style(tokens: &Tokens) -> Style {
    let mut style = Style { visuals: visuals(tokens), animation_time: tokens::FADE_SECS, ..Style::default() };
    style.text_styles = [
        (TextStyle::Small, font(tokens::SMALL)),
        (TextStyle::Body, font(tokens::BODY)),
        (TextStyle::Button, font(tokens::BODY)),
        (TextStyle::Heading, semibold(tokens::TITLE)),
        (TextStyle::Monospace, FontId::monospace(12.0)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = egui::vec2(tokens::GAP, tokens::GAP_SMALL);
    spacing.button_padding = egui::vec2(10.0, 5.0);
    spacing.interact_size = egui::vec2(tokens::CONTROL, tokens::CONTROL);
    spacing.menu_margin = Margin::same(6);
    spacing.icon_width = 16.0;
    spacing.icon_spacing = tokens::GAP;
    spacing.slider_width = 92.0;
    spacing.slider_rail_height = 4.0;
    spacing.scroll = ScrollStyle::floating();
    spacing.scroll.bar_width = 8.0;
    spacing.scroll.floating_width = 4.0;
    spacing.scroll.foreground_color = true;
    spacing.scroll.dormant_handle_opacity = 0.25;
    style.interaction.selectable_labels = false;
    // Half the width of what is grabbed to resize a panel.
    style.interaction.resize_grab_radius_side = 5.0;
    style.interaction.tooltip_delay = 0.4;
    style.interaction.show_tooltips_only_when_still = true;
    style.url_in_tooltip = false;
    style
}

fn visuals(tokens: &Tokens) -> Visuals {
    let mut visuals = if tokens.is_dark { Visuals::dark() } else { Visuals::light() };
    let radius = CornerRadius::same(tokens::RADIUS);
    let widget = |fill: Color32, stroke: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, stroke),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    visuals.widgets.noninteractive = widget(tokens.panel, tokens.line, tokens.text);
    visuals.widgets.inactive = widget(tokens.raised, tokens.line, tokens.text);
    visuals.widgets.hovered = widget(tokens.hovered, tokens.line, tokens.text);
    visuals.widgets.active = widget(tokens.pressed, tokens.accent, tokens.text);
    visuals.widgets.open = widget(tokens.pressed, tokens.line, tokens.text);
    visuals.weak_text_color = Some(tokens.dim);
    visuals.selection.bg_fill = tokens.accent.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(1.0, tokens.text);
    visuals.hyperlink_color = tokens.accent;
    visuals.faint_bg_color = tokens.panel;
    visuals.extreme_bg_color = tokens.field;
    visuals.text_edit_bg_color = Some(tokens.field);
    visuals.code_bg_color = tokens.raised;
    visuals.warn_fg_color = tokens.warning;
    visuals.error_fg_color = tokens.bad;
    visuals.window_corner_radius = CornerRadius::same(tokens::DIALOG_RADIUS);
    visuals.window_fill = tokens.panel;
    visuals.window_stroke = Stroke::new(1.0, tokens.line);
    visuals.window_shadow = Shadow { offset: [0, 12], blur: 40, spread: 0, color: tokens.shadow };
    visuals.popup_shadow = Shadow { offset: [0, 6], blur: 20, spread: 0, color: tokens.shadow };
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.panel_fill = tokens.panel;
    visuals.text_cursor.stroke = Stroke::new(1.5, tokens.accent);
    // A blinking cursor would paint frames for ever in an idle window.
    visuals.text_cursor.blink = false;
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = HandleShape::Circle;
    visuals.interact_cursor = None;
    visuals.indent_has_left_vline = false;
    visuals.striped = false;
    visuals.disabled_alpha = 0.45;
    visuals
}
