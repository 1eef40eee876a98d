//! Which image is for training, which for validation, which for testing: by a hash of its id, so that it stays where it
//! is from one export to the next. Images of one group, such as near-duplicates, are in one part: else a model is judged by
//! pictures that it has learned by heart.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use domain::ImageId;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitPart {
    #[default]
    Train,
    Val,
    Test,
}

impl SplitPart {
    pub const ALL: [Self; 3] = [Self::Train, Self::Val, Self::Test];

    /// `train`, `val`, `test`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Val => "val",
            Self::Test => "test",
        }
    }

    /// `train`, `validation`, `test`: the words of Hugging Face and of shards.
    pub fn full_name(self) -> &'static str {
        match self {
            Self::Val => "validation",
            other => other.name(),
        }
    }
}

/// Which images stay together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitGroup {
    /// Each is on its own.
    #[default]
    None,
    /// Images that are nearly the same.
    NearDuplicates,
    /// Images with the same value of this metadata key, whatever its case.
    Meta(String),
}

impl SplitGroup {
    /// Reads `near-duplicates`, `meta:KEY` or `none`.
    ///
    /// # Errors
    /// In words, when it is something else.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.trim().split_once(':') {
            None if text.trim() == "none" => Ok(Self::None),
            None if text.trim() == "near-duplicates" => Ok(Self::NearDuplicates),
            Some(("meta", key)) if !key.trim().is_empty() => Ok(Self::Meta(key.trim().to_owned())),
            _ => {
                Err(format!("{text:?} is not a group of images; give near-duplicates or meta:KEY, such as meta:camera"))
            }
        }
    }

    /// Whether each image is on its own.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// What stays together: `near-duplicates`, `images with the same camera`.
    pub fn label(&self) -> String {
        match self {
            Self::None => "single images".to_owned(),
            Self::NearDuplicates => "near-duplicates".to_owned(),
            Self::Meta(key) => format!("images with the same {key}"),
        }
    }
}

/// How many images stay together, and what a split by the same rule without groups would do to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Together {
    /// Groups of more than one image.
    pub groups: u64,
    /// Images in these.
    pub images: u64,
    /// Pairs of images of one group that would be in different parts.
    pub torn: u64,
}

impl Together {
    /// From the part that each image would have without groups, and its group.
    fn of(plain: &[SplitPart], groups: &[u32]) -> Self {
        let mut order: Vec<(u32, SplitPart)> = groups.iter().copied().zip(plain.iter().copied()).collect();
        order.sort_unstable();
        let pairs = |count: usize| count as u64 * (count as u64).saturating_sub(1) / 2;
        let mut together = Self::default();
        for group in order.chunk_by(|one, other| one.0 == other.0).filter(|group| group.len() > 1) {
            together.groups += 1;
            together.images += group.len() as u64;
            let kept: u64 = group.chunk_by(|one, other| one.1 == other.1).map(|part| pairs(part.len())).sum();
            together.torn += pairs(group.len()) - kept;
        }
        together
    }
}

/// How images are divided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SplitRule {
    /// The weights of two or three parts: `[80, 10, 10]`. None is 0.
    pub weights: Vec<u32>,
    /// Whether each tag has the same shares. Then an image may change its part when images are added or removed.
    pub is_stratified: bool,
    /// Which images stay together. Then an image may change its part too.
    #[serde(default, skip_serializing_if = "SplitGroup::is_none")]
    pub group: SplitGroup,
}

impl SplitRule {
    /// Reads `80/10/10` or `80/20`.
    ///
    /// # Errors
    /// In words, when it is something else.
    pub fn parse(text: &str) -> Result<Self, String> {
        let weights: Option<Vec<u32>> = text.split('/').map(|part| part.trim().parse().ok()).collect();
        match weights {
            Some(weights)
                if (2..=3).contains(&weights.len()) && weights.iter().all(|&at| (1..=1_000_000).contains(&at)) =>
            {
                Ok(Self { weights, is_stratified: false, group: SplitGroup::None })
            }
            _ => Err(format!("{text:?} is not a split; give two or three whole numbers above 0, such as 80/10/10")),
        }
    }

