use super::*;
use crate::query::parse;
use crate::{Catalogue, Findings, ImageRow, RecordReader, Reviews};
use proptest::prelude::*;

fn row(number: usize, created: i64, tags: &[usize], regions: usize) -> ImageRow {
    let tag = |number: usize| format!("00000000-0000-0000-0000-{number:012}");
    let tags_json: Vec<_> = tags.iter().map(|&t| format!(r#"{{"tagId":"{}","tagName":"tag {t}"}}"#, tag(t))).collect();
    let regions_json: Vec<_> = (0..regions)
        .map(|at| {
            let id = format!("00000000-0000-0001-{number:04x}-{at:012}");
            format!(
                r#"{{"regionId":"{id}","tagId":"{}","tagName":"tag 0","left":0.1,"top":0.1,"width":0.1,"height":0.1}}"#,
                tag(0)
            )
        })
        .collect();
    let text = format!(
        r#"{{"id":"00000000-0000-0000-0001-{number:012}","created":"{}","width":{},"height":10,"tags":[{}],"regions":[{}],"metadata":{{"camera":"c{number}"}}}}"#,
        Timestamp(created),
        10 + number,
        tags_json.join(","),
        regions_json.join(",")
    );
    RecordReader::new().line(text.as_bytes(), 0).expect("row")
}

fn catalogue(rows: Vec<ImageRow>) -> Catalogue {
    let mut catalogue = Catalogue::new();
    catalogue.append(rows);
    catalogue
}

fn numbers(images: &[ImageIx]) -> Vec<u32> {
    images.iter().map(|image| image.0).collect()
}

/// What is shown for a query.
fn visible(catalogue: &Catalogue, text: &str, sort: impl Into<Sort>) -> Vec<ImageIx> {
    let (reviews, findings) = (Reviews::default(), Findings::default());
    let sources = Sources {
        catalogue,
        reviews: &reviews,
        findings: &findings,
        changes: &Default::default(),
        predicted: &Default::default(),
    };
    let program = Program::bind(&parse(text).expect("query"), catalogue.tags()).expect("tags");
    shown(&sources, &program, sort)
}

#[test]
fn sorting_has_ties_in_order_of_arrival() {
    let catalogue = catalogue(vec![row(0, 9, &[2], 1), row(1, 9, &[1], 3), row(2, 5, &[1], 3), row(3, 7, &[3], 0)]);
    let order = |sort| numbers(&visible(&catalogue, "", sort));
    assert_eq!(order(SortKey::Newest), [0, 1, 3, 2]);
    assert_eq!(order(SortKey::Oldest), [2, 3, 0, 1]);
    assert_eq!(order(SortKey::MostRegions), [1, 2, 0, 3]);
    assert_eq!(order(SortKey::FewestRegions), [3, 0, 1, 2]);
    assert_eq!(order(SortKey::Largest), [3, 2, 1, 0]);
    assert_eq!(order(SortKey::Tag), [1, 2, 0, 3]);
    assert_eq!(order(SortKey::Review), [0, 1, 2, 3]);
    assert_eq!(order(SortKey::MostFindings), [0, 1, 2, 3]);
    assert_eq!(order(SortKey::SmallestRegion), [0, 1, 2, 3], "the one without regions comes last");
    assert_eq!(order(SortKey::FileName), [0, 1, 2, 3], "none has a name");
}

#[test]
fn file_names_are_sorted_as_people_count() {
    let names = ["img10.jpg", "IMG2.jpg", "img02b.jpg", "", "a.jpg", "img1.jpg"];
    let rows = names.iter().enumerate().map(|(at, name)| {
        let mut row = row(at, 9, &[1], 1);
        row.metadata = if name.is_empty() { Vec::new() } else { vec![("name".to_owned(), (*name).to_owned())] };
        row
    });
    let catalogue = catalogue(rows.collect());
    let order = visible(&catalogue, "", SortKey::FileName);
    let sorted: Vec<&str> = order.iter().map(|ix| names[ix.index()]).collect();
    assert_eq!(sorted, ["a.jpg", "img1.jpg", "IMG2.jpg", "img02b.jpg", "img10.jpg", ""]);
}

#[test]
fn a_random_order_is_the_same_each_time_and_has_every_image() {
    let catalogue = catalogue((0..200).map(|number| row(number, 9, &[1], 1)).collect());
    let order = numbers(&visible(&catalogue, "", SortKey::Random));
    assert_eq!(order, numbers(&visible(&catalogue, "", SortKey::Random)));
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..200).collect::<Vec<_>>());
    let in_place = order.iter().enumerate().filter(|(at, number)| *at as u32 == **number).count();
    assert!(in_place < 10, "{in_place} of 200 are where they were");
}

