//! Every layer's error in terms the user can act on. Words are made in `app/failure/words`; the details hold the cause chain,
//! without keys, signatures or response bodies, because the layers' own errors contain none.

use std::panic::AssertUnwindSafe;
use std::path::Path;

use futures_util::FutureExt as _;

use super::far::FarError;
use super::pool::{Stopped, panic_words};
use app::failure::ProxyTrouble;
use app::{Failure, FailureKind};
use domain::StoreTrouble;
use pixels::PixelError;
use remote::RemoteError;
use service::{ProxyProblem, Refusal, ServiceError};
use storage::StorageError;
use storage::open_files::OpenFilesWatch;

/// An error of another layer that can be shown as a [`Failure`].
pub trait ToFailure {
    fn to_failure(self) -> Failure;
}

impl ToFailure for ServiceError {
    fn to_failure(self) -> Failure {
        from_service(&self)
    }
}

impl ToFailure for StorageError {
    fn to_failure(self) -> Failure {
        from_storage(&self)
    }
}

impl ToFailure for FarError {
    fn to_failure(self) -> Failure {
        from_far(&self)
    }
}

impl ToFailure for RemoteError {
    fn to_failure(self) -> Failure {
        match &self {
            Self::Network { error, .. } => Failure::new(from_service(error).kind, chain(&self)),
            Self::Store { place, trouble, .. } => {
                Failure::new(FailureKind::Store { place: place.to_string(), trouble: trouble.clone() }, chain(&self))
            }
        }
    }
}

impl ToFailure for PixelError {
    fn to_failure(self) -> Failure {
        from_pixels(&self)
    }
}

impl ToFailure for Stopped {
    fn to_failure(self) -> Failure {
        match self {
            Self::Canceled => canceled(),
            Self::Panicked(words) => internal(words),
        }
    }
}

impl ToFailure for tokio::task::JoinError {
    fn to_failure(self) -> Failure {
        match self.try_into_panic() {
            Ok(panic) => internal(panic_words(&*panic)),
            Err(_) => canceled(),
        }
    }
}

/// Turns another layer's error into a [`Failure`], for `?`. `From` cannot do it: neither type is this layer's own.
pub trait OrFailure<T> {
    /// # Errors
    ///
    /// The same error, as a failure.
    fn or_failure(self) -> Result<T, Failure>;
}

impl<T, E: ToFailure> OrFailure<T> for Result<T, E> {
    fn or_failure(self) -> Result<T, Failure> {
        self.map_err(E::to_failure)
    }
}

/// The same for a file that is written under a hidden name: the failure names the place that the person chose.
pub(super) trait OrFailureAt<T> {
    fn or_failure_at(self, place: &Path) -> Result<T, Failure>;
}

impl<T> OrFailureAt<T> for Result<T, StorageError> {
    fn or_failure_at(self, place: &Path) -> Result<T, Failure> {
        self.map_err(|error| from_storage(&error.at(place)))
    }
}

impl<T> OrFailureAt<T> for Result<T, std::io::Error> {
    fn or_failure_at(self, place: &Path) -> Result<T, Failure> {
        self.map_err(|error| StorageError::write(place, error)).or_failure_at(place)
    }
}

/// The same for a file that was read or written without the storage layer.
pub(super) trait OrIoFailure<T> {
    fn or_read_failure(self, path: &Path) -> Result<T, Failure>;
}

impl<T> OrIoFailure<T> for Result<T, std::io::Error> {
    fn or_read_failure(self, path: &Path) -> Result<T, Failure> {
        self.map_err(|error| from_storage(&StorageError::read(path, error)))
    }
}

