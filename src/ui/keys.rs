//! The action table on the keyboard. An open menu or popover keeps every key, a text field its letters, another control
//! its Space, Enter and arrows; everything else goes to the stage, which is the grid or the canvas.

use egui::{Event, EventFilter, Id, Key, Modifiers, Popup};

use super::ViewState;
use app::action::ActionPlace;
use app::chord::KEY_NAMES;
use app::{Action, Chord, Command, Screen, SelectionCommand, State, View, WindowCommand};

/// The id of what holds the keyboard while nothing else does: the grid or the canvas as a whole.
pub fn stage_id() -> Id {
    Id::unique("stage")
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FocusOwner {
    /// Nobody, or the stage.
    #[default]
    Stage,
    /// A button, a row, a slider.
    Control,
    Text,
    /// A menu or popover that is open, whatever has the focus in it or behind it.
    Popup,
}

impl FocusOwner {
    pub(crate) fn now(ctx: &egui::Context) -> Self {
        if Popup::is_any_open(ctx) {
            return Self::Popup;
        }
        match ctx.memory(egui::Memory::focused) {
            None => Self::Stage,
            Some(id) if id == stage_id() => Self::Stage,
            Some(_) if ctx.text_edit_focused() => Self::Text,
            Some(_) => Self::Control,
        }
    }

    /// Whether a chord may act although this has the keyboard.
    fn leaves(self, chord: Chord) -> bool {
        let is_function = chord.key.len() > 1 && chord.key.starts_with('F') && chord.key[1..].parse::<u8>().is_ok();
        match self {
            Self::Stage => true,
            Self::Popup => false,
            Self::Control => {
                !matches!(chord.key, "Space" | "Enter" | "Tab" | "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown")
            }
            // Ctrl+A, C, V, X, Z belong to the text.
            Self::Text => is_function || (chord.ctrl && !matches!(chord.key, "A" | "C" | "I")),
        }
    }
}

/// Gives the keyboard to the stage when nobody has it, so that arrows and Tab act there instead of walking the controls.
pub(crate) fn hold_stage(ctx: &egui::Context, state: &State) {
    let is_free = state.screen == Screen::Project && state.dialog.is_none() && !Popup::is_any_open(ctx);
    if !is_free {
        // It would keep Tab from the controls of a dialog, and the arrows from the entries of a menu.
        ctx.memory_mut(|memory| memory.surrender_focus(stage_id()));
        return;
    }
    let on_canvas = state.opened.as_ref().is_some_and(|opened| opened.view == View::Canvas);
    ctx.memory_mut(|memory| {
        if memory.focused().is_none() {
            memory.request_focus(stage_id());
        }
        if memory.focused() == Some(stage_id()) {
            let filter = EventFilter { tab: on_canvas, horizontal_arrows: true, vertical_arrows: true, escape: true };
            memory.set_focus_lock_filter(stage_id(), filter);
        }
    });
}

/// The chord of `action` that was pressed in this frame and may act now; the event is taken.
pub fn pressed(ctx: &egui::Context, state: &State, action: Action) -> Option<Chord> {
    if action.is_enabled(state) { taken(ctx, state, action) } else { None }
}

/// The same, whether the action can be done or not.
fn taken(ctx: &egui::Context, state: &State, action: Action) -> Option<Chord> {
    if action.text().place != ActionPlace::Everywhere && state.dialog.is_some() {
        return None;
    }
    let holder = FocusOwner::now(ctx);
    if action == Action::OpenMenu && holder == FocusOwner::Text {
        return None;
    }
    let keys = state.keys.of(action).iter().copied();
    keys.filter(|&chord| holder.leaves(chord)).find(|&chord| take(ctx, chord))
}

pub(crate) fn commands(ctx: &egui::Context, state: &State, view: &mut ViewState, commands: &mut Vec<Command>) {
    if !ctx
        .input(|input| input.events.iter().any(|event| matches!(event, Event::Key { .. } | Event::Copy | Event::Cut)))
    {
        return;
    }
    for &action in Action::ALL {
        if action == Action::Back {
            back(ctx, state, view, commands);
            continue;
        }
        if let Some(chord) = pressed(ctx, state, action) {
            perform(action, chord.shift, state, view, commands);
        }
    }
    let lacking = Action::ALL.iter().copied().filter(|action| action.lack(state).is_some());
    let pressed = lacking.filter(|action| taken(ctx, state, *action).is_some());
    commands.extend(pressed.map(|action| Command::Window(WindowCommand::Lack(action))));
}

pub fn is_held(ctx: &egui::Context, state: &State, action: Action) -> bool {
    let is_typing = matches!(FocusOwner::now(ctx), FocusOwner::Text | FocusOwner::Popup);
    if !action.is_enabled(state) || state.dialog.is_some() || is_typing {
        return false;
    }
    let is_down = |chord: &Chord| {
        let Some(key) = key_of(*chord) else { return false };
        ctx.input(|input| {
            let modifiers = input.modifiers;
            let is_shift = chord.ignores_shift() || modifiers.shift == chord.shift;
            input.key_down(key) && is_shift && modifiers.command == chord.ctrl && modifiers.alt == chord.alt
        })
    };
    state.keys.of(action).iter().any(is_down)
}

/// The chord of the first key pressed in this frame, and all keys are taken out of the frame's input.
pub(super) fn capture(ctx: &egui::Context) -> Option<Chord> {
    ctx.input_mut(|input| {
        let chord = input.events.iter().find_map(|event| match event {
            Event::Key { key, pressed: true, modifiers, .. } => chord_of(*key, *modifiers),
            Event::Copy => chord_of(Key::C, Modifiers::COMMAND),
            Event::Cut => chord_of(Key::X, Modifiers::COMMAND),
            _ => None,
        });
        input.events.retain(|event| !matches!(event, Event::Key { .. } | Event::Copy | Event::Cut | Event::Text(_)));
        chord
    })
}

fn chord_of(key: Key, modifiers: Modifiers) -> Option<Chord> {
    let name = KEY_NAMES.iter().copied().find(|name| Key::from_name(name) == Some(key))?;
    let chord = Chord { ctrl: modifiers.command, shift: modifiers.shift, alt: modifiers.alt, key: name };
    // Where Shift only helps to type a sign, it is no part of the key.
    Some(Chord { shift: chord.shift && !chord.ignores_shift(), ..chord })
}

pub(crate) fn perform(action: Action, extend: bool, state: &State, view: &mut ViewState, commands: &mut Vec<Command>) {
    match action {
        Action::FindText => view.wants_query = true,
        Action::OpenMenu => view.wants_menu = true,
        // Only the grid knows how many images are in a row.
        Action::CursorUp | Action::CursorDown | Action::CursorPageUp | Action::CursorPageDown => {
            let Some(opened) = &state.opened else { return };
            commands.extend(match opened.view {
                View::Wall => view.wall.command_for(action, extend, opened),
                _ => view.grid.command_for(action, extend, opened),
            });
        }
        _ => commands.extend(action.command(state).map(|command| match command {
            Command::Selection(SelectionCommand::MoveCursor { by, .. }) => {
                Command::Selection(SelectionCommand::MoveCursor { by, extend })
            }
            Command::Selection(SelectionCommand::CursorToEnd { last, .. }) => {
                Command::Selection(SelectionCommand::CursorToEnd { last, extend })
            }
            other => other,
        })),
    }
}

/// Esc: first out of a menu (egui closes it), then out of a text field, then back.
fn back(ctx: &egui::Context, state: &State, view: &ViewState, commands: &mut Vec<Command>) {
    let is_only_leaving = state.dialog.is_none() && view.holder_before == FocusOwner::Text;
    if Popup::is_any_open(ctx) || is_only_leaving {
        return;
    }
    let is_pressed = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    if is_pressed {
        commands.push(Command::Window(WindowCommand::Back));
    }
}

fn key_of(chord: Chord) -> Option<Key> {
    Key::from_name(chord.key)
}

/// Takes the event of a chord out of this frame's input, and the text that the same key types: an action that moves the
/// focus to a text field must not leave its letter there.
fn take(ctx: &egui::Context, chord: Chord) -> bool {
    let Some(key) = key_of(chord) else { return false };
    // Shift is part of how some of these are typed, and which ones depends on the keyboard.
    let any_shift = chord.ignores_shift();
    let is_copy = chord.ctrl && key == Key::C;
    let is_cut = chord.ctrl && key == Key::X;
    let is_it = |event: &Event| match event {
        // The window system reports Ctrl+C and Ctrl+X as these.
        Event::Copy => is_copy,
        Event::Cut => is_cut,
        Event::Key { key: pressed, pressed: true, modifiers, .. } => {
            *pressed == key
                && modifiers.command == chord.ctrl
                && modifiers.alt == chord.alt
                && (any_shift || modifiers.shift == chord.shift)
        }
        _ => false,
    };
    ctx.input_mut(|input| {
        let (mut is_taken, mut is_its_text) = (false, false);
        input.events.retain(|event| {
            if is_it(event) {
                (is_taken, is_its_text) = (true, true);
                return false;
            }
            // The text follows its key; another key's text follows that one.
            is_its_text &= !matches!(event, Event::Key { pressed: true, .. });
            !(is_its_text && matches!(event, Event::Text(_)))
        });
        is_taken
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_is_one_of_eguis() {
        for action in Action::ALL {
            for chord in action.text().keys {
                assert!(KEY_NAMES.contains(&chord.key), "{action:?}: {}", chord.key);
            }
        }
        for name in KEY_NAMES {
            let key = Key::from_name(name).unwrap_or_else(|| panic!("egui has no key {name}"));
            assert_eq!(chord_of(key, Modifiers::NONE).map(|chord| chord.key), Some(*name));
        }
    }

    #[test]
    fn a_text_field_keeps_its_letters() {
        let plain = |key| Chord { ctrl: false, shift: false, alt: false, key };
        let ctrl = |key| Chord { ctrl: true, ..plain(key) };
        assert!(
            !FocusOwner::Text.leaves(plain("B"))
                && !FocusOwner::Text.leaves(plain("F"))
                && !FocusOwner::Text.leaves(ctrl("A"))
        );
        assert!(FocusOwner::Text.leaves(ctrl("K")) && FocusOwner::Text.leaves(plain("F1")));
        assert!(!FocusOwner::Control.leaves(plain("Space")) && FocusOwner::Control.leaves(plain("B")));
    }
}
