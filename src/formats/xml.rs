//! XML for the formats that are XML: texts as they must be written, and elements as they are found.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::BufRead;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::error::FormatError;
use super::metered::Metered;

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

/// What comes next in a document.
#[derive(Debug, PartialEq)]
pub(super) enum Token {
    /// An element begins.
    Open { name: String, attributes: Vec<(String, String)> },
    /// Text, its references resolved; a text may come in several of these.
    Text(String),
    /// An element ends.
    Close(String),
    /// The document ends.
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

    /// The next token.
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
                other => failed(other.to_string()),
            })?;
            return Ok(match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > MOST_DEPTH {
                        return Err(failed(format!("elements are nested more than {MOST_DEPTH} deep")));
                    }
                    opened(&start).map_err(|error| failed(error.to_string()))?
                }
                Event::Empty(start) => {
                    let open = opened(&start).map_err(|error| failed(error.to_string()))?;
                    if let Token::Open { name, .. } = &open {
                        self.waiting.push_back(Token::Close(name.clone()));
                    }
                    open
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    Token::Close(text_of(end.name().as_ref())?)
                }
                Event::Text(text) => {
                    Token::Text(text.xml10_content().map_err(|error| failed(error.to_string()))?.into())
                }
                Event::CData(data) => Token::Text(data.decode().map_err(|error| failed(error.to_string()))?.into()),
                Event::GeneralRef(reference) => {
                    if let Some(letter) = reference.resolve_char_ref().map_err(|error| failed(error.to_string()))? {
                        return Ok(Token::Text(letter.to_string()));
                    }
                    let name = reference.decode().map_err(|error| failed(error.to_string()))?;
                    let text = quick_xml::escape::resolve_predefined_entity(&name);
                    Token::Text(text.ok_or_else(|| failed(format!("the entity {name} is unknown")))?.to_owned())
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

fn opened(start: &BytesStart<'_>) -> Result<Token, FormatError> {
    let name = text_of(start.name().as_ref())?;
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| FormatError::says(error.to_string()))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|error| FormatError::says(error.to_string()))?.into_owned();
        attributes.push((text_of(attribute.key.as_ref())?, value));
    }
    Ok(Token::Open { name, attributes })
}

fn text_of(bytes: &[u8]) -> Result<String, FormatError> {
    String::from_utf8(bytes.to_vec()).map_err(|error| FormatError::says(error.to_string()))
}

/// The value of an attribute.
pub(super) fn attribute<'a>(attributes: &'a [(String, String)], name: &str) -> Result<&'a str, FormatError> {
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
