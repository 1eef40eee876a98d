//! The order of the regions of the shown images, and where each group begins.

use super::WallItem;
use super::feature::{Feature, Features, unlikeness};
use super::nearness::{self, Lookalike, Looks};
use super::sort::{RegionSort, WallSort};
use crate::evaluation::JudgedItem;
use crate::query::{RegionProgram, Sources};
use crate::{Catalogue, ImageIx, ImageView, RegionView, TagIx, Timestamp, UnitRect};

/// Regions of one tag that stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionGroup {
    pub tag: TagIx,
    /// The place of the first one.
    pub start: usize,
    pub len: usize,
    /// In how many images.
    pub image_count: usize,
}

/// Regions, and predictions where these are asked for, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionOrder {
    /// What each crop shows.
    pub items: Vec<WallItem>,
    /// The image of each.
    pub images: Vec<ImageIx>,
    /// Groups in order; empty when there are none.
    pub groups: Vec<RegionGroup>,
    /// In how many images they are.
    pub image_count: usize,
    pub prediction_count: usize,
    /// What each crop looks like besides its tag; empty where the order does not ask.
    pub lookalikes: Vec<Option<Lookalike>>,
}

impl RegionOrder {
    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn place(&self, item: WallItem) -> Option<usize> {
        self.items.iter().position(|&other| other == item)
    }
}

struct Entry {
    image: ImageIx,
    item: WallItem,
    tag: TagIx,
    /// Rank of the tag's name.
    group: u16,
    key: f64,
    looks_like: Option<Lookalike>,
}

/// The regions of these images in order: those of one tag, or of all. See [`order_chosen_regions`].
pub fn order_regions(
    catalogue: &Catalogue,
    images: &[ImageIx],
    only: Option<TagIx>,
    sort: impl Into<WallSort>,
    is_grouped: bool,
    looks: Looks<'_>,
) -> RegionOrder {
    let is_of_tag = |_: ImageView<'_>, region: RegionView| only.is_none_or(|tag| tag == region.tag);
    order_chosen_regions(catalogue, images, is_of_tag, sort, is_grouped, looks)
}

