//! Opening a place: the right client, with the credentials found, before anything is read or written.

use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, resolve_bucket_region};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::{BackoffConfig, CredentialProvider, RetryConfig};

use super::credentials::{self, Environment};
use super::error::RemoteError;
use super::objects::{Objects, Store, StoreOptions};
use super::wire::{Cause, Connector, Failed, LONGEST_REQUEST, client};
use domain::{ObjectAddress, StoreKind, StoreTrouble};

impl Store {
    /// Opens a place. Whether there is such a bucket or container turns out with the first request.
    ///
    /// # Errors
    /// When no credentials are found, or a setting cannot be used.
    pub async fn open(address: &ObjectAddress, options: StoreOptions) -> Result<Self, RemoteError> {
        let objects = match address.kind() {
            StoreKind::S3 => s3(address, &options.environment).await?,
            StoreKind::Azure => azure(address, &options.environment).await?,
            StoreKind::Google => google(address, &options.environment).await?,
        };
        Ok(Self::new(objects, address.clone(), options))
    }
}

/// One try: trying again is [`super::objects`]' business.
fn once() -> RetryConfig {
    RetryConfig { backoff: BackoffConfig::default(), max_retries: 0, retry_timeout: LONGEST_REQUEST }
}

async fn s3(place: &ObjectAddress, environment: &Environment) -> Result<Arc<dyn Objects>, RemoteError> {
    let mut builder = credentials::for_s3(place, environment)?;
    if credentials::is_region_unknown(&builder)
        && let Ok(region) = resolve_bucket_region(place.container(), &client()).await
    {
        builder = builder.with_region(region);
    }
    let client = client().with_allow_http(environment.is_yes("AWS_ALLOW_HTTP"));
    let built = AmazonS3Builder::with_client_options(builder, client)
        .with_bucket_name(place.container())
        .with_retry(once())
        .with_http_connector(Connector)
        .build()
        .map_err(|error| not_built(place, &error))?;
    check(place, built.credentials().as_ref()).await?;
    Ok(Arc::new(built))
}

async fn azure(place: &ObjectAddress, environment: &Environment) -> Result<Arc<dyn Objects>, RemoteError> {
    let builder = credentials::for_azure(place, environment)?;
    let ways: &[bool] = if credentials::is_azure_explicit(&builder) { &[false] } else { &[true, false] };
    let mut last = credentials::none(place);
    for is_by_az in ways {
        let mut builder: MicrosoftAzureBuilder = builder.clone();
        if *is_by_az {
            builder = builder.with_use_azure_cli(true);
        }
        let built = builder
            .with_container_name(place.container())
            .with_retry(once())
            .with_http_connector(Connector)
            .build()
            .map_err(|error| not_built(place, &error))?;
        match check(place, built.credentials().as_ref()).await {
            Ok(()) => return Ok(Arc::new(built)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The storage account of a container, from the address or the environment.
///
/// # Errors
/// When none is named, or another one in each.
pub fn account_of(place: &ObjectAddress, environment: &Environment) -> Result<String, RemoteError> {
    let account = credentials::for_azure(place, environment)?.get_config_value(&AzureConfigKey::AccountName);
    // The emulator's own.
    Ok(account.unwrap_or_else(|| "devstoreaccount1".to_owned()))
}

async fn google(place: &ObjectAddress, environment: &Environment) -> Result<Arc<dyn Objects>, RemoteError> {
    let built = credentials::for_google(place, environment)?
        .with_bucket_name(place.container())
        .with_retry(once())
        .with_http_connector(Connector)
        .build()
        .map_err(|error| not_built(place, &error))?;
    check(place, built.credentials().as_ref()).await?;
    Ok(Arc::new(built))
}

/// Whether there are credentials. They may have to be fetched: from `az`, or from the machine's own cloud.
async fn check<T>(place: &ObjectAddress, found: &dyn CredentialProvider<Credential = T>) -> Result<(), RemoteError> {
    let Err(error) = found.get_credential().await else { return Ok(()) };
    Err(match Failed::of(&error).cause {
        // A server for tokens that knows who asks, and refuses.
        Cause::Trouble { trouble: StoreTrouble::WrongCredentials | StoreTrouble::Refused { .. }, details } => {
            RemoteError::Store { place: Box::new(place.clone()), trouble: StoreTrouble::WrongCredentials, details }
        }
        _ => credentials::none(place),
    })
}

/// The library's own words may repeat the value of a setting, which may be a secret.
fn not_built(place: &ObjectAddress, error: &object_store::Error) -> RemoteError {
    if let Cause::Network(error) = Failed::of(error).cause {
        return RemoteError::Network { place: Box::new(place.clone()), error };
    }
    let variables = match place.kind() {
        StoreKind::S3 => "AWS_",
        StoreKind::Azure => "AZURE_",
        StoreKind::Google => "GOOGLE_",
    };
    let reason = format!(
        "a setting for {} cannot be used: check the variables that begin with {variables}, and the files that they name",
        place.kind().name()
    );
    RemoteError::bad_setting(place, reason)
}
