//! What was decided in the window about a project, as every command sees it: whose decisions are the own ones, what they
//! are, which findings were dismissed. A journal that is damaged is reported, and the exit status shows it too.

use super::config::Environment;
use super::end::Trouble;
use super::terminal::Terminal;
use app::Settings;
use domain::{ProjectId, Reviews};
use storage::journal::{self, ReadJournal};
use storage::{Paths, load_json};

/// The decisions of a project.
#[derive(Default)]
pub(super) struct Decided {
    /// The decisions, with the person's name set.
    pub reviews: Reviews,
    /// Whether some could not be read, which was said.
    pub is_damaged: bool,
}

/// Reads the decisions of a project.
///
/// # Errors
/// When they cannot be read at all: an answer without them would be wrong, not only poorer.
pub(super) fn load(project: ProjectId, environment: &Environment, terminal: &Terminal) -> Result<Decided, Trouble> {
    let Ok(paths) = Paths::find() else { return Ok(Decided::default()) };
    let unread = |error| Trouble::Output(format!("the decisions made in the window cannot be read: {error}"));
    let ReadJournal { mut reviews, damage } = journal::read(&paths.reviews_dir(), project).map_err(unread)?;
    let notice = journal::with_dismissed(&mut reviews, &paths.dismissed_dir(), project);
    let settings = load_json::<Settings>(&paths.settings_file()).value;
    reviews.set_reviewer(&settings.reviewer_name(environment.user.as_deref()));
    let words: Vec<String> = damage.words().into_iter().chain(notice).collect();
    words.iter().for_each(|words| terminal.error(words));
    Ok(Decided { reviews, is_damaged: !words.is_empty() })
}
