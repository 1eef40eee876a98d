//! The plots as CSV: what each shows, a row a bar, cell or pair; empty cells of a grid are left out.

use std::borrow::Cow;

use super::sizes::size_edge;
use super::{PLACE_COLUMNS, PLACE_ROWS, Panel, Statistics, TagOrder};
use crate::spreadsheet::{Cells, cell};

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
