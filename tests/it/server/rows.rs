//! The rows besides the tagged ones: images of either kind, the metadata filter, untagged images, and what the
//! iterations predict.

use serde_json::Value;
use tagscope::domain::{RecordReader, geometry};
use tagscope::server::{ServeOptions, ServedProject};
use tagscope::storage::Archive;

use super::client::{Asked, keys};

/// The iterations' ids, the latest first.
fn iterations(asked: &Asked) -> Vec<String> {
    let all = asked.ok("/iterations");
    all.as_array().expect("list").iter().map(|one| one["id"].as_str().expect("id").to_owned()).collect()
}

#[test]
fn the_latest_upload_is_untagged_and_stands_apart() {
    let asked = Asked::sample();
    let (tagged, untagged) = (asked.ids("/images/tagged?take=256"), asked.ids("/images/untagged"));
    assert_eq!((tagged.len(), untagged.len()), (240, 7));
    assert_eq!(asked.project("/images/untagged/count").text(), "7");
    assert_eq!(asked.project("/images/tagged/count").text(), "240");
    assert!(untagged.iter().all(|id| !tagged.contains(id)));
    let body = asked.project("/images/untagged").body;
    let page = RecordReader::new().page(&body).expect("page");
    assert_eq!(page.problems, []);
    let newest = asked.ok("/images/tagged?take=1")[0]["created"].as_str().expect("date").to_owned();
    for row in &page.rows {
        assert!(row.tags.is_empty() && row.regions.is_empty() && row.problems.is_empty());
        assert!(row.created.expect("date").to_string() >= newest);
        assert_eq!(geometry::training_size(row.width, row.height), (row.width, row.height));
        assert!(asked.blob(row.uris.thumbnail.as_ref().expect("address").expose()).body.starts_with(&[0xff, 0xd8]));
    }
    let text = asked.project("/images/untagged?take=1").text().to_owned();
    let common = ["id", "created", "width", "height", "resizedImageUri", "thumbnailUri", "originalImageUri"];
    assert_eq!(keys(text.trim_start_matches('['))[..7], common);
    assert!(!text.contains("tags") && !text.contains("regions"));
    assert_eq!(
        asked.ids("/images/untagged?orderBy=Oldest&take=3&skip=2")[..],
        [4, 3, 2].map(|at| untagged[at].clone())
    );
    // By id they come like all others, but not within an iteration, which is older.
    assert_eq!(asked.ids(&format!("/images/id?imageIds={}", untagged[0])), untagged[..1]);
    let iteration = &iterations(&asked)[0];
    assert_eq!(asked.project(&format!("/images/untagged?iterationId={iteration}")).text(), "[]");
    assert_eq!(asked.project(&format!("/images/untagged/count?iterationId={iteration}")).text(), "0");
    assert_eq!(asked.project(&format!("/images/id?imageIds={}&iterationId={iteration}", untagged[0])).text(), "[]");
}

#[test]
fn images_are_of_both_kinds_unless_one_is_asked_for() {
    let asked = Asked::sample();
    let (tagged, untagged) = (asked.ids("/images/tagged?take=256"), asked.ids("/images/untagged"));
    let all = [untagged.clone(), tagged.clone()].concat();
    assert_eq!(asked.ids("/images?take=256"), all);
    assert_eq!(asked.ids("/images?take=256&taggingStatus=All"), all);
    assert_eq!(asked.ids("/images?take=256&taggingStatus=tagged"), tagged);
    assert_eq!(asked.ids("/images?take=256&taggingStatus=Untagged"), untagged);
    assert_eq!(asked.ids("/images").len(), 50);
    assert_eq!(asked.ids("/images?take=4&skip=5"), all[5..9]);
    for (status, count) in [("", "247"), ("?taggingStatus=Tagged", "240"), ("?taggingStatus=Untagged", "7")] {
        assert_eq!(asked.project(&format!("/images/count{status}")).text(), count);
    }
    let tags = asked.ok("/tags");
    let tag = tags[0]["id"].as_str().expect("id");
    assert_eq!(
        asked.ids(&format!("/images?take=256&tagIds={tag}")),
        asked.ids(&format!("/images/tagged?take=256&tagIds={tag}"))
    );
    assert_eq!(asked.project(&format!("/images/count?tagIds={tag}")).text(), tags[0]["imageCount"].to_string());
    assert_eq!(asked.project(&format!("/images/count?tagIds={tag}&taggingStatus=Untagged")).text(), "0");
    assert_eq!(asked.project("/images?taggingStatus=Some").status, 400);
    let first = &iterations(&asked)[1];
    assert_eq!(asked.project(&format!("/images/count?iterationId={first}")).text(), "144");
}

