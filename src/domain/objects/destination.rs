//! Where an export or an archive goes: a folder of this computer, or a place in an object store.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::address::{AddressError, ObjectAddress};

/// Where a job's result goes.
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
