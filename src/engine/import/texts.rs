//! How the text files of a dataset are opened.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use crate::storage::regular::open_regular;

/// No file of a dataset is larger; the largest COCO files that are published have about 3 GB.
pub(super) const DATASET_LIMIT: u64 = 4 << 30;

/// A text file from its first letter: some programs put a byte order mark before it. One that is no ordinary file, or
/// larger than any dataset, is refused.
pub(super) fn open_text(file: &Path) -> io::Result<BufReader<File>> {
    let file = open_regular(file)?;
    if file.metadata()?.len() > DATASET_LIMIT {
        let words = format!("it is larger than {} GiB; split it", DATASET_LIMIT >> 30);
        return Err(io::Error::new(io::ErrorKind::InvalidData, words));
    }
    let mut input = BufReader::with_capacity(1 << 17, file);
    if input.fill_buf()?.starts_with(b"\xEF\xBB\xBF") {
        input.consume(3);
    }
    Ok(input)
}
