//! `tagscope diff`: a service, archives and datasets against each other, through the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};
use tagscope::storage::staging::measure;

use super::{Ran, Stage, text};

/// The changes and the summary.
fn read(ran: &Ran) -> (Vec<Value>, Value) {
    let mut rows: Vec<Value> = ran.lines().iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let last = rows.pop().expect("a last line");
    (rows, last["summary"].clone())
}

fn kinds(rows: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<_> = rows.iter().map(|row| row["change"].as_str().expect("change")).collect();
    kinds.sort_unstable();
    kinds
}

/// The sample with its archive, the same for all tests: to archive it takes as long as the rest of a test.
static ARCHIVED: LazyLock<(Stage, PathBuf)> = LazyLock::new(|| {
    let stage = Stage::sample(&["--images", "12"]);
    let out = stage.path("a");
    stage.run(&["archive", "--iterations", "--no-thumbnails", "--out", text(&out)]).is(0);
    (stage, out)
});

/// The stage with the sample, and the archive of it. Nothing may be written to either.
fn archived() -> (&'static Stage, &'static Path) {
    (&ARCHIVED.0, &ARCHIVED.1)
}

/// A copy of the archive in a home folder of its own, to be edited.
fn copied() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("home");
    let folder = home.path().join("b");
    copy(archived().1, &folder);
    (home, folder)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("folder");
    for entry in fs::read_dir(from).expect("folder") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("type").is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("copy")),
        }
    }
}

/// Edits the rows of an archive and brings its manifest up to date, as a program that knows the layout would.
fn edit(archive: &Path, change: impl FnOnce(&mut Vec<Value>)) {
    let list = archive.join("images.jsonl");
    let words = fs::read_to_string(&list).expect("rows");
    let mut rows: Vec<Value> = words.lines().map(|line| serde_json::from_str(line).expect("row")).collect();
    change(&mut rows);
    let lines: Vec<String> = rows.iter().map(|row| format!("{row}\n")).collect();
    fs::write(&list, lines.concat()).expect("rows");
    let regions: usize = rows.iter().map(|row| row["regions"].as_array().map_or(0, Vec::len)).sum();
    settle(archive, |manifest| {
        manifest["counts"]["images"] = rows.len().into();
        manifest["counts"]["regions"] = regions.into();
    });
}

fn settle(archive: &Path, change: impl FnOnce(&mut Value)) {
    let path = archive.join("manifest.json");
    let mut manifest: Value = serde_json::from_str(&fs::read_to_string(&path).expect("manifest")).expect("JSON");
    manifest["files"]["images.jsonl"] = json!(measure(&archive.join("images.jsonl")).expect("facts"));
    change(&mut manifest);
    fs::write(&path, manifest.to_string()).expect("manifest");
}

#[test]
fn a_project_and_its_archive_are_the_same() {
    let (stage, archive) = archived();
    for pair in [["service:", text(archive)], [text(archive), "service:"], [text(archive), text(archive)]] {
        let ran = stage.run(&[&["diff", "--json", "--exit-code"][..], &pair].concat()).is(0);
        let (rows, summary) = read(&ran);
        assert!(rows.is_empty(), "{}", ran.out);
        assert_eq!(summary["images"][0], summary["images"][1]);
        assert_eq!(summary["imagesJoined"]["id"], summary["images"][0]);
        assert_eq!(summary["regionsJoined"]["id"], summary["regions"][0]);
        assert_eq!((&summary["image-added"], &summary["region-moved"]), (&json!(0), &json!(0)));
    }
    let plain = stage.run(&["diff", text(archive), text(archive)]).is(0);
    assert_eq!(plain.lines().last(), Some(&"no differences"), "{}", plain.out);
}

