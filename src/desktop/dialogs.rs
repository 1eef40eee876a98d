//! Folder dialogs of the system, each on a thread of its own: without a portal they look like Cancel, or hang. So the
//! window always has a text field beside the button.

use std::path::PathBuf;

use super::mailbox::{Mail, Mailbox};
use crate::app::Event;
use crate::app::effect::FolderPurpose;

/// Opens the dialog; the answer comes through the mailbox.
pub(super) fn pick_folder(purpose: FolderPurpose, start: Option<PathBuf>, mailbox: Mailbox) {
    let title = match purpose {
        FolderPurpose::Open => "Open an archive or a dataset",
        FolderPurpose::Archive => "Make the archive in this folder",
        FolderPurpose::Plots => "Save the plots in this folder",
        FolderPurpose::Export => "Make the export in this folder",
        FolderPurpose::Classes => "Keep the class order of this export",
    };
    let name = "folder-dialog".to_owned();
    let answer = mailbox.clone();
    let spawned = std::thread::Builder::new().name(name).spawn(move || {
        let mut dialog = rfd::FileDialog::new().set_title(title);
        if let Some(start) = start.filter(|start| start.is_dir()) {
            dialog = dialog.set_directory(start);
        }
        answer.send(Mail::Event(Event::FolderPicked { purpose, path: dialog.pick_folder() }));
    });
    if spawned.is_err() {
        mailbox.send(Mail::Event(Event::FolderPicked { purpose, path: None }));
    }
}
