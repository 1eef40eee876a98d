//! What the image grid and the region wall share: where cells are ([`layout`]), how far they are scrolled, the rubber band,
//! the line above and the heads of groups, what a cell is painted of.

pub mod layout;
pub(super) mod paint;
pub(super) mod scroll;

use egui::{Align2, Color32, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::icons;
use super::theme::{self, tokens};
use super::widgets::text::{figures, figures_width};
use super::widgets::{choice, text};

/// What a cell's ring reaches above it: that much of the rows is seen under the line above the cells.
pub(super) const RING: f32 = 4.0;
/// The smallest and the largest side of a cell in points.
pub const SIDES: std::ops::RangeInclusive<f32> = 64.0..=512.0;

/// The wheel over the cells: scrolls, or gives a new side with Ctrl. `wanted` adds up a side's steps, which may be less
/// than a point.
pub(super) fn wheel(ui: &Ui, body: Rect, side: f32, wanted: &mut Option<f32>, offset: &mut f64) -> Option<f32> {
    if !ui.rect_contains_pointer(body) {
        *wanted = None;
        return None;
    }
    let (scrolled, zoom) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
    if (zoom - 1.0).abs() <= 1e-4 {
        *wanted = None;
        *offset -= f64::from(scrolled);
        return None;
    }
    let side = (wanted.unwrap_or(side) * zoom).clamp(*SIDES.start(), *SIDES.end());
    *wanted = Some(side);
    Some(side)
}

/// Height of the line above the cells.
pub(crate) const LINE_HEIGHT: f32 = 44.0;

/// The count: the strong part and the rest.
pub(crate) fn counts_ui(ui: &Ui, rect: Rect, strong: &str, rest: &str) {
    let tokens = theme::of(ui);
    let response = ui.interact(rect, ui.scope_id().with("counts"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{strong}{rest}")));
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let y = rect.center().y;
    let font = theme::semibold(tokens::BODY);
    let painted = figures(&painter, pos2(rect.left(), y), Align2::LEFT_CENTER, strong, font, tokens.text, rect.width());
    let left = pos2(rect.left() + painted.width + 1.0, y);
    let font = theme::font(tokens::BODY);
    let room = rect.right() - left.x;
    if painted.is_whole && figures_width(&painter, rest, &font) <= room {
        figures(&painter, left, Align2::LEFT_CENTER, rest, font, tokens.dim, room);
    } else {
        response.on_hover_text(format!("{strong}{rest}"));
    }
}

/// The slider of the cells' side between a large and a small mark, in a layout from left to right. A fresh side is returned.
pub(crate) fn size_ui(ui: &mut Ui, name: &str, side: f32, width: f32) -> Option<f32> {
    ui.add_space(tokens::GAP_SMALL);
    mark(ui, 12.0);
    // The steps of the slider are even to the eye: each makes the side larger by the same share.
    let range = SIDES.start().ln()..=SIDES.end().ln();
    let (_, fresh) = choice::slider(ui, name, side.ln(), range, width);
    mark(ui, 17.0);
    fresh.map(f32::exp)
}

fn mark(ui: &mut Ui, size: f32) {
    let dim = theme::of(ui).dim;
    let (rect, _) = ui.allocate_exact_size(vec2(18.0, tokens::CONTROL), Sense::hover());
    icons::paint(ui.painter(), rect.center(), icons::IMAGE, size, dim);
}

pub(crate) const HEAD_HEIGHT: f32 = 30.0;

pub(crate) fn head_ui(ui: &Ui, rect: Rect, number: usize, color: Option<Color32>, name: &str, rest: &str) -> Response {
    let tokens = theme::of(ui);
    let response = ui.interact(rect, ui.scope_id().with(("head", number)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Select the group {name}, {rest}")));
    // What scrolls under it must not be seen through it, rings included.
    let ground = rect.expand2(vec2(RING, 0.0)).with_min_y(rect.top() - RING);
    ui.painter().rect_filled(ground, 0.0, tokens.window);
    if response.hovered() {
        ui.painter().rect_filled(rect.expand2(vec2(4.0, -2.0)), f32::from(tokens::RADIUS), tokens.hovered);
    }
    let y = rect.center().y;
    let mut x = rect.left();
    if let Some(color) = color {
        choice::swatch(ui, pos2(x + 5.0, y), color, false);
        x += 22.0;
    }
    let rest_width = figures_width(ui.painter(), rest, &theme::font(tokens::BODY));
    let room = (rect.right() - x - rest_width - 12.0).max(40.0);
    let galley = text::elided(ui.painter(), name, theme::semibold(tokens::BODY), tokens.text, room);
    let width = galley.size().x;
    ui.painter().galley(pos2(x, y - galley.size().y / 2.0), galley, tokens.text);
    let left = pos2(x + width + 6.0, y);
    let room = rect.right() - left.x;
    figures(ui.painter(), left, Align2::LEFT_CENTER, rest, theme::font(tokens::BODY), tokens.dim, room);
    response.on_hover_text("Click to select the group, Ctrl+click to add the group to the selection")
}