pub fn from_service(error: &ServiceError) -> Failure {
    use FailureKind as K;
    use ServiceError as E;
    let kind = match error {
        E::BadEndpoint { reason } => K::BadEndpoint { reason: reason.clone() },
        E::UnusableKey | E::WrongKey(_) => K::WrongKey,
        E::KeysDisabled(_) => K::KeysDisabled,
        E::NoApi { version, .. } => K::NoApi { version: (*version).to_owned() },
        E::Forbidden(_) => K::Forbidden,
        E::NotFound { what, .. } => K::NotFound { what: what.clone() },
        E::Refused(refusal) => refused(refusal),
        E::TooManyCalls { .. } => K::TooManyCalls,
        E::ServiceFailed(refusal) => K::ServiceFailed { status: refusal.status },
        E::ProxyPage { .. } => K::ProxyPage,
        E::Redirected { host, .. } => K::Redirected { host: host.clone() },
        E::PictureRedirected { host, .. } => K::PictureRedirected { host: host.clone() },
        E::StoreRefused(refusal) => K::StoreRefused { status: refusal.status, code: refusal.code.as_str().to_owned() },
        E::Compressed { encoding } => K::Compressed { encoding: encoding.clone() },
        E::UnknownHost { host } => K::UnknownHost { host: host.clone() },
        E::OutOfFiles { host } => K::OutOfFiles { path: host.clone() },
        E::Unreachable { host, .. } => K::Unreachable { host: host.clone() },
        E::CutShort { host } => K::CutShort { host: host.clone() },
        E::Proxy { proxy, problem } => K::Proxy { proxy: proxy.to_string(), problem: proxy_trouble(*problem) },
        E::BadProxy { variable, reason } => {
            K::BadProxy { variable: (*variable).to_owned(), reason: (*reason).to_owned() }
        }
        E::NotPrivate { host, .. } => K::NotPrivate { host: host.clone() },
        E::NoRootCertificates => K::NoRootCertificates,
        E::TimedOut { .. } => K::TimedOut,
        E::BadAnswer { reason } => K::BadAnswer { reason: reason.clone() },
        E::Endless { rows, counted } => K::EndlessList { rows: *rows, counted: *counted },
        E::TooLarge { .. } => K::BadAnswer { reason: error.to_string() },
        E::Expired => K::Expired,
        E::MissingPicture => K::MissingPicture,
    };
    Failure::new(kind, chain(error))
}

fn proxy_trouble(problem: ProxyProblem) -> ProxyTrouble {
    match problem {
        ProxyProblem::Down => ProxyTrouble::Down,
        ProxyProblem::WantsPassword => ProxyTrouble::WantsPassword,
        ProxyProblem::Refuses => ProxyTrouble::Refuses,
        ProxyProblem::Broken => ProxyTrouble::Broken,
    }
}

fn refused(refusal: &Refusal) -> FailureKind {
    let code = refusal.code.as_str();
    let code = if code.is_empty() { refusal.status.to_string() } else { code.to_owned() };
    FailureKind::Refused { code, message: refusal.message.clone() }
}

fn from_far(error: &FarError) -> Failure {
    match error {
        FarError::Remote(RemoteError::Store { place, trouble: StoreTrouble::NoObject, .. }) => {
            Failure::bare(FailureKind::MissingFile { path: place.to_string() })
        }
        FarError::Remote(error) => error.clone().to_failure(),
        FarError::Damaged { place, reason } => {
            let kind = FailureKind::BrokenFile { path: place.to_string(), reason: reason.clone() };
            Failure::new(kind, error.to_string())
        }
        FarError::Local(error) => from_storage(error),
        FarError::Canceled => canceled(),
    }
}

/// What a picture of an archive failed with: a file that is gone is a missing picture, whatever its path.
pub fn from_archived_picture(error: &StorageError) -> Failure {
    let failure = from_storage(error);
    match failure.kind {
        FailureKind::MissingFile { .. } => Failure::new(FailureKind::MissingPicture, error.to_string()),
        _ => failure,
    }
}

pub fn from_storage(error: &StorageError) -> Failure {
    use FailureKind as K;
    use StorageError as E;
    let kind = match error {
        E::DiskFull { path } => K::DiskFull { path: path.display().to_string() },
        E::NotWritable { path, .. } => K::NotWritable { path: path.display().to_string() },
        E::AlreadyThere { path } => K::AlreadyThere { path: path.display().to_string() },
        E::Conflict { reason, advice, .. } => K::Conflict { reason: reason.clone(), advice: advice.clone() },
        E::Unfinished { path, is_other } => {
            K::Unfinished { path: path.display().to_string(), is_other: *is_other, store: None }
        }
        E::InUse { path } => K::InUse { path: path.display().to_string() },
        E::Missing { path } => K::MissingFile { path: path.display().to_string() },
        E::OutOfFiles { path } => K::OutOfFiles { path: path.display().to_string() },
        E::Files { path, source } => K::Files { path: path.display().to_string(), reason: source.to_string() },
        E::NotAnArchive { path, reason } => {
            K::NotAnArchive { path: path.display().to_string(), reason: sentence(reason) }
        }
        E::NewerArchive { version, .. } => K::NewerArchive { version: *version },
        E::Broken { path, reason } => K::BrokenFile { path: path.display().to_string(), reason: reason.clone() },
        E::Far(error) => {
            return error.downcast_ref().map_or_else(|| internal(error.to_string()), from_far);
        }
        E::Keychain { reason } => K::Keychain { reason: reason.clone() },
        E::NoHome => K::Files { path: "The home folder".to_owned(), reason: error.to_string() },
    };
    match kind {
        // Its words are all there is.
        K::Conflict { .. } | K::MissingFile { .. } => Failure::bare(kind),
        _ => Failure::new(kind, chain(error)),
    }
}

