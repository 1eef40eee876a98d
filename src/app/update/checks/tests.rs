use super::*;
use crate::canvas::ZoomCommand;
use crate::review::{ReviewCommand, ReviewEffect, ReviewEvent};
use crate::update::tests::{opened, page, project_of};
use crate::view::View;
use crate::{Action, Command, Event, ProjectCommand, QueryCommand, apply, update};
use domain::{Decision, Dismissed, FindingKey, Reviews, checks};

fn complete(state: &mut State, listed: u64) -> Vec<Effect> {
    let generation = state.generation;
    let listing = ListingState::Complete { listed, gone: 0, seconds: 1.0 };
    apply(state, Event::Listing { generation, state: listing })
}

/// Does the effects as the engine would, until nothing is under way; the names of those that came.
fn serve(state: &mut State, mut effects: Vec<Effect>) -> Vec<&'static str> {
    let mut names = Vec::new();
    while !effects.is_empty() {
        let mut next = Vec::new();
        for effect in effects {
            let Effect::Check { generation, effect } = effect else { continue };
            let (name, event) = match effect {
                CheckEffect::Images { round, part, kind, options } => {
                    ("images", CheckEvent::Images { round, found: checks::images(&part, kind, &options) })
                }
                CheckEffect::Whole { round, catalogue, options } => {
                    ("whole", CheckEvent::Whole { round, found: checks::whole(&catalogue, &options) })
                }
                CheckEffect::Hash { search, requests, .. } => {
                    ("hash", CheckEvent::Hashed { search, count: requests.len() as u32 })
                }
                CheckEffect::Duplicates { search, catalogue, options } => {
                    let hashes: Vec<_> = catalogue.iter().map(|image| Some(u64::from(image.ix.0 / 2) << 32)).collect();
                    let found = checks::duplicates(&catalogue, &hashes, &options);
                    ("duplicates", CheckEvent::Duplicates { search, compared: hashes.len() as u32, found })
                }
                CheckEffect::LoadHashes | CheckEffect::StopHashing => continue,
            };
            names.push(name);
            next.extend(apply(state, Event::Check { generation, event }));
        }
        effects = next;
    }
    names
}

/// A project of six images that has been checked: images 2 and 5 have two boxes in one place.
fn checked() -> State {
    let mut state = opened(0);
    let generation = state.generation;
    load(&mut state, &[]);
    let mut effects = apply(&mut state, Event::Page { generation, page: page(0, 6) });
    effects.extend(complete(&mut state, 6));
    serve(&mut state, effects);
    state
}

/// The decisions come from the disk, with these findings dismissed.
fn load(state: &mut State, dismissed: &[FindingKey]) {
    let mut reviews = Reviews::default();
    let statement = Statement::Dismiss(dismissed.to_vec());
    reviews.apply(&Decision { number: 1, at: 0, by: "me".into(), statement }).expect("dismissed");
    let (generation, reviews) = (state.generation, Arc::new(reviews));
    let event = ReviewEvent::Loaded { reviews, shut: None, notes: Vec::new() };
    apply(state, Event::Review { generation, event });
}

fn dismissed(state: &State) -> &Dismissed {
    project_of(state).review.reviews.dismissed()
}

