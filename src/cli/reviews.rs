//! `tagscope reviews`: decisions and comments out of the journal of a project and in, in the same files as the window's.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::config::{Environment, ProjectChoice};
use super::end::{CommandResult, Done, Trouble};
use super::place::{self, local};
use super::project_args::{CellArgs, FormArgs};
use super::terminal::Terminal;
use app::review::ExportedReviews;
use app::{Settings, words};
use domain::{Decision, ProjectId, Statement};
use engine::failure::OrFailure as _;
use engine::reviewing;
use formats::ReviewFormat;
use formats::spreadsheet::Cells;
use storage::journal::{self, OpenedJournal};
use storage::{Paths, load_json};

impl From<FormArgs> for ReviewFormat {
    fn from(form: FormArgs) -> Self {
        if form.json { Self::Json } else { Self::Csv }
    }
}

impl From<CellArgs> for Cells {
    fn from(cells: CellArgs) -> Self {
        if cells.raw_csv { Self::Raw } else { Self::Safe }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub format: ReviewFormat,
    pub cells: Cells,
}

pub(super) async fn export(
    choice: &ProjectChoice,
    Form { format, cells }: Form,
    out: Option<PathBuf>,
    environment: &Environment,
    is_quiet: bool,
) -> CommandResult {
    let project = project(choice, environment, is_quiet).await?;
    let folder = paths()?.reviews_dir();
    let mut terminal = Terminal::new(is_quiet);
    let written = match out {
        Some(path) => {
            let written = reviewing::export(&folder, project, &path, format, cells).map_err(local)?;
            terminal.path(&path)?;
            written
        }
        None => {
            let read = journal::read(&folder, project).or_failure().map_err(local)?;
            let rows = read.reviews.rows();
            let mut bytes = Vec::new();
            format.write(&rows, cells, &mut bytes)?;
            terminal.data(&bytes)?;
            let left_out = read.reviews.blames().len();
            ExportedReviews { rows: rows.len(), left_out, damage: read.damage.words() }
        }
    };
    terminal.flush()?;
    terminal.say(&written.words());
    Ok(print_damage(written.damage.as_deref(), &terminal))
}

/// Says which decisions could not be read.
fn print_damage(damage: Option<&str>, terminal: &Terminal) -> Done {
    let Some(words) = damage else { return Done::Whole };
    terminal.error(words);
    Done::WithSkips
}

pub(super) async fn import(
    choice: &ProjectChoice,
    file: &Path,
    environment: &Environment,
    is_quiet: bool,
) -> CommandResult {
    // First the file: a mistake in it needs no service.
    let rows = reviewing::import(file).map_err(local)?;
    let project = project(choice, environment, is_quiet).await?;
    let paths = paths()?;
    let mut terminal = Terminal::new(is_quiet);
    let OpenedJournal { reviews, journal, notes } =
        journal::open_adopting(&paths.reviews_dir(), &paths.dismissed_dir(), project);
    for note in &notes {
        terminal.error(note);
    }
    let mut journal = journal.map_err(|why| Trouble::Output(format!("Nothing was imported. {why}")))?;
    let all = rows.len();
    let fresh = reviews.news(rows);
    let (count, known) = (fresh.len() as u64, (all - fresh.len()) as u64);
    if !fresh.is_empty() {
        let settings = load_json::<Settings>(&paths.settings_file()).value;
        let by = settings.reviewer_name(environment.user.as_deref());
        let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
        let decision = Decision { number: reviews.next_number(), at, by, statement: Statement::Import(fresh) };
        journal.append([&decision]).or_failure().map_err(local)?;
    }
    terminal.line(&count.to_string())?;
    terminal.flush()?;
    let mut said = format!("Imported {}", words::count(count, "row", "rows"));
    if known > 0 {
        let are = words::count(known, "row is", "rows are");
        said.push_str(&format!("; {are} already known or older than the local decisions"));
    }
    terminal.say(&format!("{said}."));
    // The rows are in; what the journal had lost before is not.
    Ok(if notes.is_empty() { Done::Whole } else { Done::WithSkips })
}

async fn project(choice: &ProjectChoice, environment: &Environment, is_quiet: bool) -> Result<ProjectId, Trouble> {
    let source = place::open(&choice.place, environment, is_quiet)?;
    Ok(place::project(&source, choice, environment).await?.0.id)
}

fn paths() -> Result<Paths, Trouble> {
    Paths::find().map_err(|error| Trouble::Output(format!("there is no folder for decisions: {error}")))
}
