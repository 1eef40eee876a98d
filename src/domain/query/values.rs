//! What is after a term's sign: numbers with units, times, names. Each says what it would understand.

use std::ops::Range;

use winnow::Parser;
use winnow::ascii::{dec_uint, float};
use winnow::combinator::separated_pair;
use winnow::error::EmptyError;

use super::ast::{
    Bounds, Choice, Measure, MetaTest, Operator, Period, PredictedTest, Quantity, ReviewTest, Sample, Test, Unit,
};
use super::error::QueryError;
use super::lexer::{Quoted, Sign, TermText, Value};
use super::period::period;
use super::print::quoted_text;
use super::term::{TERMS, Term};
use crate::changes::ChangeKind;
use crate::checks::CheckKind;
use crate::evaluation::Outcome;
use crate::review::Blame;

/// Whether it is negated, the test, and where its value stands.
type Meant = (bool, Test, Range<usize>);

/// A word that stands alone: text to look for, or a metadata key.
pub(super) fn word(word: String, range: Range<usize>) -> Result<Meant, QueryError> {
    if Term::find(&word) == Some(Term::Meta) {
        let key = word[Term::Meta.name().len()..].to_owned();
        if key.is_empty() {
            return Err(QueryError::new(range, "a metadata key is missing").advise("for example, meta.camera"));
        }
        return Ok((false, Test::Meta(key, MetaTest::Exists), range));
    }
    Ok((false, Test::Text(word), range))
}

pub(super) fn unclosed(range: Range<usize>) -> QueryError {
    QueryError::new(range, "the quotes are not closed").advise("add `\"` where the text ends")
}

/// A name with its sign and value.
pub(super) fn term(text: &TermText, whole: &Range<usize>) -> Result<Meant, QueryError> {
    let Some(term) = Term::find(&text.name) else { return Err(unknown(text, whole)) };
    let reader = Reader { text, term };
    let is_negated = text.sign == Some(Sign::Unequal);
    if term == Term::Meta {
        return Ok((is_negated, reader.meta(whole)?, text.value_range.clone()));
    }
    let test = match term {
        Term::Tag => Test::Tag(reader.choice()?),
        Term::Comment => Test::Comment(reader.choice()?),
        Term::Measure(measure) => Test::Measure(measure, reader.bounds(|text| quantity(measure, text))?),
        Term::Created => Test::Created(reader.created()?),
        Term::Size => reader.size()?,
        Term::Id => reader.id()?,
        Term::Review => reader.review()?,
        Term::Check => reader.check()?,
        Term::Change => reader.change()?,
        Term::Predicted => reader.predicted()?,
        Term::PredictedTag => Test::Predicted(PredictedTest::Tag(reader.choice()?)),
        Term::PredictedLabel => Test::Predicted(PredictedTest::Label(reader.choice()?)),
        Term::PredictedReview => reader.blame()?,
        Term::Sample => reader.sample()?,
        Term::Meta => reader.meta(whole)?,
    };
    Ok((is_negated, test, text.value_range.clone()))
}

fn unknown(text: &TermText, whole: &Range<usize>) -> QueryError {
    let name = &text.name;
    if name.is_empty() {
        return QueryError::new(whole.clone(), "there is no name before the operator")
            .advise("for example, regions>=3");
    }
    let names = TERMS.iter().map(|row| row.name.trim_end_matches('.'));
    let error = QueryError::new(text.name_range.clone(), format!("there is no term `{name}`"));
    let error = error.suggest(name, names, |near| if near == "meta" { "meta.".to_owned() } else { near.to_owned() });
    match error.advice {
        Some(_) => error,
        None => QueryError { range: whole.clone(), ..error }.advise("put it in quotes to search for the text"),
    }
}

struct Reader<'a> {
    text: &'a TermText,
    term: Term,
}

