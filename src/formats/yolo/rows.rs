//! The rows of YOLO's label files: boxes, boxes with more numbers behind them, and outlines.

use crate::loose::start;
use crate::meaning;

/// Classes beyond this are no dataset's.
pub(super) const MOST_CLASSES: u64 = 100_000;

/// What the numbers of a row were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowForm {
    /// A box and nothing else.
    Box,
    /// A box and one number: a confidence, or the number of a track.
    Scored,
    /// A box, a confidence and the number of a track.
    Tracked,
    /// A box and the points of a body.
    Pose,
    /// An outline, or the four corners of a turned box.
    Outline,
}

impl RowForm {
    /// The message about rows of this form; `None` when there is none.
    pub fn note(self) -> Option<&'static str> {
        match self {
            Self::Box => None,
            Self::Scored => Some("boxes with an extra number (a confidence or a track), which was ignored"),
            Self::Tracked => Some("boxes with a confidence and a track number, which were ignored"),
            Self::Pose => Some("boxes with key points, which were ignored"),
            Self::Outline => Some("outlines converted to bounding boxes"),
        }
    }
}

/// A row of a label file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YoloRow {
    /// The number of the class, from 0.
    pub class: usize,
    /// Left, top, width and height in fractions of the picture; finite, and no side is negative.
    pub bbox: [f64; 4],
    pub form: RowForm,
    /// The number behind the box where there is one: a confidence, or the number of a track.
    pub score: Option<f64>,
    /// Whether it was given with a negative width or height and was turned round.
    pub is_turned_round: bool,
}

/// Reads the rows of a label file with the numbers of their lines, from 1; the reason in words where a row cannot be used.
pub fn read_rows(text: &str, has_keypoints: bool) -> impl Iterator<Item = (usize, Result<YoloRow, String>)> {
    let rows = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    rows.map(move |(number, line)| (number, read_row(line, has_keypoints)))
}

/// Reads a row: a class with a box, with a box and more, or with an outline.
///
/// # Errors
/// In words, when it is none of these.
pub fn read_row(line: &str, has_keypoints: bool) -> Result<YoloRow, String> {
    let refused = || format!("{:?} is not a row of a class and a box", start(line));
    let fields = line.split(|letter: char| letter.is_ascii_whitespace() || matches!(letter, ',' | ';'));
    let mut numbers = Vec::with_capacity(8);
    for field in fields.filter(|field| !field.is_empty()) {
        let number = field.parse().ok().filter(|number: &f64| number.abs() < 1e6);
        numbers.push(number.ok_or_else(refused)?);
    }
    let (class, numbers) = numbers.split_first().ok_or_else(refused)?;
    if class.fract() != 0.0 || !(0.0..MOST_CLASSES as f64).contains(class) {
        return Err(refused());
    }
    let form = form_of(numbers, has_keypoints).ok_or_else(refused)?;
    let bbox = match (form, numbers) {
        (RowForm::Outline, outline) => meaning::around(outline),
        (_, &[x, y, width, height, ..]) => Some(meaning::from_middle([x, y, width, height])),
        _ => None,
    };
    let bbox = bbox.ok_or_else(refused)?;
    let round = meaning::turned_round(bbox);
    let [x, y, width, height] = round.unwrap_or(bbox);
    if meaning::is_far_outside([x, y, width, height]) {
        let words = "is far outside its picture; YOLO uses fractions of the picture, from 0 to 1, not pixels";
        return Err(format!("the box in {:?} {words}", start(line)));
    }
    let score = match (form, numbers) {
        (RowForm::Scored | RowForm::Tracked, [_, _, _, _, score, ..]) => Some(*score),
        _ => None,
    };
    let bbox = [x, y, width, height];
    Ok(YoloRow { class: *class as usize, bbox, form, score, is_turned_round: round.is_some() })
}

/// What the numbers behind a class are.
fn form_of(numbers: &[f64], has_keypoints: bool) -> Option<RowForm> {
    match numbers {
        [_, _, _, _] => Some(RowForm::Box),
        [_, _, _, _, ..] if has_keypoints => Some(RowForm::Pose),
        [_, _, _, _, _] => Some(RowForm::Scored),
        // A tracker numbers from 1. An outline whose last point has exactly this height would read the same only if
        // its first points happened to be a box inside the picture.
        &[x, y, width, height, score, track] if track >= 1.0 && track.fract() == 0.0 => {
            let is_inside =
                |middle: f64, side: f64| side > 0.0 && middle >= side / 2.0 - 0.01 && middle <= 1.01 - side / 2.0;
            let is_box = is_inside(x, width) && is_inside(y, height) && (0.0..=1.0).contains(&score);
            (is_box || track > 1.0).then_some(RowForm::Tracked).or(Some(RowForm::Outline))
        }
        [_, _, _, _, points @ ..] if has_visibilities(points) => Some(RowForm::Pose),
        outline if outline.len() >= 6 && outline.len().is_multiple_of(2) => Some(RowForm::Outline),
        // Points with a word about whether they can be seen, where `data.yaml` does not say how many.
        [_, _, _, _, points @ ..] if points.len() >= 3 && points.len().is_multiple_of(3) => Some(RowForm::Pose),
        _ => None,
    }
}

