//! The canvas: one image with its regions, or two side by side. [`viewport`] holds the one transform, [`hit`] tells what
//! is under the pointer, [`chips`] where names go; `pane` is one picture with its regions (`picture` paints pixels,
//! `regions` its `boxes` and their `names`, `counterpart` a box that is missing), `motion` moves the view, `compare` has two
//! panes; `controls` and `readout` lie on top. Here they are wired.

mod boxes;
pub mod chips;
mod compare;
mod controls;
mod counterpart;
pub mod hit;
mod motion;
mod names;
mod overlay;
mod pane;
mod picture;
mod readout;
mod regions;
pub mod viewport;

use egui::{Layout, Rect, Sense, Ui};

use crate::keys;
use crate::link;
use crate::menus::{ByKey, context_menu, is_asked_of_view};
use crate::textures::Textures;
use crate::theme::tokens;
use crate::widgets::message;
use app::canvas::{Compare, ZoomCommand};
use app::predictions::PredictionsCommand;
use app::state::Opened;
use app::view::CanvasRequest;
use app::{Action, CanvasCommand, Command, CompareCommand, DisplayCommand, PixelKey, State};
use domain::{ImageIx, ImageView};
use motion::{Flight, moved, requested, toggled};
use pane::{Pane, PaneScene, PlacedPane, say_failures};
use viewport::Viewport;

pub(crate) use names::share_text;

#[derive(Default)]
pub struct CanvasView {
    main: Pane,
    compared: Pane,
    seen_zoom: u64,
    flight: Option<Flight>,
    asked: Option<readout::AskedPixel>,
    /// The image whose original is wanted because 1:1 was requested before its size was known.
    awaits_original: Option<ImageIx>,
    /// The button that hides the boxes is held.
    is_held: bool,
    /// Of two images the one with the cursor was last seen at the right.
    is_main_right: bool,
}

impl CanvasView {
    pub fn viewport(&self) -> Option<Viewport> {
        self.main.viewport
    }

    pub fn compared_viewport(&self) -> Option<Viewport> {
        self.compared.viewport
    }

    /// Where the picture under the cursor is, and where the other. When the other got the cursor, each keeps its view.
    fn areas(&mut self, area: Rect, compare: Option<&Compare>) -> (Rect, Rect) {
        let [left, right] = compare::halves(area);
        let is_right = compare.is_some_and(|compare| compare.is_cursor_right);
        if compare.is_some() && is_right != self.is_main_right {
            std::mem::swap(&mut self.main, &mut self.compared);
        }
        self.is_main_right = is_right;
        match compare {
            None => (area, right),
            Some(_) if is_right => (right, left),
            Some(_) => (left, right),
        }
    }
}

pub fn canvas_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    view: &mut CanvasView,
    textures: &mut Textures,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    ui.allocate_rect(area, Sense::hover());
    let mut ui = controls::dark_ui(ui, "canvas", area, Layout::default());
    ui.set_clip_rect(area.intersect(ui.clip_rect()));
    match opened.current() {
        Some(image) => images_ui(&mut ui, area, state, opened, image, view, textures, commands),
        None => {
            view.main.shown = None;
            ui.painter().rect_filled(area, 0.0, tokens::CANVAS);
            let words = "Open one from the grid.";
            let action = Some(("Grid", Command::Display(DisplayCommand::SetView(app::View::Grid))));
            message::empty(&mut ui, crate::icons::IMAGE, "No image is open", words, action, commands);
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one frame")]
fn images_ui(
    ui: &mut Ui,
    area: Rect,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    view: &mut CanvasView,
    textures: &mut Textures,
    commands: &mut Vec<Command>,
) {
    let compare = opened.tools.compare.as_ref();
    let pair = compare.and_then(|compare| Some((compare, opened.catalogue.get(compare.other)?)));
    let (main_area, other_area) = view.areas(area, pair.map(|(compare, _)| compare));
    let scene = scene(ui, state, opened, view.is_held, pair.is_some());

    let mut main = PlacedPane::new(ui, scene, &mut view.main, main_area, image, true);
    let wanted_view = look(ui, state, opened, view, &mut main);
    let mut compared = pair
        .map(|(compare, other)| (compare, PlacedPane::new(ui, scene, &mut view.compared, other_area, other, false)));
    if let Some((compare, other)) = &mut compared {
        move_pair(ui, compare, &mut main, other);
    }

    let (mut need, is_shown) =
        view.main.paint(ui, scene, &main, wanted_view.unwrap_or(main.viewport), textures, commands);
    need.want_original |= view.awaits_original == Some(image.ix);
    let second = compared.as_ref().map(|(_, right)| {
        let (need, is_shown) = view.compared.paint(ui, scene, right, right.viewport, textures, commands);
        (right, need, is_shown)
    });
    link::set_from_canvas(ui.ctx(), view.main.hovered);
    // The menu is about the region that was clicked, or about the image beside all of them.
    if main.ground.secondary_clicked() {
        let predicted = view.main.pointed_prediction().filter(|_| view.main.hovered.is_none());
        commands.push(match predicted {
            Some(_) => Command::Predictions(PredictionsCommand::Pick(predicted)),
            None => Command::Canvas(CanvasCommand::SelectRegion(view.main.hovered)),
        });
    }
    let selected = opened.region.filter(|region| image.region_range().contains(&region.0));
    let selected = selected.and_then(|region| opened.catalogue.region(region));
    let at = selected.map(|region| main.viewport.screen_rect(region.rect).translate(main.area.min.to_vec2()));
    let place = at.unwrap_or(main.area).intersect(main.area).center();
    let by_key = ByKey { is_asked: is_asked_of_view(ui.ctx()), place: main.area.clamp(place) };
    context_menu(&main.ground, by_key, state, opened, image, selected, commands);

    if pair.is_some() {
        compare::paint_lines(ui, area, main.area);
    }
    // Last, so that they lie over the boxes and take the pointer before the regions do.
    let buttons = controls::buttons_ui(ui, area, &main.viewport, state, opened, commands);
    view.is_held = buttons.is_held;
    if opened.tools.is_adjusting {
        let top = area.top() + scene.top;
        controls::adjust_ui(ui, buttons.adjust.unwrap_or(area), top, opened.tools.adjust, commands);
    }
    main.viewport = readout::minimap_ui(ui, main.area, main.viewport, image, textures);
    if let Some((right, need, is_shown)) = second {
        let ix = right.image.ix;
        if let Some((compare, _)) = pair {
            let both = [(main.area, image), (right.area, right.image)];
            view.is_held |= compare::line_ui(ui, state, compare, both, commands);
            let is_here = is_here(textures, ix, &need);
            readout::pixel_line(
                ui,
                right.area,
                &right.viewport,
                opened,
                right.image,
                is_here,
                &mut view.asked,
                commands,
            );
            say_failures(ui, right.area, opened, ix, is_shown, &need, commands);
            if let Some(request) = view.compared.changed_need(opened, ix, need, &compare.request) {
                commands.push(Command::Canvas(CanvasCommand::Compare(CompareCommand::View(request))));
            }
        }
    }
    let here = is_here(textures, image.ix, &need);
    readout::pixel_line(ui, main.area, &main.viewport, opened, image, here, &mut view.asked, commands);
    readout::adjusted_line(ui, main.area, opened.tools.adjust);
    say_failures(ui, main.area, opened, image.ix, is_shown, &need, commands);
    if let Some(request) = view.main.changed_need(opened, image.ix, need, &opened.canvas) {
        commands.push(Command::Display(DisplayCommand::CanvasView(request)));
    }
    let right = compared.map(|(_, right)| right.viewport);
    if view.main.viewport != Some(main.viewport) || (right.is_some() && view.compared.viewport != right) {
        ui.ctx().request_repaint();
    }
    view.main.viewport = Some(main.viewport);
    view.compared.viewport = right;
}

/// What both panes share: which boxes are shown while keys are held.
fn scene<'a>(ui: &Ui, state: &State, opened: &'a Opened, is_held: bool, has_pair: bool) -> PaneScene<'a> {
    let hides = is_held || keys::is_held(ui.ctx(), state, Action::HoldToHide);
    let selected = opened.region.and_then(|region| opened.catalogue.region(region)).map(|region| region.tag);
    let solo = selected.filter(|_| keys::is_held(ui.ctx(), state, Action::HoldToSolo));
    let top = controls::TOP + if has_pair { compare::LINE } else { 0.0 };
    let appearance = state.settings.appearance;
    PaneScene { opened, shows: state.settings.show_overlays && !hides, solo, top, appearance }
}

