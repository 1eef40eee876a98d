//! COCO results, and COCO datasets whose annotations have scores.

use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::join::{Area, ImageKey, Joiner, TagKey};
use super::refused;
use crate::bounded::{Bounded, List, Members, in_blocks_with_places, read_object};
use crate::error::FormatError;
use crate::loose::{Id, Loose};
use domain::{ImageId, TagId};

/// A result, or an annotation with a score.
#[derive(Deserialize)]
struct ResultElement {
    #[serde(default)]
    image_id: Id,
    /// What some writers have instead.
    #[serde(default, alias = "image", alias = "file")]
    file_name: Id,
    #[serde(default)]
    category_id: Id,
    #[serde(default, alias = "category", alias = "label")]
    category_name: Id,
    #[serde(default)]
    bbox: Option<Sides>,
    #[serde(default)]
    score: Loose,
    /// In results that Tagscope wrote.
    #[serde(default)]
    custom_vision: Option<ResultFacts>,
}

/// What the numbers of a result mean to the service.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ResultFacts {
    image: Id,
    tag: Id,
    width: Loose,
    height: Loose,
}

impl ResultFacts {
    /// The image, the tag, and the size of the picture that the box is in pixels of.
    fn known(&self) -> Option<(ImageId, TagId, [f64; 2])> {
        let size = [self.width.0?, self.height.0?];
        let is_size = size.iter().all(|side| *side >= 1.0);
        Some((self.image.0.parse().ok()?, self.tag.0.parse().ok()?, size)).filter(|_| is_size)
    }
}

/// The numbers of a box; another number of them than four is none.
struct Sides(Option<[f64; 4]>);

impl<'de> Deserialize<'de> for Sides {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl<'de> Visitor<'de> for Numbers {
            type Value = Sides;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a box of four numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sides, A::Error> {
                let (mut sides, mut count) = ([f64::NAN; 4], 0);
                while let Some(Loose(number)) = list.next_element()? {
                    if let Some(side) = sides.get_mut(count) {
                        *side = number.unwrap_or(f64::NAN);
                    }
                    count += 1;
                }
                Ok(Sides((count == 4).then_some(sides)))
            }
        }
        deserializer.deserialize_seq(Numbers)
    }
}

fn take(element: &ResultElement, place: impl Fn() -> String, joiner: &mut Joiner<'_>) -> Result<(), String> {
    let known = element.custom_vision.as_ref().and_then(ResultFacts::known);
    if let (Some((image, tag, [width, height])), Some(Sides(Some([x, y, wide, high])))) =
        (known.filter(|(image, ..)| joiner.has(*image) || !joiner.has_labels()), &element.bbox)
    {
        let area = Area::Fractions([x / width, y / height, wide / width, high / height]);
        return joiner.add(place, ImageKey::Id(image), TagKey::Id(tag, None), element.score.0, Some(area));
    }
    let number = |id: &Id| id.0.parse::<u64>().ok();
    let image = match (&*element.image_id.0, &*element.file_name.0) {
        ("", "") => {
            joiner.skip(place, "it has no image_id");
            return Ok(());
        }
        ("", name) => ImageKey::Text(name),
        (id, _) => number(&element.image_id).map_or(ImageKey::Text(id), ImageKey::Number),
    };
    let tag = match (&*element.category_name.0, &*element.category_id.0) {
        ("", "") => {
            joiner.skip(place, "it has no category_id");
            return Ok(());
        }
        (name, "") => TagKey::Name(name),
        (_, id) => number(&element.category_id).map_or(TagKey::Name(id), TagKey::Category),
    };
    let area = match &element.bbox {
        None => None,
        Some(Sides(Some(sides))) => Some(Area::Pixels(*sides)),
        Some(Sides(None)) => {
            joiner.skip(place, "its box is not four numbers");
            return Ok(());
        }
    };
    joiner.add(place, image, tag, element.score.0, area)
}

/// Reads a list of results; `file` is its name in reports.
///
/// # Errors
/// When it cannot be parsed to its end, or there are too many predictions.
pub fn read_results(input: impl Read, file: &str, joiner: &mut Joiner<'_>) -> Result<(), FormatError> {
    let mut input = Bounded::for_list(input);
    let places = input.places();
    let input = std::io::BufReader::with_capacity(1 << 16, input);
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    let mut index = 0_u64;
    let elements = List::new(|element: ResultElement| {
        let place = || places.name(&format!("{file}: "), 0, index);
        let taken = take(&element, place, joiner);
        index += 1;
        taken
    });
    serde::de::DeserializeSeed::deserialize(elements, &mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| refused(&error))
}

/// Reads the annotations of a COCO dataset as predictions. Its labels must be known to the joiner.
///
/// # Errors
/// When it cannot be parsed to its end, there are too many predictions, or no annotation has a score.
pub fn read_scored(input: impl Read, file: &str, joiner: &mut Joiner<'_>) -> Result<(), FormatError> {
    let (input, places) = in_blocks_with_places(input);
    let mut counts = (0_u64, 0_u64);
    let mut root = Annotations {
        is_there: false,
        member: 0,
        take: |element: ResultElement, member: u64| {
            counts.1 += u64::from(element.score.0.is_some());
            let place = || format!("{file}: {}", places.name("annotations", member, counts.0));
            let taken = take(&element, place, joiner);
            counts.0 += 1;
            taken
        },
    };
    read_object(input, &mut root).map_err(|error| refused(&error))?;
    if counts.0 > 0 && counts.1 == 0 {
        return Err(FormatError::says("no annotation has a \"score\": these are labels and not predictions"));
    }
    Ok(())
}

struct Annotations<F> {
    is_there: bool,
    member: u64,
    take: F,
}

impl<F: FnMut(ResultElement, u64) -> Result<(), String>> Members for Annotations<F> {
    const EXPECTED: &'static str = "a COCO object";

    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if name == "annotations" {
            self.is_there = true;
            map.next_value_seed(List::new(|element| (self.take)(element, self.member)))?;
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        self.member += 1;
        Ok(())
    }

    fn end<E: serde::de::Error>(&self) -> Result<(), E> {
        if self.is_there { Ok(()) } else { Err(E::custom("there is no list \"annotations\"")) }
    }
}
