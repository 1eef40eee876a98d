//! The classes of an export: the project's tags in an order that stays the same from one export to the next.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::Format;
use super::names::{Taken, folder_names};
use domain::{TagId, TagIx, TagTable};

/// A class, as the manifest and COCO hold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// From 1, without gaps.
    pub id: u32,
    /// The tag's name; made unique where two tags share it, as most formats demand.
    pub name: String,
    /// Always empty.
    #[serde(default)]
    pub supercategory: String,
    #[serde(rename = "custom_vision_id")]
    pub tag: TagId,
    /// Whether the tag is gone since an earlier export: it keeps its place, so that the others keep theirs.
    #[serde(default, rename = "deleted", skip_serializing_if = "std::ops::Not::not")]
    pub is_deleted: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassList {
    classes: Vec<Class>,
    by_tag: FxHashMap<TagIx, usize>,
}

impl ClassList {
    /// Every tag but the negative one, used or not. First the classes of an `earlier` export in their order (a renamed
    /// tag under its new name, a deleted one under its old), then the new tags in the project's order.
    pub fn of(tags: &TagTable, earlier: &[Class]) -> Self {
        let mut list = Self::default();
        let mut left: Vec<_> = tags.in_order().filter(|(_, entry)| !entry.is_negative()).collect();
        let mut slots: Vec<Option<TagIx>> = Vec::new();
        for class in earlier {
            // A tag that was deleted and made again has a new id and the old name.
            let found = left.iter().position(|(_, entry)| entry.id == class.tag);
            let is_gone = tags.find(class.tag).is_none_or(|tag| tags.get(tag).is_negative());
            let again = || left.iter().position(|(_, entry)| is_gone && *entry.name == *class.name);
            slots.push(found.or_else(again).map(|at| left.remove(at).0));
        }
        let mut taken = Taken::default();
        let mut names = vec![String::new(); slots.len()];
        // Names of living tags come first: a deleted one gives way.
        for (at, slot) in slots.iter().enumerate() {
            if let Some(tag) = slot {
                names[at] = taken.free(&tags.get(*tag).name);
            }
        }
        for (tag, entry) in left {
            slots.push(Some(tag));
            names.push(taken.free(&entry.name));
        }
        for (at, (slot, mut name)) in slots.into_iter().zip(names).enumerate() {
            let tag = match slot {
                Some(tag) => {
                    list.by_tag.insert(tag, at);
                    tags.get(tag).id
                }
                None => {
                    name = taken.free(&earlier[at].name);
                    earlier[at].tag
                }
            };
            let (id, is_deleted) = (at as u32 + 1, slot.is_none());
            list.classes.push(Class { id, name, supercategory: String::new(), tag, is_deleted });
        }
        list
    }

    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// The place of a tag, from 0; `None` for the negative one.
    pub fn index(&self, tag: TagIx) -> Option<usize> {
        self.by_tag.get(&tag).copied()
    }

    /// The names as a format can hold them, in the order of the classes, unique.
    pub fn names(&self, format: Format, is_classification: bool) -> Vec<String> {
        let names = || self.classes.iter().map(|class| class.name.as_str());
        match format {
            Format::Crops => folder_names(names()),
            Format::Yolo if is_classification => folder_names(names()),
            Format::Voc => {
                let mut taken = Taken::default();
                names().map(|name| taken.free(&for_label_map(name))).collect()
            }
            Format::Cvat | Format::LabelStudio => {
                let mut taken = Taken::default();
                names().map(|name| taken.free(&super::xml::allowed(name))).collect()
            }
            // An empty cell says that there is no tag.
            Format::Csv => {
                let mut taken = Taken::default();
                names().map(|name| taken.free(if name.is_empty() { "(no name)" } else { name })).collect()
            }
            _ => names().map(str::to_owned).collect(),
        }
    }
}

