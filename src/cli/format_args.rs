//! The formats of an export and the choices about them: as typed, and as meant.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum, ValueHint};

use super::end::Trouble;
use engine::export;
use formats::layout::DatasetFormat;
use formats::options::USUAL_SHARD_BYTES;
use formats::spreadsheet::Cells;
use formats::{BoxStyle, EdgeRule, Format, FormatOptions, OtherTypes, ShardOrder, SplitGroup, SplitRule, azureml};

/// Choices about the formats of an export.
#[derive(Clone, Debug, Args)]
pub(super) struct FormatArgs {
    /// Split the images into train/val or train/val/test by a hash of their ids, such as 80/10/10.
    #[arg(long, value_name = "PARTS")]
    pub split: Option<String>,
    /// Stratify by tag: give each tag the same ratio. Images may then move to another split when images are added.
    #[arg(long, requires = "split")]
    pub stratify: bool,
    /// Keep images together in one part of the split: near-duplicates (all pictures are compared first), or meta:KEY for
    /// images with the same value of a metadata key, such as meta:camera.
    #[arg(long, requires = "split", value_name = "GROUP")]
    pub split_group: Option<String>,
    /// Keep the class order of this earlier export: new tags are added at the end, and deleted ones keep their number.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub classes_from: Option<PathBuf>,
    /// What to do with images that have no region (or no tag, in a classification project).
    #[arg(long, value_enum, default_value_t)]
    pub negatives: NegativesArg,
    /// What to do with boxes that reach past the image edge.
    #[arg(long, value_enum, default_value_t)]
    pub edges: EdgesArg,
    /// Skip regions that are narrower or shorter than this many pixels of the exported picture.
    #[arg(long, value_name = "PIXELS", default_value_t = 0.0)]
    pub min_region: f64,
    /// What to do with picture types that a format's readers do not accept (GIF; WebP for azureml): skip the image in that
    /// format, or convert its first frame to PNG in all formats.
    #[arg(long, value_enum, default_value_t)]
    pub gif: GifArg,
    /// For crops: margin on each side, in percent of the region's width and height.
    #[arg(long, value_name = "PERCENT", default_value_t = 0.0)]
    pub crop_margin: f64,
    /// For annotated: line width in pixels. [default: depends on the picture's size]
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub stroke: Option<u32>,
    /// For annotated: do not draw names.
    #[arg(long)]
    pub no_names: bool,
    /// For azureml: the URL of the pictures folder. [default: a placeholder; see rewrite-azureml-url]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub azureml_url: Option<String>,
    /// For webdataset and parquet: start a new file after this many MiB.
    #[arg(long, value_name = "MIB", default_value_t = USUAL_SHARD_BYTES >> 20, value_parser = clap::value_parser!(u64).range(1..=65_536))]
    pub shard_size: u64,
    /// For webdataset: the order of the images in the shards.
    #[arg(long, value_enum, default_value_t)]
    pub shard_order: ShardOrderArg,
    /// Also write the reviewers' decisions and comments about these images to reviews.csv.
    #[arg(long)]
    pub reviews: bool,
    /// In CSV files: write texts unchanged, even those that a spreadsheet would run as formulas. Without this option,
    /// such a text gets a leading apostrophe, which Tagscope removes when it reads the file.
    #[arg(long)]
    pub raw_csv: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum NegativesArg {
    /// Keep them, if the format can store them.
    #[default]
    In,
    /// Skip them.
    Out,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum EdgesArg {
    /// Clip them at the edge.
    #[default]
    Clamp,
    /// Skip them.
    Drop,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum GifArg {
    /// Skip the image in the formats that do not accept it.
    #[default]
    Skip,
    /// Convert it to PNG in all formats.
    Convert,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ShardOrderArg {
    /// By a hash of the image id: as if at random, and the same in each export.
    #[default]
    Shuffled,
    /// The project's order.
    Project,
}

/// A format of an export: clap's values are those of [`Format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FormatArg(pub(super) Format);

impl ValueEnum for FormatArg {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [FormatArg; Format::ALL.len()] = {
            let mut all = [FormatArg(Format::Coco); Format::ALL.len()];
            let mut place = 0;
            while place < all.len() {
                all[place] = FormatArg(Format::ALL[place]);
                place += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()).help(self.0.help()))
    }
}

/// A dataset's format; `None`: it is detected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ImportFormatArg(pub(super) Option<DatasetFormat>);

impl ValueEnum for ImportFormatArg {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [ImportFormatArg; DatasetFormat::ALL.len() + 1] = {
            let mut all = [ImportFormatArg(None); DatasetFormat::ALL.len() + 1];
            let mut place = 1;
            while place < all.len() {
                all[place] = ImportFormatArg(Some(DatasetFormat::ALL[place - 1]));
                place += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self.0 {
            Some(format) => PossibleValue::new(format.name()).help(format.help()),
            None => PossibleValue::new("auto")
                .help("Detect the format. If there are several datasets, they are listed and none is imported"),
        })
    }
}

/// The choices about formats, checked; reads the manifest of an earlier export where one is named.
pub(super) fn options(args: FormatArgs) -> Result<FormatOptions, Trouble> {
    let split = args.split.as_deref().map(SplitRule::parse).transpose().map_err(Trouble::Usage)?;
    let group = args.split_group.as_deref().map(SplitGroup::parse).transpose();
    let group = group.map_err(|reason| Trouble::Usage(format!("--split-group: {reason}")))?.unwrap_or_default();
    let in_range = |value: f64, most: f64, name: &str| match (0.0..=most).contains(&value) {
        true => Ok(value),
        false => Err(Trouble::Usage(format!("{name} must be from 0 to {most}"))),
    };
    let azureml_url = args.azureml_url.as_deref().map(azureml::checked_url).transpose();
    Ok(FormatOptions {
        split: split.map(|rule| SplitRule { is_stratified: args.stratify, group, ..rule }),
        are_negatives_left_out: args.negatives == NegativesArg::Out,
        edges: if args.edges == EdgesArg::Drop { EdgeRule::Drop } else { EdgeRule::Clamp },
        min_region_pixels: in_range(args.min_region, 100_000.0, "--min-region")?,
        other_types: if args.gif == GifArg::Convert { OtherTypes::Convert } else { OtherTypes::Skip },
        crop_margin: in_range(args.crop_margin, 1_000.0, "--crop-margin")? / 100.0,
        box_style: BoxStyle { stroke: args.stroke.unwrap_or_default(), has_names: !args.no_names },
        azureml_url: azureml_url.map_err(|reason| Trouble::Usage(format!("--azureml-url: {reason}")))?,
        shard_bytes: Some(args.shard_size << 20).filter(|&bytes| bytes != USUAL_SHARD_BYTES),
        shard_order: if args.shard_order == ShardOrderArg::Project {
            ShardOrder::Project
        } else {
            ShardOrder::Shuffled
        },
        has_reviews: args.reviews,
        cells: if args.raw_csv { Cells::Raw } else { Cells::Safe },
        earlier_classes: args.classes_from.as_deref().map(export::read_classes).transpose()?.unwrap_or_default(),
    })
}
