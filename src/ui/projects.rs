//! The projects of the source, and their iterations, the workspace first.

use egui::{Align, Id, Layout, Rect, ScrollArea, Ui, pos2, vec2};

use super::ViewState;
use super::connect::cover_ui;
use super::icons;
use super::theme::{self, tokens};
use super::widgets::dialog::is_fresh;
use super::widgets::row::row;
use super::widgets::{AtRight, Button, Field, message, text};
use app::event::ProjectSummary;
use app::{Action, Command, ConnectionCommand, ProjectCommand, SourceSpec, State};
use domain::{Iteration, ProjectId};

#[derive(Debug, Default)]
pub(super) struct ProjectsView {
    search: String,
}

/// From so many projects on there is a search field.
const MANY: usize = 8;
const ROW: f32 = 66.0;

pub(super) fn projects_ui(ui: &mut Ui, state: &State, view: &mut ViewState, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let whole = ui.max_rect();
    ui.painter().rect_filled(whole, 0.0, tokens.window);
    let width = (whole.width() - 48.0).min(760.0);
    let side = ((whole.width() - width) / 2.0).max(24.0);
    let rect = Rect::from_min_max(
        pos2(whole.left() + side, whole.top() + 40.0),
        pos2(whole.left() + side + width, whole.bottom()),
    );
    let mut child =
        ui.new_child(egui::UiBuilder::new().id_salt("projects").max_rect(rect).layout(Layout::top_down(Align::Min)));
    let ui = &mut child;
    ui.horizontal(|ui| {
        text::label(ui, "Projects", theme::semibold(tokens::HERO), tokens.text);
        AtRight::new(ui, "head", ui.available_rect_before_wrap()).show(ui, |ui| {
            if ui.add(Button::icon_only(icons::SETTINGS, Action::Settings.text().label)).clicked() {
                commands.extend(Action::Settings.command(state));
            }
            if ui.add(Button::new("Disconnect").icon(icons::LEAVE)).clicked() {
                commands.push(Command::Connection(ConnectionCommand::Disconnect));
            }
        });
    });
    text::dim(ui, &source_words(state));
    ui.add_space(tokens::GAP_LARGE);
    if state.projects.is_empty() {
        message::empty(
            ui,
            icons::IMAGES,
            "No projects",
            "This key has no access to any project. Create projects in the Custom Vision portal; Tagscope only reads \
             them.",
            Some(("Disconnect", Command::Connection(ConnectionCommand::Disconnect))),
            commands,
        );
        return;
    }
    if state.projects.len() >= MANY {
        let field = Field::new(Id::unique("project search"), "Search projects").hint("Search").icon(icons::SEARCH);
        field.takes_keyboard().show(ui, &mut view.projects.search);
        ui.add_space(tokens::GAP);
    }
    let words = view.projects.search.to_lowercase();
    ScrollArea::vertical().id_salt("project list").auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let is_meant = |summary: &&ProjectSummary| {
            state.projects.len() < MANY || summary.project.name.to_lowercase().contains(&words)
        };
        for (at, summary) in state.projects.iter().filter(is_meant).enumerate() {
            let response = project_ui(ui, state, view, summary, commands);
            // From there the arrows walk the list. Where there is a search field one types first.
            if at == 0 && state.projects.len() < MANY && is_fresh(ui, Id::unique("project list opened")) {
                response.request_focus();
            }
        }
        ui.add_space(40.0);
    });
}

fn source_words(state: &State) -> String {
    match &state.source {
        Some(SourceSpec::Service { endpoint }) => endpoint.clone(),
        Some(SourceSpec::Folder { path }) => path.display().to_string(),
        Some(SourceSpec::Store { address }) => address.to_string(),
        Some(SourceSpec::Sample) => "Built-in sample project".to_owned(),
        None => String::new(),
    }
}

