//! What lies next to the labels: `manifest.json` for programs, `REPORT.md` for people. Without dates, so that the same
//! state of a project gives the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::Plan;
use super::export_log::{ExportLog, WrittenReviews};
use super::layout::Placed;
use super::reviews::{self, REVIEWS_FILE};
use crate::failure::{self, OrFailureAt as _, OrIoFailure as _};
use app::words::count;
use app::{ExportReport, Failure, FailureKind, Skip};
use formats::rules::is_classification;
use formats::{Class, FormatOptions};
use storage::FileFacts;
use storage::archive::{EXPORT_FORMAT, FORMAT};

/// The rule of every box and size in the files.
const RULE: &str = "Widths, heights and boxes are in pixels of the exported file after applying its EXIF orientation \
                    (unless an item says otherwise), measured from the top-left corner.";

#[derive(Serialize)]
struct Manifest<'a> {
    format: &'static str,
    version: u32,
    tool: Tool,
    project: Named<'a>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    iteration: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    options: Options<'a>,
    rule: &'static str,
    classes: &'a [Class],
    counts: Counts,
    labels: Vec<Labels<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reviews: Option<ReviewsFile>,
    notes: &'a [String],
    items: &'a [Skip],
    files: BTreeMap<&'a str, &'a FileFacts>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Named<'a> {
    id: String,
    name: &'a str,
}

#[derive(Serialize)]
struct Options<'a> {
    formats: &'a [String],
    images: &'static str,
    #[serde(flatten)]
    chosen: &'a FormatOptions,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    images_in: u64,
    images_out: u64,
    regions_in: u64,
    regions_out: u64,
}

#[derive(Serialize)]
struct Labels<'a> {
    format: &'static str,
    file: &'a str,
    images: u64,
    regions: u64,
}

#[derive(Serialize)]
struct ReviewsFile {
    file: &'static str,
    verdicts: u64,
    comments: u64,
}

/// Writes both files and checks that they arrived; the bytes of all files of the export.
pub(super) fn write(plan: &Plan, log: &ExportLog, placed: &[Placed], report: &ExportReport) -> Result<u64, Failure> {
    let job = &plan.job;
    let layout = &log.layout;
    let has_pictures = layout.has_shared_pictures || log.files.iter().any(|file| file.picture.is_some());
    let pictures = placed.iter().filter(|_| has_pictures);
    let by_name: FxHashMap<&str, &FileFacts> =
        pictures.filter_map(|file| Some((file.name.as_str(), file.facts.as_ref()?))).collect();
    let text = words(plan, log, report);
    let report_facts = plan.staging.write("REPORT.md", text.as_bytes()).or_failure_at(plan.staging.target())?;
    let mut files: BTreeMap<&str, &FileFacts> = BTreeMap::new();
    if layout.has_shared_pictures {
        files.extend(by_name.iter().map(|(&name, &facts)| (name, facts)));
    }
    for file in &log.files {
        let linked = file.picture.as_deref().and_then(|picture| by_name.get(picture).copied());
        if let Some(facts) = file.facts.as_ref().or(linked) {
            files.insert(&file.name, facts);
        }
    }
    files.insert("REPORT.md", &report_facts);
    let manifest = Manifest {
        format: EXPORT_FORMAT,
        version: 1,
        tool: Tool { name: "tagscope", version: env!("CARGO_PKG_VERSION") },
        project: Named { id: job.project.id.to_string(), name: &job.project.name },
        kind: job.kind.word(),
        iteration: job
            .iteration
            .as_ref()
            .map(|iteration| Named { id: iteration.id.to_string(), name: &iteration.name }),
        query: job.query.as_deref(),
        options: Options { formats: &report.formats, images: job.pixels.name(), chosen: &job.options },
        rule: RULE,
        classes: layout.classes.classes(),
        counts: Counts {
            images_in: report.images_in,
            images_out: report.images_out,
            regions_in: report.regions_in,
            regions_out: report.regions_out,
        },
        labels: log
            .written
            .iter()
            .map(|file| Labels {
                format: file.format.name(),
                file: &file.name,
                images: file.images,
                regions: file.regions,
            })
            .collect(),
        reviews: log.reviews.map(|WrittenReviews { verdicts, comments }| ReviewsFile {
            file: REVIEWS_FILE,
            verdicts,
            comments,
        }),
        notes: &log.notes,
        items: &log.skips,
        files,
    };
    let mut json = serde_json::to_vec_pretty(&manifest).map_err(|error| failure::internal(error.to_string()))?;
    json.push(b'\n');
    let manifest_facts = plan.staging.write("manifest.json", &json).or_failure_at(plan.staging.target())?;
    for (name, facts) in [("REPORT.md", &report_facts), ("manifest.json", &manifest_facts)] {
        super::verify::check_file(plan, name, facts)?;
    }
    Ok(manifest.files.values().map(|facts| facts.bytes).sum::<u64>() + manifest_facts.bytes)
}

