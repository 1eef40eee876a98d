//! The region wall: every region of the shown images as a crop; where the query asks for predictions, these and the labels
//! that none has found. `header` is the line above, `paint` a cell; where cells are,
//! the scrollbar, the rubber band and the heads of groups are [`cells`]'; here they are wired.
//!
//! Only visible crops cost anything: the order is made by the engine, and no step of a frame looks at all regions.

mod header;
mod paint;

use std::sync::Arc;

use egui::{Modifiers, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::cells::layout::{CellShape, Layout};
use super::cells::scroll::{self, Band, Scroll};
use super::cells::{RING, wheel};
use super::menus::{ByKey, context_menu, is_asked_of_view, prediction_menu};
use super::review::outdated_ui;
use super::tag_style::TagStyle;
use super::textures::{Textures, side_for};
use super::theme::{self, tokens};
use super::widgets::message;
use super::widgets::text::count;
use super::{cells, grid, icons};
use app::state::Opened;
use app::view::GridRequest;
use app::view::ScrollPlace;
use app::wall::{WallCommand, WallViewport};
use app::{Action, Command, DisplayCommand, ListingState, SelectionCommand, State, View};
use domain::wall::WallItem;
use domain::{ImageIx, ProjectKind, RegionGroup, RegionOrder, WallSort};

/// Between crops.
const GAP: f32 = 5.0;

#[derive(Default)]
pub struct WallView {
    generation: u64,
    scroll: Scroll<WallItem>,
    /// The place that was last told.
    told: Option<ScrollPlace<WallItem>>,
    /// It is where it was at the last visit, or somebody has scrolled since.
    is_placed: bool,
    is_fresh: bool,
    /// The cursor that was last brought into view.
    seen_cursor: Option<WallItem>,
    /// The order that was last shown, and the images it was made of.
    seen: Option<(Arc<RegionOrder>, Arc<[ImageIx]>)>,
    /// The order before a search for similar regions, and where it was scrolled to.
    before_near: Option<(WallSort, Scroll<WallItem>)>,
    /// The order that was last shown, and whether it was such a search.
    seen_sort: (WallSort, bool),
    band: Option<Band>,
    layout: Option<Layout>,
    view_height: f32,
    /// Ctrl+wheel adds up to a new size; a step may be less than a point.
    wanted_side: Option<f32>,
    /// The crops asked for last.
    request: WallViewport,
}

impl WallView {
    /// The command of an action that needs to know the wall's columns: up, down and pages.
    pub fn command_for(&self, action: Action, extend: bool, opened: &Opened) -> Option<Command> {
        let layout = self.layout.as_ref()?;
        let rows = grid::rows_of(action, layout, self.view_height)?;
        // Without a cursor the first step only makes it appear.
        let place = opened.wall.cursor.and_then(|item| opened.wall.order.place(item));
        let by = place.map_or(0, |place| layout.moved(place, rows) as i64 - place as i64);
        Some(Command::Selection(SelectionCommand::MoveCursor { by, extend }))
    }

    /// Crops in a row, as last painted.
    pub fn columns(&self) -> usize {
        self.layout.as_ref().map_or(1, |layout| layout.columns)
    }

    /// The regions have got other indices under a new generation: the wall stays as far down as it is.
    pub(super) fn renumber(&mut self, generation: u64) {
        let mut scroll = Scroll::default();
        scroll.offset = self.scroll.offset;
        *self = Self { generation, scroll, ..Self::default() };
    }

    fn open(&mut self, opened: &Opened) {
        if self.generation != opened.generation {
            *self = Self { generation: opened.generation, ..Self::default() };
        }
    }

    /// Another order of the same images is seen from its top, and what was seen before a search for similar regions where it
    /// was.
    fn see(&mut self, opened: &Opened) {
        let order = &opened.wall.order;
        let Some(basis) = &opened.wall.basis else { return };
        if self.seen.as_ref().is_some_and(|(seen, _)| Arc::ptr_eq(seen, order)) {
            return;
        }
        let (sort, is_near) = std::mem::replace(&mut self.seen_sort, (basis.sort, basis.near.is_some()));
        if basis.near.is_some() && !is_near {
            self.before_near = Some((sort, self.scroll.clone()));
        }
        if self.seen.as_ref().is_some_and(|(_, images)| **images == *basis.images) {
            self.scroll = Scroll::default();
        }
        if basis.near.is_none()
            && let Some((_, scroll)) = self.before_near.take().filter(|(sort, _)| *sort == basis.sort)
        {
            self.scroll = scroll;
            // The cursor is back too, and must be in sight.
            self.seen_cursor = None;
        }
        self.is_fresh = true;
        self.is_placed |= is_near || basis.near.is_some();
        self.seen = Some((Arc::clone(order), Arc::clone(&basis.images)));
    }
}

pub fn wall_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    view: &mut WallView,
    textures: &mut Textures,
    commands: &mut Vec<Command>,
) {
    view.open(opened);
    view.see(opened);
    if opened.is_wall_behind(&state.settings) {
        commands.push(Command::Wall(WallCommand::Refresh));
    }
    textures.want_thumbs(opened.generation, GridRequest::none(), commands);
    let whole = ui.available_rect_before_wrap();
    ui.allocate_rect(whole, Sense::hover());
    ui.painter().rect_filled(whole, 0.0, theme::of(ui).window);
    let whole = outdated_ui(ui, whole, state, opened, commands);
    let inner = whole.shrink2(vec2(tokens::GAP_LARGE, 0.0));
    let (head, body) = inner.split_top_bottom_at_y(whole.top() + cells::LINE_HEIGHT);
    let mut line_ui = ui.new_child(UiBuilder::new().id_salt("wall header").max_rect(head));
    header::header_ui(&mut line_ui, state, opened, commands);
    // The scrollbar is in the margin.
    let body = Rect::from_min_max(body.min, pos2(body.right(), whole.bottom()));
    let mut body_ui = ui.new_child(UiBuilder::new().id_salt("wall body").max_rect(body));
    if opened.wall.order.is_empty() {
        view.layout = None;
        want(view, WallViewport::default(), commands);
        empty_ui(&mut body_ui, opened, commands);
        return;
    }
    let bar = Rect::from_min_max(pos2(whole.right() - scroll::BAR_WIDTH, body.top()), whole.max);
    body_ui.set_clip_rect(whole.with_min_y(body.top() - RING).intersect(ui.clip_rect()));
    cells_ui(&mut body_ui, body, bar, state, opened, view, textures, commands);
}

