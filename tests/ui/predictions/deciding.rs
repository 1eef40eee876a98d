//! Deciding who is wrong, the label or the model: on the canvas, on the wall and in the list of label mistakes.

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::predictions::PredictionsState;
use tagscope::app::review::Access;
use tagscope::app::{CanvasCommand, Command, DisplayCommand, QueryCommand, View};
use tagscope::domain::{Blame, ImageIx, UnitRect};

use super::super::fixture::{Parts, window};
use super::{evaluation, loaded};

fn allow_decisions(harness: &mut Harness<'_, Parts>) {
    let state = &mut harness.state_mut().state;
    let name = state.reviewer();
    let review = &mut state.opened.as_mut().expect("project").review;
    review.access = Access::Open;
    review.reviews.set_reviewer(&name);
}

fn blame_of_the_doubt(harness: &Harness<'_, Parts>) -> Option<Blame> {
    let opened = harness.state().opened();
    let (set, _) = opened.predictions.compared(opened.generation).expect("compared");
    let dispute = PredictionsState::doubt_dispute(&opened.catalogue, set, &set.doubts[0]).expect("a name");
    opened.review.reviews.blame(&dispute)
}

#[test]
fn a_label_mistake_is_decided_on_the_canvas_marked_in_the_list_and_found() {
    let mut harness = evaluation(1280.0, 1500.0);
    allow_decisions(&mut harness);
    harness.get_by_label_contains("swapped: The box is labeled").click();
    harness.run();
    harness.key_press(Key::J);
    harness.run();
    assert_eq!(blame_of_the_doubt(&harness), Some(Blame::Label));
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::Num4);
    harness.run();
    assert_eq!(harness.state().opened().view, View::Evaluation);
    harness.get_by_label_contains("Decided: label wrong");
    harness.state_mut().update(Command::Query(QueryCommand::Edit("pred.review:label".to_owned())));
    assert_eq!(harness.state().opened().visible, [ImageIx(3)]);
    // The one history has it.
    harness.key_press(Key::U);
    harness.run();
    assert_eq!(blame_of_the_doubt(&harness), None);
    assert!(harness.query_by_label_contains("Decided:").is_none());
}

#[test]
fn crops_are_decided_one_after_the_other_and_missed_labels_too() {
    let mut parts = loaded();
    parts.update(Command::Display(DisplayCommand::SetView(View::Wall)));
    parts.update(Command::Query(QueryCommand::Edit("pred:missed".to_owned())));
    let mut harness = window(parts);
    allow_decisions(&mut harness);
    harness.run();
    harness.get_by_label("7 regions in 6 images");
    harness.get_by_label_contains("Region 1: ").click();
    harness.run();
    let cursor = |harness: &Harness<'_, Parts>| {
        let wall = &harness.state().opened().wall;
        wall.cursor.and_then(|item| wall.order.place(item))
    };
    harness.key_press_modifiers(egui::Modifiers::SHIFT, Key::J);
    harness.run();
    assert_eq!(cursor(&harness), Some(1), "on to the next");
    harness.key_press(Key::J);
    harness.run();
    harness.get_by_label_contains("Region 1: ");
    let words = |harness: &Harness<'_, Parts>, place: usize| {
        let name = format!("Region {place}: ");
        let node = harness.get_by_label_contains(&name);
        node.accesskit_node().label().unwrap_or_default()
    };
    assert!(words(&harness, 1).ends_with("model wrong") && words(&harness, 2).ends_with("label wrong"));
    harness.key_press(Key::U);
    harness.run();
    assert_eq!(cursor(&harness), Some(1), "an undo goes back there");
    assert!(!words(&harness, 2).ends_with("label wrong"));
}

#[test]
fn a_prediction_has_no_verdict_but_a_click_on_the_canvas_chooses_it() {
    let mut parts = loaded();
    parts.update(Command::Display(DisplayCommand::SetView(View::Wall)));
    parts.update(Command::Query(QueryCommand::Edit("pred:false".to_owned())));
    let mut harness = window(parts);
    allow_decisions(&mut harness);
    harness.run();
    harness.get_by_label_contains("Prediction 1: ").click();
    harness.run();
    harness.key_press(Key::R);
    harness.run();
    let said = |harness: &Harness<'_, Parts>| {
        let said = harness.state().opened().review.remark.clone();
        said.map(|said| said.words).unwrap_or_default()
    };
    assert!(said(&harness).starts_with("A prediction has no verdict"), "{}", said(&harness));
    // On the canvas: the false one of image 5 lies where no label is.
    harness.state_mut().update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(5))));
    harness.run();
    let viewport = harness.state().view.canvas.viewport().expect("picture");
    let canvas = harness.get_by_label_contains("Image with 2 regions").rect();
    let at = viewport.screen_rect(UnitRect::new(0.9, 0.9, 0.08, 0.08)).translate(canvas.min.to_vec2()).center();
    harness.hover_at(at);
    harness.run();
    for pressed in [true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
        harness.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
    }
    harness.run();
    let opened = harness.state().opened();
    assert!(opened.predictions.picked(ImageIx(5)).is_some(), "a click chooses it");
    harness.key_press_modifiers(egui::Modifiers::SHIFT, Key::J);
    harness.run();
    assert_eq!(said(&harness), "The model is wrong");
    harness.key_press(Key::Backspace);
    harness.run();
    assert_eq!(said(&harness), "Cleared the label-or-model decision");
    assert!(harness.state().opened().review.reviews.blames().is_empty());
}
