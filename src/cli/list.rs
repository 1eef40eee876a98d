//! `tagscope projects`, `iterations`, `tags`: as JSON in the service's own field names, or a row each for people.

use serde::Serialize;

use super::config::{Environment, Place, ProjectChoice};
use super::end::{Done, Outcome, Trouble};
use super::place;
use super::terminal::{Terminal, escaped, field};

pub(super) async fn projects(chosen: &Place, environment: &Environment, is_json: bool, is_quiet: bool) -> Outcome {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::saying_waits(place::open(chosen, environment, is_quiet)?, is_quiet);
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
) -> Outcome {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::saying_waits(place::open(&choice.place, environment, is_quiet)?, is_quiet);
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
) -> Outcome {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::saying_waits(place::open(&choice.place, environment, is_quiet)?, is_quiet);
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

fn json<T: Serialize>(terminal: &mut Terminal, values: &[T], what: &str, unread: &[String]) -> Outcome {
    let text = serde_json::to_string_pretty(values).map_err(|error| Trouble::Output(error.to_string()))?;
    terminal.line(&escaped(&text))?;
    end(terminal, values.len(), what, unread)
}

fn row(terminal: &mut Terminal, fields: &[&str]) -> Result<(), Trouble> {
    let fields: Vec<String> = fields.iter().map(|text| field(text)).collect();
    terminal.line(&fields.join("\t"))
}

/// What could not be read is reported after the list, and that there is nothing in it.
fn end(terminal: &mut Terminal, count: usize, what: &str, unread: &[String]) -> Outcome {
    terminal.flush()?;
    if count == 0 && unread.is_empty() {
        terminal.say(&format!("There are no {what}."));
    }
    for sentence in unread {
        terminal.error(sentence);
    }
    Ok(if unread.is_empty() { Done::Whole } else { Done::WithSkips })
}
