//! The calls of the API, one function each.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use url::Url;

use super::answer::{Subject, without_mark};
use super::endpoint::Endpoint;
use super::error::ServiceError;
use super::http::{Call, Http};
use super::options::ClientOptions;
use super::query::{ListQuery, ListingKind, MAX_IDS_A_CALL, MAX_TAKE, add_images_to, add_iteration_to};
use super::range::PartialBlob;
use super::retry::Observer;
use super::xml::{self, Shape};
use domain::listed::read_one;
use domain::{
    BlobUri, Domain, DomainId, ImageId, Iteration, IterationId, Listed, NotAList, Page, Problem, Project, ProjectId,
    RecordReader, Tag,
};

/// A page above this many bytes is read on a thread of its own, so that the network continues meanwhile.
const SMALL_PAGE: usize = 32 << 10;

/// A read-only client of one resource. Cheap to clone; all clones share connections and the rate.
#[derive(Clone)]
pub struct Client {
    endpoint: Endpoint,
    http: Arc<Http>,
    /// Readers that wait for their next page; each shares the tag names among its rows.
    readers: Arc<Mutex<Vec<RecordReader>>>,
    observer: Option<Observer>,
}

impl Client {
    /// A client of the resource at `endpoint`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ServiceError::UnusableKey`] when the key has characters that no header may have.
    // By value: the caller has no reason to keep a second copy of the key.
    #[expect(clippy::needless_pass_by_value, reason = "the key is handed over")]
    pub fn new(endpoint: Endpoint, key: SecretString, options: ClientOptions) -> Result<Self, ServiceError> {
        let http = Arc::new(Http::new(&endpoint, &key, options)?);
        Ok(Self { endpoint, http, readers: Arc::default(), observer: None })
    }

    #[must_use]
    pub fn with_observer(&self, observer: Observer) -> Self {
        Self { observer: Some(observer), ..self.clone() }
    }

    pub(super) fn options(&self) -> &ClientOptions {
        self.http.options()
    }

    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// All projects, in the service's order.
    ///
    /// # Errors
    /// Any [`ServiceError`] but those of blobs; the same holds for the calls below.
    pub async fn projects(&self) -> Result<Listed<Project>, ServiceError> {
        self.list(self.endpoint.call("projects"), "list of projects", "projects").await
    }

    /// # Errors
    ///
    /// As [`Client::projects`].
    pub async fn project(&self, project: ProjectId) -> Result<(Project, Vec<Problem>), ServiceError> {
        self.one(self.endpoint.call(&format!("projects/{project}")), "project").await
    }

    /// # Errors
    ///
    /// As [`Client::projects`].
    pub async fn domains(&self) -> Result<Listed<Domain>, ServiceError> {
        self.list(self.endpoint.call("domains"), "list of domains", "domains").await
    }

    /// # Errors
    ///
    /// As [`Client::projects`].
    pub async fn domain(&self, domain: DomainId) -> Result<(Domain, Vec<Problem>), ServiceError> {
        self.one(self.endpoint.call(&format!("domains/{domain}")), "domain").await
    }

    /// All iterations of a project, in the service's order.
    ///
    /// # Errors
    /// As [`Client::projects`].
    pub async fn iterations(&self, project: ProjectId) -> Result<Listed<Iteration>, ServiceError> {
        self.list(self.endpoint.call(&format!("projects/{project}/iterations")), "project", "iterations").await
    }

    /// All tags of an iteration; `None`: of the workspace.
    ///
    /// # Errors
    /// As [`Client::projects`].
    pub async fn tags(&self, project: ProjectId, iteration: Option<IterationId>) -> Result<Listed<Tag>, ServiceError> {
        let mut url = self.endpoint.call(&format!("projects/{project}/tags"));
        add_iteration_to(&mut url, iteration);
        self.list(url, "project", "tags").await
    }

