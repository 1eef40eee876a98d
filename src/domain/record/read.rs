//! JSON text to [`ImageRow`]s.

use std::collections::HashSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::value::RawValue;

use super::partial::{self, PartialRow};
use super::wire::{Pairs, Rows, Text, WireId, WireImage, WireRegion, WireTagMark};
use crate::errors::json_error;
use crate::geometry::UnitRect;
use crate::ids::{ImageId, TagId};
use crate::image::{BlobUri, ImageRow, ImageUris, RegionRow, Slot, TagMark, Verbatim};
use crate::iteration::{PerformancePage, Prediction};
use crate::number::{self, Spelling};
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// The rows of one answer, and what could not be read of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub rows: Vec<ImageRow>,
    /// One [`Problem::UnreadableRow`] for each row that could not.
    pub problems: Vec<Problem>,
    /// What an iteration predicted on the images, in a listing of these. A page that comes twice has them twice.
    pub predictions: Vec<(ImageId, Vec<Prediction>)>,
}

impl From<PerformancePage> for Page {
    fn from(PerformancePage { images, problems }: PerformancePage) -> Self {
        let mut page = Self { problems, ..Self::default() };
        for image in images {
            page.predictions.push((image.row.id, image.predictions));
            page.rows.push(image.row);
        }
        page
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not a list of images: {reason}")]
pub struct NotAList {
    /// What the parser says, by line and column; none of the content.
    pub reason: String,
}

/// Reads rows and shares the tag names among them.
#[derive(Debug, Default)]
pub struct RecordReader {
    names: FxHashMap<TagId, Arc<str>>,
    /// How the numbers of the last image were spelled that did not have the usual spelling.
    spelling: Spelling,
}

impl RecordReader {
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a JSON list of images.
    ///
    /// # Errors
    /// When the bytes are not a JSON list, or one of more than 10,000 rows; an odd row inside is a problem of the page instead.
    pub fn page(&mut self, body: &[u8]) -> Result<Page, NotAList> {
        let mut page = Page::default();
        if let Ok(Rows(images)) = serde_json::from_slice::<Rows<WireImage<'_>>>(body) {
            page.rows.reserve(images.len());
            for image in images {
                page.rows.push(self.row(image));
            }
            return Ok(page);
        }
        let Rows(rows) =
            serde_json::from_slice::<Rows<&RawValue>>(body).map_err(|error| NotAList { reason: json_error(&error) })?;
        for (index, row) in rows.into_iter().enumerate() {
            match self.line(row.get().as_bytes(), index) {
                Ok(row) => page.rows.push(row),
                Err(problem) => page.problems.push(problem),
            }
        }
        Ok(page)
    }

    /// Reads one image; `index` is its place, for the words of the problem.
    ///
    /// # Errors
    /// [`Problem::UnreadableRow`] when not even the id and the outer shape can be read.
    pub fn line(&mut self, text: &[u8], index: usize) -> Result<ImageRow, Problem> {
        let first = match serde_json::from_slice::<WireImage<'_>>(text) {
            Ok(image) => return Ok(self.row(image)),
            Err(error) => error,
        };
        let mended = partial::with_whole_letters(text);
        match partial::read(&mended.text) {
            Some(PartialRow { image, mut problems }) => {
                problems.extend(mended.problem());
                let mut row = self.row(image);
                row.problems.extend(problems);
                Ok(row)
            }
            None => Err(Problem::UnreadableRow {
                index,
                file: None,
                image: serde_json::from_slice::<WireId>(&mended.text).ok().map(|wire| wire.id),
                reason: json_error(&first),
            }),
        }
    }