fn words(plan: &Plan, log: &ExportLog, report: &ExportReport) -> String {
    let job = &plan.job;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# Export of {}\n", escaped(&job.project.name));
    let _ = writeln!(text, "- Project: `{}`, {}", job.project.id, job.kind.word());
    match &job.iteration {
        Some(iteration) => {
            let _ = writeln!(text, "- Iteration: {} (`{}`)", escaped(&iteration.name), iteration.id);
        }
        None => text.push_str("- Iteration: the workspace\n"),
    }
    let _ = writeln!(text, "- Pictures: {}", job.pixels.label().to_lowercase());
    let _ = writeln!(text, "- Written by Tagscope {}\n", env!("CARGO_PKG_VERSION"));
    text.push_str("| | requested | written |\n| --- | ---: | ---: |\n");
    let _ = writeln!(text, "| images | {} | {} |", report.images_in, report.images());
    let _ = writeln!(text, "| regions | {} | {} |\n", report.regions_in, report.regions());
    for line in report.poorer_formats() {
        let _ = writeln!(text, "{line}\n");
    }
    for file in &log.written {
        let _ = writeln!(
            text,
            "- {}, `{}`: {}, {}. {}",
            file.format.label(),
            if file.name.is_empty() { "." } else { &file.name },
            count(file.images, "image", "images"),
            count(file.regions, "region", "regions"),
            file.format.limits(is_classification(job.kind))
        );
    }
    if let Some(written) = log.reviews {
        let _ = writeln!(text, "{}", reviews::line(written));
    }
    if !log.layout.has_shared_pictures {
        text.push_str("- The pictures are in the folders of the formats.\n");
    } else if log.files.iter().any(|file| file.picture.is_some()) {
        text.push_str(
            "- The pictures are in `images`. Those in the folders of single formats are hard links to the same files, \
             if the disk supports that.\n",
        );
    }
    if job.options.split.is_some() {
        for &part in &log.layout.part_list {
            let images = log.layout.parts.iter().filter(|&&at| at == part).count();
            let _ = writeln!(text, "- {}: {}", part.name(), count(images as u64, "image", "images"));
        }
    }
    let _ = writeln!(text, "\nEvery file was read back and compared with the list of images. {RULE}");
    for note in &log.notes {
        let _ = writeln!(text, "\n{}", escaped(note));
    }
    let (left_out, changed): (Vec<_>, Vec<_>) = report.skips.iter().partition(|skip| skip.is_left_out);
    section(&mut text, "Skipped", &left_out);
    section(&mut text, "Written, but check these", &changed);
    text
}

fn section(text: &mut String, title: &str, items: &[&Skip]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## {title}: {}\n", items.len());
    text.push_str("| image | region | format | why |\n| --- | --- | --- | --- |\n");
    for item in items {
        let region = item.region.as_deref().unwrap_or_default();
        let format = item.format.as_deref().unwrap_or("all");
        let name = item.name.as_deref().map(|name| format!(", {}", escaped(name))).unwrap_or_default();
        let _ = writeln!(text, "| {}{name} | {region} | {format} | {} |", item.image, escaped(&item.reason));
    }
}

/// A text that Markdown prints as it is, in one line.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '|' | '&' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[derive(Deserialize)]
struct ManifestHead {
    format: String,
    #[serde(default)]
    classes: Option<Vec<Class>>,
}

/// The classes of the earlier export in `folder`, in their order, from its manifest.
///
/// # Errors
/// When it is no export of Tagscope, or its manifest is damaged.
pub fn read_classes(folder: &Path) -> Result<Vec<Class>, Failure> {
    let path = folder.join("manifest.json");
    let text = std::fs::read(&path).or_read_failure(&path)?;
    let broken = |reason: String| Failure::bare(FailureKind::BrokenFile { path: path.display().to_string(), reason });
    let head: ManifestHead = serde_json::from_slice(&text).map_err(|error| broken(error.to_string()))?;
    if head.format != EXPORT_FORMAT {
        let what = if head.format == FORMAT { "an archive" } else { "of another program" };
        return Err(Failure::bare(FailureKind::Conflict {
            reason: format!("{} is not an export: it is {what}.", folder.display()),
            advice: "Give the folder of an earlier export, whose classes are to keep their order.".to_owned(),
        }));
    }
    let classes = head.classes.ok_or_else(|| broken("it names no classes".to_owned()))?;
    if (1..).zip(&classes).any(|(id, class)| class.id != id) {
        return Err(broken("its classes are not numbered from 1 without gaps".to_owned()));
    }
    Ok(classes)
}
