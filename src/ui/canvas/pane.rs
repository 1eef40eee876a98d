//! One picture with its regions in a part of the canvas: all of it, or one half when two images are compared.

use std::borrow::Cow;

use egui::{Align, CursorIcon, Key, Layout, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::boxes::Marked;
use super::counterpart::Counterpart;
use super::hit::{self, HitIndex};
use super::overlay::SecondLayer;
use super::regions::{self, Overlay};
use super::viewport::Viewport;
use super::{controls, names, picture, readout};
use crate::tag_style::TagStyle;
use crate::textures::Textures;
use crate::theme::tokens;
use crate::widgets::message;
use crate::{link, marks};
use app::appearance::Appearance;
use app::predictions::{Layer, PredictionsCommand};
use app::state::Opened;
use app::view::CanvasRequest;
use app::{CanvasCommand, Command, CompareCommand, DisplayCommand, PixelKey};
use domain::{ImageIx, ImageView, RegionIx, TagIx};

/// How near to a region the pointer must be, in points.
const REACH: f32 = 4.0;

#[derive(Default)]
pub(super) struct Pane {
    pub(super) shown: Option<(u64, ImageIx)>,
    pub(super) viewport: Option<Viewport>,
    pub(super) view_size: Vec2,
    pub(super) hovered: Option<RegionIx>,
    sent: Option<(u64, ImageIx, CanvasRequest)>,
    hits: Option<HitIndex>,
    overlay: Overlay,
    second: SecondLayer,
}

#[derive(Clone, Copy)]
pub(super) struct PaneScene<'a> {
    pub(super) opened: &'a Opened,
    pub(super) shows: bool,
    /// The only tag whose boxes are shown.
    pub(super) solo: Option<TagIx>,
    /// From a pane's top to where pictures may be marked: below the buttons.
    pub(super) top: f32,
    pub(super) appearance: Appearance,
}

pub(super) struct PlacedPane<'a> {
    pub(super) area: Rect,
    pub(super) image: ImageView<'a>,
    pub(super) ground: Response,
    pub(super) viewport: Viewport,
    /// Whether it is the one whose regions are chosen: that of the image under the cursor.
    pub(super) is_main: bool,
}

impl<'a> PlacedPane<'a> {
    /// Takes the pointer's place and carries the view over.
    pub(super) fn new(
        ui: &Ui,
        scene: PaneScene<'a>,
        pane: &mut Pane,
        area: Rect,
        image: ImageView<'a>,
        is_main: bool,
    ) -> Self {
        let id = ui.scope_id().with(if is_main { "picture" } else { "compared picture" });
        let ground = ui.interact(area, id, Sense::CLICK | Sense::DRAG);
        ground.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, names::image(scene.opened, image, is_main)));
        if is_main {
            // Said as soon as it changes: which region is selected, which image is shown.
            ui.ctx().accesskit_node_builder(ground.id, |node| node.set_live(egui::accesskit::Live::Polite));
        }
        let viewport = pane.view_of(ui, area, scene.top, scene.opened, image);
        Self { area, image, ground, viewport, is_main }
    }
}

impl Pane {
    /// The view of this image: the one before, carried over or fitted again when the image or the room has changed. `top`: how
    /// much of the area's top buttons lie on.
    fn view_of(&mut self, ui: &Ui, area: Rect, top: f32, opened: &Opened, image: ImageView<'_>) -> Viewport {
        let size = match image.size() {
            (0, _) | (_, 0) => (1_024, 768),
            size => size,
        };
        let pixels_per_point = ui.ctx().pixels_per_point();
        let fit = Viewport::fit_below(size, area.size(), top, pixels_per_point);
        let shown = (opened.generation, image.ix);
        let viewport = match self.viewport.map(|viewport| viewport.below(top)) {
            Some(viewport) if self.shown == Some(shown) => {
                if self.view_size == area.size() {
                    viewport
                } else {
                    viewport.resized(area.size(), pixels_per_point)
                }
            }
            Some(viewport) if opened.keeps_view && self.shown.is_some() => {
                viewport.resized(area.size(), pixels_per_point).carried_to(size)
            }
            _ => fit,
        };
        if self.shown != Some(shown) {
            self.shown = Some(shown);
            self.hovered = None;
        }
        self.view_size = area.size();
        let pixels = image.pixel_size();
        viewport.measured_in(if pixels.is_known() { pixels.width } else { size.0 })
    }