    /// How many images the service counts for a query. Above 20 tags, where the service is asked several times, an image
    /// may count more than once.
    ///
    /// # Errors
    /// As [`Client::projects`].
    pub async fn images_count(&self, project: ProjectId, query: &ListQuery) -> Result<u64, ServiceError> {
        let mut sum = 0_u64;
        for part in query.split() {
            let mut url = self.endpoint.call(&format!("projects/{project}/{}/count", part.path()));
            part.add_filter_to(&mut url);
            sum = sum.saturating_add(self.json(url, query.subject(), Shape::Number).await?);
        }
        Ok(sum)
    }

    /// One page of images: at most 256 of them, and of at most 20 tags. [`Pager`](super::Pager) has no limits.
    ///
    /// # Errors
    /// As [`Client::projects`].
    pub async fn images_page(
        &self,
        project: ProjectId,
        query: &ListQuery,
        skip: u64,
        take: u32,
    ) -> Result<Page, ServiceError> {
        self.sized_page(project, query, skip, take).await.map(|(page, _)| page)
    }

    pub(super) async fn sized_page(
        &self,
        project: ProjectId,
        query: &ListQuery,
        skip: u64,
        take: u32,
    ) -> Result<(Page, usize), ServiceError> {
        let mut url = self.endpoint.call(&format!("projects/{project}/{}", query.path()));
        query.add_page_to(&mut url, skip, take.min(MAX_TAKE));
        let body = self.get(url, query.subject()).await?;
        let bytes = body.len();
        let page = match query.rows {
            ListingKind::Predicted(_) => {
                self.read(body, |reader, body| reader.performances(body).map(Page::from)).await?
            }
            ListingKind::Tagged | ListingKind::Untagged => self.page(body).await?,
        };
        Ok((page, bytes))
    }

    /// Images by their ids, with fresh signatures; ids that are not there are missing in the answer. Any number: each
    /// call asks for at most 256.
    ///
    /// # Errors
    /// As [`Client::projects`].
    pub async fn images_by_ids(
        &self,
        project: ProjectId,
        iteration: Option<IterationId>,
        images: &[ImageId],
    ) -> Result<Page, ServiceError> {
        let mut all = Page::default();
        for part in images.chunks(MAX_IDS_A_CALL) {
            let mut url = self.endpoint.call(&format!("projects/{project}/images/id"));
            add_images_to(&mut url, part);
            add_iteration_to(&mut url, iteration);
            let body = self.get(url, "image").await?;
            let page = self.page(body).await?;
            all.rows.extend(page.rows);
            all.problems.extend(page.problems);
        }
        Ok(all)
    }

    /// The bytes of a picture. An absolute address is fetched without the key, a relative one through the service.
    ///
    /// # Errors
    /// [`ServiceError::Expired`] when the signature is too old: ask by id and try the fresh address;
    /// [`ServiceError::MissingPicture`] when the picture is gone; else as [`Client::projects`].
    pub async fn blob(&self, project: ProjectId, uri: &BlobUri) -> Result<Bytes, ServiceError> {
        self.resume_blob(project, uri, &mut PartialBlob::default()).await
    }

    /// The bytes of a picture of which `partial` has come already, maybe from an earlier address of the same picture.
    /// When it fails, `partial` holds what has come by then.
    ///
    /// # Errors
    /// As [`Client::blob`].
    pub async fn resume_blob(
        &self,
        project: ProjectId,
        uri: &BlobUri,
        partial: &mut PartialBlob,
    ) -> Result<Bytes, ServiceError> {
        let call = if uri.is_relative() {
            let mut url = self.endpoint.call(&format!("projects/{project}/artifacts"));
            url.query_pairs_mut().append_pair("path", uri.expose());
            Call { url, subject: Subject::Artifact }
        } else {
            let unreadable = |_| ServiceError::BadAnswer { reason: "the picture's URL is invalid".to_owned() };
            Call { url: Url::parse(uri.expose()).map_err(unreadable)?, subject: Subject::Blob }
        };
        self.http.download(&call, partial, self.observer.as_ref()).await
    }

