mod asking;
mod quick;
mod remarks;
mod survey;

use std::sync::Arc;

use crate::checks::CheckEvent;
use crate::dialog::Dialog;
use crate::export::{ExportChoice, ExportWhat, ReviewChoice};
use crate::review::{Access, ReviewCommand, ReviewEffect, ReviewEvent};
use crate::update::tests::{opened, page};
use crate::view::View;
use crate::{
    CanvasCommand, Command, DisplayCommand, Effect, Event, ExportCommand, Failure, FailureKind, ListingState,
    ProjectCommand, QueryCommand, SelectionCommand, Settings, State, WindowCommand, apply, update,
};
use domain::checks::Facts;
use domain::{Decision, Finding, ImageId, ImageIx, Review, ReviewRow, Reviews, SortKey, Statement, Subject, Verdict};

/// A project of `images` images whose decisions are read and can be made.
fn ready(images: usize) -> State {
    let mut state = opened(images);
    event(&mut state, ReviewEvent::Loaded { reviews: Arc::default(), shut: None, notes: Vec::new() });
    state.opened.as_mut().expect("project").cursor = Some(ImageIx(0));
    state.now_unix = 77;
    state
}

fn event(state: &mut State, event: ReviewEvent) -> Vec<Effect> {
    let generation = state.opened.as_ref().expect("project").generation;
    apply(state, Event::Review { generation, event })
}

fn review(state: &mut State, command: ReviewCommand) -> Vec<Effect> {
    update(state, Command::Review(command))
}

fn kept(effects: &[Effect]) -> Vec<(u64, Statement)> {
    let one = |effect: &Effect| match effect {
        Effect::Review { effect: ReviewEffect::Keep { decision, .. }, .. } => {
            Some((decision.number, decision.statement.clone()))
        }
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

fn subject(state: &State, ix: u32) -> Subject {
    let opened = state.opened.as_ref().expect("project");
    Subject::image(opened.catalogue.get(ImageIx(ix)).expect("image").id())
}

fn verdict(state: &State, ix: u32) -> Option<Verdict> {
    state.opened.as_ref().expect("project").review.reviews.verdict(subject(state, ix))
}

fn cursor(state: &State) -> Option<ImageIx> {
    state.opened.as_ref().expect("project").cursor
}

fn said(state: &State) -> &str {
    state.opened.as_ref().expect("project").review.remark.as_ref().map_or("", |said| &said.words)
}

#[test]
fn a_key_decides_shows_keeps_and_goes_on() {
    let mut state = ready(3);
    let effects = review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    let statement = Statement::Decide { subjects: vec![subject(&state, 0)], verdict: Some(Verdict::Accepted) };
    assert_eq!(kept(&effects), [(1, statement)]);
    assert_eq!(verdict(&state, 0), Some(Verdict::Accepted), "before the disk has it");
    assert_eq!((cursor(&state), said(&state)), (Some(ImageIx(1)), "Accepted 1 image"));
    let opened = state.opened.as_ref().expect("project");
    assert_eq!((&opened.review.pending[..], opened.review.progress.count()), (&[1][..], 1));
    event(&mut state, ReviewEvent::Kept { up_to: 1 });
    assert!(!state.opened.as_ref().expect("project").review.is_pending());
    // Without moving on, the cursor stays.
    review(&mut state, ReviewCommand::ToggleAdvance);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Rejected));
    assert_eq!((verdict(&state, 1), cursor(&state)), (Some(Verdict::Rejected), Some(ImageIx(1))));
    // The same again changes nothing.
    assert!(review(&mut state, ReviewCommand::DecideHere(Verdict::Rejected)).is_empty());
    assert_eq!((verdict(&state, 1), said(&state)), (Some(Verdict::Rejected), "Already rejected"));
    let statement = Statement::Decide { subjects: vec![subject(&state, 1)], verdict: None };
    assert_eq!(kept(&review(&mut state, ReviewCommand::ClearHere)), [(3, statement)]);
    assert_eq!(verdict(&state, 1), None);
    assert!(review(&mut state, ReviewCommand::ClearHere).is_empty());
    assert_eq!(said(&state), "There is no verdict to clear");
    // Pressing the same key twice moves on both times: no verdict is lost.
    review(&mut state, ReviewCommand::ToggleAdvance);
    state.opened.as_mut().expect("project").cursor = Some(ImageIx(0));
    assert!(review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted)).is_empty());
    assert_eq!((verdict(&state, 0), cursor(&state)), (Some(Verdict::Accepted), Some(ImageIx(1))));
}

