//! The real program, engine and all, against the built-in service: from the connect screen to a published export, with
//! mouse and keys only. Every wait is for something that must happen, with an end.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Event as Input, Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use secrecy::ExposeSecret as _;
use tagscope::app::dialog::Dialog;
use tagscope::app::review::Access;
use tagscope::app::{
    Action, FailureKind, ListingState, PictureSource, Screen, Settings, SourceSpec, State, TaskState, ThemeChoice, View,
};
use tagscope::desktop::{Options, SampleEndpoint, SampleOpener, Shell};
use tagscope::engine::EngineOptions;
use tagscope::server::{Faults, ServeOptions, ServedProject};
use tagscope::storage::{Paths, SessionVault, Vault};

use super::numbers::texts;
use crate::watched::Watched;

const IMAGES: usize = 60;

fn service(images: usize) -> Watched {
    service_with(images, ServeOptions::default())
}

fn service_with(images: usize, options: ServeOptions) -> Watched {
    Watched::start(ServedProject::Sample { images, regions: Some(6) }, options)
}

/// The program in a window of its own, with its files under `home`.
pub(crate) fn program(home: &Path, source: Option<SourceSpec>) -> Harness<'static, Shell> {
    program_with(home, source, IMAGES)
}

/// The same, with a sample project of so many images.
pub(crate) fn program_with(home: &Path, source: Option<SourceSpec>, images: usize) -> Harness<'static, Shell> {
    let engine = EngineOptions::new(&Paths::under(home), Arc::new(SessionVault::new()));
    program_on(home, source, images, engine)
}

/// The same, with an engine of its own kind.
pub(crate) fn program_on(
    home: &Path,
    source: Option<SourceSpec>,
    images: usize,
    engine: EngineOptions,
) -> Harness<'static, Shell> {
    program_serving(home, source, engine, move || service(images))
}

/// The same, whose sample project sends its pictures slowly: what downloads them is under way for a good while.
pub(crate) fn program_of_slow_pictures(
    home: &Path,
    source: Option<SourceSpec>,
    images: usize,
) -> Harness<'static, Shell> {
    let engine = EngineOptions::new(&Paths::under(home), Arc::new(SessionVault::new()));
    program_serving(home, source, engine, move || {
        let faults = Faults::parse(["blob-bytes-a-second=60000"]).expect("faults");
        service_with(images, ServeOptions { faults, ..ServeOptions::default() })
    })
}

fn program_serving(
    home: &Path,
    source: Option<SourceSpec>,
    engine: EngineOptions,
    serve: impl Fn() -> Watched + Send + Sync + 'static,
) -> Harness<'static, Shell> {
    let open_sample: SampleOpener = Arc::new(move || {
        let running = serve();
        Ok(SampleEndpoint {
            endpoint: running.endpoint().to_owned(),
            key: running.training_key().clone(),
            guard: Box::new(Mutex::new(running)),
        })
    });
    program_of(Options {
        settings: Settings { theme: ThemeChoice::Dark, ..Settings::default() },
        settings_notice: None,
        source,
        project: None,
        memory: None,
        engine,
        open_sample,
        user: Some("tester".to_owned()),
        home: Some(home.to_owned()),
        crash_file: None,
        started: Instant::now(),
    })
}

fn program_of(options: Options) -> Harness<'static, Shell> {
    Harness::builder()
        .with_size(vec2(1280.0, 800.0))
        // The sample has Japanese names and the tests no system fonts.
        .allow_missing_glyphs()
        .build_eframe(move |context| Shell::new(context, options).expect("the engine starts"))
}

