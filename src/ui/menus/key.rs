//! Context menus by mouse and by keyboard: a right click opens one at the pointer, the menu key that of what has the
//! keyboard, or of the current thing of the view. Then arrows, Enter and Esc are the menu's, and what had the keyboard
//! before gets it back.

use egui::{Context, FocusDirection, Id, Popup, Pos2, Response, ScrollArea, Ui};

use crate::keys::stage_id;
use crate::widgets::popover::{closed_by_key, hold_tab};

#[derive(Clone, Copy)]
struct Asked {
    /// The pass in which menus may answer.
    pass: u64,
    /// The control that has the keyboard; `None`: the current thing of the view is meant.
    focused: Option<Id>,
    is_answered: bool,
}

/// The menu that the key has opened.
#[derive(Clone, Copy)]
struct Opened {
    popup: Id,
    /// What had the keyboard before; `None`: the view.
    before: Option<Id>,
    /// Whether its first entry has the keyboard already.
    is_entered: bool,
}

fn asked_id() -> Id {
    Id::unique("menu key")
}

fn opened_id() -> Id {
    Id::unique("menu opened by its key")
}

/// The menu key was pressed: the menus of this pass may answer.
pub(crate) fn ask(ctx: &Context) {
    let focused = ctx.memory(egui::Memory::focused).filter(|id| *id != stage_id());
    let asked = Asked { pass: ctx.cumulative_pass_nr(), focused, is_answered: false };
    ctx.data_mut(|data| data.insert_temp(asked_id(), asked));
}

fn asked(ctx: &Context) -> Option<Asked> {
    let asked: Asked = ctx.data(|data| data.get_temp(asked_id()))?;
    (asked.pass == ctx.cumulative_pass_nr() && !asked.is_answered).then_some(asked)
}

/// Whether the menu of the current thing of the view is asked for in this pass, so that it must be in sight.
pub(crate) fn is_asked_of_view(ctx: &Context) -> bool {
    asked(ctx).is_some_and(|asked| asked.focused.is_none())
}

/// Whether the menu of a control is asked for: it has the keyboard.
pub(crate) fn is_asked_of(response: &Response) -> bool {
    asked(&response.ctx).is_some_and(|asked| asked.focused == Some(response.id))
}

/// Shows the menu of `response` after a right click on it, or by key (`by_key`) at `place`.
pub(crate) fn context_popup(response: &Response, by_key: bool, place: Pos2, width: f32, content: impl FnOnce(&mut Ui)) {
    let ctx = &response.ctx;
    let mut popup = Popup::context_menu(response);
    let id = popup.get_id();
    if by_key {
        open(ctx, id);
    }
    if Popup::is_id_open(ctx, id) && Popup::position_of_id(ctx, id).is_none() {
        popup = popup.at_position(place);
    }
    popup.show(|ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 0.0;
        // In a small window a long menu scrolls.
        let room = ui.ctx().content_rect().height() - 32.0;
        ScrollArea::vertical().max_height(room).min_scrolled_height(room).show(ui, content);
        enter(ui, id);
        hold_tab(ui, id, None);
    });
    closed_by_key(ctx, id);
}

fn open(ctx: &Context, popup: Id) {
    let before = ctx.memory(egui::Memory::focused);
    if let Some(id) = before {
        ctx.memory_mut(|memory| memory.surrender_focus(id));
    }
    let before = before.filter(|id| *id != stage_id());
    Popup::open_id(ctx, popup);
    ctx.data_mut(|data| {
        data.insert_temp(opened_id(), Opened { popup, before, is_entered: false });
        if let Some(asked) = data.get_temp::<Asked>(asked_id()) {
            data.insert_temp(asked_id(), Asked { is_answered: true, ..asked });
        }
    });
}

/// Gives the keyboard to the first entry, as a press of Down does, once the entries are there.
fn enter(ui: &Ui, popup: Id) {
    if ui.is_sizing_pass() {
        return;
    }
    let is_due = ui.data_mut(|data| {
        let opened: Option<Opened> = data.get_temp(opened_id());
        let due = opened.filter(|opened| opened.popup == popup && !opened.is_entered);
        if let Some(opened) = due {
            data.insert_temp(opened_id(), Opened { is_entered: true, ..opened });
        }
        due.is_some()
    });
    if is_due {
        ui.memory_mut(|memory| memory.move_focus(FocusDirection::Down));
    }
}

/// Ends a pass: who had the keyboard before a menu gets it back. Returns whether a menu was asked for and nothing has one.
pub(crate) fn end_pass(ctx: &Context, has_view: bool) -> bool {
    let opened: Option<Opened> = ctx.data(|data| data.get_temp(opened_id()));
    if let Some(opened) = opened
        && !Popup::is_id_open(ctx, opened.popup)
    {
        ctx.data_mut(|data| data.remove::<Opened>(opened_id()));
        if let Some(id) = opened.before {
            ctx.memory_mut(|memory| memory.request_focus(id));
        }
    }
    let Some(asked) = asked(ctx) else { return false };
    if asked.focused.is_some() && has_view {
        // A button has no menu: then that of the current thing is meant.
        let again = Asked { pass: asked.pass + 1, focused: None, is_answered: false };
        ctx.data_mut(|data| data.insert_temp(asked_id(), again));
        ctx.request_repaint();
        return false;
    }
    true
}
