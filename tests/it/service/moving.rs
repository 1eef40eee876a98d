//! Rows that come and go, change places or cannot be read while they are listed, over real HTTP.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use tagscope::domain::{ImageId, ListingReport};
use tagscope::service::{Client, ListQuery, Order, Pager, PagerOptions};

use super::script::{KEY, Reply, Request, Script, image, project, reply, row, rows, tag};

type List = Arc<Mutex<Vec<usize>>>;

/// A service whose list `change` may change before each page is answered; it gets the page's number, from 0.
async fn moving(list: &List, change: impl Fn(&mut Vec<usize>, usize) + Send + Sync + 'static) -> Script {
    let (list, pages) = (Arc::clone(list), Mutex::new(0));
    Script::start(move |request, _| {
        let mut list = list.lock().expect("list");
        let is_page = !request.call().contains("/count") && request.call().contains("/images/tagged");
        if is_page {
            let mut pages = pages.lock().expect("pages");
            change(&mut list, *pages);
            *pages += 1;
        }
        answer(request, &list)
    })
    .await
}

fn answer(request: &Request, list: &[usize]) -> Reply {
    let call = request.call();
    if call.contains("/count") {
        return reply(200, list.len().to_string());
    }
    if call.contains("/images/id") {
        let wanted = request.parameter("imageIds").expect("ids");
        let wanted: BTreeSet<&str> = wanted.split(',').collect();
        return reply(200, rows(list.iter().copied().filter(|&n| wanted.contains(image(n).to_string().as_str()))));
    }
    let skip = request.number("skip").min(list.len());
    reply(200, rows(list[skip..].iter().copied().take(request.number("take"))))
}

async fn list(client: Client, query: ListQuery, options: PagerOptions) -> (Vec<ImageId>, ListingReport) {
    let mut pager = Pager::new(client, project(), query, options);
    let mut ids = Vec::new();
    while let Some(step) = pager.next().await {
        ids.extend(step.expect("page").page.rows.iter().map(|row| row.id));
    }
    (ids, pager.report())
}

fn calls_of(script: &Script, part: &str) -> usize {
    script.calls().iter().filter(|call| call.contains(part)).count()
}

fn images(numbers: impl IntoIterator<Item = usize>) -> BTreeSet<ImageId> {
    numbers.into_iter().map(image).collect()
}

fn set(ids: &[ImageId]) -> BTreeSet<ImageId> {
    let set: BTreeSet<ImageId> = ids.iter().copied().collect();
    assert_eq!(set.len(), ids.len(), "an image came twice");
    set
}

/// One call at a time, so that "before page n" is a moment of the listing.
fn in_turn() -> PagerOptions {
    PagerOptions { parallel: 1, ..PagerOptions::default() }
}

#[tokio::test]
async fn images_deleted_while_listing_hide_no_others_and_are_said() {
    let there: List = Arc::new(Mutex::new((0..1_000).collect()));
    let script = moving(&there, |list, page| {
        if page == 2 {
            list.retain(|number| *number >= 70);
        }
    })
    .await;
    let (ids, report) = list(script.client(), ListQuery::default(), in_turn()).await;
    assert_eq!(ids, (0..1_000).map(image).collect::<Vec<_>>(), "in order, none missed");
    assert_eq!((report.gone, report.missing, report.total, report.is_whole), (70, 0, Some(930), true));
    assert_eq!(calls_of(&script, "/images/id"), 0, "the second pass alone shows who is gone");
}

#[tokio::test]
async fn images_added_while_listing_are_found_at_the_head() {
    let there: List = Arc::new(Mutex::new((1_000..4_000).collect()));
    let script = moving(&there, |list, page| {
        if page == 5 {
            list.splice(0..0, 900..1_000);
        }
    })
    .await;
    let (ids, report) = list(script.client(), ListQuery::default(), in_turn()).await;
    assert_eq!(set(&ids), images(900..4_000));
    assert_eq!((report.gone, report.total, report.duplicates, report.is_whole), (0, Some(3_100), 100, true));
    assert_eq!(
        calls_of(&script, "orderBy"),
        13 + 4,
        "a look at the end and behind it, and two more pages, not one more pass"
    );
    assert_eq!(calls_of(&script, "/count"), 2);
}

