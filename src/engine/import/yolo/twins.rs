//! Which label file belongs to which picture of YOLO.
//!
//! Ultralytics looks in `labels` in place of the last `images` on the way; Darknet and labelImg next to the picture; other
//! programs in a folder `labels` next to that of the pictures. What is not there is looked up without regard to letter case,
//! Unicode form, percent signs and the digits of Label Studio.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use rustc_hash::FxHashSet;

use super::super::pictures::{folded, without_hash};
use super::super::walk::{Passed, files_below};
use formats::layout::{Role, role_of};
use formats::text;
use formats::yolo::dataset::read_row;
use storage::StorageError;
use storage::regular::{inside, read_bounded};

/// Text files that are no labels.
const OTHERS: [&str; 6] = ["classes.txt", "_classes.txt", "obj.names", "labels.txt", "train.txt", "val.txt"];
/// A text whose first line is looked at to see whether it has rows.
const SMALL: u64 = 1 << 20;

pub(super) enum Twin {
    /// Its name in the dataset, and its place with all links resolved.
    File(String, PathBuf),
    /// It cannot be used: a file or folder on its way, and why.
    Unreachable(String, String),
    /// It cannot be used, and that was said of another picture.
    Told,
    /// There is none.
    None,
}

pub(super) struct Twins {
    /// The folders that names are relative to: that of the pictures, and that of the dataset.
    roots: Vec<PathBuf>,
    /// Text files by their names.
    names: FxHashSet<String>,
    /// Their names by the folder and the bare name, both folded, percent signs and digits resolved. Made when the first
    /// label file is not in its usual place.
    alike: OnceCell<HashMap<String, Vec<String>>>,
    /// Links and unreadable folders that may hold labels.
    passed: Vec<Passed>,
    used: FxHashSet<String>,
    folders: FxHashSet<String>,
    told: FxHashSet<String>,
}

impl Twins {
    pub(super) fn new(base: &Path, home: &Path) -> Self {
        let mut twins = Self {
            roots: if base == home { vec![base.to_path_buf()] } else { vec![base.to_path_buf(), home.to_path_buf()] },
            names: FxHashSet::default(),
            alike: OnceCell::new(),
            passed: Vec::new(),
            used: FxHashSet::default(),
            folders: FxHashSet::default(),
            told: FxHashSet::default(),
        };
        for root in twins.roots.clone() {
            let Ok((names, passed)) = files_below(&root, "") else { continue };
            twins.passed.extend(passed);
            twins.names.extend(names.into_iter().filter(|name| is_text(name)));
        }
        twins
    }

    /// The label files whose names are like that of this one.
    fn alike(&self, label: &str) -> &[String] {
        let alike = self.alike.get_or_init(|| {
            let mut alike: HashMap<String, Vec<String>> = HashMap::new();
            let mut names: Vec<&String> = self.names.iter().collect();
            names.sort_unstable();
            for name in names {
                alike.entry(key(stem_of(name))).or_default().push(name.clone());
            }
            alike
        });
        alike.get(&key(stem_of(label))).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn find(&mut self, picture: &str) -> Twin {
        if let Some(label) = usual_places(picture).find(|label| self.names.contains(label)) {
            return self.found(label);
        }
        // Behind a link to a folder, which the walk does not follow.
        for label in usual_places(picture) {
            match self.behind_links(&label) {
                Twin::None => {}
                twin => return twin,
            }
        }
        let mut alike: Vec<String> = Vec::new();
        for label in usual_places(picture) {
            alike.extend(self.alike(&label).iter().filter(|name| !self.used.contains(*name)).cloned());
            if !alike.is_empty() {
                break;
            }
        }
        match &alike[..] {
            [] => Twin::None,
            [label] => self.found(label.clone()),
            several => {
                let reason = format!("its labels could be {}, so none were used", several.join(" or "));
                Twin::Unreachable(picture.to_owned(), reason)
            }
        }
    }

    fn found(&mut self, label: String) -> Twin {
        self.used.insert(label.clone());
        self.folders.insert(folder_of(&label).to_owned());
        for root in &self.roots {
            match inside(root, &label) {
                Ok(path) => return Twin::File(label, path),
                Err(StorageError::Broken { .. }) => {
                    let reason = "it is a link to a place outside the dataset, so its labels were not read; copy the \
                                  file itself here";
                    return Twin::Unreachable(label, reason.to_owned());
                }
                Err(_) => {}
            }
        }
        let reason = "it is a broken link or cannot be read, so its labels were not read";
        Twin::Unreachable(label, reason.to_owned())
    }

    /// A label file that is not listed, because something on its way is a link or cannot be read.
    fn behind_links(&mut self, label: &str) -> Twin {
        for root in self.roots.clone() {
            let mut at = root.clone();
            let mut name = String::new();
            for part in label.split('/') {
                at.push(part);
                name = if name.is_empty() { part.to_owned() } else { format!("{name}/{part}") };
                let reason = match at.symlink_metadata() {
                    Ok(facts) if facts.is_symlink() => match inside(&root, &name) {
                        Ok(_) => continue,
                        Err(StorageError::Broken { .. }) => "it is a link to a place outside the dataset".to_owned(),
                        Err(_) => "it is a broken link".to_owned(),
                    },
                    Ok(_) => continue,
                    Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => break,
                    Err(error) => {
                        name = folder_of(&name).to_owned();
                        format!("it cannot be read ({error})")
                    }
                };
                if !self.told.insert(name.clone()) {
                    return Twin::Told;
                }
                self.passed.retain(|passed| passed.name != name);
                let reason = format!("{reason}; the labels in it were not read; copy the files themselves here");
                return Twin::Unreachable(name, reason);
            }
            if let Ok(path) = inside(&root, label)
                && path.is_file()
            {
                self.used.insert(label.to_owned());
                let is_on_way =
                    |name: &String| label.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/'));
                let names = self.passed.iter().map(|passed| &passed.name).filter(|name| is_on_way(name));
                self.told.extend(names.cloned());
                return Twin::File(label.to_owned(), path);
            }
        }
        Twin::None
    }

    pub(super) fn found_count(&self) -> usize {
        self.used.len()
    }

    /// Label files that belong to no picture, in their order.
    pub(super) fn lonely(&self) -> Vec<String> {
        let is_label = |name: &&String| {
            let bare = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
            let is_place = role_of(folder_of(name)) == Some(Role::Labels) || self.folders.contains(folder_of(name));
            let in_labels = name.split('/').any(|part| part.eq_ignore_ascii_case("labels"));
            !OTHERS.contains(&bare.as_str())
                && !self.used.contains(*name)
                && (in_labels || (is_place && self.has_rows(name)))
        };
        let mut lonely: Vec<String> = self.names.iter().filter(is_label).cloned().collect();
        lonely.sort_unstable();
        lonely
    }

    fn has_rows(&self, name: &str) -> bool {
        let path = self.roots.iter().find_map(|root| inside(root, name).ok());
        let bytes = path.and_then(|path| read_bounded(&path, SMALL).ok()).unwrap_or_default();
        let text = text::beginning(&bytes);
        text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| read_row(line, true).is_ok())
    }

