//! Predictions in the real window: the dialog, the evaluation, the layer on the canvas.

use std::sync::Arc;

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use tagscope::app::predictions::{
    Layer, Matched, PredictionSet, PredictionsCommand, PredictionsEvent, PredictionsPlace, ServiceFigures,
};
use tagscope::app::review::Access;
use tagscope::app::{CanvasCommand, Command, Dialog, DisplayCommand, Event, View, WindowCommand};
use tagscope::domain::evaluation::{Detection, Doubt, DoubtKind, Matches, Ranking, Slide, TagAverages, TagSlide};
use tagscope::domain::{
    Catalogue, ImageIx, IterationId, IterationPerformance, PerformanceFigures, PredictionsBuilder, Subject, TagIx,
    UnitRect, Verdict,
};
use uuid::Uuid;

use super::fixture::{Parts, row, window, window_of};

fn matched(catalogue: &Catalogue, set: &PredictionSet, iou: f64) -> Matched {
    let detection = Detection { catalogue, predictions: &set.predictions, images: &set.images };
    let parts = (0..detection.parts()).map(|part| detection.matches(part, iou));
    let matches = Matches::join(set.predictions.len(), catalogue.region_count(), parts);
    let tags = (0..set.ranking.len()).map(|at| TagSlide::of(&set.ranking, TagIx(at as u16), &matches)).collect();
    let slide = Arc::new(Slide::join(Arc::clone(&set.ranking), tags));
    Matched { iou, matches: Arc::new(matches), slide }
}

/// Twelve images of two boxes. Of the first box of image `n`: found with score `0.5 + n / 40`; on image 3 called by the
/// second box's tag. The second boxes are found on even images only, and image 5 has a false prediction.
fn loaded() -> Parts {
    let mut parts = Parts::of_rows((0..12).map(|n| row(n, 2)).collect());
    let place = PredictionsPlace::Iteration(IterationId(Uuid::from_u128(9)));
    parts.update(Command::Predictions(PredictionsCommand::Load(place.clone())));
    let opened = parts.opened();
    let (number, generation) = (opened.predictions.busy.expect("under way"), opened.generation);
    let mut builder = PredictionsBuilder::new(true);
    for image in opened.catalogue.iter() {
        let regions: Vec<_> = image.regions().collect();
        let tag = if image.ix.0 == 3 { regions[1].tag } else { regions[0].tag };
        builder.push(image.ix, tag, 0.5 + f64::from(image.ix.0) / 40.0, regions[0].rect);
        if image.ix.0.is_multiple_of(2) {
            builder.push(image.ix, regions[1].tag, 0.8, regions[1].rect);
        }
    }
    builder.push(ImageIx(5), TagIx(0), 0.95, UnitRect::new(0.9, 0.9, 0.08, 0.08));
    let predictions = builder.finish();
    let images: Arc<[ImageIx]> = (0..12).map(ImageIx).collect();
    let averages = TagAverages { ap: 0.71, ap50: 0.82, ap75: 0.73 };
    let performance = IterationPerformance {
        overall: PerformanceFigures { precision: Some(0.9), recall: Some(0.7), ..PerformanceFigures::default() },
        ..IterationPerformance::default()
    };
    let set = PredictionSet {
        name: "Iteration 2".to_owned(),
        place: Some(place),
        ranking: Arc::new(Ranking::of(&opened.catalogue, &predictions, &images, true)),
        predictions: Arc::new(predictions),
        images,
        has_boxes: true,
        mean: Some(averages),
        averages: [(TagIx(0), averages)].into_iter().collect(),
        doubts: vec![Doubt {
            kind: DoubtKind::Swapped,
            image: ImageIx(3),
            region: opened.catalogue.get(ImageIx(3)).and_then(|image| image.region(0)).map(|region| region.ix),
            prediction: Some(5),
            score: 0.8,
            iou: 1.0,
            image_score: 0.7,
        }],
        service: Some(ServiceFigures { performance, point: Some((0.5, 0.3)) }),
        notes: vec!["2 images have no predictions and are not compared.".to_owned()],
        ..PredictionSet::default()
    };
    let matched = matched(&opened.catalogue, &set, 0.5);
    let event = PredictionsEvent::Loaded { number, result: Ok((Arc::new(set), matched)) };
    parts.apply(Event::Predictions { generation, event });
    parts
}

fn evaluation(width: f32, height: f32) -> Harness<'static, Parts> {
    let mut parts = loaded();
    parts.update(Command::Display(DisplayCommand::SetView(View::Evaluation)));
    let mut harness = window_of(parts, width, height);
    harness.run();
    harness
}

#[test]
fn without_predictions_the_page_says_how_to_get_some() {
    let mut parts = Parts::new(3, 1);
    parts.update(Command::Display(DisplayCommand::SetView(View::Evaluation)));
    let mut harness = window(parts);
    harness.run();
    harness.get_by_label("No predictions are loaded");
    harness.get_by_label("Predictions...").click();
    harness.run();
    assert_eq!(harness.state().state.dialog, Some(Dialog::Predictions));
}

