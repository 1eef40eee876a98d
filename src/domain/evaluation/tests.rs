use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::catalogue::{Catalogue, ImageIx, TagIx};
use crate::geometry::{PixelRect, UnitRect};
use crate::ids::{ImageId, RegionId, TagId};
use crate::image::{ImageRow, ImageUris, RegionRow, TagMark};
use crate::predictions::{Predictions, PredictionsBuilder};
use crate::project::Tag;

mod at_points;

const SIDE: u32 = 100;
const TAGS: u16 = 4;

/// A label: tag, and a box in pixels.
type Label = (u16, [u32; 4]);
/// A prediction: tag, a box in pixels, and a score in hundredths.
type Guess = (u16, [u32; 4], u32);
/// Labels and predictions of an image.
type Image = (Vec<Label>, Vec<Guess>);

fn unit([x, y, width, height]: [u32; 4]) -> UnitRect {
    let [x, y, width, height] = [x, y, width, height].map(f64::from);
    PixelRect { x, y, width, height }.in_fractions(SIDE, SIDE)
}

fn tag_id(tag: u16) -> TagId {
    TagId(Uuid::from_u128(u128::from(tag) + 1))
}

fn row(id: u128, labels: &[Label], marks: &[u16]) -> ImageRow {
    let region = |(at, &(tag, rect)): (u128, &Label)| RegionRow {
        id: RegionId(Uuid::from_u128(id * 1_000 + at)),
        tag: tag_id(tag),
        tag_name: "tag".into(),
        created: None,
        rect: unit(rect),
    };
    ImageRow {
        id: ImageId(Uuid::from_u128(id)),
        created: None,
        width: SIDE,
        height: SIDE,
        uris: ImageUris::default(),
        tags: marks.iter().map(|&tag| TagMark { tag: tag_id(tag), name: "tag".into(), created: None }).collect(),
        regions: (0..).zip(labels).map(region).collect(),
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

fn described() -> Catalogue {
    let tag = |tag: u16| Tag {
        id: tag_id(tag),
        name: format!("tag {tag}"),
        description: None,
        kind: "Regular".to_owned(),
        image_count: 0,
    };
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(&(0..TAGS).map(tag).collect::<Vec<_>>());
    catalogue
}

fn built(images: &[Image]) -> (Catalogue, Predictions) {
    let (mut catalogue, mut builder) = (described(), PredictionsBuilder::new(true));
    for ((labels, guesses), at) in images.iter().zip(0_u32..) {
        catalogue.append(vec![row(u128::from(at) + 1, labels, &[])]);
        for &(tag, rect, score) in guesses {
            assert!(builder.push(ImageIx(at), TagIx(tag), f64::from(score) / 100.0, unit(rect)));
        }
    }
    (catalogue, builder.finish())
}

/// Average precisions and the counts at a score and IoU.
#[derive(Debug, PartialEq)]
struct Found {
    mean: Option<TagAverages>,
    tags: Vec<Option<TagAverages>>,
    counts: MatchCounts,
    of_tags: Vec<MatchCounts>,
    confusion: Vec<Vec<u64>>,
}

fn evaluated(images: &[Image], score: f64, iou: f64) -> Found {
    let (catalogue, predictions) = built(images);
    let all: Vec<ImageIx> = (0..images.len() as u32).map(ImageIx).collect();
    let detection = Detection { catalogue: &catalogue, predictions: &predictions, images: &all };
    let parts = detection.parts();
    let hits = DetectionHits::join((0..parts).map(|part| detection.part(part)));
    let known: Vec<_> = (0..hits.len()).filter_map(|place| hits.figures(place)).collect();
    let matches =
        Matches::join(predictions.len(), catalogue.region_count(), (0..parts).map(|part| detection.matches(part, iou)));
    let counts = detection.counts_from(&matches, score);
    let tags: Vec<TagIx> = (0..TAGS).map(TagIx).collect();
    let of_images = counts.images.iter().fold(MatchCounts::default(), |mut sum, (_, counts)| {
        sum.add(*counts);
        sum
    });
    assert_eq!(of_images, counts.all, "images together are all");
    Found {
        mean: TagAverages::mean(known.iter().map(|(_, figures)| *figures)),
        tags: tags.iter().map(|tag| known.iter().find(|(of, _)| of == tag).map(|(_, figures)| *figures)).collect(),
        counts: counts.all,
        of_tags: tags.iter().map(|tag| counts.tags.get(tag).copied().unwrap_or_default()).collect(),
        confusion: counts.confusion.matrix(&tags),
    }
}

const BOX: [u32; 4] = [10, 10, 20, 20];
const HALF: [u32; 4] = [10, 10, 20, 10];
const FAR: [u32; 4] = [60, 60, 20, 20];

#[test]
fn perfect_predictions_are_perfect() {
    let found = evaluated(&[(vec![(0, BOX), (1, FAR)], vec![(0, BOX, 90), (1, FAR, 80)])], 0.5, 0.5);
    let mean = found.mean.expect("labels");
    assert!(mean.ap > 0.999_999_999 && mean.ap50 > 0.999_999_999, "{mean:?}");
    assert_eq!(found.counts, MatchCounts { labels: 2, predictions: 2, found: 2 });
    assert_eq!((found.counts.precision(), found.counts.recall(), found.counts.f1()), (Some(1.0), Some(1.0), Some(1.0)));
    assert_eq!(found.tags[2], None, "a tag without labels has no average");
}

#[test]
fn nothing_is_no_share() {
    let empty = evaluated(&[(vec![], vec![])], 0.5, 0.5);
    assert_eq!((empty.mean, empty.counts), (None, MatchCounts::default()));
    assert_eq!((empty.counts.precision(), empty.counts.recall(), empty.counts.f1()), (None, None, None));
    let missed = evaluated(&[(vec![(0, BOX)], vec![])], 0.5, 0.5);
    assert_eq!(missed.mean, Some(TagAverages::default()));
    assert_eq!((missed.counts.precision(), missed.counts.recall()), (None, Some(0.0)));
    let spurious = evaluated(&[(vec![], vec![(0, BOX, 90)])], 0.5, 0.5);
    assert_eq!((spurious.mean, spurious.counts.precision(), spurious.counts.recall()), (None, Some(0.0), None));
}

#[test]
fn an_overlap_just_at_the_threshold_matches() {
    let found = evaluated(&[(vec![(0, BOX)], vec![(0, HALF, 90)])], 0.5, 0.5);
    let mean = found.mean.expect("labels");
    assert!(mean.ap50 > 0.999 && mean.ap75 == 0.0 && (mean.ap - mean.ap50 / 10.0).abs() < 1e-12, "{mean:?}");
    assert_eq!(found.counts.found, 1);
    assert_eq!(evaluated(&[(vec![(0, BOX)], vec![(0, HALF, 90)])], 0.5, 0.51).counts.found, 0);
}

#[test]
fn a_label_is_found_once_and_by_the_surest() {
    let images = [(vec![(0, BOX)], vec![(0, BOX, 60), (0, HALF, 90)])];
    let found = evaluated(&images, 0.5, 0.5);
    assert_eq!((found.counts.found, found.counts.false_positives(), found.counts.missed()), (1, 1, 0));
    assert_eq!(evaluated(&images, 0.95, 0.5).counts, MatchCounts { labels: 1, predictions: 0, found: 0 });
    // From IoU 0.55 on the surest finds nothing, and the other one is second: half precision at each recall.
    let mean = found.mean.expect("labels");
    assert!((mean.ap75 - 0.5).abs() < 1e-12, "{mean:?}");
}

#[test]
fn confusion_is_regardless_of_tag() {
    let images = [
        (vec![(0, BOX), (1, FAR)], vec![(1, BOX, 90), (1, FAR, 80), (2, [0, 80, 5, 5], 70), (3, BOX, 40)]),
        (vec![(3, BOX), (0, BOX)], vec![(3, BOX, 90)]),
    ];
    let found = evaluated(&images, 0.5, 0.5);
    assert_eq!(
        found.confusion,
        [
            [0, 1, 0, 0, 1], // Of two labels in one place that of the predicted tag is found.
            [0, 1, 0, 0, 0],
            [0, 0, 0, 0, 0],
            [0, 0, 0, 1, 0],
            [0, 0, 1, 0, 0],
        ]
    );
    assert_eq!(found.of_tags[1], MatchCounts { labels: 1, predictions: 2, found: 1 });
}

#[test]
fn boxes_without_area_match_nothing() {
    let point = [10, 10, 0, 0];
    let found = evaluated(&[(vec![(0, point)], vec![(0, point, 90)])], 0.0, 0.0);
    assert_eq!(found.counts, MatchCounts { labels: 1, predictions: 1, found: 0 });
    assert_eq!(found.mean, Some(TagAverages::default()));
}

#[test]
fn only_the_surest_hundred_are_averaged_but_all_are_counted() {
    let mut guesses: Vec<Guess> = (0..10_000).map(|at| (0, [at % 90, 90, 5, 5], 90)).collect();
    guesses.push((0, BOX, 50));
    let found = evaluated(&[(vec![(0, BOX)], guesses)], 0.5, 0.5);
    assert_eq!(found.mean.expect("labels").ap50, 0.0);
    assert_eq!(found.counts, MatchCounts { labels: 1, predictions: 10_001, found: 1 });
}

#[test]
fn curves_have_a_point_a_score() {
    let points = curve(vec![(0.5, true), (0.9, true), (0.5, false), (0.1, false)], 4);
    let short: Vec<_> = points.iter().map(|point| (point.score, point.precision, point.recall)).collect();
    assert_eq!(short, [(0.9, 1.0, 0.25), (0.5, 2.0 / 3.0, 0.5), (0.1, 0.5, 0.5)]);
    assert_eq!(points[0].f1, 0.4);
    assert!(curve(vec![(0.5, false)], 0).is_empty() && curve(Vec::new(), 3).is_empty());
}

/// Kinds with the places of label and prediction, the gravest first.
fn doubts(images: &[Image]) -> Vec<(DoubtKind, Option<u32>, Option<usize>)> {
    let (catalogue, predictions) = built(images);
    let all: Vec<ImageIx> = (0..images.len() as u32).map(ImageIx).collect();
    let detection = Detection { catalogue: &catalogue, predictions: &predictions, images: &all };
    let known = MatchCounts { labels: 100, predictions: 100, found: 90 };
    let tags = (0..TAGS).map(|tag| (TagIx(tag), known)).collect();
    let found = gravest_first((0..detection.parts()).flat_map(|part| detection.doubts(part, &tags)).collect());
    assert!(found.iter().all(|doubt| (LEAST_DOUBT..=1.0).contains(&doubt.score)), "{found:?}");
    assert!(found.iter().all(|doubt| doubt.image_score > 0.3 && doubt.image_score <= 1.0), "{found:?}");
    assert!(found.is_sorted_by(|a, b| a.score >= b.score));
    found.iter().map(|doubt| (doubt.kind, doubt.region.map(|region| region.0), doubt.prediction)).collect()
}

#[test]
fn each_mistake_is_one_doubt() {
    use DoubtKind as D;
    assert_eq!(doubts(&[(vec![(0, BOX), (1, FAR)], vec![(0, BOX, 95), (1, FAR, 60)])]), []);
    assert_eq!(doubts(&[(vec![(0, BOX)], vec![(0, BOX, 95), (1, FAR, 90)])]), [(D::Overlooked, None, Some(1))]);
    assert_eq!(doubts(&[(vec![(0, BOX)], vec![(1, BOX, 95)])]), [(D::Swapped, Some(0), Some(0))]);
    assert_eq!(doubts(&[(vec![(0, BOX), (1, FAR)], vec![(1, FAR, 95)])]), [(D::Spurious, Some(0), None)]);
    let shifted = [20, 10, 20, 20];
    assert_eq!(doubts(&[(vec![(0, shifted)], vec![(0, BOX, 95)])]), [(D::Misplaced, Some(0), Some(0))]);
    // A prediction of another tag that lies on the label says what is there, unless it is hardly one.
    assert_eq!(doubts(&[(vec![(0, BOX)], vec![(1, [15, 10, 20, 20], 75)])]), [(D::Swapped, Some(0), Some(0))]);
    assert_eq!(doubts(&[(vec![(0, BOX)], vec![(1, BOX, 20)])]), [(D::Spurious, Some(0), None)]);
    // Of two tags on one thing, the one that the model does not see is doubtful.
    assert_eq!(doubts(&[(vec![(0, BOX), (1, BOX)], vec![(0, BOX, 95)])]), [(D::Swapped, Some(1), Some(0))]);
}

#[test]
fn what_the_model_is_unsure_of_is_no_doubt() {
    assert_eq!(doubts(&[(vec![(0, BOX)], vec![(0, BOX, 95), (1, FAR, 25), (1, BOX, 25)])]), []);
    // Two predictions of one thing are one doubt, and a label nearby is not taken from its own prediction.
    let near = [28, 10, 20, 20];
    let guesses = vec![(0, BOX, 60), (1, near, 99), (1, [29, 10, 20, 20], 90)];
    assert_eq!(doubts(&[(vec![(0, BOX)], guesses)]), [(DoubtKind::Overlooked, None, Some(1))]);
    assert_eq!(doubts(&[(vec![], vec![]), (vec![], vec![(0, BOX, 10)])]), []);
}

/// The tags of an image, and the tag and score of each of its predictions.
type Classified<'a> = (&'a [u16], &'a [(u16, u32)]);

fn classified(images: &[Classified<'_>], is_multiclass: bool, score: f64) -> ClassificationFigures {
    let (mut catalogue, mut builder) = (described(), PredictionsBuilder::new(false));
    for (&(marks, guesses), at) in images.iter().zip(0_u32..) {
        catalogue.append(vec![row(u128::from(at) + 1, &[], marks)]);
        for &(tag, score) in guesses {
            builder.push(ImageIx(at), TagIx(tag), f64::from(score) / 100.0, UnitRect::default());
        }
    }
    let all: Vec<ImageIx> = (0..images.len() as u32).map(ImageIx).collect();
    let predictions = builder.finish();
    Classification { catalogue: &catalogue, predictions: &predictions, images: &all, is_multiclass }.figures(score)
}

#[test]
fn one_tag_an_image() {
    let images: &[Classified<'_>] = &[
        (&[0], &[(0, 90), (1, 10)]),
        (&[0], &[(1, 60), (0, 40)]),
        (&[1], &[(1, 45), (0, 30), (2, 25)]),
        (&[1], &[]),
        (&[], &[(2, 99)]),
    ];
    let found = classified(images, true, 0.5);
    assert_eq!((found.images, found.accuracy), (4, Some(0.5)), "the surest tag is right whatever its score");
    let of = |tag: u16| found.tags[&TagIx(tag)];
    assert_eq!(of(0).counts, MatchCounts { labels: 2, predictions: 1, found: 1 });
    assert_eq!(of(1).counts, MatchCounts { labels: 2, predictions: 1, found: 0 });
    // Of tag 0: 0.9 right, 0.4 right, 0.3 wrong. Of tag 1: 0.6 wrong, 0.45 right, 0.1 wrong.
    assert_eq!((of(0).ap, of(1).ap, of(2).ap), (Some(1.0), Some(0.25), None));
    assert_eq!(found.ap, Some(0.625));
    let tags = [TagIx(0), TagIx(1)];
    assert_eq!(found.confusion.matrix(&tags), [[1, 1, 0], [0, 0, 2], [0, 0, 0]]);
}

#[test]
fn several_tags_an_image() {
    let images: &[Classified<'_>] =
        &[(&[0, 1], &[(1, 80), (0, 90)]), (&[0], &[(0, 70), (2, 60)]), (&[1, 2], &[(1, 50), (1, 40)])];
    let found = classified(images, false, 0.5);
    assert_eq!(found.accuracy, Some(1.0 / 3.0));
    assert_eq!(found.all, MatchCounts { labels: 5, predictions: 5, found: 4 });
    let tags: Vec<TagIx> = (0..3).map(TagIx).collect();
    assert_eq!(found.confusion.matrix(&tags), [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]);
}

fn rect() -> impl Strategy<Value = [u32; 4]> {
    (0_u32..60, 0_u32..60, 1_u32..40, 1_u32..40).prop_map(|(x, y, width, height)| [x, y, width, height])
}

fn images() -> impl Strategy<Value = Vec<Image>> {
    let labels = proptest::collection::vec((0..TAGS, rect()), 0..6);
    let guesses = proptest::collection::vec((0..TAGS, rect(), 0_u32..100), 0..8);
    // Some predictions lie on labels.
    let image = (labels, guesses).prop_map(|(labels, mut guesses): Image| {
        for (&(tag, [x, y, width, height]), guess) in labels.iter().zip(&mut guesses).step_by(2) {
            *guess = (tag, [x, y, width + 2, height + 1], guess.2);
        }
        (labels, guesses)
    });
    proptest::collection::vec(image, 1..6)
}

/// Each score once, so that no order decides.
fn distinct(images: &mut [Image]) {
    let mut next = 0;
    for guess in images.iter_mut().flat_map(|image| &mut image.1) {
        next += 7;
        guess.2 = next % 97;
    }
}

fn is_close(a: Option<TagAverages>, b: Option<TagAverages>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a.ap - b.ap).abs() < 1e-12 && (a.ap50 - b.ap50).abs() < 1e-12,
        (a, b) => a.is_none() && b.is_none(),
    }
}

proptest! {
    #[test]
    fn the_order_of_images_and_predictions_changes_nothing(mut images in images()) {
        distinct(&mut images);
        let before = evaluated(&images, 0.3, 0.5);
        images.reverse();
        for (_, guesses) in &mut images {
            guesses.reverse();
        }
        prop_assert_eq!(evaluated(&images, 0.3, 0.5), before);
    }

    #[test]
    fn the_order_of_tags_changes_nothing(mut images in images()) {
        let before = evaluated(&images, 0.3, 0.5);
        for (labels, guesses) in &mut images {
            labels.iter_mut().for_each(|label| label.0 = TAGS - 1 - label.0);
            guesses.iter_mut().for_each(|guess| guess.0 = TAGS - 1 - guess.0);
        }
        let after = evaluated(&images, 0.3, 0.5);
        prop_assert!(is_close(after.mean, before.mean));
        let turned: Vec<_> = after.tags.into_iter().rev().collect();
        prop_assert_eq!(turned, before.tags);
        prop_assert_eq!(after.counts, before.counts);
        let turned: Vec<_> = after.of_tags.into_iter().rev().collect();
        prop_assert_eq!(turned, before.of_tags);
    }

    /// Equal predictions with equal scores may change places with those of other tags and images.
    #[test]
    fn the_order_in_a_file_changes_nothing(images in images()) {
        let (catalogue, predictions) = built(&images);
        let mut builder = PredictionsBuilder::new(true);
        // All of the last tag first, then the others, each from the last image to the first.
        for tag in (0..TAGS).rev() {
            for image in catalogue.iter().rev() {
                for one in predictions.of(image.ix).filter(|one| one.tag.0 == tag) {
                    builder.push(image.ix, one.tag, one.score, one.rect);
                }
            }
        }
        let other = builder.finish();
        let all: Vec<ImageIx> = catalogue.iter().map(|image| image.ix).collect();
        let averages = |predictions: &Predictions| {
            let detection = Detection { catalogue: &catalogue, predictions, images: &all };
            let hits = DetectionHits::join((0..detection.parts()).map(|part| detection.part(part)));
            (0..hits.len()).map(|place| hits.figures(place)).collect::<Vec<_>>()
        };
        prop_assert_eq!(averages(&other), averages(&predictions));
    }

    #[test]
    fn counts_of_any_score_are_those_of_the_predictions_alone(images in images(), least in 0_u32..100) {
        let score = f64::from(least) / 100.0;
        let whole = evaluated(&images, score, 0.5);
        let cut: Vec<Image> = images.into_iter().map(|(labels, mut guesses)| {
            guesses.retain(|guess| f64::from(guess.2) / 100.0 >= score);
            (labels, guesses)
        }).collect();
        let alone = evaluated(&cut, 0.0, 0.5);
        prop_assert_eq!((whole.counts, whole.of_tags, whole.confusion), (alone.counts, alone.of_tags, alone.confusion));
    }
}
