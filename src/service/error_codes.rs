//! The error codes of the service (`CustomVisionErrorCodes`), as they came. It also sends codes that its document does not
//! name, such as the gateway's `401`.

use std::fmt;

/// An error code of the service; empty when the answer had none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ErrorCode(Box<str>);

impl ErrorCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is not there, for the codes that say so.
    pub fn missing(&self) -> Option<&'static str> {
        match &*self.0 {
            "NotFoundProject" => Some("project"),
            "NotFoundProjectDefaultIteration" | "NotFoundIteration" => Some("iteration"),
            "NotFoundIterationPerformance" => Some("iteration's performance"),
            "NotFoundTag" => Some("tag"),
            "NotFoundImage" => Some("image"),
            "NotFoundDomain" => Some("domain"),
            "NotFoundApimSubscription" => Some("subscription"),
            _ => None,
        }
    }
}

impl From<&str> for ErrorCode {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_kept_as_it_came_and_says_what_is_missing() {
        for (text, missing) in [
            ("NotFoundIteration", Some("iteration")),
            ("NotFoundTag", Some("tag")),
            ("NotFound", None),
            ("notFoundProject", None),
            ("ErrorInvalidRegion", None),
            ("401", None),
            ("", None),
        ] {
            let code = ErrorCode::from(text);
            assert_eq!((code.to_string().as_str(), code.missing()), (text, missing));
        }
    }
}
