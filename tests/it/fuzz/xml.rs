//! The XML decoder, through the public client: a service on loopback answers every call with the input.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use tagscope::domain::ProjectId;
use tagscope::service::{Client, ClientOptions, Endpoint, ListQuery, RetryPolicy, Sleep};

use super::runner::Target;
use super::wire::comes_back;

const TARGET: Target = Target {
    name: "xml",
    cases: 400,
    tokens: &[
        b"<",
        b">",
        b"</",
        b"/>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"<?xml",
        b"?>",
        b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
        b"&",
        b"&lt;",
        b"&#0;",
        b"&#x110000;",
        b"&b;",
        b"\"",
        b"'",
        b"=",
        b" xmlns:i=\"x\"",
        b" i:nil=\"true\"",
        b"<Image>",
        b"</Image>",
        b"<Tags>",
        b"<Regions>",
        b"<a>",
        b"</a>",
        b"<Metadata>",
        b"<Width>1</Width>",
        b"<Id>9aa8e448-cbfa-437d-9d5b-39a006846d74</Id>",
        b"<Left>",
        b"1e999",
        b"NaN",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\0",
        b"<a:b:c>",
        b"<:>",
        b"[",
        b"{",
    ],
    heads: &[b"<ArrayOfImage><Image><Id>", b"<?xml version=\"1.0\"?>", b"<a ", b"<a>&#", b"<a><![CDATA["],
};

#[test]
fn answers_and_errors() {
    let answer: Arc<Mutex<Answer>> = Arc::default();
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let origin = format!("http://{}", listener.local_addr().expect("address"));
    let served = Arc::clone(&answer);
    std::thread::Builder::new().name("answers".to_owned()).spawn(move || serve(&listener, &served)).expect("thread");
    let retry = RetryPolicy { tries: 1, network_tries: 1, ..RetryPolicy::default() };
    let options = ClientOptions { retry, sleep: Sleep::none(), ..ClientOptions::default() };
    let key = SecretString::from("5ec4e75ec4e75ec4e75ec4e75ec4e7aa");
    let client = Client::new(Endpoint::parse(&origin).expect("endpoint"), key, options).expect("client");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    let project = ProjectId::default();
    TARGET.run(|input, rng| {
        let status = if rng.u8(..4) == 0 { 400 } else { 200 };
        *answer.lock().expect("answer") = Answer { status, body: input.to_vec() };
        let words = match rng.u8(..6) {
            0 => runtime.block_on(client.projects()).err(),
            1 => runtime.block_on(client.project(project)).err(),
            2 => runtime.block_on(client.images_count(project, &ListQuery::default())).err(),
            3 => runtime.block_on(client.tags(project, None)).err(),
            _ => match runtime.block_on(client.images_page(project, &ListQuery::default(), 0, 50)) {
                Ok(page) => {
                    page.rows.iter().for_each(comes_back);
                    None
                }
                Err(error) => Some(error),
            },
        };
        if let Some(error) = words {
            let words = format!("{error} {error:?}");
            assert!(!words.contains("5ec4e75ec4e7"), "the key is in {words}");
        }
    });
}

#[derive(Default)]
struct Answer {
    status: u16,
    body: Vec<u8>,
}

/// Answers on connections that stay open; ends with the test binary.
fn serve(listener: &TcpListener, answer: &Arc<Mutex<Answer>>) {
    for stream in listener.incoming().flatten() {
        let answer = Arc::clone(answer);
        let work = move || talk(stream, &answer);
        std::thread::Builder::new().name("answer".to_owned()).spawn(work).expect("thread");
    }
}

fn talk(mut stream: TcpStream, answer: &Mutex<Answer>) {
    let _ = stream.set_nodelay(true);
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => head.extend_from_slice(&buffer[..count]),
            _ => return,
        }
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        head.clear();
        let out = {
            let answer = answer.lock().expect("answer");
            let length = answer.body.len();
            let head = format!(
                "HTTP/1.1 {} Said\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\n\r\n",
                answer.status
            );
            [head.as_bytes(), &answer.body].concat()
        };
        if stream.write_all(&out).is_err() {
            return;
        }
    }
}
