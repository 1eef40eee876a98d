//! A file of one image a line: where its lines are, and its rows, parsed when asked for. A line that cannot be read is a
//! [`Problem`] with its number, and everything else continues. Also where the predictions on each image are in their file.
//!
//! A dataset has no upload dates, so imports of earlier versions made some up: they counted back from 2020-01-01, one second an
//! image. An archive is never rewritten for that; its rows are read without these dates.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::LINE_LIMIT;
use super::manifest::FileFacts;
use crate::error::StorageError;
use crate::regular::open_regular;
use crate::staged_file::Hashing;
use domain::{ImageId, ImageRow, Problem, Project, RecordReader, Timestamp};

/// Behind so many bytes without a line break nothing more is looked at.
const SCAN_LIMIT: u64 = 256 << 20;
/// Twenty times what the largest project has: each line that is found costs memory.
const MOST_LINES: u32 = 2_000_000;

/// Where a line is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    start: u64,
    bytes: u64,
    /// From 1, counting empty lines too, as an editor does.
    number: u32,
}

/// The lines of a file, and what the whole of it is.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) lines: Vec<Line>,
    pub(super) facts: FileFacts,
}

/// Where the lines begin and end, without looking at what is in them; every byte is hashed on its way.
pub(super) fn find_lines(path: &Path) -> Result<Found, StorageError> {
    let file = open_regular(path).map_err(|error| StorageError::read(path, error))?;
    let mut input = BufReader::with_capacity(1 << 18, Hashing::new(file));
    let mut lines = Vec::new();
    let (mut start, mut number) = (0, 0);
    let broken = |reason: String| StorageError::Broken { path: path.to_path_buf(), reason };
    loop {
        let step = (&mut input).take(SCAN_LIMIT).skip_until(b'\n');
        let bytes = step.map_err(|error| StorageError::read(path, error))? as u64;
        if bytes == 0 {
            return Ok(Found { lines, facts: input.into_inner().facts() });
        }
        number += 1;
        if bytes == SCAN_LIMIT {
            return Err(broken(format!(
                "line {number} is longer than {} MiB, so this is not a list of images",
                SCAN_LIMIT >> 20
            )));
        }
        if number > MOST_LINES {
            return Err(broken(format!("it has more than {MOST_LINES} lines")));
        }
        // Shorter ones are empty but for their line break.
        if bytes > 2 {
            lines.push(Line { start, bytes, number });
        }
        start += bytes;
    }
}

/// A line of a list, readable or not.
#[derive(Debug)]
pub struct NumberedRow<'a> {
    /// The name of the list below the archive.
    pub file: &'a str,
    /// The number of the line, from 1 as in an editor.
    pub line: usize,
    /// The image, or what is wrong with the line.
    pub row: Result<ImageRow, Problem>,
}

/// Images of an archive, line by line; a line that cannot be read is a problem that names it.
#[derive(Debug)]
pub struct ArchiveRows<'a> {
    file: &'a str,
    input: BufReader<File>,
    position: u64,
    lines: std::slice::Iter<'a, Line>,
    reader: RecordReader,
    buffer: Vec<u8>,
    /// Whether dates are taken away that an earlier version's import made up.
    may_have_made_up_dates: bool,
}

impl<'a> ArchiveRows<'a> {
    /// The rows of a file at these lines; `name` is its name below the archive.
    pub(super) fn open(path: &Path, name: &'a str, lines: &'a [Line]) -> Result<Self, StorageError> {
        let file = open_regular(path).map_err(|error| StorageError::read(path, error))?;
        Ok(Self {
            file: name,
            input: BufReader::with_capacity(1 << 18, file),
            position: 0,
            lines: lines.iter(),
            reader: RecordReader::new(),
            buffer: Vec::new(),
            may_have_made_up_dates: false,
        })
    }

    /// The rows without dates that an earlier version's import made up, where the archive may have such dates.
    pub(super) fn without_made_up_dates(self, may_have: bool) -> Self {
        Self { may_have_made_up_dates: may_have, ..self }
    }

    /// The rows with their places.
    pub fn numbered(self) -> impl Iterator<Item = NumberedRow<'a>> {
        let (file, lines) = (self.file, self.lines.clone());
        lines.zip(self).map(move |(line, row)| NumberedRow { file, line: line.number as usize, row })
    }

    fn load(&mut self, line: Line) -> io::Result<()> {
        if let Ok(step) = i64::try_from(line.start.wrapping_sub(self.position))
            && line.start >= self.position
        {
            self.input.seek_relative(step)?;
        } else {
            self.input.seek(SeekFrom::Start(line.start))?;
        }
        self.position = line.start;
        self.buffer.clear();
        let count = (&mut self.input).take(line.bytes).read_to_end(&mut self.buffer)?;
        self.position += count as u64;
        Ok(())
    }
}

