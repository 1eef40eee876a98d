//! What each reviewer has done and how two of them agree, as the dialog shows it.

use std::sync::Arc;

use domain::Survey;

#[derive(Clone, Debug, Default)]
pub struct SurveyState {
    /// Who is compared; `None`: one of the two who have most decisions in common.
    pub one: Option<Arc<str>>,
    /// The reviewer to compare with; `None`: the one who has most decisions in common with the first.
    pub other: Option<Arc<str>>,
    pub found: Option<FoundSurvey>,
}

/// A survey, of whom and of what.
#[derive(Clone, Debug)]
pub struct FoundSurvey {
    pub survey: Arc<Survey>,
    pub one: Arc<str>,
    /// The reviewer compared with; `None`: nobody else has decided anything.
    pub other: Option<Arc<str>>,
    pub(super) basis: SurveyBasis,
}

/// What a survey was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SurveyBasis {
    pub revision: u64,
    pub generation: u64,
    pub images: usize,
}

#[derive(Clone, Debug)]
pub enum SurveyCommand {
    Refresh,
    SetOne(Arc<str>),
    SetOther(Arc<str>),
}

impl SurveyState {
    /// Whether something has changed since the survey. A list that grows is looked at again when it has grown by a quarter.
    pub(super) fn is_behind(&self, now: SurveyBasis, is_growing: bool) -> bool {
        let Some(found) = &self.found else { return true };
        let then = found.basis;
        let is_little = is_growing && now.images >= then.images && now.images < then.images + then.images / 4;
        now != SurveyBasis { images: if is_little { now.images } else { then.images }, ..then }
    }
}
