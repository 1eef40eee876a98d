mod imports;
mod joining;

use std::sync::Arc;

use proptest::prelude::*;
use rustc_hash::FxHashMap;
use uuid::Uuid;

use super::*;
use crate::{DomainId, ImageRow, ImageUris, ProjectId, RegionId, RegionRow, Tag, TagId, TagMark, UnitRect};

/// A state that owns what it is made of.
#[derive(Clone, Debug)]
struct Owned {
    rows: Vec<ImageRow>,
    tags: Vec<Tag>,
    digests: FxHashMap<ImageId, Digest>,
    project: Project,
    is_import: bool,
    unreadable: FxHashSet<ImageId>,
    is_incomplete: bool,
    lacks_parts: bool,
}

const NAMES: [&str; 4] = ["fork", "scissors", "spoon", "knife"];

fn tag_id(tag: usize) -> TagId {
    TagId(Uuid::from_u128(0x4000_0000_0000_0000_0000 + tag as u128))
}

/// An id as the service gives it.
fn given(number: u128) -> Uuid {
    uuid::Builder::from_random_bytes(number.to_be_bytes()).into_uuid()
}

/// An id as an import makes it.
fn made(number: u128) -> Uuid {
    Uuid::new_v5(&Uuid::nil(), &number.to_be_bytes())
}

fn region(id: Uuid, tag: usize, rect: [f32; 4]) -> RegionRow {
    let [left, top, width, height] = rect;
    let rect = UnitRect::new(left, top, width, height);
    RegionRow { id: RegionId(id), tag: tag_id(tag), tag_name: NAMES[tag].into(), created: None, rect }
}

