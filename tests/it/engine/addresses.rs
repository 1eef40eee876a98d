//! Addresses that have expired, and pictures that are there already: how often the service and the blob store are asked.

use std::sync::Arc;

use tagscope::app::{Effect, Event, ExportJob, ListingState, PictureSource, TaskId, ThumbRequest};
use tagscope::domain::{BlobUri, Catalogue, ImageIx, ProjectKind, Raster};
use tagscope::formats::{Format, PixelChoice};
use tagscope::pixels;
use tagscope::server::{self, Running, ServeOptions, ServedProject};
use tagscope::storage::Archive;

use super::folders::write_archive;
use super::rig::{Rig, assert_no_secret, picture, serve, thumb, thumb_key};

const IMAGES: u32 = 300;

/// A service with many small pictures.
fn small_pictures(home: &std::path::Path) -> Running {
    let raster = Raster::new(64, 48, vec![120; 64 * 48 * 4]).expect("raster");
    let place = home.join("archive");
    write_archive(&place, IMAGES as usize, &pixels::encode_jpeg(&raster, 80).expect("jpeg"));
    let archive = Archive::open(&place).expect("archive");
    server::start(ServedProject::Archive(archive), ServeOptions::default()).expect("server")
}

/// Connects, and lists once the counts of the project have come: from then on only what is requested is asked.
fn listed(rig: &mut Rig, running: &Running) -> Catalogue {
    rig.connect_to(running);
    rig.wait("counts", |event| matches!(event, Event::ProjectCounts { .. }).then_some(()));
    let (catalogue, end) = rig.list(running.project_id(), 1);
    assert!(matches!(end, ListingState::Complete { .. }), "{end:?}");
    catalogue
}

/// Wishes for all thumbnails, with their addresses changed.
fn requests(catalogue: &Catalogue, change: impl Fn(&str) -> String) -> Vec<ThumbRequest> {
    let request = |ix| {
        let mut request = thumb(catalogue, ix, 64);
        let address = change(request.target.thumbnail.as_ref().expect("address").expose());
        request.target.thumbnail = Some(BlobUri::new(address));
        request
    };
    (0..IMAGES).map(request).collect()
}

fn wait_for_all(rig: &mut Rig) {
    for ix in 0..IMAGES {
        assert!(rig.pixels(thumb_key(ix, 64)).is_ok(), "image {ix}");
    }
}

#[test]
fn three_hundred_refused_addresses_are_refreshed_in_two_calls() {
    let mut rig = Rig::new();
    let running = small_pictures(rig.home.path());
    let catalogue = listed(&mut rig, &running);
    let before = running.stats();
    let requests = requests(&catalogue, |address| address.replace("sig=", "sig=old"));
    rig.run(Effect::WantThumbs { generation: 1, requests });
    wait_for_all(&mut rig);
    let after = running.stats();
    assert_eq!(after.service_requests - before.service_requests, 2);
    assert!(after.refused_signatures - before.refused_signatures <= 24, "only those that were under way are refused");
    assert_eq!(after.blob_requests_with_key, 0);
    assert_no_secret(&rig.shutdown(), &running);
}

#[test]
fn an_address_that_says_that_it_has_ended_is_not_tried() {
    let mut rig = Rig::new();
    let running = small_pictures(rig.home.path());
    let catalogue = listed(&mut rig, &running);
    let before = running.stats();
    let ended = |address: &str| {
        let (head, query) = address.split_once('?').expect("query");
        let pairs =
            query.split('&').map(|pair| if pair.starts_with("se=") { "se=2020-11-06T16%3A15%3A54Z" } else { pair });
        format!("{head}?{}", pairs.collect::<Vec<_>>().join("&"))
    };
    rig.run(Effect::WantThumbs { generation: 1, requests: requests(&catalogue, ended) });
    wait_for_all(&mut rig);
    let after = running.stats();
    assert_eq!(after.service_requests - before.service_requests, 2);
    assert_eq!(after.refused_signatures, before.refused_signatures, "none was asked for in vain");
    assert_no_secret(&rig.shutdown(), &running);
}

#[test]
fn an_export_takes_originals_that_were_looked_at_from_the_disk() {
    let running = serve(60, Some(1));
    let mut rig = Rig::new();
    let connected = rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    let is_resized = |ix: &u32| !catalogue.get(ImageIx(*ix)).expect("image").is_original_size();
    let seen = (0..57).find(is_resized).expect("an image whose original is larger");
    let mut request = picture(&catalogue, seen, &[]);
    request.current.original.want_original = true;
    rig.run(Effect::WantPicture { generation: 1, request: Some(request) });
    rig.wait("the original's file", |event| match event {
        Event::Picture { info, .. } => (info.source == PictureSource::Original).then_some(()),
        _ => None,
    });
    let before = running.stats().blob_requests;
    let out = rig.home.path().join("exported");
    let job = ExportJob {
        plan: None,
        task: TaskId(1),
        generation: 1,
        images: (seen..seen + 4).map(ImageIx).collect(),
        catalogue: Arc::new(catalogue),
        project: connected.projects[0].project.clone(),
        kind: ProjectKind::Detection,
        iteration: None,
        formats: vec![Format::Coco],
        near_duplicates: Default::default(),
        query: None,
        tags: Vec::new(),
        notes: Vec::new(),
        options: formats::FormatOptions::default(),
        pixels: PixelChoice::Original,
        out: out.into(),
        is_resumed: false,
    };
    rig.run(Effect::Export(Box::new(job)));
    let report = rig.wait("the export", |event| match event {
        Event::ExportDone { report, .. } => Some(report.clone()),
        Event::TaskFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    });
    assert_eq!(report.images_out, 4);
    assert_eq!(running.stats().blob_requests - before, 3, "one of the four was on the disk");
    rig.shutdown();
}
