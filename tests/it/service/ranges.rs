//! Pictures that are cut on the way: what is requested next, and that two versions are never put together.

use std::time::Duration;

use bytes::Bytes;
use secrecy::SecretString;
use tagscope::domain::BlobUri;
use tagscope::service::{Client, ClientOptions, Endpoint, PartialBlob, ServiceError, Sleep};

use super::script::{KEY, Reply, Request, Script, project, reply};

const SIZE: usize = 300_000;
const TAG: &str = "\"0x8D8\"";

/// A file that differs from others of another seed in every part.
fn file(seed: usize) -> Vec<u8> {
    (0..SIZE).map(|at| ((at * 31 + at / 251 + seed * 97) % 256) as u8).collect()
}

fn whole(body: Vec<u8>, tag: Option<&str>) -> Reply {
    let answer = reply(200, body).header("Content-Type", "application/octet-stream");
    tag.map_or(answer.clone(), |tag| answer.header("ETag", tag))
}

/// Where a request wants to begin.
fn wanted(request: &Request) -> Option<usize> {
    let range = request.header("range")?;
    Some(range.strip_prefix("bytes=").and_then(|range| range.strip_suffix('-')).expect(range).parse().expect(range))
}

fn part(body: &[u8], from: usize, tag: Option<&str>) -> Reply {
    let range = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
    Reply { status: 206, ..whole(body[from..].to_vec(), tag).header("Content-Range", &range) }
}

/// As the blob store does: the rest, or all of it when the version is another.
fn honest(request: &Request, body: &[u8], tag: Option<&str>) -> Reply {
    match (wanted(request), request.header("if-range")) {
        (Some(from), condition) if condition.is_none() || condition == tag => part(body, from, tag),
        _ => whole(body.to_vec(), tag),
    }
}

fn client(script: &Script) -> Client {
    let options = ClientOptions { sleep: Sleep::none(), ..ClientOptions::default() };
    client_with(script, options)
}

fn client_with(script: &Script, options: ClientOptions) -> Client {
    Client::new(Endpoint::parse(&script.origin).expect("endpoint"), SecretString::from(KEY), options).expect("client")
}

fn address(script: &Script) -> BlobUri {
    BlobUri::new(format!("{}/i-1/o-2?sig=SECRET", script.origin))
}

async fn fetched(script: &Script) -> Result<Bytes, ServiceError> {
    let result = client(script).blob(project(), &address(script)).await;
    assert!(script.requests().iter().all(|request| request.header("training-key").is_none()), "the key went along");
    result
}

#[tokio::test]
async fn a_download_goes_on_where_it_was_cut() {
    for tag in [Some(TAG), Some("W/\"weak\""), None] {
        for cut_at in [5_000, 70_001, SIZE - 1] {
            let script = Script::start(move |request, number| {
                let answer = honest(request, &file(1), tag);
                if number == 0 { Reply { cut_at: Some(cut_at), ..answer } } else { answer }
            })
            .await;
            assert_eq!(fetched(&script).await.expect("whole"), file(1));
            let requests = script.requests();
            assert_eq!(requests.len(), 2);
            assert_eq!((wanted(&requests[0]), requests[0].header("if-range")), (None, None));
            assert_eq!(wanted(&requests[1]), Some(cut_at - 4_096), "{tag:?}, cut at {cut_at}");
            assert_eq!(requests[1].header("if-range"), tag.filter(|tag| *tag == TAG), "only a strong mark is sent");
        }
    }
}

#[tokio::test]
async fn a_download_without_a_length_goes_on_by_its_mark_alone() {
    let chunked = |body: &[u8], is_cut: bool| {
        let mut text = format!("{:x}\r\n", SIZE).into_bytes();
        text.extend_from_slice(body);
        text.extend_from_slice(b"\r\n0\r\n\r\n");
        let answer = Reply { has_length: false, ..whole(text, Some(TAG)).header("Transfer-Encoding", "chunked") };
        if is_cut { Reply { cut_at: Some(100_000), ..answer } } else { answer }
    };
    let script = Script::start(move |request, number| match number {
        0 => chunked(&file(1), true),
        _ => honest(request, &file(1), Some(TAG)),
    })
    .await;
    assert_eq!(fetched(&script).await.expect("whole"), file(1));
    assert!(wanted(&script.requests()[1]).is_some());
    // Ended by the end of the connection: nobody can tell whether it is whole, and it is taken.
    let script = Script::start(|_, _| Reply { has_length: false, ..whole(file(1), None) }).await;
    assert_eq!((fetched(&script).await.expect("whole"), script.requests().len()), (Bytes::from(file(1)), 1));
}

#[tokio::test]
async fn what_does_not_fit_is_fetched_anew_as_a_whole() {
    type Second = fn(&Request) -> Reply;
    // What a second request, for the rest of version 1, is answered with; and how many requests it takes in all.
    let table: [(&str, Second, usize); 9] = [
        ("the whole instead of the rest", |_| whole(file(2), Some(TAG)), 2),
        ("another version as a whole", |_| whole(file(2), Some("\"new\"")), 2),
        ("the rest of another version", |request| part(&file(2), at(request), Some("\"new\"")), 3),
        ("the rest of another version under the same mark", |request| part(&file(2), at(request), Some(TAG)), 3),
        ("a rest of another length", |request| part(&file(2)[..SIZE - 9], at(request), Some(TAG)), 3),
        ("a rest that begins elsewhere", |request| part(&file(1), at(request) + 1, Some(TAG)), 3),
        ("a rest that does not say what it is", |_| Reply { status: 206, ..whole(file(1), Some(TAG)) }, 3),
        ("nonsense", |request| part(&file(1), at(request), Some(TAG)).header("Content-Range", "bytes 9-1/x"), 3),
        ("no such range", |_| reply(416, "<Error/>").header("Content-Range", "bytes */17"), 3),
    ];
    fn at(request: &Request) -> usize {
        wanted(request).expect("a range")
    }
    for (name, second, requests) in table {
        let script = Script::start(move |request, number| match number {
            0 => Reply { cut_at: Some(100_000), ..whole(file(1), Some(TAG)) },
            1 => second(request),
            _ => honest(request, &file(2), Some("\"new\"")),
        })
        .await;
        assert_eq!(fetched(&script).await.expect(name), file(2), "{name}");
        assert_eq!(script.requests().len(), requests, "{name}");
        if requests == 3 {
            assert_eq!(wanted(&script.requests()[2]), None, "{name}: the whole is asked for");
        }
    }
}

