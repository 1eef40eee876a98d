//! Crops for the region wall, orders and comparisons, against the built-in service.

use std::sync::Arc;

use tagscope::app::picture::PictureTarget;
use tagscope::app::wall::{Basis, CropRequest, WallEffect, WallEvent};
use tagscope::app::{Effect, Event, FailureKind, PixelKey};
use tagscope::domain::{Catalogue, ImageIx, RegionIx, RegionOrder, RegionSort};
use tagscope::server::{Faults, ServeOptions, ServedProject};
use tagscope::storage::SessionVault;

use super::rig::{Rig, assert_no_secret, serve};
use crate::watched::Watched;

fn request(catalogue: &Catalogue, ix: u32, side: u16) -> CropRequest {
    let image = catalogue.get(ImageIx(ix)).expect("image");
    CropRequest {
        target: PictureTarget::new(image),
        side,
        crops: image.regions().map(|region| (PixelKey::Crop { region: region.ix, side }, region.rect)).collect(),
    }
}

fn want(rig: &Rig, requests: Vec<CropRequest>) {
    rig.run(Effect::Wall { generation: 1, effect: WallEffect::WantCrops(requests) });
}

fn key(region: u32, side: u16) -> PixelKey {
    PixelKey::Crop { region: RegionIx(region), side }
}

fn crops(rig: &Rig) -> Vec<PixelKey> {
    rig.other_pixels().into_iter().filter(|key| matches!(key, PixelKey::Crop { .. })).collect()
}

#[test]
fn one_picture_serves_all_its_crops() {
    let running = serve(4, Some(6));
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    let before = running.stats().blob_requests;
    want(&rig, vec![request(&catalogue, 0, 128), request(&catalogue, 1, 128)]);
    for region in 0..12 {
        let (width, height) = rig.pixels(key(region, 128)).expect("crop");
        assert!(width.max(height) <= 128 && width > 4 && height > 4, "{width} x {height}");
    }
    // The cover of the list of projects may come in between.
    let fetched = running.stats().blob_requests - before;
    assert!((2..=3).contains(&fetched), "one picture each: {fetched}");

    // The same request again brings nothing new; another size does.
    want(&rig, vec![request(&catalogue, 0, 128), request(&catalogue, 2, 64)]);
    assert!(rig.pixels(key(12, 64)).is_ok());
    assert!(!crops(&rig).contains(&key(0, 128)));
    assert_no_secret(&rig.shutdown(), &running);
}

#[test]
fn crops_that_scrolled_away_are_forgotten() {
    let running = serve(60, Some(2));
    // Room for one crop: nothing can be reported until it is taken.
    let mut rig = Rig::with(Arc::new(SessionVault::new()), |options| options.inbox_bytes = 1 << 10);
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    want(&rig, (0..40).map(|ix| request(&catalogue, ix, 64)).collect());
    want(&rig, (50..52).map(|ix| request(&catalogue, ix, 64)).collect());
    for region in 100..104 {
        assert!(rig.pixels(key(region, 64)).is_ok());
    }
    let old = crops(&rig);
    assert!(old.len() <= 1, "one may have been reported before the requests changed: {old:?}");
    rig.shutdown();
}

#[test]
fn a_picture_that_is_missing_fails_each_of_its_crops_and_can_be_tried_again() {
    let options =
        ServeOptions { faults: Faults::parse(["missing-every=1"]).expect("faults"), ..ServeOptions::default() };
    let running = Watched::start(ServedProject::Sample { images: 2, regions: Some(2) }, options);
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    for _ in 0..2 {
        want(&rig, vec![request(&catalogue, 1, 64)]);
        for region in 2..4 {
            assert_eq!(rig.pixels(key(region, 64)).expect_err("missing").kind, FailureKind::MissingPicture);
        }
    }
    rig.shutdown();
}

fn order(rig: &mut Rig, request: u64, catalogue: &Arc<Catalogue>, sort: RegionSort) -> Arc<RegionOrder> {
    let images = catalogue.iter().map(|image| image.ix).collect();
    let basis = Basis { images, only: None, chosen: None, near: None, sort: sort.into(), is_grouped: true };
    let effect = WallEffect::Order { request, catalogue: Arc::clone(catalogue), basis };
    rig.run(Effect::Wall { generation: 1, effect });
    rig.wait("the order", |event| match event {
        Event::Wall { event: WallEvent::Ordered { request: of, order }, .. } if *of == request => {
            Some(Arc::clone(order))
        }
        _ => None,
    })
}

#[test]
fn regions_are_compared_in_the_background_and_ordered_by_what_is_known() {
    let running = serve(30, Some(4));
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    let catalogue = Arc::new(catalogue);
    let unknown = order(&mut rig, 1, &catalogue, RegionSort::LeastAlike);
    assert_eq!(unknown.len(), 120);
    let images: Arc<[ImageIx]> = catalogue.iter().map(|image| image.ix).collect();
    let compare = || WallEffect::Compare { catalogue: Arc::clone(&catalogue), images: Arc::clone(&images), only: None };
    let compared = |rig: &mut Rig| {
        rig.run(Effect::Wall { generation: 1, effect: compare() });
        rig.wait("the comparison", |event| match event {
            Event::Wall { event: WallEvent::Compared(compared), .. } if compared.done == compared.total => {
                Some(*compared)
            }
            _ => None,
        })
    };
    assert_eq!(compared(&mut rig).total, 30);
    let known = order(&mut rig, 2, &catalogue, RegionSort::LeastAlike);
    assert_eq!(known.len(), 120);
    assert_ne!(known.items, unknown.items, "now it follows the pixels");
    // What is known is not looked at again.
    let before = running.stats().blob_requests;
    compared(&mut rig);
    assert_eq!(running.stats().blob_requests, before);
    rig.shutdown();
}