fn project_ui(
    ui: &mut Ui,
    state: &State,
    view: &mut ViewState,
    summary: &ProjectSummary,
    commands: &mut Vec<Command>,
) -> egui::Response {
    let tokens = theme::of(ui);
    let project = &summary.project;
    let is_unfolded = state.unfolded == Some(project.id);
    let (rect, response) = row(ui, &format!("Open {}", project.name), ROW, false);
    if response.clicked() {
        commands.push(Command::Project(ProjectCommand::Open { project: project.id, iteration: None }));
    }
    let cover = Rect::from_min_size(pos2(rect.left() + 10.0, rect.top() + 9.0), vec2(64.0, 48.0));
    cover_ui(ui, view, summary.cover, cover);
    let left = cover.right() + 12.0;
    let width = rect.right() - 150.0 - left;
    let y = rect.center().y;
    let painter = ui.painter();
    text::paint_elided(painter, pos2(left, y - 9.0), &project.name, theme::semibold(tokens::BODY), tokens.text, width);
    text::paint_elided(painter, pos2(left, y + 9.0), &facts(summary), theme::font(12.0), tokens.dim, width);
    let place = Rect::from_min_max(pos2(rect.right() - 140.0, y - 14.0), pos2(rect.right() - 10.0, y + 14.0));
    let layout = Layout::right_to_left(Align::Center);
    let mut child =
        ui.new_child(egui::UiBuilder::new().id_salt(("iterations", project.id.0)).max_rect(place).layout(layout));
    let name = format!("Iterations of {}", project.name);
    if child.add(Button::new("Iterations").name(&name).menu().quiet().selected(is_unfolded)).clicked() {
        commands.push(Command::Project(ProjectCommand::ShowIterations(project.id)));
    }
    if is_unfolded {
        iterations_ui(ui, state, project.id, commands);
    }
    response
}

fn facts(summary: &ProjectSummary) -> String {
    let mut parts = vec![summary.kind.word().to_owned()];
    parts.extend(summary.tag_count.map(|count| text::count(count, "tag", "tags")));
    parts.extend(summary.image_count.map(|count| text::count(count, "tagged image", "tagged images")));
    if !summary.project.description.is_empty() {
        parts.push(summary.project.description.clone());
    }
    parts.join(" \u{b7} ")
}

fn iterations_ui(ui: &mut Ui, state: &State, project: ProjectId, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    ui.scope(|ui| {
        let room = ui.available_rect_before_wrap();
        let inner = Rect::from_min_max(pos2(room.left() + 76.0, room.top()), room.max);
        let mut child = ui.new_child(egui::UiBuilder::new().id_salt(("unfolded", project.0)).max_rect(inner));
        let ui_inner = &mut child;
        if entry(ui_inner, "Workspace", "current project") {
            commands.push(Command::Project(ProjectCommand::Open { project, iteration: None }));
        }
        match state.iterations.get(&project) {
            None => {
                text::dim(ui_inner, "Loading iterations...");
            }
            Some(Err(failure)) => message::failure_line(ui_inner, failure, commands),
            Some(Ok(iterations)) if iterations.is_empty() => {
                ui_inner.horizontal(|ui| {
                    ui.add_space(10.0);
                    text::label(ui, "No iteration has been trained yet.", theme::font(12.0), tokens.dim);
                });
            }
            Some(Ok(iterations)) => {
                for iteration in iterations {
                    if entry(ui_inner, &iteration.name, &iteration_words(iteration)) {
                        commands
                            .push(Command::Project(ProjectCommand::Open { project, iteration: Some(iteration.id) }));
                    }
                }
            }
        }
        let used = child.min_rect();
        ui.advance_cursor_after_rect(used);
    });
}

/// `Completed · 2020-02-11`.
pub(super) fn iteration_words(iteration: &Iteration) -> String {
    let when = iteration.trained_at.as_deref().or(iteration.created.as_deref());
    let day = when.and_then(|when| when.get(..10)).map(|day| format!(" \u{b7} {day}")).unwrap_or_default();
    format!("{}{day}", iteration.status.to_lowercase())
}

fn entry(ui: &mut Ui, name: &str, remark: &str) -> bool {
    let tokens = theme::of(ui);
    let (rect, response) = row(ui, name, tokens::CONTROL, false);
    let painter = ui.painter();
    let left = pos2(rect.left() + 10.0, rect.center().y);
    let half = rect.width() * 0.5;
    text::paint_elided(painter, left, name, theme::font(tokens::BODY), tokens.text, half);
    let galley = text::elided(painter, remark, theme::font(12.0), tokens.dim, half - 24.0);
    let at = pos2(rect.right() - 10.0 - galley.size().x, rect.center().y - galley.size().y / 2.0);
    painter.galley(at, galley, tokens.dim);
    response.clicked()
}
