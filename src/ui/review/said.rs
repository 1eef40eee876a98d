//! What was just done, undone or redone, in words at the foot of the stage for a few seconds: where the person looks. The
//! status bar keeps it after that.

use egui::{Align2, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use crate::theme::{self, tokens};
use crate::widgets::text;
use app::state::Opened;

/// Seconds that it stays.
const SECONDS: f64 = 5.0;

/// Which remark is shown, and since when.
#[derive(Default)]
pub(crate) struct SaidView {
    number: u64,
    since: f64,
}

/// Shows the last remark over the foot of `stage` while it is new. It takes no clicks.
pub(crate) fn said_ui(ui: &mut Ui, stage: Rect, opened: &Opened, view: &mut SaidView) {
    let Some(said) = &opened.review.said else { return };
    let now = ui.input(|input| input.time);
    if view.number != said.number {
        *view = SaidView { number: said.number, since: now };
    }
    let left = view.since + SECONDS - now;
    if left <= 0.0 {
        return;
    }
    ui.ctx().request_repaint_after_secs(left as f32);
    let tokens = theme::of(ui);
    let room = stage.width() - 4.0 * tokens::GAP_LARGE;
    let galley = text::elided(ui.painter(), &said.words, theme::semibold(tokens::BODY), tokens.text, room);
    let size = galley.size() + vec2(28.0, 16.0);
    let rect = Align2::CENTER_BOTTOM.anchor_rect(Rect::from_min_size(stage.center_bottom() - vec2(0.0, 52.0), size));
    let response = ui.interact(rect, ui.scope_id().with("what was just done"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &said.words));
    let painter = ui.painter();
    painter.rect(rect, CornerRadius::same(8), tokens.panel, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    painter.galley(rect.center() - galley.size() / 2.0, galley, tokens.text);
}
