//! The catalogue of 100,000 images with 1,000,000 regions: its memory, and what it costs to fill, to sort, to share with
//! the background, and to keep for the next visit and show again.

#![allow(clippy::expect_used, unreachable_pub, reason = "a bench ends by panicking")]
#![allow(clippy::print_stdout, reason = "it speaks to a terminal")]

#[path = "shared/figures.rs"]
#[expect(dead_code, reason = "shared by all benches")]
mod figures;

use std::hint::black_box;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use figures::{figure, resident_bytes, times};
use tagscope::domain::query::{self, Program, Sources};
use tagscope::domain::{
    BlobUri, Catalogue, Findings, ImageId, ImageRow, ImageUris, ProjectId, RegionId, RegionRow, Reviews, SortKey,
    TagId, TagMark, Timestamp, UnitRect, order,
};
use tagscope::storage::Snapshots;
use uuid::Uuid;

const IMAGES: usize = 100_000;
const REGIONS: usize = 10;
const PAGE: usize = 256;

/// A number that looks like none: ids of a service share no bits.
fn id(seed: u64) -> Uuid {
    let mut random = fastrand::Rng::with_seed(seed);
    Uuid::from_u128(random.u128(..))
}

fn row(n: usize) -> ImageRow {
    let image = ImageId(id(n as u64));
    let created = Timestamp(16_000_000_000_000_000 - n as i64 * 10_000_000);
    // As the service signs: 32 bytes in base64, escaped, of its own for each picture.
    let signature = |letter: char| {
        let mut random = fastrand::Rng::with_seed(n as u64 ^ u64::from(letter));
        let mut digest = [0; 32];
        random.fill(&mut digest);
        STANDARD.encode(digest).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
    };
    let uri = |letter: char| {
        let simple = image.0.simple();
        let end = n / PAGE % 60;
        BlobUri::new(format!(
            "https://irisprodweutraining.blob.core.windows.net:443/i-{}/{letter}-{simple}?sv=2017-04-17&sr=b&sig={}\
             &se=2026-11-07T16%3A{end:02}%3A54Z&sp=r",
            Uuid::from_u128(7).simple(),
            signature(letter),
        ))
    };
    let tag = |at: usize| TagId(Uuid::from_u128(at as u128 % 8 + 1));
    let name = |at: usize| -> Arc<str> { format!("tag {}", at % 8).into() };
    let region = |at: usize| RegionRow {
        id: RegionId(id((n << 8 | at) as u64 | 1 << 60)),
        tag: tag(n + at),
        tag_name: name(n + at),
        created: Some(created),
        rect: UnitRect::new(0.1 * at as f32, 0.2, 0.08, 0.3),
    };
    ImageRow {
        id: image,
        created: Some(created),
        width: 1_600,
        height: 900,
        uris: ImageUris { resized: Some(uri('i')), thumbnail: Some(uri('t')), original: Some(uri('o')) },
        tags: (0..3).map(|at| TagMark { tag: tag(n + at), name: name(n + at), created: Some(created) }).collect(),
        regions: (0..REGIONS).map(region).collect(),
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

fn page(first: usize) -> Vec<ImageRow> {
    (first..(first + PAGE).min(IMAGES)).map(row).collect()
}

/// Number of images that a query shows.
fn shown(catalogue: &Catalogue, text: &str, sort: SortKey) -> usize {
    let (reviews, findings) = (Reviews::default(), Findings::default());
    let sources = Sources {
        catalogue,
        reviews: &reviews,
        findings: &findings,
        changes: &Default::default(),
        predicted: &Default::default(),
    };
    let asked = query::parse(text).expect("query");
    let program = Program::bind(&asked, catalogue.tags()).expect("program");
    order::shown(&sources, &program, sort).len()
}

fn main() {
    let before = resident_bytes();
    let mut catalogue = Catalogue::new();
    for first in (0..IMAGES).step_by(PAGE) {
        catalogue.append(page(first));
    }
    catalogue.shrink();
    let after = resident_bytes();
    figure("catalogue of 100,000 x 10, counted", catalogue.byte_count() as f64 / 1e6, "MB", Some(100.0));
    if let Some((before, after)) = before.zip(after) {
        figure("catalogue of 100,000 x 10, as the process grew", (after - before) / 1e6, "MB", Some(100.0));
    }

    let rows = page(0);
    let append = times(50, || {
        let mut catalogue = Catalogue::new();
        catalogue.append(black_box(rows.clone()));
    });
    figure("append a page of 256 x 10", append.median_ms(), "ms", Some(1.0));

    let kept = catalogue.clone();
    let share = times(20, || {
        // What a page costs while findings or an export hold the catalogue.
        let mut clone = kept.clone();
        clone.append(vec![row(IMAGES)]);
        black_box(clone.len());
    });
    figure("first change while the background holds it", share.median_ms(), "ms", Some(4.0));

    for (sort, name) in [(SortKey::Newest, "newest"), (SortKey::MostRegions, "most regions"), (SortKey::Tag, "tag")] {
        let sorted = times(20, || {
            black_box(shown(&catalogue, "", sort));
        });
        figure(&format!("order 100,000 images, {name} first"), sorted.median_ms(), "ms", Some(16.0));
    }

    let home = tempfile::tempdir().expect("folder");
    let snapshots = Snapshots::new(home.path().to_path_buf(), 1 << 30);
    let scope = ProjectId(Uuid::from_u128(7));
    let save = times(5, || snapshots.save(scope, None, &catalogue).expect("saved"));
    figure("keep the list for the next visit (in the background)", save.median_ms(), "ms", None);
    figure("its size on disk", snapshots.byte_count() as f64 / 1e6, "MB", None);
    let load = times(9, || {
        let loaded = snapshots.load(scope, None).expect("list").expect("a list");
        black_box(shown(&loaded, "", SortKey::Newest));
    });
    figure("list of the last visit read and in order", load.median_ms(), "ms", Some(500.0));
}