#[tokio::test]
async fn images_that_come_and_go_all_the_time_hide_none_that_stay() {
    // Before every page one image is deleted and one added, for both orders and with pages in flight.
    for order in [Order::Newest, Order::Oldest] {
        let there: List = Arc::new(Mutex::new((2_000..4_000).collect()));
        let script = moving(&there, move |list, page| {
            let gone = list.len() * (page * 37 % 100) / 100;
            list.remove(gone);
            let new = 1_999 - page;
            if order == Order::Newest { list.insert(0, new) } else { list.push(new) }
        })
        .await;
        let query = ListQuery { order, ..ListQuery::default() };
        let (ids, report) = list(script.client(), query, PagerOptions::default()).await;
        let ids = set(&ids);
        let there = there.lock().expect("list").clone();
        let stayed = images(there.into_iter().filter(|number| *number >= 2_000));
        assert!(stayed.is_subset(&ids), "{order:?}: {} are missing", stayed.difference(&ids).count());
        // However restless, it comes to an end: four passes, each with a few looks back.
        let calls = script.requests().len();
        assert!(report.total == Some(2_000) && calls < 250, "{calls} calls: {report:?}");
    }
}

#[tokio::test]
async fn rows_of_one_upload_in_any_order_are_all_listed() {
    let there: List = Arc::new(Mutex::new((0..1_000).collect()));
    let script = moving(&there, |list, page| {
        let mut random = fastrand::Rng::with_seed(page as u64);
        for upload in list.chunks_mut(64) {
            random.shuffle(upload);
        }
    })
    .await;
    let (ids, report) = list(script.client(), ListQuery::default(), PagerOptions::default()).await;
    assert_eq!(set(&ids), images(0..1_000));
    assert_eq!((report.total, report.missing, report.is_whole), (Some(1_000), 0, true));
    assert!(script.requests().len() <= 4 * 8, "{report:?}");
}

#[tokio::test]
async fn more_than_twenty_tags_have_the_same_guarantee() {
    let there: List = Arc::new(Mutex::new((0..1_200).collect()));
    let script = moving(&there, |list, page| {
        // Each of the three lists has 5 pages.
        if page == 7 {
            list.retain(|number| *number >= 40);
        }
    })
    .await;
    let query = ListQuery { tags: (0..45).map(tag).collect(), ..ListQuery::default() };
    let (ids, report) = list(script.client(), query.clone(), in_turn()).await;
    assert_eq!(set(&ids), images(0..1_200));
    assert_eq!((report.gone, report.missing, report.total, report.is_whole), (40, 0, Some(1_160), true));

    // A list that counts more than it gives is not made whole by the others.
    let script = Script::start(|request, _| {
        let list: Vec<usize> = (0..300).collect();
        let is_last = request.parameter("tagIds").is_some_and(|tags| tags.contains(&tag(44).to_string()));
        if request.call().contains("/count") && is_last { reply(200, "303") } else { answer(request, &list) }
    })
    .await;
    let (ids, report) = list(script.client(), query, PagerOptions::default()).await;
    assert_eq!(ids.len(), 300);
    assert_eq!((report.missing, report.total, report.is_whole), (3, None, false));
}

