//! `REPORT.md` of an archive: its content, for people. Without dates, so that the same state gives the same bytes.

use std::fmt::Write as _;

use super::models::words_of_exports;
use crate::export::escaped;
use app::ArchiveReport;
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
