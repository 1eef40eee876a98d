//! Two panes side by side: where they are, which follows which, which has the cursor, and the line above the pictures.

use egui::{Rect, Ui, vec2};

use super::controls::{self, MARGIN};
use super::names;
use super::pane::PlacedPane;
use super::viewport::Viewport;
use crate::theme::{self, tokens};
use crate::widgets::{AtRight, Button};
use crate::{icons, marks};
use app::canvas::Compare;
use app::{Action, CanvasCommand, Command, CompareCommand, State};
use domain::ImageView;

const GAP: f32 = 2.0;
pub(super) const LINE: f32 = tokens::CONTROL + 6.0;

/// The two halves of the canvas, equally wide.
pub(super) fn halves(area: Rect) -> [Rect; 2] {
    let width = ((area.width() - GAP) / 2.0).floor();
    [area.with_max_x(area.left() + width), area.with_min_x(area.right() - width)]
}

/// Makes both views the same part of their pictures: the one that the person has moved leads, else that with the cursor.
pub(super) fn lock(main: &mut PlacedPane<'_>, other: &mut PlacedPane<'_>, other_before: Viewport) {
    if other.viewport == other_before {
        other.viewport = main.viewport.locked_to(other.viewport);
    } else {
        main.viewport = other.viewport.locked_to(main.viewport);
    }
}

/// The names of both images, and what can be done with the other one. Returns whether the button that hides the boxes is
/// held.
pub(super) fn line_ui(
    ui: &mut Ui,
    state: &State,
    compare: &Compare,
    [main, other]: [(Rect, ImageView<'_>); 2],
    commands: &mut Vec<Command>,
) -> bool {
    let place = |area: Rect| {
        Rect::from_min_size(area.min + vec2(MARGIN, controls::TOP), vec2(area.width() - 2.0 * MARGIN, tokens::CONTROL))
    };
    let [left, right] = if compare.is_cursor_right { [other, main] } else { [main, other] };
    let row = place(left.0);
    let group = AtRight::new(ui, "hold line", row);
    let taken = row.right() - group.left() + 8.0;
    let has_hold = row.width() >= 280.0;
    let is_held =
        group.show(ui, |ui| has_hold && ui.add(controls::hold_button(state).height(24.0)).is_pointer_button_down_on());
    name_chip(ui, row, left.1, taken);
    let row = place(right.0);
    let group = AtRight::new(ui, "compare line", row);
    let taken = row.right() - group.left() + 8.0;
    let is_narrow = row.width() < 330.0;
    let button = |action: Action, label: &'static str, is_on: bool| {
        let shown = if is_narrow { None } else { state.keys.cap(action) };
        Button::new(label).key_if(shown).selected(is_on).height(24.0)
    };
    group.show(ui, |ui| {
        let compare_command = |command| Command::Canvas(CanvasCommand::Compare(command));
        let steps = [(Action::PreviousCompared, icons::LEFT, -1), (Action::NextCompared, icons::RIGHT, 1)];
        for (action, icon, by) in steps {
            let words = state.keys.words(action);
            if ui.add(Button::new("").icon(icon).name(&words).height(24.0)).clicked() {
                commands.push(compare_command(CompareCommand::Step(by)));
            }
        }
        let locked = ui.add(button(Action::ToggleLock, "Locked", compare.is_locked));
        if locked.on_hover_text(state.keys.words(Action::ToggleLock)).clicked() {
            commands.push(compare_command(CompareCommand::ToggleLock));
        }
        let swap = ui.add(button(Action::SwapCompared, "Swap", false));
        if swap.on_hover_text(state.keys.words(Action::SwapCompared)).clicked() {
            commands.push(compare_command(CompareCommand::Swap));
        }
    });
    name_chip(ui, row, right.1, taken);
    is_held
}

fn name_chip(ui: &Ui, row: Rect, image: ImageView<'_>, taken: f32) {
    let room = row.width() - taken - 16.0;
    if room > 30.0 {
        let galley = marks::chip_text(ui.painter(), names::name(image), room);
        let y = row.center().y - marks::CHIP_HEIGHT / 2.0;
        marks::paint_chip(ui.painter(), egui::pos2(row.left(), y), galley, None);
    }
}

/// The line between the panes, and the one above that with the cursor.
pub(super) fn paint_lines(ui: &Ui, area: Rect, main: Rect) {
    let [left, right] = halves(area);
    let gap = Rect::from_min_max(left.right_top(), right.left_bottom());
    ui.painter().rect_filled(gap, 0.0, theme::DARK.line);
    ui.painter().rect_filled(main.with_max_y(main.top() + 2.0), 0.0, theme::DARK.accent);
}
