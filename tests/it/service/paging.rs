//! The pager: order, repeats, short pages, counts that lie, takes and skips of any size, more than twenty tags.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use tagscope::domain::{ImageId, ListingReport};
use tagscope::service::{Client, ClientOptions, ListQuery, ListingKind, Order, Pager, PagerOptions, ServiceError};

use super::script::{Reply, Request, Script, client_of, image, options, project, reply, rows, tag};

/// A service with `there` images that counts `counted`.
fn listing(there: usize, counted: usize) -> impl Fn(&Request, usize) -> Reply + Send + Sync {
    move |request, _| {
        if request.call().contains("/count") {
            return reply(200, counted.to_string());
        }
        let skip = request.number("skip").min(there);
        reply(200, rows(skip..there.min(skip + request.number("take"))))
    }
}

async fn list(client: Client, query: ListQuery, options: PagerOptions) -> (Vec<ImageId>, ListingReport) {
    let mut pager = Pager::new(client, project(), query, options);
    let mut ids = Vec::new();
    while let Some(step) = pager.next().await {
        ids.extend(step.expect("page").page.rows.iter().map(|row| row.id));
    }
    (ids, pager.report())
}

async fn list_all(script: &Script) -> (Vec<ImageId>, ListingReport) {
    list(script.client(), ListQuery::default(), PagerOptions::default()).await
}

fn images(numbers: impl IntoIterator<Item = usize>) -> Vec<ImageId> {
    numbers.into_iter().map(image).collect()
}

fn windows(script: &Script) -> Vec<(usize, usize)> {
    let mut windows: Vec<_> = script
        .requests()
        .iter()
        .filter(|request| !request.call().contains("/count"))
        .map(|request| (request.number("skip"), request.number("take")))
        .collect();
    windows.sort_unstable();
    windows
}

