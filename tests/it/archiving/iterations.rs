//! Archives with what the iterations were trained on: their own tags, images and regions, the pictures shared; kept when
//! the service has an iteration no more, served again, and refused in words where they are not there.

use tagscope::app::ArchivedIteration;
use tagscope::domain::{Iteration, IterationId};
use tagscope::service::{ListQuery, ListingKind, PagerOptions};

use super::*;

fn sample() -> Watched {
    Watched::start(ServedProject::Sample { images: 20, regions: None }, ServeOptions::default())
}

fn with_iterations(out: &Path) -> Run {
    Run { has_iterations: true, ..Run::into(out) }
}

fn opened(folder: &Path) -> Source {
    Source::Archive(Arc::new(Archive::open(folder).expect("archive")))
}

fn served(folder: &Path) -> Watched {
    Watched::start(ServedProject::Archive(Archive::open(folder).expect("archive")), ServeOptions::default())
}

/// The iterations of a service, the latest first.
async fn iterations(running: &Running) -> Vec<Iteration> {
    source(running).iterations(running.project_id()).await.expect("iterations").entries
}

/// What a source lists of a state: its tags, and its images without their addresses.
async fn state(from: &Source, running: &Running, iteration: Option<IterationId>) -> (Vec<Tag>, Vec<ImageRow>) {
    let project = running.project_id();
    let tags = from.tags(project, iteration).await.expect("tags");
    let query = ListQuery { iteration, rows: ListingKind::Tagged, ..ListQuery::default() };
    let counted = from.count(project, &query).await.expect("count");
    let mut pages = from.pages(project, query, PagerOptions::default());
    let mut rows = Vec::new();
    while let Some(step) = pages.next().await {
        rows.extend(step.expect("page").page.rows);
    }
    assert!(pages.report().is_whole);
    assert_eq!(counted, rows.len() as u64);
    for row in &mut rows {
        row.uris = ImageUris::default();
    }
    (tags.entries, rows)
}

