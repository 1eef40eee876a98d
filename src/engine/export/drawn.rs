//! The formats that are pictures: crops of the regions, and copies with boxes and names drawn on them.

use std::io;

use crate::system_fonts::SystemFonts;
use domain::Raster;
use formats::item::whole_pixels;
use formats::rules::{crop_numbers, crop_stem};
use formats::{ExportItem, Folder, Format, Head, Labeled, Picture};
use pixels::{DecodeRequest, DrawnBox, crop, decode, draw_boxes, encode_jpeg, encode_png};

/// The quality of JPEGs that are encoded again.
const QUALITY: u8 = 95;

pub(super) struct PictureMaker<'a> {
    format: Format,
    head: &'a Head<'a>,
    folder: &'a dyn Folder,
    /// For names that the built-in font lacks letters of.
    fonts: SystemFonts,
    has_unknown_letters: bool,
}

impl<'a> PictureMaker<'a> {
    pub(super) fn new(format: Format, head: &'a Head<'a>, folder: &'a dyn Folder) -> Self {
        let is_named = format == Format::Annotated && head.options.box_style.has_names;
        let names = head.names.iter().map(String::as_str).filter(|_| is_named);
        Self { format, head, folder, fonts: SystemFonts::for_texts(names), has_unknown_letters: false }
    }

    /// Makes those of an image; `Err` in words when its picture cannot be decoded.
    pub(super) fn push(&mut self, item: &ExportItem<'_>) -> io::Result<Result<(), String>> {
        let bytes = self.folder.picture(item)?.ok_or_else(|| io::Error::other("no pictures are exported"))?;
        let request = DecodeRequest { listed_size: item.image.size(), max_side: None };
        let raster = match decode(&bytes, request) {
            Ok(decoded) => decoded.raster,
            Err(error) => return Ok(Err(format!("Its picture, {}, cannot be decoded: {error}.", item.picture.path))),
        };
        match self.format {
            Format::Crops => self.crops(item, &raster),
            _ => self.annotated(item, &raster),
        }
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.has_unknown_letters {
            notes.push("Names with characters that no font of this system has are drawn as class numbers.".to_owned());
        }
        notes
    }

    fn crops(&self, item: &ExportItem<'_>, raster: &Raster) -> io::Result<Result<(), String>> {
        let numbers = crop_numbers(item.regions.iter().map(|region| region.id));
        for (region, number) in item.regions.iter().zip(numbers) {
            let [left, top, right, bottom] = crop_edges(region, item.picture, self.head.options.crop_margin);
            let Some(cut) = crop(raster, left, top, right - left, bottom - top) else {
                return Err(io::Error::other("a region is not inside its picture"));
            };
            let name = crop_name(self.head, item, region, number);
            self.folder.write(&name, &encoded(&cut, item.picture)?)?;
        }
        Ok(Ok(()))
    }

    fn annotated(&mut self, item: &ExportItem<'_>, raster: &Raster) -> io::Result<Result<(), String>> {
        let style = self.head.options.box_style;
        let name = |class: usize| self.head.names.get(class).map(String::as_str).unwrap_or_default();
        let boxes: Vec<DrawnBox<'_>> = item
            .regions
            .iter()
            .map(|region| DrawnBox {
                edges: region.edges(item.picture),
                name: style.has_names.then(|| name(region.class)),
                class: region.class,
            })
            .collect();
        let tags: Vec<(&str, usize)> =
            item.tags.iter().filter(|_| style.has_names).map(|&class| (name(class), class)).collect();
        let (drawn, has_unknown_letters) = draw_boxes(raster, &boxes, &tags, style.stroke, &self.fonts.files());
        self.has_unknown_letters |= has_unknown_letters;
        let bytes = encoded(&drawn, item.picture)?;
        self.folder.write(&annotated_name(item.picture), &bytes)?;
        Ok(Ok(()))
    }
}

/// JPEG stays JPEG, everything else becomes PNG.
fn encoded(raster: &Raster, picture: Picture<'_>) -> io::Result<Vec<u8>> {
    let bytes = if extension(picture) == "jpg" { encode_jpeg(raster, QUALITY) } else { encode_png(raster) };
    bytes.map_err(|error| io::Error::other(error.to_string()))
}

fn extension(picture: Picture<'_>) -> &'static str {
    if picture.extension() == "jpg" { "jpg" } else { "png" }
}

pub(super) fn annotated_name(picture: Picture<'_>) -> String {
    format!("{}.{}", picture.stem(), extension(picture))
}

fn crop_name(head: &Head<'_>, item: &ExportItem<'_>, region: &Labeled, number: u32) -> String {
    let part = if head.is_split() { format!("{}/", item.part.name()) } else { String::new() };
    let class = head.names.get(region.class).map(String::as_str).unwrap_or_default();
    let stem = crop_stem(&item.image.id().to_string(), region.id, number);
    format!("{part}{class}/{stem}.{}", extension(item.picture))
}

/// Left, top, right and bottom in whole pixels, rounded outwards, at least one pixel wide.
fn crop_edges(region: &Labeled, picture: Picture<'_>, margin: f64) -> [u32; 4] {
    let span = |low: f64, high: f64, side: u32| {
        let more = (high - low) * margin.clamp(0.0, 10.0);
        whole_pixels(low - more, high + more, side)
    };
    let [left, top, right, bottom] = region.edges(picture);
    let ((left, right), (top, bottom)) = (span(left, right, picture.width), span(top, bottom, picture.height));
    [left, top, right, bottom]
}
