//! The text of other people's files as UTF-8, whatever they were saved as.
//!
//! UTF-8 and UTF-16 are recognized, with a byte order mark or without one, and an XML file may declare any encoding that
//! browsers know. Everything else is refused with the number of the line: a letter is never replaced by a guess.

use std::io::{self, BufRead, Error, ErrorKind, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::error::FormatError;

/// Bytes that are looked at to find the encoding; an XML declaration is shorter.
const HEAD: usize = 512;
/// Bytes that are decoded at a time.
const BLOCK: u64 = 1 << 16;

/// Reads a text as UTF-8 without a byte order mark. Its memory does not grow with the text.
///
/// A byte that is not of the encoding is an error of the kind `InvalidData` that names its line.
#[derive(Debug)]
pub struct TextReader<R> {
    input: R,
    /// Bytes that were read and not decoded yet.
    raw: Vec<u8>,
    /// Decoded text, and how much of it was handed out.
    text: Vec<u8>,
    given: usize,
    decoding: Option<Decoding>,
    /// Line breaks decoded so far.
    breaks: u64,
    is_at_end: bool,
    /// Whether the first block was decoded.
    is_begun: bool,
    fault: Option<String>,
}

struct Decoding {
    decoder: Decoder,
    /// Whether the file itself says what it is, and in which words.
    declared: Option<String>,
}

impl std::fmt::Debug for Decoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.decoder.encoding().name())
    }
}

impl<R: Read> TextReader<R> {
    pub fn new(input: R) -> Self {
        Self {
            input,
            raw: Vec::new(),
            text: Vec::new(),
            given: 0,
            decoding: None,
            breaks: 0,
            is_at_end: false,
            is_begun: false,
            fault: None,
        }
    }

    /// Decodes the next block once everything before it was handed out.
    fn fill(&mut self) -> io::Result<()> {
        while self.given == self.text.len() {
            if let Some(fault) = &self.fault {
                return Err(Error::new(ErrorKind::InvalidData, fault.clone()));
            }
            if self.is_at_end {
                return Ok(());
            }
            self.read_block()?;
            if self.decoding.is_none() {
                if self.raw.len() < HEAD && !self.is_at_end {
                    continue;
                }
                match encoding_of(&self.raw) {
                    Ok((decoder, declared)) => self.decoding = Some(Decoding { decoder, declared }),
                    Err(fault) => {
                        self.fault = Some(fault);
                        continue;
                    }
                }
            }
            self.decode();
        }
        Ok(())
    }

    fn read_block(&mut self) -> io::Result<()> {
        // A dataset may be 100,000 small files: a whole block is not made ready for each of them.
        let read = self.input.by_ref().take(BLOCK).read_to_end(&mut self.raw)?;
        self.is_at_end = read == 0;
        Ok(())
    }

    fn decode(&mut self) {
        let Some(Decoding { decoder, declared }) = &mut self.decoding else { return };
        self.given = 0;
        let most =
            decoder.max_utf8_buffer_length_without_replacement(self.raw.len()).unwrap_or(self.raw.len() * 4 + 16);
        self.text.clear();
        self.text.resize(most, 0);
        let (result, _, written) =
            decoder.decode_to_utf8_without_replacement(&self.raw, &mut self.text, self.is_at_end);
        self.raw.clear();
        self.text.truncate(written);
        if !std::mem::replace(&mut self.is_begun, true) {
            blank_encoding(&mut self.text);
        }
        // No text of any format has one; they are left where a download or a copy was not finished.
        if let Some(at) = memchr::memchr(0, &self.text) {
            let line =
                self.breaks + 1 + memchr::memchr_iter(b'\n', self.text.get(..at).unwrap_or_default()).count() as u64;
            self.text.truncate(at);
            self.is_at_end = true;
            self.fault = Some(format!(
                "there are zero bytes in line {line}, so it is damaged: probably a download or a copy that was interrupted; \
                 get it again"
            ));
            return;
        }
        self.breaks += memchr::memchr_iter(b'\n', &self.text).count() as u64;
        if matches!(result, DecoderResult::Malformed(..)) {
            let line = self.breaks + 1;
            let name = decoder.encoding().name();
            self.fault = Some(match declared {
                Some(declared) => format!("line {line} is not {declared}, which the file declares"),
                None if name == UTF_8.name() => format!("line {line} is not UTF-8; save the file as UTF-8"),
                None => format!("line {line} is not {name}; save the file as UTF-8"),
            });
        }
    }
}

impl<R: Read> Read for TextReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(buffer.len());
        let (Some(from), Some(to)) = (ready.get(..count), buffer.get_mut(..count)) else { return Ok(0) };
        to.copy_from_slice(from);
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for TextReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        Ok(self.text.get(self.given..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.given = (self.given + amount).min(self.text.len());
    }
}

