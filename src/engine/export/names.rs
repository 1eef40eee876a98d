//! File names that every system takes, with the image's id in them: so no two are the same, whatever the case.

use crate::domain::ImageRow;

/// Bytes of the readable part; file systems take 255 for the whole name.
const READABLE_LIMIT: usize = 120;

/// The name of an image's file without folder and extension: what the metadata calls `name`, made safe, then the id.
pub(super) fn stem(row: &ImageRow) -> String {
    let named = row.metadata.iter().find(|(key, _)| key == "name").map_or("", |(_, name)| name.as_str());
    let readable = safe(without_extension(named));
    let id = row.id;
    if readable.is_empty() { id.to_string() } else { format!("{readable}_{id}") }
}

/// Cuts an extension of at most four letters or digits.
fn without_extension(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if (1..=4).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            stem
        }
        _ => name,
    }
}

fn safe(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for letter in name.chars() {
        let is_odd = letter.is_control()
            || matches!(letter, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' | '%')
            // Marks that turn the direction of writing can make a name look like another.
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let letter = if is_odd { '_' } else { letter };
        if safe.len() + letter.len_utf8() > READABLE_LIMIT {
            break;
        }
        safe.push(letter);
    }
    let trimmed = safe.trim_matches([' ', '.']);
    if is_reserved(trimmed) { format!("_{trimmed}") } else { trimmed.to_owned() }
}

/// Whether Windows takes the name, up to its first dot, for a device.
fn is_reserved(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered =
        |device: &str| base.strip_prefix(device).is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']));
    matches!(base.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_takes_the_name() {
        let cases = [
            ("fork_1.jpg", "fork_1"),
            ("fork/fork_1.jpg", "fork_fork_1"),
            ("a.b c.PNG", "a.b c"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("COM1.x.jpg", "_COM1.x"),
            ("nul", "_nul"),
            ("a<>:\"|?*b", "a_______b"),
            ("猫🙂.webp", "猫🙂"),
            ("x\u{202e}gpj.exe", "x_gpj"),
            (" . ", ""),
            ("version 1.final version", "version 1.final version"),
        ];
        for (name, expected) in cases {
            assert_eq!(safe(without_extension(name)), expected, "{name}");
        }
    }

    #[test]
    fn long_names_are_cut_between_letters() {
        let name = safe(&"猫".repeat(200));
        assert_eq!(name.chars().count(), READABLE_LIMIT / 3);
    }
}
