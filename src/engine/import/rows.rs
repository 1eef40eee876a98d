//! Images of a dataset as rows of a project.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::made_id;
use domain::{ImageId, ImageRow, ImageUris, PixelRect, RegionId, RegionRow, Tag, TagId, TagMark};
use formats::dataset::{DatasetBox, DatasetImage};

/// Makes tags of categories, and counts their images.
pub(super) struct TagMaker {
    tags: Vec<Tag>,
    names: Vec<Arc<str>>,
    by_name: FxHashMap<Arc<str>, usize>,
    /// For rows that bring ids of their own. Not the fast hash map: the dataset chooses them.
    by_id: HashMap<TagId, usize>,
}

impl TagMaker {
    pub(super) fn new(categories: &[String]) -> Self {
        let mut maker =
            Self { tags: Vec::new(), names: Vec::new(), by_name: FxHashMap::default(), by_id: HashMap::new() };
        for name in categories {
            maker.intern(name, "Regular");
        }
        maker
    }

    /// The tag of a name. What Tagscope's own exports call a tag without listing it as a category is the one that marks
    /// images without objects.
    fn intern(&mut self, name: &str, kind: &str) -> usize {
        if let Some(&at) = self.by_name.get(name) {
            return at;
        }
        let shared: Arc<str> = name.into();
        self.tags.push(Tag {
            id: TagId(made_id("tag", name)),
            name: name.to_owned(),
            description: None,
            kind: kind.to_owned(),
            image_count: 0,
        });
        self.names.push(Arc::clone(&shared));
        self.by_name.insert(shared, self.tags.len() - 1);
        self.tags.len() - 1
    }

    /// The row of an image. `size` is that of the training picture, `boxes_in` the size in whose pixels the boxes are.
    /// Dates are those of the dataset; where it has none, the row has none.
    pub(super) fn row(
        &mut self,
        id: ImageId,
        image: &DatasetImage,
        size: (u32, u32),
        boxes_in: (u32, u32),
    ) -> ImageRow {
        let mut marks: Vec<usize> = Vec::new();
        for name in &image.tags {
            marks.push(self.intern(name, "Negative"));
        }
        marks.extend(image.boxes.iter().map(|found| found.category));
        let (mut tags, mut seen) = (Vec::new(), FxHashSet::default());
        for at in marks {
            let tag = self.tags[at].id;
            if seen.insert(at) {
                self.tags[at].image_count += 1;
                tags.push(TagMark { tag, name: Arc::clone(&self.names[at]), created: None });
            }
        }
        let regions = (0..).zip(&image.boxes).map(|(place, found)| self.region(id, place, found, boxes_in)).collect();
        let mut metadata = image.metadata.clone();
        if !metadata.iter().any(|(key, _)| key == "name") {
            metadata.push(("name".to_owned(), image.file_name.clone()));
        }
        ImageRow {
            id,
            created: image.created,
            width: size.0,
            height: size.1,
            uris: ImageUris::default(),
            tags,
            regions,
            metadata,
            verbatim: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn region(&self, image: ImageId, place: u32, found: &DatasetBox, boxes_in: (u32, u32)) -> RegionRow {
        let [x, y, width, height] = found.bbox;
        RegionRow {
            id: found.id.unwrap_or_else(|| RegionId(made_id("region", &format!("{image}:{place}")))),
            tag: self.tags[found.category].id,
            tag_name: Arc::clone(&self.names[found.category]),
            created: found.created,
            rect: PixelRect { x, y, width, height }.in_fractions(boxes_in.0, boxes_in.1),
        }
    }

    /// Takes a tag as the dataset has it, unless it is there already.
    pub(super) fn keep(&mut self, tag: Tag) {
        if !self.by_id.contains_key(&tag.id) {
            self.by_id.insert(tag.id, self.tags.len());
            self.names.push(tag.name.as_str().into());
            self.tags.push(tag);
        }
    }

    /// Counts the tags of a row; those that are not known yet are made of what it says of them.
    pub(super) fn count(&mut self, row: &ImageRow) {
        let regions = row.regions.iter().map(|region| (region.tag, &region.tag_name));
        for (id, name) in row.tags.iter().map(|mark| (mark.tag, &mark.name)).chain(regions) {
            if !self.by_id.contains_key(&id) {
                let (name, kind) = (name.to_string(), "Regular".to_owned());
                self.keep(Tag { id, name, description: None, kind, image_count: 0 });
            }
        }
        for mark in &row.tags {
            if let Some(&at) = self.by_id.get(&mark.tag) {
                self.tags[at].image_count += 1;
            }
        }
    }

    pub(super) fn finish(self) -> Vec<Tag> {
        self.tags
    }
}
