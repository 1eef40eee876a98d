//! Tables of regions as they are found in the wild: columns in any order and under the usual names, the rows of an image
//! anywhere. A row without a box tags the whole image.

use std::collections::HashMap;
use std::io::BufRead;

use super::bare::columns;
use super::columns::{BoxColumns, Columns, is_empty_list, numbers_in, yes_or_no};
use super::rows::{Row, Rows};
use crate::dataset::{BoxUnit, Dataset, DatasetBox, DatasetBuilder, DatasetImage, image_of_name};
use crate::error::FormatError;
use crate::label_studio::regions;
use crate::layout::{Role, role_of};
use crate::loose::{number_in, number_with_comma, pixel_side, start};
use crate::{meaning, spreadsheet};
use domain::Timestamp;

/// Reads a table; `classes` are those that are known beforehand.
///
/// # Errors
/// When its head has no column for images, or none for tags and boxes; when it cannot be read.
pub fn read_dataset(input: impl BufRead, classes: &[String]) -> Result<Dataset, FormatError> {
    let mut rows = Rows::new(input)?;
    let (head, head_line) = rows.next()?.map(|row| (row.cells, row.line)).unwrap_or_default();
    let mut first = rows.next()?;
    let columns = columns(&head, first.as_ref().map(|row| row.cells.as_slice()))?;
    let mut builder = DatasetBuilder::new(None, classes);
    for (_, class) in &columns.classes {
        builder.category(class);
    }
    if !columns.unread.is_empty() {
        let reason = format!("columns that are not read: {}", start(&columns.unread.join(", ")));
        builder.report("line 1", false, reason);
    }
    let has_commas = rows.delimiter != b',';
    let mut table = Table { columns, builder, by_name: HashMap::new(), has_commas };
    if let Some(program) = table.columns.program {
        let reason = format!("it has no header; its columns were read as those of {program}");
        table.builder.report("line 1", false, reason);
        table.row(&Row { cells: head, line: head_line });
    }
    loop {
        let row = match first.take() {
            Some(row) => row,
            None => match rows.next()? {
                Some(row) => row,
                None => break,
            },
        };
        table.row(&row);
        table.builder.resume().map_err(FormatError::says)?;
    }
    table.finish()
}

/// Looks whether a text begins like such a table.
///
/// # Errors
/// When it does not, with the reason.
pub fn recognize(start: &[u8]) -> Result<(), FormatError> {
    let mut rows = Rows::new(start)?;
    let mut next = || rows.next().ok().flatten().map(|row| row.cells);
    let (head, first) = (next().unwrap_or_default(), next());
    columns(&head, first.as_deref()).map(|_| ())
}

struct Table {
    columns: Columns,
    builder: DatasetBuilder,
    by_name: HashMap<String, Open>,
    /// Whether a comma in a number is its decimal point.
    has_commas: bool,
}

struct Open {
    at: usize,
    /// The boxes by their own columns, where a row has them; those of the image are the service's numbers.
    plain: Vec<Option<[f64; 4]>>,
    /// Whether all boxes so far have the service's own numbers.
    are_listed: bool,
}

impl Table {
    fn row(&mut self, row: &Row) {
        let place = || format!("line {}", row.line);
        let cell = |at: usize| row.cells.get(at).map(String::as_str).unwrap_or_default();
        let name = spreadsheet::plain(cell(self.columns.image));
        let named = match image_of_name(name, place) {
            Ok(image) => image,
            Err(reason) => {
                self.builder.image_came_in();
                let reason = if name.is_empty() { "it names no image".to_owned() } else { reason };
                return self.builder.report(place(), true, reason);
            }
        };
        let file_name = named.file_name.clone();
        let at = self.image(row, named);
        let mut image = std::mem::take(&mut self.builder.images()[at]);
        self.labels(row, &file_name, &mut image);
        self.builder.images()[at] = image;
    }

