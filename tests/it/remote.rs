//! Object stores: what is created is what the clouds' own libraries find, nothing is overwritten, and each failure has its
//! words.

mod destinations;
mod reading;
pub mod shelf;
pub mod stores;
mod wires;

use bytes::Bytes;
use tagscope::domain::{ObjectAddress, StoreKind, StoreTrouble};
use tagscope::engine::failure::ToFailure as _;
use tagscope::remote::{Environment, LargeUpload, RemoteError, Store, StoreOptions};
use tagscope::service::{RetryPolicy, Sleep, WaitReason};

use crate::service::script::{Script, reply};
use stores::{Kind, Running};

fn options(environment: Environment) -> StoreOptions {
    StoreOptions { environment, sleep: Sleep::none(), ..StoreOptions::default() }
}

async fn open(address: &ObjectAddress, environment: Environment) -> Result<Store, RemoteError> {
    Store::open(address, options(environment)).await
}

fn environment(pairs: &[(&str, &str)]) -> Environment {
    // No file of the person who runs the tests.
    let files = [("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"), ("AWS_CONFIG_FILE", "/nonexistent")];
    files.iter().chain(pairs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_created_is_what_the_clouds_libraries_find() {
    for kind in Kind::ALL {
        let Some(running) = Running::start(kind, "what_is_created_is_what_the_clouds_libraries_find") else { return };
        let store = open(&running.address("sets/one"), running.environment()).await.expect("open");
        assert_eq!(store.entries(usize::MAX).await.expect("list"), []);
        let names = ["manifest.json", "images/a b.jpg", "images/50% ü#+&[1].jpg", "zähler.txt"];
        for name in names {
            store.create(name, Bytes::from(format!("content of {name}"))).await.expect(name);
        }
        let large: Vec<u8> = (0..11_000_000_u32).map(|number| (number % 251) as u8).collect();
        let mut upload = LargeUpload::begin(&store, "large.bin", "mark1").await.expect("begin");
        for part in large.chunks(5 << 20) {
            upload.send(Bytes::copy_from_slice(part)).await.expect("part");
        }
        upload.complete().await.expect("complete");

        let found = running.objects("sets/one/");
        assert_eq!(found.len(), 5, "{found:?}");
        for name in names {
            let object = &found[&format!("sets/one/{name}")];
            assert_eq!(object.sha256, sha256(format!("content of {name}").as_bytes()), "{name}");
        }
        assert_eq!(found["sets/one/images/a b.jpg"].kind, "image/jpeg");
        assert_eq!(found["sets/one/large.bin"].sha256, sha256(&large));

        let mut listed: Vec<_> = store.entries(usize::MAX).await.expect("list").into_iter().map(|e| e.name).collect();
        listed.sort();
        let mut expected = [&names[..], &["large.bin"]].concat();
        expected.sort_unstable();
        assert_eq!(listed, expected);
        assert_eq!(store.entries(2).await.expect("list").len(), 2);
        let part = store.read("large.bin", 1_000_000..1_000_100, None).await.expect("read");
        assert_eq!(part, large[1_000_000..1_000_100]);
        assert_eq!(store.read_whole("zähler.txt", 100).await.expect("read"), "content of zähler.txt".as_bytes());
        assert!(store.read_whole("large.bin", 100).await.is_err());
        assert_eq!(store.entry("nothing").await.expect("asked"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_store_is_overwritten() {
    for kind in Kind::ALL {
        let Some(running) = Running::start(kind, "nothing_in_a_store_is_overwritten") else { return };
        let file = tempfile::NamedTempFile::new().expect("file");
        std::fs::write(file.path(), "theirs").expect("file");
        running.put("a/x.bin", file.path());
        let before = running.objects("");
        let store = open(&running.address("a"), running.environment()).await.expect("open");
        let error = store.create("x.bin", Bytes::from_static(b"ours")).await.expect_err("refused");
        assert_eq!(error.trouble(), Some(&StoreTrouble::AlreadyThere), "{error}");
        let error = LargeUpload::begin(&store, "x.bin", "mark").await.expect_err("refused");
        assert_eq!(error.trouble(), Some(&StoreTrouble::AlreadyThere), "{error}");
        assert_eq!(running.objects(""), before);

        // An interrupted upload goes on holding its name, for its own mark only.
        drop(LargeUpload::begin(&store, "y.bin", "mark").await.expect("begin"));
        let error = LargeUpload::begin(&store, "y.bin", "other").await.expect_err("refused");
        assert_eq!(error.trouble(), Some(&StoreTrouble::AlreadyThere), "{error}");
        let mut upload = LargeUpload::begin(&store, "y.bin", "mark").await.expect("again");
        upload.send(Bytes::from_static(b"all of it")).await.expect("part");
        upload.complete().await.expect("complete");
        assert_eq!(running.objects("a/y.bin")["a/y.bin"].sha256, sha256(b"all of it"));
        let error = LargeUpload::begin(&store, "y.bin", "mark").await.expect_err("it is complete");
        assert_eq!(error.trouble(), Some(&StoreTrouble::AlreadyThere), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_container_and_a_wrong_key_are_said() {
    for kind in Kind::ALL {
        let Some(running) = Running::start(kind, "a_missing_container_and_a_wrong_key_are_said") else { return };
        let lost: ObjectAddress = format!("{}://nowhere/a", kind.scheme()).parse().expect("address");
        let store = open(&lost, running.environment()).await.expect("open");
        for error in [
            store.entries(1).await.expect_err("no container"),
            store.create("x", Bytes::from_static(b"x")).await.expect_err("no container"),
        ] {
            assert_eq!(error.trouble(), Some(&StoreTrouble::NoContainer), "{error}");
            let failure = error.to_failure();
            assert!(failure.headline().contains("nowhere"), "{}", failure.full_text());
            assert_eq!(failure.kind.origin().status(), 3);
        }
        // moto's server believes every key.
        if kind != Kind::S3 {
            let start = &running.secret()[..4];
            let variables =
                running.variables().iter().map(|(name, value)| (name.clone(), value.replace(start, "Abc8")));
            let store = open(&running.address("a"), variables.collect()).await.expect("open");
            let error = store.entries(1).await.expect_err("wrong key");
            // The real store answers AuthenticationFailed, Azurite AuthorizationFailure.
            let is_refused = matches!(error.trouble(), Some(StoreTrouble::WrongCredentials | StoreTrouble::Denied));
            assert!(is_refused, "{error}");
            assert!(!format!("{error} {error:?} {}", error.clone().to_failure().full_text()).contains("Abc8"));
            let said = format!("{store:?} {error:?}");
            assert!(!said.contains(&running.secret()[4..]), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_a_service_account_may_name_a_stand_in() {
    let test = "the_file_of_a_service_account_may_name_a_stand_in";
    let Some(running) = Running::start_with(Kind::Google, test, &["--anonymous"]) else { return };
    let origin = &running.variables().iter().find(|(name, _)| name == "GOOGLE_BASE_URL").expect("origin").1;
    let account = serde_json::json!({
        "private_key": "none", "private_key_id": "none", "client_email": "me@example.com",
        "gcs_base_url": origin, "disable_oauth": true,
    });
    let file = tempfile::NamedTempFile::new().expect("file");
    std::fs::write(file.path(), account.to_string()).expect("file");
    let path = file.path().to_str().expect("UTF-8");
    let store = open(&running.address("a"), environment(&[("GOOGLE_SERVICE_ACCOUNT", path)])).await.expect("open");
    store.create("x", Bytes::from_static(b"x")).await.expect("created");
    assert_eq!(running.objects("a/")["a/x"].sha256, sha256(b"x"));
}

fn s3(origin: &str) -> Environment {
    environment(&[
        ("AWS_ENDPOINT_URL", origin),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "SECRETSECRET"),
        ("AWS_REGION", "us-east-1"),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_busy_is_asked_again_and_says_why_it_waits() {
    let script = Script::start(|_, number| match number {
        0 => reply(503, "<Error><Code>SlowDown</Code></Error>").header("Retry-After", "3"),
        1 => reply(500, "<Error><Code>InternalError</Code></Error>"),
        2 => reply(429, ""),
        _ => reply(200, "").header("ETag", "\"abc\""),
    })
    .await;
    let (said, mut heard) = tokio::sync::mpsc::channel(8);
    let mut options = options(s3(&script.origin));
    options.observer = Some(std::sync::Arc::new(move |waiting| said.try_send(waiting).expect("room")));
    let store = Store::open(&"s3://bucket/a".parse().expect("address"), options).await.expect("open");
    assert_eq!(store.create("x", Bytes::from_static(b"x")).await.expect("created"), Some("abc".to_owned()));
    let waits: Vec<_> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
    let reasons: Vec<_> = waits.iter().map(|waiting| waiting.reason).collect();
    assert_eq!(reasons, [WaitReason::SlowDown, WaitReason::ServiceFailed(500), WaitReason::SlowDown]);
    assert!(waits[0].wait.as_secs_f32() >= 3.0, "what the store asks for is the least");
    let puts = script.requests();
    assert!(puts.iter().all(|request| request.header("if-none-match") == Some("*")), "{puts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_continues_behind_the_last_name_that_came() {
    let page = |names: &[&str], more: &str| {
        let object = |name: &&str| {
            format!(
                "<Contents><Key>a/{name}</Key><LastModified>2026-11-30T20:00:00.000Z</LastModified><Size>1</Size></Contents>"
            )
        };
        let objects: String = names.iter().map(object).collect();
        reply(200, format!("<ListBucketResult>{objects}{more}</ListBucketResult>"))
    };
    let script = Script::start(move |request, _| match &request.target {
        target if target.contains("continuation-token") => reply(500, ""),
        target if target.contains("start-after") => page(&["z"], ""),
        _ => page(&["x", "y"], "<NextContinuationToken>next</NextContinuationToken>"),
    })
    .await;
    let store = open(&"s3://bucket/a".parse().expect("address"), s3(&script.origin)).await.expect("open");
    let names: Vec<_> = store.entries(usize::MAX).await.expect("list").into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["x", "y", "z"]);
    assert_eq!(script.requests().last().and_then(|request| request.parameter("start-after")).as_deref(), Some("a/y"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stays_busy_is_given_up() {
    for (status, code, exit) in
        [(503, "SlowDown", 4), (429, "", 4), (500, "InternalError", 4), (403, "AccessDenied", 3)]
    {
        let script = Script::start(move |_, _| reply(status, format!("<Error><Code>{code}</Code></Error>"))).await;
        let mut options = options(s3(&script.origin));
        options.retry = RetryPolicy { tries: 3, ..RetryPolicy::default() };
        let store = Store::open(&"s3://bucket/a".parse().expect("address"), options).await.expect("open");
        let error = store.entries(1).await.expect_err("given up");
        assert_eq!(script.requests().len(), if status == 403 { 1 } else { 3 }, "{error}");
        assert_eq!(error.to_failure().kind.origin().status(), exit);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_and_a_lost_network_are_said() {
    let script = Script::start(|_, _| {
        reply(403, "<Error><Code>RequestTimeTooSkewed</Code><Message>sig=SECRETSECRET</Message></Error>")
    })
    .await;
    let address: ObjectAddress = "s3://bucket/a".parse().expect("address");
    let error = open(&address, s3(&script.origin)).await.expect("open").entries(1).await.expect_err("clock");
    assert_eq!(error.trouble(), Some(&StoreTrouble::WrongClock));
    let failure = error.to_failure();
    assert!(failure.headline().contains("clock") && !failure.full_text().contains("SECRET"), "{}", failure.full_text());
    // Nobody listens there any more.
    let origin = script.origin.clone();
    drop(script);
    let error = open(&address, s3(&origin)).await.expect("open").entries(1).await.expect_err("gone");
    assert!(matches!(&error, RemoteError::Network { .. }), "{error}");
    assert_eq!(error.to_failure().kind.origin().status(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_wrong_in_the_environment_is_said_without_its_value() {
    let refused = |address: &'static str, pairs: Vec<(&'static str, &'static str)>| async move {
        let address = address.parse().expect("address");
        open(&address, environment(&pairs)).await.expect_err("refused")
    };
    let reason = |error: &RemoteError| match error.trouble() {
        Some(StoreTrouble::BadSetting { reason }) => reason.clone(),
        other => panic!("{other:?}"),
    };
    let error = refused("s3://bucket/a", vec![("AWS_ACCESS_KEY_ID", "AKID")]).await;
    assert!(reason(&error).contains("AWS_SECRET_ACCESS_KEY is not"), "{error}");
    let error = refused("az://container/a", vec![]).await;
    assert!(reason(&error).contains("AZURE_STORAGE_ACCOUNT_NAME"), "{error}");
    let key = vec![("AZURE_STORAGE_ACCOUNT", "acc"), ("AZURE_STORAGE_KEY", "SECRET no base64")];
    let error = refused("az://container/a", key.clone()).await;
    assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
    let error = refused("abfss://container@other.dfs.core.windows.net/a", key).await;
    assert!(reason(&error).contains("names other"), "{error}");
    let error = refused("s3://bucket/a", vec![("AWS_ENDPOINT_URL", "http://192.0.2.1"), ("AWS_REGION", "x")]).await;
    assert!(reason(&error).contains("AWS_ALLOW_HTTP"), "{error}");
    let error = refused("gs://bucket/a", vec![("GOOGLE_BASE_URL", "http://192.0.2.1")]).await;
    assert!(reason(&error).contains("GOOGLE_ALLOW_HTTP"), "{error}");
    let error = refused("gs://bucket/a", vec![("GOOGLE_SERVICE_ACCOUNT_KEY", "SECRET no JSON")]).await;
    assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
    assert_eq!(error.to_failure().kind.origin().status(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credentials_at_all_are_said_with_the_way_to_sign_in() {
    let script = Script::start(|_, _| reply(404, "")).await;
    let pairs = [("AWS_METADATA_ENDPOINT", script.origin.as_str()), ("AWS_REGION", "us-east-1")];
    let error = open(&"s3://bucket/a".parse().expect("address"), environment(&pairs)).await.expect_err("nobody");
    assert_eq!(error.trouble(), Some(&StoreTrouble::NoCredentials { kind: StoreKind::S3 }));
    let failure = error.to_failure();
    assert!(failure.advice().contains("AWS_PROFILE"), "{}", failure.full_text());
    assert_eq!(failure.kind.origin().status(), 3);
}
