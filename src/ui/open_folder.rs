//! Opening a folder by its path (the system's own dialog is one button away, and on some systems there is none), and
//! files and folders that are dropped onto the window: what would become of them is said while they are held over it.

use std::path::PathBuf;

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{Align2, Color32, Id, LayerId, Order, Ui};

use super::theme::{self, tokens};
use super::widgets::dialog::{buttons, close_button, dialog};
use super::widgets::field::{enter_pressed, path_ui};
use super::widgets::{Button, Field, message, text};
use app::dialog::FolderPurpose;
use app::dropping::Dropped;
use app::state::{Arriving, Busy};
use app::words::capitalized;
use app::{Command, ConnectionCommand, SourceSpec, State, WindowCommand};
use domain::ObjectAddress;

#[derive(Debug, Default)]
pub(super) struct OpenFolderView {
    path: String,
    is_open: bool,
    /// It was asked to be opened, and there is no answer yet.
    is_asked: bool,
}

impl OpenFolderView {
    pub(super) fn close(&mut self) {
        (self.is_open, self.is_asked) = (false, false);
    }
}

pub(super) fn open_folder_ui(ui: &Ui, state: &State, view: &mut OpenFolderView, commands: &mut Vec<Command>) {
    let failure = state.connect.folder_failure.as_ref();
    let is_busy = matches!(&state.connect.busy, Some(Busy::Connecting(source)) if source.is_archive());
    let is_refused = view.is_asked && failure.is_some() && !is_busy;
    view.is_asked &= !is_refused;
    dialog(ui, "Open an archive or a dataset", 560.0, commands, |ui, commands| {
        let tokens = theme::of(ui);
        let words = "The folder or file of an archive, an export or a dataset: COCO, YOLO, Pascal VOC, Label Studio, \
                     CVAT, Datumaro, Create ML, Azure ML, a CSV table or images.jsonl. Pictures are looked for next \
                     to it. Or the address of an archive: s3://, gs://, az:// or abfss://. Nothing in it is changed.";
        text::paragraph(ui, words, theme::font(tokens::BODY), tokens.dim);
        let field = Field::new(Id::unique("folder to open"), "Folder, file or address").hint("/home/me/datasets/forks");
        let field = field.bad(failure.is_some());
        let response = path_ui(ui, field, 88.0, FolderPurpose::Open, &mut view.path, commands);
        if !std::mem::replace(&mut view.is_open, true) || is_refused {
            response.request_focus();
            // What was typed before is replaced by what is typed now.
            select_all(ui, response.id, &view.path);
        }
        let is_entered = enter_pressed(ui, &response);
        if let Some(failure) = failure {
            message::failure_line(ui, failure, commands);
        }
        arriving_ui(ui, state);
        let path = view.path.trim();
        buttons(ui, |ui| {
            close_button(ui, "Cancel", commands);
            let label = if is_busy { "Opening..." } else { "Open" };
            let button = Button::new(label).primary().key("Enter").enabled(!path.is_empty() && !is_busy);
            let open = ui.add(button).clicked();
            if (open || is_entered) && !path.is_empty() && !is_busy {
                commands.push(Command::Connection(opening(path)));
                view.is_asked = true;
            }
        });
    });
}

pub(super) fn arriving_ui(ui: &mut Ui, state: &State) {
    let Some(Busy::Connecting(SourceSpec::Store { address })) = &state.connect.busy else { return };
    let words = match &state.connect.arriving {
        Arriving { waits: Some(words), .. } => format!("{}.", capitalized(words)),
        Arriving { of: 0, .. } => format!("Connecting to {address}..."),
        Arriving { come, of, .. } => format!("Downloading the list: {} of {}.", text::bytes(*come), text::bytes(*of)),
    };
    text::paragraph(ui, &words, theme::font(tokens::BODY), theme::of(ui).dim);
}

/// What opens what was typed: an address, or a path.
fn opening(typed: &str) -> ConnectionCommand {
    if !ObjectAddress::is_meant_by(typed) {
        return ConnectionCommand::OpenFolder(PathBuf::from(typed));
    }
    match typed.parse() {
        Ok(address) => ConnectionCommand::OpenStore(address),
        Err(error) => ConnectionCommand::BadAddress(error),
    }
}

fn select_all(ui: &Ui, field: Id, text: &str) {
    let mut state = TextEditState::load(ui.ctx(), field).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(0), end)));
    state.store(ui.ctx(), field);
}

pub(super) fn dropped_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let (dropped, hovered, is_held) = ui.input(|input| {
        let dropped: Vec<PathBuf> = input.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect();
        let hovered: Vec<PathBuf> = input.raw.hovered_files.iter().filter_map(|file| file.path.clone()).collect();
        (dropped, hovered, !input.raw.hovered_files.is_empty())
    });
    if !dropped.is_empty() {
        commands.push(Command::Window(WindowCommand::Drop(dropped)));
    }
    if is_held {
        let offer = Dropped::new(state.shows_project(), &hovered).map(|dropped| dropped.offer());
        let words = offer.unwrap_or_else(|| "Drop to open this archive or dataset".to_owned());
        let painter = ui.ctx().layer_painter(LayerId::new(Order::Tooltip, Id::unique("dropped")));
        let window = ui.ctx().content_rect();
        painter.rect_filled(window, 0.0, theme::of(ui).scrim);
        let font = theme::semibold(tokens::TITLE);
        painter.text(window.center(), Align2::CENTER_CENTER, words, font, Color32::WHITE);
    }
}
