//! Checksums: SHA-256, which manifests have, and what stores call an object that was uploaded in one request (its MD5) or in
//! parts (the MD5 of the MD5s of its parts, and their number).

use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::error::RemoteError;
use super::objects::Store;

/// The longest object that is sent in one request, and the usual length of a part.
pub const PART: u64 = 16 << 20;
/// Stores take 10,000 parts at most.
const MOST_PARTS: u64 = 9_000;

/// How long the parts of an object of so many bytes are.
pub fn part_length(bytes: u64) -> u64 {
    PART.max(bytes.div_ceil(MOST_PARTS).next_multiple_of(1 << 20))
}

/// The sums of content that comes part by part.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    sha256: Sha256,
    md5: Md5,
    of_parts: Md5,
    parts: u64,
}

impl Sums {
    /// Takes the next part, as it is sent.
    pub fn add(&mut self, part: &[u8]) {
        self.sha256.update(part);
        self.md5.update(part);
        self.of_parts.update(Md5::digest(part));
        self.parts += 1;
    }

    /// Whether no part has come yet.
    pub fn is_empty(&self) -> bool {
        self.parts == 0
    }

    /// The SHA-256.
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256.clone().finalize().into()
    }

    /// Whether what a store calls an object says that its content is this. `false` says nothing: stores are free to call
    /// objects otherwise.
    pub fn are_of(&self, tag: Option<&str>) -> bool {
        let Some(tag) = tag.map(str::to_ascii_lowercase) else { return false };
        tag == hex(&self.md5.clone().finalize())
            || tag == format!("{}-{}", hex(&self.of_parts.clone().finalize()), self.parts)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Store {
    /// The SHA-256 of an object of so many bytes, downloaded part by part.
    ///
    /// # Errors
    /// When it is not there, is shorter, or the store cannot be asked.
    pub async fn sha256(&self, name: &str, bytes: u64) -> Result<[u8; 32], RemoteError> {
        let mut sums = Sums::default();
        let mut from = 0;
        while from < bytes {
            let to = bytes.min(from + PART);
            sums.add(&self.read(name, from..to, None).await?);
            from = to;
        }
        Ok(sums.sha256())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_other_programs() {
        let mut sums = Sums::default();
        sums.add(b"abc");
        assert_eq!(hex(&sums.sha256()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        // md5sum, and `printf abc | openssl md5 -binary | md5sum` for one part.
        assert!(sums.are_of(Some("900150983CD24FB0D6963F7D28E17F72")));
        assert!(sums.are_of(Some("af5da9f45af7a300e3aded972f8ff687-1")));
        assert!(!sums.are_of(Some("0x8DD")) && !sums.are_of(None));
        assert_eq!(part_length(1), 16 << 20);
        assert!(part_length(1 << 40) * 10_000 > 1 << 40);
    }
}
