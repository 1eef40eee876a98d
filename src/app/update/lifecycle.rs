//! The life of a project in the window: connecting to its source, the list of the last visit, opening, and going back to
//! where an earlier session was.

pub(crate) mod awaited;
mod connect;
pub(crate) mod last_visit;
mod project;
pub(crate) mod recall;
pub(crate) mod scrolled;

pub(crate) use connect::connected;
pub(super) use connect::update as update_connection;
pub(crate) use project::remember_project;
pub(super) use project::{is_unconnected, update as update_project};
