//! Plots of statistics as pictures, drawn from the same numbers as the window's, on white, without a window.

mod sheet;

use super::glyphs::{FontFile, Fonts};
use domain::Raster;
use domain::stats::{Grid, Panel, SIZE_BINS, Statistics, TagOrder};
use domain::tag_color::NEGATIVE;
use sheet::{ACCENT, Anchor, BODY, DIM, LINE, SIDE, Sheet, TEXT, TOP, tint};

const WIDTH: u32 = 1600;
const HEIGHT: u32 = 1000;

/// Draws a plot with its head, `caption` and a sentence that says what it shows. `fonts` are files of fonts for letters
/// that the built-in one lacks. `None` only when the system has no memory for the picture.
pub fn plot_picture(figures: &Statistics, panel: Panel, caption: &str, fonts: &[FontFile<'_>]) -> Option<Raster> {
    let mut sheet = Sheet::new(WIDTH, HEIGHT, Fonts::new(fonts))?;
    sheet.text(panel.label(), SIDE, 72.0, 34.0, TEXT, Anchor::Left);
    let width = WIDTH as f32 - 2.0 * SIDE;
    sheet.text_within(caption, SIDE, 112.0, BODY, DIM, width);
    sheet.text_within(&figures.sentence(panel), SIDE, 146.0, BODY, DIM, width);
    match panel {
        Panel::Tags => tags(&mut sheet, figures),
        Panel::PerImage => per_image(&mut sheet, figures),
        Panel::Dates => dates(&mut sheet, figures),
        Panel::Sizes => sizes(&mut sheet, figures),
        Panel::Places => places(&mut sheet, figures),
        Panel::Pairs => pairs(&mut sheet, figures),
    }
    sheet.raster()
}

/// Rows of tags on a page; a line counts the rest, and the CSV has it.
const MOST_ROWS: usize = 24;
const SMALL: f32 = 18.0;

fn tags(sheet: &mut Sheet<'_>, figures: &Statistics) {
    let met = figures.met_tags(TagOrder::Count);
    let has_regions = figures.regions > 0;
    let shown = met.len().min(MOST_ROWS);
    let most = met.iter().map(|&at| figures.tags[at].images.max(figures.tags[at].regions)).max().unwrap_or(1).max(1);
    let right = sheet.width() - SIDE;
    let (regions_right, images_right) = (right, if has_regions { right - 130.0 } else { right });
    let (left, names) = (SIDE + 330.0, 310.0);
    let full = images_right - 130.0 - left;
    sheet.text("images", images_right, TOP, SMALL, DIM, Anchor::Right);
    if has_regions {
        sheet.text("regions", regions_right, TOP, SMALL, DIM, Anchor::Right);
    }
    let step = ((sheet.height() - TOP - 90.0) / shown.max(1) as f32).min(46.0);
    for (row, &at) in met.iter().take(shown).enumerate() {
        let count = &figures.tags[at];
        let middle = TOP + 14.0 + step * (row as f32 + 0.5);
        let base = middle + SMALL * 0.36;
        let color = count.color.palette_color().on_light;
        sheet.text_within(&count.name, SIDE, base, SMALL, TEXT, names);
        let bar = |number: u64| full * number as f32 / most as f32;
        if has_regions {
            sheet.rect(left, middle - step * 0.34, bar(count.images).max(1.5), step * 0.42, color);
            sheet.rect(left, middle + step * 0.12, bar(count.regions).max(1.5), step * 0.2, tint(color, 0.5));
            sheet.text(&count.regions.to_string(), regions_right, base, SMALL, DIM, Anchor::Right);
        } else {
            sheet.rect(left, middle - step * 0.3, bar(count.images).max(1.5), step * 0.6, color);
        }
        sheet.text(&count.images.to_string(), images_right, base, SMALL, TEXT, Anchor::Right);
    }
    if met.len() > shown {
        let words = format!("and {} more tags", met.len() - shown);
        sheet.text(&words, SIDE, sheet.height() - 40.0, SMALL, DIM, Anchor::Left);
    }
}

fn per_image(sheet: &mut Sheet<'_>, figures: &Statistics) {
    let bins = &figures.per_image.bins;
    let bars: Vec<_> = bins.iter().map(|bin| (bin.from.to_string(), bin.images)).collect();
    standing(sheet, &bars, "regions in an image");
}

fn dates(sheet: &mut Sheet<'_>, figures: &Statistics) {
    let bars: Vec<_> = figures.dates.bins.iter().map(|bin| (bin.label.clone(), bin.images)).collect();
    standing(sheet, &bars, figures.dates.unit.word());
}

/// A bar and the gaps next to it, at most.
const WIDEST: f32 = 160.0;

fn standing(sheet: &mut Sheet<'_>, bars: &[(String, u64)], below: &str) {
    let (left, right, floor) = (SIDE + 90.0, sheet.width() - SIDE, sheet.height() - 110.0);
    let most = bars.iter().map(|bar| bar.1).max().unwrap_or(0).max(1);
    let y = |number: u64| floor - (floor - TOP) * number as f32 / (most as f32 * 1.04);
    let step = round_step(most);
    for line in (0..=most / step).map(|at| at * step) {
        sheet.rect(left, y(line) - 0.5, right - left, 1.0, LINE);
        sheet.text(&line.to_string(), left - 12.0, y(line) + SMALL * 0.36, SMALL, DIM, Anchor::Right);
    }
    // A few bars stand in the middle: one as wide as the sheet would say that it is much.
    let width = ((right - left) / bars.len().max(1) as f32).min(WIDEST);
    let first = f32::midpoint(left, right) - width * bars.len() as f32 / 2.0;
    let widest = bars.iter().map(|bar| sheet.text_width(&bar.0, SMALL)).fold(0.0, f32::max) + 16.0;
    let each = ((widest / width).ceil() as usize).max(1);
    for (at, (label, number)) in bars.iter().enumerate() {
        let x = first + width * at as f32;
        let gap = (width * 0.1).min(4.0);
        if *number > 0 {
            let top = y(*number).min(floor - 1.5);
            sheet.rect(x + gap, top, width - 2.0 * gap, floor - top, ACCENT);
        }
        if at % each == 0 {
            sheet.text(label, x + width / 2.0, floor + 28.0, SMALL, DIM, Anchor::Middle);
        }
    }
    sheet.text(below, f32::midpoint(left, right), floor + 66.0, BODY, DIM, Anchor::Middle);
    sheet.text("images", left - 12.0, TOP - 14.0, SMALL, DIM, Anchor::Right);
}

/// About five lines: 1, 2, 5, 10...
fn round_step(most: u64) -> u64 {
    let mut power = 1;
    loop {
        for factor in [1, 2, 5] {
            if most / (power * factor) <= 5 {
                return power * factor;
            }
        }
        power *= 10;
    }
}

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

fn sizes(sheet: &mut Sheet<'_>, figures: &Statistics) {
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
        let color = figures.tags.get(point.tag).map_or(NEGATIVE, |count| count.color.palette_color()).on_light;
        sheet.dot(x, y, 3.5, tint(color, 0.8));
    }
    frame.outline(sheet);
    let below = frame.top + frame.height + 66.0;
    sheet.text("width, share of the image", frame.left + frame.width / 2.0, below, BODY, DIM, Anchor::Middle);
    sheet.text("height", frame.left - 12.0, frame.top - 14.0, SMALL, DIM, Anchor::Right);
}

fn places(sheet: &mut Sheet<'_>, figures: &Statistics) {
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

fn pairs(sheet: &mut Sheet<'_>, figures: &Statistics) {
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
        let color = tag.color.palette_color().on_light;
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::catalogue::{Catalogue, ImageIx};
    use domain::stats::gather;

    #[test]
    fn every_plot_is_drawn_with_and_without_figures() {
        let empty = gather(&Catalogue::new(), std::iter::empty::<ImageIx>());
        for panel in Panel::ALL {
            let picture = plot_picture(&empty, panel, "Nothing: 0 images", &[]).expect("picture");
            assert_eq!((picture.width(), picture.height()), (WIDTH, HEIGHT));
            assert!(picture.rgba().chunks_exact(4).any(|pixel| pixel[0] < 100), "letters of {panel:?}");
        }
    }
}
