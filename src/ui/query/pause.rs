//! When typed text is applied: once a term is whole, when the box is left (by Enter, Esc or a click), or after a pause.
//! Never in the middle of a word that may become the name of a term: `regi` is on its way to `regions>3`, and as a word of
//! its own it would empty the list.

use std::time::Duration;

use egui::Ui;

use app::QueryCommand;
use domain::query::{Completion, OfferKind};

/// How long nobody types, in seconds.
const PAUSE: f64 = 0.4;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moment {
    /// The box was left.
    pub is_left: bool,
    /// A term was finished.
    pub is_term_whole: bool,
    /// There is text that has not been applied.
    pub is_pending: bool,
}

/// When something was typed last, as long as it has not been applied: seconds of egui's clock.
#[derive(Debug, Default)]
pub(super) struct Pause(Option<f64>);

impl Pause {
    pub(super) fn typed(&mut self, now: f64) {
        self.0 = Some(now);
    }

    /// What is to be done now; asks for a frame at the end of the pause.
    pub(super) fn command(&mut self, ui: &Ui, moment: Moment, completion: Option<&Completion>) -> Option<QueryCommand> {
        let (command, wait) = self.at(ui.input(|input| input.time), moment, completion);
        if let Some(wait) = wait {
            ui.ctx().request_repaint_after(wait);
        }
        command
    }

    fn at(
        &mut self,
        now: f64,
        moment: Moment,
        completion: Option<&Completion>,
    ) -> (Option<QueryCommand>, Option<Duration>) {
        if moment.is_left {
            let is_due = self.0.take().is_some() || moment.is_pending;
            return (is_due.then_some(QueryCommand::ApplyTyped { reports_error: true }), None);
        }
        let apply = Some(QueryCommand::ApplyTyped { reports_error: false });
        if moment.is_term_whole {
            return (apply, Some(Duration::from_secs_f64(PAUSE)));
        }
        let Some(typed) = self.0 else { return (None, None) };
        let rest = PAUSE - (now - typed);
        if rest > 0.0 {
            return (None, Some(Duration::from_secs_f64(rest)));
        }
        self.0 = None;
        if !moment.is_pending {
            return (None, None);
        }
        match completion {
            None => (Some(QueryCommand::ApplyTyped { reports_error: true }), None),
            Some(completion) if completion.offers.iter().any(|offer| offer.kind == OfferKind::Term) => (None, None),
            // A value with completions is not wrong yet.
            Some(_) => (apply, None),
        }
    }
}

/// Whether the cursor is behind a finished term, or nothing is left of the text.
pub(super) fn is_term_whole(text: &str, cursor: usize) -> bool {
    let before = text.get(..cursor).and_then(|before| before.chars().next_back());
    text.trim().is_empty() || before.is_some_and(|letter| letter.is_whitespace() || letter == ')')
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::Offer;

    fn offers(kind: OfferKind) -> Completion {
        let offer = Offer { text: "x".to_owned(), label: "x".to_owned(), remark: String::new(), kind };
        Completion { range: 0..1, offers: vec![offer] }
    }

    fn settled(pause: &mut Pause, now: f64, moment: Moment, completion: Option<&Completion>) -> Option<bool> {
        match pause.at(now, moment, completion).0 {
            Some(QueryCommand::ApplyTyped { reports_error }) => Some(reports_error),
            _ => None,
        }
    }

    const PENDING: Moment = Moment { is_left: false, is_term_whole: false, is_pending: true };

    #[test]
    fn text_is_applied_after_a_pause_and_once() {
        let mut pause = Pause::default();
        pause.typed(10.0);
        assert_eq!(settled(&mut pause, 10.3, PENDING, None), None);
        pause.typed(10.3);
        assert_eq!(settled(&mut pause, 10.6, PENDING, None), None, "each letter begins the pause again");
        assert_eq!(settled(&mut pause, 10.8, PENDING, None), Some(true));
        assert_eq!(settled(&mut pause, 20.0, PENDING, None), None);
    }

    #[test]
    fn the_beginning_of_a_terms_name_is_not_applied_by_a_pause() {
        let mut pause = Pause::default();
        pause.typed(10.0);
        assert_eq!(settled(&mut pause, 11.0, PENDING, Some(&offers(OfferKind::Term))), None);
        pause.typed(12.0);
        assert_eq!(settled(&mut pause, 13.0, PENDING, Some(&offers(OfferKind::Value))), Some(false));
        let left = Moment { is_left: true, ..PENDING };
        assert_eq!(settled(&mut pause, 13.0, left, Some(&offers(OfferKind::Term))), Some(true), "Enter means it");
    }

    #[test]
    fn a_term_is_whole_behind_a_space_or_a_parenthesis() {
        assert!(is_term_whole("tag:fork ", 9) && is_term_whole("(a or b)", 8) && is_term_whole("", 0));
        assert!(!is_term_whole("tag:fork ", 8) && !is_term_whole("a b", 3));
    }
}
