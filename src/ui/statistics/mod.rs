//! The page of statistics: six plots of what is shown or of all images, each with its numbers under the pointer, a click
//! that narrows what is shown, and a menu that saves it. The figures come from the engine; nothing is counted here.

mod card;
pub(crate) mod density;
pub(crate) mod histogram;
mod tags;

use egui::{Align, Layout, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::icons;
use super::theme::{self, tokens};
use super::widgets::choice::one_of_named;
use super::widgets::dialog::dialog;
use super::widgets::save::{SaveAnswer, SaveFields, save_fields_ui};
use super::widgets::{Button, message, text};
use app::dialog::FolderPurpose;
use app::query::QueryCommand;
use app::state::Opened;
use app::statistics::{SaveWhat, StatisticsCommand, StatisticsScope};
use app::{Command, ListingState, State, WindowCommand};
use domain::stats::{Panel, Statistics, TagOrder};

#[derive(Default)]
pub struct StatisticsView {
    tags: tags::TagsView,
}

/// Room around the page and between its cards.
const GAP: f32 = 12.0;
/// A card is never narrower; the columns follow from it.
const CARD_WIDTH: f32 = 330.0;
const MOST_COLUMNS: usize = 3;
const CARD_HEIGHT: (f32, f32) = (208.0, 420.0);
const HEAD: f32 = 44.0;

pub fn statistics_ui(
    ui: &mut Ui,
    _state: &State,
    opened: &Opened,
    view: &mut StatisticsView,
    commands: &mut Vec<Command>,
) {
    let room = ui.available_rect_before_wrap();
    let head = Rect::from_min_size(room.min + vec2(GAP, 0.0), vec2(room.width() - 2.0 * GAP, HEAD));
    let body = Rect::from_min_max(pos2(room.left(), head.bottom()), room.max);
    ui.scope_builder(UiBuilder::new().max_rect(head).layout(Layout::left_to_right(Align::Center)), |ui| {
        head_ui(ui, opened, commands);
    });
    ui.scope_builder(UiBuilder::new().max_rect(body), |ui| body_ui(ui, opened, view, commands));
}

fn head_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let statistics = &opened.statistics;
    let scopes = [(StatisticsScope::Shown, "Shown"), (StatisticsScope::All, "All")];
    if let Some(scope) = one_of_named(ui, "Images to count", &scopes, statistics.scope) {
        commands.push(Command::Statistics(StatisticsCommand::SetScope(scope)));
    }
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let has_figures = statistics.figures.as_ref().is_some_and(|figures| !figures.is_empty());
        if ui.add(Button::new("Save all...").enabled(has_figures)).clicked() {
            commands.push(Command::Statistics(StatisticsCommand::AskSave(SaveWhat::All)));
        }
        if let Some(figures) = &statistics.figures {
            let words = summary(figures);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add_space(tokens::GAP);
                text::figures_label(ui, &words, theme::font(tokens::BODY), tokens.dim, 0.0);
            });
        }
    });
}

fn summary(figures: &Statistics) -> String {
    let images = text::count(figures.images, "image", "images");
    let regions = text::count(figures.regions, "region", "regions");
    let tags = text::count(figures.met_tags(TagOrder::Count).len() as u64, "tag", "tags");
    format!("{images} \u{b7} {regions} \u{b7} {tags}")
}

fn body_ui(ui: &mut Ui, opened: &Opened, view: &mut StatisticsView, commands: &mut Vec<Command>) {
    let statistics = &opened.statistics;
    match (&statistics.figures, &statistics.failure) {
        (None, Some(failure)) => message::failure_block(ui, failure, None, commands),
        (None, None) => {}
        (Some(figures), _) if figures.is_empty() => empty_ui(ui, opened, commands),
        (Some(figures), _) => cards_ui(ui, figures, view, commands),
    }
}

fn empty_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    if opened.catalogue.is_empty() {
        let (title, words) = match opened.listing {
            ListingState::Running { .. } => ("Nothing to count yet", "Plots appear here as soon as images arrive."),
            _ => {
                ("Nothing to count", "Plots of tags, regions and dates appear here once the project has tagged images.")
            }
        };
        message::empty(ui, icons::STATISTICS, title, words, None, commands);
    } else {
        let action = ("Show all images", Command::Query(QueryCommand::Clear));
        let words = "No images match the query, so there is nothing to count.";
        message::empty(ui, icons::STATISTICS, "Nothing to count", words, Some(action), commands);
    }
}

fn cards_ui(ui: &mut Ui, figures: &Statistics, view: &mut StatisticsView, commands: &mut Vec<Command>) {
    let room = ui.available_size();
    let columns = (((room.x - GAP) / (CARD_WIDTH + GAP)) as usize).clamp(1, MOST_COLUMNS);
    let lines = Panel::ALL.len().div_ceil(columns);
    let width = ((room.x - GAP) / columns as f32 - GAP).floor();
    // All cards fit without scrolling where they would not be too low.
    let height = ((room.y - GAP * lines as f32) / lines as f32).floor().clamp(CARD_HEIGHT.0, CARD_HEIGHT.1);
    ScrollArea::vertical().id_salt("statistics").auto_shrink([false, false]).show(ui, |ui| {
        let (page, _) = ui.allocate_exact_size(vec2(room.x, (height + GAP) * lines as f32), egui::Sense::hover());
        for (at, panel) in Panel::ALL.into_iter().enumerate() {
            let (column, line) = ((at % columns) as f32, (at / columns) as f32);
            let min = page.min + vec2(GAP + column * (width + GAP), line * (height + GAP));
            let rect = Rect::from_min_size(min, vec2(width, height));
            if ui.is_rect_visible(rect) {
                card::card_ui(ui, rect, panel, figures, view, commands);
            }
        }
    });
}

pub(crate) fn save_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    let form = &opened.statistics.form;
    let (title, words) = match form.what {
        SaveWhat::All => ("Save all plots", "All plots as PNG and CSV, in a new folder.".to_owned()),
        SaveWhat::One(panel, format) => ("Save a plot", format!("\"{}\" as {}.", panel.label(), format.word())),
    };
    dialog(ui, title, 560.0, commands, |ui, commands| {
        let tokens = theme::of(ui);
        text::paragraph(ui, &words, theme::font(tokens::BODY), tokens.dim);
        let fields = SaveFields {
            id: "plots path",
            name: if form.what == SaveWhat::All { "New folder" } else { "New file" },
            path: &form.path,
            purpose: FolderPurpose::Plots,
            failure: form.failure.as_ref(),
            is_taken: form.is_taken,
            is_busy: form.is_busy,
        };
        for answer in save_fields_ui(ui, &fields, commands) {
            commands.push(match answer {
                SaveAnswer::Edit(path) => Command::Statistics(StatisticsCommand::EditPath(path)),
                SaveAnswer::Save { replaces } => Command::Statistics(StatisticsCommand::Save { replaces }),
                SaveAnswer::Cancel => Command::Window(WindowCommand::ShowDialog(None)),
            });
        }
    });
}
