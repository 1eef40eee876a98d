//! The calls: paths, defaults, limits, order, error bodies, and the text of the rows.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use reqwest::Method;
use tagscope::server::ServeOptions;

use super::client::{Asked, keys};

/// The answer of the recorded service for `GET .../domains/ee85a74c-405e-4adc-bb47-ffa8ca0c9f31`.
const GENERAL: &str = r#"{"id":"ee85a74c-405e-4adc-bb47-ffa8ca0c9f31","name":"General","type":"Classification","exportable":false,"enabled":true,"exportablePlatforms":[],"modelInformation":null}"#;

#[test]
fn the_base_path_is_answered_with_one_slash_or_two() {
    let asked = Asked::sample();
    for slashes in ["/", "//"] {
        let url = format!("{}{slashes}customvision/v3.4-preview/training/projects", asked.service.endpoint());
        let reply = asked.send(Method::GET, &url, &[("Training-key", &asked.key())]);
        assert_eq!(reply.status, 200);
        assert_eq!(reply.json()[0]["id"], asked.service.project_id().to_string());
        assert_eq!(reply.json()[0]["name"], asked.service.project_name());
    }
}

#[test]
fn all_versions_three_of_the_paths_are_answered() {
    let asked = Asked::sample();
    let status = |version: &str, training: &str| {
        let url = format!("{}/customvision/{version}/{training}/projects", asked.service.endpoint());
        asked.send(Method::GET, &url, &[("Training-Key", &asked.key())]).status
    };
    for version in ["v3.0", "v3.1", "v3.2", "v3.3", "v3.4", "v3.0-preview", "v3.1-preview", "V3.4-Preview"] {
        for training in ["training", "Training", "TRAINING"] {
            assert_eq!(status(version, training), 200, "{version}/{training}");
        }
    }
    for version in ["v2.2", "v3.5", "v3.4-previews", "3.3", "v3", "preview"] {
        assert_eq!(status(version, "training"), 404, "{version}");
    }
    assert_eq!(status("v3.3", "prediction"), 404);
}

#[test]
fn headers_are_the_recorded_ones() {
    let reply = Asked::sample().get("projects");
    assert_eq!(reply.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(reply.header("request-id").len(), 36);
    assert_eq!(reply.header("request-id"), reply.header("apim-request-id"));
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("strict-transport-security"), "max-age=31536000; includeSubDomains; preload");
    assert_eq!(reply.header("content-length"), reply.body.len().to_string());
    assert!(!reply.header("date").is_empty());
}

