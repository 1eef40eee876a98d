//! Which pages of one listing to ask for, and what to make of each: the way through a list whose rows move. Pure; the
//! pages themselves are fetched in [`stream`](super::page_stream).
//!
//! Each page begins with the last row of the one before. Where that row is not there (rows have moved forward), the cursor
//! goes back until the pages meet again; where more rows repeat than pages overlap (rows of one time have changed places),
//! it takes a page with that border in its middle instead. So nothing is missed, in order, and no second pass is needed.
//!
//! A page with fewer rows than were asked for is no proof of the end: a service may give smaller pages. It ends the pass
//! when the service counts exactly the rows that came. Otherwise the cursor continues from there, one page at a time; pages
//! that are always short become the page size. Where a page brings only the row that it shares with the one before, the cursor
//! looks behind that row: an empty answer ends the list. Rows that are found there continue the list, and count as a gap,
//! because nothing shows that they follow.

use super::query::MAX_TAKE;
use super::seen_ids::SeenIds;
use domain::ImageId;

/// The service's `skip` is a signed 32-bit number: no project has rows beyond it, and it refuses to look.
const LAST_SKIP: u64 = i32::MAX as u64;

/// Rows that two pages share when nothing moves: one is enough to see whether they meet.
const OVERLAP: u32 = 1;

/// Rows to go back at first when they do not; twice as many each time.
const FIRST_BACK: u64 = 64;

/// Times to go back in one pass, at most.
const MOST_REWINDS: u32 = 24;

/// Full pages in a row that bring nothing, after which a pass ends: the service gives the same page for ever.
const MOST_IDLE_PAGES: u32 = 16;

/// Short pages of the same length in a row, after which that is the page size.
const SAME_SHORT_PAGES: u32 = 2;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It does not follow the rows before: it was put away, and the next window begins earlier.
    Back,
    /// Which of its rows have not come before.
    Rows(Vec<bool>),
}

/// The position in one listing, and what the pages so far have shown.
#[derive(Debug)]
pub(super) struct OffsetCursor {
    /// The first row that is requested.
    base: u64,
    next_skip: u64,
    /// The position after the last row that was taken.
    reached: u64,
    back: u64,
    rewinds: u32,
    idle: u32,
    /// The next page has the border of those before in its middle.
    is_centered: bool,
    has_ended: bool,
    /// The last page had fewer rows than were requested, and whether it was the last one is not decided yet.
    is_short: bool,
    /// The pass continues after a short page: one window at a time, until a page is full.
    is_feeling: bool,
    /// The last page brought only the row that it shares with the one before.
    is_stuck: bool,
    /// The next page begins behind all rows that came: it shares none with them.
    looks_behind: bool,
    /// The length of the short pages so far, and how many of it came in a row.
    short: (usize, u32),
    /// Rows a page at most.
    page: u32,
    /// Rows of the longest page so far.
    longest: usize,
    pub(super) seen: SeenIds,
}

impl OffsetCursor {
    pub(super) fn new(base: u64) -> Self {
        Self::by_pages_of(MAX_TAKE, base)
    }

