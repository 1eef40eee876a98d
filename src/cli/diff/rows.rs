//! A change as a JSON object, and the summary as the last one.

use serde_json::{Map, Value, json};

use super::Compared;
use crate::cli::end::Trouble;
use crate::cli::terminal::{Terminal, escaped};
use domain::catalogue::ImageView;
use domain::changes::{Change, ChangeKind, FactChange, TagListChange};
use domain::number;
use domain::{Catalogue, RegionView};
use engine::changes::LoadedState;

pub(super) fn print(compared: &Compared, terminal: &mut Terminal) -> Result<(), Trouble> {
    for change in &compared.changes.list {
        line(&compared.row(change), terminal)?;
    }
    line(&json!({ "summary": compared.summary() }), terminal)
}

fn line(value: &Value, terminal: &mut Terminal) -> Result<(), Trouble> {
    terminal.line(&escaped(&value.to_string()))
}

impl Compared {
    fn row(&self, change: &Change) -> Value {
        let both = self.sides();
        let mut row = Map::new();
        row.insert("change".to_owned(), change.kind.name().into());
        let [a, b] = both.images(change).map(|image| image.map(|image| image.id().to_string()));
        ids(&mut row, ["imageId", "toImageId"], a, b);
        let [a, b] = both.regions(change).map(|region| region.map(|region| region.id.to_string()));
        ids(&mut row, ["regionId", "toRegionId"], a, b);
        if let Some(tag) = both.tag(change) {
            row.insert("tag".to_owned(), tag.into());
        }
        for (name, value) in ["from", "to"].into_iter().zip(self.values(change)) {
            if let Some(value) = value {
                row.insert(name.to_owned(), value);
            }
        }
        if matches!(change.kind, ChangeKind::RegionMoved | ChangeKind::RegionRetagged) {
            row.insert("iou".to_owned(), fraction(change.iou));
        }
        if let Some(shift) = change.shift.filter(|shift| shift.is_pixels) {
            row.insert("shiftPixels".to_owned(), json!((shift.by * 1_000.0).round() / 1_000.0));
        }
        if change.is_uncertain {
            row.insert("uncertain".to_owned(), true.into());
        }
        row.into()
    }

    /// What changed, in the first and in the second state.
    fn values(&self, change: &Change) -> [Option<Value>; 2] {
        let both = self.sides();
        let [a, b] = both.images(change);
        match change.kind {
            ChangeKind::ImageAdded | ChangeKind::ImageRemoved | ChangeKind::ImageUnknown => {
                [a.map(|image| whole(&image, &self.from)), b.map(|image| whole(&image, &self.to))]
            }
            ChangeKind::PictureChanged => {
                [a.map(|image| picture(&image, &self.from)), b.map(|image| picture(&image, &self.to))]
            }
            ChangeKind::MetadataChanged => both.metadata(change).map(|pairs| Some(object(&pairs))),
            ChangeKind::TagAdded | ChangeKind::TagRemoved => [None, None],
            ChangeKind::RegionAdded
            | ChangeKind::RegionMoved
            | ChangeKind::RegionRemoved
            | ChangeKind::RegionRetagged => {
                let [a, b] = both.regions(change);
                [
                    a.map(|region| place(&region, &self.from.catalogue)),
                    b.map(|region| place(&region, &self.to.catalogue)),
                ]
            }
        }
    }

