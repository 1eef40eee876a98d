//! Shards as they are found in the wild: samples of a picture with JSON, with the number or name of a class (`.cls`), or
//! with both.

use std::io::{BufReader, Read, Seek, SeekFrom};

use serde_json::Value;

use super::tape::{Member, members};
use crate::address::relative_name;
use crate::dataset::{Dataset, DatasetImage, Packed, image_of_name};
use crate::error::FormatError;
use crate::example::Examples;
use crate::layout::is_picture;
use crate::loose::text;
use crate::quoted::Quoted;

/// Longest labels of a sample.
const MOST_BYTES: u64 = 16 << 20;
/// No picture is larger.
const MOST_PICTURE: u64 = 1 << 30;

/// Reads a shard; `names` are those of the classes, for numbers in their place.
///
/// # Errors
/// When it is damaged or incomplete, or none of its samples has labels.
pub fn read_dataset(mut input: impl Read + Seek, names: &[String]) -> Result<Dataset, FormatError> {
    let length = input.seek(SeekFrom::End(0)).map_err(|error| FormatError::Files { reason: error.to_string() })?;
    let mut samples = Samples { examples: Examples::new(names), open: None, labeled: 0, count: 0 };
    let has_end = members(BufReader::new(input), length, |member| samples.member(member))?;
    samples.close();
    let Samples { mut examples, labeled, count, .. } = samples;
    if count > 0 && labeled == 0 {
        return Err(FormatError::says(
            "none of its samples has labels (.json or .cls), so it is no shard of WebDataset; if it is something else, \
             unpack it",
        ));
    }
    if !has_end {
        examples.builder.report("end", true, "the file is cut off behind its last sample; copy it again");
    }
    Ok(examples.finish())
}

/// A sample whose members come.
#[derive(Default)]
struct Sample {
    key: String,
    picture: Option<(String, Packed)>,
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
}

impl Samples<'_> {
    fn member(&mut self, member: Member<'_>) -> Result<(), String> {
        let Member { name, start, bytes, content } = member;
        let bare = name.rsplit('/').next().unwrap_or_default();
        // What the library itself puts there, and what systems do.
        let Some((_, extension)) = bare.split_once('.').filter(|(stem, _)| !stem.is_empty()) else { return Ok(()) };
        let key = &name[..name.len() - extension.len() - 1];
        if self.open.as_ref().is_none_or(|open| open.key != key) {
            self.close();
            self.open = Some(Sample { key: key.to_owned(), ..Sample::default() });
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        let extension = extension.to_ascii_lowercase();
        if is_picture(&name) && bytes <= MOST_PICTURE {
            if open.picture.is_none() {
                open.picture = Some((name, Packed::Slice { start, bytes }));
            }
        } else if extension == "json" {
            open.labels = Some(match bytes {
                0..=MOST_BYTES => serde_json::from_reader(content.take(MOST_BYTES))
                    .map_err(|error| format!("its labels are not valid JSON (at character {})", error.column())),
                _ => Err(format!("its labels are longer than {} MiB", MOST_BYTES >> 20)),
            });
        } else if extension == "cls" && bytes <= MOST_BYTES {
            let mut class = String::new();
            let read = content.take(MOST_BYTES).read_to_string(&mut class);
            let class = class.trim();
            if read.is_ok() && !class.is_empty() {
                open.class = Some(class.parse::<u64>().map_or_else(|_| Value::from(class), Value::from));
            }
        }
        self.examples.builder.resume()
    }

    /// Takes the sample that is complete.
    fn close(&mut self) {
        let Some(Sample { key, picture, labels, class }) = self.open.take() else { return };
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
            Some(Ok(labels)) => labels,
            Some(Err(reason)) => return builder.report(place, true, reason),
            None => Value::Null,
        };
        let name = match (&picture, text(&labels, "file_name")) {
            (_, Some(name)) => name,
            (Some((name, _)), None) => name,
            (None, None) => return builder.report(place, true, "it has no picture"),
        };
        let image = match image_of_name(name, || place.clone()) {
            Ok(image) => DatasetImage { packed: picture.map(|(_, packed)| packed), ..image },
            Err(reason) => return builder.report(place, true, reason),
        };
        let labels = match class {
            Some(class) if labels.get("label").is_none() => with_label(labels, class),
            _ => labels,
        };
        self.examples.add(&place, &labels, image);
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
