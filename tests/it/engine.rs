//! The engine against the built-in service and against folders, from the first connection to the shutdown.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod addresses;
mod cache;
mod checks;
mod copying;
mod crops;
mod folders;
mod hostile;
mod predictions;
mod rig;
mod visits;
mod waits;

use std::sync::Arc;

use rig::{Rig, assert_no_secret, picture, serve, service, thumb, thumb_key, typed};
use secrecy::{ExposeSecret as _, SecretString};
use tagscope::app::{
    Effect, Event, ExportJob, FailureKind, KeyChoice, ListingState, PictureSource, PixelKey, Settings, SourceSpec,
    TaskId, TaskState,
};
use tagscope::domain::{Adjust, BlobUri, ImageIx, Mipmap, ProjectKind};
use tagscope::formats::{Format, PixelChoice};
use tagscope::server::{ServeOptions, ServedProject};
use tagscope::storage::{SessionVault, StorageError, Vault};

use crate::watched::Watched;

#[test]
fn the_whole_way() {
    let running = serve(300, Some(2));
    let mut rig = Rig::new();
    let connected = rig.connect_to(&running);
    assert_eq!(connected.source, service(&running));
    assert_eq!(connected.projects.len(), 1);
    assert_eq!(connected.projects[0].kind, ProjectKind::Detection);
    let project = running.project_id();

    let (catalogue, end) = rig.list(project, 1);
    assert!(matches!(end, ListingState::Complete { listed: 300, .. }), "{end:?}");
    assert_eq!((catalogue.len(), catalogue.region_count()), (300, 600));
    assert!(catalogue.tags().iter().count() > 1);
    rig.run(Effect::ListIterations { project });
    let iterations = rig.wait("iterations", |event| match event {
        Event::Iterations { result, .. } => Some(result.clone()),
        _ => None,
    });
    assert!(iterations.is_ok());

    // Small ones from the thumbnails, large ones from the resized pictures.
    let requests = (0..6).map(|ix| thumb(&catalogue, ix, if ix < 3 { 64 } else { 512 })).collect();
    rig.run(Effect::WantThumbs { generation: 1, requests });
    for ix in 0..6 {
        let side = if ix < 3 { 64 } else { 512 };
        let (width, height) = rig.pixels(thumb_key(ix, side)).expect("thumbnail");
        assert_eq!(width.max(height), u32::from(side), "image {ix}");
    }

    let is_resized = |ix: &u32| !catalogue.get(ImageIx(*ix)).expect("image").is_original_size();
    let large = (0..299).find(is_resized).expect("an image whose original is larger");
    let mut request = picture(&catalogue, large, &[large + 1]);
    rig.run(Effect::WantPicture { generation: 1, request: Some(request.clone()) });
    let resized = rig.pixels(PixelKey::Resized { ix: ImageIx(large) }).expect("resized");
    assert_eq!(resized, catalogue.get(ImageIx(large)).expect("image").size());
    assert!(rig.pixels(PixelKey::Resized { ix: ImageIx(large + 1) }).is_ok(), "the neighbor is ready");
    request.current.original.want_original = true;
    rig.run(Effect::WantPicture { generation: 1, request: Some(request.clone()) });
    let original = rig.wait("facts of the original", |event| match event {
        Event::Picture { info, .. } if info.source == PictureSource::Original && info.ix == ImageIx(large) => {
            Some(info.clone())
        }
        _ => None,
    });
    assert!(original.width > resized.0 && original.bytes > 0, "{original:?}");
    request.current.original.tiles = vec![(0, 0, 0), (1, 0, 0), (0, 99, 99)];
    rig.run(Effect::WantPicture { generation: 1, request: Some(request) });
    for level in [0, 1] {
        let key = PixelKey::Tile { ix: ImageIx(large), level, column: 0, row: 0 };
        assert_eq!(rig.pixels(key).expect("tile"), (512, 512));
    }

    let out = rig.home.path().join("exported");
    let job = ExportJob {
        plan: None,
        task: TaskId(7),
        generation: 1,
        images: (0..5).map(ImageIx).collect(),
        catalogue: Arc::new(catalogue),
        project: connected.projects[0].project.clone(),
        kind: ProjectKind::Detection,
        iteration: None,
        formats: vec![Format::Coco, Format::Jsonl],
        near_duplicates: Default::default(),
        query: None,
        tags: Vec::new(),
        notes: Vec::new(),
        pixels: PixelChoice::Original,
        options: formats::FormatOptions::default(),
        out: out.clone().into(),
        is_resumed: false,
    };
    rig.run(Effect::Export(Box::new(job)));
    let report = rig.wait("the export", |event| match event {
        Event::ExportDone { task: TaskId(7), report } => Some(report.clone()),
        Event::TaskFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    });
    assert_eq!((report.images_in, report.images_out, report.regions_out), (5, 5, 10), "{report:?}");
    assert!(out.is_dir());
    let was_told = |event: &Event| matches!(event, Event::Task { state: TaskState::Running { .. }, .. }).then_some(());
    rig.wait("progress of the export", was_told);

    let log = rig.shutdown();
    assert_no_secret(&log, &running);
}

