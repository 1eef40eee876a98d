//! Tasks of Label Studio as they are found in the wild: pictures at any address, several annotators, labels of any
//! control.

use std::io::{BufRead, Read};

use serde_json::Value;

use crate::formats::bounded::Bounded;
use crate::formats::dataset::{BoxUnit, Dataset, DatasetBuilder, DatasetImage, image_of_name};
use crate::formats::error::FormatError;
use crate::formats::loose::{around, list, number, side, start, text};
use crate::formats::read::json_list;
use crate::formats::xml::{Token, Tokens};

/// The labels of a labelling setup, in their order: those of boxes, then those of whole images.
///
/// # Errors
/// When it is no XML.
pub fn read_setup(input: impl BufRead) -> Result<Vec<String>, FormatError> {
    let mut tokens = Tokens::new(input);
    let (mut labels, mut choices) = (Vec::new(), Vec::new());
    loop {
        match tokens.next()? {
            Token::Open { name, attributes } if name == "Label" || name == "Choice" => {
                let value = attributes.into_iter().find(|(key, _)| key == "value").map(|(_, value)| value);
                let list = if name == "Label" { &mut labels } else { &mut choices };
                list.extend(value.filter(|value| !value.is_empty()));
            }
            Token::End => break,
            _ => {}
        }
    }
    labels.append(&mut choices);
    Ok(labels)
}

/// Reads tasks; `labels` are those of the setup.
///
/// # Errors
/// When it is no list in JSON, or no element of it is a task.
pub fn read_dataset(input: impl Read, labels: &[String]) -> Result<Dataset, FormatError> {
    let mut tasks = Tasks { builder: DatasetBuilder::new(None, labels), index: 0, found: 0 };
    json_list(Bounded::of_list(input), |task: Value| {
        tasks.task(&task);
        tasks.index += 1;
        tasks.builder.go_on()
    })?;
    if tasks.index > 0 && tasks.found == 0 {
        return Err(FormatError::says("there is no task with \"data\" of a picture in it, as Label Studio has"));
    }
    Ok(tasks.builder.finish())
}

/// Whether an element is a task about a picture.
pub fn is_task(task: &Value) -> bool {
    address_of(task).is_some()
}

/// The address of a task's picture: under the usual name, else the only text that ends like a picture.
fn address_of(task: &Value) -> Option<&str> {
    let data = task.get("data")?.as_object()?;
    let usual = ["image", "img", "image_url", "url"].iter().find_map(|field| data.get(*field)?.as_str());
    usual.or_else(|| {
        let is_picture = |text: &&str| {
            let end = text.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            matches!(end.as_str(), "jpg" | "jpeg" | "png" | "bmp" | "gif" | "webp" | "tif" | "tiff")
        };
        let mut found = data.values().filter_map(Value::as_str).filter(is_picture);
        found.next().filter(|_| found.next().is_none())
    })
}

struct Tasks {
    builder: DatasetBuilder,
    index: u64,
    /// Tasks with a picture.
    found: u64,
}

impl Tasks {
    fn task(&mut self, task: &Value) {
        let place = format!("[{}]", self.index);
        self.builder.image_came_in();
        let Some(address) = address_of(task) else {
            return self.builder.report(place, true, "it has no data of a picture");
        };
        self.found += 1;
        let mut image = match image_of_name(address, || place.clone()) {
            Ok(image) => DatasetImage { unit: BoxUnit::Fractions, ..image },
            Err(reason) => return self.builder.report(place, true, reason),
        };
        let service_id =
            task.get("data").and_then(|data| text(data, "custom_vision_id")).and_then(|id| id.parse().ok());
        image.id = service_id.or(image.id);
        let of_data = |field: &str| side(number(task.get("data").and_then(|data| data.get(field))));
        image.size = of_data("width").zip(of_data("height"));
        if let Some(split) = task.get("meta").and_then(|meta| text(meta, "split")) {
            image.metadata.push(("split".to_owned(), start(split)));
        }
        let results = self.results(&place, task);
        let mut outlines = 0;
        for (at, result) in results.iter().enumerate() {
            let before = image.boxes.len();
            outlines += usize::from(self.result(format!("{place}.result[{at}]"), result, &mut image));
            // Ids of Label Studio itself are no ids of the service.
            if let (Some(made), Some(_)) = (image.boxes.get_mut(before), service_id) {
                made.id = text(result, "id").and_then(|id| id.parse().ok());
            }
        }
        if outlines > 0 {
            self.builder.report(place, false, format!("outlines that became the boxes around them: {outlines}"));
        }
        self.builder.push(image);
    }

