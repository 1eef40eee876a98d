//! Text on one line, cut with an ellipsis where it does not fit, and numbers. A number that loses a digit at an edge is
//! another number, so none is ever clipped: where there is no room it is shortened as a whole, `12k` for `12,345`, and
//! left out where even that does not fit.

use std::borrow::Cow;
use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Pos2, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

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

#[derive(Clone, Copy, Debug)]
pub struct Painted {
    /// Its width in points.
    pub width: f32,
    /// Whether it is all there; if not, the whole text belongs into the hover text.
    pub is_whole: bool,
}

/// The width of `text` when each of its digits takes the widest digit's place.
pub fn figures_width(painter: &Painter, text: &str, font: &FontId) -> f32 {
    painter.fonts_mut(|fonts| {
        let slot = ('0'..='9').map(|digit| fonts.glyph_width(font, digit)).fold(0.0, f32::max);
        text.chars().map(|ch| if ch.is_ascii_digit() { slot } else { fonts.glyph_width(font, ch) }).sum()
    })
}

/// Paints text whose digits all take the same width, so that counts do not dance, within `room` points.
pub fn figures(
    painter: &Painter,
    pos: Pos2,
    align: Align2,
    text: &str,
    font: FontId,
    color: Color32,
    room: f32,
) -> Painted {
    // Widths are sums of rounded parts.
    let fits = |text: &str| figures_width(painter, text, &font) <= room + 0.5;
    if fits(text) {
        return Painted { width: in_slots(painter, pos, align, text, font, color), is_whole: true };
    }
    let short = shortened(text);
    let width = if fits(&short) {
        in_slots(painter, pos, align, &short, font, color)
    } else {
        let galley = elided(painter, &short, font, color, room);
        let size = galley.size();
        if size.x > room + 0.5 {
            return Painted { width: 0.0, is_whole: false };
        }
        painter.galley(align.anchor_size(pos, size).min, galley, color);
        size.x
    };
    Painted { width, is_whole: false }
}

fn in_slots(painter: &Painter, pos: Pos2, align: Align2, text: &str, font: FontId, color: Color32) -> f32 {
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

/// A label whose digits take equal places. It keeps at least `min_width`, so that its neighbors stay where they are; where
/// there is less room than it needs it is shortened, and whole on hover.
pub fn figures_label(ui: &mut Ui, text: &str, font: FontId, color: Color32, min_width: f32) -> Response {
    let room = ui.available_width().max(0.0);
    let width = figures_width(ui.painter(), text, &font).max(min_width).min(room);
    let height = ui.fonts_mut(|fonts| fonts.row_height(&font));
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let painted = figures(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, text, font, color, rect.width());
    if painted.is_whole { response } else { response.on_hover_text(text) }
}

/// The text with each large number shortened: `12,345 of 1,000,000` is `12k of 1.0M`, `100.0 %` is `100 %`. Years and the
/// digits of names stay.
pub fn shortened(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(from) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, tail) = rest.split_at(from);
        let end = tail.find(|letter: char| !letter.is_ascii_digit() && letter != ',' && letter != '.');
        let run = tail[..end.unwrap_or(tail.len())].trim_end_matches([',', '.']);
        let is_of_word = before.chars().next_back().is_some_and(char::is_alphanumeric);
        short.push_str(before);
        short.push_str(&if is_of_word { Cow::Borrowed(run) } else { short_number(run) });
        rest = &tail[run.len()..];
    }
    short.push_str(rest);
    short
}

fn short_number(run: &str) -> Cow<'_, str> {
    let digits = run.replace(',', "");
    if let Some((whole, _)) = digits.split_once('.') {
        return match digits.parse::<f64>() {
            Ok(value) if whole.len() > 1 => Cow::Owned(format!("{value:.0}")),
            Ok(value) => Cow::Owned(format!("{value:.1}")),
            Err(_) => Cow::Borrowed(run),
        };
    }
    let is_large = digits.len() > 4 || digits.len() < run.len();
    match digits.parse::<u64>() {
        Ok(value) if is_large => Cow::Owned(in_steps(value)),
        _ => Cow::Borrowed(run),
    }
}

/// `1.2k`, `12k`, `1.0M`.
fn in_steps(value: u64) -> String {
    let mut value = value as f64;
    let mut unit = "";
    for next in ["k", "M", "G", "T"] {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    let digits = usize::from(value < 9.95);
    format!("{value:.digits$}{unit}")
}

/// Where a text that is cut after `kept` bytes is to be cut so that no number loses a digit: before the number that the cut
/// falls into. Digits in a name, an id or a file's name are no number.
pub(super) fn cut_before_number(text: &str, kept: usize) -> usize {
    let start = text[..kept].rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let end = text[kept..].find(char::is_whitespace).map_or(text.len(), |at| kept + at);
    let word = text[start..end].trim_matches(|letter: char| letter.is_ascii_punctuation());
    let is_sign = |letter: char| letter.is_ascii_digit() || ",.:/%x\u{d7}+-\u{2212}".contains(letter);
    let is_number = word.starts_with(|letter: char| letter.is_ascii_digit()) && word.chars().all(is_sign);
    if is_number && kept < end { start } else { cut_before_figure(text, start, kept) }
}

/// The same for the figure of a query's term, `area>50%`, which is a word from `start` on.
fn cut_before_figure(text: &str, start: usize, kept: usize) -> usize {
    let is_of_figure = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == ',';
    let Some(at) = text[start..kept].rfind(|letter: char| !is_of_figure(letter)).map(|at| start + at) else {
        return kept;
    };
    let is_sign = text[at..].starts_with(['<', '>', '=', ':']);
    let goes_on = text[kept..].starts_with(|letter: char| is_of_figure(letter) || letter == '%');
    if is_sign && goes_on { at + 1 } else { kept }
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

    #[test]
    fn numbers_are_shortened_as_a_whole() {
        let cases = [
            ("999", "999"),
            ("1,204", "1.2k"),
            ("12,345", "12k"),
            ("999,700", "1.0M"),
            ("1,000,000 regions", "1.0M regions"),
            ("12,800 of 100,000 listed", "13k of 100k listed"),
            ("65535", "66k"),
            ("100.0 %", "100 %"),
            ("0.123", "0.1"),
            ("2024-04-12 10:12", "2024-04-12 10:12"),
            ("a shelf7, 1204", "a shelf7, 1204"),
            ("img20481 is 3.", "img20481 is 3."),
        ];
        for (text, short) in cases {
            assert_eq!(shortened(text), short, "{text}");
        }
    }

    #[test]
    fn a_cut_never_falls_into_a_number() {
        let cut = |text: &str, kept: usize| cut_before_number(text, kept);
        assert_eq!(cut("listed 12,345 images", 10), 7);
        assert_eq!(cut("listed 12,345 images", 13), 13, "behind it is as good");
        assert_eq!(cut("12,345", 3), 0);
        assert_eq!(cut("completed 2024-04-12", 14), 10);
        assert_eq!(cut("(12,345)", 4), 0);
        assert_eq!((cut("area>50%", 6), cut("area>50%", 3), cut("tag:fork", 6)), (5, 3, 6));
        for name in ["IMG_20240412.jpg", "00012345.jpg", "2a206067-55f1", "shelf7"] {
            assert_eq!(cut(name, 5), 5, "{name} is a name");
        }
    }
}
