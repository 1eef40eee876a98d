use super::*;
use crate::domain::image::ImageUris;
use crate::domain::{ImageId, TagId};
use proptest::prelude::*;
use uuid::Uuid;

fn image(number: u128) -> ImageId {
    ImageId(Uuid::from_u128(number))
}

fn row(number: u128, regions: usize) -> ImageRow {
    let tag = TagId(Uuid::from_u128(7));
    let simple = image(number).0.simple();
    let uri = |letter: char| Some(BlobUri::new(format!("https://h/c/{letter}-{simple}?sig=S{number}{letter}")));
    ImageRow {
        id: image(number),
        created: Some(Stamp(number as i64)),
        width: 816,
        height: 612,
        uris: ImageUris { resized: uri('i'), thumbnail: uri('t'), original: uri('i') },
        tags: vec![TagMark { tag, name: "fork".into(), created: None }],
        regions: (0..regions)
            .map(|at| RegionRow {
                id: RegionId(Uuid::from_u128(number << 64 | at as u128)),
                tag,
                tag_name: "fork".into(),
                created: Some(Stamp(at as i64)),
                rect: UnitRect::new(0.1, 0.2, 0.3, 0.4),
            })
            .collect(),
        metadata: vec![("k".to_owned(), "v".to_owned())],
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

#[test]
fn rows_come_back_whole() {
    let mut catalogue = Catalogue::new();
    let rows: Vec<_> = (1..20).map(|number| row(number, number as usize % 4)).collect();
    assert_eq!(catalogue.append(rows.clone()), 0..19);
    for (view, row) in catalogue.iter().zip(&rows) {
        assert_eq!(view.to_row(), *row);
        assert!(view.is_original_size());
        assert_eq!(catalogue.find(row.id), Some(view.ix));
    }
    let entry = catalogue.tags().get(TagIx(0));
    assert_eq!((entry.image_count, entry.region_count as usize), (19, catalogue.region_count()));
}

#[test]
fn a_repeated_row_only_brings_fresh_addresses() {
    let mut catalogue = Catalogue::new();
    catalogue.append(vec![row(1, 2)]);
    let mut again = row(1, 5);
    again.uris.thumbnail = Some(BlobUri::new("https://h/c/t-other?sig=NEW"));
    assert_eq!(catalogue.append(vec![again, row(2, 1)]), 1..2);
    assert_eq!((catalogue.len(), catalogue.region_count()), (2, 3));
    let uri = catalogue.get(ImageIx(0)).and_then(|view| view.uri(BlobKind::Thumbnail)).expect("address");
    assert_eq!(uri.expose(), "https://h/c/t-other?sig=NEW");
}

#[test]
fn signatures_stay_out_of_debug() {
    let mut catalogue = Catalogue::new();
    catalogue.append(vec![row(1, 1)]);
    assert!(!format!("{catalogue:?}").contains("sig="));
}

proptest! {
    #[test]
    fn any_address_comes_back(texts in proptest::collection::vec(proptest::option::of("[a-z/?#&=0-9é-]{0,60}"), 3)) {
        let uri = |at: usize| texts[at].clone().map(BlobUri::new);
        let uris = ImageUris { resized: uri(0), thumbnail: uri(1), original: uri(2) };
        let mut catalogue = Catalogue::new();
        catalogue.append(vec![ImageRow { uris: uris.clone(), ..row(1, 0) }]);
        prop_assert_eq!(catalogue.get(ImageIx(0)).expect("image").to_row().uris, uris);
    }
}
