//! Which image and which region of one state is which of the other.

use super::*;

#[test]
fn without_ids_boxes_are_joined_by_tag_and_overlap_and_then_by_place() {
    let row = |first: u128, boxes: &[(usize, [f32; 4])]| {
        let regions = boxes.iter().zip(first..).map(|(&(tag, rect), id)| region(made(id), tag, rect)).collect();
        Owned::of(vec![image(given(7), regions)])
    };
    let (x, y, z) = ([0.0, 0.0, 0.2, 0.2], [0.3, 0.0, 0.2, 0.2], [0.6, 0.0, 0.2, 0.2]);
    // The first box is gone, so that the second one now has the id that the import made for the first place.
    let (changes, list) = compared(&row(0, &[(0, x), (0, y), (0, z)]), &row(0, &[(0, y), (0, z)]));
    assert_eq!(kinds_of(&list), [ChangeKind::RegionRemoved]);
    assert_eq!(list[0].2[0], Some(RegionId(made(0))));
    assert_eq!((changes.regions.by_id, changes.regions.by_overlap), (0, 2));
    // Another tag at the same place.
    let (changes, list) = compared(&row(0, &[(0, x), (0, y)]), &row(10, &[(0, y), (1, x)]));
    let retagged = list.iter().filter(|known| known.0 == ChangeKind::RegionRetagged).count();
    assert_eq!((retagged, changes.regions.by_place), (1, 1));
    // Far away, but the import gave it the same number: the order of boxes in a file joins nothing.
    for order in [[z, y], [y, z]] {
        let (_, list) = compared(&row(0, &[(0, x), (0, y)]), &row(0, &order.map(|rect| (0, rect))));
        let mut kinds = kinds_of(&list);
        kinds.sort_unstable_by_key(|kind| format!("{kind:?}"));
        assert_eq!(kinds, [ChangeKind::RegionAdded, ChangeKind::RegionRemoved]);
    }
}

#[test]
fn images_are_joined_by_id_then_by_original_then_by_name() {
    let named = |id: u128, name: &str| {
        let mut row = image(given(id), vec![region(given(id + 1_000), 0, [0.0, 0.0, 0.1, 0.1])]);
        row.metadata = vec![("name".to_owned(), name.to_owned())];
        row
    };
    let mut a = Owned::of(vec![named(1, "a"), named(2, "b"), named(3, "c"), named(4, "twice")]);
    let mut b =
        Owned::of(vec![named(1, "a"), named(12, "other"), named(13, "c"), named(14, "twice"), named(15, "twice")]);
    a.digests = [(a.rows[1].id, [2; 32])].into_iter().collect();
    b.digests = [(b.rows[1].id, [2; 32])].into_iter().collect();
    let (changes, list) = compared(&a, &b);
    let wanted = ImagesJoined { by_id: 1, by_digest: 1, by_name: 1, ambiguous: 3, unreadable: 0 };
    assert_eq!(changes.images, wanted);
    let count = |kind| list.iter().filter(|known| known.0 == kind).count();
    assert_eq!(count(ChangeKind::ImageRemoved), 1);
    assert_eq!(count(ChangeKind::ImageAdded), 2);
    assert_eq!(count(ChangeKind::MetadataChanged), 1, "the one that has another name now");
    assert_eq!(list.len(), 4, "{list:?}");
}

#[test]
fn regions_that_share_an_id_are_joined_by_tag_and_overlap() {
    let [left, right] = [[0.1, 0.1, 0.2, 0.2], [0.6, 0.6, 0.2, 0.2]];
    let state = |regions: &[(usize, [f32; 4])]| {
        let regions = regions.iter().map(|&(tag, rect)| region(given(7), tag, rect)).collect();
        Owned::of(vec![image(given(1), regions)])
    };
    // The copy of an annotation keeps its id.
    let one = state(&[(0, right)]);
    let two = state(&[(0, left), (0, right)]);
    let (changes, list) = compared(&one, &two);
    assert_eq!(kinds_of(&list), [ChangeKind::RegionAdded], "nothing has moved");
    assert_eq!((changes.regions.ambiguous, changes.regions.by_id, changes.regions.by_overlap), (3, 0, 1));
    assert_eq!(kinds(&two, &one), [ChangeKind::RegionRemoved]);
    // Both have the id twice, in another order, and one of them has moved.
    let moved = state(&[(0, [0.62, 0.6, 0.2, 0.2]), (0, left)]);
    assert_eq!(kinds(&two, &moved), [ChangeKind::RegionMoved]);
    // Of different tags.
    let (a, b) = (state(&[(0, left), (1, right)]), state(&[(1, left), (1, right)]));
    assert_eq!(kinds(&a, &b).iter().filter(|kind| **kind == ChangeKind::RegionRetagged).count(), 1);
}

#[test]
fn one_image_that_is_there_twice_is_added_once() {
    let a = usual(1);
    let mut b = a.clone();
    let mut copy = b.rows[0].clone();
    copy.id = ImageId(given(99));
    b.digests.insert(copy.id, b.digests[&b.rows[0].id]);
    b.rows.push(copy);
    assert_eq!(kinds(&a, &b), [ChangeKind::ImageAdded]);
}
