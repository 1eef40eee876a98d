//! What can be asked: the hint of the empty field and examples in the tags and values of this very project, each taken
//! by a click; and the help of the query language, the table of its terms.

use egui::{Key, Popup, ScrollArea, Sense, Ui, pos2, vec2};

use super::QueryView;
use crate::icons;
use crate::theme::{self, tokens};
use crate::widgets::popover::popover;
use crate::widgets::row::row;
use crate::widgets::{Button, text};
use app::state::Opened;
use app::{Command, QueryCommand};
use domain::facets::SectionKind;
use domain::query::{TERMS, edit};

/// Longer names make no short example.
const LONGEST: usize = 16;

/// The hint of the empty field.
pub(super) fn hint(opened: &Opened) -> String {
    let [first, _] = tags(opened);
    format!("{first} regions>=3, or any words")
}

pub(super) fn start_ui(ui: &mut Ui, opened: &Opened, view: &mut QueryView, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    for (example, meaning) in examples(opened) {
        let (rect, response) = row(ui, &format!("{example}: {meaning}"), 25.0, false);
        let left = pos2(rect.left() + 8.0, rect.center().y);
        let font = theme::font(tokens::BODY);
        let width = text::paint_elided(ui.painter(), left, &example, font, tokens.text, rect.width() * 0.6);
        let rest = rect.width() - width - 30.0;
        let galley = text::elided(ui.painter(), meaning, theme::font(12.0), tokens.dim, rest);
        let at = pos2(rect.right() - 8.0 - galley.size().x, left.y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, tokens.dim);
        if response.clicked() {
            view.caret = Some(example.len());
            commands.push(Command::Query(QueryCommand::Edit(example)));
            ui.memory_mut(|memory| memory.request_focus(super::box_id()));
        }
    }
}

fn examples(opened: &Opened) -> [(String, &'static str); 4] {
    let [first, second] = tags(opened);
    let of_value = |is_meant: fn(&SectionKind) -> bool| {
        let section = opened.query.facets.sections.iter().find(|section| is_meant(&section.kind))?;
        section.entries.first().map(|entry| entry.test.to_string())
    };
    let date = of_value(|kind| *kind == SectionKind::Date).unwrap_or_else(|| "created:2024-01".to_owned());
    let meta = of_value(|kind| matches!(kind, SectionKind::Meta(_)));
    let third = match (meta, opened.query.facets.has_dates()) {
        (Some(meta), true) => (format!("{date} or {meta}"), "by upload date or metadata"),
        (None, true) => (date, "by upload date"),
        (Some(meta), false) => (meta, "by metadata"),
        (None, false) => ("w>=800".to_owned(), "by width"),
    };
    [
        (format!("{first} -{second}"), "with one tag but not the other"),
        ("regions>=3 area<0.5%".to_owned(), "three or more regions, one of them tiny"),
        third,
        ("review:none check:any".to_owned(), "unreviewed, with findings"),
    ]
}

/// The terms of two tags with short names, of this project where it has such.
fn tags(opened: &Opened) -> [String; 2] {
    let entries = opened.catalogue.tags().iter().map(|(_, entry)| entry);
    let named = entries.filter(|entry| entry.image_count > 0 && entry.name.chars().count() <= LONGEST);
    let mut terms = named.map(|entry| edit::tag(&entry.name).to_string()).take(2);
    let mut next = |usual: &str| terms.next().unwrap_or_else(|| usual.to_owned());
    [next("tag:fork"), next("tag:spoon")]
}

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
