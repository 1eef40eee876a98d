//! YOLO as Ultralytics reads it. Detection: `data.yaml`, `images/{part}`, `labels/{part}` with a row a box
//! (`class cx cy w h` in 0..1) and an empty file for an image without boxes. Classification: `{part}/{class}/picture`.
//!
//! Its readers drop a whole image for one bad row, so rows are never outside 0..1; they drop double rows, so there are
//! none. It holds no size, no id, no tag of a whole image (detection) and no image without a tag (classification, where
//! the classes are in the order of their folders' names). A test part is read where `data.yaml` names one.

pub mod dataset;
pub mod rows;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead as _};

use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::error::FormatError;
use super::item::ExportItem;
use super::read::{self, FoundImage, FoundRegion, Place, ReadPlan, Sink};
use super::rules::is_classification;
use super::split::SplitPart;
use super::write::{Folder, Head, Writer};

/// The folders under construction.
pub(crate) struct YoloWriter<'a> {
    head: &'a Head<'a>,
    folder: &'a dyn Folder,
    rows: String,
    /// The parts that have images.
    parts: Vec<SplitPart>,
}

impl<'a> YoloWriter<'a> {
    pub(crate) fn begin(head: &'a Head<'a>, folder: &'a dyn Folder) -> Self {
        Self { head, folder, rows: String::new(), parts: Vec::new() }
    }

    /// `data.yaml`. Readers want `train` and `val`; a part that no image fell into has no folder, so another one stands for
    /// it.
    fn data(&self) -> String {
        let mut yaml = String::new();
        let has_images = |part: &SplitPart| self.parts.contains(part);
        let first = SplitPart::ALL.into_iter().find(has_images).unwrap_or_default();
        // Without `path` the folder of this very file is meant.
        for part in SplitPart::ALL {
            let is_there = has_images(&part);
            if is_there || part != SplitPart::Test {
                let from = if is_there { part } else { first };
                let _ = writeln!(yaml, "{}: images/{}", part.name(), from.name());
            }
        }
        yaml.push_str(if self.head.names.is_empty() { "names: {}\n" } else { "names:\n" });
        for (at, name) in self.head.names.iter().enumerate() {
            let _ = writeln!(yaml, "  {at}: {}", quoted(name));
        }
        yaml
    }
}

impl Writer for YoloWriter<'_> {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        if !self.parts.contains(&item.part) {
            self.parts.push(item.part);
        }
        let part = item.part.name();
        if is_classification(self.head.kind) {
            let class = item.tags.first().and_then(|&class| self.head.names.get(class));
            let class = class.ok_or_else(|| io::Error::other("an image without a class"))?;
            return self.folder.link(item, &format!("{part}/{class}/{}", item.picture.file_name()));
        }
        self.rows.clear();
        for region in &item.regions {
            let [cx, cy, width, height] = centered(region.corners);
            let _ = writeln!(self.rows, "{} {cx} {cy} {width} {height}", region.class);
        }
        self.folder.link(item, &format!("images/{part}/{}", item.picture.file_name()))?;
        self.folder.write(&format!("labels/{part}/{}.txt", item.picture.stem()), self.rows.as_bytes())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        match is_classification(self.head.kind) {
            true => Ok(()),
            false => self.folder.write("data.yaml", self.data().as_bytes()),
        }
    }
}

/// Center and size of a box, such that the reader's sums stay in 0..1 as well.
fn centered([left, top, right, bottom]: [f64; 4]) -> [f64; 4] {
    let side = |low: f64, high: f64| {
        let (center, mut length) = (low + (high - low) / 2.0, high - low);
        while length > 0.0 && (center + length / 2.0 > 1.0 || center - length / 2.0 < 0.0) {
            length = length.next_down();
        }
        (center, length)
    };
    let ((cx, width), (cy, height)) = (side(left, right), side(top, bottom));
    [cx, cy, width, height]
}

/// A text in double quotes that every YAML reader gives back: what YAML does not print is escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        let is_printable = matches!(letter, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            && !matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}');
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            _ if is_printable => quoted.push(letter),
            _ => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(letter));
            }
        }
    }
    quoted.push('"');
    quoted
}

/// `data.yaml` as Ultralytics reads it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    train: String,
    val: String,
    #[serde(default)]
    test: Option<String>,
    names: BTreeMap<u64, String>,
}

