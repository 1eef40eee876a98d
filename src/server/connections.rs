//! The connections of one port: how many there may be, how long a request's head may take, and for whom they are.
//!
//! Any user of this computer can open connections without a key. When there is no room for another one, the oldest
//! goes that has not had an answer with a success yet and has no request under way.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    connections: usize,
    /// Longest time until a request's head is there, from the connection's beginning or from the last answer on.
    head: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 256, head: Duration::from_secs(30) }
    }
}

/// After a connection could not be taken, for one because there are no more file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

struct Connection {
    state: Arc<State>,
    task: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct State {
    /// Had an answer with a success: with the key, or by a signed address.
    is_known: AtomicBool,
    is_busy: AtomicBool,
}

impl Connection {
    fn may_go(&self) -> bool {
        !self.state.is_known.load(Ordering::Acquire) && !self.state.is_busy.load(Ordering::Acquire)
    }
}

/// Answers until it is dropped.
pub(super) async fn serve(listener: TcpListener, routes: Router, limits: Limits) {
    let mut open: VecDeque<Connection> = VecDeque::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            make_room(&mut open);
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // Without it a page waits for the acknowledgement of its first half.
        let _ = stream.set_nodelay(true);
        open.retain(|connection| !connection.task.is_finished());
        if open.len() >= limits.connections && !make_room(&mut open) {
            continue;
        }
        let state = Arc::new(State::default());
        let answering = answer_all(stream, routes.clone(), Arc::clone(&state), limits.head);
        open.push_back(Connection { state, task: AbortOnDropHandle::new(tokio::spawn(answering)) });
    }
}

/// Ends the oldest connection that may go; whether there was one.
fn make_room(open: &mut VecDeque<Connection>) -> bool {
    let oldest = open.iter().position(Connection::may_go);
    oldest.and_then(|at| open.remove(at)).is_some()
}

async fn answer_all(stream: TcpStream, routes: Router, state: Arc<State>, head: Duration) {
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |request: Request<Incoming>| {
        let is_for_here = is_for_here(request.headers());
        let answering = is_for_here.then(|| routes.call(request));
        let state = Arc::clone(&state);
        async move {
            state.is_busy.store(true, Ordering::Release);
            let answer = match answering {
                Some(answering) => answered(answering).await,
                None => misdirected(),
            };
            if answer.status().is_success() {
                state.is_known.store(true, Ordering::Release);
            }
            state.is_busy.store(false, Ordering::Release);
            Ok::<_, Infallible>(answer)
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head);
    // What a connection ends with is of no interest to anybody else.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

async fn answered(answering: impl Future<Output = Result<Response<Body>, Infallible>>) -> Response<Body> {
    match answering.await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

/// Whether a request means this computer. A web page can have its own name lead here, but not change what it asks for by.
fn is_for_here(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let Ok(authority) = Authority::try_from(host.as_bytes()) else { return false };
    let name = authority.host().trim_matches(['[', ']']);
    match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => {
            let name = name.to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

fn misdirected() -> Response<Body> {
    let words = "{\"error\":{\"code\":\"421\",\"message\":\"This endpoint responds only to local names: use 127.0.0.1 \
                 or localhost.\"}}";
    let mut answer = Response::new(Body::from(words));
    *answer.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    async fn started(limits: Limits) -> (std::net::SocketAddr, AbortOnDropHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let routes = Router::new().fallback(async || "fine");
        (address, AbortOnDropHandle::new(tokio::spawn(serve(listener, routes, limits))))
    }

    async fn asked(address: std::net::SocketAddr, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.expect("connect");
        stream.write_all(request.as_bytes()).await.expect("send");
        stream
    }

    async fn answer(address: std::net::SocketAddr, host: &str) -> String {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let mut text = String::new();
        asked(address, &request).await.read_to_string(&mut text).await.expect("answer");
        text
    }

    const HALF: &str = "GET / HTTP/1.1\r\nHost: 127";

    #[tokio::test]
    async fn half_requests_shut_nobody_out() {
        let limits = Limits { connections: 4, head: Duration::from_secs(3600) };
        let (address, _serving) = started(limits).await;
        let mut half = Vec::new();
        for _ in 0..12 {
            half.push(asked(address, HALF).await);
            assert!(answer(address, "127.0.0.1").await.ends_with("fine"));
        }
        // The oldest of them has been closed.
        assert_eq!(half[0].read(&mut [0; 1]).await.unwrap_or(0), 0);
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_ends_its_connection() {
        let (address, _serving) = started(Limits { connections: 4, head: Duration::from_millis(20) }).await;
        let mut text = String::new();
        let _ = asked(address, HALF).await.read_to_string(&mut text).await;
        assert!(!text.contains("200"), "{text}");
    }

    #[tokio::test]
    async fn only_names_of_this_computer_are_answered_to() {
        let (address, _serving) = started(Limits::default()).await;
        for host in ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "LOCALHOST", "a.localhost", "[::1]:8080"] {
            assert!(answer(address, host).await.ends_with("fine"), "{host}");
        }
        for host in ["example.com", "example.com:80", "127.0.0.1.example.com", "10.0.0.1", "notlocalhost", "a b"] {
            assert!(!answer(address, host).await.ends_with("fine"), "{host}");
        }
    }
}