/// The regions of these images that are chosen, in order. Regions whose pixels are not known yet come last
/// where the order hangs on them.
pub fn order_chosen_regions(
    catalogue: &Catalogue,
    images: &[ImageIx],
    is_chosen: impl Fn(ImageView<'_>, RegionView) -> bool,
    sort: impl Into<WallSort>,
    is_grouped: bool,
    looks: Looks<'_>,
) -> RegionOrder {
    let sort = sort.into();
    let ranks = tag_ranks(catalogue);
    let features = looks.features;
    let mut entries = Vec::new();
    for image in images.iter().filter_map(|&ix| catalogue.get(ix)) {
        let aspect = image.aspect();
        for region in image.regions().filter(|region| is_chosen(image, *region)) {
            let key = plain_key(sort.key, region.rect, region.created, aspect)
                .or_else(|| Some(brightness_key(sort.key, features.get(region.ix)?)));
            entries.push(Entry {
                image: image.ix,
                item: region.ix.into(),
                tag: region.tag,
                group: ranks.get(region.tag.index()).copied().unwrap_or(u16::MAX),
                key: key.unwrap_or(f64::INFINITY),
                looks_like: None,
            });
        }
    }
    match sort.key {
        RegionSort::LeastAlike | RegionSort::MostAlike => likeness_keys(&mut entries, sort.key, features),
        RegionSort::LooksLikeOther => lookalike_keys(&mut entries, catalogue, looks),
        RegionSort::Similar => nearness_keys(&mut entries, looks),
        _ => {}
    }
    sort_entries(&mut entries, sort, is_grouped);
    let mut order = gathered(&entries, catalogue.len(), is_grouped);
    if sort.key == RegionSort::LooksLikeOther {
        order.lookalikes = entries.iter().map(|entry| entry.looks_like).collect();
    }
    order
}

/// The predictions of these images that a query chooses, and the labels next to them, in order. Those of one tag, or of
/// all; the tag of a prediction is the predicted one.
pub fn order_items(
    sources: &Sources<'_>,
    images: &[ImageIx],
    program: &RegionProgram,
    only: Option<TagIx>,
    sort: impl Into<WallSort>,
    is_grouped: bool,
) -> RegionOrder {
    let sort = sort.into();
    let catalogue = sources.catalogue;
    let ranks = tag_ranks(catalogue);
    let (mut entries, mut items) = (Vec::new(), Vec::new());
    for image in images.iter().filter_map(|&ix| catalogue.get(ix)) {
        items.clear();
        program.add_items(sources, image, &mut items);
        let aspect = image.aspect();
        entries.extend(items.iter().filter_map(|item| {
            let region = item.region.and_then(|region| catalogue.region(region));
            let (rect, tag, created) = match item.prediction {
                Some(one) => (one.rect, one.tag, None),
                None => region.map(|region| (region.rect, region.tag, region.created))?,
            };
            if only.is_some_and(|only| only != tag) {
                return None;
            }
            let key = predicted_key(sort.key, item).or_else(|| plain_key(sort.key, rect, created, aspect));
            Some(Entry {
                image: image.ix,
                item: WallItem::of(item)?,
                tag,
                group: ranks.get(tag.index()).copied().unwrap_or(u16::MAX),
                key: key.unwrap_or(f64::INFINITY),
                looks_like: None,
            })
        }));
    }
    sort_entries(&mut entries, sort, is_grouped);
    gathered(&entries, catalogue.len(), is_grouped)
}

/// From the other end what has no key stays last, and those of a tag stay as the images stand.
fn sort_entries(entries: &mut [Entry], sort: WallSort, is_grouped: bool) {
    let WallSort { key, is_reversed } = sort;
    if is_reversed && key == RegionSort::Images {
        entries.reverse();
    } else if is_reversed {
        entries.iter_mut().filter(|entry| entry.key.is_finite()).for_each(|entry| entry.key = -entry.key);
    }
    let is_by_tag = key == RegionSort::Tag;
    let group = |entry: &Entry| if is_by_tag && is_reversed { u16::MAX - entry.group } else { entry.group };
    let by_group = is_grouped || is_by_tag;
    if by_group && key.is_free() {
        entries.sort_by_key(group);
    } else if by_group {
        entries.sort_by(|a, b| group(a).cmp(&group(b)).then(a.key.total_cmp(&b.key)));
    } else if !key.is_free() {
        entries.sort_by(|a, b| a.key.total_cmp(&b.key));
    }
}

/// For each tag, its rank by name.
fn tag_ranks(catalogue: &Catalogue) -> Vec<u16> {
    let tags = catalogue.tags();
    let mut by_name: Vec<_> = tags.iter().map(|(tag, entry)| (entry.name.to_lowercase(), tag)).collect();
    by_name.sort();
    let mut ranks = vec![0; tags.len()];
    for (rank, (_, tag)) in by_name.into_iter().enumerate() {
        ranks[tag.index()] = rank as u16;
    }
    ranks
}

/// The key of an order that needs no pixels.
fn plain_key(sort: RegionSort, rect: UnitRect, created: Option<Timestamp>, aspect: f32) -> Option<f64> {
    let shape = || f64::from((rect.width * aspect / rect.height.max(1e-6)).max(0.0));
    let key = match sort {
        RegionSort::Images | RegionSort::Tag => 0.0,
        RegionSort::Largest => -f64::from(rect.area()),
        RegionSort::Smallest => f64::from(rect.area()),
        RegionSort::Widest => -shape(),
        RegionSort::Highest => shape(),
        RegionSort::Newest => created.map_or(f64::INFINITY, |created| -(created.0 as f64)),
        _ => return None,
    };
    Some(if key.is_nan() { f64::INFINITY } else { key })
}

/// The key of an order of predictions; `None`: it is another order.
fn predicted_key(sort: RegionSort, item: &JudgedItem) -> Option<f64> {
    let (score, iou) = (item.prediction.map(|one| one.score), item.iou.map(f64::from));
    let key = match sort {
        RegionSort::Surest => score.map(|score| -score),
        RegionSort::LeastSure => score,
        RegionSort::MostOverlap => iou.map(|iou| -iou),
        RegionSort::LeastOverlap => iou,
        _ => return None,
    };
    Some(key.unwrap_or(f64::INFINITY))
}

fn brightness_key(sort: RegionSort, feature: &Feature) -> f64 {
    match sort {
        RegionSort::Darkest => f64::from(feature.brightness()),
        RegionSort::Brightest => -f64::from(feature.brightness()),
        _ => f64::INFINITY,
    }
}

/// Each tag's regions are compared with the average of that tag.
fn likeness_keys(entries: &mut [Entry], sort: RegionSort, features: &Features) {
    let most = entries.iter().map(|entry| entry.tag.index() + 1).max().unwrap_or(0);
    let mut by_tag: Vec<Vec<usize>> = vec![Vec::new(); most];
    for (at, entry) in entries.iter().enumerate() {
        if entry.item.label().is_some_and(|region| features.get(region).is_some()) {
            by_tag[entry.tag.index()].push(at);
        }
    }
    for places in by_tag {
        let known: Vec<&Feature> = places.iter().filter_map(|&at| features.get(entries[at].item.label()?)).collect();
        for (&at, unlike) in places.iter().zip(unlikeness(&known)) {
            let unlike = f64::from(unlike);
            entries[at].key = if sort == RegionSort::LeastAlike { -unlike } else { unlike };
        }
    }
}

/// What looks most like another tag comes first.
fn lookalike_keys(entries: &mut [Entry], catalogue: &Catalogue, looks: Looks<'_>) {
    let regions: Vec<_> = entries.iter().map(|entry| (entry.item.label(), entry.tag)).collect();
    for (entry, found) in entries.iter_mut().zip(nearness::lookalikes(catalogue, &regions, looks)) {
        entry.looks_like = found;
        entry.key = found.map_or(f64::INFINITY, |found| -f64::from(found.ratio));
    }
}

/// The region itself comes first, also while its pixels are not known.
fn nearness_keys(entries: &mut [Entry], looks: Looks<'_>) {
    let Some(near) = looks.near else { return };
    let distance = nearness::distances(looks.features, near);
    for entry in entries {
        let Some(region) = entry.item.label() else { continue };
        entry.key = if region == near { -1.0 } else { distance(region).map_or(f64::INFINITY, f64::from) };
    }
}

fn gathered(entries: &[Entry], catalogue_len: usize, is_grouped: bool) -> RegionOrder {
    let mut groups: Vec<RegionGroup> = Vec::new();
    // For each image the number of the last group it was counted in.
    let mut counted = vec![0_u32; catalogue_len];
    let mut seen = vec![false; catalogue_len];
    let mut image_count = 0;
    for (place, entry) in entries.iter().enumerate() {
        if let Some(seen) = seen.get_mut(entry.image.index())
            && !std::mem::replace(seen, true)
        {
            image_count += 1;
        }
        if !is_grouped {
            continue;
        }
        if groups.last().is_none_or(|group| group.tag != entry.tag) {
            groups.push(RegionGroup { tag: entry.tag, start: place, len: 0, image_count: 0 });
        }
        let number = groups.len() as u32;
        if let Some(group) = groups.last_mut() {
            group.len += 1;
            if let Some(last) = counted.get_mut(entry.image.index())
                && std::mem::replace(last, number) != number
            {
                group.image_count += 1;
            }
        }
    }
    RegionOrder {
        items: entries.iter().map(|entry| entry.item).collect(),
        images: entries.iter().map(|entry| entry.image).collect(),
        groups,
        image_count,
        prediction_count: entries.iter().filter(|entry| entry.item.prediction().is_some()).count(),
        lookalikes: Vec::new(),
    }
}

#[cfg(test)]
pub(super) mod tests;
