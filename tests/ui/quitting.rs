//! Ending the real program while something is under way: it asks about running tasks, waits for a slow disk, and offers at
//! the next start to resume what was interrupted.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use egui::accesskit::Role;
use egui::{Key, Modifiers, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tagscope::app::dialog::Dialog;
use tagscope::app::{SourceSpec, State, TaskState};
use tagscope::desktop::Shell;
use tagscope::engine::EngineOptions;
use tagscope::storage::journal::WriteDelay;
use tagscope::storage::{Paths, SessionVault};

use crate::flow::{click, press, program_of_slow_pictures, program_on, program_with, until};
use crate::reviewing::is_ready;

/// The program on a disk whose every write waits for a word.
fn on_slow_disk(home: &Path) -> (Harness<'static, Shell>, SyncSender<()>) {
    let (go, gate) = sync_channel(1);
    let gate = Mutex::new(gate);
    let mut engine = EngineOptions::new(&Paths::under(home), Arc::new(SessionVault::new()));
    engine.journal_delay = Some(WriteDelay(Arc::new(move || {
        let _ = gate.lock().expect("gate").recv();
    })));
    (program_on(home, Some(SourceSpec::Sample), 12, engine), go)
}

/// The close button of the window; whether it was told to stay open.
fn close(harness: &mut Harness<'static, Shell>) -> bool {
    harness.input_mut().viewports.entry(ViewportId::ROOT).or_default().events.push(ViewportEvent::Close);
    harness.step();
    let commands = &harness.output().viewport_output[&ViewportId::ROOT].commands;
    let stays = commands.contains(&ViewportCommand::CancelClose);
    harness.input_mut().viewports.entry(ViewportId::ROOT).or_default().events.clear();
    harness.step();
    stays
}

#[test]
fn the_window_waits_for_a_slow_disk_and_loses_nothing() {
    let home = tempfile::tempdir().expect("folder");
    let (mut harness, go) = on_slow_disk(home.path());
    until(&mut harness, "the listing and the decisions", is_ready);
    press(&mut harness, Modifiers::NONE, Key::Home);
    press(&mut harness, Modifiers::NONE, Key::A);
    assert!(close(&mut harness), "the close button asks as Ctrl+Q does");
    harness.get_by_role_and_label(Role::Dialog, "Saving 1 decision...");
    assert!(!harness.state().is_closing());
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.state().state().quitting.is_none(), "Esc stays");
    press(&mut harness, Modifiers::COMMAND, Key::Q);
    assert_eq!(harness.state().state().dialog, Some(Dialog::Quit));
    // The disk has come back.
    drop(go);
    until(&mut harness, "the disk", |state| state.unsaved.is_empty());
    assert!(harness.state().is_closing());
    assert!(!close(&mut harness), "nothing holds it any more");
    drop(harness);

    let mut harness = program_with(home.path(), Some(SourceSpec::Sample), 12);
    until(&mut harness, "the listing and the decisions", is_ready);
    let opened = harness.state().state().opened.as_ref().expect("project");
    assert_eq!(opened.review.reviews.rows().len(), 1, "the decision is there");
}

#[test]
fn an_export_that_is_stopped_by_quitting_is_offered_at_the_next_start() {
    let home = tempfile::tempdir().expect("folder");
    let start = || program_with(home.path(), Some(SourceSpec::Sample), 60);
    // So slow that the export does not end before it is paused, however long a frame takes here.
    let mut harness = program_of_slow_pictures(home.path(), Some(SourceSpec::Sample), 60);
    until(&mut harness, "the listing and the decisions", is_ready);
    press(&mut harness, Modifiers::COMMAND, Key::E);
    let out = home.path().join("shelves");
    harness.get_by_role_and_label(Role::TextInput, "New folder").focus();
    harness.step();
    press(&mut harness, Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text(out.display().to_string()));
    harness.step();
    click(&mut harness, Role::Button, "Export and verify");
    let has_some = |state: &State| match state.tasks.first().map(|task| &task.state) {
        Some(TaskState::Running { done, stage, .. }) => *stage == "Downloading" && *done > 0,
        other => panic!("it ended too soon: {other:?}"),
    };
    until(&mut harness, "the first pictures", has_some);
    click(&mut harness, Role::Button, "Pause Export to \u{201c}shelves\u{201d}");

    assert!(close(&mut harness));
    harness.get_by_role_and_label(Role::Dialog, "Export to \u{201c}shelves\u{201d} is running");
    click(&mut harness, Role::Button, "Cancel");
    assert!(!harness.state().is_closing() && harness.state().state().dialog.is_none());
    press(&mut harness, Modifiers::COMMAND, Key::Q);
    click(&mut harness, Role::Button, "Stop and quit");
    assert!(harness.state().is_closing());
    drop(harness);
    let hidden = home.path().join(".shelves.tagscope-unfinished");
    assert!(hidden.is_dir() && !out.exists(), "what was done is kept");

    // The next start says so, where it is, and resumes it.
    let mut harness = start();
    until(&mut harness, "the listing and the decisions", is_ready);
    until(&mut harness, "the word about it", |state| !state.tasks.is_empty());
    assert!(harness.query_all_by_label_contains("Export to \u{201c}shelves\u{201d} was interrupted").count() > 0);
    assert!(harness.query_all_by_label_contains(&hidden.to_string_lossy()).count() > 0);
    harness.get_by_label("Show").click();
    until(&mut harness, "the list of tasks", |state| state.dialog == Some(Dialog::Tasks));
    harness.step();
    click(&mut harness, Role::Button, "Resume Export to \u{201c}shelves\u{201d}");
    until(&mut harness, "the export", |state| matches!(state.tasks[0].state, TaskState::Done(_)));
    let TaskState::Done(report) = &harness.state().state().tasks[0].state else { panic!("done") };
    assert!(report.reused > 0, "{report:?}");
    assert!(out.join("manifest.json").is_file() && !hidden.exists());
    drop(harness);
    let mut harness = start();
    until(&mut harness, "the listing and the decisions", is_ready);
    assert!(harness.state().state().tasks.is_empty(), "nothing is left to offer");
}
