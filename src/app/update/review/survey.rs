//! Looks at what each reviewer has done.

use std::sync::Arc;

use crate::Effect;
use crate::state::{Opened, State};
use crate::survey::{Basis, FoundSurvey, SurveyCommand};
use domain::Survey;

pub(super) fn update(state: &mut State, command: SurveyCommand) -> Vec<Effect> {
    let own = state.reviewer();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let chosen = &mut opened.review.survey;
    match command {
        SurveyCommand::Look => {}
        SurveyCommand::SetOne(name) => {
            if chosen.other.as_ref() == Some(&name) {
                chosen.other = chosen.found.as_ref().map(|found| Arc::clone(&found.one));
            }
            chosen.one = Some(name);
        }
        SurveyCommand::SetOther(name) => {
            let one = chosen.one.clone().or_else(|| chosen.found.as_ref().map(|found| Arc::clone(&found.one)));
            if one.as_ref() == Some(&name) {
                chosen.one = chosen.found.as_ref().and_then(|found| found.other.clone());
            }
            chosen.other = Some(name);
        }
    }
    look(opened, own);
    Vec::new()
}

fn look(opened: &mut Opened, own: Arc<str>) {
    let (catalogue, reviews) = (&opened.catalogue, &opened.review.reviews);
    let one = opened.review.survey.one.clone().unwrap_or(own);
    let chosen = opened.review.survey.other.clone().filter(|other| *other != one);
    let first = Survey::of(catalogue, reviews, &one, chosen.as_deref());
    let busiest = || {
        let others = first.reviewers.iter().filter(|total| total.name != one);
        others.max_by_key(|total| total.decided().images + total.decided().regions).map(|total| Arc::clone(&total.name))
    };
    let (other, survey) = match chosen {
        Some(other) => (Some(other), first),
        None => match busiest() {
            Some(other) => {
                let survey = Survey::of(catalogue, reviews, &one, Some(&other));
                (Some(other), survey)
            }
            None => (None, first),
        },
    };
    let basis = Basis::of(opened);
    opened.review.survey.found = Some(FoundSurvey { survey: Arc::new(survey), one, other, basis });
}
