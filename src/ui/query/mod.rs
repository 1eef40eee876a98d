//! The query box: what is typed, how many images it lets through, and what is wrong with it.

use egui::{Align, Align2, Id, Layout, Rect, Ui, pos2, vec2};

use super::theme::{self, tokens};
use super::widgets::{Button, Field, text};
use super::{ViewState, icons};
use crate::app::state::Opened;
use crate::app::{Action, Command, QueryCommand};

pub(super) fn query_ui(ui: &mut Ui, opened: &Opened, view: &mut ViewState, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let (shown, total) = (opened.visible.len() as u64, opened.catalogue.len() as u64);
    let room = ui.available_width();
    let font = theme::font(tokens::BODY);
    let mut count = if opened.query.is_everything() {
        text::thousands(total)
    } else {
        format!("{} of {}", text::thousands(shown), text::thousands(total))
    };
    let mut count_width = text::figures_width(ui.painter(), &count, &font) + 10.0;
    if room - count_width < 160.0 {
        count = text::thousands(shown);
        count_width = text::figures_width(ui.painter(), &count, &font) + 10.0;
    }
    let clear_width = if opened.query.is_empty() { 0.0 } else { 22.0 };
    let mut words = opened.query.text.clone();
    let field = Field::new(Id::unique("query box"), "Query")
        .hint("Query: tag:fork regions>=3, or words")
        .icon(icons::SEARCH)
        .bad(opened.query.error.is_some())
        .room_right(count_width + clear_width);
    let (response, rect) = ui.with_layout(Layout::left_to_right(Align::Center), |ui| field.show(ui, &mut words)).inner;
    if std::mem::take(&mut view.wants_query) {
        response.request_focus();
    }
    if response.changed() {
        commands.push(Command::Query(QueryCommand::Edit(words)));
    }
    let right = pos2(rect.right() - 10.0 - clear_width, rect.center().y);
    text::figures(ui.painter(), right, Align2::RIGHT_CENTER, &count, font, tokens.dim);
    if clear_width > 0.0 {
        let place = Rect::from_center_size(pos2(rect.right() - 16.0, rect.center().y), vec2(22.0, 22.0));
        let mut corner = ui.new_child(egui::UiBuilder::new().id_salt("clear query").max_rect(place));
        if corner.add(Button::icon_only(icons::CLOSE, Action::ClearFilter.text().label).height(22.0)).clicked() {
            commands.push(Command::Query(QueryCommand::Clear));
        }
    }
}
