//! Faults that the endpoint shows on purpose, so that a client can be tried against everything that services, networks,
//! proxies and blob stores do. Off unless asked for; nobody but tests asks.
//!
//! [`Faults`] is plain data, [`FAULTS`] the one list of names, values and meanings, which is also the parser. `layer`
//! wraps the responses: it decides before a call whether to replace the response, and changes the response
//! after it (`rewrite`, `xml`, `pictures`). `stage` makes the rows themselves move. The calls know nothing of it.

mod layer;
mod pictures;
mod rewrite;
mod stage;
mod table;
mod xml;

use std::num::NonZeroU64;
use std::time::Duration;

pub(super) use layer::FaultLayer;
pub use pictures::HostilePicture;
pub(super) use stage::MovingSource;
pub use table::{FAULTS, FaultName};

use crate::signature::Relative;

/// Which faults are shown; [`FAULTS`] says what each does. The default is none.
///
/// "Every" counts the calls on the service's port from 1, and for blobs the pictures asked for, whichever way. Where
/// several would answer the same call, the one that stands first here does.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    pub latency: Duration,
    pub calls_a_second: Option<NonZeroU64>,
    pub busy_every: Every,
    pub busy_says: BusySays,
    pub fail_every: Every,
    /// A status of 500 to 599.
    pub fail_status: u16,
    pub redirect_every: Every,
    pub page_every: Every,
    pub bad_json_every: Every,
    pub cut_every: Every,
    pub short_every: Every,
    pub bytes_a_second: Option<NonZeroU64>,
    pub xml: Option<XmlForm>,
    pub has_nulls: bool,
    pub has_unknown: bool,
    pub add_every: Every,
    pub delete_every: Every,
    pub are_ties_shuffled: bool,
    pub(super) relative: Relative,
    pub signature_lifetime: Option<Duration>,
    pub redirect_blobs_every: Every,
    pub missing_every: Every,
    pub cut_blobs_every: Every,
    pub short_blobs_every: Every,
    pub blob_bytes_a_second: Option<NonZeroU64>,
    pub picture: Option<HostilePicture>,
    pub picture_every: Every,
}

impl Default for Faults {
    fn default() -> Self {
        let never = Every::NEVER;
        Self {
            latency: Duration::ZERO,
            calls_a_second: None,
            busy_every: never,
            busy_says: BusySays::Nothing,
            fail_every: never,
            fail_status: 500,
            redirect_every: never,
            page_every: never,
            bad_json_every: never,
            cut_every: never,
            short_every: never,
            bytes_a_second: None,
            xml: None,
            has_nulls: false,
            has_unknown: false,
            add_every: never,
            delete_every: never,
            are_ties_shuffled: false,
            relative: Relative::None,
            signature_lifetime: None,
            redirect_blobs_every: never,
            missing_every: never,
            cut_blobs_every: never,
            short_blobs_every: never,
            blob_bytes_a_second: None,
            picture: None,
            picture_every: Every(NonZeroU64::new(1)),
        }
    }
}

impl Faults {
    /// # Errors
    ///
    /// At the first that is none.
    pub fn parse<T: AsRef<str>>(assignments: impl IntoIterator<Item = T>) -> Result<Self, FaultError> {
        let mut faults = Self::default();
        for assignment in assignments {
            faults.set(assignment.as_ref())?;
        }
        Ok(faults)
    }

    pub(super) fn relative(&self) -> Relative {
        self.relative
    }

    pub(super) fn signature_lifetime(&self, usual: Duration) -> Duration {
        self.signature_lifetime.unwrap_or(usual)
    }
}

/// Every n-th, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every(Option<NonZeroU64>);

impl Every {
    pub const NEVER: Self = Self(None);

    /// Every `n`-th; none when `n` is 0.
    pub const fn nth(n: u64) -> Self {
        Self(NonZeroU64::new(n))
    }

    pub const fn is_on(self) -> bool {
        self.0.is_some()
    }

    /// Whether `number`, counted from 1, is one of them.
    pub const fn hits(self, number: u64) -> bool {
        match self.0 {
            Some(n) => number.is_multiple_of(n.get()),
            None => false,
        }
    }
}

/// How a 429 says how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusySays {
    Nothing,
    /// `Retry-After` in seconds.
    Seconds(u64),
    /// `Retry-After` as a date so many seconds ahead.
    Date(u64),
    /// In the message only, as the recorded gateway does.
    Words(u64),
}

/// How lists and fields look in XML. Nobody has seen the service's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XmlForm {
    /// A list is an element with an element of its type for each item, as .NET writes it.
    Wrapped,
    /// A list is the same element again for each item, which is what the specification says when it says nothing.
    Repeated,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no fault of this name, or it is not `NAME=VALUE`.
    #[error("{0:?} is not a fault; give NAME=VALUE, one of:\n{list}", list = table::list())]
    Unknown(String),
    #[error("{name} needs {expected}, not {value:?}; the faults are:\n{list}", list = table::list())]
    Value { name: &'static str, expected: &'static str, value: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_third_is_the_third_sixth_and_so_on() {
        let hits = |every: Every| (1..=7).filter(|number| every.hits(*number)).collect::<Vec<_>>();
        assert_eq!(hits(Every::nth(3)), [3, 6]);
        assert_eq!(hits(Every::nth(1)), [1, 2, 3, 4, 5, 6, 7]);
        assert!(hits(Every::NEVER).is_empty() && hits(Every::nth(0)).is_empty());
    }
}
