//! CVAT for images as it is found in the wild: boxes, tags and outlines, with attributes of any kind.

use std::io::BufRead;

use crate::formats::dataset::{Dataset, DatasetBuilder, DatasetImage, image_of_name};
use crate::formats::error::FormatError;
use crate::formats::loose::{around, number_in, side, start};
use crate::formats::xml::{Token, Tokens};

type Attributes = [(String, String)];

/// Reads a file.
///
/// # Errors
/// When it is no XML, or its root is no `annotations`.
pub fn read_dataset(input: impl BufRead) -> Result<Dataset, FormatError> {
    let mut page = Page { tokens: Tokens::new(input), builder: DatasetBuilder::default() };
    let mut path: Vec<String> = Vec::new();
    let mut tracks = 0;
    loop {
        let line = page.tokens.line();
        match page.tokens.next()? {
            Token::Open { name, attributes } => {
                if path.is_empty() && name != "annotations" {
                    return Err(FormatError::says(format!("its root is {name:.40?}, not annotations")));
                }
                path.push(name);
                let parts: Vec<&str> = path.iter().map(String::as_str).collect();
                match parts[..] {
                    ["annotations", "image"] => page.image(line, &attributes)?,
                    ["annotations", "track"] => {
                        tracks += 1;
                        continue;
                    }
                    // The attributes of a label have names as well.
                    ["annotations", "meta", .., "labels", "label", "name"] => {
                        let name = page.tokens.text()?;
                        page.builder.category(&name);
                    }
                    ["annotations", "meta", "task" | "project" | "job", "name"] => {
                        let name = page.tokens.text()?;
                        page.builder.describe(&name);
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
            Token::End => return Err(FormatError::says("it ends in an element")),
        }
    }
    if tracks > 0 {
        let reason = format!("tracks through the frames of a video, which are not read: {tracks}");
        page.builder.report("track", true, reason);
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
            let [width, height] = ["width", "height"].map(|name| side(number_in(value(attributes, name))));
            image.size = width.zip(height);
            let subset = value(attributes, "subset");
            image.metadata.extend((!subset.is_empty()).then(|| ("split".to_owned(), subset.to_owned())));
        }
        let (mut depth, mut outlines) = (0, 0);
        loop {
            let line = self.tokens.line();
            match self.tokens.next()? {
                Token::Open { name, attributes } if depth == 0 => {
                    depth += 1;
                    if let Some(image) = &mut image {
                        outlines += usize::from(self.shape(line, &name, &attributes, image));
                    }
                }
                Token::Open { .. } => depth += 1,
                Token::Close(_) if depth == 0 => break,
                Token::Close(_) => depth -= 1,
                Token::End => return Err(FormatError::says("it ends in an image")),
                Token::Text(_) => {}
            }
        }
        if let Some(image) = image {
            if outlines > 0 {
                let reason = format!("outlines that became the boxes around them: {outlines}");
                self.builder.report(image.file_name.clone(), false, reason);
            }
            self.builder.push(image);
        }
        self.builder.go_on().map_err(FormatError::says)
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
        let edges = |names: [&str; 4]| -> Option<[f64; 4]> {
            let found: Vec<f64> = names.iter().filter_map(|name| number_in(value(attributes, name))).collect();
            found.try_into().ok()
        };
        let (bbox, is_outline) = match name {
            "box" => {
                let edges = edges(["xtl", "ytl", "xbr", "ybr"]);
                (edges.map(|[left, top, right, bottom]| [left, top, right - left, bottom - top]), false)
            }
            "polygon" => {
                let points: Option<Vec<f64>> = value(attributes, "points").split([',', ';']).map(number_in).collect();
                (points.and_then(|points| around(&points)), true)
            }
            "ellipse" => {
                let found = edges(["cx", "cy", "rx", "ry"]);
                (found.map(|[cx, cy, rx, ry]| [cx - rx, cy - ry, 2.0 * rx, 2.0 * ry]), true)
            }
            other => {
                self.builder.report(place(), true, format!("a shape {:?} is no box", start(other)));
                return false;
            }
        };
        let Some(bbox) = bbox else {
            self.builder.report(place(), true, "it has no numbers below a billion for a box");
            return false;
        };
        if number_in(value(attributes, "rotation")).is_some_and(|degrees| degrees != 0.0) {
            self.builder.report(place(), false, "it is turned; its box was taken upright");
        }
        self.builder.put(image, label, bbox, place);
        is_outline
    }
}

/// The value of an attribute; empty when it is missing.
fn value<'a>(attributes: &'a Attributes, name: &str) -> &'a str {
    attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_of_the_wild() {
        let found = read_dataset(
            "<?xml version='1.0'?><annotations><meta><task><name>Forks</name><labels><label><name>fork</name>\
             <attributes><attribute><name>bent</name></attribute></attributes></label></labels></task></meta>\n\
             <image id='7' name='a/1.jpg' width='80' height='60' subset='Train'>\n\
             <box label='fork' xtl='1' ytl='2' xbr='11.5' ybr='22' rotation='30'><attribute name='bent'>no</attribute></box>\n\
             <polygon label='spoon' points='1,1;5,1;3,9'/>\n<points label='fork' points='1,1'/>\n<box label='fork' xtl='a'/>\n\
             <tag label='good'/></image><image name='../x.jpg'><box/></image><track><box/></track></annotations>"
                .as_bytes(),
        )
        .expect("dataset");
        assert_eq!((found.description.as_deref(), found.counts_in), (Some("Forks"), (2, 4)));
        assert_eq!(found.categories, ["fork", "spoon", "good"]);
        let [image] = &found.images[..] else { panic!("{:?}", found.images) };
        assert_eq!((image.size, image.tags[0].as_str()), (Some((80, 60)), "good"));
        let boxes: Vec<_> = image.boxes.iter().map(|found| (found.category, found.bbox)).collect();
        assert_eq!(boxes, [(0, [1.0, 2.0, 10.5, 20.0]), (1, [1.0, 1.0, 4.0, 8.0])]);
        let told: Vec<_> =
            found.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.reason)).collect();
        assert_eq!(told.len(), 6, "{told:#?}");
        assert!(
            told[0].starts_with("line 3: it is turned") && told[1].starts_with("line 5: a shape \"points\""),
            "{told:#?}"
        );
        for bad in ["", "<html/>", "<annotations>", "<annotations><image>", "no xml"] {
            let found = read_dataset(bad.as_bytes());
            assert!(found.as_ref().map_or(true, |found| found.images.is_empty()), "{bad:?}: {found:?}");
        }
    }
}