#[test]
fn what_scrolled_away_is_forgotten() {
    let running = serve(60, Some(1));
    // Room for one thumbnail: nothing can be reported until it is taken.
    let mut rig = Rig::with(Arc::new(SessionVault::new()), |options| options.inbox_bytes = 1 << 10);
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    let old = (0..40).map(|ix| thumb(&catalogue, ix, 64)).collect();
    rig.run(Effect::WantThumbs { generation: 1, requests: old });
    let new = (50..53).map(|ix| thumb(&catalogue, ix, 64)).collect();
    rig.run(Effect::WantThumbs { generation: 1, requests: new });
    for ix in 50..53 {
        assert!(rig.pixels(thumb_key(ix, 64)).is_ok());
    }
    let old: Vec<_> = rig.other_pixels().into_iter().filter(|key| matches!(key, PixelKey::Thumb { .. })).collect();
    assert!(old.len() <= 1, "one may have been reported before the requests changed: {old:?}");

    // The same request again brings nothing new; a retry of another size does.
    let again = (50..53).map(|ix| thumb(&catalogue, ix, 64)).chain([thumb(&catalogue, 51, 128)]).collect();
    rig.run(Effect::WantThumbs { generation: 1, requests: again });
    assert!(rig.pixels(thumb_key(51, 128)).is_ok());
    assert!(!rig.other_pixels().contains(&thumb_key(50, 64)));
    rig.shutdown();
}

#[test]
fn a_listing_stops_where_it_is_told_to() {
    let running = serve(12_000, Some(1));
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let project = running.project_id();
    rig.run(Effect::Open { generation: 1, project, iteration: None, has_untagged: false });
    rig.wait("the first page", |event| matches!(event, Event::Page { generation: 1, .. }).then_some(()));
    // Pages that nobody takes hold the listing, so it cannot have ended by itself: 12,000 images are 47 pages.
    rig.run(Effect::StopListing { generation: 1 });
    let end = rig.wait("the end", |event| match event {
        Event::Listing { generation: 1, state: ListingState::Failed { listed, failure, .. } } => {
            Some((*listed, failure.kind.clone()))
        }
        Event::Listing { state: ListingState::Complete { .. }, .. } => panic!("it was not stopped"),
        _ => None,
    });
    assert!(end.0 < 12_000 && end.1 == FailureKind::Canceled, "{end:?}");

    // It continues where it stood: every image comes once.
    rig.run(Effect::ResumeListing { generation: 1, iteration: None, has_untagged: false });
    let mut ids = Vec::new();
    let end = rig.wait("the end", |event| match event {
        Event::Page { generation: 1, page } => {
            ids.extend(page.rows.iter().map(|row| row.id));
            None
        }
        Event::Listing { generation: 1, state: ListingState::Running { .. } } => None,
        Event::Listing { generation: 1, state } => Some(state.clone()),
        _ => None,
    });
    assert!(matches!(end, ListingState::Complete { listed: 12_000, gone: 0, .. }), "{end:?}");
    let came = ids.len();
    ids.sort_unstable();
    ids.dedup();
    // The first page was taken by the wait above.
    assert_eq!((came, ids.len()), (12_000 - 256, 12_000 - 256));

    // What came stays of use, and the project opens again.
    let (catalogue, end) = rig.list(project, 2);
    assert!(matches!(end, ListingState::Complete { listed: 12_000, .. }), "{end:?}");
    rig.run(Effect::WantThumbs { generation: 1, requests: vec![thumb(&catalogue, 0, 64)] });
    rig.run(Effect::WantThumbs { generation: 2, requests: vec![thumb(&catalogue, 1, 64)] });
    assert!(rig.pixels(thumb_key(1, 64)).is_ok());
    assert!(!rig.other_pixels().contains(&thumb_key(0, 64)), "a closed generation has no requests");
    rig.shutdown();
}

