//! Failures: the kinds, and what can be said of each.

mod stores;
mod words;

pub use stores::starting_over;

use domain::{ObjectAddress, StoreTrouble};

/// What went wrong, in terms the user can act on. The engine and the layers below it turn their errors into this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: FailureKind,
    /// What the words do not say, for "Copy details"; without key, signature or content of answers.
    pub details: String,
}

/// The kinds of failure that people really meet. A `reason` is a phrase without a full stop, unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The endpoint is no address, or not https.
    BadEndpoint { reason: String },
    /// There is no key for the endpoint.
    NoKey,
    /// Only what an earlier visit has left on this computer is there: the service is not connected.
    NotConnected,
    /// Another source is being opened; work of the one that is open would be cut short.
    SourceOpening,
    /// The service does not accept the key (401).
    WrongKey,
    /// The key is accepted but may not do this (403).
    Forbidden,
    /// The resource takes no keys at all.
    KeysDisabled,
    /// The endpoint has no training API of the version that Tagscope speaks.
    NoApi { version: String },
    /// A proxy, such as `the proxy 127.0.0.1:3128 (HTTPS_PROXY)`, does not let the call through.
    Proxy { proxy: String, problem: ProxyTrouble },
    /// The address of the proxy in this variable cannot be read.
    BadProxy { variable: String, reason: String },
    /// Nothing answers under this name.
    UnknownHost { host: String },
    /// No connection.
    Unreachable { host: String },
    /// The connection broke before the answer was whole, at every try.
    CutShort { host: String },
    /// This computer has no root certificates to check a service's with.
    NoRootCertificates,
    /// The connection is not private (certificate).
    NotPrivate { host: String },
    /// It took too long.
    TimedOut,
    /// Something between us and the service answered with a page of its own.
    ProxyPage,
    /// The service redirects, which is never followed with the key.
    Redirected { host: String },
    /// A picture's address redirects to a place of another owner, which is not followed.
    PictureRedirected { host: String },
    /// The picture store refuses, for another reason than the age of the address; no `code` when it sent none.
    StoreRefused { status: u16, code: String },
    /// The answer came compressed in a way that is not unpacked here.
    Compressed { encoding: String },
    /// What came of a picture is not the whole of it, also when it was requested again.
    NotWhole { reason: String },
    /// It asks for fewer calls (429), also after several retries.
    TooManyCalls,
    /// The service failed (5xx), after retries.
    ServiceFailed { status: u16 },
    /// What was requested, such as "project", is not there (404).
    NotFound { what: String },
    /// The service refused for another reason (4xx), in its own words.
    Refused { code: String, message: String },
    /// The answer could not be read.
    BadAnswer { reason: String },
    /// A list has more rows than any real one. `counted`: what the service counts, when it says so.
    EndlessList { rows: u64, counted: Option<u64> },
    /// The signature of a blob has expired and a fresh one did not help.
    Expired,
    /// The picture is not there.
    MissingPicture,
    /// The picture could not be decoded.
    BadPicture { reason: String },
    /// The picture is larger than the limits.
    PictureTooLarge { width: u32, height: u32 },
    /// The folder is neither an archive nor a dataset. `reason` says what was looked for, as a sentence.
    NotAnArchive { path: String, reason: String },
    /// There is no archive at an address of an object store. `reason` says what was looked for, as a sentence.
    NoArchive { place: String, reason: String },
    /// A text is no address of an object store; `reason` says what to type instead, too.
    BadAddress { reason: String },
    /// The folder has the files of an archive, but no manifest that can be used. `what` is the rest of a sentence: `is
    /// missing`.
    NoManifest { path: String, what: String },
    /// An iteration has no predictions.
    NoPredictions { iteration: String },
    /// A file or folder that cannot be used as predictions; `reason` is a sentence.
    NotPredictions { path: String, reason: String },
    /// The folder or file can be read as more than one dataset: their places and formats.
    SeveralDatasets { path: String, found: Vec<String> },
    /// A dataset was read, and none of its pictures is there. `reason` says what was missing where, as a sentence.
    NoPictures { path: String, reason: String },
    /// What was typed names nothing that is there, or more than one thing; `reason` says what could be typed, too.
    NotChosen { reason: String },
    /// The archive has but the name of an iteration.
    IterationNotHeld,
    /// The archive was written by a newer version.
    NewerArchive { version: u32 },
    /// A file of the archive or dataset is damaged.
    BrokenFile { path: String, reason: String },
    /// Something in a file of reviews is wrong, at a line and column, so none of it is taken.
    BadReviews { path: String, reason: String },
    /// The disk is full.
    DiskFull { path: String },
    /// No right to write.
    NotWritable { path: String },
    /// No right to read.
    NotReadable { path: String },
    /// The place is taken.
    AlreadyThere { path: String },
    /// What is at the place, or next to it, must not be touched. `reason` and `advice` are whole sentences that name
    /// every folder.
    Conflict { reason: String, advice: String },
    /// A job was started at this place and not finished: its hidden folder, and where some of it may have been uploaded
    /// to. `other` is a sentence about what it was begun for, where this job cannot continue with it.
    Unfinished { path: String, other: Option<String>, store: Option<Box<ObjectAddress>> },
    /// Another program is at work at this place.
    InUse { path: String },
    /// A file or folder is not there.
    MissingFile { path: String },
    /// The system lets no further file (a path) or connection (a host) be opened.
    OutOfFiles { path: String },
    /// Another failure of the file system.
    Files { path: String, reason: String },
    /// What was read back is not what was written: nothing is published.
    NotVerified { reason: String },
    /// An object store does not do what it is asked; `place` is an address without a secret.
    Store { place: String, trouble: StoreTrouble },
    /// The keychain does not work.
    Keychain { reason: String },
    /// The user stopped it.
    Canceled,
    /// A mistake of ours.
    Internal { reason: String },
}

