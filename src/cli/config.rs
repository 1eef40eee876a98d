//! What the arguments mean: checked against each other, in the types of the layers below. No I/O but the environment.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use super::args::{OrderArg, PicturesArg, SampleArgs};
use super::end::{Done, KEY_VARIABLE, Trouble};
use super::format_args::FormatArg;
use super::project_args::{ImagesArgs, PlaceArgs, ProjectArgs};
use super::terminal::Terminal;
use domain::query::{Program, Query, QueryError};
use domain::{AddressError, Catalogue, CheckKind, Destination, ObjectAddress};
use formats::{Format, PixelChoice};
use server::{Faults, SAMPLE_IMAGES};
use service::{Endpoint, Order};

/// Where a result is to go.
///
/// # Errors
/// When it is meant as an address and is none.
pub(super) fn destination(out: PathBuf) -> Result<Destination, Trouble> {
    match out.to_str() {
        Some(text) => Destination::parse(text).map_err(|error| Trouble::Usage(format!("--out: {error}"))),
        None => Ok(Destination::Folder(out)),
    }
}

/// The variable that holds the endpoint.
const ENDPOINT_VARIABLE: &str = "VISION_TRAINING_ENDPOINT";

/// The variables that name the person, the first that is there.
const USER_VARIABLES: [&str; 3] = ["USER", "USERNAME", "LOGNAME"];

/// What the environment says; read once, a parameter everywhere else.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub endpoint: Option<String>,
    pub key: Option<SecretString>,
    /// The system's name for the person.
    pub user: Option<String>,
    /// What was said about lists that could not be read in full, and about an archive that differs from its manifest. Each
    /// is said once, however many calls meet it.
    said: Mutex<BTreeSet<String>>,
    /// Whether any of it concerns the result: the command continues, and its exit status says so.
    doubted: AtomicBool,
}

impl Environment {
    /// Says what casts doubt on the result, such as an archive that differs from its manifest; the exit status says so too.
    pub(super) fn doubt(&self, sentences: &[String]) {
        self.say(sentences);
        if !sentences.is_empty() {
            self.doubted.store(true, Ordering::Relaxed);
        }
    }

    /// Says what could not be read and takes nothing from the result.
    pub(super) fn say(&self, sentences: &[String]) {
        for sentence in sentences {
            if self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(sentence.clone()) {
                Terminal::new(false).error(sentence);
            }
        }
    }

    /// How a command ends that ended well by itself.
    pub(super) fn judged(&self, done: Done) -> Done {
        if self.doubted.load(Ordering::Relaxed) { Done::WithSkips } else { done }
    }

    pub(super) fn read() -> Self {
        let text = |name| std::env::var(name).ok().filter(|text| !text.trim().is_empty());
        let user = USER_VARIABLES.into_iter().find_map(text);
        let (endpoint, key) = (text(ENDPOINT_VARIABLE), text(KEY_VARIABLE).map(SecretString::from));
        Self { endpoint, key, user, ..Self::default() }
    }
}

/// Where projects come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SourceChoice {
    Service(Endpoint),
    Archive(PathBuf),
    /// An archive in an object store.
    Store(ObjectAddress),
}

