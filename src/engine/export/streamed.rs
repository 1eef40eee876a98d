//! Pictures on their way straight from an archive into the file that holds them: each is read once, and while some are
//! written the next ones are read and looked at.
//!
//! Only for one format, and only where what it writes of an image depends on no other image: in the order of the list, without
//! parts, and with nothing converted.

use std::borrow::Cow;
use std::cell::Cell;
use std::iter;
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::export_log::ExportLog;
use super::folder::{Ahead, StagedFolder};
use super::labels::write_into;
use super::layout::{Placed, lay_out};
use super::pictures::Portion;
use super::{Fetch, Plan, joined, pictures};
use app::{ExportJob, Failure};
use formats::{Format, OtherTypes};

/// Such portions that wait to be written.
const WAITING: usize = 2;

/// The format that can be written so.
pub(super) fn format_of(job: &ExportJob) -> Option<Format> {
    let [format] = job.formats[..] else { return None };
    let options = &job.options;
    let is_one_by_one =
        options.split.is_none() && options.other_types != OtherTypes::Convert && !format.is_shuffled(options);
    (format.packs_pictures() && is_one_by_one).then_some(format)
}

/// Reads all pictures and writes the format; its notes come apart, since they follow those about the pictures.
pub(super) async fn write<F: Fetch>(
    plan: &Arc<Plan>,
    fetch: &F,
    parallel: usize,
    format: Format,
    log: &mut ExportLog,
) -> Result<(Vec<Placed>, ExportLog), Failure> {
    let (give, given) = mpsc::channel(WAITING);
    let shared = Arc::clone(plan);
    let writing = plan.writes.spawn_blocking(move || write_given(&shared, format, given));
    let placed = pictures::fetch_all(plan, fetch, parallel, Some(give), log).await;
    let written = joined(writing).await;
    Ok((placed?, written?))
}

fn write_given(plan: &Plan, format: Format, mut given: mpsc::Receiver<Portion>) -> Result<ExportLog, Failure> {
    let mut log = ExportLog::default();
    let slot = Rc::new(Cell::new(None));
    let pictures = Ahead::from_slot(Rc::clone(&slot));
    let folder = StagedFolder::new(plan, format.prefix(&plan.job.formats), Some(pictures));
    let files = iter::from_fn(|| given.blocking_recv()).flatten().map(|(file, bytes)| {
        slot.set(Some((file.ix, Ok(bytes.into()))));
        (0, Cow::Owned(file))
    });
    write_into(&folder, plan, (files, None), &lay_out(&plan.job, &[]), format, &mut log)?;
    Ok(log)
}
