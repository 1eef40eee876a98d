//! What counts as a picture that has arrived. The right first bytes and the announced length are not enough: a service, a
//! proxy or a broken line can hand out half a file, a page, or nothing, and call that the picture.
//!
//! A picture counts when its file goes to the picture's end and agrees with the store's checksum, where it sends one.
//! One that does not is requested once more, past every cache. If the same bytes come again, they are all that the
//! service has: they are kept and itemized, and the next run asks again. An empty file, a text or page, and a compressed
//! answer are never kept.

use bytes::Bytes;

use super::source::blocking;
use app::{Failure, FailureKind};
use pixels::{self, PixelError, Whole};

#[derive(Clone, Debug)]
pub struct Arrived {
    pub bytes: Bytes,
    pub extent: Extent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    Whole,
    /// All of it, but for the end marker of a JPEG.
    WithoutEndMarker,
    /// Not all of it; what is wrong, without a full stop.
    Part(String),
}

pub(super) struct Came {
    pub(super) bytes: Bytes,
    /// Whether the store's checksum belongs to other bytes.
    pub(super) is_refuted: bool,
}

impl Extent {
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match pixels::check_whole(bytes) {
            Ok(Whole::Ended) => Self::Whole,
            Ok(Whole::WithoutEndMarker) => Self::WithoutEndMarker,
            Err(error) => Self::Part(reason(bytes, &error)),
        }
    }
}

fn reason(bytes: &[u8], error: &PixelError) -> String {
    let foreign = matches!(error, PixelError::UnknownFormat).then(|| pixels::foreign(bytes)).flatten();
    foreign.map_or_else(|| error.to_string(), str::to_owned)
}

impl Arrived {
    /// A file that is all there is of the picture, as from an archive on a disk.
    ///
    /// # Errors
    /// When it is not even the beginning of a picture: empty, a text or page, or a compressed answer.
    pub fn judge(bytes: Bytes) -> Result<Self, Failure> {
        match pixels::foreign(&bytes) {
            Some(words) => Err(not_whole(words)),
            None => Ok(Self { extent: Extent::from_bytes(&bytes), bytes }),
        }
    }
}

/// What has arrived of a picture: `first` when it is whole, else what `again` brings. Fails when neither is a whole picture and
/// the two differ, or are nothing to keep.
pub(super) async fn whole_picture(
    first: Came,
    again: impl Future<Output = Result<Came, Failure>>,
) -> Result<Arrived, Failure> {
    let (first, extent) = judged(first).await?;
    let Extent::Part(_) = extent else { return Ok(Arrived { bytes: first, extent }) };
    let (second, extent) = judged(again.await?).await?;
    match extent {
        Extent::Part(what) if second != first => {
            Err(not_whole(&format!("{what}, and the first download had different data")))
        }
        Extent::Part(what) if pixels::foreign(&second).is_some() => Err(not_whole(&what)),
        extent => Ok(Arrived { bytes: second, extent }),
    }
}

async fn judged(came: Came) -> Result<(Bytes, Extent), Failure> {
    blocking(move || {
        let extent = match Extent::from_bytes(&came.bytes) {
            Extent::Whole | Extent::WithoutEndMarker if came.is_refuted => {
                Extent::Part("its data does not match the storage's checksum (MD5)".to_owned())
            }
            extent => extent,
        };
        Ok((came.bytes, extent))
    })
    .await
}

fn not_whole(reason: &str) -> Failure {
    Failure::bare(FailureKind::NotWhole { reason: reason.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Raster;

    fn picture() -> Bytes {
        let raster = Raster::new(16, 16, [200, 30, 60, 255].repeat(256)).expect("raster");
        pixels::encode_jpeg(&raster, 90).expect("JPEG").into()
    }

    fn came(bytes: impl Into<Bytes>) -> Came {
        Came { bytes: bytes.into(), is_refuted: false }
    }

    /// What becomes of two answers in a row, and whether the second was requested.
    fn fetched(first: Came, second: Result<Came, Failure>) -> (Result<Arrived, Failure>, bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
        let mut is_asked = false;
        let result = runtime.block_on(whole_picture(first, async {
            is_asked = true;
            second
        }));
        (result, is_asked)
    }

    #[test]
    fn a_whole_picture_is_taken_at_once_and_half_a_one_asked_for_again() {
        let whole = picture();
        let half = whole.slice(..whole.len() / 2);
        let (arrived, is_asked) = fetched(came(whole.clone()), Ok(came(half.clone())));
        assert_eq!((arrived.expect("whole").extent, is_asked), (Extent::Whole, false));

        let (arrived, is_asked) = fetched(came(half.clone()), Ok(came(whole.clone())));
        let arrived = arrived.expect("mended");
        assert!(is_asked && arrived.bytes == whole && arrived.extent == Extent::Whole);

        let (arrived, _) = fetched(came(half.clone()), Ok(came(half.clone())));
        let Extent::Part(what) = arrived.expect("what the service has").extent else { panic!("a part") };
        assert!(what.contains("JPEG file ends too early"), "{what}");

        let (arrived, _) = fetched(came(half.clone()), Ok(came(half.slice(1..))));
        assert!(matches!(arrived.expect_err("differs").kind, FailureKind::NotWhole { .. }));
        let gone = Failure::bare(FailureKind::MissingPicture);
        assert_eq!(fetched(came(half), Err(gone.clone())).0.expect_err("gone"), gone);

        let (arrived, is_asked) = fetched(came(whole.slice(..whole.len() - 2)), Ok(came(whole)));
        assert_eq!((arrived.expect("every pixel").extent, is_asked), (Extent::WithoutEndMarker, false));
    }

    #[test]
    fn what_is_no_picture_is_never_kept_however_often_it_comes() {
        for other in [&b""[..], b"<!-- portal --><p>Sign in</p>", b"Please sign in.", b"\x1f\x8b\x08\0\0\0\0\0"] {
            let (arrived, is_asked) = fetched(came(other.to_vec()), Ok(came(other.to_vec())));
            assert!(
                is_asked && matches!(arrived.expect_err("nothing").kind, FailureKind::NotWhole { .. }),
                "{other:?}"
            );
            assert!(Arrived::judge(other.to_vec().into()).is_err());
        }
        // A kind of picture that is not known here may be all the same.
        let (arrived, _) = fetched(came(&b"8BPS\0\x01\0\0"[..]), Ok(came(&b"8BPS\0\x01\0\0"[..])));
        assert!(matches!(arrived.expect("kept").extent, Extent::Part(_)));
    }

    #[test]
    fn a_checksum_that_disagrees_twice_with_the_same_bytes_is_told() {
        let refuted = || Came { bytes: picture(), is_refuted: true };
        let (arrived, is_asked) = fetched(refuted(), Ok(refuted()));
        let Extent::Part(what) = arrived.expect("what the service has").extent else { panic!("a part") };
        assert!(is_asked && what.contains("MD5"), "{what}");
        let (arrived, _) = fetched(refuted(), Ok(came(picture())));
        assert_eq!(arrived.expect("mended").extent, Extent::Whole);
    }
}
