//! The keyboard in menus and popovers. While one is open no other key acts, so Tab stays in it and goes around; Esc gives the
//! keyboard back to the button that opened it by key. The arrows in menus are egui's.

use egui::{Context, EventFilter, Id, InnerResponse, Key, Memory, Modifiers, Popup, Response, Ui};

/// What is known of an open popup from the pass before.
#[derive(Clone, Copy, Default)]
struct Held {
    /// Whether its button had the keyboard when it opened.
    is_by_key: bool,
    /// What had the keyboard after its content.
    focused: Option<Id>,
    /// Whether egui leaves Tab in it to this file.
    is_locked: bool,
}

fn held_id(popup: Id) -> Id {
    popup.with("held keyboard")
}

/// Shows the popup of a button.
pub(crate) fn popover<R>(
    button: &Response,
    popup: Popup<'_>,
    content: impl FnOnce(&mut Ui) -> R,
) -> Option<InnerResponse<R>> {
    let (ctx, id) = (&button.ctx, popup.get_id());
    let shown = popup.show(|ui| {
        let shown = content(ui);
        hold_tab(ui, id, Some(button.id));
        shown
    });
    let is_escaped = ctx.input(|input| input.key_pressed(Key::Escape));
    if closed_by_key(ctx, id) && is_escaped {
        button.request_focus();
    }
    shown
}

/// Forgets a popup that is closed; whether it was opened by key.
pub(crate) fn closed_by_key(ctx: &Context, popup: Id) -> bool {
    if Popup::is_id_open(ctx, popup) {
        return false;
    }
    let held: Option<Held> = ctx.data_mut(|data| data.remove_temp(held_id(popup)));
    held.is_some_and(|held| held.is_by_key)
}

/// Keeps Tab in a popup, at the end of its content. `button`: what it belongs to, if that can have the keyboard.
pub(crate) fn hold_tab(ui: &Ui, popup: Id, button: Option<Id>) {
    let ctx = ui.ctx();
    let mut focused = ui.memory(Memory::focused);
    let before: Option<Held> = ctx.data(|data| data.get_temp(held_id(popup)));
    let is_by_key = before.map_or(focused.is_some() && focused == button, |held| held.is_by_key);
    let held = before.unwrap_or_default();
    let mut is_locked = false;
    if !ui.is_sizing_pass() {
        let entries = entries(ui);
        if let Some(target) = target(&entries, held, focused, button, steps(ctx)) {
            ui.memory_mut(|memory| memory.request_focus(target));
            ctx.request_repaint();
            focused = Some(target);
        } else if let Some(id) = focused.filter(|id| entries.contains(id) || Some(*id) == button) {
            // A text field keeps its arrows.
            let is_text = ctx.text_edit_focused();
            let filter = EventFilter { tab: true, horizontal_arrows: is_text, vertical_arrows: is_text, escape: false };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
            // egui takes the filter of what had the keyboard in the pass before too.
            is_locked = held.focused == focused;
        }
    }
    ctx.data_mut(|data| data.insert_temp(held_id(popup), Held { is_by_key, focused, is_locked }));
}

/// What can have the keyboard in the popup, in order.
fn entries(ui: &Ui) -> Vec<Id> {
    ui.ctx().viewport(|viewport| {
        let widgets = viewport.this_pass.widgets.get_layer(ui.layer_id());
        widgets.filter(|widget| widget.enabled && widget.sense.is_focusable()).map(|widget| widget.id).collect()
    })
}

/// How far Tab goes in this pass: back is negative.
fn steps(ctx: &Context) -> isize {
    ctx.input_mut(|input| {
        // In this order: a press with Shift is one without it too.
        let back = input.count_and_consume_key(Modifiers::SHIFT, Key::Tab) as isize;
        input.count_and_consume_key(Modifiers::NONE, Key::Tab) as isize - back
    })
}

/// What is to get the keyboard; `None`: it is where it belongs.
fn target(entries: &[Id], held: Held, focused: Option<Id>, button: Option<Id>, steps: isize) -> Option<Id> {
    let place = |id: Option<Id>| entries.iter().position(|entry| Some(*entry) == id);
    let end = if steps < 0 { entries.last() } else { entries.first() }.copied();
    let is_here = place(focused).is_some() || (focused.is_some() && focused == button);
    match place(focused) {
        // Nothing in it can have the keyboard.
        _ if entries.is_empty() => None,
        Some(at) if steps != 0 && held.is_locked && held.focused == focused => {
            let count = isize::try_from(entries.len()).unwrap_or(isize::MAX);
            let at = (isize::try_from(at).unwrap_or(0) + steps).rem_euclid(count);
            entries.get(usize::try_from(at).unwrap_or(0)).copied()
        }
        None if steps != 0 && (!is_here || held.is_locked) => end,
        // egui went on past the last one.
        None if !is_here && focused.is_some() && place(held.focused).is_some() => end,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_goes_around_and_into_it_from_anywhere() {
        let id = |name: &str| Id::unique(name);
        let entries = [id("a"), id("b"), id("c")];
        let held = |name: &str, is_locked| Held { focused: Some(id(name)), is_locked, is_by_key: true };
        let at = |held: Held, focused: Option<&str>, steps| {
            target(&entries, held, focused.map(id), Some(id("button")), steps)
        };
        assert_eq!(at(held("c", true), Some("c"), 1), Some(id("a")));
        assert_eq!(at(held("a", true), Some("a"), -1), Some(id("c")));
        assert_eq!(at(held("a", true), Some("a"), 0), None);
        // egui has moved it itself where it was not locked.
        assert_eq!(at(held("a", false), Some("b"), 1), None);
        assert_eq!(at(held("button", true), Some("button"), 1), Some(id("a")));
        assert_eq!(at(held("button", true), Some("button"), -1), Some(id("c")));
        // By mouse, nothing has the keyboard, or the first control of the window has just got it.
        assert_eq!(at(Held::default(), None, 1), Some(id("a")));
        assert_eq!(at(Held::default(), Some("elsewhere"), -1), Some(id("c")));
        assert_eq!(at(held("c", false), Some("elsewhere"), 0), Some(id("a")), "past the end");
        assert_eq!(target(&[], held("button", true), Some(id("button")), Some(id("button")), 1), None);
    }
}
