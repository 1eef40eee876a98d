//! Saved queries: choose one, or one of the latest, save the current one, delete one.

use egui::{Popup, Ui, vec2};

use crate::icons;
use crate::theme::{self, tokens};
use crate::widgets::popover::popover;
use crate::widgets::row::{divider, row};
use crate::widgets::save::{name_ui, note_ui};
use crate::widgets::{Button, text};
use app::state::Opened;
use app::{Command, QueryCommand, SavedQuery, State};

#[derive(Debug, Default)]
pub(super) struct SavedView {
    name: String,
}

const WIDTH: f32 = 300.0;
const ROW: f32 = 28.0;
const MOST_LATEST: usize = 10;

pub(super) fn button_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    view: &mut SavedView,
    is_narrow: bool,
    commands: &mut Vec<Command>,
) {
    let response = ui.add(Button::icon_only(icons::BOOKMARK, "Saved queries").height(22.0));
    let popup = Popup::menu(&response).gap(6.0).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    popover(&response, popup, |ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing.y = 0.0;
        let saved = state.settings.saved_queries(opened.project.id);
        let latest = state.settings.query_history.queries(opened.project.id);
        let height = (ui.ctx().content_rect().height() - 200.0).max(120.0);
        egui::ScrollArea::vertical().id_salt("saved queries").max_height(height).min_scrolled_height(height).show(
            ui,
            |ui| {
                if saved.is_empty() {
                    note_ui(ui, "No saved queries yet.");
                }
                for query in saved {
                    saved_row(ui, query, opened.query.text == query.text, commands);
                }
                if !latest.is_empty() {
                    divider(ui);
                    heading_ui(ui, "Latest queries");
                }
                for text in latest.iter().take(MOST_LATEST) {
                    latest_row(ui, text, opened.query.text.trim() == text, commands);
                }
            },
        );
        divider(ui);
        save_ui(ui, opened, saved, view, commands);
        if is_narrow {
            note_ui(ui, "Widen the window to see help on the query language.");
        }
    });
}

fn saved_row(ui: &mut Ui, query: &SavedQuery, is_chosen: bool, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let (rect, response) = row(ui, &query.name, ROW, is_chosen);
    let left = egui::pos2(rect.left() + 10.0, rect.center().y);
    let room = rect.width() - 50.0;
    let width = text::paint_elided(ui.painter(), left, &query.name, theme::font(tokens::BODY), tokens.text, room * 0.6);
    let rest = egui::pos2(left.x + width + 10.0, left.y);
    text::paint_elided(ui.painter(), rest, &query.text, theme::font(12.0), tokens.dim, room - width - 10.0);
    let place = egui::Rect::from_min_size(egui::pos2(rect.right() - 26.0, rect.top() + 3.0), vec2(22.0, 22.0));
    let mut end = ui.new_child(egui::UiBuilder::new().id_salt(("forget", &query.name)).max_rect(place));
    let name = format!("Delete {}", query.name);
    if end.add(Button::icon_only(icons::CLOSE, &name).height(22.0)).clicked() {
        commands.push(Command::Query(QueryCommand::Forget(query.name.clone())));
    } else if response.on_hover_text(&query.text).clicked() {
        commands.push(Command::Query(QueryCommand::Edit(query.text.clone())));
        ui.close();
    }
}

fn heading_ui(ui: &mut Ui, words: &str) {
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        text::section(ui, words, None);
    });
}

fn latest_row(ui: &mut Ui, query: &str, is_chosen: bool, commands: &mut Vec<Command>) {
    let (rect, response) = row(ui, &format!("Earlier query: {query}"), ROW, is_chosen);
    let left = egui::pos2(rect.left() + 10.0, rect.center().y);
    text::paint_elided(ui.painter(), left, query, theme::font(tokens::BODY), theme::of(ui).text, rect.width() - 20.0);
    if response.on_hover_text(query).clicked() {
        commands.push(Command::Query(QueryCommand::Edit(query.to_owned())));
        ui.close();
    }
}

fn save_ui(ui: &mut Ui, opened: &Opened, saved: &[SavedQuery], view: &mut SavedView, commands: &mut Vec<Command>) {
    let text = opened.query.text_in_force();
    if text.trim().is_empty() {
        note_ui(ui, "Type a query first to save it.");
        return;
    }
    let is_taken = saved.iter().any(|query| query.name == view.name.trim());
    if name_ui(ui, "Query name", "Save", is_taken, &mut view.name) {
        commands.push(Command::Query(QueryCommand::Save(std::mem::take(&mut view.name))));
    }
}
