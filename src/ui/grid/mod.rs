//! The grid: all shown images as thumbnails. `header` is the line above, `paint` a cell; where cells are, the scrollbar and
//! the rubber band are [`cells`]'; here they are wired.
//!
//! Only visible cells cost anything: no step of a frame grows with the catalogue.

mod header;
mod paint;
mod scrubber;

use egui::{Modifiers, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::cells::layout::{CellShape, Layout};
use super::cells::scroll::{self, Band, Scroll};
use super::cells::{RING, wheel};
use super::menus::{ByKey, context_menu, is_asked_of_view};
use super::review::outdated_ui;
use super::tag_style::TagStyle;
use super::textures::{Textures, side_for};
use super::theme::{self, tokens};
use super::widgets::message;
use super::widgets::text::count;
use super::{cells, icons, keys, query};
use app::state::Opened;
use app::view::GridRequest;
use app::view::ScrollPlace;
use app::{
    Action, CanvasCommand, Command, Dialog, DisplayCommand, ListingState, ProjectCommand, QueryCommand,
    SelectionCommand, State, WindowCommand,
};
use domain::query::edit::Standing;
use domain::query::{Choice, Test};
use domain::{GroupKey, ImageIx};

#[derive(Debug, Default)]
pub struct GridView {
    generation: u64,
    scroll: Scroll<ImageIx>,
    /// The order of similar images that was last shown.
    similar: Option<u64>,
    /// Where it was scrolled to before the search for similar images.
    before_similar: Option<Scroll<ImageIx>>,
    /// The place that was last told.
    told: Option<ScrollPlace<ImageIx>>,
    /// It is where it was at the last visit, or somebody has scrolled since.
    is_placed: bool,
    /// The cursor that was last brought into view.
    seen_cursor: Option<ImageIx>,
    /// The query under which it was.
    seen_query: String,
    band: Option<Band>,
    /// Images that are selected once the rubber band is let go.
    banded: Option<usize>,
    layout: Option<Layout>,
    view_height: f32,
    /// Ctrl+wheel adds up to a new size; a step may be less than a point.
    wanted_side: Option<f32>,
    /// Boxes of the last frame, so that the next one's mesh is made in one piece.
    box_count: usize,
}

impl GridView {
    /// The command of an action that needs to know the grid's columns: up, down and pages.
    pub fn command_for(&self, action: Action, extend: bool, opened: &Opened) -> Option<Command> {
        let layout = self.layout.as_ref()?;
        let rows = rows_of(action, layout, self.view_height)?;
        // Without a cursor the first step only makes it appear.
        let place = opened.cursor.and_then(|ix| opened.place(ix));
        let by = place.map_or(0, |place| layout.moved(place, rows) as i64 - place as i64);
        Some(Command::Selection(SelectionCommand::MoveCursor { by, extend }))
    }

    /// Images in a row, as last painted.
    pub fn columns(&self) -> usize {
        self.layout.as_ref().map_or(1, |layout| layout.columns)
    }

    /// The images have got other indices under a new generation: those in sight stay in sight.
    pub(super) fn renumber(&mut self, generation: u64, place: impl Fn(ImageIx) -> Option<ImageIx>) {
        self.generation = generation;
        self.seen_cursor = self.seen_cursor.and_then(&place);
        self.told = None;
        if let Some(before) = &mut self.before_similar {
            before.renumber(&place);
        }
        self.scroll.renumber(place);
    }

    fn open(&mut self, opened: &Opened) {
        if self.generation != opened.generation {
            *self = Self { generation: opened.generation, ..Self::default() };
        }
        // What is similar is seen from the top, and after it what was seen before.
        let edition = opened.similar.as_ref().map(|similar| similar.edition);
        let seen = std::mem::replace(&mut self.similar, edition);
        if seen == edition {
            return;
        }
        let scroll = std::mem::take(&mut self.scroll);
        match (seen, edition) {
            (None, _) => self.before_similar = Some(scroll),
            (_, None) => self.scroll = self.before_similar.take().unwrap_or(scroll),
            _ => {}
        }
    }
}

/// How many rows an action moves the cursor down.
pub(super) fn rows_of(action: Action, layout: &Layout, view_height: f32) -> Option<i64> {
    let page = layout.page_rows(view_height) as i64;
    match action {
        Action::CursorUp => Some(-1),
        Action::CursorDown => Some(1),
        Action::CursorPageUp => Some(-page),
        Action::CursorPageDown => Some(page),
        _ => None,
    }
}

pub fn grid_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    view: &mut GridView,
    textures: &mut Textures,
    commands: &mut Vec<Command>,
) {
    view.open(opened);
    let whole = ui.available_rect_before_wrap();
    ui.allocate_rect(whole, Sense::hover());
    ui.painter().rect_filled(whole, 0.0, theme::of(ui).window);
    let whole = outdated_ui(ui, whole, state, opened, commands);
    let inner = whole.shrink2(vec2(tokens::GAP_LARGE, 0.0));
    let (head, body) = inner.split_top_bottom_at_y(whole.top() + cells::LINE_HEIGHT);
    let mut header_ui = ui.new_child(UiBuilder::new().id_salt("grid header").max_rect(head));
    header::header_ui(&mut header_ui, state, opened, view.banded, commands);
    // The scrollbar is in the margin.
    let body = Rect::from_min_max(body.min, pos2(body.right(), whole.bottom()));
    let mut body_ui = ui.new_child(UiBuilder::new().id_salt("grid body").max_rect(body));
    if opened.visible.is_empty() {
        view.layout = None;
        textures.want_thumbs(opened.generation, GridRequest::none(), commands);
        empty_ui(&mut body_ui, opened, commands);
        return;
    }
    let bar = Rect::from_min_max(pos2(whole.right() - scroll::BAR_WIDTH, body.top()), whole.max);
    body_ui.set_clip_rect(whole.with_min_y(body.top() - RING).intersect(ui.clip_rect()));
    cells_ui(&mut body_ui, body, bar, state, opened, view, textures, commands);
}

