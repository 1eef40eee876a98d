//! The line below grid and wall that says what decisions would change about the list, and the way to ask for it again.
//! It takes its room from below, so that nothing above it moves.

use egui::{Align, Layout, Rect, Role, Ui, UiBuilder, WidgetInfo, vec2};

use crate::theme::{self, tokens};
use crate::widgets::Button;
use crate::widgets::text;
use app::state::Opened;
use app::{Action, Command, State};

const HEIGHT: f32 = 38.0;

/// Shows the line at the bottom of `whole` where there is something to say; returns the room that is left.
pub(crate) fn outdated_ui(
    ui: &mut Ui,
    whole: Rect,
    state: &State,
    opened: &Opened,
    commands: &mut Vec<Command>,
) -> Rect {
    if opened.query.outdated.is_empty() {
        return whole;
    }
    let (left, line) = whole.split_top_bottom_at_y(whole.bottom() - HEIGHT);
    let tokens = theme::of(ui);
    ui.painter().rect_filled(line, 0.0, tokens.panel);
    ui.painter().hline(line.x_range(), line.top() + 0.5, egui::Stroke::new(1.0, tokens.line));
    let inner = line.shrink2(vec2(tokens::GAP_LARGE, 0.0));
    let layout = Layout::right_to_left(Align::Center);
    let mut line_ui = ui.new_child(UiBuilder::new().id_salt("outdated list").max_rect(inner).layout(layout));
    let action = Action::RefreshList.text();
    let button = Button::new("Refresh").name(action.label).key_if(state.keys.cap(Action::RefreshList));
    if line_ui.add(button).on_hover_text(action.tooltip).clicked() {
        commands.extend(Action::RefreshList.command(state));
    }
    let words = opened.query.outdated.words();
    let room = line_ui.available_rect_before_wrap();
    let response = ui.interact(room, ui.scope_id().with("outdated words"), egui::Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words.clone()));
    let font = theme::font(tokens::BODY);
    let galley = text::elided(ui.painter(), &words, font, tokens.text, room.width() - tokens::GAP);
    let at = room.left_center() - vec2(0.0, galley.size().y / 2.0);
    ui.painter().galley(at, galley, tokens.text);
    left
}
