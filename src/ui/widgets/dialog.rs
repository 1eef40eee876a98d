//! The frame of a dialog: title, content, buttons at the bottom right; Esc and a click next to it close it.

use std::ops::Range;
use std::sync::Arc;

use egui::scroll_area::ScrollAreaOutput;
use egui::text::LayoutJob;
use egui::{
    Align, Align2, Color32, CornerRadius, FontId, Frame, Galley, Id, LayerId, Layout, Margin, Modal, Popup, Rect, Role,
    ScrollArea, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::{AtRight, Button, text};
use crate::theme::{self, tokens};
use app::{Command, WindowCommand};

/// Room for the scroll bar, in the margin of the dialog.
const SCROLL_BAR: f32 = 16.0;

/// Shows a dialog `width` wide, or as wide as the window allows.
///
/// Esc is reported as [`WindowCommand::Back`] by the key table, so only the click next to the dialog is handled here.
pub fn dialog<R>(
    ui: &Ui,
    title: &str,
    width: f32,
    commands: &mut Vec<Command>,
    content: impl FnOnce(&mut Ui, &mut Vec<Command>) -> R,
) -> R {
    let tokens = theme::of(ui);
    let window = ui.ctx().content_rect();
    let width = width.min(window.width() - 48.0);
    let frame = Frame::new()
        .fill(tokens.panel)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(CornerRadius::same(tokens::DIALOG_RADIUS))
        .shadow(ui.visuals().window_shadow)
        .inner_margin(Margin::same(24));
    let id = Id::unique(("dialog", title));
    let mut area = Modal::default_area(id);
    let kept = KeptTop::of(ui, id, window);
    if let Some(top) = kept.top() {
        area = area.anchor(Align2::CENTER_TOP, vec2(0.0, top - window.top()));
    }
    let shown = Modal::new(id).area(area).frame(frame).backdrop_color(tokens.scrim).show(ui.ctx(), |ui| {
        ui.set_width(width - 48.0);
        ui.set_max_height(window.height() - 96.0);
        ui.spacing_mut().item_spacing = vec2(tokens::GAP, tokens::GAP);
        if !title.is_empty() {
            text::label(ui, title, theme::semibold(tokens::TITLE), tokens.text);
            ui.add_space(tokens::GAP);
        }
        content(ui, commands)
    });
    kept.note(ui, id, shown.response.rect);
    raise_menus(ui, shown.response.layer_id);
    shown.response.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, title));
    if shown.backdrop_response.clicked() {
        commands.push(Command::Window(WindowCommand::ShowDialog(None)));
    }
    shown.inner
}

/// Keeps every open menu and popup above the dialog that it belongs to: a click raises the dialog above those that were
/// shown before.
fn raise_menus(ui: &Ui, dialog: LayerId) {
    let ctx = ui.ctx();
    let layers = ctx.memory(|memory| memory.areas().visible_layer_ids());
    let menus = layers.into_iter().filter(|layer| layer.order == dialog.order && Popup::is_id_open(ctx, layer.id));
    for menu in menus.collect::<Vec<_>>() {
        ctx.set_sublayer(dialog, menu);
    }
}

/// Where the top of a dialog stays once it has opened in the middle: what comes in later makes it longer at its foot, and
/// nothing moves away from under the pointer.
#[derive(Clone, Copy)]
struct KeptTop {
    top: f32,
    window: Vec2,
    /// The last pass in which it was shown, and how many there were.
    pass: u64,
    passes: u32,
}

impl KeptTop {
    /// Passes until a dialog has found its size.
    const OPENING: u32 = 3;

    fn of(ui: &Ui, id: Id, window: Rect) -> Self {
        let pass = ui.ctx().cumulative_pass_nr();
        let before: Option<Self> = ui.data(|data| data.get_temp(id));
        let before = before.filter(|before| before.pass + 1 >= pass && before.window == window.size());
        let (top, passes) = before.map_or((0.0, 0), |before| (before.top, before.passes + 1));
        Self { top, window: window.size(), pass, passes }
    }

    fn top(&self) -> Option<f32> {
        (self.passes >= Self::OPENING).then_some(self.top)
    }

    fn note(self, ui: &Ui, id: Id, shown: Rect) {
        let top = self.top().unwrap_or_else(|| {
            ui.ctx().request_repaint();
            shown.top()
        });
        ui.data_mut(|data| data.insert_temp(id, Self { top, ..self }));
    }
}

