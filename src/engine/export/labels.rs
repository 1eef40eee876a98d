//! The formats of an export, one after the other, image by image.

use std::borrow::Cow;
use std::sync::Arc;
use std::thread;

use super::drawn::PictureMaker;
use super::export_log::{ExportLog, Written};
use super::folder::{Ahead, StagedFolder};
use super::layout::{Layout, Placed, lay_out, order};
use super::{JobProgress, Plan, verify};
use crate::failure::OrFailureAt as _;
use crate::parallel;
use app::{ExportJob, Failure, FailureKind, words};
use domain::{ImageView, ProjectKind};
use formats::by_format::{begin, main_file};
use formats::rules::is_classification;
use formats::rules::{Repeated, repeated};
use formats::spreadsheet::{self, Cells};
use formats::{Format, Head, JudgedImage, OtherTypes, Picture, PixelChoice, RegionFate, Writer, azureml, judge};

/// What cannot be: reported before anything is downloaded.
pub(super) fn refuse(job: &ExportJob) -> Result<(), Failure> {
    for format in &job.formats {
        if job.pixels == PixelChoice::None && format.rules(job.kind).needs_picture {
            let reason = "it consists of pictures, so export original or resized pictures with it".to_owned();
            return Err(Failure::bare(FailureKind::Files { path: format.label().to_owned(), reason }));
        }
    }
    Ok(())
}

/// Whether a chosen format's readers do not take pictures of this type, and they are to be converted.
pub(super) fn is_to_be_converted(job: &ExportJob, extension: &str) -> bool {
    job.options.other_types == OtherTypes::Convert
        && extension != "bin"
        && job.formats.iter().any(|format| format.rules(job.kind).refused.contains(&extension))
}

/// Writes all formats that were requested; of one that is written already, `streamed` is what is to be said.
pub(super) fn write_all(
    plan: &Plan,
    placed: &[Placed],
    streamed: Option<ExportLog>,
    log: &mut ExportLog,
) -> Result<(), Failure> {
    let layout = Arc::new(lay_out(&plan.job, placed));
    log.layout = Arc::clone(&layout);
    note_layout(plan, &layout, log);
    if let Some(streamed) = streamed {
        log.take_in(streamed);
        return Ok(());
    }
    for format in Format::ALL.into_iter().filter(|format| plan.job.formats.contains(format)) {
        write_one(plan, placed, &layout, format, log)?;
    }
    Ok(())
}

/// Takes the first names of the pictures away where every format has its own. Last of all: until then an export that is
/// killed finds its pictures again.
pub(super) fn tidy(plan: &Plan, placed: &[Placed], log: &ExportLog) -> Result<(), Failure> {
    if plan.job.pixels == PixelChoice::None || log.layout.has_shared_pictures {
        return Ok(());
    }
    let staged: Vec<&Placed> = placed.iter().filter(|file| file.is_staged).collect();
    let remove = |at: usize| plan.staging.remove(&staged[at].name).or_failure_at(plan.staging.target());
    parallel::each_waiting(staged.len(), remove)?;
    // Not empty when the format itself has its pictures below.
    let _ = std::fs::remove_dir(plan.staging.path().join("images"));
    verify::names(plan, &[], log)
}

