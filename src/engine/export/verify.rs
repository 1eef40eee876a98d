//! Everything read again, and compared with what was asked for: by readers of the published forms, and by arithmetic that
//! goes the other way (pixels back to fractions). What is not itemised must be there, and nothing else may be.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::ledger::{Ledger, Placed, regions_listed};
use super::{Plan, Progress};
use crate::app::{Failure, FailureKind};
use crate::domain::image::Slot;
use crate::domain::{ImageRow, ImageView, PixelRect, RegionView};
use crate::engine::failure;
use crate::formats::coco::read::{CocoAnnotation, CocoCategory, CocoImage};
use crate::formats::coco::{CocoSink, read_coco};
use crate::formats::{Format, jsonl};
use crate::storage::FileFacts;
use crate::storage::staging::measure;

/// Compares all of it.
pub(super) fn all(plan: &Plan, placed: &[Placed], ledger: &Ledger) -> Result<(), Failure> {
    for written in &ledger.written {
        plan.check_cancelled()?;
        let path = plan.staging.path().join(written.name);
        let file = File::open(&path).map_err(|error| differs(format!("{}: {error}", written.name)))?;
        let result = match written.format {
            Format::Coco => check_coco(plan, placed, ledger, file),
            Format::Jsonl => check_jsonl(plan, placed, ledger, file),
        };
        result.map_err(|reason| differs(format!("{}: {reason}", written.name)))?;
        check_file(plan, written.name, &written.facts)?;
    }
    let total = placed.len() as u64;
    for (done, file) in (1..).zip(placed) {
        plan.check_cancelled()?;
        if let Some(facts) = &file.facts {
            check_file(plan, &file.name, facts)?;
        }
        (plan.progress)(Progress { stage: "Reading back", done, total, bytes: 0 });
    }
    check_names(plan, placed, ledger)?;
    check_counts(plan, placed, ledger)
}

fn differs(reason: String) -> Failure {
    Failure::bare(FailureKind::NotVerified { reason })
}

pub(super) fn check_file(plan: &Plan, name: &str, expected: &FileFacts) -> Result<(), Failure> {
    let found = measure(&plan.staging.path().join(name)).map_err(|error| failure::of_storage(&error))?;
    if found == *expected { Ok(()) } else { Err(differs(format!("{name} is not what was written"))) }
}

/// Whether exactly the expected files are in the folder.
fn check_names(plan: &Plan, placed: &[Placed], ledger: &Ledger) -> Result<(), Failure> {
    let pictures = placed.iter().filter(|file| file.facts.is_some()).map(|file| file.name.as_str());
    let mut expected: BTreeSet<&str> = pictures.chain(ledger.written.iter().map(|file| file.name)).collect();
    let root = plan.staging.path();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| differs(error.to_string()))?;
        for entry in entries {
            let path = entry.map_err(|error| differs(error.to_string()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if !expected.remove(relative(root, &path).as_str()) {
                return Err(differs(format!("{} was not written by this export", relative(root, &path))));
            }
        }
    }
    expected.first().map_or(Ok(()), |name| Err(differs(format!("{name} is missing"))))
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Counts in = counts out + itemised, counted from the list that the person gets.
fn check_counts(plan: &Plan, placed: &[Placed], ledger: &Ledger) -> Result<(), Failure> {
    let job = &plan.job;
    let pictures_missing =
        ledger.skips.iter().filter(|skip| skip.region.is_none() && skip.is_left_out && skip.format.is_none());
    if placed.len() + pictures_missing.count() != job.images.len() {
        return Err(differs("the number of images does not add up".to_owned()));
    }
    for written in &ledger.written {
        let of_format = |name: &Option<String>| name.as_deref().is_none_or(|name| name == written.format.name());
        let missing = ledger.skips.iter().filter(|skip| skip.is_left_out && of_format(&skip.format));
        let (regions, images): (Vec<_>, Vec<_>) = missing.partition(|skip| skip.region.is_some());
        let find =
            |id: &str| id.parse().ok().and_then(|id| job.catalogue.find(id)).and_then(|ix| job.catalogue.get(ix));
        let with_images: u64 =
            images.iter().filter_map(|skip| find(&skip.image)).map(|image| image.region_count() as u64).sum();
        let regions_in: u64 = job.images.iter().filter_map(|&ix| job.catalogue.get(ix)).map(regions_listed).sum();
        if written.images + images.len() as u64 != job.images.len() as u64
            || written.regions + regions.len() as u64 + with_images != regions_in
        {
            return Err(differs(format!("{}: the counts do not add up", written.name)));
        }
    }
    Ok(())
}

/// The images that a format should hold, in order.
fn expected<'a>(
    plan: &'a Plan,
    placed: &'a [Placed],
    ledger: &'a Ledger,
    format: Format,
) -> impl Iterator<Item = (ImageView<'a>, &'a Placed)> {
    placed
        .iter()
        .filter(move |file| ledger.holds_image(file.ix, format))
        .filter_map(|file| Some((plan.job.catalogue.get(file.ix)?, file)))
}

