//! VoTT's files as they are found in the wild: the export of a project with all its pictures, or the file of one picture.

use std::io::Read;

use percent_encoding::percent_decode_str;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::bounded::{Bounded, List, Members, Places, read_object};
use crate::dataset::{Dataset, DatasetBuilder, DatasetImage, image_of_name};
use crate::error::FormatError;
use crate::loose::{list, name, number, pixel_side, start, text};
use crate::meaning;
use crate::unread::{Passed, Unread, is_like, rows_in};
use domain::ProjectKind;

/// Reads a file.
///
/// # Errors
/// When it is no JSON, or neither a project nor a picture of VoTT.
pub fn read_dataset(input: impl Read) -> Result<Dataset, FormatError> {
    let mut input = Bounded::new(input);
    let builder = DatasetBuilder::new(Some(ProjectKind::Detection), &[]);
    let mut root = Root { builder, places: input.places(), ..Root::default() };
    read_object(input, &mut root).map_err(|error| FormatError::from_json(&error))?;
    if let Some(asset) = root.asset.take() {
        let whole = serde_json::json!({"asset": asset, "regions": std::mem::take(&mut root.regions)});
        root.asset("asset", &whole);
    } else if !root.has_assets {
        return Err(FormatError::says("there are no \"assets\" with regions, as in VoTT's JSON export"));
    }
    if root.bare > 0 && root.bare == root.seen {
        let reason = "it lists the pictures of a project without their regions; export the project from VoTT as VoTT \
                      JSON, or import the folder with the files that end in -asset.json";
        return Err(FormatError::says(reason));
    }
    for (place, reason) in root.unread.problems("field", "assets and their regions") {
        root.builder.report(place, true, reason);
    }
    Ok(root.builder.finish())
}

#[derive(Default)]
struct Root {
    builder: DatasetBuilder,
    places: Places,
    member: u64,
    has_assets: bool,
    /// Pictures, and those without a word about regions.
    seen: u64,
    bare: u64,
    /// Of the file of one picture.
    asset: Option<Value>,
    regions: Vec<Value>,
    /// Fields that could be the assets, or the regions of one.
    unread: Unread,
}

impl Members for Root {
    const EXPECTED: &'static str = "an object of VoTT";

    fn member<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "name" => {
                let words = name(Some(&map.next_value::<Value>()?)).unwrap_or_default();
                self.builder.describe(&words);
            }
            "tags" => map.next_value_seed(List::new(|tag: Value| {
                if let Some(name) = name(tag.get("name")) {
                    self.builder.category(&name);
                }
                Ok(())
            }))?,
            "assets" => {
                self.has_assets = true;
                map.next_value_seed(Assets(self))?;
            }
            "asset" => self.asset = Some(map.next_value()?),
            "regions" => map.next_value_seed(List::new(|region: Value| {
                self.regions.push(region);
                match self.regions.len() > 1_000_000 {
                    true => Err("a picture has more than one million regions".to_owned()),
                    false => Ok(()),
                }
            }))?,
            other => {
                let passed = map.next_value::<Passed>()?;
                if passed != Passed::Other && ["assets", "regions"].iter().any(|known| is_like(other, known)) {
                    self.unread.note(other, || "the file".to_owned());
                }
            }
        }
        self.member += 1;
        Ok(())
    }
}

/// The pictures of a project by their ids, one by one.
struct Assets<'a>(&'a mut Root);

impl<'de> DeserializeSeed<'de> for Assets<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Assets<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("pictures by their ids")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((id, asset)) = map.next_entry::<String, Value>()? {
            let place = match self.0.places.line(self.0.member, self.0.seen) {
                Some(line) if line > 1 => format!("assets[{:?}] (line {line})", start(&id)),
                _ => format!("assets[{:?}]", start(&id)),
            };
            self.0.asset(&place, &asset);
            self.0.builder.resume().map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}

impl Root {
    fn asset(&mut self, place: &str, found: &Value) {
        self.seen += 1;
        self.builder.image_came_in();
        let bare = found.get("asset").is_none();
        self.bare += u64::from(bare);
        let asset = if bare { found } else { found.get("asset").unwrap_or(&Value::Null) };
        // The path says more than the name, and is an address.
        let path = text(asset, "path").map(|path| match path.strip_prefix("file:") {
            Some(file) => percent_decode_str(file).decode_utf8().map_or_else(|_| file.to_owned(), Into::into),
            None => path.to_owned(),
        });
        let written = path.as_deref().or_else(|| text(asset, "name")).unwrap_or_default();
        let image = match image_of_name(written, || place.to_owned()) {
            Ok(image) => image,
            Err(reason) => return self.builder.report(place, true, reason),
        };
        let size = |edge: &str| pixel_side(number(asset.get("size").and_then(|size| size.get(edge))));
        let mut image = DatasetImage { size: size("width").zip(size("height")), ..image };
        let mut outlines = 0;
        if list(found, "regions").is_empty() && !bare {
            for name in rows_in(found, "regions", &[]) {
                self.unread.note(name, || place.to_owned());
            }
        }
        for (at, region) in list(found, "regions").iter().enumerate() {
            outlines += usize::from(self.region(format!("{place}.regions[{at}]"), region, &mut image));
        }
        if outlines > 0 {
            self.builder.report(place, false, format!("outlines converted to bounding boxes: {outlines}"));
        }
        self.builder.push(image);
    }

