//! Findings: what is known of them, and what can be done with them. Its part of the state, and its commands, effects and events; `update::checks` does them.

use std::sync::Arc;

use crate::domain::Findings;

/// The open project's part of the state.
#[derive(Clone, Debug, Default)]
pub struct ChecksState {
    /// What was found so far.
    pub findings: Arc<Findings>,
}

/// What people ask for.
#[derive(Clone, Debug)]
pub enum CheckCommand {}

/// What the engine is asked to do.
#[derive(Clone, Debug)]
pub enum CheckEffect {}

/// What the engine reports of the open project.
#[derive(Clone, Debug)]
pub enum CheckEvent {}
