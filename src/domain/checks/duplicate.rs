//! Images that are nearly the same, by the distance of their perceptual hashes: the number of bits that differ.
//!
//! No comparison of all with all: two hashes that differ in at most `d` bits agree in at least one of `d + 1` pieces,
//! so only those that share a piece are compared (multi-index hashing). A camera that never moves makes pictures that
//! are all alike, and so a piece that all of them share; there each is compared with a bounded number of its nearest in
//! order, which still finds it a twin.

use super::CheckOptions;
use super::finding::{Facts, Finding};
use super::twins::{self, TwinLabels};
use crate::catalogue::{Catalogue, ImageIx};

/// Hashes after it, of those that share a piece, with which each is compared.
const WINDOW: usize = 2_048;

/// The nearest other image of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nearest {
    pub image: ImageIx,
    /// The one that is most like it; of several the first.
    pub other: ImageIx,
    /// Bits that differ.
    pub distance: u8,
}

/// Hashes that are equal count as one.
struct Group {
    hash: u64,
    /// The first image and, when several share the hash, the second.
    first: ImageIx,
    second: Option<ImageIx>,
    /// Another group: distance, its first image.
    nearest: Option<(u8, ImageIx)>,
}

/// For each image that has another one within `most` different bits: the nearest. In the order of the images.
pub fn nearest(hashes: &[Option<u64>], most: u8) -> Vec<Nearest> {
    let mut sorted: Vec<(u64, ImageIx)> =
        hashes.iter().enumerate().filter_map(|(at, hash)| hash.map(|hash| (hash, ImageIx(at as u32)))).collect();
    sorted.sort_unstable();
    let mut groups: Vec<Group> = Vec::new();
    for &(hash, image) in &sorted {
        match groups.last_mut().filter(|group| group.hash == hash) {
            Some(group) => group.second = group.second.or(Some(image)),
            None => groups.push(Group { hash, first: image, second: None, nearest: None }),
        }
    }
    find_near(&mut groups, most);
    let mut all = Vec::new();
    let mut group = groups.iter().peekable();
    for (hash, image) in sorted {
        while group.peek().is_some_and(|group| group.hash < hash) {
            group.next();
        }
        let Some(group) = group.peek() else { break };
        let twin = if image == group.first { group.second } else { Some(group.first) };
        let found = twin.map(|twin| (0, twin)).or(group.nearest);
        all.extend(found.map(|(distance, other)| Nearest { image, other, distance }));
    }
    all.sort_unstable_by_key(|nearest| nearest.image);
    all
}

/// Notes for each group without a twin of its own the nearest other group.
fn find_near(groups: &mut [Group], most: u8) {
    let pieces = u32::from(most) + 1;
    let mut order: Vec<(u64, u64, u32)> = Vec::with_capacity(groups.len());
    for piece in 0..pieces {
        let (low, high) = (64 * piece / pieces, 64 * (piece + 1) / pieces);
        let mask = if high - low == 64 { u64::MAX } else { ((1 << (high - low)) - 1) << low };
        order.clear();
        order.extend(groups.iter().zip(0..).map(|(group, at)| (group.hash & mask, group.hash, at)));
        order.sort_unstable();
        for (at, &(shared, hash, group)) in order.iter().enumerate() {
            let after = &order[at + 1..order.len().min(at + 1 + WINDOW)];
            for &(_, other_hash, other) in after.iter().take_while(|(piece, ..)| *piece == shared) {
                let distance = (hash ^ other_hash).count_ones();
                if distance <= u32::from(most) {
                    note(groups, group, other, distance as u8);
                    note(groups, other, group, distance as u8);
                }
            }
        }
    }
}

fn note(groups: &mut [Group], group: u32, other: u32, distance: u8) {
    let found = (distance, groups[other as usize].first);
    let nearest = &mut groups[group as usize].nearest;
    if nearest.is_none_or(|before| found < before) {
        *nearest = Some(found);
    }
}

/// Findings on all images that have a near-duplicate, each with its nearest, whose labels are compared with its own.
pub fn duplicates(catalogue: &Catalogue, hashes: &[Option<u64>], options: &CheckOptions) -> Vec<Finding> {
    let near = nearest(hashes, options.duplicate_bits);
    let mut space = twins::Space::default();
    let finding = |Nearest { image, other, distance }: Nearest| {
        let (this, that) = (catalogue.get(image)?, catalogue.get(other)?);
        let finding = |labels| Finding::on(image, Facts::Duplicate { other, distance, labels });
        if !twins::is_tagged_alike(this, that, &mut space) {
            return Some(finding(TwinLabels::OtherTags));
        }
        let Some(difference) = twins::difference(this, that, options.duplicate_iou, &mut space) else {
            return Some(finding(TwinLabels::Same));
        };
        let twins::Difference { tag, regions, boxes } = difference;
        let second = regions[1].map(|_| tag);
        Some(Finding { regions, tags: [Some(tag), second], ..finding(TwinLabels::OtherBoxes(boxes)) })
    };
    near.into_iter().filter_map(finding).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(hashes: &[Option<u64>], most: u8) -> Vec<Nearest> {
        let mut all = Vec::new();
        for (at, hash) in hashes.iter().enumerate() {
            let others = hashes.iter().enumerate().filter(|(other, _)| *other != at);
            let distance = |other: &Option<u64>| Some((hash.as_ref()? ^ other.as_ref()?).count_ones() as u8);
            let near = others.filter_map(|(other, hash)| Some((distance(hash)?, other)));
            if let Some((distance, other)) = near.min().filter(|(distance, _)| *distance <= most) {
                all.push(Nearest { image: ImageIx(at as u32), other: ImageIx(other as u32), distance });
            }
        }
        all
    }

    /// Hashes around a few centers, some of them equal.
    fn hashes() -> impl Strategy<Value = Vec<Option<u64>>> {
        let one = (0_u64..4, prop::collection::vec(0_u32..64, 0..6), prop::bool::weighted(0.9)).prop_map(
            |(center, flips, is_known)| {
                let hash = center.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                is_known.then(|| flips.into_iter().fold(hash, |hash, bit| hash ^ (1 << bit)))
            },
        );
        prop::collection::vec(one, 0..60)
    }

    proptest! {
        #[test]
        fn the_index_finds_what_all_pairs_find(hashes in hashes(), most in 0_u8..9) {
            prop_assert_eq!(nearest(&hashes, most), naive(&hashes, most));
        }
    }

    #[test]
    fn a_camera_that_never_moves_is_no_quadratic_search() {
        // All share the upper 48 bits.
        let hashes: Vec<_> = (0..60_000_u64).map(Some).collect();
        let near = nearest(&hashes, 3);
        assert_eq!(near.len(), 60_000);
        assert!(near.iter().all(|nearest| nearest.distance == 1));
    }

    #[test]
    fn without_hashes_nothing_is_alike() {
        assert_eq!(nearest(&[], 3), []);
        assert_eq!(nearest(&[None, Some(5), None], 12), []);
        assert_eq!(nearest(&[Some(0), Some(u64::MAX)], 12), []);
    }
}