fn image(id: Uuid, regions: Vec<RegionRow>) -> ImageRow {
    let mut tags: Vec<TagMark> = Vec::new();
    for region in &regions {
        if tags.iter().all(|mark| mark.tag != region.tag) {
            tags.push(TagMark { tag: region.tag, name: Arc::clone(&region.tag_name), created: None });
        }
    }
    ImageRow {
        id: ImageId(id),
        created: None,
        width: 1_000,
        height: 500,
        uris: ImageUris::default(),
        tags,
        regions,
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

fn tags() -> Vec<Tag> {
    let tag = |(at, name): (usize, &&str)| Tag {
        id: tag_id(at),
        name: (*name).to_owned(),
        description: None,
        kind: "Regular".to_owned(),
        image_count: 0,
    };
    NAMES.iter().enumerate().map(tag).collect()
}

impl Owned {
    fn of(rows: Vec<ImageRow>) -> Self {
        Self {
            rows,
            tags: tags(),
            digests: FxHashMap::default(),
            project: Project::named(ProjectId(given(1)), "cutlery"),
            is_import: false,
            unreadable: FxHashSet::default(),
            is_incomplete: false,
            lacks_parts: false,
        }
    }

    fn catalogue(&self) -> Catalogue {
        let mut catalogue = Catalogue::new();
        catalogue.set_tags(&self.tags);
        catalogue.append(self.rows.clone());
        catalogue
    }

    fn with<T>(&self, work: impl FnOnce(ComparedState<'_>) -> T) -> T {
        let catalogue = self.catalogue();
        let digest = |id: ImageId| self.digests.get(&id).copied();
        work(ComparedState {
            catalogue: &catalogue,
            project: &self.project,
            kind: ProjectKind::Detection,
            digest: &digest,
            is_import: self.is_import,
            unreadable: &self.unreadable,
            is_incomplete: self.is_incomplete,
            lacks_parts: self.lacks_parts,
        })
    }
}

/// A change by ids, so that it means the same in any order of rows.
type Known = (ChangeKind, [Option<ImageId>; 2], [Option<RegionId>; 2], Option<String>, bool);

fn compared(a: &Owned, b: &Owned) -> (Changes, Vec<Known>) {
    a.with(|from| {
        b.with(|to| {
            let plan = Plan::new(from, to, DEFAULT_IOU);
            let half = plan.len() / 2;
            let parts = vec![plan.compare(0..half), plan.compare(half..plan.len())];
            let changes = plan.gather(parts);
            let image = |state: &ComparedState<'_>, ix: Option<ImageIx>| Some(state.catalogue.get(ix?)?.id());
            let region = |state: &ComparedState<'_>, ix: Option<RegionIx>| Some(state.catalogue.region(ix?)?.id);
            let known = |change: &Change| {
                let images = [image(&from, change.from), image(&to, change.to)];
                let regions = [region(&from, change.region_from), region(&to, change.region_to)];
                let tag = change.tag.map(|tag| changes.tags.name(tag).to_owned());
                (change.kind, images, regions, tag, change.is_uncertain)
            };
            let list = changes.list.iter().map(known).collect();
            (changes, list)
        })
    })
}

fn kinds(a: &Owned, b: &Owned) -> Vec<ChangeKind> {
    compared(a, b).1.iter().map(|known| known.0).collect()
}

fn kinds_of(list: &[Known]) -> Vec<ChangeKind> {
    list.iter().map(|known| known.0).collect()
}

fn mirrored(list: &[Known]) -> Vec<Known> {
    let turned = |(kind, [a, b], [c, d], tag, is_uncertain): &Known| {
        (kind.mirrored(), [*b, *a], [*d, *c], tag.clone(), *is_uncertain)
    };
    let mut list: Vec<_> = list.iter().map(turned).collect();
    list.sort();
    list
}

fn sorted(mut list: Vec<Known>) -> Vec<Known> {
    list.sort();
    list
}

/// Any state: ids of both kinds, boxes on a coarse raster, names and originals that several images share.
fn state() -> impl Strategy<Value = Owned> {
    let id = |number: u8| if number.is_multiple_of(2) { given(u128::from(number)) } else { made(u128::from(number)) };
    let rect = (0_u8..6, 0_u8..6, 1_u8..5, 1_u8..5)
        .prop_map(|sides| <[u8; 4]>::from(sides).map(|side| f32::from(side) / 10.0));
    // Several regions may have the same id, as copies of an annotation do.
    let regions = prop::collection::vec((0_u8..12, (0_usize..3, rect)), 0..6);
    let row = (regions, prop::option::of(0_u8..3), prop::option::of(0_u8..3));
    prop::collection::btree_map(0_u8..10, row, 0..7).prop_map(move |images| {
        let mut owned = Owned::of(Vec::new());
        for (number, (regions, name, digest)) in images {
            let regions = regions.into_iter().map(|(number, (tag, rect))| region(id(number), tag, rect)).collect();
            let mut row = image(id(number), regions);
            row.metadata.extend(name.map(|name| ("name".to_owned(), name.to_string())));
            if let Some(digest) = digest {
                owned.digests.insert(row.id, [digest; 32]);
            }
            owned.rows.push(row);
        }
        owned
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_state_has_not_changed_from_itself(a in state()) {
        let (changes, _) = compared(&a, &a);
        prop_assert!(changes.is_empty(), "{:?}", changes.list);
        prop_assert_eq!(changes.images.by_id + changes.images.by_digest + changes.images.by_name, a.rows.len() as u64);
    }

    #[test]
    fn the_other_way_round_is_the_mirror(a in state(), b in state()) {
        let (there, list) = compared(&a, &b);
        let (back, other) = compared(&b, &a);
        prop_assert_eq!(mirrored(&list), sorted(other));
        prop_assert_eq!(there.images, back.images);
        prop_assert_eq!(there.regions, back.regions);
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing(a in state(), b in state(), seed in any::<u64>()) {
        let (_, list) = compared(&a, &b);
        let mut random = fastrand::Rng::with_seed(seed);
        let mut mixed = |owned: &Owned| {
            let mut owned = owned.clone();
            random.shuffle(&mut owned.rows);
            random.shuffle(&mut owned.tags);
            owned.rows.iter_mut().for_each(|row| random.shuffle(&mut row.regions));
            owned
        };
        let (_, again) = compared(&mixed(&a), &mixed(&b));
        prop_assert_eq!(list, again);
    }

    #[test]
    fn every_region_is_accounted_for(a in state(), b in state()) {
        let (changes, _) = compared(&a, &b);
        let joined = changes.regions.by_id + changes.regions.by_overlap + changes.regions.by_place;
        let count = |owned: &Owned| owned.rows.iter().map(|row| row.regions.len() as u64).sum::<u64>();
        let whole = |kind| changes.list.iter().filter(move |change| change.kind == kind);
        let alone = |owned: &Owned, gone: Vec<ImageIx>| {
            let catalogue = owned.catalogue();
            gone.iter().filter_map(|&ix| catalogue.get(ix)).map(|image| image.region_count() as u64).sum::<u64>()
        };
        let removed = alone(&a, whole(ChangeKind::ImageRemoved).filter_map(|change| change.from).collect());
        let added = alone(&b, whole(ChangeKind::ImageAdded).filter_map(|change| change.to).collect());
        prop_assert_eq!(count(&a), joined + changes.count(ChangeKind::RegionRemoved) + removed);
        prop_assert_eq!(count(&b), joined + changes.count(ChangeKind::RegionAdded) + added);
    }
}

/// Images with four boxes each that lie apart.
fn usual(images: u128) -> Owned {
    let row = |number: u128| {
        let of = |at: u128| region(given(number << 32 | at), 0, [at as f32 * 0.25, 0.1, 0.2, 0.2]);
        let mut row = image(given(number << 64), (0..4).map(of).collect());
        row.metadata = vec![("name".to_owned(), format!("{number}.jpg")), ("site".to_owned(), "a".to_owned())];
        row
    };
    let mut owned = Owned::of((1..=images).map(row).collect());
    owned.digests = owned.rows.iter().zip(0_u8..).map(|(row, number)| (row.id, [number; 32])).collect();
    owned
}

#[test]
fn ten_edits_of_every_kind_are_found_and_nothing_else() {
    let a = usual(100);
    let mut b = a.clone();
    let mut wanted = Vec::new();
    let both = |row: &ImageRow| [Some(row.id), Some(row.id)];
    for at in 0..10 {
        let row = &mut b.rows[at];
        row.metadata[1].1 = "b".to_owned();
        wanted.push((ChangeKind::MetadataChanged, both(row), [None; 2], None, false));
        let row = &mut b.rows[10 + at];
        b.digests.insert(row.id, [250; 32]);
        wanted.push((ChangeKind::PictureChanged, both(row), [None; 2], None, false));
        let row = &mut b.rows[20 + at];
        let new = region(given(1 << 100 | at as u128), 0, [0.1, 0.7, 0.1, 0.1]);
        wanted.push((ChangeKind::RegionAdded, both(row), [None, Some(new.id)], None, false));
        row.regions.push(new);
        let row = &mut b.rows[30 + at];
        row.regions[at % 4].rect.left += 0.01;
        let id = Some(row.regions[at % 4].id);
        wanted.push((ChangeKind::RegionMoved, both(row), [id, id], None, false));
        let row = &mut b.rows[40 + at];
        let gone = row.regions.remove(at % 4);
        wanted.push((ChangeKind::RegionRemoved, both(row), [Some(gone.id), None], None, false));
        let row = &mut b.rows[50 + at];
        (row.regions[0].tag, row.regions[0].tag_name) = (tag_id(1), NAMES[1].into());
        let id = Some(row.regions[0].id);
        wanted.push((ChangeKind::RegionRetagged, both(row), [id, id], None, false));
        let row = &mut b.rows[60 + at];
        row.tags.push(TagMark { tag: tag_id(2), name: NAMES[2].into(), created: None });
        wanted.push((ChangeKind::TagAdded, both(row), [None; 2], Some("spoon".to_owned()), false));
        let row = &mut b.rows[70 + at];
        row.tags.clear();
        wanted.push((ChangeKind::TagRemoved, both(row), [None; 2], Some("fork".to_owned()), false));
    }
    for _ in 0..10 {
        let gone = b.rows.remove(80);
        wanted.push((ChangeKind::ImageRemoved, [Some(gone.id), None], [None; 2], None, false));
        let new = image(given(1 << 110 | u128::from(wanted.len() as u64)), Vec::new());
        wanted.push((ChangeKind::ImageAdded, [None, Some(new.id)], [None; 2], None, false));
        b.rows.push(new);
    }
    let (changes, list) = compared(&a, &b);
    assert_eq!(sorted(list.clone()), sorted(wanted));
    for kind in ChangeKind::ALL {
        // Both states were read completely.
        let wanted = if kind == ChangeKind::ImageUnknown { 0 } else { 10 };
        assert_eq!(changes.count(kind), wanted, "{}", kind.name());
    }
    let order = |known: &Known| (known.1[0].or(known.1[1]), known.2[0].or(known.2[1]), known.0.name());
    assert!(list.is_sorted_by_key(order));
    assert!(changes.tag_list.is_empty() && changes.facts.is_empty());
}

#[test]
fn the_kinds_are_in_the_order_of_their_names() {
    assert!(ChangeKind::ALL.is_sorted_by_key(|kind| kind.name()));
    assert!(ChangeKind::ALL.is_sorted());
    for kind in ChangeKind::ALL {
        assert_eq!(kind.mirrored().mirrored(), kind);
    }
}

#[test]
fn an_edge_that_moves_less_than_half_a_pixel_has_not_moved() {
    let a = usual(1);
    let moved = |by: f32| {
        let mut b = a.clone();
        b.rows[0].regions[0].rect.left += by;
        compared(&a, &b).0.list
    };
    // The image is 1000 pixels wide.
    assert!(moved(0.000_49).is_empty());
    let list = moved(0.000_51);
    assert_eq!(list[0].kind, ChangeKind::RegionMoved);
    let shift = list[0].shift.expect("shift");
    assert!(shift.is_pixels && (shift.by - 0.51).abs() < 0.01, "{shift:?}");
    // Just half a pixel, however it is rounded.
    for left in 1..200_u8 {
        let [from, to] = [f32::from(left), f32::from(left) + 0.5].map(|left| left / 1_000.0);
        let one = |left| Owned::of(vec![image(given(7), vec![region(given(8), 0, [left, 0.1, 0.2, 0.2])])]);
        assert_eq!(compared(&one(from), &one(to)).0.list.len(), 1, "{left}");
    }
}

#[test]
fn a_change_is_told_in_a_few_words() {
    let a = usual(2);
    let mut b = a.clone();
    b.rows[0].regions[0].rect.left += 0.012;
    b.rows[1].regions[1].tag = tag_id(2);
    b.rows[1].regions[1].tag_name = NAMES[2].into();
    b.rows[1].metadata[0].1 = "new.jpg".to_owned();
    let (from, to) = (a.catalogue(), b.catalogue());
    let (changes, _) = compared(&a, &b);
    let sides = Sides { changes: &changes, from: &from, to: &to, skips_names: false };
    let words: Vec<_> = changes.list.iter().map(|change| sides.brief(change)).collect();
    for wanted in ["moved 12 px, fork", "retagged, fork -> spoon", "metadata changed, name"] {
        assert!(words.iter().any(|words| words == wanted), "{wanted}: {words:?}");
    }
    let mut names: Vec<_> = changes.list.iter().filter_map(|change| sides.name(change)).collect();
    names.dedup();
    assert_eq!(names, ["1.jpg", "2.jpg -> new.jpg"]);
}

#[test]
fn what_could_not_be_read_is_not_gone() {
    let a = usual(3);
    let mut b = a.clone();
    let unreadable = b.rows.remove(0).id;
    assert_eq!(kinds(&a, &b), [ChangeKind::ImageRemoved]);
    b.unreadable.insert(unreadable);
    let (changes, list) = compared(&a, &b);
    assert_eq!(kinds_of(&list), [ChangeKind::ImageUnknown]);
    assert_eq!(list[0].1, [Some(ImageId(unreadable.0)), None]);
    assert_eq!(changes.images.unreadable, 1);
    b.rows.remove(0);
    assert_eq!(kinds(&a, &b), [ChangeKind::ImageUnknown, ChangeKind::ImageRemoved], "only that row is in doubt");
    b.is_incomplete = true;
    let (_, list) = compared(&a, &b);
    assert_eq!(kinds_of(&list), [ChangeKind::ImageUnknown; 2]);
    assert!(list.iter().all(|known| known.4), "they are uncertain");
    assert_eq!(kinds(&b, &a), [ChangeKind::ImageUnknown; 2], "the other way round as well");
    let mut b = a.clone();
    b.rows[0].regions.remove(0);
    b.lacks_parts = true;
    let (_, list) = compared(&a, &b);
    assert!(list[0].4, "a region of a dataset from which something was left out");
    b.lacks_parts = false;
    b.rows[0].problems.push(Problem::UnreadableRegion { index: 0, reason: String::new() });
    let (_, list) = compared(&a, &b);
    assert_eq!(kinds_of(&list), [ChangeKind::RegionRemoved]);
    assert!(list[0].4, "it is uncertain");
}

#[test]
fn tags_that_changed_names_are_renamed_and_their_regions_are_the_same() {
    let a = usual(2);
    let mut b = a.clone();
    (b.tags[0].name, b.tags[1].name) = (NAMES[1].to_owned(), NAMES[0].to_owned());
    let (changes, list) = compared(&a, &b);
    assert!(list.is_empty());
    let renamed = |from: &str, to: &str| TagListChange::Renamed { from: from.into(), to: to.into() };
    assert_eq!(changes.tag_list, [renamed("fork", "scissors"), renamed("scissors", "fork")]);
    // Other ids with the same names are the same tags.
    let mut b = a.clone();
    let other = TagId(given(77));
    b.tags[0].id = other;
    for row in &mut b.rows {
        row.tags[0].tag = other;
        row.regions.iter_mut().for_each(|region| region.tag = other);
    }
    assert!(compared(&a, &b).0.is_empty());
}

#[test]
fn tags_and_projects_that_differ_are_told() {
    let a = usual(1);
    let mut b = a.clone();
    b.tags[3].name = "ladle".to_owned();
    b.tags[3].id = TagId(given(5));
    b.tags[2].kind = "Negative".to_owned();
    b.tags[1].description = Some("sharp".to_owned());
    b.project.name = "tools".to_owned();
    b.project.settings.domain_id = Some(DomainId(given(6)));
    let (changes, list) = compared(&a, &b);
    assert!(list.is_empty());
    assert!(!changes.is_empty());
    assert_eq!(changes.tag_list.len(), 4, "{:?}", changes.tag_list);
    assert_eq!(changes.facts.iter().map(|fact| fact.kind).collect::<Vec<_>>(), [FactKind::Name, FactKind::Domain]);
    // An import of the same has another project, and says nothing of these.
    b.is_import = true;
    b.project.id = ProjectId(given(9));
    let (changes, _) = compared(&a, &b);
    assert!(changes.facts.is_empty());
    assert_eq!(changes.tag_list.len(), 2, "{:?}", changes.tag_list);
}

#[test]
fn sizes_tell_that_the_picture_is_another_one_where_hashes_do_not() {
    let mut a = usual(1);
    a.digests.clear();
    let mut b = a.clone();
    (b.rows[0].width, b.rows[0].height) = (500, 250);
    assert_eq!(kinds(&a, &b), [ChangeKind::PictureChanged]);
    // The size that the service trains on, of the same picture.
    (a.rows[0].width, a.rows[0].height) = (3_264, 2_448);
    (b.rows[0].width, b.rows[0].height) = (1_200, 900);
    assert!(kinds(&a, &b).is_empty());
}

#[test]
fn empty_states_are_compared_too() {
    let (none, some) = (Owned::of(Vec::new()), usual(2));
    assert!(kinds(&none, &none).is_empty());
    assert_eq!(kinds(&none, &some), [ChangeKind::ImageAdded; 2]);
    assert_eq!(kinds(&some, &none), [ChangeKind::ImageRemoved; 2]);
}
