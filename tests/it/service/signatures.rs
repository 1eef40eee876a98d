//! Exports that live longer than the signatures of their pictures.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt as _, stream};
use tagscope::app::FailureKind;
use tagscope::domain::{BlobKind, ImageRow, Raster, RecordReader};
use tagscope::engine::export::{self, ExportOptions, Fetch as _};
use tagscope::engine::{Source, SourceFetch};
use tagscope::pixels;
use tokio_util::sync::CancellationToken;

use super::script::{DOT, Reply, Request, Script, export_job, image, project, reply};

/// A service whose signatures are numbers. Only the latest number is good, and each answer to `images/id` gives it.
#[derive(Default)]
struct Signer {
    good: AtomicUsize,
    served: AtomicUsize,
    refused: AtomicUsize,
    refetches: AtomicUsize,
}

impl Signer {
    fn expire(&self) {
        self.good.fetch_add(1, Ordering::SeqCst);
    }

    fn row(&self, request: &Request, number: usize) -> String {
        let (host, good) = (request.header("host").expect("host"), self.good.load(Ordering::SeqCst));
        let id = image(number);
        format!(
            r#"{{"id":"{id}","created":"2020-11-06T10:00:00","width":8,"height":8,"tags":[],"regions":[],"originalImageUri":"http://{host}/i-1/o-{number}?sig={good}"}}"#
        )
    }

    /// The answer to `images/id`; `None` for another request.
    fn refetched(&self, request: &Request) -> Option<Reply> {
        let ids = request.parameter("imageIds").filter(|_| request.call().contains("/images/id"))?;
        self.refetches.fetch_add(1, Ordering::SeqCst);
        let wanted: Vec<&str> = ids.split(',').collect();
        assert!(wanted.len() <= 256);
        let number = |id: &&str| (0..1_000).find(|&number| image(number).to_string() == **id).expect("known");
        let rows: Vec<_> = wanted.iter().map(|id| self.row(request, number(id))).collect();
        Some(reply(200, format!("[{}]", rows.join(","))))
    }

    /// Whether the signature of a picture's request is good.
    fn admits(&self, request: &Request) -> bool {
        assert!(request.header("training-key").is_none(), "the key went along");
        let is_good = request.number("sig") == self.good.load(Ordering::SeqCst);
        let count = if is_good { &self.served } else { &self.refused };
        count.fetch_add(1, Ordering::SeqCst);
        is_good
    }
}

fn refusal() -> Reply {
    let body = "\u{feff}<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code></Error>";
    reply(403, body).header("Content-Type", "application/xml")
}

/// Rows with addresses that the service gave at its start.
fn rows(script: &Script, count: usize) -> Vec<ImageRow> {
    let mut reader = RecordReader::new();
    let host = script.origin.strip_prefix("http://").expect("origin");
    let request = Request { target: String::new(), headers: vec![("host".to_owned(), host.to_owned())] };
    let signer = Signer::default();
    (0..count).map(|number| reader.line(signer.row(&request, number).as_bytes(), number).expect("row")).collect()
}

fn fetch(script: &Script, rows: &[ImageRow], parallel: usize) -> SourceFetch {
    let images = rows.iter().map(|row| row.id).collect();
    let source = Source::Service(script.client());
    SourceFetch::new(source, project(), None, images, parallel, CancellationToken::new())
}

fn count(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::SeqCst)
}