/// What a proxy does instead of letting a call through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyTrouble {
    Down,
    /// It wants a name and a password, or does not take those it was given.
    WantsPassword,
    Refuses,
    Broken,
}

impl Failure {
    pub fn new(kind: FailureKind, details: impl Into<String>) -> Self {
        Self { kind, details: details.into() }
    }

    /// A failure whose kind says all.
    pub fn bare(kind: FailureKind) -> Self {
        Self { kind, details: String::new() }
    }

    /// The name of the kind, for the log: none of the words in it, which may be the service's.
    pub fn kind_name(&self) -> String {
        format!("{:?}", self.kind).chars().take_while(char::is_ascii_alphanumeric).collect()
    }

    /// A short sentence: for a cell, a row, standard error.
    pub fn headline(&self) -> String {
        words::texts(&self.kind).0
    }

    /// What it means and what to do; empty when the headline says all.
    pub fn advice(&self) -> String {
        words::texts(&self.kind).1
    }

    /// Headline, advice and details, for "Copy details".
    pub fn full_text(&self) -> String {
        let parts = [self.headline(), self.advice(), self.details.clone()];
        parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Whether trying again can help without changing anything first.
    pub(super) fn is_worth_retrying(&self) -> bool {
        use FailureKind as K;
        matches!(
            self.kind,
            K::UnknownHost { .. }
                | K::Unreachable { .. }
                | K::CutShort { .. }
                | K::Proxy { .. }
                | K::TimedOut
                | K::TooManyCalls
                | K::ServiceFailed { .. }
                | K::BadAnswer { .. }
                | K::NotWhole { .. }
                | K::StoreRefused { .. }
                | K::Expired
                | K::ProxyPage
                | K::DiskFull { .. }
                | K::NotWritable { .. }
                | K::NotReadable { .. }
                | K::Files { .. }
                | K::OutOfFiles { .. }
                | K::MissingFile { .. }
                | K::NotVerified { .. }
                | K::Canceled
                | K::Store {
                    trouble: StoreTrouble::ExpiredCredentials
                        | StoreTrouble::Refused { .. }
                        | StoreTrouble::NotUnderstood { .. },
                    ..
                }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_is_explained() {
        let failure = Failure::bare(FailureKind::WrongKey);
        assert!(failure.advice().contains("prediction key") && failure.advice().contains("region"));
        assert!(!failure.is_worth_retrying());
    }

    #[test]
    fn full_text_has_all_parts_without_empty_lines() {
        let failure = Failure::new(FailureKind::Canceled, "by the person");
        assert_eq!(failure.full_text(), "Canceled.\nby the person");
    }
}
