//! A read-only Custom Vision endpoint on loopback, over the generated sample project or an archive on disk.
//!
//! [`start`] binds ports of 127.0.0.1, the service's, the blob store's and one where nobody should come, and answers on a
//! thread of its own until the [`Running`] is dropped. It speaks as the real service does, as far as recorded answers and the published
//! specification tell: paths, defaults and limits, key order, date and number text, error bodies, signed blob addresses
//! that expire. It never writes, and it prints nothing.
//!
//! `api` and `query` are the calls, `rows`, `performance` and `answer` their text, `blobs` and `signature` the
//! blob store. What is served is behind one trait, `ImageSource`, which `sample` and `archive` implement. [`fault`]
//! surrounds all of it: what services, networks and proxies do wrong, on request. Only builds with the feature `faults`
//! have it, which the tests switch on; in all others `no_faults` takes its place.

#![cfg_attr(not(feature = "faults"), allow(dead_code, reason = "only the faults use it"))]

mod answer;
mod api;
mod archive;
mod blobs;
mod connections;
#[cfg(feature = "faults")]
pub mod fault;
#[cfg(not(feature = "faults"))]
#[path = "no_faults.rs"]
pub mod fault;
mod image_source;
mod performance;
mod query;
mod rows;
mod running;
mod sample;
mod signature;
mod stats;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use sha2::{Digest, Sha256};

use self::api::Api;
use self::archive::ImageStore;
use self::fault::{FaultLayer, MovingSource};
use self::image_source::ImageSource;
use self::running::Ports;
use self::sample::Sample;
use self::signature::{Relative, Signer};
use self::stats::Counters;

use storage::{Archive, StorageError};

pub use fault::{FaultError, Faults};
pub use running::Running;
pub use stats::Stats;

pub const SAMPLE_IMAGES: usize = 240;

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one is made a run")]
pub enum ServedProject {
    /// The generated project. [`SAMPLE_IMAGES`] images and no number of regions is the sample as it comes.
    Sample {
        images: usize,
        /// Regions on each image, at most 300; `None` for about six, with planted labeling mistakes.
        regions: Option<usize>,
    },
    /// An archive on disk. Its pictures are served from their originals.
    Archive(Archive),
}

impl Default for ServedProject {
    fn default() -> Self {
        Self::Sample { images: SAMPLE_IMAGES, regions: None }
    }
}

#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The service's port; 0 for any free one.
    pub port: u16,
    /// The key to take; a random one when there is none.
    pub training_key: Option<SecretString>,
    /// How long a signed address is good for; the real service's lasts 24 hours.
    pub signature_lifetime: Duration,
    /// As on a private network: addresses are relative and the pictures come through the `artifacts` call.
    pub is_private_network: bool,
    pub faults: Faults,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            port: 0,
            training_key: None,
            signature_lifetime: Duration::from_secs(24 * 60 * 60),
            is_private_network: false,
            faults: Faults::default(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Bind { port: u16, source: std::io::Error },
    #[error("the endpoint's thread cannot be started: {0}")]
    Start(std::io::Error),
    #[error("URLs cannot be signed")]
    Signing,
    #[error("the picture cannot be generated")]
    Picture,
    #[error("the archive cannot be read: {0}")]
    Archive(#[from] StorageError),
}

/// Starts an endpoint over `content`. All ports are bound when it returns.
///
/// # Errors
/// When the port is taken, no thread can be started, or the archive cannot be read.
pub fn start(content: ServedProject, options: ServeOptions) -> Result<Running, ServerError> {
    let source: Arc<dyn ImageSource> = match content {
        ServedProject::Sample { images, regions } => Arc::new(Sample::new(images, regions)),
        ServedProject::Archive(archive) => Arc::new(ImageStore::new(archive)?),
    };
    let faults = options.faults;
    let ports = Ports::bind(options.port)?;
    let key = options.training_key.unwrap_or_else(|| {
        let text: String = random_bytes()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        SecretString::from(text)
    });
    let signer = Signer::new(
        &random_bytes(),
        &ports.blob_origin,
        if options.is_private_network { Relative::All } else { faults.relative() },
        source.project().id,
        faults.signature_lifetime(options.signature_lifetime),
    );
    let signer = Arc::new(signer.ok_or(ServerError::Signing)?);
    let counters = Arc::new(Counters::default());
    let layer = FaultLayer::new(faults.clone(), ports.other_origin.clone(), Arc::clone(&counters));
    let api = Api::new(MovingSource::new(source, faults), signer, key.clone(), counters, Arc::new(layer));
    ports.run(api, key)
}

/// Bytes that nobody can guess: the standard library seeds its hash maps from the system's random source, which is all
/// that is needed for a key that lives as long as the process.
fn random_bytes() -> [u8; 32] {
    let mut digest = Sha256::new();
    for _ in 0..4 {
        digest.update(RandomState::new().build_hasher().finish().to_le_bytes());
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    digest.update(now.as_nanos().to_le_bytes());
    digest.finalize().into()
}
