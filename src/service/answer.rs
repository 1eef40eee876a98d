//! What an answer that is no success means: status, headers and body to a [`ServiceError`]. Pure.
//!
//! Error bodies come in five shapes: flat `code`/`message`, the same in capitals, the gateway's nested `error`, the blob
//! store's XML, and nothing at all or a proxy's page.

use serde_json::Value;

use super::endpoint::API_VERSION;
use super::error::ErrorCode;
use super::error::{Refusal, ServiceError};
use super::redact::tidy;
use super::xml;

/// Characters of the service's words that are kept.
const MESSAGE_LIMIT: usize = 300;

/// What a call asked for, for the words of a 404 and the meaning of a 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A call of the API about this thing.
    Api(&'static str),
    /// A picture through the API's `artifacts` call, with the key.
    Artifact,
    /// A picture of the blob store, without the key.
    Blob,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub status: u16,
    pub content_type: &'a str,
    pub body: &'a [u8],
    /// The key, to be taken out of the service's words.
    pub key: &'a str,
    /// The blob store's code in a header (`x-ms-error-code`), for answers whose body has none; else empty.
    pub code: &'a str,
}

impl Answer<'_> {
    /// Whether something in between answered with a page for people.
    pub(super) fn is_page(&self) -> bool {
        if self.content_type.trim_start().to_ascii_lowercase().starts_with("text/html") {
            return true;
        }
        let start = &self.body[..self.body.len().min(512)];
        let start = String::from_utf8_lossy(start).to_ascii_lowercase();
        let start = start.trim_start_matches(['\u{feff}', '\u{fffd}', ' ', '\t', '\r', '\n']);
        start.starts_with("<!doctype html") || start.starts_with("<html")
    }

    /// Whether a JSON body begins but does not end, as where a connection closes early and the answer gives no length.
    pub(super) fn is_cut(&self) -> bool {
        let body = without_mark(self.body).trim_ascii();
        match body {
            [b'[', .., last] => *last != b']',
            [b'{', .., last] => *last != b'}',
            [b'[' | b'{'] => true,
            _ => false,
        }
    }

    pub(super) fn error(&self, subject: Subject) -> ServiceError {
        let status = self.status;
        let is_page = self.is_page();
        let (refusal, is_gateway) = if is_page {
            (Refusal { status, ..Refusal::default() }, false)
        } else {
            refusal(status, self.body, self.key, self.code)
        };
        match (status, subject) {
            (429, _) => return ServiceError::TooManyCalls { wait: None, refusal },
            // Also where a page comes with it: gateways send one.
            (408 | 500 | 502 | 503 | 504, _) => return ServiceError::ServiceFailed(refusal),
            _ if is_page && status >= 400 => return ServiceError::ProxyPage { status },
            (403, Subject::Blob) if is_expiry(refusal.code.as_str()) => return ServiceError::Expired,
            (404, Subject::Blob | Subject::Artifact) => return ServiceError::MissingPicture,
            // Asked without the key: nothing about this one picture concerns the key or the others.
            (400..=499, Subject::Blob) if status != 407 => {
                return ServiceError::StoreRefused(Refusal { message: String::new(), ..refusal });
            }
            _ => {}
        }
        match status {
            401 => ServiceError::WrongKey(refusal),
            403 if has_keys_disabled(&refusal) => ServiceError::KeysDisabled(refusal),
            403 => ServiceError::Forbidden(refusal),
            404 => {
                let what = match (refusal.code.missing(), subject) {
                    (Some(what), _) => what,
                    // The gateway knows no such call: another kind of resource, or an older version of the service.
                    (None, _) if is_gateway => return ServiceError::NoApi { version: API_VERSION, refusal },
                    (None, Subject::Api(what)) => what,
                    (None, Subject::Artifact | Subject::Blob) => "picture",
                };
                ServiceError::NotFound { what: what.to_owned(), refusal }
            }
            407 | 511 => ServiceError::ProxyPage { status },
            500..=599 => ServiceError::ServiceFailed(refusal),
            400..=499 => ServiceError::Refused(refusal),
            301 | 302 | 303 | 307 | 308 => {
                ServiceError::BadAnswer { reason: "it redirects without a location".to_owned() }
            }
            _ => ServiceError::BadAnswer { reason: format!("its status {status} is not one that the service uses") },
        }
    }
}

impl Refusal {
    /// What a store's refusal says, whatever the shape of its body; `code` is what its headers say.
    pub fn read(status: u16, body: &[u8], code: &str) -> Self {
        refusal(status, body, "", code).0
    }
}

