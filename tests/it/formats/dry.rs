//! The dry run tells what the export then does, item by item.

use std::collections::BTreeSet;
use std::sync::Arc;

use tagscope::app::{ExportJob, Skip};
use tagscope::domain::{Catalogue, ImageIx, ProjectKind};
use tagscope::engine::Source;
use tagscope::engine::export::{ArchiveFetch, ExportOptions, dry_run};
use tagscope::formats::{EdgeRule, Format, FormatOptions, OtherTypes, SplitGroup, SplitRule};
use tagscope::storage::{Archive, ArchiveFacts, ArchiveWriter};
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use super::rig::{export_with, job, tags, three, three_pictures};

/// `three` and one more without a picture, in an archive.
fn archive(folder: &std::path::Path) -> Archive {
    let mut writer = ArchiveWriter::create(folder).expect("writer");
    let pictures = three_pictures().pictures;
    for row in three() {
        writer.add_row(&row).expect("row");
        let bytes = &pictures[&row.id];
        let (extension, bytes) = match row.id == three()[2].id {
            true => ("gif", &include_bytes!("../fuzz/corpus/image/still.gif")[..]),
            false => (if bytes.starts_with(b"\x89PNG") { "png" } else { "jpg" }, &bytes[..]),
        };
        writer.add_original(row.id, extension, bytes).expect("picture");
    }
    writer.add_row(&super::rig::row(9, (40, 30), &[])).expect("row");
    let project = job(Vec::new(), folder).project;
    let facts = ArchiveFacts { project, domains: Vec::new(), iterations: Vec::new(), tags: tags() };
    writer.finish(facts).expect("archive")
}

type Item = (String, Option<String>, Option<String>, bool);

fn items(skips: &[Skip], formats: &[Format]) -> BTreeSet<Item> {
    let mut items = BTreeSet::new();
    for skip in skips {
        // A picture that cannot be had is one item for all formats, and one for each before.
        let named: Vec<Option<String>> = match (&skip.format, skip.is_left_out) {
            (None, true) => formats.iter().map(|format| Some(format.name().to_owned())).collect(),
            (None, false) => continue,
            (format, _) => vec![format.clone()],
        };
        items.extend(
            named.into_iter().map(|format| (skip.image.clone(), skip.region.clone(), format, skip.is_left_out)),
        );
    }
    items
}

#[test]
fn what_is_told_before_is_what_is_done() {
    let home = tempdir().expect("folder");
    let archive = Arc::new(archive(&home.path().join("archive")));
    let formats: Vec<Format> =
        Format::ALL.into_iter().filter(|format| !matches!(format, Format::Crops | Format::Annotated)).collect();
    for (number, kind, edges, other_types) in [
        (1, ProjectKind::Detection, EdgeRule::Clamp, OtherTypes::Skip),
        (2, ProjectKind::Detection, EdgeRule::Drop, OtherTypes::Skip),
        (3, ProjectKind::Multilabel, EdgeRule::Clamp, OtherTypes::Skip),
        (4, ProjectKind::Multiclass, EdgeRule::Clamp, OtherTypes::Skip),
    ] {
        let mut catalogue = Catalogue::new();
        catalogue.set_tags(archive.tags());
        let images = catalogue.append(archive.page(0, 9).expect("page").rows).map(ImageIx).collect();
        let split = Some(SplitRule::parse("1/1").expect("split"));
        let job = ExportJob {
            catalogue: Arc::new(catalogue),
            images,
            kind,
            formats: formats.clone(),
            options: FormatOptions { edges, other_types, split, ..FormatOptions::default() },
            ..job(Vec::new(), &home.path().join(format!("x{number}")))
        };
        let source = Source::Archive(Arc::clone(&archive));
        let told = dry_run(&job, &source, number, &CancellationToken::new()).expect("not canceled");
        let done = export_with(job, ArchiveFetch(Arc::clone(&archive)), ExportOptions::default()).expect("export");
        assert_eq!(items(&told.items, &formats), items(&done.skips, &formats), "{number}");
        assert_eq!(told.count, told.sums.iter().map(|sum| sum.count).sum::<u64>());
        assert!(told.notes.iter().all(|note| done.notes.contains(note)), "{:?}", told.notes);
        assert_eq!(told.notes.iter().any(|note| note.contains("COCO cannot store tags")), number > 2);
        assert!(!told.has_guessed_types && told.number == number);
        assert_eq!(told.parts.iter().map(|(_, count)| count).sum::<u64>(), 3);
    }
}

#[test]
fn a_question_that_is_given_up_has_no_answer() {
    let home = tempdir().expect("folder");
    let source = Source::Archive(Arc::new(archive(&home.path().join("archive"))));
    let cancel = CancellationToken::new();
    cancel.cancel();
    assert_eq!(dry_run(&job(three(), home.path()), &source, 1, &cancel), None);
}

#[test]
fn a_key_that_no_image_has_is_told_and_nothing_is_grouped() {
    let home = tempdir().expect("folder");
    let source = Source::Archive(Arc::new(archive(&home.path().join("archive"))));
    let group = SplitGroup::Meta("nokey".to_owned());
    let split = Some(SplitRule { group, ..SplitRule::parse("80/20").expect("split") });
    let options = FormatOptions { split, ..FormatOptions::default() };
    let job = ExportJob { options, ..job(three(), &home.path().join("out")) };
    let words = "No image has the metadata key \"nokey\", so nothing was grouped.";
    let told = dry_run(&job, &source, 1, &CancellationToken::new()).expect("not canceled");
    assert!(told.notes.iter().any(|note| note == words) && told.together.is_none(), "{told:?}");
    let report = export_with(job, three_pictures(), ExportOptions::default()).expect("export");
    assert!(report.notes.iter().any(|note| note == words), "{:?}", report.notes);
}
