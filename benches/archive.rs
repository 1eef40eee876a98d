//! Opening an archive of 10,000 images with 10 regions each, importing and verifying it, and its verified COCO export
//! against a plain copy of the pictures in the same run, the way `cp -r` does it.

#![allow(clippy::expect_used, unreachable_pub, reason = "a bench ends by panicking")]
#![allow(clippy::print_stdout, reason = "it speaks to a terminal")]

#[path = "shared/figures.rs"]
#[expect(dead_code, reason = "shared by all benches")]
mod figures;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use figures::figure;
use tagscope::app::{ExportJob, TaskId};
use tagscope::domain::{Catalogue, ImageIx};
use tagscope::engine::export::{self, ArchiveFetch, ExportOptions, ProgressSink};
use tagscope::engine::import::{DatasetFormat, DatasetPlace, import};
use tagscope::engine::verify::verify;
use tagscope::formats::{Format, FormatOptions, PixelChoice};
use tagscope::storage::Archive;
use tokio_util::sync::CancellationToken;

const IMAGES: u32 = 10_000;
const REGIONS: u32 = 10;
/// Bytes of a picture, as nearly as the comment behind it makes it.
const BYTES: usize = 20_000;
const ROUNDS: usize = 3;

fn quiet() -> ProgressSink {
    Arc::new(|_| {})
}

/// Pictures of some 20 kB, each with content of its own, and the COCO file that names them.
fn dataset(folder: &Path) {
    let mut picture = Vec::new();
    let pixels = image::RgbImage::from_fn(400, 300, |x, y| image::Rgb([x as u8, y as u8, (x ^ y) as u8]));
    pixels.write_to(&mut std::io::Cursor::new(&mut picture), image::ImageFormat::Jpeg).expect("picture");
    let (mut images, mut annotations) = (String::new(), String::new());
    for number in 1..=IMAGES {
        // Behind the end of a JPEG anything may stand.
        let mut bytes = picture.clone();
        let noise =
            (0_u32..).map(|step| (number.wrapping_mul(2_654_435_761) ^ step.wrapping_mul(40_503)).to_le_bytes()[1]);
        bytes.extend(noise.take(BYTES.saturating_sub(picture.len())));
        std::fs::write(folder.join(format!("{number}.jpg")), bytes).expect("picture");
        let comma = if number > 1 { "," } else { "" };
        let _ = write!(images, r#"{comma}{{"id":{number},"file_name":"{number}.jpg","width":400,"height":300}}"#);
        for region in 0..REGIONS {
            let comma = if number > 1 || region > 0 { "," } else { "" };
            let (x, y) = (number % 290 + region, number % 190 + region);
            let id = (number - 1) * REGIONS + region + 1;
            let category = region % 8 + 1;
            let _ = write!(
                annotations,
                r#"{comma}{{"id":{id},"image_id":{number},"category_id":{category},"bbox":[{x},{y},90,80],"area":7200,"iscrowd":0}}"#
            );
        }
    }
    let categories: Vec<_> = (1..=8).map(|id| format!(r#"{{"id":{id},"name":"tag {id}"}}"#)).collect();
    let categories = categories.join(",");
    let coco = format!(r#"{{"images":[{images}],"annotations":[{annotations}],"categories":[{categories}]}}"#);
    std::fs::write(folder.join("coco.json"), coco).expect("file");
}

fn opened(folder: &Path) -> (Arc<Archive>, Catalogue) {
    let archive = Archive::open(folder).expect("archive");
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(archive.tags());
    catalogue.append(archive.rows().expect("rows").map(|row| row.expect("row")).collect());
    (Arc::new(archive), catalogue)
}

fn exported(archive: &Arc<Archive>, catalogue: Catalogue, out: &Path) {
    let job = ExportJob {
        plan: None,
        task: TaskId(1),
        generation: 1,
        images: (0..catalogue.len() as u32).map(ImageIx).collect(),
        catalogue: Arc::new(catalogue),
        project: archive.project().clone(),
        kind: archive.kind(),
        iteration: None,
        formats: vec![Format::Coco],
        near_duplicates: Default::default(),
        query: None,
        tags: Vec::new(),
        notes: Vec::new(),
        pixels: PixelChoice::Original,
        options: FormatOptions::default(),
        out: out.into(),
        is_resumed: false,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    let fetch = ArchiveFetch(Arc::clone(archive));
    let (options, cancel) = (ExportOptions::default(), CancellationToken::new());
    let task = runtime.spawn(async move { export::run(job, &fetch, options, quiet(), cancel).await });
    let report = runtime.block_on(task).expect("no panic").expect("export");
    assert_eq!(report.images_out, u64::from(IMAGES));
}

/// As `cp -r` does it: one after the other, by the system's own copy.
fn copied(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("folder");
    for entry in std::fs::read_dir(from).expect("folder") {
        let entry = entry.expect("entry");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("type").is_dir() {
            copied(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("copy");
        }
    }
}

fn seconds(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let home = tempfile::tempdir().expect("home");
    let (data, folder) = (home.path().join("data"), home.path().join("archive"));
    std::fs::create_dir(&data).expect("folder");
    dataset(&data);
    let place =
        DatasetPlace { format: DatasetFormat::Coco, path: data.join("coco.json"), others: Vec::new(), images: None };
    let cancel = CancellationToken::new();
    let imported = seconds(|| drop(import(&place, &folder, &quiet(), &cancel).expect("import")));
    figure("import 10,000 x 10 with pictures from COCO, in the engine", imported, "s", None);
    let (mut open, mut export, mut copy, mut check) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (mut archive, mut catalogue) = (None, Catalogue::new());
        open.push(seconds(|| {
            let (opened, rows) = opened(&folder);
            (archive, catalogue) = (Some(opened), rows);
        }));
        let archive = archive.expect("archive");
        // Into places of their own: ext4 is slow where much has just been deleted.
        export.push(seconds(|| exported(&archive, catalogue, &home.path().join(format!("export-{round}")))));
        copy.push(seconds(|| copied(&folder.join("originals"), &home.path().join(format!("copy-{round}")))));
        check.push(seconds(|| {
            let report = verify(&folder, &quiet(), &cancel).expect("verify");
            assert!(report.differences.is_empty(), "{:?}", report.differences);
        }));
    }
    let (export, copy) = (median(export), median(copy));
    figure("open an archive of 10,000 x 10, all rows in a catalogue", median(open) * 1e3, "ms", None);
    figure("verify it: every file, hash and row", median(check), "s", None);
    figure("verified COCO export of it", export, "s", None);
    figure("the same in times of a plain copy of the pictures, not flushed", export / copy, "copies", None);
}