    pub fn parts(&self) -> &'static [SplitPart] {
        &SplitPart::ALL[..self.weights.len().clamp(1, 3)]
    }

    /// The words of the manifest.
    pub fn words(&self) -> String {
        let weights: Vec<_> = self.weights.iter().map(u32::to_string).collect();
        let how = match (&self.group, self.is_stratified) {
            (SplitGroup::None, false) => "that number modulo the sum of the weights determines the split".to_owned(),
            (SplitGroup::None, true) => {
                "each image belongs to its rarest tag, and the images of a tag are split in the order of that number"
                    .to_owned()
            }
            (group, is_stratified) => {
                let of_a_tag = if is_stratified { " of a tag (the rarest of their first image)" } else { "" };
                format!(
                    "{} stay in one part: groups{of_a_tag} are split in the order of their images' smallest number",
                    group.label()
                )
            }
        };
        format!(
            "{}: the first 8 bytes of the SHA-256 of the image's id (lower case, with hyphens) are a big-endian number; {how}",
            weights.join("/")
        )
    }

    /// The part of each image. A stratum is the tag that an image counts for, a group what it stays together with (any
    /// numbers; only equality matters). Without `groups` each image is on its own.
    pub fn assign(&self, images: &[(ImageId, Option<usize>)], groups: &[u32]) -> Vec<SplitPart> {
        let sum: u64 = self.weights.iter().map(|&weight| u64::from(weight)).sum::<u64>().max(1);
        let part_of = |place: u64| {
            let mut end = 0;
            let at = self.weights.iter().position(|&weight| {
                end += u64::from(weight);
                place < end
            });
            SplitPart::ALL[at.unwrap_or(0).min(2)]
        };
        if !self.is_stratified && groups.is_empty() {
            return images.iter().map(|(id, _)| part_of(hash(*id) % sum)).collect();
        }
        // Group, number and place of each image.
        let mut order: Vec<(u32, u64, usize)> = (0_u32..)
            .zip(images)
            .map(|(at, (id, _))| (groups.get(at as usize).copied().unwrap_or(at), hash(*id), at as usize))
            .collect();
        order.sort_unstable();
        // The first image of a group speaks for it. The rest of the key only makes the order whole.
        let key = |unit: &[(u32, u64, usize)]| {
            let (_, number, at) = unit[0];
            (images[at].1.filter(|_| self.is_stratified), number, at)
        };
        let mut units: Vec<_> = order.chunk_by(|one, other| one.0 == other.0).collect();
        units.sort_unstable_by_key(|unit| key(unit));
        let mut parts = vec![SplitPart::Train; images.len()];
        for stratum in units.chunk_by(|one, other| key(one).0 == key(other).0) {
            let count: usize = stratum.iter().map(|unit| unit.len()).sum();
            let mut before = 0;
            for unit in stratum {
                // The middle of its share, so that a few images do not all fall into the first part.
                let place = (2 * before + unit.len()) as u64 * sum / (2 * count as u64);
                unit.iter().for_each(|&(.., at)| parts[at] = part_of(place.min(sum - 1)));
                before += unit.len();
            }
        }
        parts
    }

    /// The same, and what a split without the groups would tear apart; `None`: no groups were asked for.
    pub fn assign_together(
        &self,
        images: &[(ImageId, Option<usize>)],
        groups: &[u32],
    ) -> (Vec<SplitPart>, Option<Together>) {
        let together = (!self.group.is_none()).then(|| Together::of(&self.assign(images, &[]), groups));
        (self.assign(images, groups), together)
    }
}

/// Numbers that put images in the order of their hashes.
pub fn shuffled(ids: impl Iterator<Item = ImageId>) -> Vec<u32> {
    let mut order: Vec<(u64, u32)> = ids.map(hash).zip(0..).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, at)| at).collect()
}

