//! Texts of other people's files in a message: in quotes, as they are written there.

use std::fmt::{self, Write as _};

/// A text in quotes. Backslashes stay single, as in the paths that they are from; what cannot be seen is escaped. A
/// precision (`{:.80}`) is the number of letters that are shown.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = f.precision().unwrap_or(usize::MAX);
        f.write_char('"')?;
        for letter in self.0.chars().take(most) {
            match letter {
                '\t' => f.write_str("\\t")?,
                letter if letter.is_control() => write!(f, "{}", letter.escape_default())?,
                letter => f.write_char(letter)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_as_they_are_written() {
        assert_eq!(Quoted("C:\\me\\e\u{301}.jpg").to_string(), "\"C:\\me\\e\u{301}.jpg\"");
        assert_eq!(Quoted("a\tb\n\u{1b}[2J").to_string(), "\"a\\tb\\n\\u{1b}[2J\"");
        assert_eq!(format!("{:.2}", Quoted("猫猫猫")), "\"猫猫\"");
    }
}