#[tokio::test(flavor = "multi_thread")]
async fn all_rows_come_in_order() {
    let script = Script::start(listing(2_000, 2_000)).await;
    let (ids, report) = list_all(&script).await;
    assert_eq!(ids, images(0..2_000));
    let expected = ListingReport { listed: 2_000, total: Some(2_000), is_whole: true, ..ListingReport::default() };
    assert_eq!(report, expected);
    assert_eq!(windows(&script), (0..8).map(|page| (page * 255, 256)).collect::<Vec<_>>(), "one row shared");
    assert_eq!(script.requests().len(), 9, "nothing more than the pages and the count");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_pages_are_under_way_at_once() {
    // The first page is held back until two later ones have been requested.
    let asked = Arc::new((Mutex::new(0), Condvar::new()));
    let answer = listing(1_500, 1_500);
    let script = Script::start(move |request, number| {
        let (count, change) = &*asked;
        match request.parameter("skip").as_deref() {
            Some("0") => {
                let count = count.lock().expect("count");
                let (count, _) =
                    change.wait_timeout_while(count, Duration::from_secs(20), |count| *count < 2).expect("wait");
                assert!(*count >= 2, "nothing was fetched ahead");
            }
            Some(_) => {
                *count.lock().expect("count") += 1;
                change.notify_all();
            }
            None => {}
        }
        answer(request, number)
    })
    .await;
    let (ids, _) = list_all(&script).await;
    assert_eq!(ids, images(0..1_500));
}

#[tokio::test]
async fn repeats_are_dropped_and_counted() {
    // Three images were uploaded after the first page: all others moved on by three.
    let script = Script::start(|request, _| {
        if request.call().contains("/count") {
            return reply(200, "600");
        }
        let (skip, take) = (request.number("skip"), request.number("take"));
        let first = if skip == 0 { 0 } else { skip - 3 };
        reply(200, rows(first..600.min(first + take)))
    })
    .await;
    let (ids, report) = list_all(&script).await;
    assert_eq!(ids, images(0..600));
    assert_eq!((report.listed, report.duplicates, report.total), (600, 3, Some(600)));
}

#[tokio::test]
async fn a_count_that_lies_neither_cuts_nor_hangs() {
    for (there, counted) in [(300, 5_000), (300, 0), (512, 256), (0, 40), (256, 256), (0, 0)] {
        let script = Script::start(listing(there, counted)).await;
        let (ids, report) = list_all(&script).await;
        assert_eq!(ids, images(0..there), "{there} of {counted}");
        assert_eq!((report.listed, report.total), (there as u64, Some(counted as u64)));
        assert_eq!(report.is_whole, there == counted, "{there} of {counted}");
        assert_eq!(report.missing, counted.saturating_sub(there) as u64);
        assert!(script.requests().len() <= 24, "one further pass, since nothing moves: {}", script.requests().len());
    }
}

#[tokio::test]
async fn a_count_that_fails_does_not_stop_the_listing() {
    let answer = listing(700, 0);
    let script = Script::start(move |request, number| match request.call().contains("/count") {
        true => reply(400, ""),
        false => answer(request, number),
    })
    .await;
    let (ids, report) = list_all(&script).await;
    assert_eq!(ids, images(0..700));
    assert_eq!((report.total, report.is_whole), (None, true));
}

/// A service whose pages hold fewer rows than are requested: at most `page(skip)` of them. Its count answers with `count`.
fn short(
    there: usize,
    page: impl Fn(usize) -> usize + Send + Sync,
    count: Option<usize>,
) -> impl Fn(&Request, usize) -> Reply + Send + Sync {
    move |request, _| {
        if request.call().contains("/count") {
            return count.map_or_else(|| reply(404, ""), |count| reply(200, count.to_string()));
        }
        let skip = request.number("skip").min(there);
        let rows_here = request.number("take").min(page(skip));
        reply(200, rows(skip..there.min(skip + rows_here)))
    }
}

#[tokio::test]
async fn a_short_page_ends_a_list_only_if_the_count_says_so() {
    // All pages are short, one in the middle is, or only the first.
    let caps: [fn(usize) -> usize; 4] = [
        |_| 100,
        |skip| if (200..400).contains(&skip) { 200 } else { 256 },
        |skip| if skip == 0 { 2 } else { 256 },
        |skip| 3 + skip % 90,
    ];
    for (at, cap) in caps.into_iter().enumerate() {
        for count in [Some(1_000), None] {
            let script = Script::start(short(1_000, cap, count)).await;
            let (ids, report) = list_all(&script).await;
            assert_eq!(ids, images(0..1_000), "{at}, {count:?}");
            let total = count.map(|count| count as u64);
            assert_eq!((report.is_whole, report.total, report.duplicates), (true, total, 0), "{at}, {count:?}");
            assert_eq!(report.is_uncounted, count.is_none());
        }
    }
}

#[tokio::test]
async fn pages_of_one_row_are_followed_to_the_end() {
    // All pages have one row, or only one in the middle that brings nothing but the row it shares with the one before.
    let caps: [fn(usize) -> usize; 2] = [|_| 1, |skip| if skip == 255 { 1 } else { 256 }];
    for (at, cap) in caps.into_iter().enumerate() {
        let script = Script::start(short(300, cap, Some(300))).await;
        let (ids, report) = list_all(&script).await;
        assert_eq!((ids, report.is_whole), (images(0..300), true), "{at}");
        // Nothing shows that the rows follow each other, so without a count the list is not known to be whole.
        let script = Script::start(short(300, cap, None)).await;
        let (ids, report) = list_all(&script).await;
        assert_eq!((ids, report.is_whole), (images(0..300), false), "{at}");
    }
}

#[tokio::test]
async fn a_service_that_repeats_its_last_row_for_ever_comes_to_an_end() {
    let script = Script::start(|request, _| {
        if request.call().contains("/count") {
            return reply(404, "");
        }
        let skip = request.number("skip").min(99);
        reply(200, rows(skip..100.min(skip + request.number("take"))))
    })
    .await;
    let (ids, report) = list_all(&script).await;
    assert_eq!((ids, report.is_whole), (images(0..100), false));
}

#[tokio::test]
async fn pages_that_are_always_short_become_the_page_size() {
    let script = Script::start(short(1_000, |_| 100, Some(1_000))).await;
    list_all(&script).await;
    let pages = script.requests().len() - 1;
    assert!(pages < 22, "{pages} pages of at most 100 rows");
}

#[tokio::test]
async fn a_take_is_filled_from_short_pages() {
    let script = Script::start(short(1_000, |_| 100, None)).await;
    let options = PagerOptions { skip: 50, take: Some(600), ..PagerOptions::default() };
    let (ids, report) = list(script.client(), ListQuery::default(), options).await;
    assert_eq!((ids, report.is_whole), (images(50..650), true));
}

#[tokio::test]
async fn small_lists_without_a_count_end_with_an_answer_that_brings_nothing() {
    for there in [1, 2, 255, 256, 257] {
        let script = Script::start(short(there, |_| 256, None)).await;
        let (ids, report) = list_all(&script).await;
        assert_eq!((ids, report.is_whole), (images(0..there), true), "{there}");
    }
}

#[tokio::test]
async fn an_empty_list_without_a_count_is_not_known_to_be_whole() {
    let script = Script::start(short(0, |_| 256, None)).await;
    let (ids, report) = list_all(&script).await;
    assert_eq!((ids, report.is_whole, report.is_uncounted), (images([]), false, true));
    let script = Script::start(short(0, |_| 256, Some(0))).await;
    assert!(list_all(&script).await.1.is_whole);
}

#[tokio::test]
async fn a_count_that_does_not_answer_is_not_waited_for() {
    let answer = short(700, |_| 256, None);
    let script = Script::start(move |request, number| match request.call().contains("/count") {
        true => Reply { is_held: true, cut_at: Some(0), ..reply(200, "700") },
        false => answer(request, number),
    })
    .await;
    let patience = Duration::from_millis(50);
    let client = client_of(&script.origin, ClientOptions { count_patience: patience, ..options() });
    let listing = list(client, ListQuery::default(), PagerOptions::default());
    // Without a bound it takes two tries of a minute each.
    let (ids, report) = tokio::time::timeout(Duration::from_secs(50), listing).await.expect("an end");
    assert_eq!(ids, images(0..700));
    assert_eq!((report.total, report.is_whole, report.is_uncounted), (None, true, true));
}

#[tokio::test]
async fn a_list_without_end_is_stopped() {
    for count in [100, 2_000] {
        let script = Script::start(move |request, _| match request.call().contains("/count") {
            true => reply(200, count.to_string()),
            false => {
                let skip = request.number("skip");
                reply(200, rows(skip..skip + request.number("take")))
            }
        })
        .await;
        let client = client_of(&script.origin, ClientOptions { most_rows: 3_000, ..options() });
        let mut pager = Pager::new(client, project(), ListQuery::default(), PagerOptions::default());
        let (mut listed, mut failures) = (0, Vec::new());
        while let Some(step) = pager.next().await {
            match step {
                Ok(step) => listed += step.page.rows.len(),
                Err(error) => failures.push(error),
            }
        }
        let most = 3_000.max(2 * count);
        assert_eq!(failures, [ServiceError::Endless { rows: most, counted: Some(count) }]);
        assert!(!pager.report().is_whole && listed as u64 <= most, "{listed}");
    }
}

#[tokio::test]
async fn take_and_skip_are_of_any_size() {
    let script = Script::start(listing(2_000, 2_000)).await;
    let options = |skip, take| PagerOptions { skip, take: Some(take), ..PagerOptions::default() };
    let (ids, report) = list(script.client(), ListQuery::default(), options(100, 600)).await;
    assert_eq!(ids, images(100..700));
    assert!(report.is_whole);
    assert_eq!(windows(&script), [(100, 256), (355, 256), (610, 90)]);
    assert_eq!(list(script.client(), ListQuery::default(), options(0, 1)).await.0, images([0]));
    assert_eq!(list(script.client(), ListQuery::default(), options(1_990, 50)).await.0, images(1_990..2_000));
    assert_eq!(list(script.client(), ListQuery::default(), options(5_000, 50)).await.0, images([]));
    assert_eq!(list(script.client(), ListQuery::default(), options(0, 0)).await.0, images([]));
}

#[tokio::test]
async fn a_take_is_filled_up_after_repeats() {
    let script = Script::start(|request, _| match request.call().contains("/count") {
        true => reply(200, "1000"),
        // Every second row repeats the one before.
        false => {
            let (skip, take) = (request.number("skip"), request.number("take"));
            reply(200, rows((skip..skip + take).map(|row| row / 2)))
        }
    })
    .await;
    let options = PagerOptions { take: Some(300), ..PagerOptions::default() };
    let (ids, report) = list(script.client(), ListQuery::default(), options).await;
    assert_eq!((ids, report.is_whole), (images(0..300), false), "rows that repeat within a page");
    assert!((290..=300).contains(&report.duplicates), "{}", report.duplicates);
}

#[tokio::test]
async fn a_listing_that_failed_goes_on_where_it_stood() {
    let answer = listing(2_000, 2_000);
    let refusals = Mutex::new(2);
    let script = Script::start(move |request, number| {
        let mut left = refusals.lock().expect("refusals");
        if *left > 0 && request.parameter("skip").as_deref() == Some("765") {
            *left -= 1;
            return reply(400, "");
        }
        answer(request, number)
    })
    .await;
    let options = PagerOptions { parallel: 1, ..PagerOptions::default() };
    let mut pager = Pager::new(script.client(), project(), ListQuery::default(), options);
    let (mut ids, mut failures) = (Vec::new(), 0);
    while let Some(step) = pager.next().await {
        match step {
            Ok(step) => ids.extend(step.page.rows.iter().map(|row| row.id)),
            Err(_) => failures += 1,
        }
    }
    assert_eq!((ids, failures), (images(0..2_000), 2));
    assert!(pager.report().is_whole);
    let mut expected: Vec<_> = (0..8).map(|page| (page * 255, 256)).chain([(765, 256), (765, 256)]).collect();
    expected.sort_unstable();
    assert_eq!(windows(&script), expected, "no page is fetched twice but the one that failed");
}

#[tokio::test]
async fn untagged_images_are_paged_like_the_others() {
    let script = Script::start(listing(700, 700)).await;
    let query = ListQuery { rows: ListingKind::Untagged, ..ListQuery::default() };
    let (ids, report) = list(script.client(), query, PagerOptions::default()).await;
    assert_eq!((ids, report.total, report.is_whole), (images(0..700), Some(700), true));
    assert!(script.calls().iter().all(|call| call.contains("/images/untagged")));
}

/// A service where image n has the tags n mod 45 and (n + 1) mod 45.
fn tagged(there: usize) -> impl Fn(&Request, usize) -> Reply + Send + Sync {
    move |request, _| {
        let wanted = request.parameter("tagIds").expect("tags");
        let wanted: Vec<&str> = wanted.split(',').collect();
        assert!(wanted.len() <= 20, "the service takes twenty");
        let has = |number: usize| {
            [number % 45, (number + 1) % 45].iter().any(|&at| wanted.contains(&tag(at).to_string().as_str()))
        };
        let mut numbers: Vec<usize> = (0..there).filter(|&number| has(number)).collect();
        if request.call().contains("/count") {
            return reply(200, numbers.len().to_string());
        }
        if request.parameter("orderBy").as_deref() == Some("Oldest") {
            numbers.reverse();
        }
        reply(200, rows(numbers.into_iter().skip(request.number("skip")).take(request.number("take"))))
    }
}

#[tokio::test]
async fn more_than_twenty_tags_are_merged_by_time_without_repeats() {
    let script = Script::start(tagged(1_500)).await;
    let query = |order| ListQuery { tags: (0..45).map(tag).collect(), order, ..ListQuery::default() };
    let (ids, report) = list(script.client(), query(Order::Newest), PagerOptions::default()).await;
    assert_eq!(ids, images(0..1_500));
    assert_eq!((report.listed, report.duplicates), (1_500, 0));
    assert_eq!((report.total, report.is_whole), (Some(1_500), true), "known, once all are here");
    let options = PagerOptions { skip: 700, take: Some(400), ..PagerOptions::default() };
    let (ids, _) = list(script.client(), query(Order::Oldest), options).await;
    assert_eq!(ids, images((400..800).rev()));
}
