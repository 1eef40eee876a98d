use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::predictions::{Joined, Joiner, read_labels, read_lines, read_results};
use domain::evaluation::{Classification, Detection, Matches};
use domain::{
    ImageId, ImageRow, ImageUris, PredictionsBuilder, ProjectId, ProjectKind, RegionId, RegionRow, Tag, TagId, TagIx,
    TagMark, UnitRect,
};
use uuid::Uuid;

const LEFT: UnitRect = UnitRect::new(0.0, 0.0, 0.5, 0.5);
const RIGHT: UnitRect = UnitRect::new(0.5, 0.5, 0.25, 0.25);

/// Two images of 200 x 100 pixels. The first has a fork at the left; the second is named like a formula and has a fork at
/// the left and a spoon at the right.
fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::new();
    let tag = |at: u128, name: &str| Tag {
        id: TagId(Uuid::from_u128(at)),
        name: name.to_owned(),
        description: None,
        kind: "Regular".to_owned(),
        image_count: 0,
    };
    let tags = [tag(1, "fork"), tag(2, "=spoon")];
    catalogue.set_tags(&tags);
    let region = |id: u128, tag: &Tag, rect: UnitRect| RegionRow {
        id: RegionId(Uuid::from_u128(id)),
        tag: tag.id,
        tag_name: tag.name.as_str().into(),
        created: None,
        rect,
    };
    let row = |at: u128, name: &str, regions: Vec<RegionRow>| ImageRow {
        id: ImageId(Uuid::from_u128(at)),
        created: None,
        width: 200,
        height: 100,
        uris: ImageUris::default(),
        tags: vec![TagMark { tag: tags[0].id, name: "fork".into(), created: None }],
        regions,
        metadata: vec![("name".to_owned(), name.to_owned())],
        verbatim: Vec::new(),
        problems: Vec::new(),
    };
    catalogue.append(vec![
        row(1, "photos/1.jpg", vec![region(11, &tags[0], LEFT)]),
        row(2, "-2.jpg", vec![region(21, &tags[0], LEFT), region(22, &tags[1], RIGHT)]),
    ]);
    catalogue
}

/// A match and a false one below the score in the first image; a swapped one and a miss in the second.
fn judged(catalogue: &Catalogue) -> JudgedPredictions {
    let mut builder = PredictionsBuilder::new(true);
    for (image, tag, score, rect) in
        [(0, 0, 0.9, LEFT), (0, 1, 0.1, RIGHT), (1, 1, 0.75, LEFT), (1, 1, 0.625, UnitRect::new(0.9, 0.9, 0.1, 0.1))]
    {
        assert!(builder.push(ImageIx(image), TagIx(tag), score, rect));
    }
    let predictions = builder.finish();
    let images = [ImageIx(0), ImageIx(1)];
    let detection = Detection { catalogue, predictions: &predictions, images: &images };
    let parts = (0..detection.parts()).map(|part| detection.matches(part, 0.5));
    let matches = Matches::join(predictions.len(), catalogue.region_count(), parts);
    JudgedPredictions { predictions: Arc::new(predictions), matches: Arc::new(matches), score: 0.5 }
}

fn written(catalogue: &Catalogue, judged: &JudgedPredictions, format: &OutcomeFormat) -> (String, WrittenOutcomes) {
    let mut out = Vec::new();
    let outcomes = Outcomes { catalogue, images: &[ImageIx(0), ImageIx(1)], judged };
    let written = outcomes.write(format, &mut out).expect("memory");
    (String::from_utf8(out).expect("text"), written)
}

