//! `tagscope projects`, `iterations`, `tags`: as JSON in the service's own field names, or a row each for people.
//! `tagscope images`: lists or counts, page by page in bounded memory, whatever the size of the project.

use serde::Serialize;

use super::catalogue::print_list_doubts;
use super::config::{Environment, ImagesChoice, ProjectChoice, SourceChoice};
use super::end::{CommandResult, Done, Trouble};
use super::place;
use super::query::{self, Found};
use super::terminal::{Terminal, escaped, field};
use domain::{ImageRow, ListingReport, Page, UriForm, write_image};
use engine::Source;
use service::{ListQuery, ListingKind, MAX_TAGS_A_CALL, Order, PagerOptions};

pub(super) async fn projects(
    chosen: &SourceChoice,
    environment: &Environment,
    is_json: bool,
    is_quiet: bool,
) -> CommandResult {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::open(chosen, environment, is_quiet)?;
    let projects = source.projects().await?;
    if is_json {
        let rows: Vec<_> = projects.iter().map(|(project, _)| project).collect();
        return json(&mut terminal, &rows, "projects", &projects.sentences());
    }
    for (project, kind) in projects.iter() {
        let created = project.created.as_deref().unwrap_or_default();
        row(&mut terminal, &[&project.id.to_string(), &project.name, kind.word(), created])?;
    }
    end(&mut terminal, projects.len(), "projects", &projects.sentences())
}

pub(super) async fn iterations(
    choice: &ProjectChoice,
    environment: &Environment,
    is_json: bool,
    is_quiet: bool,
) -> CommandResult {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::open(&choice.place, environment, is_quiet)?;
    let (project, _) = place::project(&source, choice, environment).await?;
    let iterations = source.iterations(project.id).await?;
    if is_json {
        return json(&mut terminal, &iterations.entries, "iterations", &iterations.sentences());
    }
    for iteration in iterations.iter() {
        let trained = iteration.trained_at.as_deref().unwrap_or_default();
        row(&mut terminal, &[&iteration.id.to_string(), &iteration.name, &iteration.status, trained])?;
    }
    end(&mut terminal, iterations.len(), "iterations", &iterations.sentences())
}

pub(super) async fn tags(
    choice: &ProjectChoice,
    iteration: Option<&str>,
    environment: &Environment,
    is_json: bool,
    is_quiet: bool,
) -> CommandResult {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::open(&choice.place, environment, is_quiet)?;
    let (project, _) = place::project(&source, choice, environment).await?;
    let iteration = place::iteration(&source, &project, iteration, environment).await?;
    let tags = source.tags(project.id, iteration.map(|iteration| iteration.id)).await?;
    if is_json {
        return json(&mut terminal, &tags.entries, "tags", &tags.sentences());
    }
    for tag in tags.iter() {
        row(&mut terminal, &[&tag.id.to_string(), &tag.name, &tag.kind, &tag.image_count.to_string()])?;
    }
    end(&mut terminal, tags.len(), "tags", &tags.sentences())
}

fn json<T: Serialize>(terminal: &mut Terminal, values: &[T], what: &str, unread: &[String]) -> CommandResult {
    let text = serde_json::to_string_pretty(values).map_err(|error| Trouble::Output(error.to_string()))?;
    terminal.line(&escaped(&text))?;
    end(terminal, values.len(), what, unread)
}

fn row(terminal: &mut Terminal, fields: &[&str]) -> Result<(), Trouble> {
    let fields: Vec<String> = fields.iter().map(|text| field(text)).collect();
    terminal.line(&fields.join("\t"))
}

/// What could not be read is reported after the list, and that there is nothing in it.
fn end(terminal: &mut Terminal, count: usize, what: &str, unread: &[String]) -> CommandResult {
    terminal.flush()?;
    if count == 0 && unread.is_empty() {
        terminal.say(&format!("There are no {what}."));
    }
    for sentence in unread {
        terminal.error(sentence);
    }
    Ok(if unread.is_empty() { Done::Whole } else { Done::WithSkips })
}

/// Rows that are written at once.
const MOST_ROWS: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub order: Order,
    pub skip: u64,
    pub take: Option<u64>,
    pub is_jsonl: bool,
}

pub(super) async fn count_images(
    choice: &ImagesChoice,
    rows: ListingKind,
    environment: &Environment,
    is_quiet: bool,
) -> CommandResult {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::open(&choice.project.place, environment, is_quiet)?;
    let mut chosen = place::images(&source, choice, Order::Newest, environment).await?;
    chosen.query.rows = rows;
    if let Some(wanted) = &choice.query {
        let found = query::find(&source, &mut chosen, Some(wanted), environment, &mut terminal).await?;
        terminal.line(&found.images.len().to_string())?;
        terminal.flush()?;
        let is_whole = print_list_doubts(&found.listed, &terminal) && !found.is_damaged;
        return Ok(if is_whole { Done::Whole } else { Done::WithSkips });
    }
    if chosen.query.tags.len() <= MAX_TAGS_A_CALL {
        let count = source.count(chosen.project.id, &chosen.query).await?;
        terminal.line(&count.to_string())?;
        terminal.flush()?;
        return Ok(Done::Whole);
    }
    // The service counts an image once a call: only the listing knows how many there are.
    let mut lister =
        Lister { terminal: &mut terminal, is_jsonl: None, buffer: Vec::new(), lost_regions: 0, printed: 0 };
    let report = lister.list(&source, chosen.project.id, chosen.query, PagerOptions::default()).await?;
    terminal.line(&report.there().to_string())?;
    terminal.flush()?;
    Ok(if print_list_doubts(&report, &terminal) { Done::Whole } else { Done::WithSkips })
}

