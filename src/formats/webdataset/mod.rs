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

use super::error::FormatError;
use super::found_example::{FoundExample, PictureSum};
use super::item::ExportItem;
use super::read::{self, FoundPicture, ReadPlan, Sink};
use super::record::Record;
use super::split::SplitPart;
use super::write::{Folder, Head, OutFile, Writer};

/// The names of the classes: a list in JSON.
pub const CLASSES: &str = "classes.json";
/// A sample's labels stay far below.
const MOST_JSON: u64 = 64 << 20;

fn shard_name(part: SplitPart, number: u32) -> String {
    format!("{}-{number:06}.tar", part.full_name())
}

/// The shards under construction: one for each part that has images.
pub(crate) struct WebDatasetWriter<'a> {
    head: &'a Head<'a>,
    folder: &'a dyn Folder,
    shards: Vec<Shard>,
}

struct Shard {
    part: SplitPart,
    /// Shards of this part so far.
    count: u32,
    /// The one that is open, and its bytes.
    open: Option<(tar::Builder<Box<dyn OutFile>>, u64)>,
}

impl Shard {
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
    pub(crate) fn begin(head: &'a Head<'a>, folder: &'a dyn Folder) -> io::Result<Self> {
        let mut names = serde_json::to_vec_pretty(head.names)?;
        names.push(b'\n');
        folder.write(CLASSES, &names)?;
        Ok(Self { head, folder, shards: Vec::new() })
    }

    fn shard(&mut self, part: SplitPart) -> Option<&mut Shard> {
        if self.shards.iter().all(|shard| shard.part != part) {
            self.shards.push(Shard { part, count: 0, open: None });
        }
        self.shards.iter_mut().find(|shard| shard.part == part)
    }
}

impl Writer for WebDatasetWriter<'_> {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        let record = Record::of(self.head, item);
        let (key, json) = (record.image_id.to_string(), serde_json::to_vec(&record)?);
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
            self.shard(SplitPart::Train).map_or(Ok(()), |shard| shard.builder(folder).map(|_| ()))?;
        }
        self.shards.iter_mut().try_for_each(Shard::close)
    }
}

pub(crate) fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let names: Vec<String> =
        serde_json::from_reader(read::open(plan, CLASSES)?).map_err(|error| FormatError::from_json(&error))?;
    names.iter().try_for_each(|name| sink.class(name)).map_err(FormatError::says)?;
    let part = plan.part.unwrap_or_default();
    let mut reading = Reading { plan, names: &names, sink, images: 0, picture: None, labels: Vec::new() };
    for number in 0.. {
        let name = shard_name(part, number);
        let path = plan.folder.join(&name);
        if !path.exists() {
            break;
        }
        let file = File::open(&path).map_err(|error| FormatError::from_open(&name, &error))?;
        let length = file.metadata().map_err(|error| FormatError::from_open(&name, &error))?.len();
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
    names: &'a [String],
    sink: &'a mut dyn Sink,
    images: u64,
    /// Name and facts of a picture whose labels come next.
    picture: Option<(String, FoundPicture)>,
    labels: Vec<u8>,
}

impl Reading<'_> {
    fn member(&mut self, member: tape::Member<'_>) -> Result<(), String> {
        let tape::Member { name, bytes, content, .. } = member;
        let Some(key) = name.strip_suffix(".json") else {
            if self.picture.is_some() || !self.plan.has_pictures {
                return Err(format!("{name} should not be there"));
            }
            let mut sum = PictureSum::default();
            io::copy(content, &mut sum).map_err(|error| error.to_string())?;
            let picture = sum.finish();
            if picture.bytes != bytes {
                return Err(format!("{name} is incomplete"));
            }
            self.picture = Some((name, picture));
            return Ok(());
        };
        self.labels.clear();
        content.take(MOST_JSON).read_to_end(&mut self.labels).map_err(|error| error.to_string())?;
        let example: FoundExample = serde_json::from_slice(&self.labels).map_err(|error| format!("{name}: {error}"))?;
        let picture = self.picture.take();
        let is_own = match &picture {
            Some((name, _)) => *name == format!("{key}.{}", example.file_name.rsplit('.').next().unwrap_or_default()),
            None => !self.plan.has_pictures,
        };
        if !is_own || example.image_id != key {
            return Err(format!("the sample {key} is not in order"));
        }
        let picture = picture.map(|(_, picture)| picture);
        let put = example.put(self.plan, self.names, self.images, picture, self.sink);
        self.images += 1;
        put.map_err(|reason| format!("{name}: {reason}"))
    }
}
