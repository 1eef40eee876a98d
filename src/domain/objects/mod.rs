//! Places in object stores: their addresses, and what can be wrong with them. How they are reached is `remote`'s
//! business.

mod address;

pub use address::{AddressError, ObjectAddress, StoreKind};

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    Folder(PathBuf),
    Store(ObjectAddress),
}

impl Destination {
    /// Reads what was typed. A path is kept as typed.
    ///
    /// # Errors
    /// When it is meant as an address and is none.
    pub fn parse(typed: &str) -> Result<Self, AddressError> {
        match ObjectAddress::is_meant_by(typed) {
            true => typed.parse().map(Self::Store),
            false => Ok(Self::Folder(typed.into())),
        }
    }

    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Store(_) => None,
        }
    }

    /// Its last name: `forks` of `/data/forks` and of `s3://bucket/sets/forks`.
    pub fn last_name(&self) -> String {
        match self {
            Self::Folder(folder) => {
                folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
            }
            Self::Store(address) => address.last_name().to_owned(),
        }
    }
}

impl Default for Destination {
    fn default() -> Self {
        Self::Folder(PathBuf::new())
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Store(address) => write!(f, "{address}"),
        }
    }
}

impl<P: Into<PathBuf>> From<P> for Destination {
    fn from(folder: P) -> Self {
        Self::Folder(folder.into())
    }
}

/// As the path or the address.
impl Serialize for Destination {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Folder(folder) => folder.serialize(serializer),
            Self::Store(address) => serializer.collect_str(address),
        }
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

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

impl fmt::Display for StoreTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_addresses_are_told_apart_also_when_they_are_kept() {
        for (text, name) in
            [("/data/forks", "forks"), ("s3://bucket/sets/forks", "forks"), ("az://pictures", "pictures")]
        {
            let destination = Destination::parse(text).expect(text);
            assert_eq!((destination.to_string(), destination.last_name()), (text.to_owned(), name.to_owned()));
            assert_eq!(destination.folder().is_some(), text.starts_with('/'));
            let kept = serde_json::to_string(&destination).expect("JSON");
            assert_eq!(kept, format!("{text:?}"));
            assert_eq!(serde_json::from_str::<Destination>(&kept).expect("read"), destination);
        }
        assert!(Destination::parse("s3:/bucket").is_err());
    }
}
