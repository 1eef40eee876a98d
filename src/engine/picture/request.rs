//! What is wished for of the canvas's pictures, and the jobs that this is made of, in their order.

use app::PictureRequest;
use app::picture::{PictureTarget, ShownPicture};
use domain::ImageIx;

/// What is wished for, and when it was.
pub(super) struct Request {
    pub(super) pictures: PictureRequest,
    pub(super) epoch: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Job {
    Resized(ImageIx),
    Original(ImageIx),
    Tile(ImageIx, (u8, u16, u16)),
}

impl Job {
    pub(super) fn image(self) -> ImageIx {
        match self {
            Self::Resized(ix) | Self::Original(ix) | Self::Tile(ix, _) => ix,
        }
    }
}

impl Request {
    /// All jobs, the most wanted first. Tiles follow once their original is there.
    pub(super) fn jobs(&self, has_original: impl Fn(ImageIx) -> bool) -> Vec<Job> {
        let mut jobs: Vec<_> = self.pictures.shown().map(|shown| Job::Resized(shown.target.ix)).collect();
        for ShownPicture { target: PictureTarget { ix, .. }, original } in self.pictures.shown() {
            if original.want_original || !original.tiles.is_empty() {
                jobs.push(Job::Original(*ix));
            }
            if has_original(*ix) {
                jobs.extend(original.tiles.iter().map(|&tile| Job::Tile(*ix, tile)));
            }
        }
        jobs.extend(self.pictures.ahead.iter().map(|target| Job::Resized(target.ix)));
        jobs
    }

    pub(super) fn shown(&self, ix: ImageIx) -> Option<&ShownPicture> {
        self.pictures.shown().find(|shown| shown.target.ix == ix)
    }

    pub(super) fn target(&self, ix: ImageIx) -> Option<&PictureTarget> {
        let ahead = || self.pictures.ahead.iter().find(|target| target.ix == ix);
        self.shown(ix).map(|shown| &shown.target).or_else(ahead)
    }

    /// Whether the user asks for the very same again: after a failure that means "try again".
    pub(super) fn is_same(&self, other: &PictureRequest) -> bool {
        let parts = |request: &PictureRequest| -> Vec<_> {
            let part = |shown: &ShownPicture| (shown.target.ix, shown.original.clone());
            request.shown().map(part).collect()
        };
        self.pictures.adjust == other.adjust && parts(&self.pictures) == parts(other)
    }
}
