//! Text on one line, cut with an ellipsis where it does not fit, though never within a number.

use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Pos2, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::number::{Painted, cut_before_number};
pub use super::number::{figures, figures_label, figures_width};
use crate::theme::{self, tokens};
pub use app::words::{count, thousands};

/// One line of text, cut at `max_width`: before a number rather than within it.
pub fn elided(painter: &Painter, text: &str, font: FontId, color: Color32, max_width: f32) -> Arc<Galley> {
    let line = text.replace(['\n', '\r'], " ");
    let mut job = LayoutJob::simple_singleline(line.clone(), font.clone(), color);
    job.wrap = TextWrapping::truncate_at_width(max_width.max(1.0));
    let galley = painter.layout_job(job);
    if !galley.elided {
        return galley;
    }
    // The last letter is the ellipsis.
    let letters = galley.rows.first().map_or(0, |row| row.row.glyphs.len().saturating_sub(1));
    let kept = line.char_indices().nth(letters).map_or(line.len(), |(at, _)| at);
    let whole = cut_before_number(&line, kept);
    if whole == kept {
        return galley;
    }
    let words = format!("{}\u{2026}", line[..whole].trim_end());
    let mut galley = painter.layout_no_wrap(words, font, color);
    Arc::make_mut(&mut galley).elided = true;
    galley
}

/// The end of a text that is wider than `max_width`, behind an ellipsis; `None` where all of it fits.
pub fn elided_in_front(
    painter: &Painter,
    text: &str,
    font: FontId,
    color: Color32,
    max_width: f32,
) -> Option<Arc<Galley>> {
    let laid_out = |text: String| painter.layout_no_wrap(text, font.clone(), color);
    if laid_out(text.to_owned()).size().x <= max_width {
        return None;
    }
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let end_from = |at: usize| laid_out(format!("\u{2026}{}", text.get(at..).unwrap_or_default()));
    // The further back it begins, the narrower it is.
    let first = starts.partition_point(|&at| end_from(at).size().x > max_width);
    Some(end_from(starts.get(first).copied().unwrap_or(text.len())))
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
    let mut painted = Painted { width: 0.0, is_whole: true };
    if let Some(figure) = figure {
        let font = theme::font(tokens::SMALL);
        let (right, align) = (rect.right_center(), Align2::RIGHT_CENTER);
        painted = figures(ui.painter(), right, align, figure, font, tokens.dim, width * 0.75);
    }
    let room = width - if figure.is_some() { painted.width + tokens::GAP } else { 0.0 };
    paint_elided(ui.painter(), rect.left_center(), text, theme::semibold(tokens::SMALL), tokens.dim, room);
    match figure {
        Some(figure) if !painted.is_whole => response.on_hover_text(figure),
        _ => response,
    }
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
