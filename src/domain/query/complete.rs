//! What could be at the cursor: names of terms, tags, metadata keys and values, checks, states of review.

use std::ops::Range;

use super::ast::ReviewTest;
use super::edit;
use super::lexer::{TermText, Token, TokenKind, Value, tokens};
use super::print::quoted_text;
use super::term::{TERMS, Term};
use crate::catalogue::{TagEntry, TagIx, TagTable};
use crate::changes::ChangeKind;
use crate::checks::CheckKind;
use crate::evaluation::Outcome;
use crate::facets::FacetIndex;
use crate::review::Blame;

#[derive(Clone, Copy)]
pub struct Vocabulary<'a> {
    pub tags: &'a TagTable,
    pub facets: &'a FacetIndex,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// Which part, in bytes.
    pub range: Range<usize>,
    /// The best first; at most 40.
    pub offers: Vec<Offer>,
}

/// Something that could be there.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// What to put there; with a space after it when the term is whole then.
    pub text: String,
    pub label: String,
    pub remark: String,
    pub kind: OfferKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferKind {
    Term,
    Tag(TagIx),
    /// Anything else that a term can be about.
    Value,
}

const MOST_OFFERS: usize = 40;

/// What could be at the cursor, a place in bytes; `None` when there is nothing to offer.
pub fn complete(text: &str, cursor: usize, vocabulary: Vocabulary<'_>) -> Option<Completion> {
    let all = tokens(text);
    let Token { range, kind } =
        all.into_iter().find(|token| token.range.start < cursor && cursor <= token.range.end)?;
    let typed = |from: usize| text.get(from..cursor).unwrap_or_default().to_lowercase();
    let (range, mut offers) = match kind {
        TokenKind::Word(_) => {
            let offers = words(&typed(range.start), vocabulary);
            (range, offers)
        }
        TokenKind::Term(term) if term.sign.is_some() && cursor >= term.value_range.start => {
            let wanted = match &term.value {
                Value::Quoted(quoted) => quoted.text.to_lowercase(),
                Value::Missing | Value::Bare(_) => typed(term.value_range.start),
            };
            (term.value_range.clone(), values(&term, &wanted, vocabulary))
        }
        _ => return None,
    };
    offers.truncate(MOST_OFFERS);
    // What is typed already needs no offer.
    let is_typed = |offer: &Offer| text.get(range.clone()).is_some_and(|typed| typed == offer.text.trim_end());
    if offers.is_empty() || (offers.len() == 1 && is_typed(&offers[0])) {
        return None;
    }
    Some(Completion { range, offers })
}

/// A word may become a term, a metadata key, or a tag.
fn words(wanted: &str, vocabulary: Vocabulary<'_>) -> Vec<Offer> {
    let meta = Term::Meta.name();
    if let Some(key) = wanted.strip_prefix(meta) {
        return keys(key, vocabulary);
    }
    let terms = TERMS.iter().filter(|row| row.name.starts_with(wanted)).map(|row| {
        let sign = match row.term {
            Term::Meta => "",
            Term::Measure(_) | Term::Created => ">=",
            _ => ":",
        };
        Offer {
            text: format!("{}{sign}", row.name),
            label: row.name.to_owned(),
            remark: row.meaning.to_owned(),
            kind: OfferKind::Term,
        }
    });
    let tags =
        tags(wanted, vocabulary.tags).into_iter().map(|offer| Offer { text: format!("tag:{}", offer.text), ..offer });
    terms.chain(tags).collect()
}

fn keys(wanted: &str, vocabulary: Vocabulary<'_>) -> Vec<Offer> {
    let names = vocabulary.facets.keys().map(|key| {
        let value_count = vocabulary.facets.values(key).count();
        // As the printer writes a key.
        let term = super::ast::Test::Meta(key.to_owned(), super::ast::MetaTest::Exists).to_string();
        Offer {
            text: format!("{term}="),
            label: key.to_owned(),
            remark: if value_count == 0 { "metadata".to_owned() } else { format!("metadata, {value_count} values") },
            kind: OfferKind::Value,
        }
    });
    ranked(wanted, names)
}

