//! What a bar, cell or pair represents, as query terms: a click on it narrows the shown images to those.

use super::sizes::{SIZE_BINS, size_edge};
use super::{CountBin, DateBin, PLACE_COLUMNS, PLACE_ROWS};

/// Images that a part of a plot stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Those that carry a tag, by name.
    Tag(String),
    /// Those that carry both.
    Pair(String, String),
    /// Those with so many regions, from and to.
    Regions(u32, u32),
    /// Those of a day, month or years.
    Created(String),
    /// Those with a region of about this size: column and row of the grid.
    Size(usize, usize),
    /// Those with a region over this place: column and row of the grid.
    Place(usize, usize),
}

impl Target {
    pub fn of_count(bin: CountBin) -> Self {
        Self::Regions(bin.from, bin.to)
    }

    pub fn of_date(bin: &DateBin) -> Self {
        Self::Created(bin.label.clone())
    }

    /// Terms that must all hold, as a query has them.
    pub fn terms(&self) -> Vec<String> {
        match self {
            Self::Tag(name) => vec![tag(name)],
            Self::Pair(one, other) => vec![tag(one), tag(other)],
            Self::Regions(from, to) if from == to => vec![format!("regions={from}")],
            Self::Regions(from, to) => vec![format!("regions:{from}..{to}")],
            Self::Created(label) => vec![format!("created:{label}")],
            Self::Size(column, row) => vec![size_term("rw", *column), size_term("rh", *row)],
            Self::Place(column, row) => {
                let share = |at: usize, cells: usize| percent(at as f64 / cells as f64);
                vec![
                    format!("left<{}", share(*column + 1, PLACE_COLUMNS)),
                    format!("right>{}", share(*column, PLACE_COLUMNS)),
                    format!("top<{}", share(*row + 1, PLACE_ROWS)),
                    format!("bottom>{}", share(*row, PLACE_ROWS)),
                ]
            }
        }
    }
}

fn tag(name: &str) -> String {
    crate::query::edit::tag(name).to_string()
}

/// A cell of the size's axis; the outermost ones hold all that is smaller or larger.
fn size_term(name: &str, bin: usize) -> String {
    match bin {
        0 => format!("{name}<{}", percent(size_edge(1))),
        last if last + 1 >= SIZE_BINS => format!("{name}>={}", percent(size_edge(SIZE_BINS - 1))),
        _ => format!("{name}:{}..{}", percent(size_edge(bin)), percent(size_edge(bin + 1))),
    }
}

/// A share in percent, with three figures.
pub(super) fn percent(share: f64) -> String {
    let value = share * 100.0;
    let digits = if value < 1.0 {
        3
    } else if value < 10.0 {
        2
    } else {
        1
    };
    let text = format!("{value:.digits$}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}