#[tokio::test]
async fn what_cannot_be_read_is_told_once_where_pages_overlap() {
    let script = Script::start(|request, _| {
        if request.call().contains("/count") {
            return reply(200, "600");
        }
        // The row that two pages share has no id; another has one, and a field twice.
        let (skip, take) = (request.number("skip"), request.number("take"));
        let text = |number| match number {
            255 => r#"{"id":7}"#.to_owned(),
            300 => format!(r#"{{"id":"{}","width":1,"width":2}}"#, image(300)),
            number => row(number),
        };
        reply(200, format!("[{}]", (skip..600.min(skip + take)).map(text).collect::<Vec<_>>().join(",")))
    })
    .await;
    let (ids, report) = list(script.client(), ListQuery::default(), in_turn()).await;
    assert_eq!(set(&ids), images((0..600).filter(|number| ![255, 300].contains(number))));
    assert_eq!((report.listed, report.unreadable, report.is_whole), (598, 2, true));
}

#[tokio::test]
async fn a_part_of_a_list_follows_its_rows() {
    let there: List = Arc::new(Mutex::new((0..2_000).collect()));
    let script = moving(&there, |list, page| {
        if page == 1 {
            list.retain(|number| *number >= 30);
        }
    })
    .await;
    let options = PagerOptions { skip: 100, take: Some(600), ..in_turn() };
    let (ids, report) = list(script.client(), ListQuery::default(), options).await;
    assert_eq!(ids, (100..700).map(image).collect::<Vec<_>>());
    assert!(report.is_whole);
}

#[tokio::test]
async fn the_same_page_for_ever_ends() {
    let script = Script::start(|request, _| match request.call().contains("/count") {
        true => reply(200, "100000"),
        false => reply(200, rows(0..256)),
    })
    .await;
    let (ids, report) = list(script.client(), ListQuery::default(), PagerOptions::default()).await;
    assert_eq!((ids.len(), report.missing, report.is_whole), (256, 100_000 - 256, false));
    assert!(script.requests().len() < 600, "{}", script.requests().len());
}

#[tokio::test]
async fn a_service_that_knows_no_ids_fails_no_listing() {
    // Images come before every page, one is deleted, and questions by id are refused.
    for refusal in [400, 404] {
        let pages = Mutex::new(0);
        let there: List = Arc::new(Mutex::new((1_000..1_700).collect()));
        let script = Script::start(move |request, _| {
            let mut list = there.lock().expect("list");
            if request.call().contains("/images/id") {
                return reply(refusal, "");
            }
            if !request.call().contains("/count") {
                let mut pages = pages.lock().expect("pages");
                if *pages == 1 {
                    list.retain(|number| *number != 1_003);
                }
                *pages += 1;
                list.insert(0, 999 - *pages);
            }
            answer(request, &list)
        })
        .await;
        let (ids, report) = list(script.client(), ListQuery::default(), in_turn()).await;
        assert!(images(1_000..1_700).is_subset(&set(&ids)), "{report:?}");
        assert_eq!((report.gone, report.is_whole), (0, false), "what is not known is not said");
        assert!((1..=3).contains(&calls_of(&script, "/images/id")), "once a further pass");
    }
}

/// Ends after the runtime has had so many turns.
async fn turned(turns: usize) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_step_that_is_dropped_half_way_loses_nothing() {
    for tags in [1, 45] {
        let there: List = Arc::new(Mutex::new((0..900).collect()));
        let script = moving(&there, |_, _| {}).await;
        let query = ListQuery { tags: (0..tags).map(tag).collect(), ..ListQuery::default() };
        let mut pager = Pager::new(script.client(), project(), query, PagerOptions::default());
        let (mut ids, mut dropped) = (Vec::new(), 0);
        // Dropped after so many turns of the runtime, again and again; each seventh step may take as long as it needs.
        for turns in [0, 1, 5, 25, 125, 625, usize::MAX].into_iter().cycle() {
            let step = tokio::select! {
                biased;
                step = pager.next() => step,
                () = turned(turns) => {
                    dropped += 1;
                    continue;
                }
            };
            let Some(step) = step else { break };
            ids.extend(step.expect("page").page.rows.iter().map(|row| row.id));
        }
        assert!(dropped > 0, "the first step needs the network, so it cannot be ready at once");
        assert_eq!(ids, (0..900).map(image).collect::<Vec<_>>());
        assert!(pager.report().is_whole);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_says_what_is_missing_and_exits_with_5() {
    let script = Script::start(|request, _| {
        let list: Vec<usize> = (0..300).collect();
        match request.call().split('?').next().expect("path") {
            "projects" => reply(200, format!(r#"[{{"id":"{}","name":"forks"}}]"#, project().0)),
            call if call.ends_with("images/tagged/count") => reply(200, "307"),
            call if call.contains("/images/") => answer(request, &list),
            call if call == format!("projects/{}", project().0) => {
                reply(200, format!(r#"{{"id":"{}","name":"forks"}}"#, project().0))
            }
            _ => reply(200, "[]"),
        }
    })
    .await;
    let home = tempfile::tempdir().expect("home");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagscope"));
    command.args(["images", "--jsonl", "--project", "forks"]).env("TAGSCOPE_HOME", home.path()).stdin(Stdio::null());
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    command.env("VISION_TRAINING_KEY", KEY).env("VISION_TRAINING_ENDPOINT", &script.origin);
    let ran = tokio::task::spawn_blocking(move || command.output()).await.expect("task").expect("run");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(5), "{said}");
    assert!(said.contains("300 of 307 images listed; 7 are missing"), "{said}");
    assert_eq!(String::from_utf8_lossy(&ran.stdout).lines().count(), 300);
}
