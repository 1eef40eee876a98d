//! Names of files and folders that every system takes.

use std::collections::{HashMap, HashSet};

/// Bytes of the readable part; file systems take 255 for the whole name.
pub const READABLE_LIMIT: usize = 120;

/// A text as a part of a file name: what a system forbids is `_`, cut at [`READABLE_LIMIT`] bytes. May be empty.
pub fn safe(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for letter in name.chars() {
        let is_odd = letter.is_control()
            || matches!(letter, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*')
            // In an address, such as those of Azure ML, these begin something else.
            || matches!(letter, '%' | '#')
            // Marks that turn the direction of writing can make a name look like another.
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(letter, '\u{2028}' | '\u{2029}');
        let letter = if is_odd { '_' } else { letter };
        if safe.len() + letter.len_utf8() > READABLE_LIMIT {
            break;
        }
        safe.push(letter);
    }
    let trimmed = safe.trim_matches([' ', '.']);
    if is_reserved(trimmed) { format!("_{trimmed}") } else { trimmed.to_owned() }
}

/// A folder a name: safe, never empty, none twice ignoring case.
pub fn folder_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = Taken { ignores_case: true, ..Taken::default() };
    names
        .map(|name| match safe(name) {
            empty if empty.is_empty() => taken.free("tag"),
            safe => taken.free(&safe),
        })
        .collect()
}

/// Names that are taken already. Not the fast hash map: the project chooses the names.
#[derive(Debug, Default)]
pub struct Taken {
    names: HashSet<String>,
    /// The next number to be tried for a name, so that a name that comes n times costs n steps.
    next: HashMap<String, u32>,
    ignores_case: bool,
}

impl Taken {
    /// Takes the first of `name`, `name (2)`, `name (3)`... that is free.
    pub fn free(&mut self, name: &str) -> String {
        let key = |name: &str| if self.ignores_case { name.to_lowercase() } else { name.to_owned() };
        if self.names.insert(key(name)) {
            return name.to_owned();
        }
        let next = self.next.entry(key(name)).or_insert(2);
        loop {
            let candidate = format!("{name} ({next})");
            *next += 1;
            if self.names.insert(key(&candidate)) {
                return candidate;
            }
        }
    }
}

/// Whether Windows takes the name, up to its first dot, for a device.
fn is_reserved(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |device: &str| {
        let mut rest = base.strip_prefix(device).unwrap_or_default().chars();
        // Windows counts the superscript digits too.
        matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    };
    matches!(base.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_takes_the_name() {
        let cases = [
            ("fork/fork_1", "fork_fork_1"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("COM1.x", "_COM1.x"),
            ("nul", "_nul"),
            ("a<>:\"|?*b", "a_______b"),
            ("猫🙂", "猫🙂"),
            ("x\u{202e}gpj", "x_gpj"),
            ("two\nlines", "two_lines"),
            (" . ", ""),
        ];
        for (name, expected) in cases {
            assert_eq!(safe(name), expected, "{name}");
        }
    }

    #[test]
    fn long_names_are_cut_between_letters() {
        assert_eq!(safe(&"猫".repeat(200)).chars().count(), READABLE_LIMIT / 3);
    }

    #[test]
    fn a_name_that_comes_again_and_again_is_numbered_on() {
        let mut taken = Taken::default();
        // Counting from 2 each time would be five thousand million steps.
        let names: Vec<String> = (0..100_000).map(|_| taken.free("a")).collect();
        assert_eq!((&*names[0], &*names[1], &*names[99_999]), ("a", "a (2)", "a (100000)"));
        assert_eq!((taken.free("a (7)"), taken.free("A")), ("a (7) (2)".to_owned(), "A".to_owned()));
    }

    #[test]
    fn no_folder_twice() {
        let long = "x".repeat(128);
        let names = ["Fork", "fork", "...", "?", "_", &long, &long];
        let found = folder_names(names.into_iter());
        assert_eq!(found[..5], ["Fork", "fork (2)", "tag", "_", "_ (2)"]);
        assert_ne!(found[5], found[6]);
    }
}
