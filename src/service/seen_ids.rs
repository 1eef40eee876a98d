//! The account of one listing: which images came in which pass, and whether they are all there are. Pure.
//!
//! The service gives pages by position, and positions move: an image that is deleted pulls all later ones forward past
//! the next page's beginning (they would be missed), one that is added or tagged pushes them back (they repeat), and rows
//! of one upload come in no order, so that both happens at once. What can be known all the same:
//!
//! - Two pages *meet* when they share a row. In a list whose order stands, everything between the first row of one page
//!   and the last row of the next that is there all the time is then in one of them, whatever came and went. A pass whose
//!   pages all meet has missed none of the images that were there throughout.
//! - Where rows of the same time change places, a page repeats one row more than it overlaps for each row that is missed.
//!   A pass without such repeats has missed nothing. A page with the border in its middle shows them all.
//! - An image that an earlier pass showed and this one does not may be gone: the service can be asked for it by its id.
//!   When every listed image is there, their number is the service's count, and that stood during a pass that brought
//!   nothing new, the list is whole.
//!
//! - Without a count the end is where an answer brings nothing new behind the rows that came. Where no answer has shown
//!   that, the list is not known to be whole.
//!
//! What nobody can see: an image is deleted and another added between the same two answers, and at the border of just
//! those two pages rows of one time change places. Counts and pages then look as if nothing had moved.

use rustc_hash::{FxHashMap, FxHashSet};

use domain::ImageId;

pub(super) const MOST_EXTRA_PASSES: u32 = 3;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Evidence {
    /// Different images of this pass.
    distinct: u64,
    /// Rows of this pass without an id that can be read.
    nameless: u64,
    /// Images that no earlier pass had.
    fresh: u64,
    /// Rows that came again beyond the overlap of the pages.
    repeats: u64,
    /// Times that a page did not meet the one before and earlier rows were requested again: rows moved forward.
    rewinds: u32,
    /// Pages that meet nothing, even so.
    gaps: u32,
    /// Repeats came in another order than before.
    is_shuffled: bool,
    /// An answer showed that nothing is behind the last row.
    is_end_shown: bool,
}

impl Evidence {
    fn shown(&self) -> u64 {
        self.distinct + self.nameless
    }

    /// Nothing moved but, at most, rows that have the same time: without repeats none of them was missed.
    fn is_clean(&self) -> bool {
        self.repeats == 0 && self.rewinds == 0 && self.gaps == 0
    }

