//! Counting everything that is plotted of 100,000 images with 1,000,000 regions.
//!
//! `cargo bench --bench statistics`

#![allow(clippy::expect_used, unreachable_pub, reason = "shares the fixtures of the tests")]
#![allow(clippy::print_stdout, reason = "it speaks to a terminal")]

#[path = "shared/figures.rs"]
#[expect(dead_code, reason = "shared by all benches")]
mod figures;
#[path = "../tests/ui/fixture.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod fixture;

use std::hint::black_box;

use figures::{figure, times};
use tagscope::domain::stats::gather;
use tagscope::domain::{Catalogue, ImageIx};

fn main() {
    let mut catalogue = Catalogue::new();
    for start in (0..100_000).step_by(1_000) {
        catalogue.append((start..start + 1_000).map(|n| fixture::row(n, 10)).collect());
    }
    let counted = times(10, || {
        black_box(gather(black_box(&catalogue), (0..catalogue.len() as u32).map(ImageIx)));
    });
    figure("statistics of 100,000 x 10, in the background", counted.median_ms(), "ms", None);
}
