//! The chips with names at the boxes. Which there are is decided when the view changes; what the pointer is on gets its
//! chip besides, and those in its way step back meanwhile, so that no other chip moves under the pointer.

use egui::{Color32, Painter, Rect, Stroke, StrokeKind, Vec2, pos2, vec2};

use super::boxes::{Marked, SeenBox};
use super::chips::{self, ChipRequest};
use super::counterpart;
use crate::tag_style::TagStyle;
use crate::{marks, review};
use app::appearance::LabelSize;
use app::state::Opened;
use domain::{ImageView, RegionId, RegionIx, RegionView, Subject, TagIx};

/// What is left of chips that step back.
const DIMMED: f32 = 0.4;

struct Chip {
    rect: Rect,
    ix: RegionIx,
    region: RegionId,
    text: String,
    color: Color32,
}

/// A box that is large enough to carry its tag's name.
struct Candidate {
    seen: SeenBox,
    size: Vec2,
}

#[derive(Default)]
pub(super) struct NameChips {
    /// The largest first.
    candidates: Vec<Candidate>,
    chips: Vec<Chip>,
    pointed: Option<Chip>,
    /// Where no chip may go.
    taken: Vec<Rect>,
    selected: Option<RegionIx>,
    labels: LabelSize,
}

impl NameChips {
    /// Takes the boxes of another view. None has a chip yet.
    pub(super) fn make(&mut self, painter: &Painter, opened: &Opened, seen: &[SeenBox], labels: LabelSize) {
        self.labels = labels;
        // Hidden ones are those of no box but the marked ones.
        let seen: &[SeenBox] = if labels == LabelSize::Hidden { &[] } else { seen };
        let tags = opened.catalogue.tags();
        let mut sizes: Vec<Option<Vec2>> = vec![None; tags.len()];
        self.candidates.clear();
        self.chips.clear();
        self.pointed = None;
        for &seen in seen {
            // Boxes that are too small for a chip go first: far away that is nearly all of thousands.
            let Some(known) = sizes.get_mut(seen.tag.index()) else { continue };
            let size = *known.get_or_insert_with(|| chip_size(painter, tags.get(seen.tag).name.to_string(), labels));
            if chips::carries(seen.rect, size) {
                self.candidates.push(Candidate { seen, size });
            }
        }
        self.candidates.sort_by(|Candidate { seen: one, .. }, Candidate { seen: other, .. }| {
            other.area.total_cmp(&one.area).then(one.ix.cmp(&other.ix))
        });
    }

    /// Takes the boxes to where the view has moved them. Chips are to be placed again.
    pub(super) fn shift(&mut self, by: Vec2) {
        for candidate in &mut self.candidates {
            candidate.seen.rect = candidate.seen.rect.translate(by);
        }
    }

    /// Whether the chips stand for this selected region and leave these places free.
    pub(super) fn is_placed(&self, selected: Option<RegionIx>, taken: &[Rect]) -> bool {
        self.selected == selected && self.taken == taken
    }

    /// Places all chips but that of the region under the pointer: the selected one's in any case.
    pub(super) fn place(
        &mut self,
        painter: &Painter,
        opened: &Opened,
        image: ImageView<'_>,
        room: Rect,
        selected: Option<SeenBox>,
        taken: &[Rect],
    ) {
        self.selected = selected.map(|seen| seen.ix);
        self.taken = taken.to_vec();
        let tags = opened.catalogue.tags();
        let mut requests = Vec::with_capacity(self.candidates.len() + 1);
        let mut owners: Vec<(RegionIx, TagIx, Option<String>)> = Vec::with_capacity(requests.capacity());
        if let Some((seen, region)) = selected.and_then(|seen| Some((seen, opened.catalogue.region(seen.ix)?))) {
            let text = full_text(image, &region, &tags.get(seen.tag).name, false);
            let size = chip_size(painter, text.clone(), self.labels);
            requests.push(ChipRequest { anchor: seen.rect, size, is_needed: true });
            owners.push((seen.ix, seen.tag, Some(text)));
        }
        for Candidate { seen, size, .. } in &self.candidates {
            if Some(seen.ix) != self.selected {
                requests.push(ChipRequest { anchor: seen.rect, size: *size, is_needed: false });
                owners.push((seen.ix, seen.tag, None));
            }
        }
        let placed = chips::place(room, &requests, taken);
        let chips = placed.into_iter().zip(owners).filter_map(|(rect, (ix, tag, text))| {
            let (rect, region) = (rect?, opened.catalogue.region(ix)?);
            let entry = tags.get(tag);
            let text = text.unwrap_or_else(|| entry.name.to_string());
            Some(Chip { rect, ix, region: region.id, text, color: TagStyle::of(entry).color })
        });
        self.chips = chips.collect();
    }

