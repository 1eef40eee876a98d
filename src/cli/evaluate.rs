//! `tagscope evaluate`: predictions compared with labels, as a table or as JSON.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr as _;

use super::catalogue::print_list_doubts;
use super::check_args::EvaluateArgs;
use super::config::{Environment, ImagesChoice, ProjectChoice, TypedQuery};
use super::end::{CommandResult, Done, Trouble};
use super::place::{self, Chosen};
use super::predictions::{Saving, print_unused, read_iteration};
use super::query::{self, Found};
use super::terminal::{Terminal, escaped, field};
use app::{Failure, FailureKind, words};
use domain::evaluation::{ClassificationFigures, Confusion, MatchCounts, TagAverages};
use domain::{Catalogue, ImageIx, IterationPerformance, PerformanceFigures, TagIx};
use engine::Source;
use engine::evaluating::{self, DetectionFigures, Evaluation, Thresholds, evaluate};
use engine::predicting::{self, Compared, ReadPredictions};
use formats::predictions::outcomes::Outcomes;
use service::Order;

/// Tags up to which the confusion matrix is given: a larger one has more numbers than anybody reads.
const MOST_CONFUSED: usize = 1_000;

struct Compare<'a> {
    catalogue: &'a Catalogue,
    images: &'a [ImageIx],
    set: &'a ReadPredictions,
    thresholds: Thresholds,
    evaluation: Evaluation,
    service: Option<IterationPerformance>,
}

pub(super) async fn run(
    project: ProjectChoice,
    args: EvaluateArgs,
    is_json: bool,
    environment: &Environment,
    is_quiet: bool,
) -> CommandResult {
    let mut terminal = Terminal::new(is_quiet);
    let saving = Saving::from_args(&args)?;
    let query = args.query.map(TypedQuery::parse).transpose()?;
    if let Some(path) = args.predictions.iter().chain(&args.labels).find(|path| !path.exists()) {
        // Before a long list.
        let path = path.display().to_string();
        return Err(Trouble::Failed(Failure::bare(FailureKind::MissingFile { path })));
    }
    let choice = ImagesChoice { project, iteration: args.iteration, tags: Vec::new(), query };
    let source = place::open(&choice.project.place, environment, is_quiet)?;
    let mut chosen = place::images(&source, &choice, Order::Newest, environment).await?;
    let found = query::find(&source, &mut chosen, choice.query.as_ref(), environment, &mut terminal).await?;
    let Found { catalogue, mut images, listed, is_damaged } = found;
    let catalogue = Arc::new(place::know_sizes(&source, Arc::unwrap_or_clone(catalogue), &terminal).await?);
    let thresholds = Thresholds { score: args.score, iou: args.iou };
    let (set, service) = match args.predictions {
        Some(path) => {
            let (project, kind) = (chosen.project.id, chosen.kind);
            let set = predicting::read_files(path, args.labels, project, kind, Arc::clone(&catalogue)).await;
            (set.map_err(place::local)?, None)
        }
        None => read_with_figures(&source, &chosen, &catalogue, thresholds, &mut terminal).await?,
    };
    let mut is_whole = print_list_doubts(&listed, &terminal) && listed.unreadable == 0 && !is_damaged;
    if let Some(predicted) = &set.images {
        let all = images.len();
        images.retain(|image| predicted.contains(image));
        if images.len() < all {
            let without = words::count((all - images.len()) as u64, "image has", "images have");
            terminal.error(&format!("{without} no predictions of this iteration and is not compared."));
            is_whole = false;
        }
    }
    is_whole &= print_unused(&set, &terminal);
    // Nothing else is under way.
    let evaluation =
        tokio::task::block_in_place(|| evaluate(&catalogue, &set.predictions, &images, chosen.kind, thresholds));
    if let Some(saving) = saving {
        let judged = || evaluating::judged(&evaluation, &catalogue, &set.predictions, &images, thresholds.score);
        let judged = tokio::task::block_in_place(judged);
        let outcomes = Outcomes { catalogue: &catalogue, images: &images, judged: &judged };
        is_whole &= saving.save(outcomes, matches!(evaluation, Evaluation::Detection(_)), &terminal)?;
    }
    let compare = Compare { catalogue: &catalogue, images: &images, set: &set, thresholds, evaluation, service };
    if is_json {
        let text = compare.json().to_string();
        terminal.line(&escaped(&text))?;
    } else {
        for line in compare.table() {
            terminal.line(&line)?;
        }
    }
    terminal.flush()?;
    Ok(if is_whole { Done::Whole } else { Done::WithSkips })
}

