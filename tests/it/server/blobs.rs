//! The blob store: signed addresses, expiry, parts, errors in XML, private networks, and that it never sees the key.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use tagscope::server::{ServeOptions, ServedProject};

use super::client::Asked;

fn uri(asked: &Asked, kind: &str) -> String {
    asked.ok("/images/tagged?take=1")[0][kind].as_str().expect("address").to_owned()
}

#[test]
fn addresses_have_the_recorded_form() {
    let asked = Asked::sample();
    let row = &asked.ok("/images/tagged?take=1")[0];
    let (project, image) = (asked.service.project_id().0.simple(), row["id"].as_str().expect("id").replace('-', ""));
    for (name, letter) in [("resizedImageUri", "i"), ("thumbnailUri", "t"), ("originalImageUri", "i")] {
        let uri = row[name].as_str().expect("address");
        let start = format!("{}/i-{project}/{letter}-{image}?sv=2017-04-17&sr=b&sig=", asked.service.blob_origin());
        assert!(uri.starts_with(&start), "{uri}");
        assert!(uri.ends_with("Z&sp=r") && uri.contains("%3D&se=20") && uri.contains("%3A"), "{uri}");
    }
    assert_eq!(row["resizedImageUri"], row["originalImageUri"]);
    assert_ne!(asked.service.blob_origin(), asked.service.endpoint());
}

#[test]
fn a_signed_address_needs_no_key_and_nothing_else_opens() {
    let mut asked = Asked::sample();
    let uri = uri(&asked, "thumbnailUri");
    let reply = asked.blob(&uri);
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/octet-stream"));
    assert_eq!(reply.header("content-length"), reply.body.len().to_string());
    assert!(reply.body.starts_with(&[0xff, 0xd8, 0xff]));

    let (path, query) = uri.split_once('?').expect("query");
    let other = asked.ok("/images/tagged?take=2")[1]["thumbnailUri"].as_str().expect("address").to_owned();
    let other_path = other.split('?').next().expect("path");
    let unsigned = query.replace("sp=r", "sp=rw");
    let prolonged = query.replace("se=20", "se=21");
    let resized = path.replace("/t-", "/i-");
    for wrong in [
        path.to_owned(),
        format!("{path}?{unsigned}"),
        format!("{path}?{prolonged}"),
        format!("{other_path}?{query}"),
        format!("{resized}?{query}"),
    ] {
        let reply = asked.blob(&wrong);
        assert_eq!((reply.status, reply.header("content-type")), (403, "application/xml"), "{wrong}");
        assert!(reply.text().contains("<Error><Code>AuthenticationFailed</Code><Message>"), "{}", reply.text());
        // The key does not help: the blob store does not know it.
        assert_eq!(asked.send(Method::GET, &wrong, &[("Training-Key", &asked.key())]).status, 403);
    }
    asked.service.forgive(5);
    assert_eq!(asked.service.stats().blob_requests_with_key, 5);
    assert_eq!(asked.service.stats().refused_signatures, 10);
    assert_eq!(asked.send(Method::PUT, &uri, &[]).status, 405);
    assert_eq!(asked.blob(&format!("{}/i-7/t-9", asked.service.blob_origin())).status, 404);
}

#[test]
fn an_expired_address_answers_403_in_xml() {
    let options = ServeOptions { signature_lifetime: Duration::ZERO, ..ServeOptions::default() };
    let asked = Asked::new(ServedProject::default(), options);
    let reply = asked.blob(&uri(&asked, "thumbnailUri"));
    assert_eq!(reply.status, 403);
    assert!(reply.text().contains("<Code>AuthenticationFailed</Code>") && reply.text().contains("time frame"));
    assert_eq!(reply.header("x-ms-error-code"), "AuthenticationFailed");
}

#[test]
fn a_part_of_a_file_can_be_asked_for() {
    let asked = Asked::sample();
    let uri = uri(&asked, "thumbnailUri");
    let whole = asked.blob(&uri).body;
    let part = asked.send(Method::GET, &uri, &[("Range", "bytes=2-9")]);
    assert_eq!((part.status, &part.body[..]), (206, &whole[2..10]));
    assert_eq!(part.header("content-range"), format!("bytes 2-9/{}", whole.len()));
    let beyond = asked.send(Method::GET, &uri, &[("Range", "bytes=99999999-")]);
    assert_eq!((beyond.status, beyond.header("x-ms-error-code")), (416, "InvalidRange"));
    let head = asked.send(Method::HEAD, &uri, &[]);
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (200, whole.len().to_string().as_str(), 0)
    );
}

#[test]
fn on_a_private_network_pictures_come_through_the_service() {
    let options = ServeOptions { is_private_network: true, ..ServeOptions::default() };
    let asked = Asked::new(ServedProject::default(), options);
    let uri = uri(&asked, "resizedImageUri");
    assert!(uri.starts_with("/i-") && !uri.contains('?'), "{uri}");
    for path in [uri.replace('/', "%2F"), uri.trim_start_matches('/').to_owned()] {
        let reply = asked.project(&format!("/artifacts?path={path}"));
        assert_eq!((reply.status, reply.header("content-type")), (200, "application/octet-stream"));
        assert!(reply.body.starts_with(&[0xff, 0xd8, 0xff]));
    }
    for path in ["", "%2Fetc%2Fpasswd", "/i-1/i-2"] {
        let reply = asked.project(&format!("/artifacts?path={path}"));
        assert_eq!((reply.status, reply.json()["code"].as_str()), (400, Some("BadRequestInvalidArtifactUri")));
    }
    let gone = asked.project(&format!("/artifacts?path={}", uri.replace("/i-", "/o-").replacen("/o-", "/i-", 1)));
    assert_eq!((gone.status, gone.json()["code"].as_str()), (404, Some("NotFoundImage")));
}

#[test]
fn it_stops_with_connections_open_and_frees_its_port() {
    let asked = Asked::sample();
    let address = asked.service.endpoint().trim_start_matches("http://").to_owned();
    let mut idle = TcpStream::connect(&address).expect("connection");
    let mut halfway = TcpStream::connect(&address).expect("connection");
    halfway.write_all(b"GET /customvision HTTP/1.1\r\nHost: x\r\n").expect("half a request");
    assert_eq!(asked.get("projects").status, 200);
    drop(asked);
    let mut rest = Vec::new();
    // Both ends were closed on us: nothing more comes, or the connection was reset.
    assert_eq!(idle.read_to_end(&mut rest).unwrap_or(0), 0);
    assert_eq!(halfway.read_to_end(&mut rest).unwrap_or(0), 0);
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn a_taken_port_is_an_error() {
    let asked = Asked::sample();
    let port = asked.service.endpoint().rsplit(':').next().and_then(|port| port.parse().ok()).expect("port");
    let again = server::start(ServedProject::default(), ServeOptions { port, ..ServeOptions::default() });
    let error = again.expect_err("taken").to_string();
    assert!(error.contains(&port.to_string()), "{error}");
}
