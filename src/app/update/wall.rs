//! Does the commands of [`crate::wall`] and takes its events.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{display, save, with_opened};
use crate::canvas::ZoomCommand;
use crate::state::Opened;
use crate::view::{CanvasRequest, View};
use crate::wall::{Basis, CropRequest, WallCommand, WallEffect, WallEvent, WallState};
use crate::{Effect, PixelKey, SelectionCommand, Settings, State};
use domain::{BlobKind, ImageIx, RegionIx, RegionOrder};

pub(super) fn update(state: &mut State, command: WallCommand) -> Vec<Effect> {
    match command {
        WallCommand::SetSort(sort) => {
            state.settings.wall_sort = sort;
            kept(state)
        }
        WallCommand::SetGrouped(is_grouped) => {
            state.settings.wall_grouped = is_grouped;
            kept(state)
        }
        WallCommand::SetSide(side) => {
            state.settings.wall_side = if side.is_finite() { side.clamp(64.0, 512.0) } else { 104.0 };
            Vec::new()
        }
        WallCommand::Open(region) => open(state, region),
        WallCommand::Follow => on_wall(state, follow),
        WallCommand::SortAgain => on_wall(state, |opened, settings| ask(opened, wanted(opened, settings))),
        WallCommand::ShowOnly(tag) => on_wall(state, |opened, settings| {
            opened.wall.only = tag;
            follow(opened, settings)
        }),
        WallCommand::Viewport(viewport) => with_opened(state, |opened| {
            opened.wall.viewport = viewport;
            vec![want_crops(opened)]
        }),
        WallCommand::Pick { region, toggle, extend } => with_opened(state, |opened| {
            pick(opened, region, toggle, extend);
            Vec::new()
        }),
        WallCommand::PickMany { regions, keep } => with_opened(state, |opened| {
            opened.wall.selection.set_many(regions, keep);
            Vec::new()
        }),
        WallCommand::Retry(region) => with_opened(state, |opened| {
            let is_it = |key: &PixelKey| matches!(key, PixelKey::Crop { region: other, .. } if *other == region);
            opened.failed_pixels.retain(|key, _| !is_it(key));
            vec![want_crops(opened)]
        }),
    }
}

/// What a command does to the wall of the open project under the settings; nothing without a project.
fn on_wall(state: &mut State, act: impl FnOnce(&mut Opened, &Settings) -> Vec<Effect>) -> Vec<Effect> {
    state.opened.as_mut().map(|opened| act(opened, &state.settings)).unwrap_or_default()
}

/// A changed order is kept and made.
fn kept(state: &mut State) -> Vec<Effect> {
    let mut effects = vec![save(state)];
    effects.extend(on_wall(state, follow));
    effects
}

/// What the order is to be made of now.
fn wanted(opened: &Opened, settings: &Settings) -> Basis {
    Basis {
        images: opened.visible.as_slice().into(),
        only: opened.wall.only.and_then(|tag| opened.catalogue.tags().find(tag)),
        chosen: opened.query.regions.clone(),
        sort: settings.wall_sort,
        is_grouped: settings.wall_grouped,
    }
}

fn follow(opened: &mut Opened, settings: &Settings) -> Vec<Effect> {
    if !opened.is_wall_behind(settings) {
        return Vec::new();
    }
    let basis = wanted(opened, settings);
    let Opened { generation, .. } = *opened;
    opened.wall.awaits_sort = basis.sort.needs_features();
    let effect = if basis.sort.needs_features() {
        let catalogue = Arc::clone(&opened.catalogue);
        WallEffect::Compare { catalogue, images: Arc::clone(&basis.images), only: basis.only }
    } else {
        opened.wall.compared = None;
        WallEffect::StopComparing
    };
    let mut effects = ask(opened, basis);
    effects.push(Effect::Wall { generation, effect });
    effects
}

fn ask(opened: &mut Opened, basis: Basis) -> Vec<Effect> {
    let Opened { generation, wall, .. } = opened;
    wall.request += 1;
    wall.has_better = false;
    wall.asked = Some((wall.request, basis.clone()));
    let effect = WallEffect::Order { request: wall.request, catalogue: Arc::clone(&opened.catalogue), basis };
    vec![Effect::Wall { generation: *generation, effect }]
}

