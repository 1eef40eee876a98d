//! Tables of regions as they are found in the wild: columns in any order and under the usual names, the rows of an image
//! anywhere. A row without a box tags the whole image.

use std::collections::HashMap;
use std::io::BufRead;

use csv::ByteRecord;

use crate::formats::dataset::{BoxUnit, Dataset, DatasetBuilder, DatasetImage, image_of_name};
use crate::formats::error::FormatError;
use crate::formats::loose::{number_in, side};
use crate::formats::metered::Metered;

/// What the columns are called, in lower case; ours come first.
const IMAGE: &[&str] = &["image", "filename", "file_name", "image_path", "image_name", "path", "file"];
const TAG: &[&str] = &["tag", "label", "class", "class_name", "category"];
const SIZE: [&[&str]; 2] = [&["width", "image_width", "img_width"], &["height", "image_height", "img_height"]];
const EDGES: [&[&str]; 4] =
    [&["xmin", "x_min", "x1"], &["ymin", "y_min", "y1"], &["xmax", "x_max", "x2"], &["ymax", "y_max", "y2"]];
const LISTED: [&[&str]; 4] = [&["left"], &["top"], &["w"], &["h"]];
const REGION: &[&str] = &["region_id"];

/// Reads a table; `classes` are those that are known beforehand.
///
/// # Errors
/// When its head has no column for images, or none for tags and boxes; when it cannot be read.
pub fn read_dataset(mut input: impl BufRead, classes: &[String]) -> Result<Dataset, FormatError> {
    let failed = |error: csv::Error| FormatError::Files { reason: error.to_string() };
    let of_io = |error: std::io::Error| FormatError::Files { reason: error.to_string() };
    let delimiter = delimiter(input.fill_buf().map_err(of_io)?);
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(Metered::new(input));
    let mut row = ByteRecord::new();
    rows.read_byte_record(&mut row).map_err(failed)?;
    let columns = Columns::of(&row)?;
    let mut table = Table { columns, builder: DatasetBuilder::new(None, classes), by_name: HashMap::new() };
    loop {
        rows.get_mut().begin();
        let is_more = rows.read_byte_record(&mut row).map_err(failed)?;
        if !is_more {
            break;
        }
        let line = row.position().map_or(0, csv::Position::line);
        table.row(&row, line);
        table.builder.go_on().map_err(FormatError::says)?;
    }
    Ok(table.finish())
}

/// Whether a text begins like such a table.
pub fn is_table(start: &[u8]) -> bool {
    let line = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let mut rows = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter(start)).from_reader(line);
    let mut head = ByteRecord::new();
    rows.read_byte_record(&mut head).is_ok() && Columns::of(&head).is_ok()
}

/// The letter between the cells: the one that the first line has most of.
fn delimiter(text: &[u8]) -> u8 {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |letter: u8| line.iter().filter(|&&byte| byte == letter).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|&letter| count(letter)).unwrap_or(b',')
}

/// Where the columns are.
struct Columns {
    image: usize,
    tag: Option<usize>,
    size: [Option<usize>; 2],
    edges: Option<[usize; 4]>,
    listed: Option<[usize; 4]>,
    region: Option<usize>,
}

impl Columns {
    fn of(head: &ByteRecord) -> Result<Self, FormatError> {
        let names: Vec<String> = head.iter().map(|cell| text(Some(cell)).trim().to_lowercase()).collect();
        let find = |known: &[&str]| known.iter().find_map(|name| names.iter().position(|found| found == name));
        let four = |known: [&[&str]; 4]| {
            let [a, b, c, d] = known.map(find);
            Some([a?, b?, c?, d?])
        };
        let Some(image) = find(IMAGE) else {
            return Err(FormatError::says(format!("the head has no column for the images, such as {:?}", IMAGE[0])));
        };
        let (tag, edges, listed) = (find(TAG), four(EDGES), four(LISTED));
        if tag.is_none() {
            return Err(FormatError::says(format!("the head has no column for the tags, such as {:?}", TAG[0])));
        }
        Ok(Self { image, tag, size: SIZE.map(find), edges, listed, region: find(REGION) })
    }
}

struct Table {
    columns: Columns,
    builder: DatasetBuilder,
    /// The image of a name, and whether all its boxes so far have the service's own numbers.
    by_name: HashMap<String, Open>,
}

struct Open {
    at: usize,
    /// The boxes in pixels, where a row has them; those of the image are the service's numbers.
    pixels: Vec<Option<[f64; 4]>>,
    are_listed: bool,
}

