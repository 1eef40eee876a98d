//! Who asks a store, as the clouds' own tools find it, and where the library does not: profiles of Amazon's tools,
//! connection strings of Azure, the sign-in of `az login`. Nothing of it is kept or shown.

use std::collections::BTreeMap;
use std::str::FromStr;

use domain::{ObjectAddress, StoreTrouble};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};

use super::error::RemoteError;
use super::profile;
use super::wire::client;

/// The variables of the environment that say who asks and where. No `Debug`: it holds secrets.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    pub fn from_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// A variable that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    pub(super) fn is_yes(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| matches!(&*value.to_ascii_lowercase(), "1" | "true" | "yes" | "on" | "y"))
    }

    /// The settings that the library knows, of the variables that begin with `start`.
    pub(super) fn settings<K: FromStr>(&self, start: &str) -> impl Iterator<Item = (K, String)> {
        let names = self.0.iter().filter(move |(name, value)| name.starts_with(start) && !value.trim().is_empty());
        names.filter_map(|(name, value)| Some((name.to_ascii_lowercase().parse().ok()?, value.clone())))
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

/// The settings for a bucket: the environment, then the profile. Fails when a setting is missing its other half.
pub(super) fn for_s3(place: &ObjectAddress, environment: &Environment) -> Result<AmazonS3Builder, RemoteError> {
    let mut builder = AmazonS3Builder::new();
    for (key, value) in environment.settings::<AmazonS3ConfigKey>("AWS_") {
        builder = builder.with_config(key, value);
    }
    let profile = profile::find(|name| environment.get(name).map(str::to_owned))
        .map_err(|reason| RemoteError::bad_setting(place, reason))?;
    let profile = profile.unwrap_or_default();
    let lacks = |builder: &AmazonS3Builder, key: AmazonS3ConfigKey| builder.get_config_value(&key).is_none();
    for (name, other) in
        [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")]
    {
        if environment.get(name).is_some() && environment.get(other).is_none() {
            return Err(RemoteError::bad_setting(place, format!("{name} is set and {other} is not")));
        }
    }
    let is_explicit =
        ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ACCESS_KEY_ID"].iter().any(|name| environment.get(name).is_some());
    if !is_explicit {
        match (profile.get("aws_access_key_id"), profile.get("aws_secret_access_key")) {
            (Some(id), Some(secret)) => {
                builder = builder.with_access_key_id(id).with_secret_access_key(secret);
                if let Some(token) = profile.get("aws_session_token") {
                    builder = builder.with_token(token);
                }
            }
            _ => {
                if let Some(way) = profile.other_way() {
                    let reason = format!(
                        "the profile gets its credentials by {way}, which is not supported: run aws configure \
                         export-credentials --format env, and set the variables that it prints"
                    );
                    return Err(RemoteError::bad_setting(place, reason));
                }
            }
        }
    }
    if lacks(&builder, AmazonS3ConfigKey::Region)
        && let Some(region) = environment.get("AWS_DEFAULT_REGION").or(profile.get("region"))
    {
        builder = builder.with_region(region);
    }
    let has_endpoint = |builder: &AmazonS3Builder| {
        !lacks(builder, AmazonS3ConfigKey::Endpoint) || !lacks(builder, AmazonS3ConfigKey::S3Endpoint)
    };
    if !has_endpoint(&builder)
        && let Some(endpoint) = profile.get("endpoint_url")
    {
        builder = builder.with_endpoint(endpoint);
    }
    let endpoint = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint];
    let endpoint = endpoint.iter().find_map(|key| builder.get_config_value(key));
    check_private(place, endpoint.as_deref(), environment, "AWS_ALLOW_HTTP")?;
    Ok(builder)
}

/// Whether a store that a setting names is reached with TLS, or `variable` says that it need not be.
fn check_private(
    place: &ObjectAddress,
    endpoint: Option<&str>,
    environment: &Environment,
    variable: &str,
) -> Result<(), RemoteError> {
    if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) && !environment.is_yes(variable) {
        let reason =
            format!("the endpoint begins with http://, which is not private: set {variable}=true if you want that");
        return Err(RemoteError::bad_setting(place, reason));
    }
    Ok(())
}

