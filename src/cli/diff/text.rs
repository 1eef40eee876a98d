//! The summary and the list of changes by image, for people.

use super::Compared;
use crate::cli::end::Trouble;
use crate::cli::terminal::{Terminal, field};
use app::words::thousands;
use domain::changes::{Change, ChangeKind, Changes, Sides};

pub(super) fn print(compared: &Compared, terminal: &mut Terminal) -> Result<(), Trouble> {
    let (from, to) = (&compared.from.catalogue, &compared.to.catalogue);
    let arrow = |a: usize, b: usize| format!("{} -> {}", thousands(a as u64), thousands(b as u64));
    terminal.line(&format!(
        "images {}, regions {}",
        arrow(from.len(), to.len()),
        arrow(from.region_count(), to.region_count())
    ))?;
    terminal.line(&joined(&compared.changes))?;
    if compared.changes.is_empty() {
        return terminal.line("no differences");
    }
    for kind in ChangeKind::ALL {
        let number = compared.changes.count(kind);
        if number > 0 {
            terminal.line(&format!("{:>8}  {}", thousands(number), kind.name()))?;
        }
    }
    for change in &compared.changes.facts {
        terminal.line(&field(&change.to_string()))?;
    }
    for change in &compared.changes.tag_list {
        terminal.line(&field(&change.to_string()))?;
    }
    let sides = compared.sides();
    for changes in compared.changes.list.chunk_by(|a, b| (a.from, a.to) == (b.from, b.to)) {
        terminal.line("")?;
        terminal.line(&heading(&sides, &changes[0]))?;
        for change in changes {
            let is_told = change.kind == ChangeKind::ImageUnknown || !change.is_uncertain;
            let doubt = if is_told { "" } else { " (uncertain: part of a state could not be read)" };
            terminal.line(&format!("  {}{doubt}", sides.sentence(change, field)))?;
        }
    }
    Ok(())
}

fn heading(sides: &Sides<'_>, change: &Change) -> String {
    let [a, b] = sides.images(change);
    let Some(image) = a.or(b) else { return String::new() };
    let mut heading = format!("image {}", image.id());
    if let Some(other) = b.filter(|other| other.id() != image.id()) {
        heading.push_str(&format!(" -> {}", other.id()));
    }
    if let Some(name) = sides.name(change) {
        heading.push_str(&format!("  {}", field(&name)));
    }
    heading
}

/// One line: how many images and regions were joined in which way.
fn joined(changes: &Changes) -> String {
    let (images, regions) = (changes.images, changes.regions);
    let list = |parts: [(u64, &str); 3]| {
        let told = parts.into_iter().filter(|(number, _)| *number > 0);
        let words: Vec<_> = told.map(|(number, way)| format!("{} by {way}", thousands(number))).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    };
    format!(
        "matched images: {}; matched regions: {}",
        list([(images.by_id, "id"), (images.by_digest, "SHA-256"), (images.by_name, "name")]),
        list([(regions.by_id, "id"), (regions.by_overlap, "tag and IoU"), (regions.by_place, "IoU alone")])
    )
}
