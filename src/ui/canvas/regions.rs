//! The regions over the picture: all boxes in one mesh and the places of all chips, made again only when what they depend
//! on has changed.

use std::sync::Arc;

use egui::epaint::Mesh;
use egui::{Color32, Painter, Rect, Shape, Vec2, pos2, vec2};
use rustc_hash::FxHashMap;

use super::chips::{self, Wish};
use super::hit::HitIndex;
use super::viewport::Viewport;
use crate::app::state::Opened;
use crate::domain::{ImageId, ImageIx, ImageView, RegionId, RegionIx, RegionView, Subject, TagIx};
use crate::ui::marks::{self, Pen};
use crate::ui::review;
use crate::ui::tag_style::TagStyle;

/// Everything that the overlay depends on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub generation: u64,
    pub ix: ImageIx,
    pub viewport: Viewport,
    pub view: Rect,
    /// From the view's top to where chips may stand.
    pub top: f32,
    pub selected: Option<RegionIx>,
    pub hovered: Option<RegionIx>,
    /// The sum of the hidden tags' ids.
    pub hidden: u128,
    /// The only tag whose boxes are shown, while its key is held.
    pub solo: Option<TagIx>,
    pub tag_count: usize,
    /// Where the chosen colours lie: others lie elsewhere.
    pub colours: usize,
    pub pixels_per_point: f32,
}

/// The sum of the hidden tags' ids: another set has, but for a miracle, another sum.
pub(super) fn hidden_sum(opened: &Opened) -> u128 {
    opened.hidden_tags.iter().fold(opened.hidden_tags.len() as u128, |sum, tag| sum.wrapping_add(tag.0.as_u128()))
}

/// Whether a tag's boxes are to be seen and hit.
pub(super) fn is_tag_shown(opened: &Opened, solo: Option<TagIx>, tag: TagIx) -> bool {
    match solo {
        Some(solo) => solo == tag,
        None => !opened.hidden_tags.contains(&opened.catalogue.tags().get(tag).id),
    }
}

/// A chip with its place.
struct Chip {
    rect: Rect,
    region: RegionId,
    text: String,
    color: Color32,
}

/// Boxes and chips, ready to be painted.
pub(super) struct Overlay {
    key: Key,
    mesh: Arc<Mesh>,
    chips: Vec<Chip>,
}

impl Overlay {
    /// Whether it is the overlay of this state of affairs.
    pub(super) fn is_of(&self, key: &Key) -> bool {
        self.key == *key
    }

    /// Makes boxes and chips. `taken` are places where no chip may go.
    pub(super) fn new(
        key: Key,
        painter: &Painter,
        opened: &Opened,
        image: ImageView<'_>,
        hits: &HitIndex,
        taken: &[Rect],
    ) -> Self {
        let visible = key.viewport.visible_fractions().map(|edge| edge as f32);
        let margin = [visible[0] - 0.01, visible[1] - 0.01, visible[2] + 0.01, visible[3] + 0.01];
        let mut seen: Vec<_> = hits.within(margin).collect();
        seen.sort_unstable();
        let is_shown = |region: &RegionView| is_tag_shown(opened, key.solo, region.tag);
        let regions: Vec<_> = seen.into_iter().filter_map(|ix| opened.catalogue.region(ix)).filter(is_shown).collect();
        let mesh = Arc::new(boxes(&key, opened, &regions));
        let chips = place_chips(&key, painter, opened, image, &regions, taken);
        Self { key, mesh, chips }
    }

    /// Paints the boxes, then the chips.
    pub(super) fn paint(&self, painter: &Painter, opened: &Opened, image: ImageId) {
        if !self.mesh.is_empty() {
            painter.add(Shape::Mesh(Arc::clone(&self.mesh)));
        }
        for chip in &self.chips {
            let galley = marks::chip_text(painter, chip.text.clone(), f32::INFINITY);
            marks::paint_chip(painter, chip.rect.min, galley, Some(chip.color));
            if let Some(verdict) = review::mark_of(opened, Subject::region(image, chip.region)) {
                review::badge(painter, chip.rect.right_center() + vec2(1.0, 0.0), 7.0, verdict);
            }
        }
    }
}

fn screen(key: &Key, region: &RegionView) -> Rect {
    key.viewport.screen_rect(region.rect).translate(key.view.min.to_vec2())
}

fn boxes(key: &Key, opened: &Opened, regions: &[RegionView]) -> Mesh {
    let mut mesh = Mesh::default();
    // A fill and two rings each.
    mesh.vertices.reserve(regions.len() * 20);
    mesh.indices.reserve(regions.len() * 54);
    let tags = opened.catalogue.tags();
    let plain = Pen::new(key.pixels_per_point, false);
    let bold = Pen::new(key.pixels_per_point, true);
    let styles: Vec<_> = tags.iter().map(|(_, entry)| TagStyle::of(entry)).collect();
    let style = |tag: TagIx| styles[tag.at().min(styles.len().saturating_sub(1))];
    let is_marked = |region: &&RegionView| key.selected == Some(region.ix) || key.hovered == Some(region.ix);
    for region in regions {
        let strength = if key.selected == Some(region.ix) {
            0.12
        } else if key.hovered == Some(region.ix) {
            0.09
        } else {
            0.05
        };
        marks::add_fill(&mut mesh, screen(key, region), key.view, style(region.tag).color, strength);
    }
    for region in regions.iter().filter(|region| !is_marked(region)) {
        marks::add_box(&mut mesh, screen(key, region), key.view, plain, style(region.tag));
    }
    // The selected one lies over all others.
    let mut marked: Vec<_> = regions.iter().filter(is_marked).collect();
    marked.sort_by_key(|region| key.selected == Some(region.ix));
    for region in marked {
        marks::add_box(&mut mesh, screen(key, region), key.view, bold, style(region.tag));
    }
    mesh
}

