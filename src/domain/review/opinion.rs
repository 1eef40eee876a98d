//! What is shown of reviews: comments, opinions, the summary of an image.

use std::sync::Arc;

use super::{Subject, Verdict};

#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    pub subject: Subject,
    pub by: Arc<str>,
    /// When, in seconds since 1970.
    pub at: i64,
    pub text: Arc<str>,
    pub(super) is_in_force: bool,
}

/// What one reviewer thinks of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opinion<'a> {
    pub by: &'a str,
    pub verdict: Verdict,
    /// When, in seconds since 1970.
    pub at: i64,
    pub subject: Subject,
}

/// An image's reviews in short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImageReview {
    /// The own verdict about the image.
    pub verdict: Option<Verdict>,
    /// The gravest of the own verdicts about its regions.
    pub worst_region: Option<Verdict>,
    /// Regions with an own verdict.
    pub region_count: usize,
    /// Comments on it and its regions.
    pub comment_count: usize,
    pub has_disagreement: bool,
}
