//! Foreign words made fit to be shown: without the key, without signatures, on one line, not endless. Pure.

/// How the sign between `sig` and a signature is spelled, in lower case: plain, in an address (once or twice encoded), in
/// XML or HTML, in a JSON text inside a text.
const EQUALS: [&str; 10] =
    ["=", "%3d", "%253d", "&#61;", "&#x3d;", "&equals;", "&amp;#61;", "\\u003d", "\\x3d", "\u{ff1d}"];

/// Foreign words for one line, at most `limit` characters: no control characters, neither `key` nor signature in any spelling.
pub(super) fn tidy(text: &str, limit: usize, key: &str) -> String {
    let text = without_signatures(&without_key(text, key));
    let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    if line.chars().count() <= limit {
        return line;
    }
    let mut short: String = line.chars().take(limit).collect();
    short.push_str("...");
    short
}

fn is_space(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control()
}

/// The key in any case becomes `[key]`.
fn without_key(text: &str, key: &str) -> String {
    let (lower, key) = (text.to_ascii_lowercase(), key.to_ascii_lowercase());
    if key.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(&key) {
        out.push_str(&text[from..at]);
        out.push_str("[key]");
        from = at + found.len();
    }
    out.push_str(&text[from..]);
    out
}

/// What is behind `sig` and an equals sign is left out, up to the next space.
fn without_signatures(text: &str) -> String {
    // Of the same length, so that places in one are places in the other.
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(found) = lower[from..].find("sig") {
        let at = from + found;
        match signature_end(&lower, at) {
            Some(end) => {
                out.push_str(&text[from..at]);
                from = end;
            }
            None => {
                out.push_str(&text[from..at + 3]);
                from = at + 3;
            }
        }
    }
    out.push_str(&text[from..]);
    out
}

/// Where the signature ends whose name begins at `at`; `None` when it is another word.
fn signature_end(lower: &str, at: usize) -> Option<usize> {
    let rest = &lower[at..];
    let rest = rest.strip_prefix("signature").or_else(|| rest.strip_prefix("sig"))?;
    let rest = rest.trim_start_matches(|letter: char| is_space(letter) || matches!(letter, '"' | '\''));
    let sign = EQUALS.iter().find(|sign| rest.starts_with(**sign));
    let rest = match sign {
        Some(sign) => &rest[sign.len()..],
        // A field of JSON.
        None => rest.strip_prefix(':')?,
    };
    let value = rest.trim_start_matches(|letter: char| is_space(letter) || matches!(letter, '"' | '\''));
    let length = value.find(is_space).unwrap_or(value.len());
    Some(lower.len() - value.len() + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_a_signature_is_repeated() {
        for spelled in [
            "sig=SECRET",
            "SIG=SECRET",
            "sig%3DSECRET",
            "sig%3dSECRET",
            "sig%253DSECRET",
            "sig&#61;SECRET",
            "sig&#x3D;SECRET",
            "sig&amp;#61;SECRET",
            "Signature=SECRET",
            "signature%3DSECRET",
            "sig =SECRET",
            "sig = SECRET",
            "sig=\nSECRET",
            "sig\t=\r\n SECRET",
            "sig\\u003dSECRET",
            "sig\u{ff1d}SECRET",
            "sig='SECRET'",
            "\"sig\":\"SECRET\"",
            "\"sig\" : \"SECRET\"",
            "?sv=1&sig=SECRET&se=2",
            "%26sig%3DSECRET%26se",
            "sigsig=SECRET",
            "sig sig=SECRET",
        ] {
            let tidied = tidy(&format!("Bad address {spelled} in the call"), 300, "K3Y");
            assert!(!tidied.contains("SECRET"), "{spelled}: {tidied}");
            assert!(tidied.starts_with("Bad address") && tidied.ends_with("the call"), "{spelled}: {tidied}");
        }
    }

    #[test]
    fn other_words_stay() {
        for words in ["The design is signed.", "Signature expired", "a sign = b", "sig", "sig is missing", "猫 sig 猫"]
        {
            assert_eq!(tidy(words, 300, "K3Y"), words);
        }
    }

    #[test]
    fn the_key_is_not_repeated_in_any_case() {
        let key = "5ec4e75EC4E7";
        for spelled in [key.to_owned(), key.to_lowercase(), key.to_uppercase()] {
            assert_eq!(tidy(&format!("a {spelled}{spelled} b"), 300, key), "a [key][key] b");
        }
        assert_eq!(tidy("İ 5EC4E75EC4E7", 300, key), "İ [key]");
    }

    #[test]
    fn words_are_of_one_line_and_not_endless() {
        assert_eq!(tidy(" a\u{7}b\n\u{1b}[2J c ", 300, ""), "a b [2J c");
        assert_eq!(tidy(&"x".repeat(400), 300, "").len(), 303);
    }
}
