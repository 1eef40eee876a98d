//! Before anything is typed: what can be, in the tags and values of this very project. A click takes an example.

use egui::{Ui, pos2};

use super::QueryView;
use crate::theme::{self, tokens};
use crate::widgets::row::row;
use crate::widgets::text;
use app::state::Opened;
use app::{Command, QueryCommand};
use domain::facets::SectionKind;
use domain::query::edit;

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
