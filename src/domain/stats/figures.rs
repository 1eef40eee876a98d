//! The figures of each plot: sizes of regions, regions per image, dates of upload, and pairs of tags.

use super::grid::Grid;
use crate::timestamp::{Timestamp, date_of};

/// Cells along each axis: 16 a decade, from 0.1 % to 100 %.
pub const SIZE_BINS: usize = 48;
/// Up to so many regions are kept one by one.
pub const MOST_POINTS: usize = 2_000;
const BINS_A_DECADE: f64 = 16.0;
const DECADES: f64 = 3.0;

/// How large regions are: width against height, in shares of the image, on logarithmic axes. A grid holds all of them;
/// while there are few, each size is also kept, so that a plot can show them individually.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SizeMap {
    /// Counts by width (columns) and height (rows), the smallest first; what is smaller or larger than the axes is in
    /// the outermost cells.
    pub grid: Grid,
    /// Each region; empty when there are more than [`MOST_POINTS`].
    pub points: Vec<SizePoint>,
    /// Regions without area, which are in no cell.
    pub without_area: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizePoint {
    /// Share of the image's width.
    pub width: f32,
    /// Share of the image's height.
    pub height: f32,
    /// Its tag's place in the list of tags.
    pub tag: usize,
}

impl SizeMap {
    pub(super) fn new() -> Self {
        Self { grid: Grid::new(SIZE_BINS, SIZE_BINS), points: Vec::new(), without_area: 0 }
    }

    pub(super) fn add(&mut self, width: f32, height: f32) {
        self.grid.add(bin(width), bin(height));
    }
}

/// The place of a share on a logarithmic axis: 0 for 0.1 % and less, [`SIZE_BINS`] for 100 %.
pub(super) fn place(share: f32) -> f64 {
    let place = (f64::from(share).log10() + DECADES) * BINS_A_DECADE;
    place.clamp(0.0, SIZE_BINS as f64)
}

fn bin(share: f32) -> usize {
    (place(share) as usize).min(SIZE_BINS - 1)
}

/// The share of the image at the lower edge of a cell.
pub fn size_edge(bin: usize) -> f64 {
    10_f64.powf(bin as f64 / BINS_A_DECADE - DECADES)
}

impl SizePoint {
    /// Where it is in the grid, in cells.
    pub fn place(&self) -> (f64, f64) {
        (place(self.width), place(self.height))
    }
}

/// Bars that fit.
const MOST_BINS: u32 = 30;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PerImage {
    /// From 0 on, without gaps, all of one width.
    pub bins: Vec<CountBin>,
    /// The number in the middle; 0 without images.
    pub median: u32,
    pub most: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountBin {
    pub from: u32,
    pub to: u32,
    pub images: u64,
}

impl PerImage {
    /// From the number of regions of each image.
    pub(super) fn of(mut numbers: Vec<u32>) -> Self {
        numbers.sort_unstable();
        let Some(&most) = numbers.last() else { return Self::default() };
        let width = bin_width(most);
        let mut bins: Vec<CountBin> = (0..=most / width)
            .map(|at| CountBin { from: at * width, to: (at * width).saturating_add(width - 1), images: 0 })
            .collect();
        for number in &numbers {
            bins[(number / width) as usize].images += 1;
        }
        Self { bins, median: numbers[numbers.len() / 2], most }
    }
}

/// 1, 2, 5, 10, 20...: the first with which all bars fit.
fn bin_width(most: u32) -> u32 {
    let mut width: u32 = 1;
    for factor in [2, 5].into_iter().cycle() {
        if most / width < MOST_BINS {
            break;
        }
        // 1 -> 2 -> 5 -> 10: by 2 and by 2.5 in turn, from the last power of ten.
        width = match factor {
            2 => width.saturating_mul(2),
            _ => (width / 2).saturating_mul(5),
        };
        if most / width < MOST_BINS {
            break;
        }
        if factor == 5 {
            width = width.saturating_mul(2);
        }
    }
    width
}

impl CountBin {
    /// `3`, or `10 to 19`.
    pub fn label(&self) -> String {
        if self.from == self.to { self.from.to_string() } else { format!("{} to {}", self.from, self.to) }
    }
}

/// Days up to which each has its bar.
const MOST_DAYS: i64 = 92;
/// Months up to which each has its bar.
const MOST_MONTHS: i64 = 96;
/// Bars of years that fit.
const MOST_YEAR_BINS: i64 = 80;
const TICKS_A_DAY: i64 = 864_000_000_000;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dates {
    pub unit: DateUnit,
    /// From the earliest to the latest, without gaps.
    pub bins: Vec<DateBin>,
    pub undated: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateUnit {
    #[default]
    Day,
    Month,
    /// One or more years.
    Years,
}

/// Images of one day, month or span of years, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateBin {
    /// `2024-01-05`, `2024-01`, `2024`, or `2020..2029`.
    pub label: String,
    pub images: u64,
}

impl DateUnit {
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Years => "year",
        }
    }
}

