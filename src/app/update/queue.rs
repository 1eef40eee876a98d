//! Walks the findings of the shown images, one after the other, on the canvas: next, previous, and round again at the end.

use super::{canvas, review};
use crate::canvas::ZoomCommand;
use crate::checks::area;
use crate::state::Opened;
use crate::view::View;
use crate::words::thousands;
use crate::{Effect, Notice, Severity, State};
use domain::{Finding, FindingKey, ImageIx};

/// The findings of an image that the queue stops at, with their keys.
fn findings_on(opened: &Opened, image: ImageIx) -> Vec<(FindingKey, Finding)> {
    if opened.checks.findings.count(image) == 0 {
        return Vec::new();
    }
    let known = opened.checks.findings.of(image).iter().filter(|known| !known.is_dismissed);
    known.filter_map(|known| Some((known.finding.key(&opened.catalogue)?, known.finding))).collect()
}

/// The finding that the queue is at: on the image with the cursor, else there is none.
pub(super) fn current(opened: &Opened) -> Option<FindingKey> {
    let here = opened.checks.current_on(&opened.catalogue, opened.cursor?);
    here.and(opened.checks.current)
}

/// Goes to the next (1) or previous (-1) finding.
pub(super) fn step(state: &mut State, by: i64) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    if let Some((key, finding)) = next(opened, by >= 0) {
        let before = current(opened).and_then(|key| place_of(opened, key));
        let effects = go_to(state, key, finding);
        say_place(state, by >= 0, before);
        return effects;
    }
    let words = if opened.checks.is_complete() {
        "There are no findings on the images shown."
    } else {
        "There are no findings on the images shown so far. The check is still running."
    };
    state.push_notice(Notice::new(Severity::Info, "No findings", words));
    Vec::new()
}

/// The place of a finding of the image with the cursor among those of all shown images, from 0.
fn place_of(opened: &Opened, key: FindingKey) -> Option<u64> {
    let ix = opened.cursor?;
    let before = &opened.visible[..opened.place(ix)?];
    let here = findings_on(opened, ix).iter().position(|(other, _)| *other == key)?;
    Some(count(opened, before) + here as u64)
}

fn count(opened: &Opened, images: &[ImageIx]) -> u64 {
    images.iter().map(|&ix| u64::from(opened.checks.findings.count(ix))).sum()
}

/// Says `Finding 3 of 24`, and when it has begun again at the other end.
fn say_place(state: &mut State, is_forward: bool, before: Option<u64>) {
    let Some(opened) = &state.opened else { return };
    let Some(place) = current(opened).and_then(|key| place_of(opened, key)) else { return };
    let total = count(opened, &opened.visible);
    let has_wrapped = before.is_some_and(|before| if is_forward { place <= before } else { place >= before });
    let mut words = format!("Finding {} of {}", thousands(place + 1), thousands(total));
    if has_wrapped {
        words.push_str(if is_forward { ", from the beginning again" } else { ", from the end again" });
    }
    review::say_of_view(state, &words);
}

fn next(opened: &Opened, is_forward: bool) -> Option<(FindingKey, Finding)> {
    let pick = |found: Vec<(FindingKey, Finding)>| {
        if is_forward { found.into_iter().next() } else { found.into_iter().next_back() }
    };
    let place = opened.cursor.and_then(|ix| opened.place(ix));
    if let (Some(ix), Some(_)) = (opened.cursor, place) {
        let here = findings_on(opened, ix);
        let at = here.iter().position(|(key, _)| Some(*key) == opened.checks.current);
        let target = match at {
            Some(at) if is_forward => at.checked_add(1),
            Some(at) => at.checked_sub(1),
            // The first press stays on the image that is looked at.
            None if is_forward => Some(0),
            None => None,
        };
        if let Some(found) = target.and_then(|target| here.get(target)) {
            return Some(*found);
        }
    }
    let count = opened.visible.len();
    let start = match place {
        Some(place) => place,
        None if is_forward => count.checked_sub(1)?,
        None => 0,
    };
    // Round to where it began: the image itself comes last.
    let order =
        (1..=count).map(|step| if is_forward { (start + step) % count } else { (start + count - step) % count });
    let mut images = order.map(|place| opened.visible[place]);
    images.find_map(|ix| pick(findings_on(opened, ix)))
}

/// Shows a finding, dismissed or not.
pub(super) fn show(state: &mut State, key: FindingKey) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    // The image that is looked at comes first: a near-duplicate is a finding of either.
    let others = key.images().filter_map(|id| opened.catalogue.find(id));
    let found = opened.cursor.into_iter().chain(others).find_map(|image| {
        let mut known = opened.checks.findings.of(image).iter().map(|known| known.finding);
        known.find(|finding| finding.key(&opened.catalogue) == Some(key))
    });
    found.map_or_else(Vec::new, |finding| go_to(state, key, finding))
}

fn go_to(state: &mut State, key: FindingKey, finding: Finding) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let Some(image) = finding.image else { return Vec::new() };
    let is_there = opened.view == View::Canvas && opened.cursor == Some(image);
    let effects = if is_there { Vec::new() } else { canvas::show(opened, image) };
    opened.checks.current = Some(key);
    opened.region = finding.regions().next();
    let zoom = area(&opened.catalogue, &finding).map_or(ZoomCommand::Fit, ZoomCommand::Area);
    state.zoom = Some((number, zoom));
    effects
}
