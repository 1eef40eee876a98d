//! Model files that the service has exported of the iterations. The service is never asked to export anything: what is
//! listed as done is downloaded, from addresses that need no key. A file that cannot be had costs a note.

use std::sync::Arc;

use bytes::Bytes;

use super::Job;
use super::held::is_as_noted;
use super::report::entries;
use crate::export::JobProgress;
use crate::failure::{self, OrFailure as _, OrFailureAt as _};
use crate::source::{Source, blocking};
use app::{ArchiveReport, Failure};
use domain::{ArchivedExport, BlobUri, ExportFacts, Iteration, IterationId, ModelExport};
use service::{Client, PartialBlob, ServiceError};
use storage::FileFacts;
use storage::archive::{exports_file, iteration_file, model_file};
use storage::staging::facts_of;

/// Exports of one iteration that are looked at: the service has fewer kinds.
const MOST_EXPORTS: usize = 64;
/// A ZIP file ends with this and at most so many bytes behind it.
const ZIP_END: &[u8] = b"PK\x05\x06";
const ZIP_TAIL: usize = (1 << 16) + 22;

/// The exports of an iteration, and their files where these are wanted or the former archive has them; `None`: nobody knows.
pub(super) async fn add(
    source: &Source,
    job: &Arc<Job>,
    iteration: &Iteration,
    files: &mut Vec<(String, FileFacts)>,
    report: &mut ArchiveReport,
) -> Result<Option<Vec<ArchivedExport>>, Failure> {
    let Source::Service(client) = source else { return Err(failure::internal("exports come from a service")) };
    let former = former_exports(job, iteration.id).await?;
    let is_wanted = job.wanted.has_models;
    let listed = match client.exports(job.wanted.project.id, iteration.id).await.or_failure() {
        Ok(listed) => listed,
        Err(failure) if failure.kind.origin().ends_at_once() => return Err(failure),
        Err(failure) => {
            let words = format!("The exported models of {:?} cannot be listed: {}", iteration.name, failure.headline());
            if is_wanted {
                report.notes.push(words);
            } else {
                report.remarks.push(words);
            }
            // What the former archive has of them is kept.
            return Ok(Some(former).filter(|former| !former.is_empty()));
        }
    };
    let mut listed: Vec<ModelExport> = entries(listed, report);
    if listed.len() > MOST_EXPORTS {
        let name = &iteration.name;
        report
            .notes
            .push(format!("{name:?} has {} exported models; only {MOST_EXPORTS} were looked at.", listed.len()));
        listed.truncate(MOST_EXPORTS);
    }
    let mut exports = Vec::new();
    let models = Models { client, job, iteration };
    for (done, export) in (0..).zip(&listed) {
        job.rest().await?;
        let had = if is_wanted {
            let total = listed.len() as u64;
            (job.progress)(JobProgress { stage: "Downloading models", done, total, bytes: 0 });
            models.file(export).await?.map(Some)
        } else {
            Ok(models.kept(export).await?)
        };
        let had = had.unwrap_or_else(|why| {
            let model = &export.facts;
            report.notes.push(format!("The {model} model of {:?} was not archived: {why}.", iteration.name));
            None
        });
        let file = had.map(|(name, facts)| {
            files.push((iteration_file(iteration.id, &name), facts));
            name
        });
        exports.push(ArchivedExport { facts: export.facts.clone(), file, is_gone: false });
    }
    let is_kept = |old: &ArchivedExport| old.file.is_some() && exports.iter().all(|new| new.file != old.file);
    let kept: Vec<_> = former.into_iter().filter(is_kept).collect();
    exports.extend(kept.into_iter().map(|old| ArchivedExport { is_gone: true, ..old }));
    if !exports.is_empty() {
        files.push(write_list(job, iteration.id, exports.clone()).await?);
    }
    Ok(Some(exports))
}

/// What the former archive says of the exports of an iteration.
pub(super) async fn former_exports(job: &Arc<Job>, iteration: IterationId) -> Result<Vec<ArchivedExport>, Failure> {
    let Some(former) = job.former.clone() else { return Ok(Vec::new()) };
    let read = move || former.contents(Some(iteration)).map_or(Ok(Vec::new()), |held| held.exports().or_failure());
    blocking(read).await
}