#[test]
fn a_scaled_sample_has_no_untagged_images() {
    let asked = Asked::new(ServedProject::Sample { images: 30, regions: Some(2) }, ServeOptions::default());
    assert_eq!(asked.project("/images/untagged").text(), "[]");
    assert_eq!(asked.project("/images/count").text(), "30");
}

#[test]
fn metadata_are_filtered_as_documented() {
    let asked = Asked::sample();
    let rows = asked.ok("/images?take=256");
    let expected = |holds: &dyn Fn(Option<&str>, Option<&str>) -> bool| -> Vec<String> {
        let rows = rows.as_array().expect("rows").iter();
        rows.filter(|row| holds(row["metadata"]["camera"].as_str(), row["metadata"]["shift"].as_str()))
            .map(|row| row["id"].as_str().expect("id").to_owned())
            .collect()
    };
    type Holds = Box<dyn Fn(Option<&str>, Option<&str>) -> bool>;
    let cases: [(&str, Holds); 4] = [
        ("metadata=shift eq 'night'", Box::new(|_, shift| shift == Some("night"))),
        (
            "metadata=camera eq 'c1' and shift ne 'night'",
            Box::new(|camera, shift| camera == Some("c1") && shift != Some("night")),
        ),
        ("camera eq 'c2' or camera eq 'c3'", Box::new(|camera, _| matches!(camera, Some("c2" | "c3")))),
        ("camera ne 'c1'", Box::new(|camera, _| camera != Some("c1"))),
    ];
    for (filter, holds) in cases {
        let expected = expected(&holds);
        assert!(!expected.is_empty() && expected.len() < 247, "{filter}");
        let query = filter.replace(' ', "%20").replace('=', "%3D");
        assert_eq!(asked.ids(&format!("/images?take=256&%24filter={query}")), expected, "{filter}");
        assert_eq!(asked.ids(&format!("/images?take=256&$filter={}", filter.replace(' ', "+"))), expected, "{filter}");
        assert_eq!(asked.project(&format!("/images/count?$filter={query}")).text(), expected.len().to_string());
    }
    // With the other conditions of the call.
    let night = asked.ids("/images?take=256&taggingStatus=Untagged&$filter=shift%20eq%20'night'");
    let untagged = asked.ids("/images/untagged");
    assert!(night.iter().all(|id| untagged.contains(id)));
    let refused = asked.project("/images?$filter=contains(camera,'c')");
    assert_eq!((refused.status, refused.json()["code"].as_str()), (400, Some("BadRequest")));
    assert!(refused.json()["message"].as_str().expect("words").contains("metadata=key1 eq 'value1'"));
    assert_eq!(asked.project("/images/count?$filter=camera").status, 400);
}