    /// The prediction under the pointer: its place among those of the chosen set.
    pub(super) fn pointed_prediction(&self) -> Option<usize> {
        self.second.pointed_prediction()
    }

    /// Paints the picture and its regions and does what the pointer asks of these. Returns what is needed of the original,
    /// and whether there is anything of the picture.
    pub(super) fn paint(
        &mut self,
        ui: &Ui,
        scene: PaneScene<'_>,
        placed: &PlacedPane<'_>,
        wanted_view: Viewport,
        textures: &mut Textures,
        commands: &mut Vec<Command>,
    ) -> (CanvasRequest, bool) {
        let PaneScene { opened, .. } = scene;
        let PlacedPane { area, image, viewport, .. } = *placed;
        if !self.hits.as_ref().is_some_and(|hits| hits.is_of(opened.generation, image.ix)) {
            self.hits = Some(HitIndex::new(opened.generation, image));
        }
        let need = picture::need(opened, image, &wanted_view);
        let painter = ui.painter().with_clip_rect(area.intersect(ui.clip_rect()));
        picture::paint_ground(&painter, area, &viewport, image.ix, textures);
        let is_shown = picture::paint(&painter, area, &viewport, opened, image, &need, textures);
        if is_shown {
            picture::paint_grid(&painter, area, &viewport, opened, image);
        } else {
            paint_placeholder(ui, area, &viewport, opened, image);
        }
        if scene.shows {
            self.second.update(opened, image.ix, scene.solo);
            self.point(ui, scene, placed, commands);
            let mut taken =
                names::paint_image_tags(&painter, area, area.top() + scene.top, opened, image, scene.appearance.labels);
            taken.extend(paint_lack(&painter, area, area.top() + scene.top, &taken, opened, image));
            taken.push(readout::taken(area, opened));
            taken.extend(readout::rect(area, &viewport, image).filter(|_| placed.is_main));
            let top = area.top() + scene.top;
            let missing = Counterpart::new(&painter, area, top, &viewport, opened, image).filter(|_| placed.is_main);
            taken.extend(missing.as_ref().map(Counterpart::taken));
            let layer = opened.predictions.layer(opened.generation);
            if layer != Layer::Predictions {
                self.paint_regions(ui, scene, placed, &taken);
            }
            let line = scene.appearance.line.factor();
            self.second.paint(&painter, area, &viewport, opened, ui.ctx().pixels_per_point(), line);
            if let Some(missing) = missing {
                missing.paint(&painter);
            }
        } else {
            self.hovered = None;
            self.second.point(None);
        }
        (need, is_shown)
    }

