//! Which project, iteration or tag an argument means: [`engine::choose`] with the command line's errors.

use std::fmt::Display;
use std::str::FromStr;

use super::end::Trouble;
pub(super) use engine::choose::short;
use engine::choose::{self, Unchosen};

/// The one of `items` that `wanted` means, as [`choose::choose`] finds it.
pub(super) fn choose<'a, T, I>(
    what: &str,
    wanted: &str,
    items: &'a [T],
    of: impl Fn(&'a T) -> (I, &'a str),
) -> Result<&'a T, Trouble>
where
    I: FromStr + PartialEq + Display,
{
    Ok(choose::choose(what, wanted, items, of)?)
}

impl From<Unchosen> for Trouble {
    fn from(why: Unchosen) -> Self {
        match why {
            Unchosen::NotThere(words) => Self::NotThere(words),
            Unchosen::Unclear(words) => Self::Usage(words),
        }
    }
}
