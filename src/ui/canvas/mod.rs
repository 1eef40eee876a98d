//! The canvas: one image with its regions. [`viewport`] holds the one transform, [`hit`] tells what is under the pointer,
//! [`chips`] where names go, `motion` moves the view, `picture` paints pixels, `regions` boxes and chips, `controls` what lies on top; here they
//! are wired.

pub mod chips;
mod controls;
pub mod hit;
mod motion;
mod picture;
mod regions;
pub mod viewport;

use egui::{Align, CursorIcon, Key, Layout, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::app::state::Opened;
use crate::app::{Action, Command, PixelKey, State};
use crate::domain::{ImageIx, ImageView, RegionIx, TagIx};
use crate::ui::keys;
use crate::ui::link;
use crate::ui::marks;
use crate::ui::tag_style::TagStyle;
use crate::ui::textures::Textures;
use crate::ui::theme::tokens;
use crate::ui::widgets::message;
use hit::HitIndex;
use motion::{moved, settled, toggled, wished};
use picture::Need;
use regions::Overlay;
use viewport::Viewport;

pub(crate) use regions::share_text;

/// How near to a region the pointer must be, in points.
const REACH: f32 = 4.0;

/// What the canvas keeps from frame to frame.
#[derive(Default)]
pub struct CanvasView {
    shown: Option<(u64, ImageIx)>,
    viewport: Option<Viewport>,
    view_size: Vec2,
    seen_zoom: u64,
    sent: Option<(u64, ImageIx, Need)>,
    hits: Option<HitIndex>,
    overlay: Option<Overlay>,
    hovered: Option<RegionIx>,
    /// The button that hides the boxes is held.
    is_held: bool,
}

impl CanvasView {
    /// The view of the picture, once there is one.
    pub fn viewport(&self) -> Option<Viewport> {
        self.viewport
    }
}

/// Shows the canvas in all the room there is.
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
    ui.painter().rect_filled(area, 0.0, tokens::CANVAS);
    let mut ui = controls::dark_ui(ui, "canvas", area, Layout::default());
    ui.set_clip_rect(area.intersect(ui.clip_rect()));
    match opened.current() {
        Some(image) => image_ui(&mut ui, area, state, opened, image, view, textures, commands),
        None => {
            view.shown = None;
            let words = "Go back to the grid and open one.";
            let action = Some(("Grid", Command::SetView(crate::app::View::Grid)));
            message::empty(&mut ui, crate::ui::icons::IMAGE, "No image is open", words, action, commands);
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one frame")]
fn image_ui(
    ui: &mut Ui,
    area: Rect,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    view: &mut CanvasView,
    textures: &mut Textures,
    commands: &mut Vec<Command>,
) {
    let ground = ui.interact(area, ui.scope_id().with("picture"), Sense::CLICK | Sense::DRAG);
    ground.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, spoken(opened, image)));
    let mut viewport = settled(ui, area, opened, image, view);
    viewport = wished(ui, area, state, opened, viewport, view);
    viewport = moved(ui, area, &ground, viewport);
    if !view.hits.as_ref().is_some_and(|hits| hits.is_of(opened.generation, image.ix)) {
        view.hits = Some(HitIndex::new(opened.generation, image));
    }

    let need = picture::need(opened, image, &viewport);
    let is_shown = picture::paint(ui.painter(), area, &viewport, opened, image, &need, textures);
    if !is_shown {
        paint_placeholder(ui, area, &viewport, opened, image);
    }

    let hides = view.is_held || keys::is_held(ui.ctx(), state, Action::HoldToHide);
    let shows = state.settings.show_overlays && !hides;
    let solo = opened.region.and_then(|region| opened.catalogue.region(region)).map(|region| region.tag);
    let solo = solo.filter(|_| keys::is_held(ui.ctx(), state, Action::HoldToSolo));
    if shows {
        choose(ui, area, &ground, opened, image, &viewport, solo, view, commands);
    } else {
        view.hovered = None;
    }
    link::set_from_canvas(ui.ctx(), view.hovered);
    if ground.double_clicked() {
        viewport = toggled(ui, area, viewport);
    }
    if shows {
        let top = area.top() + controls::TOP;
        let mut taken = regions::paint_image_tags(ui.painter(), area, top, opened, image);
        taken.extend(controls::taken(area, &viewport, image));
        paint_regions(ui, area, opened, image, &viewport, solo, &taken, view);
    }
    // Last, so that they lie over the boxes and take the pointer before the regions do.
    view.is_held = controls::buttons_ui(ui, area, &viewport, state, opened, commands);
    viewport = controls::overview_ui(ui, area, viewport, image, textures);
    controls::pixel_line(ui, area, &viewport, image, textures);
    say_failures(ui, area, opened, image, is_shown, &need, commands);
    if view.viewport != Some(viewport) {
        view.viewport = Some(viewport);
        ui.ctx().request_repaint();
    }
    send(opened, image, need, view, commands);
}

/// Hover and click on regions.
#[expect(clippy::too_many_arguments, reason = "the parts of one frame")]
fn choose(
    ui: &Ui,
    area: Rect,
    ground: &Response,
    opened: &Opened,
    image: ImageView<'_>,
    viewport: &Viewport,
    solo: Option<TagIx>,
    view: &mut CanvasView,
    commands: &mut Vec<Command>,
) {
    let Some(hits) = &view.hits else { return };
    let (width, height) = (viewport.image_rect().width().max(1.0), viewport.image_rect().height().max(1.0));
    let under = |point: Pos2| {
        let [x, y] = viewport.fractions_from_screen(point - area.min.to_vec2());
        let found = hits.at(x as f32, y as f32, [REACH / width, REACH / height]);
        let is_shown = |ix: &RegionIx| {
            let region = opened.catalogue.region(*ix);
            region.is_some_and(|region| regions::is_tag_shown(opened, solo, region.tag))
        };
        found.into_iter().filter(is_shown).collect::<Vec<_>>()
    };
    let pointer = ground.hover_pos().filter(|_| ground.hovered() && !ground.dragged());
    view.hovered = pointer.and_then(|pointer| under(pointer).first().copied());
    if view.hovered.is_some() && !ui.input(|input| input.key_down(Key::Space)) {
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    }
    if ground.clicked()
        && !ground.double_clicked()
        && let Some(point) = ground.interact_pointer_pos()
    {
        let selected = opened.region.filter(|region| image.region_range().contains(&region.0));
        let clicked = hit::clicked(&under(point), selected);
        if clicked != opened.region {
            commands.push(Command::SelectRegion(clicked));
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one frame")]
fn paint_regions(
    ui: &Ui,
    area: Rect,
    opened: &Opened,
    image: ImageView<'_>,
    viewport: &Viewport,
    solo: Option<TagIx>,
    taken: &[Rect],
    view: &mut CanvasView,
) {
    let Some(hits) = &view.hits else { return };
    let key = regions::Key {
        generation: opened.generation,
        ix: image.ix,
        viewport: *viewport,
        view: area,
        selected: opened.region,
        hovered: view.hovered.or(link::from_table(ui.ctx())),
        hidden: regions::hidden_sum(opened),
        solo,
        tag_count: opened.catalogue.tags().len(),
        pixels_per_point: ui.ctx().pixels_per_point(),
    };
    if !view.overlay.as_ref().is_some_and(|overlay| overlay.is_of(&key)) {
        view.overlay = Some(Overlay::new(key, ui.painter(), opened, image, hits, taken));
    }
    if let Some(overlay) = &view.overlay {
        overlay.paint(ui.painter());
    }
}

/// What a screen reader says of the canvas.
fn spoken(opened: &Opened, image: ImageView<'_>) -> String {
    let count = image.region_count();
    let regions = if count == 1 { "1 region".to_owned() } else { format!("{count} regions") };
    let selected = opened.region.and_then(|region| opened.catalogue.region(region));
    match selected.map(|region| opened.catalogue.tags().get(region.tag).name.clone()) {
        Some(name) => format!("Image with {regions}, {name} selected"),
        None => format!("Image with {regions}"),
    }
}

/// Until a first picture is there.
fn paint_placeholder(ui: &Ui, area: Rect, viewport: &Viewport, opened: &Opened, image: ImageView<'_>) {
    let first = image.tags().first().copied().or_else(|| image.regions().next().map(|region| region.tag));
    let color = first.map_or(egui::Color32::GRAY, |tag| TagStyle::of(opened.catalogue.tags().get(tag)).color);
    let rect = viewport.image_rect().translate(area.min.to_vec2());
    ui.painter().rect_filled(rect, 0.0, color.gamma_multiply(0.10));
    if !opened.failed_pixels.contains_key(&PixelKey::Resized { ix: image.ix }) {
        let words = opened.waiting.clone().unwrap_or_else(|| "Loading...".to_owned());
        let galley = marks::chip_text(ui.painter(), words, f32::INFINITY);
        let size = marks::chip_size(&galley, false);
        marks::paint_chip(ui.painter(), rect.intersect(area).center() - size / 2.0, galley, None);
    }
}

/// A picture that cannot be shown says so in its place; one that is only not as sharp as it could be, in a line.
fn say_failures(
    ui: &mut Ui,
    area: Rect,
    opened: &Opened,
    image: ImageView<'_>,
    is_shown: bool,
    need: &Need,
    commands: &mut Vec<Command>,
) {
    let ix = image.ix;
    let failure = opened.failed_pixels.get(&PixelKey::Resized { ix });
    if let Some(failure) = failure
        && !is_shown
    {
        let ground = ui.painter().add(egui::Shape::Noop);
        let room = Rect::from_center_size(area.center(), vec2(area.width().min(480.0) - 40.0, 150.0));
        let mut child = controls::dark_ui(ui, "failure", room, Layout::top_down(Align::Center));
        message::failure_block(&mut child, failure, Some(Command::RetryPicture(ix)), commands);
        let card = child.min_rect().expand2(vec2(20.0, 16.0));
        let dark = crate::ui::theme::DARK.panel;
        ui.painter().set(ground, egui::Shape::rect_filled(card, f32::from(tokens::DIALOG_RADIUS), dark));
        return;
    }
    let line = failure.or_else(|| picture::original_failure(opened, ix, need));
    if let Some(failure) = line {
        let what = if failure_is_of_resized(opened, ix) { "Only the thumbnail" } else { "Not at full size" };
        let text = format!("{what}: {}", failure.headline());
        let galley = marks::chip_text(ui.painter(), text, area.width() - 200.0);
        let size = marks::chip_size(&galley, false);
        let retry_width = 56.0;
        let min = pos2(area.center().x - (size.x + retry_width) / 2.0, area.bottom() - controls::MARGIN - size.y);
        let chip = marks::paint_chip(ui.painter(), min, galley, None);
        let place = Rect::from_min_size(pos2(chip.right() + 6.0, chip.top() - 2.0), vec2(retry_width, 22.0));
        let mut child = controls::dark_ui(ui, "retry", place, Layout::left_to_right(Align::Center));
        if child.add(crate::ui::widgets::Button::new("Retry").height(22.0)).clicked() {
            commands.push(Command::RetryPicture(ix));
        }
    }
}

fn failure_is_of_resized(opened: &Opened, ix: ImageIx) -> bool {
    opened.failed_pixels.contains_key(&PixelKey::Resized { ix })
}

/// Tells what is needed of the original, when that has changed.
fn send(opened: &Opened, image: ImageView<'_>, need: Need, view: &mut CanvasView, commands: &mut Vec<Command>) {
    let sent = Some((opened.generation, image.ix, need));
    if view.sent == sent {
        return;
    }
    let is_new_image =
        view.sent.as_ref().is_none_or(|(generation, ix, _)| (*generation, *ix) != (opened.generation, image.ix));
    if let Some((_, _, need)) = &sent
        && !(is_new_image && *need == Need::default() && opened.canvas == Default::default())
    {
        commands.push(Command::CanvasView { tiles: need.tiles.clone(), want_original: need.want_original });
    }
    view.sent = sent;
}
