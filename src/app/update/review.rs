//! Does the commands of [`crate::app::review`] and takes its events.

use crate::app::review::{ReviewCommand, ReviewEvent};
use crate::app::{Effect, State};

pub(super) fn update(_state: &mut State, command: ReviewCommand) -> Vec<Effect> {
    match command {}
}

/// Takes an event of the open project; an earlier opening's does not come here.
pub(in crate::app) fn apply(_state: &mut State, event: ReviewEvent) -> Vec<Effect> {
    match event {}
}
