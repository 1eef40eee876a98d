//! What the numbers of other people's regions mean: in one place for all formats, so that each of them turns the same
//! region into the same box.
//!
//! A box is left, top, width and height from here on. Angles are in degrees, clockwise, as everywhere where y points down.

mod mask;

use super::dataset::{BoxUnit, Dataset};
use super::error::Quoted;
use domain::ProjectKind;

pub(super) use mask::{around_brush, around_runs, runs_of_text};

/// A picture with a longer side than this is no picture of a few pixels: a box of one pixel says nothing about it.
const FEW_PIXELS: u32 = 8;
/// How far fractions may reach over the edge of a picture: the service itself gives such boxes.
const OVER_THE_EDGE: f64 = 0.05;

/// How far from the picture a fraction may lead; beyond that it is no fraction.
const FARTHEST_FRACTION: f64 = 2.0;

/// The message about a box that was turned round.
pub(super) const TURNED_ROUND: &str =
    "its edges are swapped (right before left, or bottom above top); they were put in order";

/// A box by its left, top, right and bottom edge.
pub(super) fn from_corners([left, top, right, bottom]: [f64; 4]) -> [f64; 4] {
    [left, top, right - left, bottom - top]
}

/// A box by its middle, width and height.
pub(super) fn from_middle([x, y, width, height]: [f64; 4]) -> [f64; 4] {
    [x - width / 2.0, y - height / 2.0, width, height]
}

/// Whether a box in fractions of the picture is so far outside of it that its numbers cannot be fractions.
pub(super) fn is_far_outside([x, y, width, height]: [f64; 4]) -> bool {
    [x, y, x + width, y + height].iter().any(|edge| edge.abs() > FARTHEST_FRACTION)
}

/// The message about a box that carries the angle by which CVAT turned it, in an attribute.
pub(super) const TURNED_BY_ATTRIBUTE: &str =
    "its attribute \"rotation\" rotates it; the box around its corners was used";

/// The same box with sides that are not negative, when it was drawn from the right or from the bottom.
pub(super) fn turned_round([x, y, width, height]: [f64; 4]) -> Option<[f64; 4]> {
    let is_odd = width < 0.0 || height < 0.0;
    is_odd.then(|| [x.min(x + width), y.min(y + height), width.abs(), height.abs()])
}

/// The box around points that follow each other as x, y, x, y.
pub(super) fn around(numbers: &[f64]) -> Option<[f64; 4]> {
    if numbers.len() < 4 || !numbers.len().is_multiple_of(2) {
        return None;
    }
    let ends = |from: usize| {
        let along = numbers.iter().skip(from).step_by(2).copied();
        (along.clone().fold(f64::INFINITY, f64::min), along.fold(f64::NEG_INFINITY, f64::max))
    };
    let ((left, right), (top, bottom)) = (ends(0), ends(1));
    Some([left, top, right - left, bottom - top])
}

/// The box around several boxes.
pub(super) fn around_all(boxes: impl IntoIterator<Item = [f64; 4]>) -> Option<[f64; 4]> {
    let corners: Vec<f64> = boxes.into_iter().flat_map(|[x, y, width, height]| [x, y, x + width, y + height]).collect();
    around(&corners)
}

/// The box around a box that is turned about a point. All of it in one unit that is as long across as down, such as pixels.
pub(super) fn around_turned([x, y, width, height]: [f64; 4], degrees: f64, (about_x, about_y): (f64, f64)) -> [f64; 4] {
    let (sine, cosine) = sine_and_cosine(degrees);
    let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)];
    let turned = corners.map(|(x, y)| {
        let (across, down) = (x - about_x, y - about_y);
        [about_x + across * cosine - down * sine, about_y + across * sine + down * cosine]
    });
    around(turned.as_flattened()).unwrap_or([x, y, width, height])
}

/// The box around a box that is turned about its own middle.
pub(super) fn around_turned_in_place(bbox: [f64; 4], degrees: f64) -> [f64; 4] {
    let [x, y, width, height] = bbox;
    around_turned(bbox, degrees, (x + width / 2.0, y + height / 2.0))
}

/// The box around an ellipse with a middle and radii, turned about its middle.
pub(super) fn around_ellipse([x, y, across, down]: [f64; 4], degrees: f64) -> [f64; 4] {
    let (sine, cosine) = sine_and_cosine(degrees);
    let half_width = (across * cosine).hypot(down * sine);
    let half_height = (across * sine).hypot(down * cosine);
    [x - half_width, y - half_height, 2.0 * half_width, 2.0 * half_height]
}

