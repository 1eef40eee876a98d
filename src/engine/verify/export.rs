//! An export: its files, and each format read again by the reader of its published form: as many images and regions as
//! the manifest counts, every box with numbers inside its image.

use std::path::Path;

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::archive::Expected;
use super::{Verified, VerifyReport, broken, files, place_in};
use crate::export::{MOST_REVIEWS_BYTES, ProgressSink, REVIEWS_FILE};
use app::{Failure, FailureKind};
use domain::{ProjectKind, Review};
use formats::{
    Format, FormatError, FormatOptions, FoundImage, FoundRegion, PixelChoice, Place, ReadPlan, Sink, SplitPart,
    by_format, jsonl, reviews,
};
use storage::archive::{FileList, NAMED_TWICE};
use storage::regular::{open_regular, read_bounded};

/// What a box may reach beyond its image by: the rounding of single-precision fractions in pixels of large pictures.
const BEYOND: f64 = 0.01;

#[derive(Deserialize)]
pub(super) struct Manifest {
    files: FileList,
    #[serde(default)]
    kind: String,
    options: Options,
    #[serde(default)]
    labels: Vec<Labels>,
    #[serde(default)]
    reviews: Option<Reviews>,
}

impl Manifest {
    /// Reads it; `place` says where it is when it is damaged.
    pub(super) fn read(bytes: &[u8], place: impl FnOnce() -> String) -> Result<Self, Failure> {
        serde_json::from_slice(bytes).map_err(|error| broken(place(), &error))
    }

    pub(super) fn expected(&self) -> Expected<'_> {
        self.files.files.iter().map(|(name, facts)| (name.as_str(), facts)).collect()
    }

    /// Files that it names more than once.
    pub(super) fn named_twice(&self) -> &[String] {
        &self.files.twice
    }

    /// Images and regions of the format that has most of them.
    pub(super) fn counted(&self) -> (u64, u64) {
        let most = |count: fn(&Labels) -> u64| self.labels.iter().map(count).max().unwrap_or(0);
        (most(|labels| labels.images), most(|labels| labels.regions))
    }
}

#[derive(Deserialize)]
struct Reviews {
    file: String,
    verdicts: u64,
    comments: u64,
}

#[derive(Deserialize)]
struct Options {
    #[serde(default)]
    formats: Vec<Format>,
    images: PixelChoice,
    #[serde(flatten)]
    chosen: FormatOptions,
}

#[derive(Deserialize)]
struct Labels {
    format: Format,
    file: String,
    images: u64,
    regions: u64,
}

