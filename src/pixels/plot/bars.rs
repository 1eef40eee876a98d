//! Bars: lying ones of tags, standing ones of numbers and dates.

use super::sheet::{ACCENT, Anchor, DIM, LINE, Sheet, TEXT, tint};
use super::{BODY, SIDE, TOP};
use domain::stats::{Statistics, TagOrder};

/// Rows of tags on a page; a line counts the rest, and the CSV has it.
const MOST_ROWS: usize = 24;
const SMALL: f32 = 18.0;

pub(super) fn tags(sheet: &mut Sheet<'_>, figures: &Statistics) {
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
        let color = count.look.color().on_light;
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

pub(super) fn per_image(sheet: &mut Sheet<'_>, figures: &Statistics) {
    let bins = &figures.per_image.bins;
    let bars: Vec<_> = bins.iter().map(|bin| (bin.from.to_string(), bin.images)).collect();
    standing(sheet, &bars, "regions in an image");
}

pub(super) fn dates(sheet: &mut Sheet<'_>, figures: &Statistics) {
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
