//! What is looked up for a slider against what is counted from the beginning.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

fn judged_at(catalogue: &Catalogue, predictions: &Predictions, all: &[ImageIx], iou: f64) -> JudgedPredictions {
    let detection = Detection { catalogue, predictions, images: all };
    let parts = (0..detection.parts()).map(|part| detection.matches(part, iou));
    let matches = Matches::join(predictions.len(), catalogue.region_count(), parts);
    JudgedPredictions { predictions: Arc::new(predictions.clone()), matches: Arc::new(matches), score: 0.0 }
}

fn slide_of(catalogue: &Catalogue, judged: &JudgedPredictions, all: &[ImageIx], has_boxes: bool) -> Slide {
    let ranking = Ranking::of(catalogue, &judged.predictions, all, has_boxes);
    let tags = (0..ranking.len()).map(|at| TagSlide::of(&ranking, TagIx(at as u16), &judged.matches)).collect();
    Slide::join(Arc::new(ranking), tags)
}

fn all_of(images: &[Image]) -> Vec<ImageIx> {
    (0..images.len() as u32).map(ImageIx).collect()
}

fn images() -> impl Strategy<Value = Vec<Image>> {
    let side = || (0_u32..5, 0_u32..5, 1_u32..5, 1_u32..5).prop_map(|(x, y, w, h)| [x * 10, y * 10, w * 10, h * 10]);
    let label = (0..TAGS, side());
    let guess = (0..TAGS, side(), 0_u32..=10).prop_map(|(tag, rect, score)| (tag, rect, score * 10));
    let image = (proptest::collection::vec(label, 0..5), proptest::collection::vec(guess, 0..6));
    proptest::collection::vec(image, 0..5)
}

