//! The service's points in time: UTC, in steps of 100 ns, printed with as few digits as they need.
//!
//! Two text forms are on the wire: `2020-11-06T16:15:54.5237711` (image, tag and region rows: no zone, 0 to 7
//! fraction digits, trailing zeros stripped) and `2020-11-06T16:37:27.563Z` (projects and iterations).

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A point in time in steps of 100 ns since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

const TICKS_A_SECOND: i64 = 10_000_000;

impl Timestamp {
    /// Reads the form of image rows and nothing else: `2020-11-06T16:15:54.5237711`, 0 to 7 digits of a fraction.
    pub(super) fn from_row_form(text: &str) -> Option<Self> {
        parse_plain(text.as_bytes()).map(Self)
    }

    /// Reads either wire form; an offset other than `Z` is applied. `None` when the text is no date.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(stamp) = Self::from_row_form(text) {
            return Some(stamp);
        }
        let timestamp = match text.parse::<jiff::Timestamp>() {
            Ok(timestamp) => timestamp,
            Err(_) => TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok()?,
        };
        i64::try_from(timestamp.as_nanosecond() / 100).ok().map(Self)
    }

    /// Seconds since 1970, rounded down.
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(TICKS_A_SECOND)
    }

    /// `2020-11-06`, the day in UTC.
    pub fn date_text(self) -> String {
        let text = self.to_string();
        text.split('T').next().unwrap_or_default().to_owned()
    }

    /// `2020-11-06 16:15:54`, for people.
    pub fn display_text(self) -> String {
        let text = self.to_string();
        text.split('.').next().unwrap_or_default().replace('T', " ")
    }

    /// `Tuesday, November 24, 2026, 10:12 UTC`, for people; the date alone where it is beyond all calendars.
    pub fn long_text(self) -> String {
        match jiff::Timestamp::from_second(self.unix_seconds()) {
            Ok(time) => time.strftime("%A, %B %-d, %Y, %H:%M UTC").to_string(),
            Err(_) => self.date_text(),
        }
    }

    /// Appends the wire form of image rows: no zone, trailing zeros of the fraction stripped. By plain arithmetic: a
    /// million regions carry one each.
    pub fn push_text(self, out: &mut Vec<u8>) {
        let seconds = self.unix_seconds();
        let (year, month, day) = date_of(seconds.div_euclid(86_400));
        let second_of_day = seconds.rem_euclid(86_400);
        if year < 0 {
            out.push(b'-');
        }
        // Years before the first have six digits, by ISO 8601 and by the parser.
        push_padded(year.unsigned_abs(), if year < 0 { 6 } else { 4 }, out);
        let (hour, minute, second) = (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
        for (separator, part) in [(b'-', month), (b'-', day), (b'T', hour), (b':', minute), (b':', second)] {
            out.push(separator);
            push_padded(part.unsigned_abs(), 2, out);
        }
        let mut fraction = self.0.rem_euclid(TICKS_A_SECOND).unsigned_abs();
        if fraction == 0 {
            return;
        }
        let mut digits = 7;
        while fraction.is_multiple_of(10) {
            fraction /= 10;
            digits -= 1;
        }
        out.push(b'.');
        push_padded(fraction, digits, out);
    }
}

/// The wire form of image rows: no zone, trailing zeros of the fraction stripped.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(28);
        self.push_text(&mut text);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Appends a number with zeros before it up to `width` digits.
fn push_padded(mut number: u64, width: usize, out: &mut Vec<u8>) {
    let mut text = [b'0'; 20];
    let mut start = text.len();
    while number > 0 {
        start -= 1;
        text[start] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    out.extend_from_slice(&text[start.min(text.len() - width)..]);
}

/// The common form, `yyyy-mm-ddThh:mm:ss[.f{1,7}]`, without the cost of a general parser: a million regions carry one
/// each.
fn parse_plain(bytes: &[u8]) -> Option<i64> {
    fn number(bytes: &[u8]) -> Option<i64> {
        bytes.iter().try_fold(0_i64, |sum, &byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
    }
    let (head, fraction) = match bytes.len() {
        19 => (bytes, &bytes[..0]),
        21..=27 if bytes[19] == b'.' => (&bytes[..19], &bytes[20..]),
        _ => return None,
    };
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators.iter().any(|&(at, byte)| head[at] != byte) {
        return None;
    }
    let (year, month, day) = (number(&head[..4])?, number(&head[5..7])?, number(&head[8..10])?);
    let (hour, minute, second) = (number(&head[11..13])?, number(&head[14..16])?, number(&head[17..])?);
    let in_range = year >= 1
        && (1..=12).contains(&month)
        && hour < 24
        && minute < 60
        && second < 60
        && (1..=days_of_month(year, month)).contains(&day);
    if !in_range {
        return None;
    }
    let mut ticks = number(fraction)?;
    for _ in fraction.len()..7 {
        ticks *= 10;
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(seconds * TICKS_A_SECOND + ticks)
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days of the proleptic Gregorian calendar; years are counted from March, so that the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let days_of_years = 365 * year + year / 4 - year / 100 + year / 400;
    let days_of_months = (153 * month + 2) / 5;
    days_of_years + days_of_months + day - 1 - 719_468
}

/// Year, month and day of a number of days since 1970; the reverse of [`days_since_1970`], in cycles of 400 years.
pub(super) fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let cycle = days.div_euclid(146_097);
    let day_of_cycle = days.rem_euclid(146_097);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_cycle + cycle * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_both_wire_forms() {
        let row = Timestamp::parse("2020-11-06T16:15:54.5237711").expect("row form");
        assert_eq!(row.0, 16_046_793_545_237_711);
        assert_eq!(row.to_string(), "2020-11-06T16:15:54.5237711");
        let project = Timestamp::parse("2020-11-06T16:37:27.563Z").expect("project form");
        assert_eq!(project.to_string(), "2020-11-06T16:37:27.563");
        assert_eq!(Timestamp::parse("2020-11-06T18:37:27.563+02:00"), Some(project));
    }

    #[test]
    fn strips_zeros_and_keeps_whole_seconds_bare() {
        for text in [
            "2020-11-06T16:15:54",
            "2020-11-06T16:15:54.5",
            "1969-12-31T23:59:59.9999999",
            "2024-02-29T00:00:00.0000001",
            "-000001-01-01T00:00:00.5",
        ] {
            assert_eq!(Timestamp::parse(text).expect(text).to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in ["", "yesterday", "2020-13-06T16:15:54", "2023-02-29T00:00:00", "2020-11-06T25:15:54"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_stamp_survives_its_text(ticks in -600_000_000_000_000_000_i64..2_500_000_000_000_000_000) {
            let stamp = Timestamp(ticks);
            prop_assert_eq!(Timestamp::parse(&stamp.to_string()), Some(stamp));
        }
    }
}
