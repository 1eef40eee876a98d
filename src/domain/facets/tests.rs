//! Counts against the query of each entry, and growing page by page against all at once.

use proptest::prelude::*;

use super::*;
use crate::changes::{Change, ChangeKind, Changes, ImageChanges};
use crate::evaluation::{Detection, JudgedPredictions, Matches};
use crate::query::{Program, Query, Sources, parse};
use crate::{Catalogue, Findings, ImageIx, ImageRow, PredictionsBuilder, RecordReader, Reviews, UnitRect};

fn rows(count: usize) -> Vec<ImageRow> {
    let row = |n: usize| {
        let regions: Vec<_> = (0..n % 14)
            .map(|at| {
                let side = [0.02, 0.1, 0.2, 0.4, 0.9][(n + at) % 5];
                format!(
                    r#"{{"regionId":"00000000-0000-0001-{n:04x}-{at:012}","tagId":"00000000-0000-0000-0000-000000000001","tagName":"a","left":0,"top":0,"width":{side},"height":{side}}}"#
                )
            })
            .collect();
        // Every ninth image has no date.
        let month = format!("2024-{:02}-{:02}T10:00:00", 1 + n % 12, 1 + n % 28);
        let created = if n % 9 == 8 { String::new() } else { format!(r#""created":"{month}","#) };
        let (size, camera) = ([(800, 600), (640, 480), (0, 0)][n % 3], ["c1", "C1", "c2"][n % 3]);
        format!(
            r#"{{"id":"{n:08x}-0000-4000-8000-000000000000",{created}"width":{},"height":{},"tags":[],"regions":[{}],"metadata":{{"camera":"{camera}","file":"f{n}.jpg"}}}}"#,
            size.0,
            size.1,
            regions.join(",")
        )
    };
    (0..count).map(|n| RecordReader::new().line(row(n).as_bytes(), n).expect("row")).collect()
}

/// A box moved on every third image, and every fifth one is new.
fn changes() -> ImageChanges {
    let change = |kind, image| Change {
        kind,
        from: None,
        to: Some(ImageIx(image)),
        region_from: None,
        region_to: None,
        tag: None,
        iou: 0.5,
        shift: None,
        is_uncertain: false,
    };
    let of = |image: u32| {
        let moved = image.is_multiple_of(3).then(|| change(ChangeKind::RegionMoved, image));
        moved.into_iter().chain(image.is_multiple_of(5).then(|| change(ChangeKind::ImageAdded, image)))
    };
    ImageChanges::of(&Changes { list: (0..500).flat_map(of).collect(), ..Changes::default() })
}

fn sources<'a>(
    catalogue: &'a Catalogue,
    reviews: &'a Reviews,
    findings: &'a Findings,
    changes: &'a ImageChanges,
    predicted: &'a JudgedPredictions,
) -> Sources<'a> {
    Sources { catalogue, reviews, findings, changes, predicted }
}

struct Counted {
    catalogue: Catalogue,
    index: FacetIndex,
    total: FacetCounts,
}

/// Counts pages of so many images, as they come.
fn counted(rows: Vec<ImageRow>, page: usize) -> Counted {
    let (reviews, findings, changes) = (Reviews::default(), Findings::default(), changes());
    let predicted = JudgedPredictions::default();
    let (mut catalogue, mut index, mut total) = (Catalogue::new(), FacetIndex::default(), FacetCounts::default());
    for chunk in rows.chunks(page) {
        let added = catalogue.append(chunk.to_vec());
        index.extend(&catalogue, &reviews);
        let images: Vec<_> = added.map(ImageIx).collect();
        let sources = sources(&catalogue, &reviews, &findings, &changes, &predicted);
        total.add(&index, &sources, &images);
    }
    Counted { catalogue, index, total }
}

#[test]
fn every_entry_counts_what_its_term_finds() {
    let Counted { catalogue, index, total } = counted(rows(500), 64);
    let (reviews, findings, changes) = (Reviews::default(), Findings::default(), changes());
    let predicted = JudgedPredictions::default();
    let sources = sources(&catalogue, &reviews, &findings, &changes, &predicted);
    let found = |text: &str| {
        let query: Query = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let mut images = Vec::new();
        Program::bind(&query, catalogue.tags()).expect("tags").extend(&sources, 0, &mut images);
        images
    };
    let base = "regions>=3 w>0";
    let mut shown = FacetCounts::default();
    shown.add(&index, &sources, &found(base));
    let regions = |text: &str| {
        found(text).iter().filter_map(|&ix| catalogue.get(ix)).map(|image| image.region_count()).sum::<usize>()
    };
    let a = catalogue.tags().find_name("a").expect("tag");
    assert_eq!(
        [total.of_tag(a), shown.of_tag(a)].map(|count| count.regions as usize),
        [regions("regions>=0"), regions(base)]
    );
    let sections = sections(&index, &total, &shown);
    let kinds: Vec<_> = sections.iter().map(|section| section.kind.clone()).collect();
    let camera = SectionKind::Meta("camera".to_owned());
    use SectionKind as S;
    assert_eq!(
        kinds,
        [S::Changes, S::Regions, S::RegionSize, S::ImageSize, S::Date, camera],
        "sections that tell nothing are left out"
    );
    for entry in sections.iter().flat_map(|section| &section.entries) {
        let text = entry.test.to_string();
        assert_eq!(found(&text).len(), entry.total as usize, "{text}");
        assert_eq!(found(&format!("{base} {text}")).len(), entry.count as usize, "{text} in {base}");
    }
    let labels = |at: usize| sections[at].entries.iter().map(|entry| &*entry.label).collect::<Vec<_>>();
    assert_eq!(labels(0), ["Image added", "Region moved"]);
    assert_eq!(labels(3), ["800 \u{d7} 600", "640 \u{d7} 480"]);
    assert_eq!(labels(5), ["c1", "c2"], "spellings that differ in case are one value");
    assert_eq!(labels(4).first(), Some(&"2024-12"), "84 days are counted by month, the latest first");
    assert_eq!(labels(4).last(), Some(&"No date"));
}

