//! `--query Q`: the images that a query lets through. The service cannot filter so: everything is listed first, then the
//! query is held against it with the decisions of the journal and the findings of the checks, where it asks for them: what
//! a term means here is what it means in the window.

use std::sync::Arc;

use super::check;
use super::check_args::CheckArgs;
use super::config::Environment;
use super::decided::{self, Decided};
use super::end::Trouble;
use super::export::list;
use super::place::{Chosen, know_sizes};
use super::terminal::Terminal;
use domain::changes::ImageChanges;
use domain::evaluation::Judged;
use domain::query::{Program, Query, QueryError, Sources, parse};
use domain::{Catalogue, CheckKind, Findings, ImageIx, Tally};
use engine::Source;

/// A query as typed, and what it means.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub text: String,
    query: Query,
}

/// Everything that is listed, and those images of it that are meant.
pub(super) struct Found {
    pub catalogue: Arc<Catalogue>,
    pub images: Vec<ImageIx>,
    pub listed: Tally,
    /// Whether decisions that the query may ask for could not be read, which was said.
    pub is_damaged: bool,
}

impl Wanted {
    /// Understands a typed query, before anything is asked of the service.
    pub(super) fn of(text: String) -> Result<Self, Trouble> {
        match parse(&text) {
            Ok(query) => Ok(Self { text, query }),
            Err(error) => Err(wrong(&text, &error)),
        }
    }

    /// Whether it asks which pictures are nearly the same, which takes long to find out.
    pub(super) fn asks_duplicates(&self, catalogue: &Catalogue) -> Result<bool, Trouble> {
        Ok(self.bound(catalogue)?.asks_finding(CheckKind::Duplicate))
    }

    fn bound(&self, catalogue: &Catalogue) -> Result<Program, Trouble> {
        let program = Program::bind(&self.query, catalogue.tags()).map_err(|error| wrong(&self.text, &error))?;
        if program.asks_predictions() {
            // Only the window has predictions in view.
            return Err(Trouble::Usage(
                "`pred`, `pred.tag`, `pred.label`, `score` and `iou` are about predictions that the window shows; here use \
                 tagscope evaluate"
                    .to_owned(),
            ));
        }
        match program.asks_changes() {
            // Only the window has another state in view.
            true => Err(Trouble::Usage(
                "`change` and `moved` are about a state that the window compares with; here use tagscope diff A B"
                    .to_owned(),
            )),
            false => Ok(program),
        }
    }
}

/// The text, a mark below the place, and what is wrong there.
fn wrong(text: &str, error: &QueryError) -> Trouble {
    Trouble::Usage(format!("invalid query:\n{}\n{error}", error.marked(text)))
}

/// Lists what is chosen and holds the query against it; without a query everything listed is meant.
pub(super) async fn find(
    source: &Source,
    chosen: &mut Chosen,
    wanted: Option<&Wanted>,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Found, Trouble> {
    let Some(wanted) = wanted else {
        let (catalogue, listed) = list(source, chosen, environment, terminal).await?;
        let images = catalogue.iter().map(|image| image.ix).collect();
        return Ok(Found { catalogue: Arc::new(catalogue), images, listed, is_damaged: false });
    };
    let mut known = Catalogue::new();
    known.set_tags(&source.tags(chosen.project.id, chosen.query.iteration).await?);
    // A tag that is not there is reported before a long list. Whether findings are requested is known then, too: they
    // depend on the images of all tags, and so does a sample.
    let program = wanted.bound(&known)?;
    let asks_findings = program.asks_findings();
    // Which findings count is a matter of decisions too.
    let decided = match asks_findings || program.asks_reviews() {
        true => decided::load(chosen.project.id, environment, terminal)?,
        false => Decided::default(),
    };
    let tags = if asks_findings || program.asks_sample() { std::mem::take(&mut chosen.query.tags) } else { Vec::new() };
    let (catalogue, listed) = list(source, chosen, environment, terminal).await?;
    let asks_pixels = asks_findings || wanted.bound(&catalogue)?.asks_pixels();
    let catalogue = if asks_pixels { know_sizes(source, catalogue, terminal).await? } else { catalogue };
    let catalogue = Arc::new(catalogue);
    let findings = if asks_findings {
        let args = CheckArgs { no_duplicates: true, ..CheckArgs::default() };
        let asks_duplicates = wanted.asks_duplicates(&catalogue)?;
        check::find(source, chosen, &catalogue, &args, asks_duplicates, &decided, terminal).await.0
    } else {
        Findings::default()
    };
    let images = matching(wanted, &catalogue, &decided, &findings)?;
    let is_tagged = |image: &ImageIx| tags.is_empty() || check::has_tag(&catalogue, *image, &tags);
    let images = images.into_iter().filter(is_tagged).collect();
    Ok(Found { catalogue, images, listed, is_damaged: decided.is_damaged })
}

/// The images of a catalogue that a query lets through, as these decisions and findings have it.
pub(super) fn matching(
    wanted: &Wanted,
    catalogue: &Catalogue,
    decided: &Decided,
    findings: &Findings,
) -> Result<Vec<ImageIx>, Trouble> {
    let program = wanted.bound(catalogue)?;
    let sources = Sources {
        catalogue,
        reviews: &decided.reviews,
        findings,
        changes: &ImageChanges::default(),
        predicted: &Judged::default(),
    };
    Ok(catalogue.iter().filter(|image| program.matches(&sources, *image)).map(|image| image.ix).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_query_is_wrong_usage_and_tells_the_place() {
        let Err(Trouble::Usage(words)) = Wanted::of("regions>=3 created>soon".to_owned()) else {
            panic!("understood");
        };
        let lines: Vec<&str> = words.lines().collect();
        assert_eq!(lines[1], "regions>=3 created>soon");
        assert_eq!(lines[2].trim_end_matches('^').len(), "regions>=3 created>".len(), "{words}");
        assert!(lines[2].contains('^') && lines.len() == 4, "{words}");
        assert!(Wanted::of("tag:fork -check:tiny review:none".to_owned()).is_ok());
    }
}
