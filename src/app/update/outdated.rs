//! Keeps [`crate::outdated`]: looks at the images before a decision, and again after it and whatever else may change the
//! list by itself.

use crate::outdated::{ListChange, Outdated, SeenImage};
use crate::state::Opened;
use domain::query::Sources;
use domain::{ImageId, ImageIx, Sort, SortKey, order};

/// Whether the list hangs on decisions or findings.
fn hangs_on_work(opened: &Opened, sort: Sort) -> bool {
    let program = &opened.query.program;
    program.asks_reviews() || program.asks_findings() || matches!(sort.key, SortKey::Review | SortKey::MostFindings)
}

/// Before a decision: from now on the list stays as it is, where it hangs on what comes of it.
pub(super) fn before(opened: &mut Opened, sort: Sort) {
    if hangs_on_work(opened, sort) {
        note_unseen(opened, sort);
    }
}

/// Before anything else changes that the list may hang on: images that have arrived meanwhile stay where they are too.
pub(super) fn before_change(opened: &mut Opened, sort: Sort) {
    if opened.query.outdated.is_held() {
        note_unseen(opened, sort);
    }
}

/// Remembers the state of images that have not been looked at since the query ran.
fn note_unseen(opened: &mut Opened, sort: Sort) {
    let mut outdated = std::mem::take(&mut opened.query.outdated);
    let from = outdated.seen.len();
    if from < opened.catalogue.len() {
        let sources = super::query::sources(opened);
        let fresh = (from..opened.catalogue.len())
            .map(|at| SeenImage { rank: rank(&sources, sort, ImageIx(at as u32)), ..SeenImage::default() });
        outdated.seen.extend(fresh);
        for ix in &opened.visible {
            if let Some(seen) = outdated.seen[from..].get_mut(ix.index().wrapping_sub(from)) {
                seen.is_shown = true;
            }
        }
    }
    opened.query.outdated = outdated;
}

/// After a decision about these images.
pub(super) fn after(opened: &mut Opened, sort: Sort, images: &[ImageId]) {
    let mut outdated = std::mem::take(&mut opened.query.outdated);
    let sources = super::query::sources(opened);
    for ix in images.iter().filter_map(|&image| opened.catalogue.find(image)) {
        let Some(seen) = outdated.seen.get(ix.index()) else { continue };
        let is_let_through =
            opened.catalogue.get(ix).is_some_and(|image| opened.query.program.matches(&sources, image));
        outdated.set(ix, shift(&sources, sort, ix, *seen, is_let_through));
    }
    opened.query.outdated = outdated;
}

/// After a change that may be about any image.
pub(super) fn after_change(opened: &mut Opened, sort: Sort) {
    let mut outdated = std::mem::take(&mut opened.query.outdated);
    let sources = super::query::sources(opened);
    let (mut now, mut let_through) = (Vec::new(), vec![false; opened.catalogue.len()]);
    opened.query.program.extend(&sources, 0, &mut now);
    now.iter().for_each(|ix| let_through[ix.index()] = true);
    for (at, is_let_through) in let_through.into_iter().enumerate().take(outdated.seen.len()) {
        let (ix, seen) = (ImageIx(at as u32), outdated.seen[at]);
        outdated.set(ix, shift(&sources, sort, ix, seen, is_let_through));
    }
    opened.query.outdated = outdated;
}

fn shift(sources: &Sources<'_>, sort: Sort, ix: ImageIx, seen: SeenImage, is_let_through: bool) -> Option<ListChange> {
    match (seen.is_shown, is_let_through) {
        (true, false) => Some(ListChange::Goes),
        (false, true) => Some(ListChange::Comes),
        (true, true) if rank(sources, sort, ix) != seen.rank => Some(ListChange::Moves),
        _ => None,
    }
}

fn rank(sources: &Sources<'_>, sort: Sort, ix: ImageIx) -> u32 {
    match (sort.key, sources.catalogue.get(ix)) {
        (SortKey::Review, Some(image)) => u32::from(order::review_rank(sources, image)),
        (SortKey::MostFindings, Some(_)) => sources.findings.count(ix),
        _ => 0,
    }
}

/// A list that is to stay as it is though all indices become others.
pub(super) struct HeldList {
    visible: Vec<ImageIx>,
    seen: Vec<SeenImage>,
}

impl HeldList {
    /// The list of `old` by the indices of a catalogue of `count` images; `None` when it need not stay.
    pub(super) fn from_old(
        old: &mut Opened,
        sort: Sort,
        count: usize,
        place: impl Fn(ImageIx) -> Option<ImageIx>,
    ) -> Option<Self> {
        before_change(old, sort);
        let old_seen = old.query.outdated.is_held().then(|| std::mem::take(&mut old.query.outdated).seen)?;
        let list = if old.ungrouped.is_empty() { &old.visible } else { &old.ungrouped };
        let mut seen = vec![SeenImage::default(); count];
        for (at, old) in old_seen.into_iter().enumerate() {
            if let Some(new) = place(ImageIx(at as u32)).and_then(|ix| seen.get_mut(ix.index())) {
                *new = SeenImage { shift: None, ..old };
            }
        }
        Some(Self { visible: list.iter().copied().filter_map(place).collect(), seen })
    }

    /// Shows it again.
    pub(super) fn show(self, opened: &mut Opened, sort: Sort) {
        opened.visible = self.visible;
        opened.ungrouped.clear();
        super::query::group(opened, sort);
        opened.query.outdated = Outdated::new(self.seen);
        super::query::recheck(opened, sort);
    }
}

/// Asks for the list again. Where the image under the cursor goes, the next one that stays gets it.
pub(super) fn refresh(opened: &mut Opened, sort: Sort) {
    let before = opened.visible.clone();
    super::query::hold(opened, sort);
    let Some(place) = opened.cursor.and_then(|cursor| before.iter().position(|&ix| ix == cursor)) else { return };
    let mut stays = vec![false; opened.catalogue.len()];
    opened.visible.iter().for_each(|ix| stays[ix.index()] = true);
    let stays = |ix: &&ImageIx| stays.get(ix.index()).copied().unwrap_or_default();
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
