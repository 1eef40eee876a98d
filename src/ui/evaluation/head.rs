//! The head of the page: which predictions, the sliders, which boxes are shown on pictures; and the dialog that saves
//! predictions and their outcomes.

use egui::{Align2, Sense, Ui, vec2};

use crate::theme::{self, tokens};
use crate::widgets::choice::one_of;
use crate::widgets::dialog::dialog;
use crate::widgets::row::{divider, menu};
use crate::widgets::save::{SaveAnswer, SaveFields, save_fields_ui};
use crate::widgets::{Button, MenuItem, Segment, choice, segmented, text};
use app::dialog::{Dialog, FolderPurpose};
use app::predictions::{Layer, PredictionsCommand, PredictionsState};
use app::state::Opened;
use app::{Command, State, WindowCommand};
use formats::predictions::outcomes::OutcomeKind;

pub(super) fn head_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = tokens::GAP;
    let predictions = &opened.predictions;
    set_menu(ui, opened, commands);
    let Some((set, _)) = predictions.compared(opened.generation) else { return };
    let room = ui.available_width();
    let has_layer = room > 560.0;
    let width = ((room - if has_layer { 270.0 } else { 0.0 }) / 2.0 - 96.0).clamp(60.0, 160.0);
    slider_ui(ui, "Score", predictions.score, width, "The least score that counts", &mut |value| {
        commands.push(Command::Predictions(PredictionsCommand::SetScore(value)));
    });
    if set.has_boxes {
        let words = "The least overlap of a predicted box with a labeled one (intersection over union)";
        slider_ui(ui, "IoU", predictions.iou, width, words, &mut |value| {
            commands.push(Command::Predictions(PredictionsCommand::SetIou(value)));
        });
    }
    if has_layer {
        layer_ui(ui, predictions, commands);
    }
}

fn set_menu(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let predictions = &opened.predictions;
    let sets = predictions.sets(opened.generation);
    let chosen = sets.get(predictions.chosen());
    let label = chosen.map_or("No predictions", |set| set.name.as_str());
    let name = format!("Predictions: {label}");
    let response = ui.add(Button::new(label).name(&name).menu().max_width(180.0));
    menu(&response, 260.0, |ui| {
        for (place, set) in sets.iter().enumerate() {
            let remark = text::thousands(set.predictions.len() as u64);
            if MenuItem::new(&set.name).chosen(place == predictions.chosen()).remark(&remark).show(ui) {
                commands.push(Command::Predictions(PredictionsCommand::Choose(place)));
            }
        }
        if !sets.is_empty() {
            divider(ui);
        }
        if chosen.is_some() && MenuItem::new("Save outcomes...").show(ui) {
            commands.push(Command::Predictions(PredictionsCommand::AskSave));
        }
        if MenuItem::new("Predictions...").show(ui) {
            commands.push(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Predictions))));
        }
    });
}

/// A slider from 0 to 1 with its name before it and its value behind it.
fn slider_ui(ui: &mut Ui, name: &str, value: f64, width: f32, words: &str, set: &mut dyn FnMut(f64)) {
    let tokens = theme::of(ui);
    text::label(ui, name, theme::font(tokens::BODY), tokens.dim);
    let (response, fresh) = choice::slider(ui, name, value as f32, 0.0..=1.0, width);
    if let Some(fresh) = fresh {
        set(f64::from(fresh));
    }
    response.on_hover_text(words);
    let (rect, _) = ui.allocate_exact_size(vec2(32.0, tokens::CONTROL), Sense::hover());
    let (font, left) = (theme::font(tokens::BODY), rect.left_center());
    text::figures(ui.painter(), left, Align2::LEFT_CENTER, &format!("{value:.2}"), font, tokens.text, rect.width());
}

fn layer_ui(ui: &mut Ui, predictions: &PredictionsState, commands: &mut Vec<Command>) {
    if let Some(layer) = one_of(ui, "Boxes on pictures", &Layer::ALL, predictions.layer, Layer::label) {
        commands.push(Command::Predictions(PredictionsCommand::SetLayer(layer)));
    }
}

pub(crate) fn save_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    let Some((set, _)) = opened.predictions.compared(opened.generation) else { return };
    let form = &opened.predictions.saving;
    dialog(ui, "Save outcomes", 560.0, commands, |ui, commands| {
        let segments = OutcomeKind::ALL
            .map(|kind| Segment { label: kind.label(), is_enabled: kind != OutcomeKind::CocoResults || set.has_boxes });
        let chosen = OutcomeKind::ALL.iter().position(|kind| *kind == form.kind).unwrap_or_default();
        if let Some(chosen) = segmented(ui, "Format", &segments, chosen) {
            commands.push(Command::Predictions(PredictionsCommand::SetSaveKind(OutcomeKind::ALL[chosen])));
        }
        ui.add_space(tokens::GAP_SMALL);
        text::paragraph(ui, words(form.kind), theme::font(tokens::BODY), theme::of(ui).dim);
        let fields = SaveFields {
            id: "outcomes path",
            name: "New file",
            path: &form.path,
            purpose: FolderPurpose::Outcomes,
            failure: form.failure.as_ref(),
            is_taken: false,
            is_busy: form.is_busy,
        };
        for answer in save_fields_ui(ui, &fields, commands) {
            commands.push(match answer {
                SaveAnswer::Edit(path) => Command::Predictions(PredictionsCommand::EditSavePath(path)),
                SaveAnswer::Save { .. } => Command::Predictions(PredictionsCommand::Save),
                SaveAnswer::Cancel => Command::Window(WindowCommand::ShowDialog(None)),
            });
        }
    });
}

fn words(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Csv => {
            "A row for each prediction with at least the chosen score and for each missed label, with its outcome."
        }
        OutcomeKind::Lines => "A line for each image: all its predictions with their outcomes, and the missed labels.",
        OutcomeKind::CocoResults => {
            "All predictions, without outcomes. Images and categories have the numbers of Tagscope's COCO export of the whole \
             list; tagscope evaluate --save --labels takes those of another COCO file."
        }
    }
}
