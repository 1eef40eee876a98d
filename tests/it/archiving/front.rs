//! A service in front of another one: it hands calls on, and says something else where a test wants it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use tagscope::server::Running;
use tagscope::service::{Client, ClientOptions, Endpoint, RetryPolicy, Sleep};

use super::Source;

/// Status and body of an answer.
pub(super) type Answer = (u16, Vec<u8>);

type Handler = dyn Fn(&str, &dyn Fn() -> Answer) -> Answer + Send + Sync;

/// A client of `behind` through a service that answers what `handler` says: it gets the call behind `/projects/ID/`, and
/// what asks the service itself.
pub(super) fn source(
    behind: &Running,
    handler: impl Fn(&str, &dyn Fn() -> Answer) -> Answer + Send + Sync + 'static,
) -> Source {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let origin = format!("http://{}", listener.local_addr().expect("address"));
    let upstream = behind.endpoint().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let handler: Arc<Handler> = Arc::new(handler);
    let accept = move || {
        // Ends with the test's process.
        for stream in listener.incoming().flatten() {
            let (upstream, handler) = (upstream.clone(), Arc::clone(&handler));
            let serve = move || serve(stream, &upstream, &*handler);
            std::thread::Builder::new().name("front".to_owned()).spawn(serve).expect("thread");
        }
    };
    std::thread::Builder::new().name("front".to_owned()).spawn(accept).expect("thread");
    let retry = RetryPolicy { tries: 2, network_tries: 2, ..RetryPolicy::default() };
    let options = ClientOptions { retry, sleep: Sleep::none(), ..ClientOptions::default() };
    let endpoint = Endpoint::parse(&origin).expect("endpoint");
    Source::Service(Client::new(endpoint, behind.training_key().clone(), options).expect("client"))
}

fn serve(stream: TcpStream, upstream: &str, handler: &Handler) {
    let mut input = BufReader::new(stream.try_clone().expect("stream"));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if input.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let target = head.split(' ').nth(1).expect("request line").to_owned();
    let call = target.split_once("/projects/").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, call)| call);
    let forward = || {
        let mut out = TcpStream::connect(upstream).expect("connect");
        let head = head.trim_end().to_owned() + "\r\nConnection: close\r\n\r\n";
        out.write_all(head.as_bytes()).expect("ask");
        let mut answer = Vec::new();
        out.read_to_end(&mut answer).expect("answer");
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("head") + 4;
        let status = std::str::from_utf8(&answer[9..12]).expect("status").parse().expect("number");
        (status, answer.split_off(end))
    };
    let (status, body) = handler(call, &forward);
    let head = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = stream;
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}
