//! `tagscope check`: what looks wrong with the labels, and with --predictions what a model makes doubtful, a row each.
//! The whole project is looked at, because what is usual for a tag is known from all of it; tags and the query choose
//! what is reported.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value, json};

use super::catalogue::{Decided, findings, has_tag, list, print_list_doubts};
use super::check_args::CheckArgs;
use super::config::{Environment, ImagesChoice};
use super::end::{CommandResult, Done, Trouble};
use super::place::{self, Chosen};
use super::predictions::{print_unused, read_iteration};
use super::query;
use super::terminal::{Terminal, escaped, field};
use app::predictions::doubt_words;
use app::words;
use domain::checks::{Facts, TwinLabels};
use domain::evaluation::Doubt;
use domain::{Catalogue, Finding, Findings, ImageIx, PredictionView, Predictions, ProjectKind};
use engine::predicting::{self, Compared, ReadPredictions};
use engine::{Source, evaluating};
use service::Order;

pub(super) async fn run(
    choice: &ImagesChoice,
    args: &CheckArgs,
    is_json: bool,
    environment: &Environment,
    is_quiet: bool,
) -> CommandResult {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::open(&choice.project.place, environment, is_quiet)?;
    let mut chosen = place::images(&source, choice, Order::Newest, environment).await?;
    let tags = std::mem::take(&mut chosen.query.tags);
    let (catalogue, listed) = list(&source, &chosen, environment, &mut terminal).await?;
    let catalogue = Arc::new(place::know_sizes(&source, catalogue, &terminal).await?);
    let asks_duplicates = choice.query.as_ref().map_or(Ok(false), |wanted| wanted.asks_duplicates(&catalogue))?;
    let decided = Decided::read(chosen.project.id, environment, &terminal)?;
    let doubtful = find_doubts(&source, &chosen, &catalogue, args, environment, &mut terminal).await?;
    let (findings, failed) =
        findings(&source, &chosen, &catalogue, args, asks_duplicates, &decided, &mut terminal).await;
    let matching: Option<FxHashSet<ImageIx>> = match &choice.query {
        Some(wanted) => {
            let images = query::matching(wanted, &catalogue, &decided, &findings)?;
            Some(images.into_iter().collect())
        }
        None => None,
    };
    let matches = |finding: &Finding| match (&matching, finding.image) {
        (Some(matching), Some(image)) => matching.contains(&image),
        (Some(_), None) => false,
        (None, _) => true,
    };
    let is_told = |finding: &Finding| {
        let is_wanted = args.wants(finding.kind()) && matches(finding);
        is_wanted && (tags.is_empty() || finding.image.is_some_and(|image| has_tag(&catalogue, image, &tags)))
    };
    let (mut count, mut dismissed) = (0_u64, 0_u64);
    for known in findings.iter().filter(|known| is_told(&known.finding)) {
        if known.is_dismissed && !args.dismissed {
            dismissed += 1;
            continue;
        }
        count += 1;
        let row = if is_json { json_row(&known.finding, &catalogue) } else { text_row(&known.finding, &catalogue) };
        terminal.line(&row)?;
    }
    let mut is_whole = true;
    if let Some(doubtful) = doubtful {
        let is_tagged = |image| tags.is_empty() || has_tag(&catalogue, image, &tags);
        count += doubtful.print(&catalogue, args, matching.as_ref(), is_tagged, is_json, &mut terminal)?;
        is_whole = doubtful.is_whole;
    }
    terminal.flush()?;
    print_summary(count, dismissed, &findings, &catalogue, &terminal);
    is_whole &= print_list_doubts(&listed, &terminal);
    if listed.unreadable > 0 {
        terminal.error(&format!("Rows skipped because they could not be read: {}.", listed.unreadable));
    }
    let is_whole = is_whole && listed.unreadable == 0 && failed == 0 && !decided.is_damaged;
    Ok(if is_whole { Done::Whole } else { Done::WithSkips })
}

/// Check, image, sentence: for people.
fn text_row(finding: &Finding, catalogue: &Catalogue) -> String {
    let image = finding.image.and_then(|ix| catalogue.get(ix)).map(|image| image.id().to_string());
    let image = image.unwrap_or_else(|| "-".to_owned());
    format!("{:<13}  {image:<36}  {}", finding.kind().name(), field(&finding.message(catalogue)))
}