#[test]
fn edits_of_every_kind_are_printed_and_nothing_else() {
    let (stage, a) = archived();
    let (_home, b) = copied();
    let mut ids = Vec::new();
    edit(&b, |rows| {
        let places: Vec<usize> =
            (0..rows.len()).filter(|&at| rows[at]["regions"].as_array().is_some_and(|list| list.len() > 1)).collect();
        for (number, at) in places.into_iter().take(7).enumerate() {
            let row = &mut rows[at];
            ids.push(row["id"].as_str().expect("id").to_owned());
            match number {
                0 => row["regions"][0]["left"] = json!(row["regions"][0]["left"].as_f64().expect("left") + 0.01),
                1 => drop(row["regions"].as_array_mut().expect("regions").remove(0)),
                2 => {
                    let mut new = row["regions"][0].clone();
                    new["regionId"] = json!("11111111-1111-4111-8111-111111111111");
                    (new["left"], new["top"], new["width"], new["height"]) =
                        (json!(0.01), json!(0.01), json!(0.02), json!(0.02));
                    row["regions"].as_array_mut().expect("regions").push(new);
                }
                3 => {
                    row["regions"][0]["tagId"] = json!("22222222-2222-4222-8222-222222222222");
                    row["regions"][0]["tagName"] = json!("new tag");
                }
                4 => row["metadata"] = json!({"site": "b"}),
                5 => {
                    let (id, tag) = ("22222222-2222-4222-8222-222222222222", "new tag");
                    row["tags"].as_array_mut().expect("tags").push(json!({"tagId": id, "tagName": tag}));
                }
                _ => row["id"] = json!("33333333-3333-4333-8333-333333333333"),
            }
        }
    });
    let ran = stage.run(&["diff", text(a), text(&b), "--json"]).is(0);
    let (rows, summary) = read(&ran);
    let wanted = [
        "image-added",
        "image-removed",
        "metadata-changed",
        "region-added",
        "region-moved",
        "region-removed",
        "region-retagged",
        "tag-added",
    ];
    assert_eq!(kinds(&rows), wanted, "{}", ran.out);
    let of = |kind: &str| rows.iter().find(|row| row["change"] == kind).expect("a row");
    assert_eq!(of("region-moved")["imageId"], ids[0]);
    assert!(of("region-moved")["iou"].as_f64().is_some_and(|iou| iou > 0.5 && iou < 1.0), "{}", ran.out);
    assert!(of("region-moved")["shiftPixels"].as_f64().is_some_and(|by| by > 0.5), "{}", ran.out);
    assert!(of("region-moved")["from"]["left"].as_f64() < of("region-moved")["to"]["left"].as_f64());
    assert_eq!(of("region-retagged")["to"]["tag"], "new tag");
    assert_eq!(of("region-added")["regionId"], "11111111-1111-4111-8111-111111111111");
    assert!(of("region-removed")["to"].is_null() && of("region-removed")["from"]["width"].is_number());
    assert_eq!(of("metadata-changed")["to"], json!({"site": "b"}));
    assert_eq!((&of("tag-added")["tag"], &of("tag-added")["imageId"]), (&json!("new tag"), &json!(ids[5])));
    assert_eq!(of("image-removed")["imageId"], ids[6]);
    assert_eq!(summary["tags"], json!([{"change": "added", "tag": "new tag"}]));
    let order: Vec<_> = rows.iter().map(|row| row["imageId"].as_str().expect("id")).collect();
    assert!(order.is_sorted());
    assert_eq!(stage.run(&["diff", text(a), text(&b), "--json"]).is(0).out, ran.out, "the same each time");
    stage.run(&["diff", text(a), text(&b), "--exit-code"]).is(1);
    let back = read(&stage.run(&["diff", text(&b), text(a), "--json"]).is(0)).0;
    let turned = wanted.map(|kind| match kind.split_once('-') {
        Some((what, "added")) => format!("{what}-removed"),
        Some((what, "removed")) => format!("{what}-added"),
        _ => kind.to_owned(),
    });
    let mut turned = turned.to_vec();
    turned.sort();
    assert_eq!(kinds(&back), turned);
    let plain = stage.run(&["diff", text(a), text(&b)]).is(0);
    for words in [
        "moved by up to",
        "retagged: ",
        "-> new tag",
        "metadata changed: ",
        "tag list: new tag added",
        "tag new tag added",
    ] {
        assert!(plain.out.contains(words), "{words}: {}", plain.out);
    }
}

