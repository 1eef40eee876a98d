//! The files of labels: one a format, row by row.

use std::io::{BufReader, BufWriter, Write as _};

use super::ledger::{Ledger, Placed, Written};
use super::{Plan, Progress, of_write};
use crate::app::Failure;
use crate::domain::{ImageView, ProjectKind};
use crate::formats::coco::{CocoInfo, CocoWriter, Exported, Fate, classes};
use crate::formats::{Format, jsonl};
use crate::storage::StorageError;

/// The path of a format's file below the export.
pub(super) fn file_name(format: Format) -> &'static str {
    match format {
        Format::Coco => "annotations/coco.json",
        Format::Jsonl => "images.jsonl",
    }
}

/// Writes all formats that were asked for.
pub(super) fn write_all(plan: &Plan, placed: &[Placed], ledger: &mut Ledger) -> Result<(), Failure> {
    for format in Format::ALL.into_iter().filter(|format| plan.job.formats.contains(format)) {
        let written = match format {
            Format::Coco => write_coco(plan, placed, ledger)?,
            Format::Jsonl => write_jsonl(plan, placed)?,
        };
        ledger.written.push(written);
    }
    Ok(())
}

/// Calls `take` for each image, with progress, unless cancelled.
fn each(
    plan: &Plan,
    placed: &[Placed],
    mut take: impl FnMut(ImageView<'_>, &Placed) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let total = placed.len() as u64;
    for (done, file) in (1..).zip(placed) {
        plan.check_cancelled()?;
        if let Some(image) = plan.job.catalogue.get(file.ix) {
            take(image, file)?;
        }
        (plan.progress)(Progress { stage: "Writing", done, total, bytes: 0 });
    }
    Ok(())
}

fn write_jsonl(plan: &Plan, placed: &[Placed]) -> Result<Written, Failure> {
    let name = file_name(Format::Jsonl);
    let mut file = plan.staging.create(name).map_err(|error| of_write(plan, error))?;
    let path = file.path().to_path_buf();
    let (mut images, mut regions) = (0, 0);
    each(plan, placed, |image, _| {
        jsonl::write_line(&image.to_row(), &mut file)
            .map_err(|error| of_write(plan, StorageError::write(&path, error)))?;
        images += 1;
        regions += image.region_count() as u64;
        Ok(())
    })?;
    let facts = file.finish().map_err(|error| of_write(plan, error))?;
    Ok(Written { format: Format::Jsonl, name, facts, images, regions })
}

fn write_coco(plan: &Plan, placed: &[Placed], ledger: &mut Ledger) -> Result<Written, Failure> {
    let job = &plan.job;
    let name = file_name(Format::Coco);
    let file = plan.staging.create(name).map_err(|error| of_write(plan, error))?;
    let path = file.path().to_path_buf();
    let failed = |error| of_write(plan, StorageError::write(&path, error));
    let spool = tempfile::tempfile_in(plan.staging.path()).map_err(failed)?;
    let info = CocoInfo {
        description: job.project.name.clone(),
        contributor: format!("Tagscope {}", env!("CARGO_PKG_VERSION")),
        custom_vision_project: job.project.id,
    };
    let classes = classes(job.catalogue.tags());
    let mut writer = CocoWriter::begin(file, Spool::new(spool), &info, &classes).map_err(failed)?;
    let mut images = 0;
    each(plan, placed, |image, file| {
        if file.width == 0 || file.height == 0 {
            ledger.miss_image(image, Some(Format::Coco), "COCO needs the picture's size, which cannot be read.");
            return Ok(());
        }
        let exported = Exported { file_name: &file.name, width: file.width, height: file.height };
        let fates = writer.push(&image.to_row(), &exported).map_err(failed)?;
        images += 1;
        for (at, fate) in fates.into_iter().enumerate() {
            itemise(ledger, image, at, fate);
        }
        Ok(())
    })?;
    let regions = writer.annotation_count();
    let facts = writer.finish().map_err(failed)?.finish().map_err(|error| of_write(plan, error))?;
    if matches!(job.kind, ProjectKind::Multiclass | ProjectKind::Multilabel) {
        ledger.notes.push(
            "This is a classification project. COCO has no place for tags of whole images: they stand in the field \
             custom_vision.tags of each image, which other readers pass over. JSON lines holds them in the service's form."
                .to_owned(),
        );
    }
    Ok(Written { format: Format::Coco, name, facts, images, regions })
}

fn itemise(ledger: &mut Ledger, image: ImageView<'_>, at: usize, fate: Fate) {
    let format = Format::Coco;
    match fate {
        Fate::Kept(_) => {}
        Fate::Clamped(_) => {
            ledger.change_region(image, at, format, "The region reaches outside the image and was cut at its edge.");
        }
        Fate::Empty => ledger.miss_region(image, at, format, "The region has no area."),
        Fate::Outside => ledger.miss_region(image, at, format, "The region lies outside the image."),
        Fate::NoClass => {
            ledger.miss_region(image, at, format, "Its tag marks images without objects: it is no category.");
        }
    }
}

/// A file that is written from the start to the end, then read from the start to the end, both in large pieces.
#[derive(Debug)]
struct Spool {
    out: BufWriter<std::fs::File>,
    reader: Option<BufReader<std::fs::File>>,
}

impl Spool {
    fn new(file: std::fs::File) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, file), reader: None }
    }
}

impl std::io::Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

impl std::io::Seek for Spool {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.out.flush()?;
        let at = self.out.get_mut().seek(to)?;
        self.reader = Some(BufReader::with_capacity(1 << 16, self.out.get_ref().try_clone()?));
        Ok(at)
    }
}

impl std::io::Read for Spool {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match &mut self.reader {
            Some(reader) => reader.read(buffer),
            None => self.out.get_mut().read(buffer),
        }
    }
}
