//! What an export or an archive did, in figures, with everything that was left out.

use super::words::count;
use domain::{ArchivedExport, Destination, ImageId, IterationId};
use formats::Format;

/// One thing that an export left out or changed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Skip {
    pub image: String,
    /// The file name that the project has for the image (its metadata `name`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The format it concerns; `None`: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Whether the thing is missing from the export (else it was only changed, as a clamped box is).
    pub is_left_out: bool,
    pub reason: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormatCount {
    pub format: String,
    pub images: u64,
    pub regions: u64,
}

/// What an export did: counts in = counts out + skips, checked by reading the files again.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportReport {
    pub folder: Destination,
    pub formats: Vec<String>,
    /// Images asked for.
    pub images_in: u64,
    /// Images written; where formats differ, the lowest count.
    pub images_out: u64,
    /// Regions asked for.
    pub regions_in: u64,
    /// Regions written; where formats differ, the lowest count.
    pub regions_out: u64,
    pub by_format: Vec<FormatCount>,
    /// Bytes of all files.
    pub bytes: u64,
    /// Pictures that were fetched by this run.
    pub fetched: u64,
    /// Pictures that an interrupted run had already.
    pub reused: u64,
    /// Everything left out or changed, each with its reason.
    pub skips: Vec<Skip>,
    /// Hidden folders next to it that killed runs had left and that were removed.
    pub cleared: Vec<String>,
    /// What was done about what interrupted runs had left next to it, a sentence each.
    pub mended: Vec<String>,
    /// What is worth knowing about the whole, a sentence each.
    pub notes: Vec<String>,
    pub seconds: f32,
}

/// `COCO` for `coco`.
pub fn format_label(name: &str) -> &str {
    Format::ALL.into_iter().find(|format| format.name() == name).map_or(name, |format| format.label())
}

impl ExportReport {
    /// Images that are in the export: those of the format that holds most.
    pub fn images(&self) -> u64 {
        self.by_format.iter().map(|of| of.images).max().unwrap_or(self.images_out)
    }

    /// Regions that are in the export: those of the format that holds most.
    pub fn regions(&self) -> u64 {
        self.by_format.iter().map(|of| of.regions).max().unwrap_or(self.regions_out)
    }

    /// Which formats hold less than that: `Fewer in Crops, Create ML: 228 images, 600 regions.`
    pub fn poorer_formats(&self) -> Vec<String> {
        let label = |of: &FormatCount| format_label(&of.format).to_owned();
        let poorer = self.by_format.iter().filter(|of| of.images < self.images() || of.regions < self.regions());
        let mut alike: Vec<(u64, u64, Vec<String>)> = Vec::new();
        for of in poorer {
            match alike.iter_mut().find(|(images, regions, _)| (*images, *regions) == (of.images, of.regions)) {
                Some((.., labels)) => labels.push(label(of)),
                None => alike.push((of.images, of.regions, vec![label(of)])),
            }
        }
        let line = |(images, regions, labels): (u64, u64, Vec<String>)| {
            let (images, regions) = (count(images, "image", "images"), count(regions, "region", "regions"));
            format!("Fewer in {}: {images}, {regions}.", labels.join(", "))
        };
        alike.into_iter().map(line).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchivedIteration {
    pub id: IterationId,
    pub name: String,
    /// Images in it that have tags.
    pub images: u64,
    /// Images in it without any tag.
    pub untagged: u64,
    pub regions: u64,
    pub tags: u64,
    /// Its images that neither the workspace nor an iteration before it in the list has.
    pub only_there: u64,
    /// Whether the service has it no more; then it was kept from the former archive.
    pub is_vanished: bool,
    /// Which model files the service has exported, and which of them are in the archive; `None`: it is not known.
    pub exports: Option<Vec<ArchivedExport>>,
}

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveReport {
    pub folder: Destination,
    pub project: String,
    /// Images in it that have tags.
    pub images: u64,
    /// Images in it without any tag.
    pub untagged: u64,
    pub regions: u64,
    pub tags: u64,
    /// The iterations whose images are in it.
    pub iterations: Vec<ArchivedIteration>,
    pub originals: u64,
    pub thumbnails: u64,
    /// Bytes of all pictures in it.
    pub bytes: u64,
    /// Pictures that were fetched by this run.
    pub fetched: u64,
    /// Pictures that an interrupted run or the former archive had already.
    pub reused: u64,
    /// Of these, pictures of which the former archive had only a part, or something else in their place.
    pub completed: u64,
    /// Whether an archive stood there before; else the next three are empty.
    pub is_update: bool,
    /// Images that the former archive did not have.
    pub added: Vec<ImageId>,
    /// Images whose tags, regions or other facts differ from the former archive.
    pub changed: Vec<ImageId>,
    /// Images of the former archive that the service does not list any more: kept in `vanished.jsonl`, with pictures.
    pub vanished: Vec<ImageId>,
    /// Images in `vanished.jsonl`, those that vanished earlier included.
    pub kept_vanished: u64,
    /// Everything that is missing or odd, each with its reason.
    pub skips: Vec<Skip>,
    /// Hidden folders next to it that killed runs had left and that were removed.
    pub cleared: Vec<String>,
    /// What was done about what interrupted runs had left next to it, a sentence each.
    pub mended: Vec<String>,
    /// What is worth knowing about the whole, a sentence each.
    pub notes: Vec<String>,
    /// Pictures in it of which a part is missing: the image, and what is wrong. They are itemized as well.
    pub incomplete: Vec<(ImageId, String)>,
    /// What is good to know and takes nothing from the archive, a sentence each.
    pub remarks: Vec<String>,
    pub seconds: f32,
}

impl ArchiveReport {
    /// Images of which there should be an original: the workspace's, and those that only iterations have.
    pub fn all_images(&self) -> u64 {
        self.images + self.untagged + self.iterations.iter().map(|iteration| iteration.only_there).sum::<u64>()
    }

    /// Adds something that is missing or odd about an image with its file name, as far as that is known.
    pub fn itemize(&mut self, image: ImageId, name: Option<&str>, is_left_out: bool, reason: impl Into<String>) {
        let (image, name, reason) = (image.to_string(), name.map(str::to_owned), reason.into());
        self.skips.push(Skip { image, name, region: None, format: None, is_left_out, reason });
    }

    /// Whether every image has its original and the list is complete.
    pub fn is_whole(&self) -> bool {
        self.notes.is_empty() && self.skips.iter().all(|skip| !skip.is_left_out)
    }
}