fn read(catalogue: &Catalogue, take: impl Fn(&mut Joiner<'_>)) -> Joined {
    let mut joiner = Joiner::new(catalogue, ProjectId::default(), ProjectKind::Detection);
    take(&mut joiner);
    joiner.finish().expect("predictions")
}

#[test]
fn a_table_has_a_row_for_each_prediction_that_counts_and_each_missed_label() {
    let catalogue = catalogue();
    let (text, facts) = written(&catalogue, &judged(&catalogue), &OutcomeFormat::Csv(Cells::Safe));
    assert_eq!(facts, WrittenOutcomes { predictions: 3, missed: 2, unnumbered: 0 });
    let id = |at: u128| Uuid::from_u128(at).to_string();
    let expected = [
        COLUMNS.join(","),
        format!("{},photos/1.jpg,match,fork,0.9,0,0,100,50,fork,{},1", id(1), id(11)),
        format!("{},'-2.jpg,swapped,'=spoon,0.75,0,0,100,50,fork,{},1", id(2), id(21)),
        format!("{},'-2.jpg,false,'=spoon,0.625,180,90,20,10,,,0", id(2)),
        format!("{},'-2.jpg,missed,fork,,0,0,100,50,fork,{},", id(2), id(21)),
        format!("{},'-2.jpg,missed,'=spoon,,100,50,50,25,'=spoon,{},", id(2), id(22)),
    ];
    assert_eq!(text.split_terminator("\r\n").collect::<Vec<_>>(), expected);
    let (raw, _) = written(&catalogue, &judged(&catalogue), &OutcomeFormat::Csv(Cells::Raw));
    assert!(raw.contains(",-2.jpg,swapped,=spoon,"), "{raw}");
}

#[test]
fn lines_hold_every_prediction_and_can_be_read_again() {
    let catalogue = catalogue();
    let judged = judged(&catalogue);
    let (text, facts) = written(&catalogue, &judged, &OutcomeFormat::Lines);
    assert_eq!((facts.predictions, facts.missed), (4, 2));
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let outcomes = |line: usize| {
        let predictions = lines[line]["predictions"].as_array().expect("list");
        predictions.iter().map(|one| one["outcome"].as_str().expect("outcome").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (outcomes(0), outcomes(1)),
        (vec!["match".to_owned(), "false".to_owned()], vec!["swapped".to_owned(), "false".to_owned()])
    );
    assert_eq!(lines[1]["predictions"][0]["labelId"], Uuid::from_u128(21).to_string());
    assert_eq!(lines[1]["missed"][1]["tagName"], "=spoon");
    let again = read(&catalogue, |joiner| {
        read_lines(BufReader::new(text.as_bytes()), "f", joiner).expect("lines");
    });
    assert_eq!((&again.predictions, again.skips.count()), (&*judged.predictions, 0));
}

#[test]
fn results_have_the_numbers_of_the_labels_and_can_be_read_without_them() {
    let catalogue = catalogue();
    let judged = judged(&catalogue);
    let own = OutcomeFormat::CocoResults(CocoNumbers::own(&catalogue));
    let (text, facts) = written(&catalogue, &judged, &own);
    assert_eq!(facts, WrittenOutcomes { predictions: 4, missed: 0, unnumbered: 0 });
    assert!(
        text.starts_with("[\n{\"image_id\":1,\"category_id\":1,\"bbox\":[0.0,0.0,100.0,50.0],\"score\":0.9,"),
        "{text}"
    );
    // Another size, other numbers, the second image by its file name, and no spoon.
    let labels = format!(
        r#"{{"images":[{{"id":70,"file_name":"x.jpg","width":400,"height":200,"custom_vision":{{"id":"{}"}}}},
            {{"id":"b","file_name":"-2.jpg","width":200,"height":100}},{{"id":71,"file_name":"1.jpg"}}],
            "categories":[{{"id":9,"name":"fork"}}],"annotations":[]}}"#,
        Uuid::from_u128(1)
    );
    let numbers = CocoNumbers::from_labels(&read_labels(labels.as_bytes()).expect("labels"), &catalogue);
    let (from_labels, facts) = written(&catalogue, &judged, &OutcomeFormat::CocoResults(numbers));
    assert_eq!(facts, WrittenOutcomes { predictions: 1, missed: 0, unnumbered: 3 });
    assert!(from_labels.contains("\"image_id\":70,\"category_id\":9,\"bbox\":[0.0,0.0,200.0,100.0]"), "{from_labels}");
    let again = |text: &str| read(&catalogue, |joiner| read_results(text.as_bytes(), "f", joiner).expect("results"));
    assert_eq!(again(&text).predictions, *judged.predictions);
    assert_eq!(again(&from_labels).predictions.get(0).map(|one| one.rect), Some(LEFT));
    assert!(again(&text).notes.is_empty(), "no number was guessed");
    // An image that the project no longer has is unknown. Its number is not taken for a place in today's list.
    let gone = text
        .replace(&format!("\"image\":\"{}\"", Uuid::from_u128(1)), &format!("\"image\":\"{}\"", Uuid::from_u128(99)));
    assert_ne!(gone, text);
    let left = again(&gone);
    assert!(left.notes.is_empty() && left.skips.count() > 0, "{:?}", left.notes);
    assert_eq!(left.predictions.len(), 2, "those of the second image");
}

#[test]
fn tags_of_whole_images_have_no_boxes() {
    let mut row = catalogue().get(ImageIx(0)).expect("image").to_row();
    row.regions.clear();
    let mut catalogue = Catalogue::new();
    catalogue.append(vec![row]);
    let mut builder = PredictionsBuilder::new(false);
    assert!(builder.push(ImageIx(0), TagIx(0), 0.75, UnitRect::default()));
    let predictions = builder.finish();
    let images = [ImageIx(0)];
    let matches =
        Classification { catalogue: &catalogue, predictions: &predictions, images: &images, is_multiclass: true }
            .matches();
    let judged = JudgedPredictions { predictions: Arc::new(predictions), matches: Arc::new(matches), score: 0.5 };
    let outcomes = Outcomes { catalogue: &catalogue, images: &images, judged: &judged };
    let mut out = Vec::new();
    outcomes.write(&OutcomeFormat::Csv(Cells::Safe), &mut out).expect("memory");
    let text = String::from_utf8(out).expect("text");
    assert!(text.ends_with(",photos/1.jpg,match,fork,0.75,,,,,fork,,\r\n"), "{text}");
    let mut out = Vec::new();
    outcomes.write(&OutcomeFormat::Lines, &mut out).expect("memory");
    assert!(!String::from_utf8(out).expect("text").contains("boundingBox"));
}

#[test]
fn the_ending_of_a_name_chooses_the_format() {
    let of = |name: &str| OutcomeKind::from_path(Path::new(name));
    for kind in OutcomeKind::ALL {
        assert_eq!(of(&format!("a/b.{}", kind.extension().to_ascii_uppercase())), Some(kind));
    }
    assert_eq!((of("a.txt"), of("csv"), of(".json")), (None, None, None));
}
