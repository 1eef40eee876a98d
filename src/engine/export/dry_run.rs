//! What an export would leave out or change, by the very rules of the export, without fetching or writing anything, and
//! what it would fetch.
//!
//! Pictures are not looked at: their sizes are taken to be the listed ones, their types what an archive keeps or what
//! their names say.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

use super::labels::{is_to_be_converted, note_of_tags};
use super::layout::{Placed, lay_out};
use super::picture_files;
use crate::Source;
use app::export::{Download, DryRun, DrySum};
use app::{ExportJob, Skip};
use domain::{BlobKind, ImageId, ImageView};
use formats::rules::{Repeated, repeated};
use formats::{Format, JudgedImage, Picture, PixelChoice, judge};

/// Items that are kept one by one.
const MOST_ITEMS: usize = 2_000;

/// Finds it out; `None` when it was canceled.
pub fn dry_run(job: &ExportJob, source: &Source, number: u64, cancel: &CancellationToken) -> Option<DryRun> {
    let mut run = DryRun { number, has_guessed_types: !source.is_archive(), ..DryRun::default() };
    let mut sums: BTreeMap<(Format, bool, bool, String), u64> = BTreeMap::new();
    let mut note =
        |run: &mut DryRun, image: ImageView<'_>, region: Option<String>, format: Format, out: bool, reason: &str| {
            *sums.entry((format, region.is_none(), out, reason.to_owned())).or_default() += 1;
            run.count += 1;
            if run.items.len() < MOST_ITEMS {
                let name = image.name().map(str::to_owned);
                let (image, format) = (image.id().to_string(), Some(format.name().to_owned()));
                run.items.push(Skip { image, name, region, format, is_left_out: out, reason: reason.to_owned() });
            }
        };
    let mut placed = Vec::with_capacity(job.images.len());
    for image in job.images.iter().filter_map(|&ix| job.catalogue.get(ix)) {
        if cancel.is_cancelled() {
            return None;
        }
        let Some(extension) = extension(job, source, image) else {
            for &format in &job.formats {
                note(&mut run, image, None, format, true, "The archive does not have its picture.");
            }
            continue;
        };
        let (width, height) = image.size();
        let extension = if is_to_be_converted(job, &extension) { "png".to_owned() } else { extension };
        placed.push(Placed {
            ix: image.ix,
            name: format!("images/{}.{extension}", image.id()),
            width,
            height,
            facts: None,
            is_staged: false,
        });
    }
    let layout = lay_out(job, &placed);
    run.together = layout.together.filter(|_| layout.no_groups.is_none());
    run.notes.extend(layout.no_groups);
    if job.options.split.is_some() {
        let count = |part| layout.parts.iter().filter(|&&at| at == part).count() as u64;
        run.parts = layout.part_list.iter().map(|&part| (part, count(part))).collect();
    }
    for &format in &job.formats {
        let rules = format.rules(job.kind);
        let mut lost_tags = 0;
        for (at, file) in placed.iter().enumerate() {
            if at.is_multiple_of(1_000) && cancel.is_cancelled() {
                return None;
            }
            let Some(image) = job.catalogue.get(file.ix) else { continue };
            let picture = Picture { path: &file.name, width: file.width, height: file.height };
            let part = layout.parts.get(at).copied().unwrap_or_default();
            let JudgedImage { item, fates, lost_tags: lost } =
                judge(rules, &job.options, &layout.classes, image, picture, part);
            if let Err(reason) = item {
                note(&mut run, image, None, format, true, &reason);
                continue;
            }
            lost_tags += lost;
            let is_written = |place: usize| fates.get(place).is_none_or(|fate| !fate.is_left_out());
            for Repeated { region, reason } in repeated(format, image, is_written) {
                let region = region.and_then(|place| image.region(place)).map(|region| region.id.to_string());
                note(&mut run, image, region, format, false, &reason);
            }
            for (region, fate) in image.regions().zip(fates) {
                if let Some(reason) = fate.reason() {
                    note(&mut run, image, Some(region.id.to_string()), format, fate.is_left_out(), reason);
                }
            }
        }
        run.notes.extend(note_of_tags(job.kind, format, lost_tags));
    }
    run.sums = sums
        .into_iter()
        .map(|((format, is_of_images, is_left_out, reason), count)| DrySum {
            format,
            reason,
            is_left_out,
            is_of_images,
            count,
        })
        .collect();
    run.sums.sort_by_key(|sum| (!sum.is_left_out, std::cmp::Reverse(sum.count)));
    Some(run)
}

/// The type of an image's picture; `None` when it cannot be had.
fn extension(job: &ExportJob, source: &Source, image: ImageView<'_>) -> Option<String> {
    if job.pixels == PixelChoice::None {
        return Some(String::new());
    }
    if let Source::Archive(archive) = source {
        let (name, _) = archive.blob_facts(image.id(), BlobKind::Original)?;
        return Some(name.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_owned()));
    }
    Some(picture_files::extension(image.metadata()).unwrap_or("jpg").to_owned())
}

/// Bytes a pixel of a photograph in the JPEG quality that cameras and phones write: the middle of what is usual, half or
/// twice of it is common.
const BYTES_PER_PIXEL: f64 = 0.25;
/// So many pictures that are here say better what the project's are like.
const ENOUGH: u64 = 8;

/// Counts what would be fetched; `kept` says how many bytes the cache has of a picture, if it has it.
pub fn download(job: &ExportJob, source: &Source, kept: impl Fn(ImageId, BlobKind) -> Option<u64>) -> Download {
    let kind = match job.pixels {
        PixelChoice::None => return Download::default(),
        PixelChoice::Original => BlobKind::Original,
        PixelChoice::Resized => BlobKind::Resized,
    };
    let mut found = Download::default();
    let (mut pixels, mut known_pixels, mut known_bytes, mut exact) = (0.0, 0.0, 0, 0);
    for image in job.images.iter().filter_map(|&ix| job.catalogue.get(ix)) {
        let (width, height) = image.size();
        let area = f64::from(width) * f64::from(height);
        let bytes = match source {
            Source::Archive(archive) => match archive.far_picture(image.id(), kind) {
                Some((files, wanted)) if !files.has(&wanted) => {
                    found.pictures += 1;
                    exact += wanted.facts.bytes;
                    continue;
                }
                _ => Some(0),
            },
            Source::Service(_) | Source::Kept => kept(image.id(), kind),
        };
        match bytes {
            Some(bytes) => {
                found.here += 1;
                known_pixels += area;
                known_bytes += bytes;
            }
            None => {
                found.pictures += 1;
                pixels += area;
            }
        }
    }
    let is_known = found.here >= ENOUGH && known_pixels > 0.0;
    found.bytes = exact + (pixels * if is_known { known_bytes as f64 / known_pixels } else { BYTES_PER_PIXEL }) as u64;
    found
}
