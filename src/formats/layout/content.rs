//! What a file is by its name and its beginning.

use super::outline::Outline;
use crate::error::Quoted;
use crate::xml::{Token, Tokens};
use crate::{azureml, csv, parquet, text, webdataset, yolo};

/// Bytes of a file that are looked at.
pub const HEAD: usize = 1 << 16;
/// Fields of Label Studio's short form, JSON-MIN.
const LABEL_STUDIO_MIN: [&str; 2] = ["[].annotation_id", "[].label[].original_width"];

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileContent {
    /// An image in the service's own fields on each line.
    ServiceLines,
    /// COCO with boxes or categories.
    Coco,
    /// COCO with key points of bodies, or with panoptic segments.
    CocoOther,
    /// COCO with captions.
    CocoCaptions,
    Datumaro,
    /// Tasks of Label Studio.
    LabelStudio,
    /// VoTT's export as JSON.
    Vott,
    /// One picture's file of VoTT's own project.
    VottAsset,
    /// The `data.yaml` of YOLO.
    YoloYaml,
    /// The `obj.data` of Darknet.
    DarknetData,
    /// Names of classes, a line each.
    ClassNames,
    /// Label rows of YOLO.
    YoloRows,
    /// A page of Pascal VOC.
    VocPage,
    /// CVAT for images or video.
    Cvat,
    /// An `MLTable`.
    AzureTable,
    /// A list of Azure ML.
    AzureLines,
    /// A table of regions or tags.
    Table,
    /// A list of Create ML.
    CreateMl,
    /// A picture's file of labelme.
    Labelme,
    /// The lines of Hugging Face's `imagefolder`.
    ImageFolder,
    /// A shard of WebDataset.
    Shard,
    Parquet,
    Empty,
}

const OF_LABELS: [&str; 8] = ["json", "jsonl", "xml", "csv", "tsv", "yaml", "yml", "data"];

