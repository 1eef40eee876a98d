//! Reads a journal line by line, whatever state it is in.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use super::VERSION;
use super::line::{self, Head, Names, On, Parsed};
use crate::error::StorageError;
use crate::regular::open_regular;
use domain::{Decision, ProjectId, Reviews, Statement, Verdict};

/// A longer line is damaged: an import of two million rows has less.
const MOST_LINE: u64 = 512 << 20;

/// Bytes of a line are at least so many: more room than they can fill is not made beforehand, nor any for more than
/// [`MOST_ROOM`].
const LEAST_LINE: u64 = 120;
const MOST_ROOM: usize = 2_000_000;

/// Bytes of lines that are handed on together, and how many such chunks wait at most.
const CHUNK: u64 = 1 << 18;
const CHUNKS_AHEAD: usize = 4;

/// What some editors put before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A longer line is no head.
const MOST_HEAD: usize = 512;

/// Places of a damaged line at which a second one may begin: comments can look like that too.
const MOST_STARTS: usize = 64;

/// What a journal held.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) reviews: Reviews,
    /// Whether the head is there.
    pub(super) has_head: bool,
    /// Number and target of each line that came to something; 0 for none. Of what earlier decisions came to: 0.
    pub(super) numbers: Vec<(u64, u64)>,
    /// The version of the head; 0 where there is none.
    pub(super) version: u32,
    /// The numbers of the lines, from 1, that are damaged or do not follow from those before. A line that two have run
    /// together in may be in it twice.
    pub(super) damaged: Vec<u64>,
    /// Number of lines, an unfinished last one included.
    pub(super) lines: u64,
    /// Where the last whole line ends, its line feed included.
    pub(super) end: u64,
    /// What comes after it.
    pub(super) tail: Tail,
}

/// What comes after the last line feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tail {
    /// The file ends with a line feed.
    #[default]
    None,
    /// Half a line: it was being written when the power went.
    Torn,
    /// A whole line of this many bytes that only lacks its line feed.
    Whole(u64),
}

/// Reads a journal and works out what its decisions come to.
/// Fails when it is not there, cannot be read, is of a newer version or of another project.
pub(super) fn load(path: &Path, project: ProjectId) -> Result<Loaded, StorageError> {
    walk(path, project, None)
}

/// Takes a decision, or says why it cannot.
pub(super) type Report<'a> = &'a mut dyn FnMut(Decision) -> io::Result<()>;

/// The same; each decision that follows from those before is reported, in order. Lines are read by a thread of their own, a
/// little ahead of what is made of them.
pub(super) fn walk(path: &Path, project: ProjectId, mut report: Option<Report<'_>>) -> Result<Loaded, StorageError> {
    let of_read = |error| StorageError::read(path, error);
    let file = open_regular(path).map_err(of_read)?;
    let mut loaded = Loaded::default();
    let size = file.metadata().map_or(0, |facts| facts.len());
    loaded.reviews.reserve(usize::try_from(size / LEAST_LINE).map_or(MOST_ROOM, |lines| lines.min(MOST_ROOM)));
    std::thread::scope(|scope| {
        let (give, chunks) = sync_channel(CHUNKS_AHEAD);
        let reader = std::thread::Builder::new().name("journal".to_owned());
        reader.spawn_scoped(scope, move || read_lines(file, &give)).map_err(of_read)?;
        // An early return drops the receiver, and with it the reader's reason to continue.
        for chunk in chunks {
            let Chunk { pieces, names, end, tail, lines, .. } = chunk.map_err(of_read)?;
            for (line, piece) in pieces {
                match piece {
                    Piece::Verdict(verdict) if verdict.apply(&names, &mut loaded.reviews) => {
                        loaded.numbers.push((verdict.number, 0));
                        if let Some(report) = &mut report {
                            report(verdict.to_decision(&names)).map_err(|error| StorageError::write(path, error))?;
                        }
                    }
                    Piece::Decision(decision) if loaded.reviews.apply(&decision).is_ok() => {
                        loaded.numbers.push((decision.number, target_of(&decision.statement)));
                        if let Some(report) = &mut report {
                            report(decision).map_err(|error| StorageError::write(path, error))?;
                        }
                    }
                    Piece::Other(json) if let Some(head) = head_of(&json, &loaded) => {
                        refuse(&head, path, project)?;
                        (loaded.has_head, loaded.version) = (true, head.version);
                    }
                    _ => loaded.damaged.push(line),
                }
            }
            (loaded.end, loaded.tail, loaded.lines) = (end, tail, lines);
        }
        loaded.reviews.confirm_all();
        Ok(loaded)
    })
}

