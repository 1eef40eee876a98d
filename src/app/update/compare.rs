//! Two images side by side.

use super::{canvas, display};
use crate::Effect;
use crate::canvas::{Compare, CompareCommand};
use crate::state::{Companion, Opened};
use crate::view::{CanvasRequest, View};
use domain::{ImageIx, RegionIx};

pub(super) fn update(opened: &mut Opened, command: CompareCommand) -> Vec<Effect> {
    match command {
        CompareCommand::Toggle if opened.tools.compare.is_some() => return leave(opened),
        CompareCommand::Toggle => {
            if let Some(other) = counterpart(opened) {
                return show(opened, other);
            }
        }
        CompareCommand::With(other) => return show(opened, other),
        CompareCommand::Open(ix, other) => {
            let mut effects = canvas::show(opened, ix);
            effects.extend(show(opened, other));
            return effects;
        }
        CompareCommand::Pin(pinned) => opened.tools.pinned = pinned,
        CompareCommand::TogglePin => {
            let tools = &mut opened.tools;
            tools.pinned = if tools.pinned == opened.cursor { None } else { opened.cursor };
        }
        CompareCommand::ToggleLock => {
            if let Some(compare) = &mut opened.tools.compare {
                compare.is_locked = !compare.is_locked;
            }
        }
        CompareCommand::Swap => return swap(opened),
        CompareCommand::Take(region) => return take(opened, region),
        CompareCommand::Step(by) => {
            let other = opened.tools.compare.as_ref().map(|compare| compare.other);
            if let Some(next) = other.and_then(|other| neighbor(opened, other, by)) {
                return show(opened, next);
            }
        }
        CompareCommand::View(request) => {
            if let Some(compare) = &mut opened.tools.compare {
                compare.request = request;
                return vec![display::want_picture(opened)];
            }
        }
    }
    Vec::new()
}

/// One image again.
pub(super) fn leave(opened: &mut Opened) -> Vec<Effect> {
    opened.tools.compare = None;
    vec![display::want_picture(opened)]
}

fn show(opened: &mut Opened, other: ImageIx) -> Vec<Effect> {
    if opened.view != View::Canvas || opened.cursor.is_none() || opened.catalogue.get(other).is_none() {
        return Vec::new();
    }
    let before = opened.tools.compare.as_ref();
    let is_locked = before.is_none_or(|compare| compare.is_locked);
    let is_cursor_right = before.is_some_and(|compare| compare.is_cursor_right);
    opened.tools.compare = Some(Compare { other, is_cursor_right, is_locked, request: CanvasRequest::default() });
    vec![display::want_picture(opened)]
}

/// The images change their sides; the cursor stays on its side.
fn swap(opened: &mut Opened) -> Vec<Effect> {
    let (Some(cursor), Some(compare)) = (opened.cursor, opened.tools.compare.clone()) else { return Vec::new() };
    opened.tools.compare = Some(Compare { other: cursor, request: CanvasRequest::default(), ..compare });
    canvas::show(opened, compare.other)
}

/// The other image gets the cursor, so that inspector and keys are about it; both stay where they are.
fn take(opened: &mut Opened, region: Option<RegionIx>) -> Vec<Effect> {
    let (Some(cursor), Some(compare)) = (opened.cursor, opened.tools.compare.take()) else { return Vec::new() };
    let request = std::mem::replace(&mut opened.canvas, compare.request);
    let is_cursor_right = !compare.is_cursor_right;
    opened.tools.compare = Some(Compare { other: cursor, is_cursor_right, is_locked: compare.is_locked, request });
    opened.cursor = Some(compare.other);
    opened.region = region;
    vec![display::want_picture(opened)]
}

/// What to compare with: the pinned image, else another selected one, else the next of the list, else the one before.
fn counterpart(opened: &Opened) -> Option<ImageIx> {
    let cursor = opened.cursor?;
    let companion = opened.companion(cursor).map(Companion::ix);
    companion.or_else(|| neighbor(opened, cursor, 1)).or_else(|| neighbor(opened, cursor, -1))
}

fn neighbor(opened: &Opened, ix: ImageIx, by: i64) -> Option<ImageIx> {
    let place = opened.place(ix)?.checked_add_signed(isize::try_from(by).ok()?)?;
    opened.visible.get(place).copied()
}

#[cfg(test)]
mod tests;
