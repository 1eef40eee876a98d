//! The faults on the wire, as any HTTP client meets them: each does what its name says, to the calls that it is to hit.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::SystemTime;

use reqwest::Method;
use serde_json::Value;
use tagscope::pixels;
use tagscope::server::{Faults, ServeOptions, ServedProject};

use super::client::Asked;

fn asked(images: usize, faults: &[&str]) -> Asked {
    let faults = Faults::parse(faults).expect("faults");
    Asked::new(ServedProject::Sample { images, regions: Some(1) }, ServeOptions { faults, ..ServeOptions::default() })
}

fn statuses(asked: &Asked, calls: usize) -> Vec<u16> {
    (0..calls).map(|_| asked.get("projects").status).collect()
}

/// An answer as bytes: head and body, to the end of the connection.
fn raw(asked: &Asked, url: &str) -> (String, Vec<u8>) {
    let (address, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("address");
    let mut stream = TcpStream::connect(address).expect("connection");
    let key = if asked.service.endpoint().ends_with(address) {
        format!("Training-Key: {}\r\n", asked.key())
    } else {
        String::new()
    };
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {address}\r\n{key}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("request");
    let mut all = Vec::new();
    // A connection that is reset ends the answer too.
    let _ = stream.read_to_end(&mut all);
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
    (String::from_utf8_lossy(&all[..end]).to_lowercase(), all[end + 4..].to_vec())
}

fn projects(asked: &Asked) -> String {
    format!("{}/customvision/v3.4-preview/training/projects", asked.service.endpoint())
}

fn announced(head: &str) -> usize {
    let line = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    line.and_then(|length| length.parse().ok()).expect("length")
}

fn thumbnail(asked: &Asked) -> String {
    asked.ok("/images/tagged?take=1")[0]["thumbnailUri"].as_str().expect("address").to_owned()
}

#[test]
fn every_third_call_is_busy_whoever_asks() {
    let asked = asked(3, &["busy-every=3"]);
    assert_eq!(statuses(&asked, 6), [200, 200, 429, 200, 200, 429]);
    let stats = asked.service.stats();
    assert_eq!((stats.service_requests, stats.faults), (6, 2));
}

#[test]
fn a_busy_service_says_how_long_in_four_ways() {
    let busy = |says: &str| asked(3, &["busy-every=1", says]).get("projects");
    let nothing = busy("busy-says=nothing");
    assert_eq!((nothing.status, nothing.header("retry-after")), (429, ""));
    assert_eq!(nothing.json()["error"]["code"], "429");
    assert!(!nothing.text().contains("retry"));
    assert_eq!(busy("busy-says=seconds:7").header("retry-after"), "7");
    let words = busy("busy-says=words:7");
    assert_eq!(words.header("retry-after"), "");
    assert!(words.text().contains("Please retry after 7 second"), "{}", words.text());
    let date = busy("busy-says=date:60");
    let until = httpdate::parse_http_date(date.header("retry-after")).expect("date");
    let wait = until.duration_since(SystemTime::now()).expect("ahead");
    assert!((50..=61).contains(&wait.as_secs()), "{wait:?}");
}

#[test]
fn calls_up_to_the_limit_of_a_second_are_let_through() {
    assert_eq!(statuses(&asked(3, &["calls-a-second=4"]), 4), [200; 4]);
}

#[test]
fn failures_redirects_and_pages_hit_the_calls_they_name() {
    let asked_503 = asked(3, &["fail-every=2", "fail-status=503"]);
    assert_eq!(statuses(&asked_503, 4), [200, 503, 200, 503]);
    let redirected = asked(3, &["redirect-every=2"]);
    assert_eq!(statuses(&redirected, 2), [200, 307]);
    redirected.get("projects");
    let location = redirected.get("projects").header("location").to_owned();
    assert_eq!(location, format!("{}/elsewhere", redirected.service.other_origin()));
    let page = asked(3, &["page-every=1"]).get("projects");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.text().starts_with("<!DOCTYPE html>"));
    // The first of several that hit the same call answers it.
    assert_eq!(statuses(&asked(3, &["fail-every=2", "busy-every=4", "redirect-every=1"]), 4), [307, 500, 307, 429]);
}

