//! Options that stand before the command: what is wrong, and the right order. And what of the arguments an error may repeat.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory as _, Parser as _};

use super::args::CommandLine;

/// Characters of the shortest key of a resource.
const KEY_LENGTH: usize = 32;

/// What to say where options stand before the command: the right order, and what else is wrong then.
pub(super) struct Misplaced {
    pub words: String,
    pub rest: Option<clap::Error>,
}

/// Finds out whether an error comes from the order of the arguments.
pub(super) fn misplaced(arguments: &[OsString], error: &clap::Error) -> Option<Misplaced> {
    let root = CommandLine::command();
    let words: Vec<&str> = arguments.iter().map(|argument| argument.to_str().unwrap_or_default()).collect();
    words.get(1).filter(|first| first.starts_with('-'))?;
    let at = (2..words.len()).find(|&at| root.find_subcommand(words[at]).is_some());
    if error.kind() == ErrorKind::UnknownArgument {
        let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else { return None };
        let is_before = words[1..at.unwrap_or(words.len())].iter().any(|word| word.starts_with(unknown.as_str()));
        if !is_before {
            return None;
        }
        if at.is_none() {
            return is_of_a_command(&root, unknown).then(|| Misplaced {
                words: format!(
                    "{unknown} goes after a command: tagscope COMMAND {unknown}. tagscope --help lists the commands"
                ),
                rest: None,
            });
        }
    } else if error.kind() != ErrorKind::ArgumentConflict {
        return None;
    }
    let at = at?;
    let command = root.find_subcommand(words[at])?;
    let is_nested = words.get(at + 1).is_some_and(|next| command.find_subcommand(next).is_some());
    let end = if is_nested { at + 2 } else { at + 1 };
    let (options, rest) = (&arguments[1..at], &arguments[end..]);
    let ordered: Vec<&OsString> = arguments[..1].iter().chain(&arguments[at..end]).chain(options).chain(rest).collect();
    let rest_is_wrong = CommandLine::try_parse_from(ordered).err().filter(clap::Error::use_stderr);
    let moved = match rest_is_wrong {
        // Whose values these are is not known.
        Some(_) => words[1..at].iter().filter(|word| word.starts_with('-')).map(|word| name_of(word)).collect(),
        None => words[1..at].iter().map(|word| quoted(&harmless(word))).collect::<Vec<_>>(),
    };
    let more = if rest.is_empty() { "" } else { " ..." };
    let words =
        format!("options go after the command: tagscope {} {}{more}", words[at..end].join(" "), moved.join(" "));
    Some(Misplaced { words, rest: rest_is_wrong })
}

/// Whether a command has this option.
fn is_of_a_command(command: &Command, option: &str) -> bool {
    let has = |command: &Command| {
        command.get_arguments().any(|argument| match option.strip_prefix("--") {
            Some(long) => argument.get_long() == Some(long),
            None => option
                .strip_prefix('-')
                .is_some_and(|short| argument.get_short().map(String::from).as_deref() == Some(short)),
        })
    };
    command.get_subcommands().any(|command| has(command) || is_of_a_command(command, option))
}

/// `--tag=fork` without its value.
fn name_of(word: &str) -> String {
    word.split_once('=').map_or(word, |(name, _)| name).to_owned()
}

/// An argument without what may be a secret: a key, or what follows the path of an address.
fn harmless(word: &str) -> String {
    let is_key = word.len() >= KEY_LENGTH
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && word.bytes().any(|byte| byte.is_ascii_digit());
    if is_key { "...".to_owned() } else { without_query(word) }
}

/// An address without its query, where a signature may be.
pub(super) fn without_query(word: &str) -> String {
    match word.split_once('?') {
        Some((start, _)) if word.contains("://") || word.contains("sig=") => format!("{start}?..."),
        _ => word.to_owned(),
    }
}

/// The text of an error without the arguments that may be secrets; `None`: it holds none of them.
pub(super) fn without_secrets(arguments: &[OsString], error: &str) -> Option<String> {
    let mut text = error.to_owned();
    for argument in arguments.iter().skip(1).filter_map(|argument| argument.to_str()) {
        let value =
            argument.strip_prefix("--").and_then(|option| option.split_once('=')).map_or(argument, |(_, value)| value);
        let shown = harmless(value);
        if shown != value {
            text = text.replace(value, &shown);
        }
    }
    (text != error).then_some(text)
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_=./:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Option<(String, bool)> {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = CommandLine::try_parse_from(&arguments).expect_err("misplaced");
        misplaced(&arguments, &error).map(|found| (found.words, found.rest.is_some()))
    }

    #[test]
    fn the_right_order_is_shown() {
        for (line, words) in [
            ("tagscope --format coco export --out x", "tagscope export --format coco ..."),
            ("tagscope --json projects", "tagscope projects --json"),
            ("tagscope -q tags", "tagscope tags -q"),
            ("tagscope --endpoint https://h images --count", "tagscope images --endpoint https://h ..."),
            ("tagscope --endpoint https://h key status", "tagscope key status --endpoint https://h"),
            ("tagscope --source s3://b/a?sig=SECRET tags", "tagscope tags --source 's3://b/a?...'"),
            ("tagscope --json list", "tagscope COMMAND --json. tagscope --help lists the commands"),
        ] {
            let (told, is_wrong) = told(line).expect(line);
            assert!(told.ends_with(words) && !is_wrong, "{line}: {told}");
        }
        // Something else is wrong too.
        assert_eq!(told("tagscope --fromat=x export --out x").map(|found| found.1), Some(true));
        for other in ["tagscope --bogus", "tagscope projects --bogus", "tagscope --project export --bogus"] {
            assert_eq!(told(other), None, "{other}");
        }
    }

    #[test]
    fn an_error_repeats_no_secret() {
        let key = "0123456789abcdef0123456789abcdef";
        let arguments = ["tagscope", "projects", key, "https://h/c?sig=SECRET"].map(OsString::from);
        let text = without_secrets(&arguments, &format!("unexpected argument '{key}' https://h/c?sig=SECRET"));
        assert_eq!(text.as_deref(), Some("unexpected argument '...' https://h/c?..."));
        assert_eq!(without_secrets(&arguments, "unexpected argument"), None);
    }
}
