//! Does the commands of [`crate::similar`] and takes its events.

use std::sync::Arc;

use super::display;
use crate::similar::{Before, CompareProgress, SimilarImages};
use crate::state::Opened;
use crate::view::View;
use crate::wall::WallEffect;
use crate::{DisplayCommand, Effect, State};
use domain::ImageIx;

/// Shows the grid, with what is similar to the image first. Of the image that is chosen already: takes in what has become
/// known since.
pub(super) fn show(state: &mut State, near: ImageIx) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = state.opened.as_mut().filter(|opened| opened.catalogue.get(near).is_some()) else {
        return Vec::new();
    };
    if let Some(similar) = opened.similar.as_mut().filter(|similar| similar.near == near && similar.fresh.is_some()) {
        similar.distances = similar.fresh.take().unwrap_or_default();
        similar.edition = number;
        super::query::requery(state);
        return Vec::new();
    }
    let before = match opened.similar.take() {
        Some(similar) => similar.before,
        None => Before::new(&opened.selection, opened.cursor),
    };
    opened.similar = Some(SimilarImages::to(near, before, number));
    opened.selection.clear();
    opened.cursor = Some(near);
    let (generation, catalogue) = (opened.generation, Arc::clone(&opened.catalogue));
    let images = compared_images(opened, Some(near));
    super::query::requery(state);
    let mut effects = display::update(state, DisplayCommand::SetView(View::Grid));
    effects.push(Effect::Wall { generation, effect: WallEffect::ComparePictures { catalogue, images, near } });
    effects
}

/// Back to the chosen order, and to what was chosen then, unless something else is chosen by now.
pub(super) fn end(state: &mut State) -> Vec<Effect> {
    if let Some(opened) = &mut state.opened {
        give_back(opened);
    }
    stop(state)
}

/// What was chosen before the search is chosen again, unless something else is by now.
pub(super) fn give_back(opened: &mut Opened) {
    let Opened { similar, selection, cursor, .. } = opened;
    if let Some(similar) = similar.as_ref().filter(|_| selection.is_empty()) {
        similar.before.clone().give_back(selection, cursor);
    }
}

/// Another order is chosen, or the one of before again.
pub(super) fn stop(state: &mut State) -> Vec<Effect> {
    let ended = state.opened.as_mut().and_then(|opened| opened.similar.take().map(|_| opened.generation));
    let Some(generation) = ended else { return Vec::new() };
    super::query::requery(state);
    vec![Effect::Wall { generation, effect: WallEffect::StopComparingPictures }]
}

pub(super) fn compared(opened: &mut Opened, near: ImageIx, compared: CompareProgress) {
    if let Some(similar) = opened.similar.as_mut().filter(|similar| similar.near == near) {
        similar.compared = Some(compared);
    }
}

/// Takes in how far images are from the one, unless somebody has gone to work with the order meanwhile.
pub(super) fn came(state: &mut State, near: ImageIx, distances: Arc<[f32]>) {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return };
    let is_untouched = opened.cursor == Some(near) && opened.selection.is_empty() && opened.view == View::Grid;
    let Some(similar) = opened.similar.as_mut().filter(|similar| similar.near == near) else { return };
    if !is_untouched {
        similar.fresh = Some(distances);
        return;
    }
    (similar.distances, similar.edition, similar.fresh) = (distances, number, None);
    super::query::requery(state);
}

/// Which images are compared, and in which order: one that others are held against, those shown, then all others.
pub(super) fn compared_images(opened: &Opened, first: Option<ImageIx>) -> Arc<[ImageIx]> {
    let mut is_taken = vec![false; opened.catalogue.len()];
    let all = (0..opened.catalogue.len() as u32).map(ImageIx);
    let ordered = first.into_iter().chain(opened.visible.iter().copied()).chain(all);
    ordered.filter(|ix| is_taken.get_mut(ix.index()).is_some_and(|taken| !std::mem::replace(taken, true))).collect()
}

#[cfg(test)]
mod tests;