/// A project of a place; `None`: the only one there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProjectChoice {
    pub place: SourceChoice,
    pub project: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ImagesChoice {
    pub project: ProjectChoice,
    pub iteration: Option<String>,
    pub tags: Vec<String>,
    pub query: Option<TypedQuery>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SampleSize {
    pub images: usize,
    pub regions: Option<usize>,
}

impl From<SampleArgs> for SampleSize {
    fn from(args: SampleArgs) -> Self {
        Self {
            images: args.images.map_or(SAMPLE_IMAGES, |images| images as usize),
            regions: args.regions.map(|regions| regions as usize),
        }
    }
}

/// The endpoint that was typed, or the environment's, or the one used last. `instead` ends the message when there is none. It
/// names the alternative to a service, such as ` (or --source DIR for an archive)`.
pub(super) fn endpoint(
    typed: Option<&str>,
    environment: &Environment,
    last: impl FnOnce() -> String,
    instead: &str,
) -> Result<Endpoint, Trouble> {
    let (text, origin) = match (typed, &environment.endpoint) {
        (Some(typed), _) => (typed.to_owned(), "--endpoint"),
        (None, Some(text)) => (text.clone(), ENDPOINT_VARIABLE),
        (None, None) => (last(), "the endpoint used last"),
    };
    if text.trim().is_empty() {
        return Err(Trouble::Usage(format!("no endpoint: give --endpoint URL, or set {ENDPOINT_VARIABLE}{instead}")));
    }
    // It is not repeated: a key or a password may stand in its place.
    Endpoint::parse(&text).map_err(|error| {
        Trouble::Usage(format!(
            "{origin}: {error}. Copy it from the resource's \"Keys and Endpoint\" page in the Azure portal"
        ))
    })
}

/// What most commands take in the place of a service.
const OR_SOURCE: &str = " (or --source DIR for an archive)";

impl SourceChoice {
    /// An archive, in a folder or at an address.
    ///
    /// # Errors
    /// When the text is meant as an address and is none. It is not repeated: it may hold a signature.
    pub(super) fn from_source(typed: PathBuf) -> Result<Self, Trouble> {
        match typed.to_str().filter(|text| ObjectAddress::is_meant_by(text)) {
            None => Ok(Self::Archive(typed)),
            Some(text) => {
                let no_address =
                    |error: AddressError| Trouble::Usage(format!("not the address of an archive: {error}"));
                text.parse().map(Self::Store).map_err(no_address)
            }
        }
    }

    pub(super) fn from_args(
        args: PlaceArgs,
        environment: &Environment,
        last: impl FnOnce() -> String,
    ) -> Result<Self, Trouble> {
        match args.source {
            Some(typed) => Self::from_source(typed),
            None => endpoint(args.endpoint.as_deref(), environment, last, OR_SOURCE).map(Self::Service),
        }
    }
}

impl ProjectChoice {
    pub(super) fn from_args(
        args: ProjectArgs,
        environment: &Environment,
        last: impl FnOnce() -> String,
    ) -> Result<Self, Trouble> {
        Ok(Self { place: SourceChoice::from_args(args.place, environment, last)?, project: args.project })
    }
}

impl ImagesChoice {
    pub(super) fn from_args(
        args: ImagesArgs,
        environment: &Environment,
        last: impl FnOnce() -> String,
    ) -> Result<Self, Trouble> {
        let query = args.query.map(TypedQuery::parse).transpose()?;
        let project = ProjectChoice::from_args(args.project, environment, last)?;
        Ok(Self { project, iteration: args.iteration, tags: args.tag, query })
    }
}

impl From<OrderArg> for Order {
    fn from(order: OrderArg) -> Self {
        match order {
            OrderArg::Newest => Self::Newest,
            OrderArg::Oldest => Self::Oldest,
        }
    }
}

impl From<PicturesArg> for PixelChoice {
    fn from(pictures: PicturesArg) -> Self {
        match pictures {
            PicturesArg::Original => Self::Original,
            PicturesArg::Resized => Self::Resized,
            PicturesArg::None => Self::None,
        }
    }
}

/// Each format once, in the order typed.
pub(super) fn formats(typed: &[FormatArg]) -> Vec<Format> {
    let mut formats = Vec::new();
    for &FormatArg(format) in typed {
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    formats
}

/// What the endpoint is to do wrong.
pub(super) fn faults(typed: &[String]) -> Result<Faults, Trouble> {
    Faults::parse(typed).map_err(|error| Trouble::Usage(error.to_string()))
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct TypedQuery {
    pub text: String,
    query: Query,
}

impl TypedQuery {
    pub(super) fn parse(text: String) -> Result<Self, Trouble> {
        match domain::query::parse(&text) {
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

    fn of(typed: Option<&str>, environment: Option<&str>, last: &str) -> Result<String, Trouble> {
        let environment = Environment { endpoint: environment.map(str::to_owned), ..Environment::default() };
        endpoint(typed, &environment, || last.to_owned(), OR_SOURCE).map(|endpoint| endpoint.to_string())
    }

    #[test]
    fn the_endpoint_is_the_typed_one_then_the_environments_then_the_last() {
        assert_eq!(of(Some("https://a/"), Some("https://b"), "https://c").expect("typed"), "https://a");
        assert_eq!(of(None, Some("https://b"), "https://c").expect("environment"), "https://b");
        assert_eq!(of(None, None, "https://c").expect("last"), "https://c");
    }

    #[test]
    fn a_bad_endpoint_is_wrong_usage() {
        assert!(matches!(of(None, None, ""), Err(Trouble::Usage(words)) if words.contains("--endpoint")));
        assert!(matches!(of(Some("westus"), None, ""), Err(Trouble::Usage(words)) if words.contains("https://")));
    }

    #[test]
    fn an_unknown_fault_is_wrong_usage() {
        assert!(faults(&["latency=5".to_owned(), "xml=wrapped".to_owned()]).is_ok());
        assert!(matches!(faults(&["rain=1".to_owned()]), Err(Trouble::Usage(words)) if words.contains("busy-every")));
    }

    #[test]
    fn formats_are_taken_once() {
        let typed = [Format::Jsonl, Format::Coco, Format::Jsonl].map(FormatArg);
        assert_eq!(formats(&typed), [Format::Jsonl, Format::Coco]);
        let all = <FormatArg as clap::ValueEnum>::value_variants();
        assert_eq!(formats(all), Format::ALL);
        for (typed, format) in all.iter().zip(Format::ALL) {
            let name = clap::ValueEnum::to_possible_value(typed).expect("a name");
            assert_eq!(name.get_name(), format.name());
            assert_eq!(serde_json::to_value(format).expect("json"), format.name());
        }
    }

    #[test]
    fn a_bad_query_is_wrong_usage_and_tells_the_place() {
        let Err(Trouble::Usage(words)) = TypedQuery::parse("regions>=3 created>soon".to_owned()) else {
            panic!("understood");
        };
        let lines: Vec<&str> = words.lines().collect();
        assert_eq!(lines[1], "regions>=3 created>soon");
        assert_eq!(lines[2].trim_end_matches('^').len(), "regions>=3 created>".len(), "{words}");
        assert!(lines[2].contains('^') && lines.len() == 4, "{words}");
        assert!(TypedQuery::parse("tag:fork -check:tiny review:none".to_owned()).is_ok());
    }
}
