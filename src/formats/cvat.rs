//! CVAT for images 1.1: one XML file with boxes in pixels, and `<tag>` for the tags of whole images that no region has.
//!
//! Pictures are named without folder, as they are when they are uploaded into a task. It holds no id of a region.

pub mod dataset;
mod shapes;

use std::fmt::Write as _;
use std::io::{self, BufRead, Write as _};

use super::error::FormatError;
use super::item::ExportItem;
use super::read::{self, FoundImage, FoundRegion, Place, ReadPlan, Sink};
use super::split::SplitPart;
use super::write::{Folder, Head, OutFile, Writer};
use super::xml::{Attributes, Token, Tokens, attribute, escaped, number};

pub(crate) struct CvatWriter<'a> {
    head: &'a Head<'a>,
    out: Box<dyn OutFile>,
    images: u64,
}

impl<'a> CvatWriter<'a> {
    pub(crate) fn begin(head: &'a Head<'a>, folder: &dyn Folder) -> io::Result<Self> {
        let mut xml =
            String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n");
        let name = escaped(head.project_name);
        // Only a project has subsets, and readers look for their names in its tasks.
        let kind = if head.is_split() { "project" } else { "task" };
        let _ = write!(xml, "  <meta>\n    <{kind}>\n      <name>{name}</name>\n");
        match head.is_split() {
            true => xml.push_str(&tasks(head.parts)),
            false => xml.push_str("      <mode>annotation</mode>\n      <overlap>0</overlap>\n"),
        }
        xml.push_str("      <labels>\n");
        for name in head.names {
            let _ = writeln!(
                xml,
                "        <label>\n          <name>{}</name>\n          <attributes>\n          </attributes>\n        </label>",
                escaped(name)
            );
        }
        let _ = write!(xml, "      </labels>\n    </{kind}>\n  </meta>\n");
        let mut out = folder.create("cvat.xml")?;
        out.write_all(xml.as_bytes())?;
        Ok(Self { head, out, images: 0 })
    }
}

/// The tasks of a project: one for each part.
fn tasks(parts: &[SplitPart]) -> String {
    let mut xml = String::from("      <tasks>\n");
    for part in parts.iter().map(|part| part.name()) {
        let _ = write!(
            xml,
            "        <task>\n          <name>{part}</name>\n          <mode>annotation</mode>\n          \
             <overlap>0</overlap>\n          <subset>{part}</subset>\n        </task>\n"
        );
    }
    let names: Vec<&str> = parts.iter().map(|part| part.name()).collect();
    let _ = write!(xml, "      </tasks>\n      <subsets>{}</subsets>\n", names.join("\n"));
    xml
}

impl Writer for CvatWriter<'_> {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        let names = self.head.names;
        let name = |class: usize| escaped(names.get(class).map(String::as_str).unwrap_or_default());
        let subset = match self.head.is_split() {
            true => format!(" subset=\"{}\"", item.part.name()),
            false => String::new(),
        };
        let mut xml = String::new();
        let _ = writeln!(
            xml,
            "  <image id=\"{}\" name=\"{}\"{subset} width=\"{}\" height=\"{}\">",
            self.images,
            escaped(item.picture.file_name()),
            item.picture.width,
            item.picture.height
        );
        for region in &item.regions {
            let [left, top, right, bottom] = region.edges(item.picture);
            let _ = writeln!(
                xml,
                "    <box label=\"{}\" source=\"manual\" occluded=\"0\" xtl=\"{left}\" ytl=\"{top}\" xbr=\"{right}\" \
                 ybr=\"{bottom}\" z_order=\"0\">\n    </box>",
                name(region.class)
            );
        }
        for &class in &item.tags {
            let _ = writeln!(xml, "    <tag label=\"{}\" source=\"manual\">\n    </tag>", name(class));
        }
        xml.push_str("  </image>\n");
        self.images += 1;
        self.out.write_all(xml.as_bytes())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.write_all(b"</annotations>\n")?;
        self.out.finish()
    }
}

pub(crate) fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let mut tokens = Tokens::new(read::open(plan, "cvat.xml")?);
    let (mut images, mut is_in_label) = (0_u64, false);
    loop {
        match tokens.next()? {
            Token::Open { name, .. } if name == "label" => is_in_label = true,
            Token::Open { name, .. } if name == "name" && is_in_label => {
                is_in_label = false;
                sink.class(&tokens.text()?).map_err(FormatError::says)?;
            }
            Token::Open { name, attributes } if name == "image" => {
                if attribute(&attributes, "id")? != images.to_string() {
                    return Err(FormatError::says("the image numbers have a gap"));
                }
                image(&mut tokens, &attributes, images, sink)?;
                images += 1;
            }
            Token::End => return Ok(()),
            _ => {}
        }
    }
}

/// Reads an image whose element was just opened.
fn image<R: BufRead>(
    tokens: &mut Tokens<R>,
    attributes: &Attributes,
    index: u64,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    let part = match attribute(attributes, "subset").ok() {
        None => None,
        Some(subset) => Some(
            SplitPart::ALL
                .into_iter()
                .find(|part| part.name() == subset)
                .ok_or_else(|| FormatError::says(format!("there is no subset {subset}")))?,
        ),
    };
    let side = |name: &str| number(attribute(attributes, name)?, name);
    let mut image = FoundImage {
        name: attribute(attributes, "name")?.to_owned(),
        size: Some((side("width")?, side("height")?)),
        tags: Some(Vec::new()),
        part,
        ..FoundImage::default()
    };
    let mut regions = Vec::new();
    loop {
        match tokens.next()? {
            Token::Open { name, attributes } if name == "box" => {
                let mut edges = [0.0; 4];
                for (edge, name) in edges.iter_mut().zip(["xtl", "ytl", "xbr", "ybr"]) {
                    *edge = number(attribute(&attributes, name)?, name)?;
                }
                let label = attribute(&attributes, "label")?.to_owned();
                regions.push(FoundRegion { label, place: Place::Pixels(edges), listed: None, id: None, created: None });
            }
            Token::Open { name, attributes } if name == "tag" => {
                image.tags.get_or_insert_default().push(attribute(&attributes, "label")?.to_owned());
            }
            Token::Open { name, .. } => return Err(FormatError::says(format!("an element {name} in an image"))),
            Token::Close(name) if name == "image" => break,
            Token::End => return Err(FormatError::says("it ends inside an image")),
            Token::Close(_) | Token::Text(_) => {}
        }
    }
    sink.image(image).map_err(FormatError::says)?;
    regions.into_iter().try_for_each(|region| sink.region(index, region)).map_err(FormatError::says)
}
