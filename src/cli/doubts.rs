//! `tagscope check --predictions`: labels that a model makes doubtful, a row each, the gravest first.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value, json};

use super::check_args::CheckArgs;
use super::config::Environment;
use super::end::Trouble;
use super::evaluate::{read_iteration, tell_set};
use super::place::{self, Chosen};
use super::terminal::{Terminal, escaped, field};
use app::predictions::doubt_words;
use domain::evaluation::Doubt;
use domain::{Catalogue, ImageIx, PredictionView, Predictions, ProjectKind};
use engine::Source;
use engine::evaluating;
use engine::predicting::{self, Compared, ReadPredictions};

/// What a set of predictions makes doubtful.
pub(super) struct Doubtful {
    doubts: Vec<Doubt>,
    set: ReadPredictions,
    /// Whether all of the set could be used.
    pub(super) is_whole: bool,
}

/// Reads the predictions that `args` name, a file, a folder or an iteration, and compares them with the labels.
pub(super) async fn find(
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
    let is_whole = tell_set(&set, terminal);
    let predicted = |image: &ImageIx| set.images.as_ref().is_none_or(|images| images.contains(image));
    let images: Vec<ImageIx> = catalogue.iter().map(|image| image.ix).filter(predicted).collect();
    let doubts = tokio::task::block_in_place(|| evaluating::doubts(catalogue, &set.predictions, &images));
    Ok(Some(Doubtful { doubts, set, is_whole }))
}

impl Doubtful {
    /// Prints a row for each doubt that is wanted, and says how many there are.
    pub(super) fn tell(
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
                true => json_row(doubt, catalogue, &self.set.predictions),
                false => text_row(doubt, catalogue, &self.set.predictions),
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

fn text_row(doubt: &Doubt, catalogue: &Catalogue, predictions: &Predictions) -> String {
    let image = catalogue.get(doubt.image).map(|image| image.id().to_string()).unwrap_or_default();
    let words = doubt_words(doubt, catalogue, predictions);
    format!("{:<13}  {image:<36}  {:.2}  {}", doubt.kind.name(), doubt.score, field(&words))
}

fn json_row(doubt: &Doubt, catalogue: &Catalogue, predictions: &Predictions) -> String {
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
