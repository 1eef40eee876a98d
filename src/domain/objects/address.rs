//! Addresses of places in object stores, as the clouds' own tools write them: `s3://bucket/prefix`,
//! `gs://bucket/prefix`, `az://container/prefix` and `abfss://container@account.dfs.core.windows.net/prefix`. Pure:
//! nothing is asked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What the account of an `abfss` address ends with.
const ACCOUNT_HOST: &str = ".dfs.core.windows.net";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreKind {
    /// Amazon S3 and compatible stores.
    S3,
    Google,
    /// Azure Blob Storage, also with hierarchical namespaces.
    Azure,
}

impl StoreKind {
    /// The store's own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "Amazon S3",
            Self::Google => "Google Cloud Storage",
            Self::Azure => "Azure Blob Storage",
        }
    }

    /// What it calls the thing that holds objects.
    pub fn container_word(self) -> &'static str {
        if self == Self::Azure { "container" } else { "bucket" }
    }

    fn example(self) -> &'static str {
        match self {
            Self::S3 => "s3://bucket/prefix",
            Self::Google => "gs://bucket/prefix",
            Self::Azure => "az://container/prefix",
        }
    }
}

/// A place in an object store: all objects below a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectAddress {
    kind: StoreKind,
    container: String,
    account: Option<String>,
    prefix: String,
}

/// Why a text is no address of an object store: what is wrong and what to type instead, as a sentence without a full
/// stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError(String);

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AddressError {}

fn no<T>(reason: impl Into<String>) -> Result<T, AddressError> {
    Err(AddressError(reason.into()))
}

/// Schemes by which people know stores, and what they are here. One without a kind is no store's.
const SCHEMES: [(&str, Option<StoreKind>); 15] = [
    ("s3", Some(StoreKind::S3)),
    ("s3a", Some(StoreKind::S3)),
    ("s3n", Some(StoreKind::S3)),
    ("gs", Some(StoreKind::Google)),
    ("gcs", Some(StoreKind::Google)),
    ("az", Some(StoreKind::Azure)),
    ("azure", Some(StoreKind::Azure)),
    ("abfss", Some(StoreKind::Azure)),
    ("abfs", Some(StoreKind::Azure)),
    ("wasb", Some(StoreKind::Azure)),
    ("wasbs", Some(StoreKind::Azure)),
    ("adl", Some(StoreKind::Azure)),
    ("azureml", None),
    ("http", None),
    ("https", None),
];

impl ObjectAddress {
    /// Whether a text is meant as an address and not as a path of this computer: it has `://`, or begins like an
    /// address.
    pub fn is_meant_by(text: &str) -> bool {
        let text = text.trim();
        text.contains("://")
            || text.split_once(':').is_some_and(|(scheme, _)| {
                SCHEMES.iter().any(|(known, _)| known.len() > 1 && scheme.eq_ignore_ascii_case(known))
            })
    }

    pub fn kind(&self) -> StoreKind {
        self.kind
    }

    pub fn container(&self) -> &str {
        &self.container
    }

    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// What the names of all objects of this place begin with, without the slash after it; may be empty.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The address of the bucket or container itself.
    pub fn root(&self) -> Self {
        Self { prefix: String::new(), ..self.clone() }
    }

    /// The places that this one is in, the innermost first, the bucket or container last.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> + '_ {
        let mut left = self.prefix.as_str();
        std::iter::from_fn(move || {
            if left.is_empty() {
                return None;
            }
            left = left.rfind('/').map_or("", |end| &left[..end]);
            Some(Self { prefix: left.to_owned(), ..self.clone() })
        })
    }

    /// The address of an object or place below this one, or of itself. `name` is relative, with forward slashes.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        let slash = if self.prefix.is_empty() || name.is_empty() { "" } else { "/" };
        Self { prefix: format!("{}{slash}{name}", self.prefix), ..self.clone() }
    }

    /// The last part of the prefix, else the container: what the user would call the place.
    pub fn last_name(&self) -> &str {
        match self.prefix.rsplit('/').next() {
            Some(last) if !last.is_empty() => last,
            _ => &self.container,
        }
    }
}

