use super::*;
use crate::review::SurveyCommand;

fn pair(state: &mut State, command: SurveyCommand) -> (String, Option<String>) {
    review(state, ReviewCommand::Survey(command));
    let found = state.opened.as_ref().and_then(|opened| opened.review.survey.found.as_ref()).expect("a survey");
    (found.one.to_string(), found.other.as_ref().map(ToString::to_string))
}

/// The journal: who has accepted which images.
fn decided(state: &mut State, by_whom: &[(&str, std::ops::Range<u32>)]) {
    let mut reviews = Reviews::default();
    for (number, (by, images)) in by_whom.iter().enumerate() {
        let subjects = images.clone().map(|ix| subject(state, ix)).collect();
        let statement = Statement::Decide { subjects, verdict: Some(Verdict::Accepted) };
        reviews.apply(&Decision { number: number as u64 + 1, at: 0, by: (*by).into(), statement }).expect("an entry");
    }
    event(state, ReviewEvent::Loaded { reviews: Arc::new(reviews), shut: None, notes: Vec::new() });
}

#[test]
fn the_survey_begins_with_the_two_who_have_most_in_common() {
    let mut state = ready(4);
    state.settings.reviewer = "me".into();
    // The person has decided most, but only one image together with anybody.
    decided(&mut state, &[("me", 1..4), ("ann", 0..2), ("bob", 0..2)]);
    let names = |one: &str, other: &str| (one.to_owned(), Some(other.to_owned()));
    assert_eq!(pair(&mut state, SurveyCommand::Refresh), names("ann", "bob"));
    // Who is chosen for the place of the other changes places with them, also where nobody has chosen the other.
    assert_eq!(pair(&mut state, SurveyCommand::SetOne("bob".into())), names("bob", "ann"));
    assert_eq!(pair(&mut state, SurveyCommand::SetOther("me".into())), names("bob", "me"), "the first stays");
    assert_eq!(pair(&mut state, SurveyCommand::SetOther("bob".into())), names("me", "bob"));
    assert_eq!(pair(&mut state, SurveyCommand::Refresh), names("me", "bob"));
}

#[test]
fn without_anything_in_common_the_person_is_compared_with_the_busiest() {
    let mut state = ready(4);
    state.settings.reviewer = "me".into();
    assert_eq!(pair(&mut state, SurveyCommand::Refresh), ("me".into(), None));
    decided(&mut state, &[("ann", 0..1), ("bob", 1..4)]);
    assert_eq!(pair(&mut state, SurveyCommand::Refresh), ("me".into(), Some("bob".into())));
}