#[test]
fn undo_goes_back_to_the_image() {
    let mut state = ready(3);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Flagged));
    let effects = review(&mut state, ReviewCommand::Undo);
    assert_eq!(kept(&effects), [(2, Statement::Undo(1))]);
    assert_eq!((verdict(&state, 0), cursor(&state)), (None, Some(ImageIx(0))));
    assert_eq!(kept(&review(&mut state, ReviewCommand::Redo)), [(3, Statement::Redo(1))]);
    assert_eq!(verdict(&state, 0), Some(Verdict::Flagged));
    assert!(review(&mut state, ReviewCommand::Redo).is_empty());
    assert_eq!(said(&state), "Nothing to redo");
}

#[test]
fn many_images_are_asked_about() {
    let mut state = ready(30);
    update(&mut state, Command::Selection(SelectionCommand::All));
    assert!(review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted)).is_empty());
    assert_eq!(state.dialog, Some(Dialog::ConfirmReview));
    assert_eq!(
        state.opened.as_ref().and_then(|opened| opened.review.asked.as_ref()).map(|asked| asked.images),
        Some(30)
    );
    assert_eq!(verdict(&state, 3), None);
    let effects = review(&mut state, ReviewCommand::Confirm);
    assert_eq!((kept(&effects).len(), state.dialog), (1, None), "one entry, so that one undo takes it back");
    assert_eq!((verdict(&state, 3), cursor(&state)), (Some(Verdict::Accepted), Some(ImageIx(0))));
    review(&mut state, ReviewCommand::Undo);
    assert_eq!(verdict(&state, 3), None);
    // Up to the limit nothing is asked.
    review(&mut state, ReviewCommand::SetBulkLimit(30));
    assert_eq!(kept(&review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted))).len(), 1);
}

#[test]
fn the_cursor_counts_before_a_single_selected_image() {
    let mut state = ready(3);
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: ImageIx(2), toggle: false, extend: false }));
    update(&mut state, Command::Selection(SelectionCommand::MoveCursor { by: -1, extend: false }));
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    assert_eq!((verdict(&state, 1), verdict(&state, 2)), (Some(Verdict::Accepted), None));
}

#[test]
fn on_the_canvas_the_region_is_meant() {
    let mut state = ready(3);
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(2))));
    update(&mut state, Command::Canvas(CanvasCommand::StepRegion(1)));
    let opened = state.opened.as_ref().expect("project");
    let region = opened.region.and_then(|region| opened.catalogue.region(region)).expect("region");
    let about = Subject::region(subject(&state, 2).image, region.id);
    let effects = review(&mut state, ReviewCommand::DecideHere(Verdict::Rejected));
    assert_eq!(kept(&effects), [(1, Statement::Decide { subjects: vec![about], verdict: Some(Verdict::Rejected) })]);
    let opened = state.opened.as_ref().expect("project");
    assert_eq!(opened.review.reviews.image(about.image).worst_region, Some(Verdict::Rejected));
    assert_eq!((opened.view, verdict(&state, 2)), (View::Canvas, None));
    assert!(opened.region.is_some_and(|next| next != region.ix), "on to the other region");
    // The image itself, and on to the next one.
    update(&mut state, Command::Canvas(CanvasCommand::SelectRegion(None)));
    review(&mut state, ReviewCommand::DecideHere(Verdict::Negative));
    assert_eq!((verdict(&state, 2), cursor(&state)), (Some(Verdict::Negative), Some(ImageIx(0))));
}

#[test]
fn what_cannot_be_kept_is_taken_back_and_said() {
    let mut state = ready(3);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    event(&mut state, ReviewEvent::Kept { up_to: 1 });
    review(&mut state, ReviewCommand::DecideHere(Verdict::Rejected));
    review(&mut state, ReviewCommand::CommentHere("too wide".to_owned()));
    let failure = Failure::bare(FailureKind::DiskFull { path: "/state".to_owned() });
    let effects = event(&mut state, ReviewEvent::Failed { from: 2, failure });
    assert!(matches!(effects[..], [Effect::Review { effect: ReviewEffect::Open { .. }, .. }]), "what is on the disk?");
    assert_eq!((verdict(&state, 0), verdict(&state, 1)), (Some(Verdict::Accepted), None));
    let opened = state.opened.as_ref().expect("project");
    assert!(!opened.review.is_pending() && opened.review.progress.count() == 1);
    assert_eq!(opened.review.reviews.next_number(), 2, "the next one follows what is on the disk");
    let notice = state.notices.back().expect("notice");
    assert!(notice.title.contains("2 decisions") && notice.body.contains("on disk"), "{notice:?}");
}