#[test]
fn it_ends_whatever_is_under_way() {
    let running = serve(6_000, None);
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let project = running.project_id();
    let (catalogue, _) = rig.list(project, 1);
    rig.run(Effect::WantThumbs { generation: 1, requests: (0..400).map(|ix| thumb(&catalogue, ix, 512)).collect() });
    let mut request = picture(&catalogue, 0, &[1, 2, 3]);
    request.current.original.want_original = true;
    rig.run(Effect::WantPicture { generation: 1, request: Some(request) });
    rig.run(Effect::Open { generation: 2, project, iteration: None, has_untagged: false });
    rig.run(Effect::SaveSettings(Box::new(Settings { endpoint: "https://last".to_owned(), ..Settings::default() })));
    rig.run(Effect::Test { endpoint: running.endpoint().to_owned(), key: typed("x", false) });
    let file = rig.home.path().join("config/settings.json");
    let home = std::mem::replace(&mut rig.home, tempfile::tempdir().expect("temporary home"));
    rig.shutdown();
    let kept = std::fs::read_to_string(file).expect("settings");
    assert!(kept.contains("https://last"), "settings asked for before the end are kept");
    drop(home);
}

#[test]
fn keys_are_tried_kept_and_forgotten() {
    let running = serve(3, Some(1));
    let vault = Arc::new(SessionVault::new());
    let mut rig = Rig::with(vault.clone(), |_| {});
    let endpoint = running.endpoint().to_owned();
    let source = service(&running);

    let failure = rig.connect(source.clone(), KeyChoice::Stored).err().expect("no key");
    assert_eq!(failure.kind, FailureKind::NoKey);
    let failure = rig.connect(source.clone(), typed("wrong", true)).err().expect("wrong key");
    assert_eq!(failure.kind, FailureKind::WrongKey);
    assert!(vault.get(&endpoint).expect("vault").is_none(), "a key that is not accepted is not kept");
    rig.run(Effect::Test { endpoint: endpoint.clone(), key: typed("wrong", true) });
    let tested = rig.wait("the test", |event| match event {
        Event::Tested(result) => Some(result.clone()),
        _ => None,
    });
    assert_eq!(tested.expect_err("wrong key").kind, FailureKind::WrongKey);
    let failure = rig.connect(SourceSpec::Service { endpoint: "http://example.com".to_owned() }, typed("k", true));
    assert!(matches!(failure.err().expect("bad").kind, FailureKind::BadEndpoint { .. }));

    let key = running.training_key().expose_secret().to_owned();
    // As people paste it, with a slash at the end.
    let pasted = SourceSpec::Service { endpoint: format!("{endpoint}/") };
    assert!(rig.connect(pasted, typed(&key, true)).expect("connected").notice.is_none());
    assert_eq!(vault.get(&endpoint).expect("vault").expect("kept").expose_secret(), key);
    assert!(rig.connect(source, KeyChoice::Stored).is_ok());
    assert_eq!(key_status(&mut rig, Effect::LookUpKey { endpoint: endpoint.clone() }), (true, None));
    assert_eq!(key_status(&mut rig, Effect::RemoveKey { endpoint: endpoint.clone() }), (false, None));
    assert!(vault.get(&endpoint).expect("vault").is_none());
    assert_no_secret(&rig.shutdown(), &running);
}

