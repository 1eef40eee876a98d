//! What looks wrong with labels, found without a model: pure functions over the catalogue.
//!
//! [`images`] looks at images one by one, so it can follow a listing; [`whole`] needs all of them, for what is usual
//! for a tag; [`duplicates`] needs the perceptual hashes of the pictures, which the caller computes. One file per
//! family: `image` and `overlap` (of many boxes `crowd`), `whole`, `duplicate` with `twins`.

mod crowd;
mod duplicate;
mod finding;
mod findings;
mod image;
mod kind;
mod message;
mod overlap;
mod pairs;
mod twins;
mod whole;

pub use duplicate::{Nearest, duplicates, nearest};
pub use finding::{Facts, Finding, OutlierMeasure};
pub use findings::{Dismissed, FindingKey, Findings, KnownFinding};
pub use image::ImagesPart;
pub use kind::{CheckKind, CheckOptions, CheckSet};
pub use twins::{OddBoxes, TwinLabels};

use super::catalogue::Catalogue;
use super::project::ProjectKind;

/// Images that [`all`] looks at in one part.
const PART: u32 = 4_096;

/// What is wrong with single images: boxes, tags, sizes. In the order of the images, then of the kinds.
pub fn images(part: &ImagesPart, kind: ProjectKind, options: &CheckOptions) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut space = overlap::Space::default();
    for image in part.images() {
        let from = found.len();
        overlap::check(&image, options, &mut space, &mut found);
        image::check_boxes(&image, options, &mut found);
        image::check_labels(&image, part, kind, &mut found);
        found[from..].sort_by_key(Finding::kind);
    }
    found
}

/// What can only be reported from all images: boxes that are unlike the others of their tag, tags that are used once,
/// and names of tags that are nearly alike.
pub fn whole(catalogue: &Catalogue, options: &CheckOptions) -> Vec<Finding> {
    let mut found = whole::check_outliers(catalogue, options);
    whole::check_tags(catalogue, &mut found);
    found
}

/// All findings that need no pictures.
pub fn all(catalogue: &Catalogue, kind: ProjectKind, options: &CheckOptions) -> Vec<Finding> {
    let count = catalogue.len() as u32;
    let mut found = Vec::new();
    for from in (0..count).step_by(PART as usize) {
        let part = ImagesPart::of(catalogue, from..count.min(from + PART));
        found.extend(images(&part, kind, options));
    }
    found.extend(whole(catalogue, options));
    found
}

#[cfg(test)]
mod tests;