/// What replaces the images while none is shown: why, and what to do about it.
pub(super) fn empty_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let again = Some(("Reload the list", Command::Project(ProjectCommand::Refresh)));
    let (failed, bad);
    let (title, words, action) = match &opened.listing {
        _ if !opened.catalogue.is_empty() => {
            bad = query::error_words(opened);
            let clear = (Action::ClearFilter.text().label, Command::Query(QueryCommand::Clear));
            let (words, action) = match lacking(opened) {
                _ if !bad.is_empty() => (bad.as_str(), clear),
                Some((words, command, label)) => (words, (label, command)),
                None => ("Change the query, or clear it to see all images.", clear),
            };
            ("No images match this query", words, Some(action))
        }
        // The status bar tells how it goes.
        ListingState::Running { .. } => return,
        ListingState::Failed { failure, .. } => {
            failed = [failure.headline(), failure.advice()].join(" ");
            (
                "The images could not be listed",
                failed.trim(),
                Some(("Resume", Command::Project(ProjectCommand::ResumeListing))),
            )
        }
        ListingState::Incomplete { .. } => {
            ("No images received", "The project should have some. Reload the list.", again)
        }
        ListingState::Complete { .. } => {
            ("No tagged images", "Images that you tag in the Custom Vision portal appear here.", again)
        }
    };
    message::empty(ui, icons::IMAGES, title, words, action, commands);
}

/// What the query asks about and is not there: words, what brings it, and the words on the button.
fn lacking(opened: &Opened) -> Option<(&'static str, Command, &'static str)> {
    let dialog = |dialog| Command::Window(WindowCommand::ShowDialog(Some(dialog)));
    if opened.query.standing(&Test::Tag(Choice::None)) == Standing::Included && !opened.has_untagged {
        let words = "Images without tags are not listed.";
        return Some((words, Command::Project(ProjectCommand::ShowUntagged(true)), "Show images without tags"));
    }
    let program = opened.query.program();
    if program.asks_changes() && opened.changes.comparison(opened.generation).is_none() {
        let words = "This query is about changes, but no other state is open to compare with.";
        return Some((words, dialog(Dialog::Changes), Action::CompareState.text().label));
    }
    if program.asks_predictions() && opened.predictions.sets(opened.generation).is_empty() {
        let words = "This query is about predictions, but none are loaded.";
        return Some((words, dialog(Dialog::Predictions), Action::Predictions.text().label));
    }
    None
}

