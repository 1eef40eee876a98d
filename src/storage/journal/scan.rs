//! Reads a journal line by line, whatever state it is in.

use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use super::VERSION;
use super::line::{self, Head, Names};
use crate::domain::{Decision, ProjectId, Reviews};
use crate::storage::error::StorageError;
use crate::storage::regular::open_regular;

/// A longer line is damaged: an import of two million rows has less.
const MOST_LINE: u64 = 512 << 20;

/// Places of a damaged line at which a second one may begin: comments can look like that too.
const MOST_STARTS: usize = 64;

/// What a journal held.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) reviews: Reviews,
    /// Whether the head is there.
    pub(super) has_head: bool,
    /// Lines that came to something, without the head.
    pub(super) lines: usize,
    /// Lines that are damaged, or do not follow from those before.
    pub(super) damaged: usize,
    /// Where the last whole line ends, its line feed included.
    pub(super) end: u64,
    /// What comes after it.
    pub(super) tail: Tail,
}

/// What comes after the last line feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing.
    #[default]
    None,
    /// Half a line: it was being written when the power went.
    Torn,
    /// A whole line of this many bytes that only lacks its line feed.
    Whole(u64),
}

/// Reads a journal and works out what its decisions come to.
///
/// # Errors
/// When it is not there, cannot be read, is of a newer version or of another project.
pub(super) fn load(path: &Path, project: ProjectId) -> Result<Loaded, StorageError> {
    walk(path, project, |_, _| Ok(()))
}

/// The same; each decision that follows from those before is told with its JSON, in order.
pub(super) fn walk(
    path: &Path,
    project: ProjectId,
    mut tell: impl FnMut(Decision, &[u8]) -> io::Result<()>,
) -> Result<Loaded, StorageError> {
    let file = open_regular(path).map_err(|error| StorageError::read(path, error))?;
    let mut input = BufReader::with_capacity(1 << 20, file);
    let mut loaded = Loaded::default();
    let mut names = Names::default();
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let failed = |error| StorageError::read(path, error);
        let length = (&mut input).take(MOST_LINE).read_until(b'\n', &mut bytes).map_err(failed)? as u64;
        if length == 0 {
            break;
        }
        let has_feed = bytes.pop_if(|byte| *byte == b'\n').is_some();
        if !has_feed && length < MOST_LINE {
            loaded.tail = tail_of(&bytes);
            if let Tail::Whole(length) = loaded.tail {
                bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
            }
        }
        let is_torn = !has_feed && loaded.tail == Tail::Torn;
        if !is_torn {
            for piece in pieces(&bytes) {
                let json = piece.unwrap_or_default();
                if let Some(head) = head_of(json, &loaded) {
                    refuse(&head, path, project)?;
                    loaded.has_head = true;
                    continue;
                }
                let decision = line::read(json, &mut names).ok();
                match decision.filter(|decision| loaded.reviews.apply(decision).is_ok()) {
                    Some(decision) => {
                        loaded.lines += 1;
                        tell(decision, json).map_err(|error| StorageError::write(path, error))?;
                    }
                    None => loaded.damaged += 1,
                }
            }
        }
        if loaded.tail != Tail::None {
            break;
        }
        loaded.end += length;
    }
    loaded.reviews.settle();
    Ok(loaded)
}

/// The head, where one may stand: before all decisions.
fn head_of(json: &[u8], loaded: &Loaded) -> Option<Head> {
    let may_stand = !loaded.has_head && loaded.lines == 0;
    if may_stand { serde_json::from_slice(json).ok() } else { None }
}

fn refuse(head: &Head, path: &Path, project: ProjectId) -> Result<(), StorageError> {
    if head.version > VERSION {
        let reason = format!(
            "it was written by a newer version of Tagscope (its version is {}, known is {VERSION})",
            head.version
        );
        return Err(StorageError::Broken { path: path.to_path_buf(), reason });
    }
    if head.project != project {
        let reason = "it is the journal of another project".to_owned();
        return Err(StorageError::Broken { path: path.to_path_buf(), reason });
    }
    Ok(())
}

fn tail_of(bytes: &[u8]) -> Tail {
    let is_whole = |bytes: &[u8]| line::unsealed(bytes).is_some();
    match bytes {
        bytes if is_whole(bytes) => Tail::Whole(bytes.len() as u64),
        // The line feed itself was hit.
        [whole @ .., _] if is_whole(whole) => Tail::Whole(whole.len() as u64),
        _ => Tail::Torn,
    }
}

/// The JSON of a line, or of the two that it is when the line feed between them was hit; `None` for what is damaged.
fn pieces(line: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let (first, second) = match line::unsealed(line) {
        Some(json) => (Some(json), None),
        None => run_together(line),
    };
    std::iter::once(first).chain(second.map(Some))
}

/// Two lines that have run together, as far as they are whole.
fn run_together(line: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    let starts = line.windows(2).enumerate().filter(|(at, pair)| *pair == b" {" && *at > 8).map(|(at, _)| at - 8);
    let found = starts.take(MOST_STARTS).find_map(|start| Some((start, line::unsealed(&line[start..])?)));
    match found {
        Some((start, second)) => (line::unsealed(&line[..start - 1]), Some(second)),
        None => (None, None),
    }
}