#[test]
fn image_performances_stand_beside_the_labels() {
    let asked = Asked::sample();
    let ids = iterations(&asked);
    let call = |at: usize, rest: &str| format!("/iterations/{}/performance/images{rest}", ids[at]);
    assert_eq!(asked.project(&call(0, "/count")).text(), "204");
    assert_eq!(asked.project(&call(1, "/count")).text(), "144");
    assert_eq!(asked.ids(&call(0, "")).len(), 50);
    let rows = asked.ok(&call(0, "?take=256&orderBy=Oldest"));
    let listed = asked.ok(&format!("/images/tagged?take=256&orderBy=Oldest&iterationId={}", ids[0]));
    let (rows, listed) = (rows.as_array().expect("rows"), listed.as_array().expect("rows"));
    assert_eq!((rows.len(), listed.len()), (204, 204));
    let (mut labels, mut guesses) = (0, 0);
    for (row, image) in rows.iter().zip(listed) {
        for key in ["id", "created", "width", "height", "tags", "regions"] {
            assert_eq!(row[key], image[key], "{key}");
        }
        labels += row["regions"].as_array().map_or(0, Vec::len);
        for guess in row["predictions"].as_array().expect("predictions") {
            guesses += 1;
            assert!(guess["probability"].as_f64().is_some_and(|share| share > 0.0 && share < 1.0));
            assert!(guess["tagId"].is_string() && guess["tagName"].is_string() && guess["tagType"].is_string());
            let side = |name: &str| guess["boundingBox"][name].as_f64().expect("side");
            assert!(
                side("left") >= 0.0 && side("left") + side("width") < 1.0001 && side("top") + side("height") < 1.0001
            );
        }
    }
    assert!(guesses > labels * 3 / 4 && guesses < labels * 5 / 4, "{guesses} predictions of {labels} labels");
    let text = asked.project(&call(0, "?take=1")).text().to_owned();
    let text = text.trim_start_matches('[');
    assert_eq!(keys(text)[..7], ["predictions", "id", "created", "width", "height", "imageUri", "thumbnailUri"]);
    assert!(!text.contains("resizedImageUri") && !text.contains("metadata"));
    assert_eq!(asked.blob(rows[0]["imageUri"].as_str().expect("address")).status, 200);
    // The same each time, and another in another iteration.
    let plain =
        |rows: &Value| rows.as_array().expect("rows").iter().map(|row| row["predictions"].clone()).collect::<Vec<_>>();
    let again = |at: usize| plain(&asked.ok(&call(at, "?take=9&orderBy=Oldest")));
    assert_eq!(again(0), again(0));
    assert_ne!(again(0), again(1));
    let tag = asked.ok("/tags")[0]["id"].as_str().expect("id").to_owned();
    let count = asked.project(&call(0, &format!("/count?tagIds={tag}"))).text().to_owned();
    assert_eq!(asked.ids(&call(0, &format!("?take=256&tagIds={tag}"))).len().to_string(), count);
}

#[test]
fn the_performance_of_an_iteration_follows_the_thresholds() {
    let asked = Asked::sample();
    let ids = iterations(&asked);
    let of = |at: usize, query: &str| asked.ok(&format!("/iterations/{}/performance{query}", ids[at]));
    let share = |value: &Value, name: &str| value[name].as_f64().expect("share");
    let (late, early) = (of(0, "?threshold=0.5&overlapThreshold=0.3"), of(1, "?threshold=0.5&overlapThreshold=0.3"));
    assert_eq!(of(0, ""), late);
    for name in ["precision", "recall", "averagePrecision"] {
        assert!(share(&late, name) > share(&early, name) && share(&late, name) < 1.0, "{name}");
    }
    assert!(share(&of(0, "?threshold=0.95"), "recall") < share(&late, "recall"));
    assert!(share(&of(0, "?overlapThreshold=0.95"), "precision") < share(&late, "precision"));
    assert!(share(&late, "precisionStdDeviation") > 0.0);
    let tags = late["perTagPerformance"].as_array().expect("tags");
    assert_eq!(tags.len(), 7);
    assert!(tags.iter().all(|tag| tag["id"].is_string() && tag["name"].is_string() && share(tag, "recall") <= 1.0));
    for query in ["?threshold=1.5", "?overlapThreshold=x"] {
        assert_eq!(asked.project(&format!("/iterations/{}/performance{query}", ids[0])).status, 400, "{query}");
    }
    let nobody = "00000000-0000-4000-8000-000000000000";
    let reply = asked.project(&format!("/iterations/{nobody}/performance"));
    assert_eq!((reply.status, reply.json()["code"].as_str()), (404, Some("NotFoundIteration")));
    assert_eq!(asked.project(&format!("/iterations/{}/performance/tags", ids[0])).status, 404);
}

#[test]
fn an_archive_has_no_predictions_and_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    let folder = folder.path().join("archive");
    let source = Asked::sample();
    let taken = super::archive::archive_of(&source, &folder);
    let served = Asked::new(ServedProject::Archive(Archive::open(&folder).expect("archive")), ServeOptions::default());
    let id = iterations(&served)[0].clone();
    assert_eq!(served.project(&format!("/iterations/{id}/performance/images")).text(), "[]");
    assert_eq!(served.project(&format!("/iterations/{id}/performance/images/count")).text(), "0");
    let reply = served.project(&format!("/iterations/{id}/performance"));
    assert_eq!((reply.status, reply.json()["code"].as_str()), (404, Some("NotFoundIterationPerformance")));
    // Of images there are those with tags, and their metadata can be requested.
    assert_eq!(served.ids("/images"), taken);
    assert_eq!(served.project("/images/untagged").text(), "[]");
    let day = served.ids("/images?$filter=shift%20eq%20'day'");
    let night = served.ids("/images?$filter=shift%20ne%20'day'");
    assert_eq!(day.len() + night.len(), taken.len());
}
