//! Label files of programs that have no reader here: what they are called, so that a refusal can say what to do instead.

use super::names::is_picture;
use super::outline::Outline;
use crate::text;

/// Files that hold a whole dataset in a form of their own: the extension, and what to do.
const PACKED: [(&str, &str); 16] = [
    ("zip", "it is a ZIP: unpack it"),
    ("tar", "it is a tar archive: unpack it"),
    ("tgz", "it is a tar archive: unpack it"),
    ("gz", "it is compressed: unpack it"),
    ("7z", "it is a 7-Zip archive: unpack it"),
    ("rar", "it is a RAR archive: unpack it"),
    ("tfrecord", "it is a TFRecord, which is not read: export COCO or Pascal VOC instead"),
    ("arrow", "it is an Arrow table, which is not read: export COCO or CSV instead"),
    ("xlsx", "it is an Excel workbook, which is not read: save the sheet as CSV"),
    ("xls", "it is an Excel workbook, which is not read: save the sheet as CSV"),
    ("ods", "it is a spreadsheet, which is not read: save the sheet as CSV"),
    ("pkl", "it is a Python pickle, which is not read: export COCO or CSV instead"),
    ("npz", "it is a NumPy archive, which is not read: export COCO or CSV instead"),
    ("h5", "it is an HDF5 file, which is not read: export COCO or CSV instead"),
    ("hdf5", "it is an HDF5 file, which is not read: export COCO or CSV instead"),
    ("mat", "it is a MATLAB file, which is not read: export COCO or CSV instead"),
];

/// Fields that only one program's JSON has, by their whole path or its end.
const FIELDS: [(&str, &str); 32] = [
    ("inputTags", "VoTT 1"),
    ("task.data", "a single annotation from a storage of Label Studio"),
    ("data.image", "a single task of Label Studio"),
    ("_via_img_metadata", "VIA (VGG Image Annotator)"),
    (".file_attributes", "VIA (VGG Image Annotator)"),
    ("[].bounding_box", "FiftyOne's own format"),
    ("samples[].filepath", "FiftyOne's own format"),
    ("samples[]._media_type", "FiftyOne's own format"),
    ("objects[].classTitle", "Supervisely"),
    ("instances[].className", "SuperAnnotate"),
    ("item.slots", "V7 Darwin"),
    ("dataset.name_with_owner", "V7 Darwin"),
    ("[].Labeled Data", "Labelbox"),
    ("data_row", "Labelbox"),
    ("[].data_row", "Labelbox"),
    ("[].labels[].box2d", "BDD100K or Scalabel"),
    ("frames[].labels", "BDD100K or Scalabel"),
    ("source-ref", "an Amazon SageMaker manifest"),
    ("imageGcsUri", "Google Vertex AI"),
    ("[].annotations[].coordinates[].x", "Dataloop"),
    ("annotations[].predicted_iou", "Segment Anything"),
    ("[].predicted_iou", "Segment Anything"),
    ("[].jsonResponse", "Kili"),
    ("[].label_hash", "Encord"),
    ("images[].labels[].class_name", "Hasty"),
    ("data_list[].instances", "MMDetection"),
    ("metainfo.classes", "MMDetection"),
    ("[].ann.bboxes", "MMDetection"),
    ("objects[].polygon", "Cityscapes"),
    ("prefix", "a prompt list for PaliGemma or Florence"),
    ("gtboxes", "CrowdHuman"),
    ("[].score", "a list of COCO results (predictions, which evaluate and check read)"),
];

/// What a list is called that says the same as folders of classes, which may be next to it.
pub(super) const CLASS_LIST: &str = "a list of pictures and class numbers, as for ImageNet";

/// Which program's file this is by its name, when the name is enough.
pub(super) fn packed(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    PACKED.iter().find(|(known, _)| *known == extension).map(|(_, words)| *words)
}

/// What a label file is that none of the readers takes, and what to do instead.
pub fn foreign_of(name: &str, head: &[u8]) -> Option<String> {
    if let Some(words) = packed(name) {
        return Some(words.to_owned());
    }
    let text = text::beginning(head);
    let trimmed = text.trim_start();
    let program = match trimmed.as_bytes().first()? {
        b'{' | b'[' => from_json(&Outline::of(trimmed))?,
        b'<' => from_xml(trimmed)?,
        _ => of_rows(trimmed)?,
    };
    Some(format!("it looks like {program}, which is not supported; export COCO or another supported format instead"))
}

