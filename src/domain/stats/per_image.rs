//! How many regions an image has.

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
    /// The fewest regions.
    pub from: u32,
    /// The most regions.
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
