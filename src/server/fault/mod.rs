//! Faults that the endpoint shows on purpose, so that a client can be tried against everything that services, networks,
//! proxies and blob stores do. Off unless asked for; nobody but tests asks.
//!
//! [`Faults`] is plain data, [`FAULTS`] the one list of names, values and meanings, which is also the parser. `layer`
//! wraps the responses: it decides before a call whether to replace the response, and changes the response
//! after it (`rewrite`, `xml`, `pictures`, `send`). `stage` makes the rows themselves move. The calls know nothing of it.

mod layer;
mod pictures;
mod rewrite;
mod send;
mod stage;
mod table;
mod tree;
mod xml;

use std::num::NonZeroU64;
use std::time::Duration;

pub(super) use layer::FaultLayer;
pub use pictures::HostilePicture;
pub(super) use stage::Stage;
pub use table::{FAULTS, FaultName};

use crate::signature::Relative;

/// Which faults are shown. Each can be switched on alone or with others; the default is none.
///
/// "Every" counts the calls on the service's port from 1, and for blobs the pictures asked for, whichever way. Where
/// several would answer the same call, the one that stands first here does.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// Every answer waits so long.
    pub latency: Duration,
    /// Calls above this number within a second are answered with 429.
    pub calls_a_second: Option<NonZeroU64>,
    /// These calls are answered with 429.
    pub busy_every: Every,
    /// How a 429 says how long to wait.
    pub busy_says: BusySays,
    /// These calls are answered with [`Faults::fail_status`].
    pub fail_every: Every,
    /// A status of 500 to 599.
    pub fail_status: u16,
    /// These calls are redirected to another origin.
    pub redirect_every: Every,
    /// These calls are answered with status 200 and a web page, as a proxy that wants a login does.
    pub page_every: Every,
    /// The JSON of these answers is broken in the middle.
    pub bad_json_every: Every,
    /// Of these answers the connection closes half-way; the length promises all.
    pub cut_every: Every,
    /// These answers announce and send only half of themselves.
    pub short_every: Every,
    /// The pace of answers on the service's port in bytes a second.
    pub bytes_a_second: Option<NonZeroU64>,
    /// Answers are XML.
    pub xml: Option<XmlForm>,
    /// Fields that would be absent are there and null.
    pub has_nulls: bool,
    /// Objects have a field that nobody knows, and enumerations values that nobody knows.
    pub has_unknown: bool,
    /// After every so many pages an image is added at the newest end; of the images a tenth is held back for it.
    pub add_every: Every,
    /// After every so many pages the newest image is deleted, until a tenth is gone.
    pub delete_every: Every,
    /// Rows with the same date come in another order at each call.
    pub are_ties_shuffled: bool,
    /// Which addresses of pictures are relative.
    pub(super) relative: Relative,
    /// How long signatures are good for instead of what the options say.
    pub signature_lifetime: Option<Duration>,
    /// These pictures are redirected to another origin.
    pub redirect_blobs_every: Every,
    /// These pictures are not there.
    pub missing_every: Every,
    /// Of these pictures the connection closes half-way; the length promises all.
    pub cut_blobs_every: Every,
    /// These pictures announce and send only half of themselves.
    pub short_blobs_every: Every,
    /// The pace of pictures in bytes a second.
    pub blob_bytes_a_second: Option<NonZeroU64>,
    /// What comes instead of [`Faults::picture_every`] picture.
    pub picture: Option<HostilePicture>,
    /// Which pictures these are; all unless given.
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
    /// The faults of these `NAME=VALUE`s.
    ///
    /// # Errors
    /// At the first that is none.
    pub fn parse<T: AsRef<str>>(assignments: impl IntoIterator<Item = T>) -> Result<Self, FaultError> {
        let mut faults = Self::default();
        for assignment in assignments {
            faults.set(assignment.as_ref())?;
        }
        Ok(faults)
    }

    /// Which addresses of pictures are relative.
    pub(super) fn relative(&self) -> Relative {
        self.relative
    }

    /// How long signatures are valid, where they are usually valid for `usual`.
    pub(super) fn signature_lifetime(&self, usual: Duration) -> Duration {
        self.signature_lifetime.unwrap_or(usual)
    }
}

/// Every n-th, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every(Option<NonZeroU64>);

impl Every {
    /// Never.
    pub const NEVER: Self = Self(None);

    /// Every `n`-th; none when `n` is 0.
    pub const fn nth(n: u64) -> Self {
        Self(NonZeroU64::new(n))
    }

    /// Whether it is switched on.
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
    /// Not at all.
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

/// What is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no fault of this name, or it is not `NAME=VALUE`.
    #[error("{0:?} is not a fault; give NAME=VALUE, one of:\n{list}", list = table::list())]
    Unknown(String),
    /// The fault takes other values.
    #[error("{name} needs {expected}, not {value:?}; the faults are:\n{list}", list = table::list())]
    Value {
        /// The fault.
        name: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What was given.
        value: String,
    },
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
