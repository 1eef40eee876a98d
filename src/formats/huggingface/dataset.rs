//! The lines of an `imagefolder` as they are found in the wild.

use std::io::BufRead;

use crate::dataset::{Dataset, image_of_name};
use crate::error::FormatError;
use crate::example::Examples;
use crate::lines::json_lines;
use crate::loose::text;

/// Reads a list; `names` are those of the classes, for numbers in their place.
///
/// # Errors
/// When it cannot be read, or no line of it names a file.
pub fn read_dataset(input: impl BufRead, names: &[String]) -> Result<Dataset, FormatError> {
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
        read_dataset(lines.as_bytes(), &["fork".to_owned(), "spoon".to_owned()]).expect("dataset")
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
            assert!(read_dataset(bad.as_bytes(), &[]).is_err(), "{bad}");
        }
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
