//! Addresses of blobs, signed and with an end: `/i-{project}/{i|t|o}-{image}?sv=..&sr=b&sig=..&se=..&sp=r`; those of model
//! files have an `m` and an id of their own.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;
use url::form_urlencoded;
use uuid::Uuid;

use domain::{BlobKind, ImageId, ProjectId, Timestamp};

/// The version of the signature scheme that recorded addresses name.
const VERSION: &str = "2017-04-17";
/// Steps of 100 ns.
const SECOND: i64 = 10_000_000;
/// Signatures that live so long end on a whole second, as the recorded ones do; shorter ones, for tests, exactly.
const WHOLE_SECONDS: Duration = Duration::from_secs(60);
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) struct ServedModel {
    pub(super) id: Uuid,
    /// The extension of its name, letters and digits.
    pub(super) extension: String,
}

/// Which addresses of pictures are relative, as on a private network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Relative {
    #[default]
    None,
    All,
    /// About half of them, with and without a slash at the start.
    Mixed,
}

pub(super) struct Signer {
    mac: Hmac<Sha256>,
    /// `http://127.0.0.1:port`.
    origin: String,
    /// `/i-{project}/`.
    folder: String,
    relative: Relative,
    project: ProjectId,
    lifetime: Duration,
}

/// A signer with the end of the signatures worked out: good for one answer.
pub(super) struct SignedUris<'a> {
    signer: &'a Signer,
    expiry: String,
    expiry_in_query: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blob {
    Picture(ImageId, BlobKind),
    Model(Uuid),
}

impl Blob {
    fn letter(self) -> u8 {
        match self {
            Self::Picture(_, kind) => letter(kind),
            Self::Model(_) => b'm',
        }
    }

    fn id(self) -> Uuid {
        match self {
            Self::Picture(image, _) => image.0,
            Self::Model(id) => id,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadSignature {
    /// No signature, or one that is not ours.
    Signature,
    Expired,
}

impl Signer {
    /// A signer for blobs below `origin`; `None` only if the secret were of an impossible length.
    pub(super) fn new(
        secret: &[u8],
        origin: &str,
        relative: Relative,
        project: ProjectId,
        lifetime: Duration,
    ) -> Option<Self> {
        Some(Self {
            mac: Hmac::new_from_slice(secret).ok()?,
            origin: origin.to_owned(),
            folder: format!("/i-{}/", project.0.simple()),
            relative,
            project,
            lifetime,
        })
    }

    /// Signatures that end a lifetime after `now`.
    pub(super) fn at(&self, now: SystemTime) -> SignedUris<'_> {
        let mut end = unix_ticks(now + self.lifetime);
        if self.lifetime >= WHOLE_SECONDS {
            end -= end.rem_euclid(SECOND);
        }
        let expiry = format!("{}Z", Timestamp(end));
        let expiry_in_query = utf8_percent_encode(&expiry, QUERY).to_string();
        SignedUris { signer: self, expiry, expiry_in_query }
    }

    pub(super) fn check(&self, blob: Blob, query: &str, now: SystemTime) -> Result<(), BadSignature> {
        let (mut signature, mut expiry, mut rights) = (None, None, [false; 3]);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "sig" => signature = STANDARD.decode(value.as_bytes()).ok(),
                "se" => expiry = Some(value.into_owned()),
                "sv" => rights[0] = value == VERSION,
                "sr" => rights[1] = value == "b",
                "sp" => rights[2] = value == "r",
                _ => {}
            }
        }
        let (Some(signature), Some(expiry), [true, true, true]) = (signature, expiry, rights) else {
            return Err(BadSignature::Signature);
        };
        // Compares in constant time.
        self.sign(blob, &expiry).verify_slice(&signature).map_err(|_| BadSignature::Signature)?;
        match Timestamp::parse(&expiry) {
            Some(end) if unix_ticks(now) < end.0 => Ok(()),
            _ => Err(BadSignature::Expired),
        }
    }

