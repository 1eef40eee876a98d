//! How thumbnails and boxes look: the choices in the popover of **View** above the grid and on the canvas, and in the
//! settings.

use egui::{Popup, PopupCloseBehavior, ScrollArea, Ui};

use super::theme::tokens;
use super::widgets::popover::popover;
use super::widgets::{Button, Segment, checkbox, segmented, text};
use app::appearance::{Appearance, Caption, Fill, LabelSize, LineWidth};
use app::{Command, SettingsCommand, State};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Thumbnails and boxes.
    All,
    /// Boxes alone: no thumbnail is in sight.
    Boxes,
}

/// The button and, once it is pressed, its popover.
pub(super) fn view_ui(ui: &mut Ui, button: Button<'_>, part: Part, state: &State, commands: &mut Vec<Command>) {
    let response = ui.add(button);
    let room = ui.ctx().content_rect().height() - 100.0;
    let width = (ui.ctx().content_rect().width() - 40.0).min(400.0);
    let popup = Popup::from_toggle_button_response(&response).gap(4.0);
    popover(&response, popup.close_behavior(PopupCloseBehavior::CloseOnClickOutside), |ui| {
        ui.set_width(width);
        let scroll = ScrollArea::vertical().max_height(room).min_scrolled_height(room);
        scroll.show(ui, |ui| choices_ui(ui, part, state, commands));
    });
}

pub(super) fn choices_ui(ui: &mut Ui, part: Part, state: &State, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
    let before = state.settings.appearance;
    let mut now = before;
    if part == Part::All {
        const FITS: [(bool, &str); 2] = [(false, "Fitted"), (true, "Filled")];
        let words = |(_, label): (bool, &'static str)| label;
        if let Some((fills, _)) = choice_ui(ui, "Thumbnails", FITS, FITS[usize::from(before.fills_cells)], words) {
            now.fills_cells = fills;
        }
        let caption = choice_ui(ui, "Caption", Caption::ALL, before.caption, Caption::label);
        now.caption = caption.unwrap_or(now.caption);
    }
    let line = choice_ui(ui, "Lines of boxes", LineWidth::ALL, before.line, LineWidth::label);
    now.line = line.unwrap_or(now.line);
    let fill = choice_ui(ui, "Fill of boxes", Fill::ALL, before.fill, Fill::label);
    now.fill = fill.unwrap_or(now.fill);
    let labels = choice_ui(ui, "Tag names", LabelSize::ALL, before.labels, LabelSize::label);
    now.labels = labels.unwrap_or(now.labels);
    if checkbox(ui, before.dims_others, "Dim the other boxes", "while a region is selected").clicked() {
        now.dims_others = !before.dims_others;
    }
    text::hint(ui, "Display only. Exports are not affected.");
    if before != Appearance::default() && ui.add(Button::new("Reset").height(24.0)).clicked() {
        now = Appearance::default();
    }
    if now != before {
        commands.push(Command::Settings(SettingsCommand::SetAppearance(now)));
    }
}

/// One of a few under its title; the one that was clicked.
fn choice_ui<T: Copy + PartialEq, const N: usize>(
    ui: &mut Ui,
    title: &str,
    all: [T; N],
    chosen: T,
    label: impl Fn(T) -> &'static str,
) -> Option<T> {
    text::section(ui, title, None);
    let segments = all.map(|one| Segment { label: label(one), is_enabled: true });
    let at = all.iter().position(|one| *one == chosen).unwrap_or_default();
    let clicked = segmented(ui, title, &segments, at).map(|at| all[at]);
    ui.add_space(tokens::GAP_SMALL);
    clicked
}
