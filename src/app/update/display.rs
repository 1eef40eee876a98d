//! What is shown, in which colors of tags, and which pixels are wanted for it.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{save, similar, with_opened};
use crate::picture::{PictureTarget, ShownPicture};
use crate::state::Opened;
use crate::view::{CanvasRequest, GridRequest, View};
use crate::{DisplayCommand, Effect, PictureRequest, PixelKey, State, ThumbRequest};
use domain::tag_color::PALETTE;
use domain::{ImageIx, SortKey, TagId, TagIx};

pub(super) fn update(state: &mut State, command: DisplayCommand) -> Vec<Effect> {
    match command {
        DisplayCommand::SetThumbSide(side) => {
            state.settings.thumb_side = if side.is_finite() { side.clamp(64.0, 512.0) } else { 180.0 };
            Vec::new()
        }
        DisplayCommand::ShowSimilar(ix) => similar::show(state, ix),
        DisplayCommand::EndSimilar => similar::end(state),
        DisplayCommand::SetSort(sort) => {
            state.settings.sort_reversed &= state.settings.sort == sort;
            state.settings.sort = sort;
            let effects = similar::stop(state);
            super::query::requery(state);
            effects
        }
        DisplayCommand::ReverseSort => {
            state.settings.sort_reversed = !state.settings.sort_reversed;
            let effects = similar::stop(state);
            super::query::requery(state);
            super::review::say_for_a_moment(state, &format!("Sort: {}", state.settings.order().label()));
            effects
        }
        DisplayCommand::Shuffle => {
            let settings = &mut state.settings;
            (settings.sort, settings.sort_seed) = (SortKey::Random, settings.sort_seed.wrapping_add(1));
            let effects = similar::stop(state);
            super::query::requery(state);
            super::review::say_for_a_moment(state, "Shuffled again");
            effects
        }
        DisplayCommand::SetGrouping(grouping) => {
            state.settings.grouping = grouping;
            if let Some(opened) = &mut state.opened {
                opened.grouping = grouping;
            }
            super::query::requery(state);
            vec![save(state)]
        }
        DisplayCommand::ChooseColor { tag, color } => choose_color(state, tag, color),
        DisplayCommand::SetView(view) => with_opened(state, |opened| set_view(opened, view)),
        DisplayCommand::GridView(request) => with_opened(state, |opened| {
            opened.grid = request;
            vec![want_thumbs(opened)]
        }),
        DisplayCommand::Scrolled(place) => with_opened(state, |opened| {
            (opened.scrolled.grid, opened.scrolled.grid_wish) = (place, None);
            Vec::new()
        }),
        DisplayCommand::CanvasView(request) => with_opened(state, |opened| {
            opened.canvas = request;
            vec![want_picture(opened)]
        }),
        DisplayCommand::RetryPicture(ix) => with_opened(state, |opened| {
            opened.failed_pixels.retain(|key, _| image_of(*key) != Some(ix));
            want_pixels(opened)
        }),
        DisplayCommand::ToggleTagBoxes(tag) => with_opened(state, |opened| {
            if let Some(id) = tag_id(opened, tag) {
                toggle(&mut opened.hidden_tags, id);
            }
            Vec::new()
        }),
    }
}

fn set_view(opened: &mut Opened, view: View) -> Vec<Effect> {
    if view == View::Canvas && opened.view != View::Canvas {
        opened.before_canvas = opened.view;
    }
    opened.view = view;
    super::wall::returned(opened);
    want_pixels(opened)
}

fn tag_id(opened: &Opened, tag: TagIx) -> Option<TagId> {
    let tags = opened.catalogue.tags();
    (tag.index() < tags.len()).then(|| tags.get(tag).id)
}

fn toggle(set: &mut FxHashSet<TagId>, id: TagId) {
    if !set.remove(&id) {
        set.insert(id);
    }
}

fn image_of(key: PixelKey) -> Option<ImageIx> {
    match key {
        PixelKey::Thumb { ix, .. } | PixelKey::Resized { ix } | PixelKey::Tile { ix, .. } => Some(ix),
        PixelKey::Crop { .. } | PixelKey::PredictedCrop { .. } | PixelKey::Cover { .. } | PixelKey::Removed { .. } => {
            None
        }
    }
}

/// Asks for everything that is in sight.
pub(crate) fn want_pixels(opened: &Opened) -> Vec<Effect> {
    vec![want_thumbs(opened), want_picture(opened), super::wall::want_crops(opened)]
}

fn want_thumbs(opened: &Opened) -> Effect {
    let GridRequest { visible, ahead, side } = &opened.grid;
    let request = |&ix: &ImageIx| {
        let failed = opened.failed_pixels.contains_key(&PixelKey::Thumb { ix, side: *side });
        let image = opened.catalogue.get(ix).filter(|_| !failed)?;
        Some(ThumbRequest { target: PictureTarget::new(image), side: *side })
    };
    let requests = visible.iter().chain(ahead).filter_map(request).collect();
    Effect::WantThumbs { generation: opened.generation, requests }
}

pub(super) fn target(opened: &Opened, ix: ImageIx) -> Option<PictureTarget> {
    opened.catalogue.get(ix).map(PictureTarget::new)
}

pub(super) fn want_picture(opened: &Opened) -> Effect {
    let target = |ix: ImageIx| target(opened, ix);
    let shown =
        |ix: ImageIx, original: &CanvasRequest| Some(ShownPicture { target: target(ix)?, original: original.clone() });
    let current = opened.cursor.filter(|_| opened.view == View::Canvas).and_then(|ix| shown(ix, &opened.canvas));
    let request = current.map(|current| {
        let ix = current.target.ix;
        let place = opened.place(ix);
        let compare = opened.tools.compare.as_ref();
        let near = |by: i64| {
            let place = place?.checked_add_signed(isize::try_from(by).ok()?)?;
            opened.visible.get(place).copied().and_then(target)
        };
        PictureRequest {
            ahead: [1, -1, 2].into_iter().filter_map(near).collect(),
            current,
            beside: compare.filter(|compare| compare.other != ix).and_then(|other| shown(other.other, &other.request)),
            adjust: opened.tools.adjust,
        }
    });
    Effect::WantPicture { generation: opened.generation, request }
}

/// Keeps a color for a tag's name; `None`: the name's own again.
fn choose_color(state: &mut State, tag: TagIx, color: Option<u8>) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let tags = opened.catalogue.tags();
    if tag.index() >= tags.len() || color.is_some_and(|at| usize::from(at) >= PALETTE.len()) {
        return Vec::new();
    }
    let name = tags.get(tag).name.to_string();
    let chosen = Arc::make_mut(&mut state.settings.tag_colors);
    match color {
        Some(color) => chosen.insert(name, color),
        None => chosen.remove(&name),
    };
    vec![save(state)]
}

/// Sees to it that the tags of the open project wear what is chosen. Costs a comparison of two addresses when they do.
pub(crate) fn apply_tag_colors(state: &mut State) {
    let chosen = &state.settings.tag_colors;
    if let Some(opened) = &mut state.opened
        && !Arc::ptr_eq(opened.catalogue.tags().chosen_colors(), chosen)
    {
        Arc::make_mut(&mut opened.catalogue).set_chosen_colors(Arc::clone(chosen));
    }
}
