//! The members of a tar file, one after the other, without believing a length or a name that it states.

use std::io::{self, Read, Seek};

use crate::error::{FormatError, Quoted};
use crate::layout::is_picture;

/// Longest name or list of attributes of a member.
const MOST_NAME: u64 = 1 << 16;
/// Bytes of a header.
const BLOCK: usize = 512;
/// Letters of a name in a message.
const MOST_SHOWN: usize = 120;

/// A file in a tar.
pub struct Member<'a> {
    /// Its path as it is written.
    pub name: String,
    /// Its first byte in the tar.
    pub start: u64,
    pub bytes: u64,
    pub content: &'a mut dyn Read,
}

/// Whether a file begins as a shard does: with a picture, or with the labels of one.
pub fn is_shard(head: &[u8]) -> bool {
    let Some(block) = head.get(..BLOCK) else { return false };
    let header = tar::Header::from_byte_slice(block);
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    let found = sum(&block[..148]) + 8 * u32::from(b' ') + sum(&block[156..]);
    if header.cksum().ok() != Some(found) {
        // No member at all.
        return head.len() >= 2 * BLOCK && head[..2 * BLOCK].iter().all(|&byte| byte == 0);
    }
    let path = header.path_bytes();
    let name = String::from_utf8_lossy(&path);
    let is_extended = header.entry_type().is_gnu_longname() || header.entry_type().is_pax_local_extensions();
    is_extended || (header.entry_type().is_file() && is_of_sample(&name))
}

/// Whether a member belongs to a sample, by its extension.
fn is_of_sample(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    is_picture(name) || extension.is_some_and(|extension| matches!(extension.as_str(), "json" | "cls" | "txt"))
}

/// Calls `take` for each file of a tar of `length` bytes; `Err` ends the reading with these words. Whether the tar ends as it
/// should: without its end, members behind the last may be missing.
///
/// # Errors
/// When it is damaged or incomplete, or `take` refuses.
pub fn members<R: Read + Seek>(
    mut input: R,
    length: u64,
    mut take: impl FnMut(Member<'_>) -> Result<(), String>,
) -> Result<bool, FormatError> {
    let has_end = has_end(&mut input, length).map_err(|error| damaged(&error))?;
    let mut archive = tar::Archive::new(input);
    // Raw: what extends a name is read here, within bounds.
    let entries = archive.entries_with_seek().map_err(|error| damaged(&error))?.raw(true);
    let mut long_name: Option<String> = None;
    for entry in entries {
        let mut entry = entry.map_err(|error| damaged(&error))?;
        let (start, bytes, kind) = (entry.raw_file_position(), entry.size(), entry.header().entry_type());
        let name = long_name.take().unwrap_or_else(|| String::from_utf8_lossy(&entry.header().path_bytes()).into());
        if start.checked_add(bytes).is_none_or(|end| end > length) {
            let name = Quoted(&name);
            return Err(FormatError::says(format!(
                "{name:.MOST_SHOWN$} should have {bytes} bytes, but the file ends before: it is incomplete or damaged; copy \
                 it again"
            )));
        }
        if kind.is_gnu_longname() {
            let text = small(&mut entry, bytes)?;
            long_name = Some(String::from_utf8_lossy(text.strip_suffix(b"\0").unwrap_or(&text)).into_owned());
        } else if kind.is_pax_local_extensions() {
            let text = small(&mut entry, bytes)?;
            long_name = path_in(&text)?;
        } else if kind.is_file() {
            take(Member { name, start, bytes, content: &mut entry }).map_err(FormatError::says)?;
        }
    }
    Ok(has_end)
}

fn damaged(error: &io::Error) -> FormatError {
    FormatError::says(format!("it is damaged or not a tar file ({error})"))
}

/// Whether the last block is empty, as the end of a tar is.
fn has_end<R: Read + Seek>(input: &mut R, length: u64) -> io::Result<bool> {
    let mut block = [1; BLOCK];
    if length >= BLOCK as u64 {
        input.seek(io::SeekFrom::Start(length - BLOCK as u64))?;
        input.read_exact(&mut block)?;
    }
    input.seek(io::SeekFrom::Start(0))?;
    Ok(block.iter().all(|&byte| byte == 0))
}

fn small(entry: &mut impl Read, bytes: u64) -> Result<Vec<u8>, FormatError> {
    let mut text = Vec::new();
    if bytes > MOST_NAME {
        return Err(FormatError::says(format!("a name in it has {bytes} bytes")));
    }
    entry.take(MOST_NAME).read_to_end(&mut text).map_err(|error| damaged(&error))?;
    Ok(text)
}

/// The path in a list of attributes.
fn path_in(attributes: &[u8]) -> Result<Option<String>, FormatError> {
    let mut path = None;
    for attribute in tar::PaxExtensions::new(attributes) {
        let attribute = attribute.map_err(|error| damaged(&error))?;
        match attribute.key() {
            Ok("path") => path = Some(String::from_utf8_lossy(attribute.value_bytes()).into_owned()),
            Ok("size") => return Err(FormatError::says("a file in it is larger than 8 GiB, or says so")),
            _ => {}
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, bytes) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            builder.append_data(&mut header, name, *bytes).expect("member");
        }
        builder.into_inner().expect("tar")
    }

    fn names(tar: &[u8]) -> Result<(Vec<String>, bool), FormatError> {
        let mut names = Vec::new();
        let has_end = members(Cursor::new(tar), tar.len() as u64, |member| {
            let slice =
                &tar[usize::try_from(member.start).expect("start")..][..usize::try_from(member.bytes).expect("bytes")];
            let mut content = Vec::new();
            member.content.read_to_end(&mut content).expect("content");
            assert_eq!(content, slice);
            names.push(member.name);
            Ok(())
        })?;
        Ok((names, has_end))
    }

    #[test]
    fn members_are_read_with_long_names_and_in_place() {
        let long = format!("{}/1.jpg", "x".repeat(150));
        let tar = tar_of(&[("1.jpg", b"abc"), (&long, b""), ("1.json", b"{}")]);
        assert!(is_shard(&tar));
        assert_eq!(names(&tar).expect("members"), (vec!["1.jpg".to_owned(), long, "1.json".to_owned()], true));
        let cut = &tar[..tar.len() - 1024];
        assert!(!names(cut).expect("members").1, "without its end");
        assert!(
            !is_shard(b"") && !is_shard(&[1; 600]) && is_shard(&tar_of(&[])) && !is_shard(&tar_of(&[("a/b.c", b"x")]))
        );
    }

    #[test]
    fn lengths_are_not_believed() {
        let mut tar = tar_of(&[("1.jpg", &[7; 2_000])]);
        let error = names(&tar[..1_000]).expect_err("cut off").to_string();
        assert!(error.contains("\"1.jpg\" should have 2000 bytes") && error.contains("copy it again"), "{error}");
        let mut header = tar::Header::from_byte_slice(&tar[..BLOCK]).clone();
        header.set_size(10 << 30);
        header.set_cksum();
        tar[..BLOCK].copy_from_slice(header.as_bytes());
        assert!(names(&tar).expect_err("10 GiB").to_string().contains("10737418240 bytes"));
        // A long name of that length.
        header.set_entry_type(tar::EntryType::GNULongName);
        header.set_size(1_900);
        header.set_cksum();
        tar[..BLOCK].copy_from_slice(header.as_bytes());
        assert!(names(&tar).is_ok());
        tar[3] ^= 1;
        assert!(names(&tar).expect_err("checksum").to_string().contains("damaged"));
    }
}
