//! The tour: from region to region of the shown list, across images. Regions of hidden tags are passed over.

use std::ops::Range;

use super::canvas;
use crate::canvas::ZoomCommand;
use crate::state::Opened;
use crate::view::View;
use crate::{Effect, Notice, Severity, State};
use domain::{ImageIx, RegionIx};

const LAST: &str = "This is the last region of the shown list";
const FIRST: &str = "This is the first region of the shown list";

/// Goes to the next (1) or previous (-1) region.
pub(super) fn step(state: &mut State, by: i64) -> Vec<Effect> {
    let Some(opened) = state.opened.as_mut().filter(|opened| opened.view == View::Canvas) else { return Vec::new() };
    let Some((ix, region)) = next(opened, by > 0) else {
        let title = if by > 0 { LAST } else { FIRST };
        // A key that is held says it once.
        if state.notices.iter().all(|notice| notice.title != title) {
            state.push_notice(Notice::new(Severity::Info, title, ""));
        }
        return Vec::new();
    };
    let effects = if opened.cursor == Some(ix) { Vec::new() } else { canvas::show(opened, ix) };
    opened.region = Some(region);
    state.notices.retain(|notice| notice.title != LAST && notice.title != FIRST);
    state.zoom = Some((state.number(), ZoomCommand::Tour));
    effects
}

/// The region after (or before) the selected one; `None` at the end of the list.
fn next(opened: &Opened, is_forward: bool) -> Option<(ImageIx, RegionIx)> {
    let cursor = opened.cursor?;
    let mut here = opened.catalogue.get(cursor)?.region_range();
    match (opened.region, is_forward) {
        (Some(selected), true) => here.start = selected.0 + 1,
        (Some(selected), false) => here.end = selected.0,
        (None, _) => {}
    }
    if let Some(region) = first_shown(opened, here, is_forward) {
        return Some((cursor, region));
    }
    let in_image = |&ix: &ImageIx| {
        let range = opened.catalogue.get(ix)?.region_range();
        first_shown(opened, range, is_forward).map(|region| (ix, region))
    };
    let place = opened.place(cursor)?;
    if is_forward {
        opened.visible.get(place + 1..)?.iter().find_map(in_image)
    } else {
        opened.visible.get(..place)?.iter().rev().find_map(in_image)
    }
}

/// The first region of a range that is shown, or the last when the tour goes back.
fn first_shown(opened: &Opened, range: Range<u32>, is_forward: bool) -> Option<RegionIx> {
    let mut shown = range.map(RegionIx).filter(|&region| is_shown(opened, region));
    if is_forward { shown.next() } else { shown.next_back() }
}

fn is_shown(opened: &Opened, region: RegionIx) -> bool {
    opened.hidden_tags.is_empty()
        || opened
            .catalogue
            .region(region)
            .is_some_and(|region| !opened.hidden_tags.contains(&opened.catalogue.tags().get(region.tag).id))
}

#[cfg(test)]
mod tests;
