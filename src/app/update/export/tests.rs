use std::sync::Arc;

use super::super::tests::{opened, page, project_of};
use super::*;
use crate::FailureKind;
use crate::export::{DryRun, SplitChoice};
use crate::{Command, ExportCommand, ProjectCommand, SelectionCommand, TaskCommand, TaskState, WindowCommand};
use crate::{Event, ExportJob, ListingState, apply, update};
use domain::checks::{Facts, TwinLabels};
use domain::{Finding, ProjectKind};

#[test]
fn an_export_takes_a_snapshot() {
    let mut state = opened(6);
    state.home = Some("/home/me".into());
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: ImageIx(5), toggle: false, extend: false }));
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    assert_eq!(state.export.what, ExportWhat::All, "a click on an image is no choice of it");
    update(&mut state, Command::Export(ExportCommand::SetWhat(ExportWhat::Selected)));
    assert_eq!(state.export.folder, "/home/me/forks-co-export");
    assert_eq!((state.export.preview.images, state.export.preview.regions), (1, 2));
    update(&mut state, Command::Export(ExportCommand::EditFolder("relative".to_owned())));
    assert!(update(&mut state, Command::Export(ExportCommand::Start)).is_empty());
    assert!(state.export.failure.is_some());
    update(&mut state, Command::Export(ExportCommand::EditFolder("~/out".to_owned())));
    let effects = update(&mut state, Command::Export(ExportCommand::Start));
    let Some(Effect::Export(job)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!((&job.images[..], &job.out), (&[ImageIx(5)][..], &Destination::from("/home/me/out")));
    assert!(Arc::ptr_eq(&job.catalogue, &project_of(&state).catalogue));
    let (task, generation) = (job.task, state.generation);
    apply(&mut state, Event::Page { generation, page: page(6, 1) });
    assert_eq!((job.catalogue.len(), project_of(&state).catalogue.len()), (6, 7));
    apply(&mut state, Event::TaskFailed { task, failure: Failure::bare(FailureKind::Canceled) });
    assert!(matches!(state.tasks[0].state, TaskState::Failed(_)));
}

#[test]
fn several_selected_images_are_what_is_exported() {
    let mut state = opened(6);
    for (ix, toggle) in [(1, false), (2, true)] {
        update(&mut state, Command::Selection(SelectionCommand::Pick { ix: ImageIx(ix), toggle, extend: false }));
    }
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    assert_eq!((state.export.what, state.export.preview.images), (ExportWhat::Selected, 2));
    // Ctrl takes one out again: the other one was chosen.
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: ImageIx(2), toggle: true, extend: false }));
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    assert_eq!((state.export.what, state.export.preview.images), (ExportWhat::Selected, 1));
}

