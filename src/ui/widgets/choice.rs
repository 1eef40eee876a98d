//! Choices: a check box, a segmented control, a slider.

use egui::{Align2, CornerRadius, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::text::Painted;
use super::{paint, text};
use crate::theme::{self, tokens};
use crate::{icons, tag_style};

/// A check box with its text and, dim, a remark.
pub fn checkbox(ui: &mut Ui, is_on: bool, label: &str, remark: &str) -> Response {
    const BOX: f32 = 16.0;
    let tokens = theme::of(ui);
    let font = theme::font(tokens::BODY);
    let max_width = ui.available_width();
    let galley = text::elided(ui.painter(), label, font.clone(), tokens.text, max_width - BOX - 8.0);
    let left = max_width - BOX - 8.0 - galley.size().x - 8.0;
    let remark_galley =
        (!remark.is_empty() && left > 24.0).then(|| text::elided(ui.painter(), remark, font, tokens.dim, left));
    let width = BOX + 8.0 + galley.size().x + remark_galley.as_ref().map_or(0.0, |galley| galley.size().x + 8.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), is_on, label));
    let mark = Rect::from_center_size(pos2(rect.left() + BOX / 2.0, rect.center().y), vec2(BOX, BOX));
    let hover = paint::hover(ui, &response);
    if is_on {
        ui.painter().rect_filled(mark, CornerRadius::same(4), tokens.accent);
        icons::paint(ui.painter(), mark.center(), icons::CHECK, 13.0, tokens.on_accent);
    } else {
        let line = paint::mix(tokens.faint, tokens.dim, hover);
        ui.painter().rect(mark, CornerRadius::same(4), tokens.field, Stroke::new(1.0, line), StrokeKind::Inside);
    }
    let x = mark.right() + 8.0;
    let size = galley.size();
    ui.painter().galley(pos2(x, rect.center().y - size.y / 2.0), galley, tokens.text);
    if let Some(remark) = remark_galley {
        let height = remark.size().y;
        ui.painter().galley(pos2(x + size.x + 8.0, rect.center().y - height / 2.0), remark, tokens.dim);
    }
    paint::focus_ring(ui, mark.expand(3.0), &response, 6);
    response
}

pub struct Segment<'a> {
    pub label: &'a str,
    pub is_enabled: bool,
}

/// One of a few, side by side. Returns the place of the part that was clicked.
pub fn segmented(ui: &mut Ui, name: &str, segments: &[Segment<'_>], selected: usize) -> Option<usize> {
    let tokens = theme::of(ui);
    let font = theme::font(tokens::BODY);
    let galleys: Vec<_> = segments
        .iter()
        .map(|segment| ui.painter().layout_no_wrap(segment.label.to_owned(), font.clone(), tokens.text))
        .collect();
    let width = galleys.iter().map(|galley| galley.size().x + 24.0).sum::<f32>();
    let (rect, group) = ui.allocate_exact_size(vec2(width, tokens::CONTROL), Sense::hover());
    group.widget_info(|| WidgetInfo::labeled(Role::RadioGroup, true, name));
    ui.painter().add(paint::framed(rect, tokens::RADIUS, tokens.field, tokens.line));
    let mut clicked = None;
    let mut x = rect.left();
    for (at, (segment, galley)) in segments.iter().zip(galleys).enumerate() {
        let part = Rect::from_min_size(pos2(x, rect.top()), vec2(galley.size().x + 24.0, rect.height()));
        x = part.right();
        let sense = if segment.is_enabled { Sense::click() } else { Sense::hover() };
        let response = ui.interact(part, group.id.with(at), sense);
        response
            .widget_info(|| WidgetInfo::selected(Role::RadioButton, segment.is_enabled, at == selected, segment.label));
        if response.clicked() {
            clicked = Some(at);
        }
        let inner = part.shrink(1.0);
        if at == selected {
            ui.painter().rect_filled(inner, CornerRadius::same(tokens::RADIUS - 1), tokens.hovered);
        } else if segment.is_enabled {
            let fill = tokens.raised.gamma_multiply(paint::hover(ui, &response));
            ui.painter().rect_filled(inner, CornerRadius::same(tokens::RADIUS - 1), fill);
        }
        let color = match (at == selected, segment.is_enabled) {
            (_, false) => tokens.faint,
            (true, true) => tokens.text,
            (false, true) => paint::mix(tokens.dim, tokens.text, paint::hover(ui, &response)),
        };
        ui.painter().galley_with_override_text_color(part.center() - galley.size() / 2.0, galley, color);
        paint::focus_ring(ui, part, &response, tokens::RADIUS);
    }
    clicked
}

/// One of a few values, side by side under their labels; the one that was clicked.
pub fn one_of<T: Copy + PartialEq, L: AsRef<str>>(
    ui: &mut Ui,
    name: &str,
    all: &[T],
    chosen: T,
    label: impl Fn(T) -> L,
) -> Option<T> {
    let labels: Vec<L> = all.iter().map(|one| label(*one)).collect();
    let segments: Vec<_> = labels.iter().map(|label| Segment { label: label.as_ref(), is_enabled: true }).collect();
    let at = all.iter().position(|one| *one == chosen).unwrap_or(usize::MAX);
    segmented(ui, name, &segments, at).map(|at| all[at])
}

/// One of a few values with their labels.
pub fn one_of_named<T: Copy + PartialEq>(ui: &mut Ui, name: &str, all: &[(T, &str)], chosen: T) -> Option<T> {
    let segments: Vec<_> = all.iter().map(|(_, label)| Segment { label, is_enabled: true }).collect();
    let at = all.iter().position(|(one, _)| *one == chosen).unwrap_or(usize::MAX);
    segmented(ui, name, &segments, at).map(|at| all[at].0)
}

/// A slider: a thin rail, filled up to the knob. Returns the new value while it is dragged, clicked, or moved by keys.
pub fn slider(
    ui: &mut Ui,
    name: &str,
    value: f32,
    range: std::ops::RangeInclusive<f32>,
    width: f32,
) -> (Response, Option<f32>) {
    let tokens = theme::of(ui);
    let (rect, mut response) = ui.allocate_exact_size(vec2(width, tokens::CONTROL), Sense::click_and_drag());
    let (low, high) = (*range.start(), *range.end());
    let span = (high - low).max(f32::EPSILON);
    let mut fresh = None;
    if let Some(Pos2 { x, .. }) = response.interact_pointer_pos() {
        fresh = Some(low + ((x - rect.left() - 6.0) / (rect.width() - 12.0)).clamp(0.0, 1.0) * span);
    }
    if response.has_focus() {
        let filter = egui::EventFilter { horizontal_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let steps = ui.input(|input| {
            input.num_presses(egui::Key::ArrowRight) as f32 - input.num_presses(egui::Key::ArrowLeft) as f32
        });
        if steps != 0.0 {
            fresh = Some((value + steps * span / 20.0).clamp(low, high));
        }
    }
    let fresh = fresh.filter(|fresh| (fresh - value).abs() > f32::EPSILON);
    if fresh.is_some() {
        response.mark_changed();
    }
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), f64::from(value), name));
    let share = ((fresh.unwrap_or(value) - low) / span).clamp(0.0, 1.0);
    let rail = Rect::from_center_size(rect.center(), vec2(rect.width() - 12.0, 4.0));
    let knob = pos2(rail.left() + share * rail.width(), rail.center().y);
    ui.painter().rect_filled(rail, CornerRadius::same(2), tokens.pressed);
    let filled = Rect::from_min_max(rail.min, pos2(knob.x, rail.max.y));
    ui.painter().rect_filled(filled, CornerRadius::same(2), tokens.dim);
    let color = paint::mix(
        tokens.dim,
        tokens.text,
        paint::hover(ui, &response).max(if response.dragged() { 1.0 } else { 0.0 }),
    );
    ui.painter().circle_filled(knob, 6.0, color);
    if response.has_focus() {
        ui.painter().circle_stroke(knob, 8.0, Stroke::new(tokens::FOCUS_WIDTH, tokens.accent));
    }
    (response, fresh)
}

