//! Regions that are similar to one of them: the wall in another order, for as long as the region is chosen.

use std::sync::Arc;

use super::{asks_for_predictions, follow, go_to, on_wall, set_cursor};
use crate::state::Opened;
use crate::update::{display, review};
use crate::view::View;
use crate::{DisplayCommand, Effect, State};
use domain::{ImageIx, RegionIx};

/// Shows the wall, with what is similar to the region first.
pub(super) fn show(state: &mut State, region: RegionIx) -> Vec<Effect> {
    if state.opened.as_ref().is_some_and(asks_for_predictions) {
        review::say(state, "Remove the predictions from the query to see similar regions: only labels are compared");
        return Vec::new();
    }
    let Some(opened) = state.opened.as_mut().filter(|opened| opened.catalogue.region(region).is_some()) else {
        return Vec::new();
    };
    opened.wall.near = Some(region);
    let mut effects = display::update(state, DisplayCommand::SetView(View::Wall));
    effects.extend(on_wall(state, |opened, settings| {
        opened.wall.selection.clear();
        match opened.wall.order.place(region.into()) {
            Some(_) => go_to(opened, region.into()),
            // It comes with the order.
            None => set_cursor(opened, region.into()),
        }
        follow(opened, settings)
    }));
    effects
}

/// Which images are compared, and in which order: that of the region, those shown, then all others, because tags are held
/// against each other whatever is shown.
pub(super) fn compared_images(opened: &Opened) -> Arc<[ImageIx]> {
    let first = opened.wall.near.and_then(|near| opened.catalogue.image_of(near));
    let mut is_taken = vec![false; opened.catalogue.len()];
    let all = (0..opened.catalogue.len() as u32).map(ImageIx);
    let ordered = first.into_iter().chain(opened.visible.iter().copied()).chain(all);
    ordered.filter(|ix| is_taken.get_mut(ix.at()).is_some_and(|taken| !std::mem::replace(taken, true))).collect()
}

#[cfg(test)]
mod tests;
