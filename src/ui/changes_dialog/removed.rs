//! The images that only the other state has, as small pictures with their boxes; without a picture by name.

use egui::epaint::Mesh;
use egui::{Rect, Role, Sense, Shape, Ui, WidgetInfo, pos2, vec2};

use crate::cells::paint::{paint_ground, paint_picture};
use crate::marks::{self, Pen};
use crate::textures::Textures;
use crate::theme::{self, tokens};
use crate::widgets::text;
use app::PixelKey;
use app::changes::{Comparison, MOST_REMOVED};
use domain::{Catalogue, ImageView};

/// Width of a cell, and height of the picture in it.
const CELL: [f32; 2] = [112.0, 84.0];
const NAME: f32 = 18.0;

pub(super) fn removed_ui(ui: &mut Ui, catalogue: &Catalogue, comparison: &Comparison, textures: &mut Textures) {
    if comparison.removed.is_empty() {
        return;
    }
    text::section(ui, "Removed images", None);
    let images = comparison.removed.iter().take(MOST_REMOVED).filter_map(|&ix| comparison.other.get(ix));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(tokens::GAP_SMALL, tokens::GAP_SMALL);
        images.for_each(|image| cell_ui(ui, catalogue, comparison, image, textures));
    });
    let more = comparison.removed.len().saturating_sub(MOST_REMOVED);
    if more > 0 {
        text::hint(ui, &format!("and {} more; a saved report lists all", text::thousands(more as u64)));
    }
}

fn cell_ui(ui: &mut Ui, catalogue: &Catalogue, comparison: &Comparison, image: ImageView<'_>, textures: &mut Textures) {
    let tokens = theme::of(ui);
    let (slot, response) = ui.allocate_exact_size(vec2(CELL[0], CELL[1] + NAME), Sense::hover());
    let name = image.name().map_or_else(|| image.id().to_string(), str::to_owned);
    let regions = text::count(image.region_count() as u64, "region", "regions");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Removed image {name}, {regions}")));
    if !ui.is_rect_visible(slot) {
        return;
    }
    let rect = Rect::from_min_size(slot.min, CELL.into());
    let picture = match textures.get(PixelKey::Removed { id: image.id() }) {
        Some(texture) => {
            let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            paint_picture(ui, rect, texture.size.x / texture.size.y.max(1.0), texture, uv)
        }
        None => {
            paint_ground(ui, rect);
            marks::contained(rect, image.aspect())
        }
    };
    let (mut mesh, pen) = (Mesh::default(), Pen::thin(ui.ctx().pixels_per_point()));
    for region in image.regions() {
        let place = marks::placed(region.rect, picture);
        if place.is_finite() {
            let color = marks::color_of(catalogue, comparison.mark(catalogue, region).tag);
            marks::add_second_box(&mut mesh, place, rect, pen, color);
        }
    }
    if !mesh.is_empty() {
        ui.painter().add(Shape::mesh(mesh));
    }
    let below = pos2(slot.left(), slot.bottom() - NAME / 2.0);
    text::paint_elided(ui.painter(), below, &name, theme::font(tokens::SMALL), tokens.dim, slot.width());
    response.on_hover_text(format!("{name}\n{regions}"));
}
