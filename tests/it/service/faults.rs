//! What goes wrong: refusals, retries, redirects, cut bodies, pages of proxies; and what must never leak.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tagscope::domain::{BlobUri, Listed};
use tagscope::service::{
    Client, ClientOptions, Endpoint, ListQuery, Pager, PagerOptions, ServiceError, Sleep, WaitReason, Waiting,
};

use super::script::{KEY, Reply, Script, client, client_of, options, project, recorded_sleep, reply, rows};

const WORDS: &str = r#"{"error":{"code":"429","message":"Rate limit is exceeded. Please retry after 7 seconds."}}"#;

#[tokio::test]
async fn a_redirect_to_another_owner_is_never_followed() {
    let other = Script::start(|_, _| reply(200, "[]")).await;
    let target = format!("{}/elsewhere?sig=SECRET", other.origin);
    for status in [301, 302, 303, 307, 308] {
        let target = target.clone();
        let script = Script::start(move |_, _| reply(status, "").header("Location", &target)).await;
        let expected = ServiceError::Redirected { host: "127.0.0.1".to_owned(), status };
        let client = script.client();
        assert_eq!(client.projects().await.expect_err("redirect"), expected);
        assert_eq!(client.blob(project(), &BlobUri::new("/i-1/i-2")).await.expect_err("redirect"), expected);
        let absolute = BlobUri::new(format!("{}/i-1/i-2?sig=s", script.origin));
        let expected = ServiceError::PictureRedirected { host: "127.0.0.1".to_owned(), status };
        assert_eq!(client.blob(project(), &absolute).await.expect_err("redirect"), expected);
        assert_eq!(script.requests().len(), 3, "each once");
    }
    assert!(other.requests().is_empty(), "the other origin must hear nothing");
}

