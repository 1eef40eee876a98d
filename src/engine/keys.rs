//! Keys: the vault on a thread of its own, because a system keychain blocks and may hang, and this session's keys for
//! when it does not work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::oneshot;

use super::failure;
use crate::app::{Failure, FailureKind};
use crate::storage::{SessionVault, StorageError, Vault};

/// Questions that may wait for a keychain that does not answer.
const MOST_QUESTIONS: usize = 16;

type Question = Box<dyn FnOnce(&dyn Vault) + Send>;

pub(super) struct Keys {
    questions: SyncSender<Question>,
    session: SessionVault,
    name: &'static str,
    timeout: Duration,
}

impl Keys {
    /// Starts the thread. It ends when this is dropped, or never, when the keychain hangs.
    pub(super) fn start(vault: Arc<dyn Vault>, timeout: Duration) -> std::io::Result<Self> {
        let (questions, inbox) = sync_channel::<Question>(MOST_QUESTIONS);
        let name = vault.name();
        std::thread::Builder::new().name("keychain".to_owned()).spawn(move || {
            for question in inbox {
                // A panic drops the answer's sender, which is an answer.
                let _ = catch_unwind(AssertUnwindSafe(|| question(&*vault)));
            }
        })?;
        Ok(Self { questions, session: SessionVault::new(), name, timeout })
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Vault) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, Failure> {
        let problem = |reason: String| Failure::bare(FailureKind::Keychain { reason });
        let (answer, result) = oneshot::channel();
        let question: Question = Box::new(move |vault| {
            let _ = answer.send(work(vault));
        });
        if self.questions.try_send(question).is_err() {
            return Err(problem(format!("{} does not answer", self.name)));
        }
        match tokio::time::timeout(self.timeout, result).await {
            Ok(Ok(result)) => result.map_err(|error| failure::of_storage(&error)),
            Ok(Err(_)) => Err(problem(format!("{} failed", self.name))),
            Err(_) => Err(problem(format!("{} does not answer; it may be locked", self.name))),
        }
    }

    /// The key typed in this session, else the one of the keychain.
    pub(super) async fn get(&self, endpoint: &str) -> Result<Option<SecretString>, Failure> {
        if let Ok(Some(key)) = self.session.get(endpoint) {
            return Ok(Some(key));
        }
        let endpoint = endpoint.to_owned();
        self.ask(move |vault| vault.get(&endpoint)).await
    }

    /// Whether there is a key, and what is wrong with the keychain.
    pub(super) async fn status(&self, endpoint: &str) -> (bool, Option<String>) {
        let in_session = matches!(self.session.get(endpoint), Ok(Some(_)));
        let endpoint = endpoint.to_owned();
        match self.ask(move |vault| vault.get(&endpoint)).await {
            Ok(key) => (in_session || key.is_some(), None),
            Err(failure) => (in_session, Some(reason_of(&failure))),
        }
    }

    /// Keeps a key that the service has accepted. What to tell the person when the keychain could not take it.
    pub(super) async fn keep(&self, endpoint: &str, key: &SecretString, in_keychain: bool) -> Option<String> {
        if !in_keychain {
            let _ = self.session.set(endpoint, key);
            return None;
        }
        let (place, copy) = (endpoint.to_owned(), key.clone());
        match self.ask(move |vault| vault.set(&place, &copy)).await {
            Ok(()) => {
                // Lest an older one of this session stands before it.
                let _ = self.session.remove(endpoint);
                None
            }
            Err(failure) => {
                let _ = self.session.set(endpoint, key);
                let reason = reason_of(&failure);
                Some(format!("The key is kept for this session only: {reason}."))
            }
        }
    }

    /// Removes the key from both places.
    pub(super) async fn remove(&self, endpoint: &str) -> (bool, Option<String>) {
        let _ = self.session.remove(endpoint);
        let place = endpoint.to_owned();
        match self.ask(move |vault| vault.remove(&place)).await {
            Ok(_) => (false, None),
            Err(failure) => (false, Some(reason_of(&failure))),
        }
    }
}

fn reason_of(failure: &Failure) -> String {
    match &failure.kind {
        FailureKind::Keychain { reason } => reason.trim_end_matches('.').to_owned(),
        _ => failure.headline().trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    struct Hanging(std::sync::Mutex<std::sync::mpsc::Receiver<()>>);

    impl Vault for Hanging {
        fn get(&self, _: &str) -> Result<Option<SecretString>, StorageError> {
            let _ = self.0.lock().expect("lock").recv();
            Ok(None)
        }

        fn set(&self, _: &str, _: &SecretString) -> Result<(), StorageError> {
            panic!("no D-Bus")
        }

        fn remove(&self, _: &str) -> Result<bool, StorageError> {
            Err(StorageError::Keychain { reason: "it is locked".to_owned() })
        }

        fn name(&self) -> &'static str {
            "the test keychain"
        }
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("runtime")
    }

    #[test]
    fn a_keychain_that_fails_leaves_the_session() {
        let (_open, gate) = sync_channel(1);
        let keys = Keys::start(Arc::new(Hanging(gate.into())), Duration::from_secs(30)).expect("keys");
        runtime().block_on(async {
            let key = SecretString::from("k");
            let notice = keys.keep("https://h", &key, true).await.expect("notice");
            assert!(notice.contains("this session only") && notice.contains("the test keychain"), "{notice}");
            let found = keys.get("https://h").await.expect("session").expect("key");
            assert_eq!(found.expose_secret(), "k");
            let (is_stored, problem) = keys.remove("https://h").await;
            assert!(!is_stored && problem.is_some_and(|problem| problem.contains("locked")));
        });
    }

    #[test]
    fn a_keychain_that_hangs_is_given_up() {
        let (open, gate) = sync_channel(1);
        let keys = Keys::start(Arc::new(Hanging(gate.into())), Duration::from_millis(1)).expect("keys");
        let (is_stored, problem) = runtime().block_on(keys.status("https://h"));
        assert!(!is_stored && problem.is_some_and(|problem| problem.contains("does not answer")));
        drop(open);
    }

    #[test]
    fn a_working_vault_keeps_the_key_alone() {
        let vault = Arc::new(SessionVault::new());
        let keys = Keys::start(vault.clone(), Duration::from_secs(30)).expect("keys");
        runtime().block_on(async {
            assert_eq!(keys.status("https://h").await, (false, None));
            assert_eq!(keys.keep("https://h", &SecretString::from("old"), false).await, None);
            assert!(vault.get("https://h").expect("vault").is_none(), "for this session only");
            assert_eq!(keys.keep("https://h", &SecretString::from("new"), true).await, None);
            assert_eq!(keys.get("https://h").await.expect("get").expect("key").expose_secret(), "new");
            assert_eq!(keys.status("https://h").await, (true, None));
            assert_eq!(keys.remove("https://h").await, (false, None));
            assert_eq!(keys.status("https://h").await, (false, None));
        });
    }
}