/// Frames until `condition`, at most two minutes: debug builds on a loaded machine are slow.
#[track_caller]
pub(crate) fn until(harness: &mut Harness<'static, Shell>, what: &str, condition: impl Fn(&State) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        harness.step();
        if condition(harness.state().state()) {
            // Two more, so that what is painted is what is meant.
            harness.step();
            harness.step();
            return;
        }
        assert!(Instant::now() < deadline, "{what} did not happen: {:#?}", brief(harness.state().state()));
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

fn brief(state: &State) -> String {
    let opened = state.opened.as_ref().map(|opened| (opened.catalogue.len(), &opened.listing, opened.view));
    format!("{:?} {:?} {:?} {:?}", state.screen, state.connect, opened, state.tasks)
}

fn type_into(harness: &mut Harness<'static, Shell>, role: Role, name: &str, text: &str) {
    harness.get_by_role_and_label(role, name).focus();
    harness.step();
    harness.event(egui::Event::Text(text.to_owned()));
    harness.step();
}

pub(crate) fn click(harness: &mut Harness<'static, Shell>, role: Role, name: &str) {
    harness.get_by_role_and_label(role, name).click();
    harness.step();
    harness.step();
}

pub(crate) fn press(harness: &mut Harness<'static, Shell>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.step();
    harness.step();
}

pub(crate) fn is_listed(state: &State) -> bool {
    state.opened.as_ref().is_some_and(|opened| matches!(opened.listing, ListingState::Complete { .. }))
}

#[test]
fn from_the_connect_screen_to_a_published_export() {
    let home = tempfile::tempdir().expect("folder");
    let service = service(IMAGES);
    let mut harness = program(home.path(), None);

    // A wrong key first: the reason stands under the fields, and nothing else has changed.
    type_into(&mut harness, Role::TextInput, "Endpoint", service.endpoint());
    type_into(&mut harness, Role::PasswordInput, "Training key", "wrong");
    click(&mut harness, Role::Button, "Connect");
    until(&mut harness, "the refusal", |state| state.connect.failure.is_some());
    let failure = harness.state().state().connect.failure.clone().expect("failure");
    assert_eq!(failure.kind, FailureKind::WrongKey);
    assert_eq!(harness.state().state().screen, Screen::Connect);

    // The right one.
    let field = harness.get_by_role_and_label(Role::PasswordInput, "Training key");
    field.focus();
    harness.step();
    press(&mut harness, Modifiers::COMMAND, Key::A);
    let key = service.training_key().expose_secret().to_owned();
    type_into(&mut harness, Role::PasswordInput, "Training key", &key);
    click(&mut harness, Role::Button, "Connect");
    until(&mut harness, "the list of projects", |state| state.screen == Screen::Projects);
    let project = harness.state().state().projects[0].project.id;
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state().screen, Screen::Connect, "Esc leads back");
    click(&mut harness, Role::Button, "Connect");
    until(&mut harness, "the projects again, with the key of this session", |state| state.screen == Screen::Projects);
    let name = harness.state().state().projects[0].project.name.clone();
    click(&mut harness, Role::Button, &format!("Open {name}"));
    until(&mut harness, "the listing", is_listed);
    {
        let state = harness.state().state();
        let opened = state.opened.as_ref().expect("project");
        assert_eq!((opened.project.id, opened.catalogue.len()), (project, IMAGES));
        assert!(opened.page_problems.is_empty());
        assert!(opened.catalogue.region_count() > IMAGES, "about six regions an image");
    }

    // Choose two by keys, open one, walk its regions, look at its original, and come back to the choice.
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    press(&mut harness, Modifiers::NONE, Key::Space);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    assert_eq!(harness.state().state().opened.as_ref().expect("project").selection.len(), 2);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    until(&mut harness, "the picture on the canvas", |state| {
        state.opened.as_ref().is_some_and(|opened| {
            let current = opened.cursor.map(|ix| (ix, PictureSource::Resized));
            opened.view == View::Canvas && current.is_some_and(|key| opened.pictures.contains_key(&key))
        })
    });
    press(&mut harness, Modifiers::NONE, Key::Tab);
    assert!(harness.state().state().opened.as_ref().expect("project").region.is_some(), "Tab selects a region");
    press(&mut harness, Modifiers::NONE, Key::Z);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    let opened = harness.state().state().opened.as_ref().expect("project");
    assert_eq!((opened.view, opened.selection.len()), (View::Grid, 2));

    // Export the two.
    press(&mut harness, Modifiers::COMMAND, Key::E);
    assert_eq!(harness.state().state().dialog, Some(Dialog::Export));
    let out = home.path().join("out");
    harness.get_by_role_and_label(Role::TextInput, "New folder").focus();
    harness.step();
    press(&mut harness, Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text(out.display().to_string()));
    harness.step();
    click(&mut harness, Role::Button, "Export and verify");
    until(&mut harness, "the export", |state| {
        state.tasks.first().is_some_and(|task| !matches!(task.state, TaskState::Running { .. }))
    });
    let state = harness.state().state();
    let TaskState::Done(report) = &state.tasks[0].state else { panic!("{:?}", state.tasks) };
    assert_eq!((report.images_in, report.images_out), (2, 2));
    assert!(out.join("annotations/instances_default.json").is_file() && out.join("manifest.json").is_file());
    assert_eq!(std::fs::read_dir(out.join("images")).expect("images").count(), 2);
    assert_eq!(service.stats().blob_requests_with_key, 0, "the key never went to the blob store");
    drop(harness);
    assert_no_secret(home.path(), &key);
}

/// The program of someone whose keychain works, as it is started without saying what to open.
fn program_again(home: &Path, settings: Settings, vault: &Arc<SessionVault>) -> Harness<'static, Shell> {
    let vault: Arc<dyn Vault> = Arc::<SessionVault>::clone(vault);
    let mut engine = EngineOptions::new(&Paths::under(home), vault);
    engine.client.retry.network_tries = 1;
    program_of(Options {
        settings,
        settings_notice: None,
        source: None,
        project: None,
        memory: None,
        engine,
        open_sample: Arc::new(|| panic!("no sample is asked for")),
        user: Some("tester".to_owned()),
        home: Some(home.to_owned()),
        crash_file: None,
        started: Instant::now(),
    })
}

