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
use super::fault::{FaultLayer, MovingSource};
use super::image_source::ImageSource;
use super::image_source::Places;
use super::query::{Listing, Tagging};
use super::rows;
use super::signature::{Blob, SignedUris, Signer};
use super::stats::Counters;
use domain::{Iteration, IterationId, TagId};

/// Filters whose places are remembered between the pages of a listing.
const REMEMBERED_FILTERS: NonZeroUsize = match NonZeroUsize::new(8) {
    Some(count) => count,
    None => NonZeroUsize::MIN,
};

type Filter = (Option<IterationId>, Vec<TagId>);

pub(super) struct Api {
    pub(super) stage: MovingSource,
    pub(super) signer: Arc<Signer>,
    pub(super) counters: Arc<Counters>,
    pub(super) faults: Arc<FaultLayer>,
    key: SecretString,
    domains: Vec<(String, Box<str>)>,
    filtered: Mutex<LruCache<Filter, Arc<[u32]>>>,
}

impl Api {
    pub(super) fn new(
        stage: MovingSource,
        signer: Arc<Signer>,
        key: SecretString,
        counters: Arc<Counters>,
        faults: Arc<FaultLayer>,
    ) -> Self {
        let domains = rows::domains(stage.all().domains());
        let filtered = Mutex::new(LruCache::new(REMEMBERED_FILTERS));
        Self { stage, signer, counters, faults, key, domains, filtered }
    }

    /// Answers one request. Blocks as long as rows or pictures are being read or made.
    pub(super) fn respond(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Answer {
        let segments: Vec<&str> = uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
        let call = match segments.as_slice() {
            [service, version, training, call @ ..]
                if service.eq_ignore_ascii_case("customvision")
                    && is_served(version)
                    && training.eq_ignore_ascii_case("training")
                    && !call.is_empty() =>
            {
                call
            }
            _ => return unknown_path(),
        };
        if !self.is_authorized(headers) {
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
                if project != self.stage.all().project().id.0 {
                    return Err(Answer::not_found("NotFoundProject", "Project not found."));
                }
                let listing = Listing::parse(query)?;
                self.in_project(rest, &listing, &uris)
            }
            _ => Err(unknown_path()),
        }
    }

    fn in_project(&self, call: &[&str], listing: &Listing, uris: &SignedUris<'_>) -> Result<Answer, Answer> {
        let is_page = matches!(call, ["images"] | ["images", "tagged" | "untagged"]);
        let state = match listing.iteration {
            None => self.stage.now(is_page),
            Some(wanted) => self.state(self.iteration(wanted)?)?,
        };
        let source = &*state;
        match *call {
            [] => {
                let mut out = Vec::new();
                self.write_project(uris, &mut out);
                Ok(Answer::json(out))
            }
            ["iterations"] => {
                let project = source.project().id;
                Ok(Answer::json(rows::list(source.iterations(), |one, out| rows::iteration(one, project, out))))
            }
            ["iterations", id, ref rest @ ..] => {
                let id = IterationId(Uuid::try_parse(id).map_err(|_| unknown_path())?);
                self.in_iteration(self.iteration(id)?, rest, listing, uris)
            }
            ["tags"] => Ok(Answer::json(rows::list(&source.tags(), rows::tag))),
            ["tags", id] => {
                let id = TagId(Uuid::try_parse(id).map_err(|_| unknown_path())?);
                let tags = source.tags();
                let tag = tags.iter().find(|tag| tag.id == id);
                let mut out = Vec::new();
                rows::tag(tag.ok_or_else(|| Answer::not_found("NotFoundTag", "Tag not found."))?, &mut out);
                Ok(Answer::json(out))
            }
            ["images"] => self.page(source, self.chosen(source, listing)?, listing, uris),
            ["images", "count"] => Ok(Answer::json(self.chosen(source, listing)?.len().to_string())),
            ["images", "tagged"] => self.page(source, self.tagged(source, listing), listing, uris),
            ["images", "tagged", "count"] => Ok(Answer::json(self.tagged(source, listing).len().to_string())),
            ["images", "untagged"] => self.page(source, untagged(source), listing, uris),
            ["images", "untagged", "count"] => Ok(Answer::json(untagged(source).len().to_string())),
            ["images", "id"] => self.by_ids(source, listing, uris),
            ["artifacts"] => self.artifact(listing),
            _ => Err(unknown_path()),
        }
    }

    fn in_iteration(
        &self,
        iteration: &Iteration,
        call: &[&str],
        listing: &Listing,
        uris: &SignedUris<'_>,
    ) -> Result<Answer, Answer> {
        let all = self.stage.all();
        let mut out = Vec::new();
        if call.is_empty() {
            rows::iteration(iteration, all.project().id, &mut out);
            return Ok(Answer::json(out));
        }
        // The iteration is the path's, whatever the query says.
        let listing = &Listing { iteration: Some(iteration.id), ..listing.clone() };
        let state = all.at(iteration.id).map_err(|error| Answer::broken(&error))?;
        if *call == ["export"] {
            let exports = state.map_or(Ok(Vec::new()), |state| state.exports());
            let exports = exports.map_err(|error| Answer::broken(&error))?;
            return Ok(Answer::json(rows::list(&exports, |export, out| rows::export(export, uris, out))));
        }
        let state = state.filter(|state| state.has_performances());
        let places = || state.as_ref().map_or(Places::Range(0..0), |state| self.tagged(&**state, listing));
        match *call {
            ["performance"] => {
                let none = || Answer::not_found("NotFoundIterationPerformance", "Iteration performance not found.");
                let found = state.as_ref().and_then(|state| state.performance(listing.thresholds));
                found.ok_or_else(none)?.write(&mut out);
            }
            ["performance", "images"] => {
                let places = places().page(listing);
                out.push(b'[');
                if let Some(state) = &state {
                    let written = state.write_performances(&places, uris, &mut out);
                    written.map_err(|error| Answer::broken(&error))?;
                }
                out.push(b']');
            }
            ["performance", "images", "count"] => out.extend_from_slice(places().len().to_string().as_bytes()),
            _ => return Err(unknown_path()),
        }
        Ok(Answer::json(out))
    }

