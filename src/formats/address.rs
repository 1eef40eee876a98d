//! Names of pictures as other people's programs write them: relative, of another computer, with a drive letter, an address
//! of a web server or of a datastore, a name inside a ZIP.

use percent_encoding::percent_decode_str;

/// What a program writes before the file in an address of Label Studio's own storage.
const UPLOADED: &str = "/data/upload/";
/// Addresses whose file is in a field of the query.
const IN_QUERY: [(&str, &str); 4] = [
    ("data/local-files/", "d"),
    ("data/local-files", "d"),
    ("storage-data/uploaded/", "filepath"),
    ("storage-data/uploaded", "filepath"),
];

/// The file that a name or an address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Relative, with forward slashes, without `.` and `..`.
    pub name: String,
    /// Whether the name leads out of the dataset as it is written: with `..`, from the root of a disk, or by a drive. Then
    /// `name` is its end, which may be looked up inside the dataset.
    pub leads_out: bool,
}

/// Reads a name or an address. `None` when it names no file.
///
/// A web address means what is behind the host, one of a datastore what is behind `paths`; a query (such as a signature) is
/// no part of the name, unless Label Studio keeps the file there. `set.zip@a.jpg` is the file `a.jpg`.
pub fn read_name(written: &str) -> Option<NamedFile> {
    let written = written.trim();
    let text = written.replace('\\', "/");
    if let Some(file) = in_query(&text) {
        return plain(file.trim_start_matches('/'));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        // `file:C:/a.jpg`, as VoTT writes it.
        let bare = text.strip_prefix("file:").unwrap_or(&text);
        if bare.starts_with('/')
            && let Some((_, file)) = bare.split_once(UPLOADED)
        {
            return plain(&decoded(file)?);
        }
        return plain(out_of_zip(bare));
    };
    let is_web = scheme.starts_with("http");
    let rest = rest.split(|letter| letter == '?' || (is_web && letter == '#')).next().unwrap_or_default();
    let path = match rest.split_once("/paths/") {
        Some((_, path)) => path,
        None => rest.split_once('/')?.1,
    };
    let path = match path.split_once(UPLOADED.trim_start_matches('/')) {
        Some((before, file)) if is_web && (before.is_empty() || before.ends_with('/')) => file,
        _ => path,
    };
    plain(out_of_zip(decoded(path)?.trim_start_matches('/')))
}

/// A relative name that stays in its folder on every system, with forward slashes; `None` when it does not.
pub fn relative_name(name: &str) -> Option<String> {
    let name = name.replace('\\', "/");
    let found = plain(&name)?;
    (!found.leads_out).then_some(found.name)
}

/// The file in the query of an address of Label Studio, decoded.
fn in_query(text: &str) -> Option<String> {
    let (path, query) = text.split_once('?')?;
    let is_of = |end: &str| path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'));
    let (_, field) = IN_QUERY.iter().find(|(end, _)| is_of(end))?;
    let mut fields = query.split('&').filter_map(|field| field.split_once('='));
    let (_, value) = fields.find(|(name, _)| name == field)?;
    Some(decoded(value)?.replace('\\', "/"))
}

fn out_of_zip(name: &str) -> &str {
    match name.split_once('@') {
        Some((archive, file)) if archive.to_ascii_lowercase().ends_with(".zip") => file,
        _ => name,
    }
}

fn decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

/// The plain parts of a path with forward slashes; behind the last that leads out, where one does.
fn plain(path: &str) -> Option<NamedFile> {
    let mut leads_out = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        if part == ".." || part.contains([':', '\0']) {
            leads_out = true;
            parts.clear();
        } else if !part.is_empty() && part != "." {
            parts.push(part);
        }
    }
    (!parts.is_empty()).then(|| NamedFile { name: parts.join("/"), leads_out })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(written: &str) -> (Option<String>, bool) {
        let found = read_name(written);
        (found.as_ref().map(|found| found.name.clone()), found.is_some_and(|found| found.leads_out))
    }

    #[test]
    fn names_and_addresses_mean_files() {
        for (written, name, leads_out) in [
            ("a/b c.jpg", "a/b c.jpg", false),
            ("./a\\b//c.jpg", "a/b/c.jpg", false),
            ("https://h.blob.core.windows.net/c/a%20b.jpg?sig=secret", "c/a b.jpg", false),
            ("azureml://subscriptions/s/datastores/d/paths/UI/1/x.jpg", "UI/1/x.jpg", false),
            ("AmlDatastore://store/UI/1/1.jpg", "UI/1/1.jpg", false),
            ("s3://bucket/x.jpg", "x.jpg", false),
            ("file:///etc/passwd", "etc/passwd", false),
            ("train_images.zip@x.jpg", "x.jpg", false),
            ("a@b.jpg", "a@b.jpg", false),
            ("what?.jpg", "what?.jpg", false),
            // Of Label Studio.
            ("/data/upload/3/ab12-one%20two.jpg", "3/ab12-one two.jpg", false),
            ("/ls/data/upload/1/1.jpg", "1/1.jpg", false),
            ("http://localhost:8080/ls/data/upload/1/1.jpg", "1/1.jpg", false),
            ("/data/local-files/?d=set/1.jpg", "set/1.jpg", false),
            ("data/local-files/?d=set/1.jpg", "set/1.jpg", false),
            ("http://localhost:8080/data/local-files/?d=set/1.jpg", "set/1.jpg", false),
            ("/data/local-files/?d=\\images\\0.png", "images/0.png", false),
            ("https://h/storage-data/uploaded/?filepath=upload/1/1.jpg", "upload/1/1.jpg", false),
            // Of another computer.
            ("/home/me/x.png", "home/me/x.png", true),
            ("C:\\Users\\me\\x.png", "Users/me/x.png", true),
            ("file:C:/pics/1.jpg", "pics/1.jpg", true),
            ("\\\\host\\share\\a.jpg", "host/share/a.jpg", true),
            ("..\\..\\media\\4\\x.png", "media/4/x.png", true),
            ("a/../../x.jpg", "x.jpg", true),
            ("https://h/%2e%2e/x.jpg", "x.jpg", true),
        ] {
            assert_eq!(found(written), (Some(name.to_owned()), leads_out), "{written}");
        }
        for none in ["", ".", "/", "..", "https://host", "a/..", "x\0.jpg", "/data/local-files/?d=.."] {
            assert_eq!(found(none).0, None, "{none:?}");
        }
    }

    #[test]
    fn relative_names_stay_in_the_folder() {
        assert_eq!(relative_name("./a\\b//c.jpg").as_deref(), Some("a/b/c.jpg"));
        for bad in ["/a", "../a", "a/../../b", "C:\\a", "a\0b", ".", "", "\\\\host\\a"] {
            assert_eq!(relative_name(bad), None, "{bad:?}");
        }
    }
}
