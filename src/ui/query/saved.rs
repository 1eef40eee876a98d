//! Saved queries and earlier ones. A menu chooses one, saves the current one, deletes one; Up in the empty box brings
//! the latest, and again the one before, and Down goes back.

use egui::{Key, Modifiers, Popup, Ui, pos2, vec2};

use super::{QueryView, start};
use crate::icons;
use crate::theme::{self, tokens};
use crate::widgets::popover::popover;
use crate::widgets::row::{divider, row};
use crate::widgets::save::{name_id, name_ui, note_ui};
use crate::widgets::{AtRight, Button, text};
use app::state::Opened;
use app::{Command, QueryCommand, SavedQuery, State};

/// What is typed into the name's field, and what the menu shows.
#[derive(Debug, Default)]
pub(super) struct SavedView {
    name: String,
    /// The query that gets the name; `None`: the one in force is saved under it.
    renamed: Option<String>,
    /// The field is to get the keyboard, once it has noticed the click elsewhere.
    wants_keyboard: bool,
    /// The help, which has no button of its own in a narrow window.
    has_help: bool,
}

const FIELD: &str = "Query name";
const WIDTH: f32 = 340.0;
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
    let shown = popover(&response, popup, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        if is_narrow && view.has_help {
            start::widen(ui);
            view.has_help = !turn_ui(ui, icons::BACK, "Back to saved queries");
            return start::content_ui(ui, 150.0);
        }
        ui.set_width(WIDTH);
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
                    saved_row(ui, query, opened.query.text == query.text, saved, view, commands);
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
            divider(ui);
            view.has_help = turn_ui(ui, icons::HELP, "The query language");
        }
    });
    if shown.is_none() {
        *view = SavedView::default();
    }
}

/// The row that turns the menu over to its other side.
fn turn_ui(ui: &mut Ui, icon: icons::Icon, words: &str) -> bool {
    let tokens = theme::of(ui);
    let (rect, response) = row(ui, words, ROW, false);
    icons::paint(ui.painter(), pos2(rect.left() + 18.0, rect.center().y), icon, 16.0, tokens.dim);
    let left = pos2(rect.left() + 34.0, rect.center().y);
    text::paint_elided(ui.painter(), left, words, theme::font(tokens::BODY), tokens.text, rect.width() - 44.0);
    response.clicked()
}

fn saved_row(
    ui: &mut Ui,
    query: &SavedQuery,
    is_chosen: bool,
    saved: &[SavedQuery],
    view: &mut SavedView,
    commands: &mut Vec<Command>,
) {
    let tokens = theme::of(ui);
    let (rect, response) = row(ui, &query.name, ROW, is_chosen);
    let ends = AtRight::new(ui, &query.name, rect.shrink2(vec2(4.0, 0.0)));
    let left = pos2(rect.left() + 10.0, rect.center().y);
    let kept = ui.scope_id().with(("buttons", &query.name));
    let had_keyboard = ui.data(|data| data.get_temp(kept)).unwrap_or(false);
    let is_near = response.contains_pointer() || response.has_focus() || had_keyboard;
    let room = if is_near { ends.left() - left.x - 8.0 } else { rect.right() - left.x - 10.0 };
    let width = text::paint_elided(ui.painter(), left, &query.name, theme::font(tokens::BODY), tokens.text, room * 0.6);
    let rest = pos2(left.x + width + 10.0, left.y);
    text::paint_elided(ui.painter(), rest, &query.text, theme::font(12.0), tokens.dim, room - width - 10.0);
    let (is_clicked, has_keyboard) = ends.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        if !is_near {
            ui.set_opacity(0.0);
        }
        row_buttons(ui, query, saved, view, commands)
    });
    if has_keyboard != had_keyboard {
        ui.data_mut(|data| data.insert_temp(kept, has_keyboard));
        ui.ctx().request_repaint();
    }
    if response.on_hover_text(&query.text).clicked() && !is_clicked {
        commands.push(Command::Query(QueryCommand::Edit(query.text.clone())));
        ui.close();
    }
}

/// Up, down, rename and delete; whether one was clicked, and whether one has the keyboard.
fn row_buttons(
    ui: &mut Ui,
    query: &SavedQuery,
    saved: &[SavedQuery],
    view: &mut SavedView,
    commands: &mut Vec<Command>,
) -> (bool, bool) {
    let SavedQuery { name, .. } = query;
    let is_at = |end: Option<&SavedQuery>| end.is_some_and(|end| end.name == *name);
    let mut states = (false, false);
    let mut button = |icon, verb: &str, is_enabled: bool| {
        let label = format!("{verb} {name}");
        let response = ui.add(Button::icon_only(icon, &label).height(22.0).enabled(is_enabled));
        // What cannot be used is no part of the row either.
        states.0 |= response.contains_pointer() && ui.input(|input| input.pointer.any_click());
        states.1 |= response.has_focus();
        response.clicked()
    };
    let mut push = |command| commands.push(Command::Query(command));
    if button(icons::UP, "Move up", !is_at(saved.first())) {
        push(QueryCommand::Move { name: name.clone(), by: -1 });
    }
    if button(icons::DROP_DOWN, "Move down", !is_at(saved.last())) {
        push(QueryCommand::Move { name: name.clone(), by: 1 });
    }
    if button(icons::EDIT, "Rename", true) {
        (view.name, view.renamed) = (name.clone(), Some(name.clone()));
        view.wants_keyboard = true;
    }
    if button(icons::CLOSE, "Delete", true) {
        push(QueryCommand::Forget(name.clone()));
    }
    states
}

