//! Takes the sizes of originals as they become known: pixels are then those of the originals, in queries, findings and
//! everything that is measured.

use std::sync::Arc;

use super::{checks, outdated, query};
use crate::state::Opened;
use crate::{Effect, SourceSpec, State};
use domain::{ImageIx, SortKey};

/// Images whose size has changed up to which each is looked at again by itself; above, everything is.
const FEW: usize = 64;

/// Asks for the sizes of the originals where these are on this computer.
pub(crate) fn ask(state: &State) -> Option<Effect> {
    let opened = state.opened.as_ref()?;
    let is_folder = matches!(state.source, Some(SourceSpec::Folder { .. }));
    let (generation, catalogue) = (opened.generation, Arc::clone(&opened.catalogue));
    (is_folder && !catalogue.is_empty()).then_some(Effect::MeasureOriginals { generation, catalogue })
}

/// Takes sizes, and looks again at what is measured in pixels.
pub(crate) fn known(state: &mut State, sizes: &[(ImageIx, (u32, u32))]) -> Vec<Effect> {
    let sort = state.settings.order();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let is_news = |&(ix, size): &(ImageIx, (u32, u32))| opened.catalogue.original_size(ix) != Some(size);
    if !sizes.iter().any(is_news) {
        return Vec::new();
    }
    let changed = Arc::make_mut(&mut opened.catalogue).know_originals(sizes);
    if changed.is_empty() {
        return Vec::new();
    }
    outdated::before_change(opened, sort);
    let is_few = changed.len() <= FEW;
    if is_few {
        changed.iter().for_each(|&ix| resize_facets(opened, ix));
        checks::look_again(opened, &changed);
    } else {
        opened.query.facets = Default::default();
        checks::begin_again(opened);
    }
    if !is_few || opened.query.program.asks_pixels() || sort.key == SortKey::Largest {
        query::recheck(opened, sort);
    } else {
        query::recount(state);
    }
    checks::resume(state)
}

/// Counts an image under its new size.
fn resize_facets(opened: &mut Opened, ix: ImageIx) {
    let is_shown = opened.visible.contains(&ix);
    let Some(image) = opened.catalogue.get(ix) else { return };
    opened.query.facets.resize(image, is_shown);
}
