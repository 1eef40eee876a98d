//! The summary and the list of changes by image, for people.

use super::{Compared, summary};
use crate::cli::end::Trouble;
use crate::cli::terminal::{Terminal, field};
use app::words::thousands;
use domain::changes::{Change, ChangeKind, Sides};

pub(super) fn print(compared: &Compared, terminal: &mut Terminal) -> Result<(), Trouble> {
    let (from, to) = (&compared.from.catalogue, &compared.to.catalogue);
    let arrow = |a: usize, b: usize| format!("{} -> {}", thousands(a as u64), thousands(b as u64));
    terminal.line(&format!(
        "images {}, regions {}",
        arrow(from.len(), to.len()),
        arrow(from.region_count(), to.region_count())
    ))?;
    terminal.line(&summary::joined(&compared.changes))?;
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
