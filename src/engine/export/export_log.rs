//! What an export has left out or changed, so that counts in = counts out + this.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::folder::WrittenFile;
use super::layout::{Layout, Placed};
use app::{ExportJob, ExportReport, FormatCount, Skip};
use domain::{ImageIx, ImageView, Problem, RegionIx};
use formats::{Format, PixelChoice};

#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) format: Format,
    /// The file or folder by which it is opened, below the export.
    pub(super) name: String,
    pub(super) images: u64,
    pub(super) regions: u64,
}

impl Written {
    fn count(&self) -> FormatCount {
        FormatCount { format: self.format.name().to_owned(), images: self.images, regions: self.regions }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct WrittenReviews {
    pub(super) verdicts: u64,
    pub(super) comments: u64,
}

#[derive(Debug, Default)]
pub(super) struct ExportLog {
    pub(super) skips: Vec<Skip>,
    pub(super) notes: Vec<String>,
    pub(super) written: Vec<Written>,
    pub(super) files: Vec<WrittenFile>,
    pub(super) reviews: Option<WrittenReviews>,
    /// Pictures fetched by this run, and those that an interrupted one had already.
    pub(super) fetched: u64,
    pub(super) reused: u64,
    pub(super) layout: Arc<Layout>,
    /// Images missing from every format, or from one.
    missing_images: FxHashSet<(ImageIx, Option<Format>)>,
    missing_regions: FxHashSet<(RegionIx, Format)>,
}

impl ExportLog {
    pub(super) fn miss_image(&mut self, image: ImageView<'_>, format: Option<Format>, reason: impl Into<String>) {
        self.missing_images.insert((image.ix, format));
        self.push(image, None, format, true, reason.into());
    }

    pub(super) fn miss_region(&mut self, image: ImageView<'_>, at: usize, format: Format, reason: impl Into<String>) {
        if let Some(region) = image.region(at) {
            self.missing_regions.insert((region.ix, format));
            self.push(image, Some(region.id.to_string()), Some(format), true, reason.into());
        }
    }

    pub(super) fn change_region(&mut self, image: ImageView<'_>, at: usize, format: Format, reason: impl Into<String>) {
        if let Some(region) = image.region(at) {
            self.push(image, Some(region.id.to_string()), Some(format), false, reason.into());
        }
    }

    pub(super) fn change_image(&mut self, image: ImageView<'_>, format: Format, reason: impl Into<String>) {
        self.push(image, None, Some(format), false, reason.into());
    }

    /// Something odd about an image that is there.
    pub(super) fn remark(&mut self, image: ImageView<'_>, reason: impl Into<String>) {
        self.push(image, None, None, false, reason.into());
    }

    /// Regions and fields of the source that could not be read: no format can hold them.
    pub(super) fn miss_unreadable_regions(&mut self, job: &ExportJob) {
        for image in job.images.iter().filter_map(|&ix| job.catalogue.get(ix)) {
            for (index, reason) in unreadable_regions(image) {
                let region = format!("number {} in the list", index + 1);
                self.push(image, Some(region), None, true, format!("The region could not be read: {reason}."));
            }
            for problem in image.problems().iter().filter(|problem| matches!(problem, Problem::OddField { .. })) {
                self.push(image, None, None, true, format!("{problem}."));
            }
        }
    }

    fn push(
        &mut self,
        image: ImageView<'_>,
        region: Option<String>,
        format: Option<Format>,
        out: bool,
        reason: String,
    ) {
        let format = format.map(|format| format.name().to_owned());
        let name = image.name().map(str::to_owned);
        self.skips.push(Skip { image: image.id().to_string(), name, region, format, is_left_out: out, reason });
    }

    /// What is to be said of a format that was written apart.
    pub(super) fn take_in(&mut self, other: Self) {
        self.skips.extend(other.skips);
        self.notes.extend(other.notes);
        self.written.extend(other.written);
        self.files.extend(other.files);
        self.missing_images.extend(other.missing_images);
        self.missing_regions.extend(other.missing_regions);
    }

    pub(super) fn holds_image(&self, image: ImageIx, format: Format) -> bool {
        !self.missing_images.contains(&(image, None)) && !self.missing_images.contains(&(image, Some(format)))
    }

    pub(super) fn holds_region(&self, region: RegionIx, format: Format) -> bool {
        !self.missing_regions.contains(&(region, format))
    }

    /// The report, but for folder, bytes and time. Where formats differ, the lowest count is reported.
    pub(super) fn report(&self, job: &ExportJob, placed: &[Placed]) -> ExportReport {
        let regions = |images: &mut dyn Iterator<Item = ImageIx>| -> u64 {
            images.filter_map(|ix| job.catalogue.get(ix)).map(regions_listed).sum()
        };
        let files = if job.pixels == PixelChoice::None { u64::MAX } else { placed.len() as u64 };
        let images_out = self.written.iter().map(|file| file.images).chain([files]).min().unwrap_or(0);
        ExportReport {
            formats: job.formats.iter().map(|format| format.name().to_owned()).collect(),
            images_in: job.images.len() as u64,
            images_out,
            regions_in: regions(&mut job.images.iter().copied()),
            regions_out: self.written.iter().map(|file| file.regions).min().unwrap_or(0),
            by_format: self.written.iter().map(Written::count).collect(),
            skips: self.skips.clone(),
            notes: self.notes.clone(),
            fetched: self.fetched,
            reused: self.reused,
            ..ExportReport::default()
        }
    }
}

/// Regions that the source lists of an image, readable or not.
pub(super) fn regions_listed(image: ImageView<'_>) -> u64 {
    (image.region_count() + unreadable_regions(image).count()) as u64
}

/// Place and reason of each region that could not be read.
fn unreadable_regions<'a>(image: ImageView<'a>) -> impl Iterator<Item = (usize, &'a str)> {
    image.problems().iter().filter_map(|problem| match problem {
        Problem::UnreadableRegion { index, reason } => Some((*index, reason.as_str())),
        _ => None,
    })
}
