//! An image row that does not fit the types of [`wire`](super::wire), read field by field: a field that cannot be used
//! is skipped and reported. Only a row without an id, or with a field twice, cannot be read.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::{Fields, Pairs, Text, WireImage, WireRegion, WireTagMark};
use crate::errors::json_error;
use crate::problem::Problem;

/// A row and what is odd about it.
pub(super) struct PartialRow<'a> {
    pub image: WireImage<'a>,
    pub problems: Vec<Problem>,
}

/// Reads an image field by field; `None` when that is not possible either.
pub(super) fn read(text: &[u8]) -> Option<PartialRow<'_>> {
    let mut object = Object::of(serde_json::from_slice(text).ok()?)?;
    let image = WireImage {
        id: Deserialize::deserialize(object.take("id")?).ok()?,
        created: object.date("created"),
        width: object.side("width"),
        height: object.side("height"),
        resized_image_uri: object.text("resizedImageUri"),
        thumbnail_uri: object.text("thumbnailUri"),
        original_image_uri: object.text("originalImageUri"),
        tags: Some(object.list("tags", "tag", tag_mark)),
        regions: None,
        metadata: object.metadata(),
    };
    let mut problems = std::mem::take(&mut object.problems);
    let mut regions = Vec::new();
    for (index, region) in object.items("regions").into_iter().enumerate() {
        match self::region(region, &mut problems) {
            Ok(region) => regions.push(region),
            Err(reason) => problems.push(Problem::UnreadableRegion { index, reason }),
        }
    }
    problems.append(&mut object.problems);
    Some(PartialRow { image: WireImage { regions: Some(regions), ..image }, problems })
}

fn tag_mark(raw: &RawValue) -> Result<(WireTagMark<'_>, Vec<Problem>), String> {
    let fields = serde_json::from_str::<Fields<'_>>(raw.get()).map_err(|error| json_error(&error))?;
    let mut object = Object::of(fields).ok_or("it has a field twice")?;
    let mark =
        WireTagMark { tag_id: object.id("tagId")?, tag_name: object.text("tagName"), created: object.date("created") };
    Ok((mark, object.problems))
}

fn region<'a>(raw: &'a RawValue, problems: &mut Vec<Problem>) -> Result<WireRegion<'a>, String> {
    let first = match serde_json::from_str::<WireRegion<'_>>(raw.get()) {
        Ok(region) => return Ok(region),
        Err(error) => json_error(&error),
    };
    let fields = serde_json::from_str::<Fields<'_>>(raw.get()).map_err(|_| first.clone())?;
    let mut object = Object::of(fields).ok_or_else(|| first.clone())?;
    let number = |name: &str| object.take(name).ok_or_else(|| first.clone());
    let (left, top, width, height) = (number("left")?, number("top")?, number("width")?, number("height")?);
    let region = WireRegion {
        region_id: object.id("regionId")?,
        tag_id: object.id("tagId")?,
        tag_name: object.text("tagName"),
        created: object.date("created"),
        left,
        top,
        width,
        height,
    };
    problems.append(&mut object.problems);
    Ok(region)
}

/// The fields of an object, and what was odd about those that were taken.
struct Object<'a> {
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
    problems: Vec<Problem>,
}

impl<'a> Object<'a> {
    /// `None`: a field is there twice, and nobody knows which of the two counts.
    fn of(Fields(fields): Fields<'a>) -> Option<Self> {
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        let is_clear = names.windows(2).all(|pair| pair[0] != pair[1]);
        is_clear.then_some(Self { fields, problems: Vec::new() })
    }