#[test]
fn a_visit_while_the_service_is_down() {
    let home = tempfile::tempdir().expect("folder");
    let vault = Arc::new(SessionVault::new());
    let running = service(IMAGES);
    let port = running.endpoint().rsplit(':').next().and_then(|port| port.parse().ok()).expect("port");
    let key = running.training_key().clone();
    let settings =
        Settings { theme: ThemeChoice::Dark, endpoint: running.endpoint().to_owned(), ..Settings::default() };
    let mut harness = program_again(home.path(), settings, &vault);
    type_into(&mut harness, Role::PasswordInput, "Training key", key.expose_secret());
    click(&mut harness, Role::Button, "Connect");
    until(&mut harness, "the list of projects", |state| state.screen == Screen::Projects);
    let name = harness.state().state().projects[0].project.name.clone();
    click(&mut harness, Role::Button, &format!("Open {name}"));
    until(&mut harness, "the listing", is_listed);
    let lists = home.path().join("cache/lists");
    until(&mut harness, "the list on the disk", |_| {
        let mut entries = std::fs::read_dir(&lists).into_iter().flatten().flatten();
        entries.any(|entry| entry.path().extension().is_some_and(|end| end == "list"))
    });
    let settings = harness.state().settings().clone();
    drop(harness);
    drop(running);

    // Another day, without the service: the list is there and says that it is an older one.
    let mut harness = program_again(home.path(), settings, &vault);
    until(&mut harness, "the refusal", |state| {
        let listing = state.opened.as_ref().map(|opened| &opened.listing);
        matches!(listing, Some(ListingState::Failed { failure, .. }) if matches!(failure.kind, FailureKind::Unreachable { .. }))
    });
    assert_eq!(harness.state().state().opened.as_ref().map(|opened| opened.visible.len()), Some(IMAGES));
    harness.get_by_label_contains("Not connected. 60 images, the list of ");
    harness.get_by_role_and_label(Role::Alert, "127.0.0.1 cannot be reached.");
    // It can be reviewed.
    until(&mut harness, "the decisions", |state| {
        state.opened.as_ref().is_some_and(|opened| opened.review.access == Access::Open)
    });
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    press(&mut harness, Modifiers::NONE, Key::A);
    let reviewed = |state: &State| {
        state.opened.as_ref().is_some_and(|opened| opened.review.progress.count() == 1 && !opened.review.is_pending())
    };
    until(&mut harness, "the disk", reviewed);
    let cursor = harness.state().state().opened.as_ref().and_then(|opened| opened.current().map(|image| image.id()));
    // The form is a click away, and so is the list behind it.
    click(&mut harness, Role::Button, "Endpoint and key...");
    assert_eq!(harness.state().state().screen, Screen::Connect);
    click(&mut harness, Role::Link, &format!("Back to {name} (offline)"));
    assert_eq!(harness.state().state().screen, Screen::Project);

    // The service is there again.
    let options = ServeOptions { port, training_key: Some(key), ..ServeOptions::default() };
    let running = Watched::start(ServedProject::Sample { images: IMAGES, regions: Some(6) }, options);
    click(&mut harness, Role::Button, "Try again");
    until(&mut harness, "the listing", |state| {
        is_listed(state) && state.opened.as_ref().is_some_and(|opened| !opened.is_of_last_visit())
    });
    until(&mut harness, "the decisions again", reviewed);
    let state = harness.state().state();
    assert!(state.notices.is_empty(), "{:?}", state.notices);
    assert_eq!(state.opened.as_ref().and_then(|opened| opened.current().map(|image| image.id())), cursor);
    drop(harness);
    assert_no_secret(home.path(), running.training_key().expose_secret());
}

#[test]
fn a_key_is_seen_in_the_frame_in_which_it_comes() {
    let home = tempfile::tempdir().expect("folder");
    let mut harness = program(home.path(), Some(SourceSpec::Sample));
    until(&mut harness, "the listing", is_listed);
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    let key = |key| Input::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE };
    let mut seen = Vec::new();
    for key in [Key::ArrowRight, Key::ArrowDown, Key::Enter, Key::ArrowRight].map(key) {
        harness.input_mut().events.push(key);
        harness.step();
        let opened = harness.state().state().opened.as_ref().expect("project");
        // The inspector shows the beginning of it.
        let id = opened.current().expect("current image").id().to_string()[..13].to_owned();
        assert!(texts(&harness).iter().any(|(_, text)| text.galley.text().contains(&id)), "{id} is not shown yet");
        seen.push(id);
    }
    seen.dedup();
    assert_eq!(seen.len(), 3, "every arrow has moved on: {seen:?}");
}

