//! An archive that is brought up to date may be the only copy: whatever is damaged, missing or in doubt, nothing of it is
//! lost, and nothing but this very archive is replaced.

use super::*;

/// Everything in a folder, with its bytes.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut folders, mut found) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("folder") {
            let path = entry.expect("entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push((path.clone(), std::fs::read(&path).expect("file"))),
            }
        }
    }
    found.sort();
    found
}

/// Puts the hash of a file as it is now into the manifest.
fn sign(folder: &Path, name: &str) {
    let path = folder.join("manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("read")).expect("JSON");
    let facts = storage::staging::measure(&folder.join(name)).expect("measured");
    manifest["files"][name] = serde_json::to_value(facts).expect("facts");
    std::fs::write(&path, manifest.to_string()).expect("write");
}

fn advice_of(failure: &Failure) -> String {
    assert!(matches!(failure.kind, FailureKind::Conflict { .. }), "{failure:?}");
    failure.full_text()
}

/// An archive of four images of which the service has deleted one since, twice brought up to date.
async fn updated(home: &Path) -> (Watched, PathBuf) {
    let out = home.join("archive");
    let first = service(home, "first", &[(4, 1), (3, 1), (2, 2), (1, 0)]);
    Run::into(&out).of(&first).await.expect("archive");
    let second = service(home, "second", &[(4, 1), (2, 2), (1, 0)]);
    Run::into(&out).of(&second).await.expect("update");
    (second, out)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_damaged_is_never_replaced() {
    let home = tempdir().expect("home");
    let (running, out) = updated(home.path()).await;
    // An image that is only in the list of the archive: the service has it no more.
    let third = service(home.path(), "third", &[(2, 2), (1, 0)]);
    for (list, is_signed) in [("images.jsonl", false), ("vanished.jsonl", false), ("images.jsonl", true)] {
        let path = out.join(list);
        let (whole, manifest) =
            (std::fs::read_to_string(&path).expect("read"), std::fs::read(out.join("manifest.json")).expect("read"));
        std::fs::write(&path, whole.replacen("\"id\"", "\"iX\"", 1)).expect("write");
        if is_signed {
            // Its hash is right: a later version may have written what this one cannot read.
            sign(&out, list);
        }
        let before = contents(&out);
        for service in [&running, &third] {
            let failure = Run::into(&out).of(service).await.expect_err("damaged");
            let words = advice_of(&failure);
            assert!(words.contains(list) && words.contains("only copy"), "{words}");
            assert_eq!(contents(&out), before, "{list} {is_signed}");
        }
        std::fs::write(&path, whole).expect("write");
        std::fs::write(out.join("manifest.json"), manifest).expect("write");
    }
    // Put right again, it is brought up to date, and nothing is lost.
    Run::into(&out).of(&third).await.expect("update");
    for number in 1..=4 {
        assert_eq!(std::fs::read(original(&out, number)).expect("kept"), picture(number));
    }
    assert_eq!(differences(&out), []);
    let left = names(home.path());
    assert!(left.iter().all(|name| !name.starts_with('.')), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_only_the_former_archive_has_are_kept() {
    let home = tempdir().expect("home");
    let running = service(home.path(), "service", &[(2, 2), (1, 0)]);
    let out = home.path().join("archive");
    Run { has_thumbnails: true, ..Run::into(&out) }.of(&running).await.expect("archive");
    // A picture whose row an earlier version has lost.
    let lost = format!("originals/{}/{}.jpg", &id(9).to_string()[..2], id(9));
    std::fs::create_dir_all(out.join(&lost).parent().expect("folder")).expect("folder");
    std::fs::write(out.join(&lost), picture(9)).expect("write");
    sign(&out, &lost);
    // Not asked for again, thumbnails that are there stay.
    let report = Run::into(&out).of(&running).await.expect("update");
    assert_eq!((report.originals, report.thumbnails, report.fetched), (2, 2, 0), "{report:?}");
    assert_eq!(std::fs::read(out.join(&lost)).expect("kept"), picture(9));
    assert_eq!(differences(&out), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_picture_of_a_vanished_image_is_kept_told_and_stays_told() {
    let home = tempdir().expect("home");
    let (running, out) = updated(home.path()).await;
    let damaged = original(&out, 3);
    std::fs::write(&damaged, "half of it").expect("write");
    let found = differences(&out);
    assert_eq!(found.len(), 1);
    let report = Run::into(&out).of(&running).await.expect("update");
    assert!(report.skips[0].reason.contains("damaged") && report.skips[0].image == id(3).to_string(), "{report:?}");
    assert_eq!(std::fs::read(&damaged).expect("kept"), b"half of it");
    assert_eq!(differences(&out), found, "verify goes on naming it");
    // One that is gone is told; the image stays in its list.
    std::fs::remove_file(&damaged).expect("remove");
    let report = Run::into(&out).of(&running).await.expect("update");
    assert!(report.skips[0].reason.contains("missing") && report.skips[0].is_left_out, "{report:?}");
    assert_eq!(Archive::open(&out).expect("archive").vanished().expect("list").len(), 1);
}

/// Does something once while pictures are fetched.
fn meanwhile(run: Run, act: impl Fn() + Send + Sync + 'static) -> Run {
    let once = std::sync::Once::new();
    let progress: ProgressSink = Arc::new(move |progress: JobProgress| {
        if progress.stage == "Downloading" {
            once.call_once(&act);
        }
    });
    Run { progress, ..run }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_appears_at_the_place_while_it_runs_stays() {
    let (home, running, _) = stage();
    for what in ["a file", "an empty folder", "a folder", "an archive"] {
        let out = home.path().join(what);
        let place = out.clone();
        let other = home.path().join(format!("other, {what}"));
        if what == "an archive" {
            drop(service_of(home.path(), "other, an archive", PROJECT + 1, &[(7, 1)]));
        }
        let act = move || match what {
            "a file" => std::fs::write(&place, "mine").expect("file"),
            "an empty folder" => std::fs::create_dir(&place).expect("folder"),
            "a folder" => {
                std::fs::create_dir(&place).expect("folder");
                std::fs::write(place.join("mine"), "mine").expect("file");
            }
            _ => std::fs::rename(&other, &place).expect("rename"),
        };
        let failure = meanwhile(Run::into(&out), act).of(&running).await.expect_err("taken");
        assert!(advice_of(&failure).contains("appeared while this ran"), "{what}: {failure:?}");
        match what {
            "a file" => assert_eq!(std::fs::read(&out).expect("file"), b"mine"),
            "an empty folder" => assert_eq!(names(&out), [""; 0]),
            "a folder" => assert_eq!(names(&out), ["mine"]),
            _ => assert_eq!(differences(&out), []),
        }
        // Moved away, the next run ends it without fetching anything again.
        std::fs::rename(&out, home.path().join("away")).expect("move");
        let report = Run::into(&out).resumed().of(&running).await.expect("resumed");
        assert_eq!((report.fetched, report.reused), (0, 3), "{what}");
        assert_eq!(differences(&out), [], "{what}");
        let away = home.path().join("away");
        if away.is_dir() { std::fs::remove_dir_all(away) } else { std::fs::remove_file(away) }.expect("remove");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_changes_during_its_update_stays_as_it_is() {
    let home = tempdir().expect("home");
    let (_, out) = updated(home.path()).await;
    let running = service(home.path(), "third", &[(5, 1), (4, 1), (2, 2), (1, 0)]);
    let place = out.clone();
    let act = move || std::fs::write(place.join("notes.txt"), "mine").expect("file");
    let failure = meanwhile(Run::into(&out), act).of(&running).await.expect_err("changed");
    assert!(advice_of(&failure).contains("notes.txt"), "{failure:?}");
    assert_eq!(std::fs::read(out.join("notes.txt")).expect("there"), b"mine");
    assert_eq!(Archive::open(&out).expect("archive").image_count(), 3);
    std::fs::remove_file(out.join("notes.txt")).expect("remove");
    // Another archive of the same project has taken its place.
    let other = home.path().join("newer");
    Run::into(&other).of(&running).await.expect("archive");
    let (from, to) = (other.clone(), out.clone());
    let act = move || {
        std::fs::remove_dir_all(&to).expect("remove");
        std::fs::rename(&from, &to).expect("rename");
    };
    let failure = meanwhile(Run::into(&out).resumed(), act).of(&running).await.expect_err("changed");
    assert!(advice_of(&failure).contains("manifest.json"), "{failure:?}");
    assert_eq!(differences(&out), []);
}

/// Archives through a service in front of another one.
async fn through(source: &Source, running: &Running, out: &Path) -> Result<ArchiveReport, Failure> {
    let ((project, _), _) = source.project(running.project_id()).await.expect("project");
    let (task, out) = (TaskId(0), out.to_path_buf());
    let job = ArchiveJob {
        task,
        plan: None,
        project,
        out: out.into(),
        is_resumed: true,
        has_thumbnails: false,
        has_iterations: false,
        has_predictions: false,
        has_models: false,
    };
    let cancel = CancellationToken::new();
    archiving::run(source, job, ArchiveOptions { parallel: 2, ..ArchiveOptions::default() }, Arc::new(|_| {}), cancel)
        .await
}

const NOTHING: &[u8] = b"[]";

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_without_a_count_takes_nothing_from_an_archive() {
    let (_home, running, out) = stage();
    Run::into(&out).of(&running).await.expect("archive");
    let before = contents(&out);
    let empty = front::source(&running, |call, forward| match call.split('?').next().expect("call") {
        "images/tagged" | "images/untagged" => (200, NOTHING.to_vec()),
        call if call.ends_with("/count") => (404, b"{}".to_vec()),
        _ => forward(),
    });
    let failure = through(&empty, &running, &out).await.expect_err("refused");
    assert!(advice_of(&failure).contains("no images at all"), "{failure:?}");
    assert_eq!(contents(&out), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_list_makes_nothing_vanish() {
    let home = tempdir().expect("home");
    let out = home.path().join("archive");
    let running = service(home.path(), "service", &[(4, 1), (3, 1), (2, 2), (1, 0)]);
    Run::into(&out).of(&running).await.expect("archive");
    // The service counts four, lists one, and knows one of the others by its id.
    let half = front::source(&running, |call, forward| {
        let keep = |number: u128| {
            let (status, body) = forward();
            let mut rows: Vec<serde_json::Value> = serde_json::from_slice(&body).expect("rows");
            rows.retain(|row| row["id"] == id(number).to_string());
            (status, serde_json::to_vec(&rows).expect("rows"))
        };
        match call.split('?').next().expect("call") {
            "images/tagged" => keep(4),
            "images/id" => keep(2),
            _ => forward(),
        }
    });
    let report = through(&half, &running, &out).await.expect("update");
    assert_eq!((report.vanished.as_slice(), report.kept_vanished, report.images), (&[][..], 0, 4), "{report:?}");
    assert!(!report.notes.is_empty() && report.notes[0].contains("incomplete"), "{report:?}");
    let kept: Vec<&str> = report.skips.iter().map(|skip| skip.image.as_str()).collect();
    assert_eq!(kept, [id(3).to_string(), id(1).to_string()], "{report:?}");
    let archive = Archive::open(&out).expect("archive");
    assert_eq!(archive.rows().expect("rows").filter(Result::is_ok).count(), 4);
    assert_eq!(differences(&out), []);
    // A whole list is believed.
    let running = service(home.path(), "later", &[(4, 1), (2, 2), (1, 0)]);
    let report = Run::into(&out).of(&running).await.expect("update");
    assert_eq!((report.vanished.as_slice(), report.images), (&[ImageId(id(3))][..], 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_no_list_has_and_that_the_service_knows_has_not_vanished() {
    let (_home, running, out) = stage();
    Run::into(&out).of(&running).await.expect("archive");
    // It lost its tags between the two lists: neither has it.
    let between = front::source(&running, |call, forward| {
        let (status, body) = forward();
        match call.split('?').next().expect("call") {
            "images/tagged" => {
                let mut rows: Vec<serde_json::Value> = serde_json::from_slice(&body).expect("rows");
                rows.retain(|row| row["id"] != id(2).to_string());
                (status, serde_json::to_vec(&rows).expect("rows"))
            }
            "images/tagged/count" => (status, b"2".to_vec()),
            _ => (status, body),
        }
    });
    let report = through(&between, &running, &out).await.expect("update");
    assert_eq!((report.vanished.as_slice(), report.images, report.is_whole()), (&[][..], 3, true), "{report:?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_rights_is_named_as_such() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_home, running, out) = stage();
    Run::into(&out).of(&running).await.expect("archive");
    let folder = out.join("originals");
    let set = |mode| std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).expect("rights");
    set(0o000);
    // The system's administrator may read it all the same.
    if std::fs::read_dir(&folder).is_err() {
        let failure = Run::into(&out).of(&running).await.expect_err("no rights");
        let words = advice_of(&failure);
        assert!(words.contains("originals in it cannot be looked into") && words.contains("ermission"), "{words}");
    }
    set(0o755);
    Run::into(&out).of(&running).await.expect("update");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_an_archive_is_not_replaced() {
    let (home, running, out) = stage();
    Run::into(&out).of(&running).await.expect("archive");
    let link = home.path().join("link");
    std::os::unix::fs::symlink(&out, &link).expect("link");
    let failure = Run::into(&link).of(&running).await.expect_err("a link");
    assert!(
        advice_of(&failure).contains(&storage::resolve(&out).expect("folder").display().to_string()),
        "{failure:?}"
    );
    assert!(link.symlink_metadata().expect("link").is_symlink());
    assert_eq!(differences(&out), []);
}
