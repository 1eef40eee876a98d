//! The colors of tags that people choose: kept by name in the settings, worn by the open project's tags.

use std::sync::Arc;

use super::save;
use crate::{Effect, State};
use domain::TagIx;
use domain::look::PALETTE;

/// Keeps a color for a tag's name; `None`: the name's own again.
pub(super) fn choose(state: &mut State, tag: TagIx, color: Option<u8>) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let tags = opened.catalogue.tags();
    if tag.at() >= tags.len() || color.is_some_and(|at| usize::from(at) >= PALETTE.len()) {
        return Vec::new();
    }
    let name = tags.get(tag).name.to_string();
    let chosen = Arc::make_mut(&mut state.settings.tag_colors);
    match color {
        Some(color) => chosen.insert(name, color),
        None => chosen.remove(&name),
    };
    vec![save(state)]
}

/// Sees to it that the tags of the open project wear what is chosen. Costs a comparison of two addresses when they do.
pub(crate) fn apply_tag_colors(state: &mut State) {
    let chosen = &state.settings.tag_colors;
    if let Some(opened) = &mut state.opened
        && !Arc::ptr_eq(opened.catalogue.tags().chosen_colors(), chosen)
    {
        Arc::make_mut(&mut opened.catalogue).set_chosen_colors(Arc::clone(chosen));
    }
}