    fn row(&mut self, image: WireImage<'_>) -> ImageRow {
        let mut verbatim = Vec::new();
        let mut problems = Vec::new();
        let created = read_date(image.created.as_ref(), Slot::ImageCreated, &mut verbatim, &mut problems);
        let tags = self.tags(image.tags.unwrap_or_default(), &mut verbatim, &mut problems);
        let regions = self.regions(image.regions.unwrap_or_default(), &mut verbatim, &mut problems);
        if !tags.is_empty() {
            // Not the fast hash map: the answer chooses the keys.
            let known: HashSet<TagId> = tags.iter().map(|mark| mark.tag).collect();
            let missing = regions.iter().filter(|region| !known.contains(&region.tag));
            problems.extend(missing.map(|region| Problem::RegionTagMissing(region.id, region.tag)));
        }
        let width = side("width", image.width, &mut problems);
        let height = side("height", image.height, &mut problems);
        if width == 0 || height == 0 {
            problems.push(Problem::NoSize);
        }
        let resized = image.resized_image_uri.map(|text| BlobUri::new(&*text.0));
        let original = image.original_image_uri.map(|text| match &resized {
            Some(resized) if resized.expose() == text.0 => resized.clone(),
            _ => BlobUri::new(&*text.0),
        });
        let thumbnail = image.thumbnail_uri.map(|text| BlobUri::new(&*text.0));
        ImageRow {
            id: image.id,
            created,
            width,
            height,
            uris: ImageUris { resized, thumbnail, original },
            tags,
            regions,
            metadata: image.metadata.map(pairs).unwrap_or_default(),
            verbatim,
            problems,
        }
    }

    fn tags(
        &mut self,
        marks: Vec<WireTagMark<'_>>,
        verbatim: &mut Vec<Verbatim>,
        problems: &mut Vec<Problem>,
    ) -> Vec<TagMark> {
        let mut tags = Vec::with_capacity(marks.len());
        for (index, mark) in marks.into_iter().enumerate() {
            let slot = Slot::TagCreated(place(index));
            tags.push(TagMark {
                tag: mark.tag_id,
                name: self.name(mark.tag_id, mark.tag_name),
                created: read_date(mark.created.as_ref(), slot, verbatim, problems),
            });
        }
        tags
    }

    fn regions(
        &mut self,
        wire: Vec<WireRegion<'_>>,
        verbatim: &mut Vec<Verbatim>,
        problems: &mut Vec<Problem>,
    ) -> Vec<RegionRow> {
        let mut regions = Vec::with_capacity(wire.len());
        let mut numbers = Vec::with_capacity(wire.len() * 4);
        let mut is_classic = true;
        for (index, region) in wire.into_iter().enumerate() {
            let place = place(regions.len());
            let texts = [region.left.get(), region.top.get(), region.width.get(), region.height.get()];
            let mut values = [0.0_f32; 4];
            let mut odd_number = None;
            for (side, text) in texts.into_iter().enumerate() {
                match text.parse::<f32>() {
                    Ok(value) if value.is_finite() => values[side] = value,
                    _ => odd_number = Some(text),
                }
            }
            if let Some(text) = odd_number {
                let reason = format!("{} is not a number", start_of(text));
                problems.push(Problem::UnreadableRegion { index, reason });
                continue;
            }
            for (side, text) in (0_u8..).zip(texts) {
                let value = values[usize::from(side)];
                is_classic &= number::is_canonical(text, value);
                numbers.push(Number { slot: Slot::RegionNumber(place, side), text, value });
            }
            let [left, top, width, height] = values;
            let rect = UnitRect::new(left, top, width, height);
            if rect.is_empty() {
                problems.push(Problem::RegionEmpty(region.region_id));
            } else if rect.leaves_image() {
                problems.push(Problem::RegionOutside(region.region_id));
            }
            regions.push(RegionRow {
                id: region.region_id,
                tag: region.tag_id,
                tag_name: self.name(region.tag_id, region.tag_name),
                created: read_date(region.created.as_ref(), Slot::RegionCreated(place), verbatim, problems),
                rect,
            });
        }
        if !is_classic {
            self.spelling = keep_numbers(&numbers, self.spelling, verbatim);
        }
        regions
    }

