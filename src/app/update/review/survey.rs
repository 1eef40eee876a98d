//! Makes the survey of what each reviewer has done.

use std::sync::Arc;

use crate::Effect;
use crate::state::{Opened, State};
use crate::survey::{FoundSurvey, SurveyCommand};
use domain::{Catalogue, Reviews, SharedDecisions, Survey};

pub(super) fn update(state: &mut State, command: SurveyCommand) -> Vec<Effect> {
    let own = state.reviewer();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let chosen = &mut opened.review.survey;
    let found = chosen.found.as_ref().map(|found| (Arc::clone(&found.one), found.other.clone()));
    let (one, other) = found.unzip();
    let other = other.flatten();
    match command {
        SurveyCommand::Refresh => {}
        // Whoever is chosen for the place of the other changes places with them.
        SurveyCommand::SetOne(name) if other.as_ref() == Some(&name) => (chosen.one, chosen.other) = (Some(name), one),
        SurveyCommand::SetOther(name) if one.as_ref() == Some(&name) => {
            (chosen.one, chosen.other) = (other, Some(name));
        }
        SurveyCommand::SetOne(name) => chosen.one = Some(name),
        SurveyCommand::SetOther(name) => (chosen.one, chosen.other) = (one, Some(name)),
    }
    survey(opened, &own);
    Vec::new()
}

fn survey(opened: &mut Opened, own: &Arc<str>) {
    let (catalogue, reviews) = (&opened.catalogue, &opened.review.reviews);
    let chosen = &opened.review.survey;
    let (one, other) = match (&chosen.one, &chosen.other) {
        (Some(one), Some(other)) => (Arc::clone(one), Some(Arc::clone(other))),
        (one, _) => begin(catalogue, reviews, own, one.as_ref()),
    };
    let survey = Survey::of(catalogue, reviews, &one, other.as_deref());
    let basis = opened.survey_basis();
    opened.review.survey.found = Some(FoundSurvey { survey: Arc::new(survey), one, other, basis });
}

/// The two who have the most decisions in common. Without any: the person, or the one who was chosen, and the busiest other.
fn begin(
    catalogue: &Catalogue,
    reviews: &Reviews,
    own: &Arc<str>,
    one: Option<&Arc<str>>,
) -> (Arc<str>, Option<Arc<str>>) {
    let reviewers = Survey::of(catalogue, reviews, own, None).reviewers;
    if let Some([one, other]) = SharedDecisions::of(catalogue, reviews, &reviewers).most(own, one.map(|one| &**one)) {
        return (one, Some(other));
    }
    let one = one.unwrap_or(own);
    let others = reviewers.iter().filter(|total| total.name != *one);
    let busiest = others.max_by_key(|total| total.decided().images + total.decided().regions);
    (Arc::clone(one), busiest.map(|total| Arc::clone(&total.name)))
}
