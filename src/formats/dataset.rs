//! A dataset of any format, as a reader for importing returns it. What could not be used
//! becomes a [`DatasetProblem`], and everything else is read.

mod builder;

use std::collections::HashMap;

pub use builder::DatasetBuilder;

use super::address::{NamedFile, read_name};
use super::error::Quoted;
use domain::{ImageId, ProjectKind, RegionId, Timestamp};

/// Letters of a name in a report.
const MOST_SHOWN: usize = 120;

/// Elements that cannot be used, after which the rest is not looked at: each costs far more memory than its text.
const MOST_PROBLEMS: usize = 1_000_000;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataset {
    pub description: Option<String>,
    /// Category names in the order of the dataset, each once.
    pub categories: Vec<String>,
    /// Images in the order of the dataset.
    pub images: Vec<DatasetImage>,
    /// Number of images and of boxes that it speaks of.
    pub counts_in: (u64, u64),
    pub problems: Vec<DatasetProblem>,
    /// What it is for, where the format says so.
    pub kind: Option<ProjectKind>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DatasetImage {
    /// Its name in the dataset: relative, with forward slashes.
    pub file_name: String,
    /// Width and height in pixels, as the dataset says.
    pub size: Option<(u32, u32)>,
    pub boxes: Vec<DatasetBox>,
    pub unit: BoxUnit,
    /// The service's id, in files that Tagscope wrote.
    pub id: Option<ImageId>,
    /// When the image was uploaded, in files that Tagscope wrote.
    pub created: Option<Timestamp>,
    /// Names of tags of the image as a whole.
    pub tags: Vec<String>,
    /// Metadata, in files that Tagscope wrote; and the part of the dataset, where it is divided.
    pub metadata: Vec<(String, String)>,
    /// What is in the dataset, where that is not `file_name`: an address, or a path of another computer.
    pub elsewhere: Option<Elsewhere>,
    /// Whether it is an image only if its picture is there: a frame of a video that the dataset does not speak of itself.
    pub needs_picture: bool,
    pub packed: Option<Packed>,
}

/// Where a picture is in the file of its labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packed {
    /// A text, as labelme keeps it: it counts where there is no other picture.
    Text,
    /// Bytes of the file.
    Slice { start: u64, bytes: u64 },
    /// In this row of a table, counted from 0.
    Row(u64),
}

/// A name of a picture that is not relative to the dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// Its beginning as it was written, without a query: that may hold a signature.
    pub written: String,
    /// Where it was written, in the dataset's own terms.
    pub place: String,
    /// Whether it leads out of the dataset. Then an image whose picture is not found inside is left out.
    pub leads_out: bool,
}

/// What the numbers of a box are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BoxUnit {
    /// Pixels of the size that the dataset states; of the picture itself where it states none.
    #[default]
    Pixels,
    /// Fractions of the picture, upright.
    Fractions,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DatasetBox {
    /// Index in [`Dataset::categories`].
    pub category: usize,
    /// x, y, width, height; finite.
    pub bbox: [f64; 4],
    /// The service's id, in files that Tagscope wrote.
    pub id: Option<RegionId>,
    /// When the box was drawn, in files that Tagscope wrote.
    pub created: Option<Timestamp>,
}

/// An element that could not be used as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetProblem {
    /// Where: `annotations[17]` (counted from 0), or a file and its line (counted from 1), in the dataset's own terms.
    pub place: String,
    /// Whether it is left out (else something was assumed).
    pub is_left_out: bool,
    pub reason: String,
}

impl Dataset {
    /// Notes an element that could not be used as it is.
    pub fn report(&mut self, place: impl Into<String>, is_left_out: bool, reason: impl Into<String>) {
        self.problems.push(DatasetProblem { place: place.into(), is_left_out, reason: reason.into() });
    }

    /// Ends the reading of what holds nothing but rubbish.
    ///
    /// # Errors
    /// In words, behind a million problems.
    pub fn resume(&self) -> Result<(), String> {
        if self.problems.len() <= MOST_PROBLEMS {
            return Ok(());
        }
        Err(format!("more than {MOST_PROBLEMS} of its elements cannot be used"))
    }
}

/// Which forms of labels occurred in a dataset that does not say what kind of project it is of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LabelForms {
    /// An image had one tag, as a value of its own.
    pub(crate) one: bool,
    /// An image had a list of tags.
    pub(crate) many: bool,
    pub(crate) boxes: bool,
}

