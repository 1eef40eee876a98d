//! Statistics of the project and of what is shown. Its part of the state, and its commands, effects and events; `update::statistics` does them.

/// The open project's part of the state.
#[derive(Clone, Debug, Default)]
pub struct StatisticsState {}

/// What people ask for.
#[derive(Clone, Debug)]
pub enum StatisticsCommand {}

/// What the engine is asked to do.
#[derive(Clone, Debug)]
pub enum StatisticsEffect {}

/// What the engine reports of the open project.
#[derive(Clone, Debug)]
pub enum StatisticsEvent {}
