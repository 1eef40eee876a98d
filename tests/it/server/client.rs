//! A client that knows nothing of Tagscope: paths, headers and bytes.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, redirect};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tagscope::server::{ServeOptions, ServedProject};
use tokio::runtime::Runtime;

use crate::watched::Watched;

/// An answer as it came.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

/// A running service and a way to ask it.
pub(super) struct Asked {
    pub(super) service: Watched,
    runtime: Runtime,
    client: reqwest::Client,
}

impl Asked {
    pub(super) fn sample() -> Self {
        Self::new(ServedProject::default(), ServeOptions::default())
    }

    pub(super) fn new(content: ServedProject, options: ServeOptions) -> Self {
        let service = Watched::start(content, options);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
        let client = reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none()).build().expect("client");
        Self { service, runtime, client }
    }

    pub(super) fn key(&self) -> String {
        self.service.training_key().expose_secret().to_owned()
    }

    /// Any request at all.
    pub(super) fn send(&self, method: Method, url: &str, headers: &[(&str, &str)]) -> Reply {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("name");
            map.insert(name, HeaderValue::from_str(value).expect("value"));
        }
        self.runtime.block_on(async {
            let response = self.client.request(method, url).headers(map).send().await.expect("answer");
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Reply { status, headers, body: response.bytes().await.expect("body").to_vec() }
        })
    }

    /// A call with the key, below `.../training`.
    pub(super) fn get(&self, call: &str) -> Reply {
        let url = format!("{}/customvision/v3.4-preview/training/{call}", self.service.endpoint());
        self.send(Method::GET, &url, &[("Training-Key", &self.key())])
    }

    /// A call below the project.
    pub(super) fn project(&self, call: &str) -> Reply {
        self.get(&format!("projects/{}{call}", self.service.project_id()))
    }

    /// A call below the project that must answer 200.
    pub(super) fn ok(&self, call: &str) -> Value {
        let reply = self.project(call);
        assert_eq!(reply.status, 200, "{call}: {}", reply.text());
        reply.json()
    }

    /// The ids of a list of images.
    pub(super) fn ids(&self, call: &str) -> Vec<String> {
        let rows = self.ok(call);
        rows.as_array().expect("list").iter().map(|row| row["id"].as_str().expect("id").to_owned()).collect()
    }

    /// A file without the key.
    pub(super) fn blob(&self, url: &str) -> Reply {
        self.send(Method::GET, url, &[])
    }
}

/// The keys of the object that the text begins with, in their order.
pub(super) fn keys(text: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let (mut depth, mut in_string, mut start) = (0, false, 0);
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if bytes[at.saturating_sub(1)] != b'\\' => {
                if in_string && depth == 1 && bytes.get(at + 1) == Some(&b':') {
                    keys.push(text[start + 1..at].to_owned());
                }
                in_string = !in_string;
                start = at;
            }
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            _ => {}
        }
    }
    keys
}
