//! Which image of one state is which of the other: by id, else by the hash of the original, else by metadata `name`.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{ComparedState, Digest, is_made_of_names};
use crate::catalogue::ImageView;
use crate::{ImageId, ImageIx};

/// How images were joined, and how many of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImagesJoined {
    pub by_id: u64,
    /// By the SHA-256 of their originals.
    pub by_digest: u64,
    pub by_name: u64,
    /// Images of either state that were not joined by name because several have the same one.
    pub ambiguous: u64,
    /// Images that only one state lists, while the other has a row of them that could not be read. They are reported as
    /// unknown.
    pub unreadable: u64,
}

/// An image of one state or of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) from: Option<ImageIx>,
    pub(super) to: Option<ImageIx>,
    /// Whether the state without it has a row of it that could not be read.
    pub(super) is_unreadable: bool,
}

impl Entry {
    fn of(from: Option<ImageIx>, to: Option<ImageIx>) -> Self {
        Self { from, to, is_unreadable: false }
    }
}

/// All images of both states, in the order of their ids: that of the first state where it has the image.
pub(super) fn join(from: &ComparedState<'_>, to: &ComparedState<'_>) -> (Vec<Entry>, ImagesJoined) {
    let mut joined = ImagesJoined::default();
    let mut entries = Vec::with_capacity(from.catalogue.len().max(to.catalogue.len()));
    let mut join = |a: Rest<'_>, b: Rest<'_>| entries.push(Entry::of(Some(a.ix), Some(b.ix)));
    let (mut a, mut b): (Vec<Rest<'_>>, Vec<Rest<'_>>) = (Vec::new(), Vec::new());
    let is_made = |id: ImageId| is_made_of_names(id.0);
    for image in from.catalogue.iter() {
        match to.catalogue.find(image.id()).filter(|_| !is_made(image.id())).and_then(|ix| to.catalogue.get(ix)) {
            Some(other) => {
                joined.by_id += 1;
                join(rest_of(image), rest_of(other));
            }
            None => a.push(rest_of(image)),
        }
    }
    let is_free = |image: &ImageView<'_>| is_made(image.id()) || from.catalogue.find(image.id()).is_none();
    b.extend(to.catalogue.iter().filter(is_free).map(rest_of));
    // What the other state has in a row that could not be read is neither added nor removed.
    let mut unreadable = Vec::new();
    a.retain(|image| {
        let is_known = !to.unreadable.contains(&image.id);
        unreadable.extend((!is_known).then(|| Entry { is_unreadable: true, ..Entry::of(Some(image.ix), None) }));
        is_known
    });
    b.retain(|image| {
        let is_known = !from.unreadable.contains(&image.id);
        unreadable.extend((!is_known).then(|| Entry { is_unreadable: true, ..Entry::of(None, Some(image.ix)) }));
        is_known
    });
    joined.unreadable = unreadable.len() as u64;
    a.sort_unstable_by_key(|image| image.id);
    b.sort_unstable_by_key(|image| image.id);
    joined.by_digest = by_digest((from, to), &mut a, &mut b, &mut join);
    (joined.by_name, joined.ambiguous) = by_name(&mut a, &mut b, &mut join);
    joined.by_name += by_made_id(&mut a, &mut b, &mut join);
    // A dataset has no images that were never labeled: those of a project are not gone from it.
    let is_labeled = |state: &ComparedState<'_>, image: &Rest<'_>| {
        let image = state.catalogue.get(image.ix);
        image.is_some_and(|image| image.region_count() > 0 || !image.tags().is_empty())
    };
    a.retain(|image| from.is_import || !to.is_import || is_labeled(from, image));
    b.retain(|image| to.is_import || !from.is_import || is_labeled(to, image));
    entries.extend(a.iter().map(|image| Entry::of(Some(image.ix), None)));
    entries.extend(b.iter().map(|image| Entry::of(None, Some(image.ix))));
    entries.append(&mut unreadable);
    let id_of =
        |state: &ComparedState<'_>, ix: Option<ImageIx>| ix.and_then(|ix| state.catalogue.get(ix)).map(|one| one.id());
    entries.sort_by_cached_key(|entry| {
        let (a, b) = (id_of(from, entry.from), id_of(to, entry.to));
        (a.or(b), a.is_none(), b)
    });
    (entries, joined)
}

/// An image that has no partner yet.
#[derive(Clone, Copy)]
struct Rest<'a> {
    id: ImageId,
    ix: ImageIx,
    name: Option<&'a str>,
}