    pub(super) async fn get(&self, url: Url, what: &'static str) -> Result<Bytes, ServiceError> {
        self.http.fetch(&Call { url, subject: Subject::Api(what) }, self.observer.as_ref()).await
    }

    /// A list of `entries`, of which an odd one costs only itself; `what` is missing when there is none.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        url: Url,
        what: &'static str,
        entries: &str,
    ) -> Result<Listed<T>, ServiceError> {
        let body = self.get(url, what).await?;
        Listed::read(&as_json(&body, Shape::List)?, entries).map_err(|error| unreadable(&error))
    }

    /// One object, and the fields of it that could not be read.
    async fn one<T: DeserializeOwned>(&self, url: Url, what: &'static str) -> Result<(T, Vec<Problem>), ServiceError> {
        let body = self.get(url, what).await?;
        let (one, odd) = read_one(&as_json(&body, Shape::Object)?).map_err(|error| unreadable(&error))?;
        let odd = odd
            .into_iter()
            .map(|(field, reason)| Problem::OddField { field: format!("{field} of the {what}"), reason });
        Ok((one, odd.collect()))
    }

    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        url: Url,
        what: &'static str,
        shape: Shape,
    ) -> Result<T, ServiceError> {
        read_json(&self.get(url, what).await?, shape)
    }

    async fn page(&self, body: Bytes) -> Result<Page, ServiceError> {
        self.read(body, read_page).await
    }

    /// Reads a page; a large one off the thread that serves the network.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        body: Bytes,
        read: fn(&mut RecordReader, &[u8]) -> Result<T, NotAList>,
    ) -> Result<T, ServiceError> {
        if body.len() <= SMALL_PAGE {
            return read_with(&self.readers, &body, read);
        }
        let readers = Arc::clone(&self.readers);
        let reading = tokio::task::spawn_blocking(move || read_with(&readers, &body, read));
        reading.await.unwrap_or_else(|_| Err(ServiceError::BadAnswer { reason: "reading it was stopped".to_owned() }))
    }
}

fn read_page(reader: &mut RecordReader, body: &[u8]) -> Result<Page, NotAList> {
    reader.page(body)
}

fn read_with<T>(
    readers: &Mutex<Vec<RecordReader>>,
    body: &[u8],
    read: fn(&mut RecordReader, &[u8]) -> Result<T, NotAList>,
) -> Result<T, ServiceError> {
    let body = as_json(body, Shape::List)?;
    let mut reader = readers.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
    let page = read(&mut reader, &body);
    readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    page.map_err(|error| ServiceError::BadAnswer { reason: error.to_string() })
}

/// The position, without the content: the parser's own words quote it.
fn read_json<T: DeserializeOwned>(body: &[u8], shape: Shape) -> Result<T, ServiceError> {
    let body = as_json(body, shape)?;
    serde_json::from_slice(&body).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> ServiceError {
    let how = match error.classify() {
        Category::Data => "an unexpected value",
        Category::Eof => "an unexpected end",
        Category::Io | Category::Syntax => "invalid JSON",
    };
    let reason = format!("{how} at line {}, column {}", error.line(), error.column());
    ServiceError::BadAnswer { reason }
}

/// JSON was requested, but the specification allows XML. A byte order mark is no part of either.
fn as_json(body: &[u8], shape: Shape) -> Result<Cow<'_, [u8]>, ServiceError> {
    let body = without_mark(body);
    if !xml::is_xml(body) {
        return Ok(Cow::Borrowed(body));
    }
    let unreadable = || ServiceError::BadAnswer { reason: "it is neither JSON nor readable XML".to_owned() };
    xml::to_json(body, shape).map(Cow::Owned).ok_or_else(unreadable)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.endpoint)
    }
}