fn extension_of(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Whether a file is one of labels by its extension.
pub(super) fn is_of_labels(name: &str) -> bool {
    OF_LABELS.contains(&extension_of(name).as_str())
}

/// Whether a file could have labels or the names of classes, by its name.
pub(super) fn may_be_of_labels(name: &str) -> bool {
    is_of_labels(name)
        || name.rsplit('/').next() == Some("MLTable")
        || is_binary(name)
        || matches!(extension_of(name).as_str(), "txt" | "names" | "labels" | "ndjson" | "manifest" | "odgt")
}

/// Whether a file that could have labels is no text, by its name.
pub fn is_binary(name: &str) -> bool {
    matches!(extension_of(name).as_str(), "tar" | "parquet")
}

/// What a file is, by its name and its first [`HEAD`] bytes. `None` for what is none of these.
pub fn content_of(name: &str, head: &[u8]) -> Option<FileContent> {
    let bare = name.rsplit('/').next().unwrap_or_default();
    let extension = extension_of(bare);
    match extension_of(bare).as_str() {
        "tar" => return webdataset::tape::is_shard(head).then_some(FileContent::Shard),
        "parquet" => return parquet::dataset::is_table(head).then_some(FileContent::Parquet),
        _ => {}
    }
    let text = text::beginning(head);
    let head = text.as_bytes();
    if bare == "manifest.json" {
        // Of Tagscope's own.
        return None;
    }
    if text.trim().is_empty() {
        if bare == "images.jsonl" {
            return Some(FileContent::ServiceLines);
        }
        return is_of_labels(bare).then_some(FileContent::Empty);
    }
    match extension.as_str() {
        // A list without elements shows nothing; its name does.
        "json" => from_json(&Outline::of(&text)).or_else(|| match (bare, text.trim_start().starts_with('[')) {
            ("_annotations.createml.json", true) => Some(FileContent::CreateMl),
            ("label-studio.json", true) => Some(FileContent::LabelStudio),
            _ => None,
        }),
        "jsonl" | "ndjson" => content_of_lines(head),
        "xml" => from_xml(head),
        "csv" | "tsv" => csv::dataset::recognize(head).is_ok().then_some(FileContent::Table),
        "yaml" | "yml" if is_yolo(&text) => Some(FileContent::YoloYaml),
        "yaml" | "yml" => are_names(bare, &text).then_some(FileContent::ClassNames),
        "data" => is_darknet(&text).then_some(FileContent::DarknetData),
        "names" | "labels" => Some(FileContent::ClassNames),
        "txt" => content_of_txt(bare, &text),
        _ => (bare == "MLTable").then_some(FileContent::AzureTable),
    }
}

/// Whether a text is a `data.yaml` of YOLO, or a broken one: then its own fault is reported.
fn is_yolo(text: &str) -> bool {
    let has = |keys: &[&str]| {
        let mut words = text.lines().filter_map(|line| line.split_once(':')).map(|(key, _)| key);
        words.any(|key| keys.contains(&key))
    };
    yolo::dataset::read_facts(text).is_ok() || (has(&["names", "nc"]) && has(&["train", "val", "valid", "test"]))
}

/// Whether a YAML file without parts has the names of classes: many others have something called names.
fn are_names(bare: &str, text: &str) -> bool {
    let name = bare.to_ascii_lowercase();
    let is_called_so = ["data", "class", "label"].iter().any(|word| name.contains(word));
    (is_called_so || text.lines().any(|line| line.starts_with("nc:"))) && yolo::dataset::read_names(text).is_ok()
}

/// What a file has that is of no known form, in words for a refusal.
pub fn unknown_of(name: &str, head: &[u8]) -> String {
    let text = text::beginning(head);
    let start = text.trim_start();
    if matches!(extension_of(name).as_str(), "csv" | "tsv")
        && let Err(error) = csv::dataset::recognize(text.as_bytes())
    {
        return format!("its table is not understood: {error}");
    }
    let has = match start.as_bytes().first() {
        Some(b'<') => root_of(start.as_bytes()).map(|root| format!("its root element is {:.40}", Quoted(&root))),
        Some(b'{' | b'[') => {
            let outline = Outline::of(start);
            let names: Vec<String> =
                outline.names(MOST_NAMES).iter().map(|name| format!("{:.40}", Quoted(name))).collect();
            (!names.is_empty()).then(|| format!("its fields are {}", names.join(", ")))
        }
        _ => None,
    };
    let has = has.unwrap_or_else(|| format!("it begins with {:.40}", Quoted(start.lines().next().unwrap_or_default())));
    format!("its content is not known here; {has}")
}

/// Fields that are named of a file that is not known.
const MOST_NAMES: usize = 8;

/// The name of the root element of an XML text.
fn root_of(text: &[u8]) -> Option<String> {
    let mut tokens = Tokens::new(text);
    loop {
        match tokens.next().ok()? {
            Token::Open { name, .. } => return Some(name.into()),
            Token::Text(_) => {}
            Token::Close(_) | Token::End => return None,
        }
    }
}

fn from_json(outline: &Outline) -> Option<FileContent> {
    let is_coco_box = ["annotations[].bbox", "annotations[].category_id", "annotations[].segmentation"];
    match outline.is_list? {
        true => match () {
            () if outline.has("[].data") => Some(FileContent::LabelStudio),
            () if outline.has_any(&LABEL_STUDIO_MIN) => Some(FileContent::LabelStudio),
            () if outline.has_any(&["[].image", "[].imagefilename", "[].imageURL"])
                && outline.has_any(&["[].annotations", "[].annotation"]) =>
            {
                Some(FileContent::CreateMl)
            }
            () => None,
        },
        false => match () {
            () if outline.has("shapes") && outline.has_any(&["imagePath", "imageWidth", "imageData"]) => {
                Some(FileContent::Labelme)
            }
            () if outline.has("dm_format_version") || (outline.has("items") && outline.has("categories")) => {
                Some(FileContent::Datumaro)
            }
            () if outline.has("items[].annotations") => Some(FileContent::Datumaro),
            () if outline.has("asset.name") && outline.has("regions") => Some(FileContent::VottAsset),
            () if outline.has("assets") && outline.has_any(&["tags", "version", "videoSettings"]) => {
                Some(FileContent::Vott)
            }
            () if outline.has("annotations[].caption") => Some(FileContent::CocoCaptions),
            () if outline.has_any(&["annotations[].segments_info", "annotations[].num_keypoints"]) => {
                Some(FileContent::CocoOther)
            }
            () if outline.has("images") && outline.has_any(&["annotations", "categories"]) => Some(FileContent::Coco),
            () if outline.has("annotations[].image_id") && outline.has_any(&is_coco_box) => Some(FileContent::Coco),
            // Cut off before the annotations.
            () if outline.has("images[].file_name") => Some(FileContent::Coco),
            () => None,
        },
    }
}

fn content_of_lines(head: &[u8]) -> Option<FileContent> {
    let line = head.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty())?;
    let outline = Outline::of(&String::from_utf8_lossy(line));
    if azureml::dataset::is_line(line) || outline.has("image_url") {
        return Some(FileContent::AzureLines);
    }
    match outline.is_list {
        Some(false) if outline.has("file_name") => Some(FileContent::ImageFolder),
        Some(false) if outline.has("id") => Some(FileContent::ServiceLines),
        _ => None,
    }
}

