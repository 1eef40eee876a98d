//! What an export is for: what it must have in common with an unfinished one that it continues.

use serde_json::Value;

use app::ExportJob;
use app::export::ExportWhat;
use formats::{Format, FormatOptions, PixelChoice};
use storage::Purpose;
use storage::staging::facts_of;

/// What an export begins with. One that is resumed needs the same.
#[derive(Clone, Copy, Debug)]
pub struct ExportSpec<'a> {
    pub formats: &'a [Format],
    /// Pictures as uploaded, as resized by the service, or none.
    pub pixels: PixelChoice,
    pub options: &'a FormatOptions,
    pub query: Option<&'a str>,
    /// The tags, as typed.
    pub tags: &'a [String],
}

impl ExportSpec<'_> {
    /// The purpose of an export of a project that is not known yet.
    pub fn purpose(&self) -> Purpose {
        let mut purpose = Purpose::of("export");
        let mut choose = |name: &str, value: String| purpose.choices.insert(name.to_owned(), value);
        if let Ok(Value::Object(options)) = serde_json::to_value(self.options) {
            for (name, value) in &options {
                choose(&spaced(name), flat(value));
            }
        }
        let formats: Vec<&str> = self.formats.iter().map(|format| format.name()).collect();
        choose("formats", formats.join(","));
        choose("images", self.pixels.name().to_owned());
        if let Some(query) = self.query {
            choose("query", query.trim().to_owned());
        }
        if !self.tags.is_empty() {
            choose("tags", self.tags.join(", "));
        }
        purpose
    }
}

/// The purpose of an export. Which images its choices stand for is not part of it: the project may have changed.
pub(super) fn of(job: &ExportJob) -> Purpose {
    let ExportJob { formats, pixels, options, query, tags, .. } = job;
    let spec = ExportSpec { formats, pixels: *pixels, options, query: query.as_deref(), tags };
    let mut purpose = spec.purpose();
    if job.plan.as_ref().is_some_and(|plan| plan.what == ExportWhat::Selected) {
        purpose.choices.insert("selection".to_owned(), list_of(job));
    }
    purpose.of.insert("project".to_owned(), job.project.id.to_string());
    let iteration = job.iteration.as_ref().map_or_else(|| "none".to_owned(), |iteration| iteration.id.to_string());
    purpose.of.insert("iteration".to_owned(), iteration);
    purpose
}

/// The same for a complete result, which holds just these images.
pub(super) fn exact(mut purpose: Purpose, job: &ExportJob) -> Purpose {
    purpose.of.insert("list".to_owned(), list_of(job));
    purpose
}

/// The images, exactly.
fn list_of(job: &ExportJob) -> String {
    let mut ids = Vec::new();
    for image in job.images.iter().filter_map(|&ix| job.catalogue.get(ix)) {
        ids.extend_from_slice(image.id().to_string().as_bytes());
    }
    format!("of {}, {}", app::words::count(job.images.len() as u64, "image", "images"), facts_of(&ids).sha256)
}

/// `minRegionPixels` as words.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// A value on one line.
fn flat(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(is_so) => if *is_so { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(flat).collect::<Vec<_>>().join("/"),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{} {}", spaced(name), flat(value)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}
