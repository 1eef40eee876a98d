//! Pictures: what one refusal means for the others, checksums, answers that come compressed, redirects, and hosts that
//! never give in.

use std::collections::HashSet;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tagscope::app::{ExportReport, Failure, FailureKind};
use tagscope::domain::{BlobKind, BlobUri, ImageRow, RecordReader};
use tagscope::engine::arrival::{Arrived, Extent};
use tagscope::engine::export::{self, ExportOptions, Fetch as _};
use tagscope::engine::{Source, SourceFetch};
use tagscope::service::{Client, ServiceError, Sleep, Waiting};
use tokio_util::sync::CancellationToken;

use super::script::{DOT, KEY, Reply, Request, Script, export_job, image, patient_client, project, reply};

/// Rows whose originals lie on a script, picture `n` at `/i-1/o-n`.
fn rows(script: &Script, count: usize) -> Vec<ImageRow> {
    let mut reader = RecordReader::new();
    let line = |number: usize| {
        let (id, origin) = (image(number), &script.origin);
        format!(
            r#"{{"id":"{id}","created":"2020-11-06T10:00:00","width":1,"height":1,"tags":[],"regions":[],"originalImageUri":"{origin}/i-1/o-{number}?sig=s"}}"#
        )
    };
    (0..count).map(|number| reader.line(line(number).as_bytes(), number).expect("row")).collect()
}

/// The number of the picture that a request is for.
fn number(request: &Request) -> Option<usize> {
    request.target.split(['?', '&']).next()?.strip_prefix("/i-1/o-")?.parse().ok()
}

async fn exported(client: Client, rows: Vec<ImageRow>) -> Result<ExportReport, Failure> {
    let images = rows.iter().map(|row| row.id).collect();
    let fetch = SourceFetch::new(Source::Service(client), project(), None, images, 4, CancellationToken::new());
    let home = tempfile::tempdir().expect("home");
    let job = export_job(rows, &home.path().join("out"));
    let options = ExportOptions { parallel: 4, ..ExportOptions::default() };
    export::run(job, &fetch, options, Arc::new(|_| {}), CancellationToken::new()).await
}

async fn arrived(script: &Script) -> Result<Arrived, Failure> {
    let rows = rows(script, 1);
    let source = Source::Service(script.client());
    let fetch = SourceFetch::new(source, project(), None, vec![rows[0].id], 1, CancellationToken::new());
    fetch.fetch(&rows[0], BlobKind::Original).await
}