    /// What the first annotator has drawn who did not give up.
    fn results<'a>(&mut self, place: &str, task: &'a Value) -> &'a [Value] {
        let all = match list(task, "annotations") {
            // As earlier versions called them.
            [] => list(task, "completions"),
            annotations => annotations,
        };
        let is_valid = |annotation: &&Value| annotation.get("was_cancelled").and_then(Value::as_bool) != Some(true);
        let mut valid = all.iter().filter(is_valid);
        let first = valid.next();
        let others = valid.count();
        if others > 0 {
            let reason = format!("annotations besides the first, which are not read: {others}");
            self.builder.report(place, true, reason);
        }
        first.map(|annotation| list(annotation, "result")).unwrap_or_default()
    }

    /// Takes a result; whether it was an outline.
    fn result(&mut self, place: String, result: &Value, image: &mut DatasetImage) -> bool {
        let value = result.get("value").unwrap_or(&Value::Null);
        let kind = text(result, "type").unwrap_or_default();
        if image.size.is_none() {
            let [width, height] = ["original_width", "original_height"].map(|field| side(number(result.get(field))));
            image.size = width.zip(height);
        }
        if kind == "choices" || kind == "taxonomy" {
            for choice in list(value, "choices").iter().filter_map(Value::as_str) {
                self.builder.tag(image, choice, || place.clone());
            }
            return false;
        }
        let numbers = |fields: &[&str]| -> Option<Vec<f64>> {
            fields.iter().map(|field| number(value.get(field)).map(|percent| percent / 100.0)).collect()
        };
        let points = || -> Option<Vec<f64>> {
            let flat = list(value, "points").iter().flat_map(|point| point.as_array().into_iter().flatten());
            flat.map(|number| self::number(Some(number)).map(|percent| percent / 100.0)).collect()
        };
        let (bbox, is_outline): (Option<[f64; 4]>, bool) = match kind {
            "rectanglelabels" | "rectangle" => {
                (numbers(&["x", "y", "width", "height"]).and_then(|numbers| numbers.try_into().ok()), false)
            }
            "polygonlabels" | "polygon" => (points().and_then(|points| around(&points)), true),
            "ellipselabels" | "ellipse" => {
                let found =
                    numbers(&["x", "y", "radiusX", "radiusY"]).and_then(|numbers| <[f64; 4]>::try_from(numbers).ok());
                (found.map(|[x, y, across, down]| [x - across, y - down, 2.0 * across, 2.0 * down]), true)
            }
            // A relation or a rating is no region.
            _ if value.get("x").is_none() && value.get("points").is_none() && value.get("format").is_none() => {
                self.builder.report(place, true, format!("a result of the type {:?} is not read", start(kind)));
                return false;
            }
            other => {
                self.builder.region_came_in();
                self.builder.report(place, true, format!("a region of the type {:?} is no box", start(other)));
                return false;
            }
        };
        self.builder.region_came_in();
        let Some(bbox) = bbox else {
            self.builder.report(place, true, "it has no numbers for a box");
            return false;
        };
        if number(value.get("rotation")).is_some_and(|degrees| degrees != 0.0) {
            self.builder.report(place.clone(), false, "it is turned; its box was taken upright");
        }
        let named = ["rectanglelabels", "polygonlabels", "ellipselabels", "labels"]
            .iter()
            .find_map(|field| list(value, field).first()?.as_str());
        self.builder.put(image, named.unwrap_or_default(), bbox, || place);
        is_outline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_of_the_wild() {
        let tasks = r#"[
            {"id":1,"data":{"photo":"/data/upload/3/ab12-one%20two.jpg","text":"x"},"annotations":[
              {"was_cancelled":true,"result":[]},
              {"result":[
                {"id":"0dd1a3a1-7f2c-4e9e-9c0e-1d2f3a4b5c6d","type":"rectanglelabels","original_width":80,"original_height":60,
                 "value":{"x":25,"y":50,"width":"50","height":25,"rotation":10,"rectanglelabels":["fork"]}},
                {"type":"polygonlabels","value":{"points":[[0,0],[50,0],[25,100]],"polygonlabels":["cup"]}},
                {"type":"brushlabels","value":{"format":"rle","rle":[1]}},
                {"type":"rating","value":{"rating":3}},
                {"type":"choices","value":{"choices":["good","good"]}},
                {"type":"rectanglelabels","value":{"x":1}}]},
              {"result":[]}]},
            {"data":{"image":"https://h/c/b.jpg?sig=secret"},"completions":[{"result":[]}]},
            {"data":{"image":"/etc/passwd"}},
            {"data":{"image":"/data/local-files/?d=../x.jpg"}},
            {"data":{}}, 7]"#;
        let found = read_dataset(tasks.as_bytes(), &["spoon".to_owned()]).expect("dataset");
        assert_eq!((found.counts_in, found.images.len()), ((6, 4), 2));
        let names: Vec<_> = found.images.iter().map(|image| image.file_name.as_str()).collect();
        assert_eq!(names, ["3/ab12-one two.jpg", "c/b.jpg"]);
        assert_eq!(found.categories, ["spoon", "fork", "cup", "good"]);
        let image = &found.images[0];
        assert_eq!((image.size, image.tags.len(), image.boxes[0].id), (Some((80, 60)), 1, None));
        assert_eq!(image.boxes[0].bbox, [0.25, 0.5, 0.5, 0.25]);
        assert_eq!(image.boxes[1].bbox, [0.0, 0.0, 0.5, 1.0]);
        let told = format!("{:#?}", found.problems);
        assert!(found.problems.len() == 10 && !told.contains("secret"), "{told}");
        for bad in ["", "{}", "[7]", "[{\"data\":{\"text\":\"x\"}}]", "[{"] {
            assert!(read_dataset(bad.as_bytes(), &[]).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_setup_has_the_order() {
        let setup = "<View><Choices name='t' toName='i'><Choice value='good'/></Choices><RectangleLabels><Label value='b'/>\
                     <Label value='a &amp; c'/><Label/></RectangleLabels></View>";
        assert_eq!(read_setup(setup.as_bytes()).expect("setup"), ["b", "a & c", "good"]);
        assert!(read_setup(&b"<View"[..]).is_err());
    }
}
