use super::*;
use domain::{
    Catalogue, ImageId, ImageIx, ImageRow, ImageUris, ProjectId, ProjectKind, RegionId, RegionRow, Tag, TagId, UnitRect,
};
use uuid::Uuid;

const PROJECT: ProjectId = ProjectId(Uuid::from_u128(0xabc));

fn tag(at: u128, name: &str) -> Tag {
    let kind = if name == "Negative" { "Negative" } else { "Regular" };
    Tag {
        id: TagId(Uuid::from_u128(at)),
        name: name.to_owned(),
        description: None,
        kind: kind.to_owned(),
        image_count: 0,
    }
}

/// Images 1.jpg to 3.jpg of 200 x 100 pixels; the tags are Negative, fork and spoon.
fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(&[tag(9, "Negative"), tag(1, "fork"), tag(2, "spoon")]);
    let row = |at: u128| ImageRow {
        id: ImageId(Uuid::from_u128(at)),
        created: None,
        width: 200,
        height: 100,
        uris: ImageUris::default(),
        tags: Vec::new(),
        regions: vec![RegionRow {
            id: RegionId(Uuid::from_u128(at)),
            tag: TagId(Uuid::from_u128(1)),
            tag_name: "fork".into(),
            created: None,
            rect: UnitRect::new(0.0, 0.0, 0.5, 0.5),
        }],
        metadata: vec![("name".to_owned(), format!("photos/{at}.jpg"))],
        verbatim: Vec::new(),
        problems: Vec::new(),
    };
    catalogue.append((1..=3).map(row).collect());
    catalogue
}

