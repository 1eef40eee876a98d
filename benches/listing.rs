//! What a listed page costs: made by the built-in service, parsed bare, read into rows, packed into the catalogue.
//!
//! A page is 256 images of 10 regions, about a megabyte.

#![allow(clippy::expect_used, reason = "a bench ends by panicking")]

use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use secrecy::ExposeSecret as _;
use tagscope::domain::{Catalogue, RecordReader};
use tagscope::server::{self, Content, Running, ServeOptions};

/// One kept-alive connection without a client's own costs.
struct Wire {
    stream: TcpStream,
    request: String,
    buffer: Vec<u8>,
}

impl Wire {
    fn new(service: &Running) -> Self {
        let host = service.endpoint().trim_start_matches("http://");
        let request = format!(
            "GET /customvision/v3.4-preview/training/projects/{}/images/tagged?take=256&skip=512 HTTP/1.1\r\n\
             Host: {host}\r\nTraining-Key: {}\r\n\r\n",
            service.project_id(),
            service.training_key().expose_secret(),
        );
        let stream = TcpStream::connect(host).expect("connection");
        stream.set_nodelay(true).expect("option");
        Self { stream, request, buffer: vec![0; 1 << 22] }
    }

    /// The body of one page.
    fn page(&mut self) -> &[u8] {
        self.stream.write_all(self.request.as_bytes()).expect("request");
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

fn listing(criterion: &mut Criterion) {
    let content = Content::Sample { images: 10_000, regions: Some(10) };
    let service = server::start(content, ServeOptions::default()).expect("service");
    let mut wire = Wire::new(&service);
    let body = wire.page().to_vec();
    let rows = RecordReader::new().page(&body).expect("page").rows;
    assert_eq!(rows.len(), 256);

    let mut group = criterion.benchmark_group("page of 256 x 10");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("served and received", |bencher| bencher.iter(|| black_box(wire.page().len())));
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
