//! Reviews: what comes of the decisions that the `JournalHandle` keeps, as files out and in, and as a part of exports.

mod journal_handle;

use std::path::{Path, PathBuf};

use crate::failure::OrFailure as _;
use app::review::ExportedReviews;
use app::{Failure, FailureKind};
use domain::{ImageId, ProjectId, ReviewRow};
use formats::spreadsheet::Cells;
use formats::{ReviewFormat, reviews};
use storage::journal;
use storage::regular::read_bounded;
use storage::write_whole_with;

pub(super) use journal_handle::{Job, JournalHandle, Places};

/// Bytes of a file of reviews.
const MOST_FILE: u64 = 512 << 20;

/// Writes all reviews of a project to a new file.
///
/// # Errors
/// When something is there already, or the system refuses; nothing is there then that was not before.
pub fn export(
    folder: &Path,
    project: ProjectId,
    path: &Path,
    format: ReviewFormat,
    cells: Cells,
) -> Result<ExportedReviews, Failure> {
    let read = journal::read(folder, project).or_failure()?;
    let rows = read.reviews.rows();
    write_whole_with(path, false, |out| format.write(&rows, cells, out)).or_failure()?;
    let left_out = read.reviews.blames().len();
    Ok(ExportedReviews { rows: rows.len(), left_out, damage: read.damage.words() })
}

#[derive(Clone, Debug, Default)]
pub struct About {
    /// The rows, in the order of the images.
    pub rows: Vec<ReviewRow>,
    /// Says which lines of the journal could not be read; `None`: all could.
    pub damage: Option<String>,
}

/// What is on the disk of the decisions about these images, in their order: what an export takes along. Blocks.
///
/// # Errors
/// When the journal cannot be read. Without it the export would be poorer than what was requested.
pub fn about(folder: &Path, project: ProjectId, images: impl Iterator<Item = ImageId>) -> Result<About, Failure> {
    let read = journal::read(folder, project).or_failure()?;
    Ok(About { rows: read.reviews.rows_of(images), damage: read.damage.words() })
}

/// Reads several files of reviews, as if they were one in the order of time. What two of them say alike is taken once.
pub(super) fn import_all(paths: &[PathBuf]) -> Result<Vec<ReviewRow>, Failure> {
    if let [path] = paths {
        return import(path);
    }
    let mut rows = Vec::new();
    for path in paths {
        rows.append(&mut import(path)?);
    }
    rows.sort_by(|one: &ReviewRow, other| (one.at, one.subject, &one.by).cmp(&(other.at, other.subject, &other.by)));
    let mut kept: Vec<ReviewRow> = Vec::with_capacity(rows.len());
    for row in rows {
        let of_same_time = kept.iter().rev().take_while(|known| known.at == row.at && known.subject == row.subject);
        if !of_same_time.into_iter().any(|known| *known == row) {
            kept.push(row);
        }
    }
    Ok(kept)
}

/// Reads a file of reviews.
///
/// # Errors
/// When it cannot be read, or anything in it is wrong.
pub fn import(path: &Path) -> Result<Vec<ReviewRow>, Failure> {
    let bytes = read_bounded(path, MOST_FILE).or_failure()?;
    reviews::read(&bytes).map_err(|error| {
        let (path, reason) = (path.display().to_string(), error.to_string());
        Failure::bare(FailureKind::BadReviews { path, reason })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_files_are_one_in_the_order_of_time() {
        let home = tempfile::tempdir().expect("home");
        let image = "00000000-0000-4000-8000-000000000001";
        let row = |hour: u32, by: &str, verdict: &str, comment: &str| {
            format!("{image},,{by},2026-11-24T{hour:02}:00:00Z,{verdict},{comment}\r\n")
        };
        let head = "imageId,regionId,reviewer,time,verdict,comment\r\n";
        // The same comment is in both files; the later verdict comes first.
        let said = row(9, "ann", "", "blurred");
        let files = [
            ("a.csv", format!("{head}{}{said}", row(12, "ann", "rejected", ""))),
            ("b.csv", format!("{head}{}{said}", row(10, "ann", "accepted", ""))),
        ];
        let paths = files.map(|(name, text)| {
            let path = home.path().join(name);
            std::fs::write(&path, text).expect("file");
            path
        });
        let rows = import_all(&paths).expect("rows");
        let hours: Vec<_> = rows.iter().map(|row| (row.at / 3_600) % 24).collect();
        assert_eq!(hours, [9, 10, 12]);
        std::fs::write(&paths[1], format!("{head}nonsense\r\n")).expect("file");
        let words = import_all(&paths).expect_err("one is bad").full_text();
        assert!(words.contains("b.csv") && words.contains("Nothing was imported"), "{words}");
    }

    #[test]
    fn a_file_with_one_bad_row_is_refused_with_its_place_and_the_way_out() {
        let home = tempfile::tempdir().expect("home");
        let image = "00000000-0000-4000-8000-000000000001";
        let csv = format!(
            "imageId,regionId,reviewer,time,verdict,comment\r\n{image},,ann,2026-11-24T10:00:00Z,accepted,\r\n\
             {image},,ann,2026-11-24T10:00:00Z,splendid,\r\n"
        );
        let row = |verdict: &str| {
            format!(r#"{{"imageId":"{image}","reviewer":"ann","time":"2026-11-24T10:00:00Z","verdict":"{verdict}"}}"#)
        };
        let json = format!("{{\"tagscopeReviews\":1,\"rows\":[\n{},\n{}\n]}}", row("accepted"), row("splendid"));
        for (name, text, line) in [("bad.csv", csv, "line 3, column 5"), ("bad.json", json, "(line ")] {
            let path = home.path().join(name);
            std::fs::write(&path, text).expect("file");
            let words = import(&path).expect_err("a bad row").full_text();
            assert!(words.contains(name) && words.contains("splendid") && words.contains(line), "{words}");
            assert!(words.contains("Nothing was imported. Correct or remove that row"), "{words}");
        }
    }
}
