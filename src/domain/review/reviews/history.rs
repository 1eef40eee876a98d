//! The one history of a project: what undo takes back next, what redo puts in force again, and what an entry did.

use std::sync::Arc;

use super::{DecisionError, Entry, Kind, Reviews, Spans, put_sorted};
use crate::checks::Dismissed;
use crate::ids::ImageId;
use crate::review::{Blame, DecisionKind, DecisionSummary, Dispute};

impl Reviews {
    /// The number of the entry that an undo takes back.
    pub fn undoable(&self) -> Option<u64> {
        self.done.last().map(|&at| self.entries[at as usize].number)
    }

    /// The number of the entry that a redo puts in force again.
    pub fn redoable(&self) -> Option<u64> {
        self.undone.last().map(|&at| self.entries[at as usize].number)
    }

    /// What an entry did; `None` for one that is not there, or that only undid or redid another one.
    pub fn summary(&self, number: u64) -> Option<DecisionSummary> {
        let place = self.entries.binary_search_by_key(&number, |entry| entry.number).ok()?;
        let Kind::Says(kind) = self.entries[place].kind else { return None };
        let Spans { marks, comments, dismissals, blames } = self.spans(place);
        let verdict = marks.clone().next().and_then(|mark| self.chains.verdict_at(mark));
        let marked = marks.filter_map(|mark| self.chains.subject_of(mark));
        let is_comment = kind == DecisionKind::Comment;
        let text =
            self.comments[comments.clone()].first().filter(|_| is_comment).map(|comment| Arc::clone(&comment.text));
        let subjects = marked.chain(self.comments[comments].iter().map(|comment| comment.subject)).collect();
        let blame = self.blames.value(blames.start).filter(|_| !blames.is_empty());
        Some(DecisionSummary {
            kind,
            verdict,
            subjects,
            findings: self.dismissals.keys(dismissals).collect(),
            disputes: self.blames.keys(blames).collect(),
            blame,
            text,
        })
    }

    /// Who is wrong where a label and a model disagree; `None`: nobody has decided.
    pub fn blame(&self, dispute: &Dispute) -> Option<Blame> {
        self.blames.of(dispute)
    }

    /// Whether anybody has decided who is wrong about something on an image.
    pub fn has_blames(&self, image: ImageId) -> bool {
        self.blames.has(image)
    }

    pub fn blames(&self) -> Vec<(Dispute, Blame)> {
        self.blames.all()
    }

    /// Counts the changes of who is wrong.
    pub fn blames_revision(&self) -> u64 {
        self.blames.revision()
    }

    pub fn dismissed(&self) -> &Dismissed {
        self.dismissals.dismissed()
    }

    /// Counts the changes of [`dismissed`](Self::dismissed).
    pub fn dismissed_revision(&self) -> u64 {
        self.dismissals.revision()
    }

    /// The lowest number among the entries that can be put in force again.
    pub fn first_redoable(&self) -> Option<u64> {
        self.undone.iter().map(|&at| self.entries[at as usize].number).min()
    }

    /// Takes an entry that takes another one back, or puts it in force again.
    pub(super) fn turn(&mut self, number: u64, of: u64, is_redo: bool) -> Result<Vec<ImageId>, DecisionError> {
        let (_, entry) = self.next_entry(number)?;
        let target = self.take(of, is_redo)?;
        let images = self.set_in_force(target, is_redo);
        match is_redo {
            true => put_sorted(&mut self.done, target),
            false => self.undone.push(target),
        }
        let kind = if is_redo { Kind::Redoes(target) } else { Kind::Undoes(target) };
        self.push(Entry { kind, ..entry });
        Ok(images)
    }

    /// Takes the last entry out as if it had never been: it could not be kept. The images whose reviews change.
    pub fn retract(&mut self) -> Vec<ImageId> {
        let Some(entry) = self.entries.last().copied() else { return Vec::new() };
        let place = self.entries.len() as u32 - 1;
        let images = match entry.kind {
            Kind::Says(_) => {
                let images = self.set_in_force(place, false);
                while self.chains.len() > entry.first_mark {
                    self.chains.pop();
                }
                for comment in self.comments.drain(entry.first_comment as usize..) {
                    if let Some(places) = self.comments_of.get_mut(&comment.subject.image) {
                        places.retain(|&at| at < entry.first_comment);
                    }
                }
                self.dismissals.truncate(entry.first_dismissal);
                self.blames.truncate(entry.first_blame);
                self.done.retain(|&at| at != place);
                self.undone = self.cleared.remove(&entry.number).unwrap_or_default();
                images
            }
            Kind::Undoes(target) => {
                self.undone.pop();
                put_sorted(&mut self.done, target);
                self.set_in_force(target, true)
            }
            Kind::Redoes(target) => {
                self.done.retain(|&at| at != target);
                self.undone.push(target);
                self.set_in_force(target, false)
            }
        };
        self.entries.pop();
        self.last_number = entry.number - 1;
        images
    }

    /// All entries so far are on the disk: none will be retracted.
    pub fn confirm_all(&mut self) {
        self.cleared.clear();
    }

    /// Takes an entry off the list of those that can be undone, or redone.
    fn take(&mut self, number: u64, is_undone: bool) -> Result<u32, DecisionError> {
        let list = if is_undone { &mut self.undone } else { &mut self.done };
        let entries = &self.entries;
        let at = list.iter().rposition(|&at| entries[at as usize].number == number).ok_or(DecisionError::Target)?;
        Ok(list.remove(at))
    }
}
