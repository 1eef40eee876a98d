//! An image as the service lists it: the row that a page holds, owned and complete, before the catalogue packs it.

use std::fmt;
use std::sync::Arc;

use super::geometry::UnitRect;
use super::ids::{ImageId, RegionId, TagId};
use super::problem::Problem;
use super::timestamp::Timestamp;

/// One listed image with everything the service says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageRow {
    pub id: ImageId,
    /// When it was uploaded; `None` when the row has no date that can be read.
    pub created: Option<Timestamp>,
    /// Width of the *resized* (training) picture in pixels; the original may be larger.
    pub width: u32,
    pub height: u32,
    pub uris: ImageUris,
    pub tags: Vec<TagMark>,
    pub regions: Vec<RegionRow>,
    pub metadata: Vec<(String, String)>,
    /// Texts that the parsed values would not print again; empty for what the real service sends.
    pub verbatim: Vec<Verbatim>,
    pub problems: Vec<Problem>,
}

impl ImageRow {
    /// The file name that its metadata `name` gives; `None` when there is none.
    pub fn name(&self) -> Option<&str> {
        let named = self.metadata.iter().find(|(key, value)| key == "name" && !value.is_empty());
        named.map(|(_, name)| name.as_str())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct TagMark {
    pub tag: TagId,
    /// Its name at the time of listing; shared among rows.
    pub name: Arc<str>,
    pub created: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RegionRow {
    pub id: RegionId,
    pub tag: TagId,
    pub tag_name: Arc<str>,
    pub created: Option<Timestamp>,
    pub rect: UnitRect,
}

/// A text kept exactly, because the parsed value prints otherwise.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Verbatim {
    pub slot: Slot,
    pub text: Box<str>,
}

/// A value of an image row that can be kept exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Slot {
    ImageCreated,
    TagCreated(u32),
    RegionCreated(u32),
    /// The n-th region's left, top, width or height (0 to 3).
    RegionNumber(u32, u8),
    /// How the numbers of all regions are spelled that have no text of their own: the name of a
    /// [`Spelling`](super::number::Spelling). Absent for the service's usual one.
    Numbers,
}

/// The three pictures the service keeps of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BlobKind {
    /// A small one; its size is not documented.
    Thumbnail,
    /// At most 1600 x 900 in either orientation: what `width` and `height` speak of.
    Resized,
    Original,
}

/// Addresses of an image's pictures. Absolute with a signature, or relative on a private network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageUris {
    pub resized: Option<BlobUri>,
    pub thumbnail: Option<BlobUri>,
    /// `originalImageUri`; the same as `resized` when nothing was resized.
    pub original: Option<BlobUri>,
}

impl ImageUris {
    pub fn get(&self, kind: BlobKind) -> Option<&BlobUri> {
        match kind {
            BlobKind::Thumbnail => self.thumbnail.as_ref(),
            BlobKind::Resized => self.resized.as_ref(),
            BlobKind::Original => self.original.as_ref(),
        }
    }
}

/// A blob's address. Its query is a signature, which is a secret: `Debug` and `Display` leave it out.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BlobUri(Arc<str>);

impl BlobUri {
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The whole address with its signature: only for the request itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn unsigned(&self) -> &str {
        self.0.split(['?', '#']).next().unwrap_or_default()
    }

    /// Whether it is absolute and has lost its signature: an address that was kept from an earlier visit.
    pub fn is_unsigned(&self) -> bool {
        !self.is_relative() && !self.0.contains('?')
    }

    /// Whether it is to be fetched through the service's `artifacts` call (private network).
    pub fn is_relative(&self) -> bool {
        !self.0.contains("://")
    }
}

impl fmt::Debug for BlobUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self)
    }
}

impl fmt::Display for BlobUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.unsigned())?;
        if self.0.len() > self.unsigned().len() {
            f.write_str("?[signature]")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_never_printed() {
        let uri = BlobUri::new("https://a.blob.core.windows.net/i-1/i-2?sv=1&sig=topsecret&se=2");
        let printed = format!("{uri} {uri:?}");
        assert!(!printed.contains("topsecret") && !printed.contains("sig="), "{printed}");
        assert_eq!(uri.unsigned(), "https://a.blob.core.windows.net/i-1/i-2");
    }

    #[test]
    fn relative_addresses_are_told_apart() {
        assert!(BlobUri::new("/i-1/i-2").is_relative());
        assert!(!BlobUri::new("https://host/i-1/i-2").is_relative());
    }
}
