//! Counting everything that is plotted of 100,000 images with 1,000,000 regions.

#![allow(clippy::expect_used, unreachable_pub, reason = "shares the fixtures of the tests")]

#[path = "../tests/ui/fixture.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod fixture;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tagscope::domain::stats::gather;
use tagscope::domain::{Catalogue, ImageIx};

fn counting(criterion: &mut Criterion) {
    let mut catalogue = Catalogue::new();
    for start in (0..100_000).step_by(1_000) {
        catalogue.append((start..start + 1_000).map(|n| fixture::row(n, 10)).collect());
    }
    criterion.bench_function("statistics of 100,000 images with 1,000,000 regions", |bencher| {
        bencher.iter(|| gather(black_box(&catalogue), (0..catalogue.len() as u32).map(ImageIx)));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = counting
}
criterion_main!(benches);
