//! Does the commands of [`crate::app::wall`] and takes its events.

use crate::app::wall::{WallCommand, WallEvent};
use crate::app::{Effect, State};

pub(super) fn update(_state: &mut State, command: WallCommand) -> Vec<Effect> {
    match command {}
}

/// Takes an event of the open project; an earlier opening's does not come here.
pub(in crate::app) fn apply(_state: &mut State, event: WallEvent) -> Vec<Effect> {
    match event {}
}
