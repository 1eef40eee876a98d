//! How predictions compare with the labels: figures, a table of the tags, a confusion matrix, and curves, all at the
//! score and IoU that the sliders choose. Nothing is counted here.

mod confusion;
mod curves;
mod figures;
mod head;
mod mistakes;
mod table;

pub(crate) use head::save_ui;

use egui::{Align, Layout, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::icons;
use super::predictions_dialog::busy_words;
use super::theme::{self, tokens};
use super::widgets::{Button, message, text};
use app::predictions::PredictionsCommand;
use app::state::Opened;
use app::{Action, Command, State};

#[derive(Default)]
pub struct EvaluationView {
    table: table::TagTableView,
    curves: curves::CurvesView,
}

/// Room around the page and between its cards.
const GAP: f32 = 12.0;
const HEAD: f32 = 44.0;
/// Two cards stand side by side from this width on.
const TWO_COLUMNS: f32 = 720.0;

pub fn evaluation_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    view: &mut EvaluationView,
    commands: &mut Vec<Command>,
) {
    let room = ui.available_rect_before_wrap();
    let head = Rect::from_min_size(room.min + vec2(GAP, 0.0), vec2(room.width() - 2.0 * GAP, HEAD));
    let body = Rect::from_min_max(pos2(room.left(), head.bottom()), room.max);
    ui.scope_builder(UiBuilder::new().max_rect(head).layout(Layout::left_to_right(Align::Center)), |ui| {
        head::head_ui(ui, opened, commands);
    });
    ui.scope_builder(UiBuilder::new().max_rect(body), |ui| body_ui(ui, state, opened, view, commands));
}

fn body_ui(ui: &mut Ui, state: &State, opened: &Opened, view: &mut EvaluationView, commands: &mut Vec<Command>) {
    let predictions = &opened.predictions;
    if predictions.compared(opened.generation).is_some() {
        cards_ui(ui, opened, view, commands);
    } else if predictions.busy.is_some() || predictions.is_matching() {
        busy_ui(ui, opened, commands);
    } else if let Some(failure) = &predictions.failure {
        message::failure_block(ui, failure, Action::Predictions.command(state), commands);
    } else {
        let action = Action::Predictions.command(state).map(|command| ("Predictions...", command));
        let words = "Load the predictions of an iteration of the project, or from files. They are compared with the labels: where both \
                     agree, where the model is wrong, and where a label may be wrong.";
        message::empty(ui, icons::STATISTICS, "No predictions are loaded", words, action, commands);
    }
}

fn busy_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let room = ui.available_rect_before_wrap();
    let place = Rect::from_center_size(room.center(), vec2(320.0, 72.0));
    ui.scope_builder(UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Center)), |ui| {
        text::body(ui, &busy_words(opened.predictions.progress));
        ui.add_space(tokens::GAP);
        if opened.predictions.busy.is_some() && ui.add(Button::new("Stop").icon(icons::STOP)).clicked() {
            commands.push(Command::Predictions(PredictionsCommand::Stop));
        }
    });
}

/// The cards of the page, in the order of reading.
#[derive(Clone, Copy, PartialEq)]
enum Card {
    Figures,
    Mistakes,
    Table,
    Confusion,
    PrecisionRecall,
    OverScore,
}

fn cards_ui(ui: &mut Ui, opened: &Opened, view: &mut EvaluationView, commands: &mut Vec<Command>) {
    let room = ui.available_size();
    let width = room.x - 2.0 * GAP;
    let has_two = width >= TWO_COLUMNS;
    let half = if has_two { ((width - GAP) / 2.0).floor() } else { width };
    let figures = figures::height(opened, width);
    let rows: &[(f32, &[Card])] = if has_two {
        let low = ((room.y - figures - 3.0 * GAP) / 2.0).floor().clamp(220.0, 360.0);
        &[
            (figures, &[Card::Figures]),
            (low.max(260.0), &[Card::Table, Card::Confusion]),
            (low, &[Card::PrecisionRecall, Card::OverScore]),
            (260.0, &[Card::Mistakes]),
        ]
    } else {
        &[
            (figures, &[Card::Figures]),
            (300.0, &[Card::Table]),
            (320.0, &[Card::Confusion]),
            (260.0, &[Card::Mistakes]),
            (240.0, &[Card::PrecisionRecall]),
            (240.0, &[Card::OverScore]),
        ]
    };
    let height: f32 = rows.iter().map(|(height, _)| height + GAP).sum();
    ScrollArea::vertical().id_salt("evaluation").auto_shrink([false, false]).show(ui, |ui| {
        let (page, _) = ui.allocate_exact_size(vec2(room.x, height), egui::Sense::hover());
        let mut top = page.top();
        for (height, cards) in rows {
            for (at, card) in cards.iter().enumerate() {
                let width = if cards.len() > 1 { half } else { width };
                let min = pos2(page.left() + GAP + at as f32 * (half + GAP), top);
                let rect = Rect::from_min_size(min, vec2(width, *height));
                if ui.is_rect_visible(rect) {
                    card_ui(ui, rect, *card, opened, view, commands);
                }
            }
            top += height + GAP;
        }
    });
}

fn card_ui(
    ui: &mut Ui,
    rect: Rect,
    card: Card,
    opened: &Opened,
    view: &mut EvaluationView,
    commands: &mut Vec<Command>,
) {
    let tokens = theme::of(ui);
    let title = match card {
        Card::Figures => "At the chosen point",
        Card::Mistakes => "Most likely label mistakes",
        Card::Table => "Tags",
        Card::Confusion => "Confusion matrix",
        Card::PrecisionRecall => "Precision over recall",
        Card::OverScore => "F1 by score",
    };
    let mut reading = None;
    figures::card_ui(ui, rect, title, |ui| match card {
        Card::Figures => figures::figures_ui(ui, opened, commands),
        Card::Mistakes => reading = mistakes::mistakes_ui(ui, opened, commands),
        Card::Table => reading = table::table_ui(ui, opened, &mut view.table, commands),
        Card::Confusion => reading = confusion::confusion_ui(ui, opened, commands),
        Card::PrecisionRecall => {
            reading = curves::curve_ui(ui, opened, &mut view.curves, curves::Curve::PrecisionRecall, commands);
        }
        Card::OverScore => {
            reading = curves::curve_ui(ui, opened, &mut view.curves, curves::Curve::OverScore, commands);
        }
    });
    if let Some(words) = reading {
        figures::foot(ui, rect, &words, tokens.dim);
    }
}

/// A share with three digits; a dash where there is none.
fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "\u{2013}".to_owned(), |share| format!("{share:.3}"))
}
