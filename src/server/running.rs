//! The running endpoint: one thread with its own runtime, two ports, and a way to stop.

use std::future::IntoFuture as _;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use axum::serve::ListenerExt as _;
use secrecy::SecretString;
use tokio::sync::oneshot;

use super::ServerError;
use super::answer::Answer;
use super::api::Api;
use super::blobs::Blobs;
use crate::domain::ProjectId;

/// Blocking work under way when the endpoint stops is waited for no longer than this.
const PATIENCE: Duration = Duration::from_millis(300);
/// Pictures and pages are made on at most so many threads.
const MAKERS: usize = 4;

/// What has been asked so far.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) service: AtomicU64,
    pub(super) refused_keys: AtomicU64,
    pub(super) blobs: AtomicU64,
    pub(super) blobs_with_key: AtomicU64,
    pub(super) refused_signatures: AtomicU64,
}

/// Numbers of requests since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// On the service's port, refused ones included.
    pub service_requests: u64,
    /// Of these, with a missing or wrong key.
    pub refused_keys: u64,
    /// On the blob store's port, refused ones included.
    pub blob_requests: u64,
    /// Of these, with a `Training-Key` header: must be 0, because the key belongs to the service alone.
    pub blob_requests_with_key: u64,
    /// Of these, with a wrong or expired signature.
    pub refused_signatures: u64,
}

/// An endpoint that runs until it is dropped.
pub struct Running {
    endpoint: String,
    blob_origin: String,
    project_id: ProjectId,
    project_name: String,
    training_key: SecretString,
    counters: Arc<Counters>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// `http://127.0.0.1:port`, without a slash at the end.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Where the signed addresses lead: `http://127.0.0.1:port` of the blob store.
    pub fn blob_origin(&self) -> &str {
        &self.blob_origin
    }

    /// The only project.
    pub fn project_id(&self) -> ProjectId {
        self.project_id
    }

    /// Its name.
    pub fn project_name(&self) -> &str {
        &self.project_name
    }

    /// The key that the endpoint takes.
    pub fn training_key(&self) -> &SecretString {
        &self.training_key
    }

    /// What has been asked so far.
    pub fn stats(&self) -> Stats {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            service_requests: count(&self.counters.service),
            refused_keys: count(&self.counters.refused_keys),
            blob_requests: count(&self.counters.blobs),
            blob_requests_with_key: count(&self.counters.blobs_with_key),
            refused_signatures: count(&self.counters.refused_signatures),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Either end may be gone already when the thread failed.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running")
            .field("endpoint", &self.endpoint)
            .field("project", &self.project_name)
            .finish_non_exhaustive()
    }
}

/// Both ports, bound before anything is made that must know their numbers.
pub(super) struct Ports {
    service: TcpListener,
    blobs: TcpListener,
    endpoint: String,
    pub(super) blob_origin: String,
}

impl Ports {
    /// Binds the service to `port` (0: any) and the blob store to any, on loopback.
    pub(super) fn bind(port: u16) -> Result<Self, ServerError> {
        let bind = |port: u16| -> std::io::Result<(TcpListener, String)> {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
            listener.set_nonblocking(true)?;
            let origin = format!("http://{}", listener.local_addr()?);
            Ok((listener, origin))
        };
        let (service, endpoint) = bind(port).map_err(|source| ServerError::Bind { port, source })?;
        let (blobs, blob_origin) = bind(0).map_err(|source| ServerError::Bind { port: 0, source })?;
        Ok(Self { service, blobs, endpoint, blob_origin })
    }

    /// Starts to answer.
    pub(super) fn run(self, api: Api, training_key: SecretString) -> Result<Running, ServerError> {
        let Self { service, blobs: blob_listener, endpoint, blob_origin } = self;
        let counters = Arc::clone(&api.counters);
        let project = api.holdings.project();
        let (project_id, project_name) = (project.id, project.name.clone());
        let blobs = Blobs {
            holdings: Arc::clone(&api.holdings),
            signer: Arc::clone(&api.signer),
            counters: Arc::clone(&api.counters),
        };
        let service_routes = Router::new().fallback(answer_call).with_state(Arc::new(api));
        let blob_routes = Router::new().fallback(answer_blob).with_state(Arc::new(blobs));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(MAKERS)
            .thread_name("tagscope-server-worker")
            .enable_all()
            .build()
            .map_err(ServerError::Start)?;
        // Listeners can only be taken over inside the runtime; doing it here lets the caller see a failure.
        let (service, blob_listener) = {
            let _inside = runtime.enter();
            let take_over = |listener| tokio::net::TcpListener::from_std(listener).map_err(ServerError::Start);
            (take_over(service)?, take_over(blob_listener)?)
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let work = move || {
            runtime.block_on(async move {
                // Without it a page waits for the acknowledgement of its first half.
                let at_once = |stream: &mut tokio::net::TcpStream| {
                    let _ = stream.set_nodelay(true);
                };
                let service = axum::serve(service.tap_io(at_once), service_routes).into_future();
                let blobs = axum::serve(blob_listener.tap_io(at_once), blob_routes).into_future();
                tokio::select! {
                    _ = stopped => {}
                    _ = service => {}
                    _ = blobs => {}
                }
            });
            // Open connections end here, in the middle of an answer if need be.
            runtime.shutdown_timeout(PATIENCE);
        };
        let thread =
            std::thread::Builder::new().name("tagscope-server".to_owned()).spawn(work).map_err(ServerError::Start)?;
        Ok(Running {
            endpoint,
            blob_origin,
            project_id,
            project_name,
            training_key,
            counters,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

async fn answer_call(State(api): State<Arc<Api>>, method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let made = tokio::task::spawn_blocking(move || api.respond(&method, &uri, &headers)).await;
    made.unwrap_or_else(|_| Answer::broken(&ServerError::Picture)).into_response()
}

async fn answer_blob(State(blobs): State<Arc<Blobs>>, method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let made = tokio::task::spawn_blocking(move || blobs.respond(&method, &uri, &headers)).await;
    made.unwrap_or_else(|_| {
        let mut failed = Response::new(Body::empty());
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}
