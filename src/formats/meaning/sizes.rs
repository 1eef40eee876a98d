//! Boxes of a size that hardly any object has: their numbers probably mean something else than the format says.

use super::{FEW_PIXELS, OVER_THE_EDGE};
use crate::dataset::{BoxUnit, Dataset};
use crate::quoted::Quoted;

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
