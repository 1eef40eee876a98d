//! What each reviewer has done and how two of them agree, as the dialog shows it.

use std::sync::Arc;

use super::listing::ListingState;
use super::state::Opened;
use domain::Survey;

/// The open project's part of the state.
#[derive(Clone, Debug, Default)]
pub struct SurveyState {
    /// Who is compared; `None`: one of the two who have most decisions in common.
    pub one: Option<Arc<str>>,
    /// The reviewer to compare with; `None`: the one who has most decisions in common with the first.
    pub other: Option<Arc<str>>,
    /// What was found.
    pub found: Option<FoundSurvey>,
}

/// A survey, of whom and of what.
#[derive(Clone, Debug)]
pub struct FoundSurvey {
    /// What was found.
    pub survey: Arc<Survey>,
    /// Who is compared.
    pub one: Arc<str>,
    /// The reviewer compared with; `None`: nobody else has decided anything.
    pub other: Option<Arc<str>>,
    pub(super) basis: Basis,
}

/// What a survey was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Basis {
    revision: u64,
    generation: u64,
    images: usize,
}

impl Basis {
    pub(super) fn of(opened: &Opened) -> Self {
        Self {
            revision: opened.review.reviews.revision(),
            generation: opened.generation,
            images: opened.catalogue.len(),
        }
    }
}

/// What people ask for.
#[derive(Clone, Debug)]
pub enum SurveyCommand {
    /// Look again, after a change.
    Look,
    /// Compare this reviewer.
    SetOne(Arc<str>),
    /// With this one.
    SetOther(Arc<str>),
}

impl Opened {
    /// Whether something has changed since the survey. A list that grows is looked at again when it has grown by a quarter.
    pub fn is_survey_behind(&self) -> bool {
        let Some(found) = &self.review.survey.found else { return true };
        let (now, then) = (Basis::of(self), found.basis);
        let is_growing = matches!(self.listing, ListingState::Running { .. });
        let is_little = is_growing && now.images >= then.images && now.images < then.images + then.images / 4;
        now != Basis { images: if is_little { now.images } else { then.images }, ..then }
    }
}
