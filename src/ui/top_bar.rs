//! The top bar: project and iteration, the query box, what is shown, export, palette.

use egui::{Align, Layout, Ui, UiBuilder};

use super::theme::tokens;
use super::widgets::choice::one_of_named;
use super::widgets::row::{divider, menu};
use super::widgets::{AtRight, Button, MenuItem};
use super::{ViewState, icons, projects, query};
use app::state::Opened;
use app::{Action, Command, DisplayCommand, ProjectCommand, Screen, State, View};

pub(super) fn top_bar_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    view: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    let layout = Layout::left_to_right(Align::Center);
    ui.with_layout(layout, |ui| {
        ui.spacing_mut().item_spacing.x = tokens::GAP_SMALL;
        project_menu(ui, state, opened, commands);
        iteration_menu(ui, state, opened, commands);
        ui.add_space(tokens::GAP_SMALL);
        ui.spacing_mut().item_spacing.x = tokens::GAP;
        let room = ui.available_rect_before_wrap();
        let is_typing = view.query.takes_room(ui);
        let ends = AtRight::new(ui, "top bar", room);
        let place = room.with_max_x(ends.left() - tokens::GAP);
        ui.scope_builder(UiBuilder::new().max_rect(place).layout(layout), |ui| {
            query::query_ui(ui, state, opened, view, commands);
        });
        ends.show(ui, |ui| right_ui(ui, room.width(), state, opened, is_typing, commands));
    });
}

fn project_menu(ui: &mut Ui, state: &State, opened: &Opened, commands: &mut Vec<Command>) {
    let width = (ui.available_width() * 0.22).clamp(90.0, 260.0);
    let button = Button::new(&opened.project.name).quiet().strong().max_width(width);
    let name = format!("Project {}", opened.project.name);
    let response = ui.add(button.name(&name));
    menu(&response, 320.0, |ui| {
        for action in [Action::Refresh, Action::StopListing, Action::CompareState, Action::Predictions] {
            action_item(ui, state, action, commands);
        }
        divider(ui);
        // A narrow bar has no room for their switch.
        for action in [Action::ShowGrid, Action::ShowWall, Action::ShowStatistics, Action::ShowEvaluation] {
            action_item(ui, state, action, commands);
        }
        divider(ui);
        for summary in state.projects.iter().filter(|summary| summary.project.id != opened.project.id).take(8) {
            if MenuItem::new(&summary.project.name).flush().remark(summary.kind.word()).show(ui) {
                commands.push(Command::Project(ProjectCommand::Open { project: summary.project.id, iteration: None }));
            }
        }
        if state.projects.len() > 1 {
            divider(ui);
        }
        for action in [Action::CloseProject, Action::OpenFolder, Action::Settings, Action::Disconnect] {
            action_item(ui, state, action, commands);
        }
    });
}

fn action_item(ui: &mut Ui, state: &State, action: Action, commands: &mut Vec<Command>) {
    let words = action.text();
    if MenuItem::new(words.label).flush().key(state.keys.cap(action)).enabled(action.is_enabled(state)).show(ui) {
        commands.extend(action.command(state));
    }
}

fn iteration_menu(ui: &mut Ui, state: &State, opened: &Opened, commands: &mut Vec<Command>) {
    let project = opened.project.id;
    let known = state.iterations.get(&project).and_then(|result| result.as_ref().ok());
    let label = match opened.iteration {
        None => "Workspace",
        Some(id) => known
            .and_then(|iterations| iterations.iter().find(|iteration| iteration.id == id))
            .map_or("Iteration", |iteration| iteration.name.as_str()),
    };
    let name = format!("Iteration: {label}");
    let response = ui.add(Button::new(label).name(&name).quiet().menu().max_width(160.0));
    menu(&response, 320.0, |ui| {
        if MenuItem::new("Workspace").chosen(opened.iteration.is_none()).remark("current project").show(ui) {
            commands.push(Command::Project(ProjectCommand::Open { project, iteration: None }));
        }
        for iteration in known.into_iter().flatten() {
            let words = projects::iteration_words(iteration);
            let item = MenuItem::new(&iteration.name).chosen(opened.iteration == Some(iteration.id)).remark(&words);
            if item.show(ui) {
                commands.push(Command::Project(ProjectCommand::Open { project, iteration: Some(iteration.id) }));
            }
        }
    });
}

/// Grid or another view, boxes, panels, palette, export. `room` is the width of the query box and of all this.
fn right_ui(ui: &mut Ui, room: f32, state: &State, opened: &Opened, is_typing: bool, commands: &mut Vec<Command>) {
    debug_assert_eq!(state.screen, Screen::Project);
    // Keys do the same: the query box needs the room more, above all while somebody types.
    if room >= if is_typing { 835.0 } else { 575.0 } {
        view_ui(ui, opened, commands);
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let toggles = [
            (Action::ToggleOverlays, icons::OVERLAYS, state.settings.show_overlays),
            (Action::ToggleRight, icons::RIGHT_PANEL, false),
            (Action::Palette, icons::PALETTE, false),
        ];
        for (action, icon, is_on) in toggles {
            let words = state.keys.words(action);
            let button = Button::icon_only(icon, &words).selected(is_on);
            if ui.add(button).clicked() {
                commands.extend(action.command(state));
            }
        }
    });
    let export = Button::new("Export...").primary().enabled(Action::Export.is_enabled(state));
    if ui.add(export).on_hover_text(state.keys.words(Action::Export)).clicked() {
        commands.extend(Action::Export.command(state));
    }
}

fn view_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let views = [
        (View::Grid, "Grid"),
        (View::Wall, "Regions"),
        (View::Statistics, "Statistics"),
        (View::Evaluation, "Evaluation"),
    ];
    let shown = if opened.view == View::Canvas { opened.before_canvas } else { opened.view };
    if let Some(view) = one_of_named(ui, "View", &views, shown) {
        commands.push(Command::Display(DisplayCommand::SetView(view)));
    }
}
