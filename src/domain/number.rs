//! The service's number text: single precision, as .NET's "R" format prints it.
//!
//! Seven significant digits when they read back to the same `f32`, else nine. So the `f32` alone is enough to print
//! the service's own text again, and only a text that deviates (see [`is_canonical`]) has to be kept next to it.
//!
//! Newer .NET prints numbers otherwise, but no less regularly: see [`Spelling`].

use std::fmt::Write as _;

/// How the numbers of an image are printed. Each text follows from the `f32` alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Spelling {
    digits: Digits,
    /// Whole numbers without `.0`.
    is_bare: bool,
}

/// How many digits a number has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Digits {
    /// Seven when they read back, else nine: .NET's "R" up to version 2.
    #[default]
    Classic,
    /// As few as read back to the same `f32`: .NET from version 3 on.
    Shortest,
    /// As few as read back to the same `f64`, for a service that widens its numbers before it prints them.
    Widened,
}

impl Spelling {
    /// All of them, the service's usual one first.
    pub const ALL: [Self; 6] = [
        Self { digits: Digits::Classic, is_bare: false },
        Self { digits: Digits::Shortest, is_bare: false },
        Self { digits: Digits::Shortest, is_bare: true },
        Self { digits: Digits::Widened, is_bare: false },
        Self { digits: Digits::Widened, is_bare: true },
        Self { digits: Digits::Classic, is_bare: true },
    ];

    const NAMES: [&'static str; 6] = ["classic", "shortest", "shortestBare", "widened", "widenedBare", "classicBare"];

    /// Its place in [`Spelling::ALL`].
    pub fn code(self) -> u8 {
        let at = Self::ALL.iter().position(|one| *one == self);
        at.and_then(|at| u8::try_from(at).ok()).unwrap_or_default()
    }

    /// The spelling of a [`code`](Self::code); the usual one for any other number.
    pub fn from_code(code: u8) -> Self {
        Self::ALL.get(usize::from(code)).copied().unwrap_or_default()
    }

    /// Its name in files.
    pub fn name(self) -> &'static str {
        Self::NAMES[usize::from(self.code())]
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|known| *known == name).and_then(|at| Self::ALL.get(at)).copied()
    }

    pub fn write(self, value: f32, out: &mut String) {
        let began = out.len();
        match self.digits {
            Digits::Classic => write_text(value, out),
            _ if value == 0.0 || !value.is_finite() => write_text(value, out),
            Digits::Shortest => write_shortest(&format!("{value:e}"), out),
            Digits::Widened => write_shortest(&format!("{:e}", f64::from(value)), out),
        }
        if self.is_bare && out[began..].ends_with(".0") {
            out.truncate(out.len() - 2);
        }
    }

    /// Whether `text` is what [`Spelling::write`] prints for the value it reads as.
    pub fn fits(self, text: &str, value: f32) -> bool {
        if self.digits == Digits::Classic && !self.is_bare {
            return is_canonical(text, value);
        }
        let mut printed = String::with_capacity(24);
        self.write(value, &mut printed);
        printed == text
    }
}

/// Appends a number from the standard library's shortest text with an exponent, such as `-2.5e-1`.
fn write_shortest(text: &str, out: &mut String) {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (mut digits, mut count) = (0_u64, 0);
    for digit in mantissa.bytes().filter(u8::is_ascii_digit) {
        digits = digits * 10 + u64::from(digit - b'0');
        count += 1;
    }
    out.push_str(sign);
    write_decimal(digits, exponent.parse().unwrap_or(0), count, out);
}

/// Appends `value` as the service prints it: `0.4007353`, `0.295343131`, `0.0`, `1E-05`.
pub fn write_text(value: f32, out: &mut String) {
    if !value.is_finite() {
        // JSON has no such number; the service has never sent one.
        out.push_str("0.0");
        return;
    }
    if value == 0.0 {
        out.push_str(if value.is_sign_negative() { "-0.0" } else { "0.0" });
        return;
    }
    let magnitude = value.abs();
    if value < 0.0 {
        out.push('-');
    }
    let (digits, exponent) = significant_digits(magnitude, 7);
    if reads_back(digits, exponent, 7, magnitude) {
        write_decimal(digits, exponent, 7, out);
    } else {
        let (digits, exponent) = significant_digits(magnitude, 9);
        write_decimal(digits, exponent, 9, out);
    }
}