/// What a line, or each of two that have run together, came to.
enum Piece {
    Verdict(OneVerdict),
    Decision(Decision),
    /// The JSON of something else: a head, or what is damaged.
    Other(Vec<u8>),
}

/// A verdict, without anything that one thread takes from the allocator and the other gives back.
struct OneVerdict {
    number: u64,
    at: i64,
    /// The place of the reviewer's name among the chunk's.
    by: usize,
    on: On,
    verdict: Option<Verdict>,
}

impl OneVerdict {
    /// Whether it follows from what was before.
    fn apply(&self, names: &[Arc<str>], reviews: &mut Reviews) -> bool {
        let Self { number, at, by, ref on, verdict } = *self;
        reviews.decide(number, at, &names[by], on.subjects(), verdict).is_ok()
    }

    fn to_decision(&self, names: &[Arc<str>]) -> Decision {
        let Self { number, at, by, ref on, verdict } = *self;
        let act = Statement::Decide { subjects: on.subjects().to_vec(), verdict };
        Decision { number, at, by: Arc::clone(&names[by]), statement: act }
    }
}

/// Some lines, so that the threads do not meet for each.
#[derive(Default)]
struct Chunk {
    /// Each with the number of its line.
    pieces: Vec<(u64, Piece)>,
    /// Number of lines so far, from the beginning of the journal.
    lines: u64,
    /// Whose the verdicts are: a name each time that it is another one.
    names: Vec<Arc<str>>,
    /// Bytes of its lines.
    bytes: u64,
    /// Where its last whole line ends.
    end: u64,
    tail: Tail,
}

/// Reads a journal to its end, or until nobody wants more.
fn read_lines(file: File, give: &SyncSender<io::Result<Chunk>>) {
    let mut input = BufReader::with_capacity(1 << 20, file);
    let (mut names, mut line, mut chunk) = (Names::default(), Vec::new(), Chunk::default());
    loop {
        line.clear();
        let length = match (&mut input).take(MOST_LINE).read_until(b'\n', &mut line) {
            Ok(length) => length as u64,
            Err(error) => {
                // Nobody hears it who has gone already.
                let _ = give.send(Err(error));
                return;
            }
        };
        let has_feed = line.pop_if(|byte| *byte == b'\n').is_some();
        if has_feed {
            // An editor or a tool that copies files may have saved it with other line ends.
            line.pop_if(|byte| *byte == b'\r');
        }
        if chunk.lines == 0 && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        chunk.lines += u64::from(length > 0);
        if !has_feed && length < MOST_LINE {
            chunk.tail = if length == 0 { Tail::None } else { tail_of(&line) };
            if let Tail::Whole(length) = chunk.tail {
                line.truncate(usize::try_from(length).unwrap_or(usize::MAX));
            }
        }
        if length > 0 && chunk.tail != Tail::Torn {
            for json in pieces(&line) {
                chunk.push(json.unwrap_or_default(), &mut names);
            }
        }
        let is_over = length == 0 || chunk.tail != Tail::None;
        if !is_over {
            chunk.end += length;
            chunk.bytes += length;
        }
        if is_over || chunk.bytes >= CHUNK {
            let next = Chunk { end: chunk.end, lines: chunk.lines, ..Chunk::default() };
            if give.send(Ok(std::mem::replace(&mut chunk, next))).is_err() || is_over {
                return;
            }
        }
    }
}

impl Chunk {
    fn push(&mut self, json: &[u8], names: &mut Names) {
        let piece = match line::read(json, names) {
            Ok(Parsed::Verdict { number, at, by, on, verdict }) => {
                if self.names.last().is_none_or(|last| **last != *by) {
                    self.names.push(names.get(&by));
                }
                Piece::Verdict(OneVerdict { number, at, by: self.names.len() - 1, on, verdict })
            }
            Ok(Parsed::Other(decision)) => Piece::Decision(decision),
            Err(_) => Piece::Other(json.get(..MOST_HEAD).unwrap_or(json).to_vec()),
        };
        self.pieces.push((self.lines, piece));
    }
}

/// The entry that an act speaks of; 0: none.
fn target_of(act: &Statement) -> u64 {
    match act {
        Statement::Undo(of) | Statement::Redo(of) => *of,
        _ => 0,
    }
}

/// The head, where one may stand: before all decisions.
fn head_of(json: &[u8], loaded: &Loaded) -> Option<Head> {
    let may_stand = !loaded.has_head && loaded.numbers.is_empty();
    if may_stand { serde_json::from_slice(json).ok() } else { None }
}

fn refuse(head: &Head, path: &Path, project: ProjectId) -> Result<(), StorageError> {
    if head.version > VERSION {
        let reason = format!(
            "it was written by a newer version of Tagscope (version {}; this one supports {VERSION})",
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