#[test]
fn a_project_that_another_window_has_open_is_said_once() {
    let mut state = ready(2);
    let loaded = || {
        let shut = Some("Another window has them open.".to_owned());
        ReviewEvent::Loaded { reviews: Arc::default(), shut, notes: Vec::new() }
    };
    // The list of the last visit is opened first, then the fresh one.
    event(&mut state, loaded());
    event(&mut state, loaded());
    assert_eq!(state.notices.len(), 1);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    assert_eq!(state.notices.len(), 1, "the same reason, now about a decision");
}

#[test]
fn shut_decisions_are_shown_and_not_made() {
    let mut state = ready(1);
    let shut = Some("Another window has them open.".to_owned());
    event(&mut state, ReviewEvent::Loaded { reviews: Arc::default(), shut, notes: Vec::new() });
    assert!(review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted)).is_empty());
    assert_eq!(verdict(&state, 0), None);
    let notice = state.notices.back().expect("notice");
    assert!(notice.body.contains("Another window") && notice.action.is_some());
    let effects = review(&mut state, ReviewCommand::Reopen);
    assert!(matches!(effects[..], [Effect::Review { effect: ReviewEffect::Open { .. }, .. }]));
    assert_eq!(state.opened.as_ref().map(|opened| opened.review.access.clone()), Some(Access::Loading));
    assert!(review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted)).is_empty());
    assert!(said(&state).contains("still being read"));
}

#[test]
fn an_import_is_one_decision_of_what_is_new() {
    let mut state = ready(2);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    let said_by = |review| ReviewRow { subject: subject(&state, 0), by: "bob".into(), at: 5, review };
    let rows = vec![said_by(Review::Verdict(Verdict::Rejected)), said_by(Review::Comment("no".into()))];
    let effects = event(&mut state, ReviewEvent::Imported(Ok(rows.clone())));
    assert_eq!(kept(&effects), [(2, Statement::Import(rows.clone()))]);
    let image = subject(&state, 0).image;
    let reviews = |state: &State| -> Reviews { state.opened.as_ref().expect("project").review.reviews.clone() };
    assert!(reviews(&state).has_disagreement(image));
    assert!(event(&mut state, ReviewEvent::Imported(Ok(rows))).is_empty(), "nothing new");
    review(&mut state, ReviewCommand::Undo);
    assert!(!reviews(&state).has_disagreement(image));
    assert_eq!((reviews(&state).comment_count(image), verdict(&state, 0)), (0, Some(Verdict::Accepted)));
}

#[test]
fn a_refresh_keeps_showing_what_is_known() {
    let mut state = ready(2);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    let effects = update(&mut state, Command::Project(ProjectCommand::Refresh));
    let opens = effects.iter().filter(|effect| matches!(effect, Effect::Review { .. })).count();
    let opened = state.opened.as_ref().expect("project");
    assert_eq!((opens, &opened.review.access), (1, &Access::Loading));
    assert_eq!(opened.review.reviews.count(Verdict::Accepted), 1);
}

/// Everything the list is made of: what must not move while somebody decides.
fn shown(state: &State) -> Vec<ImageIx> {
    state.opened.as_ref().expect("project").visible.clone()
}

fn outdated(state: &State) -> String {
    state.opened.as_ref().expect("project").query.outdated.words()
}

fn query(state: &mut State, command: QueryCommand) {
    update(state, Command::Query(command));
}

