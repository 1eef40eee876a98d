//! What a plot says, in a sentence: for screen readers, and under the head of a picture.

use super::{Panel, Statistics, TagOrder};

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
        let percent = |bin: usize| super::target::percent(super::size_edge(bin) * 1.075).replace('%', " %");
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
