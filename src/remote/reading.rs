//! Reading large objects: in pieces of a bounded size, several requested at once; and which store an address means here.

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};

use super::credentials::Environment;
use super::error::RemoteError;
use super::objects::Store;
use domain::ObjectAddress;

/// Bytes that one request asks for at most.
pub const PIECE: u64 = 4 << 20;
/// Pieces of an object under way at once.
const AT_ONCE: usize = 4;

impl Store {
    /// An object of so many bytes, piece after piece in their order. With `tag`, only of that state of it. A piece that cannot
    /// be had is the last.
    pub fn pieces<'a>(
        &'a self,
        name: &'a str,
        bytes: u64,
        tag: Option<&'a str>,
    ) -> impl Stream<Item = Result<Bytes, RemoteError>> + Send + 'a {
        let count = bytes.div_ceil(PIECE);
        let ranges = (0..count).map(move |at| at * PIECE..(at * PIECE + PIECE).min(bytes));
        stream::iter(ranges).map(move |range| self.read(name, range, tag)).buffered(AT_ONCE)
    }
}

/// Settings that say which store an address without an account means. None is a secret.
const OF_PLACE: [&str; 10] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT",
    "AWS_PROFILE",
    "GOOGLE_BASE_URL",
    "AZURE_STORAGE_ACCOUNT_NAME",
    "AZURE_STORAGE_ACCOUNT",
    "AZURE_STORAGE_ENDPOINT",
    "AZURE_ENDPOINT",
    "AZURE_STORAGE_USE_EMULATOR",
];

impl Environment {
    /// An address with the settings that say which store it is in: the same bucket name may be of another store.
    pub fn identity_of(&self, address: &ObjectAddress) -> String {
        let set = OF_PLACE.iter().filter_map(|name| Some(format!("\n{name}={}", self.get(name)?)));
        let connection = self.get("AZURE_STORAGE_CONNECTION_STRING").unwrap_or_default();
        let is_of_place = |part: &&str| {
            let name = part.split('=').next().unwrap_or_default().trim();
            name.eq_ignore_ascii_case("AccountName") || name.eq_ignore_ascii_case("BlobEndpoint")
        };
        let connection = connection.split(';').filter(is_of_place).map(|part| format!("\n{}", part.trim()));
        std::iter::once(address.to_string()).chain(set).chain(connection).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_told_from_another_and_no_secret_is_needed_for_it() {
        let address: ObjectAddress = "az://pictures/a".parse().expect("address");
        let of = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            pairs.collect::<Environment>().identity_of(&address)
        };
        assert_eq!(of(&[("AZURE_STORAGE_KEY", "SECRET")]), "az://pictures/a");
        assert_ne!(of(&[("AZURE_STORAGE_ACCOUNT", "one")]), of(&[("AZURE_STORAGE_ACCOUNT", "two")]));
        assert_ne!(of(&[("GOOGLE_BASE_URL", "http://one")]), of(&[("GOOGLE_BASE_URL", "http://two")]));
        let text =
            of(&[("AZURE_STORAGE_CONNECTION_STRING", "AccountName=one;AccountKey=SECRET;BlobEndpoint=http://h/one")]);
        assert_eq!(text, "az://pictures/a\nAccountName=one\nBlobEndpoint=http://h/one");
    }
}
