use super::super::tests::{opened, project_of};
use super::*;
use crate::review::ReviewEvent;
use crate::state::Screen;
use crate::{ConnectionCommand, ExportCommand, LeaveCommand, ProjectCommand, TaskCommand, WindowCommand};
use crate::{Event, Failure, FailureKind, Settings, SourceSpec, TaskId, TaskState, apply, update};

fn stage(state: &State) -> Option<QuitStage> {
    state.quitting.as_ref().map(|quitting| quitting.stage)
}

#[test]
fn quitting_asks_about_running_tasks_and_waits_for_decisions() {
    let quits = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Quit));
    let mut state = opened(6);
    assert!(quits(&update(&mut state, Command::Quit(QuitCommand::Ask))), "nothing is under way");

    // An export: asked, and not ended by Esc.
    let task = exporting(&mut state);
    assert!(!quits(&update(&mut state, Command::Quit(QuitCommand::Ask))));
    assert_eq!((state.dialog, stage(&state)), (Some(Dialog::Quit), Some(QuitStage::Asked)));
    update(&mut state, Command::Window(WindowCommand::Back));
    assert_eq!((state.dialog, stage(&state)), (None, None));
    // Stopped: at once.
    update(&mut state, Command::Quit(QuitCommand::Ask));
    assert!(quits(&update(&mut state, Command::Quit(QuitCommand::Choose(QuitChoice::Stop)))));
    // When done: with the end of the task.
    update(&mut state, Command::Quit(QuitCommand::Ask));
    assert!(!quits(&update(&mut state, Command::Quit(QuitCommand::Choose(QuitChoice::WhenDone)))));
    assert!(!quits(&apply(&mut state, Event::CacheSize(1))));
    assert!(quits(&apply(&mut state, Event::ExportDone { task, report: Box::default() })));

    // Decisions that are not on the disk, of whatever opening.
    let generation = state.generation;
    state.unsaved.begin(generation, 1);
    state.unsaved.begin(generation - 1, 9);
    assert!(!quits(&update(&mut state, Command::Quit(QuitCommand::Ask))));
    assert_eq!((state.dialog, stage(&state)), (Some(Dialog::Quit), Some(QuitStage::Decisions)));
    let kept = |generation, up_to| Event::Review { generation, event: ReviewEvent::Kept { up_to } };
    assert!(!quits(&apply(&mut state, kept(generation, 1))));
    assert!(quits(&apply(&mut state, kept(generation - 1, 9))));
    // Or it is left behind by choice.
    state.unsaved.begin(generation, 2);
    update(&mut state, Command::Quit(QuitCommand::Ask));
    assert!(quits(&update(&mut state, Command::Quit(QuitCommand::Choose(QuitChoice::LoseDecisions)))));
}

/// Starts an export of the open project.
fn exporting(state: &mut State) -> TaskId {
    state.home = Some("/home/me".into());
    update(state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    let effects = update(state, Command::Export(ExportCommand::Start));
    let Some(Effect::Export(job)) = effects.first() else { panic!("{effects:?}") };
    job.task
}

#[test]
fn no_job_starts_that_another_source_would_cut_short() {
    let mut state = opened(6);
    let effects = update(&mut state, Command::Connection(ConnectionCommand::OpenFolder("/data/other".into())));
    assert!(matches!(effects.last(), Some(Effect::Connect { .. })), "{effects:?}");
    state.home = Some("/home/me".into());
    let is_said = |failure: &Option<Failure>| failure.as_ref().map(|failure| failure.kind.clone());
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    assert!(update(&mut state, Command::Export(ExportCommand::Start)).is_empty());
    assert_eq!(is_said(&state.export.failure), Some(FailureKind::SourceOpening));
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Leave))));
    assert!(update(&mut state, Command::Leave(LeaveCommand::Start)).is_empty());
    assert_eq!(is_said(&state.leave.failure), Some(FailureKind::SourceOpening));
    assert!(state.tasks.is_empty());
    // It has failed: the project that is open stays, and its jobs can start.
    let failure = Failure::bare(FailureKind::TimedOut);
    apply(&mut state, Event::ConnectFailed { source: SourceSpec::Folder { path: "/data/other".into() }, failure });
    exporting(&mut state);
}

