//! The evaluation gives the figures of pycocotools. Without it the test is skipped, and fails where `CI` is set.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tagscope::domain::evaluation::{Detection, DetectionHits, TagAverages};
use tagscope::domain::{
    Catalogue, ImageId, ImageIx, ImageRow, ImageUris, PixelRect, Predictions, PredictionsBuilder, RegionId, RegionRow,
    Tag, TagId, TagIx,
};
use tempfile::tempdir;
use uuid::Uuid;

use crate::outside::skipped;

const CATEGORIES: u16 = 5;

/// What the cases differ in.
#[derive(Clone, Copy)]
struct Recipe {
    images: u32,
    most_labels: usize,
    most_guesses: usize,
    /// Scores are multiples of this.
    score_step: f64,
    /// Sides are multiples of this, in pixels.
    grid: f64,
    width: u32,
    height: u32,
}

const CASES: [Recipe; 7] = [
    // Random.
    Recipe { images: 30, most_labels: 8, most_guesses: 12, score_step: 1e-9, grid: 0.001, width: 816, height: 612 },
    // Ties in score, and boxes of which many are equal or overlap by just a threshold.
    Recipe { images: 40, most_labels: 9, most_guesses: 20, score_step: 0.25, grid: 10.0, width: 60, height: 70 },
    Recipe { images: 60, most_labels: 4, most_guesses: 9, score_step: 0.1, grid: 1.0, width: 12, height: 11 },
    // No predictions, no labels, neither.
    Recipe { images: 5, most_labels: 5, most_guesses: 0, score_step: 0.1, grid: 1.0, width: 40, height: 40 },
    Recipe { images: 5, most_labels: 0, most_guesses: 5, score_step: 0.1, grid: 1.0, width: 40, height: 40 },
    Recipe { images: 5, most_labels: 0, most_guesses: 0, score_step: 0.1, grid: 1.0, width: 40, height: 40 },
    // More than the hundred predictions of a tag and image that count.
    Recipe { images: 3, most_labels: 60, most_guesses: 900, score_step: 0.01, grid: 0.5, width: 333, height: 77 },
];

struct Case {
    json: Value,
    catalogue: Catalogue,
    predictions: Predictions,
}

impl Recipe {
    fn rect(self, rng: &mut fastrand::Rng) -> [f64; 4] {
        let mut sides = |side: u32| {
            let cells = (f64::from(side) / self.grid) as u64;
            let first = rng.u64(0..cells);
            // No width at all, now and then.
            (first as f64 * self.grid, rng.u64(0..=cells - first) as f64 * self.grid)
        };
        let ((x, width), (y, height)) = (sides(self.width), sides(self.height));
        [x, y, width, height].map(|side| (side * 1_000.0).round() / 1_000.0)
    }

    fn case(self, seed: u64) -> Case {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (mut catalogue, mut builder) = (Catalogue::new(), PredictionsBuilder::new(true));
        let tags: Vec<Tag> = (0..CATEGORIES).map(tag).collect();
        catalogue.set_tags(&tags);
        let (mut images, mut annotations, mut found) = (Vec::new(), Vec::new(), Vec::new());
        for (at, image) in (0..self.images).zip(1_u32..) {
            images.push(
                json!({"id": image, "width": self.width, "height": self.height, "file_name": format!("{image}")}),
            );
            let mut regions = Vec::new();
            let mut boxes = Vec::new();
            for _ in 0..rng.usize(0..=self.most_labels) {
                // The last category has predictions only.
                let (category, bbox) = (rng.u16(0..CATEGORIES - 1), self.rect(&mut rng));
                let id = annotations.len() + 1;
                annotations.push(json!({"id": id, "image_id": image, "category_id": category + 1, "bbox": bbox,
                    "area": bbox[2] * bbox[3], "iscrowd": 0}));
                regions.push(self.region(id as u128, &tags[usize::from(category)], bbox));
                boxes.push((category, bbox));
            }
            catalogue.append(vec![self.row(image, regions)]);
            for _ in 0..rng.usize(0..=self.most_guesses) {
                let (mut category, mut bbox) = (rng.u16(0..CATEGORIES), self.rect(&mut rng));
                if !boxes.is_empty() && rng.f64() < 0.6 {
                    (category, bbox) = boxes[rng.usize(0..boxes.len())];
                    bbox[2] = (bbox[2] * [1.0, 1.0, 0.5, 0.75, 0.95][rng.usize(0..5)] * 1_000.0).round() / 1_000.0;
                }
                let score = (rng.f64() / self.score_step).floor() * self.score_step;
                found.push(json!({"image_id": image, "category_id": category + 1, "bbox": bbox, "score": score}));
                let [x, y, width, height] = bbox;
                let rect = PixelRect { x, y, width, height }.in_fractions(self.width, self.height);
                assert!(builder.push(ImageIx(at), TagIx(category), score, rect));
            }
        }
        let categories: Vec<Value> = (1..=CATEGORIES).map(|id| json!({"id": id, "name": format!("{id}")})).collect();
        let truth = json!({"images": images, "annotations": annotations, "categories": categories});
        Case { json: json!({"truth": truth, "found": found}), catalogue, predictions: builder.finish() }
    }

