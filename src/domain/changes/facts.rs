//! What is different between the projects themselves.

use super::State;
use crate::Project;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactKind {
    Id,
    Name,
    Description,
    Domain,
    Kind,
}

impl FactKind {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Description => "description",
            Self::Domain => "domainId",
            Self::Kind => "kind",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactChange {
    pub kind: FactKind,
    pub from: String,
    pub to: String,
}

impl std::fmt::Display for FactChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self.kind {
            FactKind::Id => "id",
            FactKind::Name => "name",
            FactKind::Description => "description",
            FactKind::Domain => "domain",
            FactKind::Kind => "kind",
        };
        write!(f, "project: {what} {:?} -> {:?}", self.from, self.to)
    }
}

/// The differences between the projects. An import makes up all but the kind, from its content.
pub(super) fn differences(from: &State<'_>, to: &State<'_>) -> Vec<FactChange> {
    let (a, b) = (from.project, to.project);
    let is_made_up = (from.is_import || to.is_import) && a.id != b.id;
    let domain = |project: &Project| project.settings.domain_id.map(|id| id.to_string()).unwrap_or_default();
    let mut all = vec![(FactKind::Kind, from.kind.word().to_owned(), to.kind.word().to_owned())];
    if !is_made_up {
        all.extend([
            (FactKind::Id, a.id.to_string(), b.id.to_string()),
            (FactKind::Name, a.name.clone(), b.name.clone()),
            (FactKind::Description, a.description.clone(), b.description.clone()),
            (FactKind::Domain, domain(a), domain(b)),
        ]);
    }
    let changed = all.into_iter().filter(|(_, from, to)| from != to);
    let mut found: Vec<_> = changed.map(|(kind, from, to)| FactChange { kind, from, to }).collect();
    found.sort_by_key(|change| change.kind);
    found
}
