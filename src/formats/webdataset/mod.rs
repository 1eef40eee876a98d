//! Shards of WebDataset: tar files with a picture and a JSON file for each sample, one behind the other, and
//! `classes.json` with the names of the classes in their order.
//!
//! A sample is called by the image's id: its readers take everything up to the first dot for the key. Each shard ends with
//! the sample that reaches the limit of its bytes. Times, owners and rights are fixed, so the same export gives the same
//! bytes.

pub mod dataset;
pub mod tape;

use std::fs::File;
use std::io::{self, BufReader, Read as _};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::FormatError;
use super::item::{Item, Labeled};
use super::read::{self, FoundImage, FoundPicture, FoundRecord, FoundRegion, ReadPlan, Sink};
use super::split::Part;
use super::write::{Folder, Head, OutFile, Writer};
use domain::{ImageId, PixelRect, RegionId, TagId, Timestamp};

/// The names of the classes: a list in JSON.
pub const CLASSES: &str = "classes.json";
/// A sample's labels stay far below.
const MOST_JSON: u64 = 64 << 20;

fn shard_name(part: Part, number: u32) -> String {
    format!("{}-{number:06}.tar", part.full_name())
}

#[derive(Serialize)]
struct Sample<'a> {
    file_name: &'a str,
    image_id: ImageId,
    split: &'a str,
    width: u32,
    height: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    objects: Vec<Object<'a>>,
    tags: Vec<&'a str>,
    metadata: Vec<Pair<'a>>,
}

/// A region, in pixels and in fractions.
#[derive(Serialize)]
struct Object<'a> {
    tag: &'a str,
    tag_id: TagId,
    region_id: RegionId,
    category: usize,
    bbox: [f64; 4],
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
}

/// A key may come more than once.
#[derive(Serialize)]
struct Pair<'a> {
    key: &'a str,
    value: &'a str,
}

/// The shards under construction: one for each part that has images.
pub struct WebDatasetWriter<'a> {
    head: &'a Head<'a>,
    folder: &'a dyn Folder,
    shards: Vec<Shard>,
}

struct Shard {
    part: Part,
    /// Shards of this part so far.
    count: u32,
    /// The one that is open, and its bytes.
    open: Option<(tar::Builder<Box<dyn OutFile>>, u64)>,
}

impl Shard {
    /// Ends the open shard.
    fn close(&mut self) -> io::Result<()> {
        match self.open.take() {
            Some((builder, _)) => builder.into_inner()?.finish(),
            None => Ok(()),
        }
    }

    fn builder(&mut self, folder: &dyn Folder) -> io::Result<&mut (tar::Builder<Box<dyn OutFile>>, u64)> {
        if self.open.is_none() {
            let file = folder.create(&shard_name(self.part, self.count))?;
            self.count += 1;
            self.open = Some((tar::Builder::new(file), 0));
        }
        self.open.as_mut().ok_or_else(|| io::Error::other("no shard is open"))
    }

    fn push(&mut self, folder: &dyn Folder, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_path(name)?;
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_cksum();
        let (builder, written) = self.builder(folder)?;
        *written += 512 + (bytes.len() as u64).next_multiple_of(512);
        builder.append(&header, bytes)
    }
}

impl<'a> WebDatasetWriter<'a> {
    /// Writes the list of classes.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn begin(head: &'a Head<'a>, folder: &'a dyn Folder) -> io::Result<Self> {
        let mut names = serde_json::to_vec_pretty(head.names)?;
        names.push(b'\n');
        folder.write(CLASSES, &names)?;
        Ok(Self { head, folder, shards: Vec::new() })
    }

    fn shard(&mut self, part: Part) -> Option<&mut Shard> {
        if self.shards.iter().all(|shard| shard.part != part) {
            self.shards.push(Shard { part, count: 0, open: None });
        }
        self.shards.iter_mut().find(|shard| shard.part == part)
    }

    fn object(&self, region: &Labeled) -> Object<'a> {
        let PixelRect { x, y, width, height } = region.pixels;
        let [left, top, across, down] = region.fractions();
        let class = self.head.classes.get(region.class);
        Object {
            tag: self.head.names.get(region.class).map(String::as_str).unwrap_or_default(),
            tag_id: class.map(|class| class.tag).unwrap_or_default(),
            region_id: region.id,
            category: region.class,
            bbox: [x, y, width, height],
            left,
            top,
            width: across,
            height: down,
            created: region.created.map(|created| created.to_string()),
        }
    }
}