#[test]
fn typing_in_the_export_dialog_does_not_look_for_the_images_again() {
    let mut state = opened(6);
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    let before = state.export.chosen.clone();
    let typed = [
        ExportChoice::SplitText("7".to_owned()),
        ExportChoice::MinRegion("3".to_owned()),
        ExportChoice::CropMargin("4".to_owned()),
        ExportChoice::EarlierFolder("/x".to_owned()),
        ExportChoice::AzureMlUrl("a".to_owned()),
    ];
    for choice in typed {
        update(&mut state, Command::Export(ExportCommand::Choose(choice)));
        assert!(Arc::ptr_eq(&state.export.chosen.1, &before.1));
    }
    update(&mut state, Command::Export(ExportCommand::Choose(ExportChoice::EarlierFolder(String::new()))));
    let effects =
        update(&mut state, Command::Export(ExportCommand::Choose(ExportChoice::Review(ReviewChoice::Accepted))));
    let [Effect::DryRun { job, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((job.images.len(), state.export.preview.images), (0, 0), "nothing is accepted");
}

#[test]
fn a_proposed_folder_that_exists_makes_room_for_the_next() {
    let mut state = opened(6);
    state.home = Some("/home/me".into());
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    for (taken, next) in [("forks-co-export", "forks-co-export-2"), ("forks-co-export-2", "forks-co-export-3")] {
        let path = Path::new("/home/me").join(taken);
        let effects = apply(&mut state, Event::PlaceSeen { place: path.into(), state: PlaceState::Taken });
        assert!(matches!(&effects[..], [Effect::LookAtPlace(path)] if path.last_name() == next), "{effects:?}");
        assert!(state.export.folder.ends_with(next) && state.export.place == PlaceState::Free);
    }
    // What the user has typed stays, and is reported as taken.
    let typed = "/home/me/forks-co-export".to_owned();
    update(&mut state, Command::Export(ExportCommand::EditFolder(typed.clone())));
    let event = Event::PlaceSeen { place: typed.as_str().into(), state: PlaceState::Taken };
    assert!(apply(&mut state, event).is_empty());
    assert_eq!((state.export.folder, state.export.place), (typed, PlaceState::Taken));
}

#[test]
fn the_dialog_asks_what_an_export_would_leave_out() {
    let mut state = opened(6);
    state.home = Some("/home/me".into());
    let effects = update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    let [Effect::DryRun { number: first, job }, Effect::LookAtPlace(place)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((job.images.len(), place), (6, &Destination::from("/home/me/forks-co-export")));
    let effects = update(&mut state, Command::Export(ExportCommand::Choose(ExportChoice::Split(SplitChoice::Usual))));
    let [Effect::DryRun { number, job }] = &effects[..] else { panic!("{effects:?}") };
    assert!(job.options.split.is_some() && number > first);
    // The answer to the question before comes late.
    apply(&mut state, Event::DryRun(Box::new(DryRun { number: *first, ..DryRun::default() })));
    assert!(state.export.dry_run.is_none());
    apply(&mut state, Event::DryRun(Box::new(DryRun { number: *number, count: 3, ..DryRun::default() })));
    assert_eq!(state.export.dry_run.as_ref().map(|run| run.count), Some(3));
    // So does the answer about another place.
    apply(&mut state, Event::PlaceSeen { place: "/elsewhere".into(), state: PlaceState::Taken });
    assert_eq!(state.export.place, PlaceState::Free);
    apply(&mut state, Event::PlaceSeen { place: place.clone(), state: PlaceState::Unfinished });
    assert_eq!(state.export.place, PlaceState::Unfinished);
    // What means nothing asks nothing and starts nothing.
    let effects =
        update(&mut state, Command::Export(ExportCommand::Choose(ExportChoice::MinRegion("many".to_owned()))));
    assert!(effects.is_empty(), "{effects:?}");
    assert!(update(&mut state, Command::Export(ExportCommand::Start)).is_empty() && state.export.failure.is_some());
}

#[test]
fn an_export_rests_and_goes_on_after_a_failure() {
    let mut state = opened(6);
    state.home = Some("/home/me".into());
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    let effects = update(&mut state, Command::Export(ExportCommand::Start));
    let Some(Effect::Export(job)) = effects.first() else { panic!("{effects:?}") };
    let task = job.task;
    assert!(job.is_resumed);
    for is_paused in [true, false] {
        let effects = update(&mut state, Command::Task(TaskCommand::Pause(task)));
        assert!(matches!(effects[..], [Effect::PauseTask(found, now)] if found == task && now == is_paused));
    }
    apply(&mut state, Event::TaskFailed { task, failure: Failure::bare(FailureKind::TimedOut) });
    let generation = state.generation;
    let listing = ListingState::Complete { listed: 6, gone: 0, seconds: 1.0 };
    apply(&mut state, Event::Listing { generation, state: listing });
    let effects = update(&mut state, Command::Task(TaskCommand::Retry(task)));
    let Some(Effect::Export(second)) = effects.first() else { panic!("{effects:?}") };
    assert!(second.task != task && second.out == job.out && second.is_resumed);
    assert_eq!(state.tasks.len(), 1, "in the place of the one that failed");
    // What the user stops is gone.
    let task = second.task;
    update(&mut state, Command::Task(TaskCommand::Cancel(task)));
    apply(&mut state, Event::TaskFailed { task, failure: Failure::bare(FailureKind::Canceled) });
    assert!(state.tasks[0].retry.is_none());
}

#[test]
fn an_address_of_a_store_is_a_place_like_a_folder() {
    let mut state = opened(6);
    state.home = Some("/home/me".into());
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    let typed = "s3://bucket/sets/forks";
    let effects = update(&mut state, Command::Export(ExportCommand::EditFolder(typed.to_owned())));
    let place = Destination::Store(typed.parse().expect("address"));
    assert!(matches!(&effects[..], [Effect::LookAtPlace(asked)] if *asked == place), "{effects:?}");
    apply(&mut state, Event::PlaceSeen { place: place.clone(), state: PlaceState::Unfinished });
    assert_eq!(state.export.place, PlaceState::Unfinished);
    let effects = update(&mut state, Command::Export(ExportCommand::Start));
    let Some(Effect::Export(job)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!((&job.out, &*state.tasks[0].title), (&place, "Export to \u{201c}forks\u{201d}"));
    assert_eq!(state.settings.export_folder, None, "the next folder is not proposed in a store");
    // Once some of it may be in the store, a stop keeps it too.
    let task = job.task;
    update(&mut state, Command::Task(TaskCommand::Cancel(task)));
    apply(&mut state, Event::TaskFailed { task, failure: Failure::bare(FailureKind::Canceled) });
    assert!(state.tasks[0].retry.is_some());
}

#[test]
fn an_address_that_is_none_is_said_without_its_secret() {
    for typed in ["s3:/bucket/forks", "https://acc.blob.core.windows.net/c/p?sig=SECRET"] {
        let mut state = opened(6);
        update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
        let effects = update(&mut state, Command::Export(ExportCommand::EditFolder(typed.to_owned())));
        assert!(effects.is_empty(), "{effects:?}");
        assert!(update(&mut state, Command::Export(ExportCommand::Start)).is_empty());
        let words = state.export.failure.expect("refused").full_text();
        assert!(words.contains("type s3://") || words.contains("AZURE_STORAGE_SAS_TOKEN"), "{words}");
        assert!(!words.contains("SECRET"), "{words}");
    }
}

#[test]
fn the_end_of_an_export_is_announced_unless_the_person_ended_it() {
    let announced = |event: fn(TaskId) -> Event| {
        let mut state = opened(6);
        state.home = Some("/home/me".into());
        update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
        let effects = update(&mut state, Command::Export(ExportCommand::Start));
        let Some(Effect::Export(job)) = effects.first() else { panic!("{effects:?}") };
        let effects = apply(&mut state, event(job.task));
        effects.into_iter().find_map(|effect| match effect {
            Effect::Announce { title, .. } => Some(title),
            _ => None,
        })
    };
    let done = announced(|task| Event::ExportDone { task, report: Box::default() });
    assert!(done.is_some_and(|title| title.starts_with("Exported to ")));
    let timed_out = announced(|task| Event::TaskFailed { task, failure: Failure::bare(FailureKind::TimedOut) });
    assert!(timed_out.is_some_and(|title| title.starts_with("Export to ") && title.ends_with(": failed")));
    assert_eq!(announced(|task| Event::TaskFailed { task, failure: Failure::bare(FailureKind::Canceled) }), None);
}

#[test]
fn no_task_holds_the_list_of_images_that_it_was_about() {
    let mut state = opened(6);
    state.home = Some("/home/me".into());
    let mut lists = Vec::new();
    for ended_well in [true, false] {
        update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
        let effects = update(&mut state, Command::Export(ExportCommand::Start));
        let Some(Effect::Export(job)) = effects.first() else { panic!("{effects:?}") };
        lists.push(Arc::downgrade(&job.catalogue));
        let task = job.task;
        let event = match ended_well {
            true => Event::ExportDone { task, report: Box::default() },
            false => Event::TaskFailed { task, failure: Failure::bare(FailureKind::TimedOut) },
        };
        apply(&mut state, event);
        // Listed again: the list that was exported is another one from now on.
        update(&mut state, Command::Project(ProjectCommand::Refresh));
        let generation = state.generation;
        apply(&mut state, Event::Page { generation, page: page(0, 6) });
    }
    assert_eq!(state.tasks.len(), 2);
    assert!(state.tasks[0].retry.is_none() && state.tasks[1].retry.is_some());
    assert!(lists.iter().all(|list| list.upgrade().is_none()), "a list outlives its export");
}

#[test]
fn the_order_of_an_earlier_export_is_kept() {
    let mut state = opened(6);
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    let before = state.export.preview.classes.clone();
    let mut classes = ClassList::of(project_of(&state).catalogue.tags(), &[]).classes().to_vec();
    classes.reverse();
    (1..).zip(&mut classes).for_each(|(id, class)| class.id = id);
    let effects =
        update(&mut state, Command::Export(ExportCommand::Choose(ExportChoice::EarlierFolder("x".to_owned()))));
    assert!(effects.is_empty() && matches!(state.export.choices.earlier, Some(Err(_))), "no whole path: {effects:?}");
    let effects =
        update(&mut state, Command::Export(ExportCommand::Choose(ExportChoice::EarlierFolder("/x".to_owned()))));
    assert!(matches!(&effects[..], [Effect::ReadClasses(path)] if path == Path::new("/x")), "{effects:?}");
    assert!(update(&mut state, Command::Export(ExportCommand::Start)).is_empty(), "not before the order is known");
    let late = Event::ClassesRead { folder: "/".into(), result: Ok(Vec::new()) };
    assert!(apply(&mut state, late).is_empty() && state.export.choices.earlier.is_none(), "about another folder");
    let effects = apply(&mut state, Event::ClassesRead { folder: "/x".into(), result: Ok(classes) });
    let [Effect::DryRun { job, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(job.options.earlier_classes.len(), before.len());
    assert!(before.len() > 1 && state.export.preview.classes.iter().eq(before.iter().rev()));
    update(&mut state, Command::Export(ExportCommand::Choose(ExportChoice::EarlierFolder(String::new()))));
    assert_eq!(state.export.preview.classes, before);
}

#[test]
fn a_classification_project_is_not_offered_a_format_without_image_tags() {
    for (kind, format) in [(ProjectKind::Multilabel, Format::Csv), (ProjectKind::Detection, Format::Coco)] {
        let mut state = opened(3);
        state.opened.as_mut().expect("opened").kind = kind;
        update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
        assert_eq!(state.export.formats, [format]);
        update(&mut state, Command::Export(ExportCommand::ToggleFormat(Format::Jsonl)));
        update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
        assert!(state.export.formats.contains(&Format::Jsonl), "what a person chose stays");
    }
}

#[test]
fn known_near_duplicates_go_along_where_they_are_to_stay_together() {
    let mut state = opened(6);
    let near = |image: u32, other: u32| {
        let facts = Facts::Duplicate { other: ImageIx(other), distance: 1, labels: TwinLabels::Same };
        Finding { image: Some(ImageIx(image)), regions: [None; 2], tags: [None; 2], facts }
    };
    let project = state.opened.as_mut().expect("project");
    Arc::make_mut(&mut project.checks.findings).add(vec![near(0, 3), near(3, 0)], |_| false);
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    let asked = |state: &mut State, choice: ExportChoice| {
        let effects = update(state, Command::Export(ExportCommand::Choose(choice)));
        let job = effects.into_iter().find_map(|effect| match effect {
            Effect::DryRun { job, .. } => Some(job),
            _ => None,
        });
        let is_said = |job: &ExportJob| job.notes.iter().any(|note| note.contains("Not all pictures were compared"));
        job.map(|job| (job.near_duplicates.to_vec(), is_said(&job)))
    };
    assert_eq!(asked(&mut state, ExportChoice::Split(SplitChoice::Usual)), Some((Vec::new(), false)));
    let pair = |one: u32, other: u32| [ImageIx(one), ImageIx(other)];
    let together = asked(&mut state, ExportChoice::SplitGroup(GroupChoice::NearDuplicates));
    assert_eq!(together, Some((vec![pair(0, 3), pair(3, 0)], true)), "as not all were compared");
    // Of a metadata key nothing is asked before one is chosen.
    assert_eq!(asked(&mut state, ExportChoice::SplitGroup(GroupChoice::Meta)), None);
    assert_eq!(asked(&mut state, ExportChoice::SplitKey("camera".to_owned())), Some((Vec::new(), false)));
}
