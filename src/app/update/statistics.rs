//! Does the commands of [`crate::app::statistics`] and takes its events.

use crate::app::statistics::{StatisticsCommand, StatisticsEvent};
use crate::app::{Effect, State};

pub(super) fn update(_state: &mut State, command: StatisticsCommand) -> Vec<Effect> {
    match command {}
}

/// Takes an event of the open project; an earlier opening's does not come here.
pub(in crate::app) fn apply(_state: &mut State, event: StatisticsEvent) -> Vec<Effect> {
    match event {}
}
