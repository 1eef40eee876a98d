//! A cell of the wall: the crop, sharp or cut from the thumbnail at hand, its box and its marks.

use egui::epaint::Mesh;
use egui::{CornerRadius, Rect, Response, Role, Sense, Shape, Ui, WidgetInfo, pos2, vec2};

use crate::canvas::share_text;
use crate::cells::paint::{Marks, failed_ui, paint_ground, paint_marks, paint_picture};
use crate::marks::{self, OUTCOME_RADIUS, Pen};
use crate::review;
use crate::tag_style::{Dash, TagStyle};
use crate::textures::Textures;
use crate::theme::{self, Tokens, tokens};
use app::state::Opened;
use app::wall::{ShownItem, WallCommand};
use app::{Command, PixelKey, State};
use domain::evaluation::Outcome;
use domain::wall::{WallItem, crop_frame};
use domain::{Blame, ImageIx, ImageView, RegionIx, Subject, TagIx, UnitRect, Verdict};

const RADIUS: CornerRadius = CornerRadius::same(tokens::RADIUS);
/// Boxes of the second layer in a crop; more are a blur.
const MOST_MARKS: usize = 40;
/// Narrower cells have no room for words.
const LEAST_CAPTION: f32 = 96.0;
/// Narrower cells have no room for the name of a tag next to score and outcome.
const LEAST_NAME: f32 = 160.0;

#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub rect: Rect,
    pub image: ImageIx,
    pub item: WallItem,
    /// Its place on the wall, from 0.
    pub place: usize,
    pub is_chosen: bool,
}

/// What stands over a picture.
struct Over {
    marks: Marks,
    verdict: Option<Verdict>,
    /// What becomes of it, with its words and its tag.
    outcome: Option<(Outcome, String, TagIx)>,
    /// What it looks like besides its tag, in words.
    looks_like: Option<(String, TagIx)>,
    /// Who was found to be wrong.
    blame: Option<Blame>,
}

/// The cells of one frame.
pub(super) struct WallCells<'a> {
    opened: &'a Opened,
    tokens: &'static Tokens,
    side: u16,
    shows_overlays: bool,
    pen: Pen,
    boxes: Mesh,
    over: Vec<Over>,
}

impl<'a> WallCells<'a> {
    pub(super) fn new(ui: &Ui, state: &State, opened: &'a Opened, side: u16) -> Self {
        Self {
            opened,
            tokens: theme::of(ui),
            side,
            shows_overlays: state.settings.show_overlays,
            pen: Pen::thin(ui.ctx().pixels_per_point()).times(state.settings.appearance.line.factor()),
            boxes: Mesh::default(),
            over: Vec::new(),
        }
    }

