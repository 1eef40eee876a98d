//! All files below some folders, found by the ends of their names.

use std::collections::HashMap;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization as _;

use crate::import::walk::files_below;
use formats::dataset::Elsewhere;
use formats::layout::is_picture;
use storage::regular::inside;

/// Possible pictures that a message names.
const MOST_NAMED: usize = 3;
/// Digits before the name of an upload in Label Studio.
const HASH_DIGITS: usize = 8;
/// Files that are no pictures.
const LABELS: [&str; 8] = ["txt", "xml", "json", "jsonl", "csv", "yaml", "yml", "md"];

/// How a picture was found that is not where its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::import) enum How {
    /// By the end of its path.
    Ending,
    /// By its name with letters composed in another way.
    UnicodeForm,
    /// By its name in another letter case.
    Case,
    /// By its name without percent signs.
    Percent,
    /// By its name without the digits that Label Studio puts before it.
    Hash,
    /// By its name and any extension.
    Stem,
}

impl How {
    /// Whether that is worth a word: the path of an address is never that of a file.
    pub(super) fn is_told(self, elsewhere: Option<&Elsewhere>) -> bool {
        let is_address = elsewhere.is_some_and(|elsewhere| !elsewhere.leads_out);
        !(is_address && matches!(self, Self::Ending | Self::Percent | Self::Hash))
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Ending => "pictures found by the end of their path",
            Self::UnicodeForm => "pictures whose names have another Unicode normalization",
            Self::Case => "pictures whose names differ only in case",
            Self::Percent => "pictures whose names are percent-encoded in the dataset",
            Self::Hash => "pictures found without the prefix that Label Studio adds to their names",
            Self::Stem => "pictures found by name with another extension",
        }
    }
}

#[derive(Debug, PartialEq)]
pub(in crate::import) enum Lookup {
    /// One file, with all links resolved.
    One(PathBuf, How),
    /// More than one fits as well as any other; their names, or the first of them.
    Several(Vec<String>),
    None,
}

pub(in crate::import) struct Index {
    roots: Vec<PathBuf>,
    /// The root, and the name relative to it.
    files: Vec<(usize, String)>,
    /// By the last part of the name, [`folded`]. Not the fast hash map: the dataset chooses the names.
    by_name: HashMap<String, Vec<usize>>,
    /// The same without extension.
    by_stem: HashMap<String, Vec<usize>>,
}

impl Index {
    /// What is below these folders. A folder that cannot be walked has nothing.
    pub(super) fn from_roots(roots: &[PathBuf]) -> Self {
        let mut index =
            Self { roots: roots.to_vec(), files: Vec::new(), by_name: HashMap::new(), by_stem: HashMap::new() };
        for (root, folder) in roots.iter().enumerate() {
            let is_within = |other: &PathBuf| folder.starts_with(other);
            if roots.iter().enumerate().any(|(at, other)| is_within(other) && (other != folder || at < root)) {
                continue;
            }
            let Ok((names, _)) = files_below(folder, "") else { continue };
            for name in names {
                index.add(root, name);
            }
        }
        index
    }

    fn add(&mut self, root: usize, name: String) {
        let last = folded(last(&name));
        let (stem, extension) = last.rsplit_once('.').unwrap_or((&last, ""));
        if LABELS.contains(&extension) {
            return;
        }
        let at = self.files.len();
        self.by_stem.entry(stem.to_owned()).or_default().push(at);
        self.by_name.entry(last).or_default().push(at);
        self.files.push((root, name));
    }

    /// The file with the longest ending in common with a name.
    pub(in crate::import) fn find(&self, name: &str) -> Lookup {
        let decoded = decoded(name);
        let forms = [Some(name), decoded.as_deref()];
        for (form, how) in forms.into_iter().zip([None, Some(How::Percent)]) {
            let Some(form) = form else { continue };
            let found = self.best(form, self.by_name.get(&folded(last(form))), how);
            if found != Lookup::None {
                return found;
            }
        }
        for form in forms.into_iter().flatten() {
            if let Some(bare) = without_hash(form) {
                let found = self.best(&bare, self.by_name.get(&folded(last(&bare))), Some(How::Hash));
                if found != Lookup::None {
                    return found;
                }
            }
        }
        // Pictures are converted, and tools for video leave the extension out of the names of frames.
        let bare = if is_picture(name) { name.rsplit_once('.').map_or(name, |(bare, _)| bare) } else { name };
        let found = self.by_stem.get(&folded(last(bare)));
        let pictures: Vec<usize> =
            found.into_iter().flatten().copied().filter(|&at| is_picture(&self.files[at].1)).collect();
        self.best(bare, Some(&pictures), Some(How::Stem))
    }

    /// The pictures with a name without extension, by the longest ending in common with it.
    pub(in crate::import) fn find_stem(&self, stem: &str) -> Lookup {
        self.best(stem, self.by_stem.get(&folded(last(stem))), None)
    }

