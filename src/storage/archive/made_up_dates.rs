//! Dates that imports of earlier versions made up.
//!
//! A dataset has no upload dates, so those imports counted back from 2020-01-01, one second an image. An archive is
//! never rewritten for that; its rows are read without these dates.

use domain::{ImageRow, Project, Timestamp};

const TICKS_A_SECOND: i64 = 10_000_000;
/// 2020-01-01T00:00:00: the date that was given to the first image of a dataset.
const FIRST: i64 = 1_577_836_800 * TICKS_A_SECOND;
/// No archive has more images: none was given an earlier date.
const LAST: i64 = FIRST - 2_000_000 * TICKS_A_SECOND;

/// Whether an import made the project: its id is made from a name (version 5), and it has no date. The service's ids
/// are random (version 4), and its projects have dates.
pub(super) fn may_have(project: &Project) -> bool {
    project.id.0.get_version_num() == 5 && project.created.is_none()
}

/// Takes a made-up date away from the image, its tags and its regions. They all had the same one: a row with another
/// date has dates of its own.
pub(super) fn take_away(row: &mut ImageRow) {
    let Some(created) = row.created else { return };
    let is_in_pattern = (LAST..=FIRST).contains(&created.0) && created.0 % TICKS_A_SECOND == 0;
    let is_same = |other: Option<Timestamp>| other == Some(created);
    let all_same = row.tags.iter().all(|mark| is_same(mark.created))
        && row.regions.iter().all(|region| is_same(region.created))
        && row.verbatim.is_empty();
    if !is_in_pattern || !all_same {
        return;
    }
    row.created = None;
    row.tags.iter_mut().for_each(|mark| mark.created = None);
    row.regions.iter_mut().for_each(|region| region.created = None);
}
