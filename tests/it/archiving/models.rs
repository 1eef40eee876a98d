//! Model files that the service has exported: downloaded without the key, kept, served again, and never requested.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::Mutex;

use serde_json::{Value, json};
use tagscope::domain::{ArchivedExport, Iteration};

use super::*;

/// What a storage answers: status, body, and a length that it claims instead of the body's.
type Review = (u16, Vec<u8>, Option<usize>);

/// A storage of model files, and the heads of the requests that it got.
struct Storage {
    origin: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Storage {
    /// Answers what `answer` says about the target of a request. It ends with the test's process.
    fn start(answer: impl Fn(&str) -> Review + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
        let origin = format!("http://{}", listener.local_addr().expect("address"));
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        let serve = move || {
            for mut stream in listener.incoming().flatten() {
                let mut input = BufReader::new(stream.try_clone().expect("stream"));
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && input.read_line(&mut head).is_ok_and(|count| count > 0) {}
                let Some(target) = head.split(' ').nth(1) else { continue };
                let (status, body, length) = answer(target);
                let location = if status == 302 { "Location: https://example.net/m.zip?sig=SECRET\r\n" } else { "" };
                let length = length.unwrap_or(body.len());
                seen.lock().expect("heads").push(head.clone());
                let start = format!(
                    "HTTP/1.1 {status} Said\r\nConnection: close\r\nContent-Length: {length}\r\n{location}\r\n"
                );
                let _ = stream.write_all(start.as_bytes()).and_then(|()| stream.write_all(&body));
            }
        };
        std::thread::Builder::new().name("storage".to_owned()).spawn(serve).expect("thread");
        Self { origin, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("heads").clone()
    }

    fn export(&self, platform: &str, status: &str, target: &str) -> Value {
        let uri = format!("{}{target}", self.origin);
        json!({"platform": platform, "status": status, "downloadUri": uri, "flavor": null, "newerVersionAvailable": false})
    }
}

/// A ZIP file as far as anybody looks.
fn zip() -> Vec<u8> {
    [b"PK\x03\x04 a model ".as_slice(), b"PK\x05\x06", &[0; 18]].concat()
}

fn sample() -> Watched {
    Watched::start(ServedProject::Sample { images: 6, regions: None }, ServeOptions::default())
}

/// The sample's service, with these exports of its latest iteration and none of the other.
async fn with_exports(running: &Watched, exports: impl Fn() -> Value + Send + Sync + 'static) -> Source {
    let latest = iterations(running).await[0].id;
    front::source(running, move |call, ask| match call.strip_suffix("/export") {
        Some(call) if call == format!("iterations/{latest}") => (200, exports().to_string().into_bytes()),
        _ => ask(),
    })
}

async fn iterations(running: &Watched) -> Vec<Iteration> {
    source(running).iterations(running.project_id()).await.expect("iterations").entries
}

struct Wanted {
    is_resumed: bool,
    has_iterations: bool,
    has_predictions: bool,
    has_models: bool,
    cancel: CancellationToken,
    progress: ProgressSink,
}

fn wanted(has_models: bool) -> Wanted {
    let (cancel, progress): (_, ProgressSink) = (CancellationToken::new(), Arc::new(|_| {}));
    Wanted { is_resumed: false, has_iterations: true, has_predictions: false, has_models, cancel, progress }
}

async fn archive(source: &Source, running: &Watched, out: &Path, wanted: Wanted) -> Result<ArchiveReport, Failure> {
    let ((project, _), _) = source.project(running.project_id()).await.expect("project");
    let Wanted { is_resumed, has_iterations, has_predictions, has_models, cancel, progress } = wanted;
    let job = ArchiveJob {
        task: TaskId(0),
        plan: None,
        project,
        out: out.into(),
        is_resumed,
        has_thumbnails: false,
        has_iterations,
        has_predictions,
        has_models,
    };
    archiving::run(source, job, ArchiveOptions { parallel: 2, ..ArchiveOptions::default() }, progress, cancel).await
}

fn exports_of(report: &ArchiveReport) -> Vec<ArchivedExport> {
    report.iterations[0].exports.clone().expect("known")
}

/// All files below a folder, as one text.
fn all_text(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        match path.is_dir() {
            true => text.push_str(&all_text(&path)),
            false => text.push_str(&String::from_utf8_lossy(&std::fs::read(&path).expect("file"))),
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn exported_models_are_archived_verified_and_served_again() {
    let (running, home) = (sample(), tempdir().expect("home"));
    let storage = Storage::start(|_| (200, zip(), None));
    let listed = json!([
        storage.export("ONNX", "Done", "/m/model.zip?sv=1&sig=SECRET"),
        {"platform": "TensorFlow", "status": "Exporting", "downloadUri": null, "flavor": "TensorFlowLite"},
        {"platform": "DockerFile", "status": "Failed", "flavor": "Linux"},
    ]);
    let source = with_exports(&running, move || listed.clone()).await;
    let out = home.path().join("archive");
    // What there is is said in any case, and nothing is downloaded.
    let report = archive(&source, &running, &out, wanted(false)).await.expect("archive");
    let kinds = |report: &ArchiveReport| {
        let words = |export: &ArchivedExport| (export.facts.to_string(), export.facts.status.clone());
        exports_of(report).iter().map(words).collect::<Vec<_>>()
    };
    let expected = [("ONNX", "Done"), ("TensorFlow (TensorFlowLite)", "Exporting"), ("DockerFile (Linux)", "Failed")];
    assert_eq!(kinds(&report), expected.map(|(name, status)| (name.to_owned(), status.to_owned())));
    assert_eq!((storage.heads().len(), report.notes.len()), (0, 0));
    assert!(exports_of(&report).iter().all(|export| export.file.is_none()));
    assert_eq!(report.iterations[1].exports.as_deref(), Some(&[][..]));
    // With the files.
    let report = archive(&source, &running, &out, wanted(true)).await.expect("archive");
    assert_eq!(kinds(&report).len(), 3);
    let notes = report.notes.join("\n");
    assert!(
        notes.contains(
            "The TensorFlow (TensorFlowLite) model of \"Iteration 2\" was not archived: the service is still"
        )
    );
    assert!(notes.contains("DockerFile (Linux)") && notes.contains("failed on the service"), "{notes}");
    let exports = exports_of(&report);
    let name = exports[0].file.clone().expect("file");
    assert!(name.starts_with("models/onnx-") && name.ends_with(".zip"), "{name}");
    let latest = iterations(&running).await[0].id;
    let path = out.join(format!("iterations/{latest}/{name}"));
    assert_eq!(std::fs::read(&path).expect("model"), zip());
    assert_eq!(differences(&out), []);
    let heads = storage.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with("GET ") && !heads[0].to_ascii_lowercase().contains("training-key"), "{}", heads[0]);
    // An update has it already, and takes it along without being asked.
    let report =
        archive(&source, &running, &out, Wanted { has_iterations: false, ..wanted(false) }).await.expect("update");
    assert_eq!((exports_of(&report), storage.heads().len()), (exports, 1));
    let text = all_text(&out);
    assert!(!text.contains("SECRET") && !text.contains(&storage.origin));
    // The stand-in serves it with an address of its own.
    let served = Watched::start(ServedProject::Archive(Archive::open(&out).expect("archive")), ServeOptions::default());
    let again = home.path().join("again");
    let report = archive(&super::source(&served), &served, &again, wanted(true)).await.expect("archive");
    let name = exports_of(&report)[0].file.clone().expect("file");
    assert!(name.ends_with(".zip"), "{name}");
    assert_eq!(std::fs::read(again.join(format!("iterations/{latest}/{name}"))).expect("model"), zip());
    std::fs::write(&path, b"other").expect("write");
    assert!(differences(&out).iter().any(|one| one.file.contains("models/onnx-")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_file_that_cannot_be_had_costs_a_note_and_nothing_else() {
    let (running, home) = (sample(), tempdir().expect("home"));
    let expired = b"<Error><Code>AuthenticationFailed</Code><Message>sig=SECRET</Message></Error>".to_vec();
    let storage = Storage::start(move |target| match target.split('?').next().unwrap_or_default() {
        "/fresh.zip" if target.contains("sig=SECRET1") => (403, expired.clone(), None),
        "/old.zip" => (403, expired.clone(), None),
        "/half.zip" => (200, zip()[..8].to_vec(), None),
        "/cut.zip" => (200, zip(), Some(10_000)),
        "/empty.zip" => (200, Vec::new(), None),
        "/gone.zip" => (404, Vec::new(), None),
        "/locked.zip" => (409, Vec::new(), None),
        "/elsewhere.zip" => (302, Vec::new(), None),
        _ => (200, zip(), None),
    });
    let names = ["fresh", "old", "half", "cut", "empty", "gone", "locked", "elsewhere"];
    let mut exports: Vec<Value> = Vec::new();
    exports.extend(names.map(|name| storage.export(name, "Done", &format!("/{name}.zip?sig=SECRET{{}}"))));
    exports.push(json!({"platform": "plain", "status": "Done", "downloadUri": "http://example.net/m.zip?sig=SECRET"}));
    exports.push(json!({"platform": "nowhere", "status": "Done", "downloadUri": null}));
    let (listed, calls) = (Value::from(exports).to_string(), AtomicU64::new(0));
    // Each list has fresh signatures.
    let list = move || {
        let call = calls.fetch_add(1, Ordering::Relaxed) + 1;
        serde_json::from_str(&listed.replace("{}", &call.to_string())).expect("JSON")
    };
    let source = with_exports(&running, list).await;
    let out = home.path().join("archive");
    let report = archive(&source, &running, &out, wanted(true)).await.expect("archive");
    let had: Vec<bool> = exports_of(&report).iter().map(|export| export.file.is_some()).collect();
    assert_eq!(had, [true, false, false, false, false, false, false, false, false, false]);
    for (name, words) in [
        ("old", "its URL has expired"),
        ("half", "a ZIP file without its end"),
        ("cut", "cut off"),
        ("empty", "its file is empty"),
        ("gone", "the storage does not have its file"),
        ("locked", "status 409"),
        ("elsewhere", "redirects to another owner's place, example.net"),
        ("plain", "its URL cannot be used"),
        ("nowhere", "the service gives no URL"),
    ] {
        let about = format!("The {name} model of \"Iteration 2\"");
        let note = report.notes.iter().find(|note| note.starts_with(&about)).expect(name);
        assert!(note.contains(words), "{note}");
    }
    assert_eq!(report.notes.len(), 9);
    assert!(!report.is_whole() && !format!("{report:?}").contains("SECRET"));
    assert_eq!((differences(&out), report.skips), (Vec::new(), Vec::new()));
    assert!(!all_text(&out).contains("SECRET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_archive_does_not_download_its_models_again() {
    let (running, home) = (sample(), tempdir().expect("home"));
    let storage = Storage::start(|_| (200, zip(), None));
    let listed = json!([storage.export("CoreML", "Done", "/m/model.zip?sig=SECRET")]);
    let source = with_exports(&running, move || listed.clone()).await;
    let out = home.path().join("archive");
    let mut stopped = wanted(true);
    let cancel = stopped.cancel.clone();
    stopped.progress = Arc::new(move |progress: JobProgress| {
        if progress.stage == "Downloading" {
            cancel.cancel();
        }
    });
    archive(&source, &running, &out, stopped).await.expect_err("stopped");
    assert_eq!(storage.heads().len(), 1);
    let resumed = Wanted { is_resumed: true, ..wanted(true) };
    let report = archive(&source, &running, &out, resumed).await.expect("archive");
    assert!(exports_of(&report)[0].file.is_some());
    assert_eq!((storage.heads().len(), differences(&out)), (1, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_a_list_of_exports_is_archived_all_the_same() {
    let (running, home) = (sample(), tempdir().expect("home"));
    let source = front::source(&running, |call, ask| match call.ends_with("/export") {
        true => (404, br#"{"code":"NotFound","message":""}"#.to_vec()),
        false => ask(),
    });
    let report = archive(&source, &running, &home.path().join("a"), wanted(false)).await.expect("archive");
    assert_eq!((report.notes.len(), report.remarks.len(), &report.iterations[0].exports), (0, 2, &None));
    let report = archive(&source, &running, &home.path().join("b"), wanted(true)).await.expect("archive");
    assert!(
        report.notes[0].starts_with("The exported models of \"Iteration 2\" cannot be listed: "),
        "{:?}",
        report.notes
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_takes_figures_of_an_iteration_that_have_changed() {
    let (running, home) = (sample(), tempdir().expect("home"));
    let latest = iterations(&running).await[0].id;
    let calls = AtomicU64::new(0);
    let source = front::source(&running, move |call, ask| match call == format!("iterations/{latest}/performance") {
        true => {
            let recall = 0.25 + calls.fetch_add(1, Ordering::Relaxed) as f64 / 4.0;
            (200, json!({ "perTagPerformance": [], "recall": recall }).to_string().into_bytes())
        }
        false => ask(),
    });
    let out = home.path().join("archive");
    for expected in [0.25, 0.5] {
        let wanted = Wanted { has_predictions: true, ..wanted(false) };
        archive(&source, &running, &out, wanted).await.expect("archive");
        let held = Archive::open(&out).expect("archive");
        let figures = held.contents(Some(latest)).expect("iteration").performance().expect("figures").expect("some");
        assert_eq!((figures.overall.recall, differences(&out)), (Some(expected), Vec::new()));
    }
}