fn check_coco(plan: &Plan, placed: &[Placed], ledger: &Ledger, file: File) -> Result<(), String> {
    let format = Format::Coco;
    let images = expected(plan, placed, ledger, format);
    let regions = expected(plan, placed, ledger, format).enumerate().flat_map(|(at, (image, file))| {
        let regions = image.regions().filter(|region| ledger.holds_region(region.ix, format));
        regions.map(move |region| (at as u64 + 1, region, file))
    });
    let tags = plan.job.catalogue.tags().iter().filter(|(_, entry)| !entry.is_negative());
    let mut check = CocoCheck {
        plan,
        tags: tags.map(|(ix, _)| ix).collect(),
        names: BTreeSet::new(),
        categories: 0,
        images: Box::new(images),
        image_count: 0,
        regions: Box::new(regions),
        annotation_count: 0,
    };
    read_coco(BufReader::with_capacity(1 << 17, file), &mut check).map_err(|error| error.to_string())?;
    let CocoCheck { mut images, mut regions, categories, tags, .. } = check;
    if categories as usize != tags.len() {
        return Err("a category is missing".to_owned());
    }
    if let Some((image, _)) = images.next() {
        return Err(format!("the image {} is missing", image.id()));
    }
    regions.next().map_or(Ok(()), |(_, region, _)| Err(format!("the region {} is missing", region.id)))
}

/// Goes along the file and along the catalogue in step.
struct CocoCheck<'a> {
    plan: &'a Plan,
    tags: Vec<crate::domain::TagIx>,
    names: BTreeSet<String>,
    categories: u64,
    images: Box<dyn Iterator<Item = (ImageView<'a>, &'a Placed)> + 'a>,
    image_count: u64,
    regions: Box<dyn Iterator<Item = (u64, RegionView, &'a Placed)> + 'a>,
    annotation_count: u64,
}

impl CocoSink for CocoCheck<'_> {
    fn category(&mut self, category: CocoCategory) -> Result<(), String> {
        let tag = self.tags.get(self.categories as usize).ok_or("there is one category too many")?;
        self.categories += 1;
        let name = &*self.plan.job.catalogue.tags().get(*tag).name;
        // A name that two tags share has a number behind it the second time.
        let fits = category.id == self.categories && category.name.starts_with(name);
        let is_exact = category.name == name || self.names.contains(name);
        if fits && is_exact && self.names.insert(category.name.clone()) {
            Ok(())
        } else {
            Err(format!("the category {:?} is not the tag {name:?}", category.name))
        }
    }

    fn image(&mut self, found: CocoImage) -> Result<(), String> {
        let (image, file) = self.images.next().ok_or("there is one image too many")?;
        self.image_count += 1;
        let names = image.tags().iter().map(|&tag| self.plan.job.catalogue.tags().get(tag).name.to_string());
        let metadata = image.metadata().iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let facts = found.custom_vision.as_ref();
        let same = found.id == self.image_count
            && (found.width, found.height) == (file.width, file.height)
            && found.file_name == file.name
            && facts.is_some_and(|facts| {
                facts.id == image.id().to_string()
                    && facts.tags.iter().cloned().eq(names)
                    && has_pairs(&facts.metadata, metadata)
            });
        if same { Ok(()) } else { Err(format!("the image {} is not as it was listed", image.id())) }
    }

    fn annotation(&mut self, found: CocoAnnotation) -> Result<(), String> {
        let (image_id, region, file) = self.regions.next().ok_or("there is one annotation too many")?;
        self.annotation_count += 1;
        let category = self.tags.iter().position(|&tag| tag == region.tag).map(|place| place as u64 + 1);
        let [x, y, width, height] = found.bbox;
        let area = width * height;
        let same = found.id == self.annotation_count
            && found.image_id == image_id
            && Some(found.category_id) == category
            && found.iscrowd == 0
            && found.segmentation.is_empty()
            && (found.area - area).abs() <= area.abs() * 1e-9
            && found.custom_vision_id == Some(region.id.to_string())
            && is_same_box(PixelRect { x, y, width, height }, region, file);
        if same { Ok(()) } else { Err(format!("the region {} is not as it was listed", region.id)) }
    }
}

/// Whether the pixels, turned back into fractions, are the region to the last bit, or the part of it that is inside.
fn is_same_box(pixels: PixelRect, region: RegionView, file: &Placed) -> bool {
    let found = pixels.in_fractions(file.width, file.height);
    if !region.rect.leaves_image() {
        return found == region.rect;
    }
    let inside = region.rect.clamped();
    let is_near = |a: f32, b: f32| (a - b).abs() <= 1e-5;
    is_near(found.left, inside.left)
        && is_near(found.top, inside.top)
        && is_near(found.right(), inside.right())
        && is_near(found.bottom(), inside.bottom())
        && !found.leaves_image()
}