impl fmt::Display for ObjectAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, container, account, prefix } = self;
        match (kind, account) {
            (StoreKind::S3, _) => write!(f, "s3://{container}")?,
            (StoreKind::Google, _) => write!(f, "gs://{container}")?,
            (StoreKind::Azure, None) => write!(f, "az://{container}")?,
            (StoreKind::Azure, Some(account)) => write!(f, "abfss://{container}@{account}{ACCOUNT_HOST}")?,
        }
        if prefix.is_empty() { Ok(()) } else { write!(f, "/{prefix}") }
    }
}

impl From<ObjectAddress> for String {
    fn from(address: ObjectAddress) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for ObjectAddress {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl FromStr for ObjectAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        // Before anything of it is repeated: it may hold a signature.
        if let Some(at) = text.find(['?', '#']) {
            return no(of_query(&text[..at]));
        }
        if has_credentials(text) {
            return no("credentials do not belong in an address: remove the part before the @, and set them in the \
                 environment");
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return no("an address begins with s3://, gs://, az:// or abfss://");
        };
        let scheme = scheme.to_ascii_lowercase();
        let Some((_, kind)) = SCHEMES.iter().find(|(known, _)| *known == scheme) else {
            return no(of_scheme(&scheme));
        };
        let Some(kind) = *kind else { return no(of_web(&scheme, rest)) };
        let Some(rest) = rest.strip_prefix("//") else {
            let rest = rest.trim_start_matches('/');
            return no(format!("two slashes are missing after {scheme}: type {scheme}://{rest}"));
        };
        match &*scheme {
            "s3a" | "s3n" => return no(format!("type s3://{rest}")),
            "gcs" => return no(format!("type gs://{rest}")),
            "azure" | "adl" => return no(format!("type az://{rest}")),
            "abfs" => return no(format!("type abfss://{rest}, which is private on its way")),
            "wasb" | "wasbs" => return no(of_wasb(rest)),
            _ => {}
        }
        let (place, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let (container, account) =
            if scheme == "abfss" { container_and_account(place, prefix)? } else { (place, None) };
        if scheme == "az" && container.contains('@') {
            return no(format!("an address with an account begins with abfss://: type abfss://{rest}"));
        }
        let word = kind.container_word();
        if container.is_empty() {
            return no(format!("the {word} is missing: type {}", kind.example()));
        }
        check_container(container, kind)?;
        let prefix = checked_prefix(prefix)?;
        Ok(Self { kind, container: container.to_owned(), account: account.map(str::to_owned), prefix })
    }
}

/// Whether something that may be a key or a password stands before an `@`. An address of Azure has its container there.
fn has_credentials(text: &str) -> bool {
    let (scheme, rest) = text.split_once(':').unwrap_or(("", text));
    let place = rest.trim_start_matches('/').split('/').next().unwrap_or_default();
    let is_azure = ["abfs", "abfss", "wasb", "wasbs", "az", "azure", "adl"].contains(&&*scheme.to_ascii_lowercase());
    place.rsplit_once('@').is_some_and(|(before, _)| !is_azure || before.contains(':'))
}

fn of_query(before: &str) -> String {
    let is_azure = before.contains(".core.windows.net") || before.starts_with("az") || before.starts_with("abfs");
    let azure = "a signature does not belong in an address: set AZURE_STORAGE_SAS_TOKEN to the part after the ?, and \
                 remove it here";
    if is_azure { azure.to_owned() } else { "an address has no ? and no #: remove that part".to_owned() }
}

fn of_scheme(scheme: &str) -> String {
    match scheme {
        "file" => "type the path of the folder, without file://".to_owned(),
        _ => format!("{scheme}:// is not supported: an address begins with s3://, gs://, az:// or abfss://"),
    }
}

/// What to type instead of the address of a web page or of a datastore.
fn of_web(scheme: &str, rest: &str) -> String {
    let rest = rest.trim_start_matches('/').trim_end_matches('/');
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let account = [".blob.core.windows.net", ACCOUNT_HOST].iter().find_map(|end| host.strip_suffix(end));
    if let Some(account) = account {
        let (container, prefix) = path.split_once('/').unwrap_or((path, ""));
        let container = if container.is_empty() { "container" } else { container };
        return format!("type abfss://{container}@{account}{ACCOUNT_HOST}/{prefix}").trim_end_matches('/').to_owned();
    }
    if let Some(bucket) = host.split_once(".s3").filter(|_| host.ends_with(".amazonaws.com")).map(|(bucket, _)| bucket)
    {
        return format!("type s3://{bucket}/{path}").trim_end_matches('/').to_owned();
    }
    if host == "storage.googleapis.com" && !path.is_empty() {
        return format!("type gs://{path}");
    }
    match scheme {
        "azureml" => "a datastore of Azure ML is a container: type az://container/prefix".to_owned(),
        _ => format!("{scheme}:// is not supported: an address begins with s3://, gs://, az:// or abfss://"),
    }
}

fn of_wasb(rest: &str) -> String {
    format!("type abfss://{}", rest.replace(".blob.core.windows.net", ACCOUNT_HOST))
}

/// The two parts in front of the path of an `abfss` address.
fn container_and_account<'a>(place: &'a str, prefix: &str) -> Result<(&'a str, Option<&'a str>), AddressError> {
    let example = format!("abfss://container@account{ACCOUNT_HOST}/prefix");
    let Some((container, host)) = place.split_once('@') else {
        let slash = if prefix.is_empty() { "" } else { "/" };
        return no(format!(
            "the account is missing: type {example}, or az://{place}{slash}{prefix} for the account of the environment"
        ));
    };
    let Some(account) = host.strip_suffix(ACCOUNT_HOST) else {
        return no(format!("the account ends with {ACCOUNT_HOST}: type {example}"));
    };
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if account.is_empty() || !account.chars().all(is_fine) {
        return no(format!("the name of a storage account has only small letters and digits: type {example}"));
    }
    Ok((container, Some(account)))
}

