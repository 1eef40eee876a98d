//! CVAT for images and for video as they are found in the wild: boxes, tags, outlines and tracks, with attributes of any
//! kind.

use std::collections::BTreeMap;
use std::io::BufRead;

use smol_str::SmolStr;

use super::shapes::{self, Frames, Track, value};
use crate::dataset::{Dataset, DatasetBuilder, DatasetImage, image_of_name};
use crate::error::FormatError;
use crate::loose::{number_in, pixel_side};
use crate::unread::Unread;
use crate::xml::{Attributes, Token, Tokens};

/// Places of objects in one track.
const MOST_PLACES: usize = 1_000_000;

/// Reads a file.
///
/// # Errors
/// When it is no XML, or its root is no `annotations`.
pub fn read_dataset(input: impl BufRead) -> Result<Dataset, FormatError> {
    let mut page = Page { tokens: Tokens::new(input), builder: DatasetBuilder::default(), frames: Frames::default() };
    let mut unread = Unread::default();
    let mut path: Vec<SmolStr> = Vec::new();
    loop {
        let line = page.tokens.line();
        match page.tokens.next()? {
            Token::Open { name, attributes } => {
                if path.is_empty() && name != "annotations" {
                    return Err(FormatError::says(format!("its root element is {name:.40?}, not annotations")));
                }
                path.push(name);
                let parts: Vec<&str> = path.iter().map(SmolStr::as_str).collect();
                match parts[..] {
                    ["annotations", "image"] => page.image(line, &attributes)?,
                    ["annotations", "track"] => page.track(line, &attributes)?,
                    // The attributes of a label have names as well.
                    ["annotations", "meta", .., "labels", "label", "name"] => {
                        let name = page.tokens.text()?;
                        page.builder.category(&name);
                    }
                    ["annotations", "meta", "task" | "project" | "job", "name"] => {
                        let name = page.tokens.text()?;
                        page.builder.describe(&name);
                    }
                    ["annotations", "meta", .., "original_size", edge @ ("width" | "height")] => {
                        let at = usize::from(edge == "height");
                        page.frames.size[at] = pixel_side(number_in(&page.tokens.text()?));
                    }
                    ["annotations", other] => {
                        if !matches!(other, "version" | "meta") {
                            unread.note(other, || format!("line {line}"));
                        }
                        continue;
                    }
                    _ => continue,
                }
                path.pop();
            }
            Token::Close(_) => {
                path.pop();
            }
            Token::Text(_) => {}
            Token::End if path.is_empty() => break,
            Token::End => return Err(FormatError::says("it ends inside an element")),
        }
    }
    page.frames.finish(&mut page.builder);
    for (place, reason) in unread.problems("element", "image or track") {
        page.builder.report(place, true, reason);
    }
    Ok(page.builder.finish())
}

/// Whether a text begins like such a file.
pub fn is_page(input: impl BufRead) -> bool {
    let mut tokens = Tokens::new(input);
    loop {
        match tokens.next() {
            Ok(Token::Open { name, .. }) => return name == "annotations",
            Ok(Token::Text(_)) => {}
            Ok(Token::Close(_) | Token::End) | Err(_) => return false,
        }
    }
}

struct Page<R> {
    tokens: Tokens<R>,
    builder: DatasetBuilder,
    frames: Frames,
}

impl<R: BufRead> Page<R> {
    /// Reads an image whose element was just opened.
    fn image(&mut self, line: u64, attributes: &Attributes) -> Result<(), FormatError> {
        self.builder.image_came_in();
        let name = value(attributes, "name");
        let mut image = match image_of_name(name, || format!("line {line}")) {
            Ok(image) => Some(image),
            Err(reason) => {
                self.builder.report(format!("line {line}"), true, reason);
                None
            }
        };
        if let Some(image) = &mut image {
            let [width, height] = ["width", "height"].map(|name| pixel_side(number_in(value(attributes, name))));
            image.size = width.zip(height);
            let subset = value(attributes, "subset");
            image.metadata.extend((!subset.is_empty()).then(|| ("split".to_owned(), subset.to_owned())));
        }
        let mut outlines = 0;
        self.children(|page, line, name, attributes| {
            if let Some(image) = &mut image {
                outlines += usize::from(page.shape(line, name, attributes, image));
            }
            Ok(())
        })?;
        if let Some(image) = image {
            if outlines > 0 {
                let reason = format!("outlines converted to bounding boxes: {outlines}");
                self.builder.report(image.file_name.clone(), false, reason);
            }
            self.builder.push(image);
        }
        self.builder.resume().map_err(FormatError::says)
    }

    /// Reads a track whose element was just opened.
    fn track(&mut self, line: u64, attributes: &Attributes) -> Result<(), FormatError> {
        let label = value(attributes, "label").to_owned();
        let mut track = Track { label, line, places: BTreeMap::new() };
        let mut outlines = 0;
        self.children(|page, line, name, attributes| {
            let Some(frame) =
                value(attributes, "frame").trim().parse().ok().filter(|&frame: &u64| frame < u64::from(u32::MAX))
            else {
                page.builder.region_came_in();
                page.builder.report(format!("line {line}"), true, "it has no frame number");
                return Ok(());
            };
            if matches!(value(attributes, "outside").trim(), "1" | "true" | "True") {
                track.places.insert(frame, None);
            } else {
                match shapes::read(name, attributes) {
                    Ok(shape) => {
                        outlines += usize::from(shape.is_outline || shape.is_turned);
                        track.places.insert(frame, Some(shape));
                    }
                    Err(reason) => {
                        page.builder.region_came_in();
                        page.builder.report(format!("line {line}"), true, reason);
                    }
                }
            }
            match track.places.len() > MOST_PLACES {
                true => Err(FormatError::says(format!("a track has more than {MOST_PLACES} boxes (line {line})"))),
                false => Ok(()),
            }
        })?;
        if outlines > 0 {
            let reason = format!("outlines and rotated boxes converted to bounding boxes: {outlines}");
            self.builder.report(format!("line {line}"), false, reason);
        }
        self.frames.add(&track, &mut self.builder);
        self.builder.resume().map_err(FormatError::says)
    }

    /// Gives each element just in the one that was opened, with the line where it begins, to a function.
    fn children(
        &mut self,
        mut take: impl FnMut(&mut Self, u64, &str, &Attributes) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut depth = 0;
        loop {
            let line = self.tokens.line();
            match self.tokens.next()? {
                Token::Open { name, attributes } => {
                    depth += 1;
                    if depth == 1 {
                        take(self, line, &name, &attributes)?;
                    }
                }
                Token::Close(_) if depth == 0 => return Ok(()),
                Token::Close(_) => depth -= 1,
                Token::End => return Err(FormatError::says("it ends inside an element")),
                Token::Text(_) => {}
            }
        }
    }

    /// Takes what is drawn on an image; whether it was an outline.
    fn shape(&mut self, line: u64, name: &str, attributes: &Attributes, image: &mut DatasetImage) -> bool {
        let place = || format!("line {line}");
        let label = value(attributes, "label");
        if name == "tag" {
            self.builder.tag(image, label, place);
            return false;
        }
        self.builder.region_came_in();
        let shape = match shapes::read(name, attributes) {
            Ok(shape) => shape,
            Err(reason) => {
                self.builder.report(place(), true, reason);
                return false;
            }
        };
        if shape.is_turned {
            self.builder.report(place(), false, "it is rotated; the box around its corners was used");
        }
        self.builder.put(image, label, shape.bbox, place);
        shape.is_outline
    }
}

#[cfg(test)]
mod tests;
