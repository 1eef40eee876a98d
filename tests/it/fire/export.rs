//! A long export outlives its signatures: the addresses are requested again, many at once, and every original comes.

use tagscope::server::ServedProject;

use super::program::{Home, files};
use super::range::{archive, picture, start};

const IMAGES: usize = 400;

#[test]
fn an_export_is_complete_when_signatures_live_two_seconds() {
    let home = Home::new();
    let archive = archive(&home.path("archive"), IMAGES);
    // Eight at a time with a tenth of a second each: five seconds in all.
    let service = start(ServedProject::Archive(archive), &["signature-seconds=2", "latency=100"]);
    let out = home.path("out");
    home.run(&service, &["export", "--format", "jsonl", "--quiet", "--out", out.to_str().expect("path")]).is(0);
    let stats = service.stats();
    // Each time that they expire, foreseen or refused, one call refreshes those of the images to come.
    let refreshed = stats.by_id_requests;
    assert!((1..=12).contains(&refreshed), "the export was over before its signatures, or asked too often: {stats:?}");
    let mut found: Vec<Vec<u8>> =
        files(&out.join("images")).iter().map(|path| std::fs::read(path).expect("file")).collect();
    let mut expected: Vec<Vec<u8>> = (0..IMAGES).map(picture).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert!(found == expected, "{} files", found.len());
}
