//! Does the effects of [`crate::app::review`].

use std::sync::Arc;

use super::core::Core;
use super::opening::Opening;
use crate::app::review::ReviewEffect;

/// Begins one effect for the open project.
pub(super) fn run(_core: &Arc<Core>, _opening: &Arc<Opening>, effect: ReviewEffect) {
    match effect {
        ReviewEffect::Open { .. }
        | ReviewEffect::Keep(_)
        | ReviewEffect::Export { .. }
        | ReviewEffect::Import { .. } => {}
    }
}
