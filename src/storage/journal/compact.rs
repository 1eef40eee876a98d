//! Replaces a journal with a shorter equivalent one. It is written next to it, synced, read back and compared, and only
//! then renamed into place; until then the old one remains.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::dismissed::Adopted;
use super::line;
use super::scan::{self, Loaded, Tail};
use crate::error::StorageError;
use crate::paths::{create_private_file, sync_dir};
use domain::{Blame, Decision, ProjectId, Reviews, Statement};

/// A journal with fewer lines is not worth it.
const WORTH_LINES: usize = 50_000;

/// The last decisions are kept as they were, so that they can be undone.
const UNDOABLE: usize = 1_000;

/// Rows in a line of what earlier decisions came to.
const ROWS_A_LINE: usize = 1_000;

fn beside(path: &Path) -> PathBuf {
    path.with_extension("new")
}

/// Takes away what an interrupted compaction has left.
pub(super) fn sweep(path: &Path) {
    let _ = std::fs::remove_file(beside(path));
}

/// The number of the first decision that a compaction keeps as it is; `None` when there is too little to gain.
pub(super) fn worth(loaded: &Loaded) -> Option<u64> {
    if loaded.numbers.len() < WORTH_LINES || loaded.tail != Tail::None {
        return None;
    }
    worth_above(loaded, UNDOABLE)
        .filter(|&(_, before)| loaded.reviews.row_count() + loaded.reviews.dismissed().len() < before / 2)
        .map(|(cut, _)| cut)
}

/// The cut that leaves at least `undoable` decisions, and the number of lines before it.
fn worth_above(loaded: &Loaded, undoable: usize) -> Option<(u64, usize)> {
    let all = &loaded.numbers;
    let from = all.len().checked_sub(undoable.max(1))?;
    let mut cut = all[from].0;
    // What can be redone, and what a later entry speaks of, stays too; and then what those after it speak of.
    cut = loaded.reviews.first_redoable().into_iter().fold(cut, u64::min);
    loop {
        let later = all.iter().filter(|(number, target)| *number >= cut && *target > 0);
        let lowest = later.map(|&(_, target)| target).fold(cut, u64::min);
        if lowest == cut {
            break;
        }
        cut = lowest;
    }
    let before = all.iter().filter(|(number, _)| *number < cut).count();
    (before > 0).then_some((cut, before))
}

/// Writes the journal again without what is damaged and, with `cut`, with all decisions before that number as what they
/// come to; and puts it in the place of the old one.
pub(super) fn rewrite(path: &Path, project: ProjectId, cut: Option<u64>) -> Result<(), StorageError> {
    rewrite_with(path, project, cut, &Adopted::default())
}

/// The same, with the findings that an earlier version kept dismissed elsewhere in front of all decisions.
pub(super) fn rewrite_with(
    path: &Path,
    project: ProjectId,
    cut: Option<u64>,
    adopted: &Adopted,
) -> Result<(), StorageError> {
    sweep(path);
    let fresh = beside(path);
    let result = write(path, &fresh, project, cut, adopted).and_then(|()| {
        let (mut old, new) = (scan::load(path, project)?, scan::load(&fresh, project)?);
        adopted.add_to(&mut old.reviews);
        if !is_same(&old.reviews, &new.reviews) || !new.damaged.is_empty() {
            let reason = "the rewritten journal differs from the original".to_owned();
            return Err(StorageError::Broken { path: fresh.clone(), reason });
        }
        std::fs::rename(&fresh, path).map_err(|error| StorageError::write(path, error))
    });
    if result.is_err() {
        sweep(path);
    }
    result?;
    if let Some(folder) = path.parent() {
        sync_dir(folder);
    }
    Ok(())
}

fn write(
    path: &Path,
    fresh: &Path,
    project: ProjectId,
    cut: Option<u64>,
    adopted: &Adopted,
) -> Result<(), StorageError> {
    let failed = |error: io::Error| StorageError::write(fresh, error);
    let mut out = Lines { out: BufWriter::new(create_private_file(fresh).map_err(failed)?), bytes: Vec::new() };
    line::write_head(project, &mut out.bytes).and_then(|()| out.push()).map_err(failed)?;
    if let Some(entry) = adopted.entry() {
        line::write(&entry, &mut out.bytes).and_then(|()| out.push()).map_err(failed)?;
    }
    let mut earlier = Reviews::default();
    let mut is_past = false;
    let mut report = |decision: Decision| {
        if cut.is_some_and(|cut| decision.number < cut) {
            let applied = earlier.apply(&decision);
            return applied.map(drop).map_err(|odd| io::Error::other(format!("{odd:?}")));
        }
        if !std::mem::replace(&mut is_past, true) {
            out.kept(&earlier)?;
        }
        line::write(&decision, &mut out.bytes).and_then(|()| out.push())
    };
    scan::walk(path, project, Some(&mut report))?;
    let mut finish = || -> io::Result<()> {
        out.out.flush()?;
        out.out.get_ref().sync_all()
    };
    finish().map_err(failed)
}

struct Lines {
    out: BufWriter<File>,
    bytes: Vec<u8>,
}

impl Lines {
    fn push(&mut self) -> io::Result<()> {
        self.out.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }

    fn kept(&mut self, earlier: &Reviews) -> io::Result<()> {
        let rows = earlier.rows();
        let dismissed = Vec::from(earlier.dismissed().clone());
        let rows = rows.chunks(ROWS_A_LINE).map(|rows| Statement::Kept(rows.to_vec()));
        let dismissed = dismissed.chunks(ROWS_A_LINE).map(|keys| Statement::KeptDismissed(keys.to_vec()));
        for act in rows.chain(dismissed) {
            line::write(&Decision { number: 0, at: 0, by: "".into(), statement: act }, &mut self.bytes)?;
            self.push()?;
        }
        // Who is wrong has no line of what it came to that an older program would not take for damage. One decision for
        // each answer stands for all earlier ones; there was one at least for each, so that their numbers are free.
        let mut number = 0;
        for blame in Blame::ALL {
            let all = earlier.blames().into_iter().filter(|(_, other)| *other == blame);
            let disputes: Vec<_> = all.map(|(dispute, _)| dispute).collect();
            if !disputes.is_empty() {
                number += 1;
                let act = Statement::Blame { disputes, blame: Some(blame) };
                line::write(&Decision { number, at: 0, by: "".into(), statement: act }, &mut self.bytes)?;
                self.push()?;
            }
        }
        Ok(())
    }
}

/// Whether two journals come to the same, and continue in the same way.
fn is_same(one: &Reviews, other: &Reviews) -> bool {
    one.rows() == other.rows()
        && one.dismissed().is_same_set(other.dismissed())
        && one.blames() == other.blames()
        && one.next_number() == other.next_number()
        && one.redoable() == other.redoable()
}

#[cfg(test)]
/// Compacts the journal of a project now, whatever its length, keeping at least `undoable` decisions as they were.
/// When it cannot be read or written, it is as it was.
pub(super) fn now(folder: &Path, project: ProjectId, undoable: usize) -> Result<bool, StorageError> {
    let path = super::journal_path(folder, project);
    match worth_above(&scan::load(&path, project)?, undoable) {
        Some((cut, ..)) => rewrite(&path, project, Some(cut)).map(|()| true),
        None => Ok(false),
    }
}
