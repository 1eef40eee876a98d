//! The plots of the page: what each says in a sentence, for screen readers and under the head of a picture; its numbers
//! as CSV, a row a bar, cell or pair, without the empty cells of a grid; and what a click on a part of it shows.

use std::borrow::Cow;

use super::figures::{SIZE_BINS, size_edge};
use super::{CountBin, DateBin, PLACE_COLUMNS, PLACE_ROWS, Statistics, TagOrder};
use crate::spreadsheet::{Cells, cell};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Panel {
    Tags,
    PerImage,
    Dates,
    Sizes,
    Places,
    Pairs,
}

impl Panel {
    /// All, in the order of the page.
    pub const ALL: [Self; 6] = [Self::Tags, Self::PerImage, Self::Dates, Self::Sizes, Self::Places, Self::Pairs];

    pub fn label(self) -> &'static str {
        match self {
            Self::Tags => "Images and regions per tag",
            Self::PerImage => "Regions per image",
            Self::Dates => "Images over time",
            Self::Sizes => "Size of regions",
            Self::Places => "Where regions lie",
            Self::Pairs => "Tags that occur together",
        }
    }

    /// Its file's name without the ending.
    pub fn file_stem(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::PerImage => "regions-per-image",
            Self::Dates => "images-over-time",
            Self::Sizes => "region-sizes",
            Self::Places => "region-places",
            Self::Pairs => "tag-pairs",
        }
    }
}

impl Statistics {
    pub fn sentence(&self, panel: Panel) -> String {
        match panel {
            Panel::Tags => self.tags_sentence(),
            Panel::PerImage => {
                let none = self.per_image.bins.first().filter(|bin| bin.to == 0).map_or(0, |bin| bin.images);
                let (median, most) = (self.per_image.median, self.per_image.most);
                if self.images == 1 {
                    return format!("The image has {}.", number(u64::from(most), "region", "regions"));
                }
                let mut words = format!(
                    "Half of the images have {} or fewer; the most is {most}",
                    number(u64::from(median), "region", "regions")
                );
                if none > 0 {
                    words.push_str(&format!("; {} without any", number(none, "image is", "images are")));
                }
                words + "."
            }
            Panel::Dates => self.dates_sentence(),
            Panel::Sizes => self.sizes_sentence(),
            Panel::Places => {
                let grid = &self.places;
                let Some((column, row, count)) = grid.filled().max_by_key(|cell| cell.2) else {
                    return "No region covers anything.".to_owned();
                };
                let percent = |at: usize, cells: usize| (at * 2 + 1) * 50 / cells.max(1);
                let (x, y) = (percent(column, grid.columns()), percent(row, grid.rows()));
                let regions = number(u64::from(count), "region", "regions");
                format!("{regions} at the busiest place, {x} % from the left and {y} % from the top.")
            }
            Panel::Pairs => self.pairs_sentence(),
        }
    }

    fn tags_sentence(&self) -> String {
        let met = self.met_tags(TagOrder::Count);
        let (Some(&first), Some(&last)) = (met.first(), met.last()) else { return "No tags are used.".to_owned() };
        let of = |at: usize| {
            let count = &self.tags[at];
            format!("{} with {}", count.name, number(count.images, "image", "images"))
        };
        match met.len() {
            1 => format!("1 tag: {}.", of(first)),
            tags => format!("{} tags; the most used is {}, the least {}.", thousands(tags as u64), of(first), of(last)),
        }
    }

    fn dates_sentence(&self) -> String {
        let bins = &self.dates.bins;
        let (Some(first), Some(last)) = (bins.first(), bins.last()) else {
            return "No image has a date.".to_owned();
        };
        let Some(most) = bins.iter().rev().max_by_key(|bin| bin.images) else { return String::new() };
        let unit = self.dates.unit.word();
        let images = number(most.images, "image", "images");
        let mut words = match bins.len() {
            1 => format!("All images are from {}: {images}", first.label),
            _ => format!("From {} to {}; the busiest {unit} is {} with {images}", first.label, last.label, most.label),
        };
        if self.dates.undated > 0 {
            words.push_str(&format!("; {} without a date", number(self.dates.undated, "image is", "images are")));
        }
        words + "."
    }