/// What replaces the crops while there are none: why, and what to do about it.
fn empty_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let is_listing = matches!(opened.listing, ListingState::Running { .. });
    let to_grid = Some(("Show the images", Command::Display(DisplayCommand::SetView(View::Grid))));
    if opened.visible.is_empty() {
        return grid::empty_ui(ui, opened, commands);
    }
    let (title, words, action) = if matches!(opened.kind, ProjectKind::Multiclass | ProjectKind::Multilabel) {
        (
            "This project has no regions",
            "Its tags describe whole images. The grid shows them and can group them by tag.",
            to_grid,
        )
    } else if opened.wall.is_ordering() || opened.wall.basis.is_none() || is_listing {
        // It comes in a moment; the header says that it is under way.
        return;
    } else if opened.wall.only.is_some() {
        let all = Some(("Show all tags", Command::Wall(WallCommand::ShowOnly(None))));
        ("No regions to show", "The images shown have no regions with this tag.", all)
    } else if opened.wall.shows_predictions() {
        ("No boxes to show", "Nothing that matches the query has a box.", to_grid)
    } else {
        ("No regions to show", "The images shown have no regions.", to_grid)
    };
    message::empty(ui, icons::IMAGES, title, words, action, commands);
}

fn layout_of(order: &RegionOrder, width: f32, side: f32) -> Layout {
    let has_groups = !order.groups.is_empty();
    let head = if has_groups { cells::HEAD_HEIGHT + 2.0 } else { 0.0 };
    let shape = CellShape { width, side, gap: GAP, ratio: 1.0, head, foot: 0.0 };
    let all = (!has_groups).then_some(order.len());
    Layout::of(order.groups.iter().map(|group| group.len).chain(all), shape)
}

