//! The sample's rows, written straight as JSON: 100,000 images of 10 regions are a gigabyte of it, so nothing is built
//! that is not needed. The text is what [`write_image`](domain::write_image) would print; a test compares them.

use uuid::Uuid;

use super::dice::{Dice, mix};
use super::kind::{NEGATIVE, TAGS};
use super::mistakes::planted;
use super::scene::{Mark, Recipe, Scene, Setting};
use super::training::{DELETED, Training};
use super::training::{Guess, guesses};
use crate::signature::SignedUris;
use domain::{BlobKind, ImageId, Timestamp, number};

/// 2024-03-04T07:00:00, the first upload, in steps of 100 ns.
const FIRST_UPLOAD: i64 = 17_095_356_000_000_000;
const SECOND: i64 = 10_000_000;

pub(super) struct RowWriter {
    recipe: Recipe,
    /// Images with tags; behind them stand `untagged` that nobody has looked at yet.
    images: usize,
    untagged: usize,
    seed: u64,
    id_seed: u64,
    /// For each tag `tagId":"..","tagName":".."` of a tag mark, and both halves of a region's.
    tags: Vec<TagText>,
    /// The same at the first training.
    first_tags: Vec<TagText>,
    /// `n / side` as the service prints it, for the sides that occur.
    fractions: Vec<(u32, Vec<Box<str>>)>,
}

struct TagText {
    mark: Vec<u8>,
    region_name: Vec<u8>,
    region_id: Vec<u8>,
    prediction: Vec<u8>,
}

impl TagText {
    fn of(tag: usize, name: &str) -> Self {
        let (id, kind, name) = (TAGS[tag].id, TAGS[tag].kind, serde_json::Value::from(name));
        Self {
            mark: format!("{{\"tagId\":\"{id}\",\"tagName\":{name},\"created\":\"").into_bytes(),
            region_name: format!("\",\"tagName\":{name},\"created\":\"").into_bytes(),
            region_id: format!("\",\"tagId\":\"{id}\",\"left\":").into_bytes(),
            prediction: format!(",\"tagId\":\"{id}\",\"tagName\":{name},\"tagType\":\"{kind}\"").into_bytes(),
        }
    }
}

impl RowWriter {
    pub(super) fn new(recipe: Recipe, images: usize, untagged: usize) -> Self {
        let tags = |training: Training| (0..TAGS.len()).map(|tag| TagText::of(tag, training.tag_name(tag))).collect();
        let deleted = images + untagged..images + untagged + DELETED;
        let mut sides: Vec<u32> = (0..deleted.start.min(256))
            .chain(deleted)
            .flat_map(|image| <[u32; 2]>::from(Recipe::size(image)))
            .collect();
        sides.sort_unstable();
        sides.dedup();
        let text = |part: u32, side: u32| number::text(part as f32 / side as f32).into_boxed_str();
        let fractions =
            sides.into_iter().map(|side| (side, (0..=side).map(|part| text(part, side)).collect())).collect();
        let (seed, id_seed) = (recipe.seed(), recipe.id_seed());
        let (tags, first_tags) = (tags(Training::Second), tags(Training::First));
        Self { recipe, images, untagged, seed, id_seed, tags, first_tags, fractions }
    }

