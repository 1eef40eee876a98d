//! Why an object store does not do what it is asked, by what the user can do about it. No key and no signature is in here.

use super::address::StoreKind;

/// What is the matter with a store, or with how it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreTrouble {
    /// Nothing on this computer says who is asking.
    NoCredentials {
        /// Where they were looked for differs.
        kind: StoreKind,
    },
    /// A setting of the environment or of a profile cannot be used.
    BadSetting {
        /// Which, and what is wrong with it: a sentence without a full stop, without the value of a secret.
        reason: String,
    },
    /// The store does not know the key, or the signature does not match it.
    WrongCredentials,
    /// The key, token or signature was valid once.
    ExpiredCredentials,
    /// The credentials are accepted but may not do this.
    Denied,
    /// The clock of this computer is too far from that of the store, so it accepts no signature.
    WrongClock,
    NoContainer,
    NoObject,
    /// There is an object of this name, and nothing is ever overwritten.
    AlreadyThere,
    /// There are objects below the place already.
    NotEmpty,
    /// What was uploaded is not what came back.
    Differs {
        reason: String,
    },
    /// The bucket is in another region.
    OtherRegion {
        region: Option<String>,
    },
    /// The store refuses for another reason.
    Refused {
        status: u16,
        /// The store's code; empty when it sent none.
        code: String,
    },
    /// The answer is not one of such a store.
    NotUnderstood {
        /// Why; none of the content.
        reason: String,
    },
}

impl std::fmt::Display for StoreTrouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoCredentials { kind } => write!(f, "no credentials for {} were found", kind.name()),
            Self::BadSetting { reason } => f.write_str(reason),
            Self::WrongCredentials => f.write_str("the credentials are not accepted"),
            Self::ExpiredCredentials => f.write_str("the credentials have expired"),
            Self::Denied => f.write_str("access is denied"),
            Self::WrongClock => f.write_str("the clock of this computer is wrong"),
            Self::NoContainer => f.write_str("there is no such bucket or container"),
            Self::NoObject => f.write_str("there is no such object"),
            Self::AlreadyThere => f.write_str("the object already exists"),
            Self::NotEmpty => f.write_str("there are objects below it already"),
            Self::Differs { reason } => write!(f, "the object is not what was uploaded: {reason}"),
            Self::OtherRegion { region: Some(region) } => write!(f, "the bucket is in the region {region}"),
            Self::OtherRegion { region: None } => f.write_str("the bucket is in another region"),
            Self::Refused { status, code } if code.is_empty() => write!(f, "the store refused (status {status})"),
            Self::Refused { status, code } => write!(f, "the store refused (status {status}, {code})"),
            Self::NotUnderstood { reason } => write!(f, "the response could not be read: {reason}"),
        }
    }
}
