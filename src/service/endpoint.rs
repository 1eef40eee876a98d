//! The address of a resource: what people paste, made into one form.

use std::fmt;

use url::{Host, Url};

use super::error::ServiceError;

pub(super) const API_VERSION: &str = "v3.4-preview";

/// The name of this computer, and what every name below it ends in.
const LOCALHOST: &str = "localhost";

/// The address of a Custom Vision resource. https, or loopback. `Display` is without a trailing slash.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Ends in a slash.
    base: Url,
}

impl Endpoint {
    /// Reads what the user typed or pasted: with or without a trailing slash, or a whole address of a call
    /// (`.../customvision/...`), which is cut to where `customvision` begins.
    ///
    /// # Errors
    /// [`ServiceError::BadEndpoint`] with what is wrong.
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let bad = |reason: &str| Err(ServiceError::BadEndpoint { reason: reason.to_owned() });
        let text = text.trim().trim_matches(['"', '\'', '<', '>']);
        if text.is_empty() {
            return bad("it is empty");
        }
        if !text.contains("://") {
            return bad("it does not start with https://");
        }
        let Ok(mut base) = Url::parse(text) else {
            return bad("it is not a valid address");
        };
        let Some(host) = base.host() else {
            return bad("it has no host name");
        };
        if base.scheme() != "https" && !(base.scheme() == "http" && is_loopback(&host)) {
            return bad("it does not start with https://");
        }
        if !base.username().is_empty() || base.password().is_some() {
            return bad("it contains a user name or password");
        }
        if matches!(&host, Host::Domain(name) if *name == "customvision.ai" || name.ends_with(".customvision.ai")) {
            return bad("it is the web portal, not a resource");
        }
        let path = base.path().to_owned();
        let lower = path.to_ascii_lowercase();
        let prefix = lower.find("/customvision").map_or(path.as_str(), |at| &path[..at]);
        base.set_path(&format!("{}/", prefix.trim_end_matches('/')));
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self { base })
    }

    /// The host's name, without the port.
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    pub fn is_loopback(&self) -> bool {
        self.base.host().is_some_and(|host| is_loopback(&host))
    }

    /// The address of a call: its path below `training/`.
    pub(super) fn call(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}/customvision/{API_VERSION}/training/{path}"));
        url
    }
}

impl Endpoint {
    /// The names of this computer here, whatever a name server says of them: the key may go to them over plain http.
    pub(super) fn names_of_this_computer(&self) -> Vec<&str> {
        let own = self.base.domain().filter(|name| is_localhost(name) && *name != LOCALHOST);
        own.into_iter().chain([LOCALHOST]).collect()
    }
}

/// Whether a name is `localhost` or ends in `.localhost`, which is this computer by RFC 6761.
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.strip_suffix(LOCALHOST).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a host is this computer: `localhost` and the loopback addresses.
pub(super) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_localhost(name),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Endpoint {
    type Err = ServiceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_that_people_paste_become_one() {
        for text in [
            "https://westus.api.cognitive.microsoft.com",
            " https://westus.api.cognitive.microsoft.com/ ",
            "\"https://WESTUS.api.cognitive.microsoft.com:443//\"",
            "https://westus.api.cognitive.microsoft.com/customvision/v3.4-preview/training/projects?take=1#x",
            "https://westus.api.cognitive.microsoft.com//CustomVision/v3.0/Prediction/",
        ] {
            let endpoint = Endpoint::parse(text).expect(text);
            assert_eq!(endpoint.to_string(), "https://westus.api.cognitive.microsoft.com", "{text}");
            assert_eq!(
                endpoint.call("projects").as_str(),
                "https://westus.api.cognitive.microsoft.com/customvision/v3.4-preview/training/projects"
            );
        }
    }

    #[test]
    fn any_https_host_and_a_gateway_below_a_path_are_taken() {
        for text in [
            "https://mine.cognitiveservices.azure.us",
            "https://mine.cognitiveservices.azure.cn",
            "https://concurrency_limit.example/vision",
        ] {
            assert_eq!(Endpoint::parse(text).expect(text).to_string(), text);
        }
        let concurrency_limit =
            Endpoint::parse("https://concurrency_limit.example/vision/").expect("concurrency_limit");
        assert_eq!(concurrency_limit.call("domains").path(), "/vision/customvision/v3.4-preview/training/domains");
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for text in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080", "https://127.0.0.1:1"] {
            let endpoint = Endpoint::parse(text).expect(text);
            assert!(endpoint.is_loopback(), "{text}");
            assert_eq!(endpoint.to_string(), text);
        }
        for text in ["http://westus.api.cognitive.microsoft.com", "http://127.0.0.1.example.com", "http://10.0.0.1"] {
            assert!(Endpoint::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, word) in [
            ("", "empty"),
            ("westus.api.cognitive.microsoft.com", "https://"),
            ("ftp://host", "https://"),
            ("https://", "not a valid address"),
            ("https://user:secret@host", "user name"),
            ("https://www.customvision.ai/projects/1", "portal"),
        ] {
            let error = Endpoint::parse(text).expect_err(text).to_string();
            assert!(error.contains(word) && !error.contains("secret"), "{text}: {error}");
        }
    }
}
