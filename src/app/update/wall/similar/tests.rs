use super::super::tests::{opened, order, ordered, regions, wall};
use super::*;
use crate::wall::{WallCommand, WallEffect, WallEvent};
use crate::{Action, CanvasCommand, Command, Event, WindowCommand, apply, update};
use domain::{ImageIx, RegionSort};

fn compared(effects: &[Effect]) -> Option<Vec<u32>> {
    effects.iter().find_map(|effect| match effect {
        Effect::Wall { effect: WallEffect::Compare { images, only: None, .. }, .. } => {
            Some(images.iter().map(|image| image.0).collect())
        }
        _ => None,
    })
}

#[test]
fn a_region_of_the_canvas_leads_to_the_wall_and_esc_to_the_order_before() {
    let mut state = ordered(3);
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(2))));
    assert!(!Action::SimilarRegions.is_enabled(&state), "no region is selected");
    update(&mut state, Command::Canvas(CanvasCommand::SelectRegion(Some(RegionIx(7)))));
    let command = Action::SimilarRegions.command(&state).expect("a region is at hand");
    let effects = update(&mut state, command);
    assert_eq!(compared(&effects), Some(vec![2, 0, 1]), "its image comes first");
    assert_eq!(order(&mut state, effects), 1);
    assert_eq!(regions(&state)[0], 7, "also while nothing is known of the pixels");
    let shown = opened(&state);
    assert_eq!((shown.view, shown.wall.cursor), (View::Wall, Some(RegionIx(7).into())));
    assert!(shown.wall.order.groups.is_empty() && !Action::GroupRegions.is_enabled(&state));

    let effects = update(&mut state, Command::Window(WindowCommand::Back));
    order(&mut state, effects);
    assert!(opened(&state).wall.selection.is_empty(), "Esc lets go of the selection first");
    let effects = update(&mut state, Command::Window(WindowCommand::Back));
    order(&mut state, effects);
    assert_eq!((opened(&state).view, opened(&state).wall.near), (View::Wall, None));
    assert_eq!(opened(&state).wall.cursor, None, "nothing out of sight is decided");
    assert_eq!(regions(&state), [0, 2, 3, 5, 6, 8, 1, 4, 7], "grouped by tag as before");
}

#[test]
fn after_esc_what_was_chosen_before_is_chosen_again() {
    let mut state = ordered(3);
    let pick = |region, toggle| WallCommand::Pick { item: RegionIx(region).into(), toggle, extend: false };
    wall(&mut state, pick(3, false));
    wall(&mut state, pick(5, true));
    for near in [4, 7] {
        let effects = wall(&mut state, WallCommand::ShowSimilar(RegionIx(near)));
        order(&mut state, effects);
    }
    assert_eq!(opened(&state).wall.selection.iter().collect::<Vec<_>>(), [RegionIx(7).into()]);
    update(&mut state, Command::Window(WindowCommand::Back));
    let effects = update(&mut state, Command::Window(WindowCommand::Back));
    order(&mut state, effects);
    let shown = opened(&state);
    let mut chosen: Vec<_> = shown.wall.selection.iter().filter_map(domain::wall::WallItem::label).collect();
    chosen.sort_unstable();
    assert_eq!(chosen, [RegionIx(3), RegionIx(5)]);
    assert_eq!((shown.wall.cursor, shown.cursor), (Some(RegionIx(5).into()), Some(ImageIx(1))));

    // Who has chosen something meanwhile keeps that.
    let effects = wall(&mut state, WallCommand::ShowSimilar(RegionIx(4)));
    order(&mut state, effects);
    wall(&mut state, pick(8, false));
    wall(&mut state, WallCommand::EndSimilar);
    assert_eq!(opened(&state).wall.selection.iter().collect::<Vec<_>>(), [RegionIx(8).into()]);
    assert!(opened(&state).wall.before_near.is_none());
}

#[test]
fn choosing_an_order_ends_it_and_a_region_that_is_gone_begins_nothing() {
    let mut state = ordered(2);
    let effects = wall(&mut state, WallCommand::ShowSimilar(RegionIx(4)));
    order(&mut state, effects);
    let effects = wall(&mut state, WallCommand::SetSort(RegionSort::Largest));
    order(&mut state, effects);
    assert_eq!(opened(&state).wall_sort(&state.settings), RegionSort::Largest.into());
    assert!(wall(&mut state, WallCommand::ShowSimilar(RegionIx(40))).is_empty());
    assert_eq!(opened(&state).wall.near, None);
}

#[test]
fn tags_are_held_against_each_other_whatever_is_shown_and_progress_is_that_of_the_last_order() {
    let mut state = ordered(3);
    let query = crate::QueryCommand::Edit("tag:fork".to_owned());
    update(&mut state, Command::Query(query));
    let only = opened(&state).catalogue.tags().iter().next().map(|(_, entry)| entry.id);
    wall(&mut state, WallCommand::ShowOnly(only));
    let effects = wall(&mut state, WallCommand::SetSort(RegionSort::LooksLikeOther));
    assert_eq!(compared(&effects), Some(vec![0, 1, 2]), "of all tags");
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Wall { effect: WallEffect::Order { request, .. }, .. } => Some(*request),
        _ => None,
    });
    let (request, generation) = (request.expect("asked"), state.generation);
    let mut tell = |request| {
        let event = WallEvent::Searched { request, done: 1, total: 9 };
        apply(&mut state, Event::Wall { generation, event });
        opened(&state).wall.searched
    };
    assert_eq!((tell(request - 1), tell(request)), (None, Some((1, 9))));
    order(&mut state, effects);
    assert_eq!(opened(&state).wall.searched, None);
}
