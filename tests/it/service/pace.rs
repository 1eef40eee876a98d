//! How many requests are under way at once, what each failure of a picture means for the next try, and that who leaves
//! takes nothing along.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use tagscope::domain::{BlobUri, Listed};
use tagscope::service::{Client, ClientOptions, Endpoint, ListQuery, Pager, PagerOptions, ServiceError, Sleep};

use secrecy::SecretString;

use super::script::{KEY, Reply, Script, project, recorded_sleep, reply, rows};

/// So long that only a hang exceeds it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Counts how many are inside at once. Who comes alone stays until there was a second one, so that slow machines too have
/// two at once if two may be.
#[derive(Default)]
struct Crowd {
    counts: Mutex<Counts>,
    came: Condvar,
}

#[derive(Default)]
struct Counts {
    inside: usize,
    most: usize,
}

impl Crowd {
    fn visit(&self) {
        let mut counts = self.counts.lock().expect("counts");
        counts.inside += 1;
        counts.most = counts.most.max(counts.inside);
        self.came.notify_all();
        // The time is only for a client that never sends two.
        let waited = self.came.wait_timeout_while(counts, PATIENCE, |counts| counts.most < 2);
        waited.expect("counts").0.inside -= 1;
    }

    fn most(&self) -> usize {
        self.counts.lock().expect("counts").most
    }
}

#[tokio::test]
async fn the_limit_decides_how_many_pages_are_under_way() {
    let crowd: Arc<Crowd> = Arc::default();
    let counted = Arc::clone(&crowd);
    let script = Script::start(move |request, _| {
        if request.call().contains("/count") {
            return reply(200, "25600");
        }
        let skip = request.number("skip");
        // The first page comes alone: it shows how large pages are.
        if skip > 0 {
            counted.visit();
        }
        reply(200, rows(skip..(skip + request.number("take")).min(25_600)))
    })
    .await;
    let options = PagerOptions { parallel: 60, ..PagerOptions::default() };
    let mut pager = Pager::new(script.client(), project(), ListQuery::default(), options);
    let mut listed = 0;
    while let Some(step) = pager.next().await {
        listed += step.expect("step").page.rows.len();
    }
    assert_eq!(listed, 25_600);
    assert!((2..=16).contains(&crowd.most()), "{} at once", crowd.most());
}

#[tokio::test]
async fn downloads_from_one_host_are_bounded() {
    let crowd: Arc<Crowd> = Arc::default();
    let counted = Arc::clone(&crowd);
    let script = Script::start(move |_, _| {
        counted.visit();
        reply(200, "a picture")
    })
    .await;
    let client = script.client();
    let downloads = (0..60).map(|number| {
        let (client, uri) = (client.clone(), BlobUri::new(format!("{}/i-1/t-{number}?sig=s", script.origin)));
        tokio::spawn(async move { client.blob(project(), &uri).await })
    });
    for download in downloads.collect::<Vec<_>>() {
        assert_eq!(download.await.expect("task").expect("picture"), "a picture");
    }
    assert!((2..=8).contains(&crowd.most()), "{} at once", crowd.most());
}

#[tokio::test]
async fn who_leaves_frees_the_place() {
    // Nobody is answered until the gate opens.
    let gate: Arc<(Mutex<bool>, Condvar)> = Arc::default();
    let held = Arc::clone(&gate);
    let script = Script::start(move |_, _| {
        let (is_open, opened) = &*held;
        let _open = opened.wait_while(is_open.lock().expect("gate"), |is_open| !*is_open).expect("gate");
        reply(200, "[]")
    })
    .await;
    let client = script.client();
    let calls: Vec<_> = (0..40)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.projects().await })
        })
        .collect();
    while script.requests().len() < 4 {
        tokio::task::yield_now().await;
    }
    calls.iter().for_each(tokio::task::JoinHandle::abort);
    for call in calls {
        assert!(call.await.expect_err("aborted").is_cancelled());
    }
    let late = tokio::spawn(async move { client.projects().await });
    while script.requests().len() < 5 {
        tokio::task::yield_now().await;
    }
    *gate.0.lock().expect("gate") = true;
    gate.1.notify_all();
    assert_eq!(late.await.expect("task"), Ok(Listed::default()));
    assert_eq!(script.requests().len(), 5, "those that waited for a place have sent nothing");
}

