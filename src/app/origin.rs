//! Where a failure comes from: this decides the exit status of a command, and whether a job that fetches many pictures can
//! continue after one of them has failed.

use super::failure::FailureKind;
use domain::StoreTrouble;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureOrigin {
    /// The command or the settings ask for something that cannot be.
    Usage,
    /// The service does not let anybody in with this key.
    Login,
    /// The service or the picture store was reached and refuses what was asked for.
    Refusal,
    /// The service cannot be reached, or fails.
    Network,
    /// An answer came that is of no use, for a reason that may be the address's alone.
    Answer,
    /// Bytes came that are not the whole picture. The store works: what it has of this picture may be all there is.
    Content,
    /// A file or picture on this computer, or the lack of it.
    Local,
    /// The work was stopped, or this computer has no means left for it: nothing after it can work either.
    Stopped,
}

impl FailureKind {
    pub fn origin(&self) -> FailureOrigin {
        match self {
            Self::BadEndpoint { .. } | Self::BadProxy { .. } | Self::NotChosen { .. } => FailureOrigin::Usage,
            Self::NoKey | Self::WrongKey | Self::Forbidden | Self::KeysDisabled => FailureOrigin::Login,
            Self::NoApi { .. }
            | Self::NotFound { .. }
            | Self::IterationNotHeld
            | Self::Refused { .. }
            | Self::StoreRefused { .. } => FailureOrigin::Refusal,
            Self::UnknownHost { .. }
            | Self::Unreachable { .. }
            | Self::CutShort { .. }
            | Self::Proxy { .. }
            | Self::NotPrivate { .. }
            | Self::NoRootCertificates
            | Self::TimedOut
            | Self::ProxyPage
            | Self::Redirected { .. }
            | Self::Compressed { .. }
            | Self::NotConnected
            | Self::TooManyCalls
            | Self::ServiceFailed { .. }
            | Self::EndlessList { .. } => FailureOrigin::Network,
            // Each picture has an address of its own: one that redirects says nothing about the others.
            Self::PictureRedirected { .. } | Self::BadAnswer { .. } | Self::Expired => FailureOrigin::Answer,
            Self::NotWhole { .. } => FailureOrigin::Content,
            Self::Store { trouble, .. } => store_origin(trouble),
            Self::BadAddress { .. } => FailureOrigin::Usage,
            Self::NoArchive { .. } => FailureOrigin::Refusal,
            Self::MissingPicture
            | Self::BadPicture { .. }
            | Self::PictureTooLarge { .. }
            | Self::NotAnArchive { .. }
            | Self::NoManifest { .. }
            | Self::NotPredictions { .. }
            | Self::NoPredictions { .. }
            | Self::SeveralDatasets { .. }
            | Self::NoPictures { .. }
            | Self::NewerArchive { .. }
            | Self::BrokenFile { .. }
            | Self::BadReviews { .. }
            | Self::NotWritable { .. }
            | Self::NotReadable { .. }
            | Self::AlreadyThere { .. }
            | Self::Conflict { .. }
            | Self::SourceOpening
            | Self::Unfinished { .. }
            | Self::InUse { .. }
            | Self::Files { .. }
            | Self::MissingFile { .. }
            | Self::NotVerified { .. }
            | Self::Keychain { .. }
            | Self::Internal { .. } => FailureOrigin::Local,
            Self::DiskFull { .. } | Self::OutOfFiles { .. } | Self::Canceled => FailureOrigin::Stopped,
        }
    }
}

fn store_origin(trouble: &StoreTrouble) -> FailureOrigin {
    use StoreTrouble as T;
    match trouble {
        T::BadSetting { .. } => FailureOrigin::Usage,
        T::NoCredentials { .. } | T::WrongCredentials | T::ExpiredCredentials | T::Denied | T::WrongClock => {
            FailureOrigin::Login
        }
        T::NoContainer | T::NoObject | T::OtherRegion { .. } | T::Refused { .. } => FailureOrigin::Refusal,
        T::NotUnderstood { .. } => FailureOrigin::Answer,
        T::AlreadyThere | T::NotEmpty | T::Differs { .. } => FailureOrigin::Local,
    }
}

impl FailureOrigin {
    /// The exit status of a command that ends with such a failure.
    pub fn status(self) -> u8 {
        match self {
            Self::Local | Self::Stopped => 1,
            Self::Usage => 2,
            Self::Login | Self::Refusal => 3,
            Self::Network | Self::Answer | Self::Content => 4,
        }
    }

    /// Whether one picture that fails so means that no other can be had: the job ends at once.
    pub fn ends_at_once(self) -> bool {
        matches!(self, Self::Usage | Self::Login | Self::Stopped)
    }

    /// Whether many pictures in a row that fail so mean that no other can be had. `has_some` says whether any picture has
    /// come: then a refusal, or an answer of no use, is about the single picture.
    ///
    /// Bytes that are not a whole picture never end a job, even where no picture has come: the store answers, and the labels
    /// are worth keeping without the pictures.
    pub fn ends_in_a_row(self, has_some: bool) -> bool {
        match self {
            Self::Usage | Self::Login | Self::Stopped | Self::Network => true,
            Self::Refusal | Self::Answer => !has_some,
            Self::Content | Self::Local => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_redirects_ends_a_job_only_while_none_has_come() {
        let origin = FailureKind::PictureRedirected { host: "elsewhere.example".to_owned() }.origin();
        assert_eq!(
            (origin.ends_at_once(), origin.ends_in_a_row(false), origin.ends_in_a_row(true)),
            (false, true, false)
        );
        assert_eq!(origin.status(), 4);
    }

    #[test]
    fn pictures_that_are_not_whole_never_end_a_job() {
        let origin = FailureKind::NotWhole { reason: "the file is empty".to_owned() }.origin();
        assert!(!origin.ends_at_once() && !origin.ends_in_a_row(false) && !origin.ends_in_a_row(true));
        assert_eq!(origin.status(), 4);
    }

    #[test]
    fn a_service_that_is_gone_ends_a_job_after_some_pictures_and_a_wrong_key_at_once() {
        for kind in [FailureKind::TimedOut, FailureKind::NotConnected, FailureKind::ServiceFailed { status: 503 }] {
            assert!(!kind.origin().ends_at_once() && kind.origin().ends_in_a_row(true), "{kind:?}");
        }
        let full = FailureKind::OutOfFiles { path: "a".to_owned() };
        for kind in [FailureKind::WrongKey, FailureKind::Canceled, full] {
            assert!(kind.origin().ends_at_once(), "{kind:?}");
        }
    }
}