fn rest_of(image: ImageView<'_>) -> Rest<'_> {
    Rest { id: image.id(), ix: image.ix, name: image.name() }
}

/// Joins images with equal originals: those of one name first, then in the order of their ids.
fn by_digest<'a>(
    (from, to): (&ComparedState<'_>, &ComparedState<'_>),
    a: &mut Vec<Rest<'a>>,
    b: &mut Vec<Rest<'a>>,
    join: &mut impl FnMut(Rest<'a>, Rest<'a>),
) -> u64 {
    let mut groups: FxHashMap<Digest, [Vec<Rest<'a>>; 2]> = FxHashMap::default();
    for (side, (state, images)) in [(from, &*a), (to, &*b)].into_iter().enumerate() {
        for image in images {
            if let Some(digest) = (state.digest)(image.id) {
                groups.entry(digest).or_default()[side].push(*image);
            }
        }
    }
    let mut taken = [FxHashSet::default(), FxHashSet::default()];
    let mut take = |one: Rest<'a>, other: Rest<'a>| {
        taken[0].insert(one.ix);
        taken[1].insert(other.ix);
        join(one, other);
    };
    for [ones, others] in groups.into_values() {
        let (mut ones, mut others) = of_one_name(ones, others, &mut take);
        ones.sort_unstable_by_key(|image| image.id);
        others.sort_unstable_by_key(|image| image.id);
        ones.into_iter().zip(others).for_each(|(one, other)| take(one, other));
    }
    let count = taken[0].len() as u64;
    a.retain(|image| !taken[0].contains(&image.ix));
    b.retain(|image| !taken[1].contains(&image.ix));
    count
}

/// Takes the images of one name, each name's in the order of the ids, and returns those that are left.
fn of_one_name<'a>(
    mut ones: Vec<Rest<'a>>,
    mut others: Vec<Rest<'a>>,
    take: &mut impl FnMut(Rest<'a>, Rest<'a>),
) -> (Vec<Rest<'a>>, Vec<Rest<'a>>) {
    ones.sort_unstable_by_key(|image| (image.name, image.id));
    others.sort_unstable_by_key(|image| (image.name, image.id));
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let (mut ones, mut others) = (ones.into_iter().peekable(), others.into_iter().peekable());
    while let (Some(one), Some(other)) = (ones.peek().copied(), others.peek().copied()) {
        let order = one.name.cmp(&other.name);
        if order.is_eq() {
            take(one, other);
        }
        left.extend(ones.next_if(|_| order.is_le()).filter(|_| order.is_lt()));
        right.extend(others.next_if(|_| order.is_ge()).filter(|_| order.is_gt()));
    }
    left.extend(ones);
    right.extend(others);
    (left, right)
}

/// Joins images whose name no other image without a partner has.
fn by_name<'a>(a: &mut Vec<Rest<'a>>, b: &mut Vec<Rest<'a>>, join: &mut impl FnMut(Rest<'a>, Rest<'a>)) -> (u64, u64) {
    let mut groups: FxHashMap<&str, [Vec<Rest<'a>>; 2]> = FxHashMap::default();
    for (side, images) in [&*a, &*b].into_iter().enumerate() {
        for image in images {
            if let Some(name) = image.name {
                groups.entry(name).or_default()[side].push(*image);
            }
        }
    }
    let (mut taken, mut ambiguous) = ([FxHashSet::default(), FxHashSet::default()], 0);
    for sides in groups.into_values() {
        match [&sides[0][..], &sides[1][..]] {
            [&[one], &[other]] => {
                taken[0].insert(one.ix);
                taken[1].insert(other.ix);
                join(one, other);
            }
            [[], _] | [_, []] => {}
            [ones, others] => ambiguous += (ones.len() + others.len()) as u64,
        }
    }
    a.retain(|image| !taken[0].contains(&image.ix));
    b.retain(|image| !taken[1].contains(&image.ix));
    (taken[0].len() as u64, ambiguous)
}

/// Joins what is left by ids that an import has made of names.
fn by_made_id<'a>(a: &mut Vec<Rest<'a>>, b: &mut Vec<Rest<'a>>, join: &mut impl FnMut(Rest<'a>, Rest<'a>)) -> u64 {
    let others: FxHashMap<ImageId, Rest<'a>> = b.iter().map(|image| (image.id, *image)).collect();
    let mut taken = FxHashSet::default();
    a.retain(|one| match others.get(&one.id) {
        Some(other) => {
            taken.insert(one.id);
            join(*one, *other);
            false
        }
        None => true,
    });
    b.retain(|image| !taken.contains(&image.id));
    taken.len() as u64
}
