//! What is doubtful about a list that was just read goes to the person, not only to the log.

use std::sync::Arc;

use super::inbox::Inbox;
use super::session::ProjectSession;
use super::source::{Source, blocking, doubts_of};
use app::event::Doubted;
use app::{Event, Failure};
use domain::{IterationId, Listed};

/// The entries of a list; what could not be read of it is reported.
pub(super) fn entries<T>(inbox: &Inbox, doubted: Doubted, listed: Listed<T>) -> Vec<T> {
    for problem in &listed.problems {
        tracing::warn!(%problem, "part of a list could not be read");
    }
    post(inbox, doubted, listed.problems.iter().map(ToString::to_string).collect());
    listed.entries
}

/// Reports that a list could not be read at all, where the project opens without it.
pub(super) fn missing(inbox: &Inbox, doubted: Doubted, failure: &Failure) {
    tracing::warn!(failure = failure.kind_name(), "a list could not be read");
    post(inbox, doubted, vec![format!("{} {}", failure.headline(), failure.advice()).trim_end().to_owned()]);
}

/// Reports what speaks against the lists of an iteration. Those of the workspace are compared when the archive is opened.
pub(super) async fn report_iteration(session: &ProjectSession, iteration: IterationId) {
    let Source::Archive(archive) = &session.blobs.source else { return };
    let archive = Arc::clone(archive);
    let found = blocking(move || {
        let known = doubts_of(&archive, None)?.len();
        Ok(doubts_of(&archive, Some(iteration))?.into_iter().skip(known).collect())
    });
    match found.await {
        Ok(sentences) => post(&session.shared.inbox, Doubted::Archive, sentences),
        Err(failure) => missing(&session.shared.inbox, Doubted::Archive, &failure),
    }
}

fn post(inbox: &Inbox, doubted: Doubted, sentences: Vec<String>) {
    if !sentences.is_empty() {
        inbox.post(Event::Doubts { doubted, sentences });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::FailureKind;
    use domain::Tag;

    #[test]
    fn what_could_not_be_read_of_a_list_is_reported() {
        let inbox = Inbox::new(1024, Arc::new(|| {}));
        let tags = r#"[{"id":"00000000-0000-0000-0000-000000000001","name":"fork"},{"name":"no id"},7]"#;
        let listed = Listed::<Tag>::read(tags.as_bytes(), "tags").expect("list");
        assert_eq!(entries(&inbox, Doubted::Tags, listed).len(), 1);
        assert!(entries(&inbox, Doubted::Tags, Listed::<Tag>::default()).is_empty());
        missing(&inbox, Doubted::Tags, &Failure::bare(FailureKind::TimedOut));
        let events = inbox.drain(usize::MAX);
        let told: Vec<usize> = events
            .iter()
            .map(|event| match event {
                Event::Doubts { doubted: Doubted::Tags, sentences } => sentences.len(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told, [2, 1], "one report for each list with a problem");
    }
}
