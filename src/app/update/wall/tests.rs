use super::*;
use crate::similar::CompareProgress;
use crate::update::tests::summary_of;
use crate::wall::WallViewport;
use crate::{CanvasCommand, Command, DisplayCommand, WindowCommand};
use crate::{Event, Failure, FailureKind, ListingState, SourceSpec, apply as apply_event, update as command};
use domain::wall::{Features, Looks};
use domain::{
    ImageId, ImageRow, ImageUris, Page, Project, ProjectId, RegionId, RegionIx, RegionRow, RegionSort, TagId, UnitRect,
};
use uuid::Uuid;

mod reviewing;

fn row(number: u128, regions: u128) -> ImageRow {
    let region = |at: u128| RegionRow {
        id: RegionId(Uuid::from_u128(number << 8 | at)),
        tag: TagId(Uuid::from_u128(at % 2)),
        tag_name: if at.is_multiple_of(2) { "fork".into() } else { "spoon".into() },
        created: None,
        rect: UnitRect::new(0.1, 0.1, 0.2, 0.2),
    };
    ImageRow {
        id: ImageId(Uuid::from_u128(number + 1)),
        created: None,
        width: 8,
        height: 6,
        uris: ImageUris::default(),
        tags: Vec::new(),
        regions: (0..regions).map(region).collect(),
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

fn page(state: &mut State, numbers: std::ops::Range<u128>) {
    let generation = state.generation;
    let rows = numbers.map(|number| row(number, 3)).collect();
    apply_event(state, Event::Page { generation, page: Page { rows, ..Page::default() } });
}

/// A project with `count` images of three regions each: fork, spoon, fork. The wall is shown.
fn shown(count: u128) -> State {
    let mut state = State::new(Settings::default());
    let summary = summary_of(Project::named(ProjectId(Uuid::from_u128(7)), "a"));
    let source = SourceSpec::Folder { path: "/data".into() };
    apply_event(&mut state, Event::Connected { source, projects: vec![summary], notice: None });
    page(&mut state, 0..count);
    command(&mut state, Command::Display(DisplayCommand::SetView(View::Wall)));
    state
}

pub(in crate::update) fn opened(state: &State) -> &Opened {
    state.opened.as_ref().expect("open project")
}

pub(super) fn wall(state: &mut State, request: WallCommand) -> Vec<Effect> {
    command(state, Command::Wall(request))
}

/// Does the orders among these effects, as the engine would.
pub(super) fn order(state: &mut State, effects: Vec<Effect>) -> usize {
    let generation = state.generation;
    let mut count = 0;
    for effect in effects {
        if let Effect::Wall { effect: WallEffect::Order { request, catalogue, basis }, .. } = effect {
            count += 1;
            let order = basis.order(&catalogue, Looks::of(&Features::default()));
            let event = WallEvent::Ordered { request, order: Arc::new(order) };
            apply_event(state, Event::Wall { generation, event });
        }
    }
    count
}

pub(in crate::update) fn ordered(count: u128) -> State {
    let mut state = shown(count);
    let effects = wall(&mut state, WallCommand::Refresh);
    assert_eq!(order(&mut state, effects), 1);
    state
}

pub(super) fn regions(state: &State) -> Vec<u32> {
    let items = opened(state).wall.order.items.iter();
    items.map(|item| item.label().expect("a label").0).collect()
}

fn chosen(state: &State) -> Vec<u32> {
    let mut chosen: Vec<_> =
        opened(state).wall.selection.iter().filter_map(WallItem::label).map(|region| region.0).collect();
    chosen.sort_unstable();
    chosen
}

#[test]
fn the_order_is_asked_for_once_and_again_when_something_has_changed() {
    let mut state = ordered(2);
    assert_eq!(regions(&state), [0, 2, 3, 5, 1, 4], "forks, then spoons");
    assert!(wall(&mut state, WallCommand::Refresh).is_empty());
    let effects = wall(&mut state, WallCommand::SetGrouped(false));
    assert!(matches!(effects[0], Effect::SaveSettings(_)));
    assert_eq!(order(&mut state, effects), 1);
    assert_eq!(regions(&state), [0, 1, 2, 3, 4, 5]);
    let spoon = TagId(Uuid::from_u128(1));
    let effects = wall(&mut state, WallCommand::ShowOnly(Some(spoon)));
    order(&mut state, effects);
    assert_eq!(regions(&state), [1, 4]);
}

#[test]
fn an_order_can_be_reversed_as_that_of_the_grid_and_is_kept() {
    let mut state = ordered(2);
    let reverse = crate::Action::ReverseSort.command(&state).expect("the wall is shown");
    let effects = command(&mut state, reverse.clone());
    let Some(Effect::SaveSettings(settings)) = effects.first() else { panic!("{effects:?}") };
    assert!(settings.wall_sort_reversed && !settings.sort_reversed, "that of the grid is another one");
    order(&mut state, effects);
    assert_eq!(regions(&state), [5, 3, 2, 0, 4, 1], "forks, then spoons");
    let said = opened(&state).review.remark.as_ref().map(|said| said.words.as_str());
    assert_eq!(said, Some("Sort: Grid order, reversed"));
    // Another order begins in its own direction; the same one again stays.
    wall(&mut state, WallCommand::SetSort(RegionSort::Images));
    assert!(state.settings.wall_sort_reversed);
    wall(&mut state, WallCommand::SetSort(RegionSort::Tag));
    assert!(!state.settings.wall_sort_reversed);
    let effects = command(&mut state, reverse);
    order(&mut state, effects);
    assert_eq!(regions(&state), [1, 4, 0, 2, 3, 5], "spoons, then forks");
    // On the grid the same action is about the images.
    command(&mut state, Command::Display(DisplayCommand::SetView(View::Grid)));
    let reverse = crate::Action::ReverseSort.command(&state).expect("a project is open");
    command(&mut state, reverse);
    assert!(state.settings.sort_reversed && state.settings.wall_sort_reversed);
}

#[test]
fn an_answer_to_an_older_question_is_dropped() {
    let mut state = shown(2);
    let first = wall(&mut state, WallCommand::Refresh);
    let second = wall(&mut state, WallCommand::SetGrouped(false));
    order(&mut state, first);
    assert!(regions(&state).is_empty() && opened(&state).wall.is_ordering());
    order(&mut state, second);
    assert_eq!(regions(&state).len(), 6);
}

#[test]
fn a_growing_list_is_ordered_again_only_when_that_is_worth_it() {
    let mut state = ordered(100);
    page(&mut state, 100..110);
    assert!(wall(&mut state, WallCommand::Refresh).is_empty(), "a tenth more");
    page(&mut state, 110..130);
    let effects = wall(&mut state, WallCommand::Refresh);
    page(&mut state, 130..200);
    assert!(wall(&mut state, WallCommand::Refresh).is_empty(), "one at a time");
    order(&mut state, effects);
    assert_eq!(regions(&state).len(), 390);
    let generation = state.generation;
    let complete = ListingState::Complete { listed: 200, gone: 0, seconds: 1.0 };
    apply_event(&mut state, Event::Listing { generation, state: complete });
    let effects = wall(&mut state, WallCommand::Refresh);
    order(&mut state, effects);
    assert_eq!(regions(&state).len(), 600, "at the end it is whole");
}

#[test]
fn what_is_compared_meanwhile_moves_nothing_under_the_hands() {
    let mut state = ordered(3);
    let generation = state.generation;
    let effects = wall(&mut state, WallCommand::SetSort(RegionSort::LeastAlike));
    let compares = |effect: &Effect| matches!(effect, Effect::Wall { effect: WallEffect::Compare { .. }, .. });
    assert!(effects.iter().any(compares), "{effects:?}");
    order(&mut state, effects);
    command(&mut state, Command::Selection(SelectionCommand::MoveCursor { by: 1, extend: false }));
    let tell = |state: &mut State, done| {
        let event = WallEvent::Compared(CompareProgress { done, total: 3, is_full: false });
        apply_event(state, Event::Wall { generation, event })
    };
    assert!(tell(&mut state, 1).is_empty() && opened(&state).wall.has_better);
    assert!(tell(&mut state, 3).is_empty(), "the cursor is set: somebody is at work");
    let effects = wall(&mut state, WallCommand::SortAgain);
    assert_eq!(effects.len(), 1, "what was compared is not compared again");
    assert!(!opened(&state).wall.has_better);

    // What was done before the sort was chosen is no reason against it.
    let mut state = ordered(3);
    command(&mut state, Command::Selection(SelectionCommand::MoveCursor { by: 1, extend: false }));
    command(&mut state, Command::Selection(SelectionCommand::All));
    let effects = wall(&mut state, WallCommand::SetSort(RegionSort::Darkest));
    order(&mut state, effects);
    let event = WallEvent::Compared(CompareProgress { done: 3, total: 3, is_full: false });
    let effects = apply_event(&mut state, Event::Wall { generation, event });
    assert_eq!(order(&mut state, effects), 1, "whoever chooses a sort asks for it");
}

#[test]
fn crops_are_asked_for_by_image_and_only_on_the_wall() {
    let mut state = ordered(4);
    let order = Arc::clone(&opened(&state).wall.order);
    let crops: Vec<_> = order.images.iter().copied().zip(order.items.iter().copied()).collect();
    let viewport = WallViewport { first: 0, crops, side: 128 };
    let effects = wall(&mut state, WallCommand::Viewport(viewport));
    let requests = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Wall { effect: WallEffect::WantCrops(requests), .. } => {
                Some(requests.iter().map(|request| request.crops.len()).collect::<Vec<_>>())
            }
            _ => None,
        })
    };
    assert_eq!(requests(&effects), Some(vec![3, 3, 3, 3]), "one request an image, all its regions in it");

    let generation = state.generation;
    let key = PixelKey::Crop { region: RegionIx(1), side: 128 };
    let result = Err(Failure::bare(FailureKind::MissingPicture));
    apply_event(&mut state, Event::Pixels { generation, key, result });
    let viewport = opened(&state).wall.viewport.clone();
    let effects = wall(&mut state, WallCommand::Viewport(viewport));
    assert_eq!(requests(&effects), Some(vec![2, 3, 3, 3]), "a failed one waits for a retry");
    let effects = wall(&mut state, WallCommand::Retry(RegionIx(1).into()));
    assert_eq!(requests(&effects), Some(vec![3, 3, 3, 3]));

    let effects = wall(&mut state, WallCommand::Open(RegionIx(4).into()));
    assert_eq!(requests(&effects), Some(Vec::new()));
    assert_eq!((opened(&state).view, opened(&state).region), (View::Canvas, Some(RegionIx(4))));
    assert!(matches!(state.zoom, Some((_, ZoomCommand::Region))));
    command(&mut state, Command::Canvas(CanvasCommand::StepImage(1)));
    let effects = command(&mut state, Command::Window(WindowCommand::Back));
    assert_eq!(requests(&effects), Some(vec![3, 3, 3, 3]));
    let opened = opened(&state);
    assert_eq!(
        (opened.view, opened.wall.cursor, opened.cursor),
        (View::Wall, Some(RegionIx(4).into()), Some(ImageIx(1)))
    );
}

