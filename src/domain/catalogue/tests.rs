use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::image::{BlobKind, BlobUri, ImageUris, RegionRow, TagMark};
use crate::{ImageId, RegionId, TagId, Timestamp, UnitRect};

fn image(number: u128) -> ImageId {
    ImageId(Uuid::from_u128(number))
}

fn row(number: u128, regions: usize) -> ImageRow {
    let tag = TagId(Uuid::from_u128(7));
    let simple = image(number).0.simple();
    let uri = |letter: char| Some(BlobUri::new(format!("https://h/c/{letter}-{simple}?sig=S{number}{letter}")));
    ImageRow {
        id: image(number),
        created: Some(Timestamp(number as i64)),
        width: 816,
        height: 612,
        uris: ImageUris { resized: uri('i'), thumbnail: uri('t'), original: uri('i') },
        tags: vec![TagMark { tag, name: "fork".into(), created: None }],
        regions: (0..regions)
            .map(|at| RegionRow {
                id: RegionId(Uuid::from_u128(number << 64 | at as u128)),
                tag,
                tag_name: "fork".into(),
                created: Some(Timestamp(at as i64)),
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

/// More than a segment's, so that the last one is not full.
const MANY: u128 = SEGMENT_IMAGES as u128 + 300;

fn many() -> Catalogue {
    let mut catalogue = Catalogue::new();
    let rows: Vec<_> = (1..=MANY).map(|number| row(number, number as usize % 3)).collect();
    for page in rows.chunks(256) {
        catalogue.append(page.to_vec());
    }
    catalogue.add_problem(ImageIx(5), Problem::NoSize);
    catalogue.add_problem(ImageIx(SEGMENT_IMAGES as u32 + 7), Problem::OddDate("soon".to_owned()));
    catalogue
}

#[test]
fn segments_are_not_seen_from_outside() {
    let catalogue = many();
    assert_eq!(catalogue.segments.len(), 2);
    let mut regions = 0;
    for (at, image) in catalogue.iter().enumerate() {
        assert_eq!(image.to_row(), ImageRow { problems: Vec::new(), ..row(at as u128 + 1, (at + 1) % 3) });
        assert_eq!(image.region_range().start, regions);
        regions = image.region_range().end;
        for region in image.regions() {
            assert_eq!(catalogue.region(region.ix), Some(region));
        }
    }
    assert_eq!((regions as usize, catalogue.region(RegionIx(regions))), (catalogue.region_count(), None));
    assert_eq!(catalogue.get(ImageIx(MANY as u32)).map(|image| image.id()), None);
}

#[test]
fn a_clone_shares_what_is_full() {
    let mut catalogue = many();
    let kept = catalogue.clone();
    catalogue.append(vec![row(MANY + 1, 1)]);
    assert!(Arc::ptr_eq(&catalogue.segments[0], &kept.segments[0]));
    assert_eq!((kept.len() as u128, catalogue.len() as u128), (MANY, MANY + 1));
    assert!(!catalogue.has_same_images(&kept) && kept.has_same_images(&many()));
}

#[test]
fn fresh_signatures_take_no_further_room() {
    let mut catalogue = Catalogue::new();
    let signed = |number: u128, byte: u8| {
        let mut uris = row(number, 0).uris;
        for uri in [&mut uris.resized, &mut uris.thumbnail, &mut uris.original] {
            let mut text = uri.as_ref().map(BlobUri::unsigned).unwrap_or_default().to_owned() + "?sr=b&sig=";
            uris::push_signature(&[byte; 32], &mut text);
            *uri = Some(BlobUri::new(text + "&sp=r"));
        }
        ImageRow { uris, ..row(number, 0) }
    };
    catalogue.append((1..100).map(|number| signed(number, 0)).collect());
    let arena = catalogue.segments[0].uris.arena.len();
    assert_eq!(arena, 99 * 2 * 32, "32 bytes each, the original's being the resized one's");
    for number in 1..100 {
        catalogue.refresh_uris(&signed(number, number as u8));
    }
    assert_eq!(catalogue.segments[0].uris.arena.len(), arena);
    for (image, number) in catalogue.iter().zip(1..) {
        assert_eq!(image.to_row().uris, signed(number, number as u8).uris);
    }
}

fn packed(catalogue: &Catalogue) -> Vec<Vec<u8>> {
    Packer::new(catalogue).collect::<Result<_, _>>().expect("blocks")
}

fn unpacked(blocks: &[Vec<u8>]) -> Result<Catalogue, NotPacked> {
    let mut unpacker = Unpacker::new(&blocks[0])?;
    blocks[1..].iter().try_for_each(|block| unpacker.block(block))?;
    unpacker.finish()
}

#[test]
fn a_packed_catalogue_comes_back_without_its_signatures() {
    let catalogue = many();
    let blocks = packed(&catalogue);
    assert!(blocks.iter().all(|block| !block.windows(4).any(|four| four == b"sig=")));
    let back = unpacked(&blocks).expect("catalogue");
    assert!(back.has_same_images(&catalogue));
    let bare = |uri: Option<BlobUri>| uri.map(|uri| BlobUri::new(uri.unsigned()));
    for (a, b) in catalogue.iter().zip(back.iter()) {
        let ImageUris { resized, thumbnail, original } = a.to_row().uris;
        let uris = ImageUris { resized: bare(resized), thumbnail: bare(thumbnail), original: bare(original) };
        assert_eq!(b.to_row(), ImageRow { uris, ..a.to_row() });
        assert_eq!((a.problems(), b.is_original_size()), (b.problems(), true));
    }
    assert!(catalogue.tags().iter().eq(back.tags().iter()));
    assert_eq!(packed(&back), blocks);
    // It grows on as the other does.
    let mut back = back;
    assert_eq!(back.append(vec![row(3, 1), row(MANY + 1, 2)]), MANY as u32..MANY as u32 + 1);
}

#[test]
fn pixels_are_the_originals_once_its_size_is_known() {
    let mut resized = row(1, 1);
    resized.uris.original = Some(BlobUri::new("https://h/c/larger?sig=S"));
    let mut catalogue = Catalogue::new();
    catalogue.append(vec![resized.clone(), row(2, 1)]);
    let size = |catalogue: &Catalogue, at: u32| {
        let size = catalogue.get(ImageIx(at)).expect("image").pixel_size();
        (size.width, size.height, size.is_original)
    };
    assert_eq!(size(&catalogue, 0), (816, 612, false));
    assert_eq!(size(&catalogue, 1), (816, 612, true), "the service has one file of it");
    let before = catalogue.clone();
    let sizes = [(ImageIx(0), (3_264, 2_448)), (ImageIx(1), (816, 612)), (ImageIx(1), (0, 7)), (ImageIx(9), (5, 5))];
    assert_eq!(catalogue.know_originals(&sizes), [ImageIx(0)], "only this one is measured in other pixels now");
    assert_eq!(size(&catalogue, 0), (3_264, 2_448, true));
    assert_eq!(size(&before, 0), (816, 612, false), "a clone does not change");
    let again = unpacked(&packed(&catalogue)).expect("catalogue");
    assert_eq!(again.original_size(ImageIx(0)), Some((3_264, 2_448)), "it is kept for the next visit");
    let mut listed_again = Catalogue::new();
    listed_again.append(vec![row(3, 0), resized]);
    listed_again.know_originals_of(&catalogue);
    assert_eq!(size(&listed_again, 1), (3_264, 2_448, true), "by the image, wherever it is in the list");
}

#[test]
fn missing_and_foreign_blocks_are_refused() {
    let blocks = packed(&many());
    assert!(unpacked(&blocks[..2]).is_err_and(|error| error.to_string().ends_with("images are missing")));
    let [head, first, last] = blocks.as_slice() else { panic!("three blocks") };
    for wrong in [[head, last, first], [head, first, first], [first, first, last]] {
        assert!(unpacked(&wrong.map(Clone::clone)).is_err());
    }
    assert!(unpacked(&[head.clone(), first.clone(), last.clone(), last.clone()]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Checksums are the store's: here damage is an error, or gives as many images, which can be packed as they are.
    #[test]
    fn a_damaged_block_is_refused_or_gives_whole_images(at in 0_usize..20_000, byte in any::<u8>(), cut in any::<bool>()) {
        let mut catalogue = Catalogue::new();
        catalogue.append((1..40).map(|number| row(number, 2)).collect());
        let mut blocks = packed(&catalogue);
        let at = at % blocks[1].len();
        if cut { blocks[1].truncate(at) } else { blocks[1][at] = byte };
        if let Ok(back) = unpacked(&blocks) {
            prop_assert_eq!(back.iter().count(), 39);
            let again = unpacked(&packed(&back)).expect("its own blocks");
            // As text, because damage can make a number NaN.
            for (a, b) in back.iter().zip(again.iter()) {
                prop_assert_eq!(format!("{:?}", a.to_row()), format!("{:?}", b.to_row()));
            }
        }
    }
}

/// Bytes of memory for a region, when all numbers are printed by `print`.
fn bytes_a_region(print: impl Fn(f32) -> String) -> f64 {
    const IMAGES: u128 = 200;
    const REGIONS: u32 = 10;
    let mut reader = crate::RecordReader::new();
    let mut catalogue = Catalogue::new();
    let mut random = fastrand::Rng::with_seed(7);
    for image in 0..IMAGES {
        let region = |at: u32| {
            let id = Uuid::from_u128(image << 64 | u128::from(at));
            let [left, top, width, height] = [0; 4].map(|_| print(random.f32() * 0.9 + 0.05));
            format!(
                r#"{{"regionId":"{id}","tagId":"{id}","left":{left},"top":{top},"width":{width},"height":{height}}}"#
            )
        };
        let regions: Vec<String> = (0..REGIONS).map(region).collect();
        let text = format!(r#"{{"id":"{}","regions":[{}]}}"#, Uuid::from_u128(image), regions.join(","));
        let row = reader.line(text.as_bytes(), 0).expect("row");
        catalogue.append(vec![row]);
    }
    catalogue.byte_count() as f64 / (IMAGES as f64 * f64::from(REGIONS))
}

#[test]
fn numbers_in_the_shortest_form_cost_no_more_memory() {
    let usual = bytes_a_region(crate::number::text);
    let shortest = bytes_a_region(|value| format!("{value}"));
    let widened = bytes_a_region(|value| format!("{}", f64::from(value)));
    assert!(shortest <= usual && widened <= usual, "{usual} bytes a region, {shortest} and {widened}");
    // True doubles have digits that no f32 gives back. Each costs its text and a few bytes.
    let doubles = bytes_a_region(|value| format!("{}", f64::from(value) + 1e-12));
    assert!(doubles <= usual + 4.0 * 26.0, "{doubles} bytes a region");
}
