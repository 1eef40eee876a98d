//! What a listing asks for, and the exact queries that say so.

use url::Url;

use domain::{ImageId, ImageRow, IterationId, TagId};

/// Rows a page at most.
pub const MAX_TAKE: u32 = 256;
/// Tags that one call may filter by; more are split into several calls.
pub const MAX_TAGS_A_CALL: usize = 20;
pub const MAX_IDS_A_CALL: usize = 256;

/// The order of a listing, by upload. Images of one upload come in no order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Latest first, the service's default.
    #[default]
    Newest,
    Oldest,
}

impl Order {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "Newest",
            Self::Oldest => "Oldest",
        }
    }
}

/// Which of a project's images a listing shows: each is a call of the API with its own count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListingKind {
    /// Images with tags or regions: `images/tagged`.
    #[default]
    Tagged,
    /// Images without: `images/untagged`. Tags of the query do not matter.
    Untagged,
    /// Images that an iteration has predictions for: `iterations/{id}/performance/images`.
    Predicted(IterationId),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    pub rows: ListingKind,
    /// The iteration; `None`: the workspace.
    pub iteration: Option<IterationId>,
    /// Images with any of these tags; empty: all images of the kind. Any number.
    pub tags: Vec<TagId>,
    pub order: Order,
}

impl ListQuery {
    /// The same listing in parts that the service accepts: each of at most [`MAX_TAGS_A_CALL`] different tags.
    pub(super) fn split(&self) -> Vec<Self> {
        let parts = tag_parts(&self.tags);
        parts.into_iter().map(|tags| Self { tags, ..self.clone() }).collect()
    }

    /// The call of the API below the project; the count of its rows is below that again, as `count`.
    pub(super) fn path(&self) -> String {
        match self.rows {
            ListingKind::Tagged => "images/tagged".to_owned(),
            ListingKind::Untagged => "images/untagged".to_owned(),
            ListingKind::Predicted(iteration) => format!("iterations/{iteration}/performance/images"),
        }
    }

    /// What is not there when the service answers so.
    pub(super) fn subject(&self) -> &'static str {
        match self.rows {
            ListingKind::Tagged | ListingKind::Untagged => "project",
            ListingKind::Predicted(_) => "iteration",
        }
    }

    /// Whether an image, asked for by its id, still belongs to the listing.
    pub(super) fn still_lists(&self, row: &ImageRow) -> bool {
        let has_tags = !row.tags.is_empty() || !row.regions.is_empty();
        let is_of_kind = match self.rows {
            ListingKind::Tagged => has_tags,
            ListingKind::Untagged => !has_tags,
            // Only the iteration's own list could say.
            ListingKind::Predicted(_) => true,
        };
        let has_any = || {
            let mut ids = row.tags.iter().map(|mark| mark.tag).chain(row.regions.iter().map(|region| region.tag));
            ids.any(|tag| self.tags.contains(&tag))
        };
        is_of_kind && (self.tags.is_empty() || self.rows == ListingKind::Untagged || has_any())
    }

    pub(super) fn add_page_to(&self, url: &mut Url, skip: u64, take: u32) {
        self.add_filter_to(url);
        add_window_to(url, self.order, skip, take);
    }

    pub(super) fn add_filter_to(&self, url: &mut Url) {
        if !matches!(self.rows, ListingKind::Predicted(_)) {
            add_iteration_to(url, self.iteration);
        }
        if self.rows != ListingKind::Untagged {
            add_tags_to(url, &self.tags);
        }
    }
}

/// Tags in parts that one call accepts, without repeats; one empty part when there are none.
pub(super) fn tag_parts(tags: &[TagId]) -> Vec<Vec<TagId>> {
    let mut seen = rustc_hash::FxHashSet::default();
    let tags: Vec<TagId> = tags.iter().copied().filter(|tag| seen.insert(*tag)).collect();
    if tags.is_empty() {
        return vec![tags];
    }
    tags.chunks(MAX_TAGS_A_CALL).map(<[TagId]>::to_vec).collect()
}

pub(super) fn add_window_to(url: &mut Url, order: Order, skip: u64, take: u32) {
    url.query_pairs_mut()
        .append_pair("orderBy", order.as_str())
        .append_pair("take", &take.to_string())
        .append_pair("skip", &skip.to_string());
}

pub(super) fn add_tags_to(url: &mut Url, tags: &[TagId]) {
    if !tags.is_empty() {
        url.query_pairs_mut().append_pair("tagIds", &joined(tags));
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

    #[test]
    fn an_image_asked_for_by_its_id_may_have_left_the_list() {
        let tag = |number: u128| TagId(Uuid::from_u128(number));
        let id = Uuid::from_u128(9);
        let text = |tags: &str| format!(r#"{{"id":"{id}","tags":[{tags}]}}"#);
        let row = |tags: &str| domain::RecordReader::new().line(text(tags).as_bytes(), 0).expect("row");
        let (bare, tagged) = (row(""), row(&format!(r#"{{"tagId":"{}","tagName":"a"}}"#, tag(1).0)));
        let lists = |rows: ListingKind, tags: &[TagId]| {
            let query = ListQuery { rows, tags: tags.to_vec(), ..ListQuery::default() };
            [query.still_lists(&bare), query.still_lists(&tagged)]
        };
        assert_eq!(lists(ListingKind::Tagged, &[]), [false, true]);
        assert_eq!(lists(ListingKind::Tagged, &[tag(2), tag(1)]), [false, true]);
        assert_eq!(lists(ListingKind::Tagged, &[tag(2)]), [false, false]);
        assert_eq!(lists(ListingKind::Untagged, &[tag(2)]), [true, false]);
    }
}
