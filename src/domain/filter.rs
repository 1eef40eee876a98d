//! Which images of a catalogue are shown, and in which order.

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::catalogue::{Catalogue, ImageIx, ImageView};
use super::ids::TagId;

/// Tags that an image must have (one of them at least, as the service's own filter) and must not have, and a text
/// that its id, its metadata or one of its tags contains.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Filter {
    /// An image with any of these is shown; when empty, every image is.
    pub include: FxHashSet<TagId>,
    /// An image with any of these is not shown.
    pub exclude: FxHashSet<TagId>,
    /// Words that must all occur, whatever their case; empty: any image.
    pub text: String,
}

impl Filter {
    /// Whether it lets every image through.
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty() && self.text.trim().is_empty()
    }
}

/// The order of the shown images. Ties fall to the order of arrival, so that nothing dances while pages come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SortKey {
    /// By upload, the latest first: the service's own order.
    #[default]
    Newest,
    /// By upload, the earliest first.
    Oldest,
    /// Most regions first.
    MostRegions,
    /// Fewest regions first.
    FewestRegions,
    /// Largest picture first.
    Largest,
    /// By the name of the first tag.
    Tag,
}

impl SortKey {
    /// All orders, in the order of the menu.
    pub const ALL: [Self; 6] =
        [Self::Newest, Self::Oldest, Self::MostRegions, Self::FewestRegions, Self::Largest, Self::Tag];

    /// Words for the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::Newest => "Newest first",
            Self::Oldest => "Oldest first",
            Self::MostRegions => "Most regions first",
            Self::FewestRegions => "Fewest regions first",
            Self::Largest => "Largest first",
            Self::Tag => "By tag",
        }
    }
}

/// A filter made ready for one catalogue.
struct Matcher {
    include: Vec<bool>,
    exclude: Vec<bool>,
    has_include: bool,
    words: Vec<String>,
    /// For each word, which tags contain it.
    word_tags: Vec<Vec<bool>>,
}

impl Matcher {
    fn new(filter: &Filter, catalogue: &Catalogue) -> Self {
        let tags = catalogue.tags();
        let flags = |set: &FxHashSet<TagId>| tags.iter().map(|(_, entry)| set.contains(&entry.id)).collect();
        let words: Vec<_> = filter.text.split_whitespace().map(str::to_lowercase).collect();
        let names: Vec<_> = tags.iter().map(|(_, entry)| entry.name.to_lowercase()).collect();
        let word_tags = words.iter().map(|word| names.iter().map(|name| name.contains(word)).collect()).collect();
        Self {
            include: flags(&filter.include),
            exclude: flags(&filter.exclude),
            has_include: !filter.include.is_empty(),
            words,
            word_tags,
        }
    }

    fn matches(&self, image: ImageView<'_>) -> bool {
        let has_any = |flags: &[bool]| {
            let flagged = |tag: super::catalogue::TagIx| flags.get(tag.at()).copied().unwrap_or(false);
            image.tags().iter().any(|&tag| flagged(tag)) || image.regions().any(|region| flagged(region.tag))
        };
        if self.has_include && !has_any(&self.include) {
            return false;
        }
        if self.exclude.contains(&true) && has_any(&self.exclude) {
            return false;
        }
        self.words.iter().zip(&self.word_tags).all(|(word, tags)| {
            has_any(tags)
                || image
                    .metadata()
                    .iter()
                    .any(|(key, value)| key.to_lowercase().contains(word) || value.to_lowercase().contains(word))
                || image.id().to_string().contains(word)
        })
    }
}

/// All images of the catalogue that pass, in order.
pub fn visible(catalogue: &Catalogue, filter: &Filter, sort: SortKey) -> Vec<ImageIx> {
    let mut images = Vec::new();
    extend_visible(catalogue, filter, sort, 0, &mut images);
    images
}

/// Adds the images from index `from` on to `images`, which holds those before it, and keeps the order. Only the new
/// ones are looked at; a sort that they do not already follow merges them in.
pub fn extend_visible(catalogue: &Catalogue, filter: &Filter, sort: SortKey, from: u32, images: &mut Vec<ImageIx>) {
    let old = images.len();
    if filter.is_empty() {
        images.extend((from..catalogue.len() as u32).map(ImageIx));
    } else {
        let matcher = Matcher::new(filter, catalogue);
        let fresh = catalogue.iter().skip(from as usize);
        images.extend(fresh.filter(|&image| matcher.matches(image)).map(|image| image.ix));
    }
    // The sort is stable and quick on runs that are already in order, so the old ones cost one comparison each.
    let sorted_before = old.saturating_sub(1);
    let key = |ix: ImageIx| catalogue.get(ix);
    match sort {
        SortKey::Newest => sort_from(images, sorted_before, |ix| key(ix).and_then(|v| v.created()).map(|s| -s.0)),
        SortKey::Oldest => sort_from(images, sorted_before, |ix| key(ix).and_then(|v| v.created())),
        SortKey::MostRegions => {
            sort_from(images, sorted_before, |ix| std::cmp::Reverse(key(ix).map_or(0, |v| v.region_count())));
        }
        SortKey::FewestRegions => sort_from(images, sorted_before, |ix| key(ix).map_or(0, |v| v.region_count())),
        SortKey::Largest => sort_from(images, sorted_before, |ix| {
            let (width, height) = key(ix).map_or((0, 0), |v| v.size());
            std::cmp::Reverse(u64::from(width) * u64::from(height))
        }),
        SortKey::Tag => sort_from(images, sorted_before, |ix| {
            let tag = key(ix).and_then(|v| v.tags().first().copied().or_else(|| v.regions().next().map(|r| r.tag)));
            tag.map(|tag| catalogue.tags().get(tag).name.to_lowercase())
        }),
    }
}

/// Sorts by `key` unless everything from `from` on already follows it.
fn sort_from<K: Ord>(images: &mut [ImageIx], from: usize, key: impl Fn(ImageIx) -> K) {
    let is_sorted = images[from.min(images.len())..].windows(2).all(|pair| key(pair[0]) <= key(pair[1]));
    if !is_sorted {
        images.sort_by_cached_key(|&ix| key(ix));
    }
}

#[cfg(test)]
mod tests;
