//! Does the commands of [`crate::app::checks`] and takes its events.

use crate::app::checks::{CheckCommand, CheckEvent};
use crate::app::{Effect, State};

pub(super) fn update(_state: &mut State, command: CheckCommand) -> Vec<Effect> {
    match command {}
}

/// Takes an event of the open project; an earlier opening's does not come here.
pub(in crate::app) fn apply(_state: &mut State, event: CheckEvent) -> Vec<Effect> {
    match event {}
}
