//! Images that arrive in the list of the open project: they are shown, and where the person was before comes back with them.

use std::ops::Range;

use super::scrolled::come_back;
use crate::Effect;
use crate::state::Opened;
use crate::update::{query, want_pixels};
use crate::view::View;
use domain::{ImageIx, Sort};

/// These images are in the catalogue now: they are shown, and what was awaited of them comes back.
pub(crate) fn arrived(opened: &mut Opened, added: Range<u32>, sort: Sort) -> Vec<Effect> {
    opened.review.arrived(&opened.catalogue);
    query::arrived(opened, sort, added.start);
    let mut effects = Vec::new();
    for ix in added.map(ImageIx) {
        let Some(id) = opened.catalogue.get(ix).map(|image| image.id()) else { continue };
        if opened.awaited.chosen.remove(&id) {
            opened.selection.set_many([ix], true);
        }
        if opened.awaited.cursor == Some(id) {
            opened.awaited.cursor = None;
            opened.cursor = Some(ix);
            if std::mem::take(&mut opened.awaited.on_canvas) {
                opened.view = View::Canvas;
                effects = want_pixels(opened);
            }
        }
    }
    come_back(opened, false);
    effects
}