/// Whether every third number says how well a point can be seen: 0, 1, or 2 at least once. No edge of an outline is at 2.
fn has_visibilities(points: &[f64]) -> bool {
    let mut seen = points.iter().skip(2).step_by(3);
    points.len().is_multiple_of(3)
        && seen.clone().any(|&seen| seen == 2.0)
        && seen.all(|seen| [0.0, 1.0, 2.0].contains(seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(line: &str, form: RowForm, expected: [f64; 4]) {
        let row = read_row(line, false).expect(line);
        let is_close = row.bbox.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(row.form == form && is_close, "{line:?}: {row:?}");
    }

    #[test]
    fn rows_in_their_forms() {
        close("1 0.5 0.5 0.5 1", RowForm::Box, [0.25, 0.0, 0.5, 1.0]);
        close("\t2.0  .5 .5 .5 1 0.93 ", RowForm::Scored, [0.25, 0.0, 0.5, 1.0]);
        close("0,0.5,0.5,0.2,0.2", RowForm::Box, [0.4, 0.4, 0.2, 0.2]);
        close("0; 0.5; 0.5; 0.2; 0.2", RowForm::Box, [0.4, 0.4, 0.2, 0.2]);
        close("0 0.1 0.2 0.3 0.9 0.2 0.4", RowForm::Outline, [0.1, 0.2, 0.2, 0.7]);
        close("0 0.1 0.1 0.5 0.1 0.5 0.3 0.1 0.3", RowForm::Outline, [0.1, 0.1, 0.4, 0.2]);
        let pose = read_row("0 0.5 0.5 1 1 0.1 0.2 2", true).expect("pose");
        assert_eq!((pose.form, pose.bbox), (RowForm::Pose, [0.0, 0.0, 1.0, 1.0]));
        close("0 0.5 0.5 1 1 0.1 0.2 2", RowForm::Pose, [0.0, 0.0, 1.0, 1.0]);
        // Two points with their visibilities are as many numbers as an outline of five.
        close("0 0.5 0.5 0.2 0.2 0.45 0.45 2 0.55 0.55 1", RowForm::Pose, [0.4, 0.4, 0.2, 0.2]);
        close("0 0.1 0.1 0.5 0.1 0.5 0.3 0.1 0.3 0.1 0.2", RowForm::Outline, [0.1, 0.1, 0.4, 0.2]);
        let round = read_row("0 0.5 0.5 -0.2 0.2", false).expect("round");
        assert!(round.is_turned_round && (round.bbox[0] - 0.4).abs() < 1e-9 && round.bbox[2] == 0.2, "{round:?}");
    }

    #[test]
    fn rows_of_a_tracker_are_boxes() {
        close("0 0.5 0.5 0.2 0.2 7", RowForm::Scored, [0.4, 0.4, 0.2, 0.2]);
        close("0 0.5 0.5 0.2 0.2 0.91 7", RowForm::Tracked, [0.4, 0.4, 0.2, 0.2]);
        close("0 0.5 0.5 0.2 0.2 0.91 1", RowForm::Tracked, [0.4, 0.4, 0.2, 0.2]);
        // Outlines of three points stay outlines.
        close("0 0.1 0.1 0.5 0.1 0.3 0.6", RowForm::Outline, [0.1, 0.1, 0.4, 0.5]);
        close("1 0.2 0.25 0.6 0.25 0.6 0.75", RowForm::Outline, [0.2, 0.25, 0.4, 0.5]);
        close("1 0.1 0.1 0.9 0.1 0.5 1", RowForm::Outline, [0.1, 0.1, 0.8, 0.9]);
    }

    #[test]
    fn what_is_no_row_is_refused_with_a_reason() {
        for bad in [
            "",
            "0",
            "0 1 1 1",
            "x 1 1 1 1",
            "-1 1 1 1 1",
            "0.5 1 1 1 1",
            "0 nan 1 1 1",
            "0 1e300 1 1 1",
            "9999999 1 1 1 1",
        ] {
            assert!(
                read_row(bad, false).is_err_and(|reason| reason.ends_with("is not a row of a class and a box")),
                "{bad:?}"
            );
        }
        assert!(read_row("0 200 150 80 60", false).expect_err("pixels").contains("fractions"));
        let lines: Vec<_> =
            read_rows("0 .5 .5 1 1\r\n\r\nx\r\n", false).map(|(line, row)| (line, row.is_ok())).collect();
        assert_eq!(lines, [(1, true), (3, false)]);
    }
}
