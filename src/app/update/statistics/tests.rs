//! When figures are requested, what a click does to the query, and how a save is guarded.

use crate::update::tests::summary_of;
use crate::{Command, WindowCommand};
use crate::{DisplayCommand, ProjectCommand};
use uuid::Uuid;

use super::*;
use crate::{Event, ListingState, Settings, apply, update};
use domain::stats::gather;
use domain::{ImageId, ImageIx, ImageRow, ImageUris, Page, TagId, TagMark};

fn open() -> State {
    let mut state = State::new(Settings::default());
    let id = domain::ProjectId(Uuid::from_u128(7));
    state.projects.push(summary_of(domain::Project::named(id, "Cutlery & co")));
    update(&mut state, Command::Project(ProjectCommand::Open { project: id, iteration: None }));
    state
}

fn page(state: &mut State, from: usize, count: usize) -> Vec<Effect> {
    let row = |at: usize| ImageRow {
        id: ImageId(Uuid::from_u128(at as u128 + 1)),
        created: None,
        width: 8,
        height: 6,
        uris: ImageUris::default(),
        tags: vec![TagMark {
            tag: TagId(Uuid::from_u128(at as u128 % 2)),
            name: format!("t{}", at % 2).into(),
            created: None,
        }],
        regions: Vec::new(),
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    };
    let rows = (from..from + count).map(row).collect();
    let generation = state.generation;
    apply(state, Event::Page { generation, page: Page { rows, ..Page::default() } })
}

/// The count that is requested, done: stamp and answer.
fn count(effects: Vec<Effect>) -> Option<StatisticsEvent> {
    let count = |effect| match effect {
        Effect::Statistics { effect: StatisticsEffect::Count { catalogue, images, stamp, .. }, .. } => {
            let all = (0..catalogue.len() as u32).map(ImageIx).collect();
            let images = images.map_or(all, |images| images.to_vec());
            let figures = Ok(Arc::new(gather(&catalogue, images.into_iter())));
            Some(StatisticsEvent::Counted { stamp, figures })
        }
        _ => None,
    };
    let mut counts: Vec<_> = effects.into_iter().filter_map(count).collect();
    assert!(counts.len() < 2, "one at a time");
    counts.pop()
}

fn tell(state: &mut State, event: StatisticsEvent) -> Vec<Effect> {
    let generation = state.generation;
    apply(state, Event::Statistics { generation, event })
}

fn figures(state: &State) -> Option<&domain::stats::Statistics> {
    state.opened.as_ref().and_then(|opened| opened.statistics.figures.as_deref())
}

fn shown() -> (State, u64) {
    let mut state = open();
    page(&mut state, 0, 10);
    let asked =
        count(update(&mut state, Command::Display(DisplayCommand::SetView(View::Statistics)))).expect("a count");
    tell(&mut state, asked);
    let images = figures(&state).map_or(0, |figures| figures.images);
    (state, images)
}

#[test]
fn figures_are_counted_only_while_they_are_in_sight() {
    let mut state = open();
    assert!(count(page(&mut state, 0, 10)).is_none(), "the grid is shown");
    let asked =
        count(update(&mut state, Command::Display(DisplayCommand::SetView(View::Statistics)))).expect("a count");
    assert!(count(tell(&mut state, asked)).is_none(), "they are fresh");
    assert_eq!(figures(&state).map(|figures| figures.images), Some(10));
    assert!(count(update(&mut state, Command::Window(WindowCommand::ToggleLeft))).is_none());
}

#[test]
fn pages_that_come_while_counting_lead_to_one_more_count_and_the_old_figures_stay() {
    let (mut state, images) = shown();
    assert_eq!(images, 10);
    let asked = count(page(&mut state, 10, 10)).expect("a count");
    assert!(count(page(&mut state, 20, 10)).is_none(), "one is under way");
    assert!(count(page(&mut state, 30, 10)).is_none());
    assert_eq!(figures(&state).map(|figures| figures.images), Some(10), "no flicker");
    let next = count(tell(&mut state, asked)).expect("one more");
    assert_eq!(figures(&state).map(|figures| figures.images), Some(20));
    assert!(count(tell(&mut state, next)).is_none());
    assert_eq!(figures(&state).map(|figures| figures.images), Some(40));
}

#[test]
fn figures_catch_up_with_a_list_that_ends_or_is_replaced_while_they_are_counted() {
    let (mut state, _) = shown();
    let asked = count(page(&mut state, 10, 10)).expect("a count");
    assert!(count(page(&mut state, 20, 16)).is_none());
    let generation = state.generation;
    let complete = ListingState::Complete { listed: 36, gone: 0, seconds: 1.0 };
    assert!(count(apply(&mut state, Event::Listing { generation, state: complete })).is_none(), "one is under way");
    let last = count(tell(&mut state, asked)).expect("the list has grown since");
    assert!(count(tell(&mut state, last)).is_none());
    assert_eq!(figures(&state).map(|figures| figures.images), Some(36), "all that was listed");

    // The same list is requested again while a count is under way: its answer never comes.
    update(&mut state, Command::Statistics(StatisticsCommand::SetScope(StatisticsScope::All)));
    update(&mut state, Command::Project(ProjectCommand::Refresh));
    assert_eq!(figures(&state).map(|figures| figures.images), Some(36), "no flicker");
    let mut asked = None;
    for at in 0..4 {
        asked = count(page(&mut state, at * 10, 10)).or(asked);
    }
    let generation = state.generation;
    let complete = ListingState::Complete { listed: 40, gone: 0, seconds: 1.0 };
    asked = count(apply(&mut state, Event::Listing { generation, state: complete })).or(asked);
    while let Some(answer) = asked {
        asked = count(tell(&mut state, answer));
    }
    assert_eq!(figures(&state).map(|figures| figures.images), Some(40));
    assert_eq!(state.opened.as_ref().map(|opened| opened.statistics.scope), Some(StatisticsScope::All));
}