proptest! {
    #[test]
    fn the_slider_looks_up_what_counting_finds(images in images(), score in 0_u32..=11, iou in 0_u32..=10) {
        let (score, iou) = (f64::from(score) / 10.0, f64::from(iou) / 10.0);
        let (catalogue, predictions) = built(&images);
        let all = all_of(&images);
        let judged = JudgedPredictions { score, ..judged_at(&catalogue, &predictions, &all, iou) };
        let detection = Detection { catalogue: &catalogue, predictions: &predictions, images: &all };
        let counts = detection.counts_from(&judged.matches, score);
        let point = slide_of(&catalogue, &judged, &all, true).at(score);
        prop_assert_eq!(point.all.counts(), counts.all);
        for at in 0..TAGS {
            let counted = counts.tags.get(&TagIx(at)).copied().unwrap_or_default();
            prop_assert_eq!(point.tags[usize::from(at)].counts(), counted);
        }
        prop_assert_eq!(&point.confusion, &counts.confusion);

        // What the lists show is what is counted.
        let views: Vec<_> = catalogue.iter().collect();
        let items: Vec<JudgedItem> = views.iter().flat_map(|image| judged.items(*image)).collect();
        for outcome in Outcome::ALL {
            let listed = items.iter().filter(|item| item.outcome == Some(outcome)).count() as u64;
            prop_assert_eq!(listed, point.all.of(outcome), "{:?}", outcome);
            for image in &views {
                let has = judged.items(*image).any(|item| item.outcome == Some(outcome));
                prop_assert_eq!(judged.any(image.ix, outcome), has, "{:?}", outcome);
            }
        }
        for (label, prediction, count) in point.confusion.iter() {
            // A prediction and the label under it are one cell; the label is listed as well if it is missed.
            let in_cell = items.iter().filter(|item| item.label == label && item.predicted == prediction);
            let listed = in_cell.filter(|item| item.prediction.is_some() == prediction.is_some()).count() as u64;
            prop_assert_eq!(listed, count, "{:?} as {:?}", label, prediction);
        }
    }

    #[test]
    fn a_point_of_the_curve_is_the_count_at_its_score(images in images()) {
        let (catalogue, predictions) = built(&images);
        let all = all_of(&images);
        let judged = judged_at(&catalogue, &predictions, &all, 0.5);
        let slide = slide_of(&catalogue, &judged, &all, true);
        let points = slide.curve(None);
        prop_assert!(points.is_sorted_by(|a, b| a.score > b.score));
        for point in points {
            let counts = slide.at(point.score).all.counts();
            prop_assert_eq!(counts.precision(), Some(point.precision));
            prop_assert_eq!(counts.recall(), Some(point.recall));
        }
    }

    #[test]
    fn predicted_tags_of_images_end_as_their_figures_say(
        images in proptest::collection::vec((proptest::collection::vec(0..TAGS, 0..3), proptest::collection::vec((0..TAGS, 0_u32..=10), 0..5)), 0..6),
        score in 0_u32..=10,
        is_multiclass: bool,
    ) {
        let score = f64::from(score) / 10.0;
        let (mut catalogue, mut builder) = (described(), PredictionsBuilder::new(false));
        for ((marks, guesses), at) in images.iter().zip(0_u32..) {
            let marks = if is_multiclass { &marks[..marks.len().min(1)] } else { &marks[..] };
            catalogue.append(vec![row(u128::from(at) + 1, &[], marks)]);
            for &(tag, score) in guesses {
                builder.push(ImageIx(at), TagIx(tag), f64::from(score) / 10.0, UnitRect::default());
            }
        }
        let predictions = builder.finish();
        let all: Vec<ImageIx> = (0..images.len() as u32).map(ImageIx).collect();
        let classification =
            Classification { catalogue: &catalogue, predictions: &predictions, images: &all, is_multiclass };
        let figures = classification.figures(score);
        let matches = Arc::new(classification.matches());
        let judged = JudgedPredictions { predictions: Arc::new(predictions.clone()), matches, score };
        let point = slide_of(&catalogue, &judged, &all, false).at(score);
        prop_assert_eq!(point.all.counts(), figures.all);
        let items: Vec<JudgedItem> = catalogue.iter().flat_map(|image| judged.items(image).collect::<Vec<_>>()).collect();
        for outcome in Outcome::ALL {
            let listed = items.iter().filter(|item| item.outcome == Some(outcome)).count() as u64;
            prop_assert_eq!(listed, point.all.of(outcome), "{:?}", outcome);
            for image in catalogue.iter() {
                let has = judged.items(image).any(|item| item.outcome == Some(outcome));
                prop_assert_eq!(judged.any(image.ix, outcome), has, "{:?}", outcome);
            }
        }
        prop_assert_eq!(&point.confusion, &figures.confusion);
    }
}

#[test]
fn every_outcome_has_its_case() {
    // A match, a wrong tag, a box that is half as high, one on nothing, and a second one of what is found already.
    let guesses = vec![(0, BOX, 90), (0, BOX, 80), (1, FAR, 70), (2, [10, 60, 20, 8], 60), (3, [80, 0, 10, 10], 50)];
    let labels = vec![(0, BOX), (0, FAR), (2, [10, 60, 20, 20])];
    let images = [(labels, guesses)];
    let (catalogue, predictions) = built(&images);
    let judged = judged_at(&catalogue, &predictions, &all_of(&images), 0.5);
    let fates: Vec<_> = (0..5).map(|at| judged.matches.fate(at).expect("compared").outcome).collect();
    use Outcome as O;
    assert_eq!(fates, [O::Match, O::False, O::Swapped, O::Misplaced, O::False]);
    let image = catalogue.get(ImageIx(0)).expect("image");
    let near = judged.matches.fate(3).and_then(|fate| fate.label);
    assert_eq!(near, image.region(2).map(|region| region.ix));
    let missed: Vec<_> = judged.items(image).filter(|item| item.outcome == Some(O::Missed)).collect();
    assert_eq!(missed.len(), 2);
    assert_eq!((missed[0].label, missed[0].predicted), (Some(TagIx(0)), Some(TagIx(1))));
    assert!(!judged.matches.has(ImageIx(7)) && judged.matches.fate(9).is_none());
}
