//! What a format's reader gives back against the catalogue, by arithmetic that goes the other way: pixels back to
//! fractions, first and last pixels back to edges. Each within the precision that its own terms allow.

mod jsonl;
mod pictures;

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Plan;
use super::export_log::ExportLog;
use super::layout::{self, Layout, Placed};
use domain::{ImageView, PixelRect, RegionView, TagIx, Timestamp, UnitRect};
use formats::rules::is_classification;
use formats::{
    Format, FormatError, FoundFacts, FoundImage, FoundRecord, FoundRegion, PixelChoice, Place, ReadPlan, Rules, Sink,
    SplitPart, TagPlace, by_format,
};
use storage::open_files::refused;

/// What numbers of double precision may be off by, in fractions of the image.
const NEAR: f64 = 1e-9;

/// Whether each tag but the negative one is a class, under its own name (with a number where it is shared).
pub(super) fn classes(plan: &Plan, layout: &Layout) -> Result<(), String> {
    let classes = layout.classes.classes();
    let names: BTreeSet<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    if names.len() != classes.len() || (1..).zip(classes).any(|(id, class)| class.id != id) {
        return Err("the classes do not have unique numbers and names".to_owned());
    }
    let by_tag: HashMap<_, _> =
        classes.iter().filter(|class| !class.is_deleted).map(|class| (class.tag, class)).collect();
    let mut living = 0;
    for (_, entry) in plan.job.catalogue.tags().iter().filter(|(_, entry)| !entry.is_negative()) {
        let found = by_tag.get(&entry.id);
        let name = &*entry.name;
        let fits =
            found.is_some_and(|class| class.name == name || (class.name.starts_with(name) && names.contains(name)));
        if !fits {
            return Err(format!("the tag {name:?} has the wrong class"));
        }
        living += 1;
    }
    let expected = living + classes.iter().filter(|class| class.is_deleted).count();
    if expected == classes.len() { Ok(()) } else { Err("there is an extra class".to_owned()) }
}

pub(super) fn format(plan: &Plan, placed: &[Placed], log: &ExportLog, format: Format) -> Result<(), String> {
    match format {
        Format::Jsonl => return jsonl::check(plan, placed, log),
        Format::Crops | Format::Annotated => return pictures::check(plan, placed, log, format),
        _ => {}
    }
    let is_split = log.layout.part_list.len() > 1;
    if !is_split || !format.reads_by_part() {
        return compare(plan, placed, log, format, None);
    }
    log.layout.part_list.iter().try_for_each(|&part| compare(plan, placed, log, format, Some(part)))
}

/// Places of the images that a format should hold, in order.
fn expected<'a>(
    placed: &'a [Placed],
    log: &'a ExportLog,
    format: Format,
    part: Option<SplitPart>,
) -> impl Iterator<Item = usize> + 'a {
    let is_of_part = move |at: usize| part.is_none_or(|part| log.layout.parts.get(at) == Some(&part));
    (0..placed.len()).filter(move |&at| is_of_part(at) && log.holds_image(placed[at].ix, format))
}

fn compare(
    plan: &Plan,
    placed: &[Placed],
    log: &ExportLog,
    format: Format,
    part: Option<SplitPart>,
) -> Result<(), String> {
    let job = &plan.job;
    let is_classification = is_classification(job.kind);
    let names = log.layout.classes.names(format, is_classification);
    let mut order: Vec<u32> = expected(placed, log, format, part).map(|at| at as u32).collect();
    if format.is_shuffled(&job.options) {
        let held: HashSet<u32> = order.into_iter().collect();
        order = layout::order(job, placed, format).into_iter().filter(|at| held.contains(at)).collect();
    }
    if format.reads_by_name() {
        order.sort_by(|&a, &b| stem(&placed[a as usize].name).cmp(stem(&placed[b as usize].name)));
    }
    let mut check = Check {
        plan,
        placed,
        log,
        format,
        rules: format.rules(job.kind),
        is_split: log.layout.part_list.len() > 1,
        names: &names,
        classes: 0,
        order: &order,
        images: 0,
        region: (0, 0),
    };
    let folder = plan.staging.path().join(format.prefix(&job.formats));
    let has_pictures = job.pixels != PixelChoice::None;
    let read_plan = ReadPlan { folder: &folder, kind: job.kind, part, has_pictures };
    by_format::read(format, read_plan, &mut check).map_err(|error| {
        if let FormatError::OutOfFiles { name } = &error {
            refused(&folder.join(name));
        }
        error.to_string()
    })?;
    check.finish()
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn stem(path: &str) -> &str {
    let name = file_name(path);
    match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 4 => stem,
        _ => name,
    }
}

