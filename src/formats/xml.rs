//! XML for the formats that are XML: texts as they must be written, and elements as they are found.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::BufRead;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use smol_str::SmolStr;

use super::error::FormatError;
use super::lines::Metered;

/// Elements in one another, and bytes of a text: more than any format has.
const MOST_DEPTH: usize = 200;
const MOST_TEXT: usize = 16 << 20;

/// A text with what XML 1.0 forbids replaced by U+FFFD: there is no way to write it, not even as a reference.
pub(super) fn allowed(text: &str) -> Cow<'_, str> {
    let is_forbidden = |letter: char| {
        (letter < ' ' && !matches!(letter, '\t' | '\n' | '\r')) || matches!(letter, '\u{fffe}' | '\u{ffff}')
    };
    if text.contains(is_forbidden) { text.replace(is_forbidden, "\u{fffd}").into() } else { text.into() }
}

/// A text for an element or a quoted attribute. Line breaks and tabs are references, else readers change them.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in allowed(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The attributes of an element, each with its name.
pub(super) type Attributes = [(SmolStr, String)];

/// What comes next in a document. Names and the space between elements are short: they are kept without an allocation.
#[derive(Debug, PartialEq)]
pub(super) enum Token {
    Open {
        name: SmolStr,
        attributes: Vec<(SmolStr, String)>,
    },
    /// Text, its references resolved; a text may come in several of these.
    Text(SmolStr),
    Close(SmolStr),
    End,
}

/// A document, token by token, by a parser that knows nothing of [`escaped`]. Its memory does not grow with the document.
pub(super) struct Tokens<R> {
    reader: Reader<Metered<R>>,
    buffer: Vec<u8>,
    waiting: VecDeque<Token>,
    depth: usize,
}

impl<R: BufRead> Tokens<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            reader: Reader::from_reader(Metered::new(input)),
            buffer: Vec::new(),
            waiting: VecDeque::new(),
            depth: 0,
        }
    }

    /// The line where the next token begins, from 1.
    pub(super) fn line(&self) -> u64 {
        self.reader.get_ref().line()
    }

    pub(super) fn next(&mut self) -> Result<Token, FormatError> {
        if let Some(token) = self.waiting.pop_front() {
            return Ok(token);
        }
        loop {
            self.buffer.clear();
            self.reader.get_mut().begin();
            let line = self.line();
            let failed = |reason: String| FormatError::says(format!("{reason} (line {line})"));
            let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| match error {
                // It has its own words, with the line where there is one.
                quick_xml::Error::Io(error) => FormatError::Files { reason: error.to_string() },
                other => failed(fault_of(&other)),
            })?;
            return Ok(match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > MOST_DEPTH {
                        return Err(failed(format!("elements are nested more than {MOST_DEPTH} deep")));
                    }
                    opened(&start).map_err(failed)?
                }
                Event::Empty(start) => {
                    let open = opened(&start).map_err(failed)?;
                    if let Token::Open { name, .. } = &open {
                        self.waiting.push_back(Token::Close(name.clone()));
                    }
                    open
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    Token::Close(text_of(end.name().as_ref()).map_err(failed)?)
                }
                Event::Text(text) => {
                    Token::Text(SmolStr::new(text.xml10_content().map_err(|_| failed(NOT_UTF_8.to_owned()))?))
                }
                Event::CData(data) => {
                    Token::Text(SmolStr::new(data.decode().map_err(|_| failed(NOT_UTF_8.to_owned()))?))
                }
                Event::GeneralRef(reference) => {
                    if let Some(letter) = reference.resolve_char_ref().map_err(|_| failed(NO_LETTER.to_owned()))? {
                        return Ok(Token::Text(SmolStr::from_iter([letter])));
                    }
                    let name = reference.decode().map_err(|_| failed(NOT_UTF_8.to_owned()))?;
                    let text = quick_xml::escape::resolve_predefined_entity(&name);
                    Token::Text(SmolStr::new(text.ok_or_else(|| failed(format!("the entity {name} is unknown")))?))
                }
                Event::Eof => Token::End,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
            });
        }
    }

    /// The text up to the end of the element that was just opened; an element in it is an error.
    pub(super) fn text(&mut self) -> Result<String, FormatError> {
        let mut text = String::new();
        loop {
            match self.next()? {
                Token::Text(more) if text.len() + more.len() <= MOST_TEXT => text.push_str(&more),
                Token::Text(_) => return Err(FormatError::says("a text is longer than 16 MiB")),
                Token::Close(_) => return Ok(text),
                Token::Open { name, .. } => return Err(FormatError::says(format!("an element {name} in a text"))),
                Token::End => return Err(FormatError::says("it ends inside an element")),
            }
        }
    }
}

/// The element that a start tag opens; the fault in words.
fn opened(start: &BytesStart<'_>) -> Result<Token, String> {
    let name = text_of(start.name().as_ref())?;
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| fault_of(&error.into()))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| fault_of(&error))?.into_owned();
        attributes.push((text_of(attribute.key.as_ref())?, value));
    }
    Ok(Token::Open { name, attributes })
}

