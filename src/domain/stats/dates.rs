//! When images were uploaded: by day, by month, or by years when the time is long.

use crate::timestamp::{Timestamp, date_of};

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

/// The day of a point in time, since 1970.
pub(super) fn day_of(stamp: Timestamp) -> i64 {
    stamp.0.div_euclid(TICKS_A_DAY)
}