pub fn text(value: f32) -> String {
    let mut out = String::with_capacity(12);
    write_text(value, &mut out);
    out
}

/// Whether `text` is what [`write_text`] prints for the value it reads as.
pub fn is_canonical(text: &str, value: f32) -> bool {
    if is_short_fraction(text.as_bytes()) {
        return true;
    }
    if let Some(is_canonical) = is_canonical_fraction(text.as_bytes(), value) {
        return is_canonical;
    }
    let mut printed = String::with_capacity(16);
    write_text(value, &mut printed);
    printed == text
}

/// `0.` and at most six digits, the last not zero: always reads back, so the slow comparison is saved.
fn is_short_fraction(bytes: &[u8]) -> bool {
    matches!(bytes, [b'0', b'.', digits @ ..]
        if (1..=6).contains(&digits.len())
            && digits[0] != b'0'
            && digits[digits.len() - 1] != b'0'
            && digits.iter().all(u8::is_ascii_digit))
}

/// Powers of ten that `f64` has exactly.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// How far from a tie a rounding must be, in units of the last digit, for `f64` to be sure of it.
const SURE: f64 = 0.499;

/// Whether a fraction below 1 with seven to nine significant digits is what [`write_text`] prints for `value`, which it
/// reads as. `None` when arithmetic in `f64` does not decide. Most numbers of a project are such fractions, and this
/// takes a fifth of the time that printing them takes.
fn is_canonical_fraction(bytes: &[u8], value: f32) -> Option<bool> {
    let [b'0', b'.', decimals @ ..] = bytes else { return None };
    // From four zeros on it is printed with an exponent; a last zero is never printed.
    if !(2..=12).contains(&decimals.len()) || decimals.last() == Some(&b'0') || decimals.starts_with(b"0000") {
        return None;
    }
    let mut digits = 0_u64;
    for decimal in decimals {
        let digit = decimal.is_ascii_digit().then(|| decimal - b'0')?;
        digits = digits * 10 + u64::from(digit);
    }
    let zeros = decimals.iter().take_while(|&&decimal| decimal == b'0').count();
    let significant = decimals.len() - zeros;
    let exact = f64::from(value);
    // The distance of the value from the text, in units of the digit that the service would round at.
    let distance = |count: usize| (exact * POWERS[decimals.len()] - digits as f64).abs() * POWERS[count - significant];
    if significant <= 7 {
        return (distance(7) < SURE).then_some(true);
    }
    if significant > 9 || distance(9) >= SURE {
        return None;
    }
    let scaled = exact * POWERS[zeros + 7];
    let rounded = scaled.round();
    if (scaled - rounded).abs() > SURE || rounded >= POWERS[7] {
        return None;
    }
    // Nine digits are printed when seven do not read back.
    Some((rounded / POWERS[zeros + 7]) as f32 != value)
}

/// The first `count` significant digits of `magnitude` as an integer, and the decimal exponent of the first:
/// 0.0425 with 3 digits is (425, -2). Exact, halves rounded to even.
fn significant_digits(magnitude: f32, count: u32) -> (u64, i32) {
    if let Some(found) = exact_digits(magnitude, count) {
        return found;
    }
    // Far outside 0..1: the standard library's exact printer.
    let printed = format!("{:.*e}", count as usize - 1, magnitude);
    let (mantissa, exponent) = printed.split_once('e').unwrap_or((&printed, "0"));
    let digits =
        mantissa.bytes().filter(u8::is_ascii_digit).fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    (digits, exponent.parse().unwrap_or(0))
}

