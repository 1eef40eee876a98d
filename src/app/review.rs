//! Review: decisions about images and regions. Its part of the state, and its commands, effects and events; `update::review` does them.

use crate::domain::Reviews;

/// The open project's part of the state.
#[derive(Clone, Debug, Default)]
pub struct ReviewState {
    /// All decisions.
    pub reviews: Reviews,
}

/// What people ask for.
#[derive(Clone, Debug)]
pub enum ReviewCommand {}

/// What the engine is asked to do.
#[derive(Clone, Debug)]
pub enum ReviewEffect {}

/// What the engine reports of the open project.
#[derive(Clone, Debug)]
pub enum ReviewEvent {}