    /// What an iteration was trained on.
    fn state(&self, iteration: &Iteration) -> Result<Arc<dyn ImageSource>, Answer> {
        let state = self.stage.all().at(iteration.id).map_err(|error| Answer::broken(&error))?;
        // The workspace's images instead would be other ones under its name.
        state.ok_or_else(|| {
            Answer::not_found(
                "NotFoundIteration",
                "The images of this iteration are not in this \
                                                                    archive.",
            )
        })
    }

    fn is_authorized(&self, headers: &HeaderMap) -> bool {
        // Comparing digests takes the same time whatever the key is.
        let given = headers.get("training-key").map_or(&b""[..], |value| value.as_bytes());
        Sha256::digest(given) == Sha256::digest(self.key.expose_secret().as_bytes())
    }

    fn iteration(&self, id: IterationId) -> Result<&Iteration, Answer> {
        let found = self.stage.all().iterations().iter().find(|known| known.id == id);
        found.ok_or_else(|| Answer::not_found("NotFoundIteration", "Iteration not found."))
    }

    fn write_project(&self, uris: &SignedUris<'_>, out: &mut Vec<u8>) {
        let source = self.stage.all();
        let newest = source.count().checked_sub(1).and_then(|place| source.id(place));
        rows::project(&**source, newest, uris, out);
    }

    fn page(
        &self,
        source: &dyn ImageSource,
        places: Places,
        listing: &Listing,
        uris: &SignedUris<'_>,
    ) -> Result<Answer, Answer> {
        write_rows(source, &places.page(listing), uris)
    }

    fn by_ids(&self, source: &dyn ImageSource, listing: &Listing, uris: &SignedUris<'_>) -> Result<Answer, Answer> {
        self.counters.by_ids.fetch_add(1, Ordering::Relaxed);
        let mut places: Vec<usize> = listing.images.iter().filter_map(|&image| source.find(image)).collect();
        places.sort_unstable();
        places.dedup();
        write_rows(source, &places, uris)
    }

    fn tagged(&self, source: &dyn ImageSource, listing: &Listing) -> Places {
        if listing.tags.is_empty() {
            return Places::Range(0..source.count());
        }
        if self.stage.is_moving() {
            return Places::List(source.places_with(&listing.tags).into());
        }
        let filter = (listing.iteration, listing.tags.clone());
        if let Some(places) = self.filtered.lock().unwrap_or_else(PoisonError::into_inner).get(&filter) {
            return Places::List(Arc::clone(places));
        }
        let places: Arc<[u32]> = source.places_with(&filter.1).into();
        self.filtered.lock().unwrap_or_else(PoisonError::into_inner).put(filter, Arc::clone(&places));
        Places::List(places)
    }

    fn chosen(&self, source: &dyn ImageSource, listing: &Listing) -> Result<Places, Answer> {
        let places = match listing.tagging {
            // An image with one of the tags is no untagged one.
            Tagging::Untagged if !listing.tags.is_empty() => Places::Range(0..0),
            Tagging::Untagged => untagged(source),
            Tagging::All if listing.tags.is_empty() => Places::Range(0..untagged(source).end()),
            Tagging::All | Tagging::Tagged => self.tagged(source, listing),
        };
        let Some(filter) = listing.metadata_filter()? else { return Ok(places) };
        let matching = source.places_where(&filter).map_err(|error| Answer::broken(&error))?;
        Ok(Places::List(matching.into_iter().filter(|place| places.contains(*place)).collect()))
    }

    fn artifact(&self, listing: &Listing) -> Result<Answer, Answer> {
        let invalid = || Answer::bad_request("BadRequestInvalidArtifactUri", "path is not the path of an artifact.");
        let path = listing.path.as_deref().ok_or_else(invalid)?;
        let found = match self.signer.parse_path(path).ok_or_else(invalid)? {
            Blob::Picture(image, kind) => self.stage.all().blob(image, kind),
            Blob::Model(id) => self.stage.all().model(id),
        };
        let file = found.map_err(|error| Answer::broken(&error))?;
        let file = self.faults.picture(self.faults.picture_number(), file);
        file.map(Answer::octets).ok_or_else(|| Answer::not_found("NotFoundImage", "Artifact not found."))
    }
}

fn write_rows(source: &dyn ImageSource, places: &[usize], uris: &SignedUris<'_>) -> Result<Answer, Answer> {
    // A row of a few regions takes about a kilobyte and a half.
    let mut body = Vec::with_capacity(places.len() * 2_048 + 2);
    body.push(b'[');
    source.write_rows(places, uris, &mut body).map_err(|error| Answer::broken(&error))?;
    body.push(b']');
    Ok(Answer::json(body))
}

/// The images without tags, which are behind the others.
fn untagged(source: &dyn ImageSource) -> Places {
    let begin = source.count();
    Places::Range(begin..begin + source.untagged_count())
}

/// Whether a version of the API answers here: the calls that are served are the same in all of version 3.
fn is_served(version: &str) -> bool {
    let version = version.to_ascii_lowercase();
    matches!(version.strip_suffix("-preview").unwrap_or(&version), "v3.0" | "v3.1" | "v3.2" | "v3.3" | "v3.4")
}

fn unknown_path() -> Answer {
    Answer::gateway(StatusCode::NOT_FOUND, "Resource not found")
}
