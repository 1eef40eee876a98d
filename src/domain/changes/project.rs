//! What differs between the projects of two states: their facts and their tags, joined by id, else by name.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::ComparedState;
use crate::catalogue::TagEntry;
use crate::{Project, TagIx, TagTable};

/// A tag of either state, or of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JointTag(pub u32);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct JointTags {
    from: Vec<JointTag>,
    to: Vec<JointTag>,
    /// The name: that of the second state where both have the tag.
    names: Vec<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TagListChange {
    Added { name: Arc<str> },
    Removed { name: Arc<str> },
    Renamed { from: Arc<str>, to: Arc<str> },
    Kind { name: Arc<str>, from: String, to: String },
    Description { name: Arc<str>, from: String, to: String },
}

impl std::fmt::Display for TagListChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Added { name } => write!(f, "tag list: {name} added"),
            Self::Removed { name } => write!(f, "tag list: {name} removed"),
            Self::Renamed { from, to } => write!(f, "tag list: {from} renamed to {to}"),
            Self::Kind { name, from, to } => write!(f, "tag list: {name} is of type {to} now, was {from}"),
            Self::Description { name, from, to } => write!(f, "tag list: description of {name} {from:?} -> {to:?}"),
        }
    }
}

impl JointTags {
    pub(super) fn new(from: &ComparedState<'_>, to: &ComparedState<'_>) -> Self {
        let (a, b) = (from.catalogue.tags(), to.catalogue.tags());
        let mut joint = Self { from: (0..a.len() as u32).map(JointTag).collect(), ..Self::default() };
        joint.names = a.iter().map(|(_, entry)| Arc::clone(&entry.name)).collect();
        let mut partners: Vec<Option<TagIx>> = vec![None; b.len()];
        for (ix, entry) in b.iter() {
            partners[ix.index()] = a.find(entry.id);
        }
        let taken: FxHashSet<TagIx> = partners.iter().flatten().copied().collect();
        let free = a.iter().filter(|(ix, _)| !taken.contains(ix));
        let mut by_name: FxHashMap<&str, Vec<TagIx>> = FxHashMap::default();
        for (ix, entry) in free {
            by_name.entry(&entry.name).or_default().push(ix);
        }
        // Two tags of one name are distinguished by their ids only.
        let in_order = |table: &TagTable, ixs: &mut [TagIx]| ixs.sort_by_key(|&ix| std::cmp::Reverse(table.get(ix).id));
        by_name.values_mut().for_each(|ixs| in_order(a, ixs));
        let mut rest: Vec<_> = b.iter().filter(|(ix, _)| partners[ix.index()].is_none()).collect();
        rest.sort_by_key(|(_, entry)| entry.id);
        for (ix, entry) in rest {
            partners[ix.index()] = by_name.get_mut(&*entry.name).and_then(Vec::pop);
        }
        for ((_, entry), partner) in b.iter().zip(partners) {
            let number = partner.map_or(joint.names.len(), TagIx::index);
            joint.to.push(JointTag(number as u32));
            match partner {
                Some(_) => joint.names[number] = Arc::clone(&entry.name),
                None => joint.names.push(Arc::clone(&entry.name)),
            }
        }
        joint
    }

    /// The joint tag of a tag of the first state.
    pub fn from_first(&self, tag: TagIx) -> JointTag {
        self.from[tag.index()]
    }

    /// The joint tag of a tag of the second state.
    pub fn from_second(&self, tag: TagIx) -> JointTag {
        self.to[tag.index()]
    }

    pub fn name(&self, tag: JointTag) -> &str {
        &self.names[tag.0 as usize]
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// How the lists differ, in the order of the names.
    pub(super) fn differences(&self, from: &ComparedState<'_>, to: &ComparedState<'_>) -> Vec<TagListChange> {
        let (a, b) = (from.catalogue.tags(), to.catalogue.tags());
        // Many formats have only the names of tags.
        let is_detailed = from.is_import == to.is_import;
        let before: FxHashMap<JointTag, &TagEntry> = a.iter().map(|(ix, entry)| (self.from_first(ix), entry)).collect();
        let mut found = Vec::new();
        let mut kept = FxHashSet::default();
        for (ix, entry) in b.iter() {
            let Some(former) = before.get(&self.from_second(ix)) else {
                found.push(TagListChange::Added { name: Arc::clone(&entry.name) });
                continue;
            };
            kept.insert(self.from_second(ix));
            if former.name != entry.name {
                found.push(TagListChange::Renamed { from: Arc::clone(&former.name), to: Arc::clone(&entry.name) });
            }
            if is_detailed && former.kind != entry.kind {
                let (from, to) = (former.kind.clone(), entry.kind.clone());
                found.push(TagListChange::Kind { name: Arc::clone(&entry.name), from, to });
            }
            let described = |entry: &TagEntry| entry.description.clone().unwrap_or_default();
            if is_detailed && described(former) != described(entry) {
                let (from, to) = (described(former), described(entry));
                found.push(TagListChange::Description { name: Arc::clone(&entry.name), from, to });
            }
        }
        let gone = a.iter().filter(|(ix, _)| !kept.contains(&self.from_first(*ix)));
        found.extend(gone.map(|(_, entry)| TagListChange::Removed { name: Arc::clone(&entry.name) }));
        found.sort();
        found
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactKind {
    Id,
    Name,
    Description,
    Domain,
    Kind,
}

impl FactKind {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Description => "description",
            Self::Domain => "domainId",
            Self::Kind => "kind",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactChange {
    pub kind: FactKind,
    pub from: String,
    pub to: String,
}

impl std::fmt::Display for FactChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self.kind {
            FactKind::Id => "id",
            FactKind::Name => "name",
            FactKind::Description => "description",
            FactKind::Domain => "domain",
            FactKind::Kind => "kind",
        };
        write!(f, "project: {what} {:?} -> {:?}", self.from, self.to)
    }
}

/// The differences between the projects. An import makes up all but the kind, from its content.
pub(super) fn differences(from: &ComparedState<'_>, to: &ComparedState<'_>) -> Vec<FactChange> {
    let (a, b) = (from.project, to.project);
    let is_made_up = (from.is_import || to.is_import) && a.id != b.id;
    let domain = |project: &Project| project.settings.domain_id.map(|id| id.to_string()).unwrap_or_default();
    let mut all = vec![(FactKind::Kind, from.kind.word().to_owned(), to.kind.word().to_owned())];
    if !is_made_up {
        all.extend([
            (FactKind::Id, a.id.to_string(), b.id.to_string()),
            (FactKind::Name, a.name.clone(), b.name.clone()),
            (FactKind::Description, a.description.clone(), b.description.clone()),
            (FactKind::Domain, domain(a), domain(b)),
        ]);
    }
    let changed = all.into_iter().filter(|(_, from, to)| from != to);
    let mut found: Vec<_> = changed.map(|(kind, from, to)| FactChange { kind, from, to }).collect();
    found.sort_by_key(|change| change.kind);
    found
}