fn from_json(outline: &Outline) -> Option<&'static str> {
    let is_there = |field: &str| match field.starts_with(['.', '[']) {
        true => outline.has(field) || outline.ends_with(field),
        false => outline.has(field),
    };
    // For classification it has nothing but the classes, and their numbers by the names of the pictures.
    if outline.is_list == Some(false) && outline.names(3) == ["classes", "labels"] {
        return Some("FiftyOne's own format");
    }
    // Each picture's name is a field, with a list of boxes.
    let is_by_picture = outline.has_any(&["type"]) && outline.has("labels") && outline.ends_with("[].x2");
    if is_by_picture {
        return Some("IBM Cloud Annotations");
    }
    FIELDS.iter().find(|(field, _)| is_there(field)).map(|(_, program)| *program)
}

fn from_xml(text: &str) -> Option<&'static str> {
    (text.contains("<dataset") && text.contains("<images") && text.contains("<box ")).then_some("dlib's imglab")
}

fn of_rows(text: &str) -> Option<&'static str> {
    let line = text.lines().find(|line| !line.starts_with("imagesource:") && !line.starts_with("gsd:"))?;
    if text.starts_with("imagesource:") {
        return Some("DOTA");
    }
    let starts = |names: &[&str]| names.iter().any(|name| line.starts_with(name));
    if starts(&["ImageID,"]) {
        return Some("Open Images");
    }
    if starts(&["filename,file_size,file_attributes", "#filename,file_size,file_attributes"]) {
        return Some("VIA (VGG Image Annotator)");
    }
    if starts(&["ImageId,PredictionString"]) {
        return Some("ImageNet's localization list");
    }
    let is_number = |field: &&str| field.parse::<f64>().is_ok();
    let count = |fields: &[&str]| fields.iter().filter(|field| is_number(field)).count();
    let words: Vec<&str> = line.split_whitespace().collect();
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    if is_picture(line.trim()) && is_of_faces(text) {
        return Some("WIDER Face");
    }
    match (&words[..], &cells[..]) {
        // A class and 14 or 15 numbers.
        ([class, numbers @ ..], _)
            if !is_number(class) && matches!(numbers.len(), 14 | 15) && count(numbers) == numbers.len() =>
        {
            Some("KITTI")
        }
        // Four corners in pixels, the class, and how difficult it is.
        ([corners @ .., class, _], _) if corners.len() == 8 && count(corners) == 8 && !is_number(class) => Some("DOTA"),
        // A picture and the number of its class.
        ([picture, class], _) if is_picture(picture) && class.parse::<u32>().is_ok() => Some(CLASS_LIST),
        // A picture, and for each box its corners and its class in one word.
        ([picture, boxes @ ..], _)
            if is_picture(picture) && !boxes.is_empty() && boxes.iter().all(|word| is_box_and_class(word)) =>
        {
            Some("a list of keras-yolo3")
        }
        ([..], [picture, others @ ..]) if is_picture(picture) && count(others) >= 4 => {
            Some("a table without a header, or one that is not named .csv")
        }
        // A frame, an object, and a box in pixels.
        (_, cells) if matches!(cells.len(), 9 | 10) && count(cells) == cells.len() => Some("MOT Challenge"),
        // Four corners in pixels and the text in them.
        (_, [corners @ .., text]) if corners.len() == 8 && count(corners) == 8 && !is_number(text) => Some("ICDAR"),
        _ => None,
    }
}

/// Whether behind the name of a picture there are a count and as many rows of a box and what a face is like.
fn is_of_faces(text: &str) -> bool {
    let mut lines = text.lines().skip(1);
    let count = lines.next().and_then(|line| line.trim().parse::<u32>().ok());
    let row = lines.next().unwrap_or_default();
    count.is_some()
        && row.split_whitespace().count() == 10
        && row.split_whitespace().all(|word| word.parse::<i64>().is_ok())
}