    /// The id of the image at `place`: random to look at, and yet the place can be read back out of it.
    pub(super) fn id(&self, place: usize) -> ImageId {
        let high = mix(self.id_seed ^ mix(place as u64));
        let low = mix(high & !0xf000 ^ self.id_seed);
        let low = low & 0xffff_ffff_0000_0000 | (low & 0xffff_ffff ^ place as u64);
        let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
        ImageId(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    pub(super) fn find(&self, image: ImageId) -> Option<usize> {
        let (high, low) = image.0.as_u64_pair();
        let place = ((mix(high & !0xf000 ^ self.id_seed) ^ low) & 0xffff_ffff) as usize;
        (place < self.images + self.untagged + DELETED && self.id(place) == image).then_some(place)
    }

    /// When the image came: uploads of sixteen, whose rows share their date by twos. Those that were deleted came first.
    pub(super) fn created(&self, place: usize) -> Timestamp {
        if let Some(gone) = place.checked_sub(self.images + self.untagged) {
            return Timestamp(FIRST_UPLOAD - (DELETED.saturating_sub(gone) as i64) * 60 * SECOND);
        }
        let (upload, row) = ((place / 16) as i64, (place % 16 / 2) as i64);
        let jitter = (mix(upload as u64) % 5_000_000) as i64;
        Timestamp(FIRST_UPLOAD + upload * 423 * SECOND + jitter + row * 156_253)
    }

    /// Appends the row of the image at `place`, with `marks` if it is a tagged one, each next to its place among those of now.
    pub(super) fn write(
        &self,
        place: usize,
        scene: &Scene,
        marks: Option<&[(usize, Mark)]>,
        training: Option<Training>,
        uris: &SignedUris<'_>,
        out: &mut Vec<u8>,
    ) {
        out.push(b'{');
        self.write_head(place, scene, out);
        let id = self.id(place);
        out.extend_from_slice(b",\"resizedImageUri\":\"");
        let from = out.len();
        uris.write(id, BlobKind::Resized, out);
        let resized = from..out.len();
        out.extend_from_slice(b"\",\"thumbnailUri\":\"");
        uris.write(id, BlobKind::Thumbnail, out);
        out.extend_from_slice(b"\",\"originalImageUri\":\"");
        if scene.original_scale > 1 {
            uris.write(id, BlobKind::Original, out);
        } else {
            out.extend_from_within(resized);
        }
        out.push(b'"');
        if let Some(marks) = marks {
            self.write_labels(place, scene, marks, training, out);
        }
        for (index, (key, value)) in metadata(place, scene).into_iter().enumerate() {
            out.extend_from_slice(if index == 0 { b",\"metadata\":{\"" } else { b",\"" });
            out.extend_from_slice(key.as_bytes());
            out.extend_from_slice(b"\":\"");
            out.extend_from_slice(value.as_bytes());
            out.extend_from_slice(if index == 0 { b"\"" } else { b"\"}" });
        }
        out.push(b'}');
    }

    /// Appends the row at `place` as the one of an image performance: the predictions of an iteration, and the labels.
    pub(super) fn write_performance(
        &self,
        place: usize,
        scene: &Scene,
        marks: &[(usize, Mark)],
        training: Training,
        uris: &SignedUris<'_>,
        out: &mut Vec<u8>,
    ) {
        out.extend_from_slice(b"{\"predictions\":[");
        let texts = self.texts(Some(training));
        for (index, guess) in self.guesses(place, scene, training).into_iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(b"{\"probability\":");
            out.extend_from_slice(number::text(guess.probability).as_bytes());
            out.extend_from_slice(&texts[guess.tag].prediction);
            for (name, side) in ["left", "top", "width", "height"].into_iter().zip(guess.area) {
                let open = if name == "left" { ",\"boundingBox\":{" } else { "," };
                out.extend_from_slice(format!("{open}\"{name}\":{}", number::text(side)).as_bytes());
            }
            out.extend_from_slice(b"}}");
        }
        out.extend_from_slice(b"],");
        self.write_head(place, scene, out);
        let id = self.id(place);
        out.extend_from_slice(b",\"imageUri\":\"");
        uris.write(id, BlobKind::Resized, out);
        out.extend_from_slice(b"\",\"thumbnailUri\":\"");
        uris.write(id, BlobKind::Thumbnail, out);
        out.push(b'"');
        self.write_labels(place, scene, marks, Some(training), out);
        out.push(b'}');
    }

    pub(super) fn guesses(&self, place: usize, scene: &Scene, training: Training) -> Vec<Guess> {
        // A model sees things and not labels, but only of the kinds that it was taught.
        let is_default = self.recipe.regions.is_none();
        let things: Vec<Mark> = scene.right_marks().filter(|mark| !is_default || training.has_tag(mark.tag)).collect();
        let is_sure = is_default && planted(place).is_some();
        guesses(scene, &things, training.number(), self.seed ^ mix(place as u64 ^ 0x0067_7565_7373), is_sure)
    }

    fn write_head(&self, place: usize, scene: &Scene, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\"id\":\"");
        push_uuid(self.id(place).0, out);
        out.extend_from_slice(b"\",\"created\":\"");
        self.created(place).push_text(out);
        out.extend_from_slice(b"\",\"width\":");
        push_decimal(u64::from(scene.width), out);
        out.extend_from_slice(b",\"height\":");
        push_decimal(u64::from(scene.height), out);
    }

    fn write_labels(
        &self,
        place: usize,
        scene: &Scene,
        marks: &[(usize, Mark)],
        training: Option<Training>,
        out: &mut Vec<u8>,
    ) {
        let texts = self.texts(training);
        let created = self.created(place);
        let printed = created.to_string();
        // All dates of a row lie in one second, so only the fraction has to be printed again.
        let second = printed.split('.').next().unwrap_or_default().as_bytes();
        let fraction = created.0.rem_euclid(SECOND);
        out.extend_from_slice(b",\"tags\":[");
        let mut seen = 0_u32;
        let tags = if marks.is_empty() { &[NEGATIVE][..] } else { &[] };
        for tag in tags.iter().copied().chain(marks.iter().map(|(_, mark)| mark.tag)) {
            if seen >> tag & 1 == 1 {
                continue;
            }
            if seen != 0 {
                out.push(b',');
            }
            seen |= 1 << tag;
            out.extend_from_slice(&texts[tag].mark);
            push_date(second, fraction + 104_000 + i64::from(seen.count_ones()) * 17, out);
            out.extend_from_slice(b"\"}");
        }
        out.push(b']');
        if marks.is_empty() {
            return;
        }
        let (across, down) = (self.fractions(scene.width), self.fractions(scene.height));
        let mut dice = Dice::new(self.seed ^ mix(place as u64 ^ 0x7265_6769_6f6e));
        out.extend_from_slice(b",\"regions\":[");
        let mut numbers = 0..;
        for (at, (index, mark)) in marks.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            // A region has its id for ever, whether those before it are there or not.
            for _ in numbers.by_ref().take_while(|number| number < index) {
                let _ = (dice.next(), dice.next());
            }
            let bytes = (u128::from(dice.next()) << 64 | u128::from(dice.next())).to_be_bytes();
            out.extend_from_slice(b"{\"regionId\":\"");
            push_uuid(uuid::Builder::from_random_bytes(bytes).into_uuid(), out);
            out.extend_from_slice(&texts[mark.tag].region_name);
            push_date(second, fraction + 260_000 + *index as i64 * 13, out);
            out.extend_from_slice(&texts[mark.tag].region_id);
            push_fraction(across, mark.area.left, out);
            out.extend_from_slice(b",\"top\":");
            push_fraction(down, mark.area.top, out);
            out.extend_from_slice(b",\"width\":");
            push_fraction(across, mark.area.width, out);
            out.extend_from_slice(b",\"height\":");
            push_fraction(down, mark.area.height, out);
            out.push(b'}');
        }
        out.push(b']');
    }

    fn texts(&self, training: Option<Training>) -> &[TagText] {
        if training == Some(Training::First) && self.recipe.regions.is_none() { &self.first_tags } else { &self.tags }
    }

    fn fractions(&self, side: u32) -> &[Box<str>] {
        self.fractions.iter().find(|(known, _)| *known == side).map_or(&[], |(_, texts)| texts)
    }
}

