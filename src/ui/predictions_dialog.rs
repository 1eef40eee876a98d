//! Which predictions are compared with the labels: of an iteration, or in files. The sets that are loaded, and what of them
//! was not used.

use egui::{Id, ScrollArea, Ui, pos2, vec2};

use super::theme::{self, tokens};
use super::widgets::dialog::{buttons, close_button, dialog, scroll};
use super::widgets::field::enter_pressed;
use super::widgets::{Button, Field, choice, message, row, text};
use super::{icons, projects};
use app::dialog::FolderPurpose;
use app::predictions::{MOST_SETS, PredictionSet, PredictionsCommand, PredictionsPlace};
use app::state::Opened;
use app::{Command, DisplayCommand, ListingState, Severity, State, View, WindowCommand};

const MOST_NOTES: usize = 6;

#[derive(Debug, Default)]
pub(super) struct PredictionsView {
    is_open: bool,
}

impl PredictionsView {
    pub(super) fn close(&mut self) {
        self.is_open = false;
    }
}

pub(super) fn predictions_ui(ui: &Ui, state: &State, view: &mut PredictionsView, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    dialog(ui, "Predictions", 560.0, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        let room = (ui.ctx().content_rect().height() - 220.0).max(160.0);
        scroll(ui, ScrollArea::vertical().id_salt("predictions").max_height(room), |ui| {
            files_ui(ui, opened, view, commands);
            iterations_ui(ui, state, opened, commands);
            busy_ui(ui, opened, commands);
            if let Some(failure) = &opened.predictions.failure {
                ui.add_space(tokens::GAP);
                message::failure_line(ui, failure, commands);
            }
            sets_ui(ui, opened, commands);
        });
        let is_any = opened.predictions.compared(opened.generation).is_some();
        buttons(ui, |ui| {
            if ui.add(Button::new("Show the evaluation").primary().enabled(is_any)).clicked() {
                commands.push(Command::Window(WindowCommand::ShowDialog(None)));
                commands.push(Command::Display(DisplayCommand::SetView(View::Evaluation)));
            }
            close_button(ui, "Close", commands);
        });
    });
}

fn files_ui(ui: &mut Ui, opened: &Opened, view: &mut PredictionsView, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let words = "What a model predicts, compared with the labels. Files can be COCO results, YOLO label files with a confidence, \
                 and JSON of the prediction service or of Azure ML.";
    text::paragraph(ui, words, theme::font(tokens::BODY), tokens.dim);
    ui.add_space(tokens::GAP_SMALL);
    let predictions = &opened.predictions;
    let (mut path, mut labels) = (predictions.path.clone(), predictions.labels.clone());
    let mut is_entered = false;
    ui.horizontal(|ui| {
        let width = ui.available_width() - 176.0;
        let field = Field::new(Id::unique("predictions path"), "File or folder of predictions");
        let field = field.hint("/home/me/results.json").path().width(width).bad(predictions.failure.is_some());
        let (response, _) = field.show(ui, &mut path);
        // Once there is a set, the keyboard is for what is done with it.
        if !std::mem::replace(&mut view.is_open, true) && predictions.sets(opened.generation).is_empty() {
            response.request_focus();
        }
        is_entered = enter_pressed(ui, &response);
        if ui.add(Button::new("File...").min_width(72.0)).clicked() {
            commands.push(Command::Window(WindowCommand::PickFolder(FolderPurpose::PredictionsFile)));
        }
        if ui.add(Button::new("Folder...").min_width(80.0)).clicked() {
            commands.push(Command::Window(WindowCommand::PickFolder(FolderPurpose::PredictionsFolder)));
        }
    });
    ui.horizontal(|ui| {
        let width = ui.available_width() - 176.0;
        let field = Field::new(Id::unique("predictions labels"), "COCO dataset for these results");
        let (response, _) =
            field.hint("COCO dataset, if not next to the results (optional)").width(width).show(ui, &mut labels);
        response.on_hover_text(
            "COCO results name images and categories by numbers. The dataset says what the numbers mean.",
        );
        if ui.add(Button::new("File...").name("Choose the COCO dataset...").min_width(72.0)).clicked() {
            commands.push(Command::Window(WindowCommand::PickFolder(FolderPurpose::PredictionsLabels)));
        }
        let is_ready = !path.trim().is_empty() && predictions.busy.is_none();
        if (ui.add(Button::new("Load").min_width(80.0).enabled(is_ready)).clicked() || is_entered) && is_ready {
            let place = PredictionsPlace::Files { path: path.trim().to_owned(), labels: labels.trim().to_owned() };
            commands.push(Command::Predictions(PredictionsCommand::Load(place)));
        }
    });
    if labels != predictions.labels {
        commands.insert(0, Command::Predictions(PredictionsCommand::EditLabels(labels)));
    }
    if path != predictions.path {
        commands.insert(0, Command::Predictions(PredictionsCommand::EditPath(path)));
    }
}

