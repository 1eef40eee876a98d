//! Tables without a header whose columns some program defines: by the form of their first row.

use super::columns::{BoxColumns, Columns};
use crate::error::FormatError;
use crate::layout::is_picture;
use crate::loose::number_in;

/// What `AutoML` and Vertex AI call the parts of a dataset.
const PARTS: [&str; 6] = ["train", "training", "validate", "validation", "test", "unassigned"];
/// Cells of a row of `AutoML` behind the path: the label, and two coordinates of each of four corners.
const AUTOML_CELLS: usize = 9;

/// The columns of a table: those of a program when its first row is one that the program writes, else by their names.
pub(super) fn columns(head: &[String], first: Option<&[String]>) -> Result<Columns, FormatError> {
    of_program(head).map_or_else(|| Columns::by_names(head, first), Ok)
}

fn of_program(row: &[String]) -> Option<Columns> {
    retinanet(row).or_else(|| make_sense(row)).or_else(|| automl(row))
}

/// Keras `RetinaNet`: path, x1, y1, x2, y2, class. An image without objects has nothing but its path.
fn retinanet(row: &[String]) -> Option<Columns> {
    let [path, corners @ .., class] = row else { return None };
    let is_negative = row.iter().skip(1).all(|cell| cell.trim().is_empty());
    let has_box = are_numbers(corners) && !class.trim().is_empty() && !is_picture(class.trim());
    (corners.len() == 4 && is_picture(path.trim()) && (is_negative || has_box)).then(|| Columns {
        image: 0,
        tag: Some(5),
        boxes: Some(BoxColumns::Edges([1, 2, 3, 4])),
        program: Some("Keras RetinaNet (path, x1, y1, x2, y2, class)"),
        ..Columns::default()
    })
}

/// make-sense before it wrote a header: label, x, y, width, height, and the name, width and height of the picture.
fn make_sense(row: &[String]) -> Option<Columns> {
    let [label, corner @ .., name, width, height] = row else { return None };
    let is_one = corner.len() == 4
        && are_numbers(corner)
        && is_picture(name.trim())
        && !is_picture(label.trim())
        && [width, height].iter().all(|cell| number_in(cell).is_some_and(|side| side >= 1.0));
    is_one.then(|| Columns {
        image: 5,
        tag: Some(0),
        size: [Some(6), Some(7)],
        boxes: Some(BoxColumns::Corner([1, 2, 3, 4])),
        program: Some("make-sense (label, x, y, width, height, image, image width, image height)"),
        ..Columns::default()
    })
}

/// Google's `AutoML` and Vertex AI: the part, the address of the picture, and the labels, or a label and the corners of its
/// box. The part may be left out where there are boxes.
fn automl(row: &[String]) -> Option<Columns> {
    let part = row.first().filter(|cell| PARTS.contains(&cell.trim().to_ascii_lowercase().as_str()));
    let image = usize::from(part.is_some());
    let path = row.get(image)?.trim();
    let behind = row.get(image + 1..)?;
    let is_cloud = path.starts_with("gs://");
    let is_image = is_cloud || (part.is_some() && is_picture(path));
    if !is_image {
        return None;
    }
    let has_corners = behind.len() == AUTOML_CELLS
        && behind[1..].iter().all(|cell| cell.trim().is_empty() || number_in(cell).is_some());
    Some(Columns {
        image,
        tag: Some(image + 1),
        part: part.map(|_| 0),
        boxes: has_corners.then_some(BoxColumns::Vertices(image + 2)),
        tags_from: (!has_corners).then_some(image + 1),
        program: Some(match has_corners {
            true => "Google AutoML or Vertex AI (part, image, label, corners)",
            false => "Google AutoML or Vertex AI (part, image, labels)",
        }),
        ..Columns::default()
    })
}

fn are_numbers(cells: &[String]) -> bool {
    cells.iter().all(|cell| number_in(cell).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(row: &str) -> Option<&'static str> {
        let cells: Vec<String> = row.split(',').map(str::to_owned).collect();
        of_program(&cells).and_then(|columns| columns.program)
    }

    #[test]
    fn rows_of_programs_are_told_by_their_form() {
        for (row, word) in [
            ("a/1.jpg,1,2,30,40,fork", Some("RetinaNet")),
            ("a/1.jpg,,,,,", Some("RetinaNet")),
            ("fork,1,2,30,40,1.jpg,400,300", Some("make-sense")),
            ("TRAIN,gs://b/1.jpg,fork,0.1,0.2,,,0.3,0.4,,", Some("corners")),
            ("UNASSIGNED,gs://b/1.jpg,,,,,,,,,", Some("corners")),
            ("gs://b/1.jpg,fork,0.1,0.2,0.3,0.2,0.3,0.4,0.1,0.4", Some("corners")),
            ("validation,1.jpg,fork,spoon", Some("labels")),
            ("1.jpg,fork", None),
            ("1.jpg,1,2,30,40,", None),
            ("1.jpg,1,2,30,x,fork", None),
            ("1.jpg,1,2,30,40,fork,1", None),
            ("image,xmin,ymin,xmax,ymax,tag", None),
            ("train,fork", None),
        ] {
            let found = program(row);
            assert_eq!(found.is_some(), word.is_some(), "{row}: {found:?}");
            assert!(found.unwrap_or_default().contains(word.unwrap_or_default()), "{row}: {found:?}");
        }
    }
}
