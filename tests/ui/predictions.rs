//! Predictions in the real window: the dialog, the evaluation, the layer on the canvas.

mod deciding;

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use tagscope::app::predictions::{
    Layer, PredictionSet, PredictionsCommand, PredictionsEvent, PredictionsState, SavedOutcomes, ServiceFigures,
};
use tagscope::app::review::Access;
use tagscope::app::{
    CanvasCommand, Command, Dialog, DisplayCommand, Event, Failure, FailureKind, QueryCommand, SourceSpec, State, View,
    WindowCommand,
};
use tagscope::domain::evaluation::{Doubt, DoubtKind, TagAverages};
use tagscope::domain::facets::SectionKind;
use tagscope::domain::wall::WallItem;
use tagscope::domain::{
    Blame, ImageIx, IterationPerformance, PerformanceFigures, PredictionsBuilder, Subject, TagIx, UnitRect, Verdict,
};
use tagscope::formats::predictions::outcomes::OutcomeKind;

use super::fixture::{Parts, row, window, window_of};
use super::flow::{press, program, until};
use super::reviewing::is_ready;

/// Twelve images of two boxes. Of the first box of image `n`: found with score `0.5 + n / 40`; on image 3 called by the
/// second box's tag. The second boxes are found on even images only, and image 5 has a false prediction.
fn loaded() -> Parts {
    loaded_on(&(0..12).collect::<Vec<_>>())
}

/// The same with predictions on some of the images only.
fn loaded_on(images: &[u32]) -> Parts {
    let mut parts = Parts::of_rows((0..12).map(|n| row(n, 2)).collect());
    let opened = parts.opened();
    let mut builder = PredictionsBuilder::new(true);
    for image in opened.catalogue.iter().filter(|image| images.contains(&image.ix.0)) {
        let regions: Vec<_> = image.regions().collect();
        let tag = if image.ix.0 == 3 { regions[1].tag } else { regions[0].tag };
        builder.push(image.ix, tag, 0.5 + f64::from(image.ix.0) / 40.0, regions[0].rect);
        if image.ix.0.is_multiple_of(2) {
            builder.push(image.ix, regions[1].tag, 0.8, regions[1].rect);
        }
    }
    if images.contains(&5) {
        builder.push(ImageIx(5), TagIx(0), 0.95, UnitRect::new(0.9, 0.9, 0.08, 0.08));
    }
    let averages = TagAverages { ap: 0.71, ap50: 0.82, ap75: 0.73 };
    let performance = IterationPerformance {
        overall: PerformanceFigures { precision: Some(0.9), recall: Some(0.7), ..PerformanceFigures::default() },
        ..IterationPerformance::default()
    };
    let set = PredictionSet {
        name: "Iteration 2".to_owned(),
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
    parts.predict(builder.finish(), set);
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
fn an_outcome_opens_its_crops_on_the_wall() {
    let mut harness = evaluation(1280.0, 800.0);
    harness.get_by_label("Wrong tag: 1").click();
    harness.run();
    let opened = harness.state().opened();
    assert_eq!((opened.query.text.as_str(), opened.view), ("pred:swapped", View::Wall));
    assert_eq!(opened.visible, [ImageIx(3)]);
    harness.get_by_label("1 prediction in 1 image");
    // The label that it lies on is chosen with it.
    let crop = harness.get_by_label_contains("Prediction 1: ");
    assert!(crop.accesskit_node().label().is_some_and(|words| words.contains("0.57, wrong tag, IoU 1.00")));
}

#[test]
fn the_wall_of_false_positives_leads_to_the_place_on_the_canvas() {
    let mut parts = loaded();
    parts.update(Command::Display(DisplayCommand::SetView(View::Wall)));
    parts.update(Command::Query(QueryCommand::Edit("pred:false".to_owned())));
    let mut harness = window(parts);
    harness.run();
    harness.get_by_label_contains("Prediction 1: ").click();
    harness.run();
    let opened = harness.state().opened();
    assert_eq!((opened.cursor, opened.region), (Some(ImageIx(5)), None), "it lies on no label");
    harness.key_press(Key::Enter);
    harness.run();
    let opened = harness.state().opened();
    assert_eq!((opened.view, opened.cursor), (View::Canvas, Some(ImageIx(5))));
    let [left, top, right, bottom] = harness.state().view.canvas.viewport().expect("picture").visible_fractions();
    assert!(left > 0.3 && top > 0.3 && right == 1.0 && bottom == 1.0, "the corner with the box: {left} {top}");
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().opened().view, View::Wall);
}

#[test]
fn predictions_on_the_wall_are_sorted_by_score_or_overlap_and_labels_keep_their_order() {
    let mut parts = loaded();
    parts.update(Command::Display(DisplayCommand::SetView(View::Wall)));
    parts.update(Command::Query(QueryCommand::Edit("pred:match".to_owned())));
    let mut harness = window(parts);
    harness.run();
    let scores = |harness: &Harness<'_, Parts>| {
        let opened = harness.state().opened();
        let score = |item: &WallItem| opened.wall.shown(&opened.catalogue, *item).and_then(|shown| shown.score);
        opened.wall.order.items.iter().filter_map(score).collect::<Vec<_>>()
    };
    harness.key_press(Key::G);
    harness.run();
    assert!(scores(&harness).is_sorted_by(|a, b| a >= b) && scores(&harness).len() == 17);
    harness.get_by_label("Highest score first").click();
    harness.run();
    assert!(harness.query_by_label("Outliers first").is_none(), "pixels are compared of labels only");
    harness.get_by_label("Lowest score first").click();
    harness.run();
    assert!(scores(&harness).is_sorted());
    harness.state_mut().update(Command::Query(QueryCommand::Clear));
    // A frame in which it is asked for, and one in which it is there.
    harness.run();
    harness.run();
    harness.get_by_label("Grid order");
    harness.get_by_label("24 regions in 12 images");
}

