//! Failures: the kinds, and what can be said of each.

mod stores;
mod words;

pub use stores::starting_over;

use domain::{ObjectAddress, StoreTrouble};

/// What went wrong, in terms the user can act on. The engine and the layers below it turn their errors into this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind.
    pub kind: FailureKind,
    /// The cause chain for "Copy details"; without key, signature or content of answers.
    pub details: String,
}

/// The kinds of failure that people really meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The endpoint is no address, or not https.
    BadEndpoint {
        /// What is wrong with it.
        reason: String,
    },
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
    NoApi {
        /// The version.
        version: String,
    },
    /// A proxy does not let the call through.
    Proxy {
        /// Its address and where it is set, such as `the proxy 127.0.0.1:3128 (HTTPS_PROXY)`.
        proxy: String,
        /// What it does instead.
        problem: ProxyTrouble,
    },
    /// The address of the proxy cannot be read.
    BadProxy {
        /// The variable that holds it.
        variable: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing answers under this name.
    UnknownHost {
        /// The host.
        host: String,
    },
    /// No connection.
    Unreachable {
        /// The host.
        host: String,
    },
    /// The connection broke before the answer was whole, at every try.
    CutShort {
        /// The host.
        host: String,
    },
    /// This computer has no root certificates to check a service's with.
    NoRootCertificates,
    /// The connection is not private (certificate).
    NotPrivate {
        /// The host.
        host: String,
    },
    /// It took too long.
    TimedOut,
    /// Something between us and the service answered with a page of its own.
    ProxyPage,
    /// The service redirects, which is never followed with the key.
    Redirected {
        /// Where to: the host only.
        host: String,
    },
    /// A picture's address redirects to a place of another owner, which is not followed.
    PictureRedirected {
        /// Where to: the host only.
        host: String,
    },
    /// The picture store refuses, for another reason than the age of the address.
    StoreRefused {
        /// The HTTP status.
        status: u16,
        /// The store's code; empty when it sent none.
        code: String,
    },
    /// The answer came compressed in a way that is not unpacked here.
    Compressed {
        /// The name of the compression.
        encoding: String,
    },
    /// What came of a picture is not the whole of it, also when it was requested again.
    NotWhole {
        /// What is wrong with it.
        reason: String,
    },
    /// It asks for fewer calls (429), also after several retries.
    TooManyCalls,
    /// The service failed (5xx), after retries.
    ServiceFailed {
        /// The status.
        status: u16,
    },
    /// What was requested is not there (404).
    NotFound {
        /// What: "project", "image", ...
        what: String,
    },
    /// The service refused for another reason (4xx).
    Refused {
        /// The service's own code.
        code: String,
        /// The service's own words.
        message: String,
    },
    /// The answer could not be read.
    BadAnswer {
        /// The reason as a phrase, without a full stop.
        reason: String,
    },
    /// A list has more rows than any real one.
    EndlessList {
        /// Rows at which it was given up.
        rows: u64,
        /// What the service counts, when it says so.
        counted: Option<u64>,
    },
    /// The signature of a blob has expired and a fresh one did not help.
    Expired,
    /// The picture is not there.
    MissingPicture,
    /// The picture could not be decoded.
    BadPicture {
        /// The reason as a phrase, without a full stop.
        reason: String,
    },
    /// The picture is larger than the limits.
    PictureTooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The folder is neither an archive nor a dataset.
    NotAnArchive {
        /// The folder.
        path: String,
        /// What was looked for.
        reason: String,
    },
    /// There is no archive at an address of an object store.
    NoArchive {
        /// The address.
        place: String,
        /// What was looked for, as a sentence.
        reason: String,
    },
    /// A text is no address of an object store.
    BadAddress {
        /// What is wrong and what to type instead: a sentence without a full stop.
        reason: String,
    },
    /// The folder has the files of an archive, but no manifest that can be used.
    NoManifest {
        /// The folder.
        path: String,
        /// What is the matter with its manifest, as the rest of a sentence: `is missing`.
        what: String,
    },
    /// An iteration has no predictions.
    NoPredictions {
        /// The iteration's name.
        iteration: String,
    },
    /// A file or folder that cannot be used as predictions.
    NotPredictions {
        /// The folder or file.
        path: String,
        /// Why, as a sentence.
        reason: String,
    },
    /// The folder or file can be read as more than one dataset.
    SeveralDatasets {
        /// The folder or file.
        path: String,
        /// Each dataset: its place and format.
        found: Vec<String>,
    },
    /// A dataset was read, and none of its pictures is there.
    NoPictures {
        /// The dataset.
        path: String,
        /// What was missing, and where it was looked for.
        reason: String,
    },
    /// What was typed names nothing that is there, or more than one thing.
    NotChosen {
        /// Why, and what could be typed: a sentence without a full stop.
        reason: String,
    },
    /// The archive has but the name of an iteration.
    IterationNotHeld,
    /// The archive was written by a newer version.
    NewerArchive {
        /// Its version.
        version: u32,
    },
    /// A file of the archive or dataset is damaged.
    BrokenFile {
        /// The file.
        path: String,
        /// Where and how.
        reason: String,
    },
    /// Something in a file of reviews is wrong, so none of it is taken.
    BadReviews {
        /// The file.
        path: String,
        /// What is wrong, with line and column.
        reason: String,
    },
    /// The disk is full.
    DiskFull {
        /// Path of the file or folder.
        path: String,
    },
    /// No right to write.
    NotWritable {
        /// Path of the file or folder.
        path: String,
    },
    /// The place is taken.
    AlreadyThere {
        /// Path of the file or folder.
        path: String,
    },
    /// What is at the place, or next to it, must not be touched.
    Conflict {
        /// What is the matter: whole sentences that name every folder.
        reason: String,
        /// The way out: whole sentences.
        advice: String,
    },
    /// A job was started at this place and not finished.
    Unfinished {
        /// Its hidden folder.
        path: String,
        /// Whether it was started for something else.
        is_other: bool,
        /// Where some of it may have been uploaded to.
        store: Option<Box<ObjectAddress>>,
    },
    /// Another program is at work at this place.
    InUse {
        /// Path of the file or folder.
        path: String,
    },
    /// A file or folder is not there.
    MissingFile {
        /// Where it should be.
        path: String,
    },
    /// The system lets no further file or connection be opened.
    OutOfFiles {
        /// What was to be opened: a path, or a host.
        path: String,
    },
    /// Another failure of the file system.
    Files {
        /// Path of the file or folder.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// What was read back is not what was written: nothing is published.
    NotVerified {
        /// The difference.
        reason: String,
    },
    /// An object store does not do what it is asked.
    Store {
        /// What was requested: an address without a secret.
        place: String,
        /// What is the matter.
        trouble: StoreTrouble,
    },
    /// The keychain does not work.
    Keychain {
        /// The reason as a phrase, without a full stop.
        reason: String,
    },
    /// The user stopped it.
    Canceled,
    /// A mistake of ours.
    Internal {
        /// What is known of it.
        reason: String,
    },
}

/// What a proxy does instead of letting a call through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyTrouble {
    /// It cannot be reached.
    Down,
    /// It wants a name and a password, or does not take those it was given.
    WantsPassword,
    /// It refuses to connect to the host.
    Refuses,
    /// It breaks the connection off.
    Broken,
}

impl Failure {
    /// A failure with its details.
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
        words::of(&self.kind).0
    }

    /// What it means and what to do; empty when the headline says all.
    pub fn advice(&self) -> String {
        words::of(&self.kind).1
    }

    /// Headline, advice and details, for "Copy details".
    pub fn full_text(&self) -> String {
        let parts = [self.headline(), self.advice(), self.details.clone()];
        parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Whether trying again can help without changing anything first.
    pub fn is_worth_retrying(&self) -> bool {
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
