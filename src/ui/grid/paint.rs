//! A cell of the grid: the picture or its placeholder, its boxes, its chips, its marks.
//!
//! Boxes of all cells go into one mesh, painted over all pictures and under all chips.

use egui::epaint::Mesh;
use egui::{CornerRadius, Rect, Response, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::cells::paint::{Marks, failed_ui, paint_covering, paint_ground, paint_marks, paint_picture};
use crate::marks::{self, Pen};
use crate::review;
use crate::tag_style::{Dash, TagStyle, image_tags};
use crate::textures::Textures;
use crate::theme::{self, Tokens, tokens};
use crate::widgets::row::say_selected;
use crate::widgets::text::{self, count};
use app::appearance::{Appearance, Caption, LabelSize};
use app::predictions::Layer;
use app::state::Opened;
use app::{Command, DisplayCommand, PixelKey, State};
use domain::{CheckKind, ImageIx, ImageView, Timestamp};

const RADIUS: CornerRadius = CornerRadius::same(tokens::RADIUS);
/// Chips of tags on a thumbnail; the rest is "+n".
const MOST_CHIPS: usize = 3;
/// Height of the caption below a thumbnail.
const CAPTION: f32 = 20.0;

/// Height below the pictures: that of the captions, if there are any.
pub(super) fn foot(state: &State) -> f32 {
    if state.settings.appearance.caption == Caption::None { 0.0 } else { CAPTION }
}

pub(super) struct GridCells<'a> {
    opened: &'a Opened,
    tokens: &'static Tokens,
    side: u16,
    shows_overlays: bool,
    pen: Pen,
    thin: Pen,
    look: Appearance,
    foot: f32,
    fills: Mesh,
    boxes: Mesh,
    /// What stands over the boxes.
    over: Vec<Over>,
}

/// A cell's chips and marks, painted after all boxes.
struct Over {
    ix: ImageIx,
    marks: Marks,
    has_chips: bool,
}

impl<'a> GridCells<'a> {
    pub(super) fn new(ui: &Ui, state: &State, opened: &'a Opened, side: u16, capacity: usize) -> Self {
        Self {
            opened,
            tokens: theme::of(ui),
            side,
            shows_overlays: state.settings.show_overlays,
            pen: Pen::new(ui.ctx().pixels_per_point(), false).times(state.settings.appearance.line.factor()),
            thin: Pen::thin(ui.ctx().pixels_per_point()).times(state.settings.appearance.line.factor()),
            look: state.settings.appearance,
            foot: foot(state),
            fills: Mesh::default(),
            boxes: Mesh {
                vertices: Vec::with_capacity(capacity * 16),
                indices: Vec::with_capacity(capacity * 48),
                ..Mesh::default()
            },
            over: Vec::new(),
        }
    }

    /// One cell; the answer tells clicks.
    #[expect(clippy::too_many_arguments, reason = "all that a cell depends on")]
    pub(super) fn cell_ui(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        ix: ImageIx,
        place: usize,
        is_chosen: bool,
        textures: &mut Textures,
        commands: &mut Vec<Command>,
    ) -> Response {
        // Not focusable: with Tab through 100,000 cells nothing else could be reached. The cursor moves with the arrows.
        let response = ui.interact(rect, ui.scope_id().with(("cell", ix.0)), Sense::CLICK);
        let Some(image) = self.opened.catalogue.get(ix) else { return response };
        response.widget_info(|| {
            let caption = caption(self.look.caption, image).filter(|_| self.look.caption != Caption::Regions);
            let caption = caption.map(|words| format!(", {words}")).unwrap_or_default();
            let words = format!("{}{caption}", spoken(image, place, self.opened));
            WidgetInfo::selected(Role::ListBoxOption, true, is_chosen, words)
        });
        say_selected(&response, is_chosen);
        self.caption_ui(ui, rect, image, is_chosen, &response);
        let rect = rect.with_max_y(rect.bottom() - self.foot);
        let is_cursor = self.opened.cursor == Some(ix);
        let texture = textures.thumb(ix, self.side);
        let failure = self.opened.failed_pixels.get(&PixelKey::Thumb { ix, side: self.side });
        match (texture, failure) {
            (Some(texture), _) => {
                let picture = if self.look.fills_cells {
                    paint_covering(ui, rect, RADIUS, texture)
                } else {
                    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                    paint_picture(ui, rect, texture.size.x / texture.size.y.max(1.0), texture, uv)
                };
                if self.shows_overlays {
                    self.add_boxes(image, picture, rect);
                }
            }
            (None, Some(failure)) => {
                if failed_ui(ui, rect, ix.0, failure, &response) {
                    commands.push(Command::Display(DisplayCommand::RetryPicture(ix)));
                }
            }
            (None, None) => {
                let picture = match self.look.fills_cells {
                    true => marks::covering(rect, image.aspect()),
                    false => marks::contained(rect, image.aspect()),
                };
                paint_placeholder(ui, rect, picture.intersect(rect), self.tokens, image, self.opened);
                if self.shows_overlays {
                    self.add_boxes(image, picture, rect);
                }
            }
        }
        // A small cell that failed needs its room for the way out.
        let has_chips = self.shows_overlays && (rect.width() >= 140.0 || texture.is_some() || failure.is_none());
        let marks = Marks { rect, is_chosen, is_cursor, is_hovered: response.hovered() };
        self.over.push(Over { ix, marks, has_chips });
        response
    }

