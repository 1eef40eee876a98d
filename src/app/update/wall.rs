//! Does the commands of [`crate::wall`] and takes its events.

mod similar;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{display, save, with_opened};
use crate::canvas::ZoomCommand;
use crate::picture::PictureTarget;
use crate::state::Opened;
use crate::view::{CanvasRequest, View};
use crate::wall::{Basis, ChosenRegions, CropRequest, WallCommand, WallEffect, WallEvent, WallState};
use crate::{Effect, PixelKey, SelectionCommand, Settings, State};
use domain::wall::WallItem;
use domain::{ImageIx, RegionOrder, RegionSort};

/// Sides of crops in pixels.
const CROP_SIDES: [u16; 4] = [64, 128, 256, 512];

pub(super) fn update(state: &mut State, command: WallCommand) -> Vec<Effect> {
    match command {
        WallCommand::SetSort(sort) => {
            forget_similar(state);
            let asks = state.opened.as_ref().is_some_and(Opened::asks_for_predictions);
            if asks && sort.needs_features() {
                super::review::say_for_a_moment(state, "Predictions cannot be sorted by their pixels");
                return Vec::new();
            }
            let (key, is_reversed) = kept_sort(state, asks || sort.is_of_predictions());
            *is_reversed &= *key == sort;
            *key = sort;
            kept(state)
        }
        WallCommand::ReverseSort => {
            forget_similar(state);
            let asks = state.opened.as_ref().is_some_and(Opened::asks_for_predictions);
            let (_, is_reversed) = kept_sort(state, asks);
            *is_reversed = !*is_reversed;
            let sort = state.opened.as_ref().map(|opened| opened.wall_sort(&state.settings)).unwrap_or_default();
            super::review::say_for_a_moment(state, &format!("Sort: {}", sort.label()));
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
        WallCommand::ShowSimilar(region) => similar::show(state, region),
        WallCommand::EndSimilar => similar::end(state),
        WallCommand::Open(item) => open(state, item),
        WallCommand::Refresh => on_wall(state, refresh),
        WallCommand::SortAgain => on_wall(state, |opened, settings| ask(opened, wanted(opened, settings))),
        WallCommand::ShowOnly(tag) => on_wall(state, |opened, settings| {
            opened.wall.only = tag;
            refresh(opened, settings)
        }),
        WallCommand::Viewport(viewport) => with_opened(state, |opened| {
            opened.wall.viewport = viewport;
            vec![want_crops(opened)]
        }),
        WallCommand::Scrolled(place) => with_opened(state, |opened| {
            (opened.scrolled.wall, opened.scrolled.wall_wish) = (place, None);
            Vec::new()
        }),
        WallCommand::Pick { item, toggle, extend } => with_opened(state, |opened| {
            pick(opened, item, toggle, extend);
            Vec::new()
        }),
        WallCommand::PickMany { items, keep } => with_opened(state, |opened| {
            opened.wall.selection.set_many(items, keep);
            Vec::new()
        }),
        WallCommand::Retry(item) => with_opened(state, |opened| {
            let image = opened.wall.image_of(item);
            if let (Some(ix), Some(shown)) = (image, opened.wall.shown(&opened.catalogue, item)) {
                for side in CROP_SIDES {
                    opened.failed_pixels.remove(&PixelKey::crop(item, ix, shown.rect, side));
                }
            }
            vec![want_crops(opened)]
        }),
    }
}

/// The image of the region that others are near to.
fn near_image(opened: &Opened) -> Option<ImageIx> {
    opened.catalogue.image_of(opened.wall.near?)
}

/// The chosen order counts again.
fn forget_similar(state: &mut State) {
    if let Some(opened) = &mut state.opened {
        (opened.wall.near, opened.wall.before_near) = (None, None);
    }
}

/// The order that is kept, of labels or of predictions, and its direction.
fn kept_sort(state: &mut State, is_of_predictions: bool) -> (&mut RegionSort, &mut bool) {
    let settings = &mut state.settings;
    match is_of_predictions {
        true => (&mut settings.predicted_sort, &mut settings.predicted_sort_reversed),
        false => (&mut settings.wall_sort, &mut settings.wall_sort_reversed),
    }
}

/// What a command does to the wall of the open project under the settings; nothing without a project.
fn on_wall(state: &mut State, act: impl FnOnce(&mut Opened, &Settings) -> Vec<Effect>) -> Vec<Effect> {
    state.opened.as_mut().map(|opened| act(opened, &state.settings)).unwrap_or_default()
}

/// A changed order is kept and made.
fn kept(state: &mut State) -> Vec<Effect> {
    let mut effects = vec![save(state)];
    effects.extend(on_wall(state, refresh));
    effects
}

/// What the order is to be made of now.
fn wanted(opened: &Opened, settings: &Settings) -> Basis {
    Basis {
        images: opened.visible.as_slice().into(),
        only: opened.wall.only.and_then(|tag| opened.catalogue.tags().find(tag)),
        chosen: opened.query.regions.clone(),
        near: opened.wall.near,
        sort: opened.wall_sort(settings),
        is_grouped: opened.groups_wall(settings),
    }
}

fn refresh(opened: &mut Opened, settings: &Settings) -> Vec<Effect> {
    if !opened.is_wall_behind(settings) {
        return Vec::new();
    }
    let basis = wanted(opened, settings);
    let Opened { generation, .. } = *opened;
    opened.wall.awaits_sort = basis.sort.key.needs_features();
    let effect = if basis.sort.key.needs_features() {
        let catalogue = Arc::clone(&opened.catalogue);
        let (images, only) = match basis.sort.key.compares_tags() {
            true => (super::similar::compared_images(opened, near_image(opened)), None),
            false => (Arc::clone(&basis.images), basis.only),
        };
        WallEffect::Compare { catalogue, images, only }
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
    wall.searched = None;
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
                if !has_same_predictions(wall.basis.as_ref(), &basis) {
                    forget_predictions(wall);
                }
                wall.basis = Some(basis);
                wall.searched = None;
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
        WallEvent::ComparedPictures { near, compared } => super::similar::compared(opened, near, compared),
        WallEvent::Nearness { near, distances } => super::similar::came(state, near, distances),
        WallEvent::Searched { request, done, total } => {
            let wall = &mut opened.wall;
            if wall.asked.as_ref().is_some_and(|(asked, _)| *asked == request) {
                wall.searched = Some((done, total));
            }
        }
    }
    Vec::new()
}

/// Whether two orders are of the same predictions.
fn has_same_predictions(before: Option<&Basis>, now: &Basis) -> bool {
    let asks = |chosen: &&ChosenRegions| chosen.program.asks_for_predictions();
    let of =
        |basis: &Basis| basis.chosen.as_ref().filter(asks).map(|chosen| Arc::as_ptr(&chosen.predicted.predictions));
    before.and_then(of).is_some_and(|before| of(now) == Some(before))
}

/// Lets go of predictions that are chosen: those of another set have other numbers.
fn forget_predictions(wall: &mut WallState) {
    let is_label = |item: &WallItem| item.label().is_some();
    let labels: Vec<WallItem> = wall.selection.iter().filter(is_label).collect();
    if labels.len() < wall.selection.len() {
        wall.selection.set_many(labels, false);
    }
    wall.cursor = wall.cursor.filter(is_label);
}

/// The cursor's crop is in the order no more: the next one that is gets the cursor.
fn keep_place(opened: &mut Opened, before: &RegionOrder) {
    let wall = &mut opened.wall;
    let Some(cursor) = wall.cursor.filter(|&cursor| wall.order.place(cursor).is_none()) else { return };
    let Some(place) = before.place(cursor) else { return };
    let shown: FxHashSet<WallItem> = wall.order.items.iter().copied().collect();
    let (earlier, later) = before.items.split_at(place);
    let stays = |item: &&WallItem| shown.contains(*item);
    let Some(&next) = later.iter().find(stays).or_else(|| earlier.iter().rev().find(stays)) else { return };
    if wall.selection.len() == 1 && wall.selection.contains(cursor) {
        wall.selection.set_only(next);
    }
    match opened.view {
        View::Wall => set_cursor(opened, next),
        _ => opened.wall.cursor = Some(next),
    }
}

fn pick(opened: &mut Opened, item: WallItem, toggle: bool, extend: bool) {
    let wall = &mut opened.wall;
    if extend {
        wall.selection.extend_to(item, &wall.order.items, toggle);
    } else if toggle {
        wall.selection.toggle(item);
    } else {
        wall.selection.set_only(item);
    }
    set_cursor(opened, item);
}

/// Puts the cursor on a crop; the inspector follows to its image, and to the label that a prediction lies on.
fn set_cursor(opened: &mut Opened, item: WallItem) {
    opened.wall.awaits_sort = false;
    opened.wall.cursor = Some(item);
    if let Some(image) = opened.wall.image_of(item) {
        opened.cursor = Some(image);
        opened.region = opened.wall.shown(&opened.catalogue, item).and_then(|shown| shown.label);
    }
}

/// Puts the cursor on a crop, and with it a selection of one.
pub(super) fn go_to(opened: &mut Opened, item: WallItem) {
    if opened.wall.selection.len() <= 1 {
        opened.wall.selection.set_only(item);
    }
    set_cursor(opened, item);
}

/// Commands of the image grid that mean regions while the wall is shown.
pub(super) fn choose(opened: &mut Opened, command: SelectionCommand) {
    opened.wall.awaits_sort = false;
    match command {
        SelectionCommand::MoveCursor { by, extend } => {
            let place = opened.wall.cursor.and_then(|item| opened.wall.order.place(item));
            // Without a cursor the first step only makes it appear.
            move_to(opened, place.map_or(0, |place| place as i64 + by), extend);
        }
        SelectionCommand::CursorToEnd { last, extend } => move_to(opened, if last { i64::MAX } else { 0 }, extend),
        SelectionCommand::ToggleCursor => {
            if let Some(item) = opened.wall.cursor {
                opened.wall.selection.toggle(item);
            }
        }
        SelectionCommand::All => opened.wall.selection.set_many(opened.wall.order.items.iter().copied(), false),
        SelectionCommand::None => opened.wall.selection.clear(),
        SelectionCommand::Invert => opened.wall.selection.invert(&opened.wall.order.items),
        SelectionCommand::Pick { .. } | SelectionCommand::PickMany { .. } | SelectionCommand::GoTo(_) => {}
    }
}

fn move_to(opened: &mut Opened, place: i64, extend: bool) {
    let wall = &mut opened.wall;
    let last = wall.order.len() as i64 - 1;
    let Some(&item) = wall.order.items.get(usize::try_from(place.min(last)).unwrap_or(0)) else { return };
    if extend {
        if wall.selection.is_empty() {
            wall.selection.set_only(wall.cursor.unwrap_or(item));
        }
        wall.selection.extend_to(item, &wall.order.items, false);
    }
    set_cursor(opened, item);
}

/// Opens the image of a crop on the canvas, with the region chosen and in sight.
fn open(state: &mut State, item: WallItem) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let Some(image) = opened.wall.image_of(item) else { return Vec::new() };
    if opened.cursor != Some(image) {
        opened.canvas = CanvasRequest::default();
    }
    set_cursor(opened, item);
    opened.predictions.picked = item.prediction();
    let shown = opened.wall.shown(&opened.catalogue, item).filter(|_| item.label().is_none());
    if opened.view != View::Canvas {
        opened.before_canvas = opened.view;
    }
    opened.view = View::Canvas;
    let effects = vec![want_crops(opened), display::want_picture(opened)];
    let zoom = shown.map_or(ZoomCommand::Region, |shown| ZoomCommand::Area(shown.rect));
    state.zoom = Some((number, zoom));
    effects
}

