//! The figures over all tags, the service's own beside them, and the outcomes as buttons that open their crops or
//! images; and the frame that all cards have.

use egui::{Align2, Color32, CornerRadius, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::share;
use crate::theme::{self, tokens};
use crate::widgets::{paint, text};
use app::predictions::{PredictionSet, ServiceFigures};
use app::state::Opened;
use app::{Command, DisplayCommand, QueryCommand, View};
use domain::evaluation::Outcome;

/// From this width on all figures stand in one line.
const ONE_LINE: f32 = 520.0;

/// Height of a line of figures; the service's own have a line below.
fn line_height(set: &PredictionSet) -> f32 {
    if set.service.is_some() { 60.0 } else { 46.0 }
}

/// Height of the card in a page so wide.
pub(super) fn height(opened: &Opened, width: f32) -> f32 {
    let set = opened.predictions.compared(opened.generation).map(|(set, _)| set);
    let line = set.map_or(46.0, |set| line_height(set));
    let lines = if width - 28.0 >= ONE_LINE { 1.0 } else { 2.0 };
    lines * line + if set.is_some_and(|set| set.service.is_some()) { 126.0 } else { 106.0 }
}

/// A figure: its name, what it means, ours, and the service's.
struct Figure {
    name: &'static str,
    meaning: &'static str,
    value: Option<f64>,
    service: Option<f32>,
}

pub(super) fn figures_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let predictions = &opened.predictions;
    let Some((set, _)) = predictions.compared(opened.generation) else { return };
    let room = ui.available_rect_before_wrap();
    let figures = figures_of(opened, set);
    let columns = if room.width() >= ONE_LINE { figures.len() } else { 3 };
    let width = room.width() / columns as f32;
    let lines = figures.len().div_ceil(columns);
    for (at, figure) in figures.iter().enumerate() {
        let (column, line) = ((at % columns) as f32, (at / columns) as f32);
        let min = room.min + vec2(column * width, line * line_height(set));
        figure_ui(ui, Rect::from_min_size(min, vec2(width - 6.0, line_height(set) - 2.0)), figure);
    }
    let top = room.top() + lines as f32 * line_height(set) + 4.0;
    outcomes_ui(ui, Rect::from_min_size(pos2(room.left(), top), vec2(room.width(), 48.0)), opened, commands);
    if let Some(service) = &set.service {
        let words = reason(opened, service);
        let place = pos2(room.left(), top + 62.0);
        text::paint_elided(ui.painter(), place, &words, theme::font(tokens::SMALL), theme::of(ui).dim, room.width());
        let line = Rect::from_min_size(pos2(room.left(), top + 54.0), vec2(room.width(), 16.0));
        let response = ui.interact(line, ui.scope_id().with("reason"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
        response.on_hover_text(words);
    }
}

fn figures_of(opened: &Opened, set: &PredictionSet) -> Vec<Figure> {
    let counts = opened.predictions.point().all.counts();
    let service = set.service.as_ref().map(|service| service.performance.overall).unwrap_or_default();
    let figure = |name, meaning, value, service| Figure { name, meaning, value, service };
    let precision = figure("Precision", "Share of predictions that are correct", counts.precision(), service.precision);
    let recall = figure("Recall", "Share of labels that are found", counts.recall(), service.recall);
    let f1 = figure("F1", "Harmonic mean of precision and recall", counts.f1(), None);
    if set.has_boxes {
        let of = |value: fn(&domain::evaluation::TagAverages) -> f64| set.mean.as_ref().map(value);
        let ap = "Average precision, mean over the IoUs 0.50 to 0.95, as in the COCO evaluation";
        vec![
            figure("AP", ap, of(|mean| mean.ap), None),
            figure("AP50", "Average precision at IoU 0.50", of(|mean| mean.ap50), service.average_precision),
            figure("AP75", "Average precision at IoU 0.75", of(|mean| mean.ap75), None),
            precision,
            recall,
            f1,
        ]
    } else {
        let ap =
            figure("AP", "Mean average precision of the tags", set.mean.map(|mean| mean.ap), service.average_precision);
        let mut figures = vec![ap, precision, recall, f1];
        if let Some(accuracy) = set.accuracy {
            let words = "Share of images whose top-scoring tag is correct, at any score";
            figures.insert(0, figure("Accuracy", words, Some(accuracy), None));
        }
        figures
    }
}

fn figure_ui(ui: &mut Ui, rect: Rect, figure: &Figure) {
    let tokens = theme::of(ui);
    let value = share(figure.value);
    let service = figure.service.map(|service| format!("service {service:.3}"));
    let response = ui.interact(rect, ui.scope_id().with(figure.name), Sense::hover());
    let words = match &service {
        Some(service) => format!("{}: {value}, {service}", figure.name),
        None => format!("{}: {value}", figure.name),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    let painter = ui.painter();
    let font = theme::semibold(18.0);
    text::figures(painter, rect.left_top(), Align2::LEFT_TOP, &value, font, tokens.text, rect.width());
    let name = pos2(rect.left(), rect.top() + 32.0);
    let small = theme::font(tokens::SMALL);
    text::paint_elided(painter, name, figure.name, small.clone(), tokens.dim, rect.width());
    if let Some(service) = service {
        let place = pos2(rect.left(), name.y + 15.0);
        text::figures(painter, place, Align2::LEFT_CENTER, &service, small, tokens.dim, rect.width());
    }
    response.on_hover_text(figure.meaning);
}

fn outcomes_ui(ui: &mut Ui, room: Rect, opened: &Opened, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let counts = opened.predictions.point().all;
    let width = room.width() / Outcome::ALL.len() as f32;
    let has_boxes = opened.predictions.compared(opened.generation).is_some_and(|(set, _)| set.has_boxes);
    for (at, outcome) in Outcome::ALL.into_iter().enumerate() {
        let min = room.min + vec2(at as f32 * width, 0.0);
        let rect = Rect::from_min_size(min, vec2(width - 6.0, 44.0));
        let count = counts.of(outcome);
        let response = ui.interact(rect, ui.scope_id().with(outcome), Sense::click());
        let name = format!("{}: {}", outcome.label(), text::thousands(count));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        let fill = paint::mix(tokens.panel, tokens.raised, 0.6 + 0.4 * paint::hover(ui, &response));
        ui.painter().rect_filled(rect, CornerRadius::same(6), fill);
        paint::focus_ring(ui, rect, &response, 6);
        let inner = rect.shrink2(vec2(10.0, 5.0));
        let (font, words) = (theme::semibold(tokens::BODY), text::thousands(count));
        text::figures(ui.painter(), inner.left_top(), Align2::LEFT_TOP, &words, font, tokens.text, inner.width());
        let place = pos2(inner.left(), inner.bottom() - 7.0);
        let small = theme::font(tokens::SMALL);
        text::paint_elided(ui.painter(), place, outcome.label(), small, tokens.dim, inner.width());
        let query = format!("pred:{}", outcome.name());
        let what = if has_boxes { "them on the region wall" } else { "their images" };
        let words = format!("{} Click to show {what} ({query}).", outcome.meaning());
        if response.on_hover_text(words).clicked() {
            open_in(commands, query, if has_boxes { View::Wall } else { View::Grid });
        }
    }
}

pub(super) fn open(commands: &mut Vec<Command>, query: String) {
    open_in(commands, query, View::Grid);
}

fn open_in(commands: &mut Vec<Command>, query: String, view: View) {
    commands.push(Command::Query(QueryCommand::Edit(query)));
    commands.push(Command::Display(DisplayCommand::SetView(view)));
}

/// Why the service's figures may differ from ours.
fn reason(opened: &Opened, service: &ServiceFigures) -> String {
    let predictions = &opened.predictions;
    let is_workspace = opened.iteration.is_none();
    let labels = if is_workspace {
        "the service compares with the labels at training time; here the open labels are used"
    } else {
        "the service may hold out images for testing; here all images with predictions count"
    };
    match service.point {
        None => format!(
            "The service's figures come from the archive, which does not record the score they were computed at. Also, {labels}."
        ),
        Some((score, iou)) if (score, iou) != (predictions.score, predictions.iou) => format!(
            "The service's figures are for score {score:.2} and IoU {iou:.2}, not for the chosen ones. Also, {labels}."
        ),
        Some(_) => format!("If the service's figures differ: {labels}."),
    }
}

const HEAD: f32 = 34.0;
const FOOT: f32 = 26.0;
const SIDE: f32 = 14.0;

pub(super) fn card_ui(ui: &mut Ui, rect: Rect, title: &str, content: impl FnOnce(&mut Ui)) {
    let tokens = theme::of(ui);
    ui.painter().rect_filled(rect, CornerRadius::same(8), tokens.panel);
    let inner = |top: f32, bottom: f32| {
        Rect::from_min_max(pos2(rect.left() + SIDE, rect.top() + top), pos2(rect.right() - SIDE, bottom))
    };
    let builder = |rect: Rect, name: &str| UiBuilder::new().id_salt((title, name)).max_rect(rect);
    ui.scope_builder(builder(inner(9.0, rect.top() + HEAD), "head"), |ui| {
        let label = text::label(ui, title, theme::semibold(tokens::BODY), tokens.text);
        label.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
    });
    ui.scope_builder(builder(inner(HEAD, rect.bottom() - FOOT), "content"), content);
}

pub(super) fn foot(ui: &Ui, rect: Rect, words: &str, color: Color32) {
    let place = pos2(rect.left() + SIDE, rect.bottom() - FOOT / 2.0 - 1.0);
    let room = rect.width() - 2.0 * SIDE;
    text::paint_elided(ui.painter(), place, words, theme::font(tokens::SMALL), color, room);
}