#[test]
fn the_other_origin_counts_who_comes_and_who_brings_the_key() {
    // Without the eye of the other tests, which forbids exactly this.
    let service = server::start(ServedProject::Sample { images: 1, regions: Some(0) }, ServeOptions::default());
    let service = service.expect("service");
    let key = secrecy::ExposeSecret::expose_secret(service.training_key()).to_owned();
    let visitor = asked(1, &[]);
    let origin = service.other_origin();
    let other = format!("{origin}/elsewhere");
    assert_eq!(visitor.send(Method::GET, &other, &[]).text(), "[]");
    visitor.send(Method::GET, &other, &[("Training-Key", "any")]);
    visitor.send(Method::GET, &other, &[("Authorization", &format!("Bearer {key}"))]);
    visitor.send(Method::GET, &format!("{other}?q=a{key}"), &[]);
    let stats = service.stats();
    assert_eq!((stats.elsewhere_requests, stats.elsewhere_requests_with_key), (4, 3));
    visitor.send(Method::GET, &format!("{}/i-1/t-1?key={key}", service.blob_origin()), &[]);
    assert_eq!(service.stats().blob_requests_with_key, 1);
}

#[test]
fn a_cut_answer_promises_all_and_ends_half_way() {
    let cut = asked(3, &["cut-every=2"]);
    let (head, whole) = raw(&cut, &projects(&cut));
    assert_eq!(announced(&head), whole.len());
    let (head, half) = raw(&cut, &projects(&cut));
    assert!(head.starts_with("http/1.1 200"));
    assert_eq!(announced(&head) / 2, half.len());

    let cut = asked(3, &["cut-blobs-every=1"]);
    let (head, half) = raw(&cut, &thumbnail(&cut));
    assert_eq!(announced(&head) / 2, half.len());
}

#[test]
fn a_short_answer_agrees_with_its_length() {
    let short = asked(3, &["short-every=1"]);
    let (head, half) = raw(&short, &projects(&short));
    assert_eq!(announced(&head), half.len());
    assert!(serde_json::from_slice::<Value>(&half).is_err());
}

#[test]
fn slow_answers_come_whole() {
    let slow = asked(3, &["bytes-a-second=20000", "blob-bytes-a-second=400000", "latency=5"]);
    assert_eq!(slow.get("projects").json()[0]["id"], slow.service.project_id().to_string());
    let file = slow.blob(&thumbnail(&slow)).body;
    assert!(pixels::probe(&file).is_ok() && file.ends_with(&[0xff, 0xd9]));
}

#[test]
fn broken_json_is_none_and_other_calls_are_whole() {
    let asked = asked(3, &["bad-json-every=2"]);
    let is_json = |_| serde_json::from_slice::<Value>(&asked.project("/tags").body).is_ok();
    assert_eq!((0..4).map(is_json).collect::<Vec<_>>(), [true, false, true, false]);
}

#[test]
fn nulls_and_unknown_things_are_added_and_nothing_is_lost() {
    let plain = asked(3, &[]).ok("/images/tagged");
    let nulls = asked(3, &["nulls=on"]);
    let text = nulls.project("/images/untagged").text().to_owned();
    assert_eq!(text, "[]");
    let none = Asked::new(
        ServedProject::default(),
        ServeOptions { faults: Faults::parse(["nulls=on"]).expect("faults"), ..ServeOptions::default() },
    );
    let text = none.project("/images/untagged?take=1").text().to_owned();
    assert!(text.contains("\"tags\":null,\"regions\":null"), "{text}");
    let odd = asked(3, &["unknown=on"]);
    let rows = odd.ok("/images/tagged");
    assert_eq!(rows[0]["xUnheardOf"][1], "sig");
    for key in ["id", "created", "width", "metadata"] {
        assert_eq!(rows[1][key], plain[1][key], "{key}");
    }
    assert_eq!(odd.ok("")["status"], "Unheard");
    assert!(odd.ok("/tags").as_array().expect("tags").iter().any(|tag| tag["type"] == "Negative"));
}

#[test]
fn every_answer_can_be_xml() {
    let xml = asked(3, &["xml=wrapped"]);
    let rows = xml.project("/images/tagged?take=2");
    assert_eq!(rows.header("content-type"), "application/xml; charset=utf-8");
    assert!(rows.text().contains("<ArrayOfImage ") && rows.text().contains("<regions><ImageRegion><regionId>"));
    assert!(xml.project("/images/tagged/count").text().ends_with(">3</int>"));
    assert!(xml.get("projects").text().contains("<Project><id>"));
    let refused = xml.project("/images/tagged?take=900");
    assert!(refused.status == 400 && refused.text().contains("<code>BadRequestExceededBatchSize</code>"));
    let repeated = asked(3, &["xml=repeated"]).project("/images/tagged?take=2");
    assert!(repeated.text().contains("<regions><regionId>"), "{}", repeated.text());
}