fn json_row(finding: &Finding, catalogue: &Catalogue) -> String {
    let image = |ix: ImageIx| catalogue.get(ix).map(|image| image.id().to_string());
    let regions: Vec<_> =
        finding.regions().filter_map(|ix| catalogue.region(ix)).map(|region| region.id.to_string()).collect();
    let tags: Vec<&str> = finding.tags().map(|tag| &*catalogue.tags().get(tag).name).collect();
    let mut row = Map::new();
    row.insert("check".to_owned(), finding.kind().name().into());
    row.insert("imageId".to_owned(), json!(finding.image.and_then(image)));
    row.insert("regionIds".to_owned(), json!(regions));
    row.insert("tags".to_owned(), json!(tags));
    row.insert("message".to_owned(), finding.message(catalogue).into());
    for (name, number) in finding.numbers() {
        let is_whole = number.fract() == 0.0 && number.abs() < 1e9;
        row.insert(name.to_owned(), if is_whole { json!(number as i64) } else { json!(number) });
    }
    match finding.facts {
        Facts::Duplicate { other, labels, .. } => {
            row.insert("otherImageId".to_owned(), json!(image(other)));
            row.insert("labels".to_owned(), labels.name().into());
            if matches!(labels, TwinLabels::OtherBoxes(_)) {
                let missing = finding.missing().and_then(|ix| catalogue.region(ix));
                row.insert("otherRegionId".to_owned(), json!(missing.map(|region| region.id.to_string())));
            }
        }
        Facts::Tiny { is_of_original, .. } => {
            row.insert("pixelsOf".to_owned(), if is_of_original { "original" } else { "listed" }.into());
        }
        Facts::More { is_least, .. } => {
            row.insert("isAtLeast".to_owned(), is_least.into());
        }
        Facts::Outlier { measure, .. } => {
            row.insert("measure".to_owned(), measure.name().into());
        }
        _ => {}
    }
    escaped(&Value::from(row).to_string()).into_owned()
}

fn print_summary(count: u64, dismissed: u64, findings: &Findings, catalogue: &Catalogue, terminal: &Terminal) {
    let images = words::count(catalogue.len() as u64, "image", "images");
    match count {
        0 => terminal.say(&format!("No findings on {images}.")),
        _ => terminal.say(&format!("{} on {images}.", words::count(count, "finding", "findings"))),
    }
    if dismissed > 0 {
        let are = if dismissed == 1 { "dismissed finding is" } else { "dismissed findings are" };
        terminal.say(&format!("{} {are} not shown; use --dismissed to include them.", words::thousands(dismissed)));
    }
    if findings.left_out() > 0 {
        terminal
            .error(&format!("{} omitted (limit reached).", words::count(findings.left_out(), "finding", "findings")));
    }
}

/// What a set of predictions makes doubtful.
struct Doubtful {
    doubts: Vec<Doubt>,
    set: ReadPredictions,
    /// Whether all of the set could be used.
    pub(super) is_whole: bool,
}