#[test]
fn the_list_stays_as_it_is_until_it_is_asked_for_again() {
    let mut state = ready(5);
    query(&mut state, QueryCommand::Edit("review:none".to_owned()));
    let all = shown(&state);
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: all[1], toggle: false, extend: false }));
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    review(&mut state, ReviewCommand::DecideHere(Verdict::Rejected));
    assert_eq!(
        (shown(&state), cursor(&state)),
        (all.clone(), Some(all[3])),
        "nothing jumps, and the next image is chosen"
    );
    assert_eq!(outdated(&state), "2 images no longer belong in this list");
    // Taken back, one belongs there again.
    review(&mut state, ReviewCommand::Undo);
    assert_eq!(outdated(&state), "1 image no longer belongs in this list");
    // Images that arrive meanwhile come in, and are not counted.
    let generation = state.generation;
    apply(&mut state, Event::Page { generation, page: page(5, 2) });
    assert_eq!((shown(&state).len(), &shown(&state)[..5]), (7, &all[..]));
    assert_eq!(outdated(&state), "1 image no longer belongs in this list");
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(6))));
    review(&mut state, ReviewCommand::DecideHere(Verdict::Flagged));
    update(&mut state, Command::Display(DisplayCommand::SetView(View::Grid)));
    // The image under the cursor goes: the next one that stays has it then, and the choice.
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: all[1], toggle: false, extend: false }));
    query(&mut state, QueryCommand::Refresh);
    assert_eq!(shown(&state), [all[0], all[2], all[3], all[4], ImageIx(5)]);
    assert_eq!((cursor(&state), outdated(&state).as_str()), (Some(all[2]), ""));
    let selection = &state.opened.as_ref().expect("project").selection;
    assert!(selection.len() == 1 && selection.contains(all[2]));
}

#[test]
fn the_order_by_review_state_stays_too() {
    let mut state = ready(4);
    update(&mut state, Command::Display(DisplayCommand::SetSort(SortKey::Review)));
    let all = shown(&state);
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: all[0], toggle: false, extend: false }));
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    assert_eq!((shown(&state), cursor(&state)), (all.clone(), Some(all[1])));
    assert_eq!(outdated(&state), "1 image now belongs elsewhere in this list");
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: all[2], toggle: false, extend: false }));
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: all[3], toggle: true, extend: false }));
    query(&mut state, QueryCommand::Refresh);
    assert_eq!(shown(&state), [all[1], all[2], all[3], all[0]]);
    let opened = state.opened.as_ref().expect("project");
    assert_eq!((opened.selection.len(), opened.cursor), (2, Some(all[3])), "cursor and choice are kept");
    // An order that does not hang on decisions is never outdated.
    update(&mut state, Command::Display(DisplayCommand::SetSort(SortKey::Newest)));
    review(&mut state, ReviewCommand::SetBulkLimit(100));
    review(&mut state, ReviewCommand::DecideHere(Verdict::Flagged));
    assert!(outdated(&state).is_empty());
}

#[test]
fn what_could_not_be_kept_outdates_nothing() {
    let mut state = ready(3);
    query(&mut state, QueryCommand::Edit("review:accepted".to_owned()));
    assert!(shown(&state).is_empty());
    state.opened.as_mut().expect("project").cursor = Some(ImageIx(1));
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    assert_eq!(outdated(&state), "1 image now belongs in this list");
    let failure = Failure::bare(FailureKind::DiskFull { path: "/state".to_owned() });
    event(&mut state, ReviewEvent::Failed { from: 1, failure });
    assert!(outdated(&state).is_empty() && shown(&state).is_empty());
}

/// Says that there are findings about these images: their regions lie on each other.
fn found(state: &mut State, images: &[u32]) {
    let round = state.opened.as_ref().expect("project").checks.walk.round;
    let facts = Facts::Overlap { iou: 0.95 };
    let overlap = |&ix: &u32| Finding { image: Some(ImageIx(ix)), regions: [None; 2], tags: [None; 2], facts };
    let found = images.iter().map(overlap).collect();
    let generation = state.generation;
    apply(state, Event::Check { generation, event: CheckEvent::Images { round, found } });
}

