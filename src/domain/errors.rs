//! What a JSON parser says, without what it was reading: its words end up in messages, logs and reports, and the text
//! may hold an address with a signature, or escape sequences for the terminal. And which error of the system says
//! nothing about the file that was to be opened.

use serde_json::Error;
use serde_json::error::Category;

/// Longest message, in characters.
const MOST: usize = 200;

/// The parser's message, with line and column, of bounded length and without any text of what was read.
pub fn json_error(error: &Error) -> String {
    let text = error.to_string();
    let words = match error.classify() {
        Category::Data => without_quotes(&text),
        // The parser's own words for these never quote.
        Category::Syntax | Category::Eof | Category::Io => text,
    };
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    if words.chars().count() <= MOST {
        return words.chars().map(plain).collect();
    }
    let place = format!("... at line {} column {}", error.line(), error.column());
    words.chars().take(MOST - place.len()).map(plain).chain(place.chars()).collect()
}

/// Whether the system lets no further file or connection be opened, by this program or at all. Such an error says
/// nothing about the file: a caller that treats a file that cannot be opened as missing or damaged has to ask this
/// first.
pub fn is_out_of_files(error: &std::io::Error) -> bool {
    // EMFILE and ENFILE on every Unix; ERROR_TOO_MANY_OPEN_FILES and WSAEMFILE.
    let codes: [i32; 2] = if cfg!(windows) { [4, 10_024] } else { [24, 23] };
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

/// `invalid type: string "abc", expected u32 at line 1 column 7` without the `"abc"`, and the like.
fn without_quotes(text: &str) -> String {
    const QUOTED: [(&str, char); 6] = [
        ("invalid type: string ", '"'),
        ("invalid value: string ", '"'),
        ("invalid type: character ", '`'),
        ("invalid value: character ", '`'),
        ("unknown field ", '`'),
        ("unknown variant ", '`'),
    ];
    for (lead, quote) in QUOTED {
        let Some(rest) = text.strip_prefix(lead).and_then(|rest| rest.strip_prefix(quote)) else { continue };
        // What was read may hold quotes, and even this phrase, so the last one counts. The parser's own words behind it
        // name what was expected.
        let tail = rest.rfind(&format!("{quote}, ")).map_or("", |at| &rest[at + quote.len_utf8()..]);
        return format!("{}{tail}", lead.trim_end());
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Row {
        #[serde(rename = "width")]
        _width: u32,
    }

    #[derive(Debug, Deserialize)]
    enum Word {
        A,
    }

    fn fault(text: &str) -> String {
        json_error(&serde_json::from_str::<Row>(text).expect_err("refused"))
    }

    #[test]
    fn what_was_read_is_not_repeated() {
        let texts =
            ["https://h/i?sig=SECRET", "a\", expected b SECRET", "\u{1b}[2J\u{202e}SECRET", "`SECRET`, expected"];
        for text in texts {
            let quoted = serde_json::to_string(text).expect("JSON");
            let faults = [
                fault(&format!("{{\"width\":{quoted}}}")),
                fault(&format!("{{{quoted}:1}}")),
                fault(&quoted),
                json_error(&serde_json::from_str::<Word>(&quoted).expect_err("refused")),
            ];
            for fault in faults {
                assert!(!fault.contains("SECRET") && !fault.contains(char::is_control), "{fault}");
            }
        }
        assert_eq!(fault("{\"width\":\"a\"}"), "invalid type: string, expected u32 at line 1 column 12");
        assert_eq!(fault("{}"), "missing field `width` at line 1 column 2");
        assert!(fault("{\"width\":").starts_with("EOF while parsing"));
        assert!(matches!(serde_json::from_str::<Word>("\"A\""), Ok(Word::A)));
    }

    #[test]
    fn it_is_never_endless() {
        let name = "x".repeat(10_000);
        assert!(fault(&format!("{{\"{name}\":1}}")).len() < 250);
        assert!(fault(&format!("{{\"width\":\"{name}\"}}")).len() < 250);
    }
}
