//! The marks of each subject and reviewer, in the order of the entries that made them: the last one in force counts.
//! All chains lie in two vectors, because there may be a million of them, nearly all with one mark.

use std::hash::BuildHasher as _;

use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{Subject, Verdict};
use crate::ids::ImageId;

/// The end of a chain.
const NONE: u32 = u32::MAX;

/// A subject as one reviewer sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) subject: Subject,
    pub(super) reviewer: u16,
    /// Its latest mark in force.
    last: u32,
    /// The next slot of the same image.
    next: u32,
}

/// A verdict set or cleared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) at: i64,
    slot: u32,
    /// The mark in force before it.
    before: u32,
    verdict: Option<Verdict>,
}

/// A slot whose verdict has changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// The slot's place: a copy of one that has just been written costs more than all the rest of an entry.
    slot: u32,
    pub(super) before: Option<Verdict>,
    pub(super) after: Option<Verdict>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Chains {
    slots: Vec<Slot>,
    marks: Vec<Mark>,
    /// Where the slot of a subject and a reviewer is. What it goes by is in the slots: with a copy of that in it the
    /// table would be eight times as large, and as much slower to fill.
    places: HashTable<u32>,
    /// The first slot of each image.
    images: FxHashMap<ImageId, u32>,
}

impl Chains {
    /// Number of marks, in force or not.
    pub(super) fn len(&self) -> u32 {
        self.marks.len() as u32
    }

    /// Makes room for as many more marks, each of a subject of its own.
    pub(super) fn reserve(&mut self, marks: usize) {
        self.slots.reserve(marks);
        self.marks.reserve(marks);
        let Self { slots, places, .. } = self;
        places.reserve(marks, |&place| hash_at(slots, place));
    }

    /// Whether as many more marks can be distinguished.
    pub(super) fn has_room(&self, more: usize) -> bool {
        self.marks.len() + more < NONE as usize
    }

    pub(super) fn push(&mut self, subject: Subject, reviewer: u16, at: i64, verdict: Option<Verdict>) -> Change {
        let slot = self.slot(subject, reviewer);
        let mark = self.len();
        self.marks.push(Mark { at, slot, before: NONE, verdict });
        self.link(mark)
    }

    fn slot(&mut self, subject: Subject, reviewer: u16) -> u32 {
        let free = self.slots.len() as u32;
        let Self { slots, places, .. } = self;
        let is_same = |&place: &u32| is_of(slots, place, subject, reviewer);
        let entry = places.entry(hash(subject, reviewer), is_same, |&place| hash_at(slots, place));
        let place = *entry.or_insert(free).get();
        if place == free {
            let first = self.images.entry(subject.image).or_insert(NONE);
            self.slots.push(Slot { subject, reviewer, last: NONE, next: *first });
            *first = free;
        }
        place
    }

    /// Puts a mark in force, at its place in the chain.
    pub(super) fn link(&mut self, mark: u32) -> Change {
        let slot = self.marks[mark as usize].slot as usize;
        let before = self.verdict_of(&self.slots[slot]);
        let (later, earlier) = self.around(slot, mark);
        self.marks[mark as usize].before = earlier;
        self.set_before(slot, later, mark);
        self.change(slot, before)
    }

    /// Takes a mark out of force.
    pub(super) fn unlink(&mut self, mark: u32) -> Change {
        let Mark { slot, before: earlier, .. } = self.marks[mark as usize];
        let slot = slot as usize;
        let before = self.verdict_of(&self.slots[slot]);
        let (later, _) = self.around(slot, mark);
        self.set_before(slot, later, earlier);
        self.change(slot, before)
    }

    /// Forgets the last mark, which is not in force.
    pub(super) fn pop(&mut self) {
        self.marks.pop();
    }

    /// The neighbors of a mark's place: the next later and the next earlier one in force.
    fn around(&self, slot: usize, mark: u32) -> (u32, u32) {
        let (mut later, mut earlier) = (NONE, self.slots[slot].last);
        while earlier != NONE && earlier > mark {
            later = earlier;
            earlier = self.marks[earlier as usize].before;
        }
        (later, earlier)
    }

    fn set_before(&mut self, slot: usize, later: u32, mark: u32) {
        match later {
            NONE => self.slots[slot].last = mark,
            later => self.marks[later as usize].before = mark,
        }
    }

    fn change(&self, slot: usize, before: Option<Verdict>) -> Change {
        Change { slot: slot as u32, before, after: self.verdict_of(&self.slots[slot]) }
    }

    /// The slot that has changed.
    pub(super) fn changed(&self, change: &Change) -> &Slot {
        &self.slots[change.slot as usize]
    }

    /// The mark that counts.
    pub(super) fn latest(&self, slot: &Slot) -> Option<&Mark> {
        self.marks.get(slot.last as usize)
    }

    pub(super) fn verdict_of(&self, slot: &Slot) -> Option<Verdict> {
        self.latest(slot).and_then(|mark| mark.verdict)
    }

    /// The verdict that a mark sets, in force or not.
    pub(super) fn verdict_at(&self, mark: u32) -> Option<Verdict> {
        self.marks.get(mark as usize)?.verdict
    }

    /// What a mark is about, in force or not.
    pub(super) fn subject_of(&self, mark: u32) -> Option<Subject> {
        let slot = self.marks.get(mark as usize)?.slot;
        self.slots.get(slot as usize).map(|slot| slot.subject)
    }

    pub(super) fn find(&self, subject: Subject, reviewer: u16) -> Option<&Slot> {
        let is_same = |&place: &u32| is_of(&self.slots, place, subject, reviewer);
        let place = self.places.find(hash(subject, reviewer), is_same)?;
        self.slots.get(*place as usize)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter()
    }

    /// The slots of an image and its regions.
    pub(super) fn of_image(&self, image: ImageId) -> impl Iterator<Item = &Slot> + Clone {
        let first = self.images.get(&image).and_then(|&first| self.slots.get(first as usize));
        std::iter::successors(first, |slot| self.slots.get(slot.next as usize))
    }
}

fn hash(subject: Subject, reviewer: u16) -> u64 {
    FxBuildHasher.hash_one((subject, reviewer))
}

fn hash_at(slots: &[Slot], place: u32) -> u64 {
    slots.get(place as usize).map_or(0, |slot| hash(slot.subject, slot.reviewer))
}

fn is_of(slots: &[Slot], place: u32, subject: Subject, reviewer: u16) -> bool {
    slots.get(place as usize).is_some_and(|slot| slot.subject == subject && slot.reviewer == reviewer)
}
