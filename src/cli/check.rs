//! `tagscope check`: what looks wrong with the labels, a row each. The whole project is looked at, because what is usual
//! for a tag is known from all of it; tags and the query choose what is reported.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value, json};

use super::catalogue::{findings, has_tag, list, tell_list};
use super::check_args::CheckArgs;
use super::config::{Environment, ImagesChoice};
use super::decided;
use super::doubts;
use super::end::{Done, Outcome};
use super::place;
use super::query;
use super::terminal::{Terminal, escaped, field};
use app::words;
use domain::checks::{Facts, TwinLabels};
use domain::{Catalogue, Finding, Findings, ImageIx};
use service::Order;

pub(super) async fn run(
    choice: &ImagesChoice,
    args: &CheckArgs,
    is_json: bool,
    environment: &Environment,
    is_quiet: bool,
) -> Outcome {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::saying_waits(place::open(&choice.project.place, environment, is_quiet)?, is_quiet);
    let mut chosen = place::images(&source, choice, Order::Newest, environment).await?;
    let tags = std::mem::take(&mut chosen.query.tags);
    let (catalogue, listed) = list(&source, &chosen, environment, &mut terminal).await?;
    let catalogue = Arc::new(place::know_sizes(&source, catalogue, &terminal).await?);
    let asks_duplicates = choice.query.as_ref().map_or(Ok(false), |wanted| wanted.asks_duplicates(&catalogue))?;
    let decided = decided::load(chosen.project.id, environment, &terminal)?;
    let doubtful = doubts::find(&source, &chosen, &catalogue, args, environment, &mut terminal).await?;
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
        count += doubtful.tell(&catalogue, args, matching.as_ref(), is_tagged, is_json, &mut terminal)?;
        is_whole = doubtful.is_whole;
    }
    terminal.flush()?;
    tell(count, dismissed, &findings, &catalogue, &terminal);
    is_whole &= tell_list(&listed, &terminal);
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

fn tell(count: u64, dismissed: u64, findings: &Findings, catalogue: &Catalogue, terminal: &Terminal) {
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
