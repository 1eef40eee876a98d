//! The words for what an object store does not do: what happened, what it means, what to do.

use domain::{ObjectAddress, StoreKind, StoreTrouble};

/// Headline and advice. `place` is the address, without a secret.
pub(super) fn texts(place: &str, trouble: &StoreTrouble) -> (String, String) {
    use StoreTrouble as T;
    match trouble {
        T::NoCredentials { kind } => (
            format!("There are no credentials for {}.", kind.name()),
            format!("{} Tagscope does not store any itself.", how_to_sign_in(*kind)),
        ),
        T::BadSetting { reason } => (format!("{place} cannot be opened: {reason}."), String::new()),
        T::WrongCredentials => (
            format!("The credentials for {place} are not accepted."),
            "Check the key, token or profile in the environment. It may belong to another account, or have been replaced."
                .to_owned(),
        ),
        T::ExpiredCredentials => (
            format!("The credentials for {place} have expired."),
            "Get new ones (sign in again, or request a new token or signature), then resume.".to_owned(),
        ),
        T::Denied => (
            format!("Access to {place} is denied."),
            "The credentials are valid but do not grant this access. Listing, reading and creating objects must be allowed; \
             deleting need not be, except for files of more than 16 MiB in Google Cloud Storage. A firewall of the store \
             may also allow only selected networks."
                .to_owned(),
        ),
        T::WrongClock => (
            "This computer's clock is wrong, so the store does not accept its requests.".to_owned(),
            "Correct the date, time and time zone, then try again.".to_owned(),
        ),
        T::NoContainer => (
            format!("{place} does not exist: there is no such bucket or container."),
            "Check the name and the account, or create it first. Tagscope does not create buckets or containers.".to_owned(),
        ),
        T::NoObject => (format!("{place} does not exist."), "Check the address.".to_owned()),
        T::AlreadyThere => (
            format!("{place} already exists, with other content."),
            "Nothing in a store is overwritten. Choose another prefix, or remove the object there first.".to_owned(),
        ),
        T::NotEmpty => (
            format!("There are already objects below {place}."),
            "Choose another prefix: an upload goes only to an empty place, and nothing is overwritten or deleted.".to_owned(),
        ),
        T::Differs { reason } => (
            format!("{place} is not what was uploaded: {reason}."),
            "Something between this computer and the store has changed it, or another program has. Choose another prefix, \
             or remove the object there and resume."
                .to_owned(),
        ),
        T::OtherRegion { region: Some(region) } => (
            format!("{place} is in the region {region}."),
            format!("Set AWS_REGION={region}, then try again."),
        ),
        T::OtherRegion { region: None } => (
            format!("{place} is in another region or at another address."),
            "Set AWS_REGION to the region of the bucket, then try again.".to_owned(),
        ),
        T::Refused { status, code } => {
            let comma = if code.is_empty() { "" } else { ", " };
            (format!("The store refused the request for {place} ({status}{comma}{code})."), String::new())
        }
        T::NotUnderstood { reason } => (
            format!("The store's response for {place} could not be read: {reason}."),
            "Another server may be answering in place of the store. Check the endpoint and any proxy in between.".to_owned(),
        ),
    }
}

/// How to give up an interrupted upload: what is on this computer, and what is in the store. `folder` is the work folder.
pub fn starting_over(folder: &str, address: &ObjectAddress) -> String {
    format!("To start over, remove {folder}, and then the objects that were uploaded: {}", how_to_remove(address))
}

/// The command of the store's own tools that removes all objects of a place.
fn how_to_remove(address: &ObjectAddress) -> String {
    let slash = if address.prefix().is_empty() { "" } else { "/" };
    let below = format!("{address}{slash}");
    match address.kind() {
        StoreKind::S3 => format!("aws s3 rm --recursive {}", quoted(&below)),
        StoreKind::Google => format!("gcloud storage rm {}", quoted(&format!("{below}**"))),
        StoreKind::Azure => {
            let account = address.account().map(|account| format!(" --account-name {account}")).unwrap_or_default();
            let pattern = quoted(&format!("{}{slash}*", address.prefix()));
            format!("az storage blob delete-batch{account} --source {} --pattern {pattern}", address.container())
        }
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn how_to_sign_in(kind: StoreKind) -> &'static str {
    match kind {
        StoreKind::S3 => {
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE with a profile in ~/.aws, or run on a \
             machine with a role."
        }
        StoreKind::Google => {
            "Run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS to the file of a service \
             account."
        }
        StoreKind::Azure => {
            "Run az login, or set AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_CONNECTION_STRING, \
             or run on a machine with a managed identity."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_uploaded_is_removed_by_the_tools_of_its_store() {
        let of = |address: &str| how_to_remove(&address.parse().expect("address"));
        assert_eq!(of("s3://bucket/a b"), "aws s3 rm --recursive 's3://bucket/a b/'");
        assert_eq!(of("s3://bucket"), "aws s3 rm --recursive 's3://bucket'");
        assert_eq!(of("gs://bucket/it's"), "gcloud storage rm 'gs://bucket/it'\\''s/**'");
        assert_eq!(of("az://pictures/a"), "az storage blob delete-batch --source pictures --pattern 'a/*'");
        assert_eq!(
            of("abfss://pictures@acc.dfs.core.windows.net/a"),
            "az storage blob delete-batch --account-name acc --source pictures --pattern 'a/*'"
        );
    }
}
