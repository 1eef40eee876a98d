//! Where keys are kept: the system's keychain, or this session's memory. A key never reaches a file, a log or an error.
//!
//! The keychain blocks, may wait for the user (a password dialog) and may hang with the desktop's services, so it has a
//! thread of its own and every call has an end. If there was no D-Bus session at the first call it stays unusable
//! until the program is started again: that is how the platform's store works.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyring::{Entry, Error as KeyringError};
use secrecy::{ExposeSecret as _, SecretString};

use super::error::StorageError;

/// The service name of the keychain's entries; the user name is the endpoint.
pub const KEYCHAIN_SERVICE: &str = "tagscope";

/// A place for one key an endpoint. A call may block, but always ends, so the caller needs no timeout.
pub trait Vault: Send + Sync {
    /// The key of an endpoint; `None` when there is none.
    ///
    /// # Errors
    /// When the place does not work.
    fn get(&self, endpoint: &str) -> Result<Option<SecretString>, StorageError>;

    /// Keeps a key; replaces the one before.
    ///
    /// # Errors
    /// When the place does not work.
    fn set(&self, endpoint: &str, key: &SecretString) -> Result<(), StorageError>;

    /// Removes the key of an endpoint; whether there was one.
    ///
    /// # Errors
    /// When the place does not work.
    fn remove(&self, endpoint: &str) -> Result<bool, StorageError>;

    /// What to call it: "the system keychain", "this session".
    fn name(&self) -> &'static str;
}

/// Keys in memory, gone with the program.
#[derive(Debug, Default)]
pub struct SessionVault {
    keys: Mutex<HashMap<String, SecretString>>,
}

impl SessionVault {
    pub fn new() -> Self {
        Self::default()
    }
}

impl Vault for SessionVault {
    fn get(&self, endpoint: &str) -> Result<Option<SecretString>, StorageError> {
        Ok(self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(endpoint).cloned())
    }

    fn set(&self, endpoint: &str, key: &SecretString) -> Result<(), StorageError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(endpoint.to_owned(), key.clone());
        Ok(())
    }

    fn remove(&self, endpoint: &str) -> Result<bool, StorageError> {
        Ok(self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(endpoint).is_some())
    }

    fn name(&self) -> &'static str {
        "this session"
    }
}

/// The system's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
pub struct KeyringVault {
    /// Made at the first call, so that a program that never needs a key never touches D-Bus.
    worker: Mutex<Option<SyncSender<Job>>>,
    /// Whether an earlier call is still waiting for the system.
    is_stuck: Arc<AtomicBool>,
    timeout: Duration,
    run: Run,
}

/// What asks the system; replaced in tests.
type Run = Arc<dyn Fn(&str, &Question) -> Answer + Send + Sync>;

enum Question {
    Get,
    Set(SecretString),
    Remove,
}

/// The key, and whether there was one.
type Answer = Result<(Option<SecretString>, bool), String>;

struct Job {
    endpoint: String,
    question: Question,
    /// Nobody waits for it any more: a key must not appear in the keychain minutes after that was reported as failed.
    is_given_up: Arc<AtomicBool>,
    reply: SyncSender<Answer>,
}

impl KeyringVault {
    /// The user may have to type the password of the keychain meanwhile.
    const TIMEOUT: Duration = Duration::from_secs(30);

    /// The keychain; nothing is asked yet.
    pub fn new() -> Self {
        Self::with_timeout(Self::TIMEOUT)
    }

    /// The keychain, with another end to each call.
    pub fn with_timeout(timeout: Duration) -> Self {
        Self::with(timeout, Arc::new(ask_system))
    }

    fn with(timeout: Duration, run: Run) -> Self {
        Self { worker: Mutex::default(), is_stuck: Arc::default(), timeout, run }
    }

