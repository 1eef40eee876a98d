//! The editor of keys: a row an action; a click on it waits for the new key. A key that another action has is named, and
//! taken over only when the person says so.

use egui::{Context, EventFilter, Id, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{GROUPS, ROW};
use crate::icons;
use crate::keys;
use crate::theme::{self, tokens};
use crate::widgets::button::paint_key_cap_at;
use crate::widgets::{AtRight, Button, Field, paint, text};
use app::{Action, Chord, Command, KeysCommand, State};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    /// A key for this action.
    Key(Action),
    /// A word about a key that another action has.
    Clash { action: Action, chord: Chord, other: Action },
}

#[derive(Debug, Default)]
pub(crate) struct KeyEditor {
    pub(super) is_open: bool,
    search: String,
    step: Option<Step>,
}

impl KeyEditor {
    pub(crate) fn close(&mut self) {
        *self = Self::default();
    }

    pub(super) fn toggle(&mut self) {
        self.is_open = !self.is_open;
        self.step = None;
    }

    /// Whether it asks something about an action.
    fn is_asked(&self, action: Action) -> bool {
        matches!(self.step, Some(Step::Key(of) | Step::Clash { action: of, .. }) if of == action)
    }

    /// Takes the frame's keys while it waits for one. Returns whether it did: they mean nothing else then.
    pub(crate) fn listen(&mut self, ctx: &Context, state: &State, commands: &mut Vec<Command>) -> bool {
        let Some(Step::Key(action)) = self.step else { return false };
        let Some(chord) = keys::capture(ctx) else { return true };
        self.step = match state.keys.clash(action, chord) {
            _ if chord.key == "Escape" => None,
            Some(other) => Some(Step::Clash { action, chord, other }),
            None => {
                commands.push(Command::Keys(KeysCommand::Set { action, chords: vec![chord] }));
                None
            }
        };
        true
    }
}

pub(super) fn editor_ui(ui: &mut Ui, state: &State, editor: &mut KeyEditor, commands: &mut Vec<Command>) {
    ui.set_max_width(ui.available_width() - 14.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    text::hint(ui, "Click an action, then press its new key. Changes are saved immediately.");
    ui.add_space(tokens::GAP_SMALL);
    let field = Field::new(Id::unique("key search"), "Search actions").hint("Search actions").icon(icons::SEARCH);
    field.show(ui, &mut editor.search);
    ui.add_space(tokens::GAP);
    let search = editor.search.to_lowercase();
    let is_found = |action: &Action| action.text().label.to_lowercase().contains(search.trim());
    for (head, place) in GROUPS {
        let actions = Action::ALL.iter().filter(|action| action.text().place == place && is_found(action));
        let mut actions = actions.peekable();
        if actions.peek().is_none() {
            continue;
        }
        text::section(ui, head, None);
        for &action in actions {
            row_ui(ui, state, action, editor, commands);
        }
        ui.add_space(tokens::GAP_LARGE);
    }
}

fn row_ui(ui: &mut Ui, state: &State, action: Action, editor: &mut KeyEditor, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let label = action.text().label;
    let sense = if action.is_fixed() { Sense::hover() } else { Sense::click() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW + 4.0), sense);
    let caps: Vec<_> = state.keys.of(action).iter().map(ToString::to_string).collect();
    let is_waiting = editor.step == Some(Step::Key(action));
    let spoken = match (is_waiting, caps.is_empty()) {
        (true, _) => format!("{label}: press a key, or Esc to keep the current one"),
        (false, true) => format!("{label}: no key"),
        (false, false) => format!("{label}: {}", caps.join(", ")),
    };
    let role = if action.is_fixed() { Role::Label } else { Role::Button };
    response.widget_info(|| WidgetInfo::selected(role, true, is_waiting, &spoken));
    let fill = if is_waiting { tokens.selected } else { tokens.raised.gamma_multiply(paint::hover(ui, &response)) };
    ui.painter().rect_filled(rect, tokens::RADIUS, fill);
    paint::focus_ring(ui, rect, &response, tokens::RADIUS);
    if is_waiting {
        // Tab and arrows are keys like others now.
        let all = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, all));
    }
    if response.clicked() {
        editor.step = Some(Step::Key(action));
        response.request_focus();
    }
    let place = rect.shrink2(vec2(8.0, 0.0));
    let end = AtRight::new(ui, label, place);
    let room = (end.left() - place.left() - 12.0).min(place.width() * 0.6);
    let mut right = end.left();
    let is_asked = editor.is_asked(action);
    end.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        match editor.step {
            Some(Step::Key(waiting)) if waiting == action => waiting_ui(ui, action, editor, commands),
            Some(Step::Clash { action: of, chord, other }) if of == action => {
                clash_ui(ui, action, chord, other, editor, commands);
            }
            _ if state.keys.is_own(action) => {
                let name = format!("Reset the key of {label}");
                if ui.add(Button::icon_only(icons::HISTORY, &name).height(ROW)).clicked() {
                    commands.push(Command::Keys(KeysCommand::Reset(action)));
                }
            }
            _ => {}
        }
    });
    if !is_asked {
        right -= if state.keys.is_own(action) { 6.0 } else { 0.0 };
        if caps.is_empty() {
            right -= 40.0;
            let font = theme::font(tokens::SMALL);
            text::paint_elided(ui.painter(), pos2(right, place.center().y), "no key", font, tokens.dim, 40.0);
        }
        for cap in caps.iter().rev() {
            right -= paint_key_cap_at(ui, pos2(right, place.center().y), cap) + 4.0;
        }
    }
    text::paint_elided(ui.painter(), place.left_center(), label, theme::font(tokens::BODY), tokens.text, room);
}

fn waiting_ui(ui: &mut Ui, action: Action, editor: &mut KeyEditor, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    text::label(ui, "Press a key...", theme::font(tokens::BODY), tokens.text);
    if ui.add(Button::new("No key").height(ROW)).clicked() {
        commands.push(Command::Keys(KeysCommand::Set { action, chords: Vec::new() }));
        editor.step = None;
    }
    if ui.add(Button::new("Cancel").key("Esc").height(ROW)).clicked() {
        editor.step = None;
    }
}

fn clash_ui(
    ui: &mut Ui,
    action: Action,
    chord: Chord,
    other: Action,
    editor: &mut KeyEditor,
    commands: &mut Vec<Command>,
) {
    let tokens = theme::of(ui);
    let words = format!("{chord} is already used by \u{201c}{}\u{201d}", other.text().label);
    text::label(ui, &words, theme::font(tokens::BODY), tokens.warning);
    if !other.is_fixed()
        && ui.add(Button::new("Swap").height(ROW)).on_hover_text("Exchange the keys of the two actions").clicked()
    {
        commands.push(Command::Keys(KeysCommand::Swap { action, chord }));
        editor.step = None;
    }
    if ui.add(Button::new("Keep the current key").height(ROW)).clicked() {
        editor.step = None;
    }
}