async fn read_with_figures(
    source: &Source,
    chosen: &Chosen,
    catalogue: &Catalogue,
    thresholds: Thresholds,
    terminal: &mut Terminal,
) -> Result<(ReadPredictions, Option<IterationPerformance>), Trouble> {
    let Some(iteration) = &chosen.iteration else {
        return Err(Trouble::Usage("give --iteration or --predictions".to_owned()));
    };
    let compared = Compared { project: chosen.project.id, kind: chosen.kind, catalogue };
    let set = read_iteration(source, iteration, compared, terminal).await?;
    let Thresholds { score, iou } = thresholds;
    let figures = predicting::own_figures(source, chosen.project.id, iteration.id, score, iou).await?;
    Ok((set, figures))
}

impl Compare<'_> {
    /// Tags in the project's order that have labels or predictions, and all others but negative ones.
    fn tags(&self, occurs: impl Fn(TagIx) -> bool) -> Vec<TagIx> {
        let all = self.catalogue.tags().in_order();
        all.filter(|(tag, entry)| !entry.is_negative() || occurs(*tag)).map(|(tag, _)| tag).collect()
    }

    /// Predictions of each tag on the images, whatever their score.
    fn predicted(&self) -> Vec<u64> {
        let mut counts = vec![0_u64; self.catalogue.tags().len()];
        for image in self.images {
            for one in self.set.predictions.of(*image) {
                if let Some(count) = counts.get_mut(one.tag.index()) {
                    *count += 1;
                }
            }
        }
        counts
    }

    fn json(&self) -> Value {
        let mut root = match &self.evaluation {
            Evaluation::Detection(figures) => self.detection(figures),
            Evaluation::Classification { is_multiclass, figures } => self.classification(figures, *is_multiclass),
        };
        root.insert("service".to_owned(), json!(self.service));
        Value::from(root)
    }

    fn detection(&self, figures: &DetectionFigures) -> Map<String, Value> {
        let predicted = self.predicted();
        let counts_of = |tag: TagIx| figures.counts.tags.get(&tag).copied().unwrap_or_default();
        let tags = self.tags(|tag| counts_of(tag) != MatchCounts::default() || predicted[tag.index()] > 0);
        let rows: Vec<Value> = tags
            .iter()
            .map(|&tag| {
                let mut row = self.tag_row(tag);
                row.insert("labels".to_owned(), counts_of(tag).labels.into());
                row.insert("predictions".to_owned(), predicted[tag.index()].into());
                add_averages(&mut row, figures.averages.get(&tag).copied());
                add_counts(&mut row, counts_of(tag));
                row.into()
            })
            .collect();
        let mut root =
            self.head("detection", self.images.len() as u64, figures.counts.all.labels, predicted.iter().sum());
        root.insert("iou".to_owned(), json!(self.thresholds.iou));
        root.insert("score".to_owned(), json!(self.thresholds.score));
        add_averages(&mut root, figures.mean);
        add_counts(&mut root, figures.counts.all);
        root.insert("tags".to_owned(), rows.into());
        root.insert("confusion".to_owned(), self.confusion(&figures.counts.confusion, &tags));
        root
    }

    fn classification(&self, figures: &ClassificationFigures, is_multiclass: bool) -> Map<String, Value> {
        let tags = self.tags(|tag| figures.tags.contains_key(&tag));
        let rows: Vec<Value> = tags
            .iter()
            .map(|&tag| {
                let shares = figures.tags.get(&tag).copied().unwrap_or_default();
                let mut row = self.tag_row(tag);
                row.insert("labels".to_owned(), shares.counts.labels.into());
                row.insert("predictions".to_owned(), shares.counts.predictions.into());
                row.insert("precision".to_owned(), json!(shares.counts.precision()));
                row.insert("recall".to_owned(), json!(shares.counts.recall()));
                row.insert("f1".to_owned(), json!(shares.counts.f1()));
                row.insert("ap".to_owned(), json!(shares.ap));
                row.into()
            })
            .collect();
        let kind = "classification";
        let mut root = self.head(kind, figures.images, figures.all.labels, figures.all.predictions);
        root.insert("multilabel".to_owned(), (!is_multiclass).into());
        root.insert("score".to_owned(), json!(self.thresholds.score));
        root.insert("accuracy".to_owned(), json!(figures.accuracy));
        root.insert("ap".to_owned(), json!(figures.ap));
        root.insert("precision".to_owned(), json!(figures.all.precision()));
        root.insert("recall".to_owned(), json!(figures.all.recall()));
        root.insert("f1".to_owned(), json!(figures.all.f1()));
        root.insert("tags".to_owned(), rows.into());
        root.insert("confusion".to_owned(), self.confusion(&figures.confusion, &tags));
        root
    }

    fn head(&self, kind: &str, images: u64, labels: u64, predictions: u64) -> Map<String, Value> {
        let mut root = Map::new();
        root.insert("kind".to_owned(), kind.into());
        root.insert("images".to_owned(), images.into());
        root.insert("labels".to_owned(), labels.into());
        root.insert("predictions".to_owned(), predictions.into());
        root
    }

    fn tag_row(&self, tag: TagIx) -> Map<String, Value> {
        let entry = self.catalogue.tags().get(tag);
        let mut row = Map::new();
        row.insert("tagId".to_owned(), entry.id.to_string().into());
        row.insert("tag".to_owned(), entry.name.to_string().into());
        row
    }

    fn confusion(&self, confusion: &Confusion, tags: &[TagIx]) -> Value {
        if tags.len() > MOST_CONFUSED {
            return Value::Null;
        }
        let names = tags.iter().map(|tag| Value::from(self.catalogue.tags().get(*tag).name.to_string()));
        let names: Vec<Value> = names.chain([Value::Null]).collect();
        json!({ "tags": names, "counts": confusion.matrix(tags) })
    }

    /// The same for people.
    fn table(&self) -> Vec<String> {
        let Thresholds { score, iou } = self.thresholds;
        let count = |count: u64, one: &str, many: &str| words::count(count, one, many);
        let mut lines = Vec::new();
        let mut rows: Vec<Vec<String>> = Vec::new();
        match &self.evaluation {
            Evaluation::Detection(figures) => {
                let predicted = self.predicted();
                let all = figures.counts.all;
                lines.push(format!(
                    "{}, {}, {}; counted at a score of at least {score} and an IoU of at least {iou}.",
                    count(self.images.len() as u64, "image", "images"),
                    count(all.labels, "label", "labels"),
                    count(predicted.iter().sum(), "prediction", "predictions"),
                ));
                rows.push(heads(&["tag", "labels", "predictions", "AP", "AP50", "AP75", "found", "false", "missed"]));
                let row = |name: String, predicted: u64, averages: Option<TagAverages>, counts: MatchCounts| {
                    let mut row = vec![name, counts.labels.to_string(), predicted.to_string()];
                    row.extend(
                        [averages.map(|of| of.ap), averages.map(|of| of.ap50), averages.map(|of| of.ap75)].map(cell),
                    );
                    row.extend(
                        [counts.found, counts.false_positives(), counts.missed()].map(|count| count.to_string()),
                    );
                    row.extend(shares(counts));
                    row
                };
                for tag in self.tags(|tag| figures.counts.tags.contains_key(&tag) || predicted[tag.index()] > 0) {
                    let counts = figures.counts.tags.get(&tag).copied().unwrap_or_default();
                    rows.push(row(self.name(tag), predicted[tag.index()], figures.averages.get(&tag).copied(), counts));
                }
                rows.push(row("all".to_owned(), predicted.iter().sum(), figures.mean, all));
            }
            Evaluation::Classification { figures, .. } => {
                lines.push(format!(
                    "{}, {}; counted at a score of at least {score}. Accuracy {}.",
                    count(figures.images, "image", "images"),
                    count(figures.all.labels, "label", "labels"),
                    cell(figures.accuracy),
                ));
                rows.push(heads(&["tag", "labels", "predictions", "AP"]));
                let row = |name: String, ap: Option<f64>, counts: MatchCounts| {
                    let mut row = vec![name, counts.labels.to_string(), counts.predictions.to_string(), cell(ap)];
                    row.extend(shares(counts));
                    row
                };
                for tag in self.tags(|tag| figures.tags.contains_key(&tag)) {
                    let shares = figures.tags.get(&tag).copied().unwrap_or_default();
                    rows.push(row(self.name(tag), shares.ap, shares.counts));
                }
                rows.push(row("all".to_owned(), figures.ap, figures.all));
            }
        }
        lines.extend(aligned(&rows));
        if let Some(IterationPerformance { overall, .. }) = &self.service {
            let PerformanceFigures { precision, recall, average_precision, .. } = overall;
            let figure = |figure: &Option<f32>| cell(figure.map(f64::from));
            lines.push(format!(
                "The service's own figures: precision {}, recall {}, average precision {}.",
                figure(precision),
                figure(recall),
                figure(average_precision)
            ));
        }
        lines
    }

    fn name(&self, tag: TagIx) -> String {
        field(&self.catalogue.tags().get(tag).name)
    }
}