/// Sine and cosine; exact for quarter turns, which are the usual ones.
fn sine_and_cosine(degrees: f64) -> (f64, f64) {
    match degrees.rem_euclid(360.0) {
        0.0 => (0.0, 1.0),
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
        other => other.to_radians().sin_cos(),
    }
}

/// Whether the boxes of a format that has pixels are fractions of the picture: not one edge of any box lies beyond the first
/// pixel, and the pictures are larger than a few.
pub(super) fn are_fractions(dataset: &Dataset) -> bool {
    let within = |low: f64, length: f64| low >= -OVER_THE_EDGE && low + length <= 1.0 + OVER_THE_EDGE;
    let mut boxes =
        dataset.images.iter().flat_map(|image| image.boxes.iter().map(move |found| (image.size, found.bbox)));
    let mut has_any = false;
    let is_small = boxes.all(|(size, [x, y, width, height])| {
        has_any |= width > 0.0 && height > 0.0;
        size.is_none_or(|(width, height)| width > FEW_PIXELS && height > FEW_PIXELS)
            && within(x, width)
            && within(y, height)
    });
    has_any && is_small
}

/// Reads all boxes as fractions of their pictures if they can be nothing else, and says so.
pub(super) fn decide_unit(dataset: &mut Dataset, place: &str) {
    // Files that came from here have names with an id behind them, and are what they should be whatever their boxes are.
    let is_own = dataset.images.iter().any(|image| image.id.is_some() && !image.metadata.is_empty());
    if is_own || !are_fractions(dataset) {
        return;
    }
    for image in &mut dataset.images {
        image.unit = BoxUnit::Fractions;
    }
    let reason =
        "no box exceeds 1 in any direction, so the numbers were read as fractions of the picture, not as pixels";
    dataset.report(place, false, reason);
}

