//! The help of the query language: the table of its terms.

use egui::{Key, Popup, ScrollArea, Sense, Ui, pos2, vec2};

use crate::icons;
use crate::theme;
use crate::widgets::popover::popover;
use crate::widgets::{Button, text};
use domain::query::TERMS;

const WIDTH: f32 = 580.0;

pub(super) fn button_ui(ui: &mut Ui) {
    let response = ui.add(Button::icon_only(icons::HELP, "The query language").height(22.0));
    let popup = Popup::menu(&response).gap(6.0).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    popover(&response, popup, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        widen(ui);
        content_ui(ui, 120.0);
    });
}

/// Makes room for the help.
pub(super) fn widen(ui: &mut Ui) {
    ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 40.0));
}

/// The help, so many points less high than the window.
pub(super) fn content_ui(ui: &mut Ui, less: f32) {
    let height = (ui.ctx().content_rect().height() - less).max(160.0);
    ScrollArea::vertical().id_salt("query help").max_height(height).min_scrolled_height(height).show(ui, |ui| {
        scroll_by_key(ui);
        table_ui(ui);
    });
}

/// Nothing in it can be chosen, so the arrows scroll.
fn scroll_by_key(ui: &mut Ui) {
    const LINE: f32 = 46.0;
    let page = ui.clip_rect().height() - LINE;
    let down = ui.input(|input| {
        let step = |on: Key, back: Key| input.num_presses(on) as f32 - input.num_presses(back) as f32;
        step(Key::ArrowDown, Key::ArrowUp) * LINE + step(Key::PageDown, Key::PageUp) * page
    });
    if down != 0.0 {
        ui.scroll_with_delta(vec2(0.0, -down));
    }
}

fn table_ui(ui: &mut Ui) {
    let tokens = theme::of(ui);
    ui.add_space(4.0);
    for row in &TERMS {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 23.0), Sense::hover());
        let words = format!("{}: {}, for example {}", row.name, row.meaning, row.examples);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
        let y = rect.center().y;
        let [first, second] = [8.0, 8.0 + rect.width() * 0.12].map(|x| pos2(rect.left() + x, y));
        let third = pos2(rect.left() + rect.width() * 0.56, y);
        let painter = ui.painter();
        let name = if row.name.ends_with('.') { "meta.KEY" } else { row.name };
        text::paint_elided(painter, first, name, theme::semibold(12.5), tokens.text, second.x - first.x - 4.0);
        text::paint_elided(painter, second, row.meaning, theme::font(12.5), tokens.dim, third.x - second.x - 10.0);
        let room = rect.right() - third.x - 4.0;
        text::paint_elided(painter, third, row.examples, theme::font(12.5), tokens.text, room);
    }
    ui.add_space(6.0);
    for line in [
        "Other words are searched for in tag names, metadata, ids and comments. Use quotes for a phrase.",
        "Adjacent terms are combined with AND. Also: or, not, - and parentheses. Operators: : = != < <= > >=, and \
         a..b for a range.",
        "Adjacent region conditions are about the same region. != and - mean that no region matches.",
        "A date is a whole day, month or year: > means after its end, < means before its start.",
    ] {
        ui.horizontal(|ui| {
            ui.add_space(8.0);
            text::paragraph(ui, line, theme::font(12.5), tokens.dim);
        });
        ui.add_space(3.0);
    }
    ui.add_space(4.0);
}