    /// The caption below the picture; whole on hover where it is cut.
    fn caption_ui(&self, ui: &Ui, cell: Rect, image: ImageView<'_>, is_chosen: bool, response: &Response) {
        let Some(words) = caption(self.look.caption, image) else { return };
        let color = if is_chosen { self.tokens.text } else { self.tokens.dim };
        let room = cell.width() - 4.0;
        let galley = text::elided(ui.painter(), &words, theme::font(tokens::SMALL), color, room);
        let is_cut = galley.elided;
        let y = cell.bottom() - (self.foot + galley.size().y) / 2.0;
        ui.painter().galley(pos2(cell.left() + 2.0, y), galley, color);
        if is_cut && response.hovered() {
            response.clone().on_hover_text(words);
        }
    }

    fn add_boxes(&mut self, image: ImageView<'_>, picture: Rect, cell: Rect) {
        // The canvas shows every box. Those that are left out here are spread over the list, which often goes through the
        // picture line by line.
        let most = most_boxes(cell);
        let tags = self.opened.catalogue.tags();
        let second = self.opened.overlay_marks(image.ix).take(most);
        marks::add_marks(&mut self.boxes, self.opened, second, picture, cell, self.thin);
        let layer = self.opened.predictions.layer(self.opened.generation);
        if layer != Layer::Labels {
            self.add_predictions(image, picture, cell, most);
        }
        if layer == Layer::Predictions {
            return;
        }
        for region in image.regions().step_by(image.region_count().div_ceil(most).max(1)) {
            let entry = tags.get(region.tag);
            if self.opened.hidden_tags.contains(&entry.id) {
                continue;
            }
            let mut style = TagStyle::of(entry);
            let is_small = cell.width() < 140.0;
            if is_small {
                style.dash = Dash::Solid;
            }
            let rect = marks::placed(region.rect, picture);
            if rect.is_finite() {
                let pen = if is_small { self.thin } else { self.pen };
                let fill = style.color.gamma_multiply(self.look.fill.thumbnail_strength());
                match fill == egui::Color32::TRANSPARENT {
                    true => marks::add_box(&mut self.boxes, rect, cell, pen, style),
                    false => marks::add_filled_box([&mut self.fills, &mut self.boxes], rect, cell, pen, style, fill),
                }
            }
        }
    }

    /// Predictions as on the canvas, without words: thin and broken lines.
    fn add_predictions(&mut self, image: ImageView<'_>, picture: Rect, cell: Rect, most: usize) {
        let (catalogue, generation) = (&self.opened.catalogue, self.opened.generation);
        let predicted = self.opened.predictions.marks(catalogue, generation, image.ix);
        let step = predicted.len().div_ceil(most).max(1);
        for (rect, tag, outcome) in predicted.into_iter().step_by(step) {
            let entry = catalogue.tags().get(tag);
            let rect = marks::placed(rect, picture);
            if self.opened.hidden_tags.contains(&entry.id) || !rect.is_finite() {
                continue;
            }
            let dash = marks::dash_of(outcome);
            marks::add_box(&mut self.boxes, rect, cell, self.thin, TagStyle { dash, ..TagStyle::of(entry) });
        }
    }

    /// Paints what stands over the pictures: boxes, then chips and marks. Returns about how many boxes there were.
    pub(super) fn finish(self, ui: &Ui) -> usize {
        let box_count = self.boxes.vertices.len() / 16 + 1;
        for mesh in [self.fills, self.boxes] {
            if !mesh.is_empty() {
                ui.painter().add(Shape::mesh(mesh));
            }
        }
        for over in &self.over {
            if over.has_chips
                && let Some(image) = self.opened.catalogue.get(over.ix)
            {
                let right = paint_finding(ui, over.marks.rect, over.ix, self.opened);
                paint_chips(ui, over.marks.rect, right, image, self.opened, self.look.labels);
            }
            paint_marks(ui, &over.marks, self.tokens);
            if let Some(image) = self.opened.catalogue.get(over.ix) {
                review::badges(ui.painter(), over.marks.rect, self.opened, image.id());
            }
        }
        box_count
    }
}

/// On a thumbnail more boxes than this are a blur that says no more; a chip says how many there are.
fn most_boxes(cell: Rect) -> usize {
    if cell.width() < 120.0 { 40 } else { 160 }
}

/// What stands below a thumbnail; `None`: nothing.
fn caption(caption: Caption, image: ImageView<'_>) -> Option<String> {
    Some(match caption {
        Caption::None => return None,
        Caption::Name => image.name().map_or_else(|| image.id().to_string(), str::to_owned),
        Caption::Id => image.id().to_string(),
        Caption::Date => image.created().map_or_else(|| "no date".to_owned(), Timestamp::display_text),
        Caption::Regions => count(image.region_count() as u64, "region", "regions"),
        Caption::Size => match image.size() {
            (0, _) | (_, 0) => "unknown size".to_owned(),
            (width, height) => format!("{width} × {height} listed px"),
        },
    })
}

