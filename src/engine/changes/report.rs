//! The changes as a file for people: Markdown to read, CSV for a spreadsheet.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use crate::export::escaped;
use crate::failure::OrFailure as _;
use app::changes::{ReportFormat, ReportJob};
use app::words::{count, thousands};
use app::{Failure, words};
use domain::catalogue::ImageView;
use domain::changes::{Change, ChangeKind, Sides};
use domain::{RegionView, TagTable, number};
use formats::spreadsheet::{Cells, cell};
use storage::write_whole_with;

/// Writes the report; the file appears whole or not at all. Blocks.
///
/// # Errors
/// When a file is there that may not be replaced, or the system refuses.
pub(super) fn save(job: &ReportJob) -> Result<PathBuf, Failure> {
    let written = write_whole_with(&job.path, job.replaces, |out| {
        let mut out = BufWriter::new(out);
        match job.format {
            ReportFormat::Markdown => markdown(job, &mut out)?,
            ReportFormat::Csv => csv(&job.comparison.sides(&job.catalogue), &mut out)?,
        }
        out.flush()
    });
    written.or_failure()?;
    Ok(job.path.clone())
}

fn markdown(job: &ReportJob, out: &mut impl Write) -> io::Result<()> {
    let (comparison, sides) = (&job.comparison, job.comparison.sides(&job.catalogue));
    let changes = sides.changes;
    let size = |catalogue: &domain::Catalogue| {
        let images = count(catalogue.len() as u64, "image", "images");
        format!("{images}, {}", count(catalogue.region_count() as u64, "region", "regions"))
    };
    writeln!(out, "# What has changed\n")?;
    writeln!(out, "- From: {} ({})", escaped(&comparison.name), size(sides.from))?;
    writeln!(out, "- To: {} ({})", escaped(&job.project), size(sides.to))?;
    for doubt in &comparison.doubts {
        writeln!(out, "- Incomplete: {}", escaped(doubt))?;
    }
    let uncertain = changes.list.iter().filter(|change| change.is_uncertain).count() as u64;
    if uncertain > 0 {
        let changes = count(uncertain, "change", "changes");
        writeln!(out, "- {changes} may be only apparent, because part of a state could not be read.")?;
    }
    if changes.is_empty() {
        return writeln!(out, "\nNo differences.");
    }
    table(out, "change", ChangeKind::ALL.map(|kind| (kind.label().to_owned(), changes.count(kind))).to_vec())?;
    table(out, "tag", sides.by_tag().into_iter().map(|(tag, count)| (escaped(tag), count)).collect())?;
    if !changes.facts.is_empty() || !changes.tag_list.is_empty() {
        writeln!(out, "\n## Project and tags\n")?;
    }
    let facts = changes.facts.iter().map(ToString::to_string);
    for line in facts.chain(changes.tag_list.iter().map(ToString::to_string)) {
        writeln!(out, "- {}", escaped(&words::capitalized(&line)))?;
    }
    if !changes.list.is_empty() {
        writeln!(out, "\n## By image")?;
    }
    for of_image in changes.list.chunk_by(|a, b| (a.from, a.to) == (b.from, b.to)) {
        let [a, b] = sides.images(&of_image[0]);
        let Some(image) = a.or(b) else { continue };
        let name = image.name().map(|name| format!(", {}", escaped(name))).unwrap_or_default();
        writeln!(out, "\n### {}{name}\n", image.id())?;
        for change in of_image {
            let doubt = if change.is_uncertain { " (uncertain)" } else { "" };
            writeln!(out, "- {}{doubt}", words::capitalized(&sides.sentence(change, escaped)))?;
        }
    }
    Ok(())
}

/// A table of counts without its empty rows; nothing if all are empty.
fn table(out: &mut impl Write, head: &str, mut rows: Vec<(String, u64)>) -> io::Result<()> {
    rows.retain(|(_, count)| *count > 0);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| {head} | changes |\n| --- | ---: |")?;
    rows.iter().try_for_each(|(name, count)| writeln!(out, "| {name} | {} |", thousands(*count)))
}

/// The columns.
const COLUMNS: [&str; 21] = [
    "change",
    "image_id",
    "image_name",
    "region_id",
    "tag",
    "from_tag",
    "from_left",
    "from_top",
    "from_width",
    "from_height",
    "to_tag",
    "to_left",
    "to_top",
    "to_width",
    "to_height",
    "iou",
    "shift_pixels",
    "to_image_id",
    "to_region_id",
    "uncertain",
    "words",
];

fn csv(sides: &Sides<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut sheet = ::csv::Writer::from_writer(out);
    sheet.write_record(COLUMNS)?;
    for change in &sides.changes.list {
        sheet.write_record(row(sides, change))?;
    }
    sheet.flush()
}

fn row(sides: &Sides<'_>, change: &Change) -> [String; COLUMNS.len()] {
    let safe = |text: &str| cell(text, Cells::Safe).into_owned();
    let [a, b] = sides.images(change);
    let [one, other] = sides.regions(change);
    let image = a.or(b);
    let id = |image: Option<ImageView<'_>>| image.map(|image| image.id().to_string()).unwrap_or_default();
    let region_id = |region: Option<RegionView>| region.map(|region| region.id.to_string()).unwrap_or_default();
    // The second id only where it is another one.
    let second =
        |first: String, second: String| if first.is_empty() || first == second { String::new() } else { second };
    let [from_tag, from_left, from_top, from_width, from_height] = place(one, sides.from.tags(), safe);
    let [to_tag, to_left, to_top, to_width, to_height] = place(other, sides.to.tags(), safe);
    let has_iou = matches!(change.kind, ChangeKind::RegionMoved | ChangeKind::RegionRetagged);
    let shift = change.shift.filter(|shift| shift.is_pixels);
    [
        change.kind.name().to_owned(),
        id(image),
        safe(image.and_then(|image| image.name()).unwrap_or_default()),
        region_id(one.or(other)),
        safe(sides.tag(change).unwrap_or_default()),
        from_tag,
        from_left,
        from_top,
        from_width,
        from_height,
        to_tag,
        to_left,
        to_top,
        to_width,
        to_height,
        if has_iou { number::text(change.iou) } else { String::new() },
        shift.map(|shift| format!("{:.3}", shift.by)).unwrap_or_default(),
        second(id(a), id(b)),
        second(region_id(one), region_id(other)),
        if change.is_uncertain { "yes".to_owned() } else { String::new() },
        safe(&sides.sentence(change, str::to_owned)),
    ]
}

/// Tag and edges of a region, empty where there is none.
fn place(region: Option<RegionView>, tags: &TagTable, safe: impl Fn(&str) -> String) -> [String; 5] {
    let Some(region) = region else { return Default::default() };
    let rect = region.rect;
    let [left, top, width, height] = [rect.left, rect.top, rect.width, rect.height].map(number::text);
    [safe(&tags.get(region.tag).name), left, top, width, height]
}

#[cfg(test)]
mod tests;