/// The same by integer arithmetic, for 2^-40 <= magnitude < 16, where `mantissa * 10^k` fits 128 bits.
fn exact_digits(magnitude: f32, count: u32) -> Option<(u64, i32)> {
    let bits = magnitude.to_bits();
    let biased = i32::try_from(bits >> 23).ok()?;
    if !(87..=130).contains(&biased) {
        return None;
    }
    let mantissa = u128::from((bits & 0x007f_ffff) | 0x0080_0000);
    let shift = u32::try_from(150 - biased).ok()?;
    // The decimal exponent of the first digit: an estimate, corrected below.
    let mut exponent = i32::from(magnitude >= 10.0);
    let mut raised = magnitude;
    while raised < 1.0 {
        raised *= 10.0;
        exponent -= 1;
    }
    for _ in 0..3 {
        let power = i32::try_from(count).ok()? - 1 - exponent;
        let scaled = mantissa * 10_u128.pow(u32::try_from(power).ok()?);
        let whole = scaled >> shift;
        let rest = scaled & ((1_u128 << shift) - 1);
        let half = 1_u128 << (shift - 1);
        let up = rest > half || (rest == half && whole % 2 == 1);
        let digits = u64::try_from(whole).ok()? + u64::from(up);
        if digits >= 10_u64.pow(count) {
            exponent += 1;
        } else if digits < 10_u64.pow(count - 1) {
            exponent -= 1;
        } else {
            return Some((digits, exponent));
        }
    }
    None
}

fn reads_back(digits: u64, exponent: i32, count: i32, magnitude: f32) -> bool {
    let power = count - 1 - exponent;
    if let Ok(power) = u32::try_from(power)
        && power <= 15
    {
        // Both are exact in f64 and f32's precision is far below f64's, so one rounding decides, except on a tie
        // of the second rounding, which the digits' own distance from a tie excludes for at most nine digits.
        let value = (digits as f64 / 10_f64.powi(i32::try_from(power).unwrap_or(0))) as f32;
        return value.to_bits() == magnitude.to_bits();
    }
    format!("{digits}e{}", -power).parse::<f32>().is_ok_and(|value| value.to_bits() == magnitude.to_bits())
}

fn write_decimal(digits: u64, exponent: i32, count: i32, out: &mut String) {
    let mut digits = digits;
    let mut count = count;
    while count > 1 && digits.is_multiple_of(10) {
        digits /= 10;
        count -= 1;
    }
    // Writing to a String cannot fail.
    if exponent <= -5 || exponent >= 7.max(count) {
        let text = digits.to_string();
        let (first, rest) = text.split_at(1);
        out.push_str(first);
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "E{sign}{:02}", exponent.unsigned_abs());
    } else if exponent < 0 {
        out.push_str("0.");
        for _ in 0..(-exponent - 1) {
            out.push('0');
        }
        push_digits(digits, out);
    } else {
        let text = digits.to_string();
        let whole = usize::try_from(exponent).unwrap_or(0) + 1;
        if text.len() <= whole {
            out.push_str(&text);
            for _ in text.len()..whole {
                out.push('0');
            }
            out.push_str(".0");
        } else {
            out.push_str(&text[..whole]);
            out.push('.');
            out.push_str(&text[whole..]);
        }
    }
}