pub(crate) fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let part = plan.part.unwrap_or_default();
    if is_classification(plan.kind) {
        return read_folders(plan, part, sink);
    }
    let data: Data = serde_saphyr::from_str(&read::text(plan, "data.yaml")?)
        .map_err(|error| FormatError::says(format!("data.yaml: {error}")))?;
    let images = match part {
        SplitPart::Train => Some(&data.train),
        SplitPart::Val => Some(&data.val),
        SplitPart::Test => data.test.as_ref(),
    };
    for (at, (number, name)) in (0..).zip(&data.names) {
        if *number != at {
            return Err(FormatError::says("data.yaml: the class numbers have a gap"));
        }
        sink.class(name).map_err(FormatError::says)?;
    }
    // No image fell into a part that has no folder of its own.
    let Some(images) = images.filter(|images| images.rsplit('/').next() == Some(part.name())) else { return Ok(()) };
    let labels = images.replacen("images", "labels", 1);
    let names: Vec<&String> = data.names.values().collect();
    let pictures: FxHashSet<String> = read::names(plan, images)?
        .iter()
        .filter_map(|name| name.rsplit_once('.').map(|(stem, _)| stem.to_owned()))
        .collect();
    let files = read::names(plan, &labels)?;
    if plan.has_pictures && pictures.len() != files.len() {
        return Err(FormatError::says(format!(
            "{images} holds {} pictures for {} labels",
            pictures.len(),
            files.len()
        )));
    }
    let mut stems: Vec<&str> = Vec::with_capacity(files.len());
    for file in &files {
        let stem = file.strip_suffix(".txt").ok_or_else(|| FormatError::says(format!("{file} is not a label file")))?;
        stems.push(stem);
    }
    stems.sort_unstable();
    for (index, stem) in (0..).zip(stems) {
        if plan.has_pictures && !pictures.contains(stem) {
            return Err(FormatError::says(format!("{images} has no picture {stem}")));
        }
        sink.image(FoundImage { name: stem.to_owned(), part: Some(part), ..FoundImage::default() })
            .map_err(FormatError::says)?;
        let file = format!("{labels}/{stem}.txt");
        let mut seen = FxHashSet::default();
        for line in read::open(plan, &file)?.lines() {
            let line = line.map_err(|error| FormatError::Files { reason: format!("{file}: {error}") })?;
            let (class, place) = row(&line).ok_or_else(|| FormatError::says(format!("{file}: a bad row: {line}")))?;
            let Some(label) = names.get(class) else {
                return Err(FormatError::says(format!("{file}: there is no class {class}")));
            };
            if !seen.insert(line.clone()) {
                return Err(FormatError::says(format!("{file}: duplicate row: {line}")));
            }
            let region = FoundRegion { label: (*label).clone(), place, listed: None, id: None, created: None };
            sink.region(index, region).map_err(FormatError::says)?;
        }
    }
    Ok(())
}

fn row(line: &str) -> Option<(usize, Place)> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [class, numbers @ ..] = fields.as_slice() else { return None };
    let numbers: Vec<f64> = numbers.iter().filter_map(|text| text.parse().ok()).collect();
    let [cx, cy, width, height] = numbers[..] else { return None };
    let corners = [cx - width / 2.0, cy - height / 2.0, cx + width / 2.0, cy + height / 2.0];
    let is_inside = corners.iter().all(|edge| (0.0..=1.0).contains(edge)) && width > 0.0 && height > 0.0;
    is_inside.then_some(())?;
    Some((class.parse().ok()?, Place::Fractions(corners)))
}

fn read_folders(plan: ReadPlan<'_>, part: SplitPart, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let mut found = Vec::new();
    for class in read::names(plan, part.name())? {
        for file in read::names(plan, &format!("{}/{class}", part.name()))? {
            found.push((file, class.clone()));
        }
    }
    found.sort_unstable();
    for (name, class) in found {
        let tags = Some(vec![class]);
        sink.image(FoundImage { name, tags, part: Some(part), ..FoundImage::default() }).map_err(FormatError::says)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bad_rows_are_told_apart() {
        assert!(row("0 0.5 0.5 1 1").is_some());
        for bad in [
            "",
            "0",
            "0 0.5 0.5 1",
            "0 0.5 0.5 1.1 1",
            "x 0.5 0.5 1 1",
            "0 0.5 0.5 0 1",
            "0 0.5 0.5 1 1 1",
            "0 nan 0.5 1 1",
        ] {
            assert!(row(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn names_survive_yaml(name in any::<String>()) {
            let found: BTreeMap<u64, String> = serde_saphyr::from_str(&format!("0: {}\n", quoted(&name))).expect("yaml");
            prop_assert_eq!(&found[&0], &name);
        }

        #[test]
        fn rows_never_leave_the_image(left in 0.0..1.0_f32, top in 0.0..1.0_f32, width in 0.0..1.0_f32, height in 0.0..1.0_f32) {
            let edge = |low: f32, side: f32| (f64::from(low) + f64::from(side)).min(1.0);
            let corners = [f64::from(left), f64::from(top), edge(left, width), edge(top, height)];
            prop_assume!(corners[2] > corners[0] && corners[3] > corners[1]);
            let [cx, cy, w, h] = centered(corners);
            let Some((7, Place::Fractions(found))) = row(&format!("7 {cx} {cy} {w} {h}")) else { panic!("no row") };
            for (a, b) in found.iter().zip(corners) {
                prop_assert!((a - b).abs() < 1e-15);
            }
        }
    }
}
