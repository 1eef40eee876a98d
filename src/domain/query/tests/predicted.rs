//! Conditions about predictions: side by side they are about one and the same.

use std::sync::Arc;

use crate::evaluation::{Detection, JudgedPredictions, Matches};
use crate::query::{Program, RegionProgram, Sources, parse};
use crate::wall::{RegionSort, WallItem, order_items};
use crate::{
    Blame, Catalogue, Decision, Dispute, ImageIx, PredictionsBuilder, RecordReader, Reviews, Statement, TagIx, UnitRect,
};

/// A fork in the left half, and on image 1 a spoon in the right one.
fn row(n: usize) -> String {
    let region = |at: usize, tag: usize, name: &str, left: f32| {
        format!(
            r#"{{"regionId":"00000000-0000-0001-{n:04x}-{at:012}","tagId":"00000000-0000-0000-0000-{tag:012}","tagName":"{name}","left":{left},"top":0,"width":0.5,"height":1}}"#
        )
    };
    let mut regions = vec![region(0, 1, "fork", 0.0)];
    if n == 1 {
        regions.push(region(1, 2, "spoon", 0.5));
    }
    format!(
        r#"{{"id":"{n:08x}-0000-4000-8000-000000000000","width":100,"height":100,"tags":[],"regions":[{}]}}"#,
        regions.join(",")
    )
}

fn known() -> (Catalogue, JudgedPredictions) {
    let mut catalogue = Catalogue::new();
    catalogue.append((0..4).map(|n| RecordReader::new().line(row(n).as_bytes(), n).expect("row")).collect());
    let tag = |name: &str| catalogue.tags().find_name(name).expect("tag");
    let (fork, spoon): (TagIx, TagIx) = (tag("fork"), tag("spoon"));
    let mut builder = PredictionsBuilder::new(true);
    let mut add = |image: u32, tag, score, left, width| {
        builder.push(ImageIx(image), tag, score, UnitRect::new(left, 0.0, width, 1.0));
    };
    // 0: found. 1: the fork is called a spoon, and the spoon is found. 2: a sure false spoon beside a found fork. 3: nothing
    // but an unsure fork.
    add(0, fork, 0.9, 0.0, 0.5);
    add(1, spoon, 0.8, 0.0, 0.5);
    add(1, spoon, 0.6, 0.5, 0.4);
    add(2, fork, 0.55, 0.0, 0.5);
    add(2, spoon, 0.95, 0.5, 0.5);
    add(3, fork, 0.3, 0.0, 0.4);
    let predictions = builder.finish();
    let images: Vec<_> = (0..4).map(ImageIx).collect();
    let detection = Detection { catalogue: &catalogue, predictions: &predictions, images: &images };
    let matches = Matches::join(predictions.len(), catalogue.region_count(), [detection.matches(0, 0.5)]);
    let judged = JudgedPredictions { predictions: Arc::new(predictions), matches: Arc::new(matches), score: 0.5 };
    (catalogue, judged)
}