fn from_xml(head: &[u8]) -> Option<FileContent> {
    match root_of(head)?.as_str() {
        "annotations" => Some(FileContent::Cvat),
        "annotation" => Some(FileContent::VocPage),
        _ => None,
    }
}

/// `obj.data` of Darknet: lines with `=`, among them the names.
fn is_darknet(text: &str) -> bool {
    let keys: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once('=')?.0.trim())).collect();
    keys.contains(&"names") && keys.iter().any(|key| matches!(*key, "train" | "valid" | "val" | "test" | "classes"))
}

fn content_of_txt(bare: &str, text: &str) -> Option<FileContent> {
    let name = bare.to_ascii_lowercase();
    // Spreadsheets save tables with tabs under this extension.
    if csv::dataset::recognize(text.as_bytes()).is_ok() {
        return Some(FileContent::Table);
    }
    if matches!(name.as_str(), "classes.txt" | "obj.names" | "_classes.txt" | "labels.txt" | "class_names.txt") {
        return Some(FileContent::ClassNames);
    }
    // A dataset of Pascal VOC without images has its classes.
    if name == "labelmap.txt" {
        return Some(FileContent::VocPage);
    }
    // The last line may be cut off.
    let whole = if text.len() >= HEAD { text.rsplit_once('\n').map_or(text, |(whole, _)| whole) } else { text };
    let mut rows = whole.lines().map(str::trim).filter(|line| !line.is_empty()).take(20).peekable();
    let is_rows = rows.peek().is_some() && rows.all(|line| yolo::dataset::read_row(line, true).is_ok());
    is_rows.then_some(FileContent::YoloRows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_described() {
        for (text, words) in [
            ("<Annotation><object/></Annotation>", "root element is \"Annotation\""),
            (r#"{"Images":[{"id":1}],"meta":{"a":1},"x":2}"#, r#"fields are "Images", "meta", "x""#),
            (r#"[{"file":"1.jpg","anno":[]}]"#, r#"fields are "[].file", "[].anno""#),
            ("[1, 2]", "begins with \"[1, 2]\""),
            ("date;sum\n1;2\n", "begins with \"date;sum\""),
        ] {
            let found = unknown_of("a", text.as_bytes());
            assert!(found.contains(words), "{text}: {found}");
        }
        let table = unknown_of("a.csv", b"id,label\n1,fork\n");
        assert!(table.contains("no column for the images") && table.contains("id, label"), "{table}");
    }

    #[test]
    fn files_show_what_they_are() {
        for (name, text, content) in [
            ("a.json", r#"{"info":{},"images":[{"id":1,"file_name":"#, Some(FileContent::Coco)),
            ("a.json", r#"{"annotations":[{"image_id":1,"bbox":[1,2,3,4]}"#, Some(FileContent::Coco)),
            ("a.json", r#"{"images":[],"categories":[]}"#, Some(FileContent::Coco)),
            (
                "a.json",
                r#"{"images":[{"id":1}],"annotations":[{"image_id":1,"caption":"x"}]}"#,
                Some(FileContent::CocoCaptions),
            ),
            ("a.json", r#"{"images":[{"id":1}],"annotations":[{"num_keypoints":1}]}"#, Some(FileContent::CocoOther)),
            ("a.json", r#"{"categories":[{"id":0,"name":"a"}],"info":{}}"#, None),
            ("a.json", r#"{"dm_format_version":"1.0","infos":{}"#, Some(FileContent::Datumaro)),
            ("a.json", r#"[{"id":1,"data":{"image":"a.jpg"}}]"#, Some(FileContent::LabelStudio)),
            ("a.json", r#"[{"image":"a.jpg","annotations":[]}]"#, Some(FileContent::CreateMl)),
            ("a.json", r#"{"version":"5","shapes":[],"imagePath":"a.jpg"}"#, Some(FileContent::Labelme)),
            ("a.json", r#"{"name":"x","version":"2","assets":{"a":{}},"tags":[]}"#, Some(FileContent::Vott)),
            ("a.json", r#"{"asset":{"name":"1.jpg"},"regions":[]}"#, Some(FileContent::VottAsset)),
            ("a.json", "[1, 2]", None),
            ("a.json", "", Some(FileContent::Empty)),
            ("a.jsonl", "{\"image_url\":\"a\",\"label\":[]}\n", Some(FileContent::AzureLines)),
            ("metadata.jsonl", "{\"file_name\":\"1.jpg\",\"id\":7}\n", Some(FileContent::ImageFolder)),
            ("a.jsonl", "{\"id\":\"0dd1\",\"width\":1}\n{", Some(FileContent::ServiceLines)),
            ("a.xml", "\u{feff}<?xml version='1.0'?><annotations>", Some(FileContent::Cvat)),
            ("a.xml", "<annotation verified='yes'><folder>", Some(FileContent::VocPage)),
            ("a.xml", "<html/>", None),
            ("a.csv", "image,tag\n1.jpg,a\n", Some(FileContent::Table)),
            ("a.csv", "date,sum\n", None),
            ("a.yaml", "train: x\nnames: [a]\n", Some(FileContent::YoloYaml)),
            ("a.yaml", "version: 2\n", None),
            (
                "obj.data",
                "classes = 2\ntrain = data/train.txt\nnames = data/obj.names\n",
                Some(FileContent::DarknetData),
            ),
            ("data.yaml", "train: images\nnames:\n  0: a\n  1:b\n", Some(FileContent::YoloYaml)),
            ("settings.yaml", "names:\n  - a\n", None),
            ("x/classes.txt", "fork\nspoon\n", Some(FileContent::ClassNames)),
            ("x/data.yaml", "nc: 1\nnames: [fork]\n", Some(FileContent::ClassNames)),
            ("1.txt", "0 0.5 0.5 0.1 0.1\n", Some(FileContent::YoloRows)),
            ("README.txt", "This is a set.\n", None),
            ("labelmap.txt", "# label:color_rgb:parts:actions\nfork:1,2,3::\n", Some(FileContent::VocPage)),
            ("images.jsonl", "", Some(FileContent::ServiceLines)),
            ("_annotations.createml.json", "[]", Some(FileContent::CreateMl)),
            ("MLTable", "paths:\n", Some(FileContent::AzureTable)),
            ("1.jpg", "x", None),
        ] {
            assert_eq!(content_of(name, text.as_bytes()), content, "{name}: {text}");
        }
    }
}
