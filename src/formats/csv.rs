//! A table by RFC 4180, a region a row: pixels of the exported file (cut at its edges, unrounded) and the service's own
//! numbers next to them.
//!
//! A tag of a whole image that no region of it has is a row without a box; an image with neither is a row without a tag. It
//! holds no split.

mod bare;
mod columns;
pub mod dataset;
mod rows;

use std::io::{self, Write};

use super::error::FormatError;
use super::item::ExportItem;
use super::read::{self, FoundImage, FoundRegion, Place, ReadPlan, Sink};
use super::spreadsheet;
use super::write::{Folder, Head, OutFile, Writer};
use domain::{UnitRect, number};

const COLUMNS: [&str; 14] = [
    "image",
    "width",
    "height",
    "tag",
    "xmin",
    "ymin",
    "xmax",
    "ymax",
    "left",
    "top",
    "w",
    "h",
    "region_id",
    "created",
];

pub(crate) struct CsvWriter<'a> {
    head: &'a Head<'a>,
    out: ::csv::Writer<Box<dyn OutFile>>,
}

impl<'a> CsvWriter<'a> {
    pub(crate) fn begin(head: &'a Head<'a>, folder: &dyn Folder) -> io::Result<Self> {
        let file = folder.create("regions.csv")?;
        let mut out = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(file);
        out.write_record(COLUMNS).map_err(csv_failure)?;
        Ok(Self { head, out })
    }

    fn row(&mut self, item: &ExportItem<'_>, cells: [String; 11]) -> io::Result<()> {
        let [width, height] = [item.picture.width, item.picture.height].map(|side| side.to_string());
        let path = spreadsheet::cell(item.picture.path, self.head.options.cells);
        let first = [&*path, &width, &height];
        self.out.write_record(first.into_iter().chain(cells.iter().map(String::as_str))).map_err(csv_failure)
    }
}

/// The error of the disk is kept as it is: a full one must be reported as such.
pub(super) fn csv_failure(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        // The rows have equal lengths and the text is UTF-8.
        _ => io::Error::other("a row of the table cannot be written"),
    }
}

impl Writer for CsvWriter<'_> {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        let names = self.head.names;
        let name = |class: usize| {
            let name = names.get(class).map(String::as_str).unwrap_or_default();
            spreadsheet::cell(name, self.head.options.cells).into_owned()
        };
        for region in &item.regions {
            let [left, top, right, bottom] = region.edges(item.picture).map(|edge| edge.to_string());
            let listed = region.listed;
            let [l, t, w, h] = [listed.left, listed.top, listed.width, listed.height].map(number::text);
            let created = region.created.map(|created| created.to_string()).unwrap_or_default();
            let id = region.id.to_string();
            self.row(item, [name(region.class), left, top, right, bottom, l, t, w, h, id, created])?;
        }
        for &class in &item.tags {
            let mut cells: [String; 11] = Default::default();
            cells[0] = name(class);
            self.row(item, cells)?;
        }
        if item.regions.is_empty() && item.tags.is_empty() {
            self.row(item, Default::default())?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let mut out = self.out.into_inner().map_err(|error| io::Error::new(error.error().kind(), error.to_string()))?;
        out.flush()?;
        out.finish()
    }
}

pub(crate) fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let mut input = ::csv::ReaderBuilder::new().has_headers(false).from_reader(read::open(plan, "regions.csv")?);
    let failed = |error: ::csv::Error| FormatError::says(error.to_string());
    let mut rows = input.records();
    let head = rows.next().ok_or_else(|| FormatError::says("there is no header"))?.map_err(failed)?;
    if !head.iter().eq(COLUMNS) {
        return Err(FormatError::says("the columns are different"));
    }
    // The rows of an image stand together; it is reported when the next one begins, with the tags found meanwhile.
    let mut images = 0;
    let mut open: Option<(FoundImage, Vec<FoundRegion>)> = None;
    for row in rows {
        let row = row.map_err(failed)?;
        let (image, tag, region) = cells(&row).map_err(FormatError::says)?;
        if open.as_ref().is_none_or(|(before, _)| before.name != image.name) {
            give(&mut images, open.take(), sink).map_err(FormatError::says)?;
            open = Some((image, Vec::new()));
        }
        let Some((image, regions)) = &mut open else { continue };
        match region {
            Some(region) => regions.push(region),
            None if !tag.is_empty() => image.tags.get_or_insert_default().push(tag),
            None => {}
        }
    }
    give(&mut images, open, sink).map_err(FormatError::says)
}

fn give(images: &mut u64, open: Option<(FoundImage, Vec<FoundRegion>)>, sink: &mut dyn Sink) -> Result<(), String> {
    let Some((image, regions)) = open else { return Ok(()) };
    sink.image(image)?;
    for region in regions {
        sink.region(*images, region)?;
    }
    *images += 1;
    Ok(())
}

fn cells(row: &::csv::StringRecord) -> Result<(FoundImage, String, Option<FoundRegion>), String> {
    let [image, width, height, tag, rest @ ..] = &row.iter().collect::<Vec<_>>()[..] else {
        return Err("a row is too short".to_owned());
    };
    let tag = spreadsheet::plain(tag);
    let size = width.parse().ok().zip(height.parse().ok()).ok_or("a size is not a number")?;
    let found = FoundImage {
        name: spreadsheet::plain(image).to_owned(),
        size: Some(size),
        tags: Some(Vec::new()),
        ..FoundImage::default()
    };
    let [left, top, right, bottom, l, t, w, h, id, _created] = rest else {
        return Err("a row is too short".to_owned());
    };
    if rest.iter().all(|cell| cell.is_empty()) {
        return Ok((found, tag.to_owned(), None));
    }
    let pixels: Vec<f64> = [left, top, right, bottom].iter().filter_map(|cell| cell.parse().ok()).collect();
    let listed: Vec<f32> = [l, t, w, h].iter().filter_map(|cell| cell.parse().ok()).collect();
    let ([left, top, right, bottom], [l, t, w, h]) = (&pixels[..], &listed[..]) else {
        return Err("a value is not a number".to_owned());
    };
    let region = FoundRegion {
        label: tag.to_owned(),
        place: Place::Pixels([*left, *top, *right, *bottom]),
        listed: Some(UnitRect::new(*l, *t, *w, *h)),
        id: Some((*id).to_owned()),
        created: None,
    };
    Ok((found, tag.to_owned(), Some(region)))
}
