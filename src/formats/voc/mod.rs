//! Pascal VOC: `JPEGImages`, an XML file an image in `Annotations`, `ImageSets/Main/{train,val,trainval}.txt`, `labelmap.txt`.
//!
//! Boxes are the first and last pixels, counted from 1, so they are rounded outwards to whole pixels. It holds no id
//! and no tag of a whole image; in a tag's name it has no place for `:` and line breaks (`labelmap.txt`).

pub mod dataset;

use std::fmt::Write as _;
use std::io::{self, BufRead as _, Write as _};

use smol_str::SmolStr;

use super::error::FormatError;
use super::item::{ExportItem, Labeled, whole_pixels};
use super::read::{self, FoundImage, FoundRegion, Place, ReadPlan, Sink};
use super::split::SplitPart;
use super::write::{Folder, Head, OutFile, Writer};
use super::xml::{Token, Tokens, escaped, number};

pub(crate) struct VocWriter<'a> {
    head: &'a Head<'a>,
    folder: &'a dyn Folder,
    lists: Vec<(SplitPart, Box<dyn OutFile>)>,
    train_and_val: Box<dyn OutFile>,
}

impl<'a> VocWriter<'a> {
    pub(crate) fn begin(head: &'a Head<'a>, folder: &'a dyn Folder) -> io::Result<Self> {
        let mut map = String::from("# label:color_rgb:parts:actions\n");
        if head.names.iter().all(|name| name != "background") {
            map.push_str("background:0,0,0::\n");
        }
        for (at, name) in (1..).zip(head.names) {
            let [red, green, blue] = color(at);
            let _ = writeln!(map, "{name}:{red},{green},{blue}::");
        }
        folder.write("labelmap.txt", map.as_bytes())?;
        let mut lists = Vec::new();
        for part in SplitPart::ALL {
            if part != SplitPart::Test || head.parts.contains(&part) {
                lists.push((part, folder.create(&format!("ImageSets/Main/{}.txt", part.name()))?));
            }
        }
        Ok(Self { head, folder, lists, train_and_val: folder.create("ImageSets/Main/trainval.txt")? })
    }
}

impl Writer for VocWriter<'_> {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        let stem = item.picture.stem();
        for (part, list) in &mut self.lists {
            if *part == item.part {
                writeln!(list, "{stem}")?;
            }
        }
        if item.part != SplitPart::Test {
            writeln!(self.train_and_val, "{stem}")?;
        }
        let mut xml = String::from("<annotation>\n  <folder>JPEGImages</folder>\n");
        let _ = writeln!(xml, "  <filename>{}</filename>", escaped(item.picture.file_name()));
        xml.push_str("  <source>\n    <database>Custom Vision</database>\n  </source>\n");
        let (width, height) = (item.picture.width, item.picture.height);
        let _ = writeln!(
            xml,
            "  <size>\n    <width>{width}</width>\n    <height>{height}</height>\n    <depth>3</depth>\n  </size>\n  \
             <segmented>0</segmented>"
        );
        for region in &item.regions {
            let name = self.head.names.get(region.class).map(String::as_str).unwrap_or_default();
            let [left, top, right, bottom] = inclusive(region, width, height);
            let _ = writeln!(
                xml,
                "  <object>\n    <name>{}</name>\n    <pose>Unspecified</pose>\n    <truncated>0</truncated>\n    \
                 <difficult>0</difficult>\n    <bndbox>\n      <xmin>{left}</xmin>\n      <ymin>{top}</ymin>\n      \
                 <xmax>{right}</xmax>\n      <ymax>{bottom}</ymax>\n    </bndbox>\n  </object>",
                escaped(name)
            );
        }
        xml.push_str("</annotation>\n");
        self.folder.link(item, &format!("JPEGImages/{}", item.picture.file_name()))?;
        self.folder.write(&format!("Annotations/{stem}.xml"), xml.as_bytes())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.lists.into_iter().try_for_each(|(_, list)| list.finish())?;
        self.train_and_val.finish()
    }
}

/// The first and last pixels that a box touches, from 1.
fn inclusive(region: &Labeled, width: u32, height: u32) -> [u32; 4] {
    let span = |low: f64, high: f64, side: u32| whole_pixels(low * f64::from(side), high * f64::from(side), side);
    let [left, top, right, bottom] = region.corners;
    let ((left, right), (top, bottom)) = (span(left, right, width), span(top, bottom, height));
    [left + 1, top + 1, right, bottom]
}

