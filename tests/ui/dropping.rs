//! Files and folders dropped onto the window, one or several at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::HoveredFile;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tagscope::app::review::ReviewEvent;
use tagscope::app::{Dialog, Event, Failure, FailureKind, SourceSpec};

use super::fixture::{Parts, window};
use super::numbers::texts;

#[derive(Debug)]
struct File(PathBuf);

impl egui::DroppedFile for File {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("it is not read by the window".to_owned())
    }
}

fn shown() -> Harness<'static, Parts> {
    let mut parts = Parts::new(6, 1);
    let generation = parts.state.generation;
    let event = ReviewEvent::Loaded { reviews: Arc::default(), shut: None, notes: Vec::new() };
    parts.apply(Event::Review { generation, event });
    let mut harness = window(parts);
    harness.run();
    harness
}

fn hold(harness: &mut Harness<'_, Parts>, names: &[&str]) {
    let file = |name: &&str| HoveredFile { path: Some(name.into()), mime: String::new() };
    harness.input_mut().hovered_files = names.iter().map(file).collect();
    harness.step();
}

fn let_go(harness: &mut Harness<'_, Parts>, names: &[&str]) {
    harness.input_mut().hovered_files.clear();
    harness.input_mut().dropped_files = names.iter().map(|name| Arc::new(File(name.into())) as _).collect();
    harness.step();
    harness.input_mut().dropped_files.clear();
    harness.run();
}

#[test]
fn several_datasets_say_which_one_is_opened() {
    let names = ["/data/trees", "/data/forks", "/data/knives.json"];
    let mut harness = shown();
    hold(&mut harness, &names);
    let offer = "Drop to open trees; 2 others will not be opened";
    let said: Vec<_> = texts(&harness).iter().map(|(_, text)| text.galley.text().to_owned()).collect();
    assert!(said.iter().any(|words| words == offer), "{said:?}");
    let_go(&mut harness, &names);
    let source = SourceSpec::Folder { path: names[0].into() };
    let failure = Failure::bare(FailureKind::MissingFile { path: names[0].to_owned() });
    harness.state_mut().apply(Event::ConnectFailed { source, failure });
    harness.run();
    assert!(harness.query_all_by_label("Only trees was tried").next().is_some());
    harness.get_by_label_contains("Not opened: forks, knives.json. One archive or dataset can be open at a time.");
}

#[test]
fn several_files_of_reviews_are_imported_together() {
    let mut harness = shown();
    let_go(&mut harness, &["/data/reviews-ann.csv", "/data/reviews-bob.csv", "/data/reviews-cy.csv"]);
    assert_eq!(harness.state().state.dialog, Some(Dialog::Reviews));
    assert_eq!(harness.state().opened().review.transfer.path, "/data/reviews-ann.csv");
    harness.get_by_label("And 2 more files: an import takes all of them as one step");
    assert!(harness.state().state.notices.is_empty(), "nothing is left out");
}
