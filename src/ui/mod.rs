//! Paints the state and pushes commands. Nothing here reads a file, a clock or the network.
//!
//! [`show`] paints one frame. What belongs to the window alone (scroll positions, textures, half-typed text) lives in
//! [`ViewState`]; everything else is in [`State`], which only [`app::update`] changes. The parts follow the
//! screen: `connect`, `projects`, then the open project with `top_bar`, `tag_panel`, [`grid`] or [`canvas`],
//! [`inspector`], `status_bar`; dialogs and notices lie above.

pub mod canvas;
pub mod cells;
mod changes_dialog;
mod connect;
pub mod diagnostics;
pub mod evaluation;
mod export_dialog;
mod facets;
pub mod filmstrip;
mod findings_dialog;
pub mod grid;
mod help;
pub mod icons;
pub mod inspector;
mod key_queue;
pub mod keys;
mod leave;
pub(crate) mod link;
pub mod marks;
mod menus;
mod notices;
mod open_folder;
mod palette;
mod predictions_dialog;
mod project;
mod projects;
mod query;
mod quit_dialog;
mod report;
pub(crate) mod review;
mod settings_dialog;
pub mod statistics;
mod status_bar;
mod tag_panel;
pub mod tag_style;
mod tasks;
pub mod textures;
pub mod theme;
mod top_bar;
pub mod wall;
pub mod widgets;

use egui::Ui;

use app::dialog::Dialog;
use app::{Budget, Command, EngineLoad, PixelKey, Screen, State, TaskId, TaskState};
use domain::{ImageIx, Mipmap};

/// What belongs to the window alone.
#[derive(Default)]
pub struct ViewState {
    pub textures: textures::Textures,
    pub grid: grid::GridView,
    pub canvas: canvas::CanvasView,
    pub inspector: inspector::InspectorView,
    pub wall: wall::WallView,
    pub statistics: statistics::StatisticsView,
    pub evaluation: evaluation::EvaluationView,
    /// What the last frames cost; the shell notes it.
    pub frames: diagnostics::FrameTimes,
    /// What the engine holds; the shell notes it while somebody looks.
    pub load: EngineLoad,
    connect: connect::ConnectView,
    tags: tag_panel::TagPanelView,
    facets: facets::FacetsView,
    query: query::QueryView,
    projects: projects::ProjectsView,
    palette: palette::PaletteView,
    key_editor: help::KeyEditor,
    open_folder: open_folder::OpenFolderView,
    changes: changes_dialog::ChangesView,
    predictions: predictions_dialog::PredictionsView,
    presets: export_dialog::PresetsView,
    review: review::dialogs::ReviewDialogs,
    notices: notices::NoticesView,
    said: notices::SaidView,
    /// The query box is to get the keyboard.
    wants_query: bool,
    /// The menu key was pressed.
    wants_menu: bool,
    /// Who had the keyboard at the end of the last frame.
    holder_before: keys::FocusOwner,
    key_queue: key_queue::KeyQueue,
}

impl ViewState {
    pub fn insert_pixels(&mut self, ctx: &egui::Context, key: PixelKey, picture: Mipmap) {
        self.textures.insert(ctx, key, picture);
    }

    /// The images of the open project have got other indices (`None`: gone) under a new generation: what is in sight
    /// stays where it is.
    pub fn renumber(&mut self, generation: u64, places: &[Option<ImageIx>]) {
        let place = |ix: ImageIx| places.get(ix.index()).copied().flatten();
        self.textures.renumber(place);
        self.grid.renumber(generation, place);
        self.wall.renumber(generation);
    }
}

/// Paints one frame and returns the commands that were given, in order.
pub fn show(ui: &mut Ui, state: &State, view: &mut ViewState) -> Vec<Command> {
    let mut commands = Vec::new();
    theme::choose(ui.ctx(), state.settings.theme);
    theme::choose_scale(ui.ctx(), state.settings.scale_percent);
    theme::choose_motion(ui.ctx(), state.reduces_motion());
    let textures = Budget::Textures.fitted(&state.settings, state.memory);
    view.textures.set_budget(usize::try_from(textures).unwrap_or(usize::MAX));
    view.textures.begin_frame();
    keys::hold_stage(ui.ctx(), state);
    view.key_queue.admit(ui.ctx(), ui.ctx().text_edit_focused());
    if !view.key_editor.listen(ui.ctx(), state, &mut commands) {
        keys::commands(ui.ctx(), state, view, &mut commands);
    }
    if std::mem::take(&mut view.wants_menu) {
        menus::ask(ui.ctx());
    }
    if state.screen != Screen::Connect {
        view.connect.forget_key();
    }
    // Nothing behind a dialog sees the pointer: a tooltip that is open there would stay, above the dialog.
    let pointer = state.dialog.map(|_| ui.input_mut(|input| std::mem::take(&mut input.pointer)));
    match (state.screen, &state.opened) {
        (Screen::Connect, _) => connect::connect_ui(ui, state, view, &mut commands),
        (Screen::Project, Some(opened)) => project::project_ui(ui, state, opened, view, &mut commands),
        (Screen::Projects | Screen::Project, _) => projects::projects_ui(ui, state, view, &mut commands),
    }
    if let Some(pointer) = pointer {
        ui.input_mut(|input| input.pointer = pointer);
    }
    dialog_ui(ui, state, view, &mut commands);
    notices::notices_ui(ui, state, &mut view.notices, &mut commands);
    open_folder::dropped_ui(ui, state, &mut commands);
    if menus::end_pass(ui.ctx(), state.dialog.is_none()) {
        commands.push(Command::Window(app::WindowCommand::LackMenu));
    }
    view.holder_before = keys::FocusOwner::now(ui.ctx());
    commands
}

