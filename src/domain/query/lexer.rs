//! Text to tokens. Never fails: what is wrong with a token the parser says, who knows what it was to be.

use std::ops::Range;

use winnow::combinator::{alt, not, opt, peek, preceded, repeat};
use winnow::error::EmptyError;
use winnow::stream::{LocatingSlice, Location};
use winnow::token::{any, take_while};
use winnow::{Parser, Result};

use super::term::Term;

/// A piece of a query and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub range: Range<usize>,
    pub kind: TokenKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Open,
    Close,
    Minus,
    /// A word that stands alone.
    Word(String),
    /// A text in quotes that stands alone.
    Quoted(Quoted),
    /// A name, a sign and what follows it.
    Term(TermText),
}

/// A word that joins terms, and so has to be quoted to be looked for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Joint {
    And,
    Or,
    Not,
}

impl Joint {
    pub(super) fn of(word: &str) -> Option<Self> {
        [("and", Self::And), ("or", Self::Or), ("not", Self::Not)]
            .into_iter()
            .find_map(|(name, joint)| name.eq_ignore_ascii_case(word).then_some(joint))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Quoted {
    pub text: String,
    pub is_closed: bool,
}

/// `name sign value` as written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TermText {
    pub name: String,
    pub name_range: Range<usize>,
    /// A key in quotes after the name's dot: `meta."two words"`.
    pub key: Option<Quoted>,
    /// `None`: the name stands alone, which only a key in quotes makes sure of.
    pub sign: Option<Sign>,
    pub value: Value,
    /// Empty, after the sign, when there is no value.
    pub value_range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Colon,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Missing,
    Bare(String),
    Quoted(Quoted),
}

type Input<'a> = LocatingSlice<&'a str>;

/// All tokens of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut input = LocatingSlice::new(text);
    let mut tokens = Vec::new();
    // Every token takes a letter at least, so this ends.
    while let Ok((kind, range)) = preceded(spaces, token.with_span()).parse_next(&mut input) {
        tokens.push(Token { range, kind });
    }
    tokens
}

fn token(input: &mut Input<'_>) -> Result<TokenKind, EmptyError> {
    alt((
        '('.value(TokenKind::Open),
        ')'.value(TokenKind::Close),
        '-'.value(TokenKind::Minus),
        quoted.map(TokenKind::Quoted),
        named,
        // Nothing should be left over; a letter that is must not end the reading unseen.
        any.map(|letter: char| TokenKind::Word(letter.into())),
    ))
    .parse_next(input)
}

/// A word, or a name with its sign and value.
fn named(input: &mut Input<'_>) -> Result<TokenKind, EmptyError> {
    // A sign without a name is a term all the same: the parser says what is missing.
    let (name, name_range) = alt((name, peek(sign).value(""))).with_span().parse_next(input)?;
    let key = if name.ends_with('.') { opt(quoted).parse_next(input)? } else { None };
    let may_space = Term::find(name).is_some();
    let sign = match opt(sign).parse_next(input)? {
        Some(sign) => Some(sign),
        // `regions >= 3`; a colon belongs to its name.
        None if may_space => opt(preceded(spaces, comparison)).parse_next(input)?,
        None => None,
    };
    if sign.is_none() && key.is_none() {
        return Ok(TokenKind::Word(name.to_owned()));
    }
    if !matches!(sign, None | Some(Sign::Colon)) {
        spaces.parse_next(input)?;
    }
    let at = input.current_token_start();
    let value = match sign {
        Some(_) => {
            opt(alt((quoted.map(Value::Quoted), bare.map(|text| Value::Bare(text.to_owned()))))).parse_next(input)?
        }
        None => None,
    };
    let value_range = at..input.current_token_start();
    let value = value.unwrap_or(Value::Missing);
    Ok(TokenKind::Term(TermText { name: name.to_owned(), name_range, key, sign, value, value_range }))
}

/// Letters up to a sign, a space, a quote or a parenthesis. An exclamation mark is a letter unless `=` follows.
fn name<'a>(input: &mut Input<'a>) -> Result<&'a str, EmptyError> {
    let letters = take_while(1.., |letter: char| !ends_word(letter) && !":=<>!".contains(letter)).void();
    let mark = ('!', not('=')).void();
    repeat::<_, _, (), _, _>(1.., alt((letters, mark))).take().parse_next(input)
}

fn bare<'a>(input: &mut Input<'a>) -> Result<&'a str, EmptyError> {
    take_while(1.., |letter: char| !ends_word(letter)).parse_next(input)
}

/// White space of any script: a wide space is between words that are typed with a Japanese keyboard.
fn spaces<'a>(input: &mut Input<'a>) -> Result<&'a str, EmptyError> {
    take_while(0.., char::is_whitespace).parse_next(input)
}

fn ends_word(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '"' | '(' | ')')
}

fn sign(input: &mut Input<'_>) -> Result<Sign, EmptyError> {
    alt((':'.value(Sign::Colon), comparison)).parse_next(input)
}

fn comparison(input: &mut Input<'_>) -> Result<Sign, EmptyError> {
    alt((
        "!=".value(Sign::Unequal),
        "<=".value(Sign::LessEqual),
        ">=".value(Sign::GreaterEqual),
        '<'.value(Sign::Less),
        '>'.value(Sign::Greater),
        '='.value(Sign::Equal),
    ))
    .parse_next(input)
}

/// `"..."` with `\"` and `\\`; one that is never closed goes to the end of the text.
fn quoted(input: &mut Input<'_>) -> Result<Quoted, EmptyError> {
    '"'.parse_next(input)?;
    let text = repeat(0.., piece)
        .fold(String::new, |mut text, piece: &str| {
            text.push_str(piece);
            text
        })
        .parse_next(input)?;
    let is_closed = opt('"').parse_next(input)?.is_some();
    Ok(Quoted { text, is_closed })
}

fn piece<'a>(input: &mut Input<'a>) -> Result<&'a str, EmptyError> {
    alt((take_while(1.., |letter: char| letter != '"' && letter != '\\'), preceded('\\', any.take()), "\\"))
        .parse_next(input)
}