fn hash(id: ImageId) -> u64 {
    let digest = Sha256::digest(id.to_string().as_bytes());
    digest.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn images(count: u128) -> Vec<(ImageId, Option<usize>)> {
        (0..count).map(|number| (ImageId(Uuid::from_u128(number)), Some(usize::from(number % 10 == 0)))).collect()
    }

    #[test]
    fn weights_are_two_or_three_whole_numbers() {
        assert_eq!(SplitRule::parse("80/10/10").expect("split").weights, [80, 10, 10]);
        assert_eq!(SplitRule::parse("4 / 1").expect("split").parts(), [SplitPart::Train, SplitPart::Val]);
        for text in ["", "80", "80/0/20", "1/2/3/4", "a/b", "0.8/0.2", "-1/2"] {
            assert!(SplitRule::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_image_stays_where_it_is() {
        let rule = SplitRule::parse("80/10/10").expect("split");
        let all = images(2_000);
        let parts = rule.assign(&all, &[]);
        assert_eq!(rule.assign(&all[..50], &[]), parts[..50]);
        let count = |part| parts.iter().filter(|&&at| at == part).count();
        assert!((1_500..1_700).contains(&count(SplitPart::Train)) && (150..250).contains(&count(SplitPart::Test)));
    }

    #[test]
    fn groups_are_named_as_they_are_typed() {
        assert_eq!(SplitGroup::parse("near-duplicates"), Ok(SplitGroup::NearDuplicates));
        assert_eq!(SplitGroup::parse(" meta:Schicht Nr "), Ok(SplitGroup::Meta("Schicht Nr".to_owned())));
        assert_eq!(SplitGroup::parse("none"), Ok(SplitGroup::None));
        for text in ["", "meta", "meta:", "camera", "tag:fork"] {
            assert!(SplitGroup::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn pairs_that_a_split_without_groups_tears_are_counted() {
        use SplitPart::{Test, Train, Val};
        // Of three images 0 and 2 are in one part, so two of three pairs are torn; of the pair none is.
        let together = Together::of(&[Train, Val, Train, Test, Test, Val], &[7, 7, 7, 1, 1, 3]);
        assert_eq!(together, Together { groups: 2, images: 5, torn: 2 });
    }

    fn grouped(is_stratified: bool) -> SplitRule {
        let rule = SplitRule::parse("70/20/10").expect("split");
        SplitRule { is_stratified, group: SplitGroup::NearDuplicates, ..rule }
    }

    proptest! {
        #[test]
        fn no_group_is_torn_and_parts_stay_near_their_shares(
            sizes in prop::collection::vec(1_usize..9, 1..200), is_stratified in any::<bool>(), turn in 0_usize..1_000,
        ) {
            let groups: Vec<u32> =
                (0_u32..).zip(&sizes).flat_map(|(group, &size)| std::iter::repeat_n(group, size)).collect();
            let all: Vec<_> = images(groups.len() as u128);
            let rule = grouped(is_stratified);
            let (parts, together) = rule.assign_together(&all, &groups);
            for (at, group) in groups.iter().enumerate() {
                let first = groups.iter().position(|other| other == group).expect("itself");
                prop_assert_eq!(parts[at], parts[first], "image {} of group {}", at, group);
            }
            // Each of the two seams of a stratum is off by half of the largest group at most.
            let strata = if is_stratified { 2.0 } else { 1.0 };
            for (part, share) in SplitPart::ALL.into_iter().zip([0.7, 0.2, 0.1]) {
                let count = parts.iter().filter(|&&at| at == part).count() as f64;
                prop_assert!((count - share * all.len() as f64).abs() <= 9.0 * strata, "{:?}: {} of {}", part, count, all.len());
            }
            let in_groups: usize = sizes.iter().filter(|&&size| size > 1).sum();
            prop_assert_eq!(together.map(|together| together.images), Some(in_groups as u64));
            // The order of the list and the numbers of the groups do not matter.
            let turn = turn % all.len();
            let turned: Vec<_> = all[turn..].iter().chain(&all[..turn]).copied().collect();
            let other: Vec<u32> = groups[turn..].iter().chain(&groups[..turn]).map(|group| 5_000 - group).collect();
            let found = rule.assign(&turned, &other);
            let back: Vec<_> = found[all.len() - turn..].iter().chain(&found[..all.len() - turn]).copied().collect();
            prop_assert_eq!(back, parts);
        }
    }

    #[test]
    fn strata_have_the_same_shares() {
        let rule = SplitRule { is_stratified: true, ..SplitRule::parse("80/10/10").expect("split") };
        let all = images(1_000);
        let parts = rule.assign(&all, &[]);
        for stratum in [0, 1] {
            let of = |part| all.iter().zip(&parts).filter(|((_, at), p)| *at == Some(stratum) && **p == part).count();
            let sum = of(SplitPart::Train) + of(SplitPart::Val) + of(SplitPart::Test);
            assert_eq!((of(SplitPart::Train), of(SplitPart::Val)), (sum * 8 / 10, sum / 10), "{stratum}");
        }
    }
}
