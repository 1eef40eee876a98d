//! The second visit to a project: its list of the last time comes first, and its pictures by fresh addresses.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tagscope::app::{Effect, Event, ListingState};
use tagscope::domain::{BlobKind, Catalogue, ImageIx};

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
    rig.run(Effect::KeepList { generation: 1, iteration: None, catalogue });
    let kept = wait_for_list(&rig);
    assert!(!kept.windows(4).any(|four| four == b"sig="), "a signature is on the disk");

    rig.run(Effect::Open { generation: 2, project, iteration: None });
    let shown = last_visit(&mut rig, 2);
    assert!(shown.has_same_indices(&first));
    // The addresses of then are no longer signed: fresh ones are asked for by the images' ids.
    assert!(
        shown.get(ImageIx(3)).and_then(|image| image.uri(BlobKind::Thumbnail)).is_some_and(|uri| uri.is_unsigned())
    );
    rig.run(Effect::WantThumbs { generation: 2, wishes: (0..5).map(|ix| thumb(&shown, ix, 64)).collect() });
    for ix in 0..5 {
        assert!(rig.pixels(thumb_key(ix, 64)).is_ok());
    }
    // Under another generation the pictures go on and nothing is listed.
    let places = (0..300).map(|ix| Some(ImageIx(ix))).collect();
    rig.run(Effect::Renumber { generation: 3, project, iteration: None, places });
    rig.run(Effect::WantPicture { generation: 3, wish: Some(picture(&first, 0, &[])) });
    assert!(rig.pixels(tagscope::app::PixelKey::Resized { ix: ImageIx(0) }).is_ok());
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
    rig.run(Effect::KeepList { generation: 1, iteration: None, catalogue: Arc::new(first) });
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
