//! What the checks cost: all but near-duplicates over 100,000 images with 1,000,000 regions, near-duplicates over 100,000
//! hashes, and the hash of one picture.
//!
//! `cargo bench --bench checks -- --quick`

#![allow(clippy::expect_used, unreachable_pub, reason = "a bench ends by panicking")]
#![allow(clippy::print_stdout, reason = "it speaks to a terminal")]

#[path = "shared/figures.rs"]
#[expect(dead_code, reason = "shared by all benches")]
mod figures;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use figures::{figure, times};
use tagscope::domain::checks::{self, ImagesPart};
use tagscope::domain::{
    Catalogue, CheckOptions, ImageId, ImageRow, ImageUris, ProjectKind, Raster, RegionId, RegionRow, TagId, TagMark,
    UnitRect,
};
use tagscope::pixels::PerceptualHasher;
use uuid::Uuid;

const IMAGES: usize = 100_000;

fn row(number: usize, regions: usize, random: &mut fastrand::Rng) -> ImageRow {
    let tag = |at: usize| (TagId(Uuid::from_u128(1 + at as u128)), Arc::<str>::from(format!("tag {at}")));
    let first = random.usize(0..40);
    let regions = (0..regions).map(|_| {
        let (tag, tag_name) = tag((first + random.usize(0..4)) % 40);
        let size = 0.03 + random.f32() * 0.3;
        let rect = UnitRect::new(random.f32() * 0.7, random.f32() * 0.7, size, size * (0.5 + random.f32()));
        RegionRow { id: RegionId(Uuid::from_u128(random.u128(..))), tag, tag_name, created: None, rect }
    });
    let regions: Vec<_> = regions.collect();
    let mut tags: Vec<TagMark> = Vec::new();
    for region in &regions {
        if tags.iter().all(|mark| mark.tag != region.tag) {
            tags.push(TagMark { tag: region.tag, name: Arc::clone(&region.tag_name), created: None });
        }
    }
    ImageRow {
        id: ImageId(Uuid::from_u128(1 + number as u128)),
        created: None,
        width: 1_200,
        height: 900,
        uris: ImageUris::default(),
        tags,
        regions,
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

fn catalogue(images: usize, regions: usize) -> Catalogue {
    let mut random = fastrand::Rng::with_seed(7);
    let mut catalogue = Catalogue::new();
    for from in (0..images).step_by(256) {
        catalogue.append((from..images.min(from + 256)).map(|n| row(n, regions, &mut random)).collect());
    }
    catalogue
}

/// Images of one scene: the same ten boxes, each moved a little.
fn still_catalogue() -> Catalogue {
    let scene = row(0, 10, &mut fastrand::Rng::with_seed(7));
    let mut random = fastrand::Rng::with_seed(8);
    let mut shot = |number: usize| {
        let mut image = scene.clone();
        image.id = ImageId(Uuid::from_u128(1 + number as u128));
        for region in &mut image.regions {
            region.id = RegionId(Uuid::from_u128(random.u128(..)));
            region.rect.left += random.f32() * 0.01;
        }
        image
    };
    let mut catalogue = Catalogue::new();
    for from in (0..IMAGES).step_by(256) {
        catalogue.append((from..IMAGES.min(from + 256)).map(&mut shot).collect());
    }
    catalogue
}

/// Hashes at random, every hundredth near the one before it.
fn hashes() -> Vec<Option<u64>> {
    let mut random = fastrand::Rng::with_seed(9);
    let mut before = 0;
    let mut hash = |at: usize| {
        before = if at % 100 == 99 { before ^ 1 << random.u32(0..64) } else { random.u64(..) };
        Some(before)
    };
    (0..IMAGES).map(&mut hash).collect()
}

fn table(criterion: &mut Criterion) {
    let options = CheckOptions::default();
    let kind = ProjectKind::Detection;
    let large = catalogue(IMAGES, 10);
    let all = times(5, || {
        black_box(checks::all(&large, kind, &options));
    });
    figure("checks but duplicates, 1,000,000 regions", all.median_ms(), "ms", Some(1_000.0));
    let page = times(200, || {
        black_box(checks::images(&ImagesPart::of(&large, 5_000..5_256), kind, &options));
    });
    figure("checks of a page of 256 images", page.median_ms(), "ms", None);
    let dense = catalogue(1_000, 300);
    let dense = times(20, || {
        black_box(checks::images(&ImagesPart::of(&dense, 0..1_000), kind, &options));
    });
    figure("checks of 1,000 images of 300 boxes", dense.median_ms(), "ms", None);
    let hashes = hashes();
    let near = times(5, || {
        black_box(checks::nearest(&hashes, options.duplicate_bits));
    });
    figure("near-duplicates, 100,000 hashes", near.median_ms(), "ms", Some(2_000.0));
    // All share the upper 44 bits, as pictures of a camera that never moves.
    let still: Vec<_> = (0..IMAGES as u64).map(|n| Some(n * 11)).collect();
    let near = times(2, || {
        black_box(checks::nearest(&still, options.duplicate_bits));
    });
    figure("near-duplicates, 100,000 alike", near.median_ms(), "ms", Some(2_000.0));
    // With the boxes of all those pairs, which lie a little differently on each.
    let alike = still_catalogue();
    let twins = times(2, || {
        black_box(checks::duplicates(&alike, &still, &options));
    });
    figure("near-duplicates with their boxes, 100,000 alike x 10", twins.median_ms(), "ms", Some(2_000.0));
    let pixels = (0..320 * 240_u32).flat_map(|at| [(at % 251) as u8, (at / 320) as u8, 90, 255]).collect();
    let picture = Raster::new(320, 240, pixels).expect("picture");
    let mut hasher = PerceptualHasher::new();
    criterion.bench_function("hash of a thumbnail of 320 x 240", |bencher| {
        bencher.iter(|| hasher.hash(black_box(&picture)));
    });
}

criterion_group!(benches, table);
criterion_main!(benches);