#[expect(clippy::too_many_arguments, reason = "the parts of one frame")]
fn cells_ui(
    ui: &mut Ui,
    body: Rect,
    bar: Rect,
    state: &State,
    opened: &Opened,
    view: &mut WallView,
    textures: &mut Textures,
    commands: &mut Vec<Command>,
) {
    let height = body.height();
    let order = Arc::clone(&opened.wall.order);
    let layout = layout_of(&order, body.width(), state.settings.wall_side);
    let ground = ui.interact(body, ui.scope_id().with("ground"), Sense::CLICK | Sense::DRAG);
    ground.widget_info(|| WidgetInfo::labeled(Role::Grid, true, "Regions"));

    let first = layout.visible(view.scroll.offset - f64::from(RING), view.view_height.max(1.0)).start;
    view.scroll.keep_place(&layout, &order.items, first);
    let before = view.scroll.offset;
    let side = wheel(ui, body, state.settings.wall_side, &mut view.wanted_side, &mut view.scroll.offset);
    commands.extend(side.map(|side| Command::Wall(WallCommand::SetSide(side))));
    view.scroll.bar_ui(ui, bar, &layout, height);
    view.is_placed |= view.scroll.offset != before;
    if is_asked_of_view(ui.ctx()) {
        // The menu of the crop under the cursor: it must be in sight.
        view.seen_cursor = None;
    }
    reveal_cursor(opened, view, &layout, height);
    let is_fresh = std::mem::take(&mut view.is_fresh);
    // While the list grows the place may be in an order that is still to come.
    if let Some(place) = opened.scrolled.wall_wish.as_ref().filter(|_| is_fresh && !view.is_placed) {
        view.is_placed = view.scroll.go_to(&layout, &order.items, place);
    }
    let modifiers = ui.input(|input| input.modifiers);
    if ground.clicked() && modifiers.is_none() && !opened.wall.selection.is_empty() {
        commands.push(Command::Selection(SelectionCommand::None));
    }
    if let Some(banded) = scroll::band_ui(ui, body, &ground, &mut view.band, &mut view.scroll.offset, &layout) {
        let items = banded.places.into_iter().filter_map(|place| order.items.get(place).copied()).collect();
        commands.push(Command::Wall(WallCommand::PickMany { items, keep: banded.keep }));
    }
    view.scroll.offset = view.scroll.offset.clamp(0.0, layout.max_offset(height));

    let visible = layout.visible(view.scroll.offset - f64::from(RING), height + RING);
    view.scroll.remember(&layout, &order.items[visible.clone()], visible.start);
    let place = view.scroll.place();
    if place != view.told {
        commands.push(Command::Wall(WallCommand::Scrolled(place.clone())));
        view.told = place;
    }
    let side = side_for(layout.cell.x * ui.ctx().pixels_per_point());
    let (below, above) = layout.ahead(&visible);
    let crop = |place: usize| Some((*order.images.get(place)?, *order.items.get(place)?));
    let crops = visible.clone().chain(below).chain(above.rev()).filter_map(crop).collect();
    want(view, WallViewport { first: visible.start, crops, side }, commands);

    let touched = view.band.iter().flat_map(|band| band.touched(&layout));
    let banded: Vec<usize> = touched.filter(|place| visible.contains(place)).collect();
    let keeps = view.band.is_none_or(|band| band.keeps);
    let mut cells = paint::WallCells::new(ui, state, opened, side);
    for place in visible {
        let Some((image, item)) = crop(place) else { continue };
        let rect = layout.cell_rect(place, view.scroll.offset).translate(body.min.to_vec2());
        let is_chosen = banded.binary_search(&place).is_ok() || (keeps && opened.wall.selection.contains(item));
        let cell = paint::Cell { rect, image, item, place, is_chosen };
        let response = cells.cell_ui(ui, cell, textures, commands);
        if response.clicked() {
            commands.push(pick(item, modifiers));
            view.seen_cursor = Some(item);
        }
        if response.double_clicked() && modifiers.is_none() {
            commands.push(Command::Wall(WallCommand::Open(item)));
        }
        if response.secondary_clicked() && !opened.wall.selection.contains(item) {
            commands.push(pick(item, Modifiers::NONE));
            view.seen_cursor = Some(item);
        }
        let image = order.images.get(place).and_then(|&ix| opened.catalogue.get(ix));
        let by_key = ByKey::for_view(&response, opened.wall.cursor == Some(item));
        match (image, item) {
            (Some(image), WallItem::Label(region)) => {
                context_menu(&response, by_key, state, opened, image, opened.catalogue.region(region), commands);
            }
            (Some(image), WallItem::Prediction(_)) => {
                prediction_menu(&response, by_key, state, opened, image, item, commands);
            }
            (None, _) => {}
        }
    }
    cells.finish(ui);
    heads_ui(ui, body, opened, &order, &layout, view.scroll.offset, modifiers, commands);
    if let Some(band) = view.band {
        band.paint(ui, body, view.scroll.offset);
    }
    view.layout = Some(layout);
    view.view_height = height;
}

