//! The histogram of region counts: a gray bar for the project, a blue one for what is shown.

use egui::{Align2, CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{SIDE, clicked, standing_words};
use crate::theme;
use crate::widgets::{paint, text};
use app::Command;
use app::state::Opened;
use domain::facets::{FacetEntry, FacetSection};
use domain::query::edit::Standing;

const HEIGHT: f32 = 36.0;
const LABELS: f32 = 16.0;
const GAP: f32 = 2.0;

pub(super) fn bars_ui(ui: &mut Ui, opened: &Opened, section: &FacetSection, commands: &mut Vec<Command>) {
    let (slot, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT + LABELS + 4.0), Sense::hover());
    let bars = Rect::from_min_size(slot.min + vec2(SIDE, 4.0), vec2(slot.width() - 2.0 * SIDE, HEIGHT));
    let most = section.entries.iter().map(|entry| entry.total).max().unwrap_or(1).max(1);
    let step = bars.width() / section.entries.len().max(1) as f32;
    for (at, entry) in section.entries.iter().enumerate() {
        let left = bars.left() + at as f32 * step;
        let column = Rect::from_min_max(pos2(left, bars.top()), pos2(left + step, slot.bottom()));
        bar_ui(ui, opened, column, entry, most, commands);
    }
}

fn bar_ui(ui: &Ui, opened: &Opened, column: Rect, entry: &FacetEntry, most: u32, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let standing = opened.query.standing(&entry.test);
    let response = ui.interact(column, ui.scope_id().with(("bar", &entry.label)), Sense::click());
    let images = text::count(entry.count.into(), "image", "images");
    let name = format!("With {} regions: {images}{}", entry.label, standing_words(standing));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, standing == Standing::Included, &name));
    let foot = column.top() + HEIGHT;
    let hover = paint::hover(ui, &response);
    let bar = |count: u32| {
        let share = count as f32 / most as f32;
        let height = if count == 0 { 1.0 } else { (share * HEIGHT).max(2.0) };
        Rect::from_min_max(pos2(column.left(), foot - height), pos2(column.right() - GAP, foot))
    };
    let painter = ui.painter();
    if standing != Standing::Neither {
        let fill = if standing == Standing::Included { tokens.selected } else { tokens.excluded };
        let ground = Rect::from_min_max(column.min, pos2(column.right() - GAP, column.bottom()));
        painter.rect_filled(ground, CornerRadius::same(3), fill);
    }
    let corners = CornerRadius { nw: 2, ne: 2, sw: 0, se: 0 };
    painter.rect_filled(bar(entry.total), corners, paint::mix(tokens.pressed, tokens.faint, hover));
    if entry.count > 0 {
        let color = if standing == Standing::Excluded { tokens.bad } else { tokens.accent };
        painter.rect_filled(bar(entry.count), corners, paint::mix(color, tokens.text, hover * 0.25));
    }
    let label = entry.label.split(' ').next().unwrap_or_default();
    let label = if label.len() < entry.label.len() { format!("{label}+") } else { label.to_owned() };
    let at = pos2(column.center().x - GAP / 2.0, foot + LABELS / 2.0 + 1.0);
    painter.text(at, Align2::CENTER_CENTER, label, theme::font(10.0), tokens.dim);
    paint::focus_ring(ui, column, &response, 3);
    let words = format!(
        "{}\n{images} of {}\nClick includes, Alt+click excludes.",
        entry.test,
        text::thousands(entry.total.into())
    );
    if response.on_hover_text(words).clicked() {
        commands.push(clicked(ui, &entry.test));
    }
}
