//! Findings that an earlier version kept dismissed in a file of their own: where they come from, and how those who only
//! read the journal see them. Opening the journal moves them into it ([`super::open_adopting`]).

use std::path::Path;

use crate::dismissed;
use domain::{Act, Decision, FindingKey, ProjectId, Reviews};

/// What is to be taken over.
#[derive(Default)]
pub(super) struct Adopted {
    pub(super) keys: Vec<FindingKey>,
    /// What is to be said about the file.
    pub(super) notice: Option<String>,
}

impl Adopted {
    /// Reads the file of a project in `folder`; nothing, and why, when it cannot be used.
    pub(super) fn read(folder: &Path, project: ProjectId) -> Self {
        match dismissed::load(folder, project) {
            Ok((dismissed, notice)) => Self { keys: dismissed.into(), notice },
            Err(error) => {
                let notice = format!("The findings dismissed in an earlier version cannot be read: {error}");
                Self { keys: Vec::new(), notice: Some(notice) }
            }
        }
    }

    /// The entry that holds them. Its number is 0: no undo reaches it.
    pub(super) fn entry(&self) -> Option<Decision> {
        let act = Act::KeptDismissed(self.keys.clone());
        (!self.keys.is_empty()).then(|| Decision { number: 0, at: 0, by: "".into(), act })
    }

    /// Adds them to decisions that were only read.
    pub(super) fn add_to(&self, reviews: &mut Reviews) {
        if let Some(entry) = self.entry() {
            // It refers to no other entry, so it always fits.
            let _ = reviews.apply(&entry);
        }
    }
}

/// Adds the findings that an earlier version kept dismissed in `folder` to decisions that were only read; what is to be
/// said about the file.
pub fn with_dismissed(reviews: &mut Reviews, folder: &Path, project: ProjectId) -> Option<String> {
    let adopted = Adopted::read(folder, project);
    adopted.add_to(reviews);
    adopted.notice
}