#[expect(clippy::too_many_arguments, reason = "the parts of one frame")]
fn cells_ui(
    ui: &mut Ui,
    body: Rect,
    bar: Rect,
    state: &State,
    opened: &Opened,
    view: &mut GridView,
    textures: &mut Textures,
    commands: &mut Vec<Command>,
) {
    let height = body.height();
    let layout = layout_of(opened, body.width(), state.settings.thumb_side, paint::foot(state));
    let ground = ui.interact(body, ui.scope_id().with("ground"), Sense::CLICK | Sense::DRAG);
    ground.widget_info(|| WidgetInfo::labeled(Role::Grid, true, "Images"));

    for action in [Action::CursorUp, Action::CursorDown, Action::CursorPageUp, Action::CursorPageDown] {
        if let Some(chord) = keys::pressed(ui.ctx(), state, action) {
            commands.extend(view.command_for(action, chord.shift, opened));
        }
    }
    view.scroll.keep_place(&layout, &opened.visible, layout_first(view, &layout));
    let before = view.scroll.offset;
    let side = state.settings.thumb_side;
    let side = wheel(ui, body, side, &mut view.wanted_side, &mut view.scroll.offset);
    commands.extend(side.map(|value| Command::Display(DisplayCommand::SetThumbSide(value))));
    let grabbed = view.scroll.bar_ui(ui, bar, &layout, height);
    view.is_placed |= view.scroll.offset != before;
    if is_asked_of_view(ui.ctx()) {
        // The menu of the image under the cursor: it must be in sight.
        view.seen_cursor = None;
    }
    reveal_cursor(opened, view, &layout, height);
    if let Some(place) = opened.scrolled.grid_wish.as_ref().filter(|_| !view.is_placed) {
        // Once: an image that the query hides would be looked for in each frame.
        view.is_placed = true;
        view.scroll.go_to(&layout, &opened.visible, place);
    }
    if ground.clicked() && ui.input(|input| input.modifiers.is_none()) && !opened.selection.is_empty() {
        commands.push(Command::Selection(SelectionCommand::None));
    }
    if let Some(banded) = scroll::band_ui(ui, body, &ground, &mut view.band, &mut view.scroll.offset, &layout) {
        let images = banded.places.into_iter().filter_map(|place| opened.visible.get(place).copied()).collect();
        commands.push(Command::Selection(SelectionCommand::PickMany { images, keep: banded.keep }));
    }
    view.scroll.offset = view.scroll.offset.clamp(0.0, layout.max_offset(height));

    let visible = layout.visible(view.scroll.offset - f64::from(RING), height + RING);
    let images = &opened.visible[visible.clone()];
    view.scroll.remember(&layout, images, visible.start);
    let place = view.scroll.place();
    if place != view.told {
        commands.push(Command::Display(DisplayCommand::Scrolled(place.clone())));
        view.told = place;
    }
    view.layout = Some(layout.clone());
    view.view_height = height;

    let pixels_per_point = ui.ctx().pixels_per_point();
    // A picture that fills a cell of another shape is larger than it.
    let larger = if state.settings.appearance.fills_cells { 4.0 / 3.0 } else { 1.0 };
    let side = side_for(layout.cell.x * pixels_per_point * larger);
    let (below, above) = layout.ahead(&visible);
    let ahead = opened.visible[below].iter().chain(opened.visible[above].iter().rev()).copied().collect();
    textures.want_thumbs(opened.generation, GridRequest { visible: images.to_vec(), ahead, side }, commands);

    let mut cells = paint::GridCells::new(ui, state, opened, side, view.box_count);
    view.banded = view.band.map(|band| {
        let touched = band.touched(&layout).filter_map(|place| opened.visible.get(place));
        if !band.keeps {
            return touched.count();
        }
        opened.selection.len() + touched.filter(|ix| !opened.selection.contains(**ix)).count()
    });
    let touched = view.band.iter().flat_map(|band| band.touched(&layout));
    let banded: Vec<usize> = touched.filter(|place| visible.contains(place)).collect();
    let modifiers = ui.input(|input| input.modifiers);
    for place in visible {
        let ix = opened.visible[place];
        let rect = layout.cell_rect(place, view.scroll.offset).translate(body.min.to_vec2());
        let is_banded = banded.binary_search(&place).is_ok();
        let keeps = view.band.is_none_or(|band| band.keeps);
        let is_chosen = is_banded || (keeps && opened.selection.contains(ix));
        let response = cells.cell_ui(ui, rect, ix, place, is_chosen, textures, commands);
        if response.clicked() {
            commands.push(pick(ix, modifiers));
            view.seen_cursor = Some(ix);
        }
        if response.double_clicked() && modifiers.is_none() {
            commands.push(Command::Canvas(CanvasCommand::OpenImage(ix)));
        }
        if response.secondary_clicked() && !opened.selection.contains(ix) {
            commands.push(pick(ix, Modifiers::NONE));
            view.seen_cursor = Some(ix);
        }
        if let Some(image) = opened.catalogue.get(ix) {
            let by_key = ByKey::for_view(&response, opened.cursor == Some(ix));
            context_menu(&response, by_key, state, opened, image, None, commands);
        }
    }
    view.box_count = cells.finish(ui);
    heads_ui(ui, body, opened, &layout, view.scroll.offset, modifiers, commands);
    if let Some(band) = view.band {
        band.paint(ui, body, view.scroll.offset);
    }
    if let Some(thumb) = grabbed {
        let first = layout.visible(view.scroll.offset, height).start;
        scrubber::bubble_ui(ui, bar, thumb, opened, first, state.settings.sort);
    }
}

