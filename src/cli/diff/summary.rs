//! How images and regions were joined, and what limits the result.

use app::words::{count, thousands};
use domain::changes::Changes;

/// One line: how many images and regions were joined in which way.
pub(super) fn joined(changes: &Changes) -> String {
    let (images, regions) = (changes.images, changes.regions);
    let list = |parts: [(u64, &str); 3]| {
        let told = parts.into_iter().filter(|(number, _)| *number > 0);
        let words: Vec<_> = told.map(|(number, way)| format!("{} by {way}", thousands(number))).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    };
    format!(
        "joined images: {}; joined regions: {}",
        list([(images.by_id, "id"), (images.by_digest, "SHA-256"), (images.by_name, "name")]),
        list([(regions.by_id, "id"), (regions.by_overlap, "tag and IoU"), (regions.by_place, "IoU alone")])
    )
}

/// What limits the comparison, a sentence each.
pub(super) fn notes(changes: &Changes) -> Vec<String> {
    let mut notes = Vec::new();
    if changes.images.ambiguous > 0 {
        let images = count(changes.images.ambiguous, "image", "images");
        notes.push(format!("{images} could not be joined by name, because several have the same name."));
    }
    if changes.images.unreadable > 0 {
        let images = count(changes.images.unreadable, "image", "images");
        notes.push(format!("{images} could not be compared, because one state has rows of them that cannot be read."));
    }
    if changes.regions.approximate_images > 0 {
        let images = count(changes.regions.approximate_images, "image", "images");
        notes.push(format!(
            "{images} with too many overlapping boxes: their boxes were joined to near ones, which may not be the best total."
        ));
    }
    let uncertain = changes.list.iter().filter(|change| change.is_uncertain).count() as u64;
    if uncertain > 0 {
        let changes = count(uncertain, "change", "changes");
        notes.push(format!("{changes} may be only apparent, because part of a state could not be read."));
    }
    notes
}