#[test]
fn findings_that_come_while_somebody_decides_move_nothing() {
    for (text, sort) in [("check:overlap", SortKey::Newest), ("regions>=0", SortKey::MostFindings)] {
        let mut state = ready(5);
        update(&mut state, Command::Display(DisplayCommand::SetSort(sort)));
        query(&mut state, QueryCommand::Edit(text.to_owned()));
        found(&mut state, &[1, 3]);
        let before = shown(&state);
        assert_eq!(&before[..2], [ImageIx(1), ImageIx(3)], "{text}: before the first decision it follows");
        update(&mut state, Command::Selection(SelectionCommand::Pick { ix: before[0], toggle: false, extend: false }));
        review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
        found(&mut state, &[2]);
        assert_eq!((shown(&state), cursor(&state)), (before.clone(), Some(before[1])), "{text}");
        let where_to = if sort == SortKey::Newest { "belongs in" } else { "belongs elsewhere in" };
        assert_eq!(outdated(&state), format!("1 image now {where_to} this list"));
        query(&mut state, QueryCommand::Refresh);
        assert_eq!((&shown(&state)[..3], outdated(&state).as_str()), (&[ImageIx(1), ImageIx(2), ImageIx(3)][..], ""));
    }
    // Where neither hangs on them they are counted, and there is nothing to say.
    let mut state = ready(5);
    query(&mut state, QueryCommand::Edit("review:none".to_owned()));
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    let before = shown(&state);
    found(&mut state, &[2]);
    assert_eq!((shown(&state), outdated(&state).as_str()), (before, "1 image no longer belongs in this list"));
}

#[test]
fn decisions_that_are_read_again_move_nothing_until_another_reviewer_is_asked_for() {
    let mut state = ready(3);
    query(&mut state, QueryCommand::Edit("review:none".to_owned()));
    let all = shown(&state);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    let reviews = Arc::new(state.opened.as_ref().expect("project").review.reviews.clone());
    event(&mut state, ReviewEvent::Loaded { reviews, shut: None, notes: Vec::new() });
    assert_eq!((shown(&state), state.opened.as_ref().expect("project").query.outdated.count()), (all.clone(), 1));
    review(&mut state, ReviewCommand::SetReviewer("bob".to_owned()));
    assert_eq!((shown(&state), outdated(&state).as_str()), (all, ""));
}

/// What the facets say of each state of review: among all images, and among the shown ones.
fn facets_agree_with_the_query(state: &State) -> Vec<(u32, u32)> {
    use domain::query::{Program, ReviewTest, parse};
    let opened = state.opened.as_ref().expect("project");
    let sources = update::query::sources(opened);
    let count = |test: &ReviewTest| {
        let query = parse(&format!("review:{}", test.name())).expect("query");
        let mut images = Vec::new();
        Program::bind(&query, opened.catalogue.tags()).expect("program").extend(&sources, 0, &mut images);
        let shown = images.iter().filter(|ix| opened.visible.contains(ix)).count();
        (images.len() as u32, shown as u32)
    };
    let counted: Vec<_> = ReviewTest::ALL.iter().filter(|test| **test != ReviewTest::Any).map(count).collect();
    let facets = &opened.query.facets;
    let told: Vec<_> =
        facets.total.review.into_iter().zip(facets.shown.review).take(ReviewTest::ALL.len() - 1).collect();
    assert_eq!(told, counted);
    told
}

#[test]
fn the_facets_count_what_was_decided_by_the_last_key() {
    let mut state = ready(9);
    query(&mut state, QueryCommand::Edit("id:0 or review:none".to_owned()));
    let mut seen = vec![facets_agree_with_the_query(&state)];
    let steps = [
        ReviewCommand::DecideHere(Verdict::Accepted),
        ReviewCommand::DecideHere(Verdict::Flagged),
        ReviewCommand::Decide { subjects: vec![subject(&state, 5), subject(&state, 6)], verdict: Verdict::Rejected },
        ReviewCommand::Undo,
        ReviewCommand::Redo,
        ReviewCommand::SetReviewer("Bo".to_owned()),
        ReviewCommand::DecideHere(Verdict::Negative),
        ReviewCommand::SetReviewer(String::new()),
    ];
    for step in steps {
        let words = format!("{step:?}");
        review(&mut state, step);
        let now = facets_agree_with_the_query(&state);
        assert_ne!(seen.last(), Some(&now), "{words} changes a count");
        seen.push(now);
    }
    let row =
        ReviewRow { subject: subject(&state, 0), by: "Cy".into(), at: 5, review: Review::Verdict(Verdict::Rejected) };
    event(&mut state, ReviewEvent::Imported(Ok(vec![row])));
    assert_ne!(seen.last(), Some(&facets_agree_with_the_query(&state)), "a disagreement is counted");
    let failure = Failure::bare(FailureKind::DiskFull { path: "/state".to_owned() });
    event(&mut state, ReviewEvent::Failed { from: 1, failure });
    assert_eq!(seen.first(), Some(&facets_agree_with_the_query(&state)), "what was not kept is not counted");
}

