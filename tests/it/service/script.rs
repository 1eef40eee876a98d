//! A scriptable HTTP service: it records every request and answers what a closure says, byte for byte.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tagscope::app::{ExportJob, TaskId};
use tagscope::domain::{Catalogue, ImageId, ImageIx, ImageRow, ProjectId, ProjectKind, TagId};
use tagscope::formats::{Format, FormatOptions, PixelChoice};
use tagscope::service::{Client, ClientOptions, Endpoint, RetryPolicy, Sleep};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

pub(crate) const KEY: &str = "5ec4e75ec4e75ec4e75ec4e75ec4e7aa";

/// The smallest whole picture: a GIF of one pixel.
pub(crate) const DOT: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// What is behind `.../training/`.
    pub(crate) fn call(&self) -> &str {
        self.target.strip_prefix("/customvision/v3.4-preview/training/").unwrap_or(&self.target)
    }

    /// A parameter of the query, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(&format!("http://h{}", self.target)).expect("target");
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub(crate) fn number_or(&self, name: &str, other: usize) -> usize {
        self.parameter(name).map_or(other, |text| text.parse().expect(name))
    }

    pub(crate) fn number(&self, name: &str) -> usize {
        self.parameter(name).expect(name).parse().expect(name)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Send only so many bytes of the body, then close.
    pub(crate) cut_at: Option<usize>,
    /// Leave out the length, so that only the end of the connection ends the body.
    pub(crate) has_length: bool,
    /// Keep the connection open after that and say nothing more.
    pub(crate) is_held: bool,
}

pub(crate) fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    let headers = vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())];
    Reply { status, headers, body: body.into(), cut_at: None, has_length: true, is_held: false }
}

impl Reply {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

type Handler = dyn Fn(&Request, usize) -> Reply + Send + Sync;

pub(crate) struct Script {
    pub(crate) origin: String,
    requests: Arc<Mutex<Vec<Request>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Script {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Script {
    /// `handler` gets the request and its number, from 0.
    pub(crate) async fn start(handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let origin = format!("http://{}", listener.local_addr().expect("address"));
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (log, handler): (_, Arc<Handler>) = (Arc::clone(&requests), Arc::new(handler));
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&handler)));
            }
        });
        Self { origin, requests, task }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("log").clone()
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.requests().iter().map(|request| request.call().to_owned()).collect()
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(Sleep::none())
    }

    pub(crate) fn client_with(&self, sleep: Sleep) -> Client {
        client(&self.origin, sleep)
    }
}

/// Few tries and no waits.
pub(crate) fn options() -> ClientOptions {
    let retry = RetryPolicy { tries: 3, network_tries: 2, ..RetryPolicy::default() };
    ClientOptions { retry, sleep: Sleep::none(), ..ClientOptions::default() }
}

pub(crate) fn client(origin: &str, sleep: Sleep) -> Client {
    client_of(origin, ClientOptions { sleep, ..options() })
}

pub(crate) fn client_of(origin: &str, options: ClientOptions) -> Client {
    Client::new(Endpoint::parse(origin).expect("endpoint"), SecretString::from(KEY), options).expect("client")
}

/// A client with the patience of the program.
pub(crate) fn patient_client(origin: &str, sleep: Sleep) -> Client {
    let options = ClientOptions { sleep, ..ClientOptions::default() };
    Client::new(Endpoint::parse(origin).expect("endpoint"), SecretString::from(KEY), options).expect("client")
}

/// A sleep that takes no time, and what it was requested.
pub(crate) fn recorded_sleep() -> (Sleep, Arc<Mutex<Vec<Duration>>>) {
    let waits: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let log = Arc::clone(&waits);
    let sleep = Sleep::new(move |duration| {
        log.lock().expect("waits").push(duration);
        Box::pin(std::future::ready(()))
    });
    (sleep, waits)
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<Request>>>, handler: Arc<Handler>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            // A TLS greeting: what a plain HTTP server makes of it.
            Ok(0x16) if head.is_empty() => {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                return;
            }
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let text = String::from_utf8(head).expect("head");
    let mut lines = text.lines();
    let target = lines.next().and_then(|line| line.split(' ').nth(1)).expect("request line").to_owned();
    let pair = |line: &str| line.split_once(": ").map(|(key, value)| (key.to_owned(), value.to_owned()));
    let request = Request { target, headers: lines.filter_map(pair).collect() };
    let number = {
        let mut log = log.lock().expect("log");
        log.push(request.clone());
        log.len() - 1
    };
    // A handler may wait for other requests.
    let reply = tokio::task::spawn_blocking(move || handler(&request, number)).await.expect("handler");
    let mut out = format!("HTTP/1.1 {} Said\r\nConnection: close\r\n", reply.status).into_bytes();
    for (key, value) in &reply.headers {
        out.extend_from_slice(format!("{key}: {value}\r\n").as_bytes());
    }
    if reply.has_length {
        out.extend_from_slice(format!("Content-Length: {}\r\n", reply.body.len()).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&reply.body[..reply.cut_at.unwrap_or(reply.body.len())]);
    let _ = stream.write_all(&out).await;
    if reply.is_held {
        // Until the other side has had enough.
        let _ = stream.read(&mut [0; 1]).await;
    }
    let _ = stream.shutdown().await;
}

pub(crate) fn project() -> ProjectId {
    ProjectId(Uuid::from_u128(0x2f39_bbf3_9674_4cec_b5b1_bc60_3b97_2a87))
}

pub(crate) fn image(number: usize) -> ImageId {
    ImageId(Uuid::from_u128(0x9aa8_e448_cbfa_437d_0000_0000_0000_0000 + number as u128))
}

pub(crate) fn tag(number: usize) -> TagId {
    TagId(Uuid::from_u128(0xdd17_6a9a_5557_40f9_0000_0000_0000_0000 + number as u128))
}

/// A row; a greater number is an earlier upload.
pub(crate) fn row(number: usize) -> String {
    let seconds = 86_399 - number;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!(
        r#"{{"id":"{}","created":"2020-11-06T{hour:02}:{minute:02}:{second:02}","width":816,"height":612,"tags":[{{"tagId":"{}","tagName":"a"}}]}}"#,
        image(number),
        tag(0)
    )
}

/// An export of all rows as COCO.
pub(crate) fn export_job(rows: Vec<ImageRow>, out: &Path) -> ExportJob {
    let mut catalogue = Catalogue::new();
    let images = catalogue.append(rows).map(ImageIx).collect();
    let project = format!(r#"{{"id":"{}","name":"P","settings":{{}}}}"#, project());
    ExportJob {
        plan: None,
        task: TaskId(0),
        generation: 0,
        images,
        catalogue: Arc::new(catalogue),
        project: serde_json::from_str(&project).expect("project"),
        kind: ProjectKind::Detection,
        iteration: None,
        formats: vec![Format::Coco],
        near_duplicates: Default::default(),
        query: None,
        tags: Vec::new(),
        notes: Vec::new(),
        options: FormatOptions::default(),
        pixels: PixelChoice::Original,
        out: out.into(),
        is_resumed: false,
    }
}

pub(crate) fn rows(numbers: impl IntoIterator<Item = usize>) -> String {
    format!("[{}]", numbers.into_iter().map(row).collect::<Vec<_>>().join(","))
}