/// Goes along the file and along the catalogue in step.
struct Check<'a> {
    plan: &'a Plan,
    placed: &'a [Placed],
    log: &'a ExportLog,
    format: Format,
    rules: Rules,
    is_split: bool,
    names: &'a [String],
    classes: usize,
    /// Places of the expected images.
    order: &'a [u32],
    images: usize,
    /// The next region: image in the order, and place in its list.
    region: (usize, usize),
}

impl<'a> Check<'a> {
    fn image_at(&self, at: usize) -> Option<(ImageView<'a>, &'a Placed)> {
        let file = self.placed.get(*self.order.get(at)? as usize)?;
        Some((self.plan.job.catalogue.get(file.ix)?, file))
    }

    /// The next region that the format should hold, and the number of its image.
    fn next_region(&mut self) -> Option<(usize, RegionView, &'a Placed)> {
        loop {
            let (at, place) = self.region;
            let (image, file) = self.image_at(at)?;
            match image.region(place) {
                None => self.region = (at + 1, 0),
                Some(region) => {
                    self.region = (at, place + 1);
                    if self.log.holds_region(region.ix, self.format) {
                        return Some((at, region, file));
                    }
                }
            }
        }
    }

    fn name_of(&self, tag: TagIx) -> Option<&'a str> {
        self.names.get(self.log.layout.classes.index(tag)?).map(String::as_str)
    }

    /// Names of the classes that should stand on the image as a whole.
    fn tags_of(&self, image: ImageView<'_>) -> Vec<&'a str> {
        let is_held = |region: &RegionView| self.rules.has_boxes && self.log.holds_region(region.ix, self.format);
        let carried: HashSet<TagIx> = image.regions().filter(is_held).map(|region| region.tag).collect();
        let mut seen = HashSet::new();
        let own = image.tags().iter().filter(|tag| !carried.contains(tag));
        own.filter_map(|&tag| self.name_of(tag)).filter(|name| seen.insert(*name)).collect()
    }

    fn finish(mut self) -> Result<(), String> {
        // A part without images has no shard that could list them.
        let has_list = !(self.format.packs_pictures() && self.order.is_empty() && self.classes == 0);
        if has_list && self.format.lists_classes(self.plan.job.kind) && self.classes != self.names.len() {
            return Err("a category is missing".to_owned());
        }
        if let Some((image, _)) = self.image_at(self.images) {
            return Err(format!("the image {} is missing", image.id()));
        }
        self.next_region().map_or(Ok(()), |(_, region, _)| Err(format!("the region {} is missing", region.id)))
    }
}

impl Sink for Check<'_> {
    fn class(&mut self, name: &str) -> Result<(), String> {
        let expected = self.names.get(self.classes).ok_or("there is an extra category")?;
        self.classes += 1;
        if name == expected { Ok(()) } else { Err(format!("the category {name:?} should be the tag {expected:?}")) }
    }

    fn image(&mut self, found: FoundImage) -> Result<(), String> {
        let (image, file) = self.image_at(self.images).ok_or("there is an extra image")?;
        let part = self.log.layout.parts.get(self.order[self.images] as usize).copied();
        self.images += 1;
        let listed = || image.tags().iter().map(|&tag| &*self.plan.job.catalogue.tags().get(tag).name);
        let has_facts = |FoundFacts { tags, metadata }: &FoundFacts| {
            // Of a key that is there twice a JSON object has the last value.
            let listed_pairs: HashMap<&str, &str> = image.metadata().collect();
            let found: HashMap<&str, &str> = metadata.iter().map(|(key, value)| (&**key, &**value)).collect();
            tags.iter().map(String::as_str).eq(listed()) && found == listed_pairs
        };
        let has_tags = |tags: &Vec<String>| tags.iter().map(String::as_str).eq(self.tags_of(image));
        let name = found.name.as_str();
        let same = (name == file.name || name == file_name(&file.name) || name == stem(&file.name))
            && found.size.is_none_or(|size| size == (file.width, file.height))
            && found.id.is_none_or(|id| id == image.id().to_string())
            && found.facts.as_ref().is_none_or(has_facts)
            && found.tags.as_ref().map_or(self.rules.tags == TagPlace::None, has_tags)
            && found.part.is_none_or(|found| !self.is_split || Some(found) == part)
            && match &found.record {
                Some(record) => is_same_record(record, image, file),
                None => !self.format.packs_pictures(),
            };
        if same { Ok(()) } else { Err(format!("the image {} differs from the list", image.id())) }
    }

    fn region(&mut self, number: u64, found: FoundRegion) -> Result<(), String> {
        let (image, region, file) = self.next_region().ok_or("there is an extra annotation")?;
        let same = number == image as u64
            && Some(found.label.as_str()) == self.name_of(region.tag)
            && found.id.is_none_or(|id| id == region.id.to_string())
            && found.listed.is_none_or(|listed| listed == region.rect)
            && (!self.format.packs_pictures() || is_same_date(found.created, region.created))
            && is_same_place(found.place, region.rect, file);
        if same { Ok(()) } else { Err(format!("the region {} differs from the list", region.id)) }
    }
}

