//! What all decisions of a project come to.

mod history;

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::chain::{Chains, Change};
use super::dispute::Blames;
use super::steps::Dismissals;
use super::{
    Blame, Comment, Decision, DecisionKind, Dispute, ImageReview, Opinion, Review, ReviewRow, Statement, Subject,
    Verdict,
};
use crate::checks::FindingKey;
use crate::ids::{ImageId, RegionId};

/// All decisions of a project as they stand now. By id, so that they outlive a listing.
#[derive(Clone, Default)]
pub struct Reviews {
    pub(super) chains: Chains,
    pub(super) comments: Vec<Comment>,
    comments_of: FxHashMap<ImageId, Vec<u32>>,
    dismissals: Dismissals,
    blames: Blames,
    pub(super) names: Vec<Arc<str>>,
    own: Option<u16>,
    own_name: Arc<str>,
    entries: Vec<Entry>,
    /// Entries that can be undone, by their places, ascending.
    done: Vec<u32>,
    /// Entries that can be put in force again, the next one last.
    undone: Vec<u32>,
    /// What an entry that is not on the disk yet has made impossible to redo.
    cleared: FxHashMap<u64, Vec<u32>>,
    last_number: u64,
    /// Images and regions by the own verdict.
    counts: [Count; 4],
    revision: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    images: usize,
    regions: usize,
}

impl Count {
    fn of(&mut self, subject: Subject) -> &mut usize {
        if subject.region.is_some() { &mut self.regions } else { &mut self.images }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionError {
    /// Its number is not above the ones before.
    Number,
    /// It undoes or redoes what is not there, or not in the state for it.
    Target,
    /// There is no room for more reviewers or entries.
    TooMany,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    number: u64,
    first_mark: u32,
    first_comment: u32,
    first_dismissal: u32,
    first_blame: u32,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Says(DecisionKind),
    Undoes(u32),
    Redoes(u32),
}

impl Reviews {
    /// Says whose verdicts are the own ones.
    pub fn set_reviewer(&mut self, name: &str) {
        if &*self.own_name == name && self.own.is_some() {
            return;
        }
        self.own_name = name.into();
        self.own = self.names.iter().position(|known| &**known == name).map(|at| at as u16);
        self.counts = Default::default();
        if let Some(own) = self.own {
            for slot in self.chains.iter().filter(|slot| slot.reviewer == own) {
                if let Some(verdict) = self.chains.verdict_of(slot) {
                    *self.counts[verdict as usize].of(slot.subject) += 1;
                }
            }
        }
        self.revision += 1;
    }

    /// Whose verdicts are the own ones.
    pub fn reviewer(&self) -> &Arc<str> {
        &self.own_name
    }

    /// The own verdict about a subject.
    pub fn verdict(&self, subject: Subject) -> Option<Verdict> {
        let slot = self.chains.find(subject, self.own?)?;
        self.chains.verdict_of(slot)
    }

    /// The own verdicts about an image and its regions.
    pub fn own_verdicts(&self, image: ImageId) -> impl Iterator<Item = Verdict> {
        let own = self.chains.of_image(image).filter(|slot| Some(slot.reviewer) == self.own);
        own.filter_map(|slot| self.chains.verdict_of(slot))
    }

    /// The regions of an image that have an own verdict, the one first decided about last.
    pub fn own_regions(&self, image: ImageId) -> impl Iterator<Item = RegionId> {
        let own = self.chains.of_image(image).filter(|slot| Some(slot.reviewer) == self.own);
        own.filter(|slot| self.chains.verdict_of(slot).is_some()).filter_map(|slot| slot.subject.region)
    }

    /// What all reviewers think of an image and its regions, the own opinion among them.
    pub fn opinions(&self, image: ImageId) -> impl Iterator<Item = Opinion<'_>> {
        self.chains.of_image(image).filter_map(|slot| {
            let verdict = self.chains.verdict_of(slot)?;
            let at = self.chains.latest(slot)?.at;
            Some(Opinion { by: &self.names[usize::from(slot.reviewer)], verdict, at, subject: slot.subject })
        })
    }

    /// The words of the comments on an image and its regions, oldest first.
    pub fn comments(&self, image: ImageId) -> impl Iterator<Item = &str> {
        self.comments_in_full(image).map(|comment| &*comment.text)
    }

    /// The comments on an image and its regions, oldest first.
    pub fn comments_in_full(&self, image: ImageId) -> impl Iterator<Item = &Comment> {
        let places = self.comments_of.get(&image).into_iter().flatten();
        places.map(|&at| &self.comments[at as usize]).filter(|comment| comment.is_in_force)
    }

    pub fn comment_count(&self, image: ImageId) -> usize {
        self.comments_in_full(image).count()
    }

    /// Whether two reviewers decided differently about an image or one of its regions.
    pub fn has_disagreement(&self, image: ImageId) -> bool {
        if self.names.len() < 2 {
            return false;
        }
        let mut seen: FxHashMap<Subject, Verdict> = FxHashMap::default();
        self.opinions(image).any(|opinion| *seen.entry(opinion.subject).or_insert(opinion.verdict) != opinion.verdict)
    }

    pub fn image(&self, image: ImageId) -> ImageReview {
        let own = self.chains.of_image(image).filter(|slot| Some(slot.reviewer) == self.own);
        let own = own.filter_map(|slot| Some((slot.subject, self.chains.verdict_of(slot)?)));
        let mut review = ImageReview {
            comment_count: self.comment_count(image),
            has_disagreement: self.has_disagreement(image),
            ..ImageReview::default()
        };
        for (subject, verdict) in own {
            if subject.region.is_none() {
                review.verdict = Some(verdict);
            } else {
                review.region_count += 1;
                let gravest = review.worst_region.into_iter().chain([verdict]).max_by_key(|verdict| verdict.gravity());
                review.worst_region = gravest;
            }
        }
        review
    }

    /// Number of images with this own verdict, of whatever listing.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.counts[verdict as usize].images
    }