fn with_sources<T>(work: impl FnOnce(&Sources<'_>) -> T) -> T {
    let (catalogue, judged) = known();
    let mut reviews = Reviews::default();
    // The swapped spoon of image 1 is the label's fault, the missed fork of image 3 the model's.
    let decide = |reviews: &mut Reviews, number: u64, image: u32, prediction: Option<usize>, blame| {
        let ix = ImageIx(image);
        let image = catalogue.get(ix).expect("image");
        let items: Vec<_> = judged.items(image).collect();
        let item = items.iter().find(|item| item.prediction.map(|one| one.at) == prediction).expect("item");
        let disputes = vec![Dispute::of(&catalogue, ix, item).expect("a name")];
        let statement = Statement::Blame { disputes, blame: Some(blame) };
        reviews.apply(&Decision { number, at: 0, by: "ann".into(), statement }).expect("entry");
    };
    decide(&mut reviews, 1, 1, Some(1), Blame::Label);
    decide(&mut reviews, 2, 3, None, Blame::Model);
    work(&Sources {
        catalogue: &catalogue,
        reviews: &reviews,
        findings: &Default::default(),
        changes: &Default::default(),
        predicted: &judged,
    })
}

fn found(text: &str) -> Vec<u32> {
    with_sources(|sources| {
        let program = Program::bind(&parse(text).expect("query"), sources.catalogue.tags()).expect("tags");
        let mut images = Vec::new();
        program.extend(sources, 0, &mut images);
        assert!(program.asks_predictions(), "{text}");
        images.into_iter().map(|image| image.0).collect()
    })
}

/// Regions as image and place.
fn regions(text: &str) -> Vec<(u32, usize)> {
    with_sources(|sources| {
        let query = parse(text).expect("query");
        let program = Program::bind(&query, sources.catalogue.tags()).expect("tags");
        let of_regions = RegionProgram::bind(&query, sources.catalogue.tags()).expect("tags").expect("about regions");
        let images = sources.catalogue.iter().filter(|image| program.matches(sources, *image));
        let of_image = |image: crate::ImageView<'_>| {
            let chosen = image.regions().enumerate().filter(|(_, region)| of_regions.chooses(sources, image, *region));
            chosen.map(|(at, _)| (image.ix.0, at)).collect::<Vec<_>>()
        };
        images.flat_map(of_image).collect()
    })
}

#[test]
fn outcomes_are_found_by_name() {
    assert_eq!(found("pred:match"), [0, 1, 2]);
    assert_eq!(found("pred:swapped"), [1]);
    assert_eq!(found("pred:false"), [2]);
    assert_eq!(found("pred:missed"), [1, 3]);
    assert_eq!(found("pred:any"), [0, 1, 2]);
    assert_eq!(found("pred:none"), [3]);
    assert_eq!(found("-pred:match"), [3]);
}

#[test]
fn conditions_side_by_side_are_about_one_prediction() {
    assert_eq!(found("pred.tag:spoon"), [1, 2]);
    assert_eq!(found("pred:match pred.tag:spoon"), [1]);
    assert_eq!(found("pred:false pred.tag:fork"), [] as [u32; 0]);
    assert_eq!(found("pred:match score>0.9"), [] as [u32; 0], "the sure one of image 2 is false");
    assert_eq!(found("pred:match iou<0.9"), [1]);
    assert_eq!(found("(pred:false or pred:swapped) pred.tag:spoon"), [1, 2]);
    // Cells of the confusion matrix.
    assert_eq!(found("pred.label:fork pred.tag:spoon"), [1]);
    assert_eq!(found("pred.label:none pred.tag:spoon"), [2]);
    assert_eq!(found("pred.label:fork pred.tag:none"), [3]);
}

#[test]
fn a_score_in_the_query_counts_in_place_of_the_chosen_one() {
    assert_eq!(found("score<0.5"), [3]);
    assert_eq!(found("score<0.5 pred:match"), [3]);
    assert_eq!(found("score:0.5..0.6"), [1, 2]);
}

#[test]
fn the_wall_shows_the_labels_that_are_meant() {
    assert_eq!(regions("pred:swapped"), [(1, 0)]);
    assert_eq!(regions("pred:missed"), [(1, 0), (3, 0)]);
    assert_eq!(regions("pred:match tag:fork"), [(0, 0), (2, 0)]);
    // A false prediction is on no label: the image's labels are shown.
    assert_eq!(regions("pred:false"), [(2, 0)]);
}

/// Crops as image, and the score of a prediction or the place of a label.
fn crops(text: &str, sort: RegionSort) -> Vec<(u32, Result<f64, u32>)> {
    with_sources(|sources| {
        let program = RegionProgram::bind(&parse(text).expect("query"), sources.catalogue.tags());
        let program = program.expect("tags").filter(RegionProgram::asks_for_predictions).expect("about predictions");
        let images: Vec<_> = (0..4).map(ImageIx).collect();
        let order = order_items(sources, &images, &program, None, sort, false);
        let crop = |(item, image): (&WallItem, &ImageIx)| {
            let first = sources.catalogue.get(*image).expect("image").region_range().start;
            let shown = match *item {
                WallItem::Prediction(at) => Ok(sources.predicted.predictions.get(at as usize).expect("place").score),
                WallItem::Label(region) => Err(region.0 - first),
            };
            (image.0, shown)
        };
        order.items.iter().zip(&order.images).map(crop).collect()
    })
}