impl Dates {
    /// From the days since 1970 of all images that have a date.
    pub(super) fn of(days: &[i64], undated: u64) -> Self {
        let (Some(&first), Some(&last)) = (days.iter().min(), days.iter().max()) else {
            return Self { undated, ..Self::default() };
        };
        let month = |day: i64| {
            let (year, month, _) = date_of(day);
            year * 12 + month - 1
        };
        let (unit, step) = if last - first < MOST_DAYS {
            (DateUnit::Day, 1)
        } else if month(last) - month(first) < MOST_MONTHS {
            (DateUnit::Month, 1)
        } else {
            let years = (month(last) - month(first)) / 12 + 1;
            (DateUnit::Years, nice_step(years))
        };
        let place = |day: i64| match unit {
            DateUnit::Day => day,
            DateUnit::Month => month(day),
            DateUnit::Years => month(day).div_euclid(12).div_euclid(step),
        };
        let start = place(first);
        let mut bins: Vec<DateBin> =
            (start..=place(last)).map(|at| DateBin { label: label(unit, at, step), images: 0 }).collect();
        for &day in days {
            bins[(place(day) - start) as usize].images += 1;
        }
        Self { unit, bins, undated }
    }
}

/// Years a bar: 1, 10, 100...
fn nice_step(years: i64) -> i64 {
    let mut step = 1;
    while years / step >= MOST_YEAR_BINS {
        step *= 10;
    }
    step
}

fn label(unit: DateUnit, at: i64, step: i64) -> String {
    match unit {
        DateUnit::Day => {
            let (year, month, day) = date_of(at);
            format!("{year:04}-{month:02}-{day:02}")
        }
        DateUnit::Month => format!("{:04}-{:02}", at.div_euclid(12), at.rem_euclid(12) + 1),
        DateUnit::Years if step == 1 => format!("{at:04}"),
        DateUnit::Years => format!("{:04}..{:04}", at * step, at * step + step - 1),
    }
}

pub(super) fn day_of(stamp: Timestamp) -> i64 {
    stamp.0.div_euclid(TICKS_A_DAY)
}

/// A matrix of more tags than this is unreadable; the most used ones are taken.
pub const MOST_PAIRED: usize = 40;

/// Images by pairs of tags.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TagPairs {
    /// The tags of rows and columns, the most used first, as places in the list of tags.
    pub tags: Vec<usize>,
    /// Tags that were met and are not among them.
    pub left_out: usize,
    counts: Vec<u32>,
}

impl TagPairs {
    pub(super) fn new(mut tags: Vec<usize>) -> Self {
        let left_out = tags.len().saturating_sub(MOST_PAIRED);
        tags.truncate(MOST_PAIRED);
        let counts = vec![0; tags.len() * tags.len()];
        Self { tags, left_out, counts }
    }

    /// Takes an image that carries these rows, each once.
    pub(super) fn add(&mut self, rows: &[usize]) {
        for &row in rows {
            for &column in rows {
                self.counts[row * self.tags.len() + column] += 1;
            }
        }
    }

    /// Images with both tags, by row and column; with the tag itself on the diagonal.
    pub fn get(&self, row: usize, column: usize) -> u32 {
        if column < self.tags.len() { self.counts.get(row * self.tags.len() + column).copied().unwrap_or(0) } else { 0 }
    }

    /// The largest count of two different tags.
    pub fn max(&self) -> u32 {
        let rows = 0..self.tags.len();
        rows.flat_map(|row| (0..row).map(move |column| (row, column)))
            .map(|(row, column)| self.get(row, column))
            .max()
            .unwrap_or(0)
    }
}
