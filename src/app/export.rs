//! What the user chooses about an export beyond images, formats and pictures, as typed and as meant; and what the dry run
//! says of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::report::Skip;
use domain::ImageIx;
use formats::spreadsheet::Cells;
use formats::{
    BoxStyle, Class, EdgeRule, Format, FormatOptions, OtherTypes, PixelChoice, ShardOrder, SplitGroup, SplitPart,
    SplitRule, Together, azureml,
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitChoice {
    #[default]
    None,
    /// 80/10/10.
    Usual,
    /// The shares that were typed, such as 70/20/10.
    Custom,
}

/// Which images of a split stay together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupChoice {
    #[default]
    None,
    NearDuplicates,
    /// Those with one value of a metadata key.
    Meta,
}

/// Which images by what people have decided about them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReviewChoice {
    /// Whatever was decided.
    #[default]
    All,
    /// Accepted, and nothing on them rejected.
    Accepted,
    /// All but those that are rejected or have something rejected on them.
    NotRejected,
    /// Those that something was decided about.
    Reviewed,
}

impl ReviewChoice {
    pub const ALL: [Self; 4] = [Self::All, Self::Accepted, Self::NotRejected, Self::Reviewed];

    /// The query that it is; `None`: no condition.
    pub fn query(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Accepted => Some("review:accepted -review:rejected"),
            Self::NotRejected => Some("-review:rejected"),
            Self::Reviewed => Some("review:any"),
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Accepted => "Accepted",
            Self::NotRejected => "Not rejected",
            Self::Reviewed => "Reviewed",
        }
    }
}

#[derive(Clone, Debug)]
pub enum ExportCommand {
    SetWhat(ExportWhat),
    ToggleFormat(Format),
    SetPixels(PixelChoice),
    Choose(ExportChoice),
    /// What would be left out, item by item, or in sums.
    ToggleItems,
    ToggleUntagged,
    EditFolder(String),
    Preset(PresetCommand),
    Start,
}

#[derive(Clone, Debug)]
pub enum PresetCommand {
    /// Keep the choices under a name; what had it before goes.
    Save(String),
    Use(String),
    /// What had the new name before goes.
    Rename {
        from: String,
        to: String,
    },
    Remove(String),
}

/// A change of [`ExportChoices`], whose fields say more.
#[derive(Clone, Debug)]
pub enum ExportChoice {
    Review(ReviewChoice),
    Split(SplitChoice),
    SplitText(String),
    ToggleStratify,
    SplitGroup(GroupChoice),
    SplitKey(String),
    ToggleNegatives,
    Edges(EdgeRule),
    OtherTypes(OtherTypes),
    MinRegion(String),
    CropMargin(String),
    Stroke(String),
    ToggleNames,
    AzureMlUrl(String),
    ShardSize(String),
    ShardOrder(ShardOrder),
    ToggleReviews,
    EarlierFolder(String),
    ToggleMore,
}

/// The choices, as typed. What a preset does not keep is skipped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ExportChoices {
    #[serde(skip)]
    pub review: ReviewChoice,
    pub split: SplitChoice,
    pub split_text: String,
    /// Whether each tag has the same shares.
    pub is_stratified: bool,
    pub split_group: GroupChoice,
    /// The metadata key whose images do; empty: none is chosen yet.
    pub split_key: String,
    pub are_negatives_left_out: bool,
    /// What becomes of regions that reach outside.
    pub edges: EdgeRule,
    /// What becomes of pictures that a format's readers do not take.
    pub other_types: OtherTypes,
    /// The smallest region in pixels; empty: any.
    pub min_region: String,
    /// How far crops go beyond their region in percent; empty: not at all.
    pub crop_margin: String,
    /// Width of drawn lines in pixels; empty: by the size of the picture.
    pub stroke: String,
    /// Whether names are next to drawn boxes.
    pub has_names: bool,
    /// Where Azure ML finds the pictures; empty: a placeholder.
    pub azureml_url: String,
    /// After how many MiB a new shard begins; empty: the usual number.
    pub shard_size: String,
    pub shard_order: ShardOrder,
    /// Whether decisions and comments are written next to the labels, where there are some.
    pub has_reviews: bool,
    /// The folder of the earlier export whose order of classes is kept, as typed; empty: none.
    pub earlier_folder: String,
    /// What was found there: the classes, or why there are none; `None` until it is known.
    #[serde(skip)]
    pub earlier: Option<Result<Vec<Class>, Failure>>,
    #[serde(skip)]
    pub has_more: bool,
}