/// The metadata of the image at `place`: both pairs, or, as some pictures come, none.
pub(super) fn metadata(place: usize, scene: &Scene) -> Vec<(&'static str, &'static str)> {
    if place % 9 == 4 {
        return Vec::new();
    }
    let camera = match scene.setting {
        Setting::Store => "c1",
        Setting::Pantry => "c2",
        Setting::Cooler => "c3",
        Setting::Bench => "c4",
    };
    vec![("camera", camera), ("shift", if scene.is_night { "night" } else { "day" })]
}

fn push_fraction(texts: &[Box<str>], part: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(texts.get(part as usize).map_or(&b"0.0"[..], |text| text.as_bytes()));
}

fn push_uuid(id: Uuid, out: &mut Vec<u8>) {
    let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
    out.extend_from_slice(id.hyphenated().encode_lower(&mut buffer).as_bytes());
}

/// A date from the text of its second and its fraction in 100 ns, trailing zeros stripped.
fn push_date(second: &[u8], fraction: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(second);
    if fraction == 0 {
        return;
    }
    out.push(b'.');
    let (mut rest, mut digits) = (fraction, [b'0'; 7]);
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let length = digits.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1);
    out.extend_from_slice(&digits[..length]);
}

fn push_decimal(value: u64, out: &mut Vec<u8>) {
    if value >= 10 {
        push_decimal(value / 10, out);
    }
    out.push(b'0' + (value % 10) as u8);
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::signature::Relative;
    use crate::signature::Signer;
    use domain::{ProjectId, RecordReader, UriForm, write_image};

    #[test]
    fn rows_are_what_the_writer_of_rows_prints() {
        let signer =
            Signer::new(b"k", "http://127.0.0.1:9", Relative::None, ProjectId::default(), Duration::from_secs(9))
                .expect("signer");
        let uris = signer.at(UNIX_EPOCH);
        for regions in [None, Some(0), Some(10)] {
            let rows = RowWriter::new(Recipe { regions }, 240, 7);
            let mut reader = RecordReader::new();
            for place in 0..247 {
                let (mut text, recipe) = (Vec::new(), Recipe { regions });
                let scene = recipe.scene(place);
                let marks: Vec<_> = recipe.marks(place, &scene).into_iter().enumerate().collect();
                rows.write(place, &scene, (place < 240).then_some(&marks), None, &uris, &mut text);
                let row = reader.line(&text, place).expect("row");
                assert_eq!(row.problems, [], "image {place}");
                assert_eq!(row.verbatim, [], "image {place}");
                let mut again = Vec::new();
                write_image(&row, UriForm::Signed, &mut again);
                assert_eq!(String::from_utf8(text).expect("UTF-8"), String::from_utf8(again).expect("UTF-8"));
            }
        }
    }

    #[test]
    fn an_id_leads_back_to_its_place() {
        let rows = RowWriter::new(Recipe { regions: None }, 100_000, 7);
        for place in [0, 1, 17, 239, 240, 65_535, 65_536, 99_999, 100_006, 100_009] {
            assert_eq!(rows.find(rows.id(place)), Some(place));
        }
        assert_eq!(rows.find(rows.id(100_010)), None);
        assert_eq!(rows.find(ImageId::default()), None);
    }

    #[test]
    fn dates_never_run_backwards() {
        let rows = RowWriter::new(Recipe { regions: None }, 5_000, 7);
        assert!((1..5_007).all(|place| rows.created(place - 1) <= rows.created(place)));
        assert!((5_008..5_010).all(|place| rows.created(place - 1) < rows.created(place)));
        assert!(rows.created(5_009) < rows.created(0));
        assert_eq!(rows.created(0).date_text(), "2024-03-04");
    }
}