#[test]
fn iterations_are_states_and_a_folder_may_have_a_number_sign_in_its_name() {
    let (stage, a) = archived();
    let home = tempfile::tempdir().expect("home");
    let odd = home.path().join("x#y");
    copy(a, &odd);
    let iterations = stage.run(&["iterations", "--json"]).is(0).json();
    let name = iterations[0]["name"].as_str().expect("name");
    let (of_folder, of_service) = (format!("{}#{name}", text(&odd)), format!("service:#{name}"));
    let ran = stage.run(&["diff", "--json", "--exit-code", &of_folder, &of_service]).is(0);
    assert_eq!(ran.lines().len(), 1, "{}", ran.out);
    stage.run(&["diff", text(&odd), "service:"]).is(0);
    // As with every command, what is named and is not there is exit status 3; the message says of which state.
    let missing = format!("{}#Iteration 99", text(&odd));
    let ran = stage.run(&["diff", text(&odd), &missing]).is(3);
    assert!(ran.err.contains(&format!("{missing}: there is no iteration")), "{}", ran.err);
    stage.run(&["images", "--count", "--source", text(&odd), "--iteration", "Iteration 99"]).is(3);
    let manifest = odd.join("manifest.json");
    let words = fs::read_to_string(&manifest).expect("manifest");
    let mut twice: Value = serde_json::from_str(&words).expect("JSON");
    let all = twice["iterations"].as_array_mut().expect("iterations");
    let mut second = all[0].clone();
    second["id"] = json!("44444444-4444-4444-8444-444444444444");
    all.push(second);
    fs::write(&manifest, twice.to_string()).expect("manifest");
    let ran = stage.run(&["diff", text(&odd), &of_folder]).is(2);
    assert!(ran.err.contains("several iterations") && ran.err.contains("44444444-"), "{}", ran.err);
    let ran = stage.run(&["diff", text(a), "service:#Iteration 99"]).is(3);
    assert!(ran.err.contains("service:#Iteration 99: there is no iteration"), "{}", ran.err);
    let project = &stage.served().project;
    stage.run(&["diff", &format!("service:{project}#{name}"), &format!("service:{project}")]).is(0);
}

