//! What standard error says of a failure. The window's words name fields and buttons in places: here a variable, an option or a
//! command stands instead.

use super::config::KEY_VARIABLE;
use app::{Failure, FailureKind};

/// What happened, and the way out.
pub(super) fn of(failure: &Failure) -> String {
    let parts = [failure.headline(), advice(failure)];
    parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn advice(failure: &Failure) -> String {
    use FailureKind as K;
    match &failure.kind {
        K::NoKey => format!("Store it once with tagscope key set --endpoint URL, or set {KEY_VARIABLE}."),
        K::WrongKey | K::Forbidden => format!(
            "{} The key in the system keychain is used (tagscope key set --endpoint URL replaces it), else {KEY_VARIABLE}.",
            failure.advice()
        ),
        K::Redirected { .. } => {
            "The key is never sent elsewhere. Give the final endpoint with --endpoint if you trust it.".to_owned()
        }
        K::Expired => "Run the command again: it gets new URLs.".to_owned(),
        K::Keychain { reason } => format!("{reason}. Set {KEY_VARIABLE} instead."),
        K::SeveralDatasets { .. } => {
            "Give the file or folder of one of them, or its format: tagscope import FORMAT.".to_owned()
        }
        K::Internal { reason } => format!("{reason}. Please report this with the output of tagscope doctor."),
        _ => failure.advice(),
    }
}