#[test]
fn keys_and_clicks_choose_regions_in_the_order_of_the_wall() {
    let mut state = ordered(2);
    wall(&mut state, WallCommand::Pick { item: RegionIx(2).into(), toggle: false, extend: false });
    wall(&mut state, WallCommand::Pick { item: RegionIx(1).into(), toggle: false, extend: true });
    assert_eq!(chosen(&state), [1, 2, 3, 5], "as they stand: 0 2 3 5 1 4");
    command(&mut state, Command::Selection(SelectionCommand::CursorToEnd { last: true, extend: false }));
    command(&mut state, Command::Selection(SelectionCommand::ToggleCursor));
    assert_eq!(chosen(&state), [1, 2, 3, 4, 5]);
    command(&mut state, Command::Selection(SelectionCommand::Invert));
    assert_eq!(chosen(&state), [0]);
    // The cursor counts before a single chosen region.
    let subjects = opened(&state).wall.subjects(&opened(&state).catalogue);
    assert_eq!(subjects.len(), 1);
    assert_eq!(subjects[0].region, opened(&state).catalogue.region(RegionIx(4)).map(|region| region.id));
    command(&mut state, Command::Window(WindowCommand::Back));
    assert!(chosen(&state).is_empty() && opened(&state).view == View::Wall, "Esc first lets go of the selection");
    command(&mut state, Command::Selection(SelectionCommand::All));
    assert_eq!(chosen(&state).len(), 6);
    assert!(opened(&state).selection.is_empty(), "images are another matter");
    command(&mut state, Command::Selection(SelectionCommand::CursorToEnd { last: false, extend: false }));
    command(&mut state, Command::Selection(SelectionCommand::None));
    command(&mut state, Command::Selection(SelectionCommand::MoveCursor { by: 2, extend: true }));
    assert_eq!(chosen(&state), [0, 2, 3]);
}

