//! The service client against a service on loopback that answers what a test tells it to.

mod calls;
mod faults;
mod lists;
mod moving;
mod pace;
mod paging;
mod pictures;
mod ranges;
pub(crate) mod script;
mod signatures;
