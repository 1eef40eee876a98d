//! `--query Q`: the images that a query lets through. The service cannot filter so: everything is listed first, then the
//! query is held against it with the decisions of the journal and the findings of the checks, where it asks for them: what
//! a term means here is what it means in the window.

use std::sync::Arc;

use super::catalogue::{Decided, findings, has_tag, list};
use super::check_args::CheckArgs;
use super::config::{Environment, TypedQuery};
use super::end::Trouble;
use super::place::{Chosen, know_sizes};
use super::terminal::Terminal;
use domain::changes::ImageChanges;
use domain::evaluation::JudgedPredictions;
use domain::query::Sources;
use domain::{Catalogue, Findings, ImageIx, ListingReport};
use engine::Source;

/// Everything that is listed, and those images of it that the query lets through.
pub(super) struct Found {
    pub catalogue: Arc<Catalogue>,
    pub images: Vec<ImageIx>,
    pub listed: ListingReport,
    /// Whether decisions that the query may ask for could not be read, which was said.
    pub is_damaged: bool,
}

/// Lists what is chosen and holds the query against it; without a query everything listed is chosen.
pub(super) async fn find(
    source: &Source,
    chosen: &mut Chosen,
    typed: Option<&TypedQuery>,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Found, Trouble> {
    let Some(typed) = typed else {
        let (catalogue, listed) = list(source, chosen, environment, terminal).await?;
        let images = catalogue.iter().map(|image| image.ix).collect();
        return Ok(Found { catalogue: Arc::new(catalogue), images, listed, is_damaged: false });
    };
    let mut known = Catalogue::new();
    known.set_tags(&source.tags(chosen.project.id, chosen.query.iteration).await?);
    // A tag that is not there is reported before a long list. Whether findings are requested is known then, too: they
    // depend on the images of all tags, and so does a sample.
    let program = typed.bound(&known)?;
    let asks_findings = program.asks_findings();
    // Which findings count is a matter of decisions too.
    let decided = match asks_findings || program.asks_reviews() {
        true => Decided::read(chosen.project.id, environment, terminal)?,
        false => Decided::default(),
    };
    let tags = if asks_findings || program.asks_sample() { std::mem::take(&mut chosen.query.tags) } else { Vec::new() };
    let (catalogue, listed) = list(source, chosen, environment, terminal).await?;
    let asks_pixels = asks_findings || typed.bound(&catalogue)?.asks_pixels();
    let catalogue = if asks_pixels { know_sizes(source, catalogue, terminal).await? } else { catalogue };
    let catalogue = Arc::new(catalogue);
    let findings = if asks_findings {
        let args = CheckArgs { no_duplicates: true, ..CheckArgs::default() };
        let asks_duplicates = typed.asks_duplicates(&catalogue)?;
        findings(source, chosen, &catalogue, &args, asks_duplicates, &decided, terminal).await.0
    } else {
        Findings::default()
    };
    let images = matching(typed, &catalogue, &decided, &findings)?;
    let is_tagged = |image: &ImageIx| tags.is_empty() || has_tag(&catalogue, *image, &tags);
    let images = images.into_iter().filter(is_tagged).collect();
    Ok(Found { catalogue, images, listed, is_damaged: decided.is_damaged })
}

/// The images of a catalogue that a query lets through, as these decisions and findings have it.
pub(super) fn matching(
    typed: &TypedQuery,
    catalogue: &Catalogue,
    decided: &Decided,
    findings: &Findings,
) -> Result<Vec<ImageIx>, Trouble> {
    let program = typed.bound(catalogue)?;
    let sources = Sources {
        catalogue,
        reviews: &decided.reviews,
        findings,
        changes: &ImageChanges::default(),
        predicted: &JudgedPredictions::default(),
    };
    Ok(catalogue.iter().filter(|image| program.matches(&sources, *image)).map(|image| image.ix).collect())
}