    fn ask(&self, endpoint: &str, question: Question) -> Result<(Option<SecretString>, bool), StorageError> {
        let failed = |reason: &str| StorageError::Keychain { reason: reason.to_owned() };
        if self.is_stuck.load(Ordering::Acquire) {
            return Err(failed("it has not responded to an earlier request yet; it may be waiting for its password"));
        }
        let (reply, answer) = sync_channel(1);
        let is_given_up = Arc::new(AtomicBool::new(false));
        let job = Job { endpoint: endpoint.to_owned(), question, is_given_up: Arc::clone(&is_given_up), reply };
        self.send(job).map_err(|()| failed("its thread could not be started"))?;
        match answer.recv_timeout(self.timeout) {
            Ok(answer) => answer.map_err(|reason| StorageError::Keychain { reason }),
            Err(RecvTimeoutError::Timeout) => {
                is_given_up.store(true, Ordering::Release);
                self.is_stuck.store(true, Ordering::Release);
                let seconds = self.timeout.as_secs();
                Err(failed(&format!("it did not respond within {seconds} s; it may be waiting for its password")))
            }
            Err(RecvTimeoutError::Disconnected) => {
                // Its thread has panicked, and may still be there to take a question that it never answers.
                *self.worker.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Err(failed("it failed during the request"))
            }
        }
    }

    fn send(&self, job: Job) -> Result<(), ()> {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        let job = match &*worker {
            Some(sender) => match sender.try_send(job) {
                Ok(()) => return Ok(()),
                Err(std::sync::mpsc::TrySendError::Full(_)) => return Err(()),
                // It has panicked: begin another.
                Err(std::sync::mpsc::TrySendError::Disconnected(job)) => job,
            },
            None => job,
        };
        let (sender, jobs) = sync_channel::<Job>(16);
        let (is_stuck, run) = (Arc::clone(&self.is_stuck), Arc::clone(&self.run));
        let work = move || {
            for job in jobs {
                if !job.is_given_up.load(Ordering::Acquire) {
                    let answer = run(&job.endpoint, &job.question);
                    // A late answer also means that the system is back.
                    is_stuck.store(false, Ordering::Release);
                    let _ = job.reply.try_send(answer);
                }
            }
        };
        std::thread::Builder::new().name("keychain".to_owned()).spawn(work).map_err(|_| ())?;
        sender.try_send(job).map_err(|_| ())?;
        *worker = Some(sender);
        Ok(())
    }
}

impl Default for KeyringVault {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for KeyringVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyringVault")
    }
}

impl Vault for KeyringVault {
    fn get(&self, endpoint: &str) -> Result<Option<SecretString>, StorageError> {
        self.ask(endpoint, Question::Get).map(|(key, _)| key)
    }

    fn set(&self, endpoint: &str, key: &SecretString) -> Result<(), StorageError> {
        self.ask(endpoint, Question::Set(key.clone())).map(|_| ())
    }

    fn remove(&self, endpoint: &str) -> Result<bool, StorageError> {
        self.ask(endpoint, Question::Remove).map(|(_, was_there)| was_there)
    }

    fn name(&self) -> &'static str {
        "the system keychain"
    }
}

fn ask_system(endpoint: &str, question: &Question) -> Answer {
    if let Err(error) = Entry::store_status() {
        return Err(format!("{}; start it, then restart Tagscope", words(error)));
    }
    let entry = Entry::new(KEYCHAIN_SERVICE, endpoint).map_err(|error| words(&error))?;
    let answer = match question {
        Question::Get => entry.get_password().map(|key| (Some(SecretString::from(key)), true)),
        Question::Set(key) => entry.set_password(key.expose_secret()).map(|()| (None, true)),
        Question::Remove => entry.delete_credential().map(|()| (None, true)),
    };
    match answer {
        Err(KeyringError::NoEntry) => Ok((None, false)),
        other => other.map_err(|error| words(&error)),
    }
}

/// What the platform's store says when there is no collection called `default`.
const NO_RESULT: &str = "result not returned";
const NO_KEYRING: &str = "it has no default keyring. Create one, for example with \u{201c}Passwords and Keys\u{201d}, and make it the \
     default";
const LOCKED: &str = "it is locked, or access was declined";

