//! Does the effects of [`crate::app::checks`].

use std::sync::Arc;

use super::core::Core;
use super::opening::Opening;
use crate::app::checks::CheckEffect;

/// Begins one effect for the open project.
pub(super) fn run(_core: &Arc<Core>, _opening: &Arc<Opening>, effect: CheckEffect) {
    match effect {}
}
