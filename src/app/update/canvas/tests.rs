use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::update::tests::opened;
use crate::{CanvasCommand, Command, DisplayCommand, update};
use domain::TagIx;

fn go(state: &mut State, by: i64) -> Vec<Effect> {
    update(state, Command::Canvas(CanvasCommand::Tour(by)))
}

fn place(state: &State) -> (Option<ImageIx>, Option<RegionIx>) {
    let opened = state.opened.as_ref().expect("open project");
    (opened.cursor, opened.region)
}

/// All stops from the first image on.
fn stops(state: &mut State, by: i64) -> Vec<(ImageIx, RegionIx)> {
    let mut stops = Vec::new();
    loop {
        let before = place(state);
        go(state, by);
        let (ix, region) = place(state);
        if (ix, region) == before {
            return stops;
        }
        stops.push((ix.expect("image"), region.expect("region")));
        assert!(stops.len() < 10_000, "it goes in circles");
    }
}

#[test]
fn it_goes_from_image_to_image_and_says_where_it_ends() {
    let mut state = opened(8);
    assert!(go(&mut state, 1).is_empty(), "on the grid it does nothing");
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    let effects = go(&mut state, 1);
    assert!(
        matches!(effects[..], [Effect::WantPicture { request: Some(_), .. }]),
        "image 0 has no regions: on to the next"
    );
    assert_eq!(
        (place(&state), state.zoom.map(|(_, zoom)| zoom)),
        ((Some(ImageIx(1)), Some(RegionIx(0))), Some(ZoomCommand::Tour))
    );
    assert_eq!(stops(&mut state, 1).len(), 6, "0, 1, 2, 0, 1, 2, 0, 1 regions, and one was the first");
    assert_eq!(state.notices.iter().filter(|notice| notice.title == LAST).count(), 1);
    go(&mut state, 1);
    assert_eq!(state.notices.len(), 1, "a held key says it once");
    go(&mut state, -1);
    assert!(state.notices.is_empty(), "and what is over is no longer said");
}

#[test]
fn hidden_tags_are_passed_over() {
    let mut state = opened(9);
    update(&mut state, Command::Display(DisplayCommand::ToggleTagBoxes(TagIx(0))));
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    let stops = stops(&mut state, 1);
    let opened = state.opened.as_ref().expect("open project");
    let tags: BTreeSet<_> =
        stops.iter().map(|(_, region)| opened.catalogue.region(*region).expect("region").tag).collect();
    assert!(!stops.is_empty() && !tags.contains(&TagIx(0)), "{tags:?}");
}

proptest! {
    #[test]
    fn every_region_of_the_list_comes_once_in_order(count in 1_usize..40, drop in 0_usize..5) {
        let mut state = opened(count);
        update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
        if let Some(opened) = &mut state.opened {
            // A list of its own order.
            opened.visible.reverse();
            opened.visible.truncate(count.saturating_sub(drop).max(1));
            opened.cursor = opened.visible.first().copied();
        }
        let opened = state.opened.as_ref().expect("open project");
        let all: Vec<_> = opened
            .visible
            .iter()
            .flat_map(|&ix| opened.catalogue.get(ix).expect("image").region_range().map(move |at| (ix, RegionIx(at))))
            .collect();
        let there = stops(&mut state, 1);
        prop_assert_eq!(&there, &all);
        let mut back = stops(&mut state, -1);
        back.reverse();
        prop_assert_eq!(&back[..], &all[..all.len().saturating_sub(1)]);
    }
}