pub fn from_pixels(error: &PixelError) -> Failure {
    let kind = match error {
        PixelError::TooLarge { width, height } => FailureKind::PictureTooLarge { width: *width, height: *height },
        other => FailureKind::BadPicture { reason: other.to_string() },
    };
    Failure::new(kind, chain(error))
}

/// The result of a job that ran under a watch. If a file could not be opened because too many are open, that is why the job
/// failed, whatever it reported.
pub(super) fn check_watched<T>(watch: &OpenFilesWatch, result: Result<T, Failure>) -> Result<T, Failure> {
    match (result, watch.check()) {
        (Err(failure), Err(error)) if failure.kind != FailureKind::Canceled => Err(from_storage(&error)),
        (result, _) => result,
    }
}

/// Reads files, and trusts the result only if every file could be opened meanwhile.
pub(super) fn watched<T>(read: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let watch = OpenFilesWatch::begin();
    let result = read().and_then(|found| watch.check().or_failure().map(|()| found));
    check_watched(&watch, result)
}

/// A mistake of ours.
pub fn internal(reason: impl Into<String>) -> Failure {
    Failure::bare(FailureKind::Internal { reason: reason.into() })
}

pub fn canceled() -> Failure {
    Failure::bare(FailureKind::Canceled)
}

/// An error with its causes, one a line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        if !text.ends_with(&words) {
            text.push_str("\nbecause: ");
            text.push_str(&words);
        }
        source = cause.source();
    }
    text
}

/// The reason as a sentence of its own: with a capital letter and a full stop.
pub(crate) fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let Some(first) = letters.next() else { return String::new() };
    let text: String = first.to_uppercase().chain(letters).collect();
    if text.ends_with('.') { text } else { format!("{text}.") }
}

/// The same work; a panic in it becomes [`FailureKind::Internal`](app::FailureKind::Internal). Nothing that the
/// work was changing is used afterwards but through locks that do not mind.
pub(super) async fn guarded<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let result = AssertUnwindSafe(work).catch_unwind().await;
    result.unwrap_or_else(|panic| Err(internal(panic_words(&*panic))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::FailureKind;

    #[test]
    fn kinds_are_kept_apart() {
        let refusal = Refusal { status: 400, message: "No such tag.".to_owned(), ..Refusal::default() };
        let failure = from_service(&ServiceError::Refused(refusal));
        assert_eq!(failure.kind, FailureKind::Refused { code: "400".to_owned(), message: "No such tag.".to_owned() });
        assert_eq!(from_service(&ServiceError::UnusableKey).kind, FailureKind::WrongKey);
        let large = from_pixels(&PixelError::TooLarge { width: 60_000, height: 2 });
        assert_eq!(large.kind, FailureKind::PictureTooLarge { width: 60_000, height: 2 });
        let broken = from_pixels(&PixelError::UnknownFormat);
        assert!(broken.headline().contains("not a JPEG"), "{}", broken.headline());
    }

    #[test]
    fn causes_are_listed_once() {
        let cause = std::io::Error::other("the disk is on fire");
        let error = StorageError::Files { path: "/x".into(), source: cause };
        assert_eq!(chain(&error), "/x: the disk is on fire");
    }

    #[test]
    fn a_reason_becomes_a_sentence() {
        assert_eq!(sentence("there is no manifest.json"), "There is no manifest.json.");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn a_panic_becomes_a_failure() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
        let result: Result<(), _> = runtime.block_on(guarded(async { panic!("off by one") }));
        let failure = result.expect_err("failure");
        assert_eq!(failure.kind, FailureKind::Internal { reason: "off by one".to_owned() });
    }
}