    /// By pages of another size than the service's.
    pub(super) fn by_pages_of(page: u32, base: u64) -> Self {
        Self {
            base,
            next_skip: base,
            reached: base,
            back: FIRST_BACK,
            rewinds: 0,
            idle: 0,
            is_centered: false,
            has_ended: false,
            is_short: false,
            is_feeling: false,
            is_stuck: false,
            looks_behind: false,
            short: (0, 0),
            page,
            longest: 0,
            seen: SeenIds::default(),
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// No further rows are wanted of this pass.
    pub(super) fn end(&mut self) {
        self.has_ended = true;
    }

    /// Whether a window beyond those asked for has rows, if there are `total`. Not known while pages come short.
    pub(super) fn is_counted(&self, total: u64) -> bool {
        !self.is_feeling && self.next_skip.saturating_add(u64::from(OVERLAP)) < total
    }

    /// Whether the last page was short and [`OffsetCursor::decide`] has to say what that means. No window is handed out before.
    pub(super) fn is_undecided(&self) -> bool {
        self.is_short && !self.has_ended
    }

    /// Decides what a short page means when the service counts `counted` rows; `None`: the count cannot be had.
    pub(super) fn decide(&mut self, counted: Option<u64>) {
        if !self.is_undecided() {
            return;
        }
        self.is_short = false;
        if counted == Some(self.reached) {
            self.has_ended = true;
            return;
        }
        self.is_feeling = true;
        // A page of one row shares nothing with the next one but itself: look behind it instead.
        self.looks_behind = self.is_stuck || self.longest <= OVERLAP as usize;
        let overlap = if self.looks_behind { 0 } else { u64::from(OVERLAP) };
        self.next_skip = self.reached.saturating_sub(overlap).max(self.base);
    }

    /// The next window, as `skip` and `take`, when `wanted` more rows are wanted (`None`: all).
    pub(super) fn window(&mut self, wanted: Option<u64>) -> Option<(u64, u32)> {
        if self.has_ended || self.is_short || self.next_skip > LAST_SKIP {
            return None;
        }
        let end = wanted.map_or(u64::MAX, |wanted| self.reached.saturating_add(wanted));
        let room = end.saturating_sub(self.next_skip);
        let take = u32::try_from(room).unwrap_or(self.page).min(self.page);
        // A look behind all rows that came shares none with them.
        let is_behind_all = self.next_skip == self.reached;
        let overlap = if self.next_skip > self.base && !is_behind_all { OVERLAP } else { 0 };
        if take <= overlap {
            return None;
        }
        let skip = self.next_skip;
        self.next_skip += u64::from(take.saturating_sub(OVERLAP).max(1));
        Some((skip, take))
    }

    /// The window at `skip` failed, and those after it were dropped: it is the next one again.
    pub(super) fn restart_at(&mut self, skip: u64) {
        self.next_skip = skip;
    }

    /// Takes the answer to a window: the id of each row, in order. Windows must be answered in the order in which they
    /// were handed out, and after [`Taken::Back`] all others are void.
    pub(super) fn take(&mut self, skip: u64, take: u32, ids: &[Option<ImageId>]) -> Taken {
        let is_behind_all = skip >= self.reached;
        if ids.is_empty() && is_behind_all {
            // Nothing is behind the rows that came. An empty list may as well be a service that is not well.
            self.has_ended = true;
            self.seen.note_end(self.reached > self.base);
            return Taken::Rows(Vec::new());
        }
        let is_first = skip == 0 || self.reached == self.base;
        let looked_behind = std::mem::take(&mut self.looks_behind) && is_behind_all;
        if looked_behind && self.seen.repeats_of(ids) == ids.len() {
            // Behind the last row the service gives rows again: there are no others, but that is no proof.
            self.has_ended = true;
            self.seen.note_end(false);
            return Taken::Rows(vec![false; ids.len()]);
        }
        if !is_first && !self.seen.meets(ids) {
            if !looked_behind && skip > self.base && self.rewinds < MOST_REWINDS {
                self.rewinds += 1;
                self.seen.note_rewind();
                self.next_skip = skip.saturating_sub(self.back).max(self.base);
                self.back = self.back.saturating_mul(2);
                return Taken::Back;
            }
            self.seen.note_gap();
        }
        self.back = FIRST_BACK;
        let overlap = usize::try_from(self.reached.saturating_sub(skip)).unwrap_or(usize::MAX).min(ids.len());
        let begins_at_border = skip.saturating_add(u64::from(OVERLAP)) >= self.reached;
        let was_centered = std::mem::take(&mut self.is_centered);
        if !is_first && !was_centered && self.seen.repeats_of(ids) > overlap {
            self.is_centered = true;
            let span = if self.is_feeling { self.longest as u64 } else { u64::from(self.page) };
            self.next_skip = self.reached.saturating_sub(span / 2).max(self.base);
            return Taken::Back;
        }
        let before = self.seen.distinct();
        let is_new = self.seen.enter(ids, overlap);
        let brings_nothing = ids.len() <= overlap;
        self.reached = skip + ids.len() as u64;
        self.longest = self.longest.max(ids.len());
        let is_idle = overlap < ids.len() && self.seen.distinct() == before;
        self.idle = if is_idle { self.idle + 1 } else { 0 };
        if self.idle >= MOST_IDLE_PAGES {
            self.seen.note_gap();
            self.has_ended = true;
        }
        if self.reached > LAST_SKIP {
            self.has_ended = true;
        }
        if ids.len() >= take as usize {
            self.is_stuck = false;
            self.is_feeling = false;
            self.short = (0, 0);
        } else {
            // Asked for the last row and those behind it, the service gave the last row: perhaps because it is the last one.
            self.is_stuck = brings_nothing && begins_at_border;
            self.note_short(ids.len());
        }
        Taken::Rows(is_new)
    }

    /// A page had fewer rows than were requested.
    fn note_short(&mut self, rows: usize) {
        self.is_short = true;
        let (length, times) = self.short;
        self.short = (rows, if length == rows { times + 1 } else { 1 });
        if self.short.1 >= SAME_SHORT_PAGES && rows > OVERLAP as usize {
            self.page = u32::try_from(rows).unwrap_or(self.page).min(self.page);
        }
    }

    /// Begins at the first row again, when the service counts `counted` rows.
    pub(super) fn begin_pass(&mut self, counted: Option<u64>) {
        self.seen.begin_pass(counted);
        self.next_skip = self.base;
        self.reached = self.base;
        self.back = FIRST_BACK;
        self.rewinds = 0;
        self.idle = 0;
        self.is_centered = false;
        self.has_ended = false;
        self.is_short = false;
        self.is_feeling = false;
        self.is_stuck = false;
        self.looks_behind = false;
        self.short = (0, 0);
    }
}
