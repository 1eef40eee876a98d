//! The frame of a card: its title, its content, and a line that says what is under the pointer.

use egui::{Color32, CornerRadius, Rect, Role, Ui, UiBuilder, WidgetInfo, pos2};

use crate::theme::{self, tokens};
use crate::widgets::text;

const HEAD: f32 = 34.0;
const FOOT: f32 = 26.0;
const SIDE: f32 = 14.0;

pub(super) fn card_ui(ui: &mut Ui, rect: Rect, title: &str, content: impl FnOnce(&mut Ui)) {
    let tokens = theme::of(ui);
    ui.painter().rect_filled(rect, CornerRadius::same(8), tokens.panel);
    let inner = |top: f32, bottom: f32| {
        Rect::from_min_max(pos2(rect.left() + SIDE, rect.top() + top), pos2(rect.right() - SIDE, bottom))
    };
    let builder = |rect: Rect, name: &str| UiBuilder::new().id_salt((title, name)).max_rect(rect);
    ui.scope_builder(builder(inner(9.0, rect.top() + HEAD), "head"), |ui| {
        let label = text::label(ui, title, theme::semibold(tokens::BODY), tokens.text);
        label.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
    });
    ui.scope_builder(builder(inner(HEAD, rect.bottom() - FOOT), "content"), content);
}

pub(super) fn foot(ui: &Ui, rect: Rect, words: &str, color: Color32) {
    let place = pos2(rect.left() + SIDE, rect.bottom() - FOOT / 2.0 - 1.0);
    let room = rect.width() - 2.0 * SIDE;
    text::paint_elided(ui.painter(), place, words, theme::font(tokens::SMALL), color, room);
}
