//! The dialog that saves predictions and their outcomes: how, and where to.

use egui::Ui;

use crate::theme::{self, tokens};
use crate::widgets::dialog::dialog;
use crate::widgets::save::{SaveAnswer, SaveFields, save_fields_ui};
use crate::widgets::{Segment, segmented, text};
use app::dialog::FolderPurpose;
use app::predictions::PredictionsCommand;
use app::{Command, State, WindowCommand};
use formats::predictions::outcomes::OutcomeKind;

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
            failure: form.failure.as_ref(),
            is_taken: false,
            is_busy: form.is_busy,
        };
        for answer in save_fields_ui(ui, &fields, commands) {
            commands.push(match answer {
                SaveAnswer::Edit(path) => Command::Predictions(PredictionsCommand::EditSavePath(path)),
                SaveAnswer::Browse => Command::Window(WindowCommand::PickFolder(FolderPurpose::Outcomes)),
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