    /// One cell; the answer tells clicks.
    pub(super) fn cell_ui(
        &mut self,
        ui: &mut Ui,
        cell: Cell,
        textures: &mut Textures,
        commands: &mut Vec<Command>,
    ) -> Response {
        let Cell { rect, image, item, place, is_chosen } = cell;
        // Not focusable: with Tab through a million crops nothing else could be reached. The cursor moves with the arrows.
        let response = ui.interact(rect, ui.scope_id().with(("crop", item)), Sense::CLICK);
        let catalogue = &self.opened.catalogue;
        let shown = self.opened.wall.shown(catalogue, item);
        let (Some(image), Some(shown)) = (catalogue.get(image), shown) else { return response };
        let name = &catalogue.tags().get(shown.tag).name;
        let verdict = item.label().and_then(|region| self.verdict(image, region));
        let dispute = self.opened.wall.dispute(catalogue, image.ix, item);
        let blame = dispute.and_then(|dispute| self.opened.review.reviews.blame(&dispute));
        let looks = self.opened.wall.lookalike(place);
        response.widget_info(|| {
            let verdict = verdict.map(|verdict| verdict.label().to_lowercase());
            let blame = blame.map(|blame| blame.short_label().to_owned());
            let decided: String = verdict.into_iter().chain(blame).map(|words| format!(", {words}")).collect();
            let size = with_share(image.pixel_size().spoken_region_text(shown.rect), shown.rect);
            let changed = Some(self.changed(image, item)).filter(|words| !words.is_empty());
            let changed = changed.map(|words| format!(", {words}")).unwrap_or_default();
            let kind = if item.label().is_some() { "Region" } else { "Prediction" };
            let judged = judged_words(&shown).map(|words| format!(", {words}")).unwrap_or_default();
            let looks = looks.map(|found| format!(", looks like {}", catalogue.tags().get(found.tag).name));
            let looks = looks.unwrap_or_default();
            let spoken = format!("{kind} {}: {name}{looks}{judged}, {size}{changed}{decided}", place + 1);
            WidgetInfo::selected(Role::ListBoxOption, true, is_chosen, spoken)
        });
        let is_hovered = response.hovered();
        let marks = Marks { rect, is_chosen, is_cursor: self.opened.wall.cursor == Some(item), is_hovered };
        let is_narrow = rect.width() < LEAST_NAME;
        let outcome = shown.outcome.map(|outcome| (outcome, caption(name, &shown, is_narrow), shown.tag));
        let looks_like = looks.map(|found| {
            let other = &catalogue.tags().get(found.tag).name;
            (if is_narrow { format!("{other}?") } else { format!("looks like {other}") }, found.tag)
        });
        self.over.push(Over { marks, verdict, outcome, looks_like, blame });
        let frame = crop_frame(shown.rect, image.aspect());
        let Some(picture) = self.picture_ui(ui, cell, image, &shown, frame, &response, textures, commands) else {
            return response;
        };
        if self.shows_overlays {
            self.add_boxes(image.ix, &shown, frame, picture, rect);
        }
        response.on_hover_ui(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.strong(&**name);
            if let Some(words) = judged_words(&shown) {
                ui.label(words);
            }
            if let Some(found) = looks {
                let other = &catalogue.tags().get(found.tag).name;
                ui.label(format!("Looks like {other}: {:.1} times nearer than to its own tag", found.ratio));
            }
            ui.label(with_share(image.pixel_size().region_text(shown.rect), shown.rect));
            let changed = self.changed(image, item);
            if !changed.is_empty() {
                ui.label(changed);
            }
        })
    }

    /// The crop, or what stands in for it; where the picture is. `None`: it says why there is none.
    #[expect(clippy::too_many_arguments, reason = "the parts of one cell")]
    fn picture_ui(
        &self,
        ui: &mut Ui,
        cell: Cell,
        image: ImageView<'_>,
        shown: &ShownItem,
        frame: UnitRect,
        response: &Response,
        textures: &mut Textures,
        commands: &mut Vec<Command>,
    ) -> Option<Rect> {
        let rect = cell.rect;
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let aspect = frame.width * image.aspect() / frame.height;
        let key = |side| PixelKey::crop(cell.item, image.ix, shown.rect, side);
        if let Some(texture) = textures.crop(key, self.side) {
            return Some(paint_picture(ui, rect, aspect, texture, whole));
        }
        if let Some(failure) = self.opened.failed_pixels.get(&key(self.side)) {
            let number = match cell.item {
                WallItem::Label(region) => region.0,
                WallItem::Prediction(at) => !at,
            };
            if failed_ui(ui, rect, number, failure, response) {
                commands.push(Command::Wall(WallCommand::Retry(cell.item)));
            }
            return None;
        }
        if let Some(texture) = textures.thumb(image.ix, 512) {
            let uv = Rect::from_min_size(pos2(frame.left, frame.top), vec2(frame.width, frame.height));
            return Some(paint_picture(ui, rect, aspect, texture, uv));
        }
        let color = TagStyle::of(self.opened.catalogue.tags().get(shown.tag)).color;
        paint_ground(ui, rect);
        ui.painter().rect_filled(rect, RADIUS, color.gamma_multiply(0.14));
        Some(marks::contained(rect, aspect))
    }

    /// The boxes in a crop: its own, the label that a prediction lies on, and those of the second layer.
    fn add_boxes(&mut self, image: ImageIx, shown: &ShownItem, frame: UnitRect, picture: Rect, cell: Rect) {
        let is_prediction = shown.score.is_some();
        if let Some(label) = shown.label.filter(|_| is_prediction).and_then(|ix| self.opened.catalogue.region(ix)) {
            self.add_box(label.rect, label.tag, Dash::Solid, frame, picture, cell);
        }
        let dash = shown.outcome.map_or(Dash::Solid, marks::dash_of);
        self.add_box(shown.rect, shown.tag, dash, frame, picture, cell);
        // The place of the whole image, of which the crop shows a part.
        let size = picture.size() / vec2(frame.width, frame.height);
        let whole = Rect::from_min_size(picture.min - vec2(frame.left, frame.top) * size, size);
        let second = self.opened.overlay_marks(image).take(MOST_MARKS);
        marks::add_marks(&mut self.boxes, self.opened, second, whole, picture, self.pen);
    }

    /// A box in a crop.
    fn add_box(&mut self, rect: UnitRect, tag: TagIx, dash: Dash, frame: UnitRect, picture: Rect, cell: Rect) {
        let UnitRect { left, top, width, height } = rect;
        let within = UnitRect::new(
            (left - frame.left) / frame.width,
            (top - frame.top) / frame.height,
            width / frame.width,
            height / frame.height,
        );
        let rect = marks::placed(within, picture);
        if rect.is_finite() {
            let style = TagStyle { dash, ..TagStyle::of(self.opened.catalogue.tags().get(tag)) };
            marks::add_box(&mut self.boxes, rect, cell, self.pen, style);
        }
    }

    /// Paints what stands over the pictures.
    pub(super) fn finish(self, ui: &Ui) {
        if !self.boxes.is_empty() {
            ui.painter().add(Shape::mesh(self.boxes));
        }
        let tags = self.opened.catalogue.tags();
        for Over { marks, verdict, outcome, looks_like, blame } in self.over {
            paint_marks(ui, &marks, self.tokens);
            if let Some((outcome, ..)) = outcome {
                let corner = marks.rect.left_top() + egui::Vec2::splat(OUTCOME_RADIUS + 4.0);
                marks::paint_outcome(ui.painter(), corner, outcome);
            }
            let caption = outcome.map(|(_, words, tag)| (words, tag)).or(looks_like);
            if let Some((words, tag)) = caption.filter(|_| marks.rect.width() >= LEAST_CAPTION) {
                let galley = marks::chip_text(ui.painter(), words, marks.rect.width() - 30.0);
                let min = pos2(marks.rect.left() + 4.0, marks.rect.bottom() - marks::CHIP_HEIGHT - 4.0);
                marks::paint_chip(ui.painter(), min, galley, Some(TagStyle::of(tags.get(tag)).color));
            }
            if let Some(blame) = blame {
                let galley = marks::chip_text(ui.painter(), blame.short_label().to_owned(), marks.rect.width() - 36.0);
                let size = marks::chip_size(&galley, false);
                let min = pos2(marks.rect.right() - size.x - 4.0, marks.rect.top() + 4.0);
                marks::paint_chip(ui.painter(), min, galley, None);
            }
            if let Some(verdict) = verdict {
                let radius = if marks.rect.width() < 100.0 { 6.5 } else { 9.0 };
                let center = marks.rect.right_top() + vec2(-radius - 5.0, radius + 5.0);
                review::badge(ui.painter(), center, radius, verdict);
            }
        }
    }

    fn verdict(&self, image: ImageView<'_>, region: RegionIx) -> Option<Verdict> {
        let region = self.opened.catalogue.region(region)?;
        review::mark_of(self.opened, Subject::region(image.id(), region.id))
    }

    /// What has changed about a region since the state that is compared with, in words; empty if nothing has.
    fn changed(&self, image: ImageView<'_>, item: WallItem) -> String {
        let comparison = self.opened.changes.comparison(self.opened.generation).zip(item.label());
        comparison.map(|(comparison, region)| comparison.words_of_region(image.ix, region)).unwrap_or_default()
    }
}

