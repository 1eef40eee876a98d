//! Pascal VOC as it is found in the wild: elements in any order, parts of bodies, numbers with a fraction, missing sizes.

use std::io::BufRead;

use crate::formats::error::FormatError;
use crate::formats::xml::{Token, Tokens};

/// What an XML file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VocPage {
    /// The picture's file, as it is called there.
    pub file_name: Option<String>,
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
    /// The objects that can be used.
    pub objects: Vec<VocObject>,
    /// Why the others cannot be: the number of the object from 1, and the reason.
    pub problems: Vec<(usize, &'static str)>,
}

/// An object of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct VocObject {
    /// What it is.
    pub name: String,
    /// x, y, width and height in pixels from 0; finite.
    pub bbox: [f64; 4],
}

/// Reads an XML file of `Annotations`.
///
/// # Errors
/// When it is no XML, or its root is no `annotation`.
pub fn read_page(input: impl BufRead) -> Result<VocPage, FormatError> {
    let mut tokens = Tokens::new(input);
    let mut page = VocPage::default();
    let mut path: Vec<String> = Vec::new();
    let (mut width, mut height) = (None, None);
    let mut object = Object::default();
    let mut number = 0;
    loop {
        match tokens.next()? {
            Token::Open { name, .. } => {
                if path.is_empty() && name != "annotation" {
                    return Err(FormatError::says(format!("its root is {name:.40?}, not annotation")));
                }
                path.push(name);
                let parts: Vec<&str> = path.iter().take(5).map(String::as_str).collect();
                // Only what stands just here: the parts of a body have names and boxes of their own.
                match parts[..] {
                    ["annotation", "filename"] => page.file_name = Some(tokens.text()?).filter(|text| !text.is_empty()),
                    ["annotation", "size", "width"] => width = side(&tokens.text()?),
                    ["annotation", "size", "height"] => height = side(&tokens.text()?),
                    ["annotation", "object", "name"] => object.name = tokens.text()?,
                    ["annotation", "object", "bndbox", edge @ ("xmin" | "ymin" | "xmax" | "ymax")] => {
                        let at = ["xmin", "ymin", "xmax", "ymax"].iter().position(|&name| name == edge);
                        let value = tokens.text()?.trim().parse().ok().filter(|value: &f64| value.abs() < 1e9);
                        if let Some(place) = at.and_then(|at| object.edges.get_mut(at)) {
                            *place = value;
                        }
                    }
                    _ => continue,
                }
                path.pop();
            }
            Token::Close(_) => {
                let closed = path.pop();
                if path.len() == 1 && closed.as_deref() == Some("object") {
                    number += 1;
                    match std::mem::take(&mut object).finish() {
                        Ok(object) => page.objects.push(object),
                        Err(reason) => page.problems.push((number, reason)),
                    }
                }
            }
            Token::Text(_) => {}
            Token::End if path.is_empty() => break,
            Token::End => return Err(FormatError::says("it ends in an element")),
        }
    }
    page.size = width.zip(height);
    Ok(page)
}

/// The names in `labelmap.txt`, in their order, but for the background.
pub fn read_label_map(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let names = lines.filter_map(|line| line.split(':').next()).map(str::trim);
    names.filter(|name| !name.is_empty() && *name != "background").map(str::to_owned).collect()
}

#[derive(Default)]
struct Object {
    name: String,
    edges: [Option<f64>; 4],
}

impl Object {
    fn finish(self) -> Result<VocObject, &'static str> {
        let Self { name, edges } = self;
        let name = name.trim();
        if name.is_empty() {
            return Err("it has no name");
        }
        let [Some(left), Some(top), Some(right), Some(bottom)] = edges else {
            return Err("it has no bndbox of four numbers");
        };
        // First and last pixels, counted from 1. A first pixel 0 is what tools write that count from 0.
        let first = |edge: f64| if (0.0..1.0).contains(&edge) { 0.0 } else { edge - 1.0 };
        let (x, y) = (first(left), first(top));
        Ok(VocObject { name: name.to_owned(), bbox: [x, y, right - x, bottom - y] })
    }
}

fn side(text: &str) -> Option<u32> {
    let side: f64 = text.trim().parse().ok()?;
    (1.0..1e9).contains(&side).then_some(side as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_the_wild() {
        let page = read_page(
            "<?xml version=\"1.0\"?><!DOCTYPE a><annotation><object><part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>\
             <bndbox><xmin>3.5</xmin><ymin>0</ymin><xmax>10</xmax><ymax>20</ymax></bndbox><name> fork </name></object>\
             <object><name>no box</name></object><object><bndbox/></object>\
             <size><width>640</width><height>480.0</height></size><filename>a &amp; b.jpg</filename></annotation>"
                .as_bytes(),
        )
        .expect("page");
        assert_eq!((page.file_name.as_deref(), page.size), (Some("a & b.jpg"), Some((640, 480))));
        assert_eq!(page.objects, [VocObject { name: "fork".to_owned(), bbox: [2.5, 0.0, 7.5, 20.0] }]);
        assert_eq!(page.problems, [(2, "it has no bndbox of four numbers"), (3, "it has no name")]);
        for bad in ["", "<html></html>", "<annotation>", "<annotation><object></annotation>", "no xml at all"] {
            let found = read_page(bad.as_bytes());
            assert!(found.is_err() || found == Ok(VocPage::default()), "{bad:?}: {found:?}");
        }
    }

    #[test]
    fn the_label_map_has_the_order() {
        assert_eq!(
            read_label_map("# label:color_rgb\nbackground:0,0,0::\n fork :1,2,3::\n\nspoon\n"),
            ["fork", "spoon"]
        );
    }
}