#[test]
fn the_dialog_loads_a_file_by_the_keyboard() {
    let mut harness = window(Parts::new(3, 1));
    harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Predictions))));
    harness.run();
    harness.input_mut().events.push(egui::Event::Text("/data/results.json".to_owned()));
    harness.run();
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let predictions = &harness.state().opened().predictions;
    assert_eq!(predictions.path, "/data/results.json");
    assert!(predictions.busy.is_some());
    assert!(harness.query_by_label_contains("Reading predictions").is_some());
    harness.get_by_label("Stop").click();
    harness.run();
    assert!(harness.state().opened().predictions.busy.is_none());
}

#[test]
fn figures_outcomes_and_the_services_own_are_there() {
    for (width, height) in [(1280.0, 800.0), (900.0, 600.0)] {
        let harness = evaluation(width, height);
        harness.get_by_label("AP: 0.710");
        harness.get_by_label("Precision: 0.895, service 0.900");
        harness.get_by_label("Recall: 0.708, service 0.700");
        harness.get_by_label("Match: 17");
        harness.get_by_label("Wrong tag: 1");
        harness.get_by_label("False: 1");
        harness.get_by_label("Missed: 7");
        harness.get_by_label_contains("The service's figures are for score 0.50 and IoU 0.30");
    }
}

#[test]
fn an_outcome_opens_its_images() {
    let mut harness = evaluation(1280.0, 800.0);
    harness.get_by_label("Wrong tag: 1").click();
    harness.run();
    let opened = harness.state().opened();
    assert_eq!((opened.query.text.as_str(), opened.view), ("pred:swapped", View::Grid));
    assert_eq!(opened.visible, [ImageIx(3)]);
}

#[test]
fn a_cell_of_the_matrix_opens_its_images() {
    let mut harness = evaluation(1280.0, 800.0);
    let place = harness.get_by_label_contains("Confusion matrix: ").rect();
    // The last column of the first row: labels of the most frequent tag on which nothing is predicted.
    let cell = egui::pos2(place.right() - 6.0, place.top() + 6.0);
    harness.hover_at(cell);
    harness.run();
    for pressed in [true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
        harness.event(egui::Event::PointerButton { pos: cell, button, pressed, modifiers });
    }
    harness.run();
    let opened = harness.state().opened();
    assert!(opened.query.text.starts_with("pred.label:") && opened.query.text.ends_with("pred.tag:none"));
    assert!(opened.query.error.is_none() && !opened.visible.is_empty());
    assert_eq!(opened.view, View::Grid);
}

#[test]
fn the_score_slider_moves_counts_by_keys() {
    let mut harness = evaluation(1280.0, 800.0);
    harness.get_by_role_and_label(Role::Slider, "Score").focus();
    harness.run();
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(harness.state().opened().predictions.score, 0.55);
    harness.get_by_label("Match: 15");
}

#[test]
fn a_row_of_the_table_chooses_the_curves_and_a_head_sorts() {
    let mut harness = evaluation(1280.0, 800.0);
    harness.get_by_label("Sort by F1").click();
    harness.run();
    harness.get_by_label_contains("fork: ").click();
    harness.run();
    let opened = harness.state().opened();
    let fork = opened.catalogue.tags().find_name("fork");
    assert_eq!(opened.predictions.curve_of, fork);
    assert!(harness.query_by_label_contains("Curve of precision over recall. fork").is_some());
}

#[test]
fn a_key_shows_labels_predictions_or_both_on_the_canvas() {
    let mut parts = loaded();
    parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(5))));
    let mut harness = window(parts);
    harness.run();
    let layer = |harness: &Harness<'_, Parts>| harness.state().opened().predictions.layer;
    assert_eq!(layer(&harness), Layer::Both);
    harness.key_press(Key::O);
    harness.run();
    assert_eq!(layer(&harness), Layer::Labels);
    harness.key_press(Key::O);
    harness.run();
    assert_eq!(layer(&harness), Layer::Predictions);
}

#[test]
fn loaded_sets_are_listed_with_what_was_not_used() {
    let mut harness = window(loaded());
    harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Predictions))));
    harness.run();
    harness.get_by_label("12 images are compared.");
    harness.get_by_label("2 images have no predictions and are not compared.");
    harness.get_by_label("Put Iteration 2 away").click();
    harness.run();
    assert!(harness.state().opened().predictions.sets(harness.state().state.generation).is_empty());
}

#[test]
fn a_doubtful_label_leads_to_a_decision_on_its_region() {
    let mut harness = evaluation(1280.0, 1500.0);
    harness.get_by_label_contains("swapped: The box is labeled").click();
    harness.run();
    let opened = harness.state().opened();
    assert_eq!((opened.view, opened.cursor), (View::Canvas, Some(ImageIx(3))));
    let region = opened.region.and_then(|ix| opened.catalogue.region(ix)).expect("the label is selected");
    let subject = Subject::region(opened.catalogue.get(ImageIx(3)).expect("image").id(), region.id);
    let state = &mut harness.state_mut().state;
    let name = state.reviewer();
    let review = &mut state.opened.as_mut().expect("project").review;
    review.access = Access::Open;
    review.reviews.set_reviewer(&name);
    harness.key_press(Key::R);
    harness.run();
    assert_eq!(harness.state().opened().review.reviews.verdict(subject), Some(Verdict::Rejected));
}