pub(super) fn verify(
    folder: &Path,
    manifest: &[u8],
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<VerifyReport, Failure> {
    let manifest = Manifest::read(manifest, || place_in(folder))?;
    let mut report = VerifyReport::new(folder.display().to_string(), Verified::Export);
    files::check(folder, &manifest.expected(), &mut report, progress, cancel)?;
    manifest.named_twice().iter().for_each(|name| report.differs(name, NAMED_TWICE));
    for labels in &manifest.labels {
        if cancel.is_cancelled() {
            return Err(crate::failure::canceled());
        }
        let found = match count(folder, &manifest, labels.format) {
            Ok(Some(found)) => found,
            // Pictures alone: their files say it all.
            Ok(None) => continue,
            Err(FormatError::OutOfFiles { name }) => {
                let path = folder.join(name).display().to_string();
                return Err(Failure::bare(FailureKind::OutOfFiles { path }));
            }
            Err(error) => {
                report.differs(&labels.file, error.to_string());
                continue;
            }
        };
        report.images = report.images.max(found.images);
        report.regions = report.regions.max(found.regions);
        for (what, found, counted) in
            [("images", found.images, labels.images), ("regions", found.regions, labels.regions)]
        {
            if found != counted {
                report.differs(&labels.file, format!("has {found} {what}; the manifest counts {counted}"));
            }
        }
    }
    if let Some(reviews) = &manifest.reviews {
        check_reviews(folder, reviews, &mut report);
    }
    Ok(report)
}

fn check_reviews(folder: &Path, counted: &Reviews, report: &mut VerifyReport) {
    if counted.file != REVIEWS_FILE {
        report.differs("manifest.json", format!("the decisions are not in {REVIEWS_FILE}"));
        return;
    }
    let bytes = read_bounded(&folder.join(REVIEWS_FILE), MOST_REVIEWS_BYTES).map_err(|error| error.to_string());
    match bytes.and_then(|bytes| reviews::read(&bytes).map_err(|error| error.to_string())) {
        Ok(rows) => {
            let verdicts = rows.iter().filter(|row| matches!(row.review, Review::Verdict(_))).count() as u64;
            let comments = rows.len() as u64 - verdicts;
            if (verdicts, comments) != (counted.verdicts, counted.comments) {
                let found = format!("has {verdicts} decisions and {comments} comments");
                let manifest = format!("the manifest counts {} and {}", counted.verdicts, counted.comments);
                report.differs(REVIEWS_FILE, format!("{found}; {manifest}"));
            }
        }
        Err(reason) => report.differs(REVIEWS_FILE, reason),
    }
}

/// What a format holds; `None` for those that are pictures alone.
fn count(folder: &Path, manifest: &Manifest, format: Format) -> Result<Option<Count>, FormatError> {
    let options = &manifest.options;
    let mut found = Count::default();
    match format {
        Format::Crops | Format::Annotated => return Ok(None),
        Format::Jsonl => {
            let file = open_regular(&folder.join("images.jsonl"))
                .map_err(|error| FormatError::Files { reason: error.to_string() })?;
            for line in jsonl::read_lines(std::io::BufReader::new(file)) {
                let line = line?;
                found.images += 1;
                found.regions += line.regions.len() as u64;
            }
        }
        _ => {
            let folder = folder.join(format.prefix(&options.formats));
            let parts = options.chosen.split.as_ref().map_or(&[][..], |split| split.parts());
            let parts: Vec<Option<SplitPart>> = match format.reads_by_part() && !parts.is_empty() {
                true => parts.iter().copied().map(Some).collect(),
                false => vec![None],
            };
            for part in parts {
                let has_pictures = options.images != PixelChoice::None;
                let plan =
                    ReadPlan { folder: &folder, kind: ProjectKind::from_word(&manifest.kind), part, has_pictures };
                found.sizes.clear();
                pixels::caught(|| by_format::read(format, plan, &mut found))
                    .unwrap_or_else(|reason| Err(FormatError::says(format!("it is damaged ({reason})"))))?;
            }
        }
    }
    Ok(Some(found))
}

/// Counts, and looks at each box.
#[derive(Default)]
struct Count {
    images: u64,
    regions: u64,
    /// Of the images of this reading.
    sizes: Vec<Option<(u32, u32)>>,
}

impl Sink for Count {
    fn class(&mut self, _name: &str) -> Result<(), String> {
        Ok(())
    }

    fn image(&mut self, image: FoundImage) -> Result<(), String> {
        self.images += 1;
        self.sizes.push(image.size);
        Ok(())
    }

    fn region(&mut self, image: u64, region: FoundRegion) -> Result<(), String> {
        self.regions += 1;
        let size = usize::try_from(image).ok().and_then(|at| self.sizes.get(at).copied()).flatten();
        let ([left, top, right, bottom], (width, height)) = match region.place {
            Place::Fractions(edges) => (edges, (Some(1.0), Some(1.0))),
            Place::Pixels(edges) => (edges, in_pixels(size)),
            Place::Exact(rect) => ([rect.x, rect.y, rect.x + rect.width, rect.y + rect.height], in_pixels(size)),
            Place::Inclusive(edges) => (edges.map(f64::from), in_pixels(size)),
        };
        let is_in_order = left <= right && top <= bottom && left >= -BEYOND && top >= -BEYOND;
        let ends = |edge: f64, side: Option<f64>| edge.is_finite() && side.is_none_or(|side| edge <= side + BEYOND);
        if is_in_order && ends(right, width) && ends(bottom, height) {
            Ok(())
        } else {
            Err(format!("a box of image {} reaches outside it or has invalid numbers", image + 1))
        }
    }
}

fn in_pixels(size: Option<(u32, u32)>) -> (Option<f64>, Option<f64>) {
    (size.map(|(width, _)| f64::from(width)), size.map(|(_, height)| f64::from(height)))
}
