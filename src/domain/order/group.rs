//! Groups of the shown images: by tag or by day, each in the order that the images have.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::{Catalogue, ImageIx, ImageView, TagIx, Timestamp};

/// Ticks of a day.
const DAY: i64 = 86_400 * 10_000_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ImageGrouping {
    /// One list without groups.
    #[default]
    None,
    /// Their first tag.
    Tag,
    Date,
}

impl ImageGrouping {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::None, Self::Tag, Self::Date];

    pub fn label(self) -> &'static str {
        match self {
            Self::None => "No groups",
            Self::Tag => "By first tag",
            Self::Date => "By date",
        }
    }

    /// Words for the button of the menu.
    pub fn button_label(self) -> &'static str {
        match self {
            Self::None => "Group: none",
            Self::Tag => "Group: tag",
            Self::Date => "Group: date",
        }
    }
}

/// What the images of a group have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupKey {
    /// Their first tag, of their own or of their first region; `None`: they have none.
    Tag(Option<TagIx>),
    /// The day of their upload in days since 1970; `None`: it is not known.
    Day(Option<i64>),
}

impl GroupKey {
    fn of(image: ImageView<'_>, grouping: ImageGrouping) -> Option<Self> {
        match grouping {
            ImageGrouping::None => None,
            ImageGrouping::Tag => Some(Self::Tag(super::first_tag(image))),
            ImageGrouping::Date => Some(Self::Day(image.created().map(|stamp| stamp.0.div_euclid(DAY)))),
        }
    }

    /// Words for the head of the group.
    pub fn label(self, catalogue: &Catalogue) -> String {
        match self {
            Self::Tag(Some(tag)) => catalogue.tags().get(tag).name.to_string(),
            Self::Tag(None) => "No tag".to_owned(),
            Self::Day(Some(day)) => Timestamp(day.saturating_mul(DAY)).date_text(),
            Self::Day(None) => "No date".to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageGroup {
    pub key: GroupKey,
    pub len: usize,
}

/// The images with those of a group together, in their order, and the groups: tags by name, days from the side that
/// `is_oldest_first` says; what has neither comes last. An image with several tags is in the group of its first one.
pub fn grouped(
    catalogue: &Catalogue,
    images: &[ImageIx],
    grouping: ImageGrouping,
    is_oldest_first: bool,
) -> (Vec<ImageIx>, Vec<ImageGroup>) {
    let mut numbers: FxHashMap<GroupKey, usize> = FxHashMap::default();
    let mut buckets: Vec<(GroupKey, Vec<ImageIx>)> = Vec::new();
    for image in images.iter().filter_map(|&ix| catalogue.get(ix)) {
        let Some(key) = GroupKey::of(image, grouping) else { return (images.to_vec(), Vec::new()) };
        let number = *numbers.entry(key).or_insert(buckets.len());
        if number == buckets.len() {
            buckets.push((key, Vec::new()));
        }
        if let Some((_, bucket)) = buckets.get_mut(number) {
            bucket.push(image.ix);
        }
    }
    buckets.sort_by_cached_key(|(key, _)| match *key {
        GroupKey::Tag(Some(tag)) => (0, catalogue.tags().get(tag).name.to_lowercase()),
        GroupKey::Day(Some(day)) => (if is_oldest_first { day } else { -day }, String::new()),
        GroupKey::Tag(None) | GroupKey::Day(None) => (i64::MAX, String::new()),
    });
    let groups = buckets.iter().map(|(key, bucket)| ImageGroup { key: *key, len: bucket.len() }).collect();
    (buckets.into_iter().flat_map(|(_, bucket)| bucket).collect(), groups)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ImageId, ImageRow, ImageUris, TagId, TagMark};
    use proptest::prelude::*;
    use uuid::Uuid;

    /// Images given by the numbers of their tags and the day of their upload.
    fn catalogue(images: &[(Vec<u8>, Option<i64>)]) -> Catalogue {
        const NAMES: [&str; 3] = ["spoon", "Fork", "knife"];
        let rows = images.iter().enumerate().map(|(at, (tags, day))| ImageRow {
            id: ImageId(Uuid::from_u128(at as u128 + 1)),
            created: day.map(|day| Timestamp(day * DAY + 5)),
            width: 8,
            height: 6,
            uris: ImageUris::default(),
            tags: tags
                .iter()
                .map(|&tag| TagMark {
                    tag: TagId(Uuid::from_u128(u128::from(tag))),
                    name: NAMES[usize::from(tag)].into(),
                    created: None,
                })
                .collect(),
            regions: Vec::new(),
            metadata: Vec::new(),
            verbatim: Vec::new(),
            problems: Vec::new(),
        });
        let mut catalogue = Catalogue::new();
        catalogue.append(rows.collect());
        catalogue
    }

    fn of(catalogue: &Catalogue, grouping: ImageGrouping, is_oldest_first: bool) -> (Vec<u32>, Vec<(String, usize)>) {
        let images: Vec<_> = catalogue.iter().map(|image| image.ix).collect();
        let (images, groups) = grouped(catalogue, &images, grouping, is_oldest_first);
        let groups = groups.iter().map(|group| (group.key.label(catalogue), group.len)).collect();
        (images.iter().map(|ix| ix.0).collect(), groups)
    }

    #[test]
    fn tags_go_by_name_and_the_first_one_counts() {
        let catalogue = catalogue(&[(vec![0], None), (vec![1, 0], None), (Vec::new(), None), (vec![0, 2], None)]);
        let (images, groups) = of(&catalogue, ImageGrouping::Tag, false);
        assert_eq!(images, [1, 0, 3, 2]);
        assert_eq!(groups, [("Fork".to_owned(), 1), ("spoon".to_owned(), 2), ("No tag".to_owned(), 1)]);
    }

    #[test]
    fn days_go_with_the_order() {
        let catalogue =
            catalogue(&[(vec![0], Some(18_262)), (vec![0], None), (vec![0], Some(18_263)), (vec![0], Some(18_262))]);
        let (images, groups) = of(&catalogue, ImageGrouping::Date, false);
        assert_eq!(images, [2, 0, 3, 1]);
        assert_eq!(
            groups.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["2020-01-02", "2020-01-01", "No date"]
        );
        assert_eq!(of(&catalogue, ImageGrouping::Date, true).0, [0, 3, 2, 1]);
        assert_eq!(of(&catalogue, ImageGrouping::None, true), (vec![0, 1, 2, 3], Vec::new()));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_the_order_within_a_group_stays(
            rows in proptest::collection::vec((proptest::collection::vec(0_u8..3, 0..3), proptest::option::of(0_i64..4)), 0..40),
            grouping in proptest::sample::select(&ImageGrouping::ALL[..]),
        ) {
            let catalogue = catalogue(&rows);
            let (images, groups) = of(&catalogue, grouping, false);
            let mut sorted = images.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..rows.len() as u32).collect::<Vec<_>>());
            let mut rest = &images[..];
            for (_, len) in groups {
                let (group, after) = rest.split_at(len);
                prop_assert!(group.is_sorted());
                rest = after;
            }
        }
    }
}
