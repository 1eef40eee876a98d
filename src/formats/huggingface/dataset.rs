//! The lines of an `imagefolder` as they are found in the wild.

use std::io::BufRead;

use crate::class_names::ClassNames;
use crate::dataset::{Dataset, image_of_name};
use crate::error::FormatError;
use crate::example::Examples;
use crate::lines::json_lines;
use crate::loose::text;

/// Reads a list; `names` are those of the classes, for numbers in their place.
///
/// # Errors
/// When it cannot be read, or no line of it names a file.
pub fn read_dataset(input: impl BufRead, names: &ClassNames) -> Result<Dataset, FormatError> {
    let mut examples = Examples::new(names);
    let mut first_fault = None;
    json_lines(input, |number, line| {
        let place = format!("line {number}");
        examples.builder.image_came_in();
        match line {
            Ok(value) => {
                let name = text(&value, "file_name").ok_or_else(|| "it has no file_name".to_owned());
                match name.and_then(|name| image_of_name(name, || place.clone())) {
                    Ok(image) => examples.add(&place, &value, image),
                    Err(reason) => examples.builder.report(place, true, reason),
                }
            }
            Err(broken) => {
                examples.builder.report(place, true, broken.reason.clone());
                first_fault.get_or_insert(broken);
            }
        }
        examples.builder.resume()
    })?;
    let dataset = examples.finish();
    match first_fault {
        Some(fault) if dataset.images.is_empty() => Err(fault.into()),
        None if dataset.images.is_empty() && dataset.counts_in.0 > 0 => {
            Err(FormatError::says("no line has a file_name, as Hugging Face's imagefolder has"))
        }
        _ => Ok(dataset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ProjectKind;

    fn read(lines: &str) -> Dataset {
        read_dataset(lines.as_bytes(), &vec!["fork".to_owned(), "spoon".to_owned()].into()).expect("dataset")
    }

    #[test]
    fn lines_of_the_wild() {
        let found = read(
            "{\"file_name\":\"a/1.jpg\",\"width\":80,\"height\":60,\"objects\":{\"bbox\":[[1,2,3,4],[5,6,7,8]],\
             \"categories\":[1,\"cup\"],\"area\":[12,56]}}\n\
             {\"file_name\":\"2.jpg\",\"objects\":[{\"bbox\":[1,2,3,4],\"category\":0},{\"category\":7,\"bbox\":[9,9,9,9]},\
             {\"label\":\"cup\",\"box\":{\"xmin\":10,\"ymin\":20,\"xmax\":30,\"ymax\":50}},{\"bbox\":[1,2,3]}]}\n\
             {\"file_name\":\"3.jpg\",\"objects\":{\"bbox\":[[1,2,3,4]],\"categories\":[]}}\n\
             {\"file_name\":\"4.jpg\",\"objects\":null}\nrubbish\n{\"id\":1}\n{\"file_name\":\"..\"}\n",
        );
        assert_eq!((found.counts_in, found.images.len(), found.kind), ((7, 7), 4, Some(ProjectKind::Detection)));
        assert_eq!(found.categories, ["fork", "spoon", "cup", "class_7"]);
        let boxes =
            |at: usize| -> Vec<_> { found.images[at].boxes.iter().map(|found| (found.category, found.bbox)).collect() };
        assert_eq!(boxes(0), [(1, [1.0, 2.0, 3.0, 4.0]), (2, [5.0, 6.0, 7.0, 8.0])]);
        assert_eq!(boxes(1), [(0, [1.0, 2.0, 3.0, 4.0]), (3, [9.0, 9.0, 9.0, 9.0]), (2, [10.0, 20.0, 20.0, 30.0])]);
        assert_eq!((found.images[0].size, boxes(2).len(), boxes(3).len()), (Some((80, 60)), 0, 0));
        let places: Vec<_> = found.problems.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(places, ["line 2: objects[3]", "line 3", "line 5", "line 6", "line 7", "classes"]);
    }

    #[test]
    fn labels_say_the_kind() {
        let found = |label: &str| read(&format!("{{\"file_name\":\"b.jpg\",{label}}}"));
        let of = |label: &str| (found(label).kind, found(label).images[0].tags.clone());
        assert_eq!(of("\"label\":1"), (Some(ProjectKind::Multiclass), vec!["spoon".to_owned()]));
        assert_eq!(
            of("\"labels\":[\"cup\",0]"),
            (Some(ProjectKind::Multilabel), vec!["cup".to_owned(), "fork".to_owned()])
        );
        assert_eq!(of("\"text\":\"a caption\""), (None, vec![]));
        for bad in ["{}\n", "[1\n"] {
            assert!(read_dataset(bad.as_bytes(), &ClassNames::default()).is_err(), "{bad}");
        }
    }

    /// What is read of a line: the boxes with their names, and the tags.
    fn of_line(fields: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
        let found = read(&format!("{{\"file_name\":\"b.jpg\",{fields}}}"));
        let shown = |found: &crate::dataset::DatasetBox, names: &[String]| {
            format!("{} {:?}", names[found.category], found.bbox.map(|side| side as i64))
        };
        let boxes = found.images[0].boxes.iter().map(|of| shown(of, &found.categories)).collect();
        let told = found
            .problems
            .iter()
            .map(|problem| format!("{}{}", if problem.is_left_out { "-" } else { "~" }, problem.reason));
        (boxes, found.images[0].tags.clone(), told.collect())
    }

    #[test]
    fn labels_under_other_names_are_read_or_told() {
        for (fields, boxes, tags, told) in [
            (r#""bboxes":[[1,2,3,4],[5,6,7,8]],"labels":["cup",1.0]"#, "cup [1, 2, 3, 4];spoon [5, 6, 7, 8]", "", ""),
            (r#""bbox":[1,2,3,4],"label":0"#, "fork [1, 2, 3, 4]", "", ""),
            (r#""bbox":[],"label":"cup""#, "", "cup", ""),
            (r#""bbox":[[1,2,3,4],[5,6,7,8]],"category":["a"]"#, "", "", "-it has 2 boxes and 1 category"),
            (
                r#""faces":{"bbox":[[1,2,3,4]],"category":["a"]},"pred":{"bbox":[[9,9,9,9]]},"other_boxes":[1]"#,
                "a [1, 2, 3, 4]",
                "",
                "~the boxes were read from the field \"faces\";-fields that look like labels were not read: \"other_boxes\"",
            ),
            (
                r#""people":[{"box":{"x":1,"y":2,"width":3,"height":4},"label":"a"}]"#,
                "a [1, 2, 3, 4]",
                "",
                "~the boxes",
            ),
            (
                r#""objects":[{"xmin":1,"ymin":2,"xmax":4,"ymax":6,"label":"a"},{"x":1,"y":2,"w":3,"h":4,"class":1}]"#,
                "a [1, 2, 3, 4];spoon [1, 2, 3, 4]",
                "",
                "",
            ),
            (
                r#""objects":{"bbox":{"xmin":1,"ymin":2,"xmax":4,"ymax":6},"category":"1"}"#,
                "spoon [1, 2, 3, 4]",
                "",
                "",
            ),
            (r#""bbox":[1,2,3,4],"category":"a","tags":["indoor"]"#, "a [1, 2, 3, 4]", "indoor", ""),
            (r#""objects":7"#, "", "", "-its objects are not a list"),
            (r#""category":"cup""#, "", "cup", ""),
            (r#""class":1"#, "", "spoon", ""),
            (
                r#""fine_label":1,"coarse_label":0"#,
                "",
                "spoon",
                "-fields that look like labels were not read: \"coarse_label\"",
            ),
            (
                r#""label":"cup","category":"kitchen""#,
                "",
                "cup",
                "-fields that look like labels were not read: \"category\"",
            ),
            (r#""label":true"#, "", "", "-a label is neither a name nor a number"),
            (r#""label":-1"#, "", "", "~1 label is -1, which means no label"),
            (r#""labels":["-1","1","7"]"#, "", "spoon;7", "~1 label is -1"),
            (r#""labels":[7,7.0,8]"#, "", "class_7;class_8", "~2 class numbers have no name (3 labels)"),
            (
                r#""text":"a caption","size":3"#,
                "",
                "",
                "~no labels were found, such as objects, bbox or label; other fields are \"size\", \"text\"",
            ),
        ] {
            let (found, of_picture, reasons) = of_line(fields);
            assert_eq!(
                (found.join(";").as_str(), of_picture.join(";").as_str()),
                (boxes, tags),
                "{fields}: {reasons:?}"
            );
            let told: Vec<&str> = told.split_terminator(';').filter(|words| words.starts_with(['-', '~'])).collect();
            let is_told = told.iter().zip(&reasons).all(|(words, reason)| reason.starts_with(words));
            assert!(is_told && told.len() == reasons.len(), "{fields}: {reasons:#?}");
        }
    }

    #[test]
    fn numbers_get_the_names_of_their_own_field_only() {
        let card = "---\ndataset_info:\n  features:\n  - name: scene\n    dtype:\n      class_label:\n        names:\n          \
                    '0': day\n  - name: label\n    dtype:\n      class_label:\n        names:\n          '0': indoor\n---\n";
        let names = crate::class_names::names_of_card(card).expect("names");
        let line =
            "{\"file_name\":\"1.jpg\",\"label\":0,\"scene\":0,\"objects\":{\"bbox\":[[1,2,3,4]],\"category\":[0]}}";
        let found = read_dataset(line.as_bytes(), &names).expect("dataset");
        assert_eq!(
            (&found.categories[..], &found.images[0].tags[..]),
            (&["indoor".into(), "class_0".into()][..], &["indoor".into()][..])
        );
        assert_eq!(found.images[0].boxes[0].category, 1);
    }

    #[test]
    fn corners_in_the_place_of_sides_are_doubted() {
        let found = read(
            "{\"file_name\":\"1.jpg\",\"width\":80,\"height\":60,\"objects\":{\"bbox\":[[40,30,78,58]],\"category\":[0]}}",
        );
        assert_eq!(found.images[0].boxes[0].bbox, [40.0, 30.0, 78.0, 58.0]);
        assert!(found.problems[0].reason.contains("left, top, right and bottom"), "{:?}", found.problems);
    }
}