/// What a screen reader says of an image.
fn spoken(image: ImageView<'_>, place: usize, opened: &Opened) -> String {
    use std::fmt::Write as _;
    let tags = opened.catalogue.tags();
    let mut text = format!("Image {}", place + 1);
    for (at, tag) in image_tags(image).into_iter().take(8).enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{}{}", if at == 0 { ": " } else { ", " }, tags.get(tag).name);
    }
    match opened.checks.findings.count(image.ix) {
        0 => {}
        1 => text.push_str(", 1 finding"),
        count => {
            let _ = write!(text, ", {count} findings");
        }
    }
    match image.region_count() {
        0 => {}
        1 => text.push_str(", 1 region"),
        count => {
            let _ = write!(text, ", {count} regions");
        }
    }
    let changes = opened.changes.comparison(opened.generation).map_or(0, |done| done.image_changes(image.ix).len());
    if changes > 0 {
        let _ = write!(text, ", {}", count(changes as u64, "change", "changes"));
    }
    text.push_str(&review::spoken(opened, image.id()));
    text
}

/// Until the picture is there: the color of the image's first tag, faint, in the picture's shape.
fn paint_placeholder(ui: &Ui, rect: Rect, picture: Rect, tokens: &Tokens, image: ImageView<'_>, opened: &Opened) {
    let first = image.tags().first().copied().or_else(|| image.regions().next().map(|region| region.tag));
    let color = first.map_or(tokens.faint, |tag| TagStyle::of(opened.catalogue.tags().get(tag)).color);
    paint_ground(ui, rect);
    ui.painter().rect_filled(picture, RADIUS, color.gamma_multiply(0.14));
}

/// What looks wrong, in a pill at the bottom right: its name when it is one thing, else how many there are. Returns the
/// right end of the room that is left for chips.
fn paint_finding(ui: &Ui, rect: Rect, ix: ImageIx, opened: &Opened) -> f32 {
    let inner = rect.shrink(5.0);
    let findings = &opened.checks.findings;
    let words = match findings.count(ix) {
        0 => return inner.right(),
        1 => findings.kinds(ix).iter().next().map_or("", CheckKind::name).to_owned(),
        count => format!("{count} findings"),
    };
    let painter = ui.painter();
    if rect.width() < 96.0 {
        let dot = inner.right_bottom() - vec2(4.0, 4.0);
        painter.circle(dot, 4.5, tokens::DARK.warning, Stroke::new(1.5, tokens::FINDING));
        return inner.right();
    }
    let galley = marks::chip_text(painter, words, inner.width() * 0.6);
    let size = marks::chip_size(&galley, false);
    let pill = Rect::from_min_size(inner.right_bottom() - size, size);
    painter.rect_filled(pill, marks::CHIP_HEIGHT / 2.0, tokens::FINDING);
    let text = pos2(pill.center().x - galley.size().x / 2.0, pill.center().y - galley.size().y / 2.0);
    painter.galley_with_override_text_color(text, galley, tokens::DARK.on_warning);
    pill.left() - 4.0
}

/// Chips at the bottom left: at most three, as many as there is room for, and how many more there are.
fn paint_chips(ui: &Ui, rect: Rect, right: f32, image: ImageView<'_>, opened: &Opened, labels: LabelSize) {
    if rect.width() < 96.0 || labels == LabelSize::Hidden {
        return;
    }
    let tags = image_tags(image);
    let table = opened.catalogue.tags();
    let painter = ui.painter();
    let inner = rect.shrink(5.0);
    let mut x = inner.left();
    let scale = labels.factor();
    let y = inner.bottom() - (marks::CHIP_HEIGHT * scale).round();
    if image.region_count() > most_boxes(rect) {
        let words = count(image.region_count() as u64, "region", "regions");
        let galley = marks::scaled_chip_text(painter, words, right - x - 12.0 * scale, scale);
        x = marks::paint_chip(painter, pos2(x, y), galley, None).right() + 4.0;
        // A tag without room for a few letters would stand on the findings.
        if right - x < 60.0 * scale {
            return;
        }
    }
    let mut shown = 0;
    for &tag in tags.iter().take(MOST_CHIPS) {
        let entry = table.get(tag);
        let room = right - x - if shown + 1 < tags.len() { 30.0 * scale } else { 0.0 };
        // The first is cut to the cell; the others are shown whole or not at all.
        if shown > 0 && room < 44.0 {
            break;
        }
        let galley = marks::scaled_chip_text(painter, entry.name.to_string(), room - 24.0 * scale, scale);
        if shown > 0 && galley.elided {
            break;
        }
        let style = TagStyle::of(entry);
        x = marks::paint_chip(painter, pos2(x, y), galley, Some(style.color)).right() + 4.0;
        shown += 1;
    }
    if shown < tags.len() {
        let galley = marks::scaled_chip_text(painter, format!("+{}", tags.len() - shown), 60.0, scale);
        marks::paint_chip(painter, pos2(x, y), galley, None);
    }
}