/// The settings for a bucket of Google: the environment. Fails when a store would be reached without TLS unasked.
///
pub(super) fn for_google(
    place: &ObjectAddress,
    environment: &Environment,
) -> Result<GoogleCloudStorageBuilder, RemoteError> {
    // The file of a service account may name a stand-in on this computer.
    let mut builder = GoogleCloudStorageBuilder::new().with_client_options(client().with_allow_http(true));
    for (key, value) in environment.settings::<GoogleConfigKey>("GOOGLE_") {
        builder = builder.with_config(key, value);
    }
    check_private(place, environment.get("GOOGLE_BASE_URL"), environment, "GOOGLE_ALLOW_HTTP")?;
    Ok(builder)
}

/// Whether it must be asked in which region a bucket is.
pub(super) fn is_region_unknown(builder: &AmazonS3Builder) -> bool {
    use AmazonS3ConfigKey as K;
    [K::Region, K::Endpoint, K::S3Endpoint].iter().all(|key| builder.get_config_value(key).is_none())
}

/// The settings for a container: the environment, with the names that `az` knows and with a connection string. Fails
/// when no account is named, or another one than in the address.
pub(super) fn for_azure(
    place: &ObjectAddress,
    environment: &Environment,
) -> Result<MicrosoftAzureBuilder, RemoteError> {
    let mut builder = MicrosoftAzureBuilder::new().with_client_options(client());
    for (key, value) in environment.settings::<AzureConfigKey>("AZURE_") {
        builder = builder.with_config(key, value);
    }
    if let Some(endpoint) = environment.get("IDENTITY_ENDPOINT") {
        builder = builder.with_msi_endpoint(endpoint);
    }
    let lacks = |builder: &MicrosoftAzureBuilder, key: AzureConfigKey| builder.get_config_value(&key).is_none();
    for (key, name) in
        [(AzureConfigKey::AccountName, "AZURE_STORAGE_ACCOUNT"), (AzureConfigKey::AccessKey, "AZURE_STORAGE_KEY")]
    {
        if lacks(&builder, key)
            && let Some(value) = environment.get(name)
        {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(text) = environment.get("AZURE_STORAGE_CONNECTION_STRING")
        && lacks(&builder, AzureConfigKey::AccountName)
    {
        for (key, value) in connection(text) {
            let is_http = key == AzureConfigKey::Endpoint && value.starts_with("http://");
            builder = builder.with_config(key, value);
            if is_http {
                builder = builder.with_allow_http(true);
            }
        }
    }
    let is_emulator = environment.is_yes("AZURE_STORAGE_USE_EMULATOR");
    let account = builder.get_config_value(&AzureConfigKey::AccountName);
    let is_named = |key| !lacks(&builder, key);
    match (place.account(), &account) {
        (None, None) if !is_emulator => {
            let reason = "the storage account is not known: set AZURE_STORAGE_ACCOUNT_NAME, or type \
                          abfss://container@account.dfs.core.windows.net/prefix";
            return Err(RemoteError::bad_setting(place, reason));
        }
        (Some(wanted), Some(set))
            if wanted != set && (is_named(AzureConfigKey::AccessKey) || is_named(AzureConfigKey::Endpoint)) =>
        {
            let reason =
                format!("the environment has the key of the storage account {set}, and the address names {wanted}");
            return Err(RemoteError::bad_setting(place, reason));
        }
        (Some(wanted), _) => builder = builder.with_account(wanted),
        _ => {}
    }
    Ok(builder)
}

/// The parts of a connection string that are needed. A key in it may hold `=`.
fn connection(text: &str) -> Vec<(AzureConfigKey, String)> {
    let mut found = Vec::new();
    let (mut account, mut scheme, mut suffix) = ("", "https", "core.windows.net");
    let mut has_endpoint = false;
    for (name, value) in text.split(';').filter_map(|part| part.trim().split_once('=')) {
        match &*name.to_ascii_lowercase() {
            "accountname" => {
                account = value;
                found.push((AzureConfigKey::AccountName, value.to_owned()));
            }
            "accountkey" => found.push((AzureConfigKey::AccessKey, value.to_owned())),
            "sharedaccesssignature" => found.push((AzureConfigKey::SasKey, value.to_owned())),
            "blobendpoint" => {
                has_endpoint = true;
                found.push((AzureConfigKey::Endpoint, value.trim_end_matches('/').to_owned()));
            }
            "usedevelopmentstorage" => found.push((AzureConfigKey::UseEmulator, value.to_owned())),
            "defaultendpointsprotocol" => scheme = value,
            "endpointsuffix" => suffix = value,
            _ => {}
        }
    }
    if !has_endpoint && !account.is_empty() {
        found.push((AzureConfigKey::Endpoint, format!("{scheme}://{account}.blob.{suffix}")));
    }
    found
}

/// Whether the environment says who asks; else the sign-in of `az login` and the identity of a cloud machine are tried.
pub(super) fn is_azure_explicit(builder: &MicrosoftAzureBuilder) -> bool {
    use AzureConfigKey as K;
    let has = |key: K| builder.get_config_value(&key).is_some();
    let is_set = |key: K| builder.get_config_value(&key).is_some_and(|value| value == "true");
    [K::AccessKey, K::SasKey, K::Token, K::ClientSecret, K::FederatedTokenFile, K::MsiEndpoint, K::CredentialType]
        .into_iter()
        .any(has)
        || [K::SkipSignature, K::UseEmulator, K::UseAzureCli].into_iter().any(is_set)
}

/// That nobody says who asks.
pub(super) fn none(place: &ObjectAddress) -> RemoteError {
    RemoteError::new(place, StoreTrouble::NoCredentials { kind: place.kind() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::ClientConfigKey;

    #[test]
    fn a_large_part_has_the_same_time_for_every_store() {
        let (google, azure) = ("gs://bucket/a".parse().expect("address"), "az://pictures/a".parse().expect("address"));
        let pairs = [("AZURE_STORAGE_ACCOUNT", "acc"), ("GOOGLE_BEARER_TOKEN", "x")];
        let environment: Environment =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let wanted = client().get_config_value(&ClientConfigKey::Timeout);
        assert!(wanted.is_some());
        let google = for_google(&google, &environment).expect("builder");
        assert_eq!(google.get_config_value(&GoogleConfigKey::Client(ClientConfigKey::Timeout)), wanted);
        let azure = for_azure(&azure, &environment).expect("builder");
        assert_eq!(azure.get_config_value(&AzureConfigKey::Client(ClientConfigKey::Timeout)), wanted);
    }

    #[test]
    fn a_connection_string_is_read() {
        let text = "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=a+b/c==;EndpointSuffix=core.windows.net";
        let found = connection(text);
        let of = |key: AzureConfigKey| found.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_str());
        assert_eq!(of(AzureConfigKey::AccountName), Some("acc"));
        assert_eq!(of(AzureConfigKey::AccessKey), Some("a+b/c=="));
        assert_eq!(of(AzureConfigKey::Endpoint), Some("https://acc.blob.core.windows.net"));
        let text = "BlobEndpoint=http://127.0.0.1:1/acc/;SharedAccessSignature=sv=1&sig=x%3D;AccountName=acc;";
        let found = connection(text);
        let of = |key: AzureConfigKey| found.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_str());
        assert_eq!(of(AzureConfigKey::Endpoint), Some("http://127.0.0.1:1/acc"));
        assert_eq!(of(AzureConfigKey::SasKey), Some("sv=1&sig=x%3D"));
    }
}