impl Reader<'_> {
    fn error(&self, message: impl Into<String>) -> QueryError {
        QueryError::new(self.text.value_range.clone(), message)
    }

    /// An error about the value, with the first of the term's examples.
    fn unlike(&self, message: impl Into<String>) -> QueryError {
        let example = self.term.row().examples.split(' ').next().unwrap_or_default();
        self.error(message).advise(format!("for example, {example}"))
    }

    /// The value, and whether it stood in quotes.
    fn value(&self) -> Result<(&str, bool), QueryError> {
        match &self.text.value {
            Value::Missing => {
                let whole = self.text.name_range.start..self.text.value_range.end;
                let error = self.unlike(format!("`{}` needs a value", self.text.name));
                Err(QueryError { range: whole, ..error })
            }
            Value::Quoted(Quoted { is_closed: false, .. }) => Err(unclosed(self.text.value_range.clone())),
            Value::Quoted(quoted) => Ok((&quoted.text, true)),
            Value::Bare(text) => Ok((text, false)),
        }
    }

    /// A value that can only be there or not.
    fn plain(&self) -> Result<(&str, bool), QueryError> {
        match self.text.sign {
            Some(Sign::Colon | Sign::Equal | Sign::Unequal) => self.value(),
            _ => {
                let whole = self.text.name_range.start..self.text.value_range.end;
                let error = self.unlike(format!("`{}` cannot be compared with < or >", self.text.name));
                Err(QueryError { range: whole, ..error })
            }
        }
    }

    fn choice(&self) -> Result<Choice<String>, QueryError> {
        Ok(match self.plain()? {
            ("none", false) => Choice::None,
            ("any", false) => Choice::Any,
            (text, _) => Choice::Is(text.to_owned()),
        })
    }

    fn created(&self) -> Result<Choice<Bounds<Period>>, QueryError> {
        let has_equal_sign = matches!(self.text.sign, Some(Sign::Colon | Sign::Equal | Sign::Unequal));
        Ok(match self.value()? {
            ("none", false) if has_equal_sign => Choice::None,
            ("any", false) if has_equal_sign => Choice::Any,
            _ => Choice::Is(self.bounds(period)?),
        })
    }

    fn bounds<T>(&self, read: impl Fn(&str) -> Result<T, String>) -> Result<Bounds<T>, QueryError> {
        let (text, _) = self.value()?;
        let read = |text: &str| read(text).map_err(|message| self.unlike(message));
        let comparison = match self.text.sign {
            Some(Sign::Less) => Operator::Less,
            Some(Sign::LessEqual) => Operator::LessEqual,
            Some(Sign::Greater) => Operator::Greater,
            Some(Sign::GreaterEqual) => Operator::GreaterEqual,
            _ => Operator::Equal,
        };
        let Some((from, to)) = text.split_once("..") else { return Ok(Bounds::Compare(comparison, read(text)?)) };
        if comparison != Operator::Equal {
            return Err(self.unlike("use `:` for a range"));
        }
        let read = |text: &str| if text.is_empty() { Ok(None) } else { read(text).map(Some) };
        match (read(from)?, read(to)?) {
            (None, None) => Err(self.unlike("the range has no ends")),
            (from, to) => Ok(Bounds::Between(from, to)),
        }
    }

    fn size(&self) -> Result<Test, QueryError> {
        let (text, _) = self.plain()?;
        let lower = text.to_lowercase();
        let mut size = separated_pair(dec_uint::<_, u32, EmptyError>, 'x', dec_uint::<_, u32, EmptyError>);
        let (width, height) = size.parse(lower.as_str()).map_err(|_| self.unlike(format!("`{text}` is not a size")))?;
        Ok(Test::Size(width, height))
    }

    fn id(&self) -> Result<Test, QueryError> {
        let (text, _) = self.plain()?;
        let is_id = !text.is_empty() && text.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-');
        match is_id {
            true => Ok(Test::Id(text.to_ascii_lowercase())),
            false => Err(self.unlike("an id has only the digits 0 to 9, the letters a to f, and hyphens")),
        }
    }

    fn sample(&self) -> Result<Test, QueryError> {
        let (text, _) = self.plain()?;
        let (count, seed) = text.split_once('#').map_or((text, "1"), |(count, seed)| (count, seed));
        let whole = |text: &str| dec_uint::<_, u32, EmptyError>.parse(text).ok();
        match (whole(count), whole(seed)) {
            (Some(0), _) => Err(self.unlike("a sample has at least one image of each tag")),
            (Some(count), Some(seed)) => Ok(Test::Sample(Sample { count, seed })),
            (None, _) => Err(self.unlike(format!("`{count}` is not a number of images"))),
            (_, None) if seed.is_empty() => Err(self.unlike("the number of a sample is missing after the `#`")),
            (_, None) => Err(self.unlike(format!("`{seed}` is not the number of a sample"))),
        }
    }

    fn review(&self) -> Result<Test, QueryError> {
        let (text, _) = self.plain()?;
        let names = ReviewTest::ALL.map(ReviewTest::name);
        let found = ReviewTest::ALL.into_iter().find(|state| state.name().eq_ignore_ascii_case(text));
        found.map(Test::Review).ok_or_else(|| self.unnamed("state of review", text, &names))
    }

    fn check(&self) -> Result<Test, QueryError> {
        self.one_of("check", &CheckKind::ALL, CheckKind::name).map(Test::Check)
    }

    fn change(&self) -> Result<Test, QueryError> {
        let (text, _) = self.plain()?;
        match ChangeKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text)) {
            Some(kind) => Ok(Test::Change(Choice::Is(kind))),
            None => self.one_of("change", &ChangeKind::ALL, ChangeKind::word).map(Test::Change),
        }
    }

    fn predicted(&self) -> Result<Test, QueryError> {
        let choice = self.one_of("outcome", &Outcome::ALL, Outcome::name)?;
        Ok(Test::Predicted(PredictedTest::Outcome(choice)))
    }

    fn blame(&self) -> Result<Test, QueryError> {
        let choice = self.one_of("decision", &Blame::ALL, Blame::name)?;
        Ok(Test::Predicted(PredictedTest::Review(choice)))
    }

    /// One of a few, by name in any case; or `any` or `none` of them.
    fn one_of<T: Copy>(
        &self,
        what: &str,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<Choice<T>, QueryError> {
        let (text, _) = self.plain()?;
        match (text, all.iter().find(|one| name(**one).eq_ignore_ascii_case(text))) {
            ("none", _) => Ok(Choice::None),
            ("any", _) => Ok(Choice::Any),
            (_, Some(one)) => Ok(Choice::Is(*one)),
            (_, None) => {
                let names: Vec<_> = all.iter().map(|one| name(*one)).chain(["any", "none"]).collect();
                Err(self.unnamed(what, text, &names))
            }
        }
    }

    /// An error about a name that is not among a few; those are reported when none is near.
    fn unnamed(&self, what: &str, text: &str, names: &[&str]) -> QueryError {
        let error = self.error(format!("no {what} `{text}`")).suggest(text, names.iter().copied(), quoted_text);
        match error.advice {
            Some(_) => error,
            None => error.advise(format!("use {}", names.join(", "))),
        }
    }

    fn meta(&self, whole: &Range<usize>) -> Result<Test, QueryError> {
        let key = match &self.text.key {
            Some(Quoted { is_closed: false, .. }) => return Err(unclosed(self.text.name_range.end..whole.end)),
            Some(key) => key.text.clone(),
            None => self.text.name[Term::Meta.name().len()..].to_owned(),
        };
        if key.is_empty() {
            return Err(
                QueryError::new(whole.clone(), "a metadata key is missing").advise("for example, meta.camera=c1")
            );
        }
        let comparison = match self.text.sign {
            None => return Ok(Test::Meta(key, MetaTest::Exists)),
            Some(Sign::Colon | Sign::Equal | Sign::Unequal) => {
                return Ok(Test::Meta(key, MetaTest::Is(self.value()?.0.to_owned())));
            }
            Some(Sign::Less) => Operator::Less,
            Some(Sign::LessEqual) => Operator::LessEqual,
            Some(Sign::Greater) => Operator::Greater,
            Some(Sign::GreaterEqual) => Operator::GreaterEqual,
        };
        let number = number(self.value()?.0).map_err(|message| self.unlike(message))?;
        Ok(Test::Meta(key, MetaTest::Compare(comparison, number)))
    }
}