/// The images that only the first iteration of the sample has.
fn only_there(report: &ArchiveReport) -> u64 {
    report.iterations.iter().map(|iteration: &ArchivedIteration| iteration.only_there).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn iterations_come_with_their_own_tags_and_images_and_are_served_again() {
    let home = tempdir().expect("home");
    let (running, out) = (sample(), home.path().join("archive"));
    let report = with_iterations(&out).of(&running).await.expect("archive");
    assert_eq!((report.skips.as_slice(), report.notes.as_slice(), report.is_whole()), (&[][..], &[][..], true));
    assert_eq!(report.iterations.len(), 2);
    assert_eq!(only_there(&report), 3, "images that were deleted since");
    assert_eq!(report.originals, report.all_images());
    assert_eq!(differences(&out), []);
    let archive = Archive::open(&out).expect("archive");
    let (live, again) = (source(&running), served(&out));
    let mut seen = Vec::new();
    for iteration in iterations(&running).await {
        let wanted = Some(iteration.id);
        let listed = state(&live, &running, wanted).await;
        assert_eq!(state(&opened(&out), &running, wanted).await, listed, "read from the folder");
        assert_eq!(state(&source(&again), &again, wanted).await, listed, "served again");
        for row in &listed.1 {
            let file = archive.blob_path(row.id, BlobKind::Original).expect("place");
            assert!(file.is_file(), "{} has its original", row.id);
        }
        seen.push(listed);
    }
    let now = state(&live, &running, None).await;
    assert_eq!(state(&opened(&out), &running, None).await, now);
    // What the sample plants: each state differs from the others in its images, labels and tags.
    let [(late_tags, late), (early_tags, early)] = seen.try_into().expect("two iterations");
    assert!(early_tags.len() < now.0.len() && late_tags.len() == now.0.len());
    assert!(early.iter().any(|row| !now.1.iter().any(|other| other.id == row.id)));
    assert!(late.iter().any(|row| now.1.iter().any(|other| other.id == row.id && other.regions != row.regions)));

    // Of an image that only an iteration has, the served picture is there too.
    let query = ListQuery { iteration: Some(iterations(&running).await[1].id), ..ListQuery::default() };
    let mut pages = source(&again).pages(again.project_id(), query, PagerOptions::default());
    let rows = pages.next().await.expect("page").expect("page").page.rows;
    let gone = rows.iter().find(|row| !now.1.iter().any(|other| other.id == row.id)).expect("deleted since");
    let uri = gone.uris.get(BlobKind::Original);
    let bytes = source(&again).blob(again.project_id(), gone.id, BlobKind::Original, uri).await.expect("picture");
    assert_eq!(bytes, archive.read_blob(gone.id, BlobKind::Original).expect("picture"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_archived_is_refused_in_words_and_not_passed_off() {
    let home = tempdir().expect("home");
    let (running, out) = (sample(), home.path().join("archive"));
    let report = Run::into(&out).of(&running).await.expect("archive");
    assert_eq!((report.iterations.len(), only_there(&report)), (0, 0));
    assert!(!out.join("iterations").exists());
    let iteration = iterations(&running).await[0].id;
    let failure = opened(&out).tags(running.project_id(), Some(iteration)).await.expect_err("not held");
    assert_eq!(failure.kind, FailureKind::IterationNotHeld);
    assert!(failure.advice().contains("--iterations"));
    let query = ListQuery { iteration: Some(iteration), ..ListQuery::default() };
    let mut pages = opened(&out).pages(running.project_id(), query, PagerOptions::default());
    assert_eq!(pages.next().await.expect("a step").expect_err("not held").kind, FailureKind::IterationNotHeld);
    let again = served(&out);
    assert_eq!(iterations(&again).await.len(), 2, "their names are known");
    let failure = source(&again).tags(again.project_id(), Some(iteration)).await.expect_err("not held");
    assert!(matches!(failure.kind, FailureKind::NotFound { .. } | FailureKind::Refused { .. }), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_with_iterations_goes_on_and_keeps_them_without_being_asked() {
    let home = tempdir().expect("home");
    let (running, out) = (sample(), home.path().join("archive"));
    // Without them first; brought up to date with them, only the deleted images are fetched.
    Run::into(&out).of(&running).await.expect("archive");
    let failure = with_iterations(&out).stopping_after(22).of(&running).await.expect_err("stopped");
    assert_eq!(failure.kind, FailureKind::Canceled);
    assert_eq!(Archive::open(&out).expect("as it was").trained().len(), 0);
    let report = with_iterations(&out).resumed().of(&running).await.expect("archive");
    assert_eq!((report.iterations.len(), only_there(&report)), (2, 3));
    assert!(report.fetched <= 3, "{report:?}");
    assert_eq!((differences(&out), names(home.path())), (Vec::new(), vec!["archive".to_owned()]));
    let manifest = std::fs::read(out.join("manifest.json")).expect("manifest");
    // Once there they are not dropped, and the same state gives the same bytes.
    let report = Run::into(&out).of(&running).await.expect("update");
    assert_eq!((report.iterations.len(), report.fetched), (2, 0));
    assert_eq!(std::fs::read(out.join("manifest.json")).expect("manifest"), manifest);
}

/// An archive without one of its iterations, as a service that has deleted it.
fn without_iteration(folder: &Path, gone: IterationId) {
    let path = folder.join("manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("read")).expect("JSON");
    let gone = gone.to_string();
    manifest["iterations"].as_array_mut().expect("list").retain(|one| one["id"] != *gone);
    manifest["iterationContents"].as_array_mut().expect("list").retain(|one| one["iteration"] != *gone);
    std::fs::write(&path, manifest.to_string()).expect("write");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_iteration_that_the_service_has_no_more_is_kept() {
    let home = tempdir().expect("home");
    let (running, out) = (sample(), home.path().join("archive"));
    with_iterations(&out).of(&running).await.expect("archive");
    let first = iterations(&running).await[1].id;
    let (tags, rows) = state(&opened(&out), &running, Some(first)).await;
    let later = home.path().join("later");
    with_iterations(&later).of(&running).await.expect("archive");
    without_iteration(&later, first);
    let service = served(&later);
    let report = Run::into(&out).of(&service).await.expect("update");
    let kept = report.iterations.iter().find(|one| one.id == first).expect("kept");
    assert!(kept.is_vanished && kept.only_there == 2 && kept.images == rows.len() as u64, "{kept:?}");
    assert_eq!((report.vanished.len(), report.fetched), (0, 0), "its images are in it, not lost: {report:?}");
    assert_eq!(differences(&out), []);
    assert_eq!(state(&opened(&out), &running, Some(first)).await, (tags, rows));
    let words = std::fs::read_to_string(out.join("REPORT.md")).expect("report");
    assert!(words.contains("Iteration 1 (no longer on the service)"), "{words}");
    assert_eq!(iterations(&served(&out)).await.len(), 2);
    assert!(
        Archive::open(&out)
            .expect("archive")
            .contents(Some(first))
            .is_some_and(storage::archive::Contents::is_vanished)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_reads_the_iterations_too() {
    let home = tempdir().expect("home");
    let (running, out) = (sample(), home.path().join("archive"));
    with_iterations(&out).of(&running).await.expect("archive");
    let first = iterations(&running).await[1].id;
    let list = out.join(format!("iterations/{first}/images.jsonl"));
    let text = std::fs::read_to_string(&list).expect("read");
    std::fs::write(&list, text.lines().next().expect("line")).expect("write");
    let told = differences(&out);
    assert!(told.iter().all(|one| one.file.contains(&first.to_string())), "{told:?}");
    assert!(told.iter().any(|one| one.what.contains("has 1 image; the manifest counts 12")), "{told:?}");
    std::fs::remove_file(&list).expect("remove");
    assert!(differences(&out).iter().any(|one| one.what == "is missing"));
    // The rest of it opens and lists as before.
    assert_eq!(state(&opened(&out), &running, None).await, state(&source(&running), &running, None).await);
    let query = ListQuery { iteration: Some(first), ..ListQuery::default() };
    let mut pages = opened(&out).pages(running.project_id(), query, PagerOptions::default());
    assert!(pages.next().await.expect("a step").is_err(), "a missing list is no empty one");
    std::fs::write(&list, text).expect("write");
    assert_eq!(differences(&out), []);
    // A newer layout is refused.
    let manifest = out.join("manifest.json");
    let newer = std::fs::read_to_string(&manifest).expect("read").replacen("\"version\": 4", "\"version\": 5", 1);
    std::fs::write(&manifest, newer).expect("write");
    assert!(Archive::open(&out).expect_err("newer").to_string().contains('4'));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_archive_fetches_nothing_until_it_goes_on() {
    let home = tempdir().expect("home");
    let running = service(home.path(), "service", &[(3, 1), (2, 2), (1, 0)]);
    let (pause, paused) = watch::channel(true);
    let out = home.path().join("archive");
    let mut run = Box::pin(Run { pause: Some(paused), ..Run::into(&out) }.of(&running));
    let waited = tokio::time::timeout(std::time::Duration::from_millis(300), &mut run).await;
    assert!(waited.is_err() && running.stats().blob_requests == 0, "it rests");
    pause.send_replace(false);
    assert_eq!(run.await.expect("archive").fetched, 3);
    assert_eq!(differences(&out), []);
}
