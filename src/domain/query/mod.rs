//! The query language: which images are meant. `tag:fork -tag:scissors regions>=3 area<0.5% created>2024-01-01`.
//!
//! A text becomes tokens, tokens a tree of typed tests ([`parse`]), and the tree a flat program for one catalogue
//! ([`Program::bind`]) that walks its columns. A tree is printed again by `Display`; [`edit`] adds and removes terms of
//! a text and leaves the rest as it was typed; [`complete`] says what could be at the cursor. [`TERMS`] is the table of
//! the language. Decisions and findings are read through [`Sources`]; who makes them is no matter here.

mod ast;
mod bind;
mod complete;
pub mod edit;
mod error;
mod eval;
mod lexer;
mod parser;
mod period;
mod predicted;
mod print;
mod region;
mod sample;
mod term;
mod values;

pub use ast::{
    Bounds, Choice, Measure, MetaTest, Node, NodeKind, Operator, Period, PredictedTest, Quantity, Query, ReviewTest,
    Sample, Test, Unit,
};
pub use complete::{Completion, Offer, OfferKind, Vocabulary, complete};
pub use error::QueryError;
pub use eval::{Program, Sources};
pub use parser::{MOST_BYTES, MOST_DEPTH, MOST_TERMS, parse};
pub use period::period_of;
pub use print::quoted_text;
pub use region::RegionProgram;
pub use term::{TERMS, Term, TermRow};

#[cfg(test)]
mod tests;