    /// Number of regions with this own verdict, of whatever listing.
    pub fn region_count(&self, verdict: Verdict) -> usize {
        self.counts[verdict as usize].regions
    }

    /// Counts the changes, so that what depends on decisions is worked out once.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether nothing was ever decided or said.
    pub fn is_empty(&self) -> bool {
        let has_steps = self.dismissals.len() > 0 || self.blames.len() > 0;
        self.entries.is_empty() && self.comments.is_empty() && self.chains.len() == 0 && !has_steps
    }

    /// The number that the next entry is to have.
    pub fn next_number(&self) -> u64 {
        self.last_number + 1
    }

    /// Makes room for so many more entries of one subject each.
    pub fn reserve(&mut self, entries: usize) {
        self.chains.reserve(entries);
        self.entries.reserve(entries);
        self.done.reserve(entries);
    }

    /// Takes an entry; the images whose reviews it changes.
    ///
    /// # Errors
    /// When it does not follow from the entries before; nothing has changed then.
    pub fn apply<'d>(&mut self, decision: &'d Decision) -> Result<Vec<ImageId>, DecisionError> {
        let mut images = Vec::new();
        let note = |image| images.push(image);
        let (number, by, at) = (decision.number, &decision.by, decision.at);
        let of_row = |row: &'d ReviewRow| (row.subject, &row.by, row.at, Word::of(&row.review));
        match &decision.statement {
            Statement::Kept(rows) => self.say(rows.iter().map(of_row), rows.len(), note)?,
            Statement::KeptDismissed(keys) => self.dismiss(keys, true)?,
            Statement::Decide { subjects, verdict } => {
                let words = subjects.iter().map(|&subject| (subject, by, at, Word::Mark(*verdict)));
                self.enter(number, DecisionKind::Decide, |reviews| reviews.say(words, subjects.len(), note))?;
            }
            Statement::Comment { subjects, text } => {
                let words = subjects.iter().map(|&subject| (subject, by, at, Word::Comment(text)));
                self.enter(number, DecisionKind::Comment, |reviews| reviews.say(words, subjects.len(), note))?;
            }
            Statement::Import(rows) => {
                let words = rows.iter().map(of_row);
                self.enter(number, DecisionKind::Import, |reviews| reviews.say(words, rows.len(), note))?;
            }
            Statement::Dismiss(keys) => {
                self.enter(number, DecisionKind::Dismiss, |reviews| reviews.dismiss(keys, true))?;
                images.extend(keys.iter().flat_map(FindingKey::images));
            }
            Statement::Restore(keys) => {
                self.enter(number, DecisionKind::Restore, |reviews| reviews.dismiss(keys, false))?;
                images.extend(keys.iter().flat_map(FindingKey::images));
            }
            Statement::Blame { disputes, blame } => {
                self.enter(number, DecisionKind::Blame, |reviews| reviews.put_blame(disputes, *blame))?;
                images.extend(disputes.iter().map(Dispute::image));
            }
            Statement::Undo(of) => return self.turn(number, *of, false),
            Statement::Redo(of) => return self.turn(number, *of, true),
        }
        Ok(images)
    }

    /// Takes an entry that sets one verdict, as [`apply`](Self::apply) does, for callers with a million of them, has
    /// them in parts, and does not ask which images change.
    ///
    /// # Errors
    /// When it does not follow from the entries before; nothing has changed then.
    pub fn decide(
        &mut self,
        number: u64,
        at: i64,
        by: &Arc<str>,
        subjects: &[Subject],
        verdict: Option<Verdict>,
    ) -> Result<(), DecisionError> {
        let words = subjects.iter().map(|&subject| (subject, by, at, Word::Mark(verdict)));
        self.enter(number, DecisionKind::Decide, |reviews| reviews.say(words, subjects.len(), |_| {}))
    }

    /// Takes an entry that says something new.
    fn enter(
        &mut self,
        number: u64,
        kind: DecisionKind,
        say: impl FnOnce(&mut Self) -> Result<(), DecisionError>,
    ) -> Result<(), DecisionError> {
        let (place, entry) = self.next_entry(number)?;
        say(self)?;
        let entry = Entry { kind: Kind::Says(kind), ..entry };
        let cleared = std::mem::take(&mut self.undone);
        if !cleared.is_empty() {
            self.cleared.insert(number, cleared);
        }
        self.done.push(place);
        self.push(entry);
        Ok(())
    }

    /// The entry that begins here, and its place.
    fn next_entry(&self, number: u64) -> Result<(u32, Entry), DecisionError> {
        if number <= self.last_number {
            return Err(DecisionError::Number);
        }
        let place = u32::try_from(self.entries.len()).map_err(|_| DecisionError::TooMany)?;
        let (first_mark, first_comment) = (self.chains.len(), self.comments.len() as u32);
        let (first_dismissal, first_blame) = (self.dismissals.len(), self.blames.len());
        let kind = Kind::Says(DecisionKind::Decide);
        Ok((place, Entry { number, first_mark, first_comment, first_dismissal, first_blame, kind }))
    }

    fn push(&mut self, entry: Entry) {
        self.last_number = entry.number;
        self.entries.push(entry);
    }

    fn dismiss(&mut self, keys: &[FindingKey], is_dismissed: bool) -> Result<(), DecisionError> {
        if self.dismissals.len() as usize + keys.len() >= u32::MAX as usize {
            return Err(DecisionError::TooMany);
        }
        keys.iter().for_each(|&key| self.dismissals.push(key, is_dismissed));
        self.revision += 1;
        Ok(())
    }

    fn put_blame(&mut self, disputes: &[Dispute], blame: Option<Blame>) -> Result<(), DecisionError> {
        if self.blames.len() as usize + disputes.len() >= u32::MAX as usize {
            return Err(DecisionError::TooMany);
        }
        disputes.iter().for_each(|&dispute| self.blames.push(dispute, blame));
        self.revision += 1;
        Ok(())
    }

    fn say<'a>(
        &mut self,
        words: impl Iterator<Item = (Subject, &'a Arc<str>, i64, Word<'a>)>,
        count: usize,
        mut note: impl FnMut(ImageId),
    ) -> Result<(), DecisionError> {
        // The room of 32 bits is for marks and comments together; a reviewer more a word is the worst case.
        let has_room = self.chains.has_room(count) && self.comments.len() + count < u32::MAX as usize;
        if !has_room || (self.names.len() + count.min(2) > usize::from(u16::MAX)) {
            return Err(DecisionError::TooMany);
        }
        for (subject, by, at, word) in words {
            match word {
                Word::Mark(verdict) => {
                    let Some(reviewer) = self.reviewer_ix(by) else { continue };
                    let change = self.chains.push(subject, reviewer, at, verdict);
                    self.count_change(&change);
                }
                Word::Comment(text) => {
                    let place = self.comments.len() as u32;
                    let (by, text) = (Arc::clone(by), Arc::clone(text));
                    self.comments.push(Comment { subject, by, at, text, is_in_force: true });
                    self.comments_of.entry(subject.image).or_default().push(place);
                }
            }
            note(subject.image);
        }
        self.revision += 1;
        Ok(())
    }

    fn reviewer_ix(&mut self, name: &Arc<str>) -> Option<u16> {
        // There are a few of them, and the last one met is nearly always the next one.
        if let Some(at) = self.names.iter().position(|known| Arc::ptr_eq(known, name) || known == name) {
            return u16::try_from(at).ok();
        }
        let at = u16::try_from(self.names.len()).ok()?;
        if *name == self.own_name {
            self.own = Some(at);
        }
        self.names.push(Arc::clone(name));
        Some(at)
    }

    /// Puts what an entry says in force, or out of it.
    fn set_in_force(&mut self, place: u32, is_in_force: bool) -> Vec<ImageId> {
        let Spans { marks, comments, dismissals, blames } = self.spans(place as usize);
        let mut images = Vec::with_capacity(marks.len() + comments.len());
        for step in 0..marks.len() as u32 {
            // Backwards on the way out, so that the last mark of a chain is always at its end.
            let change = match is_in_force {
                true => self.chains.link(marks.start + step),
                false => self.chains.unlink(marks.end - 1 - step),
            };
            self.count_change(&change);
            images.push(self.chains.changed(&change).subject.image);
        }
        for comment in &mut self.comments[comments] {
            comment.is_in_force = is_in_force;
            images.push(comment.subject.image);
        }
        images.extend(self.dismissals.keys(dismissals.clone()).flat_map(|key| key.images()));
        self.dismissals.set_in_force(dismissals, is_in_force);
        images.extend(self.blames.keys(blames.clone()).map(|dispute| dispute.image()));
        self.blames.set_in_force(blames, is_in_force);
        self.revision += 1;
        images
    }

    /// What an entry has said.
    fn spans(&self, at: usize) -> Spans {
        let (entry, next) = (&self.entries[at], self.entries.get(at + 1));
        Spans {
            marks: entry.first_mark..next.map_or(self.chains.len(), |next| next.first_mark),
            comments: entry.first_comment as usize
                ..next.map_or(self.comments.len(), |next| next.first_comment as usize),
            dismissals: entry.first_dismissal..next.map_or(self.dismissals.len(), |next| next.first_dismissal),
            blames: entry.first_blame..next.map_or(self.blames.len(), |next| next.first_blame),
        }
    }

    fn count_change(&mut self, change: &Change) {
        let slot = self.chains.changed(change);
        if Some(slot.reviewer) == self.own {
            let subject = slot.subject;
            if let Some(before) = change.before {
                *self.counts[before as usize].of(subject) -= 1;
            }
            if let Some(after) = change.after {
                *self.counts[after as usize].of(subject) += 1;
            }
        }
    }
}

/// The places of what an entry has said.
struct Spans {
    marks: std::ops::Range<u32>,
    comments: std::ops::Range<usize>,
    dismissals: std::ops::Range<u32>,
    blames: std::ops::Range<u32>,
}

#[derive(Clone, Copy)]
enum Word<'a> {
    Mark(Option<Verdict>),
    Comment(&'a Arc<str>),
}

impl<'a> Word<'a> {
    fn of(review: &'a Review) -> Self {
        match review {
            Review::Verdict(verdict) => Self::Mark(Some(*verdict)),
            Review::Comment(text) => Self::Comment(text),
        }
    }
}

fn put_sorted(list: &mut Vec<u32>, value: u32) {
    let at = list.partition_point(|&other| other < value);
    list.insert(at, value);
}

/// A million decisions would fill a log.
impl fmt::Debug for Reviews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reviews")
            .field("entries", &self.entries.len())
            .field("reviewers", &self.names)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}
