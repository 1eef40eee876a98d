//! Pascal VOC as it is found in the wild: elements in any order, parts of bodies, numbers with a fraction, missing sizes;
//! and the pages of LabelMe, the web tool, which have the same root and outlines or masks in place of boxes.

use std::io::BufRead;

use smol_str::SmolStr;

use crate::error::FormatError;
use crate::loose::{number_in, pixel_side};
use crate::unread::{Unread, is_like};
use crate::xml::{Token, Tokens};
use crate::{meaning, text};

/// Elements next to those of objects, which have another meaning.
const KNOWN: [&str; 11] = [
    "folder",
    "filename",
    "path",
    "source",
    "owner",
    "size",
    "imagesize",
    "segmented",
    "object",
    "attributes",
    "scenedescription",
];
/// The edges of a box, in the order of its numbers.
const EDGES: [&str; 4] = ["xmin", "ymin", "xmax", "ymax"];
/// Numbers of an outline.
const MOST_POINTS: usize = 100_000;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct VocPage {
    /// The picture's file, as it is called there.
    pub file_name: Option<String>,
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
    /// The objects that can be used.
    pub objects: Vec<VocObject>,
    /// What is odd about objects: the number of the object from 1, whether it is left out, and the reason.
    pub problems: Vec<(usize, bool, String)>,
    /// Elements where objects could be under another name: the line and the reason.
    pub unread: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct VocObject {
    pub name: String,
    /// x, y, width and height in pixels from 0; finite.
    pub bbox: [f64; 4],
}

/// Reads an XML file of `Annotations`, in the encoding that it declares. `None` when its root is no `annotation`: then it is
/// the file of another program.
///
/// # Errors
/// When it is no XML.
pub fn read_page(bytes: &[u8]) -> Result<Option<VocPage>, FormatError> {
    let text = text::whole(bytes)?;
    let mut tokens = Tokens::new(text.as_bytes());
    let mut page = VocPage::default();
    let mut path: Vec<SmolStr> = Vec::new();
    let (mut width, mut height) = (None, None);
    let mut object = Object::default();
    let (mut number, mut has_root) = (0, false);
    let (mut alike, mut nested) = (Unread::default(), Unread::default());
    loop {
        let line = tokens.line();
        match tokens.next()? {
            Token::Open { name, .. } => {
                if path.is_empty() && name != "annotation" {
                    return Ok(None);
                }
                has_root = true;
                path.push(name);
                // Only what stands just here: the parts of a body have names and boxes of their own.
                let mut names = [""; 4];
                let below_root = path.get(1..).unwrap_or_default();
                names.iter_mut().zip(below_root).for_each(|(place, name)| *place = name);
                match names[..below_root.len().min(4)] {
                    ["object", ref inside @ ..] if !inside.is_empty() => {
                        if !object.read(inside, &mut tokens)? {
                            continue;
                        }
                    }
                    ["filename"] => page.file_name = Some(tokens.text()?).filter(|text| !text.is_empty()),
                    ["size", "width"] | ["imagesize", "ncols"] => width = pixel_side(number_in(&tokens.text()?)),
                    ["size", "height"] | ["imagesize", "nrows"] => height = pixel_side(number_in(&tokens.text()?)),
                    [other] if is_like(other, "object") => {
                        alike.note(other, || format!("line {line}"));
                        continue;
                    }
                    [other, _] if !KNOWN.contains(&other) && !is_like(other, "object") => {
                        nested.note(other, || format!("line {line}"));
                        continue;
                    }
                    _ => continue,
                }
                path.pop();
            }
            Token::Close(_) => {
                let closed = path.pop();
                if path.len() == 1 && closed.as_deref() == Some("object") {
                    number += 1;
                    if object.has_more_names {
                        page.problems.push((
                            number,
                            false,
                            "it has more than one name; only the first was read".to_owned(),
                        ));
                    }
                    if object.boxes > 1 {
                        page.problems.push((
                            number,
                            true,
                            "it has more than one bndbox; only the first was read".to_owned(),
                        ));
                    }
                    match std::mem::take(&mut object).finish() {
                        Ok((object, note)) => {
                            page.objects.push(object);
                            page.problems.extend(note.map(|note| (number, false, note.to_owned())));
                        }
                        Err(reason) => page.problems.push((number, true, reason.to_owned())),
                    }
                }
            }
            Token::Text(_) => {}
            Token::End if !has_root => return Err(FormatError::says("there is no element annotation in it")),
            Token::End if path.is_empty() => break,
            Token::End => return Err(FormatError::says("it ends inside an element")),
        }
    }
    page.size = width.zip(height);
    page.unread.extend(alike.problems("element", "object"));
    let is_bare = page.objects.is_empty() && page.problems.is_empty() && page.unread.is_empty();
    if is_bare {
        page.unread.extend(nested.problems("element", "object"));
    }
    if is_bare && page.unread.is_empty() && page.file_name.is_none() && page.size.is_none() {
        page.unread.push(("line 1".to_owned(), "it has none of filename, size and object".to_owned()));
    }
    Ok(Some(page))
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
    has_more_names: bool,
    /// Elements bndbox; the first counts.
    boxes: u32,
    edges: [Option<f64>; 4],
    /// The middle, the sides and the turn in radians, as tools for turned boxes write them.
    turned: [Option<f64>; 5],
    /// An outline as x, y, x, y.
    outline: Vec<f64>,
    /// The edges around a mask of LabelMe, which counts from 0.
    mask: [Option<f64>; 4],
    /// Whether LabelMe keeps it for its history only.
    is_deleted: bool,
    /// Whether LabelMe says that its outline is that of a box.
    is_drawn_as_box: bool,
    /// The name of the attribute whose value comes next.
    attribute: String,
    /// The angle that CVAT gives a turned box in an attribute.
    degrees: Option<f64>,
}

impl Object {
    /// Reads an element below it, whose names these are, to its end; `false` when it is of no interest or has others in it.
    fn read<R: BufRead>(&mut self, names: &[&str], tokens: &mut Tokens<R>) -> Result<bool, FormatError> {
        match *names {
            ["bndbox"] => {
                self.boxes += 1;
                return Ok(false);
            }
            ["bndbox", edge @ ("xmin" | "ymin" | "xmax" | "ymax")] => {
                let at = EDGES.iter().position(|&name| name == edge);
                let value = number_in(&tokens.text()?);
                if let Some(place) = at.and_then(|at| self.edges.get_mut(at)).filter(|_| self.boxes == 1) {
                    *place = value;
                }
            }
            ["name"] => {
                let name = tokens.text()?;
                match self.name.trim().is_empty() {
                    true => self.name = name,
                    false => self.has_more_names = true,
                }
            }
            ["deleted"] => self.is_deleted = tokens.text()?.trim() == "1",
            ["type"] => self.is_drawn_as_box = tokens.text()?.trim() == "bounding_box",
            ["attributes", "attribute", "name"] => self.attribute = tokens.text()?,
            ["attributes", "attribute", "value"] => {
                let value = tokens.text()?;
                self.degrees = self.degrees.or(number_in(&value).filter(|_| self.attribute == "rotation"));
            }
            ["robndbox", field] => {
                let at = ["cx", "cy", "w", "h", "angle"].iter().position(|&name| name == field);
                let value = number_in(&tokens.text()?);
                if let Some(place) = at.and_then(|at| self.turned.get_mut(at)) {
                    *place = value;
                }
            }
            ["polygon", edge] | ["polygon", "pt", edge] if edge.starts_with(['x', 'y']) => {
                let value = number_in(&tokens.text()?);
                self.outline.extend(value.filter(|_| self.outline.len() < MOST_POINTS));
            }
            ["segm", "box", edge @ ("xmin" | "ymin" | "xmax" | "ymax")] => {
                let at = EDGES.iter().position(|&name| name == edge);
                let value = number_in(&tokens.text()?);
                if let Some(place) = at.and_then(|at| self.mask.get_mut(at)) {
                    *place = value;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The object, and what was assumed about it.
    fn finish(self) -> Result<(VocObject, Option<&'static str>), &'static str> {
        let Self {
            name,
            has_more_names: _,
            boxes: _,
            edges,
            turned,
            outline,
            mask,
            is_deleted,
            is_drawn_as_box,
            attribute: _,
            degrees,
        } = self;
        let name = name.trim();
        if is_deleted {
            return Err("it is marked as deleted");
        }
        if name.is_empty() {
            return Err("it has no name");
        }
        let object = |bbox| VocObject { name: name.to_owned(), bbox };
        let [Some(left), Some(top), Some(right), Some(bottom)] = edges else {
            if let [Some(x), Some(y), Some(width), Some(height), Some(angle)] = turned {
                let upright = meaning::from_middle([x, y, width, height]);
                let bbox = meaning::around_turned_in_place(upright, angle.to_degrees());
                return Ok((object(bbox), Some("it is rotated; the box around its corners was used")));
            }
            if let [Some(left), Some(top), Some(right), Some(bottom)] = mask {
                let bbox = meaning::from_corners([left, top, right, bottom]);
                return Ok((object(bbox), Some("its mask was converted to its bounding box")));
            }
            return match meaning::around(&outline) {
                Some(bbox) if is_drawn_as_box => Ok((object(bbox), None)),
                Some(bbox) => Ok((object(bbox), Some("its outline was converted to its bounding box"))),
                None => Err("it has no bndbox of four numbers"),
            };
        };
        // The corners are pixels, so one that comes from the other side is one all the same.
        let is_backwards = right < left || bottom < top;
        let ((left, right), (top, bottom)) = ((left.min(right), left.max(right)), (top.min(bottom), top.max(bottom)));
        // First and last pixels, counted from 1. A first pixel 0 is what tools write that count from 0.
        let first = |edge: f64| if (0.0..1.0).contains(&edge) { 0.0 } else { edge - 1.0 };
        let (x, y) = (first(left), first(top));
        let bbox = [x, y, right - x, bottom - y];
        match degrees.filter(|degrees| degrees.rem_euclid(360.0) != 0.0) {
            Some(degrees) => {
                Ok((object(meaning::around_turned_in_place(bbox, degrees)), Some(meaning::TURNED_BY_ATTRIBUTE)))
            }
            None => Ok((object(bbox), is_backwards.then_some(meaning::TURNED_ROUND))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_page(input: &[u8]) -> Result<VocPage, FormatError> {
        super::read_page(input).map(Option::unwrap_or_default)
    }

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
        let told: Vec<_> =
            page.problems.iter().map(|(number, is_lost, reason)| (*number, *is_lost, reason.as_str())).collect();
        assert_eq!(told, [(2, true, "it has no bndbox of four numbers"), (3, true, "it has no name")]);
        for bad in ["", "<html></html>", "<annotation>", "<annotation><object></annotation>", "no xml at all"] {
            let found = read_page(bad.as_bytes());
            assert!(found.is_err() || found == Ok(VocPage::default()), "{bad:?}: {found:?}");
        }
    }

    #[test]
    fn objects_under_another_name_are_told() {
        let told = |inside: &str| -> Vec<String> {
            let page = read_page(format!("<annotation><filename>1.jpg</filename>\n{inside}</annotation>").as_bytes());
            page.expect("page").unread.into_iter().map(|(place, reason)| format!("{place}: {reason}")).collect()
        };
        let object = "<name>fork</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>";
        for name in ["Object", "objects", "item"] {
            let found = told(&format!("<{name}>{object}</{name}>"));
            assert!(found.len() == 1 && found[0].starts_with("line 2: ") && found[0].contains(name), "{found:?}");
        }
        // Next to objects that were read, only a name that means the same is of interest.
        let both = |name: &str| told(&format!("<object>{object}</object><{name}>{object}</{name}>"));
        assert_eq!((both("Object").len(), both("camera").len()), (1, 0));
        assert!(told("<size><width>1</width><height>1</height></size><source><x/></source>").is_empty());
        let bare = read_page(b"<annotation><verified>1</verified></annotation>").expect("page");
        assert!(bare.unread[0].1.contains("none of filename"), "{:?}", bare.unread);
    }

    #[test]
    fn of_two_boxes_of_an_object_the_first_is_read_and_the_other_told() {
        let bndbox =
            |edge: u32| format!("<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>{edge}</xmax><ymax>{edge}</ymax></bndbox>");
        let page = format!(
            "<annotation><object><name>a</name>{}{}<name>b</name></object></annotation>",
            bndbox(10),
            bndbox(20)
        );
        let page = read_page(page.as_bytes()).expect("page");
        assert_eq!((page.objects[0].name.as_str(), page.objects[0].bbox), ("a", [0.0, 0.0, 10.0, 10.0]));
        let told: Vec<_> = page.problems.iter().map(|problem| (problem.0, problem.1)).collect();
        assert_eq!(told, [(1, false), (1, true)]);
    }

    #[test]
    fn corners_from_the_other_side_turned_boxes_and_outlines() {
        let page = read_page(
            "<annotation><object><name>a</name><bndbox><xmin>240</xmin><ymin>180</ymin><xmax>41</xmax><ymax>61</ymax></bndbox></object>\
             <object><name>b</name><robndbox><cx>250</cx><cy>200</cy><w>300</w><h>100</h><angle>1.5707963267948966</angle></robndbox></object>\
             <object><name>c</name><polygon><x1>1</x1><y1>2</y1><x2>5</x2><y2>2</y2><x3>3</x3><y3>9</y3></polygon></object></annotation>"
                .as_bytes(),
        )
        .expect("page");
        let expected = [[40.0, 60.0, 200.0, 120.0], [200.0, 50.0, 100.0, 300.0], [1.0, 2.0, 4.0, 7.0]];
        for (object, expected) in page.objects.iter().zip(expected) {
            assert!(object.bbox.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{object:?}");
        }
        assert_eq!((page.objects.len(), page.problems.len()), (3, 3), "{:?}", page.problems);
        assert!(page.problems.iter().all(|(_, is_lost, _)| !is_lost));
    }

    #[test]
    fn a_box_with_an_angle_in_an_attribute_is_turned() {
        let page = |degrees: &str| {
            let page = format!(
                "<annotation><object><name>a</name><bndbox><xmin>101</xmin><ymin>151</ymin><xmax>400</xmax><ymax>250</ymax></bndbox>\
                 <attributes><attribute><name>occluded</name><value>7</value></attribute><attribute><name>rotation</name>\
                 <value>{degrees}</value></attribute></attributes></object></annotation>"
            );
            read_page(page.as_bytes()).expect("page")
        };
        assert_eq!((page("0.0").objects[0].bbox, page("0.0").problems.len()), ([100.0, 150.0, 300.0, 100.0], 0));
        let turned = page("90.0");
        assert_eq!(turned.objects[0].bbox, [200.0, 50.0, 100.0, 300.0]);
        assert!(turned.problems[0].2.contains("rotation"), "{:?}", turned.problems);
    }

    #[test]
    fn pages_of_labelme_have_outlines_masks_and_deleted_objects() {
        let points =
            "<pt><x>2.00</x><y>3</y></pt><pt><x>12</x><y>3</y></pt><pt><x>12</x><y>11</y></pt><username>7</username>";
        let page = read_page(
            format!(
                "<annotation><filename>1.jpg</filename><folder>train</folder><imagesize><nrows>30</nrows><ncols>40</ncols></imagesize>\
                 <object><name>box</name><deleted>0</deleted><type>bounding_box</type><polygon>{points}</polygon></object>\
                 <object><name>old</name><deleted>1</deleted><polygon>{points}</polygon></object>\
                 <object><name>outline</name><polygon>{points}</polygon></object>\
                 <object><name>mask</name><segm><mask>m.png</mask><box><xmin>2</xmin><ymin>3</ymin><xmax>12</xmax><ymax>11</ymax></box></segm></object>\
                 </annotation>"
            )
            .as_bytes(),
        )
        .expect("page");
        assert_eq!(page.size, Some((40, 30)));
        let names: Vec<_> = page.objects.iter().map(|object| object.name.as_str()).collect();
        assert_eq!(names, ["box", "outline", "mask"]);
        assert!(page.objects.iter().all(|object| object.bbox == [2.0, 3.0, 10.0, 8.0]), "{:?}", page.objects);
        let told: Vec<_> = page.problems.iter().map(|(number, is_lost, _)| (*number, *is_lost)).collect();
        assert_eq!(told, [(2, true), (3, false), (4, false)]);
    }

    #[test]
    fn the_encoding_is_the_one_that_is_declared() {
        let page = |head: &str, name: &[u8]| {
            let mut text = format!("{head}<annotation><object><name>").into_bytes();
            text.extend(name);
            text.extend(b"</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>");
            read_page(text.as_slice()).map(|page| page.objects[0].name.clone())
        };
        assert_eq!(page("<?xml version='1.0' encoding='ISO-8859-1'?>", b"L\xf6ffel").as_deref(), Ok("L\u{f6}ffel"));
        assert!(page("", b"L\xf6ffel").expect_err("refused").to_string().contains("UTF-8"));
    }

    #[test]
    fn the_label_map_has_the_order() {
        assert_eq!(
            read_label_map("# label:color_rgb\nbackground:0,0,0::\n fork :1,2,3::\n\nspoon\n"),
            ["fork", "spoon"]
        );
    }
}