fn place_chips(
    key: &Key,
    painter: &Painter,
    opened: &Opened,
    image: ImageView<'_>,
    regions: &[RegionView],
    taken: &[Rect],
) -> Vec<Chip> {
    let tags = opened.catalogue.tags();
    let mut sizes: FxHashMap<TagIx, Vec2> = FxHashMap::default();
    let chip_size = |text: String| marks::chip_size(&marks::chip_text(painter, text, f32::INFINITY), true);
    let is_needed = |region: &RegionView| key.selected == Some(region.ix) || key.hovered == Some(region.ix);
    // Boxes that are too small for a chip go first: far away that is nearly all of thousands.
    let mut ordered = Vec::new();
    for region in regions {
        let size = *sizes.entry(region.tag).or_insert_with(|| chip_size(tags.get(region.tag).name.to_string()));
        let anchor = screen(key, region);
        if is_needed(region) || chips::carries(anchor, size) {
            ordered.push((region, anchor, size));
        }
    }
    let rank = |region: &RegionView| (key.selected != Some(region.ix), key.hovered != Some(region.ix));
    ordered.sort_by(|(one, ..), (other, ..)| {
        rank(one).cmp(&rank(other)).then(other.rect.area().total_cmp(&one.rect.area())).then(one.ix.cmp(&other.ix))
    });
    let mut texts = Vec::with_capacity(ordered.len());
    let mut wishes = Vec::with_capacity(ordered.len());
    for (region, anchor, size) in ordered {
        let is_needed = is_needed(region);
        let name = &tags.get(region.tag).name;
        let text = is_needed.then(|| full_text(image, region, name, key.hovered == Some(region.ix)));
        let size = text.as_ref().map_or(size, |text| chip_size(text.clone()));
        wishes.push(Wish { anchor, size, is_needed });
        texts.push((text, region.tag, region.id));
    }
    let room = key.view.with_min_y(key.view.top() + key.top).shrink2(vec2(6.0, 4.0));
    let placed = chips::place(room, &wishes, taken);
    let chips = placed.into_iter().zip(texts).filter_map(|(rect, (text, tag, region))| {
        let entry = tags.get(tag);
        let text = text.unwrap_or_else(|| entry.name.to_string());
        Some(Chip { rect: rect?, region, text, color: TagStyle::of(entry).color })
    });
    chips.collect()
}

/// Tag and size of a region, and where it is hovered its share of the picture and its date.
pub(super) fn full_text(image: ImageView<'_>, region: &RegionView, name: &str, is_long: bool) -> String {
    let (width, height) = image.size();
    let mut text = name.to_owned();
    if width > 0 && height > 0 {
        let pixels = region.rect.in_pixels(width, height);
        text = format!("{name}  {:.0} × {:.0} px", pixels.width, pixels.height);
    }
    if is_long {
        text = format!("{text}  {}", share_text(region.rect.area()));
        if let Some(created) = region.created {
            text = format!("{text}  {}", created.display_text());
        }
    }
    text
}

/// A share of the picture: `33.0 %`, `0.04 %`.
pub(crate) fn share_text(share: f32) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.1 { format!("{percent:.2} %") } else { format!("{percent:.1} %") }
}

/// Chips of the tags that no region has: they are about the whole image. Returns where they are.
pub(super) fn paint_image_tags(
    painter: &Painter,
    view: Rect,
    top: f32,
    opened: &Opened,
    image: ImageView<'_>,
) -> Vec<Rect> {
    let tags = opened.catalogue.tags();
    let mut places = Vec::new();
    let (mut x, mut y) = (view.left() + 10.0, top);
    for &tag in image.tags() {
        let entry = tags.get(tag);
        if opened.hidden_tags.contains(&entry.id) || image.regions().any(|region| region.tag == tag) {
            continue;
        }
        let galley = marks::chip_text(painter, entry.name.to_string(), view.width() - 60.0);
        let width = marks::chip_size(&galley, true).x;
        if x + width > view.right() - 10.0 && x > view.left() + 10.0 {
            (x, y) = (view.left() + 10.0, y + marks::CHIP_HEIGHT + 4.0);
        }
        if y > view.bottom() - 60.0 {
            break;
        }
        let rect = marks::paint_chip(painter, pos2(x, y), galley, Some(TagStyle::of(entry).color));
        x = rect.right() + 4.0;
        places.push(rect.expand2(vec2(2.0, 2.0)));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_keep_a_digit_that_says_something() {
        assert_eq!(share_text(0.33), "33.0 %");
        assert_eq!(share_text(0.000_4), "0.04 %");
        assert_eq!(share_text(0.0), "0.0 %");
    }
}