/// Whether date, metadata and picture are those of the image.
fn is_same_record(found: &FoundRecord, image: ImageView<'_>, file: &Placed) -> bool {
    let FoundRecord { created, metadata, picture } = found;
    let found_pairs = metadata.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let is_same_picture = match (picture, &file.facts) {
        (Some(found), Some(facts)) => found.bytes == facts.bytes && Some(&found.sha256) == facts.sha256.sum(),
        (found, facts) => found.is_none() && facts.is_none(),
    };
    is_same_date(*created, image.created()) && is_same_picture && found_pairs.eq(image.metadata())
}

/// Whether a date in the file is the listed one, at least to the microsecond.
fn is_same_date(found: Option<Timestamp>, listed: Option<Timestamp>) -> bool {
    match (found, listed) {
        // Steps of 100 ns.
        (Some(found), Some(listed)) => (0..10).contains(&(listed.0 - found.0)),
        (found, listed) => found.is_none() && listed.is_none(),
    }
}

/// Whether a box in the file is the listed one, or the part of it that is inside.
fn is_same_place(place: Place, listed: UnitRect, file: &Placed) -> bool {
    let (width, height) = (f64::from(file.width), f64::from(file.height));
    let [left, top, right, bottom] = match place {
        Place::Exact(pixels) => return is_same_box(pixels, listed, file),
        Place::Inclusive(pixels) => return is_around(pixels, listed, file),
        Place::Fractions(edges) => edges,
        Place::Pixels([left, top, right, bottom]) => [left / width, top / height, right / width, bottom / height],
    };
    let is_near = |found: f64, expected: f64| (found - expected).abs() <= NEAR;
    let inside = inside(listed);
    is_near(left, inside[0]) && is_near(top, inside[1]) && is_near(right, inside[2]) && is_near(bottom, inside[3])
}

/// Left, top, right and bottom of the part that is inside the image.
fn inside(listed: UnitRect) -> [f64; 4] {
    let (left, top) = (f64::from(listed.left), f64::from(listed.top));
    let (right, bottom) = (left + f64::from(listed.width), top + f64::from(listed.height));
    [left.max(0.0), top.max(0.0), right.min(1.0), bottom.min(1.0)]
}

/// Whether the pixels, turned back into fractions, are the region to the last bit, or the part of it that is inside.
fn is_same_box(pixels: PixelRect, listed: UnitRect, file: &Placed) -> bool {
    let found = pixels.in_fractions(file.width, file.height);
    if !listed.leaves_image() {
        return found == listed;
    }
    let inside = listed.clamped();
    let is_near = |a: f32, b: f32| (a - b).abs() <= 1e-5;
    is_near(found.left, inside.left)
        && is_near(found.top, inside.top)
        && is_near(found.right(), inside.right())
        && is_near(found.bottom(), inside.bottom())
        && !found.leaves_image()
}

/// Whether first and last pixels, counted from 1, are the tightest around the part of the region that is inside.
fn is_around(pixels: [u32; 4], listed: UnitRect, file: &Placed) -> bool {
    let [left, top, right, bottom] = pixels.map(f64::from);
    let inside = inside(listed);
    let spans = [(left, right, inside[0], inside[2], file.width), (top, bottom, inside[1], inside[3], file.height)];
    spans.into_iter().all(|(first, last, low, high, side)| {
        let (side, slack) = (f64::from(side), 2e-6 * f64::from(side));
        let (low, high) = (low * side, high * side);
        // A box on the very last edge has its first pixel on the last one.
        first >= 1.0
            && last <= side
            && (first - 1.0 <= low + slack)
            && (low - (first - 1.0) <= 1.0 + slack)
            && (last >= high - slack)
            && (last - high <= 1.0 + slack)
    })
}