    /// Takes what a row says of its image.
    fn labels(&mut self, row: &Row, file_name: &str, image: &mut DatasetImage) {
        let place = || format!("line {}", row.line);
        let cell = |at: usize| row.cells.get(at).map(String::as_str).unwrap_or_default();
        for (at, class) in &self.columns.classes {
            match yes_or_no(cell(*at)) {
                Some(true) => self.builder.tag(image, class, place),
                Some(false) => {}
                None => {
                    let reason = format!("{:?} in the column {class:?} is neither 1 nor 0", start(cell(*at).trim()));
                    self.builder.report(place(), true, reason);
                }
            }
        }
        let label = spreadsheet::plain(self.columns.tag.map(cell).unwrap_or_default());
        if regions::is_list(label) {
            return self.regions(row, label, file_name, image);
        }
        let (plain, listed) = (self.plain(row), self.columns.listed.and_then(|places| self.four(row, places)));
        if plain.is_none() && listed.is_none() {
            return self.tags(row, label, image);
        }
        self.builder.region_came_in();
        let (plain, listed) = (plain.flatten(), listed.flatten());
        let plain = plain.map(|bbox| if listed.is_some() { meaning::turned_round(bbox).unwrap_or(bbox) } else { bbox });
        let Some(bbox) = listed.or(plain) else {
            return self.builder.report(place(), true, "its box does not have four numbers below one billion");
        };
        self.builder.put(image, label, bbox, place);
        let made = image.boxes.last_mut();
        let round = made.as_ref().map(|made| made.bbox).filter(|_| listed.is_none());
        if let (Some(made), Some(id)) = (made, self.columns.region) {
            made.id = cell(id).parse().ok();
            made.created = self.columns.created.and_then(|at| Timestamp::parse(cell(at)));
        }
        self.note_box(file_name, round.or(plain), listed.is_some());
    }

    /// Regions of Label Studio, as its own tables have them in the cell of the label.
    fn regions(&mut self, row: &Row, label: &str, file_name: &str, image: &mut DatasetImage) {
        let before = image.boxes.len();
        let place = format!("line {}", row.line);
        match serde_json::from_str(label) {
            Ok(list) => regions::take(&mut self.builder, image, &place, &list),
            Err(_) => {
                let reason = "its label starts like a Label Studio list of regions, but is not valid";
                self.builder.report(place, true, reason);
            }
        }
        image.unit = BoxUnit::Fractions;
        for _ in before..image.boxes.len() {
            self.note_box(file_name, None, true);
        }
    }

    fn note_box(&mut self, file_name: &str, plain: Option<[f64; 4]>, is_listed: bool) {
        if let Some(open) = self.by_name.get_mut(file_name) {
            open.plain.push(plain);
            open.are_listed &= is_listed;
        }
    }

    /// Puts the tags of a row without a box on its image.
    fn tags(&mut self, row: &Row, label: &str, image: &mut DatasetImage) {
        let place = || format!("line {}", row.line);
        let all = self.columns.tags_from.and_then(|from| row.cells.get(from..));
        let labels = all.map_or_else(|| vec![label], |cells| cells.iter().map(|cell| cell.trim()).collect());
        for label in labels.into_iter().filter(|label| !label.is_empty()) {
            self.builder.tag(image, label, place);
        }
    }

    /// The box of a row by its own columns: `None` when it has none, `Some(None)` when it has no four numbers.
    fn plain(&self, row: &Row) -> Option<Option<[f64; 4]>> {
        let cell = |at: usize| row.cells.get(at).map(String::as_str).unwrap_or_default();
        let in_cell = |at: usize| (!is_empty_list(cell(at))).then(|| numbers_in(cell(at)));
        match self.columns.boxes? {
            BoxColumns::Edges(places) => Some(self.four(row, places)?.map(meaning::from_corners)),
            BoxColumns::Middle(places) => Some(self.four(row, places)?.map(meaning::from_middle)),
            BoxColumns::Corner(places) => self.four(row, places),
            BoxColumns::Cell(at) | BoxColumns::CellOfSides(at) => in_cell(at),
            BoxColumns::CellOfEdges(at) => Some(in_cell(at)?.map(meaning::from_corners)),
            columns @ BoxColumns::Vertices(_) => {
                let filled = columns.places().into_iter().map(cell).filter(|cell| !cell.trim().is_empty());
                let numbers: Option<Vec<f64>> = filled.map(number_in).collect();
                (numbers != Some(Vec::new())).then(|| numbers.and_then(|numbers| meaning::around(&numbers)))
            }
        }
    }

    /// The numbers in four cells: `None` when all are empty, `Some(None)` when one is no number.
    fn four(&self, row: &Row, places: [usize; 4]) -> Option<Option<[f64; 4]>> {
        let cells = places.map(|at| row.cells.get(at).map(String::as_str).unwrap_or_default());
        let number = if self.has_commas { number_with_comma } else { number_in };
        let [Some(a), Some(b), Some(c), Some(d)] = cells.map(number) else {
            return cells.iter().any(|cell| !cell.trim().is_empty()).then_some(None);
        };
        Some(Some([a, b, c, d]))
    }

