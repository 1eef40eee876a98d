//! The second visit to a project: its list of the last time comes first, and its pictures by fresh addresses.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tagscope::app::review::{ReviewEffect, ReviewEvent};
use tagscope::app::{Effect, Event, FailureKind, KeyChoice, ListingState, SourceSpec};
use tagscope::domain::{BlobKind, Catalogue, Decision, ImageIx, Statement, Subject, Verdict};
use tagscope::server::{ServeOptions, ServedProject};
use tagscope::storage::SessionVault;

use crate::watched::Watched;

use super::rig::{PATIENCE, Rig, assert_no_secret, picture, serve, thumb, thumb_key};

fn last_visit(rig: &mut Rig, wanted: u64) -> Arc<Catalogue> {
    rig.wait("the list of the last visit", |event| match event {
        Event::LastVisit { generation, catalogue } if *generation == wanted => Some(Arc::clone(catalogue)),
        Event::Page { generation, .. } if *generation == wanted => panic!("a page came first"),
        _ => None,
    })
}

/// The list is written in the background, and nobody is told.
fn wait_for_list(rig: &Rig) -> Vec<u8> {
    let folder = rig.home.path().join("cache/lists");
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let mut entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        if let Some(entry) = entries.find(|entry| entry.path().extension().is_some_and(|end| end == "list")) {
            return std::fs::read(entry.path()).expect("list");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("no list was kept");
}

#[test]
fn a_second_visit_begins_with_the_list_of_the_first() {
    let running = serve(300, Some(2));
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let project = running.project_id();
    let (first, end) = rig.list(project, 1);
    assert!(matches!(end, ListingState::Complete { .. }));
    let catalogue = Arc::new(first.clone());
    rig.run(Effect::KeepList { generation: 1, iteration: None, has_untagged: false, catalogue });
    let kept = wait_for_list(&rig);
    assert!(!kept.windows(4).any(|four| four == b"sig="), "a signature is on the disk");

    rig.run(Effect::Open { generation: 2, project, iteration: None, has_untagged: false });
    let shown = last_visit(&mut rig, 2);
    assert!(shown.has_same_indices(&first));
    // The addresses of then are no longer signed: fresh ones are requested by the images' ids.
    assert!(
        shown.get(ImageIx(3)).and_then(|image| image.uri(BlobKind::Thumbnail)).is_some_and(|uri| uri.is_unsigned())
    );
    rig.run(Effect::WantThumbs { generation: 2, requests: (0..5).map(|ix| thumb(&shown, ix, 64)).collect() });
    for ix in 0..5 {
        assert!(rig.pixels(thumb_key(ix, 64)).is_ok());
    }
    // Under another generation the pictures continue and nothing is listed.
    let places = (0..300).map(|ix| Some(ImageIx(ix))).collect();
    rig.run(Effect::Renumber { generation: 3, project, iteration: None, places });
    rig.run(Effect::WantPicture { generation: 3, request: Some(picture(&first, 0, &[])) });
    assert!(rig.pixels(app::PixelKey::Resized { ix: ImageIx(0) }).is_ok());
    let log = rig.shutdown();
    assert!(!log.contains("generation: 3, page"), "nothing is listed again");
    assert_no_secret(&log, &running);
}

#[test]
fn a_damaged_list_is_no_more_than_a_slower_start() {
    let running = serve(40, Some(1));
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let project = running.project_id();
    let (first, _) = rig.list(project, 1);
    rig.run(Effect::KeepList { generation: 1, iteration: None, has_untagged: false, catalogue: Arc::new(first) });
    let mut bytes = wait_for_list(&rig);
    let folder = rig.home.path().join("cache/lists");
    let path =
        std::fs::read_dir(folder).expect("folder").flatten().map(|entry| entry.path()).find(|path| path.is_file());
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path.expect("list"), bytes).expect("write");
    let (again, end) = rig.list(project, 2);
    assert!(matches!(end, ListingState::Complete { listed: 40, .. }) && again.len() == 40);
    assert!(!rig.shutdown().contains("LastVisit"));
}

fn port_of(running: &server::Running) -> u16 {
    running.endpoint().rsplit(':').next().and_then(|port| port.trim_end_matches('/').parse().ok()).expect("port")
}

