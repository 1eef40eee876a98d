//! What can go wrong with an object store.

use domain::{ObjectAddress, StoreTrouble};
use service::ServiceError;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// The store refuses, or cannot be asked.
    #[error("{place}: {trouble}{}", said(trouble, details))]
    Store {
        place: Box<ObjectAddress>,
        trouble: StoreTrouble,
        /// What the store said, without any of its secrets; may be empty.
        details: String,
    },
    /// The network, a proxy between, or a store that is down or asks for fewer requests, after retries.
    #[error("{place}: {error}")]
    Network { place: Box<ObjectAddress>, error: ServiceError },
}

fn said(trouble: &StoreTrouble, details: &str) -> String {
    // A refusal says both itself.
    let is_said = details.is_empty() || matches!(trouble, StoreTrouble::Refused { .. });
    if is_said { String::new() } else { format!(" ({details})") }
}

impl RemoteError {
    pub(super) fn new(place: &ObjectAddress, trouble: StoreTrouble) -> Self {
        Self::Store { place: Box::new(place.clone()), trouble, details: String::new() }
    }

    pub fn no_object(place: &ObjectAddress) -> Self {
        Self::new(place, StoreTrouble::NoObject)
    }

    pub(super) fn bad_setting(place: &ObjectAddress, reason: impl Into<String>) -> Self {
        Self::new(place, StoreTrouble::BadSetting { reason: reason.into() })
    }

    /// What the store is in trouble with; `None` when it is the network.
    pub fn trouble(&self) -> Option<&StoreTrouble> {
        match self {
            Self::Store { trouble, .. } => Some(trouble),
            Self::Network { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_said_once() {
        let place = Box::new("gs://bucket/a".parse().expect("address"));
        let trouble = StoreTrouble::Refused { status: 400, code: "InvalidPart".to_owned() };
        let error = RemoteError::Store { place, trouble, details: "status 400, InvalidPart".to_owned() };
        assert_eq!(error.to_string(), "gs://bucket/a: the store refused (status 400, InvalidPart)");
    }
}
