//! Tokens to a tree: `or` binds weakest, then `and` (which may be left out), then `not` and minus. Depth, length and
//! number of terms are bounded, so that no text can exhaust the stack or the time of a frame.

use std::ops::Range;

use super::ast::{Node, NodeKind, Query, Test};
use super::error::QueryError;
use super::lexer::{Joint, Quoted, Token, TokenKind, tokens};
use super::values;

/// Longest text in bytes.
pub const MOST_BYTES: usize = 20_000;
/// Deepest nesting of parentheses and negations.
pub const MOST_DEPTH: usize = 100;
pub const MOST_TERMS: usize = 500;

/// Understands a text.
///
/// # Errors
/// With the place, when the text is not in the language or too much of it.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    if text.len() > MOST_BYTES {
        let message = format!("the query is too long: {} bytes; the limit is {MOST_BYTES}", text.len());
        return Err(QueryError::new(0..text.len(), message));
    }
    let tokens = tokens(text);
    let mut parser = Parser { tokens: &tokens, depth: 0, terms: 0, end: text.trim_end().len() };
    if tokens.is_empty() {
        return Ok(Query::default());
    }
    let root = parser.any_of()?;
    match parser.tokens.first() {
        None => Ok(Query { root: Some(root) }),
        Some(token) => Err(QueryError::new(token.range.clone(), "this closing parenthesis has no opening one")
            .advise("add an opening one or remove it")),
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    depth: usize,
    terms: usize,
    /// Where the text ends.
    end: usize,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<&Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn joint(&self) -> Option<Joint> {
        let TokenKind::Word(word) = &self.tokens.first()?.kind else { return None };
        Joint::of(word)
    }

    fn take(&mut self, wanted: Joint) -> bool {
        let is_next = self.joint() == Some(wanted);
        if is_next {
            self.next();
        }
        is_next
    }

    fn any_of(&mut self) -> Result<Node, QueryError> {
        let mut nodes = vec![self.all_of()?];
        while self.take(Joint::Or) {
            nodes.push(self.all_of()?);
        }
        Ok(joined(nodes, NodeKind::Or))
    }

    fn all_of(&mut self) -> Result<Node, QueryError> {
        let mut nodes = vec![self.one()?];
        loop {
            let has_and = self.take(Joint::And);
            let is_over = match self.tokens.first().map(|token| &token.kind) {
                None | Some(TokenKind::Close) => true,
                Some(_) => self.joint() == Some(Joint::Or),
            };
            if is_over && !has_and {
                return Ok(joined(nodes, NodeKind::And));
            }
            nodes.push(self.one()?);
        }
    }

    fn one(&mut self) -> Result<Node, QueryError> {
        let end = self.end;
        let Some(token) = self.next().cloned() else { return Err(missing(end..end)) };
        let range = token.range.clone();
        match token.kind {
            TokenKind::Minus => self.negated(range),
            TokenKind::Word(word) if Joint::of(&word) == Some(Joint::Not) => self.negated(range),
            TokenKind::Word(word) if Joint::of(&word).is_some() => Err(missing(range)
                .advise(format!("`{word}` needs a term on each side; put it in quotes to search for the word"))),
            TokenKind::Close => Err(missing(range)),
            TokenKind::Open => self.group(range),
            TokenKind::Word(word) => {
                let node = values::word(word, range.clone())?;
                self.counted(range, node)
            }
            TokenKind::Quoted(Quoted { is_closed: false, .. }) => Err(values::unclosed(range)),
            TokenKind::Quoted(quoted) if quoted.text.is_empty() => {
                Err(QueryError::new(range, "there is nothing between the quotes"))
            }
            TokenKind::Quoted(quoted) => self.counted(range.clone(), (false, Test::Text(quoted.text), range)),
            TokenKind::Term(term) => {
                let node = values::term(&term, &range)?;
                self.counted(range, node)
            }
        }
    }

    fn negated(&mut self, start: Range<usize>) -> Result<Node, QueryError> {
        self.deeper(&start)?;
        let node = self.one()?;
        self.depth -= 1;
        Ok(Node { range: start.start..node.range.end, kind: NodeKind::Not(Box::new(node)) })
    }

    fn group(&mut self, open: Range<usize>) -> Result<Node, QueryError> {
        self.deeper(&open)?;
        if let Some(Token { kind: TokenKind::Close, range }) = self.tokens.first() {
            return Err(missing(open.start..range.end));
        }
        let node = self.any_of()?;
        self.depth -= 1;
        match self.next() {
            Some(Token { kind: TokenKind::Close, range }) => Ok(Node { range: open.start..range.end, kind: node.kind }),
            _ => Err(QueryError::new(open, "this parenthesis is not closed").advise("add `)` where the group ends")),
        }
    }

    fn deeper(&mut self, range: &Range<usize>) -> Result<(), QueryError> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(QueryError::new(range.clone(), format!("nested more than {MOST_DEPTH} deep")));
        }
        Ok(())
    }

    /// A test, or its negation, as a node.
    fn counted(
        &mut self,
        range: Range<usize>,
        (is_negated, test, value): (bool, Test, Range<usize>),
    ) -> Result<Node, QueryError> {
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return Err(QueryError::new(range, format!("more than {MOST_TERMS} terms")));
        }
        let node = Node { range: range.clone(), kind: NodeKind::Test(test, value) };
        Ok(if is_negated { Node { range, kind: NodeKind::Not(Box::new(node)) } } else { node })
    }
}

fn joined(mut nodes: Vec<Node>, kind: impl FnOnce(Vec<Node>) -> NodeKind) -> Node {
    match nodes.len() {
        1 => nodes.swap_remove(0),
        _ => {
            let start = nodes.first().map_or(0, |node| node.range.start);
            let end = nodes.last().map_or(0, |node| node.range.end);
            Node { range: start..end, kind: kind(nodes) }
        }
    }
}

fn missing(range: Range<usize>) -> QueryError {
    QueryError::new(range, "a term is missing here")
}
