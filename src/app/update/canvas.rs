//! The image on the canvas and its regions, and the tour: from region to region of the shown list, across images. Regions
//! of hidden tags are passed over by the tour.

use std::ops::Range;

use super::{compare, display, with_opened};
use crate::canvas::ZoomCommand;
use crate::state::Opened;
use crate::view::{CanvasRequest, View};
use crate::{CanvasCommand, Effect, Notice, Severity, State};
use domain::{Adjust, ImageIx, RegionIx, UriForm, write_image};

pub(super) fn update(state: &mut State, command: CanvasCommand) -> Vec<Effect> {
    match command {
        CanvasCommand::OpenImage(ix) => return with_opened(state, |opened| show(opened, ix)),
        CanvasCommand::StepImage(by) => return with_opened(state, |opened| step_image(opened, by)),
        CanvasCommand::Tour(by) => return tour(state, by),
        CanvasCommand::Compare(command) => return with_opened(state, |opened| compare::update(opened, command)),
        CanvasCommand::CopyImageJson => return with_opened(state, copy_json),
        CanvasCommand::Adjust(adjust) => return with_opened(state, |opened| set_adjust(opened, adjust.clamped())),
        CanvasCommand::Zoom(zoom) => state.zoom = Some((state.number(), zoom)),
        CanvasCommand::StepRegion(by) => {
            let Some(opened) = &mut state.opened else { return Vec::new() };
            opened.region = step_region(opened, by);
            opened.predictions.picked = None;
            if opened.region.is_some() {
                state.zoom = Some((state.number(), ZoomCommand::Reveal));
            }
        }
        CanvasCommand::Point(ix, at) => {
            let generation = state.opened.as_ref().map(|opened| opened.generation);
            return generation.map(|generation| Effect::WantPixel { generation, ix, at }).into_iter().collect();
        }
        CanvasCommand::SelectRegion(region) => set(state, |opened| {
            opened.region = region;
            opened.predictions.picked = None;
        }),
        CanvasCommand::ToggleKeepView => set(state, |opened| opened.keeps_view = !opened.keeps_view),
        CanvasCommand::ToggleSmooth => set(state, |opened| opened.is_smooth = !opened.is_smooth),
        CanvasCommand::ToggleAdjusting => {
            set(state, |opened| opened.tools.is_adjusting = !opened.tools.is_adjusting);
        }
    }
    Vec::new()
}

/// Changes the open project, if there is one.
fn set(state: &mut State, change: impl FnOnce(&mut Opened)) {
    state.opened.as_mut().map(change);
}

fn set_adjust(opened: &mut Opened, adjust: Adjust) -> Vec<Effect> {
    if std::mem::replace(&mut opened.tools.adjust, adjust) == adjust {
        return Vec::new();
    }
    vec![display::want_picture(opened)]
}

fn step_image(opened: &mut Opened, by: i64) -> Vec<Effect> {
    let place = opened.cursor.and_then(|ix| opened.place(ix));
    let last = opened.visible.len() as i64 - 1;
    let target = place.map_or(0, |place| (place as i64 + by).clamp(0, last.max(0)));
    match usize::try_from(target).ok().and_then(|at| opened.visible.get(at)) {
        Some(&ix) if opened.cursor != Some(ix) => show(opened, ix),
        _ => Vec::new(),
    }
}

fn copy_json(opened: &mut Opened) -> Vec<Effect> {
    let Some(image) = opened.current() else { return Vec::new() };
    let mut json = Vec::new();
    write_image(&image.to_row(), UriForm::Absent, &mut json);
    vec![Effect::CopyText(String::from_utf8_lossy(&json).into_owned())]
}

pub(super) fn show(opened: &mut Opened, ix: ImageIx) -> Vec<Effect> {
    if opened.catalogue.get(ix).is_none() {
        return Vec::new();
    }
    if opened.cursor != Some(ix) {
        opened.region = None;
        opened.predictions.picked = None;
        opened.canvas = CanvasRequest::default();
    }
    opened.cursor = Some(ix);
    if opened.view != View::Canvas {
        opened.before_canvas = opened.view;
    }
    opened.view = View::Canvas;
    // Facts of pictures are small, but a day's work should not pile them up.
    if opened.pictures.len() > 256 {
        opened.pictures.retain(|(other, _), _| *other == ix);
    }
    vec![display::want_picture(opened)]
}

fn step_region(opened: &Opened, by: i64) -> Option<RegionIx> {
    let range = opened.current()?.region_range();
    let count = i64::from(range.end) - i64::from(range.start);
    if count == 0 {
        return None;
    }
    let place = match opened.region {
        Some(region) => i64::from(region.0) - i64::from(range.start) + by,
        None if by < 0 => -1,
        None => 0,
    };
    u32::try_from(i64::from(range.start) + place.rem_euclid(count)).ok().map(RegionIx)
}

const LAST: &str = "This is the last region of the shown list";
const FIRST: &str = "This is the first region of the shown list";

/// Goes to the next (1) or previous (-1) region.
fn tour(state: &mut State, by: i64) -> Vec<Effect> {
    let Some(opened) = state.opened.as_mut().filter(|opened| opened.view == View::Canvas) else { return Vec::new() };
    let Some((ix, region)) = next_of_tour(opened, by > 0) else {
        let title = if by > 0 { LAST } else { FIRST };
        // A key that is held says it once.
        if state.notices.iter().all(|notice| notice.title != title) {
            state.push_notice(Notice::new(Severity::Info, title, ""));
        }
        return Vec::new();
    };
    let effects = if opened.cursor == Some(ix) { Vec::new() } else { show(opened, ix) };
    opened.region = Some(region);
    state.notices.retain(|notice| notice.title != LAST && notice.title != FIRST);
    state.zoom = Some((state.number(), ZoomCommand::Tour));
    effects
}

/// The region after (or before) the selected one; `None` at the end of the list.
fn next_of_tour(opened: &Opened, is_forward: bool) -> Option<(ImageIx, RegionIx)> {
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