fn key_status(rig: &mut Rig, effect: Effect) -> (bool, Option<String>) {
    rig.run(effect);
    rig.wait("the key's status", |event| match event {
        Event::KeyStatus { is_stored, keychain_problem, .. } => Some((*is_stored, keychain_problem.clone())),
        _ => None,
    })
}

struct Broken;

impl Vault for Broken {
    fn get(&self, _: &str) -> Result<Option<SecretString>, StorageError> {
        Err(StorageError::Keychain { reason: "there is no keychain here".to_owned() })
    }

    fn set(&self, _: &str, _: &SecretString) -> Result<(), StorageError> {
        Err(StorageError::Keychain { reason: "there is no keychain here".to_owned() })
    }

    fn remove(&self, _: &str) -> Result<bool, StorageError> {
        Err(StorageError::Keychain { reason: "there is no keychain here".to_owned() })
    }

    fn name(&self) -> &'static str {
        "a broken keychain"
    }
}

#[test]
fn without_a_keychain_the_session_keeps_the_key() {
    let running = serve(3, Some(1));
    let mut rig = Rig::with(Arc::new(Broken), |_| {});
    let key = running.training_key().expose_secret().to_owned();
    let notice = rig.connect(service(&running), typed(&key, true)).expect("connected").notice.expect("notice");
    assert!(notice.contains("this session only") && notice.contains("there is no keychain here"), "{notice}");
    assert!(rig.connect(service(&running), KeyChoice::Stored).is_ok(), "the session has it");
    let (is_stored, problem) = key_status(&mut rig, Effect::LookUpKey { endpoint: running.endpoint().to_owned() });
    assert!(is_stored && problem.is_some());
    assert_no_secret(&rig.shutdown(), &running);
}

#[test]
fn an_expired_address_is_asked_for_again() {
    let running = serve(20, Some(1));
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    let stale = |ix| {
        let mut request = thumb(&catalogue, ix, 64);
        let address = request.target.thumbnail.as_ref().expect("address").expose().replace("sig=", "sig=old");
        request.target.thumbnail = Some(BlobUri::new(address));
        request
    };
    rig.run(Effect::WantThumbs { generation: 1, requests: (0..20).map(stale).collect() });
    for ix in 0..20 {
        assert!(rig.pixels(thumb_key(ix, 64)).is_ok(), "image {ix}");
    }
    let fresh = rig.wait("fresh rows", |event| match event {
        Event::Refreshed { rows, .. } => Some(rows.len()),
        _ => None,
    });
    assert!(fresh > 1, "one call asks for many");
    assert_no_secret(&rig.shutdown(), &running);
}

#[test]
fn an_address_that_cannot_be_had_is_a_failed_cell() {
    // Every signature has expired when it is used, also the fresh one.
    let options = ServeOptions { signature_lifetime: std::time::Duration::ZERO, ..ServeOptions::default() };
    let running = Watched::start(ServedProject::Sample { images: 3, regions: Some(1) }, options);
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    rig.run(Effect::WantThumbs { generation: 1, requests: vec![thumb(&catalogue, 0, 64)] });
    let refused = FailureKind::StoreRefused { status: 403, code: String::new() };
    assert_eq!(rig.pixels(thumb_key(0, 64)).expect_err("expired").kind, refused);
    rig.run(Effect::WantPicture { generation: 1, request: Some(picture(&catalogue, 1, &[])) });
    let failure = rig.pixels(PixelKey::Resized { ix: ImageIx(1) }).expect_err("expired");
    assert_eq!(failure.kind, refused);
    // The same request again is a retry.
    rig.run(Effect::WantPicture { generation: 1, request: Some(picture(&catalogue, 1, &[])) });
    assert!(rig.pixels(PixelKey::Resized { ix: ImageIx(1) }).is_err());
    rig.shutdown();
}