#[test]
fn names_and_comments_fit_into_the_files_of_reviews() {
    let mut state = ready(1);
    assert!(review(&mut state, ReviewCommand::CommentHere("x".repeat((64 << 10) + 1))).is_empty());
    assert!(said(&state).contains("64 KiB"));
    assert_eq!(kept(&review(&mut state, ReviewCommand::CommentHere("x".repeat(64 << 10)))).len(), 1);
    let name = |typed: &str, system: Option<&str>| {
        Settings { reviewer: typed.to_owned(), ..Settings::default() }.reviewer_name(system).to_string()
    };
    assert_eq!(name(" ann ", Some("root")), "ann");
    assert_eq!(
        (name(" ", Some("root")), name("", Some(" ")), name("", None)),
        ("root".into(), "me".into(), "me".into())
    );
    assert_eq!(name(&"猫".repeat(200), None), "猫".repeat(85), "no letter is cut in half");
}

#[test]
fn decisions_about_an_image_that_was_deleted_are_kept_and_said() {
    let mut state = opened(2);
    let deleted = Subject::image(ImageId(uuid::Uuid::from_u128(404)));
    let mut reviews = Reviews::default();
    let mut decide = |number, by: &str, subjects: Vec<Subject>| {
        let statement = Statement::Decide { subjects, verdict: Some(Verdict::Rejected) };
        reviews.apply(&Decision { number, at: 1, by: by.into(), statement }).expect("follows");
    };
    decide(1, "me", vec![subject(&state, 0), deleted]);
    let loaded = ReviewEvent::Loaded { reviews: Arc::new(reviews), shut: None, notes: Vec::new() };
    event(&mut state, loaded);
    let absent = |state: &State| state.opened.as_ref().expect("project").review.absent;
    assert_eq!(absent(&state), 0, "it may still come");
    let generation = state.generation;
    let complete = ListingState::Complete { listed: 2, gone: 0, seconds: 1.0 };
    apply(&mut state, Event::Listing { generation, state: complete });
    assert_eq!(absent(&state), 1);
    let rows = |state: &State| state.opened.as_ref().expect("project").review.reviews.rows();
    assert_eq!(rows(&state).iter().filter(|row| row.subject == deleted).count(), 1, "an export of reviews has it");
    // The keys continue as ever, and an undo of it does no harm.
    review(&mut state, ReviewCommand::Undo);
    assert!(rows(&state).is_empty());
    assert_eq!(kept(&review(&mut state, ReviewCommand::Redo)).len(), 1);
    assert_eq!(rows(&state).len(), 2);
}

#[test]
fn an_export_takes_what_the_review_lets_through_and_keeps_the_query() {
    let mut state = ready(3);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    review(&mut state, ReviewCommand::DecideHere(Verdict::Rejected));
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    // The decision moved on to the next image, which is selected.
    update(&mut state, Command::Export(ExportCommand::SetWhat(ExportWhat::All)));
    let wanted: [&[u32]; 4] = [&[0, 1, 2], &[0], &[0, 2], &[0, 1]];
    for (choice, wanted) in ReviewChoice::ALL.into_iter().zip(wanted) {
        let effects = update(&mut state, Command::Export(ExportCommand::Choose(ExportChoice::Review(choice))));
        let [Effect::DryRun { job, .. }] = &effects[..] else { panic!("{effects:?}") };
        assert!(job.images.iter().map(|ix| ix.0).eq(wanted.iter().copied()), "{choice:?}: {:?}", job.images);
        assert_eq!(job.query.as_deref(), choice.query());
        assert_eq!(
            job.notes.iter().filter(|note| note.contains("this query")).count(),
            usize::from(job.query.is_some())
        );
        assert_eq!(state.export.preview.images, wanted.len() as u64);
    }
    // Together with the query of what is shown.
    let shown = Command::Query(QueryCommand::Edit("regions>=0 or w>1".to_owned()));
    update(&mut state, Command::Window(WindowCommand::ShowDialog(None)));
    update(&mut state, shown);
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    update(&mut state, Command::Export(ExportCommand::SetWhat(ExportWhat::Shown)));
    let effects =
        update(&mut state, Command::Export(ExportCommand::Choose(ExportChoice::Review(ReviewChoice::NotRejected))));
    let [Effect::DryRun { job, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(job.query.as_deref(), Some("(regions>=0 or w>1) -review:rejected"));
    assert!(domain::query::parse(job.query.as_deref().unwrap_or_default()).is_ok());
}
