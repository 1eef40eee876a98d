//! The running endpoint: one thread with its own runtime, three ports, and a way to stop.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use secrecy::SecretString;
use tokio::sync::oneshot;

use super::ServerError;
use super::answer::Answer;
use super::api::Api;
use super::blobs::{Blobs, Elsewhere};
use super::connections::{self, Limits};
use super::stats::{Counters, Stats};
use domain::ProjectId;

/// Blocking work under way when the endpoint stops is waited for no longer than this.
const PATIENCE: Duration = Duration::from_millis(300);
/// Pictures and pages are made on at most so many threads.
const MAKERS: usize = 4;

/// An endpoint that runs until it is dropped.
pub struct Running {
    endpoint: String,
    blob_origin: String,
    other_origin: String,
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

    /// A third origin, where redirects lead when they are requested as a fault. Nobody has a reason to come here.
    pub fn other_origin(&self) -> &str {
        &self.other_origin
    }

    pub fn project_id(&self) -> ProjectId {
        self.project_id
    }

    pub fn project_name(&self) -> &str {
        &self.project_name
    }

    pub fn training_key(&self) -> &SecretString {
        &self.training_key
    }

    pub fn stats(&self) -> Stats {
        self.counters.stats()
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

/// All three ports, bound before anything is made that must know their numbers.
pub(super) struct Ports {
    service: TcpListener,
    blobs: TcpListener,
    elsewhere: TcpListener,
    endpoint: String,
    pub(super) blob_origin: String,
    pub(super) other_origin: String,
}

impl Ports {
    /// Binds the service to `port` (0: any), the blob store and the other origin to any, on loopback.
    pub(super) fn bind(port: u16) -> Result<Self, ServerError> {
        let bind = |port: u16| -> std::io::Result<(TcpListener, String)> {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
            listener.set_nonblocking(true)?;
            let origin = format!("http://{}", listener.local_addr()?);
            Ok((listener, origin))
        };
        let (service, endpoint) = bind(port).map_err(|source| ServerError::Bind { port, source })?;
        let (blobs, blob_origin) = bind(0).map_err(|source| ServerError::Bind { port: 0, source })?;
        let (elsewhere, other_origin) = bind(0).map_err(|source| ServerError::Bind { port: 0, source })?;
        Ok(Self { service, blobs, elsewhere, endpoint, blob_origin, other_origin })
    }

    pub(super) fn run(self, api: Api, training_key: SecretString) -> Result<Running, ServerError> {
        let Self { service, blobs: blob_listener, elsewhere, endpoint, blob_origin, other_origin } = self;
        let counters = Arc::clone(&api.counters);
        let source = Arc::clone(api.stage.all());
        let project = source.project();
        let (project_id, project_name) = (project.id, project.name.clone());
        let blobs = Blobs {
            source,
            signer: Arc::clone(&api.signer),
            counters: Arc::clone(&counters),
            faults: Arc::clone(&api.faults),
            key: training_key.clone(),
        };
        let other = Elsewhere { counters: Arc::clone(&counters), key: training_key.clone() };
        let service_routes = Router::new().fallback(answer_call).with_state(Arc::new(api));
        let blob_routes = Router::new().fallback(answer_blob).with_state(Arc::new(blobs));
        let other_routes = Router::new().fallback(answer_elsewhere).with_state(Arc::new(other));
        storage::machine::ensure().map_err(ServerError::Start)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(MAKERS)
            .thread_name("tagscope-server-worker")
            .enable_all()
            .build()
            .map_err(ServerError::Start)?;
        // Listeners can only be taken over inside the runtime; doing it here lets the caller see a failure.
        let (service, blob_listener, elsewhere) = {
            let _inside = runtime.enter();
            let take_over = |listener| tokio::net::TcpListener::from_std(listener).map_err(ServerError::Start);
            (take_over(service)?, take_over(blob_listener)?, take_over(elsewhere)?)
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let work = move || {
            runtime.block_on(async move {
                let limits = Limits::default();
                tokio::select! {
                    _ = stopped => {}
                    () = connections::serve(service, service_routes, limits) => {}
                    () = connections::serve(blob_listener, blob_routes, limits) => {}
                    () = connections::serve(elsewhere, other_routes, limits) => {}
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
            other_origin,
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
    api.counters.service.fetch_add(1, Ordering::Relaxed);
    let faults = Arc::clone(&api.faults);
    let number = faults.call_number();
    faults.wait().await;
    if let Some(response) = faults.instead_of_call(number) {
        return response.map(Body::from);
    }
    let made = tokio::task::spawn_blocking(move || {
        let answer = api.respond(&method, &uri, &headers);
        api.faults.sent_call(number, answer)
    });
    made.await.unwrap_or_else(|_| Answer::broken(&ServerError::Picture).into_response().map(Body::from))
}

async fn answer_blob(State(blobs): State<Arc<Blobs>>, method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    blobs.faults.wait().await;
    let made = tokio::task::spawn_blocking(move || blobs.respond(&method, &uri, &headers)).await;
    made.unwrap_or_else(|_| {
        let mut failed = Response::new(Body::empty());
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}

async fn answer_elsewhere(State(other): State<Arc<Elsewhere>>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    other.respond(&uri, &headers)
}