#[test]
fn addresses_can_be_relative_and_signatures_short() {
    let mixed = asked(60, &["relative=mixed", "signature-seconds=0"]);
    let rows = mixed.ok("/images/tagged?take=60");
    let uris: Vec<&str> =
        rows.as_array().expect("rows").iter().map(|row| row["resizedImageUri"].as_str().expect("address")).collect();
    let count = |start: &str| uris.iter().filter(|uri| uri.starts_with(start)).count();
    assert!(count("http://") > 10 && count("/i-") > 5 && count("i-") > 5);
    for uri in uris.into_iter().take(12) {
        if uri.starts_with("http") {
            assert_eq!(mixed.blob(uri).status, 403);
        } else {
            assert_eq!(mixed.project(&format!("/artifacts?path={uri}")).status, 200);
        }
    }
}

#[test]
fn rows_move_between_pages() {
    let (adding, deleting) = (asked(100, &["add-every=1"]), asked(100, &["delete-every=2"]));
    let page = |asked: &Asked, skip: usize| asked.ids(&format!("/images/tagged?take=10&skip={skip}"));
    assert_eq!(adding.project("/images/tagged/count").text(), "90");
    let first = page(&adding, 0);
    assert_eq!(page(&adding, 10)[0], first[9], "one came in front");
    assert_eq!(adding.project("/images/tagged/count").text(), "92");
    let (one, two) = (page(&deleting, 0), page(&deleting, 0));
    assert_eq!(one, two);
    assert_eq!(page(&deleting, 0)[..9], one[1..]);
    // What is gone cannot be had by its id either.
    assert_eq!(deleting.project(&format!("/images/id?imageIds={}", one[0])).text(), "[]");
    let shuffling = asked(100, &["ties=shuffled"]);
    let (one, two) = (page(&shuffling, 0), page(&shuffling, 0));
    assert_ne!(one, two);
    assert_eq!(page(&shuffling, 0), one);
}

#[test]
fn pictures_are_missing_redirected_or_hostile() {
    let missing = asked(3, &["missing-every=2"]);
    let uri = thumbnail(&missing);
    assert_eq!([1, 2, 3].map(|_| missing.blob(&uri).status), [200, 404, 200]);
    let away = asked(3, &["redirect-blobs-every=1"]);
    let reply = away.blob(&thumbnail(&away));
    assert_eq!((reply.status, reply.header("location").starts_with(away.service.other_origin())), (307, true));
    let hostile = |kind: &str| {
        let asked = asked(3, &[&format!("picture={kind}")]);
        asked.blob(&thumbnail(&asked)).body
    };
    assert!((200_000..201_000).contains(&hostile("huge-png").len()));
    assert!(hostile("huge-gif").starts_with(b"GIF89a") && hostile("huge-gif").len() < 100);
    assert!(hostile("endless-chunk").len() < 100 && hostile("empty").is_empty());
    assert_eq!(hostile("text"), b"This is not a picture.\n");
    let whole = missing.blob(&uri).status;
    assert_eq!(whole, 404);
    assert!(missing.blob(&uri).body.starts_with(&hostile("truncated")[..20]));
    // Every second one only, and the rest is real.
    let some = asked(3, &["picture=empty", "picture-every=2"]);
    let uri = thumbnail(&some);
    assert_eq!([1, 2, 3, 4].map(|_| some.blob(&uri).body.is_empty()), [false, true, false, true]);
}

#[test]
fn an_endless_picture_goes_on_for_as_long_as_anybody_reads() {
    let asked = asked(3, &["picture=endless"]);
    let url = thumbnail(&asked);
    let (address, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("address");
    let mut stream = TcpStream::connect(address).expect("connection");
    stream.write_all(format!("GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).expect("request");
    let mut read = 0;
    let mut buffer = vec![0; 1 << 20];
    while read < 8 << 20 {
        let got = stream.read(&mut buffer).expect("more");
        assert!(got > 0, "it ended after {read} bytes");
        read += got;
    }
}
