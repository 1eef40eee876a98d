//! Notices about lists that could not be read as they should be.

use super::event::Doubted;
use super::words::count;
use super::{Notice, Severity, State};

/// Sentences shown in a notice; all of them are in its details.
const MOST_SHOWN: usize = 3;

/// The title about an archive whose lists do not match its manifest.
pub(super) const NOT_AS_WRITTEN: &str = "The archive differs from its manifest.";

/// The title about an archive of which it is not known whether it is as it is in its store.
pub(super) const NOT_CERTAIN: &str = "The archive may not be up to date.";

/// Shows how many problems a list has, and which. It takes the place of an earlier notice about the same.
pub(super) fn notify(state: &mut State, doubted: Doubted, sentences: &[String]) {
    let problems = count(sentences.len() as u64, "problem", "problems");
    let title = match doubted {
        Doubted::Projects => format!("{problems} in the list of projects"),
        Doubted::Iterations => format!("{problems} in the list of iterations"),
        Doubted::Tags => format!("{problems} in the list of tags"),
        Doubted::Archive => NOT_AS_WRITTEN.to_owned(),
    };
    let mut shown: Vec<String> = sentences.iter().take(MOST_SHOWN).map(|words| sentence(words)).collect();
    if sentences.len() > MOST_SHOWN {
        shown.push(format!("And {} more: copy the details to see them all.", sentences.len() - MOST_SHOWN));
    }
    let notice = Notice { details: sentences.join("\n"), ..Notice::new(Severity::Warning, title, shown.join(" ")) };
    state.notices.retain(|other| (&other.title, &other.details) != (&notice.title, &notice.details));
    state.push_notice(notice);
}

fn sentence(words: &str) -> String {
    if words.ends_with('.') { words.to_owned() } else { format!("{words}.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, Settings, apply};

    #[test]
    fn a_list_with_problems_is_told_once_with_their_number_and_names() {
        let mut state = State::new(Settings::default());
        let sentences: Vec<String> = (1..=5).map(|number| format!("Number {number} could not be read")).collect();
        for _ in 0..2 {
            apply(&mut state, Event::Doubts { doubted: Doubted::Projects, sentences: sentences.clone() });
        }
        apply(&mut state, Event::Doubts { doubted: Doubted::Tags, sentences: sentences[..1].to_vec() });
        let told: Vec<_> = state.notices.iter().map(|notice| (&*notice.title, &*notice.body)).collect();
        assert_eq!(
            told,
            [
                (
                    "5 problems in the list of projects",
                    "Number 1 could not be read. Number 2 could not be read. Number 3 could not be read. And 2 more: copy \
                     the details to see them all."
                ),
                ("1 problem in the list of tags", "Number 1 could not be read."),
            ]
        );
        assert_eq!(state.notices[0].details.lines().count(), 5);
    }
}