    /// The shared name of a tag; a nameless mark takes the name seen before, else none.
    fn name(&mut self, tag: TagId, name: Option<Text<'_>>) -> Arc<str> {
        let known = self.names.get(&tag);
        match (name, known) {
            (Some(name), Some(known)) if **known == *name.0 => Arc::clone(known),
            (Some(name), _) => {
                let name: Arc<str> = name.0.into();
                self.names.insert(tag, Arc::clone(&name));
                name
            }
            (None, Some(known)) => Arc::clone(known),
            (None, None) => "".into(),
        }
    }
}

fn pairs(pairs: Pairs<'_>) -> Vec<(String, String)> {
    let text = |text: Text<'_>| text.0.into_owned();
    pairs.0.into_iter().map(|(key, value)| (text(key), value.map(text).unwrap_or_default())).collect()
}

struct Number<'a> {
    slot: Slot,
    text: &'a str,
    value: f32,
}

/// Odd texts that are looked at before a spelling is tried on all of them.
const TRIED: usize = 16;

/// Keeps what numbers look like whose usual text is another: the spelling that fits most of them, `likely` first, and
/// the text of each that it does not fit.
fn keep_numbers(numbers: &[Number<'_>], likely: Spelling, verbatim: &mut Vec<Verbatim>) -> Spelling {
    let misfits = |spelling: Spelling| numbers.iter().filter(move |one| !spelling.fits(one.text, one.value));
    let is_odd = |one: &&Number<'_>| !number::is_canonical(one.text, one.value);
    let sample: Vec<&Number<'_>> = numbers.iter().filter(is_odd).take(TRIED).collect();
    let usual = Spelling::default();
    let (mut best, mut fewest) = (usual, misfits(usual).count());
    for spelling in std::iter::once(likely).chain(Spelling::ALL) {
        if fewest == 0 || !sample.iter().any(|one| spelling.fits(one.text, one.value)) {
            continue;
        }
        let count = misfits(spelling).take(fewest).count();
        if count < fewest {
            (best, fewest) = (spelling, count);
        }
    }
    verbatim.extend(misfits(best).map(|one| Verbatim { slot: one.slot, text: one.text.into() }));
    if best != usual {
        verbatim.push(Verbatim { slot: Slot::Numbers, text: best.name().into() });
    }
    best
}

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// A side in pixels; 0 when absent or no positive number below 2^31. A part of a pixel is cut off, and that is
/// reported.
fn side(name: &str, value: Option<f64>, problems: &mut Vec<Problem>) -> u32 {
    match value {
        Some(value) if (1.0..2_147_483_648.0).contains(&value) => {
            let whole = value.trunc();
            if whole < value {
                let reason = format!("it is {value}, which is not a whole number of pixels; {whole} is used");
                problems.push(Problem::OddField { field: name.to_owned(), reason });
            }
            whole as u32
        }
        _ => 0,
    }
}

fn read_date(
    text: Option<&Text<'_>>,
    slot: Slot,
    verbatim: &mut Vec<Verbatim>,
    problems: &mut Vec<Problem>,
) -> Option<Timestamp> {
    let text = &*text?.0;
    let plain = Timestamp::from_row_form(text);
    // In the form of rows a date prints as it came, unless its fraction ends in zeros.
    if plain.is_some() && (text.len() == 19 || !text.ends_with('0')) {
        return plain;
    }
    let stamp = plain.or_else(|| Timestamp::parse(text));
    if stamp.is_none() {
        problems.push(Problem::OddDate(start_of(text)));
    }
    // A leap second, for one, is read as the second before.
    if stamp.is_none_or(|stamp| stamp.to_string() != text) {
        verbatim.push(Verbatim { slot, text: text.into() });
    }
    stamp
}

/// Enough of an odd text to find it by; never the query of an address, which may be a signature.
fn start_of(text: &str) -> String {
    text.chars().take_while(|&c| c != '?').take(40).filter(|c| !c.is_control()).collect()
}