/// Whether a 403 of the blob store with this code can mean that the signature is too old. A firewall, a switched-off
/// account or a signature for other computers has a code of its own.
fn is_expiry(code: &str) -> bool {
    matches!(code, "" | "403" | "AuthenticationFailed")
}

/// Whether a resource takes no keys at all, whatever the key.
fn has_keys_disabled(refusal: &Refusal) -> bool {
    let words = refusal.message.to_ascii_lowercase();
    refusal.code.as_str().eq_ignore_ascii_case("AuthenticationTypeDisabled")
        || words.contains("key based authentication is disabled")
        || words.contains("key-based authentication is disabled")
}

/// A text without the byte order mark that some gateways put before it.
pub(super) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

/// The refusal in a body of any shape, and whether it has the gateway's shape.
fn refusal(status: u16, body: &[u8], key: &str, other_code: &str) -> (Refusal, bool) {
    let (code, message, is_gateway) = if let Ok(value) = serde_json::from_slice::<Value>(without_mark(body)) {
        let nested = field(&value, "error").filter(|inner| inner.is_object());
        let inner = nested.unwrap_or(&value);
        (text(field(inner, "code")), text(field(inner, "message")), nested.is_some())
    } else {
        let root = std::str::from_utf8(body).ok().and_then(xml::parse).unwrap_or_default();
        let text = |name| root.find(name).map(|element| element.text.clone()).unwrap_or_default();
        (text("code"), text("message"), false)
    };
    let code = if code.is_empty() { other_code } else { &code };
    let code = ErrorCode::from(&*tidy(code, 80, key));
    (Refusal { status, code, message: tidy(&message, MESSAGE_LIMIT, key) }, is_gateway)
}

fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, content_type: &str, body: &str, subject: Subject) -> ServiceError {
        Answer { status, content_type, body: body.as_bytes(), key: "K3Y", code: "" }.error(subject)
    }

    fn api(status: u16, body: &str) -> ServiceError {
        error(status, "application/json", body, Subject::Api("project"))
    }

    fn said(status: u16, code: &str, message: &str) -> Refusal {
        Refusal { status, code: ErrorCode::from(code), message: message.to_owned() }
    }

    #[test]
    fn the_five_shapes_are_read() {
        let flat = api(400, r#"{"code":"BadRequestInvalidIds","message":"Invalid ids."}"#);
        assert_eq!(flat, ServiceError::Refused(said(400, "BadRequestInvalidIds", "Invalid ids.")));
        let capitals = api(400, r#"{"Code":"ErrorInvalidRegion","Message":"No"}"#);
        assert_eq!(capitals, ServiceError::Refused(said(400, "ErrorInvalidRegion", "No")));
        let gateway = api(401, r#"{"error":{"code":"401","message":"Access denied"}}"#);
        assert_eq!(gateway, ServiceError::WrongKey(said(401, "401", "Access denied")));
        let xml = "\u{feff}<?xml version=\"1.0\"?><Error><Code>BlobNotReady</Code><Message>Wait &amp; see\nTime:1</Message></Error>";
        let store = error(409, "application/xml", xml, Subject::Blob);
        assert_eq!(store, ServiceError::StoreRefused(said(409, "BlobNotReady", "")));
        let artifact = error(409, "application/xml", xml, Subject::Artifact);
        assert_eq!(artifact, ServiceError::Refused(said(409, "BlobNotReady", "Wait & see Time:1")));
        assert_eq!(api(403, ""), ServiceError::Forbidden(said(403, "", "")));
    }

    #[test]
    fn namespaces_and_attributes_of_xml_do_not_matter() {
        let xml = r#"<e:Error xmlns:e="x"><e:message a="1">M</e:message><e:CODE>C</e:CODE></e:Error>"#;
        assert_eq!(refusal(400, xml.as_bytes(), "", "").0, said(400, "C", "M"));
        assert_eq!(refusal(400, b"<Code", "", "").0, said(400, "", ""));
    }

    #[test]
    fn a_missing_thing_is_named_by_its_code_else_by_the_call() {
        let what = |error: ServiceError| match error {
            ServiceError::NotFound { what, .. } => what,
            other => panic!("{other}"),
        };
        assert_eq!(what(api(404, r#"{"code":"NotFoundIteration","message":""}"#)), "iteration");
        assert_eq!(what(api(404, r#"{"code":"NotFound","message":""}"#)), "project");
        let gateway = api(404, r#"{"error":{"code":"404","message":"Resource not found"}}"#);
        assert!(gateway.to_string().contains("v3.4-preview"), "{gateway}");
    }

    #[test]
    fn the_blob_store_means_other_things() {
        let xml = "<Error><Code>AuthenticationFailed</Code><Message>Signature sig=abc</Message></Error>";
        assert_eq!(error(403, "application/xml", xml, Subject::Blob), ServiceError::Expired);
        assert_eq!(error(404, "application/xml", xml, Subject::Blob), ServiceError::MissingPicture);
        assert_eq!(error(404, "", "", Subject::Artifact), ServiceError::MissingPicture);
        assert!(matches!(error(403, "", "", Subject::Artifact), ServiceError::Forbidden(_)));
        assert!(matches!(error(401, "", "", Subject::Artifact), ServiceError::WrongKey(_)));
        // A firewall of the storage account is no matter of age, and a 401 without a key none of the key.
        let firewall = "<Error><Code>AuthorizationFailure</Code><Message>https://h/i?sig=abc</Message></Error>";
        let refused = |status, code| ServiceError::StoreRefused(said(status, code, ""));
        assert_eq!(error(403, "application/xml", firewall, Subject::Blob), refused(403, "AuthorizationFailure"));
        for status in [400, 401, 405, 409, 410, 416, 451] {
            assert_eq!(error(status, "", "", Subject::Blob), refused(status, ""));
        }
        let bare = Answer { status: 403, content_type: "", body: b"", key: "K3Y", code: "AuthorizationFailure" };
        assert_eq!(bare.error(Subject::Blob), refused(403, "AuthorizationFailure"));
    }

    #[test]
    fn a_page_is_a_proxys_unless_the_service_itself_failed() {
        let page = "<!DOCTYPE html><html>Sign in</html>";
        assert_eq!(api(403, page), ServiceError::ProxyPage { status: 403 });
        assert_eq!(
            error(401, "text/html; charset=utf-8", "hello", Subject::Api("")),
            ServiceError::ProxyPage { status: 401 }
        );
        assert_eq!(api(407, ""), ServiceError::ProxyPage { status: 407 });
        assert_eq!(api(503, page), ServiceError::ServiceFailed(said(503, "", "")));
    }

    #[test]
    fn foreign_words_are_tidied() {
        let long = "x".repeat(1000);
        let body = format!(r#"{{"code":"C","message":"k3y a\u0007b https://h/i?sv=1&sig=SECRET {long}"}}"#);
        let ServiceError::Refused(refusal) = api(400, &body) else { panic!("refused") };
        assert!(refusal.message.starts_with("[key] a b https://h/i?sv=1& xxx") && refusal.message.len() < 310);
    }

    #[test]
    fn a_resource_without_keys_is_no_wrong_key() {
        let message = "Key based authentication is disabled for this resource.";
        let refused =
            api(403, &format!(r#"{{"error":{{"code":"AuthenticationTypeDisabled","message":"{message}"}}}}"#));
        assert_eq!(refused, ServiceError::KeysDisabled(said(403, "AuthenticationTypeDisabled", message)));
        assert!(matches!(api(403, &format!(r#"{{"message":"{message}"}}"#)), ServiceError::KeysDisabled(_)));
        assert!(matches!(api(403, r#"{"message":"disabled"}"#), ServiceError::Forbidden(_)));
    }

    #[test]
    fn a_status_that_the_service_does_not_have_is_no_refusal() {
        for status in [101, 199, 304, 600, 999] {
            let error = api(status, "");
            assert!(
                matches!(&error, ServiceError::BadAnswer { reason } if reason.contains(&status.to_string())),
                "{error}"
            );
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_refusal() {
        let body = "\u{feff}{\"code\":\"C\",\"message\":\"M\"}";
        assert_eq!(api(400, body), ServiceError::Refused(said(400, "C", "M")));
    }

    #[test]
    fn cut_bodies_are_seen() {
        let is_cut =
            |body: &str| Answer { status: 200, content_type: "", body: body.as_bytes(), key: "K3Y", code: "" }.is_cut();
        assert!(is_cut("[{\"id\":") && is_cut("[") && is_cut("{\"a\":[1]"));
        assert!(!is_cut("[]") && !is_cut(" [1]\n") && !is_cut("{}") && !is_cut("40") && !is_cut(""));
    }
}
