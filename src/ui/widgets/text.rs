//! Text on one line, cut with an ellipsis where it does not fit, and figures in slots of equal width.

use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Pos2, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

pub use crate::app::words::{count, thousands};
use crate::ui::theme::{self, tokens};

/// One line of text, cut at `max_width`.
pub fn elided(painter: &Painter, text: &str, font: FontId, color: Color32, max_width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.replace(['\n', '\r'], " "), font, color);
    job.wrap = TextWrapping::truncate_at_width(max_width.max(1.0));
    painter.layout_job(job)
}

/// Paints one line of text, cut at `max_width`; `pos` is the left end of its middle line. Returns its width.
pub fn paint_elided(painter: &Painter, pos: Pos2, text: &str, font: FontId, color: Color32, max_width: f32) -> f32 {
    let galley = elided(painter, text, font, color, max_width);
    let size = galley.size();
    painter.galley(pos2(pos.x, pos.y - size.y / 2.0), galley, color);
    size.x
}

/// A label of one line, cut where it does not fit; the whole text is shown on hover then.
pub fn label(ui: &mut Ui, text: &str, font: FontId, color: Color32) -> Response {
    let galley = elided(ui.painter(), text, font, color, ui.available_width());
    let (rect, mut response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    if ui.is_rect_visible(rect) {
        ui.painter().galley(rect.min, Arc::clone(&galley), color);
    }
    if galley.elided {
        response = response.on_hover_text(text);
    }
    response
}

/// Body text.
pub fn body(ui: &mut Ui, text: &str) -> Response {
    label(ui, text, theme::font(tokens::BODY), theme::of(ui).text)
}

/// Body text that matters less.
pub fn dim(ui: &mut Ui, text: &str) -> Response {
    label(ui, text, theme::font(tokens::BODY), theme::of(ui).dim)
}

/// Small text that matters less.
pub fn hint(ui: &mut Ui, text: &str) -> Response {
    label(ui, text, theme::font(tokens::SMALL), theme::of(ui).dim)
}

/// A paragraph that wraps.
pub fn paragraph(ui: &mut Ui, text: &str, font: FontId, color: Color32) -> Response {
    let galley = ui.painter().layout(text.to_owned(), font, color, ui.available_width());
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    if ui.is_rect_visible(rect) {
        ui.painter().galley(rect.min, galley, color);
    }
    response
}

/// The head of a section: small, semibold, dim; a figure at the right end.
pub fn section(ui: &mut Ui, text: &str, figure: Option<&str>) -> Response {
    let tokens = theme::of(ui);
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, text));
    let font = theme::semibold(tokens::SMALL);
    paint_elided(ui.painter(), rect.left_center(), text, font, tokens.dim, width);
    if let Some(figure) = figure {
        figures(
            ui.painter(),
            rect.right_center(),
            Align2::RIGHT_CENTER,
            figure,
            theme::font(tokens::SMALL),
            tokens.dim,
        );
    }
    response
}

/// Bytes for people: `96 MB`, `2.1 GB`; decimal steps below ten.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    const STEP: f64 = 1024.0;
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / STEP;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= STEP;
        unit += 1;
    }
    let digits = usize::from(value < 9.95 && unit > 0);
    format!("{value:.digits$} {}", UNITS[unit])
}

/// The width of `text` when each of its digits takes the widest digit's place.
pub fn figures_width(painter: &Painter, text: &str, font: &FontId) -> f32 {
    painter.fonts_mut(|fonts| {
        let slot = ('0'..='9').map(|digit| fonts.glyph_width(font, digit)).fold(0.0, f32::max);
        text.chars().map(|ch| if ch.is_ascii_digit() { slot } else { fonts.glyph_width(font, ch) }).sum()
    })
}

/// Paints text whose digits all take the same width, so that counts do not dance. Returns the width.
pub fn figures(painter: &Painter, pos: Pos2, align: Align2, text: &str, font: FontId, color: Color32) -> f32 {
    let slot = painter.fonts_mut(|fonts| ('0'..='9').map(|digit| fonts.glyph_width(&font, digit)).fold(0.0, f32::max));
    // Words between the figures are laid out whole, for their kerning.
    let mut parts: Vec<(Arc<Galley>, f32, f32)> = Vec::new();
    let mut x = 0.0;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (part, tail) = if first.is_ascii_digit() {
            rest.split_at(1)
        } else {
            rest.split_at(rest.find(|ch: char| ch.is_ascii_digit()).unwrap_or(rest.len()))
        };
        let galley = painter.layout_no_wrap(part.to_owned(), font.clone(), color);
        let natural = galley.size().x;
        let width = if first.is_ascii_digit() { slot } else { natural };
        parts.push((galley, x + (width - natural) / 2.0, width));
        x += width;
        rest = tail;
    }
    let height = parts.iter().map(|(galley, ..)| galley.size().y).fold(0.0, f32::max);
    let rect = align.anchor_size(pos, Vec2::new(x, height));
    for (galley, offset, _) in parts {
        painter.galley(pos2(rect.left() + offset, rect.top()), galley, color);
    }
    x
}

/// A label whose digits take equal places; it keeps at least `min_width`, so that its neighbours stay where they are.
pub fn figures_label(ui: &mut Ui, text: &str, font: FontId, color: Color32, min_width: f32) -> Response {
    let width = figures_width(ui.painter(), text, &font).max(min_width);
    let height = ui.fonts_mut(|fonts| fonts.row_height(&font));
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    if ui.is_rect_visible(rect) {
        figures(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, text, font, color);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_separated_by_thousands() {
        let cases = [(0, "0"), (999, "999"), (1204, "1,204"), (12_800, "12,800"), (1_000_000, "1,000,000")];
        for (number, text) in cases {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(count(1, "image", "images"), "1 image");
        assert_eq!(count(1204, "image", "images"), "1,204 images");
    }

    #[test]
    fn bytes_are_short() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (2_000, "2 KiB"),
            (96_000_000, "92 MiB"),
            (2_147_483_648, "2.0 GiB"),
            (1_048_000, "1.0 MiB"),
            (134_217_728, "128 MiB"),
        ];
        for (number, text) in cases {
            assert_eq!(bytes(number), text);
        }
    }
}