    /// Gives the region under the pointer its chip.
    pub(super) fn point(
        &mut self,
        painter: &Painter,
        opened: &Opened,
        image: ImageView<'_>,
        room: Rect,
        marked: Marked,
        pointed: Option<SeenBox>,
    ) {
        self.pointed = None;
        let Some(seen) = pointed else { return };
        let Some(region) = opened.catalogue.region(seen.ix) else { return };
        let entry = opened.catalogue.tags().get(seen.tag);
        let text = full_text(image, &region, &entry.name, true);
        let request =
            ChipRequest { anchor: seen.rect, size: chip_size(painter, text.clone(), self.labels), is_needed: true };
        let mut taken = self.taken.clone();
        let of_selected = |chip: &&Chip| Some(chip.ix) == marked.selected && chip.ix != seen.ix;
        taken.extend(self.chips.iter().find(of_selected).map(|chip| chip.rect));
        let rect = chips::place(room, &[request], &taken).pop().flatten();
        let color = TagStyle::of(entry).color;
        self.pointed = rect.map(|rect| Chip { rect, ix: seen.ix, region: region.id, text, color });
    }

    /// Paints them. `dims`: those of all but the marked boxes step back.
    pub(super) fn paint(&self, painter: &Painter, opened: &Opened, image: ImageView<'_>, dims: bool) {
        let mut faint = painter.clone();
        faint.multiply_opacity(DIMMED);
        let is_marked = |chip: &Chip| {
            Some(chip.ix) == self.selected || self.pointed.as_ref().is_some_and(|pointed| pointed.ix == chip.ix)
        };
        let is_free = |chip: &&Chip| match &self.pointed {
            Some(pointed) if chip.ix == pointed.ix => false,
            Some(pointed) => Some(chip.ix) == self.selected || !pointed.rect.expand(chips::GAP).intersects(chip.rect),
            None => true,
        };
        for chip in self.chips.iter().filter(is_free).chain(&self.pointed) {
            let painter = if dims && !is_marked(chip) { &faint } else { painter };
            let galley = marks::scaled_chip_text(painter, chip.text.clone(), f32::INFINITY, self.labels.factor());
            let rect = marks::paint_chip(painter, chip.rect.min, galley, Some(chip.color));
            if Some(chip.ix) == self.selected {
                let line = Stroke::new(1.5, Color32::WHITE);
                painter.rect_stroke(rect, rect.height() / 2.0, line, StrokeKind::Outside);
            }
            if let Some(verdict) = review::mark_of(opened, Subject::region(image.id(), chip.region)) {
                review::badge(painter, chip.rect.right_center() + vec2(1.0, 0.0), 7.0, verdict);
            }
        }
    }
}

fn chip_size(painter: &Painter, text: String, labels: LabelSize) -> Vec2 {
    marks::chip_size(&marks::scaled_chip_text(painter, text, f32::INFINITY, labels.factor()), true)
}

/// Tag and size of a region; where it is hovered also its share of the picture and its date.
pub(super) fn full_text(image: ImageView<'_>, region: &RegionView, name: &str, is_long: bool) -> String {
    let size = image.pixel_size();
    let mut text = name.to_owned();
    if let Some(measured) = size.region_text(region.rect) {
        text = format!("{name}  {measured}");
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
    labels: LabelSize,
) -> Vec<Rect> {
    let tags = opened.catalogue.tags();
    let mut places = Vec::new();
    if labels == LabelSize::Hidden {
        return places;
    }
    let (mut x, mut y) = (view.left() + 10.0, top);
    for &tag in image.tags() {
        let entry = tags.get(tag);
        if opened.hidden_tags.contains(&entry.id) || image.regions().any(|region| region.tag == tag) {
            continue;
        }
        let galley = marks::scaled_chip_text(painter, entry.name.to_string(), view.width() - 60.0, labels.factor());
        let width = marks::chip_size(&galley, true).x;
        if x + width > view.right() - 10.0 && x > view.left() + 10.0 {
            (x, y) = (view.left() + 10.0, y + marks::chip_size(&galley, true).y + 4.0);
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

/// The image, how many regions it has, a box that it lacks, and the selected region with its size and place in the row.
pub(super) fn image(opened: &Opened, image: ImageView<'_>, is_main: bool) -> String {
    let count = image.region_count();
    let regions = if count == 1 { "1 region".to_owned() } else { format!("{count} regions") };
    let head = if is_main { "Image with" } else { "Compared image with" };
    let missing = counterpart::missing(opened, image).filter(|_| is_main);
    let missing = missing.map(|region| format!(", {}", counterpart::name(opened, region))).unwrap_or_default();
    let lack = opened.predictions.lack(opened.generation, image.ix);
    let lack = lack.map(|words| format!(", {}", lower_first(&words))).unwrap_or_default();
    let range = image.region_range();
    let selected = opened.region.filter(|region| range.contains(&region.0));
    let Some(region) = selected.and_then(|region| opened.catalogue.region(region)) else {
        return format!("{head} {regions}{missing}{lack}");
    };
    let name = &opened.catalogue.tags().get(region.tag).name;
    let place = region.ix.0 - range.start + 1;
    let size = image.pixel_size().spoken_region_text(region.rect);
    let size = size.map_or_else(String::new, |size| format!(", {size}"));
    format!("{head} {regions}{missing}{lack}, {name} selected, {place} of {count}{size}")
}

fn lower_first(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| first.to_lowercase().chain(rest).collect())
}

/// What an image is called: its file name where it has one, else the beginning of its id.
pub(super) fn name(image: ImageView<'_>) -> String {
    let named = image.name().map(str::to_owned);
    named.unwrap_or_else(|| image.id().to_string().chars().take(13).collect())
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
