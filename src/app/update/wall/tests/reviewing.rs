//! Deciding on the wall, in tests.

use super::*;
use crate::Command;
use crate::dialog::Dialog;
use crate::review::{ReviewCommand, ReviewEvent};
use crate::{Event, QueryCommand, apply as apply_event, update as command};
use domain::{RegionIx, Subject, Verdict};

/// A wall of forks, spoons, forks whose decisions can be made: with two images 0 2 3 5, 1 4.
fn ready(count: u128) -> State {
    let mut state = ordered(count);
    let generation = state.generation;
    let event = ReviewEvent::Loaded { reviews: Arc::default(), shut: None, notes: Vec::new() };
    apply_event(&mut state, Event::Review { generation, event });
    state
}

fn review(state: &mut State, request: ReviewCommand) {
    command(state, Command::Review(request));
}

fn pick(state: &mut State, region: u32, toggle: bool) {
    wall(state, WallCommand::Pick { item: RegionIx(region).into(), toggle, extend: false });
}

fn verdict(state: &State, region: u32) -> Option<Verdict> {
    let wall = &opened(state).wall;
    let place = wall.order.place(RegionIx(region).into()).expect("on the wall");
    let subject: Subject = wall.subject(&opened(state).catalogue, place).expect("region");
    opened(state).review.reviews.verdict(subject)
}

fn cursor(state: &State) -> Option<u32> {
    opened(state).wall.cursor.and_then(WallItem::label).map(|region| region.0)
}

fn said(state: &State) -> &str {
    opened(state).review.remark.as_ref().map_or("", |said| &said.words)
}

#[test]
fn a_decision_goes_on_to_the_next_unreviewed_region() {
    let mut state = ready(2);
    assert_eq!(regions(&state), [0, 2, 3, 5, 1, 4]);
    pick(&mut state, 2, false);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    assert_eq!((verdict(&state, 2), cursor(&state)), (Some(Verdict::Accepted), Some(3)));
    let selection = &opened(&state).wall.selection;
    assert!(selection.len() == 1 && selection.contains(RegionIx(3).into()), "the choice goes along");
    pick(&mut state, 4, false);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Rejected));
    assert_eq!(cursor(&state), Some(0), "going round");
    review(&mut state, ReviewCommand::DecideHere(Verdict::Flagged));
    assert_eq!(cursor(&state), Some(3), "past what is decided");
    review(&mut state, ReviewCommand::StepUnreviewed(-1));
    assert_eq!(cursor(&state), Some(1), "going round the other way");
    // Clearing stays.
    pick(&mut state, 2, false);
    review(&mut state, ReviewCommand::ClearHere);
    assert_eq!((verdict(&state, 2), cursor(&state)), (None, Some(2)));
    // Off, it stays.
    review(&mut state, ReviewCommand::ToggleAdvance);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Negative));
    assert_eq!((verdict(&state, 2), cursor(&state)), (Some(Verdict::Negative), Some(2)));
    for region in [1, 3, 5] {
        pick(&mut state, region, false);
        review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    }
    review(&mut state, ReviewCommand::StepUnreviewed(1));
    assert_eq!(said(&state), "All other regions shown are reviewed");
}

#[test]
fn undo_goes_back_to_the_region() {
    let mut state = ready(2);
    pick(&mut state, 5, false);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Rejected));
    assert_eq!(cursor(&state), Some(1));
    review(&mut state, ReviewCommand::Undo);
    assert_eq!((verdict(&state, 5), cursor(&state)), (None, Some(5)));
    pick(&mut state, 0, false);
    review(&mut state, ReviewCommand::Redo);
    assert_eq!((verdict(&state, 5), cursor(&state)), (Some(Verdict::Rejected), Some(5)));
}

#[test]
fn many_regions_are_asked_about_by_their_number() {
    let mut state = ready(13);
    command(&mut state, Command::Selection(SelectionCommand::All));
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    assert_eq!(state.dialog, Some(Dialog::ConfirmReview), "39 regions, though of 13 images only");
    let asked = opened(&state).review.asked.as_ref().map(|asked| (asked.regions, asked.images));
    assert_eq!(asked, Some((39, 13)));
    review(&mut state, ReviewCommand::Confirm);
    assert_eq!((said(&state), verdict(&state, 38)), ("Accepted 39 regions", Some(Verdict::Accepted)));
    assert_eq!(opened(&state).wall.selection.len(), 39, "a choice of many stays");
    review(&mut state, ReviewCommand::Undo);
    assert!(verdict(&state, 0).is_none() && verdict(&state, 38).is_none(), "one undo for all of them");
    // Up to the limit nothing is asked.
    command(&mut state, Command::Selection(SelectionCommand::None));
    pick(&mut state, 0, true);
    pick(&mut state, 3, true);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Rejected));
    assert_eq!(
        (verdict(&state, 0), verdict(&state, 3), state.dialog),
        (Some(Verdict::Rejected), Some(Verdict::Rejected), None)
    );
}

#[test]
fn without_a_region_nothing_is_decided() {
    let mut state = ready(1);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    assert_eq!(said(&state), "No region is selected");
}

#[test]
fn the_wall_stays_as_it_is_until_the_list_is_asked_for_again() {
    let mut state = ready(3);
    command(&mut state, Command::Query(QueryCommand::Edit("review:none".to_owned())));
    let effects = wall(&mut state, WallCommand::Refresh);
    order(&mut state, effects);
    let before = regions(&state);
    pick(&mut state, before[1], false);
    let image = opened(&state).wall.image_of(RegionIx(before[1]).into()).expect("image");
    let id = opened(&state).catalogue.get(image).expect("image").id();
    let subjects = vec![Subject::image(id)];
    review(&mut state, ReviewCommand::Decide { subjects, verdict: Verdict::Accepted });
    assert!(wall(&mut state, WallCommand::Refresh).is_empty(), "nothing to put in order");
    assert_eq!((regions(&state), cursor(&state)), (before.clone(), Some(before[1])));
    assert_eq!(opened(&state).query.outdated.count(), 1);
    command(&mut state, Command::Query(QueryCommand::Refresh));
    let effects = wall(&mut state, WallCommand::Refresh);
    order(&mut state, effects);
    assert_eq!(regions(&state).len(), 6);
    let next = before[2..].iter().copied().find(|region| regions(&state).contains(region));
    assert_eq!(cursor(&state), next, "the next region that stays");
}