fn text_of(bytes: &[u8]) -> Result<SmolStr, String> {
    std::str::from_utf8(bytes).map(SmolStr::new).map_err(|_| NOT_UTF_8.to_owned())
}

const NOT_UTF_8: &str = "a letter is not UTF-8";
const NO_LETTER: &str = "a reference such as &#1; stands for no letter";

/// The error of a document in words for its author, without those of the parser.
fn fault_of(error: &quick_xml::Error) -> String {
    use quick_xml::Error as E;
    use quick_xml::errors::{IllFormedError as I, SyntaxError as S};
    use quick_xml::events::attributes::AttrError as A;
    let not_ended = |what: &str| format!("it is not valid XML: {what} that begins here has no end");
    match error {
        E::Syntax(S::UnclosedTag) => not_ended("a tag"),
        E::Syntax(S::UnclosedComment) => not_ended("a comment"),
        E::Syntax(S::UnclosedSingleQuotedAttributeValue | S::UnclosedDoubleQuotedAttributeValue) => {
            not_ended("a tag with a quoted value")
        }
        E::Syntax(_) => not_ended("a declaration or section"),
        E::IllFormed(I::MismatchedEndTag { expected, found }) => {
            format!("it is not valid XML: the element {expected:.40?} ends with the tag of {found:.40?}")
        }
        E::IllFormed(I::UnmatchedEndTag(found)) => {
            format!("it is not valid XML: there is an end tag of {found:.40?}, which was not begun")
        }
        E::IllFormed(I::MissingEndTag(name)) => format!("it is not valid XML: the element {name:.40?} has no end"),
        E::IllFormed(I::UnclosedReference) => {
            "it is not valid XML: a sign & must be written &amp;, or end with a semicolon".to_owned()
        }
        E::InvalidAttr(A::Duplicated(..)) => "it is not valid XML: an element has the same attribute twice".to_owned(),
        E::InvalidAttr(_) => "it is not valid XML: an attribute is not written as name=\"value\"".to_owned(),
        E::Encoding(_) => NOT_UTF_8.to_owned(),
        E::Escape(_) => "it is not valid XML: a reference such as &name; is not known, or has no semicolon".to_owned(),
        _ => "it is not valid XML".to_owned(),
    }
}

/// The value of an attribute.
pub(super) fn attribute<'a>(attributes: &'a Attributes, name: &str) -> Result<&'a str, FormatError> {
    let found = attributes.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str()).ok_or_else(|| FormatError::says(format!("there is no attribute {name}")))
}

/// A number in a text.
pub(super) fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, FormatError> {
    text.parse().map_err(|_| FormatError::says(format!("{what} {text:?} is not a valid number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_in_our_own_words_with_their_line() {
        let fault = |text: &str| {
            let mut tokens = Tokens::new(text.as_bytes());
            loop {
                match tokens.next() {
                    Ok(Token::End) => panic!("no fault in {text:?}"),
                    Ok(_) => {}
                    Err(error) => return error.to_string(),
                }
            }
        };
        for (text, words) in [
            ("<a>\n<b></c>", "the element \"b\" ends with the tag of \"c\" (line 2)"),
            ("<a/>\n\n</b>", "an end tag of \"b\", which was not begun (line 3)"),
            ("<a>\n<b ", "a tag that begins here has no end (line 2)"),
            ("<a>\n<!-- b", "a comment that begins here has no end (line 2)"),
            ("<a>\n<b c=\"d>", "a tag with a quoted value that begins here has no end (line 2)"),
            ("<a b=\"1\" b=\"2\"/>", "the same attribute twice"),
            ("<a b=1/>", "name=\"value\""),
            ("<a b=\"&x;\"/>", "a reference such as &name; is not known"),
            ("<a>&#1000000000;</a>", "stands for no letter"),
            ("<a>&x;</a>", "the entity x is unknown"),
        ] {
            let fault = fault(text);
            assert!(fault.contains(words), "{text:?}: {fault}");
        }
    }

    #[test]
    fn any_text_comes_back() {
        let odd = "a<b>&\"'\r\n\t 猫🙂\u{85}\u{2028}]]>\u{7f}";
        let document = format!("<?xml version=\"1.0\"?>\n<a b=\"{0}\"><c/>{0}</a>", escaped(odd));
        let mut tokens = Tokens::new(document.as_bytes());
        loop {
            match tokens.next().expect("token") {
                Token::Open { name, attributes } if name == "a" => assert_eq!(attribute(&attributes, "b"), Ok(odd)),
                Token::Close(name) if name == "c" => break,
                Token::End => panic!("no element"),
                _ => {}
            }
        }
        assert_eq!(tokens.text().expect("text"), odd);
        assert_eq!(escaped("\u{0}\u{1b}\u{ffff}"), "\u{fffd}\u{fffd}\u{fffd}");
    }
}