fn has_pairs<'a>(
    found: &serde_json::Map<String, serde_json::Value>,
    mut expected: impl Iterator<Item = (&'a str, &'a str)>,
) -> bool {
    expected.all(|(key, value)| found.get(key).and_then(|found| found.as_str()) == Some(value))
}

fn check_jsonl(plan: &Plan, placed: &[Placed], ledger: &Ledger, file: File) -> Result<(), String> {
    let mut expected = expected(plan, placed, ledger, Format::Jsonl);
    for line in jsonl::read_lines(BufReader::with_capacity(1 << 17, file)) {
        let line = line.map_err(|error| error.to_string())?;
        let (image, _) = expected.next().ok_or("there is one image too many")?;
        check_line(&line, &image.to_row()).map_err(|what| format!("{what} of the image {} differs", image.id()))?;
    }
    expected.next().map_or(Ok(()), |(image, _)| Err(format!("the image {} is missing", image.id())))
}

fn check_line(line: &jsonl::Line, row: &ImageRow) -> Result<(), &'static str> {
    let verbatim = |slot: Slot| row.verbatim.iter().find(|kept| kept.slot == slot).map(|kept| kept.text.to_string());
    let date = |slot, stamp: Option<crate::domain::Stamp>| verbatim(slot).or(stamp.map(|stamp| stamp.to_string()));
    let ensure = |same: bool, what| if same { Ok(()) } else { Err(what) };
    ensure(line.id == row.id.to_string(), "the id")?;
    ensure(line.created == date(Slot::ImageCreated, row.created), "the date")?;
    ensure((line.width, line.height) == (row.width, row.height), "the size")?;
    ensure(line.metadata.len() == row.metadata.len(), "the metadata")?;
    ensure(has_pairs(&line.metadata, row.metadata.iter().map(|(key, value)| (&**key, &**value))), "the metadata")?;
    ensure(line.tags.len() == row.tags.len() && line.regions.len() == row.regions.len(), "the number of labels")?;
    for (at, (found, mark)) in (0_u16..).zip(line.tags.iter().zip(&row.tags)) {
        let same = found.tag_id == mark.tag.to_string() && *found.tag_name == *mark.name;
        ensure(same && found.created == date(Slot::TagCreated(at), mark.created), "a tag")?;
    }
    for (at, (found, region)) in (0_u16..).zip(line.regions.iter().zip(&row.regions)) {
        let same = found.region_id == region.id.to_string()
            && found.tag_id == region.tag.to_string()
            && *found.tag_name == *region.tag_name
            && found.created == date(Slot::RegionCreated(at), region.created);
        ensure(same, "a region")?;
        let sides = [region.rect.left, region.rect.top, region.rect.width, region.rect.height];
        for (side, (text, value)) in (0_u8..).zip(found.number_texts().into_iter().zip(sides)) {
            let same = verbatim(Slot::RegionNumber(at, side)).is_none_or(|kept| kept == text);
            ensure(same && text.parse() == Ok(value), "a number")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RecordReader;

    const LINE: &str = r#"{"id":"70000000-0000-0000-0000-000000000001","created":"2020-11-06T16:15:54.5","width":8,"height":4,"tags":[{"tagId":"70000000-0000-0000-0000-000000000002","tagName":"a","created":"2020-11-06T16:15:54"}],"regions":[{"regionId":"70000000-0000-0000-0000-000000000003","tagName":"a","created":"2020-11-06T16:15:54","tagId":"70000000-0000-0000-0000-000000000002","left":0.50,"top":0.295343131,"width":0.25,"height":0.1}],"metadata":{"k":"v"}}"#;

    #[test]
    fn every_field_of_a_line_is_compared() {
        let row = RecordReader::new().line(LINE.as_bytes(), 1).expect("row");
        let check = |text: &str| check_line(&serde_json::from_str(text).expect("line"), &row);
        assert_eq!(check(LINE), Ok(()));
        for (from, to, what) in [
            ("000000000001", "000000000009", "the id"),
            ("16:15:54.5", "16:15:54.6", "the date"),
            ("\"width\":8", "\"width\":9", "the size"),
            ("\"v\"", "\"w\"", "the metadata"),
            ("\"k\":\"v\"", "\"k\":\"v\",\"l\":\"v\"", "the metadata"),
            ("\"tagName\":\"a\",\"created\":\"2020-11-06T16:15:54\"}]", "\"tagName\":\"b\"}]", "a tag"),
            ("000000000003", "000000000009", "a region"),
            ("0.295343131", "0.295343071", "a number"),
            ("0.50", "0.5", "a number"),
        ] {
            let changed = LINE.replacen(from, to, 1);
            assert_ne!(changed, LINE, "{from}");
            assert_eq!(check(&changed), Err(what), "{from}");
        }
    }
}
