//! The shapes of CVAT as boxes.

use crate::loose::{number_in, start};
use crate::meaning;
use crate::xml::Attributes;

/// The value of an attribute; empty when it is missing.
pub(super) fn value<'a>(attributes: &'a Attributes, name: &str) -> &'a str {
    attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// A shape as a box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    /// Left, top, width, height in pixels.
    pub(super) bbox: [f64; 4],
    /// Whether it was something else: an outline, an ellipse, a mask.
    pub(super) is_outline: bool,
    /// Whether it was turned.
    pub(super) is_turned: bool,
}

/// Reads a shape by its element's name and attributes; the reason in words when it is none that has a box.
pub(super) fn of(name: &str, attributes: &Attributes) -> Result<Shape, String> {
    let four = |names: [&str; 4]| -> Option<[f64; 4]> {
        let found: Vec<f64> = names.iter().filter_map(|name| number_in(value(attributes, name))).collect();
        found.try_into().ok()
    };
    let (bbox, is_outline) = match name {
        "box" => (four(["xtl", "ytl", "xbr", "ybr"]).map(meaning::of_corners), false),
        "polygon" | "polyline" => {
            let points: Option<Vec<f64>> = value(attributes, "points").split([',', ';']).map(number_in).collect();
            (points.and_then(|points| meaning::around(&points)), true)
        }
        "ellipse" => {
            let found = four(["cx", "cy", "rx", "ry"]);
            (found.map(|found| meaning::around_ellipse(found, degrees(attributes))), true)
        }
        // Its run lengths fill a box that is given next to them.
        "mask" => (four(["left", "top", "width", "height"]), true),
        other => return Err(format!("a shape {:?} is not a box", start(other))),
    };
    let bbox = bbox.ok_or("it does not have the numbers of a box, each below one billion")?;
    let degrees = degrees(attributes);
    let is_turned = degrees != 0.0 && matches!(name, "box" | "ellipse");
    let bbox = if name == "box" && is_turned { meaning::around_turned_in_place(bbox, degrees) } else { bbox };
    Ok(Shape { bbox, is_outline, is_turned })
}

fn degrees(attributes: &Attributes) -> f64 {
    number_in(value(attributes, "rotation")).unwrap_or_default()
}