impl Table {
    fn row(&mut self, row: &ByteRecord, line: u64) {
        let place = || format!("line {line}");
        let name = text(row.get(self.columns.image));
        let named = match image_of_name(&name, place) {
            Ok(image) => image,
            Err(reason) => {
                self.builder.image_came_in();
                let reason = if name.is_empty() { "it names no image".to_owned() } else { reason };
                return self.builder.report(place(), true, reason);
            }
        };
        let file_name = named.file_name.clone();
        let at = self.image(row, named);
        let label = self.columns.tag.map(|tag| text(row.get(tag))).unwrap_or_default();
        let cells = |places: Option<[usize; 4]>| places.map(|places| places.map(|at| text(row.get(at))));
        let (edges, listed) = (cells(self.columns.edges), cells(self.columns.listed));
        let is_empty = |cells: &Option<[String; 4]>| cells.iter().flatten().all(|cell| cell.trim().is_empty());
        let mut image = std::mem::take(&mut self.builder.images()[at]);
        if is_empty(&edges) && is_empty(&listed) {
            if !label.is_empty() {
                self.builder.tag(&mut image, &label, place);
            }
            self.builder.images()[at] = image;
            return;
        }
        self.builder.region_came_in();
        let pixels = numbers(&edges).map(|[left, top, right, bottom]| [left, top, right - left, bottom - top]);
        let listed = numbers(&listed);
        match listed.or(pixels) {
            Some(bbox) => {
                self.builder.put(&mut image, &label, bbox, place);
                if let (Some(found), Some(id)) = (image.boxes.last_mut(), self.columns.region) {
                    found.id = text(row.get(id)).parse().ok();
                }
                if let Some(open) = self.by_name.get_mut(&file_name) {
                    open.pixels.push(pixels);
                    open.are_listed &= listed.is_some();
                }
            }
            None => self.builder.report(place(), true, "its box has no four numbers below a billion"),
        }
        self.builder.images()[at] = image;
    }

    /// The index of the image of a name, which is added when it is new.
    fn image(&mut self, row: &ByteRecord, named: DatasetImage) -> usize {
        let file_name = named.file_name.clone();
        if let Some(open) = self.by_name.get(&file_name) {
            return open.at;
        }
        self.builder.image_came_in();
        let [width, height] = self.columns.size.map(|at| side(number_in(&text(row.get(at?)))));
        let image = DatasetImage { size: width.zip(height), ..named };
        let at = self.builder.images().len();
        self.builder.push(image);
        self.by_name.insert(file_name, Open { at, pixels: Vec::new(), are_listed: true });
        at
    }

    /// An image's boxes are all of one unit: the service's own numbers where every row has them, else pixels.
    fn finish(mut self) -> Dataset {
        let mut open: Vec<Open> = std::mem::take(&mut self.by_name).into_values().collect();
        open.sort_by_key(|open| open.at);
        for Open { at, pixels, are_listed } in open {
            let image = &mut self.builder.images()[at];
            if are_listed && !image.boxes.is_empty() {
                image.unit = BoxUnit::Fractions;
                continue;
            }
            let boxes = std::mem::take(&mut image.boxes);
            let name = image.file_name.clone();
            let (kept, mut lost) = (boxes.into_iter().zip(pixels), 0);
            let kept: Vec<_> = kept
                .filter_map(|(found, pixels)| {
                    lost += u32::from(pixels.is_none());
                    Some(crate::formats::dataset::DatasetBox { bbox: pixels?, ..found })
                })
                .collect();
            self.builder.images()[at].boxes = kept;
            if lost > 0 {
                self.builder.report(name, true, format!("regions in fractions among such in pixels: {lost}"));
            }
        }
        self.builder.finish()
    }
}

fn text(cell: Option<&[u8]>) -> String {
    String::from_utf8_lossy(cell.unwrap_or_default()).into_owned()
}

fn numbers(cells: &Option<[String; 4]>) -> Option<[f64; 4]> {
    let found: Vec<f64> = cells.iter().flatten().filter_map(|cell| number_in(cell)).collect();
    found.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_many_names() {
        let table = "class;filename;x1;y1;x2;y2\nfork;a/1.jpg;1;2;11;22\n;a/1.jpg;0;0;5;5\nspoon;2.jpg;;;;\nx;../2.jpg;1;1;2;2\n\
                     fork;2.jpg;a;1;2;2\n";
        let found = read_dataset(table.as_bytes(), &["knife".to_owned()]).expect("dataset");
        assert_eq!(found.categories, ["knife", "fork", "no label", "spoon"]);
        assert_eq!(found.images[0].boxes[0].bbox, [1.0, 2.0, 10.0, 20.0]);
        assert_eq!((found.images[0].boxes.len(), found.images[1].tags[0].as_str()), (2, "spoon"));
        assert_eq!(found.counts_in, (3, 3));
        let places: Vec<_> = found.problems.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(places, ["line 3", "line 5", "line 6"]);
        for bad in ["", "a,b\n1,2\n", "image,x1\n1,2\n", "\u{0}"] {
            assert!(matches!(read_dataset(bad.as_bytes(), &[]), Err(FormatError::NotThisFormat { .. })), "{bad:?}");
        }
    }

    #[test]
    fn the_services_numbers_come_first() {
        let table = "image,width,height,tag,xmin,ymin,xmax,ymax,left,top,w,h,region_id,created\n\
                     1.jpg,80,60,a,0,0,40,30,-0.5,0,1,0.5,0dd1a3a1-7f2c-4e9e-9c0e-1d2f3a4b5c6d,\n\
                     2.jpg,80,60,a,0,0,40,30,0,0,0.5,0.5,,\n2.jpg,80,60,a,8,6,40,30,,,,,,\n";
        let found = read_dataset(table.as_bytes(), &[]).expect("dataset");
        assert_eq!((found.images[0].unit, found.images[0].boxes[0].bbox), (BoxUnit::Fractions, [-0.5, 0.0, 1.0, 0.5]));
        assert!(found.images[0].boxes[0].id.is_some());
        assert_eq!((found.images[1].unit, found.images[1].boxes[1].bbox), (BoxUnit::Pixels, [8.0, 6.0, 32.0, 24.0]));
        assert_eq!(found.images[1].size, Some((80, 60)));
    }
}
