//! Which images of an export stay together in one part of its split.

use rustc_hash::FxHashMap;

use super::export_log::Placed;
use app::{ExportJob, words};
use domain::{Catalogue, ImageIx};
use formats::SplitGroup;

/// The group of each placed image; empty: each is on its own.
pub(super) fn of(job: &ExportJob, placed: &[Placed], group: &SplitGroup) -> Vec<u32> {
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
pub(super) fn lack(job: &ExportJob, placed: &[Placed]) -> Option<String> {
    let Some(SplitGroup::Meta(key)) = job.options.split.as_ref().map(|rule| &rule.group) else { return None };
    let is_known = has_key(&job.catalogue, placed.iter().map(|file| file.ix), key);
    (!is_known).then(|| words::of_unknown_key(key) + ".")
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