#[test]
fn the_wall_and_the_facets_follow_the_score() {
    let mut parts = loaded();
    parts.update(Command::Display(DisplayCommand::SetView(View::Wall)));
    parts.update(Command::Query(QueryCommand::Edit("pred:match".to_owned())));
    let mut harness = window(parts);
    harness.run();
    let matches = |harness: &Harness<'_, Parts>| {
        let sections = &harness.state().opened().query.facets.sections;
        let section = sections.iter().find(|section| section.kind == SectionKind::Predictions).expect("facet");
        section.entries.iter().find(|entry| entry.label == "Match").map(|entry| (entry.total, entry.count))
    };
    assert_eq!((harness.state().opened().wall.order.len(), matches(&harness)), (17, Some((11, 11))));
    harness.state_mut().update(Command::Predictions(PredictionsCommand::SetScore(0.79)));
    harness.run();
    assert_eq!((harness.state().opened().wall.order.len(), matches(&harness)), (6, Some((6, 6))));
    harness.state_mut().update(Command::Query(QueryCommand::Clear));
    harness.state_mut().update(Command::Predictions(PredictionsCommand::SetScore(0.5)));
    assert_eq!(matches(&harness), Some((11, 11)), "also where the query does not ask");
}

#[test]
fn the_canvas_says_where_nothing_is_predicted() {
    let mut parts = loaded_on(&[0, 1, 2, 3]);
    parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(7))));
    let mut harness = window(parts);
    harness.run();
    harness.get_by_label_contains("no predictions for this image in Iteration 2");
    harness.state_mut().update(Command::Predictions(PredictionsCommand::SetLayer(Layer::Labels)));
    harness.run();
    assert!(harness.query_by_label_contains("no predictions for this image").is_none(), "labels are looked at");
    harness.state_mut().update(Command::Predictions(PredictionsCommand::SetLayer(Layer::Both)));
    harness.state_mut().update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(2))));
    harness.run();
    assert!(harness.query_by_label_contains("no predictions for this image").is_none());
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
    harness.get_by_label("Remove Iteration 2").click();
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

