//! `tagscope projects`, `iterations`, `tags`: as JSON in the service's own field names, or a row each for people.

use serde::Serialize;

use super::end::{Done, Outcome, Trouble};
use super::meant::{Environment, Place, ProjectChoice};
use super::place;
use super::terminal::{Terminal, escaped, field};

pub(super) async fn projects(chosen: &Place, environment: &Environment, is_json: bool, is_quiet: bool) -> Outcome {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::saying_waits(place::open(chosen, environment)?, is_quiet);
    let projects = source.projects().await?;
    if is_json {
        let projects: Vec<_> = projects.iter().map(|(project, _)| project).collect();
        return json(&mut terminal, &projects);
    }
    for (project, kind) in &projects {
        let created = project.created.as_deref().unwrap_or_default();
        row(&mut terminal, &[&project.id.to_string(), &project.name, kind.word(), created])?;
    }
    end(&mut terminal)
}

pub(super) async fn iterations(
    choice: &ProjectChoice,
    environment: &Environment,
    is_json: bool,
    is_quiet: bool,
) -> Outcome {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::saying_waits(place::open(&choice.place, environment)?, is_quiet);
    let (project, _) = place::project(&source, choice).await?;
    let iterations = source.iterations(project.id).await?;
    if is_json {
        return json(&mut terminal, &iterations);
    }
    for iteration in &iterations {
        let trained = iteration.trained_at.as_deref().unwrap_or_default();
        row(&mut terminal, &[&iteration.id.to_string(), &iteration.name, &iteration.status, trained])?;
    }
    end(&mut terminal)
}

pub(super) async fn tags(
    choice: &ProjectChoice,
    iteration: Option<&str>,
    environment: &Environment,
    is_json: bool,
    is_quiet: bool,
) -> Outcome {
    let mut terminal = Terminal::new(is_quiet);
    let source = place::saying_waits(place::open(&choice.place, environment)?, is_quiet);
    let (project, _) = place::project(&source, choice).await?;
    let iteration = place::iteration(&source, &project, iteration, environment).await?;
    let tags = source.tags(project.id, iteration.map(|iteration| iteration.id)).await?;
    if is_json {
        return json(&mut terminal, &tags);
    }
    for tag in &tags {
        row(&mut terminal, &[&tag.id.to_string(), &tag.name, &tag.kind, &tag.image_count.to_string()])?;
    }
    end(&mut terminal)
}

fn json<T: Serialize>(terminal: &mut Terminal, value: &T) -> Outcome {
    let text = serde_json::to_string_pretty(value).map_err(|error| Trouble::Output(error.to_string()))?;
    terminal.line(&escaped(&text))?;
    end(terminal)
}

fn row(terminal: &mut Terminal, fields: &[&str]) -> Result<(), Trouble> {
    let fields: Vec<String> = fields.iter().map(|text| field(text)).collect();
    terminal.line(&fields.join("\t"))
}

fn end(terminal: &mut Terminal) -> Outcome {
    terminal.flush()?;
    Ok(Done::Whole)
}