/// Moves the view of the image under the cursor: on with a flight, then wishes, then wheel, drag and double click.
/// Returns where a flight ends.
fn look(ui: &Ui, state: &State, opened: &Opened, view: &mut CanvasView, main: &mut PlacedPane<'_>) -> Option<Viewport> {
    let ix = main.image.ix;
    let step = view.flight.as_ref().and_then(|flight| flight.step(ui, ix, main.viewport));
    match step {
        Some((viewport, true)) => main.viewport = viewport,
        Some((viewport, false)) => {
            main.viewport = viewport;
            view.flight = None;
        }
        None => view.flight = None,
    }
    if let Some((number, request)) = state.zoom
        && number != view.seen_zoom
    {
        view.seen_zoom = number;
        let target = requested(ui, main.area, opened, main.viewport, request);
        let awaits = request == ZoomCommand::OneToOne && !main.image.pixel_size().is_original;
        view.awaits_original = awaits.then_some(ix);
        let flies = matches!(request, ZoomCommand::Tour | ZoomCommand::Region) && !state.reduces_motion();
        view.flight = flies.then(|| Flight::new(ui, ix, main.viewport, target));
        if flies {
            ui.ctx().request_repaint();
        } else {
            main.viewport = target;
        }
    }
    if view.awaits_original == Some(ix) && main.image.pixel_size().is_original {
        view.awaits_original = None;
        main.viewport = main.viewport.zoomed_to(1.0, (main.area.size() / 2.0).to_pos2()).kept_in_sight();
    }
    let before = main.viewport;
    main.viewport = moved(ui, main.area, &main.ground, main.viewport);
    if main.ground.double_clicked() {
        main.viewport = toggled(ui, main.area, main.viewport);
    }
    if main.viewport != before || view.awaits_original.is_some_and(|awaited| awaited != ix) {
        view.awaits_original = None;
    }
    view.flight.as_ref().map(Flight::end)
}

/// Moves the one without the cursor, and each along with the other while they are locked.
fn move_pair(ui: &Ui, compare: &Compare, main: &mut PlacedPane<'_>, other: &mut PlacedPane<'_>) {
    let before = other.viewport;
    other.viewport = moved(ui, other.area, &other.ground, before);
    if other.ground.double_clicked() {
        other.viewport = toggled(ui, other.area, other.viewport);
    }
    if compare.is_locked {
        compare::lock(main, other, before);
    }
}

/// Whether the resized picture and anything of the original are here.
fn is_here(textures: &Textures, ix: ImageIx, need: &CanvasRequest) -> [bool; 2] {
    let tile = |&(level, column, row): &(u8, u16, u16)| textures.contains(PixelKey::Tile { ix, level, column, row });
    [textures.contains(PixelKey::Resized { ix }), need.tiles.iter().any(tile)]
}