fn heading_ui(ui: &mut Ui, words: &str) {
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        text::section(ui, words, None);
    });
}

fn latest_row(ui: &mut Ui, query: &str, is_chosen: bool, commands: &mut Vec<Command>) {
    let (rect, response) = row(ui, &format!("Earlier query: {query}"), ROW, is_chosen);
    let left = pos2(rect.left() + 10.0, rect.center().y);
    text::paint_elided(ui.painter(), left, query, theme::font(tokens::BODY), theme::of(ui).text, rect.width() - 20.0);
    if response.on_hover_text(query).clicked() {
        commands.push(Command::Query(QueryCommand::Edit(query.to_owned())));
        ui.close();
    }
}

fn save_ui(ui: &mut Ui, opened: &Opened, saved: &[SavedQuery], view: &mut SavedView, commands: &mut Vec<Command>) {
    view.renamed.take_if(|renamed| !saved.iter().any(|query| query.name == *renamed));
    let text = opened.query.text_in_force();
    if text.trim().is_empty() && view.renamed.is_none() {
        note_ui(ui, "Type a query first to save it.");
        return;
    }
    let name = view.name.trim();
    let is_taken = view.renamed.as_deref() != Some(name) && saved.iter().any(|query| query.name == name);
    let label = if view.renamed.is_some() { "Rename" } else { "Save" };
    let is_meant = name_ui(ui, FIELD, label, is_taken, &mut view.name);
    if std::mem::take(&mut view.wants_keyboard) {
        ui.memory_mut(|memory| memory.request_focus(name_id(FIELD)));
    }
    if !is_meant {
        return;
    }
    let name = std::mem::take(&mut view.name);
    commands.push(Command::Query(match view.renamed.take() {
        Some(from) => QueryCommand::Rename { from, to: name },
        None => QueryCommand::Save(name),
    }));
}

/// Rows below the empty box.
const MOST_ROWS: usize = 5;
const PAST_ROW: f32 = 25.0;

/// The queries that Up and Down go through, as they were when that began.
#[derive(Debug)]
pub(super) struct Past {
    texts: Vec<String>,
    at: usize,
}

/// The query that Up or Down brings into the box in this frame; the keys are taken.
pub(super) fn step(
    ui: &Ui,
    state: &State,
    opened: &Opened,
    view: &mut QueryView,
    commands: &mut Vec<Command>,
) -> Option<String> {
    let text = &opened.query.text;
    let is_browsing = view.past.as_ref().is_some_and(|past| past.texts.get(past.at) == Some(text));
    if !is_browsing {
        view.past = None;
        let texts = state.settings.query_history.queries(opened.project.id);
        if !text.is_empty() || texts.is_empty() {
            return None;
        }
        let is_up = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowUp));
        if !is_up {
            return None;
        }
        view.past = Some(Past { texts: texts.to_vec(), at: 0 });
        return show(ui, view, commands);
    }
    let (up, down) = ui.input_mut(|input| {
        let up = input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp);
        (up, input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown))
    });
    if up == down {
        return None;
    }
    let past = view.past.as_mut()?;
    match (past.at + up).checked_sub(down) {
        Some(at) => past.at = at.min(past.texts.len() - 1),
        // Before the latest one the box is empty, as it was.
        None => {
            view.past = None;
            put(ui, String::new(), view, commands);
            return Some(String::new());
        }
    }
    show(ui, view, commands)
}

fn show(ui: &Ui, view: &mut QueryView, commands: &mut Vec<Command>) -> Option<String> {
    let past = view.past.as_ref()?;
    let text = past.texts.get(past.at)?.clone();
    put(ui, text.clone(), view, commands);
    Some(text)
}

/// Types a text into the box; what could complete it is not offered before somebody types on.
fn put(ui: &Ui, text: String, view: &mut QueryView, commands: &mut Vec<Command>) {
    view.caret = Some(text.len());
    view.list.close_for(&text);
    view.pause.typed(ui.input(|input| input.time));
    commands.push(Command::Query(QueryCommand::Type(text)));
}

/// The latest queries below the empty box.
pub(super) fn rows_ui(ui: &mut Ui, state: &State, opened: &Opened, view: &mut QueryView, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    for (at, query) in state.settings.query_history.queries(opened.project.id).iter().take(MOST_ROWS).enumerate() {
        let (rect, response) = row(ui, &format!("Earlier query: {query}"), PAST_ROW, false);
        let left = pos2(rect.left() + 8.0, rect.center().y);
        let remark = if at == 0 { "earlier, also with Up" } else { "earlier" };
        let galley = text::elided(ui.painter(), remark, theme::font(12.0), tokens.dim, rect.width() * 0.4);
        let right = rect.right() - 8.0 - galley.size().x;
        let room = right - left.x - 12.0;
        text::paint_elided(ui.painter(), left, query, theme::font(tokens::BODY), tokens.text, room);
        ui.painter().galley(pos2(right, left.y - galley.size().y / 2.0), galley, tokens.dim);
        if response.clicked() {
            view.caret = Some(query.len());
            commands.push(Command::Query(QueryCommand::Edit(query.clone())));
            ui.memory_mut(|memory| memory.request_focus(super::box_id()));
        }
    }
}
