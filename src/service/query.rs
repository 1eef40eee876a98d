//! What a listing asks for, and the exact queries that say so.

use url::Url;

use crate::domain::{ImageId, IterationId, TagId};

/// Rows a page at most.
pub const MAX_TAKE: u32 = 256;
/// Tags that one call may filter by; more are split into several calls.
pub const MAX_TAGS_A_CALL: usize = 20;
/// Images that one call may ask for by id.
pub const MAX_IDS_A_CALL: usize = 256;

/// The order of a listing, by upload. Images of one upload come in no order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Latest first, the service's default.
    #[default]
    Newest,
    /// Earliest first.
    Oldest,
}

impl Order {
    /// As the service writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "Newest",
            Self::Oldest => "Oldest",
        }
    }
}

/// Which tagged images to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// The iteration; `None`: the workspace.
    pub iteration: Option<IterationId>,
    /// Images with any of these tags; empty: all tagged images. Any number.
    pub tags: Vec<TagId>,
    /// The order.
    pub order: Order,
}

impl ListQuery {
    /// The same listing in parts that the service accepts: each of at most [`MAX_TAGS_A_CALL`] different tags.
    pub(super) fn split(&self) -> Vec<Self> {
        let mut tags = self.tags.clone();
        let mut seen = rustc_hash::FxHashSet::default();
        tags.retain(|tag| seen.insert(*tag));
        if tags.len() <= MAX_TAGS_A_CALL {
            return vec![Self { tags, ..self.clone() }];
        }
        let part = |tags: &[TagId]| Self { tags: tags.to_vec(), ..*self };
        tags.chunks(MAX_TAGS_A_CALL).map(part).collect()
    }

    pub(super) fn add_page_to(&self, url: &mut Url, skip: u64, take: u32) {
        self.add_filter_to(url);
        url.query_pairs_mut()
            .append_pair("orderBy", self.order.as_str())
            .append_pair("take", &take.to_string())
            .append_pair("skip", &skip.to_string());
    }

    pub(super) fn add_filter_to(&self, url: &mut Url) {
        add_iteration_to(url, self.iteration);
        if !self.tags.is_empty() {
            url.query_pairs_mut().append_pair("tagIds", &joined(&self.tags));
        }
    }
}

pub(super) fn add_iteration_to(url: &mut Url, iteration: Option<IterationId>) {
    if let Some(iteration) = iteration {
        url.query_pairs_mut().append_pair("iterationId", &iteration.to_string());
    }
}

pub(super) fn add_images_to(url: &mut Url, images: &[ImageId]) {
    url.query_pairs_mut().append_pair("imageIds", &joined(images));
}

/// One comma-separated parameter: repeated ones are not known to work.
fn joined<T: ToString>(ids: &[T]) -> String {
    ids.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn tags_are_split_by_twenty_without_repeats() {
        let tags: Vec<TagId> = (0..45_u128).map(|n| TagId(Uuid::from_u128(n))).collect();
        let mut repeated = tags.clone();
        repeated.extend(&tags);
        let parts = ListQuery { tags: repeated, ..ListQuery::default() }.split();
        assert_eq!(parts.iter().map(|part| part.tags.len()).collect::<Vec<_>>(), [20, 20, 5]);
        assert_eq!(parts.into_iter().flat_map(|part| part.tags).collect::<Vec<_>>(), tags);
        assert_eq!(ListQuery::default().split(), [ListQuery::default()]);
    }
}
