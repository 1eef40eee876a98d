//! Every layer's error in terms the user can act on. Words are made in `app/failure/words`; the details hold what these do not
//! say, without keys, signatures or response bodies, because the layers' own errors contain none.

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
            Self::Network { place, error } => {
                let Failure { kind, details } = from_service(error);
                let place = place.to_string();
                let details = if details.is_empty() { place } else { format!("{place}: {details}") };
                Failure::new(kind, details)
            }
            Self::Store { place, trouble, details } => {
                let kind = FailureKind::Store { place: place.to_string(), trouble: trouble.clone() };
                let is_said = matches!(trouble, StoreTrouble::Refused { .. });
                Failure::new(kind, if is_said { "" } else { details.as_str() })
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
    let failure = Failure::bare(kind);
    let details = beyond(error, &failure.headline());
    Failure { details, ..failure }
}

/// What an error says beyond the headline of its failure.
fn beyond(error: &ServiceError, headline: &str) -> String {
    use ServiceError as E;
    match error {
        E::UnusableKey => "It has characters that no key has, so it was not sent.".to_owned(),
        E::WrongKey(refusal)
        | E::KeysDisabled(refusal)
        | E::Forbidden(refusal)
        | E::Refused(refusal)
        | E::ServiceFailed(refusal)
        | E::StoreRefused(refusal)
        | E::NoApi { refusal, .. }
        | E::NotFound { refusal, .. }
        | E::TooManyCalls { refusal, .. } => said(refusal, headline),
        E::ProxyPage { status } | E::Redirected { status, .. } | E::PictureRedirected { status, .. } => {
            format!("status {status}")
        }
        E::Unreachable { reason, .. } | E::NotPrivate { reason, .. } => reason.clone(),
        E::TimedOut { host } => host.clone(),
        E::BadEndpoint { .. }
        | E::Proxy { .. }
        | E::BadProxy { .. }
        | E::Compressed { .. }
        | E::UnknownHost { .. }
        | E::OutOfFiles { .. }
        | E::NoRootCertificates
        | E::CutShort { .. }
        | E::BadAnswer { .. }
        | E::TooLarge { .. }
        | E::Endless { .. }
        | E::Expired
        | E::MissingPicture => String::new(),
    }
}

/// What a service answered, each part once: `status 401, Unauthorized: The key is invalid.`
fn said(refusal: &Refusal, headline: &str) -> String {
    let status = refusal.status.to_string();
    let is_new = |text: &str| !text.is_empty() && text != status && !headline.contains(text);
    let mut parts = Vec::new();
    if !headline.contains(&status) {
        parts.push(format!("status {status}"));
    }
    if is_new(refusal.code.as_str()) {
        parts.push(refusal.code.as_str().to_owned());
    }
    match (parts.join(", "), is_new(&refusal.message)) {
        (parts, false) => parts,
        (parts, true) if parts.is_empty() => refusal.message.clone(),
        (parts, true) => format!("{parts}: {}", refusal.message),
    }
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
            Failure::bare(FailureKind::BrokenFile { path: place.to_string(), reason: reason.clone() })
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
        E::Unfinished { path, other } => {
            K::Unfinished { path: path.display().to_string(), other: other.clone(), store: None }
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
        E::NotReadable { path } => K::NotReadable { path: path.display().to_string() },
        E::NoHome => K::Conflict {
            reason: "The system has no home folder.".to_owned(),
            advice: "Set TAGSCOPE_HOME to a folder.".to_owned(),
        },
    };
    match error {
        E::NotWritable { reason, .. } => Failure::new(kind, reason.clone()),
        E::NewerArchive { path, known, .. } => {
            Failure::new(kind, format!("{}; this version supports version {known}", path.display()))
        }
        // Its words are all there is.
        _ => Failure::bare(kind),
    }
}

pub fn from_pixels(error: &PixelError) -> Failure {
    let kind = match error {
        PixelError::TooLarge { width, height } => FailureKind::PictureTooLarge { width: *width, height: *height },
        other => FailureKind::BadPicture { reason: other.to_string() },
    };
    Failure::bare(kind)
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
    fn details_say_only_what_the_headline_does_not() {
        let refusal = Refusal { status: 401, code: "401".into(), message: "Access denied.".to_owned() };
        assert_eq!(from_service(&ServiceError::WrongKey(refusal)).details, "status 401: Access denied.");
        let refusal = Refusal { status: 503, message: "Busy.".to_owned(), ..Refusal::default() };
        assert_eq!(from_service(&ServiceError::ServiceFailed(refusal)).details, "Busy.");
        let error = StorageError::Files { path: "/x".into(), source: std::io::Error::other("the disk is on fire") };
        let failure = from_storage(&error);
        assert_eq!((failure.headline().as_str(), failure.details.as_str()), ("/x: the disk is on fire.", ""));
        let error = StorageError::Unfinished { path: "/x".into(), other: None };
        assert_eq!(from_storage(&error).details, "");
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
