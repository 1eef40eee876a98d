//! Which image is for training, which for validation, which for testing: by a hash of its id, so that it stays where it
//! is from one export to the next.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use domain::ImageId;

/// A part of a dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// For training.
    #[default]
    Train,
    /// For validation.
    Val,
    /// For testing.
    Test,
}

impl Part {
    /// All parts in their order.
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

/// How images are divided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SplitRule {
    /// The weights of two or three parts: `[80, 10, 10]`. None is 0.
    pub weights: Vec<u32>,
    /// Whether each tag has the same shares. Then an image may change its part when images are added or removed.
    pub is_stratified: bool,
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
                Ok(Self { weights, is_stratified: false })
            }
            _ => Err(format!("{text:?} is not a split; give two or three whole numbers above 0, such as 80/10/10")),
        }
    }

    /// The parts that it has.
    pub fn parts(&self) -> &'static [Part] {
        &Part::ALL[..self.weights.len().clamp(1, 3)]
    }

    /// The words of the manifest.
    pub fn words(&self) -> String {
        let weights: Vec<_> = self.weights.iter().map(u32::to_string).collect();
        let how = if self.is_stratified {
            "each image belongs to its rarest tag, and the images of a tag are split in the order of that number"
        } else {
            "that number modulo the sum of the weights determines the split"
        };
        format!(
            "{}: the first 8 bytes of the SHA-256 of the image's id (lower case, with hyphens) are a big-endian number; {how}",
            weights.join("/")
        )
    }

    /// The part of each image. A stratum is the tag that an image counts for (any number; only equality matters).
    pub fn assign(&self, images: &[(ImageId, Option<usize>)]) -> Vec<Part> {
        let sum: u64 = self.weights.iter().map(|&weight| u64::from(weight)).sum::<u64>().max(1);
        let part_of = |place: u64| {
            let mut end = 0;
            let at = self.weights.iter().position(|&weight| {
                end += u64::from(weight);
                place < end
            });
            Part::ALL[at.unwrap_or(0).min(2)]
        };
        if !self.is_stratified {
            return images.iter().map(|(id, _)| part_of(hash(*id) % sum)).collect();
        }
        let mut order: Vec<(Option<usize>, u64, usize)> =
            images.iter().enumerate().map(|(at, (id, stratum))| (*stratum, hash(*id), at)).collect();
        order.sort_unstable();
        let mut parts = vec![Part::Train; images.len()];
        let mut start = 0;
        while start < order.len() {
            let stratum = order[start].0;
            let count = order[start..].iter().take_while(|entry| entry.0 == stratum).count();
            for (rank, entry) in order[start..start + count].iter().enumerate() {
                // The middle of the rank's share, so that a few images do not all fall into the first part.
                let place = (2 * rank as u64 + 1) * sum / (2 * count as u64);
                parts[entry.2] = part_of(place.min(sum - 1));
            }
            start += count;
        }
        parts
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
    use uuid::Uuid;

    fn images(count: u128) -> Vec<(ImageId, Option<usize>)> {
        (0..count).map(|number| (ImageId(Uuid::from_u128(number)), Some(usize::from(number % 10 == 0)))).collect()
    }

    #[test]
    fn weights_are_two_or_three_whole_numbers() {
        assert_eq!(SplitRule::parse("80/10/10").expect("split").weights, [80, 10, 10]);
        assert_eq!(SplitRule::parse("4 / 1").expect("split").parts(), [Part::Train, Part::Val]);
        for text in ["", "80", "80/0/20", "1/2/3/4", "a/b", "0.8/0.2", "-1/2"] {
            assert!(SplitRule::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_image_stays_where_it_is() {
        let rule = SplitRule::parse("80/10/10").expect("split");
        let all = images(2_000);
        let parts = rule.assign(&all);
        assert_eq!(rule.assign(&all[..50]), parts[..50]);
        let count = |part| parts.iter().filter(|&&at| at == part).count();
        assert!((1_500..1_700).contains(&count(Part::Train)) && (150..250).contains(&count(Part::Test)));
    }

    #[test]
    fn strata_have_the_same_shares() {
        let rule = SplitRule { is_stratified: true, ..SplitRule::parse("80/10/10").expect("split") };
        let all = images(1_000);
        let parts = rule.assign(&all);
        for stratum in [0, 1] {
            let of = |part| all.iter().zip(&parts).filter(|((_, at), p)| *at == Some(stratum) && **p == part).count();
            let sum = of(Part::Train) + of(Part::Val) + of(Part::Test);
            assert_eq!((of(Part::Train), of(Part::Val)), (sum * 8 / 10, sum / 10), "{stratum}");
        }
    }
}
