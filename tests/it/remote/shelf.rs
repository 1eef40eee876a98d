//! A store on loopback that speaks as much of S3 as a reader needs, serves a folder as the objects of `s3://shelf/forks`, and
//! counts what it is asked for.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tagscope::domain::ObjectAddress;
use tagscope::remote::Environment;

/// One request and what was sent for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// Below the archive.
    pub name: String,
    pub bytes: u64,
}

/// A running store.
pub struct Shelf {
    origin: String,
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    asked: Mutex<Vec<Asked>>,
    /// Whether connections are closed without an answer.
    is_away: AtomicBool,
    /// Objects whose bytes are others than in the folder.
    other: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Shelf {
    pub fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
        let origin = format!("http://{}", listener.local_addr().expect("address"));
        let shared = Arc::new(Shared {
            folder: folder.to_path_buf(),
            asked: Mutex::default(),
            is_away: AtomicBool::new(false),
            other: Mutex::default(),
        });
        let served = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("shelf".to_owned())
            .spawn(move || {
                for stream in listener.incoming().flatten() {
                    let served = Arc::clone(&served);
                    let one = move || drop(answer(stream, &served));
                    std::thread::Builder::new().name("shelf".to_owned()).spawn(one).expect("thread");
                }
            })
            .expect("thread");
        Self { origin, shared }
    }

    pub fn address(&self) -> ObjectAddress {
        "s3://shelf/forks".parse().expect("address")
    }

    pub fn variables(&self) -> Vec<(String, String)> {
        let pairs = [
            ("AWS_ENDPOINT_URL", self.origin.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "5ec4e7shelf"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"),
            ("AWS_CONFIG_FILE", "/nonexistent"),
        ];
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    pub fn environment(&self) -> Environment {
        self.variables().into_iter().collect()
    }

    /// What was asked since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.shared.asked.lock().expect("log"))
    }

    /// Loses the network, or has it again.
    pub fn be_away(&self, is_away: bool) {
        self.shared.is_away.store(is_away, Ordering::Relaxed);
    }

    /// Serves other bytes under a name.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        self.shared.other.lock().expect("objects").insert(name.to_owned(), bytes.to_vec());
    }
}

impl Shared {
    fn object(&self, name: &str) -> Option<Vec<u8>> {
        let other = self.other.lock().expect("objects").get(name).cloned();
        other.or_else(|| std::fs::read(self.folder.join(name)).ok())
    }
}

fn answer(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
    }
    if shared.is_away.load(Ordering::Relaxed) {
        return Ok(());
    }
    let head = String::from_utf8(head).expect("head").replace("\r\n", "\n");
    let mut words = head.split(' ');
    let (method, target) = (words.next().expect("method"), words.next().expect("target"));
    let header = |name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(name))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    };
    let (mut status, mut headers, mut body) = ("200 OK", String::new(), Vec::new());
    let path = target.split('?').next().expect("path");
    let mut name = String::new();
    match path.strip_prefix("/shelf/forks/").filter(|name| !name.is_empty()) {
        Some(wanted) => {
            wanted.clone_into(&mut name);
            match shared.object(&name) {
                None => status = "404 Not Found",
                Some(bytes) => {
                    let tag = format!("\"{:x}\"", md5_like(&bytes));
                    headers.push_str(&format!("ETag: {tag}\r\nLast-Modified: Mon, 30 Nov 2026 20:00:00 GMT\r\n"));
                    match header("if-match").filter(|wanted| *wanted != tag) {
                        Some(_) => status = "412 Precondition Failed",
                        None => body = bytes,
                    }
                }
            }
        }
        None => {
            body = b"<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
                .to_vec();
        }
    }
    let whole = body.len();
    if status == "200 OK"
        && let Some(range) = header("range")
    {
        let (from, to) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')).expect("a closed range");
        let (from, to): (usize, usize) = (from.parse().expect("from"), to.parse().expect("to"));
        if from >= whole {
            (status, body) = ("416 Range Not Satisfiable", Vec::new());
        } else {
            let to = to.min(whole - 1);
            headers.push_str(&format!("Content-Range: bytes {from}-{to}/{whole}\r\n"));
            (status, body) = ("206 Partial Content", body[from..=to].to_vec());
        }
    }
    let sent = if method == "HEAD" { 0 } else { body.len() as u64 };
    shared.asked.lock().expect("log").push(Asked { method: method.to_owned(), name, bytes: sent });
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n")?;
    if method != "HEAD" {
        stream.write_all(&body)?;
    }
    stream.flush()
}

/// Any number that differs where the bytes do.
fn md5_like(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}
