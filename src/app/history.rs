//! The last queries of each project, the latest first. The text while somebody types is one query, not one for each term.

use serde::{Deserialize, Serialize};

use domain::ProjectId;

/// Queries that are remembered of a project.
const MOST_QUERIES: usize = 50;
/// Projects whose queries are remembered.
const MOST_PROJECTS: usize = 20;
/// Longest query that is remembered, in bytes.
const MOST_BYTES: usize = 2_000;

/// The last queries, by project, the project used last first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QueryHistory(Vec<ProjectHistory>);

/// The last queries of a project, the latest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProjectHistory {
    project: ProjectId,
    texts: Vec<String>,
}

impl QueryHistory {
    /// The last queries of a project, the latest first.
    pub fn queries(&self, project: ProjectId) -> &[String] {
        self.0.iter().find(|known| known.project == project).map_or(&[], |known| &known.texts)
    }

    /// Remembers a query that is in force now. One that continues the latest takes its place, and the beginning of the
    /// latest, as it stands while somebody deletes, is none of its own.
    pub(super) fn remember(&mut self, project: ProjectId, text: &str) {
        let text = text.trim();
        if text.is_empty() || text.len() > MOST_BYTES {
            return;
        }
        let place = self.0.iter().position(|known| known.project == project);
        let mut texts = place.map(|place| self.0.remove(place).texts).unwrap_or_default();
        match texts.first() {
            Some(latest) if latest.starts_with(text) => {}
            latest => {
                let continues = latest.is_some_and(|latest| text.starts_with(&**latest));
                texts.drain(..usize::from(continues));
                texts.retain(|known| known != text);
                texts.insert(0, text.to_owned());
                texts.truncate(MOST_QUERIES);
            }
        }
        self.0.insert(0, ProjectHistory { project, texts });
        self.0.truncate(MOST_PROJECTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn project(number: u128) -> ProjectId {
        ProjectId(Uuid::from_u128(number))
    }

    #[test]
    fn the_latest_comes_first_and_typing_is_one_query() {
        let mut history = QueryHistory::default();
        for text in
            ["tag:fork", "tag:fork review", "tag:fork review:none ", "tag:fork", "w>800", "", "tag:fork w>800", "w>800"]
        {
            history.remember(project(1), text);
        }
        assert_eq!(history.queries(project(1)), ["w>800", "tag:fork w>800", "tag:fork review:none"]);
        history.remember(project(2), "h>600");
        assert_eq!((history.queries(project(2)).len(), history.queries(project(1)).len()), (1, 3));
        for number in 0..120 {
            history.remember(project(2), &format!("{number:03}"));
            history.remember(project(number + 10), "regions>3");
        }
        assert_eq!((history.queries(project(2)).len(), history.0.len()), (MOST_QUERIES, MOST_PROJECTS));
        history.remember(project(2), &"x".repeat(MOST_BYTES + 1));
        assert_eq!(history.queries(project(2))[0], "119");
        let text = serde_json::to_string(&history).expect("JSON");
        assert_eq!(serde_json::from_str::<QueryHistory>(&text).expect("history"), history);
    }
}
