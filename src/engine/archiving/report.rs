//! What an archive says to people: `REPORT.md` with its content, without dates, so that the same state gives the same bytes; and
//! what is noted of lists that cannot be read or may not be whole.

use std::fmt::Write as _;

use crate::export::escaped;
use crate::source::Source;
use app::{ArchiveReport, Skip};
use domain::{ArchivedExport, Listed, ListingReport, Page, Problem};
use storage::ArchiveFacts;
use storage::archive::REPORT_TITLE;

pub(super) fn words(facts: &ArchiveFacts, report: &ArchiveReport) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{REPORT_TITLE}{}\n", escaped(&facts.project.name));
    let _ = writeln!(text, "- Project: `{}`", facts.project.id);
    let _ = writeln!(text, "- Written by Tagscope {}\n", env!("CARGO_PKG_VERSION"));
    text.push_str("| | |\n| --- | ---: |\n");
    let rows = [
        ("images", report.images),
        ("images without tags", report.untagged),
        ("regions", report.regions),
        ("tags", report.tags),
        ("iterations", facts.iterations.len() as u64),
        ("originals", report.originals),
        ("thumbnails", report.thumbnails),
        ("images no longer on the service", report.kept_vanished),
    ];
    for (what, count) in rows {
        let _ = writeln!(text, "| {what} | {count} |");
    }
    if !report.iterations.is_empty() {
        text.push_str(
            "\n| iteration | images | regions | tags | images only in it |\n| --- | ---: | ---: | ---: | ---: |\n",
        );
        for one in &report.iterations {
            let gone = if one.is_vanished { " (no longer on the service)" } else { "" };
            let (name, images) = (escaped(&one.name), one.images + one.untagged);
            let _ = writeln!(text, "| {name}{gone} | {images} | {} | {} | {} |", one.regions, one.tags, one.only_there);
        }
    }
    if !report.iterations.is_empty() {
        text.push_str("\n| iteration | exported models |\n| --- | --- |\n");
        for one in &report.iterations {
            let _ =
                writeln!(text, "| {} | {} |", escaped(&one.name), escaped(&words_of_exports(one.exports.as_deref())));
        }
    }
    text.push_str(
        "\nEvery file was read back and compared with the service's list. `tagscope verify` checks it again, \
         `tagscope --source` opens this folder offline, and `tagscope serve` serves it to existing scripts.\n",
    );
    for note in &report.notes {
        let _ = writeln!(text, "\n{note}");
    }
    for remark in &report.remarks {
        let _ = writeln!(text, "\n{}", escaped(remark));
    }
    let mut missing: Vec<_> = report.skips.iter().filter(|skip| skip.is_left_out).collect();
    missing.sort_by(|a, b| (&a.image, &a.reason).cmp(&(&b.image, &b.reason)));
    if !missing.is_empty() {
        let _ = writeln!(text, "\n## Missing: {}\n\n| image | why |\n| --- | --- |", missing.len());
        for skip in missing {
            let name = skip.name.as_deref().map(|name| format!(", {}", escaped(name))).unwrap_or_default();
            let _ = writeln!(text, "| {}{name} | {} |", skip.image, escaped(&skip.reason));
        }
    }
    let mut incomplete: Vec<_> = report.incomplete.iter().collect();
    incomplete.sort();
    if !incomplete.is_empty() {
        let _ = writeln!(text, "\n## Incomplete: {}\n\n| image | what is wrong |\n| --- | --- |", incomplete.len());
        for (image, what) in incomplete {
            let _ = writeln!(text, "| {image} | {} |", escaped(what));
        }
    }
    text
}

/// The exports of an iteration and where they are, for people; `None`: nobody knows them.
pub fn words_of_exports(exports: Option<&[ArchivedExport]>) -> String {
    match exports {
        None => "not known".to_owned(),
        Some([]) => "none".to_owned(),
        Some(exports) => exports.iter().map(words_of_export).collect::<Vec<_>>().join(", "),
    }
}

fn words_of_export(export: &ArchivedExport) -> String {
    let ArchivedExport { facts, file, is_gone } = export;
    let place = match (file, is_gone) {
        (Some(_), true) => "archived, no longer on the service".to_owned(),
        (Some(_), false) => "archived".to_owned(),
        (None, _) if facts.is_done() => "on the service".to_owned(),
        (None, _) if facts.status.is_empty() => "no status".to_owned(),
        (None, _) => facts.status.to_ascii_lowercase(),
    };
    let newer = if facts.newer_version_available { "; a newer version can be exported" } else { "" };
    format!("{facts} ({place}{newer})")
}

/// Why a list that has ended may lack images; `None`: it does not, as far as the evidence goes.
pub(super) fn doubt(source: &Source, report: &ListingReport) -> Option<String> {
    if !report.is_whole {
        return Some(app::words::doubt(report));
    }
    // Of an archive the lines themselves are all there are.
    let is_counted = report.total.is_some() || source.is_archive();
    let listed = || app::words::count(report.listed, "image", "images");
    (!is_counted).then(|| format!("{} listed, and the service did not report how many there are", listed()))
}

/// The entries of a list; what cannot be read of it is noted.
pub(super) fn entries<T>(listed: Listed<T>, report: &mut ArchiveReport) -> Vec<T> {
    report.notes.extend(listed.problems.iter().map(|problem| format!("{problem}.")));
    listed.entries
}

pub(super) fn problems(page: &Page) -> Vec<Skip> {
    let rows = page.problems.iter().map(unreadable_row);
    let regions = page.rows.iter().flat_map(|row| {
        let unreadable = row.problems.iter().filter(|problem| problem.is_loss());
        unreadable.map(|problem| {
            let (image, name, reason) = (row.id.to_string(), row.name().map(str::to_owned), problem.to_string());
            Skip { image, name, region: None, format: None, is_left_out: true, reason }
        })
    });
    rows.chain(regions).collect()
}

/// A sentence about a list that did not come whole.
pub(super) fn incomplete(list: &str, doubt: &str) -> String {
    format!("{list} may be incomplete: {doubt}. Run it again to update the archive.")
}

fn unreadable_row(problem: &Problem) -> Skip {
    let image = match problem {
        Problem::UnreadableRow { image: Some(image), .. } => image.to_string(),
        _ => "a row".to_owned(),
    };
    Skip { image, name: None, region: None, format: None, is_left_out: true, reason: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ExportFacts;

    fn facts(platform: &str, flavor: &str, status: &str) -> ExportFacts {
        let [platform, flavor, status] = [platform, flavor, status].map(str::to_owned);
        ExportFacts { platform, flavor, status, newer_version_available: false }
    }

    #[test]
    fn words_say_where_an_export_is() {
        let words = |status: &str, file: Option<&str>, is_gone| {
            words_of_export(&ArchivedExport {
                facts: facts("ONNX", "", status),
                file: file.map(str::to_owned),
                is_gone,
            })
        };
        assert_eq!(words("Done", Some("f"), false), "ONNX (archived)");
        assert_eq!(words("Done", Some("f"), true), "ONNX (archived, no longer on the service)");
        assert_eq!(words("Done", None, false), "ONNX (on the service)");
        assert_eq!(words("Exporting", None, false), "ONNX (exporting)");
        assert_eq!(words("", None, false), "ONNX (no status)");
        assert_eq!((words_of_exports(None), words_of_exports(Some(&[]))), ("not known".to_owned(), "none".to_owned()));
    }
}