    /// Takes a region; whether it was an outline.
    fn region(&mut self, place: String, region: &Value, image: &mut DatasetImage) -> bool {
        self.builder.region_came_in();
        let bounds = region.get("boundingBox").unwrap_or(&Value::Null);
        let numbers: Vec<f64> =
            ["left", "top", "width", "height"].iter().filter_map(|edge| number(bounds.get(edge))).collect();
        let bbox = <[f64; 4]>::try_from(numbers).ok().or_else(|| {
            let points = list(region, "points").iter().flat_map(|point| [point.get("x"), point.get("y")]);
            meaning::around(&points.map(number).collect::<Option<Vec<f64>>>()?)
        });
        let Some(bbox) = bbox else {
            self.builder.report(place, true, "it has neither a boundingBox of four numbers nor points");
            return false;
        };
        let tags: Vec<String> = list(region, "tags").iter().filter_map(|tag| name(Some(tag))).take(100).collect();
        if tags.len() > 1 {
            let reason = format!("it has {} tags and became one box for each", tags.len());
            self.builder.report(place.clone(), false, reason);
        }
        let mut tags = tags.iter().map(String::as_str);
        self.builder.put(image, tags.next().unwrap_or_default(), bbox, || place.clone());
        for tag in tags {
            self.builder.region_came_in();
            self.builder.put(image, tag, bbox, || place.clone());
        }
        text(region, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("polygon"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asset(path: &str, regions: Value) -> Value {
        let size = json!({"width": 400, "height": 300});
        json!({"asset": {"format": "jpg", "id": "1", "name": "1.jpg", "path": path, "size": size}, "regions": regions, "version": "2.2.0"})
    }

    fn region(tags: Value) -> Value {
        json!({"id": "r", "type": "RECTANGLE", "tags": tags, "boundingBox": {"height": 120, "width": 200, "left": 40, "top": 60},
               "points": [{"x": 0, "y": 0}]})
    }

    #[test]
    fn a_project_and_the_file_of_a_picture() {
        let assets = json!({
            "a": asset("file:C:/pics/a%20b.jpg", json!([region(json!(["spoon", "fork"])), {"tags": []}])),
            "b": asset("https://h/c/2.jpg?sig=secret", json!([{"type": "POLYGON", "tags": ["fork"], "points": [{"x": 1, "y": 2}, {"x": 4, "y": 8}]}])),
        });
        // The tags come first, as VoTT writes them.
        let tags = json!([{"name": "fork"}, {"name": "spoon"}]);
        let project = format!("{{\"name\":\"Forks\",\"tags\":{tags},\"assets\":{assets}}}");
        let found = read_dataset(project.as_bytes()).expect("dataset");
        assert_eq!((found.description.as_deref(), found.counts_in), (Some("Forks"), (2, 4)));
        assert_eq!(found.categories, ["fork", "spoon"]);
        let images: Vec<_> = found.images.iter().map(|image| (image.file_name.as_str(), image.size)).collect();
        assert_eq!(images, [("pics/a b.jpg", Some((400, 300))), ("c/2.jpg", Some((400, 300)))]);
        let boxes: Vec<_> = found.images[0].boxes.iter().map(|found| (found.category, found.bbox)).collect();
        assert_eq!(boxes, [(1, [40.0, 60.0, 200.0, 120.0]), (0, [40.0, 60.0, 200.0, 120.0])]);
        assert_eq!(found.images[1].boxes[0].bbox, [1.0, 2.0, 3.0, 6.0]);
        let told = format!("{:?}", found.problems);
        assert!(found.problems.len() == 3 && !told.contains("secret"), "{told}");

        let alone = asset("file:/pics/1.jpg", json!([region(json!(["fork"]))])).to_string();
        assert_eq!(read_dataset(alone.as_bytes()).expect("dataset").images[0].boxes.len(), 1);
    }

    #[test]
    fn a_project_without_regions_says_where_they_are() {
        let bare =
            json!({"name": "p", "tags": [], "assets": {"a": {"id": "a", "name": "1.jpg", "path": "file:/1.jpg"}}});
        let reason = read_dataset(bare.to_string().as_bytes()).expect_err("refused").to_string();
        assert!(reason.contains("-asset.json"), "{reason}");
        for bad in ["", "{}", "[]", "{\"assets\":[]}"] {
            assert!(read_dataset(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