/// The encoding by the first bytes, and the name by which an XML declaration calls it.
fn encoding_of(head: &[u8]) -> Result<(Decoder, Option<String>), String> {
    if let Some(words) = disguise_of(head) {
        return Err(words.to_owned());
    }
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Ok((encoding.new_decoder_with_bom_removal(), None));
    }
    // No text of any format begins with a zero byte, nor has one behind its first letter.
    match head {
        [0, letter, ..] if *letter != 0 => return Ok((UTF_16BE.new_decoder_without_bom_handling(), None)),
        [letter, 0, ..] if *letter != 0 => return Ok((UTF_16LE.new_decoder_without_bom_handling(), None)),
        _ => {}
    }
    let Some(declared) = declared_encoding(head) else { return Ok((UTF_8.new_decoder_without_bom_handling(), None)) };
    match Encoding::for_label(declared.as_bytes()) {
        // A declaration that can be read letter by letter is not in UTF-16.
        Some(encoding) if encoding == UTF_8 || !encoding.is_ascii_compatible() => {
            Ok((UTF_8.new_decoder_without_bom_handling(), None))
        }
        Some(encoding) => Ok((encoding.new_decoder_without_bom_handling(), Some(declared))),
        None => Err(format!("its encoding {declared:.40?} is not supported; save the file as UTF-8")),
    }
}

/// The encoding in `<?xml version="1.0" encoding="..."?>`.
fn declared_encoding(head: &[u8]) -> Option<String> {
    let declaration = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(declaration.get(..end)?).ok()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
    Some(value[1..].split_once(quote)?.0.to_owned())
}

/// Takes the encoding out of an XML declaration, which is no longer right: an XML parser must not decode once more.
fn blank_encoding(text: &mut [u8]) {
    let Some(declaration) = text.strip_prefix(b"<?xml") else { return };
    let end = declaration.windows(2).position(|pair| pair == b"?>").unwrap_or(0) + 5;
    let Some(declaration) = text.get_mut(5..end) else { return };
    let Some(start) = declaration.windows(8).position(|word| word == b"encoding") else { return };
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    let Some(open) = declaration.iter().skip(start).position(is_quote).map(|at| start + at) else { return };
    let Some(close) = declaration.iter().skip(open + 1).position(|byte| *byte == declaration[open]) else { return };
    let close = open + 1 + close;
    declaration.get_mut(start..=close).unwrap_or_default().fill(b' ');
}

/// A whole text as UTF-8.
///
/// # Errors
/// When it is in no encoding that is recognized, with the number of the line.
pub fn whole(bytes: &[u8]) -> Result<String, FormatError> {
    let mut text = String::new();
    let read = TextReader::new(bytes).read_to_string(&mut text);
    read.map(|_| text).map_err(|error| FormatError::Files { reason: error.to_string() })
}

/// The beginning of a text, to see what it is: letters that are cut off or of another encoding are replaced.
pub fn beginning(head: &[u8]) -> String {
    let (mut decoder, _) = encoding_of(head).unwrap_or_else(|_| (UTF_8.new_decoder(), None));
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(head.len()).unwrap_or(head.len() * 3 + 16));
    let _ = decoder.decode_to_string(head, &mut text, false);
    let mut text = text.into_bytes();
    blank_encoding(&mut text);
    String::from_utf8(text).unwrap_or_default()
}