impl Writer for WebDatasetWriter<'_> {
    fn push(&mut self, item: &Item<'_>) -> io::Result<()> {
        let image = item.image;
        let sample = Sample {
            file_name: item.picture.file_name(),
            image_id: image.id(),
            split: item.part.full_name(),
            width: item.picture.width,
            height: item.picture.height,
            created: image.created().map(|created| created.to_string()),
            objects: item.regions.iter().map(|region| self.object(region)).collect(),
            tags: item.tags.iter().filter_map(|&class| self.head.names.get(class)).map(String::as_str).collect(),
            metadata: image.metadata().map(|(key, value)| Pair { key, value }).collect(),
        };
        let (key, json) = (image.id().to_string(), serde_json::to_vec(&sample)?);
        let (folder, limit) = (self.folder, self.head.options.shard_limit());
        let picture = folder.picture(item)?;
        let Some(shard) = self.shard(item.part) else { return Ok(()) };
        if let Some(picture) = picture {
            shard.push(folder, &format!("{key}.{}", item.picture.extension()), &picture)?;
        }
        shard.push(folder, &format!("{key}.json"), &json)?;
        if shard.open.as_ref().is_some_and(|(_, written)| *written >= limit) { shard.close() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        if self.shards.is_empty() {
            let folder = self.folder;
            self.shard(Part::Train).map_or(Ok(()), |shard| shard.builder(folder).map(|_| ()))?;
        }
        self.shards.iter_mut().try_for_each(Shard::close)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundSample {
    file_name: String,
    image_id: String,
    split: String,
    width: u32,
    height: u32,
    created: Option<String>,
    objects: Vec<FoundObject>,
    tags: Vec<String>,
    metadata: Vec<FoundPair>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundObject {
    tag: String,
    tag_id: String,
    region_id: String,
    category: usize,
    bbox: [f64; 4],
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    created: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundPair {
    key: String,
    value: String,
}

/// Reads a part, strictly.
///
/// # Errors
/// When it is not of this form, or the sink refuses an element.
pub fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let names: Vec<String> =
        serde_json::from_reader(read::open(plan, CLASSES)?).map_err(|error| FormatError::of(&error))?;
    names.iter().try_for_each(|name| sink.class(name)).map_err(FormatError::says)?;
    let part = plan.part.unwrap_or_default();
    let mut reading = Reading { plan, part, names: &names, sink, images: 0, picture: None };
    for number in 0.. {
        let name = shard_name(part, number);
        let path = plan.folder.join(&name);
        if !path.exists() {
            break;
        }
        let file = File::open(&path).map_err(|error| FormatError::of_open(&name, &error))?;
        let length = file.metadata().map_err(|error| FormatError::of_open(&name, &error))?.len();
        let has_end = tape::members(BufReader::new(file), length, |member| reading.member(member))
            .map_err(|error| FormatError::says(format!("{name}: {error}")))?;
        if !has_end || reading.picture.is_some() {
            return Err(FormatError::says(format!("{name} ends too early")));
        }
    }
    Ok(())
}

struct Reading<'a> {
    plan: ReadPlan<'a>,
    part: Part,
    names: &'a [String],
    sink: &'a mut dyn Sink,
    images: u64,
    /// Name and facts of a picture whose labels come next.
    picture: Option<(String, FoundPicture)>,
}

impl Reading<'_> {
    fn member(&mut self, member: tape::Member<'_>) -> Result<(), String> {
        let tape::Member { name, bytes, content, .. } = member;
        let Some(key) = name.strip_suffix(".json") else {
            if self.picture.is_some() || !self.plan.has_pictures {
                return Err(format!("{name} should not be there"));
            }
            let mut sum = Sha256::new();
            io::copy(content, &mut HashWriter(&mut sum)).map_err(|error| error.to_string())?;
            let sha256 = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            self.picture = Some((name, FoundPicture { bytes, sha256 }));
            return Ok(());
        };
        let sample: FoundSample =
            serde_json::from_reader(content.take(MOST_JSON)).map_err(|error| format!("{name}: {error}"))?;
        let picture = self.picture.take();
        let is_own = match &picture {
            Some((name, _)) => *name == format!("{key}.{}", sample.file_name.rsplit('.').next().unwrap_or_default()),
            None => !self.plan.has_pictures,
        };
        if !is_own || sample.image_id != key || sample.split != self.part.full_name() {
            return Err(format!("the sample {key} is not in order"));
        }
        self.sample(sample, picture.map(|(_, picture)| picture)).map_err(|reason| format!("{name}: {reason}"))
    }

    fn sample(&mut self, sample: FoundSample, picture: Option<FoundPicture>) -> Result<(), String> {
        let size = (sample.width, sample.height);
        let created = |text: Option<String>| match text {
            Some(text) => Timestamp::parse(&text).map(Some).ok_or_else(|| format!("{text} is no date")),
            None => Ok(None),
        };
        self.sink.image(FoundImage {
            name: sample.file_name,
            size: Some(size),
            id: Some(sample.image_id),
            tags: Some(sample.tags),
            part: self.plan.part,
            record: Some(FoundRecord {
                created: created(sample.created)?,
                metadata: sample.metadata.into_iter().map(|FoundPair { key, value }| (key, value)).collect(),
                picture,
            }),
            ..FoundImage::default()
        })?;
        for object in sample.objects {
            created(object.created)?;
            if self.names.get(object.category) != Some(&object.tag) || object.tag_id.parse::<TagId>().is_err() {
                return Err(format!("the category {} is not the tag {:?}", object.category, object.tag));
            }
            let place = read::place_of(object.bbox, [object.left, object.top, object.width, object.height], size)?;
            let region = FoundRegion { label: object.tag, place, listed: None, id: Some(object.region_id) };
            self.sink.region(self.images, region)?;
        }
        self.images += 1;
        Ok(())
    }
}

/// A hash as a place to write to.
struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