/// Another meaning that the numbers of a box could have: its words, and the box by it.
pub type Otherwise = (&'static str, fn([f64; 4]) -> [f64; 4]);

/// The numbers that were read as the edges are left, top, width and height.
pub(super) const AS_SIDES: Otherwise =
    ("left, top, width and height", |[left, top, width, height]| [left, top, left + width, top + height]);

/// Raises a doubt where boxes reach well beyond their pictures although all of them would be inside if their numbers meant
/// something else. What the format defines is read all the same.
pub fn doubt(dataset: &mut Dataset, place: &str, others: &[Otherwise]) {
    let is_own = dataset.images.iter().any(|image| image.id.is_some());
    let sized = || {
        let images = dataset.images.iter().filter(|image| !image.boxes.is_empty());
        images.filter_map(|image| match (image.unit, image.size) {
            (BoxUnit::Fractions, _) => Some((image, [1.0, 1.0])),
            (BoxUnit::Pixels, Some((width, height))) => Some((image, [f64::from(width), f64::from(height)])),
            (BoxUnit::Pixels, None) => None,
        })
    };
    let boxes = || sized().flat_map(|(image, size)| image.boxes.iter().map(move |found| (image, found.bbox, size)));
    let mut beyond = boxes().filter(|(_, bbox, size)| !is_within(*bbox, *size, OVER_THE_EDGE));
    let Some((first, ..)) = beyond.next().filter(|_| !is_own) else { return };
    let count = 1 + beyond.count();
    let all_fit = |other: &&Otherwise| {
        boxes().all(|(_, bbox, size)| {
            let [x, y, width, height] = other.1(bbox);
            width > 0.0 && height > 0.0 && is_within([x, y, width, height], size, 0.01)
        })
    };
    let Some((words, _)) = others.iter().find(all_fit) else { return };
    let reason = format!(
        "boxes that reach beyond their pictures: {count} (such as on {}). All boxes would be inside if their numbers were \
         {words}. They were read as the format defines them; check them",
        Quoted(&first.file_name)
    );
    dataset.report(place, false, reason);
}

/// Whether a box is inside a picture, or over its edge by no more than a share of it.
fn is_within([x, y, width, height]: [f64; 4], [across, down]: [f64; 2], share: f64) -> bool {
    let fits = |low: f64, length: f64, whole: f64| low >= -share * whole && low + length <= (1.0 + share) * whole;
    fits(x, width, across) && fits(y, height, down)
}

/// The size of a picture that is stored on its side, when only that size holds all boxes: they were drawn on the picture
/// as viewers show it, and the size that is listed is the one in the file.
pub fn upright_size(listed: (u32, u32), boxes: impl IntoIterator<Item = [f64; 4]>) -> Option<(u32, u32)> {
    let (width, height) = (f64::from(listed.0), f64::from(listed.1));
    let [x, y, across, down] = around_all(boxes)?;
    // Half a pixel is rounding.
    let (right, bottom) = (x + across - 0.5, y + down - 0.5);
    let is_outside = right > width || bottom > height;
    (is_outside && right <= height && bottom <= width).then_some((listed.1, listed.0))
}

/// What a project is for when its labels are tags of whole images: one an image, or any number of them.
pub(super) fn kind_of_tags(dataset: &Dataset) -> ProjectKind {
    match dataset.images.iter().all(|image| image.tags.len() <= 1) {
        true => ProjectKind::Multiclass,
        false => ProjectKind::Multilabel,
    }
}

/// Raises a doubt about boxes that are smaller than a pixel or larger than their pictures. They are read all the same, as the
/// format defines them.
pub fn doubt_sizes(dataset: &mut Dataset) {
    // Files that came from here are what they should be.
    if dataset.images.iter().any(|image| image.id.is_some()) {
        return;
    }
    let [mut small, mut large] = [Doubtful::default(), Doubtful::default()];
    for image in &dataset.images {
        let size = image.size.map(|(width, height)| [f64::from(width), f64::from(height)]);
        let few = f64::from(FEW_PIXELS);
        let is_tiny = size.is_some_and(|size| size.iter().any(|&side| side <= few));
        for found in &image.boxes {
            let sides = [found.bbox[2], found.bbox[3]];
            let (pixels, shares) = match (image.unit, size) {
                (BoxUnit::Pixels, None) => (Some(sides), None),
                (BoxUnit::Pixels, Some([width, height])) => (Some(sides), Some([sides[0] / width, sides[1] / height])),
                (BoxUnit::Fractions, None) => (None, Some(sides)),
                (BoxUnit::Fractions, Some([width, height])) => {
                    (Some([sides[0] * width, sides[1] * height]), Some(sides))
                }
            };
            // A box without an area is found by the checks.
            if !is_tiny && pixels.is_some_and(|sides| sides.iter().all(|&side| side > 0.0 && side < 1.0)) {
                small.count(&image.file_name);
            }
            if shares.is_some_and(|shares| shares.iter().any(|&share| share > 1.0 + OVER_THE_EDGE)) {
                large.count(&image.file_name);
            }
        }
    }
    let told = [
        (small, "boxes smaller than one pixel", "they may be fractions of the picture where the format has others"),
        (large, "boxes larger than their pictures", "they may be pixels or percent where the format has others"),
    ];
    for (Doubtful { count, first }, what, why) in told {
        if let Some(first) = first {
            let first = Quoted(&first);
            let reason = format!(
                "{what}: {count} (such as on {first:.120}). Check their numbers: {why}. They were read as the format \
                 defines them"
            );
            dataset.report("boxes", false, reason);
        }
    }
}

/// A number of boxes, and the image of the first.
#[derive(Default)]
struct Doubtful {
    count: u64,
    first: Option<String>,
}

impl Doubtful {
    fn count(&mut self, file_name: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| file_name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{DatasetBox, DatasetImage};

    fn close(found: [f64; 4], expected: [f64; 4]) {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}, not {expected:?}");
    }

    #[test]
    fn boxes_drawn_backwards_are_turned_round() {
        assert_eq!(turned_round([480.0, 360.0, -400.0, -240.0]), Some([80.0, 120.0, 400.0, 240.0]));
        assert_eq!(turned_round([480.0, 120.0, -400.0, 240.0]), Some([80.0, 120.0, 400.0, 240.0]));
        assert_eq!(turned_round([80.0, 120.0, 400.0, 0.0]), None);
    }

    #[test]
    fn turned_boxes_are_held_by_the_box_around_them() {
        // The numbers of a published report: middle 0.15, 0.5 and size 0.1 x 0.6 of a picture of 1000 x 500.
        close(around_turned([200.0, 100.0, 300.0, 100.0], 90.0, (200.0, 100.0)), [100.0, 100.0, 100.0, 300.0]);
        close(around_turned_in_place([100.0, 150.0, 300.0, 100.0], 90.0), [200.0, 50.0, 100.0, 300.0]);
        close(around_turned_in_place([0.0, 0.0, 10.0, 10.0], 405.0), {
            let side = 200.0_f64.sqrt();
            [5.0 - side / 2.0, 5.0 - side / 2.0, side, side]
        });
        close(around_ellipse([10.0, 10.0, 4.0, 2.0], -90.0), [8.0, 6.0, 4.0, 8.0]);
    }

    #[test]
    fn fractions_are_told_by_all_boxes_together() {
        let dataset = |size, boxes: &[[f64; 4]]| {
            let boxes = boxes.iter().map(|&bbox| DatasetBox { category: 0, bbox, id: None, created: None }).collect();
            Dataset { images: vec![DatasetImage { size, boxes, ..DatasetImage::default() }], ..Dataset::default() }
        };
        let large = Some((400, 300));
        assert!(are_fractions(&dataset(large, &[[0.1, 0.2, 0.5, 0.4], [-0.01, 0.0, 1.02, 1.0]])));
        assert!(!are_fractions(&dataset(large, &[[0.5, 0.5, 0.4, 0.4], [40.0, 60.0, 200.0, 120.0]])));
        assert!(!are_fractions(&dataset(Some((2, 2)), &[[0.0, 0.0, 1.0, 1.0]])), "one pixel of four");
        assert!(!are_fractions(&dataset(large, &[])) && !are_fractions(&dataset(large, &[[0.0; 4]])));
    }

    #[test]
    fn a_doubt_is_raised_where_only_another_meaning_fits() {
        let corners: Otherwise = ("corners", |[x, y, width, height]| [x, y, width - x, height - y]);
        let told = |boxes: &[[f64; 4]]| {
            let boxes = boxes.iter().map(|&bbox| DatasetBox { category: 0, bbox, id: None, created: None }).collect();
            let image = DatasetImage { size: Some((400, 300)), boxes, ..DatasetImage::default() };
            let mut dataset = Dataset { images: vec![image], ..Dataset::default() };
            doubt(&mut dataset, "boxes", &[corners]);
            dataset.problems.len()
        };
        assert_eq!(told(&[[300.0, 200.0, 390.0, 290.0], [10.0, 10.0, 20.0, 20.0]]), 1);
        assert_eq!(told(&[[300.0, 200.0, 390.0, 290.0], [10.0, 10.0, 5.0, 20.0]]), 0, "not all of them fit");
        assert_eq!(told(&[[300.0, 200.0, 110.0, 90.0]]), 0, "a little over the edge");
    }

    #[test]
    fn a_picture_on_its_side_is_told_by_boxes_that_only_fit_upright() {
        assert_eq!(upright_size((400, 300), [[40.0, 300.0, 200.0, 80.0]]), Some((300, 400)));
        assert_eq!(upright_size((400, 300), [[40.0, 100.0, 200.0, 80.0]]), None, "both fit");
        assert_eq!(upright_size((400, 300), [[40.0, 300.0, 280.0, 80.0]]), None, "neither fits");
    }

    fn told(unit: BoxUnit, size: Option<(u32, u32)>, bbox: [f64; 4]) -> Vec<String> {
        let boxes = vec![DatasetBox { category: 0, bbox, id: None, created: None }];
        let image = DatasetImage { file_name: "1.jpg".to_owned(), unit, size, boxes, ..DatasetImage::default() };
        let mut dataset = Dataset { images: vec![image], ..Dataset::default() };
        doubt_sizes(&mut dataset);
        dataset.problems.into_iter().map(|problem| problem.reason).collect()
    }

    #[test]
    fn boxes_of_odd_sizes_raise_a_doubt() {
        let size = Some((400, 300));
        for (unit, size, bbox, words) in [
            (BoxUnit::Pixels, size, [0.1, 0.2, 0.5, 0.4], "smaller than one pixel: 1"),
            (BoxUnit::Pixels, None, [0.1, 0.2, 0.5, 0.4], "smaller than one pixel: 1"),
            (BoxUnit::Fractions, size, [0.001, 0.001, 0.002, 0.002], "smaller than one pixel: 1"),
            (BoxUnit::Pixels, size, [0.0, 0.0, 500.0, 10.0], "larger than their pictures: 1"),
            (BoxUnit::Fractions, None, [0.0, 0.0, 0.5, 2.0], "larger than their pictures: 1"),
        ] {
            let told = told(unit, size, bbox);
            assert!(told.len() == 1 && told[0].contains(words) && told[0].contains("1.jpg"), "{bbox:?}: {told:?}");
        }
    }

    #[test]
    fn usual_boxes_raise_none() {
        for (unit, size, bbox) in [
            (BoxUnit::Pixels, Some((400, 300)), [0.0, 0.0, 400.0, 310.0]),
            (BoxUnit::Pixels, Some((400, 300)), [10.0, 10.0, 0.5, 40.0]),
            (BoxUnit::Pixels, Some((400, 300)), [10.0, 10.0, 0.0, 0.0]),
            (BoxUnit::Pixels, Some((4, 3)), [0.0, 0.0, 0.5, 0.5]),
            (BoxUnit::Fractions, None, [0.001, 0.001, 0.002, 0.002]),
            (BoxUnit::Fractions, Some((400, 300)), [-0.04, 0.0, 1.04, 1.0]),
        ] {
            assert_eq!(told(unit, size, bbox), Vec::<String>::new(), "{bbox:?}");
        }
    }
}
