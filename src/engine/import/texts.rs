//! How the text files of a dataset are opened.

use std::fs::File;
use std::io;
use std::path::Path;

use formats::text::TextReader;
use storage::regular::open_regular;

/// No file of a dataset is larger; the largest COCO files that are published have about 3 GB.
pub(super) const DATASET_LIMIT: u64 = 4 << 30;

/// A text file as UTF-8, whatever it was saved as. One that is no ordinary file, or larger than any dataset, is refused.
pub(crate) fn open_text(file: &Path) -> io::Result<TextReader<File>> {
    let file = open_regular(file)?;
    if file.metadata()?.len() > DATASET_LIMIT {
        let words = format!("it is larger than {} GiB; split it", DATASET_LIMIT >> 30);
        return Err(io::Error::new(io::ErrorKind::InvalidData, words));
    }
    Ok(TextReader::new(file))
}
