//! Which image a name of a file means: by the name that the project knows, whole or in part, or by the image's id in it.

use std::collections::HashMap;

use domain::{Catalogue, ImageId, ImageIx};

/// Letters of an id.
const ID_LETTERS: usize = 36;

/// The names of a project's images. Not the fast hash map: files choose the names.
#[derive(Debug, Default)]
pub(super) struct ImageNames {
    whole: HashMap<String, Named>,
    /// Without folders.
    base: HashMap<String, Named>,
    /// Without folders and extension.
    stem: HashMap<String, Named>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    One(ImageIx),
    /// Several images have this name.
    Several,
}

/// Why a name means no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoImage {
    Unknown,
    Ambiguous,
}

impl ImageNames {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        let mut names = Self::default();
        for image in catalogue.iter() {
            let Some(name) = image.name() else { continue };
            let name = slashed(name);
            add(&mut names.base, base_of(&name).to_owned(), image.ix);
            add(&mut names.stem, stem_of(base_of(&name)).to_owned(), image.ix);
            add(&mut names.whole, name, image.ix);
        }
        names
    }

    /// The image that is meant. An exact name comes first, then the id of an image in the name (as in the names of
    /// exported pictures), then a name that is the same but for its folders, then but for its extension.
    pub(super) fn find(&self, name: &str, catalogue: &Catalogue) -> Result<ImageIx, NoImage> {
        let name = slashed(name);
        if let Some(Named::One(ix)) = self.whole.get(&name) {
            return Ok(*ix);
        }
        let (base, mut is_ambiguous) = (base_of(&name), false);
        if let Some(ix) = id_in(stem_of(base)).or_else(|| id_in(base)).and_then(|id| catalogue.find(id)) {
            return Ok(ix);
        }
        for (names, key) in [(&self.base, base), (&self.stem, stem_of(base)), (&self.stem, base)] {
            match names.get(key) {
                Some(Named::One(ix)) => return Ok(*ix),
                Some(Named::Several) => is_ambiguous = true,
                None => {}
            }
        }
        Err(if is_ambiguous { NoImage::Ambiguous } else { NoImage::Unknown })
    }

    /// The image whose name without extension is this number, as in COCO's own pictures: `000000000139.jpg`.
    pub(super) fn by_number(&self, number: u64) -> Option<ImageIx> {
        let forms = [number.to_string(), format!("{number:012}"), format!("{number:06}")];
        forms.iter().find_map(|stem| match self.stem.get(stem) {
            Some(Named::One(ix)) => Some(*ix),
            _ => None,
        })
    }
}

fn add(names: &mut HashMap<String, Named>, name: String, ix: ImageIx) {
    names.entry(name).and_modify(|named| *named = Named::Several).or_insert(Named::One(ix));
}

/// The id at the end of a name.
fn id_in(stem: &str) -> Option<ImageId> {
    let start = stem.len().checked_sub(ID_LETTERS)?;
    stem.get(start..)?.parse().ok()
}

fn slashed(name: &str) -> String {
    let name = name.replace('\\', "/");
    name.strip_prefix("./").unwrap_or(&name).to_owned()
}

fn base_of(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn stem_of(base: &str) -> &str {
    match base.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 5 => stem,
        _ => base,
    }
}
