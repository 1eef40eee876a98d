//! Choosing images and moving the cursor.

use crate::state::Opened;
use crate::view::View;
use crate::{Effect, SelectionCommand, State};
use domain::ImageIx;

pub(super) fn update(state: &mut State, command: SelectionCommand) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    // Once somebody moves or selects, the view no longer goes back to where the last visit was.
    opened.awaited.places = Default::default();
    if opened.view == View::Wall {
        super::wall::choose(opened, command);
        return Vec::new();
    }
    match command {
        SelectionCommand::Pick { ix, toggle, extend } => {
            if extend {
                opened.selection.extend_to(ix, &opened.visible, toggle);
            } else if toggle {
                opened.selection.toggle(ix);
            } else {
                opened.selection.set_only(ix);
            }
            opened.cursor = Some(ix);
        }
        SelectionCommand::PickMany { images, keep } => opened.selection.set_many(images, keep),
        SelectionCommand::MoveCursor { by, extend } => {
            let place = opened.cursor.and_then(|ix| opened.place(ix));
            // Without a cursor the first step only makes it appear.
            let place = place.map_or(0, |place| place as i64 + by);
            move_to(opened, place, extend);
        }
        SelectionCommand::CursorToEnd { last, extend } => {
            let place = if last { i64::MAX } else { 0 };
            move_to(opened, place, extend);
        }
        SelectionCommand::ToggleCursor => {
            if let Some(ix) = opened.cursor {
                opened.selection.toggle(ix);
            }
        }
        SelectionCommand::All => opened.selection.set_many(opened.visible.iter().copied(), false),
        SelectionCommand::None => opened.selection.clear(),
        SelectionCommand::Invert => opened.selection.invert(&opened.visible),
        SelectionCommand::GoTo(id) => opened.cursor = opened.catalogue.find(id).or(opened.cursor),
    }
    Vec::new()
}

fn move_to(opened: &mut Opened, place: i64, extend: bool) {
    let last = opened.visible.len() as i64 - 1;
    let Some(&ix) = usize::try_from(place.min(last)).ok().or(Some(0)).and_then(|at| opened.visible.get(at)) else {
        return;
    };
    if extend {
        if opened.selection.is_empty() {
            start_at(opened, ix);
        }
        opened.selection.extend_to(ix, &opened.visible, false);
    }
    opened.cursor = Some(ix);
}

/// Shift with an arrow begins at the image the cursor leaves.
fn start_at(opened: &mut Opened, fallback: ImageIx) {
    let anchor = opened.cursor.unwrap_or(fallback);
    opened.selection.set_only(anchor);
}
