//! labelme's files as they are found in the wild: rectangles, outlines, circles and masks, with the picture itself in the
//! file or not.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{IgnoredAny, MapAccess};
use serde_json::Value;

use crate::bounded::{Bounded, List, Members, Places, read_object};
use crate::dataset::{Dataset, DatasetBuilder, DatasetImage, Packed, image_of_name};
use crate::error::FormatError;
use crate::loose::{list, name, number, pixel_side, start, text};
use crate::meaning;
use crate::unread::{Passed, Unread};

/// Reads the file of a picture. Flags are tags of the image where nothing is drawn on it, as labelme has them for
/// classification.
///
/// # Errors
/// When it is no JSON, or has no list of shapes.
pub fn read_dataset(input: impl Read) -> Result<Dataset, FormatError> {
    let mut input = Bounded::with_long_texts(input);
    let mut page = Page { lines: input.places(), ..Page::default() };
    read_object(input, &mut page).map_err(|error| FormatError::from_json(&error))?;
    if !page.has_shapes {
        return Err(FormatError::says("there is no list \"shapes\", as labelme files have"));
    }
    let mut builder = DatasetBuilder::default();
    builder.image_came_in();
    let place = || "imagePath".to_owned();
    let image = match image_of_name(page.picture.as_deref().unwrap_or_default(), place) {
        Ok(image) => image,
        Err(reason) => {
            builder.report(place(), true, reason);
            return Ok(builder.finish());
        }
    };
    let packed = page.is_embedded.then_some(Packed::Text);
    let mut image = DatasetImage { size: page.size[0].zip(page.size[1]), packed, ..image };
    let mut outlines = 0;
    for (at, shape) in page.shapes.iter().enumerate() {
        let place = page.places.get(at).cloned().unwrap_or_else(|| format!("shapes[{at}]"));
        builder.region_came_in();
        match bbox_of(shape) {
            Ok((bbox, is_outline)) => {
                outlines += usize::from(is_outline);
                let label = name(shape.get("label")).unwrap_or_default();
                builder.put(&mut image, &label, bbox, || place.clone());
            }
            Err(reason) => builder.report(place, true, reason),
        }
    }
    if outlines > 0 {
        builder.report("shapes", false, format!("outlines converted to bounding boxes: {outlines}"));
    }
    // Other programs add lists of their own, which are of no interest where there are shapes.
    for (place, reason) in page.unread.problems("field", "shapes").filter(|_| page.shapes.is_empty()) {
        builder.report(place, true, reason);
    }
    match page.shapes.is_empty() {
        true => page.flags.iter().for_each(|flag| builder.tag(&mut image, flag, || "flags".to_owned())),
        false if page.flags.is_empty() => {}
        false => builder.report("flags", true, format!("flags are not read: {}", start(&page.flags.join(", ")))),
    }
    builder.push(image);
    Ok(builder.finish())
}

/// The picture that is in the file itself.
///
/// # Errors
/// In words, when there is none, or it is no base64.
pub fn read_picture(input: impl Read) -> Result<Vec<u8>, String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Embedded {
        image_data: Option<String>,
    }
    let input = std::io::BufReader::new(Bounded::with_long_texts(input));
    let found: Embedded = serde_json::from_reader(input).map_err(|error| FormatError::from_json(&error).to_string())?;
    let text = found.image_data.ok_or("there is no picture in the label file")?;
    // Some programs write it as an address.
    let bare = text.split_once("base64,").map_or(text.as_str(), |(_, data)| data);
    STANDARD.decode(bare.trim()).map_err(|_| "the picture in the label file is no base64".to_owned())
}

/// The box of a shape, and whether it was something else than a rectangle.
fn bbox_of(shape: &Value) -> Result<([f64; 4], bool), String> {
    let flat = list(shape, "points").iter().flat_map(|point| point.as_array().into_iter().flatten());
    let points: Option<Vec<f64>> = flat.map(|number| self::number(Some(number))).collect();
    let points = points.unwrap_or_default();
    let no_points = || "it does not have the points of a box".to_owned();
    // Without a word about its shape it is an outline.
    match (text(shape, "shape_type").unwrap_or("polygon"), points.as_slice()) {
        ("rectangle", &[left, top, right, bottom]) => Ok((meaning::from_corners([left, top, right, bottom]), false)),
        // The first and the last pixels of the mask, which is in the file besides.
        ("mask", &[left, top, right, bottom]) => Ok(([left, top, right - left + 1.0, bottom - top + 1.0], true)),
        // The middle, and a point of the edge.
        ("circle", &[x, y, edge_x, edge_y]) => {
            let radius = (edge_x - x).hypot(edge_y - y);
            Ok((meaning::from_middle([x, y, 2.0 * radius, 2.0 * radius]), true))
        }
        ("rectangle", points) => meaning::around(points).map(|bbox| (bbox, false)).ok_or_else(no_points),
        ("polygon" | "linestrip" | "line" | "rotation" | "oriented_rectangle" | "quadrilateral", points) => {
            meaning::around(points).map(|bbox| (bbox, true)).ok_or_else(no_points)
        }
        ("mask" | "circle", _) => Err(no_points()),
        (other, _) => Err(format!("a shape of type {:?} is not a box", start(other))),
    }
}