fn layout_of(opened: &Opened, width: f32, side: f32, foot: f32) -> Layout {
    let has_groups = !opened.groups.is_empty();
    let head = if has_groups { cells::HEAD_HEIGHT + 2.0 } else { 0.0 };
    let shape = CellShape { width, side, gap: tokens::GRID_GAP, ratio: 0.75, head, foot };
    let all = (!has_groups).then_some(opened.visible.len());
    Layout::of(opened.groups.iter().map(|group| group.len).chain(all), shape)
}

/// The heads of the groups in sight; a click chooses a whole group.
fn heads_ui(
    ui: &Ui,
    body: Rect,
    opened: &Opened,
    layout: &Layout,
    offset: f64,
    modifiers: Modifiers,
    commands: &mut Vec<Command>,
) {
    for (number, top) in layout.heads(offset, body.height()) {
        let Some(group) = opened.groups.get(number) else { continue };
        let rect = Rect::from_min_size(body.min + vec2(0.0, top), vec2(body.width(), cells::HEAD_HEIGHT));
        let color = match group.key {
            GroupKey::Tag(Some(tag)) => Some(TagStyle::of(opened.catalogue.tags().get(tag)).color),
            _ => None,
        };
        let name = group.key.label(&opened.catalogue);
        let rest = count(group.len as u64, "image", "images");
        if cells::head_ui(ui, rect, number, color, &name, &rest).clicked() {
            let images = opened.visible.get(layout.group(number)).map(<[_]>::to_vec).unwrap_or_default();
            commands.push(Command::Selection(SelectionCommand::PickMany { images, keep: modifiers.command }));
        }
    }
}

fn pick(ix: ImageIx, modifiers: Modifiers) -> Command {
    Command::Selection(SelectionCommand::Pick { ix, toggle: modifiers.command, extend: modifiers.shift })
}

/// The first place in sight as of the last frame, in the rows of this one.
fn layout_first(view: &GridView, layout: &Layout) -> usize {
    layout.visible(view.scroll.offset - f64::from(RING), view.view_height.max(1.0)).start
}

/// Brings the cursor into view when it has moved, or when another query has moved everything; never otherwise, so one may
/// scroll away from it.
fn reveal_cursor(opened: &Opened, view: &mut GridView, layout: &Layout, height: f32) {
    let query = opened.query.text_in_force();
    if opened.cursor == view.seen_cursor && query == view.seen_query {
        return;
    }
    view.seen_cursor = opened.cursor;
    query.clone_into(&mut view.seen_query);
    if let Some(place) = opened.cursor.and_then(|ix| opened.place(ix)) {
        view.scroll.offset = layout.revealing(place, view.scroll.offset, height);
    }
}