fn store_says(status: u16, code: &str) -> Reply {
    let body =
        format!("\u{feff}<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>x?sig=SECRET</Message></Error>");
    reply(status, body).header("Content-Type", "application/xml")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_of_one_picture_never_ends_the_rest() {
    for status in [400, 401, 403, 404, 405, 409, 410, 416, 451, 501] {
        let script = Script::start(move |request, _| match number(request) {
            Some(3) => store_says(status, "SomethingElse"),
            _ => reply(200, DOT),
        })
        .await;
        let report =
            exported(script.client(), rows(&script, 8)).await.unwrap_or_else(|failure| panic!("{status}: {failure:?}"));
        assert_eq!((report.images_out, report.skips.len()), (7, 1), "{status}");
        let reason = &report.skips[0].reason;
        assert!(!reason.contains("key") && !reason.contains("SECRET"), "{status}: {reason}");
        if !matches!(status, 404 | 501) {
            assert!(reason.contains(&format!("{status}, SomethingElse")), "{status}: {reason}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_firewall_before_all_pictures_is_told_by_the_stores_code() {
    for is_in_body in [true, false] {
        let script = Script::start(move |request, _| {
            assert!(number(request).is_some(), "no fresh addresses are asked for: {}", request.target);
            match is_in_body {
                true => store_says(403, "AuthorizationFailure"),
                false => reply(403, "").header("x-ms-error-code", "AuthorizationFailure"),
            }
        })
        .await;
        let failure = exported(script.client(), rows(&script, 40)).await.expect_err("none");
        let expected = FailureKind::StoreRefused { status: 403, code: "AuthorizationFailure".to_owned() };
        assert_eq!(failure.kind, expected);
        assert!(failure.headline().contains("AuthorizationFailure") && failure.advice().contains("networks"));
        assert!(script.requests().len() <= 24, "{} requests", script.requests().len());
    }
}

#[tokio::test]
async fn bytes_that_contradict_the_stores_checksum_are_fetched_again() {
    use base64::Engine as _;
    use md5::Digest as _;
    let sum = base64::prelude::BASE64_STANDARD.encode(md5::Md5::digest(DOT));
    // Behind its end, so that only the checksum can tell.
    let other = [DOT, b"!"].concat();
    for header in ["Content-MD5", "x-ms-blob-content-md5"] {
        let (sum, body) = (sum.clone(), other.clone());
        let script = Script::start(move |_, number| {
            reply(200, if number == 0 { body.clone() } else { DOT.to_vec() }).header(header, &sum)
        })
        .await;
        let arrived = arrived(&script).await.expect("second try");
        assert_eq!(
            (arrived.bytes, arrived.extent, script.requests().len()),
            (DOT.into(), Extent::Whole, 2),
            "{header}"
        );
        assert_eq!(script.requests()[1].header("cache-control"), Some("no-cache"), "past every cache");
    }
    // The same twice is what the store has, whatever it once computed.
    let script = Script::start(move |_, _| reply(200, other.clone()).header("Content-MD5", &sum)).await;
    let Extent::Part(what) = arrived(&script).await.expect("kept").extent else { panic!("told") };
    assert!(what.contains("checksum") && script.requests().len() == 2, "{what}");
    // What is no checksum proves nothing.
    let script = Script::start(|_, _| reply(200, DOT).header("Content-MD5", "soon")).await;
    assert_eq!((arrived(&script).await.expect("whole").extent, script.requests().len()), (Extent::Whole, 1));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).expect("write");
    packed.finish().expect("gzip")
}

#[tokio::test]
async fn plain_bytes_are_asked_for_and_what_comes_compressed_is_unpacked_or_refused_by_name() {
    let script = Script::start(|request, _| {
        let body = if number(request).is_some() { gzip(DOT) } else { gzip(b"[]") };
        reply(200, body).header("Content-Encoding", "gzip")
    })
    .await;
    assert_eq!(script.client().projects().await, Ok(domain::Listed::default()));
    assert_eq!(arrived(&script).await.expect("unpacked").bytes, DOT);
    assert!(script.requests().iter().all(|request| request.header("accept-encoding") == Some("identity")));

    let script = Script::start(|_, _| reply(200, "\x0b\x02\u{80}[]").header("Content-Encoding", "br")).await;
    let expected = ServiceError::Compressed { encoding: "br".to_owned() };
    assert_eq!(script.client().projects().await.expect_err("brotli"), expected);
    let failure = arrived(&script).await.expect_err("brotli");
    assert!(failure.headline().contains("compressed (br)"), "{}", failure.headline());
    assert_eq!(script.requests().len(), 2, "each once");

    // Cut: the whole is requested again, since parts of it fit nothing.
    let script = Script::start(|_, number| {
        let body = gzip(&[DOT, &[7; 40_000]].concat());
        let cut_at = (number == 0).then_some(body.len() / 2);
        Reply { cut_at, ..reply(200, body).header("Content-Encoding", "gzip").header("ETag", "\"a\"") }
    })
    .await;
    assert_eq!(arrived(&script).await.expect("second try").bytes.len(), DOT.len() + 40_000);
    assert!(script.requests().iter().all(|request| request.header("range").is_none()));

    // A refusal is read all the same.
    let words = gzip(br#"{"code":"BadRequest","message":"No."}"#);
    let script = Script::start(move |_, _| reply(400, words.clone()).header("Content-Encoding", "gzip")).await;
    let error = script.client().projects().await.expect_err("refused");
    assert!(error.to_string().contains("BadRequest"), "{error}");
}

#[tokio::test]
async fn a_picture_follows_a_redirect_within_its_own_place_without_the_key() {
    let script = Script::start(|request, _| match request.target.as_str() {
        "/i-1/o-0?sig=s" => reply(302, "").header("Location", "/moved/o-0?sig=t"),
        "/moved/o-0?sig=t" => reply(307, "").header("Location", "/again/o-0?sig=u"),
        _ => reply(200, DOT),
    })
    .await;
    assert_eq!(arrived(&script).await.expect("followed").bytes, DOT);
    let targets: Vec<_> = script.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/i-1/o-0?sig=s", "/moved/o-0?sig=t", "/again/o-0?sig=u"]);
    assert!(script.requests().iter().all(|request| !format!("{request:?}").contains(KEY)));

    // Round and round: told, and soon.
    let script = Script::start(|_, _| reply(302, "").header("Location", "/i-1/o-0?sig=SECRET")).await;
    let failure = arrived(&script).await.expect_err("a circle");
    assert!(matches!(failure.kind, FailureKind::PictureRedirected { .. }), "{failure:?}");
    assert!(!format!("{failure:?} {}", failure.full_text()).contains("SECRET"));
    assert!(failure.advice().contains("same owner") && script.requests().len() < 10);
    // No redirect at all, and no picture.
    let script = Script::start(|_, _| reply(304, "")).await;
    let uri = BlobUri::new(format!("{}/i-1/o-0?sig=s", script.origin));
    let error = script.client().blob(project(), &uri).await.expect_err("304");
    assert!(!matches!(error, ServiceError::PictureRedirected { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_that_fail_for_good_do_not_cost_their_patience_each() {
    // The waits before further tries, all pictures together.
    let waited = async |asked: Option<&'static str>, count: usize| {
        let waits: Arc<Mutex<Duration>> = Arc::default();
        let log = Arc::clone(&waits);
        let observer = Arc::new(move |waiting: Waiting| *log.lock().expect("waits") += waiting.wait);
        let script = Script::start(move |request, _| match number(request) {
            Some(number) if number % 2 == 0 => match asked {
                Some(seconds) => reply(503, "").header("Retry-After", seconds),
                None => reply(503, ""),
            },
            _ => reply(200, DOT),
        })
        .await;
        let client = patient_client(&script.origin, Sleep::none()).with_observer(observer);
        let report = exported(client, rows(&script, count)).await.expect("half of them");
        assert_eq!((report.images_out, report.skips.len()), (count as u64 / 2, count / 2));
        *waits.lock().expect("waits")
    };
    // 100 pictures that wait for 10 seconds each would be a thousand.
    let all = waited(None, 200).await;
    assert!(all > Duration::from_secs(30) && all < Duration::from_secs(300), "{all:?}");
    let all = waited(Some("100"), 60).await;
    assert!(all >= Duration::from_secs(100) && all < Duration::from_secs(1_000), "{all:?}");
}

#[tokio::test]
async fn pictures_that_come_at_a_further_try_are_all_waited_for() {
    let seen: Arc<Mutex<HashSet<String>>> = Arc::default();
    let script = Script::start(move |request, _| match seen.lock().expect("seen").insert(request.target.clone()) {
        true => reply(503, ""),
        false => reply(200, DOT),
    })
    .await;
    let client = patient_client(&script.origin, Sleep::none());
    let report = exported(client, rows(&script, 100)).await.expect("all");
    assert_eq!((report.images_out, report.skips.len()), (100, 0));
}

#[test]
fn the_smallest_picture_is_one() {
    assert_eq!(Extent::from_bytes(DOT), Extent::Whole);
    assert!(Arrived::judge(Bytes::from_static(DOT)).is_ok());
}