#[test]
fn crops_are_predictions_and_the_labels_that_none_has_found() {
    assert_eq!(crops("pred:false", RegionSort::Images), [(2, Ok(0.95))]);
    assert_eq!(crops("pred:swapped", RegionSort::Images), [(1, Ok(0.8))]);
    assert_eq!(crops("pred:missed", RegionSort::Images), [(1, Err(0)), (3, Err(0))]);
    assert_eq!(crops("pred:match", RegionSort::LeastSure), [(2, Ok(0.55)), (1, Ok(0.6)), (0, Ok(0.9))]);
    assert_eq!(crops("pred:match pred.tag:spoon", RegionSort::Images), [(1, Ok(0.6))]);
    // The score that a query names counts in place of the chosen one.
    assert_eq!(crops("score<0.5", RegionSort::Images), [(3, Ok(0.3))]);
    // Each condition has its own score from which on predictions count.
    let both = crops("score<0.5 or pred:missed", RegionSort::Images);
    assert_eq!(both, [(1, Err(0)), (3, Ok(0.3)), (3, Err(0))]);
    // A label that is meant for another reason is there too, and once.
    assert_eq!(crops("pred:false or tag:spoon", RegionSort::Images), [(1, Err(1)), (2, Ok(0.95))]);
    assert_eq!(crops("pred:missed or tag:fork", RegionSort::Images).len(), 4);
}

#[test]
fn crops_are_sorted_by_score_and_by_overlap_with_labels_last() {
    let shown = "pred:any or pred:missed";
    let labels = [(1, Err(0)), (3, Err(0))];
    let scores = [(2, Ok(0.95)), (0, Ok(0.9)), (1, Ok(0.8)), (1, Ok(0.6)), (2, Ok(0.55))];
    assert_eq!(crops(shown, RegionSort::Surest), [&scores[..], &labels].concat());
    let lowest: Vec<_> = scores.into_iter().rev().chain(labels).collect();
    assert_eq!(crops(shown, RegionSort::LeastSure), lowest);
    // The false one overlaps nothing; the found spoon overlaps its label by four fifths.
    let overlap = crops(shown, RegionSort::LeastOverlap);
    assert_eq!((overlap[0], overlap[1], &overlap[5..]), ((2, Ok(0.95)), (1, Ok(0.6)), &labels[..]));
    assert_eq!(crops(shown, RegionSort::MostOverlap)[4], (2, Ok(0.95)));
}

#[test]
fn a_query_about_labels_alone_asks_for_no_predictions() {
    with_sources(|sources| {
        let asks = |text: &str| {
            let program = RegionProgram::bind(&parse(text).expect("query"), sources.catalogue.tags()).expect("tags");
            program.is_some_and(|program| program.asks_for_predictions())
        };
        assert!(!asks("tag:fork") && !asks("area<50%") && !asks("-pred:false tag:fork") && !asks("pred:none"));
        assert!(asks("pred:false") && asks("tag:fork (iou<0.7 or review:none)"));
    });
}

#[test]
fn what_was_decided_is_found_with_what_it_is_about() {
    assert_eq!(found("pred.review:label"), [1]);
    assert_eq!(found("pred.review:model"), [3]);
    assert_eq!(found("pred.review:any"), [1, 3]);
    assert_eq!(found("pred.review:none"), [0, 1, 2]);
    assert_eq!(found("pred.review:label pred:match"), [] as [u32; 0], "it is about the swapped one");
    assert_eq!(found("-pred.review:any"), [0, 2]);
    assert_eq!(crops("pred.review:label or pred.review:model", RegionSort::Images), [(1, Ok(0.8)), (3, Err(0))]);
    with_sources(|sources| {
        let asks = |text: &str| {
            Program::bind(&parse(text).expect("query"), sources.catalogue.tags()).expect("tags").asks_reviews()
        };
        assert!(asks("pred.review:any") && asks("area<50% pred:false pred.review:none") && !asks("pred:false"));
    });
}
