//! Opening a folder by its path; the system's own dialog is one button away, and on some systems there is none.

use std::path::PathBuf;

use egui::{Id, Key, Ui};

use super::theme::{self, tokens};
use super::widgets::dialog::{buttons, dialog};
use super::widgets::{Button, Field, text};
use app::Command;
use app::effect::FolderPurpose;

/// What is typed.
#[derive(Debug, Default)]
pub(super) struct OpenFolderView {
    path: String,
    is_open: bool,
}

impl OpenFolderView {
    /// The dialog is closed: the next one asks for the keyboard again.
    pub(super) fn close(&mut self) {
        self.is_open = false;
    }
}

pub(super) fn open_folder_ui(ui: &Ui, view: &mut OpenFolderView, commands: &mut Vec<Command>) {
    dialog(ui, "Open an archive or a dataset", 560.0, commands, |ui, commands| {
        let tokens = theme::of(ui);
        let words = "The folder or file of an archive, an export or a dataset: COCO, YOLO, Pascal VOC, Label Studio, \
                     CVAT, Datumaro, Create ML, Azure ML, a CSV table or images.jsonl. Pictures are looked for next \
                     to it. Nothing in it is changed.";
        text::paragraph(ui, words, theme::font(tokens::BODY), tokens.dim);
        let mut is_entered = false;
        ui.horizontal(|ui| {
            let width = ui.available_width() - 96.0;
            let field = Field::new(Id::unique("folder to open"), "Folder or file").hint("/home/me/datasets/forks");
            let (response, _) = field.width(width).show(ui, &mut view.path);
            if !std::mem::replace(&mut view.is_open, true) {
                response.request_focus();
            }
            is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if ui.add(Button::new("Browse...").min_width(88.0)).clicked() {
                commands.push(Command::PickFolder(FolderPurpose::Open));
            }
        });
        let path = view.path.trim();
        buttons(ui, |ui| {
            let open = ui.add(Button::new("Open").primary().key("Enter").enabled(!path.is_empty())).clicked();
            if ui.add(Button::new("Cancel").key("Esc")).clicked() {
                commands.push(Command::ShowDialog(None));
            }
            if (open || is_entered) && !path.is_empty() {
                commands.push(Command::OpenFolder(PathBuf::from(path)));
            }
        });
    });
}