fn dialog_ui(ui: &Ui, state: &State, view: &mut ViewState, commands: &mut Vec<Command>) {
    if state.dialog != Some(Dialog::Palette) {
        view.palette.close(ui);
    }
    if state.dialog != Some(Dialog::Help) {
        view.key_editor.close();
    }
    if state.dialog != Some(Dialog::Changes) {
        view.changes.close();
    }
    if state.dialog != Some(Dialog::Predictions) {
        view.predictions.close();
    }
    if state.dialog != Some(Dialog::OpenFolder) {
        view.open_folder.close();
    }
    if !matches!(state.dialog, Some(Dialog::ConfirmReview | Dialog::Comment | Dialog::Reviews | Dialog::QuickComments))
    {
        view.review.close();
    }
    match state.dialog {
        None => {}
        Some(Dialog::Palette) => palette::palette_ui(ui, state, view, commands),
        Some(Dialog::Help) => help::help_ui(ui, state, &mut view.key_editor, commands),
        Some(Dialog::Export) => export_dialog::export_ui(ui, state, &mut view.presets, commands),
        Some(Dialog::Leave) => leave::leave_ui(ui, state, commands),
        Some(Dialog::Report(task)) => report_ui(ui, state, task, commands),
        Some(Dialog::Quit) => quit_dialog::quit_ui(ui, state, commands),
        Some(Dialog::Tasks) => tasks::tasks_ui(ui, state, commands),
        Some(Dialog::Findings) => findings_dialog::findings_ui(ui, state, commands),
        Some(Dialog::Predictions) => predictions_dialog::predictions_ui(ui, state, &mut view.predictions, commands),
        Some(Dialog::Changes) => {
            changes_dialog::changes_ui(ui, state, &mut view.changes, &mut view.textures, commands);
        }
        Some(Dialog::SaveChanges) => changes_dialog::save_ui(ui, state, commands),
        Some(Dialog::Problems) => findings_dialog::problems_ui(ui, state, commands),
        Some(Dialog::Settings) => settings_dialog::settings_ui(ui, state, commands),
        Some(Dialog::Diagnostics) => diagnostics::diagnostics_ui(ui, state, view, commands),
        Some(Dialog::SaveOutcomes) => evaluation::save_ui(ui, state, commands),
        Some(Dialog::SavePlots) => statistics::save_ui(ui, state, commands),
        Some(Dialog::OpenFolder) => open_folder::open_folder_ui(ui, state, &mut view.open_folder, commands),
        Some(Dialog::ConfirmReview) => review::dialogs::confirm_ui(ui, state, &mut view.review, commands),
        Some(Dialog::Comment) => review::dialogs::comment_ui(ui, state, &mut view.review, commands),
        Some(Dialog::Survey) => review::survey::survey_ui(ui, state, commands),
        Some(Dialog::QuickComments) => review::section::quick_ui(ui, state, &mut view.review.quick, commands),
        Some(Dialog::Reviews) => review::dialogs::reviews_ui(ui, state, &mut view.review, commands),
    }
}

/// The report of a task, whichever it has made.
fn report_ui(ui: &Ui, state: &State, task: TaskId, commands: &mut Vec<Command>) {
    match state.tasks.iter().find(|other| other.id == task).map(|task| &task.state) {
        Some(TaskState::Archived(report)) => leave::safe_ui(ui, report, commands),
        Some(TaskState::Done(report)) => report::report_ui(ui, Some(report), commands),
        Some(TaskState::Running { .. } | TaskState::Failed(_) | TaskState::Interrupted { .. }) | None => {
            report::report_ui(ui, None, commands);
        }
    }
}