fn pick(item: WallItem, modifiers: Modifiers) -> Command {
    Command::Wall(WallCommand::Pick { item, toggle: modifiers.command, extend: modifiers.shift })
}

/// Tells which crops are wanted, when these are others than before.
fn want(view: &mut WallView, request: WallViewport, commands: &mut Vec<Command>) {
    if view.request != request {
        commands.push(Command::Wall(WallCommand::Viewport(request.clone())));
        view.request = request;
    }
}

/// Brings the cursor into view when it has moved; never otherwise, so one may scroll away from it.
fn reveal_cursor(opened: &Opened, view: &mut WallView, layout: &Layout, height: f32) {
    if opened.wall.cursor == view.seen_cursor {
        return;
    }
    view.seen_cursor = opened.wall.cursor;
    if let Some(place) = opened.wall.cursor.and_then(|item| opened.wall.order.place(item)) {
        view.scroll.offset = layout.revealing(place, view.scroll.offset, height);
    }
}

/// The heads of the groups in sight; a click chooses a whole group.
#[expect(clippy::too_many_arguments, reason = "the parts of one frame")]
fn heads_ui(
    ui: &Ui,
    body: Rect,
    opened: &Opened,
    order: &RegionOrder,
    layout: &Layout,
    offset: f64,
    modifiers: Modifiers,
    commands: &mut Vec<Command>,
) {
    for (number, top) in layout.heads(offset, body.height()) {
        let Some(group) = order.groups.get(number) else { continue };
        let min = body.min + vec2(0.0, top);
        let rect = Rect::from_min_size(min, vec2(body.width(), cells::HEAD_HEIGHT));
        let entry = opened.catalogue.tags().get(group.tag);
        let color = TagStyle::of(entry).color;
        let words = group_text(group, opened.wall.shows_predictions());
        if cells::head_ui(ui, rect, number, Some(color), &entry.name, &words).clicked() {
            let items = order.items.get(layout.group(number)).map(<[_]>::to_vec).unwrap_or_default();
            commands.push(Command::Wall(WallCommand::PickMany { items, keep: modifiers.command }));
        }
    }
}

/// `640 regions in 612 images`; predictions and labels together are boxes.
fn group_text(group: &RegionGroup, has_predictions: bool) -> String {
    let (one, many) = if has_predictions { ("box", "boxes") } else { ("region", "regions") };
    format!("{} in {}", count(group.len as u64, one, many), count(group.image_count as u64, "image", "images"))
}
