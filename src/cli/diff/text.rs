//! The summary and the list of changes by image, for people.

use super::{Compared, summary};
use crate::cli::end::Trouble;
use crate::cli::terminal::{Terminal, field};
use app::words::{count, thousands};
use domain::changes::{Change, ChangeKind};

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
    for changes in compared.changes.list.chunk_by(|a, b| (a.from, a.to) == (b.from, b.to)) {
        terminal.line("")?;
        terminal.line(&heading(compared, &changes[0]))?;
        for change in changes {
            let doubt = if change.is_uncertain { " (uncertain: part of a state could not be read)" } else { "" };
            terminal.line(&format!("  {}{doubt}", compared.sentence(change)))?;
        }
    }
    Ok(())
}

fn heading(compared: &Compared, change: &Change) -> String {
    let [a, b] = compared.images(change);
    let Some(image) = a.or(b) else { return String::new() };
    let mut heading = format!("image {}", image.id());
    if let Some(other) = b.filter(|other| other.id() != image.id()) {
        heading.push_str(&format!(" -> {}", other.id()));
    }
    if let Some(name) = image.name() {
        heading.push_str(&format!("  {}", field(name)));
    }
    heading
}

impl Compared {
    /// One change in words.
    fn sentence(&self, change: &Change) -> String {
        let tag = field(self.tag(change).unwrap_or_default());
        let [a, b] = self.regions(change);
        let region = a.or(b).map(|region| region.id.to_string()).unwrap_or_default();
        match change.kind {
            ChangeKind::ImageAdded | ChangeKind::ImageRemoved => {
                let [a, b] = self.images(change);
                let regions = a.or(b).map_or(0, |image| image.region_count() as u64);
                let what = if change.kind == ChangeKind::ImageAdded { "added" } else { "removed" };
                format!("{what}, with {}", count(regions, "region", "regions"))
            }
            ChangeKind::MetadataChanged => {
                let [gone, new] = self.metadata(change);
                let pairs = |sign: char, pairs: Vec<(&str, &str)>| {
                    let words = |(key, value): &(&str, &str)| format!("{sign}{}={}", field(key), field(value));
                    pairs.iter().map(words).collect::<Vec<_>>()
                };
                format!("metadata changed: {}", [pairs('-', gone), pairs('+', new)].concat().join(", "))
            }
            ChangeKind::PictureChanged => {
                let size = |side: usize| {
                    let size = self.images(change)[side].map(|image| image.pixel_size());
                    size.filter(|size| size.is_known()).map(|size| format!("{} x {}", size.width, size.height))
                };
                match (size(0), size(1)) {
                    (Some(from), Some(to)) if from != to => format!("picture changed, {from} -> {to}"),
                    _ => "picture changed".to_owned(),
                }
            }
            ChangeKind::RegionAdded => format!("region {region} added: {tag}"),
            ChangeKind::RegionRemoved => format!("region {region} removed: {tag}"),
            ChangeKind::RegionMoved => {
                let by = match change.shift {
                    Some(shift) if shift.is_pixels => format!("{:.1} px", shift.by),
                    Some(shift) => format!("{:.2}% of the image", shift.by * 100.0),
                    None => String::new(),
                };
                format!("region {region} moved by up to {by} (IoU {:.2}): {tag}", change.iou)
            }
            ChangeKind::RegionRetagged => {
                let name = a.map(|region| field(&self.from.catalogue.tags().get(region.tag).name));
                format!("region {region} retagged: {} -> {tag}", name.unwrap_or_default())
            }
            ChangeKind::TagAdded => format!("tag {tag} added"),
            ChangeKind::TagRemoved => format!("tag {tag} removed"),
        }
    }
}