/// `left,top,right,bottom,class`.
fn is_box_and_class(word: &str) -> bool {
    let numbers: Vec<_> = word.split(',').collect();
    numbers.len() == 5 && numbers.iter().all(|number| number.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_programs_are_called_by_their_names() {
        for (name, text, program) in [
            ("a.json", r#"{"_via_settings":{},"_via_img_metadata":{"#, "VIA"),
            ("a.json", r#"{"1.jpg55":{"filename":"1.jpg","size":55,"regions":[],"file_attributes":{}}}"#, "VIA"),
            ("labels.json", r#"{"classes":["a"],"labels":{"1":[{"label":0,"bounding_box":[0,0,1,1]}]}}"#, "FiftyOne"),
            ("labels.json", r#"{"classes":["a","b"],"labels":{"1":0,"2":1}}"#, "FiftyOne"),
            ("1.json", r#"{"size":{"height":1},"objects":[{"classTitle":"a"}]}"#, "Supervisely"),
            ("1.json", r#"{"metadata":{},"instances":[{"className":"a"}]}"#, "SuperAnnotate"),
            ("1.json", r#"{"version":"2.0","item":{"name":"1","slots":[]},"annotations":[]}"#, "V7"),
            ("1.ndjson", r#"{"data_row":{"id":"a"},"projects":{}}"#, "Labelbox"),
            ("1.json", r#"[{"name":"1.jpg","labels":[{"category":"a","box2d":{"x1":1}}]}]"#, "BDD100K"),
            ("1.manifest", r#"{"source-ref":"s3://a/1.jpg","boxes":{}}"#, "SageMaker"),
            ("1.jsonl", r#"{"imageGcsUri":"gs://a/1.jpg"}"#, "Vertex"),
            ("1.json", r#"{"frames":{"1.jpg":[{"x1":1}]},"framerate":"1","inputTags":"a"}"#, "VoTT 1"),
            ("1.json", r#"{"id":1,"result":[],"task":{"id":1,"data":{"image":"1.jpg"}}}"#, "Label Studio"),
            ("1.json", r#"{"id":1,"data":{"image":"1.jpg"},"annotations":[]}"#, "Label Studio"),
            ("1.xml", "<?xml version='1.0'?><dataset><images><image file='1.jpg'><box top='1'/>", "dlib"),
            ("1.txt", "Car 0.00 0 -1.57 614.24 181.78 727.31 284.77 1.57 1.73 4.15 1.00 1.75 13.22 -1.62\n", "KITTI"),
            ("1.txt", "imagesource:GoogleEarth\ngsd:0.1\n1 2 3 4 5 6 7 8 plane 0\n", "DOTA"),
            ("1.txt", "1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 plane 0\n", "DOTA"),
            ("gt.txt", "1,1,40,60,200,120,1,1,1\n", "MOT"),
            ("gt_1.txt", "1,2,3,4,5,6,7,8,hello\n", "ICDAR"),
            ("boxes.csv", "ImageID,Source,LabelName,Confidence,XMin\n", "Open Images"),
            ("set.ZIP", "PK", "unpack"),
            ("labels.xlsx", "PK", "save the sheet as CSV"),
            ("via.csv", "filename,file_size,file_attributes,region_count,region_id\n", "VIA"),
            ("LOC.csv", "ImageId,PredictionString\nn1_1,n1 1 2 3 4\n", "ImageNet"),
            ("gt.txt", "0--Parade/0.jpg\n1\n449 330 122 149 0 0 0 0 0 0 \n", "WIDER"),
            ("val.txt", "ILSVRC2012_val_00000001.JPEG 65\n", "ImageNet"),
            ("train.txt", "a/1.jpg 1,2,30,40,0 5,6,70,80,1\n", "keras-yolo3"),
            ("ann.txt", "1.jpg,dog,0,1,1,2\n", "without a header"),
            (
                "a.json",
                r#"{"image":{"image_id":1},"annotations":[{"bbox":[1,2,3,4],"predicted_iou":0.9}]}"#,
                "Segment Anything",
            ),
            ("a.json", r#"[{"image_id":1,"category_id":1,"bbox":[1,2,3,4],"score":0.9}]"#, "COCO results"),
            ("a.jsonl", r#"{"image":"1.jpg","prefix":"detect a","suffix":"<loc0001>"}"#, "PaliGemma"),
            (
                "a.json",
                r#"{"version":"1.0","type":"localization","labels":["a"],"annotations":{"1.jpg":[{"x":0.1,"y":0.2,"x2":0.3,"y2":0.4,"label":"a"}]}}"#,
                "IBM",
            ),
            (
                "a.json",
                r#"{"metainfo":{"classes":["a"]},"data_list":[{"img_path":"1.jpg","instances":[]}]}"#,
                "MMDetection",
            ),
        ] {
            let words = foreign_of(name, text.as_bytes()).unwrap_or_default();
            assert!(words.contains(program), "{text}: {words:?}");
        }
        let own = r#"{"format":"x","classes":["a"],"labels":2}"#;
        for (name, text) in [
            ("a.json", "{}"),
            ("a.json", own),
            ("README.txt", "A set of forks.\n"),
            ("a.xml", "<html/>"),
            ("a.csv", ""),
        ] {
            assert_eq!(foreign_of(name, text.as_bytes()), None, "{text}");
        }
    }
}