/// What the user can understand of it. The errors that carry what is stored are never printed themselves.
fn words(error: &KeyringError) -> String {
    match error {
        // What the system says of these is for the log: it speaks of buses and interfaces.
        KeyringError::PlatformFailure(cause) => {
            tracing::warn!(%cause, "the keychain failed");
            "no keychain service is running".to_owned()
        }
        KeyringError::NoStorageAccess(cause) => {
            tracing::warn!(%cause, "the keychain gives no access");
            // The Secret Service found no collection to look into.
            if cause.to_string().contains(NO_RESULT) { NO_KEYRING } else { LOCKED }.to_owned()
        }
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => "its entry is not text".to_owned(),
        KeyringError::BadStoreFormat(_) => "its store is damaged".to_owned(),
        KeyringError::TooLong(what, limit) => format!("{what} is longer than {limit} characters"),
        KeyringError::Invalid(what, reason) => format!("{what}: {reason}"),
        KeyringError::Ambiguous(_) => "it has several entries for this endpoint; remove them there".to_owned(),
        KeyringError::NoDefaultStore => "this system has no keychain service".to_owned(),
        KeyringError::NotSupportedByStore(reason) => format!("it does not support this ({reason})"),
        _ => "unknown failure".to_owned(),
    }
}

/// A keychain that does not answer until the sender is dropped.
#[cfg(any(test, feature = "testing"))]
pub fn hanging(timeout: Duration) -> (KeyringVault, SyncSender<()>) {
    let (release, gate) = sync_channel::<()>(1);
    let gate = Mutex::new(gate);
    let run = move |_: &str, _: &Question| {
        let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
        Ok((None, false))
    };
    (KeyringVault::with(timeout, Arc::new(run)), release)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_forgets_on_request() {
        let vault = SessionVault::new();
        assert!(vault.get("https://a").expect("get").is_none());
        vault.set("https://a", &SecretString::from("k1")).expect("set");
        vault.set("https://a", &SecretString::from("k2")).expect("set");
        assert_eq!(vault.get("https://a").expect("get").expect("key").expose_secret(), "k2");
        assert!(vault.get("https://b").expect("get").is_none());
        assert!(vault.remove("https://a").expect("remove"));
        assert!(!vault.remove("https://a").expect("remove"));
        assert!(!format!("{vault:?}").contains("k2"));
    }

    #[test]
    fn a_keychain_that_hangs_is_given_up_and_taken_back() {
        let (release, gate) = sync_channel::<()>(1);
        let gate = Mutex::new(gate);
        let run: Run = Arc::new(move |endpoint, _| {
            if endpoint == "hangs" {
                let _ = gate.lock().expect("gate").recv();
            }
            Ok((None, false))
        });
        let vault = KeyringVault::with(Duration::from_millis(20), run);
        let error = vault.get("hangs").expect_err("hangs").to_string();
        assert!(error.contains("did not respond"), "{error}");
        let error = vault.get("other").expect_err("still stuck").to_string();
        assert!(error.contains("earlier request"), "{error}");
        release.send(()).expect("release");
        while vault.is_stuck.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        // A slow machine may need more than the timeout for the first answer; it must come in the end.
        let vault = KeyringVault { timeout: Duration::from_secs(30), ..vault };
        assert!(vault.get("other").expect("back").is_none());
    }

    #[test]
    fn a_missing_keyring_is_not_called_locked() {
        let told = |cause: &str| words(&KeyringError::NoStorageAccess(cause.into()));
        let missing = told("SS error: result not returned from SS API");
        assert!(missing.contains("no default keyring") && !missing.contains("locked"), "{missing}");
        assert!(told("SS Error: object locked").contains("locked"));
    }

    #[test]
    fn a_keychain_that_panics_is_an_error_and_works_again() {
        let run: Run = Arc::new(|endpoint, _| {
            assert!(endpoint != "panics", "boom");
            Ok((Some(SecretString::from("k")), true))
        });
        let vault = KeyringVault::with(Duration::from_secs(30), run);
        assert!(vault.get("panics").is_err());
        assert!(vault.get("fine").expect("again").is_some());
    }
}
