use super::*;
use crate::review::{ReviewCommand, ReviewEvent};
use crate::update::tests::summary_of;
use crate::{
    CanvasCommand, Command, DisplayCommand, Event, Failure, FailureKind, ProjectCommand, QueryCommand,
    SelectionCommand, Settings, SourceSpec, apply, update,
};
use domain::{
    ImageId, ImageRow, ImageUris, Page, Project, ProjectId, RegionRow, Subject, TagId, Timestamp, UnitRect, Verdict,
};
use uuid::Uuid;

fn row(number: u128) -> ImageRow {
    let region = |at: u128| RegionRow {
        id: RegionId(Uuid::from_u128(number << 8 | at)),
        tag: TagId(Uuid::from_u128(7)),
        tag_name: "fork".into(),
        created: None,
        rect: UnitRect::new(0.1, 0.1, 0.2, 0.2),
    };
    ImageRow {
        id: ImageId(Uuid::from_u128(number)),
        created: Some(Timestamp(number as i64)),
        width: 8,
        height: 6,
        uris: ImageUris::default(),
        tags: Vec::new(),
        regions: (0..2).map(region).collect(),
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

/// The service's order: the latest first.
fn rows(numbers: std::ops::RangeInclusive<u128>) -> Vec<ImageRow> {
    numbers.rev().map(row).collect()
}

fn page(rows: Vec<ImageRow>) -> Page {
    Page { rows, ..Page::default() }
}

/// A project that is shown as it was: the images 1 to 9, the cursor on 4, 3 and 4 chosen.
fn shown() -> State {
    let mut state = State::new(Settings::default());
    let summary = summary_of(Project::named(ProjectId(Uuid::from_u128(7)), "a"));
    let source = SourceSpec::Folder { path: "/data".into() };
    apply(&mut state, Event::Connected { source, projects: vec![summary], notice: None });
    let mut catalogue = Catalogue::new();
    catalogue.append(rows(1..=9));
    let generation = state.generation;
    apply(&mut state, Event::LastVisit { generation, catalogue: Arc::new(catalogue) });
    for number in [3, 4] {
        let ix = ix_of(&state, number);
        update(&mut state, Command::Selection(SelectionCommand::Pick { ix, toggle: true, extend: false }));
    }
    state
}

fn opened(state: &State) -> &Opened {
    state.opened.as_ref().expect("open project")
}

fn ix_of(state: &State, number: u128) -> ImageIx {
    opened(state).catalogue.find(ImageId(Uuid::from_u128(number))).expect("image")
}

fn number_of(state: &State, ix: ImageIx) -> u128 {
    opened(state).catalogue.get(ix).expect("image").id().0.as_u128()
}

fn complete(state: &mut State, listed: u64) -> Vec<Effect> {
    let generation = state.generation;
    let listing = ListingState::Complete { listed, gone: 0, seconds: 1.0 };
    apply(state, Event::Listing { generation, state: listing })
}

#[test]
fn what_was_there_is_shown_while_the_pages_come() {
    let mut state = shown();
    assert_eq!(opened(&state).visible.len(), 9);
    let generation = state.generation;
    apply(&mut state, Event::Page { generation, page: page(rows(8..=12)) });
    assert!(opened(&state).is_of_last_visit());
    assert_eq!((opened(&state).visible.len(), opened(&state).catalogue.len()), (9, 9), "nothing moves");
}

#[test]
fn an_unchanged_list_takes_over_without_a_trace() {
    let mut state = shown();
    let generation = state.generation;
    let before = opened(&state).visible.clone();
    apply(&mut state, Event::Page { generation, page: page(rows(1..=9)) });
    let effects = complete(&mut state, 9);
    // The same images and boxes may have other tags: they are checked again.
    let is_as_expected = matches!(
        effects[..],
        [Effect::KeepList { .. }, Effect::SaveSettings(_), Effect::MeasureOriginals { .. }, Effect::Check { .. }]
    );
    assert!(is_as_expected, "{effects:?}");
    assert_eq!((state.generation, opened(&state).visible.clone()), (generation, before));
    assert!(!opened(&state).is_of_last_visit());
}

#[test]
fn what_came_and_what_went_moves_nothing_that_is_still_there() {
    let mut state = shown();
    let region = opened(&state).current().expect("image").regions().nth(1).expect("region");
    update(&mut state, Command::Canvas(CanvasCommand::SelectRegion(Some(region.ix))));
    let old = state.generation;
    let visible: Vec<_> = opened(&state).visible.iter().take(5).copied().collect();
    update(
        &mut state,
        Command::Display(DisplayCommand::GridView(GridRequest {
            visible: visible.clone(),
            ahead: Vec::new(),
            side: 256,
        })),
    );
    let numbers: Vec<_> = visible.iter().map(|&ix| number_of(&state, ix)).collect();
    // Three have come, and of the old ones 3 and 8 are gone.
    let mut now = rows(1..=12);
    now.retain(|row| ![3, 8].contains(&row.id.0.as_u128()));
    apply(&mut state, Event::Page { generation: old, page: page(now) });
    let effects = complete(&mut state, 10);
    let places = effects.iter().find_map(|effect| match effect {
        Effect::Renumber { generation, places, .. } if *generation == state.generation => Some(Arc::clone(places)),
        _ => None,
    });
    let places = places.expect("images have other indices");
    assert!(state.generation > old && !effects.iter().any(|effect| matches!(effect, Effect::Open { .. })));
    let moved: Vec<_> = visible.iter().map(|ix| places[ix.index()].map(|ix| number_of(&state, ix))).collect();
    let expected: Vec<_> = numbers.iter().map(|&number| (![3, 8].contains(&number)).then_some(number)).collect();
    assert_eq!(moved, expected);
    let opened = opened(&state);
    assert_eq!(opened.cursor.map(|ix| number_of(&state, ix)), Some(4));
    let chosen: Vec<_> = opened.selection.iter().map(|ix| number_of(&state, ix)).collect();
    assert_eq!(chosen, [4], "3 is gone");
    let kept = opened.region.and_then(|region| opened.catalogue.region(region)).map(|region| region.id);
    assert_eq!(kept, Some(region.id));
    assert_eq!(opened.visible.len(), 10);
    assert!(matches!(opened.listing, ListingState::Complete { listed: 10, .. }));
}

/// Has the decisions read, shows those without one, and decides about this image.
fn decide(state: &mut State, number: u128) {
    let generation = state.generation;
    let loaded = ReviewEvent::Loaded { reviews: Arc::default(), shut: None, notes: Vec::new() };
    apply(state, Event::Review { generation, event: loaded });
    update(state, Command::Query(QueryCommand::Edit("review:none".to_owned())));
    let subjects = vec![Subject::image(ImageId(Uuid::from_u128(number)))];
    update(state, Command::Review(ReviewCommand::Decide { subjects, verdict: Verdict::Accepted }));
}

fn numbers(state: &State) -> Vec<u128> {
    opened(state).visible.iter().map(|&ix| number_of(state, ix)).collect()
}

#[test]
fn where_somebody_decides_the_new_list_takes_nothing_from_sight_and_puts_nothing_in() {
    let mut state = shown();
    decide(&mut state, 6);
    assert_eq!(numbers(&state), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    let generation = state.generation;
    // Three have come, and 3 is gone.
    let mut now = rows(1..=12);
    now.retain(|row| row.id.0.as_u128() != 3);
    apply(&mut state, Event::Page { generation, page: page(now) });
    complete(&mut state, 11);
    assert!(state.generation > generation, "all indices are others");
    assert_eq!(numbers(&state), [9, 8, 7, 6, 5, 4, 2, 1]);
    assert_eq!(opened(&state).query.outdated.words(), "4 images would be removed from, added to or moved in this list");
    // The decisions are read again for the new opening.
    let (generation, reviews) = (state.generation, Arc::new(opened(&state).review.reviews.clone()));
    let loaded = ReviewEvent::Loaded { reviews, shut: None, notes: Vec::new() };
    apply(&mut state, Event::Review { generation, event: loaded });
    assert_eq!((numbers(&state).len(), opened(&state).query.outdated.count()), (8, 4));
    update(&mut state, Command::Query(QueryCommand::Refresh));
    assert_eq!(numbers(&state), [12, 11, 10, 9, 8, 7, 5, 4, 2, 1]);
}

#[test]
fn where_somebody_decides_a_new_list_of_the_same_images_stays_too() {
    let mut state = shown();
    decide(&mut state, 6);
    let generation = state.generation;
    apply(&mut state, Event::Page { generation, page: page(rows(1..=9)) });
    complete(&mut state, 9);
    assert!(!opened(&state).is_of_last_visit());
    assert_eq!(numbers(&state), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(opened(&state).query.outdated.count(), 1);
}

#[test]
fn a_failed_listing_leaves_what_is_shown_and_goes_on_later() {
    let mut state = shown();
    let generation = state.generation;
    apply(&mut state, Event::Page { generation, page: page(rows(5..=9)) });
    let failure = Failure::bare(FailureKind::Canceled);
    let failed = ListingState::Failed { listed: 5, total: Some(9), failure };
    let effects = apply(&mut state, Event::Listing { generation, state: failed });
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::KeepList { .. })), "it is not whole");
    assert_eq!(opened(&state).visible.len(), 9);
    update(&mut state, Command::Project(ProjectCommand::ResumeListing));
    apply(&mut state, Event::Page { generation, page: page(rows(1..=4)) });
    complete(&mut state, 9);
    assert!(!opened(&state).is_of_last_visit());
    assert_eq!((state.generation, opened(&state).visible.len()), (generation, 9));
}

#[test]
fn a_list_that_comes_after_the_first_page_is_passed_over() {
    let mut state = shown();
    let generation = state.generation;
    complete(&mut state, 0);
    let mut late = Catalogue::new();
    late.append(rows(1..=9));
    let now = state.generation;
    apply(&mut state, Event::Page { generation: now, page: page(rows(1..=2)) });
    apply(&mut state, Event::LastVisit { generation: now, catalogue: Arc::new(late) });
    assert!(state.generation > generation && opened(&state).visible.len() == 2);
}

#[test]
fn plots_are_counted_anew_where_only_labels_have_changed() {
    let mut state = shown();
    let generation = state.generation;
    let counts = |effects: &[Effect]| {
        let is_count = |effect: &&Effect| {
            matches!(effect, Effect::Statistics { effect: crate::statistics::StatisticsEffect::Count { .. }, .. })
        };
        effects.iter().filter(is_count).count()
    };
    let asked = update(&mut state, Command::Display(DisplayCommand::SetView(View::Statistics)));
    let Some(Effect::Statistics { effect: crate::statistics::StatisticsEffect::Count { stamp, .. }, .. }) =
        asked.into_iter().find(|effect| counts(std::slice::from_ref(effect)) == 1)
    else {
        panic!("a count");
    };
    let figures = Ok(Arc::new(domain::stats::gather(&opened(&state).catalogue, std::iter::empty())));
    let event = crate::statistics::StatisticsEvent::Counted { stamp, figures };
    assert_eq!(counts(&apply(&mut state, Event::Statistics { generation, event })), 0);
    let mut fresh = rows(1..=9);
    fresh[0].regions[1].rect = UnitRect::new(0.5, 0.5, 0.2, 0.2);
    apply(&mut state, Event::Page { generation, page: page(fresh) });
    assert_eq!(counts(&complete(&mut state, 9)), 1, "the same images, other regions");
    assert_eq!(state.generation, generation);
}