#[tokio::test]
async fn refusals_are_final() {
    let check = async |status: u16, body: &'static str| {
        let script = Script::start(move |_, _| reply(status, body)).await;
        let error = script.client().project(project()).await.expect_err("refusal");
        assert_eq!(script.requests().len(), 1, "{status} was tried again");
        error
    };
    assert!(matches!(check(400, r#"{"code":"BadRequest","message":"m"}"#).await, ServiceError::Refused(_)));
    assert!(matches!(
        check(401, r#"{"error":{"code":"401","message":"Access denied"}}"#).await,
        ServiceError::WrongKey(_)
    ));
    assert!(matches!(check(403, "").await, ServiceError::Forbidden(_)));
    let missing = check(404, r#"{"code":"NotFoundProject","message":"m"}"#).await;
    assert!(matches!(missing, ServiceError::NotFound { what, .. } if what == "project"));
    assert!(matches!(check(501, "").await, ServiceError::ServiceFailed(_)));
}

#[tokio::test]
async fn passing_failures_are_tried_again_and_then_told() {
    for status in [408, 500, 502, 503, 504] {
        let script =
            Script::start(move |_, number| if number < 2 { reply(status, "") } else { reply(200, "[]") }).await;
        assert_eq!(script.client().projects().await, Ok(Listed::default()), "{status}");
        let script = Script::start(move |_, _| reply(status, "")).await;
        let error = script.client().projects().await.expect_err("failed");
        assert!(matches!(error, ServiceError::ServiceFailed(refusal) if refusal.status == status));
        assert_eq!(script.requests().len(), 3);
    }
}

#[tokio::test]
async fn the_service_is_obeyed_when_it_asks_to_wait() {
    let waits_for = async |busy: Reply| {
        let (sleep, waits) = recorded_sleep();
        let script = Script::start(move |_, number| if number == 0 { busy.clone() } else { reply(200, "[]") }).await;
        script.client_with(sleep).projects().await.expect("second try");
        // Behind the wait itself, the pace holds every call until the same moment.
        let waits = waits.lock().expect("waits").clone();
        waits[0]
    };
    assert_eq!(waits_for(reply(429, "").header("Retry-After", "6")).await, Duration::from_secs(6));
    assert_eq!(waits_for(reply(503, "").header("Retry-After", "6")).await, Duration::from_secs(6));
    assert_eq!(waits_for(reply(429, WORDS)).await, Duration::from_secs(7));
    let soon = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(60));
    let wait = waits_for(reply(429, "").header("Retry-After", &soon)).await;
    assert!(wait > Duration::from_secs(30) && wait <= Duration::from_secs(60), "{wait:?}");
    let own = waits_for(reply(429, "")).await;
    assert!(own >= Duration::from_millis(250) && own <= Duration::from_millis(500), "{own:?}");
}

#[tokio::test]
async fn a_service_that_never_gives_in_is_told_with_its_wait() {
    let script = Script::start(|_, _| reply(429, WORDS)).await;
    let error = script.client().projects().await.expect_err("busy");
    assert!(matches!(error, ServiceError::TooManyCalls { wait: Some(wait), .. } if wait == Duration::from_secs(7)));
    assert_eq!(script.requests().len(), 3);
    let script = Script::start(|_, _| reply(429, "").header("Retry-After", "3600")).await;
    script.client().projects().await.expect_err("an hour is more than patience has");
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn an_observer_hears_of_every_wait() {
    let heard: Arc<Mutex<Vec<Waiting>>> = Arc::default();
    let log = Arc::clone(&heard);
    let script = Script::start(|_, number| match number {
        0 => reply(429, WORDS),
        1 => reply(503, "").header("Retry-After", "2"),
        _ => reply(200, "[]"),
    })
    .await;
    let client = script.client().with_observer(Arc::new(move |waiting| log.lock().expect("log").push(waiting)));
    client.projects().await.expect("third try");
    let expected = [(WaitReason::SlowDown, 7, 2), (WaitReason::ServiceFailed(503), 2, 3)];
    let expected = expected.map(|(reason, seconds, next_try)| Waiting {
        reason,
        wait: Duration::from_secs(seconds),
        next_try,
        tries: 3,
    });
    assert_eq!(*heard.lock().expect("log"), expected);
}

#[tokio::test]
async fn bodies_cut_short_are_fetched_again() {
    for has_length in [true, false] {
        let script = Script::start(move |_, number| {
            let whole = reply(200, rows(0..9));
            if number == 0 { Reply { cut_at: Some(200), has_length, ..whole } } else { whole }
        })
        .await;
        let page = script.client().images_page(project(), &ListQuery::default(), 0, 50).await.expect("page");
        assert_eq!((page.rows.len(), script.requests().len()), (9, 2));
    }
    let script = Script::start(|_, _| Reply { cut_at: Some(2), ..reply(200, "jpeg") }).await;
    let uri = BlobUri::new(format!("{}/i-1?sig=s", script.origin));
    let error = script.client().blob(project(), &uri).await.expect_err("cut");
    assert_eq!((error, script.requests().len()), (ServiceError::CutShort { host: "127.0.0.1".to_owned() }, 2));
}

#[tokio::test]
async fn a_proxys_page_is_no_answer() {
    let script = Script::start(|_, _| reply(200, "<html>Sign in</html>").header("Content-Type", "text/html")).await;
    assert_eq!(script.client().projects().await, Err(ServiceError::ProxyPage { status: 200 }));
    let script = Script::start(|_, _| reply(200, "\n<!DOCTYPE HTML><title>Sign in</title>")).await;
    assert_eq!(script.client().projects().await, Err(ServiceError::ProxyPage { status: 200 }));
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn answers_that_are_no_answers_are_said_without_their_content() {
    for body in [r#""top secret""#, r#"{"id":"top secret"}"#, "<Projects>top secret</Projects>", "top secret", ""] {
        let script = Script::start(move |_, _| reply(200, body)).await;
        let error = script.client().projects().await.expect_err(body);
        assert!(matches!(error, ServiceError::BadAnswer { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("top secret"), "{error}");
    }
}

#[tokio::test]
async fn nothing_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let origin = format!("http://{}", listener.local_addr().expect("address"));
    drop(listener);
    let (sleep, waits) = recorded_sleep();
    let error = client(&origin, sleep).projects().await.expect_err("nobody there");
    assert!(matches!(&error, ServiceError::Unreachable { host, .. } if host == "127.0.0.1"), "{error:?}");
    assert_eq!(waits.lock().expect("waits").len(), 1, "one more try");
}

#[tokio::test]
async fn a_service_without_tls_is_not_private() {
    let script = Script::start(|_, _| reply(200, "[]")).await;
    let origin = script.origin.replace("http://", "https://");
    let error = client(&origin, Sleep::none()).projects().await.expect_err("no TLS there");
    assert!(matches!(error, ServiceError::NotPrivate { .. }), "{error:?}");
    assert!(script.requests().is_empty(), "no key in the clear");
}

#[tokio::test]
async fn neither_key_nor_signature_is_in_any_text() {
    let script = Script::start(|_, _| reply(400, format!(r#"{{"code":"C","message":"{KEY} ?sig=SIGNED"}}"#))).await;
    let client = script.client();
    let pager = Pager::new(client.clone(), project(), ListQuery::default(), PagerOptions::default());
    let refused = client.projects().await.expect_err("refused");
    let uri = BlobUri::new("https://127.0.0.1:1/i-1?sig=SIGNED");
    let unreachable = client.blob(project(), &uri).await.expect_err("unreachable");
    let texts = format!("{client:?} {pager:?} {refused} {refused:?} {unreachable} {unreachable:?}");
    assert!(!texts.contains(KEY) && !texts.contains("SIGNED"), "{texts}");
}

#[tokio::test]
async fn a_key_that_no_header_can_hold_is_not_sent() {
    let endpoint = Endpoint::parse("http://127.0.0.1:1").expect("endpoint");
    let new = |key: &str| Client::new(endpoint.clone(), SecretString::from(key), ClientOptions::default());
    assert!(matches!(new("a\nb"), Err(ServiceError::UnusableKey)));
    assert!(new(&format!(" {KEY}\n")).is_ok(), "pasted with white space");
}

#[tokio::test]
async fn a_page_that_failed_is_tried_again_by_the_next_step() {
    let script =
        Script::start(|request, number| match (request.call().contains("/count"), request.number_or("skip", 0)) {
            (true, _) => reply(200, "600"),
            (false, 255) if number < 5 => reply(400, ""),
            (false, skip) => reply(200, rows(skip..600.min(skip + request.number("take")))),
        })
        .await;
    let options = PagerOptions { parallel: 1, ..PagerOptions::default() };
    let mut pager = Pager::new(script.client(), project(), ListQuery::default(), options);
    let (mut listed, mut errors) = (0, 0);
    while let Some(step) = pager.next().await {
        match step {
            Ok(step) => listed += step.page.rows.len(),
            Err(_) => errors += 1,
        }
    }
    assert_eq!(listed, 600);
    assert!(errors > 0);
}

#[tokio::test]
async fn a_status_that_is_no_answer_is_neither_a_redirect_nor_a_refusal() {
    for status in [304, 300, 999] {
        let script = Script::start(move |_, _| Reply { body: Vec::new(), ..reply(status, "") }).await;
        let error = script.client().projects().await.expect_err("no answer");
        assert!(matches!(error, ServiceError::BadAnswer { .. }), "{status}: {error:?}");
    }
    let script = Script::start(|_, _| reply(302, "")).await;
    let error = script.client().projects().await.expect_err("nowhere");
    assert!(matches!(&error, ServiceError::BadAnswer { reason } if reason.contains("without a location")), "{error:?}");
}

#[tokio::test]
async fn a_refusal_is_told_by_its_status_while_its_body_drips() {
    let body = r#"{"error":{"code":"401","message":"Access denied"}}"#;
    let drips = move |_: &super::script::Request, _| Reply { cut_at: Some(9), is_held: true, ..reply(401, body) };
    let script = Script::start(drips).await;
    let patience = Duration::from_millis(20);
    let client = client_of(&script.origin, ClientOptions { refusal_patience: patience, ..options() });
    let asked = tokio::time::timeout(Duration::from_secs(50), client.projects());
    let error = asked.await.expect("long before the silence ends it").expect_err("refused");
    assert!(matches!(error, ServiceError::WrongKey(_)), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_not_called_unreachable() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]",
        "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n[]",
        "HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        "[]\r\n\r\n",
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let origin = format!("http://{}", listener.local_addr().expect("address"));
        let asked = Arc::new(Mutex::new(0));
        let count = Arc::clone(&asked);
        let serving = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                *count.lock().expect("count") += 1;
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        let error = client(&origin, Sleep::none()).projects().await.expect_err("no HTTP");
        assert!(matches!(error, ServiceError::BadAnswer { .. }), "{answer}: {error:?}");
        assert_eq!(*asked.lock().expect("count"), 1, "the next answer would be no better");
        serving.abort();
    }
    let script = Script::start(|_, _| reply(206, "[]").header("Content-Range", "bytes 0-1/2")).await;
    let error = script.client().projects().await.expect_err("a part");
    assert!(matches!(error, ServiceError::BadAnswer { .. }), "{error:?}");
}

#[tokio::test]
async fn names_below_localhost_are_this_computer_whatever_a_name_server_says() {
    let script = Script::start(|_, _| reply(200, "[]")).await;
    for name in ["localhost", "any.localhost", "a.b.localhost"] {
        let origin = script.origin.replace("127.0.0.1", name);
        client(&origin, Sleep::none()).projects().await.expect(name);
    }
}

#[tokio::test]
async fn a_byte_order_mark_before_an_answer_is_no_part_of_it() {
    let script = Script::start(|request, _| match request.call() {
        call if call.contains("/count") => reply(200, "\u{feff}1"),
        call if call.contains("/images") => reply(200, format!("\u{feff}{}", rows(0..1))),
        _ => reply(200, "\u{feff}[]"),
    })
    .await;
    let client = script.client();
    client.projects().await.expect("projects");
    assert_eq!(client.images_count(project(), &ListQuery::default()).await, Ok(1));
    assert_eq!(client.images_page(project(), &ListQuery::default(), 0, 50).await.expect("page").rows.len(), 1);
}

#[tokio::test]
async fn a_service_without_this_version_is_named_so() {
    let words = r#"{"error":{"code":"404","message":"Resource not found"}}"#;
    let script = Script::start(move |_, _| reply(404, words)).await;
    let error = script.client().projects().await.expect_err("no such call");
    assert!(matches!(&error, ServiceError::NoApi { version: "v3.4-preview", .. }), "{error:?}");
}
