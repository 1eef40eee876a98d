//! The tags of a catalogue, with the counts of what has arrived so far.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::TagIx;
use crate::ids::TagId;
use crate::project::Tag;
use crate::tag_color::{ChosenColors, TagColor, tag_colors};

/// A tag and how often it was met.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagEntry {
    pub id: TagId,
    pub name: Arc<str>,
    /// `Regular`, `Negative`, ...
    pub kind: String,
    pub description: Option<String>,
    /// Images that carry it, among those listed so far.
    pub image_count: u32,
    pub region_count: u32,
    /// Whether the project's own tag list has it.
    pub is_listed: bool,
    /// Its place in that list, when it has it.
    #[serde(default)]
    pub place: u32,
    /// How it is painted: follows from its name, the other tags' and what people chose, and is not kept.
    #[serde(skip)]
    pub color: TagColor,
}

impl TagEntry {
    pub fn is_negative(&self) -> bool {
        self.kind == "Negative"
    }
}

/// All tags of a catalogue; 65,535 at most (the service allows 500), the rest share the last place.
#[derive(Clone, Debug, Default)]
pub struct TagTable {
    entries: Vec<TagEntry>,
    index: FxHashMap<TagId, TagIx>,
    chosen: Arc<ChosenColors>,
    color_version: u64,
}

impl TagTable {
    /// The table with these tags in this order; more than it can hold are left out.
    pub(super) fn from_entries(mut entries: Vec<TagEntry>) -> Self {
        entries.truncate(usize::from(u16::MAX));
        let index = entries.iter().enumerate().map(|(at, entry)| (entry.id, TagIx(at as u16))).collect();
        let mut table = Self { entries, index, chosen: Arc::default(), color_version: 0 };
        table.update_colors();
        table
    }

    pub fn chosen_colors(&self) -> &Arc<ChosenColors> {
        &self.chosen
    }

    /// Another number after each change of how tags are painted: what was painted with another one is out of date.
    pub fn color_version(&self) -> u64 {
        self.color_version
    }

    pub(super) fn set_chosen_colors(&mut self, chosen: Arc<ChosenColors>) {
        self.chosen = chosen;
        self.update_colors();
    }

    fn update_colors(&mut self) {
        let names: Vec<_> = self.entries.iter().map(|entry| (&*entry.name, entry.is_negative())).collect();
        let tag_colors = tag_colors(&names, &self.chosen);
        for (entry, color) in self.entries.iter_mut().zip(tag_colors) {
            entry.color = color;
        }
        self.color_version += 1;
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All tags in the order of the project's list, then those that it does not have. Unlike their indices, this does
    /// not depend on whether the list or the images came first.
    pub fn in_order(&self) -> impl ExactSizeIterator<Item = (TagIx, &TagEntry)> {
        let mut tags: Vec<_> = self.iter().collect();
        tags.sort_by_key(|(ix, entry)| (!entry.is_listed, if entry.is_listed { entry.place } else { u32::from(ix.0) }));
        tags.into_iter()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (TagIx, &TagEntry)> {
        self.entries.iter().enumerate().map(|(at, entry)| (TagIx(at as u16), entry))
    }

    /// Whether every index means the same tag in another table.
    pub(super) fn has_same_indices(&self, other: &Self) -> bool {
        let ids = |table: &Self| table.entries.iter().map(|entry| entry.id).collect::<Vec<_>>();
        ids(self) == ids(other)
    }

    /// One tag.
    ///
    /// # Panics
    /// When the index is of another catalogue.
    pub fn get(&self, tag: TagIx) -> &TagEntry {
        &self.entries[tag.index()]
    }

    pub fn find(&self, id: TagId) -> Option<TagIx> {
        self.index.get(&id).copied()
    }

    pub fn find_name(&self, name: &str) -> Option<TagIx> {
        self.iter().find(|(_, entry)| &*entry.name == name).map(|(tag, _)| tag)
    }

    pub(super) fn describe(&mut self, tags: &[Tag]) {
        for (tag, place) in tags.iter().zip(0..) {
            let ix = self.intern(tag.id, &tag.name.as_str().into());
            let entry = &mut self.entries[ix.index()];
            entry.name = tag.name.as_str().into();
            entry.kind.clone_from(&tag.kind);
            entry.description.clone_from(&tag.description);
            (entry.is_listed, entry.place) = (true, place);
        }
        self.update_colors();
    }

    pub(super) fn intern(&mut self, id: TagId, name: &Arc<str>) -> TagIx {
        if let Some(&ix) = self.index.get(&id) {
            return ix;
        }
        let ix = TagIx(u16::try_from(self.entries.len()).unwrap_or(u16::MAX));
        if ix.index() == self.entries.len() {
            self.entries.push(TagEntry {
                id,
                name: Arc::clone(name),
                kind: "Regular".to_owned(),
                description: None,
                image_count: 0,
                region_count: 0,
                is_listed: false,
                place: 0,
                color: TagColor::named(name, &self.chosen),
            });
            // A hostile list may have thousands, each of which has the color of its name alone.
            if self.entries.len() <= 64 {
                self.update_colors();
            }
        }
        self.index.insert(id, ix);
        ix
    }

    pub(super) fn count_image(&mut self, tag: TagIx) {
        self.entries[tag.index()].image_count += 1;
    }

    pub(super) fn count_region(&mut self, tag: TagIx) {
        self.entries[tag.index()].region_count += 1;
    }
}
