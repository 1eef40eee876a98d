//! Keys: the vault, asked from a thread that may block, and this session's keys for when it does not work. How long a
//! keychain may take is the vault's own matter: each of its calls ends.

use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::failure::OrFailure as _;
use app::{Failure, FailureKind};
use storage::{SessionVault, StorageError, Vault};

pub(super) struct Keys {
    vault: Arc<dyn Vault>,
    session: SessionVault,
    /// Questions are asked one at a time, in their order: they never fill the threads that may block.
    turn: Mutex<()>,
}

impl Keys {
    pub(super) fn new(vault: Arc<dyn Vault>) -> Self {
        Self { vault, session: SessionVault::new(), turn: Mutex::default() }
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Vault) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, Failure> {
        let _turn = self.turn.lock().await;
        let vault = Arc::clone(&self.vault);
        match tokio::task::spawn_blocking(move || work(&*vault)).await {
            Ok(result) => result.or_failure(),
            // It panicked, or the program ends.
            Err(_) => {
                let reason = format!("{} failed", self.vault.name());
                Err(Failure::bare(FailureKind::Keychain { reason }))
            }
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
                // Lest an older one of this session is before it.
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

    struct Failing;

    impl Vault for Failing {
        fn get(&self, _: &str) -> Result<Option<SecretString>, StorageError> {
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
        tokio::runtime::Builder::new_current_thread().build().expect("runtime")
    }

    #[test]
    fn a_keychain_that_fails_leaves_the_session() {
        let keys = Keys::new(Arc::new(Failing));
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
    fn a_keychain_that_hangs_is_given_up_by_the_vault_alone() {
        let (vault, release) = storage::vault::hanging(std::time::Duration::from_millis(1));
        let keys = Keys::new(Arc::new(vault));
        runtime().block_on(async {
            let (is_stored, problem) = keys.status("https://h").await;
            assert!(!is_stored && problem.is_some_and(|problem| problem.contains("did not respond")));
            let (_, problem) = keys.status("https://h").await;
            assert!(problem.is_some_and(|problem| problem.contains("earlier request")), "told at once");
        });
        drop(release);
    }

    #[test]
    fn a_working_vault_keeps_the_key_alone() {
        let vault = Arc::new(SessionVault::new());
        let keys = Keys::new(vault.clone());
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
