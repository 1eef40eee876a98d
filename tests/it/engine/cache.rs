//! A disk cache in trouble: full or read-only, damaged, of another version. Pictures come all the same, and what is wrong
//! is said once and taken back.

use std::path::{Path, PathBuf};

use tagscope::app::{Effect, Event};

use super::rig::{Rig, assert_no_secret, serve, thumb, thumb_key};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let inside = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    let mut found: Vec<_> = entries.flat_map(inside).collect();
    found.sort_unstable();
    found
}

#[test]
fn a_cache_that_cannot_be_written_is_said_and_taken_back() {
    let running = serve(120, Some(1));
    let mut rig = Rig::new();
    let blobs = rig.home.path().join("cache/blobs");
    // Refuses even an administrator.
    let in_the_way = blobs.join(running.project_id().to_string());
    std::fs::create_dir_all(&blobs).expect("folder");
    std::fs::write(&in_the_way, "in the way").expect("file");
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    let problem = |rig: &mut Rig| {
        rig.wait("word of the cache", |event| match event {
            Event::CacheProblem(problem) => Some(problem.clone()),
            _ => None,
        })
    };
    rig.run(Effect::WantThumbs { generation: 1, requests: (0..20).map(|ix| thumb(&catalogue, ix, 64)).collect() });
    for ix in 0..20 {
        assert!(rig.pixels(thumb_key(ix, 64)).is_ok(), "{ix}");
    }
    assert!(problem(&mut rig).expect("said").contains("cannot be written"));
    std::fs::remove_file(&in_the_way).expect("make room");
    rig.run(Effect::WantThumbs { generation: 1, requests: (20..120).map(|ix| thumb(&catalogue, ix, 64)).collect() });
    assert_eq!(problem(&mut rig), None, "taken back");
    for ix in 20..120 {
        assert!(rig.pixels(thumb_key(ix, 64)).is_ok(), "{ix}");
    }
    assert!(!files(&in_the_way).is_empty(), "kept again");
    assert_no_secret(&rig.shutdown(), &running);
}

#[test]
fn damaged_entries_and_those_of_another_version_are_fetched_anew() {
    let running = serve(8, Some(1));
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let blobs = rig.home.path().join("cache/blobs").join(running.project_id().to_string());
    let requests = |catalogue| (0..8).map(|ix| thumb(catalogue, ix, 64)).collect();
    let (catalogue, _) = rig.list(running.project_id(), 1);
    rig.run(Effect::WantThumbs { generation: 1, requests: requests(&catalogue) });
    let before: Vec<_> = (0..8).map(|ix| rig.raster(thumb_key(ix, 64)).expect("thumbnail")).collect();
    let whole: Vec<_> = files(&blobs).into_iter().map(|file| (std::fs::read(&file).expect("entry"), file)).collect();
    assert!(whole.len() >= 8);
    for (at, (bytes, file)) in whole.iter().enumerate() {
        let damaged = match at % 4 {
            0 => [b"tagscop1", &bytes[8..]].concat(),
            1 => bytes[..bytes.len() / 2].to_vec(),
            2 => Vec::new(),
            _ => bytes.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at == bytes.len() / 2)).collect(),
        };
        std::fs::write(file, damaged).expect("damage");
    }
    rig.list(running.project_id(), 2);
    rig.run(Effect::WantThumbs { generation: 2, requests: requests(&catalogue) });
    for (ix, before) in (0..8).zip(&before) {
        assert!(rig.raster(thumb_key(ix, 64)).expect("thumbnail") == *before, "{ix}");
    }
    for (bytes, file) in whole.iter().filter(|(_, file)| file.extension().is_some_and(|kind| kind == "t")) {
        assert!(std::fs::read(file).is_ok_and(|now| now == *bytes), "{} is whole again", file.display());
    }
    assert_no_secret(&rig.shutdown(), &running);
}

#[test]
fn half_pictures_in_the_cache_are_dropped_and_fetched_again() {
    let running = serve(4, Some(1));
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let blobs = rig.home.path().join("cache/blobs").join(running.project_id().to_string());
    let requests = |catalogue| (0..4).map(|ix| thumb(catalogue, ix, 64)).collect();
    let (catalogue, _) = rig.list(running.project_id(), 1);
    rig.run(Effect::WantThumbs { generation: 1, requests: requests(&catalogue) });
    let before: Vec<_> = (0..4).map(|ix| rig.raster(thumb_key(ix, 64)).expect("thumbnail")).collect();
    let whole: Vec<_> = files(&blobs).into_iter().map(|file| (std::fs::read(&file).expect("entry"), file)).collect();
    for (bytes, file) in &whole {
        // An entry that is in order itself and holds half a picture, as an earlier version could keep it.
        let half = &bytes[20..bytes.len() / 2];
        let length = (half.len() as u64).to_le_bytes();
        let head = [b"tagscop2".as_slice(), &length, &crc32fast::hash(half).to_le_bytes()].concat();
        std::fs::write(file, [&head, half].concat()).expect("write");
    }
    rig.list(running.project_id(), 2);
    rig.run(Effect::WantThumbs { generation: 2, requests: requests(&catalogue) });
    for (ix, before) in (0..4).zip(&before) {
        assert!(rig.raster(thumb_key(ix, 64)).expect("thumbnail") == *before, "{ix}");
    }
    for (bytes, file) in whole.iter().filter(|(_, file)| file.extension().is_some_and(|kind| kind == "t")) {
        assert!(std::fs::read(file).is_ok_and(|now| now == *bytes), "{} is whole again", file.display());
    }
    assert_no_secret(&rig.shutdown(), &running);
}
