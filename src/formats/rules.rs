//! What a format can hold, in the terms that [`judge`](super::judge) asks for.

use super::Format;
use domain::ProjectKind;

/// Where tags of whole images go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagPlace {
    /// Nowhere.
    None,
    /// Exactly one an image.
    One,
    /// Any number, those that no region of the image has.
    Many,
}

/// What a format can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether it has boxes.
    pub has_boxes: bool,
    /// Where tags of whole images go.
    pub tags: TagPlace,
    /// Extensions of pictures that its readers do not take.
    pub refused: &'static [&'static str],
    /// Whether it needs a picture to write anything.
    pub needs_picture: bool,
    /// Whether an image without a region has no place in it.
    pub needs_region: bool,
    /// Whether its readers drop the same box of the same class in one image.
    pub drops_doubles: bool,
    /// Whether it holds rows as they came: nothing is cut, left out or measured.
    pub is_verbatim: bool,
}

/// Whether a project has tags on whole images rather than regions.
pub fn is_classification(kind: ProjectKind) -> bool {
    matches!(kind, ProjectKind::Multiclass | ProjectKind::Multilabel)
}

impl Format {
    /// What it can hold of a project of this kind.
    pub fn rules(self, kind: ProjectKind) -> Rules {
        let labels = Rules {
            has_boxes: true,
            tags: TagPlace::Many,
            refused: &[],
            needs_picture: false,
            needs_region: false,
            drops_doubles: false,
            is_verbatim: false,
        };
        let classification = is_classification(kind);
        match self {
            Self::Csv | Self::LabelStudio | Self::Cvat | Self::Datumaro | Self::WebDataset | Self::Parquet => labels,
            Self::Jsonl => Rules { is_verbatim: true, ..labels },
            Self::Coco | Self::Voc | Self::CreateMl => Rules { tags: TagPlace::None, ..labels },
            Self::Yolo if classification => {
                Rules { has_boxes: false, tags: TagPlace::One, refused: &["gif", "bin"], needs_picture: true, ..labels }
            }
            Self::Yolo => Rules { tags: TagPlace::None, refused: &["gif", "bin"], drops_doubles: true, ..labels },
            Self::AzureMl => {
                let tags = match kind {
                    ProjectKind::Multiclass => TagPlace::One,
                    ProjectKind::Multilabel => TagPlace::Many,
                    _ => TagPlace::None,
                };
                Rules { has_boxes: !classification, tags, refused: &["gif", "webp", "bin"], ..labels }
            }
            Self::HuggingFace => {
                let tags = match kind {
                    ProjectKind::Multiclass => TagPlace::One,
                    ProjectKind::Multilabel => TagPlace::Many,
                    _ => TagPlace::None,
                };
                Rules { has_boxes: !classification, tags, refused: &["bin"], ..labels }
            }
            Self::Crops => Rules { tags: TagPlace::None, needs_picture: true, needs_region: true, ..labels },
            Self::Annotated => Rules { needs_picture: true, ..labels },
        }
    }
}