    /// What a path names, when it is one of this project.
    pub(super) fn parse_path(&self, path: &str) -> Option<Blob> {
        let (container, blob) = path.trim_start_matches('/').split_once('/')?;
        if Uuid::try_parse(container.strip_prefix("i-")?).ok()? != self.project.0 {
            return None;
        }
        let (letter, id) = blob.split_once('-')?;
        let id = Uuid::try_parse(if letter == "m" { id.split('.').next()? } else { id }).ok();
        let kind = match letter {
            "t" => BlobKind::Thumbnail,
            "i" => BlobKind::Resized,
            "o" => BlobKind::Original,
            "m" => return id.map(Blob::Model),
            _ => return None,
        };
        Some(Blob::Picture(ImageId(id?), kind))
    }

    fn sign(&self, blob: Blob, expiry: &str) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(&[blob.letter()]);
        mac.update(blob.id().as_bytes());
        mac.update(expiry.as_bytes());
        mac
    }
}

impl SignedUris<'_> {
    /// Appends the address of a picture. It holds no character that JSON escapes.
    pub(super) fn write(&self, image: ImageId, kind: BlobKind, out: &mut Vec<u8>) {
        self.write_blob(Blob::Picture(image, kind), "", out);
    }

    pub(super) fn model(&self, model: &ServedModel) -> String {
        let mut out = Vec::with_capacity(240);
        self.write_blob(Blob::Model(model.id), &model.extension, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    fn write_blob(&self, blob: Blob, extension: &str, out: &mut Vec<u8>) {
        let (letter, id) = (blob.letter(), blob.id());
        let signer = self.signer;
        let folder = signer.folder.as_bytes();
        let is_relative = match signer.relative {
            Relative::None => false,
            Relative::All => true,
            Relative::Mixed => (id.as_bytes()[15] ^ letter) & 1 == 0,
        };
        if !is_relative {
            out.extend_from_slice(signer.origin.as_bytes());
        }
        // Both forms are seen: with the slash and without.
        let is_bare = is_relative && signer.relative == Relative::Mixed && id.as_bytes()[14] & 1 == 0;
        out.extend_from_slice(folder.strip_prefix(b"/").filter(|_| is_bare).unwrap_or(folder));
        out.extend_from_slice(&[letter, b'-']);
        let mut buffer = [0; uuid::fmt::Simple::LENGTH];
        out.extend_from_slice(id.simple().encode_lower(&mut buffer).as_bytes());
        if !extension.is_empty() {
            out.push(b'.');
            out.extend_from_slice(extension.as_bytes());
        }
        if is_relative {
            return;
        }
        out.extend_from_slice(b"?sv=2017-04-17&sr=b&sig=");
        let digest = signer.sign(blob, &self.expiry).finalize().into_bytes();
        let mut text = [0_u8; 44];
        let length = STANDARD.encode_slice(digest, &mut text).unwrap_or(0);
        for &byte in &text[..length] {
            match byte {
                b'+' => out.extend_from_slice(b"%2B"),
                b'/' => out.extend_from_slice(b"%2F"),
                b'=' => out.extend_from_slice(b"%3D"),
                _ => out.push(byte),
            }
        }
        out.extend_from_slice(b"&se=");
        out.extend_from_slice(self.expiry_in_query.as_bytes());
        out.extend_from_slice(b"&sp=r");
    }

    pub(super) fn text(&self, image: ImageId, kind: BlobKind) -> String {
        let mut out = Vec::with_capacity(240);
        self.write(image, kind, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}

fn letter(kind: BlobKind) -> u8 {
    match kind {
        BlobKind::Thumbnail => b't',
        BlobKind::Resized => b'i',
        BlobKind::Original => b'o',
    }
}

/// In steps of 100 ns.
fn unix_ticks(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_nanos() / 100).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(lifetime: u64) -> Signer {
        let project = ProjectId(Uuid::from_u128(7));
        Signer::new(b"secret", "http://127.0.0.1:1", Relative::None, project, Duration::from_secs(lifetime))
            .expect("signer")
    }

    fn query(uri: &str) -> &str {
        uri.split_once('?').expect("query").1
    }

    #[test]
    fn a_signature_holds_for_its_blob_and_its_time_only() {
        let signer = signer(60);
        let now = UNIX_EPOCH + Duration::from_secs(1_604_679_874);
        let image = ImageId(Uuid::from_u128(9));
        let uri = signer.at(now).text(image, BlobKind::Thumbnail);
        assert!(uri.starts_with("http://127.0.0.1:1/i-00000000000000000000000000000007/t-00000000000000000000000000000009?sv=2017-04-17&sr=b&sig="), "{uri}");
        assert!(uri.ends_with("&se=2020-11-06T16%3A25%3A34Z&sp=r"), "{uri}");
        let query = query(&uri);
        assert_eq!(signer.check(Blob::Picture(image, BlobKind::Thumbnail), query, now), Ok(()));
        let later = now + Duration::from_secs(60);
        assert_eq!(signer.check(Blob::Picture(image, BlobKind::Thumbnail), query, later), Err(BadSignature::Expired));
        assert_eq!(signer.check(Blob::Picture(image, BlobKind::Resized), query, now), Err(BadSignature::Signature));
        let other = ImageId(Uuid::from_u128(10));
        assert_eq!(signer.check(Blob::Picture(other, BlobKind::Thumbnail), query, now), Err(BadSignature::Signature));
        assert_eq!(signer.check(Blob::Model(image.0), query, now), Err(BadSignature::Signature));
        let prolonged = query.replace("2020", "2030");
        assert_eq!(
            signer.check(Blob::Picture(image, BlobKind::Thumbnail), &prolonged, now),
            Err(BadSignature::Signature)
        );
        assert_eq!(signer.check(Blob::Picture(image, BlobKind::Thumbnail), "", now), Err(BadSignature::Signature));
    }

    #[test]
    fn a_short_life_is_exact() {
        let project = ProjectId(Uuid::from_u128(7));
        let life = Duration::from_millis(250);
        let signer = Signer::new(b"s", "http://127.0.0.1:1", Relative::None, project, life).expect("signer");
        let now = UNIX_EPOCH + Duration::from_millis(1_604_679_874_900);
        let image = ImageId(Uuid::from_u128(9));
        let uri = signer.at(now).text(image, BlobKind::Thumbnail);
        let check = |wait: u64| {
            signer.check(Blob::Picture(image, BlobKind::Thumbnail), query(&uri), now + Duration::from_millis(wait))
        };
        assert_eq!((check(249), check(250)), (Ok(()), Err(BadSignature::Expired)));
    }

    #[test]
    fn relative_and_absolute_addresses_stand_together() {
        let project = ProjectId(Uuid::from_u128(7));
        let signer = Signer::new(b"s", "http://h", Relative::Mixed, project, WHOLE_SECONDS).expect("signer");
        let uris = signer.at(UNIX_EPOCH);
        let kinds = [BlobKind::Thumbnail, BlobKind::Resized, BlobKind::Original];
        let all: Vec<String> =
            (0..1_024).flat_map(|n| kinds.map(|kind| uris.text(ImageId(Uuid::from_u128(n)), kind))).collect();
        let begin = |start: &str| all.iter().filter(|uri| uri.starts_with(start)).count();
        assert_eq!(begin("http://h/i-") + begin("/i-") + begin("i-"), all.len());
        assert!(begin("http://h/i-") > 1_000 && begin("/i-") > 500 && begin("i-") > 500);
        assert!(all.iter().all(|uri| uri.starts_with("http") == uri.contains("sig=")));
    }

    #[test]
    fn paths_are_read_in_their_recorded_form() {
        let signer = signer(60);
        let image = ImageId(Uuid::from_u128(9));
        let path = "/i-00000000000000000000000000000007/o-00000000000000000000000000000009";
        assert_eq!(signer.parse_path(path), Some(Blob::Picture(image, BlobKind::Original)));
        assert_eq!(signer.parse_path(&path[1..]), Some(Blob::Picture(image, BlobKind::Original)));
        let model = ServedModel { id: image.0, extension: "zip".to_owned() };
        let uri = signer.at(UNIX_EPOCH).model(&model);
        let (path, query) =
            uri.strip_prefix("http://127.0.0.1:1").and_then(|rest| rest.split_once('?')).expect("query");
        assert_eq!((signer.parse_path(path), path.ends_with(".zip")), (Some(Blob::Model(image.0)), true));
        assert_eq!(signer.check(Blob::Model(image.0), query, UNIX_EPOCH), Ok(()));
        let path = "/i-00000000000000000000000000000007/o-00000000000000000000000000000009";
        for odd in ["", "/", "/i-7/o-9", &path.replace("/o-", "/x-"), &path.replace("07/", "08/")] {
            assert_eq!(signer.parse_path(odd), None, "{odd}");
        }
    }
}
