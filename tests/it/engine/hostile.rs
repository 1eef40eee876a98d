//! The engine against pictures that hurt: a failed cell each, and the engine continues.

use tagscope::app::{Effect, FailureKind, ListingState};
use tagscope::server::{Faults, ServeOptions, ServedProject};

use super::rig::{Rig, assert_no_secret, thumb, thumb_key};
use crate::watched::Watched;

fn serve(faults: &[&str]) -> Watched {
    let faults = Faults::parse(faults).expect("faults");
    let content = ServedProject::Sample { images: 3, regions: Some(1) };
    Watched::start(content, ServeOptions { faults, ..ServeOptions::default() })
}

#[test]
fn hostile_pictures_are_failed_cells() {
    type Is = fn(&FailureKind) -> bool;
    let cases: [(&[&str], Is); 5] = [
        (&["picture=huge-png"], |kind| *kind == FailureKind::PictureTooLarge { width: 60_000, height: 60_000 }),
        (&["picture=huge-gif"], |kind| *kind == FailureKind::PictureTooLarge { width: 65_535, height: 65_535 }),
        (&["picture=endless-chunk"], |kind| matches!(kind, FailureKind::BadPicture { .. })),
        (&["missing-every=1"], |kind| *kind == FailureKind::MissingPicture),
        (&["redirect-blobs-every=1"], |kind| matches!(kind, FailureKind::PictureRedirected { .. })),
    ];
    for (faults, is_expected) in cases {
        let running = serve(faults);
        let mut rig = Rig::new();
        rig.connect_to(&running);
        let (catalogue, end) = rig.list(running.project_id(), 1);
        assert!(matches!(end, ListingState::Complete { listed: 3, .. }), "{end:?}");
        let requests = (0..3).map(|ix| thumb(&catalogue, ix, 64)).collect();
        rig.run(Effect::WantThumbs { generation: 1, requests });
        for ix in 0..3 {
            let failure = rig.pixels(thumb_key(ix, 64)).expect_err("no picture");
            assert!(is_expected(&failure.kind), "{faults:?}: {failure:?}");
        }
        assert_no_secret(&rig.shutdown(), &running);
    }
}
