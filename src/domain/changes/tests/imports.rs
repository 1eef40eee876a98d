//! What an import cannot know is no change.

use super::*;

#[test]
fn the_name_that_an_import_gives_is_no_change() {
    let a = usual(2);
    let mut b = a.clone();
    for row in &mut b.rows {
        row.metadata[0].1 = format!("images/{}", row.metadata[0].1);
    }
    assert_eq!(kinds(&a, &b).len(), 2);
    b.is_import = true;
    assert!(kinds(&a, &b).is_empty());
}

#[test]
fn a_dataset_lacks_neither_metadata_nor_images_that_were_never_labeled() {
    let mut a = usual(2);
    let mut b = a.clone();
    b.is_import = true;
    b.rows.iter_mut().for_each(|row| row.metadata.truncate(1));
    a.rows.push(image(given(9), Vec::new()));
    assert!(kinds(&a, &b).is_empty());
    assert!(kinds(&b, &a).is_empty());
    b.rows[0].metadata.push(("site".to_owned(), "b".to_owned()));
    assert_eq!(kinds(&a, &b), [ChangeKind::MetadataChanged; 2], "this one has metadata");
    b.rows.push(image(given(10), Vec::new()));
    assert!(kinds(&a, &b).contains(&ChangeKind::ImageAdded));
}

#[test]
fn tags_that_an_import_makes_of_boxes_do_not_change_by_themselves() {
    let row = |tag| Owned::of(vec![image(given(1), vec![region(made(1), tag, [0.1, 0.1, 0.2, 0.2])])]);
    let (mut a, mut b) = (row(0), row(1));
    let mut all = kinds(&a, &b);
    all.sort();
    assert_eq!(all, [ChangeKind::RegionRetagged, ChangeKind::TagAdded, ChangeKind::TagRemoved]);
    (a.is_import, b.is_import) = (true, true);
    assert_eq!(kinds(&a, &b), [ChangeKind::RegionRetagged]);
    b.rows[0].tags.push(TagMark { tag: tag_id(2), name: NAMES[2].into(), created: None });
    assert_eq!(compared(&a, &b).1.iter().filter(|known| known.3.as_deref() == Some("spoon")).count(), 1);
}
