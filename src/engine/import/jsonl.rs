//! `images.jsonl`: the service's own fields, one image a line, with a folder of pictures. Rows go into the archive as
//! they are, to the digit; the picture of an image is the one that has its id at the end of its name.

use std::collections::HashMap;
use std::io::{BufRead as _, Read as _};
use std::path::Path;

use super::adding::Import;
use super::manifest::Beside;
use super::pictures::{Pictures, Place};
use super::recognize::Chosen;
use super::sink::{Imported, Target};
use super::walk::{DATASET_LIMIT, files_below, open_text};
use super::{DatasetPlace, ImportReport, Reading, made_project, not_of, title};
use crate::export::JobProgress;
use crate::failure::{OrFailure as _, OrIoFailure as _};
use app::{Failure, FailureKind};
use domain::{ImageId, ImageRow, Problem, ProjectKind, RecordReader, Tag};
use formats::dataset::id_in_stem;
use storage::archive::{IMAGES_FILE, LINE_LIMIT};
use storage::staging::measure;

/// A project holds a twentieth of it.
const MOST_LINES: u64 = 2_000_000;

/// Imports the rows; they are read and written one by one.
pub(super) fn import(
    place: &DatasetPlace,
    chosen: &Chosen,
    target: Target<'_>,
    reading: &Reading<'_>,
) -> Result<(ImportReport, Option<Imported>), Failure> {
    let file = chosen.files().next().map_or_else(|| place.path.join(IMAGES_FILE), |(file, _)| file);
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf();
    let facts = measure(&file).or_failure()?;
    refuse_other(&file)?;
    let beside = Beside::for_file(&file);
    let root = place.images.clone().unwrap_or_else(|| folder.clone());
    let pictures = pictures(&root)?;
    let folders = Pictures::given(&root);
    let mut import = Import::new(target.open()?, &[]);
    beside.tags.iter().for_each(|tag| import.tags_mut().keep(Tag { image_count: 0, ..tag.clone() }));
    for class in beside.classes() {
        import.tags_mut().keep(Tag {
            id: class.tag,
            name: class.name.clone(),
            description: None,
            kind: "Regular".to_owned(),
            image_count: 0,
        });
    }
    // An export lists the classes: a tag that is none of them marks images without objects.
    let other_kind = if beside.classes().next().is_none() { "Regular" } else { "Negative" };
    let mut has_regions = false;
    let mut has_tags = false;
    for_each_row(&file, facts.bytes, reading, &mut import, |import, number, row| {
        let place = format!("{}:{number}", file.file_name().unwrap_or_default().to_string_lossy());
        for mark in &row.tags {
            let (id, name, kind) = (mark.tag, mark.name.to_string(), other_kind.to_owned());
            import.tags_mut().keep(Tag { id, name, description: None, kind, image_count: 0 });
        }
        has_regions |= !row.regions.is_empty();
        has_tags |= !row.tags.is_empty();
        let found: Option<(&str, Place)> = pictures.get(&row.id).map(|name| (name.as_str(), folders.exact(name)));
        import.add_row(row, &place, found.as_ref().map(|(name, place)| (*name, place)))
    })?;
    let guess = if has_tags && !has_regions { ProjectKind::Multilabel } else { ProjectKind::Detection };
    let name = match beside.name() {
        Some(name) => name.to_owned(),
        None if file.file_name().is_some_and(|name| name == IMAGES_FILE) => title(&folder),
        None => title(&file),
    };
    reading.check_all_opened()?;
    import.finish(made_project(&name, &facts.sha256.to_string(), beside.kind().unwrap_or(guess))?)
}

/// A file whose first line is no object at all is something else.
fn refuse_other(file: &Path) -> Result<(), Failure> {
    let mut start = Vec::new();
    let input = open_text(file).or_read_failure(file)?;
    let read = input.take(1 << 12).read_to_end(&mut start);
    read.or_read_failure(file)?;
    match start.trim_ascii_start().first() {
        Some(b'{') | None => Ok(()),
        Some(_) => Err(not_of(file, "Its first line is not a JSON object with an image in the service's fields.")),
    }
}

fn for_each_row(
    file: &Path,
    total: u64,
    reading: &Reading<'_>,
    import: &mut Import,
    mut take: impl FnMut(&mut Import, u64, &ImageRow) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut input = open_text(file).or_read_failure(file)?;
    let (mut reader, mut line, mut done) = (RecordReader::new(), Vec::new(), 0);
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for number in 1..=MOST_LINES {
        reading.check_not_canceled()?;
        line.clear();
        let count = (&mut input).take(LINE_LIMIT).read_until(b'\n', &mut line).or_read_failure(file)? as u64;
        if count == 0 {
            return Ok(());
        }
        if count == LINE_LIMIT && !line.ends_with(b"\n") {
            // The rest of it is passed over in pieces.
            (&mut input).take(DATASET_LIMIT).skip_until(b'\n').or_read_failure(file)?;
            import.came_in(1, 0);
            import.note(&format!("{name}:{number}"), true, format!("the line is longer than {} MiB", LINE_LIMIT >> 20));
            continue;
        }
        done += count;
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        match reader.line(text, usize::try_from(number - 1).unwrap_or(usize::MAX)) {
            Ok(row) => {
                import.came_in(1, row.regions.len() as u64);
                for problem in &row.problems {
                    if matches!(problem, Problem::UnreadableRegion { .. }) {
                        import.came_in(0, 1);
                    }
                    if problem.is_loss() {
                        import.note(&format!("{name}:{number}"), true, problem.to_string());
                    }
                }
                take(import, number, &row)?;
            }
            Err(problem) => {
                import.came_in(1, 0);
                import.note(&format!("{name}:{number}"), true, problem.to_string());
            }
        }
        (reading.progress)(JobProgress { stage: "Writing", done, total, bytes: import.bytes() });
    }
    let (path, reason) = (file.display().to_string(), format!("it has more than {MOST_LINES} lines"));
    Err(Failure::bare(FailureKind::BrokenFile { path, reason }))
}

/// The pictures below a folder by the id at the end of their names, relative to it.
fn pictures(root: &Path) -> Result<HashMap<ImageId, String>, Failure> {
    let (files, _) = files_below(root, "")?;
    let mut pictures = HashMap::new();
    for name in files {
        // An archive's thumbnails and an export's drawings have the same ids.
        if name.starts_with("thumbnails/") || name.starts_with("annotated/") {
            continue;
        }
        let bare = name.rsplit('/').next().unwrap_or_default();
        let Some((stem, extension)) = bare.rsplit_once('.') else { continue };
        if let Some((_, id)) = id_in_stem(stem).filter(|_| !matches!(extension, "txt" | "xml" | "json")) {
            pictures.entry(id).or_insert(name);
        }
    }
    Ok(pictures)
}