#[test]
fn outcomes_count_what_their_terms_find_at_every_score() {
    let Counted { catalogue, index, mut total } = counted(rows(120), 64);
    let mut builder = PredictionsBuilder::new(true);
    for image in catalogue.iter().filter(|image| image.region_count() > 0) {
        let (score, rect) = (f64::from(image.ix.0 % 10) / 10.0, image.region_rects()[0]);
        let moved = UnitRect { width: rect.width * 0.4, ..rect };
        builder.push(image.ix, image.region_tags()[0], score, if image.ix.0.is_multiple_of(4) { moved } else { rect });
    }
    let predictions = builder.finish();
    let images: Vec<_> = catalogue.iter().map(|image| image.ix).collect();
    let detection = Detection { catalogue: &catalogue, predictions: &predictions, images: &images };
    let parts = (0..detection.parts()).map(|part| detection.matches(part, 0.5));
    let matches = Matches::join(predictions.len(), catalogue.region_count(), parts);
    let mut judged = JudgedPredictions { predictions: predictions.into(), matches: matches.into(), score: 0.0 };
    let (reviews, findings, changes) = (Reviews::default(), Findings::default(), changes());
    for score in [0.3, 0.75] {
        judged.score = score;
        let sources = sources(&catalogue, &reviews, &findings, &changes, &judged);
        total.recount_outcomes(&judged, &images);
        let mut again = FacetCounts::default();
        again.add(&index, &sources, &images);
        assert_eq!(total, again);
        let sections = sections(&index, &total, &total);
        let section = sections.iter().find(|section| section.kind == SectionKind::Predictions).expect("section");
        assert_eq!(
            section.entries.iter().map(|entry| &*entry.label).collect::<Vec<_>>()[..2],
            ["Match", "Badly placed"]
        );
        for entry in &section.entries {
            let mut found = Vec::new();
            let query = parse(&entry.test.to_string()).expect("query");
            Program::bind(&query, catalogue.tags()).expect("tags").extend(&sources, 0, &mut found);
            assert_eq!((found.len(), entry.count), (entry.total as usize, entry.total), "{} at {score}", entry.test);
        }
    }
}

#[test]
fn without_any_date_there_is_no_section_of_dates() {
    let undated = rows(100).into_iter().map(|row| ImageRow { created: None, ..row }).collect();
    let Counted { index, total, .. } = counted(undated, 64);
    assert_eq!(total.undated, 100);
    assert!(sections(&index, &total, &total).iter().all(|section| section.kind != SectionKind::Date));
}

#[test]
fn a_key_of_very_many_values_is_counted_as_a_whole() {
    let Counted { index, total, .. } = counted(rows(500), 64);
    assert_eq!(index.keys().collect::<Vec<_>>(), ["camera", "file"]);
    assert_eq!(index.values("FILE").count(), 0);
    assert_eq!(index.values("camera").collect::<Vec<_>>(), ["c1", "c2"]);
    let Counted { index: few, total: of_few, .. } = counted(rows(40), 64);
    let named = sections(&few, &of_few, &of_few);
    let is_file = |section: &FacetSection| section.kind == SectionKind::Meta("file".to_owned());
    assert!(!named.iter().any(is_file), "a value for each image is its name: forty names tell nothing");
    // Half of the images have the key: then it tells something.
    let half = counted(
        rows(500)
            .into_iter()
            .enumerate()
            .map(|(n, mut row)| {
                if n % 2 == 0 {
                    row.metadata.retain(|(key, _)| key != "file");
                }
                // More than 400 values among 250 images.
                let more = (0..4).map(|at| ("file".to_owned(), format!("{n}-{at}"))).filter(|_| n % 2 == 1);
                row.metadata.extend(more.collect::<Vec<_>>());
                row
            })
            .collect(),
        64,
    );
    let sections = sections(&half.index, &half.total, &half.total);
    let file = sections.iter().find(|section| section.kind == SectionKind::Meta("file".to_owned())).expect("section");
    assert_eq!((file.entries.len(), &*file.entries[0].label), (1, "any of many values"));
    assert_eq!(total.images, 500);
}

proptest! {
    #[test]
    fn growing_by_pages_counts_the_same(count in 0_usize..120, page in 1_usize..50) {
        let all = counted(rows(count), 1_000);
        let grown = counted(rows(count), page);
        prop_assert_eq!(&grown.total, &all.total);
        prop_assert_eq!(
            sections(&grown.index, &grown.total, &grown.total),
            sections(&all.index, &all.total, &all.total)
        );
    }
}
