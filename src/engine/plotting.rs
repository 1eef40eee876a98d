//! Does the effects of [`app::statistics`]: counts, and writes plots, on threads that may wait.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::session::ProjectSession;
use super::system_fonts::SystemFonts;
use crate::failure::{self, OrFailure as _, ToFailure as _};
use app::statistics::{PlotFormat, SaveJob, SaveWhat, StatisticsEffect, StatisticsEvent};
use app::{Event, Failure};
use domain::ImageIx;
use domain::stats::{Panel, gather};
use pixels::{encode_png, plot_picture};
use storage::{Staging, write_whole};

/// Before figures of a list that still grows: a few counts a second are enough to see it grow.
const BREATH: Duration = Duration::from_millis(300);

pub(super) fn run(session: &Arc<ProjectSession>, effect: StatisticsEffect) {
    let session = Arc::clone(session);
    match effect {
        StatisticsEffect::Count { catalogue, images, stamp, is_restless } => {
            let count = move || {
                Arc::new(match images {
                    Some(images) => gather(&catalogue, images.iter().copied()),
                    None => gather(&catalogue, (0..catalogue.len() as u32).map(ImageIx)),
                })
            };
            tokio::spawn(async move {
                if is_restless {
                    tokio::select! {
                        biased;
                        () = session.cancel.cancelled() => return,
                        () = tokio::time::sleep(BREATH) => {}
                    }
                }
                let figures = tokio::task::spawn_blocking(count).await.or_failure();
                post(&session, StatisticsEvent::Counted { stamp, figures });
            });
        }
        StatisticsEffect::Save(job) => {
            tokio::spawn(async move {
                let saved = tokio::task::spawn_blocking(move || save(&job)).await;
                let saved = saved.unwrap_or_else(|error| Err(error.to_failure()));
                post(&session, StatisticsEvent::Saved(saved));
            });
        }
    }
}

fn post(session: &ProjectSession, event: StatisticsEvent) {
    session.post(Event::Statistics { generation: session.generation, event });
}

/// Writes plots: one into a file, or all into a folder that appears whole. Where it fails nothing is half-written.
fn save(job: &SaveJob) -> Result<PathBuf, Failure> {
    let fonts = SystemFonts::for_plots(&job.figures, &job.caption);
    let bytes_of = |panel, format| bytes_of(job, panel, format, &fonts);
    match job.what {
        SaveWhat::One(panel, format) => {
            let bytes = bytes_of(panel, format)?;
            write_whole(&job.path, &bytes, job.replaces).or_failure()?;
            Ok(job.path.clone())
        }
        SaveWhat::All => {
            let staging = Staging::beside(&job.path).or_failure()?;
            let has_dates = !job.figures.dates.bins.is_empty();
            for panel in Panel::ALL.into_iter().filter(|panel| has_dates || *panel != Panel::Dates) {
                for format in [PlotFormat::Png, PlotFormat::Csv] {
                    let name = format!("{}.{}", panel.file_stem(), format.extension());
                    staging.write(&name, &bytes_of(panel, format)?).or_failure()?;
                }
            }
            staging.publish().or_failure()
        }
    }
}

fn bytes_of(job: &SaveJob, panel: Panel, format: PlotFormat, fonts: &SystemFonts) -> Result<Vec<u8>, Failure> {
    match format {
        PlotFormat::Csv => Ok(job.figures.csv(panel).into_bytes()),
        PlotFormat::Png => {
            let picture = plot_picture(&job.figures, panel, &job.caption, &fonts.files());
            let picture = picture.ok_or_else(|| failure::internal("a plot has no pixels"))?;
            encode_png(&picture).or_failure()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::FailureKind;
    use domain::{Catalogue, RecordReader};

    /// Plots of one image, with or without a date.
    fn job_of(created: &str, what: SaveWhat, path: PathBuf) -> SaveJob {
        let text = format!(r#"{{"id":"70000000-0000-0000-0000-000000000001"{created},"width":8,"height":4}}"#);
        let mut catalogue = Catalogue::new();
        catalogue.append(vec![RecordReader::new().line(text.as_bytes(), 0).expect("row")]);
        let figures = Arc::new(gather(&catalogue, std::iter::once(ImageIx(0))));
        SaveJob { figures, what, path, replaces: false, caption: "Cutlery: 1 image".to_owned() }
    }

    fn job(what: SaveWhat, path: PathBuf) -> SaveJob {
        job_of(r#","created":"2024-01-01T00:00:00""#, what, path)
    }

    #[test]
    fn dates_are_not_plotted_where_no_image_has_one() {
        let folder = tempfile::tempdir().expect("folder");
        let out = save(&job_of("", SaveWhat::All, folder.path().join("plots"))).expect("saved");
        assert!(out.join("regions-per-image.png").exists());
        assert!(!out.join("images-over-time.png").exists() && !out.join("images-over-time.csv").exists());
    }

    #[test]
    fn all_plots_appear_in_a_new_folder_and_never_in_one_that_is_there() {
        let folder = tempfile::tempdir().expect("folder");
        let out = folder.path().join("plots");
        save(&job(SaveWhat::All, out.clone())).expect("saved");
        let mut names: Vec<_> =
            std::fs::read_dir(&out).expect("folder").map(|entry| entry.expect("entry").file_name()).collect();
        names.sort();
        assert_eq!(names.len(), 2 * Panel::ALL.len(), "{names:?}");
        let failure = save(&job(SaveWhat::All, out)).expect_err("taken");
        assert!(matches!(failure.kind, FailureKind::AlreadyThere { .. }));
    }

    #[test]
    fn a_picture_is_a_png_and_numbers_are_text() {
        let folder = tempfile::tempdir().expect("folder");
        let path = save(&job(SaveWhat::One(Panel::Dates, PlotFormat::Png), folder.path().join("a.png"))).expect("png");
        assert!(std::fs::read(path).expect("file").starts_with(b"\x89PNG"));
        let path = save(&job(SaveWhat::One(Panel::Tags, PlotFormat::Csv), folder.path().join("a.csv"))).expect("csv");
        assert_eq!(std::fs::read_to_string(path).expect("file"), "tag,images,regions\n");
    }
}
