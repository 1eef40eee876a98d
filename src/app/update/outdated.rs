//! Keeps [`crate::app::outdated`]: looks at the images before a decision, and again after it.

use crate::app::outdated::{Seen, Shift};
use crate::app::state::Opened;
use crate::domain::{ImageId, ImageIx, SortKey, order};

/// Whether the list hangs on decisions.
fn hangs_on_reviews(opened: &Opened, sort: SortKey) -> bool {
    opened.query.program.asks_reviews() || sort == SortKey::Review
}

/// Before a decision: remembers how images stand that have not been looked at since the list was asked for.
pub(super) fn before(opened: &mut Opened, sort: SortKey) {
    let mut outdated = std::mem::take(&mut opened.query.outdated);
    let from = outdated.seen.len();
    if hangs_on_reviews(opened, sort) && from < opened.catalogue.len() {
        let sources = super::query::sources(opened);
        let fresh = (from..opened.catalogue.len())
            .map(|at| Seen { rank: rank(&sources, sort, ImageIx(at as u32)), ..Seen::default() });
        outdated.seen.extend(fresh);
        for ix in &opened.visible {
            if let Some(seen) = outdated.seen[from..].get_mut(ix.at().wrapping_sub(from)) {
                seen.is_shown = true;
            }
        }
    }
    opened.query.outdated = outdated;
}

/// After a decision about these images.
pub(super) fn after(opened: &mut Opened, sort: SortKey, images: &[ImageId]) {
    let mut outdated = std::mem::take(&mut opened.query.outdated);
    let sources = super::query::sources(opened);
    for ix in images.iter().filter_map(|&image| opened.catalogue.find(image)) {
        let Some(seen) = outdated.seen.get(ix.at()) else { continue };
        let is_let_through =
            opened.catalogue.get(ix).is_some_and(|image| opened.query.program.matches(&sources, image));
        let shift = match (seen.is_shown, is_let_through) {
            (true, false) => Some(Shift::Goes),
            (false, true) => Some(Shift::Comes),
            (true, true) if rank(&sources, sort, ix) != seen.rank => Some(Shift::Moves),
            _ => None,
        };
        outdated.set(ix, shift);
    }
    opened.query.outdated = outdated;
}

fn rank(sources: &crate::domain::query::Sources<'_>, sort: SortKey, ix: ImageIx) -> u8 {
    match sources.catalogue.get(ix).filter(|_| sort == SortKey::Review) {
        Some(image) => order::review_rank(sources, image),
        None => 0,
    }
}

/// Asks for the list again. Where the image under the cursor goes, the next one that stays gets it.
pub(super) fn ask_again(opened: &mut Opened, sort: SortKey) {
    let before = opened.visible.clone();
    super::query::hold(opened, sort);
    let Some(place) = opened.cursor.and_then(|cursor| before.iter().position(|&ix| ix == cursor)) else { return };
    let mut stays = vec![false; opened.catalogue.len()];
    opened.visible.iter().for_each(|ix| stays[ix.at()] = true);
    let stays = |ix: &&ImageIx| stays.get(ix.at()).copied().unwrap_or_default();
    let next = before[place..].iter().find(stays).or_else(|| before[..place].iter().rev().find(stays)).copied();
    if next.is_none() || next == opened.cursor {
        return;
    }
    let was_chosen = opened.selection.len() == 1 && opened.cursor.is_some_and(|ix| opened.selection.contains(ix));
    opened.cursor = next;
    if let Some(next) = next.filter(|_| was_chosen) {
        opened.selection.set_only(next);
    }
}
