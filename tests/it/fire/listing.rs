//! A thousand images arrive complete, once each, in order and to the digit, under every fault that can be made good.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tagscope::domain::{ImageId, ImageRow};
use tagscope::service::{ListQuery, Order, RetryPolicy, WaitReason};

use super::range::{client, client_with, ids, list, sample, text};

const IMAGES: usize = 1_000;

/// What a service without faults lists.
async fn truth(images: usize) -> Vec<ImageRow> {
    let service = sample(images, &[]);
    let (rows, report) = list(&service, &client(&service), ListQuery::default()).await.expect("listing");
    assert_eq!((rows.len(), report.duplicates), (images, 0));
    assert_eq!(service.stats().faults, 0);
    rows
}

/// Lists with the faults and compares with the truth, text by text.
async fn arrives(faults: &[&str]) -> (Vec<ImageRow>, u64) {
    let service = sample(IMAGES, faults);
    let (rows, report) = list(&service, &client(&service), ListQuery::default()).await.expect("listing");
    let stats = service.stats();
    assert!(stats.faults > 0, "nothing was wrong: {faults:?}");
    assert_eq!((rows.len(), report.total, report.is_whole), (IMAGES, Some(IMAGES as u64), true), "{faults:?}");
    let expected = truth(IMAGES).await;
    for (found, expected) in rows.iter().zip(&expected) {
        assert_eq!(text(found), text(expected), "{faults:?}");
    }
    (rows, stats.service_requests)
}

#[tokio::test]
async fn when_every_third_call_is_429() {
    arrives(&["busy-every=3"]).await;
}

#[tokio::test]
async fn when_every_third_call_is_429_and_says_how_long_to_wait() {
    // No wait is requested, in each of the three ways it can be said.
    for says in ["busy-says=seconds:0", "busy-says=date:0", "busy-says=words:0"] {
        arrives(&["busy-every=3", says]).await;
    }
}

#[tokio::test]
async fn when_every_fourth_call_is_500() {
    arrives(&["fail-every=4"]).await;
}

#[tokio::test]
async fn when_every_second_call_is_503() {
    arrives(&["fail-every=2", "fail-status=503"]).await;
}

#[tokio::test]
async fn when_every_third_body_is_cut() {
    arrives(&["cut-every=3"]).await;
}

#[tokio::test]
async fn when_every_third_body_is_short_of_its_end() {
    // The length agrees with what comes; only the JSON tells that something is missing.
    arrives(&["short-every=3"]).await;
}

#[tokio::test]
async fn when_everything_goes_wrong_together() {
    // Calls 5, 7, 10, 11, ... fail, each in its way.
    let faults =
        ["busy-every=5", "fail-every=7", "cut-every=11", "latency=2", "nulls=on", "unknown=on", "relative=mixed"];
    arrives(&faults).await;
}

#[tokio::test]
async fn when_only_few_calls_a_second_are_let_through() {
    let service = sample(IMAGES, &["calls-a-second=5"]);
    // Three listings at once of one client, as the program has it: many more calls than a second allows. A slow machine may
    // need several rounds until it is too fast for the service.
    let client = client_with(&service, |options| options.retry = RetryPolicy::default());
    let expected = ids(&truth(IMAGES).await);
    for _ in 0..20 {
        let listings = (0..3).map(|_| list(&service, &client, ListQuery::default()));
        for listing in futures_util::future::join_all(listings).await {
            assert_eq!(ids(&listing.expect("listing").0), expected);
        }
        if service.stats().faults > 0 {
            return;
        }
    }
    panic!("no call was refused: nothing was tested");
}

#[tokio::test]
async fn when_absent_fields_are_null() {
    arrives(&["nulls=on"]).await;
}

#[tokio::test]
async fn when_fields_and_values_are_unknown() {
    arrives(&["unknown=on"]).await;
}

#[tokio::test]
async fn when_answers_are_xml() {
    arrives(&["xml=wrapped"]).await;
}

#[tokio::test]
async fn when_answers_are_xml_of_repeated_elements() {
    arrives(&["xml=repeated"]).await;
}

#[tokio::test]
async fn when_addresses_are_relative() {
    for faults in [["relative=all"], ["relative=mixed"]] {
        let service = sample(IMAGES, &faults);
        let (rows, _) = list(&service, &client(&service), ListQuery::default()).await.expect("listing");
        assert_eq!(ids(&rows), ids(&truth(IMAGES).await));
        let relative =
            rows.iter().filter_map(|row| row.uris.thumbnail.as_ref()).filter(|uri| uri.is_relative()).count();
        assert!(if faults == ["relative=all"] { relative == IMAGES } else { (300..700).contains(&relative) });
    }
}

#[tokio::test]
async fn when_answers_come_byte_by_byte() {
    let service = sample(40, &["bytes-a-second=100000", "latency=20"]);
    let (rows, _) = list(&service, &client(&service), ListQuery::default()).await.expect("listing");
    assert_eq!(ids(&rows), ids(&truth(40).await));
}

/// Which of `there` are missing in `rows`; none may come twice.
fn missing(rows: &[ImageRow], there: &[ImageRow]) -> usize {
    let found: HashSet<ImageId> = rows.iter().map(|row| row.id).collect();
    assert_eq!(found.len(), rows.len(), "a row came twice");
    there.iter().filter(|row| !found.contains(&row.id)).count()
}

#[tokio::test]
async fn when_images_are_added_between_pages() {
    let all = truth(IMAGES).await;
    for order in [Order::Newest, Order::Oldest] {
        let service = sample(IMAGES, &["add-every=1"]);
        let query = ListQuery { order, ..ListQuery::default() };
        let (rows, report) = list(&service, &client(&service), query).await.expect("listing");
        // Those that were there from the beginning to the end; a tenth is held back at the start.
        assert_eq!(missing(&rows, &all[IMAGES / 10..]), 0, "{report:?}");
    }
}

#[tokio::test]
async fn when_images_are_deleted_between_pages() {
    let all = truth(IMAGES).await;
    for order in [Order::Newest, Order::Oldest] {
        let service = sample(IMAGES, &["delete-every=1"]);
        let query = ListQuery { order, ..ListQuery::default() };
        let (rows, report) = list(&service, &client(&service), query).await.expect("listing");
        assert_eq!(missing(&rows, &all[IMAGES / 10..]), 0, "{report:?}");
    }
}

#[tokio::test]
async fn when_ties_come_in_any_order() {
    // An odd number, so that the borders of pages lie inside of pairs.
    let all = truth(IMAGES + 1).await;
    let service = sample(IMAGES + 1, &["ties=shuffled"]);
    let (rows, report) = list(&service, &client(&service), ListQuery::default()).await.expect("listing");
    assert_eq!(missing(&rows, &all), 0, "{report:?}");
    assert!(rows.is_sorted_by(|a, b| a.created >= b.created), "newest first");
}

#[tokio::test]
async fn waits_are_told_with_their_cause() {
    let service = sample(IMAGES, &["busy-every=2", "busy-says=words:0"]);
    let (slow_downs, others) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let told = (Arc::clone(&slow_downs), Arc::clone(&others));
    let client = client(&service).with_observer(Arc::new(move |waiting| {
        let counter = if waiting.reason == WaitReason::SlowDown { &told.0 } else { &told.1 };
        counter.fetch_add(1, Ordering::Relaxed);
    }));
    list(&service, &client, ListQuery::default()).await.expect("listing");
    assert_eq!(slow_downs.load(Ordering::Relaxed), service.stats().faults, "each 429 is told");
    assert_eq!(others.load(Ordering::Relaxed), 0);
}
