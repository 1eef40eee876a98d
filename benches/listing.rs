//! What a listed page costs: made by the built-in service, parsed bare, read into rows, packed into the catalogue. A page
//! is 256 images of 10 regions, about a megabyte.
//!
//! First of all, what a whole listing costs against the least that anyone could do: to download the same pages one after
//! the other and to parse them with `serde_json`. Both in one run, in turns, so that what else continues hits both.

#![allow(clippy::expect_used, unreachable_pub, reason = "a bench ends by panicking")]
#![allow(clippy::print_stdout, reason = "it speaks to a terminal")]

#[path = "shared/figures.rs"]
#[expect(dead_code, reason = "shared by all benches")]
mod figures;

use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use secrecy::ExposeSecret as _;
use tagscope::domain::{Catalogue, RecordReader};
use tagscope::server::{self, Running, ServeOptions, ServedProject};
use tagscope::service::{Client, ClientOptions, Endpoint, ListQuery, Pager, PagerOptions};

/// One kept-alive connection without a client's own costs.
struct Wire {
    stream: TcpStream,
    /// What is before and after the number of rows to pass over.
    request: [String; 2],
    buffer: Vec<u8>,
}

impl Wire {
    fn new(service: &Running) -> Self {
        let host = service.endpoint().trim_start_matches("http://");
        let request = [
            format!(
                "GET /customvision/v3.4-preview/training/projects/{}/images/tagged?orderBy=Newest&take=256&skip=",
                service.project_id()
            ),
            format!(" HTTP/1.1\r\nHost: {host}\r\nTraining-Key: {}\r\n\r\n", service.training_key().expose_secret()),
        ];
        let stream = TcpStream::connect(host).expect("connection");
        stream.set_nodelay(true).expect("option");
        Self { stream, request, buffer: vec![0; 1 << 22] }
    }

    /// The body of the page from row `skip` on.
    fn page(&mut self, skip: usize) -> &[u8] {
        let [before, after] = &self.request;
        self.stream.write_all(format!("{before}{skip}{after}").as_bytes()).expect("request");
        let mut filled = 0;
        loop {
            filled += self.stream.read(&mut self.buffer[filled..]).expect("answer");
            let Some(end) = self.buffer[..filled].windows(4).take(2_048).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&self.buffer[..end]).expect("head");
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ")?.trim().parse::<usize>().ok()
                })
                .expect("length");
            let body = end + 4..end + 4 + length;
            while filled < body.end {
                filled += self.stream.read(&mut self.buffer[filled..]).expect("answer");
            }
            return &self.buffer[body];
        }
    }
}

const IMAGES: usize = 10_000;

/// Rows from the beginning of one page to that of the next, as the pager asks for them.
const STRIDE: usize = 255;

/// Times that each side goes through the list.
const ROUNDS: usize = 9;

/// Downloads and parses all pages, one after the other. Returns the bytes and the time.
fn plain(wire: &mut Wire) -> (usize, Duration) {
    let began = Instant::now();
    let mut bytes = 0;
    for skip in (0..IMAGES - 1).step_by(STRIDE) {
        let body = wire.page(skip);
        bytes += body.len();
        black_box(serde_json::from_slice::<serde_json::Value>(body).expect("JSON"));
    }
    (bytes, began.elapsed())
}

/// Lists all images as the window does, without keeping them. Returns the time.
async fn ours(client: &Client, service: &Running) -> Duration {
    let began = Instant::now();
    let mut pager = Pager::new(client.clone(), service.project_id(), ListQuery::default(), PagerOptions::default());
    while let Some(step) = pager.next().await {
        black_box(step.expect("page"));
    }
    let report = pager.report();
    assert!(report.is_whole && report.listed == IMAGES as u64, "{report:?}");
    began.elapsed()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn compare(service: &Running) {
    let endpoint = Endpoint::parse(service.endpoint()).expect("endpoint");
    let client = Client::new(endpoint, service.training_key().clone(), ClientOptions::default()).expect("client");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    let mut wire = Wire::new(service);
    let (mut theirs, mut listed) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let (came, time) = plain(&mut wire);
        bytes = came;
        theirs.push(time);
        listed.push(runtime.block_on(ours(&client, service)));
    }
    let (theirs, listed) = (median(&mut theirs), median(&mut listed));
    let ratio = listed.as_secs_f64() / theirs.as_secs_f64();
    figures::figure(
        "list 10,000 x 10 from loopback, in times of downloading and serde_json",
        ratio,
        "times",
        Some(2.0),
    );
    println!(
        "listing of {IMAGES} images ({} kB): {:.1} ms; the same pages downloaded and parsed with serde_json: {:.1} ms; \
         ratio {:.2} (to reach: below 2)",
        bytes / 1000,
        listed.as_secs_f64() * 1e3,
        theirs.as_secs_f64() * 1e3,
        ratio,
    );
}

fn listing(criterion: &mut Criterion) {
    let content = ServedProject::Sample { images: IMAGES, regions: Some(10) };
    let service = server::start(content, ServeOptions::default()).expect("service");
    compare(&service);
    let mut wire = Wire::new(&service);
    let body = wire.page(512).to_vec();
    let rows = RecordReader::new().page(&body).expect("page").rows;
    assert_eq!(rows.len(), 256);

    let mut group = criterion.benchmark_group("page of 256 x 10");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("served and received", |bencher| bencher.iter(|| black_box(wire.page(512).len())));
    group.bench_function("bare serde_json", |bencher| {
        bencher.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(&body)).expect("JSON"));
    });
    group.bench_function("RecordReader::page", |bencher| {
        let mut reader = RecordReader::new();
        bencher.iter(|| reader.page(black_box(&body)).expect("page"));
    });
    group.bench_function("Catalogue::append", |bencher| {
        bencher.iter_batched(
            || (Catalogue::new(), rows.clone()),
            |(mut catalogue, rows)| {
                catalogue.append(rows);
                catalogue
            },
            criterion::BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, listing);
criterion_main!(benches);
