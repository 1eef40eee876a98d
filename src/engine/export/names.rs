//! File names that every system takes, with the image's id in them: so no two are the same, whatever the case.

use domain::ImageRow;
use formats::names::safe;

/// The name of an image's file without folder and extension: what the metadata calls `name`, made safe, then the id.
pub(super) fn stem(row: &ImageRow) -> String {
    let named = row.metadata.iter().find(|(key, _)| key == "name").map_or("", |(_, name)| name.as_str());
    let readable = safe(without_extension(named));
    let id = row.id;
    if readable.is_empty() { id.to_string() } else { format!("{readable}_{id}") }
}

/// The type of picture that the name in an image's metadata speaks of, when it is one that is known.
pub(super) fn extension<'a>(mut metadata: impl Iterator<Item = (&'a str, &'a str)>) -> Option<&'static str> {
    let (_, name) = metadata.find(|(key, _)| *key == "name")?;
    let (_, extension) = name.rsplit_once('.')?;
    const KNOWN: [(&str, &str); 12] = [
        ("jpg", "jpg"),
        ("jpeg", "jpg"),
        ("png", "png"),
        ("gif", "gif"),
        ("bmp", "bmp"),
        ("tif", "tif"),
        ("tiff", "tif"),
        ("webp", "webp"),
        ("heic", "heic"),
        ("heif", "heic"),
        ("avif", "avif"),
        ("jp2", "jp2"),
    ];
    KNOWN.iter().find(|(known, _)| extension.eq_ignore_ascii_case(known)).map(|(_, extension)| *extension)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_takes_the_name() {
        let cases = [
            ("fork_1.jpg", "fork_1"),
            ("fork/fork_1.jpg", "fork_fork_1"),
            ("a.b c.PNG", "a.b c"),
            ("COM1.x.jpg", "_COM1.x"),
            ("猫🙂.webp", "猫🙂"),
            ("x\u{202e}gpj.exe", "x_gpj"),
            (" . ", ""),
            ("version 1.final version", "version 1.final version"),
        ];
        for (name, expected) in cases {
            assert_eq!(safe(without_extension(name)), expected, "{name}");
        }
    }
}