#[test]
fn the_sample_opens_with_one_click_and_filters_by_its_tags() {
    let home = tempfile::tempdir().expect("folder");
    let mut harness = program(home.path(), None);
    click(&mut harness, Role::Button, "Open the sample project");
    until(&mut harness, "the listing", is_listed);
    let shown =
        |harness: &Harness<'static, Shell>| harness.state().state().opened.as_ref().expect("project").visible.len();
    let all = shown(&harness);
    let tag = harness
        .state()
        .state()
        .opened
        .as_ref()
        .expect("project")
        .catalogue
        .tags()
        .iter()
        .next()
        .map(|(_, tag)| tag.name.to_string());
    press(&mut harness, Modifiers::COMMAND, Key::F);
    harness.event(egui::Event::Text(tag.expect("tag")));
    harness.step();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    harness.step();
    assert!(shown(&harness) < all, "some images are without the first tag");
    press(&mut harness, Modifiers { command: true, ctrl: true, shift: true, ..Modifiers::NONE }, Key::F);
    assert_eq!(shown(&harness), all);
}

#[test]
fn the_way_out_ends_in_an_archive_that_opens_offline() {
    let home = tempfile::tempdir().expect("folder");
    // Each original is drawn for it.
    let mut harness = program_with(home.path(), Some(SourceSpec::Sample), 8);
    until(&mut harness, "the listing", is_listed);
    let (images, regions) = {
        let opened = harness.state().state().opened.as_ref().expect("project");
        (opened.catalogue.len(), opened.catalogue.region_count())
    };
    press(&mut harness, Modifiers::COMMAND, Key::E);
    click(&mut harness, Role::Link, "Archive the whole project: Leave Custom Vision...");
    assert_eq!(harness.state().state().dialog, Some(Dialog::Leave));
    // A dialog's first frame only measures it.
    harness.step();
    click(&mut harness, Role::CheckBox, "Thumbnails");
    click(&mut harness, Role::Button, "Archive and verify");
    let ended = |state: &State| !matches!(state.tasks.first().map(|task| &task.state), Some(TaskState::Running { .. }));
    until(&mut harness, "the archive", ended);
    let TaskState::Archived(report) = harness.state().state().tasks[0].state.clone() else {
        panic!("{:?}", harness.state().state().tasks)
    };
    assert_eq!((report.images, report.regions, report.originals), (images as u64, regions as u64, images as u64));
    assert!(
        report.is_whole() && report.folder.folder().is_some_and(|folder| folder.starts_with(home.path())),
        "{report:?}"
    );
    harness.step();
    harness.get_by_label_contains("Read back by an independent reader");
    harness.get_by_label_contains("tagscope serve");

    // Offline: the built-in service ends with the connection.
    click(&mut harness, Role::Button, "Open the archive");
    until(&mut harness, "the archive's listing", |state| {
        matches!(state.source, Some(SourceSpec::Folder { .. })) && is_listed(state)
    });
    let opened = harness.state().state().opened.as_ref().expect("project");
    assert_eq!((opened.catalogue.len(), opened.catalogue.region_count()), (images, regions));
    assert!(!Action::Leave.is_enabled(harness.state().state()), "it is out already");
}

#[test]
fn an_idle_window_paints_no_frames() {
    let home = tempfile::tempdir().expect("folder");
    let mut harness = program(home.path(), Some(SourceSpec::Sample));
    until(&mut harness, "the listing", is_listed);
    // Thumbnails still arrive for a while; then nothing asks for another frame.
    let deadline = Instant::now() + Duration::from_secs(120);
    while harness.try_run().is_err() || harness.ctx.has_requested_repaint() {
        assert!(Instant::now() < deadline, "the window never comes to rest");
    }
}

#[test]
fn a_folder_that_is_no_archive_is_explained_in_place() {
    let home = tempfile::tempdir().expect("folder");
    let empty = home.path().join("empty");
    std::fs::create_dir(&empty).expect("folder");
    let mut harness = program(home.path(), Some(SourceSpec::Folder { path: empty }));
    until(&mut harness, "the refusal", |state| state.connect.failure.is_some());
    let failure = harness.state().state().connect.failure.clone().expect("failure");
    assert!(matches!(failure.kind, FailureKind::NotAnArchive { .. }), "{failure:?}");
    harness.get_by_label_contains("not an archive");
}

/// Neither a key nor a signature in any file that the program left.
fn assert_no_secret(folder: &Path, key: &str) {
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            assert_no_secret(&path, key);
            continue;
        }
        let bytes = std::fs::read(&path).expect("file");
        for secret in [key.as_bytes(), b"sig="] {
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "a secret is in {}", path.display());
        }
    }
}
