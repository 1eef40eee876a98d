//! The service's port: paths, the key, the calls. It reads; whatever would write is refused.

use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use lru::LruCache;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::answer::Answer;
use super::holdings::Holdings;
use super::query::Listing;
use super::rows;
use super::running::Counters;
use super::signature::{SignedUris, Signer};
use crate::domain::{ImageId, IterationId, TagId};

/// Filters whose places are remembered between the pages of a listing.
const REMEMBERED_FILTERS: NonZeroUsize = match NonZeroUsize::new(8) {
    Some(count) => count,
    None => NonZeroUsize::MIN,
};

type Filter = (usize, Vec<TagId>);

/// The calls over one project.
pub(super) struct Api {
    pub(super) holdings: Arc<dyn Holdings>,
    pub(super) signer: Arc<Signer>,
    pub(super) counters: Arc<Counters>,
    key: SecretString,
    domains: Vec<(String, Box<str>)>,
    filtered: Mutex<LruCache<Filter, Arc<[u32]>>>,
}

impl Api {
    /// The calls over `holdings`, for who has `key`.
    pub(super) fn new(
        holdings: Arc<dyn Holdings>,
        signer: Arc<Signer>,
        key: SecretString,
        counters: Arc<Counters>,
    ) -> Self {
        let domains = rows::domains(holdings.domains());
        Self { holdings, signer, counters, key, domains, filtered: Mutex::new(LruCache::new(REMEMBERED_FILTERS)) }
    }