    fn summary(&self) -> Value {
        let changes = &self.changes;
        let mut summary = Map::new();
        for kind in ChangeKind::ALL {
            summary.insert(kind.name().to_owned(), changes.count(kind).into());
        }
        let uncertain = changes.list.iter().filter(|change| change.is_uncertain).count();
        let (images, regions) = (changes.images, changes.regions);
        let counts = |of: fn(&Catalogue) -> usize| json!([of(&self.from.catalogue), of(&self.to.catalogue)]);
        summary.extend([
            ("images".to_owned(), counts(Catalogue::len)),
            ("regions".to_owned(), counts(Catalogue::region_count)),
            (
                "imagesJoined".to_owned(),
                json!({"id": images.by_id, "sha256": images.by_digest, "name": images.by_name,
                       "ambiguousName": images.ambiguous, "unreadable": images.unreadable}),
            ),
            (
                "regionsJoined".to_owned(),
                json!({"id": regions.by_id, "ambiguousId": regions.ambiguous, "tagAndIou": regions.by_overlap, "iou": regions.by_place,
                       "approximateImages": regions.approximate_images}),
            ),
            ("tags".to_owned(), changes.tag_list.iter().map(tag_list).collect()),
            ("project".to_owned(), changes.facts.iter().map(fact).collect()),
            ("uncertain".to_owned(), uncertain.into()),
            ("doubts".to_owned(), json!([self.from.doubts, self.to.doubts])),
        ]);
        summary.into()
    }
}

/// An id under its name; the one of the second state too, where it is another one.
fn ids(row: &mut Map<String, Value>, [name, other]: [&str; 2], from: Option<String>, to: Option<String>) {
    let (first, second) = match (from, to) {
        (Some(from), to) => (Some(from), to),
        (None, to) => (to, None),
    };
    if let Some(second) = second.filter(|second| first.as_ref() != Some(second)) {
        row.insert(other.to_owned(), second.into());
    }
    if let Some(first) = first {
        row.insert(name.to_owned(), first.into());
    }
}

/// A fraction in the digits that the service would use.
fn fraction(value: f32) -> Value {
    let number = number::text(value).parse::<f64>();
    number.map_or(Value::Null, |number| json!(number))
}

fn place(region: &RegionView, catalogue: &Catalogue) -> Value {
    let rect = region.rect;
    json!({
        "tag": &*catalogue.tags().get(region.tag).name,
        "left": fraction(rect.left),
        "top": fraction(rect.top),
        "width": fraction(rect.width),
        "height": fraction(rect.height),
    })
}

fn whole(image: &ImageView<'_>, state: &LoadedState) -> Value {
    let tags: Vec<&str> = image.tags().iter().map(|&tag| &*state.catalogue.tags().get(tag).name).collect();
    let mut value = json!({ "tags": tags, "regions": image.region_count() });
    if let Some(name) = image.name() {
        value["name"] = name.into();
    }
    value
}

fn picture(image: &ImageView<'_>, state: &LoadedState) -> Value {
    let mut value = Map::new();
    let size = image.pixel_size();
    if size.is_known() {
        value.insert("width".to_owned(), size.width.into());
        value.insert("height".to_owned(), size.height.into());
    }
    if let Some(digest) = state.digests.get(&image.id()) {
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        value.insert("sha256".to_owned(), digits.into());
    }
    value.into()
}

/// Pairs as an object; a key that is there more than once has a list.
fn object(pairs: &[(&str, &str)]) -> Value {
    let mut object = Map::new();
    for &(key, value) in pairs {
        match object.get_mut(key) {
            None => drop(object.insert(key.to_owned(), value.into())),
            Some(Value::Array(several)) => several.push(value.into()),
            Some(one) => *one = json!([one.take(), value]),
        }
    }
    object.into()
}

fn tag_list(change: &TagListChange) -> Value {
    match change {
        TagListChange::Added { name } => json!({"change": "added", "tag": &**name}),
        TagListChange::Removed { name } => json!({"change": "removed", "tag": &**name}),
        TagListChange::Renamed { from, to } => json!({"change": "renamed", "tag": &**to, "from": &**from, "to": &**to}),
        TagListChange::Kind { name, from, to } => json!({"change": "type", "tag": &**name, "from": from, "to": to}),
        TagListChange::Description { name, from, to } => {
            json!({"change": "description", "tag": &**name, "from": from, "to": to})
        }
    }
}

fn fact(change: &FactChange) -> Value {
    json!({"field": change.kind.name(), "from": change.from, "to": change.to})
}
