//! Tasks, notices and the status bar.

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::dialog::Dialog;
use tagscope::app::{
    Command, Effect, Event, ExportCommand, ExportReport, Notice, NoticeAction, ProjectCommand, Severity, Skip, State,
    Task, TaskId, TaskState, ThemeChoice, WindowCommand, apply, update,
};

use super::fixtures::{App, opened};
use super::{assert_asked, click, shown};

/// A task that has ended with everything but one region.
fn done(id: u64) -> Task {
    let skip = Skip {
        image: "26571c15-ac69-4bdc-a1b8-2c3d4a5eb796".to_owned(),
        name: None,
        region: Some("91571c15-ac69-4bdc-a1b8-2c3d4a5eb796".to_owned()),
        format: Some("coco".to_owned()),
        is_left_out: true,
        reason: "no area".to_owned(),
    };
    let report = ExportReport {
        folder: "/home/me/forks".into(),
        formats: vec!["coco".to_owned()],
        images_in: 1204,
        images_out: 1204,
        regions_in: 2213,
        regions_out: 2212,
        bytes: 1_900_000_000,
        skips: vec![skip],
        seconds: 31.5,
        ..ExportReport::default()
    };
    Task {
        id: TaskId(id),
        title: "Export to forks".to_owned(),
        state: TaskState::Done(Box::new(report)),
        retry: None,
        paused: None,
        is_canceled: false,
        progress: Default::default(),
    }
}

#[test]
fn why_pictures_wait_is_said_in_the_status_bar() {
    let mut state = opened(ThemeChoice::Dark, 8);
    let words = "no connection; retrying in 6 s";
    state.opened.as_mut().expect("opened").waiting = Some(words.to_owned());
    shown(state).get_by_label(words);
}

#[test]
fn tasks_are_cancelled_and_reported() {
    let mut state = opened(ThemeChoice::Dark, 8);
    let waiting = Some("the service is limiting requests; continuing in 6 s".to_owned());
    let running = TaskState::Running { stage: "Downloading", done: 120, total: 1204, bytes: 212_000_000, waiting };
    state.tasks.push(Task {
        id: TaskId(3),
        title: "Export to shelves".to_owned(),
        state: running,
        retry: None,
        paused: Some(false),
        is_canceled: false,
        progress: Default::default(),
    });
    state.tasks.push(done(4));
    let mut harness = shown(state);
    click(&mut harness, Role::Button, "1 task");
    harness.get_by_label("Downloading: 120 of 1,204, 202 MiB");
    harness.get_by_label("the service is limiting requests; continuing in 6 s");
    click(&mut harness, Role::Button, "Pause Export to shelves");
    assert_asked(&harness, "Task(Pause(TaskId(3)))");
    harness.get_by_label("Paused. Progress is kept.");
    click(&mut harness, Role::Button, "Resume Export to shelves");
    click(&mut harness, Role::Button, "Cancel Export to shelves");
    assert_asked(&harness, "Task(Cancel(TaskId(3)))");
    click(&mut harness, Role::Link, "Report");
    harness.get_by_label("regions: 2,212 of 2,213");
    harness.get_by_label("Region 91571c15 of image 26571c15 (COCO): no area");
    click(&mut harness, Role::Button, "Show the folder");
    assert_asked(&harness, "Window(Reveal(\"/home/me/forks\"))");
    click(&mut harness, Role::Button, "Copy the report");
    assert!(harness.state().commands.iter().any(|command| {
        matches!(command, Command::Window(WindowCommand::CopyText(text)) if text.contains("91571c15-ac69-4bdc-a1b8-2c3d4a5eb796"))
    }));
}

#[test]
fn running_tasks_have_one_bar_that_does_not_begin_again() {
    let mut state = opened(ThemeChoice::Dark, 8);
    state.home = Some("/home/me".into());
    let mut tasks = Vec::new();
    for number in 0..2 {
        update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
        let folder = format!("/home/me/forks-{number}");
        update(&mut state, Command::Export(ExportCommand::EditFolder(folder)));
        for effect in update(&mut state, Command::Export(ExportCommand::Start)) {
            if let Effect::Export(job) = effect {
                tasks.push(job.task);
            }
        }
    }
    assert_eq!(tasks.len(), 2);
    let report = |state: &mut State, stage, done, second: i64| {
        update(state, Command::Clock(1_800_000_000 + second));
        for &task in &tasks {
            let running = TaskState::Running { stage, done, total: 1204, bytes: 0, waiting: None };
            apply(state, Event::Task { task, state: running });
        }
    };
    let shares = |harness: &Harness<'_, App>| -> Vec<f64> {
        let bars = harness.query_all_by_role(Role::ProgressIndicator);
        bars.filter_map(|node| node.accesskit_node().numeric_value()).collect()
    };
    report(&mut state, "Downloading", 0, 0);
    report(&mut state, "Downloading", 1204, 60);
    let mut harness = shown(state);
    let before = shares(&harness);
    report(&mut harness.state_mut().state, "Writing", 0, 61);
    harness.run();
    let after = shares(&harness);
    // In the status bar, above the list, and of each task; the listing has one more.
    assert!(before.len() >= 4 && before.len() == after.len(), "{before:?}");
    assert!(before.iter().zip(&after).all(|(before, after)| after >= before), "{before:?}, then {after:?}");
    assert!(harness.query_all_by_label_contains("left").count() >= 3, "in the status bar and of each task");
}

#[test]
fn notices_stay_until_they_are_put_away() {
    let mut state = opened(ThemeChoice::Dark, 8);
    state.notices.push_back(Notice {
        id: 7,
        severity: Severity::Warning,
        title: "Settings could not be saved.".to_owned(),
        body: "The disk is full.".to_owned(),
        action: Some(NoticeAction::ResumeListing),
        details: "os error 28".to_owned(),
    });
    let mut harness = shown(state);
    click(&mut harness, Role::Link, "Copy details");
    assert_asked(&harness, "Window(CopyText(\"Settings could not be saved.\\nThe disk is full.\\nos error 28\"))");
    click(&mut harness, Role::Link, "Try again");
    assert_asked(&harness, "Project(ResumeListing)");
    assert!(harness.state().state.notices.is_empty());
}

#[test]
fn a_success_goes_after_a_few_seconds_and_a_warning_with_its_screen() {
    let mut state = opened(ThemeChoice::Dark, 8);
    for severity in [Severity::Success, Severity::Warning, Severity::Error] {
        state.push_notice(Notice::new(severity, format!("{severity:?}"), ""));
    }
    let left = |harness: &Harness<'_, App>| -> Vec<Severity> {
        harness.state().state.notices.iter().map(|notice| notice.severity).collect()
    };
    let mut harness = shown(state);
    assert_eq!(left(&harness).len(), 3);
    let time = harness.ctx.input(|input| input.time);
    harness.input_mut().time = Some(time + 5.5);
    harness.run();
    assert_eq!(left(&harness), [Severity::Warning, Severity::Error]);
    update(&mut harness.state_mut().state, Command::Project(ProjectCommand::Close));
    harness.run();
    assert_eq!(left(&harness), [Severity::Error]);
}
