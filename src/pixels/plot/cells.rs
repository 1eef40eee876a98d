//! Grids: sizes on logarithmic axes, places of the image, pairs of tags.

use super::sheet::{ACCENT, Anchor, DIM, LINE, Sheet, TEXT, tint};
use super::{BODY, SIDE, TOP};
use domain::look::NEGATIVE;
use domain::stats::{Grid, SIZE_BINS, Statistics};

const SMALL: f32 = 18.0;
/// Tags of the matrix; the rest is in the CSV.
const MOST_NAMES: usize = 24;

/// The room of a plot in pixels.
#[derive(Clone, Copy)]
struct Frame {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

impl Frame {
    /// As large as fits with this width for each height, in the middle of the page.
    fn fitting(sheet: &Sheet<'_>, aspect: f32) -> Self {
        let (width, height) = (sheet.width() - 2.0 * SIDE - 120.0, sheet.height() - TOP - 110.0);
        let width = width.min(height * aspect);
        Self { left: (sheet.width() - width) / 2.0, top: TOP, width, height: width / aspect }
    }

    fn outline(self, sheet: &mut Sheet<'_>) {
        let Self { left, top, width, height } = self;
        for (x, y, w, h) in [
            (left - 1.0, top - 1.0, width + 2.0, 1.0),
            (left - 1.0, top + height, width + 2.0, 1.0),
            (left - 1.0, top, 1.0, height),
            (left + width, top, 1.0, height),
        ] {
            sheet.rect(x, y, w, h, LINE);
        }
    }

    fn cells(self, sheet: &mut Sheet<'_>, grid: &Grid, is_up: bool) {
        let most = grid.max().max(1) as f32;
        let (width, height) = (self.width / grid.columns().max(1) as f32, self.height / grid.rows().max(1) as f32);
        for (column, row, count) in grid.filled() {
            let row = if is_up { grid.rows() - 1 - row } else { row };
            let (x, y) = (self.left + column as f32 * width, self.top + row as f32 * height);
            let share = 0.12 + 0.88 * (count as f32 / most).sqrt();
            sheet.rect(x, y, width, height, tint(ACCENT, share));
        }
    }
}

pub(super) fn sizes(sheet: &mut Sheet<'_>, figures: &Statistics) {
    let frame = Frame::fitting(sheet, 1.5);
    let decades = ["0.1%", "1%", "10%", "100%"];
    for (at, label) in decades.into_iter().enumerate() {
        let share = at as f32 / (decades.len() - 1) as f32;
        let (x, y) = (frame.left + frame.width * share, frame.top + frame.height * (1.0 - share));
        sheet.rect(x - 0.5, frame.top, 1.0, frame.height, LINE);
        sheet.rect(frame.left, y - 0.5, frame.width, 1.0, LINE);
        sheet.text(label, x, frame.top + frame.height + 28.0, SMALL, DIM, Anchor::Middle);
        sheet.text(label, frame.left - 12.0, y + SMALL * 0.36, SMALL, DIM, Anchor::Right);
    }
    if figures.sizes.points.is_empty() {
        frame.cells(sheet, &figures.sizes.grid, true);
    }
    for point in &figures.sizes.points {
        let (x, y) = point.place();
        let x = frame.left + frame.width * (x / SIZE_BINS as f64) as f32;
        let y = frame.top + frame.height * (1.0 - (y / SIZE_BINS as f64) as f32);
        let color = figures.tags.get(point.tag).map_or(NEGATIVE, |count| count.look.color()).on_light;
        sheet.dot(x, y, 3.5, tint(color, 0.8));
    }
    frame.outline(sheet);
    let below = frame.top + frame.height + 66.0;
    sheet.text("width, share of the image", frame.left + frame.width / 2.0, below, BODY, DIM, Anchor::Middle);
    sheet.text("height", frame.left - 12.0, frame.top - 14.0, SMALL, DIM, Anchor::Right);
}

pub(super) fn places(sheet: &mut Sheet<'_>, figures: &Statistics) {
    let frame = Frame::fitting(sheet, 4.0 / 3.0);
    frame.cells(sheet, &figures.places, false);
    frame.outline(sheet);
    for at in 0..=4_u8 {
        let (share, label) = (f32::from(at) / 4.0, format!("{}%", u32::from(at) * 25));
        let (x, y) = (frame.left + frame.width * share, frame.top + frame.height * share);
        sheet.text(&label, x, frame.top + frame.height + 28.0, SMALL, DIM, Anchor::Middle);
        sheet.text(&label, frame.left - 12.0, y + SMALL * 0.36, SMALL, DIM, Anchor::Right);
    }
}

pub(super) fn pairs(sheet: &mut Sheet<'_>, figures: &Statistics) {
    let pairs = &figures.pairs;
    let count = pairs.tags.len().min(MOST_NAMES);
    if count == 0 {
        return;
    }
    let names = 280.0;
    let (left, bottom) = (SIDE + names, sheet.height() - 60.0);
    let height = ((bottom - TOP) / count as f32).min(64.0);
    let width = ((sheet.width() - SIDE - left) / count as f32).min(140.0);
    let most = pairs.max().max(1) as f32;
    for row in 0..count {
        let tag = &figures.tags[pairs.tags[row]];
        let y = TOP + height * row as f32;
        let color = tag.look.color().on_light;
        let base = y + height / 2.0 + SMALL * 0.36;
        sheet.rect(SIDE, y + height / 2.0 - 7.0, 14.0, 14.0, color);
        sheet.text_within(&tag.name, SIDE + 24.0, base, SMALL, TEXT, names - 40.0);
        for column in 0..row {
            let images = pairs.get(row, column);
            let share = if images == 0 { 0.0 } else { 0.15 + 0.85 * (images as f32 / most).sqrt() };
            let fill = if images == 0 { [0xf3, 0xf4, 0xf5] } else { tint(ACCENT, share) };
            let x = left + width * column as f32;
            sheet.rect(x + 1.0, y + 1.0, width - 2.0, height - 2.0, fill);
            let words = images.to_string();
            if images > 0 && sheet.text_width(&words, SMALL) < width - 6.0 && height > SMALL + 2.0 {
                let ink = if share > 0.5 { [255; 3] } else { TEXT };
                sheet.text(&words, x + width / 2.0, base, SMALL, ink, Anchor::Middle);
            }
        }
        let (x, middle) = (left + width * (row as f32 + 0.5), y + height / 2.0);
        sheet.rect(x - 7.0, middle - 7.0, 14.0, 14.0, color);
    }
    let hidden = pairs.left_out + pairs.tags.len() - count;
    if hidden > 0 {
        sheet.text(&format!("and {hidden} more tags"), sheet.width() - SIDE, TOP, SMALL, DIM, Anchor::Right);
    }
}
