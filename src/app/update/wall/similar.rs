//! Regions that are similar to one of them: the wall in another order, for as long as the region is chosen.

use super::{go_to, on_wall, refresh, set_cursor};
use crate::similar::Before;
use crate::state::Opened;
use crate::update::{display, review};
use crate::view::View;
use crate::{DisplayCommand, Effect, State};
use domain::RegionIx;

/// Shows the wall, with what is similar to the region first.
pub(super) fn show(state: &mut State, region: RegionIx) -> Vec<Effect> {
    if state.opened.as_ref().is_some_and(Opened::asks_for_predictions) {
        review::say_for_a_moment(
            state,
            "Remove the predictions from the query to see similar regions: only labeled regions can be compared",
        );
        return Vec::new();
    }
    let Some(opened) = state.opened.as_mut().filter(|opened| opened.catalogue.region(region).is_some()) else {
        return Vec::new();
    };
    let wall = &mut opened.wall;
    if wall.near.is_none() {
        wall.before_near = Some(Before::new(&wall.selection, wall.cursor));
    }
    wall.near = Some(region);
    let mut effects = display::update(state, DisplayCommand::SetView(View::Wall));
    effects.extend(on_wall(state, |opened, settings| {
        opened.wall.selection.clear();
        match opened.wall.order.place(region.into()) {
            Some(_) => go_to(opened, region.into()),
            // It comes with the order.
            None => set_cursor(opened, region.into()),
        }
        refresh(opened, settings)
    }));
    effects
}

/// Back to the chosen order, and to what was chosen then, unless something else is chosen by now.
pub(super) fn end(state: &mut State) -> Vec<Effect> {
    on_wall(state, |opened, settings| {
        let Opened { catalogue, wall, .. } = &mut *opened;
        wall.near = None;
        let before = wall.before_near.take().filter(|_| wall.selection.is_empty());
        if wall.selection.is_empty() {
            // The crop may be out of sight in the other order, and a decision about it would not be seen.
            wall.cursor = None;
        }
        if let Some(before) = before {
            before.give_back(&mut wall.selection, &mut wall.cursor);
            wall.cursor = wall.cursor.filter(|item| item.label().is_some_and(|ix| catalogue.region(ix).is_some()));
        }
        if let Some(item) = opened.wall.cursor {
            set_cursor(opened, item);
        }
        refresh(opened, settings)
    })
}

#[cfg(test)]
mod tests;