pub(super) async fn images(
    choice: &ImagesChoice,
    rows: ListingKind,
    window: Window,
    environment: &Environment,
    is_quiet: bool,
) -> CommandResult {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::open(&choice.project.place, environment, is_quiet)?;
    let mut chosen = place::images(&source, choice, window.order, environment).await?;
    chosen.query.rows = rows;
    if let Some(wanted) = &choice.query {
        let found = query::find(&source, &mut chosen, Some(wanted), environment, &mut terminal).await?;
        return print_found(&found, window, &mut terminal);
    }
    let options = PagerOptions { skip: window.skip, take: window.take, ..PagerOptions::default() };
    let mut lister = Lister {
        terminal: &mut terminal,
        is_jsonl: Some(window.is_jsonl),
        buffer: Vec::new(),
        lost_regions: 0,
        printed: 0,
    };
    let report = lister.list(&source, chosen.project.id, chosen.query, options).await?;
    let (lost_regions, printed) = (lister.lost_regions, lister.printed);
    say_none(printed, &terminal);
    let is_whole = print_list_doubts(&report, &terminal);
    if report.unreadable > 0 {
        terminal.error(&format!("Rows skipped because they could not be read: {}.", report.unreadable));
    }
    Ok(if is_whole && report.unreadable + lost_regions == 0 { Done::Whole } else { Done::WithSkips })
}

/// Prints the images of a query; skip and take count those that it lets through.
fn print_found(found: &Found, window: Window, terminal: &mut Terminal) -> CommandResult {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let from = count(window.skip).min(found.images.len());
    let images = &found.images[from..];
    let images = &images[..window.take.map_or(images.len(), count).min(images.len())];
    let mut lister =
        Lister { terminal, is_jsonl: Some(window.is_jsonl), buffer: Vec::new(), lost_regions: 0, printed: 0 };
    for page in images.chunks(MOST_ROWS) {
        let images = page.iter().filter_map(|&ix| found.catalogue.get(ix));
        let rows = images.map(|image| ImageRow { problems: image.problems().to_vec(), ..image.to_row() }).collect();
        lister.page(&Page { rows, ..Page::default() })?;
    }
    let (lost_regions, printed) = (lister.lost_regions, lister.printed);
    say_none(printed, terminal);
    let is_whole = print_list_doubts(&found.listed, terminal) && !found.is_damaged;
    if found.listed.unreadable > 0 {
        terminal.error(&format!("Rows skipped because they could not be read: {}.", found.listed.unreadable));
    }
    Ok(if is_whole && found.listed.unreadable + lost_regions == 0 { Done::Whole } else { Done::WithSkips })
}

/// An empty list says so.
fn say_none(printed: u64, terminal: &Terminal) {
    if printed == 0 {
        terminal.say("No images match.");
    }
}

struct Lister<'a> {
    terminal: &'a mut Terminal,
    /// `None`: only counted.
    is_jsonl: Option<bool>,
    buffer: Vec<u8>,
    /// Regions that could not be read, of rows that could.
    lost_regions: u64,
    /// Images that were printed.
    printed: u64,
}

impl Lister<'_> {
    async fn list(
        &mut self,
        source: &Source,
        project: domain::ProjectId,
        query: ListQuery,
        options: PagerOptions,
    ) -> Result<ListingReport, Trouble> {
        let mut pages = source.pages(project, query, options);
        while let Some(step) = pages.next().await {
            let step = step?;
            let report = step.report;
            self.page(&step.page)?;
            let total =
                report.total.map_or(0, |total| options.take.unwrap_or(total).min(total.saturating_sub(options.skip)));
            self.terminal.progress("Listing", report.listed, total);
        }
        self.terminal.end_progress();
        self.terminal.flush()?;
        // The last word comes after the last page.
        Ok(pages.report())
    }

    fn page(&mut self, page: &Page) -> Result<(), Trouble> {
        for problem in &page.problems {
            self.terminal.error(&problem.to_string());
        }
        let Some(is_jsonl) = self.is_jsonl else { return Ok(()) };
        self.buffer.clear();
        for row in &page.rows {
            for problem in row.problems.iter().filter(|problem| problem.is_loss()) {
                self.terminal.error(&format!("image {}: {problem}", row.id));
                self.lost_regions += 1;
            }
            if is_jsonl {
                write_image(row, UriForm::Unsigned, &mut self.buffer);
            } else {
                self.buffer.extend_from_slice(row_text(row).as_bytes());
            }
            self.buffer.push(b'\n');
            self.printed += 1;
        }
        self.terminal.data(&self.buffer)?;
        // A reader at the other end sees each page when it is there.
        self.terminal.flush()
    }
}

/// Id, upload, size, number of regions, tags: for people.
fn row_text(row: &ImageRow) -> String {
    let created = row.created.map(|stamp| stamp.to_string()).unwrap_or_default();
    let tags: Vec<&str> = row.tags.iter().map(|mark| &*mark.name).collect();
    let (width, height, regions) = (row.width, row.height, row.regions.len());
    format!("{}\t{created}\t{width}x{height}\t{regions}\t{}", row.id, field(&tags.join(", ")))
}
