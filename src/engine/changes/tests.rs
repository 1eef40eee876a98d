use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::*;
use crate::choose::Unchosen;
use domain::{ImageRow, Iteration, RecordReader};
use storage::{ArchiveFacts, ArchiveWriter};

/// A row with a box, or without tags.
pub(super) fn row(number: u32, is_tagged: bool) -> ImageRow {
    let id = format!("00000000-0000-4000-8000-0000000000{number:02}");
    let region = format!(
        r#"{{"regionId":"00000000-0000-4000-8000-0000000001{number:02}","tagName":"fork","tagId":"00000000-0000-4000-8000-000000000900","left":0.1,"top":0.1,"width":0.2,"height":0.2}}"#
    );
    let tag = r#"{"tagId":"00000000-0000-4000-8000-000000000900","tagName":"fork"}"#;
    let (tags, regions) = if is_tagged { (tag, region.as_str()) } else { ("", "") };
    let text = format!(r#"{{"id":"{id}","width":80,"height":60,"tags":[{tags}],"regions":[{regions}]}}"#);
    RecordReader::new().line(text.as_bytes(), 0).expect("row")
}

fn iteration(number: u32, name: &str) -> Iteration {
    serde_json::from_value(serde_json::json!({
        "id": format!("00000000-0000-4000-8000-0000000005{number:02}"), "name": name, "status": "Completed",
    }))
    .expect("iteration")
}

pub(super) fn archive(folder: &Path, tagged: &[ImageRow], untagged: &[ImageRow], iterations: Vec<Iteration>) {
    let project = serde_json::from_value(serde_json::json!({
        "id": "00000000-0000-4000-8000-000000000007", "name": "forks", "settings": {}
    }));
    let mut writer = ArchiveWriter::create(folder).expect("writer");
    tagged.iter().for_each(|row| writer.add_row(row).expect("row"));
    untagged.iter().for_each(|row| writer.add_untagged(row).expect("row"));
    let facts = ArchiveFacts { project: project.expect("project"), domains: Vec::new(), iterations, tags: Vec::new() };
    writer.finish(facts).expect("archive");
}

pub(super) fn read(typed: &str, has_untagged: bool) -> Result<LoadedState, StateError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    let far = || Err(crate::failure::canceled());
    runtime.block_on(load_folder(typed.as_ref(), has_untagged, |_| (), far, CancellationToken::new()))
}

fn path(folder: &Path) -> String {
    folder.to_str().expect("UTF-8").to_owned()
}

#[test]
fn one_of_several_iterations_with_the_same_name_is_asked_for_by_its_id() {
    let home = tempfile::tempdir().expect("home");
    let folder = home.path().join("a");
    archive(&folder, &[row(1, true)], &[], vec![iteration(1, "Iteration 1"), iteration(2, "Iteration 1")]);
    let unchosen = |typed: &str| match read(typed, false) {
        Err(StateError::Unchosen(why)) => why,
        other => panic!("{other:?}"),
    };
    let typed = format!("{}#Iteration 1", path(&folder));
    let Unchosen::Unclear(words) = unchosen(&typed) else { panic!("not there") };
    assert!(words.contains("0000000501") && words.contains("0000000502"), "{words}");
    let Unchosen::NotThere(words) = unchosen(&format!("{}#Iteration 9", path(&folder))) else { panic!("unclear") };
    assert!(words.contains("Iteration 9"), "{words}");
    let failure = Failure::from(StateError::from(unchosen(&typed)));
    assert!(failure.headline().starts_with("Several iterations are named"), "{}", failure.headline());
}

#[test]
fn a_dataset_without_images_is_refused() {
    let home = tempfile::tempdir().expect("home");
    let file = home.path().join("empty.json");
    let refused = |text: &str| {
        std::fs::write(&file, text).expect("file");
        match read(&path(&file), true) {
            Err(StateError::Failed(failure)) => failure.full_text(),
            other => panic!("{other:?}"),
        }
    };
    let categories = r#""categories":[{"id":1,"name":"fork"}]"#;
    let words = refused(&format!(r#"{{"images":[],"annotations":[],{categories}}}"#));
    assert!(words.contains("empty.json") && words.contains("there are no images in it"), "{words}");
    // Its only image has no size, neither in the file nor in a picture.
    let image = r#"{"id":1,"file_name":"a.jpg"}"#;
    let annotation = r#"{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,2,2]}"#;
    let words = refused(&format!(r#"{{"images":[{image}],"annotations":[{annotation}],{categories}}}"#));
    assert!(words.contains("its only image could not be read") && words.contains("a.jpg"), "{words}");
}

#[test]
fn an_archive_is_read_with_and_without_its_untagged_images() {
    let home = tempfile::tempdir().expect("home");
    let folder = home.path().join("a");
    // Image 2 is in both files.
    let tagged = [row(1, true), row(2, true)];
    archive(&folder, &tagged, &[row(2, false), row(3, false)], Vec::new());
    let without = read(&path(&folder), false).expect("state");
    assert_eq!((without.catalogue.len(), without.doubts.len()), (2, 0), "{:?}", without.doubts);
    let with = read(&path(&folder), true).expect("state");
    assert_eq!((with.catalogue.len(), with.catalogue.region_count()), (3, 2));
    assert!(!with.is_incomplete);
    assert!(with.doubts[0].contains("1 row repeats an image"), "{:?}", with.doubts);
}