#[test]
fn a_click_narrows_the_query_once_and_the_figures_follow() {
    let (mut state, _) = shown();
    let narrow = |target: Target| Command::Statistics(StatisticsCommand::Narrow(target));
    let asked = count(update(&mut state, narrow(Target::Tag("t1".to_owned())))).expect("a count");
    tell(&mut state, asked);
    assert_eq!(figures(&state).map(|figures| figures.images), Some(5));
    assert!(count(update(&mut state, narrow(Target::Tag("t1".to_owned())))).is_none(), "it stands there already");
    assert_eq!(state.opened.as_ref().map(|opened| opened.query.text.as_str()), Some("tag:t1"));
    let scope = StatisticsCommand::SetScope(StatisticsScope::All);
    let asked = count(update(&mut state, Command::Statistics(scope))).expect("a count");
    tell(&mut state, asked);
    assert_eq!(figures(&state).map(|figures| figures.images), Some(10));
}

#[test]
fn alternatives_are_kept_together() {
    let target = Target::Regions(3, 3);
    assert_eq!(narrowed("tag:a or tag:b", &target), "(tag:a or tag:b) regions=3");
    assert_eq!(narrowed(" tag:a  w>8 ", &target), "tag:a  w>8 regions=3");
    assert_eq!(narrowed("", &Target::Pair("a".to_owned(), "b c".to_owned())), "tag:a tag:\"b c\"");
}

#[test]
fn a_file_is_replaced_only_after_a_second_word() {
    let (mut state, _) = shown();
    state.home = Some("/home/me".into());
    let what = SaveWhat::One(domain::stats::Panel::Tags, crate::statistics::PlotFormat::Csv);
    let command = |command| Command::Statistics(command);
    update(&mut state, command(StatisticsCommand::AskSave(what)));
    assert_eq!(state.dialog, Some(Dialog::SavePlots));
    let form = |state: &State| state.opened.as_ref().expect("open").statistics.form.clone();
    assert_eq!(form(&state).path, "/home/me/cutlery-co-tags.csv");
    let replaces = |effects: Vec<Effect>| match &effects[..] {
        [Effect::Statistics { effect: StatisticsEffect::Save(job), .. }] => Some(job.replaces),
        _ => None,
    };
    // A request to replace a file that was not reported replaces nothing.
    assert_eq!(replaces(update(&mut state, command(StatisticsCommand::Save { replaces: true }))), Some(false));
    assert!(update(&mut state, command(StatisticsCommand::Save { replaces: false })).is_empty(), "one at a time");
    let taken = crate::Failure::bare(FailureKind::AlreadyThere { path: "/home/me/x".to_owned() });
    tell(&mut state, StatisticsEvent::Saved(Err(taken)));
    assert!(form(&state).is_taken && state.dialog.is_some());
    assert_eq!(replaces(update(&mut state, command(StatisticsCommand::Save { replaces: true }))), Some(true));
    tell(&mut state, StatisticsEvent::Saved(Ok("/home/me/x".into())));
    assert_eq!((state.dialog, state.notices.len()), (None, 1));
    update(&mut state, command(StatisticsCommand::AskSave(what)));
    update(&mut state, command(StatisticsCommand::EditPath("x.csv".to_owned())));
    assert!(update(&mut state, command(StatisticsCommand::Save { replaces: false })).is_empty());
    assert!(form(&state).failure.is_some(), "a path from the root on is needed");
}

#[test]
fn colors_are_kept_by_name_and_worn_by_tags_that_come_later() {
    let mut state = open();
    page(&mut state, 0, 1);
    let look = |state: &State, at: usize| {
        let tags = state.opened.as_ref().expect("open").catalogue.tags();
        tags.iter().nth(at).map(|(_, entry)| entry.color.place)
    };
    let own = look(&state, 0);
    let tag = domain::TagIx(0);
    let effects = update(&mut state, Command::Display(DisplayCommand::ChooseColor { tag, color: Some(7) }));
    assert!(matches!(effects[..], [Effect::SaveSettings(_)]));
    assert_eq!(look(&state, 0), Some(Some(7)));
    assert!(update(&mut state, Command::Display(DisplayCommand::ChooseColor { tag, color: Some(99) })).is_empty());
    let id = state.opened.as_ref().expect("open").project.id;
    update(&mut state, Command::Project(ProjectCommand::Open { project: id, iteration: None }));
    page(&mut state, 0, 1);
    assert_eq!(look(&state, 0), Some(Some(7)), "in every opening");
    update(&mut state, Command::Display(DisplayCommand::ChooseColor { tag, color: None }));
    assert_eq!(look(&state, 0), own);
    assert!(matches!(state.opened.as_ref().map(|opened| &opened.listing), Some(ListingState::Running { .. })));
}
