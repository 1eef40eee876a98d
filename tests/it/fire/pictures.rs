//! Pictures under fire: lost, cut, slow, redirected, expired, huge, endless.

use std::ops::Deref;

use tagscope::domain::{BlobKind, BlobUri};
use tagscope::pixels::{self, DecodeRequest, PixelError};
use tagscope::server::ServedProject;
use tagscope::service::ServiceError;

use super::range::{archive, blob, client, ends, first_row, picture, start};
use crate::watched::Watched;

/// An archive of four small images, served with faults.
struct Few {
    service: Watched,
    _folder: tempfile::TempDir,
}

impl Few {
    fn with(faults: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let archive = archive(&folder.path().join("archive"), 4);
        Self { service: start(ServedProject::Archive(archive), faults), _folder: folder }
    }
}

impl Deref for Few {
    type Target = Watched;

    fn deref(&self) -> &Watched {
        &self.service
    }
}

/// What comes for the newest image's original, so many times.
async fn asked(service: &Watched, times: usize) -> Vec<Result<Vec<u8>, ServiceError>> {
    let client = client(service);
    let row = first_row(service, &client).await;
    let mut found = Vec::new();
    for _ in 0..times {
        found.push(blob(service, &client, &row, BlobKind::Original).await.map(|bytes| bytes.to_vec()));
    }
    found
}

#[tokio::test]
async fn without_faults_it_is_the_file() {
    assert_eq!(asked(&Few::with(&[]), 1).await, [Ok(picture(0))]);
}

#[tokio::test]
async fn a_missing_picture_is_told_and_the_next_one_comes() {
    for relative in ["relative=none", "relative=all"] {
        let few = Few::with(&["missing-every=2", relative]);
        let found = asked(&few, 3).await;
        assert_eq!(found, [Ok(picture(0)), Err(ServiceError::MissingPicture), Ok(picture(0))], "{relative}");
    }
}

#[tokio::test]
async fn a_cut_picture_is_fetched_again_until_it_is_whole() {
    let few = Few::with(&["cut-blobs-every=2"]);
    assert_eq!(asked(&few, 4).await, vec![Ok(picture(0)); 4]);
    assert!(few.stats().faults >= 3, "{:?}", few.stats());
    // Through the service, where the call is cut.
    let few = Few::with(&["cut-every=2", "relative=all"]);
    assert_eq!(asked(&few, 4).await, vec![Ok(picture(0)); 4]);
    assert!(few.stats().faults >= 3, "{:?}", few.stats());
}

#[tokio::test]
async fn a_picture_that_is_always_cut_is_given_up() {
    let few = Few::with(&["cut-blobs-every=1"]);
    let found = asked(&few, 1).await;
    assert!(matches!(found[..], [Err(ServiceError::CutShort { .. })]), "{found:?}");
    assert!(few.stats().blob_requests < 20);
}

#[tokio::test]
async fn a_slow_picture_arrives() {
    let few = Few::with(&["blob-bytes-a-second=2000"]);
    assert_eq!(asked(&few, 1).await, [Ok(picture(0))]);
}

#[tokio::test]
async fn a_redirected_picture_is_an_error_and_nobody_goes_there() {
    for (faults, is_keyed) in
        [(["redirect-blobs-every=2", "relative=none"], false), (["redirect-every=3", "relative=all"], true)]
    {
        let few = Few::with(&faults);
        let found = asked(&few, 2).await;
        assert_eq!(found[0], Ok(picture(0)), "{faults:?}");
        let is_told = match &found[1] {
            Err(ServiceError::PictureRedirected { .. }) => !is_keyed,
            Err(ServiceError::Redirected { .. }) => is_keyed,
            _ => false,
        };
        assert!(is_told, "{faults:?}: {:?}", found[1]);
        assert_eq!(few.stats().elsewhere_requests, 0);
    }
}

#[tokio::test]
async fn an_expired_address_is_told_as_that() {
    // It has expired by the time it is asked for, however quickly that is.
    let found = asked(&Few::with(&["signature-seconds=0"]), 2).await;
    assert_eq!(found, [Err(ServiceError::Expired), Err(ServiceError::Expired)]);
}

#[tokio::test]
async fn a_fresh_address_works_where_the_old_one_is_refused() {
    let few = Few::with(&[]);
    let client = client(&few);
    let mut row = first_row(&few, &client).await;
    let old = row.uris.original.take().expect("an address");
    let refused = old.expose().replace("se=2", "se=1");
    assert_ne!(refused, old.expose(), "it ends in another millennium");
    row.uris.original = Some(BlobUri::new(refused));
    assert_eq!(blob(&few, &client, &row, BlobKind::Original).await, Err(ServiceError::Expired));
    let fresh = ends(client.images_by_ids(few.project_id(), None, &[row.id])).await.expect("row");
    let bytes = blob(&few, &client, &fresh.rows[0], BlobKind::Original).await.expect("picture");
    assert_eq!(bytes, picture(0));
}

#[tokio::test]
async fn what_is_no_picture_is_never_shown_as_one() {
    let request = DecodeRequest { listed_size: (32, 24), max_side: Some(320) };
    let decoded = async |kind: &str| {
        let few = Few::with(&[&format!("picture={kind}")]);
        let bytes = asked(&few, 1).await.remove(0).expect("bytes");
        assert_eq!(few.stats().faults, 1);
        pixels::decode(&bytes, request).expect_err(kind)
    };
    assert!(matches!(decoded("huge-png").await, PixelError::TooLarge { width: 60_000, height: 60_000 }));
    assert!(matches!(decoded("huge-gif").await, PixelError::TooLarge { width: 65_535, height: 65_535 }));
    assert_eq!(decoded("text").await, PixelError::UnknownFormat);
    assert_eq!(decoded("empty").await, PixelError::Empty);
    for kind in ["endless-chunk", "truncated"] {
        let error = decoded(kind).await;
        assert!(matches!(error, PixelError::Truncated { .. } | PixelError::Broken { .. }), "{kind}: {error}");
    }
    // A length that agrees with half a file.
    let few = Few::with(&["short-blobs-every=1"]);
    let half = asked(&few, 1).await.remove(0).expect("bytes");
    assert!(half.len() < picture(0).len() && pixels::decode(&half, request).is_err());
}

#[tokio::test]
async fn a_picture_that_never_ends_is_given_up() {
    let found = asked(&Few::with(&["picture=endless"]), 1).await;
    assert!(matches!(found[..], [Err(ServiceError::TooLarge { .. })]));
}