fn check_container(name: &str, kind: StoreKind) -> Result<(), AddressError> {
    let word = kind.container_word();
    let is_fine = |c: char| match kind {
        StoreKind::S3 | StoreKind::Google => {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_')
        }
        StoreKind::Azure => c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '$'),
    };
    if !name.chars().all(is_fine) {
        let more = if kind == StoreKind::Azure { "hyphens" } else { "hyphens and dots" };
        return no(format!(
            "\u{201c}{name}\u{201d} is not the name of a {word}: it has only small letters, digits, {more}"
        ));
    }
    // Google allows 222 letters where there are dots.
    if !(3..=222).contains(&name.len()) {
        return no(format!("\u{201c}{name}\u{201d} is not the name of a {word}: it has at least three letters"));
    }
    Ok(())
}

fn checked_prefix(prefix: &str) -> Result<String, AddressError> {
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    if prefix.is_empty() {
        return Ok(String::new());
    }
    for part in prefix.split('/') {
        match part {
            "" => return no("there are two slashes in a row: remove one"),
            "." | ".." => return no(format!("\u{201c}{part}\u{201d} cannot be a part of an address")),
            _ if part.contains('\\') => return no("type / instead of \\"),
            _ if part.chars().any(char::is_control) => return no("there is an invisible letter in the address"),
            _ => {}
        }
    }
    Ok(prefix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ObjectAddress {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn addresses_are_read_and_written() {
        for (text, kind, container, account, prefix) in [
            ("s3://my-bucket", StoreKind::S3, "my-bucket", None, ""),
            ("s3://my.bucket/a/b c/ü", StoreKind::S3, "my.bucket", None, "a/b c/ü"),
            ("gs://bucket_1/sets/2026-11-30", StoreKind::Google, "bucket_1", None, "sets/2026-11-30"),
            ("az://pictures/50%", StoreKind::Azure, "pictures", None, "50%"),
            ("abfss://pictures@account7.dfs.core.windows.net/a", StoreKind::Azure, "pictures", Some("account7"), "a"),
        ] {
            let address = read(text);
            assert_eq!(
                (address.kind(), address.container(), address.account(), address.prefix()),
                (kind, container, account, prefix)
            );
            assert_eq!(address.to_string(), text);
            assert!(ObjectAddress::is_meant_by(text));
        }
        assert_eq!(read(" S3://bucket/a/ ").to_string(), "s3://bucket/a");
        assert_eq!(read("s3://bucket/").join("a/b.jpg").to_string(), "s3://bucket/a/b.jpg");
        assert_eq!(read("s3://bucket/a").join("b.jpg").root().to_string(), "s3://bucket");
        assert_eq!((read("s3://bucket/a/b").last_name(), read("s3://bucket").last_name()), ("b", "bucket"));
    }

    #[test]
    fn a_typo_is_answered_with_what_to_type() {
        for (text, word) in [
            ("s3:/bucket/a", "type s3://bucket/a"),
            ("s3:bucket", "type s3://bucket"),
            ("s3:///a", "the bucket is missing"),
            ("az://", "the container is missing: type az://container/prefix"),
            ("s3a://bucket/a", "type s3://bucket/a"),
            ("gcs://bucket/a", "type gs://bucket/a"),
            ("wasbs://c@acc.blob.core.windows.net/a", "type abfss://c@acc.dfs.core.windows.net/a"),
            ("abfs://ccc@acc.dfs.core.windows.net", "type abfss://ccc@acc"),
            ("abfss://ccc/a", "az://ccc/a"),
            ("abfss://ccc@acc.example.com/a", "ends with .dfs.core.windows.net"),
            ("az://ccc@acc.dfs.core.windows.net/a", "type abfss://ccc@acc"),
            ("https://acc.blob.core.windows.net/ccc/a/b", "type abfss://ccc@acc.dfs.core.windows.net/a/b"),
            ("https://bucket.s3.eu-central-1.amazonaws.com/a", "type s3://bucket/a"),
            ("https://storage.googleapis.com/bucket/a", "type gs://bucket/a"),
            ("https://example.com/a", "https:// is not supported"),
            ("ftp://host/a", "ftp:// is not supported"),
            ("file:///home/me", "without file://"),
            ("s3://Bucket/a", "small letters"),
            ("s3://ab/a", "three letters"),
            ("s3://bucket/a/../b", "\u{201c}..\u{201d}"),
            ("s3://bucket//a", "two slashes"),
            ("s3://bucket/a\\b", "instead of \\"),
            ("s3://bucket/a?versionId=1", "no ?"),
        ] {
            let error = ObjectAddress::from_str(text).expect_err(text).to_string();
            assert!(error.contains(word), "{text}: {error}");
            assert!(ObjectAddress::is_meant_by(text), "{text}");
        }
    }

    #[test]
    fn a_signature_is_never_repeated() {
        for text in [
            "https://acc.blob.core.windows.net/ccc/a?sv=2024&sig=SECRET",
            "az://ccc/a?sig=SECRET",
            "s3://bucket/a?X-Amz-Signature=SECRET",
            "ftp://host/a?sig=SECRET",
            "s3://key:SECRET@bucket/a",
            "gs://SECRET@bucket",
            "az://user:SECRET@ccc/a",
            "https://user:SECRET@acc.blob.core.windows.net/ccc/a",
        ] {
            let error = ObjectAddress::from_str(text).expect_err(text).to_string();
            assert!(!error.contains("SECRET"), "{error}");
        }
    }

    #[test]
    fn paths_are_not_meant_as_addresses() {
        for text in ["/home/me/s3", "C:\\data", "c:/data", "data", "./s3/bucket", "a:b", "", "notes: s3"] {
            assert!(!ObjectAddress::is_meant_by(text), "{text}");
        }
    }
}
