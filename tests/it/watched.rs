//! The built-in service with an eye on the key: a test that let it out fails, whatever else it tested.

use std::ops::Deref;

use tagscope::server::{self, Running, ServeOptions, ServedProject};

/// A running service. When it is dropped, nobody may have brought the key anywhere but to the service itself, and
/// nobody may have come to the other origin at all, where only a followed redirect leads.
pub struct Watched {
    running: Running,
    forgiven: u64,
}

impl Watched {
    /// Starts the service.
    pub fn start(content: ServedProject, options: ServeOptions) -> Self {
        Self { running: server::start(content, options).expect("the service starts"), forgiven: 0 }
    }

    /// Says that the test itself brings the key to the blob store so many times.
    #[allow(dead_code, reason = "this file belongs to several test binaries")]
    pub fn forgive(&mut self, requests: u64) {
        self.forgiven = requests;
    }
}

impl Deref for Watched {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.running
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Its first failure is the one to read.
            return;
        }
        let stats = self.running.stats();
        assert_eq!(stats.blob_requests_with_key, self.forgiven, "the key went to the blob store: {stats:?}");
        assert_eq!(stats.elsewhere_requests, 0, "a redirect was followed: {stats:?}");
        assert_eq!(stats.elsewhere_requests_with_key, 0, "the key went to another origin: {stats:?}");
    }
}