#[test]
fn images_without_a_date_come_last_in_the_order_of_arrival() {
    let mut rows = vec![row(0, 5, &[], 0), row(1, 0, &[], 0), row(2, 9, &[], 0), row(3, 0, &[], 0)];
    (rows[1].created, rows[3].created) = (None, None);
    let catalogue = catalogue(rows);
    let order = |sort| numbers(&visible(&catalogue, "", sort));
    assert_eq!(order(SortKey::Newest), [2, 0, 1, 3]);
    assert_eq!(order(SortKey::Oldest), [0, 2, 1, 3]);
}

proptest! {
    #[test]
    fn growing_by_pages_is_the_same_as_all_at_once(
        specs in proptest::collection::vec((0_i64..20, proptest::collection::vec(0_usize..4, 0..3), 0_usize..4), 0..40),
        page in 1_usize..9,
        sort in proptest::sample::select(&SortKey::ALL[..]),
        with_query in any::<bool>(),
    ) {
        let rows: Vec<_> = specs.iter().enumerate().map(|(at, (created, tags, regions))| row(at, *created, tags, *regions)).collect();
        let text = if with_query { "regions>=1 or \"tag 1\"" } else { "" };
        let (reviews, findings) = (Reviews::default(), Findings::default());
        let mut grown = Catalogue::new();
        let mut images = Vec::new();
        for chunk in rows.chunks(page) {
            let added = grown.append(chunk.to_vec());
            let program = Program::bind(&parse(text).expect("query"), grown.tags()).expect("tags");
            let sources = Sources { catalogue: &grown, reviews: &reviews, findings: &findings, changes: &Default::default(), predicted: &Default::default() };
            extend_shown(&sources, &program, sort.into(), added.start, &mut images);
        }
        prop_assert_eq!(images, visible(&catalogue(rows), text, sort));
    }
}

#[test]
fn every_order_goes_both_ways_and_what_has_none_stays_last() {
    let mut undated = row(4, 1, &[], 0);
    undated.created = None;
    let rows = vec![row(0, 9, &[2], 1), row(1, 8, &[1], 3), row(2, 5, &[], 0), row(3, 7, &[3], 2), undated];
    let catalogue = catalogue(rows);
    let both = |key: SortKey| {
        let order = |is_reversed| numbers(&visible(&catalogue, "", Sort { key, is_reversed, seed: 0 }));
        (order(false), order(true))
    };
    assert_eq!(both(SortKey::Newest), (vec![0, 1, 3, 2, 4], vec![2, 3, 1, 0, 4]));
    assert_eq!(both(SortKey::Oldest), (vec![2, 3, 1, 0, 4], vec![0, 1, 3, 2, 4]));
    assert_eq!(both(SortKey::MostRegions), (vec![1, 3, 0, 2, 4], vec![2, 4, 0, 3, 1]));
    assert_eq!(both(SortKey::Largest), (vec![4, 3, 2, 1, 0], vec![0, 1, 2, 3, 4]));
    let (there, back) = both(SortKey::SmallestRegion);
    assert!(there[3..] == [2, 4] && back[3..] == [2, 4], "without regions: last");
    let (there, back) = both(SortKey::Random);
    assert_eq!(there.iter().rev().copied().collect::<Vec<_>>(), back);
}

#[test]
fn another_seed_is_another_random_order() {
    let catalogue = catalogue((0..50).map(|n| row(n, 9, &[1], 1)).collect());
    let order = |seed| numbers(&visible(&catalogue, "", Sort { key: SortKey::Random, is_reversed: false, seed }));
    let mut sorted = order(1);
    assert!(
        order(0) != order(1) && order(1) == order(1) && order(0) == numbers(&visible(&catalogue, "", SortKey::Random))
    );
    sorted.sort_unstable();
    assert_eq!(sorted, (0..50).collect::<Vec<_>>(), "all of them");
}
