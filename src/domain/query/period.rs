//! Times as people write them: a year, a month, a day, or to the second; each is a whole period.

use winnow::Parser;
use winnow::combinator::{alt, opt, preceded};
use winnow::error::EmptyError;
use winnow::token::take_while;

use super::ast::Period;
use crate::timestamp::Timestamp;

/// Reads `2024`, `2024-01`, `2024-01-31`, `2024-01-31T16`, `T16:05` or `T16:05:59`.
///
/// # Errors
/// With words, when it is no date or there is no such day.
pub(super) fn period(text: &str) -> Result<Period, String> {
    let fail = || format!("`{text}` is not a date");
    let parts = parts(text).ok_or_else(fail)?;
    let stamp = |[year, month, day, hour, minute, second]: [u32; 6]| {
        Timestamp::parse(&format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"))
    };
    let start = stamp(std::array::from_fn(|at| parts.get(at).copied().unwrap_or(if at < 3 { 1 } else { 0 })));
    let start = start.ok_or_else(|| format!("`{text}` is not a valid date"))?;
    let end = match *parts.as_slice() {
        [year] => stamp([year + 1, 1, 1, 0, 0, 0]),
        [year, 12] => stamp([year + 1, 1, 1, 0, 0, 0]),
        [year, month] => stamp([year, month + 1, 1, 0, 0, 0]),
        // Days, hours and minutes of UTC are all alike.
        [_, _, _] => Some(Timestamp(start.0 + 86_400 * TICKS)),
        [_, _, _, _] => Some(Timestamp(start.0 + 3_600 * TICKS)),
        [_, _, _, _, _] => Some(Timestamp(start.0 + 60 * TICKS)),
        _ => Some(Timestamp(start.0 + TICKS)),
    };
    Ok(Period { text: text.to_owned(), start, end: end.ok_or_else(fail)? })
}

/// The period of a text; `None` when it is no date.
pub fn period_of(text: &str) -> Option<Period> {
    period(text).ok()
}

const TICKS: i64 = 10_000_000;

fn parts(text: &str) -> Option<Vec<u32>> {
    let digits = |count: usize| {
        take_while::<_, &str, EmptyError>(count, |letter: char| letter.is_ascii_digit())
            .try_map(|digits: &str| digits.parse::<u32>())
    };
    let time = (digits(2), opt(preceded(':', (digits(2), opt(preceded(':', digits(2)))))));
    let day = (digits(2), opt(preceded(alt(('T', 't')), time)));
    let mut whole = (digits(4), opt(preceded('-', (digits(2), opt(preceded('-', day))))));
    let (year, rest) = whole.parse(text).ok()?;
    let mut parts = vec![year];
    let Some((month, rest)) = rest else { return Some(parts) };
    parts.push(month);
    let Some((day, rest)) = rest else { return Some(parts) };
    parts.push(day);
    let Some((hour, rest)) = rest else { return Some(parts) };
    parts.push(hour);
    let Some((minute, second)) = rest else { return Some(parts) };
    parts.push(minute);
    parts.extend(second);
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_ends_where_the_next_one_begins() {
        for (text, start, end) in [
            ("2024", "2024-01-01T00:00:00", "2025-01-01T00:00:00"),
            ("2024-02", "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
            ("2023-12", "2023-12-01T00:00:00", "2024-01-01T00:00:00"),
            ("2024-02-29", "2024-02-29T00:00:00", "2024-03-01T00:00:00"),
            ("2024-02-29T16", "2024-02-29T16:00:00", "2024-02-29T17:00:00"),
            ("2024-02-29t16:59", "2024-02-29T16:59:00", "2024-02-29T17:00:00"),
            ("2024-02-29T16:05:59", "2024-02-29T16:05:59", "2024-02-29T16:06:00"),
        ] {
            let period = period(text).expect(text);
            assert_eq!((period.start.to_string(), period.end.to_string()), (start.to_owned(), end.to_owned()));
        }
    }

    #[test]
    fn what_is_no_date_is_said() {
        for text in ["", "24", "2024-1", "2024-13", "2023-02-29", "2024-01-01T25", "2024-01-01T10:60", "9999", "today"]
        {
            assert!(period(text).is_err(), "{text}");
        }
    }
}
