//! The terms of the language: the one table that the parser, the completion and the help read.

use super::ast::Measure;

/// A term, known by its name before the sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    Tag,
    Measure(Measure),
    Size,
    Created,
    Meta,
    Id,
    Review,
    Comment,
    Check,
    Change,
    Predicted,
    PredictedTag,
    PredictedLabel,
    /// Who was found to be wrong about it.
    PredictedReview,
    Sample,
}

#[derive(Clone, Copy, Debug)]
pub struct TermRow {
    pub term: Term,
    /// Its name in a query; of metadata the part before the key.
    pub name: &'static str,
    pub meaning: &'static str,
    /// How it is written, most telling first, separated by spaces.
    pub examples: &'static str,
}

/// Every term in the order of the help.
pub const TERMS: [TermRow; 30] = [
    row(
        Term::Tag,
        "tag",
        "a tag of the image or of one of its regions",
        r#"tag:fork tag:"two words" tag:none tag:any"#,
    ),
    row(Term::Measure(Measure::Regions), "regions", "number of regions", "regions>=3 regions:1..5 regions=0"),
    row(Term::Measure(Measure::RegionWidth), "rw", "width of a region, px or %", "rw<20px rw>50%"),
    row(Term::Measure(Measure::RegionHeight), "rh", "height of a region, px or %", "rh<20px rh>50%"),
    row(
        Term::Measure(Measure::Area),
        "area",
        "area of a region, px or % of the image",
        "area<0.5% area>5000px area:1%..5%",
    ),
    row(Term::Measure(Measure::Aspect), "aspect", "width of a region divided by its height", "aspect>4 aspect<0.25"),
    row(Term::Measure(Measure::Left), "left", "left edge of a region, px or %", "left<2%"),
    row(Term::Measure(Measure::Top), "top", "top edge of a region, px or %", "top>50%"),
    row(Term::Measure(Measure::Right), "right", "right edge of a region, px or %", "right>98%"),
    row(Term::Measure(Measure::Bottom), "bottom", "bottom edge of a region, px or %", "bottom<50%"),
    row(Term::Measure(Measure::Width), "w", "width of the image in px", "w>800 w:640..1280"),
    row(Term::Measure(Measure::Height), "h", "height of the image in px", "h<=600"),
    row(Term::Measure(Measure::Pixels), "pixels", "width times height of the image", "pixels>1000000"),
    row(Term::Size, "size", "width and height of the image", "size:800x600"),
    row(
        Term::Created,
        "created",
        "when it was uploaded (UTC)",
        "created>2024-01-01 created:2024-01 created:2023..2024-06 created:none",
    ),
    row(
        Term::Meta,
        "meta.",
        "metadata: the key, and its value",
        r#"meta.camera=c1 meta.camera meta."shift no"="3 b" meta.iso>400"#,
    ),
    row(Term::Id, "id", "start of the image's id", "id:26571c15"),
    row(Term::Review, "review", "review state", "review:none review:accepted review:disagree"),
    row(Term::Comment, "comment", "reviewer comments", "comment:any comment:blurred comment:none"),
    row(
        Term::Sample,
        "sample",
        "a random sample of each tag, or of the tag next to it; a number after # chooses another sample",
        "sample:50 sample:50#2",
    ),
    row(Term::Check, "check", "findings", "check:overlap check:any check:none"),
    row(Term::Measure(Measure::Findings), "findings", "number of findings", "findings>=2"),
    row(
        Term::Change,
        "change",
        "changes since the compared state",
        "change:moved change:retagged change:any change:none",
    ),
    row(Term::Measure(Measure::Moved), "moved", "how far a region moved since the compared state, px", "moved>5px"),
    row(
        Term::Predicted,
        "pred",
        "outcome of a prediction or label at the chosen score and IoU",
        "pred:false pred:missed pred:swapped pred:misplaced pred:match pred:any pred:none",
    ),
    row(Term::PredictedTag, "pred.tag", "tag of a prediction", r#"pred.tag:fork pred.tag:"two words" pred.tag:none"#),
    row(
        Term::PredictedLabel,
        "pred.label",
        "tag of the label that a prediction lies on",
        "pred.label:fork pred.label:none",
    ),
    row(
        Term::PredictedReview,
        "pred.review",
        "who was found to be wrong: the label or the model",
        "pred.review:label pred.review:model pred.review:any pred.review:none",
    ),
    row(Term::Measure(Measure::Score), "score", "score of a prediction, 0 to 1", "score<0.5 score:0.4..0.6"),
    row(Term::Measure(Measure::Iou), "iou", "overlap of a prediction with its label, 0 to 1", "iou<0.7"),
];

const fn row(term: Term, name: &'static str, meaning: &'static str, examples: &'static str) -> TermRow {
    TermRow { term, name, meaning, examples }
}

impl Term {
    /// The term of a name, whatever its case.
    pub fn find(name: &str) -> Option<Self> {
        let is_meant = |row: &&TermRow| match row.term {
            Self::Meta => name.get(..row.name.len()).is_some_and(|head| head.eq_ignore_ascii_case(row.name)),
            _ => row.name.eq_ignore_ascii_case(name),
        };
        TERMS.iter().find(is_meant).map(|row| row.term)
    }

    pub fn row(self) -> &'static TermRow {
        TERMS.iter().find(|row| row.term == self).unwrap_or(&TERMS[0])
    }

    pub fn name(self) -> &'static str {
        self.row().name
    }
}

impl Measure {
    pub fn name(self) -> &'static str {
        Term::Measure(self).name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

    #[test]
    fn every_term_is_found_by_its_name_and_its_examples_are_right() {
        for row in &TERMS {
            let name = if row.term == Term::Meta { "META.camera" } else { row.name };
            assert_eq!(Term::find(name), Some(row.term), "{name}");
            assert_eq!(row.term.name(), row.name);
            let query = parse(row.examples).unwrap_or_else(|error| panic!("{}: {error}", row.examples));
            assert!(query.root.is_some());
        }
        assert_eq!(Term::find("area "), None);
        assert_eq!(Term::find("met"), None);
    }
}