/// Reads the predictions that `args` name, a file, a folder or an iteration, and compares them with the labels.
async fn find_doubts(
    source: &Source,
    chosen: &Chosen,
    catalogue: &Arc<Catalogue>,
    args: &CheckArgs,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Option<Doubtful>, Trouble> {
    let Some(name) = &args.predictions else { return Ok(None) };
    if matches!(chosen.kind, ProjectKind::Multiclass | ProjectKind::Multilabel) {
        return Err(Trouble::Usage(
            "--predictions finds mistakes in boxes; this project has tags of whole images".to_owned(),
        ));
    }
    let (project, kind) = (chosen.project.id, chosen.kind);
    let path = Path::new(name);
    let set = if path.exists() {
        let (path, labels) = (path.to_path_buf(), args.labels.clone());
        predicting::read_files(path, labels, project, kind, Arc::clone(catalogue)).await.map_err(place::local)?
    } else {
        let iteration = place::iteration(source, &chosen.project, Some(name), environment).await.map_err(
            |trouble| match trouble {
                Trouble::NotThere(words) => Trouble::NotThere(format!("{words}, and there is no such file")),
                other => other,
            },
        )?;
        let Some(iteration) = iteration else { return Ok(None) };
        read_iteration(source, &iteration, Compared { project, kind, catalogue }, terminal).await?
    };
    let is_whole = print_unused(&set, terminal);
    let predicted = |image: &ImageIx| set.images.as_ref().is_none_or(|images| images.contains(image));
    let images: Vec<ImageIx> = catalogue.iter().map(|image| image.ix).filter(predicted).collect();
    let doubts = tokio::task::block_in_place(|| evaluating::doubts(catalogue, &set.predictions, &images));
    Ok(Some(Doubtful { doubts, set, is_whole }))
}

impl Doubtful {
    /// Prints a row for each doubt that is wanted, and says how many there are.
    pub(super) fn print(
        &self,
        catalogue: &Catalogue,
        args: &CheckArgs,
        matching: Option<&FxHashSet<ImageIx>>,
        is_tagged: impl Fn(ImageIx) -> bool,
        is_json: bool,
        terminal: &mut Terminal,
    ) -> Result<u64, Trouble> {
        let is_meant = |doubt: &&Doubt| {
            args.wants_doubt(doubt.kind)
                && matching.is_none_or(|matching| matching.contains(&doubt.image))
                && is_tagged(doubt.image)
        };
        let mut count = 0;
        for doubt in self.doubts.iter().filter(is_meant) {
            let row = match is_json {
                true => doubt_json(doubt, catalogue, &self.set.predictions),
                false => doubt_text(doubt, catalogue, &self.set.predictions),
            };
            terminal.line(&row)?;
            count += 1;
        }
        Ok(count)
    }
}

fn tag_of(doubt: &Doubt, catalogue: &Catalogue) -> Option<String> {
    let region = catalogue.region(doubt.region?)?;
    Some(catalogue.tags().get(region.tag).name.to_string())
}

fn prediction_of(doubt: &Doubt, catalogue: &Catalogue, predictions: &Predictions) -> Option<(String, PredictionView)> {
    let one = predictions.get(doubt.prediction?)?;
    Some((catalogue.tags().get(one.tag).name.to_string(), one))
}

fn doubt_text(doubt: &Doubt, catalogue: &Catalogue, predictions: &Predictions) -> String {
    let image = catalogue.get(doubt.image).map(|image| image.id().to_string()).unwrap_or_default();
    let words = doubt_words(doubt, catalogue, predictions);
    format!("{:<13}  {image:<36}  {:.2}  {}", doubt.kind.name(), doubt.score, field(&words))
}

fn doubt_json(doubt: &Doubt, catalogue: &Catalogue, predictions: &Predictions) -> String {
    let image = catalogue.get(doubt.image).map(|image| image.id().to_string());
    let region = doubt.region.and_then(|ix| catalogue.region(ix)).map(|region| region.id.to_string());
    let predicted = prediction_of(doubt, catalogue, predictions);
    let mut tags: Vec<String> = tag_of(doubt, catalogue).into_iter().collect();
    tags.extend(predicted.iter().map(|(tag, _)| tag.clone()).filter(|tag| !tags.contains(tag)).collect::<Vec<_>>());
    let mut row = Map::new();
    row.insert("check".to_owned(), doubt.kind.name().into());
    row.insert("imageId".to_owned(), json!(image));
    row.insert("regionIds".to_owned(), json!(region.into_iter().collect::<Vec<_>>()));
    row.insert("tags".to_owned(), json!(tags));
    row.insert("message".to_owned(), doubt_words(doubt, catalogue, predictions).into());
    row.insert("score".to_owned(), json!(doubt.score));
    row.insert("imageScore".to_owned(), json!(doubt.image_score));
    row.insert("iou".to_owned(), json!(doubt.iou));
    let prediction = predicted.map(|(tag, PredictionView { score, rect, .. })| {
        json!({"tag": tag, "score": score, "left": rect.left, "top": rect.top, "width": rect.width, "height": rect.height})
    });
    row.insert("prediction".to_owned(), json!(prediction));
    escaped(&Value::from(row).to_string()).into_owned()
}
