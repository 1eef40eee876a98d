//! Where this computer has credentials for each kind of store, by names alone: variables, profiles and files, none of their
//! values; and which store an address means here. Nothing is asked of a store, and a role of the machine shows only when it is.

use std::path::PathBuf;

use super::credentials::{self, Environment};
use super::error::RemoteError;
use super::profile;
use domain::{ObjectAddress, StoreKind, StoreTrouble};

/// How a kind of store is reached from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSetup {
    pub kind: StoreKind,
    /// Where its credentials come from; `None`: nothing on this computer names any.
    pub credentials: Option<String>,
    /// Names of variables that are set and say where a store is.
    pub variables: Vec<&'static str>,
    /// What cannot be used: a sentence without a full stop.
    pub trouble: Option<String>,
}

/// Variables that hold credentials or name their file, in the order in which they count.
const GOOGLE: [&str; 5] = [
    "GOOGLE_BEARER_TOKEN",
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_PATH",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
];
const AZURE: [&str; 10] = [
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_TOKEN",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_USE_EMULATOR",
];
/// Those that name a file.
const FILES: [&str; 5] = [
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_PATH",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "AZURE_FEDERATED_TOKEN_FILE",
];
/// Those that say where a store is.
const S3_PLACE: [&str; 6] =
    ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ALLOW_HTTP"];
const GOOGLE_PLACE: [&str; 2] = ["GOOGLE_BASE_URL", "GOOGLE_ALLOW_HTTP"];
const AZURE_PLACE: [&str; 4] =
    ["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"];

impl Environment {
    /// How each kind of store is reached from here.
    pub fn setups(&self) -> [StoreSetup; 3] {
        [
            self.setup(StoreKind::S3, self.s3_credentials(), &S3_PLACE),
            self.setup(StoreKind::Google, self.google_credentials(), &GOOGLE_PLACE),
            self.setup(StoreKind::Azure, self.azure_credentials(), &AZURE_PLACE),
        ]
    }

