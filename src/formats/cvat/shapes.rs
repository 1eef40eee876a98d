//! The shapes of CVAT as boxes, and tracks of "CVAT for video": the place of an object at some frames, and with it at all
//! frames between them.

use std::collections::{BTreeMap, BTreeSet};

use crate::dataset::{BoxUnit, DatasetBuilder, DatasetImage, image_of_file};
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
    pub(super) is_turned: bool,
}

/// Reads a shape by its element's name and attributes; the reason in words when it is none that has a box.
pub(super) fn read(name: &str, attributes: &Attributes) -> Result<Shape, String> {
    let four = |names: [&str; 4]| -> Option<[f64; 4]> {
        let found: Vec<f64> = names.iter().filter_map(|name| number_in(value(attributes, name))).collect();
        found.try_into().ok()
    };
    let (bbox, is_outline) = match name {
        "box" => (four(["xtl", "ytl", "xbr", "ybr"]).map(meaning::from_corners), false),
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

/// Boxes that may be filled in between the frames of a file: an hour of video, and not the memory of the machine.
const MOST_FILLED: u64 = 100_000;

/// Frames without objects that are counted.
const MOST_OUTSIDE: usize = 1_000_000;

pub(super) struct Track {
    pub(super) label: String,
    /// The line where it begins.
    pub(super) line: u64,
    /// By the number of the frame: the shape, or none where the object is outside.
    pub(super) places: BTreeMap<u64, Option<Shape>>,
}

/// The frames of a video with what is on them.
#[derive(Default)]
pub(super) struct Frames {
    images: BTreeMap<u64, DatasetImage>,
    /// Of these the file itself speaks; the others were filled in.
    filled: u64,
    unfilled: u64,
    /// Frames of which the file says that an object is outside.
    outside: BTreeSet<u64>,
    pub(super) size: [Option<u32>; 2],
}

impl Frames {
    /// Puts a track on its frames: as the file says, and in a straight line on the frames between two of its places. It ends
    /// where the object is outside, and at its last place.
    pub(super) fn add(&mut self, track: &Track, builder: &mut DatasetBuilder) {
        if track.places.values().all(Option::is_none) {
            self.outside.extend(track.places.keys().take(MOST_OUTSIDE.saturating_sub(self.outside.len())));
            return;
        }
        // A track may have many frames and a long label, so that is looked up once.
        let category = builder.label(&track.label, || format!("line {}", track.line));
        let mut before: Option<(u64, Shape)> = None;
        for (&frame, &place) in &track.places {
            if let Some((first, shape)) = before {
                // Where the object leaves, it stays until then.
                self.fill((track, category), builder, (first, shape), (frame, place.unwrap_or(shape)));
            }
            if place.is_none() && self.outside.len() < MOST_OUTSIDE {
                self.outside.insert(frame);
            }
            if let Some(shape) = place {
                builder.region_came_in();
                self.put((track, category), builder, frame, shape.bbox, false);
            }
            before = place.map(|shape| (frame, shape));
        }
    }

    fn fill(&mut self, track: (&Track, usize), builder: &mut DatasetBuilder, from: (u64, Shape), to: (u64, Shape)) {
        let ((first, from), (last, to)) = (from, to);
        let steps = last - first;
        for step in 1..steps {
            if self.filled >= MOST_FILLED {
                self.unfilled += steps - step;
                return;
            }
            self.filled += 1;
            let share = step as f64 / steps as f64;
            let mut bbox = from.bbox;
            for (edge, target) in bbox.iter_mut().zip(to.bbox) {
                *edge += (target - *edge) * share;
            }
            builder.region_came_in();
            self.put(track, builder, first + step, bbox, true);
        }
    }

    /// Puts a box of a track, whose category is given with it, on a frame.
    fn put(
        &mut self,
        (track, category): (&Track, usize),
        builder: &mut DatasetBuilder,
        frame: u64,
        bbox: [f64; 4],
        is_filled: bool,
    ) {
        let image = self.images.entry(frame).or_insert_with(|| DatasetImage {
            unit: BoxUnit::Pixels,
            needs_picture: true,
            ..image_of_file(format!("frame_{frame:06}.png"))
        });
        // A frame that the file speaks of is an image of the dataset whether or not its picture is there.
        image.needs_picture &= is_filled;
        builder.put_known(image, category, bbox, || format!("line {}: frame {frame}", track.line));
    }

    /// Hands the frames over in their order.
    pub(super) fn finish(self, builder: &mut DatasetBuilder) {
        let size = self.size[0].zip(self.size[1]);
        if self.filled > 0 {
            let reason =
                format!("boxes between two frames of a track, interpolated for frames with a picture: {}", self.filled);
            builder.report("track", false, reason);
        }
        if self.unfilled > 0 {
            let reason =
                format!("boxes between two frames not interpolated, because there are too many: {}", self.unfilled);
            builder.report("track", true, reason);
        }
        let empty = self.outside.iter().filter(|frame| !self.images.contains_key(frame)).count();
        if empty > 0 {
            let reason =
                format!("frames on which every object is outside; they have no boxes and are not images: {empty}");
            builder.report("track", false, reason);
        }
        for image in self.images.into_values() {
            builder.image_came_in();
            builder.push(DatasetImage { size, ..image });
        }
    }
}
