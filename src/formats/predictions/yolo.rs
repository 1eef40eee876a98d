//! A label file of YOLO with a confidence in each row, as detectors write it.

use super::join::{Area, ImageKey, Joiner, TagKey};
use crate::yolo::dataset::read_rows;

/// Reads the rows for an image, which is named by the file's own name without extension; `file` is the name in reports.
///
/// # Errors
/// In words, when there are too many predictions.
pub fn read_rows_of(text: &str, image: &str, file: &str, joiner: &mut Joiner<'_>) -> Result<(), String> {
    for (line, row) in read_rows(text, false) {
        let place = || format!("{file}: line {line}");
        match row {
            Ok(row) if row.score.is_none() => {
                joiner.skip(place, "the row has no confidence after its box");
            }
            Ok(row) => {
                let (tag, area) = (TagKey::Class(row.class), Area::Fractions(row.bbox));
                joiner.add(place, ImageKey::Text(image), tag, row.score, Some(area))?;
            }
            Err(reason) => joiner.skip(place, reason),
        }
    }
    Ok(())
}
