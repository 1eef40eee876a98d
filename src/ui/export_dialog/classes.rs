//! The order of the classes, and the earlier export that it is kept from.

use egui::{Id, Ui};

use crate::theme::{self, tokens};
use crate::widgets::{Button, Field, text};
use app::dialog::FolderPurpose;
use app::export::{ExportChoice, ExportForm};
use app::{Command, ExportCommand, WindowCommand};

pub(super) fn classes_ui(ui: &mut Ui, form: &ExportForm, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    text::section(ui, "Class order", None);
    text::paragraph(ui, &class_words(form), theme::font(tokens::BODY), tokens.dim);
    ui.add_space(tokens::GAP_SMALL);
    let mut folder = form.choices.earlier_folder.clone();
    ui.horizontal(|ui| {
        let width = ui.available_width() - 92.0;
        let name = "Folder of an earlier export";
        let field =
            Field::new(Id::unique("earlier export"), name).path().hint("folder of an earlier export (optional)");
        let is_bad = matches!(form.choices.earlier, Some(Err(_)));
        let (response, _) = field.width(width).bad(is_bad).show(ui, &mut folder);
        if response.changed() {
            commands.push(Command::Export(ExportCommand::Choose(ExportChoice::EarlierFolder(folder))));
        }
        let browse = Button::new("Browse...").name("Choose an earlier export...").min_width(84.0);
        if ui.add(browse).clicked() {
            commands.push(Command::Window(WindowCommand::PickFolder(FolderPurpose::Classes)));
        }
    });
    ui.add_space(4.0);
    let (words, color) = match &form.choices.earlier {
        None => ("The project's order. Choose an earlier export to keep its order.".to_owned(), tokens.dim),
        Some(Ok(_)) => ("The earlier export's order, followed by new tags.".to_owned(), tokens.ok),
        Some(Err(failure)) => {
            (format!("{} {}", failure.headline(), failure.advice()).trim().to_owned(), tokens.warning)
        }
    };
    text::paragraph(ui, &words, theme::font(12.0), color);
}

/// `1 fork   2 scissors   3 spoon ...`, as COCO counts.
fn class_words(form: &ExportForm) -> String {
    const SHOWN: usize = 12;
    let classes = &form.preview.classes;
    if classes.is_empty() {
        return "no classes".to_owned();
    }
    let mut words: Vec<_> =
        classes.iter().take(SHOWN).enumerate().map(|(at, name)| format!("{} {name}", at + 1)).collect();
    if classes.len() > SHOWN {
        words.push(format!("and {} more", classes.len() - SHOWN));
    }
    words.join("   ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::export::ExportPreview;

    #[test]
    fn classes_are_numbered_and_cut() {
        let classes = (0..14).map(|at| format!("c{at}").as_str().into()).collect();
        let preview = ExportPreview { classes, ..ExportPreview::default() };
        let words = class_words(&ExportForm { preview, ..ExportForm::default() });
        assert!(words.starts_with("1 c0   2 c1") && words.ends_with("12 c11   and 2 more"), "{words}");
    }
}