/// Takes an event of the open project; an earlier opening's does not come here.
pub(crate) fn apply(state: &mut State, event: WallEvent) -> Vec<Effect> {
    let State { opened: Some(opened), settings, .. } = state else { return Vec::new() };
    match event {
        WallEvent::Ordered { request, order } => {
            let wall = &mut opened.wall;
            if let Some((_, basis)) = wall.asked.take_if(|(asked, _)| *asked == request) {
                wall.basis = Some(basis);
                let before = std::mem::replace(&mut wall.order, order);
                keep_place(opened, &before);
            }
        }
        WallEvent::Compared(compared) => {
            let wall = &mut opened.wall;
            let is_over = compared.done == compared.total;
            let has_news = wall.compared.is_none_or(|before| before.done < compared.done) && compared.done > 0;
            wall.compared = Some(compared);
            wall.has_better |= has_news;
            // Who has chosen the sort expects it. Who has gone to work since keeps the order under their hands.
            if is_over && wall.has_better && std::mem::take(&mut wall.awaits_sort) {
                let basis = wanted(opened, settings);
                return ask(opened, basis);
            }
        }
    }
    Vec::new()
}

/// The cursor's region is in the order no more: the next one that is gets the cursor.
fn keep_place(opened: &mut Opened, before: &RegionOrder) {
    let wall = &mut opened.wall;
    let Some(cursor) = wall.cursor.filter(|&cursor| wall.order.place(cursor).is_none()) else { return };
    let Some(place) = before.place(cursor) else { return };
    let shown: FxHashSet<RegionIx> = wall.order.regions.iter().copied().collect();
    let (earlier, later) = before.regions.split_at(place);
    let stays = |region: &&RegionIx| shown.contains(*region);
    let Some(&next) = later.iter().find(stays).or_else(|| earlier.iter().rev().find(stays)) else { return };
    if wall.selection.len() == 1 && wall.selection.contains(cursor) {
        wall.selection.set_only(next);
    }
    match opened.view {
        View::Wall => set_cursor(opened, next),
        _ => opened.wall.cursor = Some(next),
    }
}

fn pick(opened: &mut Opened, region: RegionIx, toggle: bool, extend: bool) {
    let wall = &mut opened.wall;
    if extend {
        wall.selection.extend_to(region, &wall.order.regions, toggle);
    } else if toggle {
        wall.selection.toggle(region);
    } else {
        wall.selection.set_only(region);
    }
    set_cursor(opened, region);
}

/// Puts the cursor on a region; the inspector follows to its image.
fn set_cursor(opened: &mut Opened, region: RegionIx) {
    opened.wall.awaits_sort = false;
    opened.wall.cursor = Some(region);
    if let Some(image) = opened.wall.image_of(region) {
        opened.cursor = Some(image);
        opened.region = Some(region);
    }
}

/// Puts the cursor on a region, and with it a selection of one.
pub(super) fn go_to(opened: &mut Opened, region: RegionIx) {
    if opened.wall.selection.len() <= 1 {
        opened.wall.selection.set_only(region);
    }
    set_cursor(opened, region);
}

/// Commands of the image grid that mean regions while the wall is shown.
pub(super) fn choose(opened: &mut Opened, command: SelectionCommand) {
    opened.wall.awaits_sort = false;
    match command {
        SelectionCommand::MoveCursor { by, extend } => {
            let place = opened.wall.cursor.and_then(|region| opened.wall.order.place(region));
            // Without a cursor the first step only makes it appear.
            move_to(opened, place.map_or(0, |place| place as i64 + by), extend);
        }
        SelectionCommand::CursorToEnd { last, extend } => move_to(opened, if last { i64::MAX } else { 0 }, extend),
        SelectionCommand::ToggleCursor => {
            if let Some(region) = opened.wall.cursor {
                opened.wall.selection.toggle(region);
            }
        }
        SelectionCommand::All => opened.wall.selection.set_many(opened.wall.order.regions.iter().copied(), false),
        SelectionCommand::None => opened.wall.selection.clear(),
        SelectionCommand::Invert => opened.wall.selection.invert(&opened.wall.order.regions),
        SelectionCommand::Pick { .. } | SelectionCommand::PickMany { .. } | SelectionCommand::GoTo(_) => {}
    }
}