type Read = Box<dyn Fn(&mut Joiner<'_>) -> Result<(), FormatError>>;

fn read_as(kind: ProjectKind, read: impl Fn(&mut Joiner<'_>) -> Result<(), FormatError>) -> Result<Joined, String> {
    let catalogue = catalogue();
    let mut joiner = Joiner::new(&catalogue, PROJECT, kind);
    read(&mut joiner).map_err(|error| error.to_string())?;
    joiner.finish()
}

fn read(read: impl Fn(&mut Joiner<'_>) -> Result<(), FormatError>) -> Result<Joined, String> {
    read_as(ProjectKind::Detection, read)
}

/// Image from 1, tag index, score, box.
fn rows(joined: &Joined) -> Vec<(u32, u16, f64, UnitRect)> {
    let of =
        |image: u32| joined.predictions.of(ImageIx(image)).map(move |one| (image + 1, one.tag.0, one.score, one.rect));
    (0..3).flat_map(of).collect()
}

const QUARTER: UnitRect = UnitRect::new(0.25, 0.5, 0.25, 0.25);

#[test]
fn every_form_gives_the_same_prediction() {
    let id = Uuid::from_u128(2);
    let labels = r#"{"images":[{"id":77,"file_name":"photos/2.jpg","width":400,"height":200}],"categories":[{"id":5,"name":"spoon"}],"annotations":[]}"#;
    let with_labels = |joiner: &mut Joiner<'_>| joiner.set_labels(read_labels(labels.as_bytes()).expect("labels"));
    let service = format!(
        r#"{{"id":"{id}","predictions":[{{"probability":0.75,"tagName":"spoon","boundingBox":{{"left":0.25,"top":0.5,"width":0.25,"height":0.25}}}}]}}"#
    );
    let azure = r#"{"image_url":"https://h/c/photos/2.jpg?sig=secret","boxes":[{"box":{"topX":0.25,"topY":0.5,"bottomX":0.5,"bottomY":0.75},"label":"spoon","score":0.75}]}"#;
    let forms: Vec<Read> = vec![
        Box::new(|joiner| {
            read_results(&br#"[{"image_id":2,"category_id":2,"bbox":[50,50,50,25],"score":0.75}]"#[..], "f", joiner)
        }),
        Box::new(|joiner| {
            let text = r#"[{"image_id":"2","category_id":"spoon","bbox":["50",50,50,25],"score":"0.75"}]"#;
            read_results(text.as_bytes(), "f", joiner)
        }),
        Box::new(move |joiner| {
            with_labels(joiner);
            let text = r#"[{"image_id":77,"category_id":5,"bbox":[100,100,100,50],"score":0.75,"id":1,"area":9}]"#;
            read_results(text.as_bytes(), "f", joiner)
        }),
        Box::new(move |joiner| {
            with_labels(joiner);
            let text = r#"{"annotations":[{"image_id":77,"category_id":5,"bbox":[100,100,100,50],"score":0.75}]}"#;
            read_scored(text.as_bytes(), "f", joiner)
        }),
        Box::new({
            let service = service.clone();
            move |joiner| read_lines(format!("\n{service}\n").as_bytes(), "f", joiner)
        }),
        Box::new(move |joiner| read_list(format!("[{service}]").as_bytes(), "f", joiner)),
        Box::new(move |joiner| read_lines(azure.as_bytes(), "f", joiner)),
        Box::new(|joiner| {
            joiner.set_classes(vec!["fork".to_owned(), "spoon".to_owned()]);
            read_rows_of("1 0.375 0.625 0.25 0.25 0.75\n", "2", "f", joiner).map_err(FormatError::says)
        }),
        Box::new(|joiner| read_rows_of("1 0.375 0.625 0.25 0.25 0.75\n", "2", "f", joiner).map_err(FormatError::says)),
    ];
    for (at, form) in forms.iter().enumerate() {
        let found = read(form).unwrap_or_else(|words| panic!("form {at}: {words}"));
        assert_eq!(rows(&found), [(2, 2, 0.75, QUARTER)], "form {at}");
        assert_eq!(found.skips.count(), 0, "form {at}");
    }
}

#[test]
fn what_does_not_belong_is_itemized_with_its_place() {
    let text = "[{\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,9,9],\"score\":0.5},\n\
                {\"image_id\":9,\"category_id\":1,\"bbox\":[0,0,9,9],\"score\":0.5},\n\
                {\"image_id\":1,\"category_id\":7,\"bbox\":[0,0,9,9],\"score\":0.5},\n\
                {\"image_id\":1,\"category_id\":\"cup\",\"bbox\":[0,0,9,9],\"score\":0.5},\n\
                {\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,9,9],\"score\":1.5},\n\
                {\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,9,9],\"score\":\"nan\"},\n\
                {\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,9],\"score\":0.5},\n\
                {\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,-9,9],\"score\":0.5},\n\
                {\"image_id\":1,\"category_id\":1,\"score\":0.5},\n\
                {\"category_id\":1,\"score\":0.5},{\"image_id\":1,\"score\":0.5},{}]";
    let found = read(|joiner| read_results(text.as_bytes(), "p.json", joiner)).expect("one is used");
    assert_eq!((rows(&found).len(), found.skips.count()), (1, 11));
    let told = found.skips.sentences(99).join("\n");
    for words in [
        "p.json: [1] (line 2): skipped a prediction: no image has the number 9.",
        "p.json: [2] (line 3): skipped a prediction: no tag has the number 7.",
        "p.json: [3] (line 4): skipped a prediction: no tag is named \"cup\".",
        "p.json: [4] (line 5): skipped a prediction: its score is not from 0 to 1.",
        "p.json: [5] (line 6): skipped a prediction: it has no score.",
        "p.json: [6] (line 7): skipped a prediction: its box is not four numbers.",
        "p.json: [7] (line 8): skipped a prediction: its box has a negative width or height.",
        "p.json: [8] (line 9): skipped a prediction: it has no box, and the project's labels have.",
        "p.json: [9] (line 10): skipped 2 predictions; the reason for the first: it has no image_id.",
        "skipped a prediction: it has no category_id.",
    ] {
        assert!(told.contains(words), "{words} is not in\n{told}");
    }
}

#[test]
fn predictions_of_another_project_are_refused() {
    let other = Uuid::from_u128(7);
    let line = format!(r#"{{"image":"1.jpg","project":"{other}","predictions":[]}}"#);
    let words = read(|joiner| read_lines(line.as_bytes(), "f", joiner)).expect_err("another project");
    assert!(words.contains(&other.to_string()) && words.contains("line 1"), "{words}");
    let text = r#"[{"image_id":"x.jpg","category_id":1,"bbox":[0,0,9,9],"score":0.5}]"#;
    let words = read(|joiner| read_results(text.as_bytes(), "f", joiner)).expect_err("no image");
    assert!(words.contains("none of the 1 predictions") && words.contains("x.jpg"), "{words}");
}

#[test]
fn half_a_file_is_refused_with_its_line() {
    let whole = "[{\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,9,9],\"score\":0.5},\n{\"image_id\":1,\"cat";
    let words = read(|joiner| read_results(whole.as_bytes(), "f", joiner)).expect_err("half a file");
    assert!(words.contains("line 2"), "{words}");
    let lines = "{\"image\":\"1.jpg\",\"predictions\":[]}\n{\"image\":\"2.jpg\",\"pre";
    let words = read(|joiner| read_lines(lines.as_bytes(), "f", joiner)).expect_err("half a line");
    assert!(words.contains("line 2"), "{words}");
    let nan = r#"[{"image_id":1,"category_id":1,"bbox":[0,0,9,9],"score":NaN}]"#;
    let words = read(|joiner| read_results(nan.as_bytes(), "f", joiner)).expect_err("no JSON");
    assert!(words.contains("NaN") && words.contains("line 1"), "{words}");
    let labels = r#"{"images":[],"categories":[],"annotations":[{"image_id":1,"category_id":1,"bbox":[0,0,9,9]}]}"#;
    let words = read(|joiner| read_scored(labels.as_bytes(), "f", joiner)).expect_err("labels");
    assert!(words.contains("score"), "{words}");
}

#[test]
fn tags_of_whole_images_need_no_box() {
    let azure = r#"{"filename":"1.jpg","probs":[0.9,0.1],"labels":["fork","spoon"]}"#;
    let found = read_as(ProjectKind::Multiclass, |joiner| read_lines(azure.as_bytes(), "f", joiner)).expect("read");
    let short: Vec<_> = rows(&found).into_iter().map(|(image, tag, score, _)| (image, tag, score)).collect();
    assert_eq!(short, [(1, 1, 0.9), (1, 2, 0.1)]);
    assert!(!found.predictions.has_boxes());
    let negative = r#"{"image":"1.jpg","predictions":[{"probability":0.9,"tagName":"Negative"}]}"#;
    let found = read(|joiner| read_lines(negative.as_bytes(), "f", joiner)).expect("read");
    assert_eq!((found.predictions.len(), found.negatives, found.skips.count()), (0, 1, 0));
}

#[test]
fn names_that_several_images_have_mean_none() {
    let mut catalogue = catalogue();
    let mut row = catalogue.get(ImageIx(0)).expect("image").to_row();
    row.id = ImageId(Uuid::from_u128(50));
    row.metadata = vec![("name".to_owned(), "other/1.jpg".to_owned())];
    catalogue.append(vec![row]);
    let mut joiner = Joiner::new(&catalogue, PROJECT, ProjectKind::Detection);
    let line = |name: &str| {
        format!(
            r#"{{"image":"{name}","predictions":[{{"probability":0.5,"tagName":"fork","boundingBox":{{"left":0,"top":0,"width":1,"height":1}}}}]}}"#
        )
    };
    let exported = format!("2_{}.png", Uuid::from_u128(3));
    for name in ["1.jpg", "other/1.jpg", "1", exported.as_str()] {
        read_lines(line(name).as_bytes(), "f", &mut joiner).expect("read");
    }
    let found = joiner.finish().expect("some");
    assert_eq!((found.predictions.len(), found.skips.count()), (2, 2));
    assert_eq!((found.predictions.of(ImageIx(3)).len(), found.predictions.of(ImageIx(2)).len()), (1, 1));
}

#[test]
fn files_are_recognized_by_their_first_names() {
    use PredictionFormat as F;
    let found = |text: &str| recognize(text.as_bytes()).map_err(|error| error.to_string());
    assert_eq!(found("[]"), Ok(F::CocoResults));
    assert_eq!(found(r#" [{"image_id":1,"score":1}, rubbish"#), Ok(F::CocoResults));
    assert_eq!(found(r#"[{"id":1,"predictions":[]}]"#), Ok(F::List));
    assert_eq!(found(r#"{"id":1,"predictions":[]}"#), Ok(F::Lines));
    assert_eq!(found(r#"{"filename":"a","boxes":[]}"#), Ok(F::Lines));
    assert_eq!(found(r#"{"info":{"a":[1]},"images":["#), Ok(F::Coco));
    assert!(found("").is_err_and(|words| words.contains("nothing")));
    assert!(found("{}").is_err_and(|words| words.contains("predictions")));
    assert!(found("[1]").is_err());
    for table in ["image,tag,score\n", "12,3\n", "<annotation>"] {
        assert!(found(table).is_err_and(|words| words.contains("there is no JSON")), "{table}");
    }
}

#[test]
fn equal_reasons_are_one_sentence() {
    let mut skips = Skips::default();
    for line in 1..=3 {
        skips.add("no tag is named \"cup\"".to_owned(), || format!("a.json: [{line}]"));
    }
    skips.add("it has no score".to_owned(), || "a.json: [9]".to_owned());
    assert_eq!(
        skips.sentences(9),
        [
            "a.json: [9]: skipped a prediction: it has no score.",
            "a.json: [1]: skipped 3 predictions; the reason for the first: no tag is named \"cup\".",
        ]
    );
    assert_eq!(skips.sentences(1)[1], "3 more predictions were skipped for other reasons.");
    assert_eq!(skips.count(), 4);
}

#[test]
fn reasons_have_an_end() {
    let mut skips = Skips::default();
    for at in 0..MOST_GROUPS + 7 {
        skips.add(format!("reason {at}"), || "a".to_owned());
    }
    assert_eq!((skips.groups().len(), skips.count(), skips.others), (MOST_GROUPS, MOST_GROUPS as u64 + 7, 7));
}