    fn sizes_sentence(&self) -> String {
        let Some((column, row, _)) = self.sizes.grid.filled().max_by_key(|cell| cell.2) else {
            return "No region has an area.".to_owned();
        };
        // A space before the sign, as everywhere where people read: only the query language has none.
        let percent = |bin: usize| percent(size_edge(bin) * 1.075).replace('%', " %");
        let mut words = format!(
            "{}; the most common size is {} of the image's width by {} of its height",
            number(self.regions, "region", "regions"),
            percent(column),
            percent(row)
        );
        if self.sizes.without_area > 0 {
            words.push_str(&format!("; {} no area", number(self.sizes.without_area, "region has", "regions have")));
        }
        words + "."
    }

    fn pairs_sentence(&self) -> String {
        let pairs = &self.pairs;
        let cells = (0..pairs.tags.len()).flat_map(|row| (0..row).map(move |column| (row, column)));
        match cells.max_by_key(|&(row, column)| pairs.get(row, column)) {
            Some((row, column)) if pairs.get(row, column) > 0 => {
                let name = |at: usize| &self.tags[pairs.tags[at]].name;
                let images = number(u64::from(pairs.get(row, column)), "image", "images");
                format!("{} and {} occur together most often, on {images}.", name(column), name(row))
            }
            _ => "No two tags occur on the same image.".to_owned(),
        }
    }
}

/// `1,234,567`
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn number(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(count), if count == 1 { one } else { many })
}

impl Statistics {
    /// A plot's numbers as CSV, with a head.
    pub fn csv(&self, panel: Panel) -> String {
        let mut sheet = Sheet(::csv::Writer::from_writer(Vec::new()));
        match panel {
            Panel::Tags => {
                sheet.row(["tag", "images", "regions"]);
                for at in self.met_tags(TagOrder::Count) {
                    let count = &self.tags[at];
                    sheet.row([&*safe(&count.name), &count.images.to_string(), &count.regions.to_string()]);
                }
            }
            Panel::PerImage => {
                sheet.row(["regions_from", "regions_to", "images"]);
                for bin in &self.per_image.bins {
                    sheet.row([bin.from.to_string(), bin.to.to_string(), bin.images.to_string()]);
                }
            }
            Panel::Dates => {
                sheet.row([self.dates.unit.word(), "images"]);
                for bin in &self.dates.bins {
                    sheet.row([&bin.label, &bin.images.to_string()]);
                }
                if self.dates.undated > 0 {
                    sheet.row(["", &self.dates.undated.to_string()]);
                }
            }
            Panel::Sizes => {
                sheet.row(["width_from", "width_to", "height_from", "height_to", "regions"]);
                for (column, row, count) in self.sizes.grid.filled() {
                    let edges = [column, column + 1, row, row + 1].map(|bin| format!("{:.6}", size_edge(bin)));
                    sheet.row(edges.into_iter().chain([count.to_string()]));
                }
            }
            Panel::Places => {
                sheet.row(["left", "right", "top", "bottom", "regions"]);
                let share = |at: usize, cells: usize| format!("{:.6}", at as f64 / cells as f64);
                for (column, row, count) in self.places.filled() {
                    sheet.row([
                        share(column, PLACE_COLUMNS),
                        share(column + 1, PLACE_COLUMNS),
                        share(row, PLACE_ROWS),
                        share(row + 1, PLACE_ROWS),
                        count.to_string(),
                    ]);
                }
            }
            Panel::Pairs => self.pairs_csv(&mut sheet),
        }
        sheet.text()
    }

    fn pairs_csv(&self, sheet: &mut Sheet) {
        sheet.row(["tag", "with_tag", "images"]);
        for (row, &tag) in self.pairs.tags.iter().enumerate() {
            for (column, &other) in self.pairs.tags.iter().enumerate().skip(row + 1) {
                let images = self.pairs.get(row, column);
                if images > 0 {
                    let [tag, other] = [tag, other].map(|at| safe(&self.tags[at].name));
                    sheet.row([&*tag, &*other, &images.to_string()]);
                }
            }
        }
    }
}

/// The name of a tag, which no spreadsheet may run as a formula.
fn safe(name: &str) -> Cow<'_, str> {
    cell(name, Cells::Safe)
}

struct Sheet(::csv::Writer<Vec<u8>>);

impl Sheet {
    fn row<T: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = T>) {
        // Into memory, and every row is as long as the head: this does not fail.
        drop(self.0.write_record(cells));
    }

    fn text(self) -> String {
        self.0.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

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
    pub fn from_count(bin: CountBin) -> Self {
        Self::Regions(bin.from, bin.to)
    }

    pub fn from_date(bin: &DateBin) -> Self {
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