fn move_to(opened: &mut Opened, place: i64, extend: bool) {
    let wall = &mut opened.wall;
    let last = wall.order.len() as i64 - 1;
    let Some(&region) = wall.order.regions.get(usize::try_from(place.min(last)).unwrap_or(0)) else { return };
    if extend {
        if wall.selection.is_empty() {
            wall.selection.set_only(wall.cursor.unwrap_or(region));
        }
        wall.selection.extend_to(region, &wall.order.regions, false);
    }
    set_cursor(opened, region);
}

/// Opens the image of a region on the canvas, with the region chosen and in sight.
fn open(state: &mut State, region: RegionIx) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let Some(image) = opened.wall.image_of(region) else { return Vec::new() };
    if opened.cursor != Some(image) {
        opened.canvas = CanvasRequest::default();
    }
    set_cursor(opened, region);
    if opened.view != View::Canvas {
        opened.before_canvas = opened.view;
    }
    opened.view = View::Canvas;
    let effects = vec![want_crops(opened), display::want_picture(opened)];
    state.zoom = Some((number, ZoomCommand::Region));
    effects
}

/// Back on the wall: the cursor is where it was, whatever was looked at meanwhile.
pub(super) fn returned(opened: &mut Opened) {
    if opened.view == View::Wall
        && let Some(region) = opened.wall.cursor
    {
        set_cursor(opened, region);
    }
}

/// Asks for the crops in sight; for none while something else is shown.
pub(crate) fn want_crops(opened: &Opened) -> Effect {
    let mut places: FxHashMap<ImageIx, usize> = FxHashMap::default();
    let mut requests: Vec<CropRequest> = Vec::new();
    let side = opened.wall.viewport.side;
    let crops: &[_] = if opened.view == View::Wall { &opened.wall.viewport.crops } else { &[] };
    for &(ix, region) in crops {
        let has_failed = opened.failed_pixels.contains_key(&PixelKey::Crop { region, side });
        let (Some(image), Some(view)) = (opened.catalogue.get(ix), opened.catalogue.region(region)) else { continue };
        if has_failed {
            continue;
        }
        let place = *places.entry(ix).or_insert(requests.len());
        if place == requests.len() {
            requests.push(CropRequest {
                ix,
                id: image.id(),
                resized: image.uri(BlobKind::Resized),
                original: image.uri(BlobKind::Original),
                listed_size: image.size(),
                side,
                regions: Vec::new(),
            });
        }
        if let Some(request) = requests.get_mut(place) {
            request.regions.push((region, view.rect));
        }
    }
    Effect::Wall { generation: opened.generation, effect: WallEffect::WantCrops(requests) }
}

/// Takes choice and cursor over to a catalogue in which the images, and so their regions, have other indices.
pub(super) fn carry(old: &Opened, opened: &mut Opened, place: impl Fn(ImageIx) -> Option<ImageIx>) {
    let wall = &old.wall;
    let moved = |region: RegionIx, image: ImageIx| {
        let id = old.catalogue.region(region)?.id;
        opened.catalogue.get(place(image)?)?.regions().find(|other| other.id == id).map(|other| other.ix)
    };
    let both = wall.order.regions.iter().copied().zip(wall.order.images.iter().copied());
    let chosen: Vec<_> = both
        .filter(|&(region, _)| wall.selection.contains(region))
        .filter_map(|(region, image)| moved(region, image))
        .collect();
    let cursor = wall.cursor.and_then(|region| moved(region, wall.image_of(region)?));
    let mut carried = WallState { only: wall.only, cursor, ..WallState::default() };
    carried.selection.set_many(chosen, false);
    opened.wall = carried;
}

#[cfg(test)]
mod reviewing;
#[cfg(test)]
mod tests;