fn values(term: &TermText, wanted: &str, vocabulary: Vocabulary<'_>) -> Vec<Offer> {
    let value = |name: &str, remark: &str| Offer {
        text: format!("{} ", quoted_text(name)),
        label: name.to_owned(),
        remark: remark.to_owned(),
        kind: OfferKind::Value,
    };
    let any_or_none = || [value("any", "one at least"), value("none", "not one")].into_iter();
    match Term::find(&term.name) {
        Some(Term::Tag) => {
            let mut offers = tags(wanted, vocabulary.tags);
            offers.extend(ranked(wanted, any_or_none()));
            offers
        }
        Some(Term::Review) => ranked(wanted, ReviewTest::ALL.iter().map(|state| value(state.name(), state.label()))),
        Some(Term::Check) => {
            let kinds = CheckKind::ALL.iter().map(|kind| value(kind.name(), kind.label()));
            ranked(wanted, kinds.chain(any_or_none()))
        }
        Some(Term::Change) => {
            let kinds = ChangeKind::ALL.iter().map(|kind| value(kind.word(), kind.label()));
            ranked(wanted, kinds.chain(any_or_none()))
        }
        Some(Term::Predicted) => {
            let outcomes = Outcome::ALL.iter().map(|outcome| value(outcome.name(), outcome.label()));
            ranked(wanted, outcomes.chain([value("any", "has a prediction"), value("none", "has no prediction")]))
        }
        Some(Term::PredictedTag | Term::PredictedLabel) => {
            let mut offers = tags(wanted, vocabulary.tags);
            offers.extend(ranked(wanted, any_or_none()));
            offers
        }
        Some(Term::PredictedReview) => {
            let blames = Blame::ALL.iter().map(|blame| value(blame.name(), blame.label()));
            ranked(wanted, blames.chain([value("any", "was decided"), value("none", "was not decided")]))
        }
        Some(Term::Sample) => {
            ranked(wanted, ["20", "50", "100", "200"].map(|count| value(count, "images of each tag")).into_iter())
        }
        Some(Term::Comment) => ranked(wanted, any_or_none()),
        Some(Term::Created) => ranked(wanted, [value("any", "has a date"), value("none", "has no date")].into_iter()),
        Some(Term::Meta) => {
            let key = term.key.as_ref().map_or_else(|| &term.name[Term::Meta.name().len()..], |key| &key.text);
            ranked(wanted, vocabulary.facets.values(key).map(|name| value(name, "")))
        }
        Some(Term::Size) => {
            let sizes = vocabulary.facets.sizes().iter();
            ranked(wanted, sizes.map(|(width, height)| value(&format!("{width}x{height}"), "px")))
        }
        _ => Vec::new(),
    }
}

fn tags(wanted: &str, tags: &TagTable) -> Vec<Offer> {
    let offers = most_used_first(tags).into_iter().map(|(tag, entry)| {
        let term = edit::tag(&entry.name).to_string();
        Offer {
            text: format!("{} ", term.trim_start_matches("tag:")),
            label: entry.name.to_string(),
            remark: entry.image_count.to_string(),
            kind: OfferKind::Tag(tag),
        }
    });
    ranked(wanted, offers)
}

/// The tags, those on most images first.
pub(super) fn most_used_first(tags: &TagTable) -> Vec<(TagIx, &TagEntry)> {
    let mut found: Vec<_> = tags.iter().collect();
    found.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.image_count));
    found
}

/// The offers whose name has the letters, those that begin with them first.
fn ranked(wanted: &str, offers: impl Iterator<Item = Offer>) -> Vec<Offer> {
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for offer in offers {
        let name = offer.label.to_lowercase();
        if name.starts_with(wanted) {
            first.push(offer);
        } else if name.contains(wanted) {
            rest.push(offer);
        }
    }
    first.append(&mut rest);
    first
}
