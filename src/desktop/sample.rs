//! The sample project's built-in service, started when the user asks for it. The desktop does not know the server: it
//! is handed a way to start one.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use super::mailbox::{Mail, Mailbox};
use app::{Event, Failure, FailureKind, SourceSpec};

pub struct SampleEndpoint {
    pub endpoint: String,
    pub key: SecretString,
    /// Stops the service when dropped.
    pub guard: Box<dyn Any + Send>,
}

/// Starts the built-in service; may take a moment, so it is called on a thread of its own.
pub type SampleOpener = Arc<dyn Fn() -> Result<SampleEndpoint, Failure> + Send + Sync>;

/// The service of this window, started at most once.
#[derive(Default)]
pub(super) struct Sample {
    running: Arc<Mutex<Option<SampleEndpoint>>>,
}

impl Sample {
    /// Starts the service if it does not run; the answer comes through the mailbox.
    pub(super) fn start(&self, opener: &SampleOpener, mailbox: &Mailbox) {
        let (running, opener, answer) = (Arc::clone(&self.running), Arc::clone(opener), mailbox.clone());
        let spawned = std::thread::Builder::new().name("sample-service".to_owned()).spawn(move || {
            let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
            if running.is_none() {
                match opener() {
                    Ok(endpoint) => *running = Some(endpoint),
                    Err(failure) => {
                        return answer.send(Mail::Event(Event::ConnectFailed { source: SourceSpec::Sample, failure }));
                    }
                }
            }
            if let Some(SampleEndpoint { endpoint, key, .. }) = running.as_ref() {
                answer.send(Mail::SampleRuns { endpoint: endpoint.clone(), key: key.clone() });
            }
        });
        if let Err(error) = spawned {
            let kind = FailureKind::Internal { reason: "a thread could not be started".to_owned() };
            let failure = Failure::new(kind, error.to_string());
            mailbox.send(Mail::Event(Event::ConnectFailed { source: SourceSpec::Sample, failure }));
        }
    }
}