/// The part of a dialog that scrolls where it does not fit. It is as wide as the dialog; its scroll bar stands in the margin
/// beside it.
pub fn scroll<R>(ui: &mut Ui, area: ScrollArea, content: impl FnOnce(&mut Ui) -> R) -> R {
    beside_bar(ui, |ui, width| {
        area.auto_shrink([false, true]).show(ui, |ui| {
            ui.set_max_width(width);
            content(ui)
        })
    })
}

/// As [`scroll`], for `count` rows of the same height of which only those in sight are laid out.
pub fn scroll_rows(ui: &mut Ui, area: ScrollArea, row: f32, count: usize, content: impl FnOnce(&mut Ui, Range<usize>)) {
    beside_bar(ui, |ui, width| {
        area.auto_shrink([false, true]).show_rows(ui, row, count, |ui, range| {
            ui.set_max_width(width);
            content(ui, range);
        })
    });
}

/// Calls `show` with a part of the dialog that reaches into its margin, and the width without that.
fn beside_bar<R>(ui: &mut Ui, show: impl FnOnce(&mut Ui, f32) -> ScrollAreaOutput<R>) -> R {
    let room = ui.available_rect_before_wrap();
    let wide = room.with_max_x(room.right() + SCROLL_BAR);
    let mut child = ui.new_child(UiBuilder::new().max_rect(wide).layout(Layout::top_down(Align::Min)));
    let shown = show(&mut child, room.width());
    ui.advance_cursor_after_rect(child.min_rect().with_max_x(room.right()));
    shown.inner
}

pub fn has_just_opened(ui: &Ui) -> bool {
    let (id, now) = (ui.scope_id().with("last shown"), ui.ctx().cumulative_pass_nr());
    let before: Option<u64> = ui.data_mut(|data| data.get_temp_mut_or_default::<Option<u64>>(id).replace(now));
    before.is_none_or(|before| before + 1 < now)
}

/// The button with the key Esc that closes a dialog.
pub fn close_button(ui: &mut Ui, label: &str, commands: &mut Vec<Command>) {
    if ui.add(Button::new(label).key("Esc")).clicked() {
        commands.push(Command::Window(WindowCommand::ShowDialog(None)));
    }
}

/// The row of buttons at the end of a dialog, at the right; the one that is meant comes last.
pub fn buttons(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.add_space(tokens::GAP);
    let (room, _) = ui.allocate_exact_size(vec2(ui.available_width(), tokens::CONTROL), Sense::hover());
    AtRight::new(ui, "buttons", room).show(ui, content);
}

/// A pair of a dim name and a value.
/// The value is at the right; one that is longer than its line continues below it.
pub fn fact(ui: &mut Ui, name: &str, value: &str, color: Option<Color32>) {
    let tokens = theme::of(ui);
    let color = color.unwrap_or(tokens.text);
    let font = theme::font(tokens::BODY);
    let label = text::elided(ui.painter(), name, font.clone(), tokens.dim, ui.available_width() * 0.6);
    let room = ui.available_width() - label.size().x - tokens::GAP_LARGE;
    let is_one_line = text::figures_width(ui.painter(), value, &font) <= room;
    let lines = if is_one_line { None } else { Some(right_lines(ui, value, font.clone(), color, room)) };
    let height = lines.as_ref().map_or(22.0, |lines| lines.size().y + 4.0);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {value}")));
    let top = pos2(rect.left(), rect.top() + 11.0 - label.size().y / 2.0);
    ui.painter().galley(top, label, tokens.dim);
    match lines {
        // Aligned to the right, it is laid out to the left of its own origin.
        Some(lines) => {
            ui.painter().galley(pos2(rect.right(), top.y), lines, color);
        }
        None => {
            text::figures(ui.painter(), rect.right_center(), Align2::RIGHT_CENTER, value, font, color, room);
        }
    }
}

fn right_lines(ui: &Ui, value: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple(value.to_owned(), font, color, width.max(1.0));
    job.halign = Align::RIGHT;
    ui.painter().layout_job(job)
}

/// Whether this part of a dialog is painted for the first time since it was opened: then its field takes the keyboard.
pub fn is_fresh(ui: &Ui, id: Id) -> bool {
    let now = ui.ctx().cumulative_frame_nr();
    // Nothing else is painted in between: an idle window paints no frames.
    let before = ui.data(|data| data.get_temp::<u64>(id));
    ui.data_mut(|data| data.insert_temp(id, now));
    before.is_none_or(|before| before + 1 < now)
}
