//! Does the effects of [`crate::app::statistics`].

use std::sync::Arc;

use super::core::Core;
use super::opening::Opening;
use crate::app::statistics::StatisticsEffect;

/// Begins one effect for the open project.
pub(super) fn run(_core: &Arc<Core>, _opening: &Arc<Opening>, effect: StatisticsEffect) {
    match effect {}
}
