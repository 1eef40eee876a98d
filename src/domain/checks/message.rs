//! The sentence of a finding: what is wrong, with the numbers that say how much.

use super::CheckKind;
use super::finding::{Facts, Finding, OutlierMeasure};
use super::twins::{OddBoxes, TwinLabels};
use crate::catalogue::{Catalogue, PixelSize, TagIx};
use crate::stats::thousands;

/// What stands for the name of a tag that no longer exists.
const DELETED: &str = "a deleted tag";

/// A share in per cent, short but never a false zero.
fn percent(share: f32) -> String {
    let percent = share * 100.0;
    match percent {
        p if p >= 10.0 => format!("{p:.0} %"),
        p if p >= 0.95 => format!("{p:.1} %"),
        p if p >= 0.001 => format!("{p:.3} %"),
        _ => "less than 0.001 %".to_owned(),
    }
}

/// A factor, short.
fn times(factor: f32) -> String {
    if factor < 9.95 { format!("{factor:.1}") } else { format!("{factor:.0}") }
}

impl Finding {
    pub fn message(&self, catalogue: &Catalogue) -> String {
        let tags = catalogue.tags();
        let name = |tag: Option<TagIx>| match tag {
            Some(tag) if tag.index() < tags.len() => format!("\"{}\"", tags.get(tag).name),
            _ => DELETED.to_owned(),
        };
        let (first, second) = (name(self.tags[0]), name(self.tags[1]));
        // A tag name is in quotation marks, so none reads like this one.
        let of = |noun: &str, tag: &str| match tag {
            DELETED => format!("{noun} of {tag}"),
            _ => format!("{tag} {noun}"),
        };
        let (box_first, boxes_first) = (of("box", &first), of("boxes", &first));
        match self.facts {
            Facts::Overlap { iou } => format!("Two {boxes_first} cover the same area (IoU {iou:.2})."),
            Facts::OverlapOther { iou } => {
                format!("Boxes of {first} and {second} cover the same area (IoU {iou:.2}).")
            }
            Facts::Inside { .. } => format!("One {box_first} is inside another {box_first}."),
            Facts::Outside { share } => {
                format!("The {box_first} extends past the image edge: {} of it is outside.", percent(share))
            }
            Facts::Tiny { share: 0.0, .. } => format!("The {box_first} has no area."),
            Facts::Tiny { width, height, share, is_of_original } if width > 0.0 && height > 0.0 => {
                let unit = PixelSize::unit_of(is_of_original);
                format!("The {box_first} is tiny: {width:.0} x {height:.0} {unit}, {} of the image.", percent(share))
            }
            Facts::Tiny { share, .. } => format!("The {box_first} is tiny: {} of the image.", percent(share)),
            Facts::Whole { .. } => format!("The {box_first} covers the whole image."),
            Facts::Outlier { measure, value, median, .. } => outlier(&box_first, measure, value, median),
            Facts::Duplicate { other, labels, .. } => {
                let other = catalogue.get(other).map(|image| image.id().to_string()).unwrap_or_default();
                let short: String = other.chars().take(8).collect();
                let labeled = match labels {
                    TwinLabels::OtherTags => "but tagged differently".to_owned(),
                    TwinLabels::OtherBoxes(boxes) => format!("but labeled differently: {}", odd_boxes(&first, boxes)),
                    TwinLabels::Same => "with the same labels".to_owned(),
                };
                format!("Nearly the same picture as image {short}..., {labeled}.")
            }
            Facts::RareTag => format!("{first} is used only on this image."),
            Facts::TagName { images, other_images } => format!(
                "The tags {first} and {second} differ only in case or spaces; they are on {images} and {other_images} \
                 images."
            ),
            Facts::NoRegions => format!("Tagged {first}, but it has no boxes."),
            Facts::MissingTag => format!("It has a box of {first}, but not that tag."),
            Facts::Negative { regions: 0 } => format!(
                "Tagged {first}, which means that nothing is there, and \
                                                       {second}."
            ),
            Facts::Negative { .. } => {
                format!("Tagged {first}, which means that nothing is there, but it has a box of {second}.")
            }
            Facts::Size { decoded: (width, height) } => {
                let listed = self.image.and_then(|ix| catalogue.get(ix)).map_or((0, 0), |image| image.size());
                format!(
                    "The picture is {width} x {height}, which does not match the listed {} x {}.",
                    listed.0, listed.1
                )
            }
            Facts::More { kind, count, is_least } => more(kind, count, is_least),
        }
    }
}