    /// Links and folders in places of labels that nothing was read from.
    pub(super) fn passed(&self) -> impl Iterator<Item = &Passed> {
        self.passed.iter().filter(|passed| {
            let is_labels = passed.name.split('/').any(|part| role_of(part) == Some(Role::Labels));
            is_labels && !self.told.contains(&passed.name)
        })
    }
}

/// Where the label file of a picture may be, the most usual place first.
pub(super) fn usual_places(picture: &str) -> impl Iterator<Item = String> {
    let stem = stem_of(picture);
    let (folder, bare) = stem.rsplit_once('/').unwrap_or(("", stem));
    (0..5).filter_map(move |nth| {
        let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        let instead_of_images = |labels| {
            let at = parts.iter().rposition(|part| part.eq_ignore_ascii_case("images"))?;
            Some([&parts[..at], &[labels], &parts[at + 1..]].concat())
        };
        let mut parts = match nth {
            0 => instead_of_images("labels")?,
            1 => instead_of_images("Labels")?,
            2 => parts,
            // `pictures/1.jpg` and `labels/1.txt`, or `labels/` in the folder of the pictures.
            3 => [parts.split_last().filter(|(last, _)| **last != "labels")?.1, &["labels"]].concat(),
            _ => [&parts[..], &["labels"]].concat(),
        };
        let file = format!("{bare}.txt");
        parts.push(&file);
        Some(parts.join("/"))
    })
}

fn is_text(name: &str) -> bool {
    name.get(name.len().saturating_sub(4)..).is_some_and(|end| end.eq_ignore_ascii_case(".txt"))
}

/// A name without its extension.
fn stem_of(name: &str) -> &str {
    let start = name.rfind('/').map_or(0, |at| at + 1);
    name[start..].rfind('.').map_or(name, |at| &name[..start + at])
}

fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What label files and pictures have in common whose names are written in other ways.
fn key(stem: &str) -> String {
    let decoded = percent_decode_str(stem).decode_utf8().map_or_else(|_| stem.to_owned(), std::borrow::Cow::into_owned);
    let bare = without_hash(&decoded).unwrap_or(decoded);
    folded(&bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_the_twins_of_pictures() {
        let first = |picture: &str| usual_places(picture).next().expect("a place");
        assert_eq!(first("images/train/a.b.jpg"), "labels/train/a.b.txt");
        assert_eq!(first("images/x/images/a.jpg"), "images/x/labels/a.txt");
        assert_eq!(first("Images/a.jpg"), "labels/a.txt");
        assert_eq!(first("pictures/a.jpg"), "pictures/a.txt");
        assert_eq!(first("a.jpg"), "a.txt");
        assert_eq!(first("images/a.jpg"), "labels/a.txt");
        assert_eq!(first("myimages/images.old/a.jpg"), "myimages/images.old/a.txt");
        let places: Vec<_> = usual_places("pictures/a.jpg").collect();
        assert_eq!(places, ["pictures/a.txt", "labels/a.txt", "pictures/labels/a.txt"]);
    }

    #[test]
    fn names_in_other_ways_are_alike() {
        for other in ["labels/Capture%20d%27%C3%A9", "LABELS/capture d'e\u{301}", "labels/ab12cd34-Capture d'\u{e9}"] {
            assert_eq!(key(other), key("labels/Capture d'\u{e9}"), "{other}");
        }
        assert_ne!(key("labels/a"), key("labels/b"));
    }
}
