//! Classes, parts and order of the dataset that an export is, and which images stay together in one part.

use rustc_hash::{FxHashMap, FxHashSet};

use app::{ExportJob, words};
use domain::{Catalogue, ImageIx};
use formats::split::shuffled;
use formats::{ClassList, Format, SplitGroup, SplitPart, Together};
use storage::FileFacts;

/// An image that is in the export, and its file.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) ix: ImageIx,
    /// Relative to the export, with forward slashes. With no picture: what its name would be, without extension.
    pub(super) name: String,
    /// Upright, of the exported file; 0 when it could not be read.
    pub(super) width: u32,
    pub(super) height: u32,
    /// `None` when no pictures are exported.
    pub(super) facts: Option<FileFacts>,
    /// Whether it is in the hidden folder, under its name; else it is read from the archive.
    pub(super) is_staged: bool,
}

#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) classes: ClassList,
    /// The part of each placed image.
    pub(super) parts: Vec<SplitPart>,
    pub(super) part_list: Vec<SplitPart>,
    /// What stays together in one part, where that was asked for.
    pub(super) together: Option<Together>,
    /// Why nothing does although it was asked for.
    pub(super) no_groups: Option<String>,
    /// Whether the pictures stay in `images/`.
    pub(super) has_shared_pictures: bool,
}

/// Classes and parts of the dataset.
pub(super) fn lay_out(job: &ExportJob, placed: &[Placed]) -> Layout {
    let classes = ClassList::of(job.catalogue.tags(), &job.options.earlier_classes);
    let ((parts, together), part_list): (_, &[SplitPart]) = match &job.options.split {
        None => ((vec![SplitPart::Train; placed.len()], None), &[SplitPart::Train]),
        Some(rule) => {
            let strata = if rule.is_stratified { strata(job, placed, &classes) } else { vec![None; placed.len()] };
            let id = |file: &Placed| job.catalogue.get(file.ix).map(|image| image.id()).unwrap_or_default();
            let images: Vec<_> = placed.iter().map(id).zip(strata).collect();
            (rule.assign_together(&images, &groups(job, placed, &rule.group)), rule.parts())
        }
    };
    let has_shared_pictures = job.formats.is_empty() || job.formats.iter().any(|format| format.shares_pictures());
    let no_groups = lack(job, placed);
    Layout { classes, parts, part_list: part_list.to_vec(), together, no_groups, has_shared_pictures }
}

/// The rarest class of each image.
fn strata(job: &ExportJob, placed: &[Placed], classes: &ClassList) -> Vec<Option<usize>> {
    let of = |file: &Placed| -> FxHashSet<usize> {
        let Some(image) = job.catalogue.get(file.ix) else { return FxHashSet::default() };
        let regions = image.regions().map(|region| region.tag);
        image.tags().iter().copied().chain(regions).filter_map(|tag| classes.index(tag)).collect()
    };
    let mut counts = vec![0_u32; classes.classes().len()];
    placed.iter().flat_map(of).for_each(|class| counts[class] += 1);
    placed.iter().map(|file| of(file).into_iter().min_by_key(|&class| (counts[class], class))).collect()
}

/// Places of the images in the order of a format.
pub(super) fn order(job: &ExportJob, placed: &[Placed], format: Format) -> Vec<u32> {
    if !format.is_shuffled(&job.options) {
        return (0..).take(placed.len()).collect();
    }
    shuffled(placed.iter().map(|file| job.catalogue.get(file.ix).map(|image| image.id()).unwrap_or_default()))
}

/// The group of each placed image; empty: each is on its own.
fn groups(job: &ExportJob, placed: &[Placed], group: &SplitGroup) -> Vec<u32> {
    match group {
        SplitGroup::None => Vec::new(),
        SplitGroup::NearDuplicates => linked(placed, &job.near_duplicates),
        SplitGroup::Meta(key) => alike(job, placed, key),
    }
}

/// Images that pairs link, over whatever others in between, are one group.
fn linked(placed: &[Placed], pairs: &[[ImageIx; 2]]) -> Vec<u32> {
    let places: FxHashMap<ImageIx, u32> = (0..).zip(placed).map(|(at, file)| (file.ix, at)).collect();
    let mut leads: Vec<u32> = (0..placed.len() as u32).collect();
    for pair in pairs {
        let [Some(&one), Some(&other)] = pair.map(|ix| places.get(&ix)) else { continue };
        let (one, other) = (lead(&mut leads, one), lead(&mut leads, other));
        leads[one.max(other) as usize] = one.min(other);
    }
    (0..placed.len() as u32).map(|at| lead(&mut leads, at)).collect()
}

/// The first image of a group; the way to it is made shorter.
fn lead(leads: &mut [u32], mut at: u32) -> u32 {
    while leads[at as usize] != at {
        leads[at as usize] = leads[leads[at as usize] as usize];
        at = leads[at as usize];
    }
    at
}

/// Whether any of the images has the metadata key.
pub fn has_key(catalogue: &Catalogue, mut images: impl Iterator<Item = ImageIx>, key: &str) -> bool {
    let key = key.to_lowercase();
    images.any(|ix| catalogue.get(ix).is_some_and(|image| image.metadata().any(|(name, _)| name.to_lowercase() == key)))
}

/// Why nothing is grouped, where no image has the key that is asked for.
fn lack(job: &ExportJob, placed: &[Placed]) -> Option<String> {
    let Some(SplitGroup::Meta(key)) = job.options.split.as_ref().map(|rule| &rule.group) else { return None };
    let is_known = has_key(&job.catalogue, placed.iter().map(|file| file.ix), key);
    (!is_known).then(|| words::unknown_key(key) + ".")
}

/// Images with the same value of a metadata key; those without it are on their own.
fn alike(job: &ExportJob, placed: &[Placed], key: &str) -> Vec<u32> {
    let key = key.to_lowercase();
    let mut firsts: FxHashMap<&str, u32> = FxHashMap::default();
    let first = |(at, file): (u32, &Placed)| {
        let image = job.catalogue.get(file.ix);
        let value = image.and_then(|image| image.metadata().find(|(name, _)| name.to_lowercase() == key));
        value.map_or(at, |(_, value)| *firsts.entry(value).or_insert(at))
    };
    (0..).zip(placed).map(first).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(count: u32) -> Vec<Placed> {
        let file = |at| {
            let (ix, name) = (ImageIx(10 + at), String::new());
            Placed { ix, name, width: 1, height: 1, facts: None, is_staged: false }
        };
        (0..count).map(file).collect()
    }

    #[test]
    fn what_pairs_link_is_one_group() {
        let pair = |one: u32, other: u32| [ImageIx(10 + one), ImageIx(10 + other)];
        // 99 is not exported, so it links nothing.
        let pairs = [pair(0, 3), pair(5, 3), pair(2, 1), pair(4, 89), pair(89, 1), pair(3, 0)];
        assert_eq!(linked(&placed(6), &pairs), [0, 1, 1, 0, 4, 0]);
        assert_eq!(linked(&placed(2), &[]), [0, 1]);
    }
}
