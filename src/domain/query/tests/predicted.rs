//! Conditions about predictions: side by side they are about one and the same.

use std::sync::Arc;

use crate::evaluation::{Detection, Judged, Matches};
use crate::query::{Program, RegionProgram, Sources, parse};
use crate::{Catalogue, ImageIx, PredictionsBuilder, RecordReader, TagIx, UnitRect};

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

fn known() -> (Catalogue, Judged) {
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
    let judged = Judged { predictions: Arc::new(predictions), matches: Arc::new(matches), score: 0.5 };
    (catalogue, judged)
}

fn with_sources<T>(work: impl FnOnce(&Sources<'_>) -> T) -> T {
    let (catalogue, judged) = known();
    work(&Sources {
        catalogue: &catalogue,
        reviews: &Default::default(),
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
