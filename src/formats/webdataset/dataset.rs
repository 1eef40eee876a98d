//! Shards as they are found in the wild: samples of a picture with JSON, with the number or name of a class (`.cls`), or
//! with both.

use std::collections::HashSet;
use std::io::{BufReader, Read, Seek, SeekFrom};

use serde_json::{Value, json};

use super::tape::{Member, members};
use crate::address::relative_name;
use crate::class_names::ClassNames;
use crate::dataset::{Dataset, DatasetImage, Packed, image_of_name};
use crate::error::{FormatError, Quoted};
use crate::example::Examples;
use crate::layout::is_picture;
use crate::loose::text;

/// Longest labels of a sample.
const MOST_BYTES: u64 = 16 << 20;
/// No picture is larger.
const MOST_PICTURE: u64 = 1 << 30;

/// Reads a shard; `names` are those of the classes, for numbers in their place.
///
/// # Errors
/// When it is damaged or incomplete, or none of its samples has labels.
pub fn read_dataset(mut input: impl Read + Seek, names: &ClassNames) -> Result<Dataset, FormatError> {
    let length = input.seek(SeekFrom::End(0)).map_err(|error| FormatError::Files { reason: error.to_string() })?;
    let mut samples = Samples { examples: Examples::new(names), open: None, labeled: 0, count: 0, others: None };
    let has_end = members(BufReader::new(input), length, |member| samples.member(member))?;
    samples.close();
    let Samples { mut examples, labeled, count, others, .. } = samples;
    if count > 0 && labeled == 0 {
        return Err(FormatError::says(
            "none of its samples has labels (.json or .cls), so it is no shard of WebDataset; if it is something else, \
             unpack it",
        ));
    }
    if !has_end {
        examples.builder.report("end", true, "the end of the file is missing after the last sample; copy it again");
    }
    if let Some((used, other)) = others {
        let (used, other) = (Quoted(&used), Quoted(&other));
        let reason = format!("samples have several pictures; {used:.40} was used, and not {other:.40}");
        examples.builder.report("pictures", false, reason);
    }
    Ok(examples.finish())
}

/// A sample whose members come.
#[derive(Default)]
struct Sample {
    key: String,
    extensions: HashSet<String>,
    /// Name and extension of its picture, and where that is.
    picture: Option<(String, String, Packed)>,
    /// Its labels; `Err` says what is wrong with them.
    labels: Option<Result<Value, String>>,
    class: Option<Value>,
}

struct Samples<'a> {
    examples: Examples<'a>,
    open: Option<Sample>,
    /// Samples with labels.
    labeled: u64,
    count: u64,
    /// Extensions of the picture that was used, and of another one of its sample.
    others: Option<(String, String)>,
}

impl Samples<'_> {
    fn member(&mut self, member: Member<'_>) -> Result<(), String> {
        let Member { name, start, bytes, content } = member;
        let bare = name.rsplit('/').next().unwrap_or_default();
        // What the library itself puts there, and what systems do.
        let Some((_, extension)) = bare.split_once('.').filter(|(stem, _)| !stem.is_empty()) else { return Ok(()) };
        let key = &name[..name.len() - extension.len() - 1];
        let extension = extension.to_ascii_lowercase();
        // The same member again is that of another sample with the same key.
        let is_same = |open: &Sample| open.key == key && !open.extensions.contains(&extension);
        if !self.open.as_ref().is_some_and(is_same) {
            self.close();
            self.open = Some(Sample { key: key.to_owned(), ..Sample::default() });
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        open.extensions.insert(extension.clone());
        if is_picture(&name) && bytes <= MOST_PICTURE {
            let found = (name, extension, Packed::Slice { start, bytes });
            open.picture = Some(match open.picture.take() {
                None => found,
                // One with a name before its extension, such as mask.png, is something else.
                Some(first) => {
                    let is_better = first.1.contains('.') && !found.1.contains('.');
                    let (used, other) = if is_better { (found, first) } else { (first, found) };
                    self.others.get_or_insert_with(|| (used.1.clone(), other.1));
                    used
                }
            });
        } else if extension == "json" {
            open.labels = Some(match bytes {
                0..=MOST_BYTES => parsed(content),
                _ => Err(format!("its labels are longer than {} MiB", MOST_BYTES >> 20)),
            });
        } else if extension == "cls" && bytes <= MOST_BYTES {
            let mut class = String::new();
            let read = content.take(MOST_BYTES).read_to_string(&mut class);
            let class = class.trim();
            if read.is_ok() && !class.is_empty() {
                let number = class.parse().ok().and_then(serde_json::Number::from_f64);
                open.class = Some(number.map_or_else(|| Value::from(class), Value::Number));
            }
        }
        self.examples.builder.resume()
    }

    /// Takes the sample that is complete.
    fn close(&mut self) {
        let Some(Sample { key, picture, labels, class, .. }) = self.open.take() else { return };
        if picture.is_none() && labels.is_none() && class.is_none() {
            return;
        }
        self.count += 1;
        self.labeled += u64::from(labels.is_some() || class.is_some());
        let shown: String = key.chars().take(120).collect();
        let place = format!("sample {shown}");
        let builder = &mut self.examples.builder;
        builder.image_came_in();
        if relative_name(&key).is_none() {
            let reason = format!("its path {} leads out of the file", Quoted(&shown));
            return builder.report(place, true, reason);
        }
        let labels = match labels {
            Some(Ok(labels)) => in_fields(labels),
            Some(Err(reason)) => return builder.report(place, true, reason),
            None => Value::Null,
        };
        let name = match (&picture, text(&labels, "file_name")) {
            (_, Some(name)) => name,
            (Some((name, ..)), None) => name,
            (None, None) => return builder.report(place, true, "it has no picture"),
        };
        let image = match image_of_name(name, || place.clone()) {
            Ok(image) => DatasetImage { packed: picture.map(|(.., packed)| packed), ..image },
            Err(reason) => return builder.report(place, true, reason),
        };
        let labels = match class {
            Some(class) if labels.get("label").is_none() => with_label(labels, class),
            _ => labels,
        };
        self.examples.add(&place, &labels, image);
    }
}

fn parsed(content: &mut dyn Read) -> Result<Value, String> {
    let mut text = Vec::new();
    let read = content.take(MOST_BYTES).read_to_end(&mut text);
    read.map_err(|error| format!("its labels cannot be read: {error}"))?;
    serde_json::from_slice(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text))
        .map_err(|error| format!("its labels are not valid JSON (at character {})", error.column()))
}

/// Labels that are a list or a single value, in the field that they mean.
fn in_fields(labels: Value) -> Value {
    match labels {
        Value::Array(items) if items.iter().any(Value::is_object) => json!({"objects": items}),
        Value::Array(items) => json!({"labels": items}),
        Value::String(_) | Value::Number(_) => json!({"label": labels}),
        _ => labels,
    }
}

fn with_label(labels: Value, class: Value) -> Value {
    let mut labels = match labels {
        Value::Object(labels) => labels,
        _ => serde_json::Map::new(),
    };
    labels.insert("label".to_owned(), class);
    Value::Object(labels)
}
