//! How a command ends: its exit status and its message.

use std::process::ExitCode;

use app::{Failure, FailureKind};

/// The variable that holds the key.
pub(super) const KEY_VARIABLE: &str = "VISION_TRAINING_KEY";

/// A command that ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// All of it.
    Whole,
    /// With itemized skips, which have been said.
    WithSkips,
    /// All of it, and the two states that were compared differ.
    Different,
}

/// Why a command ended otherwise.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// The arguments mean nothing together.
    Usage(String),
    /// A name or id that is not there; with what is.
    NotThere(String),
    /// What the layers below failed with.
    Failed(Failure),
    /// Trouble with one of the two states of a comparison.
    InState { state: String, trouble: Box<Trouble> },
    /// Nobody reads the output any more: no error.
    PipeClosed,
    /// The output cannot be written.
    Output(String),
    /// The folder has its place, but standard output, which was to say so, cannot be written.
    Untold(String),
}

pub(super) type CommandResult = Result<Done, Trouble>;

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::PipeClosed,
            _ => Self::Output(format!("cannot write to standard output: {error}")),
        }
    }
}

impl Trouble {
    fn status(&self) -> u8 {
        match self {
            Self::PipeClosed => 0,
            // Nothing is missing from what was written.
            Self::Untold(_) => 5,
            Self::Usage(_) => 2,
            Self::NotThere(_) => 3,
            Self::Output(_) => 1,
            Self::Failed(failure) => failure.kind.origin().status(),
            Self::InState { trouble, .. } => trouble.status(),
        }
    }

    /// What standard error says; empty when there is nothing to say.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Usage(words) | Self::NotThere(words) | Self::Output(words) | Self::Untold(words) => words.clone(),
            Self::Failed(failure) => failure_words(failure),
            Self::InState { state, trouble } => in_state(state, trouble.words()),
            Self::PipeClosed => String::new(),
        }
    }
}

/// The words with the state that they are about, unless they begin with it.
fn in_state(state: &str, words: String) -> String {
    let begins = words.strip_prefix(state).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    match state {
        _ if begins => words,
        // `service:` alone.
        state if state.ends_with(':') => format!("{state} {words}"),
        state => format!("{state}: {words}"),
    }
}

/// The lines of `details` that say more than `words`.
pub(super) fn unsaid(words: &str, details: &str) -> String {
    let said = words.to_lowercase();
    let is_unsaid = |line: &&str| {
        let line = line.trim().to_lowercase();
        !said.contains(line.trim_end_matches('.'))
    };
    details.lines().filter(is_unsaid).collect::<Vec<_>>().join("\n")
}

pub(super) fn status(outcome: &CommandResult) -> u8 {
    match outcome {
        Ok(Done::Whole) => 0,
        Ok(Done::WithSkips) => 5,
        Ok(Done::Different) => 1,
        Err(trouble) => trouble.status(),
    }
}

pub(super) fn code(outcome: &CommandResult) -> ExitCode {
    ExitCode::from(status(outcome))
}

/// What happened, and the way out. The window's words name fields and buttons in places: here a variable, an option or a
/// command stands instead.
fn failure_words(failure: &Failure) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use app::FailureKind;

    #[test]
    fn trouble_with_one_of_two_states_says_which() {
        let of = |state: &str, words: &str| {
            let trouble = Box::new(Trouble::NotThere(words.to_owned()));
            let trouble = Trouble::InState { state: state.to_owned(), trouble };
            assert_eq!(status(&Err(trouble.clone())), 3);
            trouble.words()
        };
        assert_eq!(of("a#It", "there is no iteration \"It\""), "a#It: there is no iteration \"It\"");
        assert_eq!(of("a", "a looks like an archive"), "a looks like an archive");
        assert_eq!(of("a", "all is lost"), "a: all is lost");
        assert_eq!(of("service:", "no endpoint"), "service: no endpoint");
    }

    #[test]
    fn nothing_is_said_twice() {
        let words = "s3://a/images.jsonl is damaged: it has 3 bytes. Restore it.";
        assert_eq!(unsaid(words, "s3://a/images.jsonl is damaged: it has 3 bytes"), "");
        let details = "status 403\nIt has 3 bytes.\nthe proxy";
        assert_eq!(unsaid(words, details), "status 403\nthe proxy");
        assert_eq!(unsaid(words, ""), "");
    }

    #[test]
    fn each_end_has_its_status() {
        let failed = |kind| status(&Err(Trouble::Failed(Failure::bare(kind))));
        assert_eq!(status(&Ok(Done::Whole)), 0);
        assert_eq!(status(&Err(Trouble::PipeClosed)), 0);
        assert_eq!(failed(FailureKind::DiskFull { path: String::new() }), 1);
        assert_eq!(failed(FailureKind::BadEndpoint { reason: String::new() }), 2);
        assert_eq!(status(&Err(Trouble::Usage(String::new()))), 2);
        assert_eq!(failed(FailureKind::WrongKey), 3);
        assert_eq!(status(&Err(Trouble::NotThere(String::new()))), 3);
        assert_eq!(failed(FailureKind::ServiceFailed { status: 503 }), 4);
        assert_eq!(status(&Ok(Done::WithSkips)), 5);
        assert_eq!(status(&Ok(Done::Different)), 1);
    }
}
