//! The record of an image as formats for trainings hold it, read strictly; and lengths and hashes of pictures, found on a
//! thread of its own while this one reads the labels that are with them.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};

use super::read::{FoundImage, FoundPicture, FoundRecord, FoundRegion, Place, ReadPlan, Sink};
use domain::{PixelRect, TagId, Timestamp};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FoundExample {
    pub(super) file_name: String,
    pub(super) image_id: String,
    pub(super) split: String,
    pub(super) width: u32,
    pub(super) height: u32,
    #[serde(default, deserialize_with = "date")]
    pub(super) created: Option<Timestamp>,
    pub(super) objects: Vec<FoundObject>,
    pub(super) tags: Vec<String>,
    pub(super) metadata: Vec<FoundPair>,
    /// In columns only: the class of an image with one tag.
    #[serde(skip)]
    pub(super) label: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FoundObject {
    pub(super) tag: String,
    pub(super) tag_id: String,
    pub(super) region_id: String,
    pub(super) category: usize,
    pub(super) bbox: [f64; 4],
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    #[serde(default, deserialize_with = "date")]
    pub(super) created: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FoundPair {
    pub(super) key: String,
    pub(super) value: String,
}

impl FoundExample {
    /// Gives it to the sink as the image number `index` of the reading; `names` are those of the classes.
    pub(super) fn put(
        self,
        plan: ReadPlan<'_>,
        names: &[String],
        index: u64,
        picture: Option<FoundPicture>,
        sink: &mut dyn Sink,
    ) -> Result<(), String> {
        let size = (self.width, self.height);
        if self.split != plan.part.unwrap_or_default().full_name() {
            return Err(format!("the image is of the split {}", self.split));
        }
        if self.label.is_some_and(|label| names.get(label) != self.tags.first()) {
            return Err("the label is not the tag".to_owned());
        }
        sink.image(FoundImage {
            name: self.file_name,
            size: Some(size),
            id: Some(self.image_id),
            tags: Some(self.tags),
            part: plan.part,
            record: Some(FoundRecord {
                created: self.created,
                metadata: self.metadata.into_iter().map(|FoundPair { key, value }| (key, value)).collect(),
                picture,
            }),
            ..FoundImage::default()
        })?;
        for object in self.objects {
            if names.get(object.category) != Some(&object.tag) || object.tag_id.parse::<TagId>().is_err() {
                return Err(format!("the category {} is not the tag {:?}", object.category, object.tag));
            }
            let place = place(object.bbox, [object.left, object.top, object.width, object.height], size)?;
            let (id, created) = (Some(object.region_id), object.created);
            let region = FoundRegion { label: object.tag, place, listed: None, id, created };
            sink.region(index, region)?;
        }
        Ok(())
    }
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let parsed = |text: String| Timestamp::parse(&text).ok_or_else(|| D::Error::custom(format!("{text} is no date")));
    Option::<String>::deserialize(deserializer)?.map(parsed).transpose()
}

/// The place of a box that is there in pixels and in fractions: both must say the same.
fn place(bbox: [f64; 4], fractions: [f64; 4], size: (u32, u32)) -> Result<Place, String> {
    let [width, height] = [size.0, size.1].map(f64::from);
    let mut numbers = bbox.iter().zip(fractions).zip([width, height, width, height]);
    if !numbers.all(|((pixels, fraction), side)| (pixels - fraction * side).abs() <= 1e-9 * side.max(1.0)) {
        return Err("the pixels of a box are not its fractions".to_owned());
    }
    let [x, y, width, height] = bbox;
    Ok(Place::Exact(PixelRect { x, y, width, height }))
}

/// The hash of a picture while its bytes come.
#[derive(Default)]
pub(super) struct PictureSum {
    sum: Sha256,
    bytes: u64,
}

impl PictureSum {
    pub(super) fn finish(self) -> FoundPicture {
        FoundPicture { bytes: self.bytes, sha256: self.sum.finalize().into() }
    }
}

impl Write for PictureSum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sum.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Portions under way.
const UNDER_WAY: usize = 4;

/// What a thread takes, and what it gives back for it.
type Ends<B> = (SyncSender<Vec<B>>, Receiver<Vec<FoundPicture>>);

pub(super) struct PictureSums<B> {
    /// `None`: there is no other thread.
    thread: Option<Ends<B>>,
    own: VecDeque<Vec<FoundPicture>>,
}

impl<B: AsRef<[u8]> + Send> PictureSums<B> {
    /// The thread ends when this is dropped.
    pub(super) fn begin<'s, 'e>(scope: &'s Scope<'s, 'e>) -> Self
    where
        B: 'e,
    {
        let (give, given) = sync_channel::<Vec<B>>(UNDER_WAY);
        let (out, found) = sync_channel(UNDER_WAY);
        let work = move || {
            for portion in given {
                if out.send(sums(&portion)).is_err() {
                    return;
                }
            }
        };
        let thread = Builder::new().name("picture sums".to_owned()).spawn_scoped(scope, work);
        Self { thread: thread.is_ok().then_some((give, found)), own: VecDeque::new() }
    }

    /// Hands over a portion; at most three before the first is [taken](Self::take).
    pub(super) fn give(&mut self, portion: Vec<B>) {
        match &self.thread {
            Some((give, _)) => {
                let _ = give.send(portion);
            }
            None => self.own.push_back(sums(&portion)),
        }
    }

    /// What is known of the first portion that was not taken yet.
    pub(super) fn take(&mut self) -> Vec<FoundPicture> {
        match &self.thread {
            Some((_, found)) => found.recv().unwrap_or_default(),
            None => self.own.pop_front().unwrap_or_default(),
        }
    }
}

fn sums<B: AsRef<[u8]>>(portion: &[B]) -> Vec<FoundPicture> {
    portion.iter().map(|picture| sum(picture.as_ref())).collect()
}

fn sum(bytes: &[u8]) -> FoundPicture {
    FoundPicture { bytes: bytes.len() as u64, sha256: Sha256::digest(bytes).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_come_back_in_their_order_with_and_without_a_thread() {
        let portion = |number: u8| (0..number).map(|at| vec![number; usize::from(at) * 1_000]).collect::<Vec<_>>();
        let check = |mut pictures: PictureSums<Vec<u8>>| {
            for number in 0..30 {
                pictures.give(portion(number));
                if number > 0 {
                    assert_eq!(pictures.take(), sums(&portion(number - 1)));
                }
            }
            assert_eq!(pictures.take(), sums(&portion(29)));
        };
        check(PictureSums { thread: None, own: VecDeque::new() });
        std::thread::scope(|scope| {
            let mut pictures = PictureSums::begin(scope);
            pictures.give(vec![b"abc".to_vec()]);
            // The example of FIPS 180-2.
            let [found] = pictures.take().try_into().expect("one picture");
            let FoundPicture { bytes, sha256 } = found;
            assert_eq!((bytes, &sha256[..4]), (3, &[0xba, 0x78, 0x16, 0xbf][..]));
            check(pictures);
        });
    }
}