impl LabelForms {
    /// The kind of project that has such labels; `None`: there were none.
    pub(crate) fn kind(self) -> Option<ProjectKind> {
        match (self.one, self.many, self.boxes) {
            (_, _, true) => Some(ProjectKind::Detection),
            (_, true, _) => Some(ProjectKind::Multilabel),
            (true, ..) => Some(ProjectKind::Multiclass),
            _ => None,
        }
    }
}

/// Finds categories by name while a dataset is read.
// Not the fast hash map of other places: the dataset chooses the keys, and could choose them to collide.
#[derive(Debug, Default)]
pub struct Categories(HashMap<String, usize>);

impl Categories {
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The index of a category's name, which is added to `categories` when it is new.
    pub fn index(&mut self, categories: &mut Vec<String>, name: &str) -> usize {
        if let Some(&at) = self.0.get(name) {
            return at;
        }
        categories.push(name.to_owned());
        self.0.insert(name.to_owned(), categories.len() - 1);
        categories.len() - 1
    }
}

/// The id that is at the end of a file's name without extension, where Tagscope wrote it, and the name before it.
pub fn id_in_stem(stem: &str) -> Option<(&str, ImageId)> {
    const DIGITS: usize = uuid::fmt::Hyphenated::LENGTH;
    let (name, id) = stem.split_at_checked(stem.len().checked_sub(DIGITS)?)?;
    let id = id.parse().ok()?;
    if name.is_empty() { Some(("", id)) } else { Some((name.strip_suffix('_')?, id)) }
}

/// An image by its file alone: its id and the name that people know are in the file's name.
pub fn image_of_file(file_name: String) -> DatasetImage {
    let bare = file_name.rsplit('/').next().unwrap_or_default();
    let (stem, extension) = bare.rsplit_once('.').unwrap_or((bare, ""));
    let (name, id) = match id_in_stem(stem) {
        Some((name, id)) if !name.is_empty() => (format!("{name}.{extension}"), Some(id)),
        Some((_, id)) => (String::new(), Some(id)),
        None => (bare.to_owned(), None),
    };
    let metadata = if name.is_empty() { Vec::new() } else { vec![("name".to_owned(), name)] };
    DatasetImage { file_name, id, metadata, ..DatasetImage::default() }
}

/// An image by what a dataset calls its picture: a name of any computer, or an address. `place` is where that is written.
pub(crate) fn image_of_name(written: &str, place: impl FnOnce() -> String) -> Result<DatasetImage, String> {
    // What could be a signature stays out of reports.
    let shown: String = written.split('?').next().unwrap_or_default().chars().take(MOST_SHOWN).collect();
    let Some(NamedFile { name, leads_out }) = read_name(written) else {
        return Err(format!("the name {} of its picture is not a file name", Quoted(&shown)));
    };
    let is_address = written.contains("://") || written.contains('?') || written.contains("/data/upload/");
    let elsewhere = (leads_out || is_address).then(|| Elsewhere { written: shown, place: place(), leads_out });
    Ok(DatasetImage { elsewhere, ..image_of_file(name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_names() {
        let id = "0dd1a3a1-7f2c-4e9e-9c0e-1d2f3a4b5c6d";
        let found = image_of_file(format!("images/train/fork 1_{id}.jpg"));
        assert_eq!(found.id.map(|id| id.to_string()).as_deref(), Some(id));
        assert_eq!(found.metadata, [("name".to_owned(), "fork 1.jpg".to_owned())]);
        assert_eq!(image_of_file(format!("{id}.png")).metadata, []);
        let plain = image_of_file("a/猫.jpg".to_owned());
        assert_eq!((plain.id, plain.metadata[0].1.as_str()), (None, "猫.jpg"));
        assert!(id_in_stem(&format!("x{id}")).is_none(), "not as Tagscope writes it");
        assert!(id_in_stem(&"猫".repeat(13)).is_none());
    }

    #[test]
    fn names_from_elsewhere_keep_what_was_written() {
        let of = |written: &str| image_of_name(written, || "line 7".to_owned());
        assert_eq!(of("a/b.jpg").expect("name").elsewhere, None);
        let found = of("C:\\me\\b.jpg").expect("name");
        let elsewhere = Elsewhere { written: "C:\\me\\b.jpg".into(), place: "line 7".into(), leads_out: true };
        assert_eq!((found.file_name.as_str(), found.elsewhere), ("me/b.jpg", Some(elsewhere)));
        let address = of("https://h/c/b.jpg?sig=secret").expect("address").elsewhere.expect("elsewhere");
        assert_eq!((address.written.as_str(), address.leads_out), ("https://h/c/b.jpg", false));
        assert!(of("https://host?sig=secret").is_err_and(|reason| !reason.contains("secret")));
    }
}