#[test]
fn without_the_key_there_is_nothing() {
    let asked = Asked::sample();
    let url = format!("{}/customvision/v3.4-preview/training/projects", asked.service.endpoint());
    for headers in [&[][..], &[("Training-Key", "wrong")], &[("Training-Key", "")], &[("Prediction-Key", &asked.key())]]
    {
        let reply = asked.send(Method::GET, &url, headers);
        assert_eq!(reply.status, 401);
        assert!(
            reply.text().starts_with(r#"{"error":{"code":"401","message":"Access denied due to "#),
            "{}",
            reply.text()
        );
    }
    assert_eq!(asked.service.stats().refused_keys, 4);
    // The recorded reason phrase, which no HTTP library shows.
    let mut stream = TcpStream::connect(asked.service.endpoint().trim_start_matches("http://")).expect("connection");
    let request =
        b"GET /customvision/v3.4-preview/training/projects HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).expect("request");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("reply");
    assert!(reply.starts_with("HTTP/1.1 401 Access Denied\r\n"), "{reply}");
    let chosen = ServeOptions { training_key: Some("k1".into()), ..ServeOptions::default() };
    let asked = Asked::new(Default::default(), chosen);
    assert_eq!(asked.get("projects").status, 200);
    assert_eq!(asked.key(), "k1");
}

#[test]
fn unknown_things_are_told_apart() {
    let asked = Asked::sample();
    let nobody = "00000000-0000-4000-8000-000000000000";
    for call in ["", "nothing", "projects/7", "domains/7"] {
        let reply = asked.get(call);
        assert_eq!(
            (reply.status, reply.text()),
            (404, r#"{"error":{"code":"404","message":"Resource not found"}}"#),
            "{call}"
        );
    }
    let code =
        |reply: super::client::Reply| (reply.status, reply.json()["code"].as_str().unwrap_or_default().to_owned());
    let not_found = |code: &str| (404, code.to_owned());
    assert_eq!(code(asked.get(&format!("projects/{nobody}"))), not_found("NotFoundProject"));
    assert_eq!(code(asked.get(&format!("domains/{nobody}"))), not_found("NotFoundDomain"));
    assert_eq!(code(asked.project(&format!("/tags/{nobody}"))), not_found("NotFoundTag"));
    assert_eq!(code(asked.project(&format!("/iterations/{nobody}"))), not_found("NotFoundIteration"));
    assert_eq!(code(asked.project(&format!("/images/tagged?iterationId={nobody}"))), not_found("NotFoundIteration"));
    assert_eq!(keys(asked.get(&format!("projects/{nobody}")).text()), ["code", "message"]);
}

#[test]
fn it_never_writes() {
    let asked = Asked::sample();
    let before = asked.project("/tags").body;
    let key = asked.key();
    for (method, call) in [
        (Method::POST, "/tags?name=new"),
        (Method::PATCH, ""),
        (Method::DELETE, ""),
        (Method::DELETE, "/images?allImages=true"),
        (Method::POST, "/train"),
        (Method::PUT, "/images"),
    ] {
        let project = asked.service.project_id();
        let url = format!("{}/customvision/v3.4-preview/training/projects/{project}{call}", asked.service.endpoint());
        let reply = asked.send(method.clone(), &url, &[("Training-Key", &key)]);
        assert_eq!(reply.status, 405, "{method} {call}");
        assert_eq!(reply.json()["code"], "BadRequestOperationNotSupported");
    }
    assert_eq!(asked.project("/tags").body, before);
}

#[test]
fn domains_are_the_services_own() {
    let asked = Asked::sample();
    let all = asked.get("domains");
    // The recorded answer has a Content-Length of 3418.
    assert_eq!(all.body.len(), 3418);
    let general = asked.get("domains/ee85a74c-405e-4adc-bb47-ffa8ca0c9f31");
    assert_eq!(general.text(), GENERAL);
    assert!(all.text().starts_with(&format!("[{GENERAL},")));
    let project = asked.ok("");
    let domain = asked.get(&format!("domains/{}", project["settings"]["domainId"].as_str().expect("id"))).json();
    assert_eq!(domain["type"], "ObjectDetection");
}

#[test]
fn projects_iterations_and_tags_print_nulls_in_the_recorded_order() {
    let asked = Asked::sample();
    let project = asked.project("");
    assert_eq!(
        keys(project.text()),
        ["id", "name", "description", "settings", "created", "lastModified", "thumbnailUri", "drModeEnabled", "status"]
    );
    assert!(
        project.text().contains(r#""settings":{"domainId":""#)
            && project.text().contains(r#""detectionParameters":null"#)
    );
    assert_eq!(asked.blob(project.json()["thumbnailUri"].as_str().expect("thumbnail")).status, 200);

    let iterations = asked.ok("/iterations");
    assert_eq!(iterations.as_array().map(Vec::len), Some(2));
    let one = asked.project(&format!("/iterations/{}", iterations[1]["id"].as_str().expect("id")));
    assert_eq!(one.json(), iterations[1]);
    assert_eq!(
        keys(one.text()),
        [
            "id",
            "name",
            "status",
            "created",
            "lastModified",
            "trainedAt",
            "projectId",
            "exportable",
            "exportableTo",
            "domainId",
            "classificationType",
            "trainingType",
            "reservedBudgetInHours",
            "trainingTimeInMinutes",
            "publishName",
            "originalPublishResourceId",
            "customBaseModelInfo",
            "trainingErrorDetails"
        ]
    );
    assert!(one.text().contains(r#""exportableTo":null"#) && one.text().ends_with(r#""trainingErrorDetails":null}"#));
    for date in ["created", "lastModified", "trainedAt"] {
        let date = iterations[0][date].as_str().expect("date").to_owned();
        assert!(date.len() == 24 && date.ends_with('Z'), "{date}");
    }

    let tags = asked.ok("/tags");
    assert_eq!(tags.as_array().map(Vec::len), Some(8));
    let tag = asked.project(&format!("/tags/{}", tags[0]["id"].as_str().expect("id")));
    assert_eq!(keys(tag.text()), ["id", "name", "description", "type", "imageCount"]);
    assert!(tag.text().contains(r#""description":null"#));
    let kinds: Vec<_> =
        tags.as_array().expect("tags").iter().map(|tag| tag["type"].as_str().unwrap_or_default()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "Negative").count(), 1);
    assert!(tags.as_array().expect("tags").iter().any(|tag| tag["name"] == "ラベル"));
    assert!(tags.as_array().expect("tags").iter().any(|tag| tag["name"].as_str().is_some_and(|name| name.len() > 50)));
}

#[test]
fn rows_have_the_recorded_key_order_and_absent_keys() {
    let asked = Asked::sample();
    let text = asked.project("/images/tagged?take=256").text().to_owned();
    let rows: Vec<&str> = text.trim_matches(['[', ']']).split("},{\"id\":").collect();
    assert_eq!(rows.len(), 240);
    let mut seen = HashSet::new();
    for row in asked.ok("/images/tagged?take=256").as_array().expect("rows") {
        // `serde_json` sorts; the order is taken from the text of the single row.
        let id = row["id"].as_str().expect("id");
        let single = asked.project(&format!("/images/id?imageIds={id}"));
        let single = single.text().trim_start_matches('[').trim_end_matches(']');
        seen.insert(keys(single).join(" "));
        if seen.len() == 4 {
            break;
        }
        let created = row["created"].as_str().expect("date");
        assert!(!created.ends_with('Z') && !created.contains('+') && created.len() <= 27, "{created}");
    }
    let common = "id created width height resizedImageUri thumbnailUri originalImageUri tags";
    let expected: HashSet<String> =
        ["", " regions", " metadata", " regions metadata"].map(|rest| format!("{common}{rest}")).into();
    assert!(seen.is_subset(&expected) && seen.len() >= 3, "{seen:?}");
    assert!(!text.contains("null") && !text.contains(": ") && !text.contains("[]"));
    let start = text.find(r#""tags":[{"#).expect("tags");
    assert_eq!(keys(&text[start + 8..]), ["tagId", "tagName", "created"]);
    let start = text.find(r#""regions":[{"#).expect("regions");
    assert_eq!(
        keys(&text[start + 11..]),
        ["regionId", "tagName", "created", "tagId", "left", "top", "width", "height"]
    );
}

#[test]
fn pages_go_newest_first_and_join_without_a_seam() {
    let asked = Asked::sample();
    assert_eq!(asked.project("/images/tagged/count").text(), "240");
    assert_eq!(asked.project("/images/count?taggingStatus=Tagged").text(), "240");
    assert_eq!(asked.ids("/images/tagged").len(), 50);
    let whole = asked.ids("/images/tagged?take=256&skip=0");
    let paged: Vec<String> =
        (0..5).flat_map(|page| asked.ids(&format!("/images/tagged?take=60&skip={}", page * 60))).collect();
    assert_eq!(whole, paged);
    assert_eq!(whole.iter().collect::<HashSet<_>>().len(), 240);
    let mut oldest = asked.ids("/images/tagged?take=256&orderBy=Oldest");
    oldest.reverse();
    assert_eq!(whole, oldest);
    let rows = asked.ok("/images/tagged?take=256");
    let dates: Vec<_> =
        rows.as_array().expect("rows").iter().map(|row| row["created"].as_str().expect("date")).collect();
    assert!(dates.windows(2).all(|pair| pair[0][..19] >= pair[1][..19]));
    assert!(dates.windows(2).any(|pair| pair[0] == pair[1]), "rows of one upload share their date");
    assert_eq!(asked.ids("/images/tagged?take=0").len(), 0);
    assert_eq!(asked.ids("/images/tagged?take=10&skip=235").len(), 5);
    assert_eq!(asked.ids("/images/tagged?skip=100000").len(), 0);
}

#[test]
fn limits_are_the_documented_ones() {
    let asked = Asked::sample();
    let many = vec!["00000000-0000-4000-8000-000000000000"; 257].join(",");
    let tags = vec!["00000000-0000-4000-8000-000000000000"; 21].join("%2C");
    let cases = [
        ("/images/tagged?take=257".to_owned(), "BadRequestExceededBatchSize"),
        (format!("/images/tagged?tagIds={tags}"), "BadRequestExceededBatchSize"),
        (format!("/images/id?imageIds={many}"), "BadRequestExceededBatchSize"),
        ("/images/tagged?take=-1".to_owned(), "BadRequest"),
        ("/images/tagged?orderBy=Biggest".to_owned(), "BadRequest"),
        ("/images/tagged?tagIds=cat".to_owned(), "BadRequestInvalidIds"),
    ];
    for (call, code) in cases {
        let reply = asked.project(&call);
        assert_eq!((reply.status, reply.json()["code"].as_str()), (400, Some(code)), "{call:.60}");
    }
}

#[test]
fn tags_filter_inclusively_in_either_spelling() {
    let asked = Asked::sample();
    let tags = asked.ok("/tags");
    let (bottle, can) = (tags[0]["id"].as_str().expect("id"), tags[1]["id"].as_str().expect("id"));
    let rows = asked.ok("/images/tagged?take=256");
    let has = |row: &serde_json::Value, tag: &str| {
        row["tags"].as_array().is_some_and(|marks| marks.iter().any(|mark| mark["tagId"] == tag))
    };
    let expected: Vec<&str> = rows
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| has(row, bottle) || has(row, can))
        .map(|row| row["id"].as_str().expect("id"))
        .collect();
    assert!(expected.len() > 100 && expected.len() < 240);
    for comma in [",", "%2C", "%2c"] {
        assert_eq!(asked.ids(&format!("/images/tagged?take=256&tagIds={bottle}{comma}{can}")), expected);
    }
    let count = asked.project(&format!("/images/tagged/count?tagIds={bottle},{can}"));
    assert_eq!(count.text(), expected.len().to_string());
    for tag in tags.as_array().expect("tags") {
        let count = asked.project(&format!("/images/tagged/count?tagIds={}", tag["id"].as_str().expect("id")));
        assert_eq!(count.text(), tag["imageCount"].to_string());
    }
    assert_eq!(asked.project("/images/tagged/count?tagIds=00000000-0000-4000-8000-000000000000").text(), "0");
}

#[test]
fn ids_are_answered_oldest_first_and_once() {
    let asked = Asked::sample();
    let newest = asked.ids("/images/tagged?take=4");
    let nobody = "00000000-0000-4000-8000-000000000000";
    let wanted = format!("{},{},{nobody},{},{}", newest[2], newest[0], newest[2], newest[3]);
    let found = asked.ids(&format!("/images/id?imageIds={wanted}"));
    assert_eq!(found, [newest[3].clone(), newest[2].clone(), newest[0].clone()]);
    assert_eq!(asked.project("/images/id").text(), "[]");
}

#[test]
fn an_iteration_has_the_images_of_its_time() {
    let asked = Asked::sample();
    let iterations = asked.ok("/iterations");
    let first = iterations[1]["id"].as_str().expect("id");
    let oldest = asked.ids("/images/tagged?take=256&orderBy=Oldest");
    let trained = asked.ids(&format!("/images/tagged?take=256&orderBy=Oldest&iterationId={first}"));
    assert_eq!(trained.len(), 144);
    // Three that were deleted since, and then the oldest of now.
    assert_eq!(trained[3..], oldest[..141]);
    assert_eq!(asked.project(&format!("/images/id?imageIds={}", trained[0])).text(), "[]");
    let gone = asked.ok(&format!("/images/id?imageIds={}&iterationId={first}", trained[0]));
    assert_eq!(gone[0]["id"].as_str(), Some(trained[0].as_str()));
    assert!(gone[0]["created"].as_str() < asked.ok("/images/tagged?take=1&orderBy=Oldest")[0]["created"].as_str());
    assert_eq!(asked.blob(gone[0]["thumbnailUri"].as_str().expect("address")).status, 200);
    assert_eq!(asked.project(&format!("/images/tagged/count?iterationId={first}")).text(), "144");
    let newest = oldest.last().expect("image");
    assert_eq!(asked.project(&format!("/images/id?imageIds={newest}&iterationId={first}")).text(), "[]");
    let (now, then) = (asked.ok("/tags"), asked.ok(&format!("/tags?iterationId={first}")));
    assert!(now[0]["imageCount"].as_u64() > then[0]["imageCount"].as_u64());
    // A tag that came later, and one that was called otherwise; the labels agree with them.
    let names = |tags: &serde_json::Value| -> Vec<String> {
        tags.as_array().expect("tags").iter().map(|tag| tag["name"].as_str().expect("name").to_owned()).collect()
    };
    assert_eq!((names(&now).len(), names(&then).len()), (8, 7));
    assert!(names(&then).contains(&"six-pack".to_owned()) && !names(&now).contains(&"six-pack".to_owned()));
    for tag in then.as_array().expect("tags") {
        let (id, name) = (tag["id"].as_str().expect("id"), &tag["name"]);
        let call = format!("/images/tagged?take=256&iterationId={first}&tagIds={id}");
        let rows = asked.ok(&call);
        let rows = rows.as_array().expect("rows");
        assert_eq!(rows.len() as u64, tag["imageCount"].as_u64().expect("count"), "{name}");
        for row in rows {
            let marks = row["tags"].as_array().expect("tags");
            assert!(marks.iter().any(|mark| mark["tagId"].as_str() == Some(id) && mark["tagName"] == *name));
        }
    }
}