    /// Hover and click on regions.
    fn point(&mut self, ui: &Ui, scene: PaneScene<'_>, placed: &PlacedPane<'_>, commands: &mut Vec<Command>) {
        let PlacedPane { area, image, ground, viewport, is_main } = placed;
        let opened = scene.opened;
        let Some(hits) = &self.hits else { return };
        let (width, height) = (viewport.image_rect().width().max(1.0), viewport.image_rect().height().max(1.0));
        let reach = [REACH / width, REACH / height];
        let fractions = |point: Pos2| viewport.fractions_from_screen(point - area.min.to_vec2()).map(|at| at as f32);
        let under = |point: Pos2| {
            let [x, y] = fractions(point);
            let found = hits.at(x, y, reach);
            let is_shown = |ix: &RegionIx| {
                let region = opened.catalogue.region(*ix);
                region.is_some_and(|region| regions::is_tag_shown(opened, scene.solo, region.tag))
            };
            found.into_iter().filter(is_shown).collect::<Vec<_>>()
        };
        let pointer = ground.hover_pos().filter(|_| ground.hovered() && !ground.dragged());
        self.hovered = pointer.and_then(|pointer| under(pointer).first().copied());
        self.second.point(pointer.map(|pointer| (fractions(pointer), reach)));
        if (self.hovered.is_some() || self.second.pointed_prediction().is_some())
            && !ui.input(|input| input.key_down(Key::Space))
        {
            ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
        }
        if ground.clicked()
            && !ground.double_clicked()
            && let Some(point) = ground.interact_pointer_pos()
        {
            let selected = opened.region.filter(|region| image.region_range().contains(&region.0));
            let clicked = hit::clicked(&under(point), selected);
            // Where only predictions are seen, they are what a click means; else what lies on no label.
            let is_hidden = opened.predictions.layer(opened.generation) == Layer::Predictions;
            let predicted = self.second.pointed_prediction().filter(|_| *is_main && (clicked.is_none() || is_hidden));
            let has_picked = opened.predictions.picked(image.ix).is_some();
            if predicted.is_some() {
                commands.push(Command::Predictions(PredictionsCommand::Pick(predicted)));
            } else if !*is_main {
                commands.push(Command::Canvas(CanvasCommand::Compare(CompareCommand::Take(clicked))));
            } else if clicked != opened.region || has_picked {
                commands.push(Command::Canvas(CanvasCommand::SelectRegion(clicked)));
            }
        }
    }

    fn paint_regions(&mut self, ui: &Ui, scene: PaneScene<'_>, placed: &PlacedPane<'_>, taken: &[Rect]) {
        let PaneScene { opened, solo, appearance, .. } = scene;
        let PlacedPane { area, image, viewport, is_main, .. } = *placed;
        let Some(hits) = &self.hits else { return };
        let selected = opened.region.filter(|region| image.region_range().contains(&region.0));
        let selected = selected.and_then(|region| opened.catalogue.region(region));
        let has_selected = selected.is_some_and(|region| regions::is_tag_shown(opened, solo, region.tag));
        let from_table = link::from_table(ui.ctx()).filter(|_| is_main);
        let key = regions::Key {
            generation: opened.generation,
            ix: image.ix,
            pixels: image.pixel_size(),
            viewport,
            view: area,
            top: scene.top,
            hidden: regions::hidden_sum(opened),
            solo,
            tag_count: opened.catalogue.tags().len(),
            color_version: opened.catalogue.tags().color_version(),
            pixels_per_point: ui.ctx().pixels_per_point(),
            appearance,
            dims: appearance.dims_others && has_selected,
        };
        let marked = Marked { selected: opened.region, pointed: self.hovered.or(from_table) };
        self.overlay.update(key, marked, ui.painter(), opened, image, hits, taken);
        self.overlay.paint(&ui.painter().with_clip_rect(area.intersect(ui.clip_rect())), opened, image);
    }

    /// What is needed of the original, when that has changed since it was requested.
    pub(super) fn changed_need(
        &mut self,
        opened: &Opened,
        ix: ImageIx,
        need: CanvasRequest,
        told: &CanvasRequest,
    ) -> Option<CanvasRequest> {
        let now = Some((opened.generation, ix, need));
        if self.sent == now {
            return None;
        }
        let before = std::mem::replace(&mut self.sent, now);
        let is_new_image = before.is_none_or(|(generation, of, _)| (generation, of) != (opened.generation, ix));
        let (_, _, need) = self.sent.as_ref()?;
        let is_known = is_new_image && *need == CanvasRequest::default() && *told == CanvasRequest::default();
        (!is_known).then(|| need.clone())
    }
}