/// Back on the wall: the cursor is where it was, whatever was looked at meanwhile.
pub(super) fn returned(opened: &mut Opened) {
    if opened.view == View::Wall
        && let Some(item) = opened.wall.cursor
    {
        set_cursor(opened, item);
    }
}

/// Asks for the crops in sight; for none while something else is shown.
pub(crate) fn want_crops(opened: &Opened) -> Effect {
    let mut places: FxHashMap<ImageIx, usize> = FxHashMap::default();
    let mut requests: Vec<CropRequest> = Vec::new();
    let side = opened.wall.viewport.side;
    let crops: &[_] = if opened.view == View::Wall { &opened.wall.viewport.crops } else { &[] };
    for &(ix, item) in crops {
        let shown = opened.wall.shown(&opened.catalogue, item);
        let (Some(image), Some(shown)) = (opened.catalogue.get(ix), shown) else { continue };
        let key = PixelKey::crop(item, ix, shown.rect, side);
        if opened.failed_pixels.contains_key(&key) {
            continue;
        }
        let place = *places.entry(ix).or_insert(requests.len());
        if place == requests.len() {
            requests.push(CropRequest { target: PictureTarget::new(image), side, crops: Vec::new() });
        }
        if let Some(request) = requests.get_mut(place) {
            request.crops.push((key, shown.rect));
        }
    }
    Effect::Wall { generation: opened.generation, effect: WallEffect::WantCrops(requests) }
}