/// The color of VOC's own map: bits of the number dealt out to red, green and blue from the top.
fn color(mut number: u32) -> [u8; 3] {
    let mut color = [0_u8; 3];
    for bit in (0..8).rev() {
        for (channel, shade) in color.iter_mut().enumerate() {
            *shade |= ((number >> channel & 1) as u8) << bit;
        }
        number >>= 3;
    }
    color
}

pub(crate) fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let map = read::text(plan, "labelmap.txt")?;
    let lines = || map.lines().filter(|line| !line.starts_with('#'));
    for (at, line) in lines().enumerate() {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, _, _] = fields[..] else {
            return Err(FormatError::says(format!("labelmap.txt: {line:?} does not have four fields")));
        };
        // The background is no class of its own, unless a tag is called so.
        if at > 0 || name != "background" || !line.ends_with(":0,0,0::") {
            sink.class(name).map_err(FormatError::says)?;
        }
    }
    let list = plan.part.map_or("trainval", SplitPart::name);
    let lines = read::open(plan, &format!("ImageSets/Main/{list}.txt"))?.lines();
    for (index, stem) in (0..).zip(lines) {
        let stem = stem.map_err(|error| FormatError::Files { reason: format!("{list}.txt: {error}") })?;
        let file = format!("Annotations/{stem}.xml");
        let page = page(Tokens::new(read::open(plan, &file)?))
            .map_err(|error| FormatError::says(format!("{file}: {error}")))?;
        if plan.has_pictures && !plan.folder.join("JPEGImages").join(&page.file_name).is_file() {
            return Err(FormatError::says(format!("there is no picture {}", page.file_name)));
        }
        let image =
            FoundImage { name: page.file_name, size: Some(page.size), part: plan.part, ..FoundImage::default() };
        sink.image(image).map_err(FormatError::says)?;
        for (label, corners) in page.objects {
            let region = FoundRegion { label, place: Place::Inclusive(corners), listed: None, id: None, created: None };
            sink.region(index, region).map_err(FormatError::says)?;
        }
    }
    Ok(())
}

#[derive(Default)]
struct Page {
    file_name: String,
    size: (u32, u32),
    objects: Vec<(String, [u32; 4])>,
}

fn page<R: io::BufRead>(mut tokens: Tokens<R>) -> Result<Page, FormatError> {
    let mut page = Page::default();
    let mut path: Vec<SmolStr> = Vec::new();
    let (mut name, mut corners) = (String::new(), [0; 4]);
    loop {
        match tokens.next()? {
            Token::Open { name: element, .. } => {
                path.push(element);
                let parts: Vec<&str> = path.iter().map(SmolStr::as_str).collect();
                let mut read = || {
                    let text = tokens.text();
                    text.and_then(
                        |text| if text.is_empty() { Err(FormatError::says("an empty element")) } else { Ok(text) },
                    )
                };
                match parts[..] {
                    ["annotation", "filename"] => page.file_name = read()?,
                    ["annotation", "size", "width"] => page.size.0 = number(&read()?, "width")?,
                    ["annotation", "size", "height"] => page.size.1 = number(&read()?, "height")?,
                    ["annotation", "object", "name"] => name = read()?,
                    ["annotation", "object", "bndbox", "xmin"] => corners[0] = number(&read()?, "xmin")?,
                    ["annotation", "object", "bndbox", "ymin"] => corners[1] = number(&read()?, "ymin")?,
                    ["annotation", "object", "bndbox", "xmax"] => corners[2] = number(&read()?, "xmax")?,
                    ["annotation", "object", "bndbox", "ymax"] => corners[3] = number(&read()?, "ymax")?,
                    _ => continue,
                }
                path.pop();
            }
            Token::Close(element) => {
                if path.pop().is_none_or(|open| open != element) {
                    return Err(FormatError::says(format!("{element} ends without a start")));
                }
                if element == "object" {
                    page.objects.push((std::mem::take(&mut name), std::mem::take(&mut corners)));
                }
            }
            Token::Text(_) => {}
            Token::End => break,
        }
    }
    let (width, height) = page.size;
    let is_sound = |[left, top, right, bottom]: [u32; 4]| {
        1 <= left && left <= right && right <= width && 1 <= top && top <= bottom && bottom <= height
    };
    match page.objects.iter().all(|(name, corners)| !name.is_empty() && is_sound(*corners)) {
        true if !page.file_name.is_empty() && width > 0 && height > 0 => Ok(page),
        _ => Err(FormatError::says("the region or size in it breaks a rule of VOC")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colors_are_those_of_voc() {
        assert_eq!([color(0), color(1), color(2), color(15)], [[0; 3], [128, 0, 0], [0, 128, 0], [192, 128, 128]]);
    }
}