#[derive(Default)]
struct Page {
    has_shapes: bool,
    shapes: Vec<Value>,
    /// Where each shape is.
    places: Vec<String>,
    lines: Places,
    member: u64,
    picture: Option<String>,
    /// Whether the picture itself is in the file.
    is_embedded: bool,
    size: [Option<u32>; 2],
    /// Those that are set.
    flags: Vec<String>,
    /// Other lists of objects.
    unread: Unread,
}

impl Members for Page {
    const EXPECTED: &'static str = "an object of labelme";

    fn member<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        /// Shapes of one picture.
        const MOST_SHAPES: usize = 100_000;
        match key {
            "shapes" => {
                self.has_shapes = true;
                let (shapes, places, lines, member) = (&mut self.shapes, &mut self.places, &self.lines, self.member);
                map.next_value_seed(List::new(|mut shape: Value| {
                    // The pixels of a mask are not needed.
                    if let Some(shape) = shape.as_object_mut() {
                        shape.remove("mask");
                    }
                    places.push(lines.name("shapes", member, shapes.len() as u64));
                    shapes.push(shape);
                    match shapes.len() > MOST_SHAPES {
                        true => Err(format!("there are more than {MOST_SHAPES} shapes")),
                        false => Ok(()),
                    }
                }))?;
            }
            "imageData" => self.is_embedded = map.next_value::<Option<IgnoredAny>>()?.is_some(),
            "imagePath" => self.picture = name(Some(&map.next_value::<Value>()?)),
            "imageWidth" => self.size[0] = pixel_side(number(Some(&map.next_value::<Value>()?))),
            "imageHeight" => self.size[1] = pixel_side(number(Some(&map.next_value::<Value>()?))),
            "flags" => {
                let flags = map.next_value::<Value>()?;
                let set = flags.as_object().into_iter().flatten().filter(|(_, value)| **value == Value::Bool(true));
                self.flags = set.map(|(flag, _)| flag.clone()).collect();
            }
            other => {
                if map.next_value::<Passed>()? == Passed::Rows {
                    self.unread.note(other, || "the file".to_owned());
                }
            }
        }
        self.member += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(page: &Value) -> Dataset {
        read_dataset(page.to_string().as_bytes()).expect("page")
    }

    fn page(picture: &str, shapes: Value) -> Value {
        json!({"version": "5.4.1", "flags": {"dark": true, "odd": false}, "shapes": shapes, "imagePath": picture,
               "imageData": null, "imageHeight": 300, "imageWidth": 400})
    }

    fn shape(kind: &str, points: Value) -> Value {
        json!({"label": "fork", "points": points, "shape_type": kind, "flags": {}})
    }

    #[test]
    fn shapes_become_boxes() {
        let shapes = json!([
            shape("rectangle", json!([[240, 180], [40, 60]])),
            shape("polygon", json!([[10, 20], [40, 20], [25, 60]])),
            shape("circle", json!([[100, 100], [103, 104]])),
            {"label": 7, "points": [[10, 20], [39, 59]], "shape_type": "mask", "mask": "iVBOR"},
            shape("point", json!([[1, 1]])),
            shape("circle", json!([[1, 1]])),
        ]);
        let found = read(&page("1.jpg", shapes));
        let image = &found.images[0];
        assert_eq!((image.file_name.as_str(), image.size), ("1.jpg", Some((400, 300))));
        let boxes: Vec<_> = image.boxes.iter().map(|found| found.bbox).collect();
        let expected =
            [[40.0, 60.0, 200.0, 120.0], [10.0, 20.0, 30.0, 40.0], [95.0, 95.0, 10.0, 10.0], [10.0, 20.0, 30.0, 40.0]];
        assert_eq!(boxes, expected);
        assert_eq!((found.categories, found.counts_in), (vec!["fork".to_owned(), "7".to_owned()], (1, 6)));
        let told: Vec<_> =
            found.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.reason)).collect();
        assert_eq!(told.len(), 5, "{told:#?}");
        assert!(told[0].starts_with("shapes[0]: ") && told[1].contains("\"point\""), "{told:#?}");
        assert!(told[4].ends_with("not read: dark"), "{told:#?}");
    }

    #[test]
    fn flags_are_tags_where_nothing_is_drawn() {
        let found = read(&page("..\\imgs\\2.jpg", json!([])));
        let image = &found.images[0];
        assert_eq!((image.tags.as_slice(), found.problems.len()), (&["dark".to_owned()][..], 0));
        assert_eq!((image.file_name.as_str(), image.elsewhere.is_some()), ("imgs/2.jpg", true));
    }

    #[test]
    fn pictures_in_the_file_are_passed_over() {
        let mut long = page("1.jpg", json!([]));
        long["imageData"] = "A".repeat(20 << 20).into();
        assert!(read(&long).images.len() == 1 && read(&long).images[0].packed == Some(Packed::Text));
        assert_eq!(read(&page("1.jpg", json!([]))).images[0].packed, None);
        long["imageData"] = "aGVsbG8=".into();
        assert_eq!(read_picture(long.to_string().as_bytes()).as_deref(), Ok(&b"hello"[..]));
        for (data, words) in [(json!(null), "no picture"), (json!("\u{e9}"), "no base64")] {
            long["imageData"] = data;
            assert!(read_picture(long.to_string().as_bytes()).is_err_and(|reason| reason.contains(words)));
        }
        for bad in ["", "{}", "[]", "{\"shapes\":7}", "{\"images\":[]}"] {
            assert!(read_dataset(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