    /// The index of the image of a name, which is added when it is new.
    fn image(&mut self, row: &Row, named: DatasetImage) -> usize {
        let file_name = named.file_name.clone();
        if let Some(open) = self.by_name.get(&file_name) {
            return open.at;
        }
        self.builder.image_came_in();
        let [width, height] = self.columns.size.map(|at| pixel_side(number_in(row.cells.get(at?)?)));
        let mut image = DatasetImage { size: width.zip(height), ..named };
        let part = self.columns.part.and_then(|at| row.cells.get(at)).and_then(|part| named_part(part.trim()));
        image.metadata.extend(part.map(|part| ("split".to_owned(), part)));
        let at = self.builder.images().len();
        self.builder.push(image);
        self.by_name.insert(file_name, Open { at, plain: Vec::new(), are_listed: true });
        at
    }

    /// An image's boxes are all of one unit: the service's own numbers where every row has them, else those of the other
    /// columns, which are pixels or fractions in the whole table.
    ///
    /// # Errors
    /// When the numbers of a cell could be those of two different boxes.
    fn finish(mut self) -> Result<Dataset, FormatError> {
        self.decide_cells()?;
        let mut open: Vec<Open> = std::mem::take(&mut self.by_name).into_values().collect();
        open.sort_by_key(|open| open.at);
        let mut are_listed = false;
        for open in open {
            let image = &mut self.builder.images()[open.at];
            if open.are_listed && !image.boxes.is_empty() {
                image.unit = BoxUnit::Fractions;
                are_listed = true;
                continue;
            }
            let boxes = std::mem::take(&mut image.boxes);
            let name = image.file_name.clone();
            let mut lost = 0;
            let kept: Vec<_> = boxes
                .into_iter()
                .zip(open.plain)
                .filter_map(|(found, plain)| {
                    lost += u32::from(plain.is_none());
                    Some(DatasetBox { bbox: plain?, ..found })
                })
                .collect();
            self.builder.images()[open.at].boxes = kept;
            if lost > 0 {
                self.builder.report(name, true, format!("regions in fractions mixed with regions in pixels: {lost}"));
            }
        }
        let has_classes = !self.columns.classes.is_empty();
        let mut dataset = self.builder.finish();
        if !are_listed {
            meaning::decide_unit(&mut dataset, "line 1");
        }
        if self.columns.program.is_some() && matches!(self.columns.boxes, Some(BoxColumns::Edges(_))) {
            meaning::doubt(&mut dataset, "line 1", &[meaning::AS_SIDES]);
        }
        if has_classes {
            dataset.kind = Some(meaning::kind_of_tags(&dataset));
        }
        Ok(dataset)
    }

    /// Four numbers in a cell are left, top, width and height in one program's tables, and left, top, right and bottom in
    /// the next. Only numbers that fit one of them decide.
    fn decide_cells(&mut self) -> Result<(), FormatError> {
        let Some(BoxColumns::Cell(_)) = self.columns.boxes else { return Ok(()) };
        let mut boxes = Vec::new();
        for open in self.by_name.values() {
            let size = self.builder.images().get(open.at).and_then(|image| image.size);
            boxes.extend(open.plain.iter().flatten().map(|bbox| (*bbox, size)));
        }
        if boxes.is_empty() {
            return Ok(());
        }
        let can_be_corners = boxes.iter().all(|&([left, top, right, bottom], _)| right > left && bottom > top);
        let fits = |right: f64, bottom: f64, size: Option<(u32, u32)>| {
            size.is_none_or(|(width, height)| right <= f64::from(width) + 1.0 && bottom <= f64::from(height) + 1.0)
        };
        let can_be_sides = boxes.iter().all(|&([x, y, width, height], size)| fits(x + width, y + height, size));
        let are_inside = boxes.iter().all(|&([_, _, right, bottom], size)| size.is_some() && fits(right, bottom, size));
        let words = match (can_be_corners, can_be_sides) {
            (false, _) => "left, top, width, height, because some cannot be corners",
            (true, false) if are_inside => {
                for bbox in self.by_name.values_mut().flat_map(|open| open.plain.iter_mut().flatten()) {
                    *bbox = meaning::from_corners(*bbox);
                }
                "left, top, right, bottom, because as sides some would reach beyond the picture"
            }
            (true, _) => {
                return Err(FormatError::says(
                    "the four numbers in a cell could be left, top, width, height, or left, top, right, bottom: name \
                     the column bbox_xywh or bbox_xyxy",
                ));
            }
        };
        self.builder.report("line 1", false, format!("the four numbers in a cell were read as {words}"));
        Ok(())
    }
}

/// What a table calls a part of the dataset, in Tagscope's words; its own where they are none of these.
fn named_part(written: &str) -> Option<String> {
    match written.to_ascii_lowercase().as_str() {
        "" | "unassigned" => None,
        "validate" => Some("val".to_owned()),
        word => match role_of(word) {
            Some(Role::Part(part)) => Some(part.to_owned()),
            _ => Some(start(written)),
        },
    }
}

#[cfg(test)]
mod tests;