/// What a file is that should be text, and what to do; `None` where it may be text.
pub fn disguise_of(head: &[u8]) -> Option<&'static str> {
    let start = head.trim_ascii_start();
    let is_page = |word: &[u8]| start.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word));
    match head {
        // UTF-16 has a zero byte next to each letter, but never two at its beginning.
        [0, 0, ..] | [0] => Some(ZEROS),
        [0x1f, 0x8b, ..] => Some("it is compressed (gzip): unpack it"),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Some("it is a ZIP archive: unpack it"),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some("it is compressed (bzip2): unpack it"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some("it is compressed (xz): unpack it"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("it is compressed (zstd): unpack it"),
        [0xff, 0xd8, 0xff, ..] => Some("it is a JPEG picture, not text"),
        [0x89, b'P', b'N', b'G', ..] => Some("it is a PNG picture, not text"),
        [b'%', b'P', b'D', b'F', ..] => Some("it is a PDF, not text"),
        _ if start.starts_with(b"version https://git-lfs.github.com/") => {
            Some("it is only the pointer of a file that Git LFS keeps: run git lfs pull to get the file itself")
        }
        _ if is_page(b"<!doctype html") || is_page(b"<html") => Some(
            "it is a web page (HTML): probably a sign-in or error page was saved in place of the file; download it again",
        ),
        _ => None,
    }
}

/// The message about a file that begins with zero bytes.
const ZEROS: &str =
    "it begins with zero bytes, so it is not text: probably a download or a copy that was interrupted; get it again";

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn every_usual_form_of_a_text_is_the_same_text() {
        let text = "L\u{f6}ffel \u{732b} \u{1f642}\r\n2;3\n";
        let with_mark = format!("\u{feff}{text}");
        for bytes in [
            text.as_bytes().to_vec(),
            with_mark.as_bytes().to_vec(),
            utf16(&with_mark, u16::to_le_bytes),
            utf16(&with_mark, u16::to_be_bytes),
            utf16(text, u16::to_le_bytes),
            utf16(text, u16::to_be_bytes),
        ] {
            assert_eq!(whole(&bytes).as_deref(), Ok(text), "{bytes:x?}");
        }
        assert_eq!((whole(b"").as_deref(), whole(b"\xef\xbb\xbf").as_deref()), (Ok(""), Ok("")));
    }

    #[test]
    fn zero_bytes_are_told_and_not_passed_on() {
        let reason = |bytes: &[u8]| whole(bytes).expect_err("refused").to_string();
        assert!(reason(&[0; 100_000]).starts_with("it begins with zero bytes"));
        let mut hole = b"{\"a\":\n[1,\n2".to_vec();
        hole.resize(200_000, 0);
        assert!(reason(&hole).starts_with("there are zero bytes in line 3"), "{}", reason(&hole));
        let mut text = String::new();
        let read = TextReader::new(&hole[..]).read_to_string(&mut text);
        assert!(read.is_err() && !text.contains('\0'), "{text:?}");
        let late = [b"a\n".repeat(60_000), vec![0; 10]].concat();
        assert!(reason(&late).starts_with("there are zero bytes in line 60001"), "{}", reason(&late));
    }

    #[test]
    fn what_is_not_text_is_refused_with_its_line() {
        let reason = |bytes: &[u8]| whole(bytes).expect_err("refused").to_string();
        assert_eq!(reason(b"a\r\nb\nL\xf6ffel\n"), "line 3 is not UTF-8; save the file as UTF-8");
        assert!(reason(b"a\n\xc3").contains("line 2"), "a letter that is cut off");
        assert!(reason(b"\xff\xfea\0b\0\x00\xd8").contains("UTF-16LE"), "half a letter");
        assert!(reason(b"<?xml encoding='klingon'?>").contains("klingon"));
    }

    #[test]
    fn xml_is_read_as_it_declares() {
        let read = |label: &str, bytes: &[u8]| {
            let mut page = format!("<?xml version=\"1.0\" encoding=\"{label}\"?><a>").into_bytes();
            page.extend(bytes);
            whole(&page).map(|text| text.split_once("<a>").expect("element").1.to_owned())
        };
        assert_eq!(read("ISO-8859-1", b"L\xf6ffel").as_deref(), Ok("L\u{f6}ffel"));
        assert_eq!(read("gb2312", b"\xc9\xd7\xd7\xd3").as_deref(), Ok("\u{52fa}\u{5b50}"));
        assert_eq!(read("UTF-16", "\u{732b}".as_bytes()).as_deref(), Ok("\u{732b}"), "a wrong word for UTF-8");
        assert!(read("gb2312", b"\xff\xff").expect_err("refused").to_string().contains("gb2312"));
        let page =
            whole(b"<?xml version='1.0' encoding='ISO-8859-1' standalone='yes'?><a b=\"encoding\"/>").expect("page");
        assert_eq!(page, format!("<?xml version='1.0' {} standalone='yes'?><a b=\"encoding\"/>", " ".repeat(21)));
        assert_eq!(whole(b"a encoding=\"x\"").as_deref(), Ok("a encoding=\"x\""), "no declaration");
    }

    #[test]
    fn a_beginning_may_end_in_a_letter() {
        assert_eq!(beginning("\u{feff}a\u{732b}".as_bytes()), "a\u{732b}");
        assert_eq!(beginning(b"a\xe7\x8c"), "a");
        assert_eq!(beginning(&utf16("\u{feff}a\u{732b}", u16::to_le_bytes)[..5]), "a");
    }

    #[test]
    fn long_texts_come_in_pieces_and_letters_stay_whole() {
        let text = "x\u{732b}\n".repeat(100_000);
        let mut found = String::new();
        // Pieces whose ends fall into letters.
        let input = io::BufReader::with_capacity(7, text.as_bytes());
        TextReader::new(input).read_to_string(&mut found).expect("text");
        assert!(found == text);
    }

    #[test]
    fn what_was_saved_in_place_of_text_is_named() {
        for (head, words) in [
            (&b"\0\0\0\0"[..], "zero bytes"),
            (b"\0", "zero bytes"),
            (b"\x1f\x8b\x08", "gzip"),
            (b"PK\x03\x04\x14", "ZIP"),
            (b"PK\x05\x06", "ZIP"),
            (b"BZh91AY", "bzip2"),
            (b"\xfd7zXZ\0", "xz"),
            (b"\x28\xb5\x2f\xfd\0", "zstd"),
            (b"\xff\xd8\xff\xe0", "JPEG"),
            (b"\x89PNG\r\n", "PNG"),
            (b"%PDF-1.4", "PDF"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
            (b"\r\n<!DOCTYPE html><html>", "web page"),
            (b"<HTML lang='en'>", "web page"),
        ] {
            assert!(disguise_of(head).is_some_and(|found| found.contains(words)), "{words}");
        }
        for text in [
            &b""[..],
            b"{",
            b"<?xml",
            b"0 0.5",
            b"\0{",
            b"{\0",
            b"\xff\xfe{\0",
            b"\xef\xbb\xbf[",
            b"version: 2",
            b"PK",
            b"BZ",
        ] {
            assert_eq!(disguise_of(text), None, "{text:?}");
        }
    }
}