#[test]
fn a_tag_that_is_chosen_in_the_query_takes_the_place_of_the_walls_own() {
    use crate::QueryCommand;
    use domain::query::edit;

    let mut state = ordered(4);
    let only_spoons = |state: &mut State| {
        let effects = wall(state, WallCommand::ShowOnly(Some(TagId(Uuid::from_u128(1)))));
        order(state, effects);
        assert_eq!(opened(state).wall.order.len(), 4);
    };
    for request in [QueryCommand::Include(edit::tag("fork")), QueryCommand::Only(edit::tag("fork"))] {
        only_spoons(&mut state);
        command(&mut state, Command::Query(request));
        let effects = wall(&mut state, WallCommand::Refresh);
        order(&mut state, effects);
        assert_eq!((opened(&state).wall.only, opened(&state).wall.order.len()), (None, 8), "all forks");
        command(&mut state, Command::Query(QueryCommand::Clear));
        let effects = wall(&mut state, WallCommand::Refresh);
        order(&mut state, effects);
    }
    // What is excluded hides nothing that the wall's own choice shows.
    only_spoons(&mut state);
    command(&mut state, Command::Query(QueryCommand::Exclude(edit::tag("fork"))));
    assert_eq!(opened(&state).wall.only, Some(TagId(Uuid::from_u128(1))));
}