fn note_layout(plan: &Plan, layout: &Layout, log: &mut ExportLog) {
    let job = &plan.job;
    if let Some(rule) = &job.options.split {
        log.notes.push(format!("The dataset is split {}.", rule.words()));
        let together = layout.together.map(|together| words::grouping(&rule.group, &together) + ".");
        log.notes.extend(layout.no_groups.clone().or(together));
        for part in rule.parts() {
            if !layout.parts.contains(part) {
                log.notes.push(format!("The split {} has no images.", part.name()));
            }
        }
        let whole: Vec<_> = [Format::Csv, Format::Jsonl, Format::Annotated]
            .into_iter()
            .filter(|format| job.formats.contains(format))
            .map(Format::label)
            .collect();
        if !whole.is_empty() {
            log.notes.push(format!("{} cannot store the split; all images are together.", whole.join(", ")));
        }
    }
    let deleted = layout.classes.classes().iter().filter(|class| class.is_deleted).count();
    if deleted > 0 {
        log.notes.push(format!(
            "Classes of the earlier export that are no longer in the project: {deleted}. They keep their numbers, \
             without labels."
        ));
    }
    if job.formats.contains(&Format::Csv) {
        let mut names = layout.classes.classes().iter().map(|class| class.name.as_str());
        if names.any(spreadsheet::is_formula) {
            log.notes.push(match job.options.cells {
                Cells::Safe => {
                    "Tags in regions.csv that a spreadsheet would run as a formula have a leading apostrophe. \
                     Tagscope removes it when it reads the file."
                        .to_owned()
                }
                Cells::Raw => {
                    "Some tags in regions.csv look like formulas, and a spreadsheet would run them. Do not open the \
                     file in a spreadsheet."
                        .to_owned()
                }
            });
        }
    }
    let labels: Vec<_> = [Format::HuggingFace, Format::WebDataset, Format::Parquet]
        .into_iter()
        .filter(|format| job.formats.contains(format))
        .map(Format::label)
        .collect();
    let negative = job.catalogue.tags().iter().find(|(_, entry)| entry.is_negative() && entry.image_count > 0);
    if let Some((_, entry)) = negative.filter(|_| !labels.is_empty()) {
        log.notes.push(format!(
            "The negative tag {:?} is not a class and is not in {}{}.",
            entry.name,
            labels.join(", "),
            if is_classification(job.kind) { "" } else { "; an image without labels means the same" }
        ));
    }
    if job.formats.contains(&Format::AzureMl) && job.options.azureml_url.is_none() {
        log.notes.push(format!(
            "Azure ML finds the pictures by URL, which is not known yet, so {} is used as a placeholder. Upload the \
             images folder, then set the URL with: tagscope rewrite-azureml-url FOLDER URL.",
            azureml::PLACEHOLDER
        ));
    }
    if job.formats.contains(&Format::AzureMl) && job.pixels == PixelChoice::None {
        log.notes.push(
            "No pictures were exported, so their types are not known, and the URLs in the Azure ML lists have no file \
             extension."
                .to_owned(),
        );
    }
    if job.formats.contains(&Format::AzureMl) && !job.options.are_negatives_left_out {
        log.notes.push(
            "Images without labels are in the Azure ML lists with an empty label list. It is not documented whether \
             AutoML accepts them. If it does not, export again without negatives."
                .to_owned(),
        );
    }
}

