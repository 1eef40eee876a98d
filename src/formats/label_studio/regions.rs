//! Regions of Label Studio as boxes: rectangles, outlines, ellipses and brushes, turned or not, in percent of the picture.

use serde_json::Value;

use crate::dataset::{DatasetBuilder, DatasetImage};
use crate::loose::{list, number, pixel_side, start};
use crate::meaning;

/// Names of the fields that hold the labels of a region.
const LABELS: [&str; 6] =
    ["rectanglelabels", "polygonlabels", "ellipselabels", "brushlabels", "keypointlabels", "labels"];
/// Most labels of one region.
const MOST_LABELS: usize = 100;

/// A region: its numbers, what says the size of its picture, and labels that are given apart from it.
pub(crate) struct Region<'a> {
    /// What it is called as a result: `rectanglelabels`, `polygon` and so on.
    pub(crate) kind: &'a str,
    pub(crate) value: &'a Value,
    pub(crate) around: &'a Value,
    /// Labels of a result of their own with the same id.
    pub(crate) labels: Vec<String>,
}

/// Whether the text of a table's cell begins like a list of regions.
pub(crate) fn is_list(cell: &str) -> bool {
    let Some(rest) = cell.trim_start().strip_prefix('[') else { return false };
    rest.trim_start().starts_with("{\"") && LABELS.iter().any(|field| cell.contains(field) || cell.contains("\"x\""))
}

/// Takes a list of regions whose numbers are not wrapped: a cell of a table, or a field of the short form of tasks.
pub(crate) fn take(builder: &mut DatasetBuilder, image: &mut DatasetImage, place: &str, regions: &Value) {
    let mut outlines = 0;
    for (at, region) in regions.as_array().into_iter().flatten().enumerate() {
        let kind = kind_of(region);
        let region = Region { kind, value: region, around: region, labels: Vec::new() };
        outlines += usize::from(region.put(builder, image, &format!("{place}: region {}", at + 1)));
    }
    if outlines > 0 {
        builder.report(place, false, format!("outlines converted to bounding boxes: {outlines}"));
    }
}

/// What a region is, by the numbers that it has.
fn kind_of(region: &Value) -> &'static str {
    let has = |field: &str| region.get(field).is_some();
    match () {
        () if has("rle") => "brush",
        () if has("points") => "polygon",
        () if has("radiusX") => "ellipse",
        () if has("width") && has("x") => "rectangle",
        () => "point",
    }
}

/// The labels that are in a value.
pub(crate) fn labels_in(value: &Value) -> Vec<String> {
    let found = LABELS.iter().find_map(|&field| Some(list(value, field)).filter(|list| !list.is_empty()));
    let labels = found.unwrap_or_default().iter().filter_map(|label| label.as_str().map(str::to_owned));
    labels.take(MOST_LABELS).collect()
}

impl Region<'_> {
    /// Puts the region on its image, once for each of its labels. Whether it was an outline.
    pub(crate) fn put(mut self, builder: &mut DatasetBuilder, image: &mut DatasetImage, place: &str) -> bool {
        let size = ["original_width", "original_height"].map(|field| pixel_side(number(self.around.get(field))));
        let own_size = size[0].zip(size[1]);
        image.size = image.size.or(own_size);
        builder.region_came_in();
        let (bbox, is_outline) = match self.bbox(own_size.or(image.size)) {
            Ok(found) => found,
            Err(reason) => {
                builder.report(place, true, reason);
                return false;
            }
        };
        if let Some(turn) = number(self.around.get("image_rotation")).filter(|turn| turn.rem_euclid(360.0) != 0.0) {
            let reason =
                format!("the picture was shown turned by {turn} degrees when this box was drawn; check the box");
            builder.report(place, false, reason);
        }
        if self.degrees() != 0.0 {
            builder.report(place, false, "it is rotated; the box around its corners was used");
        }
        let mut labels = labels_in(self.value);
        if labels.is_empty() {
            labels = std::mem::take(&mut self.labels);
        }
        if labels.len() > 1 {
            let reason = format!("it has {} labels and became one box for each", labels.len());
            builder.report(place, false, reason);
        }
        let mut labels = labels.iter().map(String::as_str);
        builder.put(image, labels.next().unwrap_or_default(), bbox, || place.to_owned());
        for label in labels {
            builder.region_came_in();
            builder.put(image, label, bbox, || place.to_owned());
        }
        is_outline
    }

    fn degrees(&self) -> f64 {
        number(self.value.get("rotation")).unwrap_or_default()
    }

    /// The box in fractions of the picture, and whether it is one around something else.
    fn bbox(&self, size: Option<(u32, u32)>) -> Result<([f64; 4], bool), String> {
        let no_numbers = || "it does not have the numbers of a box".to_owned();
        let numbers = |fields: [&str; 4]| -> Result<[f64; 4], String> {
            let found: Vec<f64> = fields.iter().filter_map(|field| number(self.value.get(field))).collect();
            found.try_into().map(|found: [f64; 4]| found.map(|percent| percent / 100.0)).map_err(|_| no_numbers())
        };
        match self.kind {
            "rectanglelabels" | "rectangle" => {
                let bbox = numbers(["x", "y", "width", "height"])?;
                // Turned about its top left corner.
                let turned = |[x, y, width, height]: [f64; 4]| {
                    meaning::around_turned([x, y, width, height], self.degrees(), (x, y))
                };
                Ok((self.in_pixels(bbox, size, turned)?, false))
            }
            "ellipselabels" | "ellipse" => {
                let found = numbers(["x", "y", "radiusX", "radiusY"])?;
                let around = |found| meaning::around_ellipse(found, self.degrees());
                Ok((self.in_pixels(found, size, around)?, true))
            }
            "polygonlabels" | "polygon" => {
                let flat = list(self.value, "points").iter().flat_map(|point| point.as_array().into_iter().flatten());
                let points: Option<Vec<f64>> =
                    flat.map(|point| number(Some(point)).map(|point| point / 100.0)).collect();
                points.and_then(|points| meaning::around(&points)).map(|bbox| (bbox, true)).ok_or_else(no_numbers)
            }
            "brushlabels" | "brush" => {
                let bytes: Option<Vec<u8>> =
                    list(self.value, "rle").iter().map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
                let size = size.ok_or("its mask needs the picture's size, which is missing")?;
                let found = bytes.and_then(|bytes| meaning::around_brush(&bytes, size));
                let [x, y, width, height] = found.ok_or("its mask is empty or does not match the picture")?;
                let (across, down) = (f64::from(size.0), f64::from(size.1));
                Ok(([x / across, y / down, width / across, height / down], true))
            }
            other => Err(format!("a region of type {:?} is not a box", start(other))),
        }
    }

    /// Does something with numbers that are as long across as down, and gives the result in fractions again.
    fn in_pixels(
        &self,
        found: [f64; 4],
        size: Option<(u32, u32)>,
        change: impl Fn([f64; 4]) -> [f64; 4],
    ) -> Result<[f64; 4], String> {
        let (width, height) = match size {
            Some((width, height)) => (f64::from(width), f64::from(height)),
            None if self.degrees().rem_euclid(180.0) == 0.0 => (1.0, 1.0),
            None => {
                return Err(
                    "it is rotated, and the picture's size, which is needed to find its corners, is missing".to_owned()
                );
            }
        };
        if self.degrees() == 0.0 && !self.kind.starts_with("ellipse") {
            return Ok(found);
        }
        let [a, b, c, d] = found;
        let [x, y, across, down] = change([a * width, b * height, c * width, d * height]);
        Ok([x / width, y / height, across / width, down / height])
    }
}