fn iterations_ui(ui: &mut Ui, state: &State, opened: &Opened, commands: &mut Vec<Command>) {
    let iterations = state.iterations.get(&opened.project.id).and_then(|listed| listed.as_ref().ok());
    let Some(iterations) = iterations.filter(|all| !all.is_empty() && opened.is_connected) else { return };
    ui.add_space(tokens::GAP);
    text::section(ui, "Iterations of this project", None);
    for iteration in iterations {
        let (rect, response) = row::row(ui, &iteration.name, tokens::ROW, false);
        let (tokens, font) = (theme::of(ui), theme::font(tokens::BODY));
        let remark = projects::iteration_words(iteration);
        let galley = text::elided(ui.painter(), &remark, theme::font(tokens::SMALL), tokens.dim, rect.width() * 0.5);
        let room = rect.width() - galley.size().x - tokens::GAP;
        let place = pos2(rect.right() - galley.size().x, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(place, galley, tokens.dim);
        text::paint_elided(ui.painter(), rect.left_center(), &iteration.name, font, tokens.text, room);
        let words = "Compare this iteration's predictions with the open labels";
        if response.on_hover_text(words).clicked() && opened.predictions.busy.is_none() {
            let place = PredictionsPlace::Iteration(iteration.id);
            commands.push(Command::Predictions(PredictionsCommand::Load(place)));
        }
    }
}

fn busy_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let predictions = &opened.predictions;
    if predictions.awaits() && matches!(opened.listing, ListingState::Running { .. }) {
        ui.add_space(tokens::GAP);
        text::dim(ui, "The predictions are read as soon as all images are listed.");
    }
    if predictions.busy.is_none() {
        return;
    }
    ui.add_space(tokens::GAP);
    ui.horizontal(|ui| {
        if ui.add(Button::new("Stop").icon(icons::STOP)).clicked() {
            commands.push(Command::Predictions(PredictionsCommand::Stop));
        }
        text::dim(ui, &busy_words(predictions.progress));
    });
}

pub(super) fn busy_words((done, total): (u64, u64)) -> String {
    match (done, total) {
        (0, 0) => "Reading predictions...".to_owned(),
        (done, 0) => format!("Reading predictions: {}...", text::count(done, "image", "images")),
        (done, total) => {
            format!("Reading predictions: {} of {} images...", text::thousands(done), text::thousands(total))
        }
    }
}

fn sets_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let sets = opened.predictions.sets(opened.generation);
    if sets.is_empty() {
        return;
    }
    ui.add_space(tokens::GAP_LARGE);
    let figure = format!("{} of {MOST_SETS}", sets.len());
    text::section(ui, "Loaded", Some(&figure));
    for (place, set) in sets.iter().enumerate() {
        ui.horizontal(|ui| {
            let is_chosen = place == opened.predictions.chosen();
            let width = ui.available_width() - 100.0;
            ui.allocate_ui(vec2(width, tokens::ROW), |ui| {
                let (rect, response) = row::row(ui, &set.name, tokens::ROW, is_chosen);
                let (tokens, font) = (theme::of(ui), theme::font(tokens::BODY));
                let count = set.predictions.len() as u64;
                let rect = rect.shrink2(vec2(8.0, 0.0));
                let painted = choice::figure_right(ui, rect.right_center(), count, tokens.dim, rect.width() * 0.4);
                let room = rect.width() - painted.width - tokens::GAP;
                text::paint_elided(ui.painter(), rect.left_center(), &set.name, font, tokens.text, room);
                if response.on_hover_text("Compare this set with the labels").clicked() {
                    commands.push(Command::Predictions(PredictionsCommand::Choose(place)));
                }
            });
            let name = format!("Remove {}", set.name);
            if ui.add(Button::new("Remove").name(&name).min_width(92.0)).clicked() {
                commands.push(Command::Predictions(PredictionsCommand::Close(place)));
            }
        });
    }
    if let Some((set, _)) = opened.predictions.compared(opened.generation) {
        notes_ui(ui, set);
    }
}

fn notes_ui(ui: &mut Ui, set: &PredictionSet) {
    let images = text::count(set.images.len() as u64, "image is", "images are");
    text::hint(ui, &format!("{images} compared."));
    if set.notes.is_empty() {
        return;
    }
    ui.add_space(tokens::GAP_SMALL);
    let mut lines: Vec<String> = set.notes.iter().take(MOST_NOTES).cloned().collect();
    if set.notes.len() > MOST_NOTES {
        lines.push(format!("and {} more notes", set.notes.len() - MOST_NOTES));
    }
    let severity = if set.skipped > 0 { Severity::Warning } else { Severity::Info };
    message::banner(ui, severity, &lines);
}
