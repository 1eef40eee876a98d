//! The bubble beside the scrollbar while it is dragged: which image is the first in sight, and from when it is.

use egui::{CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::theme::{self, tokens};
use crate::widgets::text::{self, thousands};
use app::state::Opened;
use domain::{ImageView, SortKey, Timestamp};

const MARGIN: egui::Vec2 = vec2(12.0, 8.0);
const WIDEST: f32 = 260.0;
const BETWEEN: f32 = 3.0;

/// Shows it at the height of the thumb. `first`: the place of the first image in sight.
pub(super) fn bubble_ui(ui: &Ui, bar: Rect, thumb: f32, opened: &Opened, first: usize, sort: SortKey) {
    let Some(image) = opened.visible.get(first).and_then(|&ix| opened.catalogue.get(ix)) else { return };
    let tokens = theme::of(ui);
    let number = format!("{} of {}", thousands(first as u64 + 1), thousands(opened.visible.len() as u64));
    let about = about(image, sort);
    let painter = ui.painter().with_clip_rect(ui.ctx().content_rect());
    let lines = [
        text::elided(&painter, &number, theme::semibold(tokens::BODY), tokens.text, WIDEST),
        text::elided(&painter, &about, theme::font(tokens::SMALL), tokens.dim, WIDEST),
    ];
    let width = lines.iter().map(|line| line.size().x).fold(0.0, f32::max);
    let height = lines.iter().map(|line| line.size().y).sum::<f32>() + BETWEEN;
    let size = vec2(width, height) + 2.0 * MARGIN;
    let top = (thumb - size.y / 2.0).clamp(bar.top(), (bar.bottom() - size.y).max(bar.top()));
    let rect = Rect::from_min_size(pos2(bar.left() - size.x - 8.0, top), size);
    let response = ui.interact(rect, ui.scope_id().with("scrubber"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{number}, {about}")));
    let stroke = Stroke::new(1.0, tokens.line);
    painter.rect(rect, CornerRadius::same(tokens::RADIUS), tokens.panel, stroke, StrokeKind::Inside);
    let mut at = rect.min + MARGIN;
    for line in lines {
        let down = line.size().y + BETWEEN;
        painter.galley(at, line, tokens.text);
        at.y += down;
    }
}

/// What the order is about: the name, or the date where there is one.
fn about(image: ImageView<'_>, sort: SortKey) -> String {
    let name = || image.name().map_or_else(|| image.id().to_string(), str::to_owned);
    match image.created() {
        Some(created) if sort != SortKey::FileName => Timestamp::date_text(created),
        _ => name(),
    }
}
