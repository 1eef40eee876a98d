//! Whether a folder has the files of an archive, whatever has become of its manifest.

use std::io::Read as _;
use std::path::Path;

use super::{
    IMAGES_FILE, ITERATIONS_FOLDER, ORIGINALS_FOLDER, REPORT_FILE, REPORT_TITLE, THUMBNAILS_FOLDER, UNTAGGED_FILE,
    VANISHED_FILE,
};
use crate::regular::open_regular;
use domain::{ImageId, IterationId};

/// Entries of a folder that are looked at.
const MOST_ENTRIES: usize = 64;

/// Whether a folder has the files of an archive besides its manifest. `images.jsonl` alone is not enough: an export has it too.
/// Pictures are in folders of two hexadecimal digits and named by the ids of images, which nothing else does.
pub fn has_archive_files(folder: &Path) -> bool {
    let has_list = folder.join(IMAGES_FILE).is_file();
    let has_own_list = || [UNTAGGED_FILE, VANISHED_FILE].iter().any(|name| folder.join(name).is_file());
    let has_iterations = || {
        names(&folder.join(ITERATIONS_FOLDER)).any(|name| {
            name.parse::<IterationId>().is_ok()
                && folder.join(ITERATIONS_FOLDER).join(&name).join(IMAGES_FILE).is_file()
        })
    };
    let has_pictures = || [ORIGINALS_FOLDER, THUMBNAILS_FOLDER].iter().any(|name| has_pictures(&folder.join(name)));
    (has_list && (has_own_list() || has_report(folder))) || has_iterations() || has_pictures()
}

fn has_report(folder: &Path) -> bool {
    let mut head = vec![0; REPORT_TITLE.len()];
    let read = open_regular(&folder.join(REPORT_FILE)).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == REPORT_TITLE.as_bytes()
}

fn has_pictures(folder: &Path) -> bool {
    let is_part = |name: &String| name.len() == 2 && name.chars().all(|digit| digit.is_ascii_hexdigit());
    names(folder).filter(is_part).any(|part| {
        let is_of_image = |name: &str| name.split('.').next().is_some_and(|stem| stem.parse::<ImageId>().is_ok());
        names(&folder.join(part)).any(|name| is_of_image(&name))
    })
}

/// The names of the first entries of a folder; none where there is no such folder.
fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.take(MOST_ENTRIES).filter_map(|entry| entry.file_name().into_string().ok())
}