#[tokio::test]
async fn a_picture_is_tried_again_where_that_may_help_and_only_there() {
    let tries = async |status: u16| {
        let script =
            Script::start(move |_, number| if number == 0 { reply(status, "") } else { reply(200, "it") }).await;
        let uri = BlobUri::new(format!("{}/i-1/t-2?sig=s", script.origin));
        let result = script.client().blob(project(), &uri).await;
        assert!(script.requests().iter().all(|request| request.header("training-key").is_none()));
        (result, script.requests().len())
    };
    for status in [408, 429, 500, 502, 503, 504] {
        assert_eq!(tries(status).await, (Ok("it".into()), 2), "{status}");
    }
    for status in [400, 401, 403, 404] {
        let (result, count) = tries(status).await;
        assert_eq!(count, 1, "{status}");
        let error = result.expect_err("refused");
        match status {
            403 => assert_eq!(error, ServiceError::Expired),
            404 => assert_eq!(error, ServiceError::MissingPicture),
            _ => assert!(matches!(error, ServiceError::StoreRefused(_)), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_host_in_trouble_is_left_in_peace_by_all_and_others_are_not_slowed() {
    let bad = Script::start(|_, number| match number {
        0 => reply(503, "").header("Retry-After", "60"),
        _ => reply(200, "it"),
    })
    .await;
    let good = Script::start(|_, _| reply(200, "it")).await;
    let (sleep, waits) = recorded_sleep();
    let client = bad.client_with(sleep);
    let of = |script: &Script| BlobUri::new(format!("{}/i-1/t-2?sig=s", script.origin));
    client.blob(project(), &of(&bad)).await.expect("second try");
    client.blob(project(), &of(&bad)).await.expect("another picture");
    let slept = std::mem::take(&mut *waits.lock().expect("waits"));
    assert_eq!(slept[0], Duration::from_secs(60));
    assert_eq!(slept.len(), 3, "the wait itself, and each picture waits for the host's quiet: {slept:?}");
    client.blob(project(), &of(&good)).await.expect("at once");
    client.projects().await.expect_err("not JSON, but at once");
    assert!(waits.lock().expect("waits").is_empty());
}

#[tokio::test]
async fn a_thousand_images_are_complete_whatever_every_third_call_does() {
    type Fault = fn(Reply) -> Reply;
    let table: [(&str, usize, Fault); 4] = [
        ("429", 3, |_| reply(429, "")),
        ("429 with a wait", 3, |_| reply(429, "").header("Retry-After", "6")),
        ("500", 4, |_| reply(500, "")),
        ("cut", 3, |answer| Reply { cut_at: Some(answer.body.len() / 2), ..answer }),
    ];
    for (name, every, fault) in table {
        let script = Script::start(move |request, number| {
            let answer = if request.call().contains("/count") {
                reply(200, "1000")
            } else {
                let skip = request.number("skip");
                reply(200, rows(skip..(skip + request.number("take")).min(1_000)))
            };
            if number % every == every - 1 { fault(answer) } else { answer }
        })
        .await;
        let options = ClientOptions { sleep: Sleep::none(), ..ClientOptions::default() };
        let endpoint = Endpoint::parse(&script.origin).expect("endpoint");
        let client = Client::new(endpoint, SecretString::from(KEY), options).expect("client");
        let mut pager = Pager::new(client, project(), ListQuery::default(), PagerOptions::default());
        let mut ids = std::collections::HashSet::new();
        while let Some(step) = pager.next().await {
            ids.extend(step.expect(name).page.rows.iter().map(|row| row.id));
        }
        assert_eq!((ids.len(), pager.report().total, pager.report().is_whole), (1_000, Some(1_000), true), "{name}");
        assert!(script.requests().len() > 5, "{name}: something was tried again");
    }
}