/// A bar of progress; `None`: how much is to do is not known, and the bar is empty.
pub fn progress(ui: &mut Ui, name: &str, share: Option<f32>, size: egui::Vec2) -> Response {
    let tokens = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, name);
        info.value = share.map(|share| f64::from(share * 100.0));
        info
    });
    let radius = CornerRadius::same((rect.height() / 2.0) as u8);
    ui.painter().rect_filled(rect, radius, tokens.line);
    if let Some(share) = share.filter(|share| *share > 0.0) {
        let width = (rect.width() * share.clamp(0.0, 1.0)).max(rect.height());
        ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(width, rect.height())), radius, tokens.accent);
    }
    response
}

/// A tag's color as it is seen on a panel of the theme in force.
pub fn on_panel(ui: &Ui, color: egui::Color32) -> egui::Color32 {
    if theme::of(ui).is_dark { color } else { tag_style::on_light(color) }
}

/// A colored square, as it is before a tag's name, in the color of its boxes on the photographs; on light with a dark
/// edge, so that pale ones are seen. Hollow when its boxes are hidden.
pub fn swatch(ui: &Ui, center: Pos2, color: egui::Color32, is_hollow: bool) {
    let rect = Rect::from_center_size(center, vec2(10.0, 10.0));
    if is_hollow {
        let stroke = Stroke::new(1.5, on_panel(ui, color));
        ui.painter().rect_stroke(rect, CornerRadius::same(3), stroke, StrokeKind::Inside);
    } else {
        swatch_sized(ui, center, 10.0, color);
    }
}

/// The same with another side.
pub fn swatch_sized(ui: &Ui, center: Pos2, side: f32, color: egui::Color32) {
    let rect = Rect::from_center_size(center, vec2(side, side));
    let radius = CornerRadius::same(if side < 10.0 { 2 } else { 3 });
    ui.painter().rect_filled(rect, radius, color);
    let edge = on_panel(ui, color);
    if edge != color {
        ui.painter().rect_stroke(rect, radius, Stroke::new(1.0, edge), StrokeKind::Inside);
    }
}

/// A count at the right end of a row, within `room` points.
pub fn figure_right(ui: &Ui, right: Pos2, number: u64, color: egui::Color32, room: f32) -> Painted {
    let words = text::thousands(number);
    text::figures(ui.painter(), right, Align2::RIGHT_CENTER, &words, theme::font(tokens::BODY), color, room)
}
