//! The changes as a file for people: Markdown to read, CSV for a spreadsheet.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use crate::export::escaped;
use crate::failure::OrFailure as _;
use app::changes::{ReportFormat, ReportJob, StateComparison};
use app::words::{count, thousands};
use app::{Failure, words};
use domain::catalogue::ImageView;
use domain::changes::{Change, ChangeKind, Sides};
use domain::{RegionView, TagTable, number};
use formats::spreadsheet::{Cells, cell};
use storage::write_whole_with;

/// Writes the report; the file appears whole or not at all. Blocks.
pub(super) fn save(job: &ReportJob) -> Result<PathBuf, Failure> {
    let written = write_whole_with(&job.path, job.replaces, |out| {
        let mut out = BufWriter::new(out);
        match job.format {
            ReportFormat::Markdown => markdown(job, &mut out)?,
            ReportFormat::Csv => csv(job, &mut out)?,
        }
        out.flush()
    });
    written.or_failure()?;
    Ok(job.path.clone())
}

/// What a reader has to know before the changes.
fn warnings(comparison: &StateComparison) -> impl Iterator<Item = &String> {
    comparison.doubts.iter().chain(&comparison.limits)
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
    for warning in warnings(comparison) {
        writeln!(out, "- Warning: {}", escaped(warning))?;
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
        let name = sides.name(&of_image[0]).map(|name| format!(", {}", escaped(&name))).unwrap_or_default();
        writeln!(out, "\n### {}{name}\n", image.id())?;
        for change in of_image {
            let is_told = change.kind == ChangeKind::ImageUnknown || !change.is_uncertain;
            let doubt = if is_told { "" } else { " (uncertain)" };
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

/// Stands in place of the kind of a change in rows that warn about the whole.
const WARNING: &str = "warning";

const COLUMNS: [&str; 22] = [
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
    "to_image_name",
    "uncertain",
    "words",
];

fn csv(job: &ReportJob, out: &mut impl Write) -> io::Result<()> {
    let sides = &job.comparison.sides(&job.catalogue);
    let mut sheet = ::csv::Writer::from_writer(out);
    sheet.write_record(COLUMNS)?;
    for warning in warnings(&job.comparison) {
        let mut row: [String; COLUMNS.len()] = Default::default();
        row[0] = WARNING.to_owned();
        row[COLUMNS.len() - 1] = safe(warning);
        sheet.write_record(row)?;
    }
    for change in &sides.changes.list {
        sheet.write_record(row(sides, change))?;
    }
    sheet.flush()
}

/// A text that no spreadsheet runs as a formula.
fn safe(text: &str) -> String {
    cell(text, Cells::Safe).into_owned()
}

fn row(sides: &Sides<'_>, change: &Change) -> [String; COLUMNS.len()] {
    let [a, b] = sides.images(change);
    let [one, other] = sides.regions(change);
    let image = a.or(b);
    let id = |image: Option<ImageView<'_>>| image.map(|image| image.id().to_string()).unwrap_or_default();
    let region_id = |region: Option<RegionView>| region.map(|region| region.id.to_string()).unwrap_or_default();
    let name =
        |image: Option<ImageView<'_>>| image.and_then(|image| image.name().map(str::to_owned)).unwrap_or_default();
    // The second id or name only where it is another one.
    let second =
        |first: String, second: String| if first.is_empty() || first == second { String::new() } else { second };
    let [from_tag, from_left, from_top, from_width, from_height] = place(one, sides.from.tags());
    let [to_tag, to_left, to_top, to_width, to_height] = place(other, sides.to.tags());
    let has_iou = matches!(change.kind, ChangeKind::RegionMoved | ChangeKind::RegionRetagged);
    let shift = change.shift.filter(|shift| shift.is_pixels);
    [
        change.kind.name().to_owned(),
        id(image),
        safe(&Some(name(a)).filter(|name| !name.is_empty()).unwrap_or_else(|| name(b))),
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
        safe(&second(name(a), name(b))),
        if change.is_uncertain { "yes".to_owned() } else { String::new() },
        safe(&sides.sentence(change, str::to_owned)),
    ]
}

/// Tag and edges of a region, empty where there is none.
fn place(region: Option<RegionView>, tags: &TagTable) -> [String; 5] {
    let Some(region) = region else { return Default::default() };
    let rect = region.rect;
    let [left, top, width, height] = [rect.left, rect.top, rect.width, rect.height].map(number::text);
    [safe(&tags.get(region.tag).name), left, top, width, height]
}

#[cfg(test)]
mod tests;