#[test]
fn another_source_does_not_stop_an_export_without_asking() {
    let others = [
        Command::Connection(ConnectionCommand::OpenFolder("/data/other".into())),
        Command::Connection(ConnectionCommand::OpenSample),
        Command::Connection(ConnectionCommand::OpenRecent(0)),
        Command::Connection(ConnectionCommand::Disconnect),
        Command::Project(ProjectCommand::Close),
    ];
    for other in others {
        let mut state = opened(6);
        let task = exporting(&mut state);
        assert!(update(&mut state, other.clone()).is_empty(), "{other:?}");
        assert_eq!((state.dialog, stage(&state)), (Some(Dialog::Quit), Some(QuitStage::Asked)), "{other:?}");
        assert!(state.opened.is_some() && state.connect.busy.is_none());
        update(&mut state, Command::Window(WindowCommand::Back));
        assert!(state.quitting.is_none());

        // When done: by itself, with the end of the export.
        update(&mut state, other.clone());
        assert!(update(&mut state, Command::Quit(QuitCommand::Choose(QuitChoice::WhenDone))).is_empty());
        let effects = apply(&mut state, Event::ExportDone { task, report: Box::default() });
        let is_change = |effect: &Effect| matches!(effect, Effect::Connect { .. } | Effect::Disconnect);
        assert!(effects.iter().any(is_change), "{other:?}: {effects:?}");

        // At once: what was done can be resumed from the list of tasks.
        let mut state = opened(6);
        let task = exporting(&mut state);
        update(&mut state, other.clone());
        let effects = update(&mut state, Command::Quit(QuitCommand::Choose(QuitChoice::Stop)));
        assert!(effects.iter().any(is_change), "{other:?}: {effects:?}");
        apply(&mut state, Event::TaskFailed { task, failure: Failure::bare(FailureKind::Canceled) });
        assert!(state.tasks[0].retry.is_some(), "{other:?}");
    }
    // Esc on the list of projects is another way to disconnect.
    let mut state = opened(6);
    exporting(&mut state);
    (state.screen, state.dialog) = (Screen::Projects, None);
    assert!(update(&mut state, Command::Window(WindowCommand::Back)).is_empty());
    assert_eq!((state.screen, state.dialog), (Screen::Projects, Some(Dialog::Quit)));
    // What the user cancels is not offered again.
    let task = state.tasks[0].id;
    update(&mut state, Command::Task(TaskCommand::Cancel(task)));
    apply(&mut state, Event::TaskFailed { task, failure: Failure::bare(FailureKind::Canceled) });
    assert!(state.tasks[0].retry.is_none());
}

#[test]
fn another_project_of_the_same_service_lets_an_export_go_on() {
    let mut state = opened(6);
    exporting(&mut state);
    let project = project_of(&state).project.id;
    let effects = update(&mut state, Command::Project(ProjectCommand::Open { project, iteration: None }));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Open { .. })), "{effects:?}");
    assert!(matches!(state.tasks[0].state, TaskState::Running { .. }));
}

#[test]
fn an_import_of_reviews_and_one_of_a_dataset_are_asked_about() {
    let mut state = opened(6);
    let old = state.generation;
    state.opened.as_mut().expect("project").review.transfer.is_busy = true;
    for command in [
        Command::Quit(QuitCommand::Ask),
        Command::Project(ProjectCommand::Refresh),
        Command::Connection(ConnectionCommand::Disconnect),
    ] {
        assert!(update(&mut state, command.clone()).is_empty(), "{command:?}");
        assert_eq!(stage(&state), Some(QuitStage::Asked), "{command:?}");
        update(&mut state, Command::Window(WindowCommand::Back));
    }
    // With its end nothing is in the way any more.
    update(&mut state, Command::Project(ProjectCommand::Refresh));
    let imported = |generation| Event::Review { generation, event: ReviewEvent::Imported(Ok(Vec::new())) };
    let effects = apply(&mut state, imported(old));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Open { .. })), "{effects:?}");
    // One whose project is closed all the same is reported.
    apply(&mut state, imported(old));
    assert_eq!(state.notices.back().map(|notice| &*notice.title), Some("Reviews were not imported"));

    let mut state = State::new(Settings::default());
    update(&mut state, Command::Connection(ConnectionCommand::OpenFolder("/data/coco".into())));
    assert!(update(&mut state, Command::Quit(QuitCommand::Ask)).is_empty());
    assert_eq!(stage(&state), Some(QuitStage::Asked));
    let failure = Failure::bare(FailureKind::Canceled);
    let effects =
        apply(&mut state, Event::ConnectFailed { source: SourceSpec::Folder { path: "/data/coco".into() }, failure });
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Quit)), "{effects:?}");
}

#[test]
fn a_canceled_export_is_removed_before_the_end_or_at_the_next_start() {
    let quits = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Quit));
    let canceled = || {
        let mut state = opened(6);
        let task = exporting(&mut state);
        update(&mut state, Command::Task(TaskCommand::Cancel(task)));
        assert!(!quits(&update(&mut state, Command::Quit(QuitCommand::Ask))));
        assert_eq!((state.dialog, stage(&state)), (Some(Dialog::Quit), Some(QuitStage::Work)), "nothing to ask");
        (state, task)
    };
    let (mut state, task) = canceled();
    let gone = Event::TaskFailed { task, failure: Failure::bare(FailureKind::Canceled) };
    assert!(quits(&apply(&mut state, gone)));
    assert!(state.settings.canceled.is_empty());

    // Without waiting it is removed at the next start; what was only interrupted is offered.
    let (mut state, _) = canceled();
    let retry = state.tasks[0].retry.clone().expect("retry");
    assert!(quits(&update(&mut state, Command::Quit(QuitCommand::Choose(QuitChoice::Stop)))));
    let json = serde_json::to_string(&state.settings).expect("JSON");
    let mut again = State::new(serde_json::from_str(&json).expect("settings"));
    update(&mut again, Command::Connection(ConnectionCommand::Start { source: None, project: None }));
    let job = |retry: crate::Retry| crate::retry::Interrupted { retry, folder: "/home/me/.hidden".into() };
    let out = retry.out().clone();
    let effects = apply(&mut again, Event::Interrupted(vec![job(retry), job(crate::retry::an_archive())]));
    assert!(matches!(&effects[..], [Effect::Discard { out: removed, .. }] if *removed == out), "{effects:?}");
    assert_eq!(again.tasks.len(), 1, "{:?}", again.tasks);
    assert!(again.settings.canceled.is_empty(), "once");
}
