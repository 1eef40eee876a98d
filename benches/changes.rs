//! Two archives of 100,000 images with 10 regions each, of which every tenth image has changed: read from disk and compared
//! as `tagscope diff` does it, and compared alone.

#![allow(clippy::expect_used, unreachable_pub, reason = "a bench ends by panicking")]
#![allow(clippy::print_stdout, reason = "it speaks to a terminal")]

#[path = "shared/figures.rs"]
#[expect(dead_code, reason = "shared by all benches")]
mod figures;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use figures::{figure, resident_bytes};
use tagscope::domain::changes::{ChangeKind, DEFAULT_IOU};
use tagscope::domain::{ImageId, ImageRow, ImageUris, RegionId, RegionRow, TagId, TagMark, UnitRect};
use tagscope::engine::changes::{LoadedState, compare, load_folder};
use tagscope::storage::{ArchiveFacts, ArchiveWriter};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const IMAGES: u32 = 100_000;
const REGIONS: u32 = 10;
const ROUNDS: usize = 3;
/// One image of so many has changed.
const CHANGED: u32 = 10;

fn id(kind: u128, number: u32) -> Uuid {
    uuid::Builder::from_random_bytes((kind << 64 | u128::from(number)).to_be_bytes()).into_uuid()
}

fn row(number: u32, is_changed: bool) -> ImageRow {
    let region = |at: u32| {
        let left = (at % 4) as f32 * 0.22 + (number % 7) as f32 * 0.01;
        let tag = at % 8;
        RegionRow {
            id: RegionId(id(2, number * REGIONS + at)),
            tag: TagId(id(3, tag)),
            tag_name: format!("tag {tag}").into(),
            created: None,
            rect: UnitRect::new(left + if is_changed { 0.02 } else { 0.0 }, (at / 4) as f32 * 0.3, 0.2, 0.25),
        }
    };
    ImageRow {
        id: ImageId(id(1, number)),
        created: None,
        width: 1_600,
        height: 1_200,
        uris: ImageUris::default(),
        tags: (0..8)
            .map(|tag| TagMark { tag: TagId(id(3, tag)), name: format!("tag {tag}").into(), created: None })
            .collect(),
        regions: (0..REGIONS).map(region).collect(),
        metadata: vec![("name".to_owned(), format!("shelf-{number}.jpg"))],
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

fn archive(folder: &Path, is_second: bool) {
    let mut writer = ArchiveWriter::create(folder).expect("archive");
    for number in 0..IMAGES {
        writer.add_row(&row(number, is_second && number.is_multiple_of(CHANGED))).expect("row");
    }
    let project = serde_json::json!({"id": id(4, 0), "name": "shelves", "settings": {}});
    let project = serde_json::from_value(project).expect("project");
    let facts = ArchiveFacts { project, domains: Vec::new(), iterations: Vec::new(), tags: Vec::new() };
    writer.finish(facts).expect("archive");
}

/// Both states, read at once as the command line does it.
fn read(runtime: &tokio::runtime::Runtime, folders: [&Path; 2]) -> [LoadedState; 2] {
    let state = |folder: &Path| {
        let folder = folder.as_os_str().to_owned();
        async move {
            let far = || Err(engine::failure::canceled());
            load_folder(&folder, true, |_| (), far, CancellationToken::new()).await.expect("state")
        }
    };
    let (from, to) = runtime.block_on(async { tokio::join!(state(folders[0]), state(folders[1])) });
    [from, to]
}

/// The most memory that this process has had in use since the last reset, where the system tells.
fn peak_bytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1_024.0)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let home = tempfile::tempdir().expect("home");
    let (a, b) = (home.path().join("a"), home.path().join("b"));
    archive(&a, false);
    archive(&b, true);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    let (mut whole, mut alone, mut above) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // Resets the peak.
        let can_measure = std::fs::write("/proc/self/clear_refs", "5").is_ok();
        let began = Instant::now();
        let [mut from, mut to] = read(&runtime, [&a, &b]);
        let resident = resident_bytes();
        let read = began.elapsed();
        let changes = Arc::new(compare(&mut from, &mut to, DEFAULT_IOU).expect("compared"));
        whole.push(began.elapsed().as_secs_f64());
        alone.push((began.elapsed() - read).as_secs_f64());
        assert_eq!(changes.count(ChangeKind::RegionMoved), u64::from(IMAGES / CHANGED * REGIONS));
        assert_eq!(changes.list.len() as u64, changes.count(ChangeKind::RegionMoved));
        if let (Some(peak), Some(resident), true) = (peak_bytes(), resident, can_measure) {
            above.push((peak - resident) / 1e6);
        }
    }
    figure("compare 100,000 x 10 with 100,000 x 10 in memory", median(alone), "s", Some(1.0));
    figure("the same from two archives on disk", median(whole), "s", Some(3.0));
    if !above.is_empty() {
        figure("most memory above the two catalogues", median(above), "MB", Some(200.0));
    }
}