/// Labels by a writer, or pictures made of the originals.
enum Work<'a> {
    Labels(Box<dyn Writer + 'a>),
    Pictures(PictureMaker<'a>),
}

fn write_one(
    plan: &Plan,
    placed: &[Placed],
    layout: &Layout,
    format: Format,
    log: &mut ExportLog,
) -> Result<(), Failure> {
    let order = order(&plan.job, placed, format);
    let reads_pictures = format.packs_pictures() || matches!(format, Format::Crops | Format::Annotated);
    let reads_pictures = reads_pictures && plan.job.pixels != PixelChoice::None;
    thread::scope(|scope| {
        let pictures = reads_pictures.then(|| Ahead::begin(scope, plan, placed, &order));
        let folder = StagedFolder::new(plan, format.prefix(&plan.job.formats), pictures);
        let total = placed.len() as u64;
        let files = order.iter().map(|&at| (at as usize, Cow::Borrowed(&placed[at as usize])));
        write_into(&folder, plan, (files, Some(total)), layout, format, log)
    })
}

/// Writes a format image by image, unless canceled; with progress if `total` is known. Each image comes with its place.
pub(super) fn write_into<'p>(
    folder: &StagedFolder<'_>,
    plan: &Plan,
    (files, total): (impl Iterator<Item = (usize, Cow<'p, Placed>)>, Option<u64>),
    layout: &Layout,
    format: Format,
    log: &mut ExportLog,
) -> Result<(), Failure> {
    let job = &plan.job;
    let rules = format.rules(job.kind);
    let names = layout.classes.names(format, is_classification(job.kind));
    let head = Head {
        project: job.project.id,
        project_name: &job.project.name,
        kind: job.kind,
        classes: layout.classes.classes(),
        names: &names,
        options: &job.options,
        parts: &layout.part_list,
    };
    let target = plan.staging.target();
    let mut work = match begin(format, &head, folder).or_failure_at(target)? {
        Some(writer) => Work::Labels(writer),
        None => Work::Pictures(PictureMaker::new(format, &head, folder)),
    };
    let (mut images, mut regions, mut lost_tags) = (0, 0, 0);
    let progress = |done| {
        if let Some(total) = total {
            (plan.progress)(JobProgress { stage: "Writing", done, total, bytes: 0 });
        }
    };
    for (done, (at, file)) in (1..).zip(files) {
        plan.check_canceled()?;
        let Some(image) = plan.job.catalogue.get(file.ix) else { continue };
        let picture = Picture { path: &file.name, width: file.width, height: file.height };
        let part = layout.parts.get(at).copied().unwrap_or_default();
        let JudgedImage { item, fates, lost_tags: lost } =
            judge(rules, &job.options, &layout.classes, image, picture, part);
        let pushed = match (&item, &mut work) {
            (Err(reason), _) => Err(reason.clone()),
            (Ok(item), Work::Labels(writer)) => writer.push(item).map(Ok).or_failure_at(target)?,
            (Ok(item), Work::Pictures(maker)) => maker.push(item).or_failure_at(target)?,
        };
        if let Err(reason) = pushed {
            log.miss_image(image, Some(format), reason);
            progress(done);
            continue;
        }
        images += 1;
        lost_tags += lost;
        let is_written = |place: usize| fates.get(place).is_none_or(|fate| !fate.is_left_out());
        for Repeated { region, reason } in repeated(format, image, is_written) {
            match region {
                Some(place) => log.change_region(image, place, format, reason),
                None => log.change_image(image, format, reason),
            }
        }
        for (at, fate) in fates.into_iter().enumerate() {
            regions += u64::from(!fate.is_left_out());
            itemize(log, image, at, format, fate);
        }
        progress(done);
    }
    let notes = match work {
        Work::Labels(writer) => {
            writer.finish().or_failure_at(target)?;
            Vec::new()
        }
        Work::Pictures(maker) => maker.notes(),
    };
    log.notes.extend(notes);
    note_format(job, layout, format, &names, lost_tags, log);
    let name = format!("{}{}", format.prefix(&job.formats), main_file(format, job.kind, layout.part_list.len() > 1));
    log.written.push(Written { format, name, images, regions });
    log.files.extend(folder.files());
    Ok(())
}

/// What a format changes or cannot hold.
fn note_format(
    job: &ExportJob,
    layout: &Layout,
    format: Format,
    names: &[String],
    lost_tags: usize,
    log: &mut ExportLog,
) {
    let label = format.label();
    log.notes.extend(note_of_tags(job.kind, format, lost_tags));
    for (class, name) in layout.classes.classes().iter().zip(names) {
        if class.name != *name {
            log.notes.push(format!("{label} cannot store the name {:?}; it is named {name:?} there.", class.name));
        }
    }
}

/// What becomes of the tags of whole images, `lost` of which the format has no place for.
pub(super) fn note_of_tags(kind: ProjectKind, format: Format, lost: usize) -> Option<String> {
    if format == Format::Coco {
        return is_classification(kind).then(|| {
            "This is a classification project, and COCO cannot store tags of whole images. They are in the field \
             custom_vision.tags of each image, which other readers ignore. JSON lines stores them in the service's \
             form."
                .to_owned()
        });
    }
    (lost > 0).then(|| format!("Tags of whole images that {} cannot store: {lost}.", format.label()))
}

fn itemize(log: &mut ExportLog, image: ImageView<'_>, at: usize, format: Format, fate: RegionFate) {
    match fate.reason() {
        Some(reason) if fate.is_left_out() => log.miss_region(image, at, format, reason),
        Some(reason) => log.change_region(image, at, format, reason),
        None => {}
    }
}