impl Default for ExportChoices {
    fn default() -> Self {
        Self {
            review: ReviewChoice::All,
            split: SplitChoice::None,
            split_text: "70/20/10".to_owned(),
            is_stratified: false,
            split_group: GroupChoice::None,
            split_key: String::new(),
            are_negatives_left_out: false,
            edges: EdgeRule::Clamp,
            other_types: OtherTypes::Skip,
            min_region: String::new(),
            crop_margin: String::new(),
            stroke: String::new(),
            has_names: true,
            azureml_url: String::new(),
            shard_size: String::new(),
            shard_order: ShardOrder::Shuffled,
            has_reviews: true,
            earlier_folder: String::new(),
            earlier: None,
            has_more: false,
        }
    }
}

impl ExportChoices {
    /// Takes a change; what concerns the dialog alone is not for here.
    pub fn take(&mut self, command: ExportChoice) {
        match command {
            ExportChoice::Review(review) => self.review = review,
            ExportChoice::Split(split) => self.split = split,
            ExportChoice::SplitText(text) => self.split_text = text,
            ExportChoice::ToggleStratify => self.is_stratified = !self.is_stratified,
            ExportChoice::SplitGroup(group) => self.split_group = group,
            ExportChoice::SplitKey(key) => self.split_key = key,
            ExportChoice::ToggleNegatives => self.are_negatives_left_out = !self.are_negatives_left_out,
            ExportChoice::Edges(edges) => self.edges = edges,
            ExportChoice::OtherTypes(other_types) => self.other_types = other_types,
            ExportChoice::MinRegion(text) => self.min_region = text,
            ExportChoice::CropMargin(text) => self.crop_margin = text,
            ExportChoice::Stroke(text) => self.stroke = text,
            ExportChoice::ToggleNames => self.has_names = !self.has_names,
            ExportChoice::AzureMlUrl(text) => self.azureml_url = text,
            ExportChoice::ShardSize(text) => self.shard_size = text,
            ExportChoice::ShardOrder(order) => self.shard_order = order,
            ExportChoice::ToggleReviews => self.has_reviews = !self.has_reviews,
            ExportChoice::EarlierFolder(text) => (self.earlier_folder, self.earlier) = (text, None),
            ExportChoice::ToggleMore => self.has_more = !self.has_more,
        }
    }

    /// What a preset keeps of them.
    pub(super) fn lasting(&self) -> Self {
        Self { review: ReviewChoice::default(), earlier: None, has_more: false, ..self.clone() }
    }

    /// Takes what a preset has kept; the rest stays.
    pub(super) fn take_lasting(&mut self, kept: Self) {
        *self = Self { review: self.review, earlier: None, has_more: self.has_more, ..kept };
    }

    /// What is meant, for these formats.
    ///
    /// # Errors
    /// In words, when something typed means nothing.
    pub fn options(&self, formats: &[Format]) -> Result<FormatOptions, String> {
        let split = match self.split {
            SplitChoice::None => None,
            SplitChoice::Usual => Some("80/10/10"),
            SplitChoice::Custom => Some(self.split_text.as_str()),
        };
        let split = split.map(SplitRule::parse).transpose()?;
        let group = match self.split_group {
            GroupChoice::NearDuplicates => SplitGroup::NearDuplicates,
            GroupChoice::Meta if split.is_some() && self.split_key.is_empty() => {
                return Err("Choose the metadata key whose images stay together".to_owned());
            }
            GroupChoice::Meta => SplitGroup::Meta(self.split_key.clone()),
            GroupChoice::None => SplitGroup::None,
        };
        let has = |format| formats.contains(&format);
        let number = |text: &str, most: f64, what: &str| match text.trim() {
            "" => Ok(0.0),
            text => text
                .parse()
                .ok()
                .filter(|number| (0.0..=most).contains(number))
                .ok_or_else(|| format!("{what}: {text:?} is not a number from 0 to {most}")),
        };
        let stroke = if has(Format::Annotated) { number(&self.stroke, 100.0, "Line width")? } else { 0.0 };
        let margin = if has(Format::Crops) { number(&self.crop_margin, 1_000.0, "Crop margin")? } else { 0.0 };
        let url = Some(self.azureml_url.trim()).filter(|url| has(Format::AzureMl) && !url.is_empty());
        let shard = match formats.iter().any(|format| format.has_shards()) {
            true => number(&self.shard_size, 65_536.0, "Shard size")?,
            false => 0.0,
        };
        let earlier = match &self.earlier {
            None if self.earlier_folder.trim().is_empty() => Vec::new(),
            None => return Err("The earlier export's class order is still being read".to_owned()),
            Some(Ok(classes)) => classes.clone(),
            Some(Err(failure)) => return Err(failure.headline().trim_end_matches('.').to_owned()),
        };
        Ok(FormatOptions {
            split: split.map(|rule| SplitRule { is_stratified: self.is_stratified, group, ..rule }),
            are_negatives_left_out: self.are_negatives_left_out,
            edges: self.edges,
            min_region_pixels: number(&self.min_region, 100_000.0, "Smallest region")?,
            other_types: self.other_types,
            crop_margin: margin / 100.0,
            box_style: BoxStyle { stroke: stroke.round() as u32, has_names: self.has_names },
            azureml_url: url.map(azureml::checked_url).transpose()?,
            shard_bytes: (shard >= 1.0).then_some((shard as u64) << 20),
            shard_order: self.shard_order,
            has_reviews: self.has_reviews,
            cells: Cells::Safe,
            earlier_classes: earlier,
        })
    }
}