/// Score and outcome of a prediction, or that a label is missed: `0.87, wrong tag, IoU 0.62`. `None`: neither.
fn judged_words(shown: &ShownItem) -> Option<String> {
    let outcome = shown.outcome?.label().to_lowercase();
    let Some(score) = shown.score else { return Some(outcome) };
    let iou = shown.iou.filter(|iou| *iou > 0.0).map(|iou| format!(", IoU {iou:.2}")).unwrap_or_default();
    Some(format!("{score:.2}, {outcome}{iou}"))
}

/// What is written in a crop: `fork 0.87 false`, `missed: fork`. Where there is little room the tag is left to its color.
fn caption(name: &str, shown: &ShownItem, is_narrow: bool) -> String {
    let outcome = shown.outcome.map_or_else(String::new, |outcome| outcome.label().to_lowercase());
    match shown.score {
        Some(score) if is_narrow => format!("{score:.2} {outcome}"),
        Some(score) => format!("{name} {score:.2} {outcome}"),
        None if is_narrow => outcome,
        None => format!("{outcome}: {name}"),
    }
}

/// `256 × 389 px of the original, 19.9 %`; without the pixels where the service gives no size.
fn with_share(size: Option<String>, rect: UnitRect) -> String {
    let share = share_text(rect.area());
    size.map_or_else(|| share.clone(), |size| format!("{size}, {share}"))
}
