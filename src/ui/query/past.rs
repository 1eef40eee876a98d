//! Earlier queries: Up in the empty box brings the latest one, and again the one before; Down goes back.

use egui::{Key, Modifiers, Ui, pos2};

use super::QueryView;
use crate::theme::{self, tokens};
use crate::widgets::row::row;
use crate::widgets::text;
use app::state::Opened;
use app::{Command, QueryCommand, State};

/// Rows below the empty box.
const MOST_ROWS: usize = 5;
const ROW: f32 = 25.0;

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
        let (rect, response) = row(ui, &format!("Earlier query: {query}"), ROW, false);
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