#[tokio::test]
async fn the_bytes_are_compared_where_there_is_no_mark() {
    let script = Script::start(|request, number| match number {
        0 => Reply { cut_at: Some(100_000), ..whole(file(1), None) },
        _ => honest(request, &file(2), None),
    })
    .await;
    assert_eq!(fetched(&script).await.expect("whole"), file(2));
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn a_redirect_is_not_followed_on_the_way_either() {
    let other = Script::start(|_, _| whole(file(1), Some(TAG))).await;
    let target = format!("{}/elsewhere?sig=SECRET", other.origin);
    let script = Script::start(move |_, number| match number {
        0 => Reply { cut_at: Some(100_000), ..whole(file(1), Some(TAG)) },
        _ => reply(307, "").header("Location", &target),
    })
    .await;
    let expected = ServiceError::PictureRedirected { host: "127.0.0.1".to_owned(), status: 307 };
    assert_eq!(fetched(&script).await, Err(expected));
    assert_eq!((script.requests().len(), other.requests().len()), (2, 0));
}

#[tokio::test]
async fn a_line_that_breaks_often_still_brings_it_and_one_that_brings_nothing_ends() {
    let script = Script::start(|request, _| {
        let answer = honest(request, &file(1), Some(TAG));
        Reply { cut_at: Some(answer.body.len().min(75_000)), ..answer }
    })
    .await;
    assert_eq!(fetched(&script).await.expect("whole"), file(1));
    assert!(script.requests().len() > 4, "more than the tries of a call that brings nothing");
    let script = Script::start(|_, _| Reply { cut_at: Some(10_000), ..whole(file(1), Some(TAG)) }).await;
    assert_eq!(fetched(&script).await, Err(ServiceError::CutShort { host: "127.0.0.1".to_owned() }));
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test]
async fn silence_ends_an_attempt_and_the_next_goes_on() {
    // Long enough for a slow machine to pass on what was sent.
    let short = Duration::from_secs(2);
    let options = ClientOptions { sleep: Sleep::none(), ..ClientOptions::default() };
    for options in
        [ClientOptions { read_timeout: short, ..options.clone() }, ClientOptions { answer_timeout: short, ..options }]
    {
        let script = Script::start(|request, number| {
            let answer = honest(request, &file(1), Some(TAG));
            if number == 0 { Reply { cut_at: Some(100_000), is_held: true, ..answer } } else { answer }
        })
        .await;
        let bytes = client_with(&script, options).blob(project(), &address(&script)).await;
        assert_eq!(bytes.expect("whole"), file(1));
        assert!(wanted(&script.requests()[1]).is_some());
    }
}

#[tokio::test]
async fn what_has_come_serves_a_fresh_address_too() {
    let script = Script::start(|request, number| match number {
        0 => Reply { cut_at: Some(100_000), ..whole(file(1), Some(TAG)) },
        1 => reply(403, "<Error><Code>AuthenticationFailed</Code></Error>").header("Content-Type", "application/xml"),
        _ => honest(request, &file(1), Some(TAG)),
    })
    .await;
    let client = client(&script);
    let mut partial = PartialBlob::default();
    let expired = client.resume_blob(project(), &address(&script), &mut partial).await;
    assert_eq!(expired, Err(ServiceError::Expired));
    let fresh = BlobUri::new(format!("{}/i-1/o-2?sig=FRESH", script.origin));
    assert_eq!(client.resume_blob(project(), &fresh, &mut partial).await.expect("whole"), file(1));
    assert_eq!(wanted(&script.requests()[2]), Some(100_000 - 4_096));
}

#[tokio::test]
async fn absolute_and_relative_addresses_are_cut_and_resumed_alike() {
    let script = Script::start(|request, number| {
        let answer = honest(request, &file(1), Some(TAG));
        if number % 2 == 0 { Reply { cut_at: Some(100_000), ..answer } } else { answer }
    })
    .await;
    let client = client(&script);
    for uri in [BlobUri::new("/i-1/o-2?sig=s"), address(&script)] {
        assert_eq!(client.blob(project(), &uri).await.expect("whole"), file(1));
    }
    let requests = script.requests();
    let facts = |request: &Request| {
        (
            request.call().contains("artifacts?path="),
            request.header("training-key").is_some(),
            wanted(request).is_some(),
        )
    };
    let expected = [(true, true, false), (true, true, true), (false, false, false), (false, false, true)];
    assert_eq!(requests.iter().map(facts).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn what_is_announced_too_large_is_not_read() {
    let script = Script::start(|_, number| match number {
        0 | 2 => Reply { has_length: false, ..whole(file(1), Some(TAG)).header("Content-Length", "268435457") },
        _ => reply(500, ""),
    })
    .await;
    let error = fetched(&script).await.expect_err("too large");
    assert_eq!((error, script.requests().len()), (ServiceError::TooLarge { limit: 256 << 20 }, 1));
}