    fn region(self, id: u128, tag: &Tag, [x, y, width, height]: [f64; 4]) -> RegionRow {
        RegionRow {
            id: RegionId(Uuid::from_u128(id)),
            tag: tag.id,
            tag_name: tag.name.as_str().into(),
            created: None,
            rect: PixelRect { x, y, width, height }.in_fractions(self.width, self.height),
        }
    }

    fn row(self, image: u32, regions: Vec<RegionRow>) -> ImageRow {
        ImageRow {
            id: ImageId(Uuid::from_u128(u128::from(image))),
            created: None,
            width: self.width,
            height: self.height,
            uris: ImageUris::default(),
            tags: Vec::new(),
            regions,
            metadata: Vec::new(),
            verbatim: Vec::new(),
            problems: Vec::new(),
        }
    }
}

fn tag(category: u16) -> Tag {
    Tag {
        id: TagId(Uuid::from_u128(u128::from(category) + 1)),
        name: format!("{category}"),
        description: None,
        kind: "Regular".to_owned(),
        image_count: 0,
    }
}

fn evaluated(case: &Case) -> Vec<Option<TagAverages>> {
    let images: Vec<ImageIx> = case.catalogue.iter().map(|image| image.ix).collect();
    let detection = Detection { catalogue: &case.catalogue, predictions: &case.predictions, images: &images };
    let hits = DetectionHits::join((0..detection.parts()).map(|part| detection.part(part)));
    let known: Vec<_> = (0..hits.len()).filter_map(|place| hits.figures(place)).collect();
    let of = |tag: u16| known.iter().find(|(of, _)| of.0 == tag).map(|(_, averages)| *averages);
    let mean = TagAverages::mean(known.iter().map(|(_, averages)| *averages));
    [mean].into_iter().chain((0..CATEGORIES).map(of)).collect()
}

fn assert_same(ours: Option<TagAverages>, theirs: &Value, what: &str) {
    let pairs = [(ours.map(|of| of.ap), "ap"), (ours.map(|of| of.ap50), "ap50"), (ours.map(|of| of.ap75), "ap75")];
    for (ours, name) in pairs {
        let theirs = theirs[name].as_f64();
        let is_same = match (ours, theirs) {
            (Some(ours), Some(theirs)) => (ours - theirs).abs() < 1e-9,
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        assert!(is_same, "{what}: {name} is {ours:?}, pycocotools says {theirs:?}");
    }
}

#[test]
fn figures_are_those_of_pycocotools() {
    const TEST: &str = "figures_are_those_of_pycocotools";
    let python = std::env::var_os("TAGSCOPE_PYTHON").unwrap_or_else(|| "python3".into());
    let probe = Command::new(&python).args(["-c", "import pycocotools.cocoeval"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return skipped(TEST, "pycocotools is not installed; set TAGSCOPE_PYTHON to a Python with pycocotools 2.0.11");
    }
    let cases: Vec<Case> = CASES.iter().zip(1..).map(|(recipe, seed)| recipe.case(seed)).collect();
    let home = tempdir().expect("folder");
    let file = home.path().join("cases.jsonl");
    let mut lines = String::new();
    for case in &cases {
        writeln!(lines, "{}", case.json).expect("text");
    }
    std::fs::write(&file, lines).expect("file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/evaluation.py");
    let output = Command::new(python).arg("-B").arg(script).arg(&file).output().expect("python");
    let text = String::from_utf8_lossy(&output.stdout);
    let theirs: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("json")).collect();
    assert_eq!(theirs.len(), cases.len(), "{}", String::from_utf8_lossy(&output.stderr));
    for (place, (case, theirs)) in cases.iter().zip(&theirs).enumerate() {
        let ours = evaluated(case);
        assert_same(ours[0], theirs, &format!("case {place}, all tags"));
        for (tag, ours) in ours[1..].iter().enumerate() {
            assert_same(*ours, &theirs["tags"][tag], &format!("case {place}, tag {tag}"));
        }
    }
}
