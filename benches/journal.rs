//! The journal of decisions: opening one of a million decisions, for reading and for writing, and what one decision costs
//! until it is on the disk.

#![allow(clippy::expect_used, clippy::panic, unreachable_pub, reason = "a bench ends by panicking")]
#![allow(clippy::print_stdout, reason = "it speaks to a terminal")]

#[path = "shared/figures.rs"]
#[expect(dead_code, reason = "shared by all benches")]
mod figures;

use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;

use figures::{figure, times};
use tagscope::domain::{Decision, ImageId, ProjectId, RegionId, Statement, Subject, Verdict};
use tagscope::storage::journal::{self, Journal, journal_path};
use uuid::Uuid;

/// Decisions of a long review: a key press each.
const DECISIONS: u64 = 1_000_000;
const PROJECT: ProjectId = ProjectId(Uuid::from_u128(7));

/// Of ten decisions nine are about regions, as on a project of 100,000 images with 10 regions each.
fn decision(number: u64) -> Decision {
    let mut random = fastrand::Rng::with_seed(number / 10);
    let image = ImageId(uuid::Builder::from_random_bytes(random.u128(..).to_le_bytes()).into_uuid());
    let region = (!number.is_multiple_of(10)).then(|| RegionId(Uuid::from_u128(random.u128(..) ^ u128::from(number))));
    let verdict = Some(Verdict::ALL[number as usize % 4]);
    let statement = Statement::Decide { subjects: vec![Subject { image, region }], verdict };
    Decision { number, at: 1_700_000_000 + number as i64, by: "ann".into(), statement }
}

fn open(folder: &Path) -> Journal {
    let opened = journal::open(folder, PROJECT);
    assert!(opened.notes.is_empty(), "{:?}", opened.notes);
    opened.journal.expect("open for writing")
}

fn main() {
    let home = tempfile::tempdir().expect("folder");
    let decisions: Vec<Decision> = (1..=DECISIONS).map(decision).collect();
    open(home.path()).append(&decisions).expect("a million decisions");
    let bytes = journal_path(home.path(), PROJECT).metadata().expect("file").len();
    figure("journal of 1,000,000 decisions", bytes as f64 / f64::from(1 << 20), "MiB", None);

    let read = times(5, || {
        let reviews = journal::read(home.path(), PROJECT).expect("journal").reviews;
        assert_eq!(reviews.next_number(), DECISIONS + 1);
        black_box(reviews);
    });
    figure("journal, 1,000,000 decisions read", read.median_ms() / 1e3, "s", Some(1.0));
    let opened = times(5, || {
        black_box(open(home.path()));
    });
    figure("journal, 1,000,000 decisions opened for more", opened.median_ms() / 1e3, "s", Some(1.0));

    let mut journal = open(home.path());
    let mut number = DECISIONS;
    let append = times(200, || {
        number += 1;
        journal.append([&decision(number)]).expect("append");
    });
    figure("journal, one decision on the disk, median", append.median_ms(), "ms", None);
    figure("journal, one decision on the disk, p99", append.share_ms(0.99), "ms", None);
    // The bare system in the same folder, for comparison.
    let line = vec![b'x'; (bytes / DECISIONS) as usize];
    let mut file = std::fs::File::create_new(home.path().join("bare")).expect("file");
    let bare = times(200, || file.write_all(&line).and_then(|()| file.sync_data()).expect("write"));
    figure("bare write and fdatasync of as many bytes, median", bare.median_ms(), "ms", None);
}