/// The one decision that is to be kept.
fn kept(effects: &[Effect]) -> Statement {
    match effects {
        [Effect::Review { effect: ReviewEffect::Keep { decision, .. }, .. }] => decision.statement.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn when_an_original_is_known_queries_and_checks_measure_again() {
    let mut state = checked();
    update(&mut state, Command::Query(QueryCommand::Edit("w>500".to_owned())));
    assert!(project_of(&state).visible.is_empty());
    let before = of_kind(&state, CheckKind::Overlap);
    assert!(!before.is_empty());
    let generation = state.generation;
    let sizes = vec![(ImageIx(2), (800, 600))];
    let effects = apply(&mut state, Event::OriginalSizes { generation, sizes: sizes.clone() });
    assert_eq!(project_of(&state).visible, [ImageIx(2)]);
    assert_eq!(serve(&mut state, effects), ["images", "whole"], "this image, and what hangs on all of them");
    assert_eq!(of_kind(&state, CheckKind::Overlap), before, "found again, each once");
    let sections = &project_of(&state).query.facets.sections;
    let of_size = |label: &str| {
        let entries = sections.iter().flat_map(|section| &section.entries);
        entries.filter(|entry| entry.label == label).map(|entry| (entry.total, entry.count)).collect::<Vec<_>>()
    };
    assert_eq!((of_size("800 \u{d7} 600"), of_size("80 \u{d7} 60")), (vec![(1, 1)], vec![(5, 0)]));
    let effects = apply(&mut state, Event::OriginalSizes { generation, sizes });
    assert_eq!(serve(&mut state, effects), [""; 0], "it is known already");
}

fn of_kind(state: &State, kind: CheckKind) -> Vec<FindingKey> {
    let opened = project_of(state);
    let found = opened.checks.findings.iter().filter(|known| known.finding.kind() == kind);
    found.filter_map(|known| known.finding.key(&opened.catalogue)).collect()
}

fn do_check(state: &mut State, command: CheckCommand) -> Vec<Effect> {
    update(state, Command::Check(command))
}

#[test]
fn one_part_is_under_way_and_the_next_takes_what_came_meanwhile() {
    let mut state = opened(0);
    let generation = state.generation;
    let first = apply(&mut state, Event::Page { generation, page: page(0, 3) });
    assert!(matches!(&first[..], [Effect::Check { effect: CheckEffect::Images { .. }, .. }]), "{first:?}");
    for from in [3, 6] {
        assert!(apply(&mut state, Event::Page { generation, page: page(from, 3) }).is_empty(), "one at a time");
    }
    let mut state_after = serve(&mut state, first);
    assert_eq!(state_after, ["images", "images"]);
    assert!(!project_of(&state).checks.is_complete(), "the listing continues");
    assert_eq!(project_of(&state).checks.findings.count_of(CheckKind::Overlap), 3);
    let effects = complete(&mut state, 9);
    state_after = serve(&mut state, effects);
    assert_eq!(state_after, ["whole", "hash", "duplicates"], "an archive is searched without being asked");
    assert!(project_of(&state).checks.is_complete());
    assert_eq!(project_of(&state).checks.search, DuplicateSearch::Done { compared: 9, of: 9 });
}

#[test]
fn a_service_is_asked_for_pictures_only_when_a_person_wants_it() {
    let mut state = checked();
    state.source = Some(SourceSpec::Service { endpoint: "https://h".to_owned() });
    let may_fetch = |effects: &[Effect]| match effects {
        [Effect::Check { effect: CheckEffect::Hash { may_fetch, .. }, .. }] => *may_fetch,
        other => panic!("{other:?}"),
    };
    state.opened.as_mut().expect("open").checks.search = DuplicateSearch::NotYet;
    assert!(!may_fetch(&resume(&mut state)));
    let asked = do_check(&mut state, CheckCommand::FindDuplicates);
    assert!(may_fetch(&asked));
    let stopped = do_check(&mut state, CheckCommand::StopDuplicates);
    assert!(matches!(&stopped[0], Effect::Check { effect: CheckEffect::StopHashing, .. }));
    assert_eq!(serve(&mut state, asked), ["hash"], "its answer is of an earlier search");
    assert_eq!(serve(&mut state, stopped), ["duplicates"]);
    assert_eq!(project_of(&state).checks.findings.count_of(CheckKind::Duplicate), 6);
}

#[test]
fn a_dismissal_is_kept_and_can_be_taken_back() {
    let mut state = checked();
    let [first, second] = of_kind(&state, CheckKind::Overlap)[..] else { panic!("two") };
    let before = project_of(&state).checks.findings.len();
    let effects = do_check(&mut state, CheckCommand::Dismiss(first));
    assert_eq!(kept(&effects), Statement::Dismiss(vec![first]));
    assert!(do_check(&mut state, CheckCommand::Dismiss(first)).is_empty(), "once is enough");
    do_check(&mut state, CheckCommand::Dismiss(second));
    assert_eq!(project_of(&state).checks.findings.len(), before - 2);
    let image = ImageIx(5);
    let shown = |state: &State| project_of(state).checks.shown(&project_of(state).catalogue, image).len();
    let others = shown(&state);
    do_check(&mut state, CheckCommand::ToggleDismissed);
    assert_eq!(shown(&state), others + 1);
    do_check(&mut state, CheckCommand::UndoDismiss);
    assert!(!dismissed(&state).contains(&second));
    do_check(&mut state, CheckCommand::Restore(first));
    assert_eq!(project_of(&state).checks.findings.len(), before);
    assert!(do_check(&mut state, CheckCommand::UndoDismiss).is_empty(), "nothing is dismissed any more");
}

#[test]
fn dismissals_of_another_session_are_found_again_in_another_order() {
    let mut state = checked();
    let kept = of_kind(&state, CheckKind::Overlap);
    update(&mut state, Command::Project(ProjectCommand::Refresh));
    let generation = state.generation;
    load(&mut state, &kept);
    let mut turned = page(0, 6);
    turned.rows.reverse();
    let mut effects = apply(&mut state, Event::Page { generation, page: turned });
    effects.extend(complete(&mut state, 6));
    serve(&mut state, effects);
    assert_eq!(project_of(&state).checks.findings.count_of(CheckKind::Overlap), 0);
    assert_eq!(project_of(&state).checks.findings.dismissed_count(), 2);
}

#[test]
fn a_finding_whose_regions_have_gone_leads_nowhere_and_its_dismissal_is_kept() {
    let mut state = checked();
    let [first, second] = of_kind(&state, CheckKind::Overlap)[..] else { panic!("two") };
    do_check(&mut state, CheckCommand::Dismiss(second));
    do_check(&mut state, CheckCommand::Show(first));
    // The project is listed again: one image has lost its regions on the service, the other is deleted.
    update(&mut state, Command::Project(ProjectCommand::Refresh));
    let generation = state.generation;
    let mut fresh = page(0, 3);
    fresh.rows[2].regions.clear();
    load(&mut state, &[second]);
    let mut effects = apply(&mut state, Event::Page { generation, page: fresh });
    effects.extend(complete(&mut state, 3));
    serve(&mut state, effects);
    assert!(of_kind(&state, CheckKind::Overlap).is_empty());
    for key in [first, second] {
        assert!(do_check(&mut state, CheckCommand::Show(key)).is_empty());
    }
    do_check(&mut state, CheckCommand::DismissCurrent);
    do_check(&mut state, CheckCommand::Step(1));
    assert!(dismissed(&state).contains(&second), "should the image come back");
    let effects = do_check(&mut state, CheckCommand::Dismiss(first));
    assert_eq!(kept(&effects), Statement::Dismiss(vec![first]));
    assert!(dismissed(&state).contains(&first) && dismissed(&state).contains(&second));
}

#[test]
fn the_queue_walks_the_shown_images_and_goes_round() {
    let mut state = checked();
    // The other kinds would only make the walk longer.
    let kinds = CheckKind::ALL.into_iter().filter(|kind| *kind != CheckKind::Overlap).collect();
    Arc::make_mut(&mut state.opened.as_mut().expect("open").checks.findings).forget(kinds);
    let mut walk = |by: i64| {
        do_check(&mut state, CheckCommand::Step(by));
        let opened = project_of(&state);
        assert_eq!(opened.view, View::Canvas);
        assert!(opened.region.is_some(), "the box is chosen");
        assert!(matches!(state.zoom, Some((_, ZoomCommand::Area(_)))));
        opened.cursor.map(|ix| ix.0)
    };
    let walked = [1, 1, 1, -1, -1].map(&mut walk);
    assert_eq!(walked, [Some(2), Some(5), Some(2), Some(5), Some(2)]);
    let said =
        |state: &State| project_of(state).review.remark.as_ref().map(|said| said.words.clone()).unwrap_or_default();
    assert_eq!(said(&state), "Finding 1 of 2");
    do_check(&mut state, CheckCommand::Step(-1));
    assert_eq!(said(&state), "Finding 2 of 2, from the end again");
    do_check(&mut state, CheckCommand::Step(1));
    assert_eq!(said(&state), "Finding 1 of 2, from the beginning again");
    let current = of_kind(&state, CheckKind::Overlap)[0];
    do_check(&mut state, CheckCommand::DismissCurrent);
    assert!(dismissed(&state).contains(&current));
    assert_eq!(project_of(&state).cursor, Some(ImageIx(5)), "on to the next");
    do_check(&mut state, CheckCommand::DismissCurrent);
    state.notices.clear();
    do_check(&mut state, CheckCommand::Step(1));
    assert_eq!(state.notices.len(), 1, "there is none left, and that is said");
}

#[test]
fn other_thresholds_check_everything_again() {
    let mut state = checked();
    let stale = CheckEvent::Images { round: 0, found: Vec::new() };
    let options = CheckOptions { overlap: 2.0, ..CheckOptions::default() };
    let effects = do_check(&mut state, CheckCommand::SetOptions(options));
    assert_eq!(state.settings.checks.overlap, 1.0, "brought into its range");
    assert!(matches!(&effects[0], Effect::SaveSettings(_)));
    let generation = state.generation;
    apply(&mut state, Event::Check { generation, event: stale });
    assert!(project_of(&state).checks.walk.is_busy, "an answer of the round before is dropped");
    let duplicates = project_of(&state).checks.findings.count_of(CheckKind::Duplicate);
    assert_eq!(serve(&mut state, effects)[..2], ["images", "whole"]);
    let findings = &project_of(&state).checks.findings;
    // Each of two equal boxes lies inside the other.
    assert_eq!((findings.count_of(CheckKind::Overlap), findings.count_of(CheckKind::Inside)), (0, 2));
    assert_eq!(findings.count_of(CheckKind::Duplicate), duplicates);
    assert!(do_check(&mut state, CheckCommand::SetOptions(options.sane())).is_empty(), "nothing has changed");
    for options in [CheckOptions { duplicate_iou: 0.8, ..options }, CheckOptions { duplicate_bits: 2, ..options }] {
        let effects = do_check(&mut state, CheckCommand::SetOptions(options));
        let names = serve(&mut state, effects);
        assert!(names.contains(&"duplicates"), "images are compared again: {names:?}");
    }
}

#[test]
fn negatives_are_known_once_the_tags_have_come() {
    let mut state = checked();
    let tag = |at: u8, kind: &str| {
        let text =
            format!(r#"{{"id":"00000000-0000-0000-0000-{at:012}","name":"tag {at}","type":"{kind}","imageCount":1}}"#);
        serde_json::from_str(&text).expect("tag")
    };
    let generation = state.generation;
    let tags = vec![tag(0, "Regular"), tag(1, "Negative")];
    let effects = apply(&mut state, Event::Tags { generation, tags });
    assert_eq!(serve(&mut state, effects)[..2], ["images", "whole"]);
    // Images 1, 3 and 5 carry the negative tag, but 3 has no boxes.
    assert_eq!(project_of(&state).checks.findings.count_of(CheckKind::Negative), 2);
}

#[test]
fn a_picture_of_another_shape_is_a_finding_once() {
    let mut state = checked();
    let generation = state.generation;
    let problem = Problem::SizeMismatch { decoded: (30, 90) };
    for _ in 0..2 {
        apply(&mut state, Event::ImageProblem { generation, ix: ImageIx(1), problem: problem.clone() });
    }
    assert_eq!(project_of(&state).checks.findings.count_of(CheckKind::Size), 1);
    assert!(project_of(&state).checks.findings.kinds(ImageIx(1)).contains(CheckKind::Size));
}

#[test]
fn actions_of_findings_go_to_one_where_there_is_one() {
    for count in [0, 6] {
        let mut done = Vec::new();
        for &action in Action::ALL {
            let mut state = if count == 0 { opened(0) } else { checked() };
            let Some(command @ Command::Check(_)) = action.command(&state).filter(|_| action.is_enabled(&state)) else {
                continue;
            };
            update(&mut state, command);
            done.push((action, project_of(&state).checks.current.is_some()));
        }
        assert_eq!(done, [Action::NextFinding, Action::PreviousFinding].map(|action| (action, count > 0)));
    }
}

#[test]
fn undo_takes_back_whatever_was_done_last() {
    let mut state = checked();
    let [first, second] = of_kind(&state, CheckKind::Overlap)[..] else { panic!("two") };
    let words = |state: &State| project_of(state).review.remark.clone().expect("words").words;
    let image = domain::Subject::image(project_of(&state).catalogue.get(ImageIx(0)).expect("image").id());
    let review = |state: &mut State, command| update(state, Command::Review(command));
    review(&mut state, ReviewCommand::Comment { subjects: vec![image], text: "too wide".to_owned() });
    do_check(&mut state, CheckCommand::Dismiss(first));
    assert_eq!(words(&state), "Dismissed the finding \u{201c}Boxes overlap, same tag\u{201d} on 1 image");
    do_check(&mut state, CheckCommand::Dismiss(second));
    let open = project_of(&state).checks.findings.len();

    let effects = review(&mut state, ReviewCommand::Undo);
    assert!(matches!(kept(&effects[..1]), Statement::Undo(_)));
    assert_eq!(words(&state), "Undone: dismissed the finding \u{201c}Boxes overlap, same tag\u{201d} on 1 image");
    assert!(dismissed(&state).contains(&first) && !dismissed(&state).contains(&second));
    assert_eq!(project_of(&state).checks.findings.len(), open + 1, "the finding is open again");
    assert_eq!(project_of(&state).checks.current, Some(second));
    review(&mut state, ReviewCommand::Undo);
    assert!(dismissed(&state).is_empty());
    assert_eq!(project_of(&state).review.reviews.comment_count(image.image), 1, "the comment is older");
    review(&mut state, ReviewCommand::Redo);
    assert!(dismissed(&state).contains(&first));
    assert_eq!(words(&state), "Redone: dismissed the finding \u{201c}Boxes overlap, same tag\u{201d} on 1 image");
    review(&mut state, ReviewCommand::Undo);
    review(&mut state, ReviewCommand::Undo);
    assert_eq!(words(&state), "Undone: commented \u{201c}too wide\u{201d} on 1 image");
    assert_eq!(project_of(&state).review.reviews.comment_count(image.image), 0);
}

#[test]
fn a_dismissal_that_could_not_be_saved_is_taken_back() {
    let mut state = checked();
    let [first, _] = of_kind(&state, CheckKind::Overlap)[..] else { panic!("two") };
    let open = project_of(&state).checks.findings.len();
    do_check(&mut state, CheckCommand::Dismiss(first));
    let (generation, from) = (state.generation, project_of(&state).review.pending[0]);
    let failure = crate::Failure::bare(crate::FailureKind::DiskFull { path: "/state".to_owned() });
    apply(&mut state, Event::Review { generation, event: ReviewEvent::Failed { from, failure } });
    assert!(dismissed(&state).is_empty());
    assert_eq!(project_of(&state).checks.findings.len(), open);
}