impl Iterator for ArchiveRows<'_> {
    type Item = Result<ImageRow, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = *self.lines.next()?;
        let number = line.number as usize;
        let name = self.file;
        let unreadable =
            |reason| Problem::UnreadableRow { index: number, file: Some(name.to_owned()), image: None, reason };
        if line.bytes > LINE_LIMIT {
            return Some(Err(unreadable(format!("the line is longer than {} MiB", LINE_LIMIT >> 20))));
        }
        if let Err(error) = self.load(line) {
            return Some(Err(unreadable(error.to_string())));
        }
        let mut row = self.reader.line(self.buffer.trim_ascii(), number);
        match &mut row {
            Ok(row) if self.may_have_made_up_dates => take_made_up_dates(row),
            Err(Problem::UnreadableRow { file, .. }) => *file = Some(self.file.to_owned()),
            _ => {}
        }
        Some(row)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.lines.size_hint()
    }
}

const TICKS_A_SECOND: i64 = 10_000_000;
/// 2020-01-01T00:00:00: the date that was given to the first image of a dataset.
const FIRST: i64 = 1_577_836_800 * TICKS_A_SECOND;
/// No archive has more images: none was given an earlier date.
const LAST: i64 = FIRST - 2_000_000 * TICKS_A_SECOND;

/// Whether an import made the project: its id is made from a name (version 5), and it has no date. The service's ids
/// are random (version 4), and its projects have dates.
pub(super) fn has_made_up_dates(project: &Project) -> bool {
    project.id.0.get_version_num() == 5 && project.created.is_none()
}

/// Takes a made-up date away from the image, its tags and its regions. They all had the same one: a row with another
/// date has dates of its own.
pub(super) fn take_made_up_dates(row: &mut ImageRow) {
    let Some(created) = row.created else { return };
    let is_in_pattern = (LAST..=FIRST).contains(&created.0) && created.0 % TICKS_A_SECOND == 0;
    let is_same = |other: Option<Timestamp>| other == Some(created);
    let all_same = row.tags.iter().all(|mark| is_same(mark.created))
        && row.regions.iter().all(|region| is_same(region.created))
        && row.verbatim.is_empty();
    if !is_in_pattern || !all_same {
        return;
    }
    row.created = None;
    row.tags.iter_mut().for_each(|mark| mark.created = None);
    row.regions.iter_mut().for_each(|region| region.created = None);
}

/// Where the predictions on each image are in their file.
#[derive(Debug)]
pub struct PredictedLines {
    path: PathBuf,
    lines: FxHashMap<ImageId, (u64, u64)>,
}

#[derive(Deserialize)]
struct Identified {
    id: ImageId,
}

impl PredictedLines {
    /// Looks through a file; lines that cannot be read are left out.
    ///
    /// # Errors
    /// When it cannot be opened or read.
    pub fn of(path: &Path) -> Result<Self, StorageError> {
        let refused = |error| StorageError::read(path, error);
        let mut input = BufReader::with_capacity(1 << 18, open_regular(path).map_err(refused)?);
        let (mut lines, mut start, mut line) = (FxHashMap::default(), 0_u64, Vec::new());
        loop {
            line.clear();
            let count = (&mut input).take(LINE_LIMIT).read_until(b'\n', &mut line).map_err(refused)? as u64;
            if count == 0 {
                return Ok(Self { path: path.to_path_buf(), lines });
            }
            if let Ok(Identified { id }) = serde_json::from_slice(&line) {
                lines.insert(id, (start, count));
            }
            start += count;
        }
    }

    /// Opens the file, to read lines of it.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(&self) -> Result<File, StorageError> {
        open_regular(&self.path).map_err(|error| StorageError::read(&self.path, error))
    }

    /// The line of an image; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, file: &mut File, image: ImageId) -> Result<Option<Vec<u8>>, StorageError> {
        let Some(&(start, count)) = self.lines.get(&image) else { return Ok(None) };
        let mut line = Vec::new();
        let read = file.seek(SeekFrom::Start(start)).and_then(|_| file.take(count).read_to_end(&mut line));
        read.map_err(|error| StorageError::read(&self.path, error)).map(|_| Some(line))
    }
}
