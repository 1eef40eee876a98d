//! `--query Q` as typed and understood, before anything is asked of the service.

use super::end::Trouble;
use domain::query::{Program, Query, QueryError, parse};
use domain::{Catalogue, CheckKind};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct TypedQuery {
    pub text: String,
    query: Query,
}

impl TypedQuery {
    pub(super) fn of(text: String) -> Result<Self, Trouble> {
        match parse(&text) {
            Ok(query) => Ok(Self { text, query }),
            Err(error) => Err(wrong(&text, &error)),
        }
    }

    /// Whether it asks which pictures are nearly the same, which takes long to find out.
    pub(super) fn asks_duplicates(&self, catalogue: &Catalogue) -> Result<bool, Trouble> {
        Ok(self.bound(catalogue)?.asks_finding(CheckKind::Duplicate))
    }

    /// The query with the tags of a catalogue.
    pub(super) fn bound(&self, catalogue: &Catalogue) -> Result<Program, Trouble> {
        let program = Program::bind(&self.query, catalogue.tags()).map_err(|error| wrong(&self.text, &error))?;
        if program.asks_predictions() {
            // Only the window has predictions in view.
            return Err(Trouble::Usage(
                "`pred`, `pred.tag`, `pred.label`, `score` and `iou` are about predictions that the window shows; here use \
                 tagscope evaluate"
                    .to_owned(),
            ));
        }
        match program.asks_changes() {
            // Only the window has another state in view.
            true => Err(Trouble::Usage(
                "`change` and `moved` are about a state that the window compares with; here use tagscope diff A B"
                    .to_owned(),
            )),
            false => Ok(program),
        }
    }
}

/// The text, a mark below the place, and what is wrong there.
fn wrong(text: &str, error: &QueryError) -> Trouble {
    Trouble::Usage(format!("invalid query:\n{}\n{error}", error.marked(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_query_is_wrong_usage_and_tells_the_place() {
        let Err(Trouble::Usage(words)) = TypedQuery::of("regions>=3 created>soon".to_owned()) else {
            panic!("understood");
        };
        let lines: Vec<&str> = words.lines().collect();
        assert_eq!(lines[1], "regions>=3 created>soon");
        assert_eq!(lines[2].trim_end_matches('^').len(), "regions>=3 created>".len(), "{words}");
        assert!(lines[2].contains('^') && lines.len() == 4, "{words}");
        assert!(TypedQuery::of("tag:fork -check:tiny review:none".to_owned()).is_ok());
    }
}