/// How many findings of a kind an image has besides those that are listed.
fn more(kind: CheckKind, count: u32, is_least: bool) -> String {
    const CUT: &str = "This image has too many boxes to compare all of them";
    if count == 0 {
        return format!("{CUT}, so there may be more findings.");
    }
    let (one, many) = match kind {
        CheckKind::Overlap => ("pair of boxes of one tag covers", "pairs of boxes of one tag cover"),
        CheckKind::OverlapOther => ("pair of boxes of two tags covers", "pairs of boxes of two tags cover"),
        CheckKind::Inside => ("box is", "boxes are"),
        CheckKind::Outside => ("box extends", "boxes extend"),
        CheckKind::Tiny => ("box is", "boxes are"),
        CheckKind::Whole => ("box covers", "boxes cover"),
        CheckKind::MissingTag => ("box has", "boxes have"),
        _ => ("finding is", "findings are"),
    };
    let rest = match kind {
        CheckKind::Overlap | CheckKind::OverlapOther => "the same area",
        CheckKind::Inside => "inside another box of the same tag",
        CheckKind::Outside => "past the image edge",
        CheckKind::Tiny => "tiny",
        CheckKind::Whole => "the whole image",
        CheckKind::MissingTag => "a tag that the image does not have",
        _ => "not listed",
    };
    let words = format!("{} more {} {rest}", thousands(u64::from(count)), if count == 1 { one } else { many });
    if is_least { format!("At least {words}. {CUT}.") } else { format!("{words}.") }
}

/// What differs between the boxes of two images, most of all those of a tag.
fn odd_boxes(tag: &str, boxes: OddBoxes) -> String {
    let OddBoxes { here, there, odd, others, .. } = boxes;
    let difference = match (here, there) {
        (0, there) => format!("no box of {tag} here, {there} there"),
        (1, 1) => format!("the box of {tag} has a different position or size there"),
        (1, 0) => format!("1 box of {tag} here, none there"),
        (1, there) => format!("1 box of {tag} here, {there} there"),
        (here, 0) => format!("{here} boxes of {tag} here, none there"),
        (here, there) if here != there => format!("{here} boxes of {tag} here, {there} there"),
        _ if odd == 1 => format!("a box of {tag} has a different position or size there"),
        _ => format!("{odd} boxes of {tag} have a different position or size there"),
    };
    match others {
        0 => difference,
        1 => format!("{difference}, and 1 other box differs"),
        others => format!("{difference}, and {others} other boxes differ"),
    }
}

fn outlier(what: &str, measure: OutlierMeasure, value: f32, median: f32) -> String {
    let factor = times((value / median).max(median / value));
    let is_more = value > median;
    match measure {
        OutlierMeasure::Size => {
            let word = if is_more { "larger" } else { "smaller" };
            let (value, median) = (percent(value), percent(median));
            format!(
                "The {what} is {factor} times {word} than usual for its tag: {value} of the image, usually {median}."
            )
        }
        OutlierMeasure::Shape => {
            let word = if is_more { "wider" } else { "taller" };
            let (value, median) = (ratio(value), ratio(median));
            format!(
                "The {what} is {factor} times {word} for its size than usual for its tag: {value}, usually {median}."
            )
        }
    }
}

/// Width and height of a shape, the shorter side as 1.
fn ratio(shape: f32) -> String {
    if shape >= 1.0 { format!("{shape:.1} : 1") } else { format!("1 : {:.1}", 1.0 / shape) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_never_a_false_zero() {
        assert_eq!(percent(0.5), "50 %");
        assert_eq!(percent(0.0312), "3.1 %");
        assert_eq!(percent(0.000_4), "0.040 %");
        assert_eq!(percent(1e-7), "less than 0.001 %");
        assert_eq!((times(3.26), times(41.7)), ("3.3".to_owned(), "42".to_owned()));
        assert_eq!((ratio(2.5), ratio(0.25)), ("2.5 : 1".to_owned(), "1 : 4.0".to_owned()));
    }

    #[test]
    fn what_is_not_listed_is_counted_in_words() {
        assert_eq!(
            more(CheckKind::Overlap, 199_989_960, false),
            "199,989,960 more pairs of boxes of one tag cover the same area."
        );
        assert_eq!(more(CheckKind::Tiny, 1, false), "1 more box is tiny.");
        assert_eq!(
            more(CheckKind::Inside, 7, true),
            "At least 7 more boxes are inside another box of the same tag. This image has too many boxes to compare all \
             of them."
        );
        assert!(more(CheckKind::Overlap, 0, true).contains("there may be more"));
    }

    #[test]
    fn what_differs_is_told_in_whole_words() {
        let words = |here, there, odd, others| odd_boxes("fork", OddBoxes { here, there, odd, others, missing: None });
        assert_eq!(words(0, 2, 2, 0), "no box of fork here, 2 there");
        assert_eq!(words(1, 0, 1, 0), "1 box of fork here, none there");
        assert_eq!(words(1, 3, 2, 0), "1 box of fork here, 3 there");
        assert_eq!(words(4, 0, 4, 1), "4 boxes of fork here, none there, and 1 other box differs");
        assert_eq!(words(4, 3, 1, 12), "4 boxes of fork here, 3 there, and 12 other boxes differ");
        assert_eq!(words(1, 1, 1, 0), "the box of fork has a different position or size there");
        assert_eq!(words(4, 4, 1, 0), "a box of fork has a different position or size there");
        assert_eq!(words(4, 4, 3, 0), "3 boxes of fork have a different position or size there");
    }
}
