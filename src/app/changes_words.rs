//! What limits a comparison, in words: the same on the command line, in the window and in a saved report.

use crate::words::count;
use domain::changes::{Change, ChangeKind, Changes};

/// What limits the comparison, a sentence each; nothing when everything was compared exactly.
pub fn limits(changes: &Changes) -> Vec<String> {
    let mut limits = Vec::new();
    if changes.images.ambiguous > 0 {
        let images = count(changes.images.ambiguous, "image", "images");
        limits.push(format!("{images} could not be matched by name, because several have the same name."));
    }
    let unknown = changes.count(ChangeKind::ImageUnknown);
    if unknown > 0 {
        let (images, whether) = match unknown {
            1 => ("1 image appears".to_owned(), "it was added or removed"),
            _ => (count(unknown, "image appears", "images appear"), "they were added or removed"),
        };
        limits.push(format!(
            "{images} in only one state, but the other could not be read completely, so Tagscope cannot tell whether {whether}."
        ));
    }
    if changes.regions.ambiguous > 0 {
        let regions = count(changes.regions.ambiguous, "region has", "regions have");
        limits.push(format!(
            "{regions} the same id as another region of the image, and were matched by tag and overlap instead."
        ));
    }
    if changes.regions.approximate_images > 0 {
        let images = count(changes.regions.approximate_images, "image has", "images have");
        limits.push(format!(
            "{images} too many overlapping boxes: these were matched to nearby ones, which may not be the best match."
        ));
    }
    let is_doubtful = |change: &&Change| change.is_uncertain && change.kind != ChangeKind::ImageUnknown;
    let uncertain = changes.list.iter().filter(is_doubtful).count() as u64;
    if uncertain > 0 {
        let changes = count(uncertain, "change", "changes");
        limits.push(format!("{changes} may not be real, because part of a state could not be read."));
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::changes::RegionsJoined;

    #[test]
    fn regions_that_share_an_id_are_mentioned_once() {
        let regions = RegionsJoined { ambiguous: 3, ..RegionsJoined::default() };
        let changes = Changes { regions, ..Changes::default() };
        let words =
            "3 regions have the same id as another region of the image, and were matched by tag and overlap instead.";
        assert_eq!(limits(&changes), [words]);
        assert!(limits(&Changes::default()).is_empty());
    }
}
