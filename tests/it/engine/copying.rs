//! Pictures for the clipboard and files to show, against the built-in service and an archive.

use tagscope::app::picture::{CopiedPicture, CopyEffect, CopyEvent, PictureTarget};
use tagscope::app::{Effect, Event, Failure, FailureKind};
use tagscope::domain::{Catalogue, ImageIx, UnitRect};
use tagscope::server::{Faults, ServeOptions, ServedProject};

use super::rig::{Rig, assert_no_secret, serve};
use crate::watched::Watched;

fn target(catalogue: &Catalogue, ix: u32) -> Box<PictureTarget> {
    Box::new(PictureTarget::new(catalogue.get(ImageIx(ix)).expect("image")))
}

fn copy(rig: &mut Rig, number: u64, target: &PictureTarget, part: Option<UnitRect>) -> Result<CopiedPicture, Failure> {
    let effect = CopyEffect::Picture { number, target: Box::new(target.clone()), part };
    rig.run(Effect::Copy { generation: 1, effect });
    rig.wait("the picture", |event| match event {
        Event::Copied { event: CopyEvent::Picture { number: of, result, .. }, .. } if *of == number => {
            Some(result.clone())
        }
        _ => None,
    })
}

#[test]
fn a_crop_has_the_originals_own_pixels() {
    let running = serve(2, Some(3));
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    let target = target(&catalogue, 1);
    let whole = copy(&mut rig, 1, &target, None).expect("picture");
    assert!(whole.is_original);
    let (width, height) = (whole.raster.width(), whole.raster.height());
    for (number, region) in (2..).zip(catalogue.get(ImageIx(1)).expect("image").regions()) {
        let crop = copy(&mut rig, number, &target, Some(region.rect)).expect("crop").raster;
        let edge = |share: f32, side: u32| f64::from(share) * f64::from(side);
        let (left, top) = (edge(region.rect.left, width) + 1e-3, edge(region.rect.top, height) + 1e-3);
        let (left, top) = (left.floor() as u32, top.floor() as u32);
        let right = (edge(region.rect.left + region.rect.width, width) - 1e-3).ceil() as u32;
        assert_eq!(crop.width(), right.min(width) - left);
        for (x, y) in [(0, 0), (crop.width() - 1, 0), (crop.width() / 2, crop.height() - 1)] {
            assert_eq!(crop.pixel(x, y), whole.raster.pixel(left + x, top + y), "{x} {y}");
        }
    }
    assert_no_secret(&rig.shutdown(), &running);
}

#[test]
fn a_picture_that_is_missing_is_said_to_be() {
    let options =
        ServeOptions { faults: Faults::parse(["missing-every=1"]).expect("faults"), ..ServeOptions::default() };
    let running = Watched::start(ServedProject::Sample { images: 2, regions: Some(2) }, options);
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    let failure = copy(&mut rig, 1, &target(&catalogue, 0), None).expect_err("missing");
    assert_eq!(failure.kind, FailureKind::MissingPicture);
    // A service has no files on this computer.
    let id = catalogue.get(ImageIx(0)).expect("image").id();
    let effect = CopyEffect::FindFile { id, name: None, source: "/".into() };
    rig.run(Effect::Copy { generation: 1, effect });
    let failure = rig.wait("the file", |event| match event {
        Event::Copied { event: CopyEvent::File(result), .. } => Some(result.clone()),
        _ => None,
    });
    assert_eq!(failure.expect_err("no file").kind, FailureKind::MissingPicture);
    rig.shutdown();
}