    fn best(&self, name: &str, candidates: Option<&Vec<usize>>, how: Option<How>) -> Lookup {
        let parts: Vec<String> = name.rsplit('/').skip(1).map(folded).collect();
        let common = |at: usize| {
            let (_, found) = &self.files[at];
            let folders = found.rsplit('/').skip(1).map(folded);
            folders.zip(&parts).take_while(|(found, wanted)| found == *wanted).count()
        };
        let scored: Vec<(usize, usize)> = candidates.into_iter().flatten().map(|&at| (common(at), at)).collect();
        let Some(most) = scored.iter().map(|(score, _)| *score).max() else { return Lookup::None };
        let mut found: Vec<usize> = scored.into_iter().filter(|(score, _)| *score == most).map(|(_, at)| at).collect();
        let is_same = |at: &usize| last(&self.files[*at].1) == last(name);
        if found.len() > 1 && found.iter().filter(|at| is_same(at)).count() == 1 {
            found.retain(is_same);
        }
        let [at] = found[..] else {
            return Lookup::Several(found.iter().take(MOST_NAMED).map(|&at| self.files[at].1.clone()).collect());
        };
        let (root, file) = &self.files[at];
        // A link may lead out.
        match inside(&self.roots[*root], file) {
            Ok(path) => Lookup::One(path, how.unwrap_or_else(|| difference(last(name), last(file)))),
            Err(_) => Lookup::None,
        }
    }
}

/// In what a name differs from that of the file that was found.
fn difference(written: &str, found: &str) -> How {
    if written == found {
        How::Ending
    } else if written.nfc().eq(found.nfc()) {
        How::UnicodeForm
    } else {
        How::Case
    }
}

/// A name without regard to letter case and Unicode form.
pub(in crate::import) fn folded(name: &str) -> String {
    if name.is_ascii() { name.to_ascii_lowercase() } else { name.nfc().flat_map(char::to_lowercase).nfc().collect() }
}

/// A name with its percent signs resolved, where that changes it.
pub(super) fn decoded(name: &str) -> Option<String> {
    let decoded = percent_decode_str(name).decode_utf8().ok()?;
    (decoded != name).then(|| decoded.into_owned())
}

/// A name without the digits that Label Studio puts before it.
pub(in crate::import) fn without_hash(name: &str) -> Option<String> {
    let (folder, bare) = name.rsplit_once('/').unwrap_or(("", name));
    let (hash, bare) = bare.split_once('-')?;
    let is_hash = hash.len() == HASH_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hash && !bare.is_empty()).then(|| if folder.is_empty() { bare.to_owned() } else { format!("{folder}/{bare}") })
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(names: &[&str]) -> (tempfile::TempDir, Index) {
        let home = tempfile::tempdir().expect("folder");
        for name in names {
            let path = home.path().join(name);
            std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
            std::fs::write(path, "x").expect("write");
        }
        let root = storage::resolve(home.path()).expect("root");
        let index = Index::from_roots(&[root]);
        (home, index)
    }

    #[test]
    fn the_longest_ending_is_found() {
        let (home, index) = index(&[
            "a/1.jpg",
            "b/1.jpg",
            "b/x/2.jpg",
            "images/e\u{301}.jpg",
            "images/CAT.JPG",
            "images/ab.png",
            "images/a.mp4#t=1.5.jpg",
            "images/cd.pdf",
            "c/1.txt",
        ]);
        let root = storage::resolve(home.path()).expect("root");
        for (name, file, how) in [
            ("home/me/b/1.jpg", "b/1.jpg", How::Ending),
            ("home/me/2.jpg", "b/x/2.jpg", How::Ending),
            ("z/\u{e9}.jpg", "images/e\u{301}.jpg", How::UnicodeForm),
            ("cat.jpg", "images/CAT.JPG", How::Case),
            ("%63at.jpg", "images/CAT.JPG", How::Percent),
            ("ab12cd34-ab.png", "images/ab.png", How::Hash),
            ("x/ab", "images/ab.png", How::Stem),
            ("x/ab.jpg", "images/ab.png", How::Stem),
            ("a.mp4#t=1.5", "images/a.mp4#t=1.5.jpg", How::Stem),
        ] {
            assert_eq!(index.find(name), Lookup::One(root.join(file), how), "{name}");
        }
        assert_eq!(index.find("z/1.jpg"), Lookup::Several(vec!["a/1.jpg".to_owned(), "b/1.jpg".to_owned()]));
        for none in ["3.jpg", "ab12cd3-ab.png", "cd.jpg", "1.txt"] {
            assert_eq!(index.find(none), Lookup::None, "{none}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_not_found() {
        let (home, _) = index(&["in/1.jpg", "out/2.jpg"]);
        std::os::unix::fs::symlink(home.path().join("out/2.jpg"), home.path().join("in/2.jpg")).expect("link");
        let index = Index::from_roots(&[storage::resolve(home.path().join("in")).expect("root")]);
        assert_eq!(index.find("x/2.jpg"), Lookup::None);
    }
}