/// A line of `labelmap.txt` is `name:color:parts:actions`, stripped, and a comment after `#`.
fn for_label_map(name: &str) -> String {
    let odd = |letter: char| letter == ':' || letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    let name: String = super::xml::allowed(name).chars().map(|letter| if odd(letter) { '_' } else { letter }).collect();
    let name = name.trim();
    match name.strip_prefix('#') {
        Some(rest) => format!("_{rest}"),
        None if name.is_empty() => "_".to_owned(),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Catalogue, ImageId, ImageRow, ImageUris, Tag, TagMark};

    fn tag_list(names: &[(u128, &str)]) -> Vec<Tag> {
        let tag = |&(id, name): &(u128, &str)| Tag {
            id: TagId(uuid::Uuid::from_u128(id)),
            name: name.to_owned(),
            description: None,
            kind: if name == "Negative" { "Negative" } else { "Regular" }.to_owned(),
            image_count: 0,
        };
        names.iter().map(tag).collect()
    }

    fn tags(names: &[(u128, &str)]) -> Catalogue {
        let mut catalogue = Catalogue::new();
        catalogue.set_tags(&tag_list(names));
        catalogue
    }

    fn words(list: &ClassList) -> Vec<(u32, &str, bool)> {
        list.classes().iter().map(|class| (class.id, class.name.as_str(), class.is_deleted)).collect()
    }

    #[test]
    fn an_earlier_order_is_kept() {
        let first = ClassList::of(tags(&[(1, "a"), (2, "Negative"), (3, "b"), (4, "c")]).tags(), &[]);
        assert_eq!(words(&first), [(1, "a", false), (2, "b", false), (3, "c", false)]);
        // b is gone, c has a new name, d and e are new; e has the name of the one that is gone.
        let now = tags(&[(5, "d"), (4, "C"), (1, "a")]);
        let second = ClassList::of(now.tags(), first.classes());
        assert_eq!(words(&second), [(1, "a", false), (2, "b", true), (3, "C", false), (4, "d", false)]);
        assert_eq!(second.index(TagIx(0)), Some(3));
        let again = ClassList::of(tags(&[(1, "a"), (9, "b")]).tags(), second.classes());
        assert_eq!(words(&again), [(1, "a", false), (2, "b", false), (3, "C", true), (4, "d", true)]);
    }

    #[test]
    fn the_order_is_the_projects_whether_its_tags_or_its_images_came_first() {
        let list = [(1, "a"), (2, "b"), (3, "c")];
        let row = |tags: &[(u128, &str)]| {
            let mark = |&(id, name): &(u128, &str)| TagMark {
                tag: TagId(uuid::Uuid::from_u128(id)),
                name: name.into(),
                created: None,
            };
            ImageRow {
                id: ImageId(uuid::Uuid::from_u128(7)),
                created: None,
                width: 8,
                height: 6,
                uris: ImageUris::default(),
                tags: tags.iter().map(mark).collect(),
                regions: Vec::new(),
                metadata: Vec::new(),
                verbatim: Vec::new(),
                problems: Vec::new(),
            }
        };
        let rows = || vec![row(&[(9, "gone"), (3, "c"), (1, "a")])];
        let mut tags_first = tags(&list);
        tags_first.append(rows());
        let mut images_first = Catalogue::new();
        images_first.append(rows());
        images_first.set_tags(&tag_list(&list));
        let of = |catalogue: &Catalogue| ClassList::of(catalogue.tags(), &[]).classes().to_vec();
        assert_ne!(tags_first.tags().find_name("c"), images_first.tags().find_name("c"), "their indices differ");
        assert_eq!(of(&tags_first), of(&images_first));
        assert_eq!(words(&ClassList::of(images_first.tags(), &[])).last(), Some(&(4, "gone", false)));
    }

    #[test]
    fn names_are_what_the_format_can_hold() {
        let list = ClassList::of(tags(&[(1, "a:b"), (2, "a_b"), (3, "CON"), (4, "con"), (5, " #x\n")]).tags(), &[]);
        assert_eq!(list.names(Format::Coco, false), ["a:b", "a_b", "CON", "con", " #x\n"]);
        assert_eq!(list.names(Format::Voc, false), ["a_b", "a_b (2)", "CON", "con", "_x_"]);
        assert_eq!(list.names(Format::Crops, false), ["a_b", "a_b (2)", "_CON", "_con (2)", "_x_"]);
    }
}