    /// Answers one request. Blocks as long as rows or pictures are being read or made.
    pub(super) fn respond(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Answer {
        self.counters.service.fetch_add(1, Ordering::Relaxed);
        let segments: Vec<&str> = uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
        let call = match segments.as_slice() {
            [service, version, training, call @ ..]
                if service.eq_ignore_ascii_case("customvision")
                    && version.eq_ignore_ascii_case("v3.4-preview")
                    && training.eq_ignore_ascii_case("training")
                    && !call.is_empty() =>
            {
                call
            }
            _ => return unknown_path(),
        };
        if !self.is_authorised(headers) {
            self.counters.refused_keys.fetch_add(1, Ordering::Relaxed);
            return Answer::gateway(
                StatusCode::UNAUTHORIZED,
                "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key \
                 for an active subscription and use a correct regional API endpoint for your resource.",
            );
        }
        if method != Method::GET && method != Method::HEAD {
            return Answer::fault(
                StatusCode::METHOD_NOT_ALLOWED,
                "BadRequestOperationNotSupported",
                "This endpoint is read-only.",
            );
        }
        self.call(call, uri.query().unwrap_or_default()).unwrap_or_else(|answer| answer)
    }

    /// `Err` is an answer too: the one that cut the call short.
    fn call(&self, call: &[&str], query: &str) -> Result<Answer, Answer> {
        let uris = self.signer.at(SystemTime::now());
        match *call {
            ["domains"] => {
                Ok(Answer::json(rows::list(&self.domains, |(_, text), out| out.extend_from_slice(text.as_bytes()))))
            }
            ["domains", id] => {
                let id = Uuid::try_parse(id).map_err(|_| unknown_path())?.to_string();
                let found = self.domains.iter().find(|(known, _)| *known == id);
                let (_, text) = found.ok_or_else(|| Answer::not_found("NotFoundDomain", "Domain not found."))?;
                Ok(Answer::json(text.to_string()))
            }
            ["projects"] => Ok(Answer::json(rows::list([()], |(), out| self.write_project(&uris, out)))),
            ["projects", project, ref rest @ ..] => {
                let project = Uuid::try_parse(project).map_err(|_| unknown_path())?;
                if project != self.holdings.project().id.0 {
                    return Err(Answer::not_found("NotFoundProject", "Project not found."));
                }
                let listing = Listing::parse(query)?;
                self.in_project(rest, &listing, &uris)
            }
            _ => Err(unknown_path()),
        }
    }

    fn in_project(&self, call: &[&str], listing: &Listing, uris: &SignedUris<'_>) -> Result<Answer, Answer> {
        let holdings = &*self.holdings;
        if let Some(wanted) = listing.iteration {
            self.iteration(wanted)?;
        }
        match *call {
            [] => {
                let mut out = Vec::new();
                self.write_project(uris, &mut out);
                Ok(Answer::json(out))
            }
            ["iterations"] => {
                let project = holdings.project().id;
                Ok(Answer::json(rows::list(holdings.iterations(), |one, out| rows::iteration(one, project, out))))
            }
            ["iterations", id] => {
                let id = IterationId(Uuid::try_parse(id).map_err(|_| unknown_path())?);
                let mut out = Vec::new();
                rows::iteration(self.iteration(id)?, holdings.project().id, &mut out);
                Ok(Answer::json(out))
            }
            ["tags"] => Ok(Answer::json(rows::list(&holdings.tags(listing.iteration), rows::tag))),
            ["tags", id] => {
                let id = TagId(Uuid::try_parse(id).map_err(|_| unknown_path())?);
                let tags = holdings.tags(listing.iteration);
                let tag = tags.iter().find(|tag| tag.id == id);
                let mut out = Vec::new();
                rows::tag(tag.ok_or_else(|| Answer::not_found("NotFoundTag", "Tag not found."))?, &mut out);
                Ok(Answer::json(out))
            }
            ["images"] if listing.is_untagged_only => Ok(Answer::json("[]")),
            ["images"] | ["images", "tagged"] => self.page(listing, uris),
            ["images", "count"] if listing.is_untagged_only => Ok(Answer::json("0")),
            ["images", "count"] | ["images", "tagged", "count"] => Ok(Answer::json(self.count(listing).to_string())),
            ["images", "id"] => self.by_ids(listing, uris),
            // Images without tags are not part of a sample or an archive of tagged images.
            ["images", "untagged"] => Ok(Answer::json("[]")),
            ["images", "untagged", "count"] => Ok(Answer::json("0")),
            ["artifacts"] => self.artifact(listing),
            _ => Err(unknown_path()),
        }
    }

    fn is_authorised(&self, headers: &HeaderMap) -> bool {
        // Comparing digests takes the same time whatever the key is.
        let given = headers.get("training-key").map_or(&b""[..], |value| value.as_bytes());
        Sha256::digest(given) == Sha256::digest(self.key.expose_secret().as_bytes())
    }

    fn iteration(&self, id: IterationId) -> Result<&crate::domain::Iteration, Answer> {
        let found = self.holdings.iterations().iter().find(|known| known.id == id);
        found.ok_or_else(|| Answer::not_found("NotFoundIteration", "Iteration not found."))
    }

    fn write_project(&self, uris: &SignedUris<'_>, out: &mut Vec<u8>) {
        let newest = self.holdings.count(None).checked_sub(1).and_then(|place| self.holdings.id(place));
        rows::project(&*self.holdings, newest, uris, out);
    }

    fn page(&self, listing: &Listing, uris: &SignedUris<'_>) -> Result<Answer, Answer> {
        let filtered = self.filtered(listing);
        let count = filtered.as_ref().map_or_else(|| self.holdings.count(listing.iteration), |places| places.len());
        let end = count.min(listing.skip.saturating_add(listing.take));
        let places = (listing.skip.min(count)..end).map(|row| {
            let row = if listing.is_oldest_first { row } else { count - 1 - row };
            filtered.as_ref().map_or(row, |places| places[row] as usize)
        });
        self.write_rows(&places.collect::<Vec<_>>(), uris)
    }

    fn by_ids(&self, listing: &Listing, uris: &SignedUris<'_>) -> Result<Answer, Answer> {
        let end = self.holdings.count(listing.iteration);
        let found = listing.images.iter().filter_map(|&image| self.holdings.find(image));
        let mut places: Vec<usize> = found.filter(|&place| place < end).collect();
        places.sort_unstable();
        places.dedup();
        self.write_rows(&places, uris)
    }

    fn write_rows(&self, places: &[usize], uris: &SignedUris<'_>) -> Result<Answer, Answer> {
        // A row of a few regions takes about a kilobyte and a half.
        let mut body = Vec::with_capacity(places.len() * 2_048 + 2);
        body.push(b'[');
        self.holdings.write_rows(places, uris, &mut body).map_err(|error| Answer::broken(&error))?;
        body.push(b']');
        Ok(Answer::json(body))
    }

    fn count(&self, listing: &Listing) -> usize {
        self.filtered(listing).map_or_else(|| self.holdings.count(listing.iteration), |places| places.len())
    }

    /// The places of a filter by tags; `None` when all images are meant.
    fn filtered(&self, listing: &Listing) -> Option<Arc<[u32]>> {
        if listing.tags.is_empty() {
            return None;
        }
        let end = self.holdings.count(listing.iteration);
        let filter = (end, listing.tags.clone());
        if let Some(places) = self.filtered.lock().unwrap_or_else(PoisonError::into_inner).get(&filter) {
            return Some(Arc::clone(places));
        }
        let places: Arc<[u32]> = self.holdings.places_with(&filter.1, end).into();
        self.filtered.lock().unwrap_or_else(PoisonError::into_inner).put(filter, Arc::clone(&places));
        Some(places)
    }

    fn artifact(&self, listing: &Listing) -> Result<Answer, Answer> {
        let invalid = || Answer::bad_request("BadRequestInvalidArtifactUri", "path is not the path of an artifact.");
        let path = listing.path.as_deref().ok_or_else(invalid)?;
        let (image, kind): (ImageId, _) = self.signer.parse_path(path).ok_or_else(invalid)?;
        match self.holdings.blob(image, kind) {
            Ok(Some(file)) => Ok(Answer::octets(file)),
            Ok(None) => Err(Answer::not_found("NotFoundImage", "Artifact not found.")),
            Err(error) => Err(Answer::broken(&error)),
        }
    }
}

fn unknown_path() -> Answer {
    Answer::gateway(StatusCode::NOT_FOUND, "Resource not found")
}
