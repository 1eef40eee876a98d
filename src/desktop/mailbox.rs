//! Answers of the desktop's own threads, taken in the frame loop next to the engine's events.

use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use app::Event;
use engine::Waker;

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