/// Keeps the selection and the cursor for a catalogue in which images and regions have other indices. Predictions are read
/// again, so a selection of them is dropped.
pub(super) fn carry(old: &Opened, opened: &mut Opened, place: impl Fn(ImageIx) -> Option<ImageIx>) {
    let wall = &old.wall;
    let moved = |item: WallItem, image: ImageIx| {
        let id = old.catalogue.region(item.label()?)?.id;
        let moved = opened.catalogue.get(place(image)?)?.regions().find(|other| other.id == id);
        moved.map(|other| WallItem::Label(other.ix))
    };
    let both = wall.order.items.iter().copied().zip(wall.order.images.iter().copied());
    let chosen: Vec<_> = both
        .filter(|&(item, _)| wall.selection.contains(item))
        .filter_map(|(item, image)| moved(item, image))
        .collect();
    let cursor = wall.cursor.and_then(|item| moved(item, wall.image_of(item)?));
    let near = wall.near.and_then(|near| moved(near.into(), old.catalogue.image_of(near)?)?.label());
    let before_near = wall
        .before_near
        .as_ref()
        .map(|before| before.moved(|item| moved(item, old.catalogue.image_of(item.label()?)?)));
    let before_near = before_near.filter(|_| near.is_some());
    let mut carried = WallState { only: wall.only, near, before_near, cursor, ..WallState::default() };
    carried.selection.set_many(chosen, false);
    opened.wall = carried;
}

#[cfg(test)]
pub(in crate::update) mod tests;