    fn setup(&self, kind: StoreKind, credentials: Option<String>, places: &[&'static str]) -> StoreSetup {
        let variables = places.iter().copied().filter(|name| self.get(name).is_some()).collect();
        StoreSetup { kind, credentials, variables, trouble: self.lost_file(kind).or_else(|| self.trouble(kind)) }
    }

    /// The first of these that is set.
    fn first(&self, names: &[&'static str]) -> Option<String> {
        names.iter().find(|name| self.get(name).is_some()).map(|name| (*name).to_owned())
    }

    fn s3_credentials(&self) -> Option<String> {
        let profile = || {
            let profile = profile::find(|name| self.get(name).map(str::to_owned)).ok().flatten()?;
            let name = self.get("AWS_PROFILE").or(self.get("AWS_DEFAULT_PROFILE")).unwrap_or("default");
            profile.get("aws_access_key_id").map(|_| format!("the profile {name:?} of Amazon's tools"))
        };
        self.first(&["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"])
            .or_else(profile)
            .or_else(|| self.first(&["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]))
    }

    fn google_credentials(&self) -> Option<String> {
        let file = match cfg!(windows) {
            true => self.below("APPDATA", "gcloud/application_default_credentials.json"),
            false => self.below("HOME", ".config/gcloud/application_default_credentials.json"),
        };
        let signed_in =
            || file.filter(|file| file.is_file()).map(|_| "gcloud auth application-default login".to_owned());
        self.first(&GOOGLE).or_else(signed_in)
    }

    fn azure_credentials(&self) -> Option<String> {
        let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        let folder = self.get("AZURE_CONFIG_DIR").map(PathBuf::from).or_else(|| self.below(home, ".azure"));
        let is_signed_in = || folder.is_some_and(|folder| folder.join("azureProfile.json").is_file());
        let signed_in = || is_signed_in().then(|| "az login".to_owned());
        self.first(&AZURE).or_else(signed_in).or_else(|| self.first(&["IDENTITY_ENDPOINT", "AZURE_MSI_ENDPOINT"]))
    }

    fn below(&self, variable: &str, name: &str) -> Option<PathBuf> {
        self.get(variable).map(|folder| PathBuf::from(folder).join(name))
    }

    /// A variable that names a file which cannot be read.
    fn lost_file(&self, kind: StoreKind) -> Option<String> {
        let start = match kind {
            StoreKind::S3 => "AWS_",
            StoreKind::Google => "GOOGLE_",
            StoreKind::Azure => "AZURE_",
        };
        let is_lost = |name: &&&str| self.get(name).is_some_and(|file| std::fs::File::open(file).is_err());
        let lost = FILES.iter().filter(|name| name.starts_with(start)).find(is_lost)?;
        Some(format!("the file that {lost} names cannot be read"))
    }

    /// What would be refused before any request. Which account of Azure is meant, an address can say as well.
    fn trouble(&self, kind: StoreKind) -> Option<String> {
        let any = |text: &str| text.parse::<ObjectAddress>().ok();
        let refused = match kind {
            StoreKind::S3 => credentials::for_s3(&any("s3://bucket")?, self).err(),
            StoreKind::Google => credentials::for_google(&any("gs://bucket")?, self).err(),
            StoreKind::Azure => None,
        };
        match refused.as_ref().and_then(RemoteError::trouble)? {
            StoreTrouble::BadSetting { reason } => Some(reason.clone()),
            other => Some(other.to_string()),
        }
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

    fn setups(pairs: &[(&str, &str)]) -> [StoreSetup; 3] {
        let files = [("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"), ("AWS_CONFIG_FILE", "/nonexistent")];
        let pairs = files.iter().chain(pairs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let setups = pairs.collect::<Environment>().setups();
        assert!(!format!("{setups:?}").contains("5ec4e7"), "{setups:?}");
        setups
    }

    #[test]
    fn credentials_are_told_by_the_name_of_their_source() {
        let none = setups(&[]);
        assert!(none.iter().all(|setup| setup.credentials.is_none() && setup.trouble.is_none()), "{none:?}");
        let found = setups(&[
            ("AWS_ACCESS_KEY_ID", "5ec4e7"),
            ("AWS_SECRET_ACCESS_KEY", "5ec4e7"),
            ("AWS_ENDPOINT_URL", "https://user:5ec4e7@h"),
            ("GOOGLE_SERVICE_ACCOUNT_KEY", "5ec4e7"),
            ("AZURE_STORAGE_SAS_TOKEN", "sig=5ec4e7"),
            ("AZURE_STORAGE_ACCOUNT", "acc"),
        ]);
        let names: Vec<_> = found.iter().map(|setup| setup.credentials.as_deref().expect("credentials")).collect();
        assert_eq!(names, ["AWS_ACCESS_KEY_ID", "GOOGLE_SERVICE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_TOKEN"]);
        assert_eq!(
            (&*found[0].variables, &*found[2].variables),
            (&["AWS_ENDPOINT_URL"][..], &["AZURE_STORAGE_ACCOUNT"][..])
        );
    }

    #[test]
    fn signing_in_leaves_files_that_are_found() {
        let home = tempfile::tempdir().expect("home");
        let folder = home.path().display().to_string();
        for file in
            [".config/gcloud/application_default_credentials.json", "gcloud/application_default_credentials.json"]
        {
            std::fs::create_dir_all(home.path().join(file).parent().expect("folder")).expect("folder");
            std::fs::write(home.path().join(file), "{}").expect("file");
        }
        std::fs::write(home.path().join("azureProfile.json"), "{}").expect("file");
        std::fs::write(home.path().join("aws"), "[lab]\naws_access_key_id=5ec4e7\naws_secret_access_key=5ec4e7")
            .expect("file");
        let profile = home.path().join("aws").display().to_string();
        let found = setups(&[
            ("HOME", &folder),
            ("APPDATA", &folder),
            ("AZURE_CONFIG_DIR", &folder),
            ("AWS_PROFILE", "lab"),
            ("AWS_SHARED_CREDENTIALS_FILE", &profile),
        ]);
        let names: Vec<_> = found.iter().map(|setup| setup.credentials.as_deref().expect("credentials")).collect();
        assert_eq!(
            names,
            ["the profile \"lab\" of Amazon's tools", "gcloud auth application-default login", "az login"]
        );
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let trouble = |pairs: &[(&str, &str)], at: usize| setups(pairs)[at].trouble.clone().expect("trouble");
        assert!(trouble(&[("AWS_ACCESS_KEY_ID", "5ec4e7")], 0).contains("AWS_SECRET_ACCESS_KEY is not"));
        assert!(trouble(&[("AWS_PROFILE", "lost")], 0).contains("no such profile"));
        let words = trouble(&[("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent/5ec4e7.json")], 1);
        assert_eq!(words, "the file that GOOGLE_APPLICATION_CREDENTIALS names cannot be read");
        assert!(trouble(&[("GOOGLE_BASE_URL", "http://192.0.2.1")], 1).contains("GOOGLE_ALLOW_HTTP"));
    }

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