#[test]
fn outcomes_are_saved_from_the_menu_of_the_set() {
    let mut harness = evaluation(1280.0, 800.0);
    harness.get_by_label("Predictions: Iteration 2").click();
    harness.run();
    harness.get_by_label("Save outcomes...").click();
    harness.run();
    let form = |harness: &Harness<'_, Parts>| harness.state().opened().predictions.saving.clone();
    assert!(form(&harness).path.ends_with("outcomes.csv"), "{}", form(&harness).path);
    harness.get_by_label("COCO results").click();
    harness.run();
    assert!(form(&harness).path.ends_with("outcomes.json") && form(&harness).kind == OutcomeKind::CocoResults);
    harness.state_mut().update(Command::Predictions(PredictionsCommand::EditSavePath("/data/kept.json".to_owned())));
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Save").click();
    harness.run();
    assert!(form(&harness).is_busy, "the engine is asked");
    let generation = harness.state().state.generation;
    let failure = Failure::bare(FailureKind::AlreadyThere { path: "/data/kept.json".to_owned() });
    let event = |result| Event::Predictions { generation, event: PredictionsEvent::Saved(result) };
    harness.state_mut().apply(event(Err(failure)));
    harness.run();
    assert!(!form(&harness).is_busy && harness.state().state.dialog == Some(Dialog::SaveOutcomes));
    let kind = OutcomeKind::CocoResults;
    let saved = SavedOutcomes { path: "/data/kept.json".into(), kind, predictions: 19, missed: 7 };
    harness.state_mut().apply(event(Ok(saved)));
    harness.run();
    assert_eq!(harness.state().state.dialog, None);
    let notices = &harness.state().state.notices;
    let said = notices.iter().find(|notice| notice.title == "Saved /data/kept.json").map(|notice| &*notice.body);
    assert_eq!(said, Some("19 predictions."));
}

/// The real program on the sample: nothing is put into its state.
#[test]
fn from_an_iteration_to_a_label_mistake_on_the_disk() {
    let home = tempfile::tempdir().expect("folder");
    let mut harness = program(home.path(), Some(SourceSpec::Sample));
    until(&mut harness, "the listing and the decisions", is_ready);
    press(&mut harness, egui::Modifiers::COMMAND, Key::Num4);
    harness.get_by_label("Predictions...").click();
    let iterations = |state: &State| {
        let project = state.opened.as_ref().map(|opened| opened.project.id);
        project.and_then(|project| state.iterations.get(&project)?.as_ref().ok().cloned()).unwrap_or_default()
    };
    until(&mut harness, "the iterations", |state| !iterations(state).is_empty());
    let name = iterations(harness.state().state())[0].name.clone();
    harness.get_by_label(&name).click();
    until(&mut harness, "the comparison", |state| {
        state.opened.as_ref().is_some_and(|opened| opened.predictions.compared(opened.generation).is_some())
    });
    press(&mut harness, egui::Modifiers::NONE, Key::Escape);
    // The list is at the foot of the page.
    harness.hover_at(egui::pos2(640.0, 600.0));
    let delta = egui::vec2(0.0, -5_000.0);
    let modifiers = egui::Modifiers::NONE;
    let (unit, phase) = (egui::MouseWheelUnit::Point, egui::TouchPhase::Move);
    let source = egui::MouseWheelSource::Unknown;
    harness.event(egui::Event::MouseWheel { unit, delta, phase, source, modifiers });
    until(&mut harness, "the list", |_| true);
    for _ in 0..30 {
        harness.step();
    }
    // Not one at the edge of the list, which may be cut off.
    let rows: Vec<_> = harness.get_all_by_label_contains(" predicted with a score of ").collect();
    rows[rows.len() / 2].click();
    until(&mut harness, "the canvas", |state| state.opened.as_ref().is_some_and(|opened| opened.view == View::Canvas));
    let open = harness.state().state().opened.as_ref().expect("project");
    let (set, _) = open.predictions.compared(open.generation).expect("compared");
    let doubt = set.doubts.get(open.predictions.doubt.expect("open")).expect("in the list");
    let dispute = PredictionsState::doubt_dispute(&open.catalogue, set, doubt).expect("a name");
    press(&mut harness, egui::Modifiers::NONE, Key::J);
    until(&mut harness, "the disk", |state| state.opened.as_ref().is_some_and(|opened| !opened.review.is_pending()));
    let decided = harness.state().state().opened.as_ref().map(|opened| opened.review.reviews.blame(&dispute));
    assert_eq!(decided, Some(Some(Blame::Label)));
    drop(harness);

    // Another day it is there.
    let mut harness = program(home.path(), Some(SourceSpec::Sample));
    until(&mut harness, "the listing and the decisions", is_ready);
    let opened = harness.state().state().opened.as_ref().expect("project");
    assert_eq!(opened.review.reviews.blame(&dispute), Some(Blame::Label));
}