async fn write_list(
    job: &Arc<Job>,
    iteration: IterationId,
    exports: Vec<ArchivedExport>,
) -> Result<(String, FileFacts), Failure> {
    let shared = Arc::clone(job);
    blocking(move || {
        let mut json = serde_json::to_vec_pretty(&exports).map_err(|error| failure::internal(error.to_string()))?;
        json.push(b'\n');
        let name = exports_file(iteration);
        let facts = shared.staging.write(&name, &json).or_failure_at(&shared.out)?;
        Ok((name, facts))
    })
    .await
}

struct Models<'a> {
    client: &'a Client,
    job: &'a Arc<Job>,
    iteration: &'a Iteration,
}

/// A file below the iteration's folder, or why there is none.
type Had = Result<(String, FileFacts), String>;

enum Missing {
    Expired,
    Because(String),
}

impl Models<'_> {
    /// The file of an export: of an earlier run, else downloaded.
    async fn file(&self, export: &ModelExport) -> Result<Had, Failure> {
        let ModelExport { facts, download_uri } = export;
        let uri = match (facts.is_done(), download_uri) {
            (true, Some(uri)) => uri,
            (true, None) => return Ok(Err("the service gives no URL for it".to_owned())),
            (false, _) => return Ok(Err(words_of_status(&facts.status))),
        };
        let name = model_file(&name_of(facts, uri));
        if let Some(facts) = self.held(&name).await? {
            return Ok(Ok((name, facts)));
        }
        let bytes = match self.fetched(uri).await? {
            Err(Missing::Expired) => match self.fresh_uri(facts, uri).await? {
                Some(fresh) => self.fetched(&fresh).await?,
                None => Err(Missing::Expired),
            },
            fetched => fetched,
        };
        match bytes {
            Ok(bytes) => self.write(name, bytes).await.map(Ok),
            Err(Missing::Expired) => Ok(Err("its URL has expired, and the service gives no other one".to_owned())),
            Err(Missing::Because(why)) => Ok(Err(why)),
        }
    }

    /// The file of an export that an earlier run has downloaded.
    async fn kept(&self, export: &ModelExport) -> Result<Option<(String, FileFacts)>, Failure> {
        let Some(uri) = &export.download_uri else { return Ok(None) };
        let name = model_file(&name_of(&export.facts, uri));
        Ok(self.held(&name).await?.map(|facts| (name, facts)))
    }

    /// A file that the interrupted run or the former archive has, brought to its place.
    async fn held(&self, name: &str) -> Result<Option<FileFacts>, Failure> {
        let (job, name) = (Arc::clone(self.job), iteration_file(self.iteration.id, name));
        blocking(move || {
            let place = job.staging.path().join(&name);
            if let Some(facts) = job.kept.get(&name) {
                if is_as_noted(&place, facts).or_failure_at(&job.out)? {
                    return Ok(Some(facts.clone()));
                }
                if place.symlink_metadata().is_ok() {
                    job.staging.remove(&name).or_failure_at(&job.out)?;
                }
            }
            let former =
                job.former.as_ref().and_then(|former| Some((former.root().join(&name), former.file_facts(&name)?)));
            let Some((path, facts)) = former else { return Ok(None) };
            if !is_as_noted(&path, facts).or_failure_at(&job.out)? {
                return Ok(None);
            }
            job.staging.bring(&path, &name).or_failure_at(&job.out)?;
            job.staging.keep(&name, facts).or_failure_at(&job.out)?;
            Ok(Some(facts.clone()))
        })
        .await
    }

    /// The address of the same file with a fresh signature.
    async fn fresh_uri(&self, facts: &ExportFacts, old: &BlobUri) -> Result<Option<BlobUri>, Failure> {
        let listed = match self.client.exports(self.job.wanted.project.id, self.iteration.id).await.or_failure() {
            Ok(listed) => listed,
            Err(failure) if failure.kind.origin().ends_at_once() => return Err(failure),
            Err(_) => return Ok(None),
        };
        let is_same = |export: &ModelExport| {
            export.facts.platform == facts.platform
                && export.facts.flavor == facts.flavor
                && export.download_uri.as_ref().is_some_and(|uri| uri.unsigned() == old.unsigned() && uri != old)
        };
        Ok(listed.entries.into_iter().find(is_same).and_then(|export| export.download_uri))
    }

    async fn fetched(&self, uri: &BlobUri) -> Result<Result<Bytes, Missing>, Failure> {
        let because = |why: &str| Ok(Err(Missing::Because(why.to_owned())));
        let mut partial = PartialBlob::default();
        let error = match self.client.resume_blob(self.job.wanted.project.id, uri, &mut partial).await {
            Ok(bytes) if bytes.is_empty() => return because("its file is empty"),
            Ok(_) if partial.contradicts_checksum() => {
                return because("its file does not match the checksum that the storage gives");
            }
            Ok(bytes) if is_cut(&bytes) => return because("its file is incomplete: a ZIP file without its end"),
            Ok(bytes) => return Ok(Ok(bytes)),
            Err(error) => error,
        };
        let failure = failure::from_service(&error);
        if failure.kind.origin().ends_at_once() {
            return Err(failure);
        }
        let why = match error {
            ServiceError::Expired => return Ok(Err(Missing::Expired)),
            ServiceError::MissingPicture => "the storage does not have its file".to_owned(),
            ServiceError::StoreRefused(refusal) => format!("the storage refuses its file (status {})", refusal.status),
            ServiceError::PictureRedirected { host, .. } => {
                format!("its URL redirects to another owner's place, {host}")
            }
            ServiceError::TooLarge { limit } => format!("its file is larger than {limit} bytes"),
            ServiceError::BadAnswer { .. } => "its URL cannot be used".to_owned(),
            other => other.to_string(),
        };
        Ok(Err(Missing::Because(why)))
    }

    async fn write(&self, name: String, bytes: Bytes) -> Result<(String, FileFacts), Failure> {
        let (job, full) = (Arc::clone(self.job), iteration_file(self.iteration.id, &name));
        let facts = blocking(move || {
            let facts = job.staging.write(&full, &bytes).or_failure_at(&job.out)?;
            job.staging.keep(&full, &facts).or_failure_at(&job.out)?;
            Ok(facts)
        });
        Ok((name, facts.await?))
    }
}

