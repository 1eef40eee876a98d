//! The line that nearly all of a journal's lines are, one verdict about one image or region, exactly as it is written:
//! read in a third of the time that JSON of any form takes. Anything else is left to the JSON reader.

use std::borrow::Cow;

use uuid::Uuid;

use super::{On, Parsed};
use domain::{ImageId, RegionId, Subject, Verdict};

/// Bytes of an id.
const ID: usize = 32;

/// The verdict of such a line; `None` when it is another line.
pub(super) fn verdict(json: &[u8]) -> Option<Parsed<'_>> {
    let mut rest = Rest(json);
    rest.skip(b"{\"n\":")?;
    let number = rest.number()?;
    rest.skip(b",\"at\":")?;
    let at = i64::try_from(rest.number()?).ok()?;
    rest.skip(b",\"by\":\"")?;
    let by = rest.text()?;
    rest.skip(b",\"act\":{\"decide\":{\"verdict\":")?;
    let verdict = match rest.skip(b"null") {
        Some(()) => None,
        None => {
            rest.skip(b"\"")?;
            Some(Verdict::from_word(rest.text()?)?)
        }
    };
    rest.skip(b",\"on\":[\"")?;
    let image = ImageId(rest.id()?);
    let region = match rest.skip(b"/") {
        Some(()) => Some(RegionId(rest.id()?)),
        None => None,
    };
    rest.skip(b"\"]}}}")?;
    let on = On::One([Subject { image, region }]);
    rest.0.is_empty().then_some(Parsed::Verdict { number, at, by: Cow::Borrowed(by), on, verdict })
}

/// What is left of a line.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// Goes past these bytes, if they are here.
    fn skip(&mut self, bytes: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(bytes)?;
        Some(())
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number without a sign; JSON has no zeros before it.
    fn number(&mut self) -> Option<u64> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = self.take(count)?;
        if digits.is_empty() || (digits.len() > 1 && digits[0] == b'0') {
            return None;
        }
        let add = |number: u64, digit: &u8| number.checked_mul(10)?.checked_add(u64::from(digit - b'0'));
        digits.iter().try_fold(0, add)
    }

    /// A text whose first quotes are behind, without anything that is escaped, and the quotes at its end.
    fn text(&mut self) -> Option<&'a str> {
        let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        let text = self.take(self.0.iter().position(is_end)?)?;
        self.skip(b"\"")?;
        std::str::from_utf8(text).ok()
    }

    fn id(&mut self) -> Option<Uuid> {
        Uuid::try_parse_ascii(self.take(ID)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Line, read, write};
    use super::*;
    use domain::{Decision, Statement};

    /// As the reader of JSON has it: number, time, name, verdict and subjects.
    fn as_json(json: &[u8]) -> Option<Decision> {
        let Line { n: number, at, by, act } = serde_json::from_slice(json).ok()?;
        let super::super::ActLine::Decide { verdict, on, wrong: None } = act else { return None };
        Some(Decision { number, at, by: by.into(), statement: Statement::Decide { subjects: on.into_vec(), verdict } })
    }

    fn as_plain(json: &[u8]) -> Option<Decision> {
        let Parsed::Verdict { number, at, by, on, verdict } = verdict(json)? else { return None };
        Some(Decision { number, at, by: by.into(), statement: Statement::Decide { subjects: on.into_vec(), verdict } })
    }

    prop_compose! {
        fn decision()(
            number in any::<u64>(),
            at in prop_oneof![Just(0), Just(-1), any::<i64>(), 1_700_000_000_i64..1_800_000_000],
            by in prop_oneof![Just("ann".to_owned()), "[a-z\"\\\\猫\n ]{0,6}"],
            ids in prop::collection::vec((any::<u128>(), prop::option::of(any::<u128>())), 0..3),
            verdict in prop::option::of(prop::sample::select(&Verdict::ALL[..])),
        ) -> Decision {
            let subject = |(image, region): (u128, Option<u128>)| {
                Subject { image: ImageId(Uuid::from_u128(image)), region: region.map(|id| RegionId(Uuid::from_u128(id))) }
            };
            let act = Statement::Decide { subjects: ids.into_iter().map(subject).collect(), verdict };
            Decision { number, at, by: by.into(), statement: act }
        }
    }

    fn json_of(decision: &Decision) -> Vec<u8> {
        let mut line = Vec::new();
        write(decision, &mut line).expect("a line");
        line[9..line.len() - 1].to_vec()
    }

    proptest! {
        #[test]
        fn what_is_read_so_is_what_json_says(decision in decision(), at in any::<prop::sample::Index>(), byte: u8) {
            let mut json = json_of(&decision);
            prop_assert_eq!(as_json(&json), Some(decision.clone()));
            let is_whole = matches!(read(&json, &mut super::super::Names::default()), Ok(Parsed::Verdict { .. }));
            prop_assert!(is_whole);
            if let Some(plain) = as_plain(&json) {
                prop_assert_eq!(plain, decision);
            }
            // And so with any other byte at any place.
            let place = at.index(json.len());
            json[place] = byte;
            if let Some(plain) = as_plain(&json) {
                prop_assert_eq!(Some(plain), as_json(&json));
            }
        }
    }

    #[test]
    fn a_verdict_as_it_is_written_needs_no_reader_of_json() {
        let subject = Subject::image(ImageId(Uuid::from_u128(3)));
        for (subject, verdict) in [
            (subject, Some(Verdict::Negative)),
            (Subject { region: Some(RegionId(Uuid::from_u128(9))), ..subject }, None),
        ] {
            let act = Statement::Decide { subjects: vec![subject], verdict };
            let decision = Decision { number: 12, at: 1_700_000_000, by: "änn".into(), statement: act };
            assert_eq!(as_plain(&json_of(&decision)), Some(decision));
        }
    }
}