#[test]
fn a_private_network_serves_pictures_through_the_api() {
    let options = ServeOptions { is_private_network: true, ..ServeOptions::default() };
    let running = Watched::start(ServedProject::Sample { images: 4, regions: Some(1) }, options);
    let mut rig = Rig::new();
    rig.engine().connect_service(SourceSpec::Sample, running.endpoint().to_owned(), running.training_key().clone());
    assert_eq!(rig.connected().expect("connected").source, SourceSpec::Sample);
    let cover = rig.wait("counts", |event| match event {
        Event::ProjectCounts { images: Some(4), tags: Some(_), cover, .. } => *cover,
        _ => None,
    });
    assert!(rig.pixels(PixelKey::Cover { id: cover }).is_ok());
    let (catalogue, _) = rig.list(running.project_id(), 1);
    rig.run(Effect::WantThumbs { generation: 1, requests: vec![thumb(&catalogue, 0, 128)] });
    assert!(rig.pixels(thumb_key(0, 128)).is_ok());
    rig.run(Effect::Disconnect);
    rig.run(Effect::Open { generation: 2, project: running.project_id(), iteration: None, has_untagged: false });
    let state = rig.wait("a refusal", |event| match event {
        Event::Listing { generation: 2, state } => Some(state.clone()),
        _ => None,
    });
    assert!(matches!(state, ListingState::Failed { .. }), "{state:?}");
    assert_no_secret(&rig.shutdown(), &running);
}

#[test]
fn two_pictures_are_shown_lightened_and_their_pixels_told() {
    let running = serve(12, None);
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    let mut request = picture(&catalogue, 0, &[]);
    request.beside = Some(picture(&catalogue, 1, &[]).current);
    rig.run(Effect::WantPicture { generation: 1, request: Some(request.clone()) });
    let plain = [0, 1].map(|ix| rig.raster(PixelKey::Resized { ix: ImageIx(ix) }).expect("picture"));
    let at = [0.5, 0.5];
    let told = |rig: &mut Rig, ix: u32| {
        rig.run(Effect::WantPixel { generation: 1, ix: ImageIx(ix), at });
        rig.wait("the pixel", |event| match event {
            Event::Pixel { pixel, .. } if pixel.ix == ImageIx(ix) => Some(pixel.color),
            _ => None,
        })
    };
    let own = |picture: &Mipmap| {
        let [red, green, blue, _] = picture.pixel(picture.width() / 2, picture.height() / 2).expect("pixel");
        Some([red, green, blue])
    };
    assert_eq!([0, 1].map(|ix| told(&mut rig, ix)), [own(&plain[0]), own(&plain[1])]);
    assert_eq!(told(&mut rig, 5), None, "not in sight, not decoded");

    request.adjust = Adjust { brightness: 1.0, ..Adjust::default() };
    rig.run(Effect::WantPicture { generation: 1, request: Some(request.clone()) });
    for ix in [0, 1] {
        let white = rig.raster(PixelKey::Resized { ix: ImageIx(ix) }).expect("picture");
        assert_eq!(own(&white), Some([255, 255, 255]));
        assert_eq!(told(&mut rig, ix), own(&plain[ix as usize]), "the pixel is the picture's own");
    }
    request.adjust = Adjust::default();
    request.current.original.want_original = true;
    request.current.original.tiles = vec![(0, 0, 0)];
    rig.run(Effect::WantPicture { generation: 1, request: Some(request) });
    assert_eq!(rig.raster(PixelKey::Resized { ix: ImageIx(0) }).expect("picture"), plain[0], "as it was");
    assert!(rig.pixels(PixelKey::Tile { ix: ImageIx(0), level: 0, column: 0, row: 0 }).is_ok());
    rig.shutdown();
}
