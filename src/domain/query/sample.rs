//! `sample:50`: a random sample of each tag. It is of the whole project, whatever else a query asks, so it does not
//! change while somebody reviews it; beside `tag:fork` it is of that tag.
//!
//! Each image gets a number for each of its tags, which follows from both ids and the seed. The lowest numbers of a tag
//! are its sample: the same in the window and on the command line, for everybody, and a larger sample has the smaller
//! one in it.

use std::collections::BinaryHeap;
use std::sync::OnceLock;

use super::ast::{Choice, Node, NodeKind, Sample, Test};
use super::bind::Binder;
use super::error::QueryError;
use crate::catalogue::{Catalogue, ImageView, TagIx};
use crate::ids::{TagId, shuffled};

#[derive(Clone, Debug)]
pub(super) struct Draw {
    sample: Sample,
    /// Of which tags; `None`: of all.
    of: Option<Box<[bool]>>,
    /// The greatest number in the sample of each tag: found when the first image is asked about.
    greatest: OnceLock<Box<[u64]>>,
}

impl Draw {
    pub(super) fn new(sample: Sample, of: Option<Box<[bool]>>) -> Self {
        Self { sample, of, greatest: OnceLock::new() }
    }

    /// Whether an image is in the sample of one of its tags.
    pub(super) fn has(&self, catalogue: &Catalogue, image: ImageView<'_>) -> bool {
        let greatest = self.greatest.get_or_init(|| self.find(catalogue));
        let is_drawn = |tag: &TagIx| {
            self.is_of(*tag)
                && greatest.get(tag.index()).is_none_or(|&most| self.number(catalogue, image, *tag) <= most)
        };
        image.tags().iter().any(is_drawn) || image.region_tags().iter().any(is_drawn)
    }

    fn is_of(&self, tag: TagIx) -> bool {
        self.of.as_ref().is_none_or(|of| of.get(tag.index()).copied().unwrap_or(false))
    }

    fn number(&self, catalogue: &Catalogue, image: ImageView<'_>, tag: TagIx) -> u64 {
        let TagId(tag) = catalogue.tags().get(tag).id;
        shuffled(image.id().0, shuffled(tag, u64::from(self.sample.seed)))
    }

    fn find(&self, catalogue: &Catalogue) -> Box<[u64]> {
        let count = catalogue.tags().len();
        let mut lowest: Vec<BinaryHeap<u64>> = vec![BinaryHeap::new(); count];
        // An image counts once for a tag, however many regions have it: the number of the last one, from 1.
        let mut last = vec![0_usize; count];
        for image in catalogue.iter() {
            for &tag in image.tags().iter().chain(image.region_tags()) {
                let (Some(heap), Some(last)) = (lowest.get_mut(tag.index()), last.get_mut(tag.index())) else {
                    continue;
                };
                if !self.is_of(tag) || std::mem::replace(last, image.ix.index() + 1) == image.ix.index() + 1 {
                    continue;
                }
                let number = self.number(catalogue, image, tag);
                if heap.len() < self.sample.count as usize {
                    heap.push(number);
                } else if let Some(mut greatest) = heap.peek_mut()
                    && number < *greatest
                {
                    *greatest = number;
                }
            }
        }
        let is_full = |heap: &BinaryHeap<u64>| heap.len() >= self.sample.count as usize;
        let greatest = |heap: &BinaryHeap<u64>| heap.peek().copied().filter(|_| is_full(heap)).unwrap_or(u64::MAX);
        lowest.iter().map(greatest).collect()
    }
}

/// The tags that conditions side by side name, where a sample is among them or deeper: any of them. `None`: none is
/// named.
pub(super) fn named_beside(binder: &Binder<'_>, node: &Node) -> Result<Option<Box<[bool]>>, QueryError> {
    let NodeKind::And(nodes) = &node.kind else { return Ok(None) };
    if !nodes.iter().any(has_sample) {
        return Ok(None);
    }
    let mut named: Option<Box<[bool]>> = None;
    for (name, value) in nodes.iter().flat_map(tag_names) {
        let flags = binder.named(name, value)?;
        match &mut named {
            None => named = Some(flags),
            Some(known) => known.iter_mut().zip(flags).for_each(|(known, flag)| *known |= flag),
        }
    }
    Ok(named)
}

fn has_sample(node: &Node) -> bool {
    match &node.kind {
        NodeKind::And(nodes) | NodeKind::Or(nodes) => nodes.iter().any(has_sample),
        NodeKind::Not(inner) => has_sample(inner),
        NodeKind::Test(test, _) => matches!(test, Test::Sample(_)),
    }
}

/// The names of a tag condition, or of several joined with `or`, and where they stand.
fn tag_names(node: &Node) -> Vec<(&str, &std::ops::Range<usize>)> {
    let name = |node: &'_ Node| matches!(&node.kind, NodeKind::Test(Test::Tag(Choice::Is(_)), _));
    let nodes = match &node.kind {
        NodeKind::Or(nodes) if nodes.iter().all(name) => nodes.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let named = nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::Test(Test::Tag(Choice::Is(name)), value) => Some((name.as_str(), value)),
        _ => None,
    });
    named.collect()
}
