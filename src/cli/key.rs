//! `tagscope key`: the keychain's entry of an endpoint.

use std::io::{IsTerminal as _, Read as _};

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroize as _;

use super::args::KeyCommand;
use super::config::{Environment, endpoint};
use super::end::{CommandResult, Done, KEY_VARIABLE, Trouble};
use super::place::{KeyOrigin, find_key, keychain, last_endpoint};
use super::terminal::Terminal;
use app::FailureKind;
use engine::failure;
use storage::{StorageError, Vault};

/// Longer than any key; a wrong file is not read to its end.
const KEY_LIMIT: u64 = 4096;

pub(super) fn run(command: &KeyCommand, environment: &Environment) -> CommandResult {
    let (KeyCommand::Set(args) | KeyCommand::Status(args) | KeyCommand::Remove(args)) = command;
    let mut terminal = Terminal::new(args.quiet.quiet);
    let endpoint = endpoint(args.endpoint.as_deref(), environment, last_endpoint, "")?;
    let vault = keychain();
    let name = endpoint.to_string();
    match command {
        KeyCommand::Set(_) => {
            let key = read_key(&name)?;
            vault.set(&name, &key).map_err(told)?;
            terminal.say(&format!("The key for {name} is stored in {}.", vault.name()));
        }
        KeyCommand::Status(_) => {
            let word = match find_key(&endpoint, environment, &vault) {
                Ok((_, KeyOrigin::Keychain)) => "keychain",
                Ok((_, KeyOrigin::Environment)) => "environment",
                Err(Trouble::Failed(failure)) if failure.kind == FailureKind::NoKey => {
                    terminal.say(&format!(
                        "There is no key for {name} in {}, and {KEY_VARIABLE} is not set.",
                        vault.name()
                    ));
                    if !failure.details.is_empty() {
                        terminal.say(&failure.details);
                    }
                    "none"
                }
                Err(trouble) => return Err(trouble),
            };
            terminal.line(word)?;
            terminal.flush()?;
        }
        KeyCommand::Remove(_) => {
            let was_there = vault.remove(&name).map_err(told)?;
            let words = if was_there { "was removed from" } else { "was not in" };
            terminal.say(&format!("The key for {name} {words} {}.", vault.name()));
        }
    }
    Ok(Done::Whole)
}

fn told(error: StorageError) -> Trouble {
    // The notice of the window says that the key is kept for the session, which a command has not.
    match error {
        StorageError::Keychain { reason } => {
            Trouble::Output(format!("The system keychain does not work: {reason}. Set {KEY_VARIABLE} instead."))
        }
        other => failure::from_storage(&other).into(),
    }
}

/// The text of a file or a pipe: UTF-8, or UTF-16 as some Windows programs write it, with a byte order mark or without.
/// `None` when it is neither.
fn text_of(bytes: &[u8]) -> Option<String> {
    let (bytes, is_little) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return std::str::from_utf8(rest).ok().map(str::to_owned),
        [0xff, 0xfe, rest @ ..] => (rest, true),
        [0xfe, 0xff, rest @ ..] => (rest, false),
        // Letters and digits alone: in UTF-16 every other byte is zero.
        [_, 0, ..] => (bytes, true),
        [0, _, ..] => (bytes, false),
        _ => return std::str::from_utf8(bytes).ok().map(str::to_owned),
    };
    let unit = |pair: &[u8; 2]| if is_little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut units: Vec<u16> = pairs.iter().map(unit).collect();
    let text = String::from_utf16(&units).ok().filter(|_| rest.is_empty());
    units.zeroize();
    text
}

/// From a hidden prompt on a terminal, else the whole of standard input.
fn read_key(endpoint: &str) -> Result<SecretString, Trouble> {
    let stdin = std::io::stdin();
    let unreadable = |error: std::io::Error| Trouble::Output(format!("the key cannot be read: {error}"));
    let mut text = if stdin.is_terminal() {
        rpassword::prompt_password(format!("Training key for {endpoint}: ")).map_err(unreadable)?
    } else {
        let mut bytes = Vec::new();
        stdin.lock().take(KEY_LIMIT).read_to_end(&mut bytes).map_err(unreadable)?;
        let text = text_of(&bytes);
        bytes.zeroize();
        text.unwrap_or_default()
    };
    let key = SecretString::from(text.trim());
    text.zeroize();
    let is_key = !key.expose_secret().is_empty() && key.expose_secret().bytes().all(|byte| byte.is_ascii_graphic());
    if is_key {
        Ok(key)
    } else {
        Err(Trouble::Usage("standard input has no key; a key is one line of letters and digits".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_however_its_file_was_saved() {
        let utf16 = |unit: fn(u16) -> [u8; 2]| "0123abcd\r\n".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
        for bytes in [
            b"0123abcd\n".to_vec(),
            b"\xef\xbb\xbf0123abcd\r\n".to_vec(),
            [b"\xff\xfe".to_vec(), little.clone()].concat(),
            [b"\xfe\xff".to_vec(), big.clone()].concat(),
            little.clone(),
            big,
        ] {
            assert_eq!(text_of(&bytes).as_deref().map(str::trim), Some("0123abcd"), "{bytes:?}");
        }
        assert_eq!(text_of(b"\xff\xff"), None);
        assert_eq!(text_of(&little[..5]), None);
    }
}
