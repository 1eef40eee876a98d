//! Places in object stores: their addresses, and what can be wrong with them. How they are reached is `remote`'s business.

mod address;
mod destination;
mod trouble;

pub use address::{AddressError, ObjectAddress, StoreKind};
pub use destination::Destination;
pub use trouble::StoreTrouble;
