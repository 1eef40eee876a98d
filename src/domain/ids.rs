//! The service's identifiers, one type each, so that a tag's id is never passed for an image's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    };
}

id!(ProjectId);
id!(IterationId);
id!(
    /// A domain: what kind of model a project trains, and so whether it has regions.
    DomainId
);
id!(TagId);
id!(
    /// An image. Cache by it (and the kind of blob), never by a URI.
    ImageId
);
id!(RegionId);

/// The step between the states of `SplitMix64`.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A number for an id that looks random and is the same each time; near ids are far from each other. Each seed gives
/// other numbers.
pub(crate) fn shuffled(id: Uuid, seed: u64) -> u64 {
    let id = id.as_u128();
    // One half after the other: ids that count up in both would meet in a sum.
    mixed((id as u64) ^ STEP ^ mixed(((id >> 64) as u64) ^ mixed(seed)))
}

/// Mixes bits as the last step of `SplitMix64` does.
fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The first outputs of SplitMix64 with the seed 1234567, as Rosetta Code lists them.
        let outputs = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423_u64];
        let state = |at: u64| 1_234_567_u64.wrapping_add(STEP.wrapping_mul(at + 1));
        assert_eq!([0, 1, 2].map(|at| mixed(state(at))), outputs);
        assert_ne!(shuffled(Uuid::nil(), 0), shuffled(Uuid::nil(), 1));
    }
}