#[test]
fn a_list_is_usable_while_the_service_is_down_and_goes_on_when_it_comes() {
    let options =
        |port, key: Option<secrecy::SecretString>| ServeOptions { port, training_key: key, ..Default::default() };
    let content = || ServedProject::Sample { images: 40, regions: Some(1) };
    let running = Watched::start(content(), options(0, None));
    let mut rig = Rig::with(Arc::new(SessionVault::new()), |options| options.client.retry.network_tries = 1);
    let connected = rig.connect_to(&running);
    let (project, source) = (running.project_id(), connected.source);
    let (first, _) = rig.list(project, 1);
    rig.run(Effect::WantThumbs { generation: 1, requests: vec![thumb(&first, 0, 64)] });
    assert!(rig.pixels(thumb_key(0, 64)).is_ok());
    rig.run(Effect::KeepList {
        generation: 1,
        iteration: None,
        has_untagged: false,
        catalogue: Arc::new(first.clone()),
    });
    wait_for_list(&rig);
    rig.run(Effect::Disconnect);
    let SourceSpec::Service { endpoint } = source.clone() else { panic!("{source:?}") };
    let (port, key) = (port_of(&running), running.training_key().clone());
    drop(running);

    // Down: the list and what the cache has are there, the rest says why it is not.
    let recall = |endpoint: &str| Effect::Recall {
        endpoint: endpoint.to_owned(),
        project,
        iteration: None,
        has_untagged: false,
    };
    rig.run(recall("https://b.cognitiveservices.azure.com"));
    rig.run(recall(&endpoint));
    let (shown, kept) = rig.wait("the list of the last visit", |event| match event {
        Event::Recalled { endpoint: of, catalogue, kept_unix, .. } => {
            assert_eq!(*of, endpoint, "of another account");
            Some((Arc::clone(catalogue), *kept_unix))
        }
        _ => None,
    });
    assert!(shown.has_same_indices(&first) && kept.is_some_and(|kept| kept > 0));
    rig.run(Effect::OpenKept { generation: 2, project, iteration: None });
    rig.run(Effect::Review { generation: 2, effect: ReviewEffect::Open { project } });
    rig.wait("the decisions", |event| match event {
        Event::Review { generation: 2, event: ReviewEvent::Loaded { shut: None, .. } } => Some(()),
        _ => None,
    });
    let typed = || KeyChoice::Typed { key: key.clone(), keep: false };
    let failure = rig.connect(source.clone(), typed()).map(|_| ()).expect_err("nobody is there");
    assert!(matches!(failure.kind, FailureKind::Unreachable { .. }), "{failure:?}");
    rig.run(Effect::WantThumbs { generation: 2, requests: vec![thumb(&shown, 0, 64), thumb(&shown, 1, 64)] });
    assert!(rig.pixels(thumb_key(0, 64)).is_ok());
    assert_eq!(rig.pixels(thumb_key(1, 64)).expect_err("not on this computer").kind, FailureKind::NotConnected);

    // Up: the opening of before still takes decisions until it is told what to continue with.
    let running = Watched::start(content(), options(port, Some(key.clone())));
    rig.connect(source, typed()).expect("connected");
    let decision = Decision {
        number: 1,
        at: 77,
        by: "me".into(),
        statement: Statement::Decide {
            subjects: vec![Subject::image(shown.get(ImageIx(0)).expect("image").id())],
            verdict: Some(Verdict::Accepted),
        },
    };
    rig.run(Effect::Review { generation: 2, effect: ReviewEffect::Keep { project, decision: Arc::new(decision) } });
    rig.wait("the disk", |event| match event {
        Event::Review { generation: 2, event: ReviewEvent::Kept { up_to: 1 } } => Some(()),
        _ => None,
    });
    let places = (0..40).map(|ix| Some(ImageIx(ix))).collect();
    rig.run(Effect::Renumber { generation: 3, project, iteration: None, places });
    rig.run(Effect::ResumeListing { generation: 3, iteration: None, has_untagged: false });
    let listed = rig.wait("the end of the listing", |event| match event {
        Event::LastVisit { .. } => panic!("it is on the screen already"),
        Event::Listing { generation: 3, state: ListingState::Complete { listed, .. } } => Some(*listed),
        _ => None,
    });
    assert_eq!(listed, 40);
    rig.run(Effect::WantThumbs { generation: 3, requests: vec![thumb(&shown, 1, 64)] });
    assert!(rig.pixels(thumb_key(1, 64)).is_ok());
    assert_no_secret(&rig.shutdown(), &running);
}

#[test]
fn images_without_tags_are_listed_behind_the_others_and_kept_in_a_list_of_their_own() {
    let running = Watched::start(ServedProject::Sample { images: 240, regions: None }, ServeOptions::default());
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let project = running.project_id();
    let (tagged, _) = rig.list(project, 1);
    assert_eq!((tagged.len(), tagged.untagged_count()), (240, 0));

    rig.run(Effect::Open { generation: 2, project, iteration: None, has_untagged: true });
    let mut all = Catalogue::new();
    let end = rig.wait("the end of the listing", |event| match event {
        Event::Page { generation: 2, page } => {
            all.append(page.rows.clone());
            None
        }
        Event::Listing { generation: 2, state } => {
            (!matches!(state, ListingState::Running { .. })).then(|| state.clone())
        }
        _ => None,
    });
    // The sample has seven of them, which its own count tells too.
    assert!(matches!(end, ListingState::Complete { listed: 247, gone: 0, .. }), "{end:?}");
    assert_eq!((all.len(), all.untagged_count()), (247, 7));
    let is_untagged = |ix: u32| all.get(ImageIx(ix)).expect("image").is_untagged();
    assert!((0..240).all(|ix| !is_untagged(ix)) && (240..247).all(is_untagged));

    rig.run(Effect::KeepList { generation: 2, iteration: None, has_untagged: true, catalogue: Arc::new(all) });
    wait_for_list(&rig);
    rig.run(Effect::Open { generation: 3, project, iteration: None, has_untagged: true });
    let shown = last_visit(&mut rig, 3);
    assert_eq!((shown.len(), shown.untagged_count()), (247, 7));
    rig.run(Effect::Open { generation: 4, project, iteration: None, has_untagged: false });
    rig.wait("a page of the list without them", |event| match event {
        Event::LastVisit { generation: 4, .. } => panic!("the other list was shown"),
        Event::Page { generation: 4, .. } => Some(()),
        _ => None,
    });
    rig.shutdown();
}
