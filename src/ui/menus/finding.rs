//! The menus of findings: of one finding in the inspector, and of a kind in the list of all findings.

use egui::{Response, Ui};

use super::key::{context_popup, is_asked_of};
use super::{copy_text, file_ui};
use crate::widgets::MenuItem;
use crate::widgets::row::divider;
use app::checks::{CheckCommand, ShownFinding};
use app::state::Opened;
use app::{Command, QueryCommand, State, WindowCommand};
use domain::query::edit::Standing;
use domain::query::{Choice, Test};
use domain::{CheckKind, ImageView};

pub(crate) fn finding_menu(
    response: &Response,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    shown: &ShownFinding,
    commands: &mut Vec<Command>,
) {
    let by_key = is_asked_of(response);
    context_popup(response, by_key, response.rect.left_bottom(), 280.0, |ui| {
        if MenuItem::new("Show it on the canvas").show(ui) {
            commands.push(Command::Check(CheckCommand::Show(shown.key)));
        }
        let (label, command) = match shown.is_dismissed {
            false => ("Dismiss it", CheckCommand::Dismiss(shown.key)),
            true => ("Restore it", CheckCommand::Restore(shown.key)),
        };
        if MenuItem::new(label).show(ui) {
            commands.push(Command::Check(command));
        }
        divider(ui);
        filter_ui(ui, opened, shown.finding.kind(), commands);
        divider(ui);
        copy_text(ui, "Copy its sentence", commands, || shown.finding.message(&opened.catalogue));
        copy_text(ui, "Copy the image's id", commands, || image.id().to_string());
        file_ui(ui, state, image, commands);
    });
}

pub(crate) fn kind_menu(response: &Response, opened: &Opened, kind: CheckKind, commands: &mut Vec<Command>) {
    let by_key = is_asked_of(response);
    context_popup(response, by_key, response.rect.left_bottom(), 280.0, |ui| {
        let term = format!("check:{}", kind.name());
        if MenuItem::new("Show only these images").remark(&term).show(ui) {
            commands.push(Command::Query(QueryCommand::Edit(term.clone())));
            commands.push(Command::Window(WindowCommand::ShowDialog(None)));
        }
        filter_ui(ui, opened, kind, commands);
        divider(ui);
        copy_text(ui, "Copy the query term", commands, || term.clone());
    });
}

/// Adds a kind of findings to the query, or excludes it.
fn filter_ui(ui: &mut Ui, opened: &Opened, kind: CheckKind, commands: &mut Vec<Command>) {
    let test = || Test::Check(Choice::Is(kind));
    let standing = opened.query.standing(&test());
    if MenuItem::new("Filter by this check").chosen(standing == Standing::Included).show(ui) {
        commands.push(Command::Query(QueryCommand::Include(test())));
    }
    if MenuItem::new("Exclude this check").chosen(standing == Standing::Excluded).show(ui) {
        commands.push(Command::Query(QueryCommand::Exclude(test())));
    }
}
