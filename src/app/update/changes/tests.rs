use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::*;
use crate::changes::{ReportFormat, StateComparison};
use crate::dialog::Dialog;
use crate::review::{ReviewCommand, ReviewEvent};
use crate::update::tests::{opened, page, project_of};
use crate::view::View;
use crate::{Action, Command, Event, Failure, FailureKind, QueryCommand, apply, update};
use domain::changes::{ComparedState as Compared, DEFAULT_IOU, Plan};
use domain::{Catalogue, ImageId, ImageIx, ImageRow, Subject, UnitRect, Verdict};

/// What the engine does: compares the rows of another state with the open images.
fn compared(job: &CompareJob, rows: Vec<ImageRow>) -> Arc<StateComparison> {
    let mut other = Catalogue::new();
    other.append(rows);
    let none = FxHashSet::default();
    let digest = |_: ImageId| None;
    let state = |catalogue| Compared {
        catalogue,
        project: &job.project,
        kind: job.kind,
        digest: &digest,
        is_import: false,
        unreadable: &none,
        is_incomplete: false,
        lacks_parts: false,
    };
    let plan = Plan::new(state(&other), state(&job.catalogue), DEFAULT_IOU);
    let part = plan.compare(0..plan.len());
    let changes = plan.gather(vec![part]);
    Arc::new(StateComparison::new("October".to_owned(), changes, other, &job.catalogue, false, Vec::new()))
}

fn job_of(effects: Vec<Effect>) -> (u64, CompareJob) {
    let job = effects.into_iter().find_map(|effect| match effect {
        Effect::Compare { generation, job } => Some((generation, *job)),
        _ => None,
    });
    job.expect("a comparison")
}

fn begin(state: &mut State) -> (u64, CompareJob) {
    let folder = ChangesCommand::Compare(OtherState::Typed("/data/october".to_owned()));
    job_of(update(state, Command::Changes(folder)))
}

/// Nine images; on image 1 the box moved, on image 2 one is new and one was of another tag, on image 4 one is gone.
fn shown() -> State {
    let mut state = opened(9);
    let (generation, job) = begin(&mut state);
    let mut rows = page(0, 9).rows;
    rows[1].regions[0].rect = UnitRect::new(0.3, 0.1, 0.2, 0.2);
    rows[2].regions.remove(1);
    rows[2].regions[0].tag = rows[1].regions[0].tag;
    rows[2].regions[0].tag_name = Arc::clone(&rows[1].regions[0].tag_name);
    let mut gone = rows[4].regions[0].clone();
    gone.id.0 = uuid(77);
    gone.rect = UnitRect::new(0.6, 0.6, 0.2, 0.2);
    rows[4].regions.push(gone);
    let event = ChangesEvent::Compared { number: job.number, result: Ok(compared(&job, rows)) };
    apply(&mut state, Event::Changes { generation, event });
    state
}

fn uuid(number: u128) -> uuid::Uuid {
    uuid::Builder::from_random_bytes(number.to_be_bytes()).into_uuid()
}

fn found(state: &mut State, query: &str) -> Vec<u32> {
    update(state, Command::Query(QueryCommand::Edit(query.to_owned())));
    project_of(state).visible.iter().map(|image| image.0).collect()
}

#[test]
fn queries_ask_about_changes() {
    let mut state = shown();
    assert_eq!(found(&mut state, "change:moved"), [1]);
    assert_eq!(found(&mut state, "change:retagged"), [2]);
    assert_eq!(found(&mut state, "change:region-added"), [2]);
    assert_eq!(found(&mut state, "change:region-removed"), [4]);
    assert_eq!(found(&mut state, "change:any"), [1, 2, 4]);
    assert_eq!(found(&mut state, "change:none").len(), 6);
    // The pictures are 80 pixels wide: the box moved by 16.
    assert_eq!(found(&mut state, "moved>15px"), [1]);
    assert!(found(&mut state, "moved>17px").is_empty());
    update(&mut state, Command::Changes(ChangesCommand::Close));
    assert!(found(&mut state, "change:any").is_empty());
}

#[test]
fn the_list_follows_a_comparison_that_comes_later() {
    let mut state = opened(9);
    assert!(found(&mut state, "change:any").is_empty());
    let (generation, job) = begin(&mut state);
    let mut rows = page(0, 9).rows;
    rows.remove(5);
    let event = ChangesEvent::Compared { number: job.number, result: Ok(compared(&job, rows)) };
    apply(&mut state, Event::Changes { generation, event });
    assert_eq!(project_of(&state).visible, [ImageIx(5)]);
}

#[test]
fn two_keys_walk_through_the_changes_and_round_again() {
    let mut state = shown();
    assert!(Action::NextChange.is_enabled(&state));
    let mut walked = Vec::new();
    for _ in 0..5 {
        update(&mut state, Command::Changes(ChangesCommand::Step(1)));
        let opened = project_of(&state);
        assert_eq!(opened.view, View::Canvas);
        walked.push(opened.cursor.expect("an image").0);
    }
    assert_eq!(walked, [1, 2, 2, 4, 1]);
    update(&mut state, Command::Changes(ChangesCommand::Step(-1)));
    assert_eq!(project_of(&state).cursor, Some(ImageIx(4)));
}

