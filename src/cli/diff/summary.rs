//! How images and regions were joined.

use app::words::thousands;
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
        "matched images: {}; matched regions: {}",
        list([(images.by_id, "id"), (images.by_digest, "SHA-256"), (images.by_name, "name")]),
        list([(regions.by_id, "id"), (regions.by_overlap, "tag and IoU"), (regions.by_place, "IoU alone")])
    )
}
