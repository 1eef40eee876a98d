//! The region wall: every region as a crop. Its part of the state, and its commands, effects and events; `update::wall` does them.

/// The open project's part of the state.
#[derive(Clone, Debug, Default)]
pub struct WallState {}

/// What people ask for.
#[derive(Clone, Debug)]
pub enum WallCommand {}

/// What the engine is asked to do.
#[derive(Clone, Debug)]
pub enum WallEffect {}

/// What the engine reports of the open project.
#[derive(Clone, Debug)]
pub enum WallEvent {}