/// A number as people write it: with digits.
fn number(text: &str) -> Result<f64, String> {
    let has_digits = |text: &&str| text.chars().any(|letter| letter.is_ascii_digit());
    match float::<_, f64, EmptyError>.parse(text).ok().filter(|value| value.is_finite() && has_digits(&text)) {
        Some(value) => Ok(value),
        None => Err(format!("`{text}` is not a number")),
    }
}

/// A number with the unit that the measure wants: a plain number is pixels where there are pixels.
fn quantity(measure: Measure, text: &str) -> Result<Quantity, String> {
    let lower = text.to_lowercase();
    let digits = lower.trim_end_matches(|letter: char| letter.is_alphabetic() || letter == '%');
    let suffix = &lower[digits.len()..];
    let value = number(digits).map_err(|_| format!("`{text}` is not a number"))?;
    let name = measure.name();
    if measure.is_of_prediction() && suffix.is_empty() && !(0.0..=1.0).contains(&value) {
        return Err(format!("`{name}` is a number from 0 to 1"));
    }
    let takes_pixels =
        !matches!(measure, Measure::Regions | Measure::Findings | Measure::Aspect) && !measure.is_of_prediction();
    let unit = match suffix {
        "" if measure == Measure::Area => return Err(format!("add px or % to `{name}`")),
        "" if takes_pixels => Unit::Pixels,
        "" => Unit::Plain,
        "px" if takes_pixels => Unit::Pixels,
        "%" if measure.is_of_region() && measure != Measure::Aspect => Unit::Percent,
        _ => return Err(format!("`{name}` cannot have the unit `{suffix}`")),
    };
    Ok(Quantity { value, unit })
}