    /// The value of a field; `None` when it is absent or null.
    fn take(&self, name: &str) -> Option<&'a RawValue> {
        let (_, value) = self.fields.iter().find(|(known, _)| known == name)?;
        (value.get() != "null").then_some(*value)
    }

    fn note(&mut self, field: &str, reason: impl Into<String>) {
        self.problems.push(Problem::OddField { field: field.to_owned(), reason: reason.into() });
    }

    fn id<T: Deserialize<'a>>(&self, name: &str) -> Result<T, String> {
        let value = self.take(name).ok_or_else(|| format!("it has no {name}"))?;
        T::deserialize(value).map_err(|_| format!("its {name} is not an id"))
    }

    fn text(&mut self, name: &str) -> Option<Text<'a>> {
        let value = self.take(name)?;
        let text = Text::deserialize(value).ok();
        if text.is_none() {
            self.note(name, "it is not text and was skipped");
        }
        text
    }

    /// A date that is not text is kept as its JSON, which is no date: that is reported where dates are read.
    fn date(&self, name: &str) -> Option<Text<'a>> {
        let value = self.take(name)?;
        Some(Text::deserialize(value).unwrap_or(Text(Cow::Borrowed(value.get()))))
    }

    fn side(&mut self, name: &str) -> Option<f64> {
        let value = self.take(name)?;
        if let Ok(number) = f64::deserialize(value) {
            return Some(number);
        }
        let number = Text::deserialize(value).ok().and_then(|text| text.0.trim().parse::<f64>().ok());
        let number = number.filter(|number| number.is_finite());
        self.note(
            name,
            if number.is_some() { "it is text and was read as a number" } else { "it is not a number and was skipped" },
        );
        number
    }

    fn items(&mut self, name: &str) -> Vec<&'a RawValue> {
        let Some(value) = self.take(name) else { return Vec::new() };
        let items = Vec::<&RawValue>::deserialize(value);
        items.unwrap_or_else(|_| {
            self.note(name, "it is not a list and was skipped");
            Vec::new()
        })
    }

    fn list<T>(
        &mut self,
        name: &str,
        one: &str,
        read: impl Fn(&'a RawValue) -> Result<(T, Vec<Problem>), String>,
    ) -> Vec<T> {
        let mut list = Vec::new();
        for (index, item) in self.items(name).into_iter().enumerate() {
            match read(item) {
                Ok((item, problems)) => {
                    list.push(item);
                    self.problems.extend(problems);
                }
                Err(reason) => self.note(name, format!("{one} {} was skipped: {reason}", index + 1)),
            }
        }
        list
    }

    fn metadata(&mut self) -> Option<Pairs<'a>> {
        let value = self.take("metadata")?;
        let Ok(Fields(fields)) = Fields::deserialize(value) else {
            self.note("metadata", "it is not an object and was skipped");
            return None;
        };
        let mut pairs = Vec::with_capacity(fields.len());
        let mut odd = 0;
        for (key, value) in fields {
            let text = Option::<Text<'_>>::deserialize(value).unwrap_or_else(|_| {
                odd += 1;
                Some(Text(Cow::Borrowed(value.get())))
            });
            pairs.push((Text(key), text));
        }
        match odd {
            0 => {}
            1 => self.note("metadata", "it has a value that is not text; its JSON was kept as text"),
            odd => self.note("metadata", format!("it has {odd} values that are not text; their JSON was kept as text")),
        }
        Some(Pairs(pairs))
    }
}

/// A JSON text in which no escape stands for half a letter.
pub(crate) struct Repaired<'a> {
    pub text: Cow<'a, [u8]>,
    halves: usize,
}

impl Repaired<'_> {
    pub(crate) fn problem(&self) -> Option<Problem> {
        let reason = "it has half a character, which was replaced by \u{fffd}";
        (self.halves > 0).then(|| Problem::OddField { field: "with text".to_owned(), reason: reason.to_owned() })
    }
}

/// Replaces escapes of half a letter (a surrogate without its other half), which no parser takes, by U+FFFD.
pub(crate) fn with_whole_letters(text: &[u8]) -> Repaired<'_> {
    let mut out: Cow<'_, [u8]> = Cow::Borrowed(text);
    let (mut at, mut halves) = (0, 0);
    while at < text.len() {
        if text[at] != b'\\' {
            at += 1;
            continue;
        }
        match unit(&text[at..]) {
            Some(0xd800..=0xdbff) if matches!(unit(&text[at + 6..]), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                out.to_mut()[at..at + 6].copy_from_slice(b"\\ufffd");
                halves += 1;
                at += 6;
            }
            _ => at += 2,
        }
    }
    Repaired { text: out, halves }
}

/// The number of an escape `\uXXXX` at the beginning.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