    /// Rows may be missing between those that came.
    fn is_doubtful(&self) -> bool {
        self.gaps > 0 || self.is_shuffled || (self.rewinds > 0 && self.repeats > 0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PassOutcome {
    Whole,
    AskCount,
    /// Ask for these images by id: the last pass did not show them.
    AskFor(Vec<ImageId>),
    Again,
    /// More passes would not help, or there were enough of them.
    Unsure,
}

/// Where an image came last.
#[derive(Clone, Copy, Debug)]
struct Place {
    pass: u32,
    /// How many came before it in that pass.
    at: u32,
}

#[derive(Debug, Default)]
pub(super) struct SeenIds {
    last_seen: FxHashMap<ImageId, Place>,
    /// Images that came and are no longer in the list.
    gone: FxHashSet<ImageId>,
    /// From 0.
    pass: u32,
    now: Evidence,
    before: Option<Evidence>,
    /// What the service counted when this pass began.
    counted_before: Option<u64>,
    /// Rows without an id, in the pass that had most of them.
    nameless: u64,
    /// Rows that came again, in the pass that had most of them.
    repeats: u64,
    /// The first pass brought as many images as there were at its beginning.
    agreed_at_first: bool,
    has_caught_up: bool,
}

impl SeenIds {
    pub(super) fn repeats(&self) -> u64 {
        self.repeats
    }

    /// Images and rows without an id that came and are still there.
    pub(super) fn there(&self) -> u64 {
        (self.last_seen.len() - self.gone.len()) as u64 + self.nameless
    }

    pub(super) fn is_doubtful(&self) -> bool {
        self.now.is_doubtful()
    }

    pub(super) fn gone(&self) -> &FxHashSet<ImageId> {
        &self.gone
    }

    /// Whether the image came and has not left the list.
    pub(super) fn holds(&self, image: ImageId) -> bool {
        self.last_seen.contains_key(&image) && !self.gone.contains(&image)
    }

    /// Whether this pass needs to go no further: see [`SeenIds::catch_up`].
    pub(super) fn has_caught_up(&self) -> bool {
        self.has_caught_up
    }

    pub(super) fn distinct(&self) -> u64 {
        self.now.distinct
    }

    /// Rows of a page that this pass has shown already.
    pub(super) fn repeats_of(&self, ids: &[Option<ImageId>]) -> usize {
        let has_come = |id: &&ImageId| self.last_seen.get(*id).is_some_and(|seen| seen.pass == self.pass);
        ids.iter().flatten().filter(has_come).count()
    }

    /// Whether a page shares a row with this pass.
    pub(super) fn meets(&self, ids: &[Option<ImageId>]) -> bool {
        self.repeats_of(ids) > 0
    }

    pub(super) fn note_rewind(&mut self) {
        self.now.rewinds += 1;
    }

    pub(super) fn note_gap(&mut self) {
        self.now.gaps += 1;
    }

    /// The service was asked for rows behind the last one and sent none. `is_proof`: that proves that all rows came.
    pub(super) fn note_end(&mut self, is_proof: bool) {
        self.now.is_end_shown = is_proof;
    }

    /// Rows that came in this pass.
    pub(super) fn shown(&self) -> u64 {
        self.now.shown()
    }

    /// Takes a page, of which the first `overlap` rows were asked for a second time. Says which rows are new, of any pass.
    pub(super) fn enter(&mut self, ids: &[Option<ImageId>], overlap: usize) -> Vec<bool> {
        let mut is_new = Vec::with_capacity(ids.len());
        let came_before = self.now.distinct;
        let mut repeats = 0_usize;
        // Where the next repeat stood, if the order is that of before.
        let mut next_place = None;
        for (index, id) in ids.iter().enumerate() {
            let Some(id) = *id else {
                let is_counted = index >= overlap;
                self.now.nameless += u64::from(is_counted);
                is_new.push(is_counted && self.pass == 0);
                continue;
            };
            self.gone.remove(&id);
            let seen = self.last_seen.get(&id).copied();
            is_new.push(seen.is_none());
            if let Some(Place { at, .. }) = seen.filter(|seen| seen.pass == self.pass) {
                repeats += 1;
                // Repeats come first, one after the other as before.
                let is_in_order = self.now.distinct == came_before && next_place.is_none_or(|next| next == at);
                self.now.is_shuffled |= !is_in_order;
                next_place = Some(at + 1);
                continue;
            }
            // What is new follows the last of them.
            self.now.is_shuffled |= next_place.is_some_and(|next| u64::from(next) != came_before);
            next_place = None;
            let place = Place { pass: self.pass, at: u32::try_from(self.now.distinct).unwrap_or(u32::MAX) };
            self.last_seen.insert(id, place);
            self.now.distinct += 1;
            self.now.fresh += u64::from(seen.is_none());
        }
        self.nameless = self.nameless.max(self.now.nameless);
        let beyond = repeats.saturating_sub(overlap) as u64;
        self.now.repeats += beyond;
        self.repeats = self.repeats.max(self.now.repeats);
        is_new
    }

    /// Ends the second pass early, after a page whose last row was known before: the first pass brought all images of its
    /// beginning, and all that was missing are images that have come since and stand at the head; they explain every
    /// repeat, and with them the count agrees.
    pub(super) fn catch_up(&mut self, counted: Option<u64>, is_last_row_known: bool) {
        let is_sound = |evidence: &Evidence| evidence.rewinds == 0 && !evidence.is_doubtful();
        let is_explained = |before: &Evidence| is_sound(before) && before.repeats <= self.now.fresh;
        self.has_caught_up = self.pass == 1
            && self.agreed_at_first
            && is_last_row_known
            && self.now.fresh > 0
            && counted == Some(self.there())
            && is_sound(&self.now)
            && self.before.as_ref().is_some_and(is_explained);
    }

    /// Begins a further pass, when the service counts `counted` rows.
    pub(super) fn begin_pass(&mut self, counted: Option<u64>) {
        self.pass += 1;
        self.before = Some(std::mem::take(&mut self.now));
        self.counted_before = counted;
    }

    /// Images that this pass did not show and that are not known to be gone.
    fn unsure(&self) -> Vec<ImageId> {
        let is_unsure = |(id, seen): &(&ImageId, &Place)| seen.pass != self.pass && !self.gone.contains(*id);
        self.last_seen.iter().filter(is_unsure).map(|(&id, _)| id).collect()
    }

    pub(super) fn mark_gone(&mut self, images: impl IntoIterator<Item = ImageId>) {
        self.gone.extend(images);
    }

    /// What the end of a pass means, when the service counts `counted` rows (`None`: it does not say). `is_fresh`: it was
    /// asked after the pass. `is_checked`: the service was asked for the images of [`PassOutcome::AskFor`].
    pub(super) fn verdict(&mut self, counted: Option<u64>, is_fresh: bool, is_checked: bool) -> PassOutcome {
        // A count that cannot be had agrees with nothing: the end must have been seen.
        let is_end_shown = self.now.is_end_shown;
        let agrees = |number: u64| counted.map_or(is_end_shown, |counted| counted == number);
        if self.has_caught_up {
            return PassOutcome::Whole;
        }
        if self.pass == 0 && !is_fresh {
            // By the count of the beginning: one that has changed since says that images came or went.
            let agreed = agrees(self.there());
            self.agreed_at_first = agreed && counted.is_some();
            return if agreed && self.now.is_clean() { PassOutcome::Whole } else { PassOutcome::AskCount };
        }
        if self.pass == 0 {
            return PassOutcome::Again;
        }
        if !is_fresh {
            return PassOutcome::AskCount;
        }
        if self.now.is_clean() && agrees(self.now.shown()) {
            // This pass alone shows all there is. What it does not show is gone.
            let gone = self.unsure();
            self.mark_gone(gone);
            self.nameless = self.now.nameless;
            return PassOutcome::Whole;
        }
        if !is_checked {
            let unsure = self.unsure();
            if !unsure.is_empty() {
                return PassOutcome::AskFor(unsure);
            }
        }
        // An image that this pass showed and that was deleted since would stand for one that was missed. With a count that
        // stood, that takes a new image besides: so nothing new may have come either, but in the last pass.
        let stood = counted == self.counted_before && (self.now.fresh == 0 || self.pass >= MOST_EXTRA_PASSES);
        let is_proven = if counted.is_some() { stood } else { !self.now.is_doubtful() };
        if agrees(self.there()) && is_proven {
            return PassOutcome::Whole;
        }
        let stands = |before: &Evidence| !before.is_doubtful() && before.shown() == self.now.shown();
        let is_settled = self.now.fresh == 0 && !self.now.is_doubtful() && self.before.as_ref().is_some_and(stands);
        if is_settled || self.pass >= MOST_EXTRA_PASSES { PassOutcome::Unsure } else { PassOutcome::Again }
    }
}