fn heads(first: &[&str]) -> Vec<String> {
    first.iter().chain(&["precision", "recall", "F1"]).map(|head| (*head).to_owned()).collect()
}

fn shares(counts: MatchCounts) -> [String; 3] {
    [counts.precision(), counts.recall(), counts.f1()].map(cell)
}

/// A share with three digits; a dash where there is none.
fn cell(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{share:.3}"))
}

/// Columns of one width, in which wide letters (CJK) count twice: the first to the left, the others to the right.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or_default()).collect();
    let padded = |(at, cell): (usize, &String)| {
        let room = " ".repeat(widths[at].saturating_sub(cell.width()));
        if at == 0 { format!("{cell}{room}") } else { format!("{room}{cell}") }
    };
    rows.iter().map(|row| row.iter().enumerate().map(padded).collect::<Vec<_>>().join("  ")).collect()
}

fn add_averages(row: &mut Map<String, Value>, averages: Option<TagAverages>) {
    row.insert("ap".to_owned(), json!(averages.map(|of| of.ap)));
    row.insert("ap50".to_owned(), json!(averages.map(|of| of.ap50)));
    row.insert("ap75".to_owned(), json!(averages.map(|of| of.ap75)));
}

fn add_counts(row: &mut Map<String, Value>, counts: MatchCounts) {
    row.insert("tp".to_owned(), counts.found.into());
    row.insert("fp".to_owned(), counts.false_positives().into());
    row.insert("fn".to_owned(), counts.missed().into());
    row.insert("precision".to_owned(), json!(counts.precision()));
    row.insert("recall".to_owned(), json!(counts.recall()));
    row.insert("f1".to_owned(), json!(counts.f1()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_nothing_is_a_dash() {
        let rows = [vec!["tag".to_owned(), "AP".to_owned()], vec!["a fork".to_owned(), cell(Some(0.25))]];
        assert_eq!(aligned(&rows), ["tag        AP", "a fork  0.250"]);
        assert_eq!((cell(None), cell(Some(1.0))), ("-".to_owned(), "1.000".to_owned()));
    }
}
