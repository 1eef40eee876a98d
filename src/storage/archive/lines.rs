//! A file of one image a line: where its lines are, and its rows, parsed when asked for. A line that cannot be read is a
//! [`Problem`] with its number, and everything else continues.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::{FileFacts, LINE_LIMIT, made_up_dates};
use crate::error::StorageError;
use crate::regular::open_regular;
use crate::staged_file::Hashing;
use domain::{ImageRow, Problem, RecordReader};

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
pub struct Rows<'a> {
    /// The name of the list below the archive.
    file: &'a str,
    input: BufReader<File>,
    position: u64,
    lines: std::slice::Iter<'a, Line>,
    reader: RecordReader,
    buffer: Vec<u8>,
    /// Whether dates are taken away that an earlier version's import made up.
    may_have_made_up_dates: bool,
}

impl<'a> Rows<'a> {
    /// The rows of a file at these lines; `name` is its name below the archive.
    ///
    /// # Errors
    /// When it cannot be opened.
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

impl Iterator for Rows<'_> {
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
            Ok(row) if self.may_have_made_up_dates => made_up_dates::take_away(row),
            Err(Problem::UnreadableRow { file, .. }) => *file = Some(self.file.to_owned()),
            _ => {}
        }
        Some(row)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.lines.size_hint()
    }
}
