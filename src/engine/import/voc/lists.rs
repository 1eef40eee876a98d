//! The lists in `ImageSets/Main` of Pascal VOC: which images a dataset has, which part each of them is in, and, for
//! classification, which of the classes it shows.

use rustc_hash::{FxHashMap, FxHashSet};

use formats::layout::{Role, role_of};

/// The folder of the lists, below that of a year.
const FOLDER: &str = "ImageSets/Main/";
/// Lists of whole datasets.
const WHOLE: [&str; 2] = ["trainval", "default"];

/// What the lists of all years say. Images are called by the folder of their year and their name without extension.
#[derive(Default)]
pub(super) struct Lists {
    /// In the order of the lists, each once: the year's folder, and the name.
    pub(super) images: Vec<(String, String)>,
    known: FxHashSet<String>,
    /// For each year the parts that have images.
    found: FxHashMap<String, FxHashSet<&'static str>>,
    parts: FxHashMap<String, (String, &'static str)>,
    classes: FxHashMap<String, Vec<String>>,
}

impl Lists {
    /// The folder of the year that a list is in, and the list's name; `None` when the file is none.
    pub(super) fn place(name: &str) -> Option<(&str, &str)> {
        let (year, list) = name.strip_suffix(".txt")?.split_once(FOLDER)?;
        (!list.contains('/') && (year.is_empty() || year.ends_with('/'))).then_some((year, list))
    }

    pub(super) fn add(&mut self, year: &str, list: &str, text: &str) {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        if let Some(part) = part_of_list(list) {
            for stem in lines.map(bare) {
                let image = format!("{year}{stem}");
                if let Some(part) = part {
                    self.found.entry(year.to_owned()).or_default().insert(part);
                    self.parts.entry(image.clone()).or_insert((year.to_owned(), part));
                }
                if self.known.insert(image) {
                    self.images.push((year.to_owned(), stem.to_owned()));
                }
            }
            return;
        }
        let Some((class, _)) = list.rsplit_once('_').filter(|(_, part)| part_of_list(part).is_some()) else { return };
        for line in lines {
            let Some((stem, "1")) = line.rsplit_once(char::is_whitespace) else { continue };
            self.classes.entry(format!("{year}{}", bare(stem.trim()))).or_default().push(class.to_owned());
        }
    }

    /// The part of an image, where the lists of its year divide it.
    pub(super) fn part(&self, image: &str) -> Option<&'static str> {
        let (year, part) = self.parts.get(image)?;
        self.found.get(year).filter(|found| found.len() > 1).map(|_| *part)
    }

    pub(super) fn classes(&self, image: &str) -> &[String] {
        self.classes.get(image).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Whether a list is one of images, and for which part.
fn part_of_list(list: &str) -> Option<Option<&'static str>> {
    match role_of(list) {
        _ if WHOLE.contains(&list) => Some(None),
        Some(Role::Part(part)) => Some(Some(part)),
        _ => None,
    }
}

/// A name without the quotes that some programs put around one with spaces.
fn bare(name: &str) -> &str {
    name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_say_the_images_their_parts_and_their_classes() {
        assert_eq!(Lists::place("VOC2012/ImageSets/Main/big cat_train.txt"), Some(("VOC2012/", "big cat_train")));
        for none in ["ImageSets/Layout/train.txt", "ImageSets/Main/a/train.txt", "xImageSets/Main/train.txt"] {
            assert_eq!(Lists::place(none), None, "{none}");
        }
        let mut lists = Lists::default();
        lists.add("y/", "train", "1\r\n\"a 2\"\n\n");
        assert_eq!(lists.part("y/1"), None, "one part is no division");
        lists.add("y/", "val", "3\n");
        lists.add("y/", "trainval", "1\na 2\n3\n4\n");
        lists.add("y/", "big cat_trainval", "1 -1\na 2  1\n3 0\n4 1\n");
        lists.add("y/", "notes", "9\n");
        let names: Vec<_> = lists.images.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["1", "a 2", "3", "4"]);
        assert_eq!(
            ["y/1", "y/a 2", "y/3", "y/4"].map(|image| lists.part(image)),
            [Some("train"), Some("train"), Some("val"), None]
        );
        assert_eq!(["y/1", "y/a 2", "y/3", "y/4"].map(|image| lists.classes(image).len()), [0, 1, 0, 1]);
        assert_eq!(lists.classes("y/4"), ["big cat"]);
    }
}