#[tokio::test]
async fn addresses_that_all_expired_are_refetched_by_the_page() {
    let signer: Arc<Signer> = Arc::default();
    let served = Arc::clone(&signer);
    let script = Script::start(move |request, _| {
        served.refetched(request).unwrap_or_else(|| if served.admits(request) { reply(200, DOT) } else { refusal() })
    })
    .await;
    signer.expire();
    let rows = rows(&script, 300);
    let fetch = fetch(&script, &rows, 8);
    let all = stream::iter(&rows).map(|row| fetch.fetch(row, BlobKind::Original)).buffered(8);
    assert!(all.all(async |bytes| bytes.expect("picture").bytes == DOT).await);
    assert_eq!((count(&signer.refetches), count(&signer.served)), (2, 300));
    assert!(count(&signer.refused) <= 16, "{}", count(&signer.refused));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_whose_signatures_expire_again_and_again_is_complete() {
    const IMAGES: usize = 400;
    let raster = Raster::new(8, 8, vec![200; 8 * 8 * 4]).expect("raster");
    let picture = pixels::encode_jpeg(&raster, 80).expect("jpeg");
    let signer: Arc<Signer> = Arc::default();
    let served = Arc::clone(&signer);
    let script = Script::start(move |request, _| {
        if let Some(rows) = served.refetched(request) {
            return rows;
        }
        if !served.admits(request) {
            return refusal();
        }
        if count(&served.served).is_multiple_of(60) {
            served.expire();
        }
        reply(200, picture.clone())
    })
    .await;
    let rows = rows(&script, IMAGES);
    let fetch = fetch(&script, &rows, 8);
    let home = tempfile::tempdir().expect("home");
    let job = export_job(rows, &home.path().join("out"));
    let progress = Arc::new(|_| {});
    let report = export::run(job, &fetch, ExportOptions::default(), progress, CancellationToken::new()).await;
    let report = report.expect("export");
    assert_eq!((report.images_out, report.skips.len()), (IMAGES as u64, 0));
    let refetches = count(&signer.refetches);
    assert!((6..=24).contains(&refetches), "{refetches} calls for 6 expiries");
}

#[tokio::test]
async fn one_picture_is_refetched_again_but_not_for_ever() {
    for (good, outcome) in [(3, true), (usize::MAX, false)] {
        let signer: Arc<Signer> = Arc::default();
        let served = Arc::clone(&signer);
        let script = Script::start(move |request, _| {
            if request.call().contains("/images/id") {
                served.expire();
            }
            served
                .refetched(request)
                .unwrap_or_else(|| if request.number("sig") == good { reply(200, DOT) } else { refusal() })
        })
        .await;
        let rows = rows(&script, 1);
        let result = fetch(&script, &rows, 1).fetch(&rows[0], BlobKind::Original).await;
        match result {
            Ok(arrived) => assert!(outcome && arrived.bytes == DOT),
            Err(failure) => {
                let refused = FailureKind::StoreRefused { status: 403, code: String::new() };
                assert!(!outcome && failure.kind == refused, "{failure:?}");
            }
        }
        assert_eq!(count(&signer.refetches), if outcome { 3 } else { 4 });
    }
}

#[tokio::test]
async fn a_large_picture_outlives_its_signature() {
    // What is behind the end of a picture does not matter.
    let body: Vec<u8> = DOT.iter().copied().chain((0..200_000_u32).flat_map(u32::to_le_bytes)).collect();
    let whole = body.clone();
    let signer: Arc<Signer> = Arc::default();
    let served = Arc::clone(&signer);
    let script = Script::start(move |request, _| {
        if let Some(rows) = served.refetched(request) {
            return rows;
        }
        if !served.admits(request) {
            return refusal();
        }
        // It breaks every 300 kB, and each time the signature has expired meanwhile.
        served.expire();
        let range = request.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
        let from: usize = range.map_or(0, |from| from.parse().expect("range"));
        let part = reply(if from == 0 { 200 } else { 206 }, body[from..].to_vec());
        let part = part.header("Content-Range", &format!("bytes {from}-{}/{}", body.len() - 1, body.len()));
        Reply { cut_at: Some(300_000.min(body.len() - from)), ..part }
    })
    .await;
    let rows = rows(&script, 1);
    let bytes = fetch(&script, &rows, 1).fetch(&rows[0], BlobKind::Original).await.expect("picture");
    assert_eq!(bytes.bytes, whole);
    assert_eq!((count(&signer.refetches), count(&signer.served)), (2, 3), "800 kB in three parts");
}

#[tokio::test]
async fn pictures_that_the_service_no_longer_has_are_missing_and_hold_nobody_up() {
    let signer: Arc<Signer> = Arc::default();
    let served = Arc::clone(&signer);
    let script = Script::start(move |request, _| {
        if request.call().contains("/images/id") {
            served.refetches.fetch_add(1, Ordering::SeqCst);
            return reply(200, format!("[{}]", served.row(request, 0)));
        }
        if served.admits(request) { reply(200, DOT) } else { refusal() }
    })
    .await;
    signer.expire();
    let rows = rows(&script, 8);
    let fetch = fetch(&script, &rows, 8);
    let all: Vec<_> = stream::iter(&rows).map(|row| fetch.fetch(row, BlobKind::Original)).buffered(8).collect().await;
    assert!(all[0].is_ok());
    for missing in &all[1..] {
        assert_eq!(missing.as_ref().expect_err("gone").kind, FailureKind::MissingPicture);
    }
    assert!(count(&signer.refetches) <= 8);
}