#[test]
fn boxes_of_the_other_state_lie_over_the_image() {
    let state = shown();
    let opened = project_of(&state);
    let comparison = opened.changes.comparison(opened.generation).expect("compared");
    let captions = |image: u32| {
        let boxes = comparison.overlay(&opened.catalogue, ImageIx(image)).into_iter();
        boxes.map(|one| (one.caption, one.rect.left)).collect::<Vec<_>>()
    };
    assert_eq!(captions(1), [("was here: tag 1".to_owned(), 0.3)]);
    assert_eq!(captions(2), [("was tag 1".to_owned(), 0.1)]);
    assert_eq!(captions(4), [("removed: tag 0".to_owned(), 0.6)]);
    assert!(captions(0).is_empty());
    assert_eq!(comparison.by_tag.iter().map(|(_, count)| count).sum::<u64>(), 4);
}

#[test]
fn what_comes_late_or_failed_changes_nothing() {
    let mut state = shown();
    let (generation, job) = begin(&mut state);
    let event = ChangesEvent::Compared { number: job.number + 1, result: Ok(compared(&job, Vec::new())) };
    apply(&mut state, Event::Changes { generation, event });
    assert_eq!(found(&mut state, "change:any"), [1, 2, 4]);
    let failure = Failure::bare(FailureKind::MissingFile { path: "/data/october".to_owned() });
    apply(
        &mut state,
        Event::Changes { generation, event: ChangesEvent::Compared { number: job.number, result: Err(failure) } },
    );
    let opened = project_of(&state);
    assert!(opened.changes.failure.is_some() && opened.changes.busy.is_none());
    assert_eq!(found(&mut state, "change:any"), [1, 2, 4], "the one before stays");
    let event = ChangesEvent::Compared { number: job.number, result: Ok(compared(&job, Vec::new())) };
    apply(&mut state, Event::Changes { generation: generation + 1, event });
    assert_eq!(found(&mut state, "change:any"), [1, 2, 4]);
}

#[test]
fn a_report_is_saved_where_the_dialog_says() {
    let mut state = shown();
    state.home = Some("/home/me".into());
    update(&mut state, Command::Changes(ChangesCommand::AskReport(ReportFormat::Csv)));
    assert_eq!(state.dialog, Some(Dialog::SaveChanges));
    let path = project_of(&state).changes.report.path.clone();
    assert!(path.starts_with("/home/me") && path.ends_with("-changes.csv"), "{path}");
    update(&mut state, Command::Changes(ChangesCommand::EditReportPath("/data/report".to_owned())));
    let effects = update(&mut state, Command::Changes(ChangesCommand::SaveReport { replaces: true }));
    let [Effect::SaveChanges { generation, job }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((job.path.as_path(), job.replaces), ("/data/report.csv".as_ref(), false), "nothing was in the way yet");
    let saved = |result| Event::Changes { generation: *generation, event: ChangesEvent::Saved(result) };
    let taken = Failure::bare(FailureKind::AlreadyThere { path: "/data/report.csv".to_owned() });
    apply(&mut state, saved(Err(taken)));
    assert!(project_of(&state).changes.report.is_taken);
    let again = update(&mut state, Command::Changes(ChangesCommand::SaveReport { replaces: true }));
    assert!(matches!(&again[..], [Effect::SaveChanges { job, .. }] if job.replaces), "{again:?}");
    apply(&mut state, saved(Ok("/data/report.csv".into())));
    assert_eq!(state.dialog, Some(Dialog::Changes));
    assert!(state.notices.iter().any(|notice| notice.title == "Saved report.csv"));
    update(&mut state, Command::Changes(ChangesCommand::Close));
    update(&mut state, Command::Changes(ChangesCommand::AskReport(ReportFormat::Markdown)));
    assert_eq!(state.dialog, Some(Dialog::Changes), "without a comparison there is nothing to save");
}

#[test]
fn decisions_go_from_change_to_change() {
    let mut state = shown();
    state.settings.review_advances = true;
    let generation = project_of(&state).generation;
    let loaded = ReviewEvent::Loaded { reviews: Arc::default(), shut: None, notes: Vec::new() };
    apply(&mut state, Event::Review { generation, event: loaded });
    update(&mut state, Command::Changes(ChangesCommand::Step(1)));
    let place = |state: &State| (project_of(state).cursor.expect("an image").0, project_of(state).region.is_some());
    assert_eq!(place(&state), (1, true), "the moved region is selected");
    let mut walked = Vec::new();
    for _ in 0..4 {
        update(&mut state, Command::Review(ReviewCommand::DecideHere(Verdict::Accepted)));
        walked.push(place(&state));
    }
    // The region of image 4 is gone, so the verdict is the image's. After the last one the walk stays.
    assert_eq!(walked, [(2, true), (2, true), (4, false), (4, false)]);
    let opened = project_of(&state);
    let image = |at: u32| opened.catalogue.get(ImageIx(at)).expect("image");
    let verdict = |subject| opened.review.reviews.verdict(subject);
    assert_eq!(verdict(Subject::image(image(4).id())), Some(Verdict::Accepted));
    assert_eq!(verdict(Subject::image(image(1).id())), None);
    let moved = image(1).regions().next().expect("region");
    assert_eq!(verdict(Subject::region(image(1).id(), moved.id)), Some(Verdict::Accepted));
}
