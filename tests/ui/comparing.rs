//! Comparing in the real program, engine and all, with another state of the built-in service: `service:` in the dialog.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tagscope::app::changes::StateComparison;
use tagscope::app::{Dialog, State, View};
use tagscope::desktop::Shell;
use tagscope::domain::changes::ChangeKind;

use super::flow::{click, is_listed, press, program, until};

const FIELD: &str = "Folder, file or service:project";

fn comparison(state: &State) -> Option<&StateComparison> {
    let opened = state.opened.as_ref()?;
    opened.changes.comparison(opened.generation)
}

/// Types a state into the dialog in place of what is there, and compares with it.
fn compare_with(harness: &mut Harness<'static, Shell>, state: &str) {
    harness.get_by_role_and_label(Role::TextInput, FIELD).focus();
    harness.step();
    press(harness, Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text(state.to_owned()));
    harness.step();
    click(harness, Role::Button, "Compare");
}

#[test]
fn an_iteration_of_the_service_is_compared_with_the_open_workspace() {
    let home = tempfile::tempdir().expect("folder");
    let mut harness = program(home.path(), None);
    click(&mut harness, Role::Button, "Open the sample project");
    until(&mut harness, "the listing", is_listed);
    press(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text("compare with another".to_owned()));
    harness.step();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.state().state().dialog, Some(Dialog::Changes));

    // A name that is not there is refused with those that are, and leaves no comparison.
    let failed = |state: &State| state.opened.as_ref().is_some_and(|opened| opened.changes.failure.is_some());
    compare_with(&mut harness, "service:#Iteration 99");
    until(&mut harness, "the refusal", failed);
    let failure = harness.state().state().opened.as_ref().and_then(|opened| opened.changes.failure.clone());
    let words = failure.expect("failure").headline();
    assert!(words.contains("Iteration 99") && words.contains("Iteration 1"), "{words}");
    assert!(comparison(harness.state().state()).is_none());

    compare_with(&mut harness, "service:#Iteration 1");
    until(&mut harness, "the comparison", |state| comparison(state).is_some());
    let state = harness.state().state();
    let done = comparison(state).expect("comparison");
    assert_eq!((done.name.as_str(), failed(state)), ("service:#Iteration 1", false));
    assert!(done.doubts.is_empty() && done.changes.images.by_id > 0, "{:?} {:?}", done.doubts, done.changes.images);
    let added = done.changes.count(ChangeKind::ImageAdded);
    assert!(added > 0, "the workspace has images that the first iteration had not");
    harness.get_by_label_contains("Changes from service:#Iteration 1");

    // The list shows just these, and the walk begins on one of them.
    click(&mut harness, Role::Button, "Go through the changes");
    until(&mut harness, "the first change", |state| {
        state.opened.as_ref().is_some_and(|opened| opened.view == View::Canvas && opened.changes.current.is_some())
    });
    let opened = harness.state().state().opened.as_ref().expect("project");
    let said = opened.review.remark.as_ref().map(|said| said.words.clone()).unwrap_or_default();
    assert!(said.starts_with("Change ") && said.contains(": "), "{said}");
}
