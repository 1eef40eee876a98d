//! What the system is asked about folders, each question on a thread of its own. A dialog may hang or, without a portal,
//! look like Cancel, so the window always has a text field next to the button; and even the question whether a path is a
//! folder waits for a network drive that is gone.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use app::Event;
use app::dialog::FolderPurpose;
use engine::Waker;

/// Opens the dialog; the answer comes through the mailbox.
pub(super) fn pick_folder(purpose: FolderPurpose, start: Option<PathBuf>, mailbox: Mailbox) {
    let title = match purpose {
        FolderPurpose::Open => "Open an archive or a dataset",
        FolderPurpose::Compare => "Compare with an archive or a dataset",
        FolderPurpose::PredictionsFile => "Use the predictions in this file",
        FolderPurpose::PredictionsFolder => "Use the predictions in this folder",
        FolderPurpose::PredictionsLabels => "COCO labels that the numbers in the predictions belong to",
        FolderPurpose::Archive => "Save the archive in this folder",
        FolderPurpose::ChangesReport => "Save the report in this folder",
        FolderPurpose::Outcomes => "Save the outcomes in this folder",
        FolderPurpose::ReviewsFile => "Use this file of reviews",
        FolderPurpose::ReviewsFolder => "Save the reviews in this folder",
        FolderPurpose::Plots => "Save the plots in this folder",
        FolderPurpose::Export => "Save the export in this folder",
        FolderPurpose::Classes => "Use the class order of this export",
    };
    let name = "folder-dialog".to_owned();
    let answer = mailbox.clone();
    let spawned = std::thread::Builder::new().name(name).spawn(move || {
        let mut dialog = rfd::FileDialog::new().set_title(title);
        if let Some(start) = start.filter(|start| start.is_dir()) {
            dialog = dialog.set_directory(start);
        }
        let is_file = matches!(
            purpose,
            FolderPurpose::PredictionsFile | FolderPurpose::PredictionsLabels | FolderPurpose::ReviewsFile
        );
        let path = if is_file { dialog.pick_file() } else { dialog.pick_folder() };
        answer.send(Mail::Event(Event::FolderPicked { purpose, path }));
    });
    if spawned.is_err() {
        mailbox.send(Mail::Event(Event::FolderPicked { purpose, path: None }));
    }
}

/// Finds the folder that shows a file or folder; the answer comes through the mailbox.
pub(super) fn reveal(path: PathBuf, mailbox: Mailbox) {
    let work = move || {
        let is_folder = path.is_dir();
        let folder = if is_folder { Some(path.as_path()) } else { path.parent() };
        let url = folder.map(Path::to_path_buf).and_then(|folder| url::Url::from_directory_path(folder).ok());
        if let Some(url) = url {
            mailbox.send(Mail::OpenFolder(url));
        }
    };
    if let Err(error) = std::thread::Builder::new().name("reveal-folder".to_owned()).spawn(work) {
        tracing::warn!("the folder cannot be opened: {error}");
    }
}

pub(super) enum Mail {
    Event(Event),
    /// A folder to open in the system's file manager.
    OpenFolder(url::Url),
    /// The built-in service runs; the engine is to connect to it.
    SampleRuns {
        endpoint: String,
        key: SecretString,
    },
}

/// Where the answers wait. A handful at most: each belongs to a dialog that the user opened.
#[derive(Clone)]
pub(super) struct Mailbox {
    mail: Arc<Mutex<Vec<Mail>>>,
    waker: Waker,
}

impl Mailbox {
    pub(super) fn new(waker: Waker) -> Self {
        Self { mail: Arc::default(), waker }
    }

    pub(super) fn send(&self, mail: Mail) {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        (self.waker)();
    }

    pub(super) fn drain(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.mail.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;

    use super::*;

    /// What comes through the mailbox, and the thread that sends it.
    fn revealed(path: PathBuf) -> (PathBuf, String) {
        let (woken, wait) = sync_channel(1);
        let waker = move || {
            let thread = std::thread::current().name().unwrap_or_default().to_owned();
            let _ = woken.try_send(thread);
        };
        let mailbox = Mailbox::new(Arc::new(waker));
        reveal(path, mailbox.clone());
        let thread = wait.recv_timeout(Duration::from_secs(60)).expect("an answer");
        match mailbox.drain().pop() {
            Some(Mail::OpenFolder(url)) => (url.to_file_path().expect("path"), thread),
            _ => panic!("no folder"),
        }
    }

    #[test]
    fn a_folder_is_shown_itself_and_a_file_in_its_folder_off_the_windows_thread() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("a report.md");
        std::fs::write(&file, "x").expect("file");
        for path in [folder.path(), &file] {
            let (shown, thread) = revealed(path.to_path_buf());
            assert_eq!((shown.as_path(), thread.as_str()), (folder.path(), "reveal-folder"));
        }
    }
}