#[test]
fn an_export_is_compared_with_its_source_and_nothing_is_left_behind() {
    let (stage, archive) = archived();
    let home = tempfile::tempdir().expect("home");
    for format in ["coco", "yolo", "voc", "jsonl"] {
        let out = home.path().join(format);
        stage.run(&["export", "--format", format, "--source", text(archive), "--out", text(&out)]);
        let before = files(home.path());
        let ran = stage.run(&["diff", text(archive), text(&out), "--json"]);
        let (rows, summary) = read(&ran);
        // These formats have no place for the tag of images on which nothing is.
        let lost = ["yolo", "voc"].contains(&format);
        assert!(rows.iter().all(|row| lost && row["change"] == "tag-removed"), "{format}: {}\n{}", ran.out, ran.err);
        assert!(summary["regionsJoined"]["approximateImages"] == 0);
        assert_eq!(files(home.path()), before, "{format}");
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn what_cannot_be_read_is_told_and_is_not_removed() {
    let (stage, a) = archived();
    let (_home, b) = copied();
    let list = b.join("images.jsonl");
    let words = fs::read_to_string(&list).expect("rows");
    let first = words.lines().next().expect("row");
    // The row says which image it is, and nothing else.
    let id = serde_json::from_str::<Value>(first).expect("JSON")["id"].as_str().expect("id").to_owned();
    let broken = format!("{{\"id\":\"{id}\",\"regions\":7}}");
    fs::write(&list, words.replacen(first, &broken, 1)).expect("rows");
    settle(&b, |_| ());
    let ran = stage.run(&["diff", text(a), text(&b), "--json"]).is(5);
    let (rows, _) = read(&ran);
    assert!(rows.iter().all(|row| row["change"] != "image-removed"), "{}", ran.out);
    assert!(rows.iter().all(|row| row["uncertain"] == true), "{}", ran.out);
    assert!(ran.err.contains(text(&b)), "{}", ran.err);
    // Nobody knows which image this was.
    fs::write(&list, words.replacen(first, "{\"id\":", 1)).expect("rows");
    settle(&b, |_| ());
    let ran = stage.run(&["diff", text(a), text(&b), "--json", "--exit-code"]).is(5);
    let (rows, summary) = read(&ran);
    assert_eq!((kinds(&rows), &rows[0]["uncertain"]), (vec!["image-unknown"], &json!(true)));
    assert_eq!(
        (&rows[0]["imageId"], &summary["uncertain"], &summary["image-unknown"]),
        (&json!(id), &json!(1), &json!(1))
    );
    let place = "Line 1 of images.jsonl could not be used";
    assert!(ran.err.contains(&format!("{}: {place}", text(&b))), "{}", ran.err);
    assert!(summary["doubts"][1][0].as_str().is_some_and(|doubt| doubt.starts_with(place)), "{}", ran.out);
    let back = stage.run(&["diff", text(&b), text(a)]).is(5);
    assert!(back.out.contains("unknown: only the second state lists it"), "{}", back.out);
    assert!(back.err.contains("so Tagscope cannot tell whether it was added or removed"), "{}", back.err);
    // The file was cut off, and the manifest knows how many there were.
    let half = words.lines().count() / 2;
    fs::write(&list, words.lines().take(half).map(|line| format!("{line}\n")).collect::<String>()).expect("rows");
    let ran = stage.run(&["diff", text(a), text(&b), "--json"]).is(5);
    let (rows, _) = read(&ran);
    assert!(!rows.is_empty() && rows.iter().all(|row| row["change"] == "image-unknown"), "{}", ran.out);
    assert!(ran.err.contains("incomplete"), "{}", ran.err);
}

#[test]
fn a_list_that_differs_from_its_manifest_is_reported_as_that() {
    let (stage, a) = archived();
    let (_home, b) = copied();
    let list = b.join("images.jsonl");
    let words = fs::read_to_string(&list).expect("rows");
    let rows = words.lines().count();
    // As many rows, with another number in one of them.
    fs::write(&list, words.replacen("\"left\":0.1", "\"left\":0.2", 1)).expect("rows");
    let ran = stage.run(&["diff", text(a), text(&b)]).is(5);
    let changed = format!("{}: images.jsonl has changed since it was written (SHA-256)", text(&b));
    assert!(ran.err.contains(&changed) && !ran.err.contains("incomplete"), "{}", ran.err);
    // A row that comes twice.
    let first = words.lines().next().expect("row");
    fs::write(&list, format!("{words}{first}\n")).expect("rows");
    let ran = stage.run(&["diff", text(a), text(&b)]).is(5);
    let twice = format!("Line {} of images.jsonl could not be used", rows + 1);
    let counts = format!("{} rows in the archive, {rows} in its manifest", rows + 1);
    assert!(ran.err.contains(&twice) && ran.err.contains("twice"), "{}", ran.err);
    assert!(ran.err.contains(&counts) && !ran.err.contains("incomplete"), "{}", ran.err);
    assert_eq!(ran.out.lines().last(), Some("no differences"), "{}", ran.out);
}

#[test]
fn an_archive_without_its_manifest_does_not_pass_for_a_dataset() {
    let (stage, a) = archived();
    let (home, b) = copied();
    // The folder above has one list then.
    fs::remove_file(b.join("untagged.jsonl")).expect("list");
    let manifest = b.join("manifest.json");
    let whole = fs::read_to_string(&manifest).expect("manifest");
    let out = home.path().join("imported");
    let cut = &whole[..whole.len() / 2];
    for (what, content) in [
        ("is missing", None),
        ("is damaged", Some("")),
        ("is damaged", Some("not JSON")),
        ("is damaged", Some("[1, 2]")),
        ("is damaged", Some(cut)),
        ("is damaged", Some(r#"{"format": "tagscope-archive", "version": 4}"#)),
        ("was written by another program", Some(r#"{"format": "other"}"#)),
    ] {
        match content {
            Some(text) => fs::write(&manifest, text).expect("manifest"),
            None => fs::remove_file(&manifest).expect("manifest"),
        }
        for arguments in [
            &["diff", text(a), text(&b)][..],
            &["diff", text(&b), text(a)],
            &["diff", text(a), text(home.path())],
            &["import", "auto", text(&b), "--out", text(&out)],
        ] {
            let ran = stage.run(arguments).is(1);
            // One that says that it is an archive is not imported, whatever else is in it.
            let is_known = ran.err.contains("is an archive already") || ran.err.contains("It contains an archive: ");
            let is_told = ran.err.contains(what) && ran.err.contains("manifest.json") && ran.err.contains("Restore");
            assert!((is_told || is_known) && ran.out.is_empty(), "{content:?} {arguments:?}: {}{}", ran.out, ran.err);
        }
    }
    // The way out that the message names.
    fs::remove_file(&manifest).expect("manifest");
    let list = b.join("images.jsonl");
    let ran = stage.run(&["diff", text(a), text(&b)]).is(1);
    assert!(ran.err.contains(&format!("tagscope import jsonl {}", text(&list))), "{}", ran.err);
    stage.run(&["import", "jsonl", text(&list), "--out", text(&out)]).is(0);
    stage.run(&["verify", text(&out)]).is(0);
}

#[test]
fn states_that_are_none_are_refused() {
    let (stage, a) = archived();
    let home = tempfile::tempdir().expect("home");
    let empty = home.path().join("empty");
    fs::create_dir(&empty).expect("folder");
    stage.run(&["diff", text(a), text(&empty)]).is(1);
    stage.run(&["diff", text(a), text(&home.path().join("gone"))]).is(1);
    stage.run(&["diff", text(a)]).is(2);
    stage.run(&["diff", text(a), text(a), "--iou", "0"]).is(2);
    stage.run(&["diff", text(a), text(a), "--iou", "1.5"]).is(2);
    stage.run(&["diff", text(a), "service:no such project"]).is(3);
    let without = Stage::empty();
    let ran = without.run(&["diff", text(a), "service:x"]).is(2);
    assert!(ran.err.contains("service:x: no endpoint: give --endpoint"), "{}", ran.err);
    assert!(!ran.err.contains("--source"), "diff has no such option: {}", ran.err);
    let ran = without.run(&["key", "status"]).is(2);
    assert!(!ran.err.contains("--source"), "nor has key: {}", ran.err);
    let keyless = ["diff", text(a), "service:x", "--endpoint", &stage.served().endpoint];
    without.run(&keyless).is(3);
    // A dataset has no iterations.
    let out = home.path().join("coco");
    stage.run(&["export", "--format", "coco", "--source", text(a), "--out", text(&out)]).is(0);
    let ran = stage.run(&["diff", text(a), &format!("{}#Iteration 1", text(&out))]).is(3);
    assert!(ran.err.contains("no iterations"), "{}", ran.err);
    // Every image of the archive would look as if it had been removed.
    let none = home.path().join("none.json");
    fs::write(&none, r#"{"images":[],"annotations":[],"categories":[{"id":1,"name":"fork"}]}"#).expect("file");
    for pair in [[text(a), text(&none)], [text(&none), text(a)]] {
        let ran = stage.run(&[&["diff"][..], &pair].concat()).is(1);
        assert!(ran.err.contains("there are no images in it") && ran.out.is_empty(), "{}{}", ran.out, ran.err);
    }
}