/// Appends a whole number, without the cost of the general formatter: a project has a million numbers.
fn push_digits(mut number: u64, out: &mut String) {
    let mut text = [b'0'; 20];
    let mut start = text.len();
    while number > 0 || start == text.len() {
        start -= 1;
        text[start] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    out.push_str(std::str::from_utf8(&text[start..]).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prints_recorded_numbers_to_the_digit() {
        for recorded in [
            "0.4007353",
            "0.295343131",
            "0.259428144",
            "0.403186262",
            "0.421568632",
            "0.504901946",
            "0.18259804",
            "0.2720588",
            "0.3394608",
            "0.6838235",
            "0.0682516545",
            "0.09191177",
            "0.5980392",
        ] {
            let value: f32 = recorded.parse().expect("number");
            assert_eq!(text(value), recorded);
            assert!(is_canonical(recorded, value));
        }
    }

    #[test]
    fn edges_print_as_dot_net_does() {
        let cases = [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (0.5, "0.5"),
            (0.0001, "0.0001"),
            (0.00001, "1E-05"),
            (-0.25, "-0.25"),
            (1.5, "1.5"),
            (1234567.0, "1234567.0"),
            (f32::MIN_POSITIVE, "1.17549435E-38"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(value), expected);
        }
    }

    #[test]
    fn newer_dot_net_prints_as_few_digits_as_it_can() {
        let texts = |value: f32| {
            Spelling::ALL.map(|spelling| {
                let mut out = String::new();
                spelling.write(value, &mut out);
                assert!(spelling.fits(&out, value), "{out}");
                out
            })
        };
        assert_eq!(
            texts("0.295343131".parse().expect("number")),
            ["0.295343131", "0.29534313", "0.29534313", "0.2953431308269501", "0.2953431308269501", "0.295343131"]
        );
        assert_eq!(texts(1.0), ["1.0", "1.0", "1", "1.0", "1", "1"]);
        assert_eq!(texts(0.0), ["0.0", "0.0", "0", "0.0", "0", "0"]);
        assert_eq!(texts(-0.5), ["-0.5"; 6]);
        assert_eq!(texts(0.00001)[1..3], ["1E-05", "1E-05"]);
    }

    #[test]
    fn a_spelling_is_known_by_its_code_and_name() {
        for spelling in Spelling::ALL {
            assert_eq!(Spelling::from_code(spelling.code()), spelling);
            assert_eq!(Spelling::from_name(spelling.name()), Some(spelling));
        }
        assert_eq!((Spelling::from_code(200), Spelling::from_name("odd")), (Spelling::default(), None));
        assert_eq!(Spelling::default().name(), "classic");
    }

    #[test]
    fn usual_fractions_need_no_printing() {
        for (spelled, wanted) in [
            ("0.4007353", Some(true)),
            ("0.295343131", Some(true)),
            ("0.18259804", Some(true)),
            ("0.29534313", None),
            ("0.0000987", None),
            ("0.50", None),
            ("12.5", None),
        ] {
            let value: f32 = spelled.parse().expect("number");
            assert_eq!(is_canonical_fraction(spelled.as_bytes(), value), wanted, "{spelled}");
        }
    }

    #[test]
    fn other_spellings_are_noticed() {
        for (spelled, value) in
            [("0.50", 0.5), ("5E-1", 0.5), (".5", 0.5), ("0", 0.0), ("1", 1.0), ("0.29534313", 0.295_343_13)]
        {
            assert!(!is_canonical(spelled, value), "{spelled}");
        }
    }

    proptest! {
        #[test]
        fn every_number_reads_back(bits in 0_u32..0x7f80_0000) {
            let value = f32::from_bits(bits);
            prop_assert_eq!(text(value).parse::<f32>().expect("number").to_bits(), bits);
            for spelling in Spelling::ALL {
                let mut out = String::new();
                spelling.write(value, &mut out);
                prop_assert_eq!(out.parse::<f32>().expect("number").to_bits(), bits);
            }
        }

        #[test]
        fn the_quick_answer_is_that_of_printing(value in 0.000_05_f32..1.0, decimals in 1_usize..13, is_own in any::<bool>()) {
            let spelled = if is_own { text(value) } else { format!("{value:.decimals$}") };
            let value: f32 = spelled.parse().expect("number");
            if let Some(is_canonical) = is_canonical_fraction(spelled.as_bytes(), value) {
                prop_assert_eq!(is_canonical, text(value) == spelled, "{}", spelled);
            }
        }

        #[test]
        fn integer_digits_agree_with_the_standard_library(value in 0.000_000_001_f32..1.0, count in 7_u32..=9) {
            let (digits, exponent) = significant_digits(value, count);
            let printed = format!("{:.*e}", count as usize - 1, value);
            let (mantissa, power) = printed.split_once('e').expect("exponent");
            prop_assert_eq!(digits.to_string(), mantissa.replace('.', ""));
            prop_assert_eq!(exponent, power.parse::<i32>().expect("number"));
        }
    }
}