/// What an export would leave out, found without fetching anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DryRun {
    pub number: u64,
    /// Images in each part, where they are divided.
    pub parts: Vec<(SplitPart, u64)>,
    /// What stays together in one part, where that was chosen.
    pub together: Option<Together>,
    /// What each reason concerns, the largest first.
    pub sums: Vec<DrySum>,
    /// What concerns a format as a whole, one sentence each.
    pub notes: Vec<String>,
    /// The first of the items.
    pub items: Vec<Skip>,
    /// Number of all items.
    pub count: u64,
    /// Whether the types of pictures are only what their names say.
    pub has_guessed_types: bool,
    pub download: Download,
}

/// What an export would fetch from the service. How large a picture is it does not tell beforehand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Download {
    pub pictures: u64,
    /// Pictures that are in the archive or the cache.
    pub here: u64,
    /// Bytes to fetch, estimated from the pictures' dimensions.
    pub bytes: u64,
}

/// How often a reason concerns a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrySum {
    pub format: Format,
    pub reason: String,
    /// Whether it is left out (else changed).
    pub is_left_out: bool,
    /// Images, or else regions.
    pub is_of_images: bool,
    pub count: u64,
}

/// What stands where an export is to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlaceState {
    /// Nothing, or it is not known.
    #[default]
    Free,
    Taken,
    Unfinished,
    /// What this program is writing now.
    Writing,
    /// What is left of an export that the user has canceled; it is being removed.
    Clearing,
    /// What is kept of an export that the user has canceled.
    Canceled,
}

impl PlaceState {
    pub fn can_take(self) -> bool {
        match self {
            Self::Free | Self::Unfinished | Self::Canceled => true,
            Self::Taken | Self::Writing | Self::Clearing => false,
        }
    }

    pub fn is_resumed(self) -> bool {
        matches!(self, Self::Unfinished | Self::Canceled)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportWhat {
    Selected,
    Shown,
    #[default]
    All,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ExportForm {
    pub what: ExportWhat,
    /// Which formats; at least one to start.
    pub formats: Vec<Format>,
    /// Whether nobody has chosen the formats yet.
    pub are_formats_proposed: bool,
    pub pixels: PixelChoice,
    pub folder: String,
    pub failure: Option<Failure>,
    /// What it would do, counted once when the choice changes.
    pub preview: ExportPreview,
    /// The images that are chosen, found once when the choice changes, and the opening that they belong to.
    pub chosen: (u64, Arc<[ImageIx]>),
    /// Which of the proposed folders `folder` is; `None`: the person has typed or picked it.
    pub proposal: Option<u32>,
    pub choices: ExportChoices,
    /// What it would leave out, as it was last found out; the one before stands until then.
    pub dry_run: Option<DryRun>,
    /// The number of the last question.
    pub asked: u64,
    /// Whether what would be left out is shown item by item.
    pub has_items: bool,
    pub takes_untagged: bool,
    pub place: PlaceState,
    /// The preset that was chosen or saved last.
    pub preset: Option<String>,
}

impl Default for ExportForm {
    fn default() -> Self {
        Self {
            what: ExportWhat::All,
            formats: vec![Format::Coco],
            are_formats_proposed: true,
            pixels: PixelChoice::Original,
            folder: String::new(),
            failure: None,
            preview: ExportPreview::default(),
            chosen: (0, Arc::default()),
            proposal: None,
            choices: ExportChoices::default(),
            dry_run: None,
            asked: 0,
            has_items: false,
            takes_untagged: false,
            place: PlaceState::Free,
            preset: None,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExportPreview {
    pub images: u64,
    pub regions: u64,
    /// Images without tags that nobody has labeled yet: left out, or taken where that is chosen.
    pub untagged: u64,
    /// Images without regions: kept as negatives.
    pub without_regions: u64,
    /// Class names in the order of the export.
    pub classes: Vec<Arc<str>>,
}

#[cfg(test)]
mod tests;