fn words_of_status(status: &str) -> String {
    match status {
        "Exporting" => "the service is still exporting it; run it again later".to_owned(),
        "Failed" => "its export failed on the service".to_owned(),
        other => format!("its export has the status {other:?}"),
    }
}

/// The name of a model file. The same address gives the same name, so that a file that is there is not downloaded again;
/// nothing of the address can be read from it but its extension.
fn name_of(facts: &ExportFacts, uri: &BlobUri) -> String {
    let flavor = if facts.flavor.is_empty() { String::new() } else { format!("-{}", facts.flavor) };
    let stem = format!("{}{flavor}", facts.platform).to_ascii_lowercase().replace('.', "_");
    let hash = facts_of(uri.unsigned().as_bytes()).sha256.to_string();
    let last = uri.unsigned().rsplit('/').next().unwrap_or_default();
    let extension = last.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let is_extension =
        |text: &String| (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let extension = extension.filter(is_extension).unwrap_or_else(|| "bin".to_owned());
    format!("{stem}-{}.{extension}", &hash[..8])
}

/// Whether it is a ZIP file that ends early.
fn is_cut(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(ZIP_TAIL)..];
    bytes.starts_with(b"PK\x03\x04") && !tail.windows(ZIP_END.len()).any(|window| window == ZIP_END)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(platform: &str, flavor: &str, status: &str) -> ExportFacts {
        let [platform, flavor, status] = [platform, flavor, status].map(str::to_owned);
        ExportFacts { platform, flavor, status, newer_version_available: false }
    }

    #[test]
    fn a_name_follows_from_the_address_without_its_signature() {
        let name = |uri: &str| name_of(&facts("ONNX", "ONNX12", "Done"), &BlobUri::new(uri));
        let first = name("https://h/m/model.ZIP?sig=SECRET&se=1");
        assert!(first.starts_with("onnx-onnx12-") && first.ends_with(".zip"), "{first}");
        assert_eq!(first, name("https://h/m/model.ZIP?sig=OTHER&se=2"));
        assert_ne!(first, name("https://h/m/other.zip?sig=SECRET"));
        assert!(name("https://h/m/model?a=.zip").ends_with(".bin"));
        assert!(name_of(&facts("....", "", "Done"), &BlobUri::new("m/1.tar.gz")).starts_with("____-"));
    }

    #[test]
    fn a_zip_file_without_its_end_is_cut() {
        let whole = [b"PK\x03\x04 names and bytes ".as_slice(), ZIP_END, &[0; 18]].concat();
        assert!(!is_cut(&whole) && !is_cut(b"no zip"));
        assert!(is_cut(&whole[..whole.len() - 22]));
    }
}