/// Says that nothing is predicted on the image, below the chips of its tags: an empty picture would look like a model that
/// finds nothing. Returns where.
fn paint_lack(
    painter: &egui::Painter,
    area: Rect,
    top: f32,
    taken: &[Rect],
    opened: &Opened,
    image: ImageView<'_>,
) -> Option<Rect> {
    let words = opened.predictions.lack(opened.generation, image.ix)?;
    let below = taken.iter().map(|rect| rect.bottom() + 2.0).fold(top, f32::max);
    let galley = marks::chip_text(painter, words, area.width() - 60.0);
    Some(marks::paint_chip(painter, pos2(area.left() + 10.0, below), galley, None).expand(2.0))
}

/// Until a first picture is there.
fn paint_placeholder(ui: &Ui, area: Rect, viewport: &Viewport, opened: &Opened, image: ImageView<'_>) {
    let first = image.tags().first().copied().or_else(|| image.regions().next().map(|region| region.tag));
    let color = first.map_or(egui::Color32::GRAY, |tag| TagStyle::of(opened.catalogue.tags().get(tag)).color);
    let rect = viewport.image_rect().translate(area.min.to_vec2()).intersect(area);
    ui.painter().rect_filled(rect, 0.0, color.gamma_multiply(0.10));
    if !opened.failed_pixels.contains_key(&PixelKey::Resized { ix: image.ix }) {
        let words = opened.waiting.as_deref().map_or(Cow::Borrowed("Loading..."), Cow::Borrowed);
        let galley = marks::chip_text(ui.painter(), words.into_owned(), f32::INFINITY);
        let size = marks::chip_size(&galley, false);
        marks::paint_chip(ui.painter(), rect.center() - size / 2.0, galley, None);
    }
}

/// A picture that cannot be shown says so in its place; one that is only not as sharp as it could be, in a line.
pub(super) fn say_failures(
    ui: &mut Ui,
    area: Rect,
    opened: &Opened,
    ix: ImageIx,
    is_shown: bool,
    need: &CanvasRequest,
    commands: &mut Vec<Command>,
) {
    let failure = opened.failed_pixels.get(&PixelKey::Resized { ix });
    if let Some(failure) = failure
        && !is_shown
    {
        let ground = ui.painter().add(egui::Shape::Noop);
        let room = Rect::from_center_size(area.center(), vec2(area.width().min(480.0) - 40.0, 150.0));
        let mut child = controls::dark_ui(ui, &format!("failure {}", ix.0), room, Layout::top_down(Align::Center));
        message::failure_block(&mut child, failure, Some(Command::Display(DisplayCommand::RetryPicture(ix))), commands);
        let card = child.min_rect().expand2(vec2(20.0, 16.0));
        let dark = crate::theme::DARK.panel;
        ui.painter().set(ground, egui::Shape::rect_filled(card, f32::from(tokens::DIALOG_RADIUS), dark));
        return;
    }
    let line = failure.or_else(|| picture::original_failure(opened, ix, need));
    if let Some(line) = line {
        let what = if failure.is_some() { "Thumbnail only" } else { "Not at full size" };
        let text = format!("{what}: {}", line.headline());
        let galley = marks::chip_text(ui.painter(), text, area.width() - 200.0);
        let size = marks::chip_size(&galley, false);
        let retry_width = 56.0;
        let min = pos2(area.center().x - (size.x + retry_width) / 2.0, area.bottom() - controls::MARGIN - size.y);
        let chip = marks::paint_chip(ui.painter(), min, galley, None);
        let place = Rect::from_min_size(pos2(chip.right() + 6.0, chip.top() - 2.0), vec2(retry_width, 22.0));
        let layout = Layout::left_to_right(Align::Center);
        let mut child = controls::dark_ui(ui, &format!("retry {}", ix.0), place, layout);
        if child.add(crate::widgets::Button::new("Retry").height(22.0)).clicked() {
            commands.push(Command::Display(DisplayCommand::RetryPicture(ix)));
        }
    }
}
