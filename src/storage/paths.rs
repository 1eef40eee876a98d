//! Where the program keeps its own files, and with which rights.

use std::path::{Path, PathBuf};

use super::error::StorageError;
use super::private::tighten;

/// The variable that moves everything into one folder: portable use, and tests.
pub const HOME_VARIABLE: &str = "TAGSCOPE_HOME";

/// The program's own folders. They are made when something is first written into them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    config: PathBuf,
    cache: PathBuf,
    state: PathBuf,
}

impl Paths {
    /// The folders of `TAGSCOPE_HOME` when that is set, else those that the system has for a program.
    ///
    /// # Errors
    /// When the system names no home folder.
    pub fn find() -> Result<Self, StorageError> {
        if let Some(home) = std::env::var_os(HOME_VARIABLE).filter(|home| !home.is_empty()) {
            return Ok(Self::under(Path::new(&home)));
        }
        let dirs = directories::ProjectDirs::from("", "", "tagscope").ok_or(StorageError::NoHome)?;
        let state = dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir());
        Ok(Self {
            config: dirs.config_dir().to_path_buf(),
            cache: dirs.cache_dir().to_path_buf(),
            state: state.to_path_buf(),
        })
    }

    /// All folders under one.
    pub fn under(home: &Path) -> Self {
        Self { config: home.join("config"), cache: home.join("cache"), state: home.join("state") }
    }

    /// Settings.
    pub fn config_dir(&self) -> &Path {
        &self.config
    }

    /// What can be fetched again.
    pub fn cache_dir(&self) -> &Path {
        &self.cache
    }

    /// Logs and crash reports.
    pub fn state_dir(&self) -> &Path {
        &self.state
    }

    /// The report of the last crash, until the window shows it.
    pub fn crash_file(&self) -> PathBuf {
        self.state.join("crash.txt")
    }

    /// The settings file.
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("settings.json")
    }

    /// The journals of decisions.
    pub fn reviews_dir(&self) -> PathBuf {
        self.state.join("reviews")
    }

    /// The list of jobs that run, so that the next start can offer to resume what was interrupted.
    pub fn jobs_dir(&self) -> PathBuf {
        self.state.join("jobs")
    }

    /// The cache of pictures.
    pub fn blobs_dir(&self) -> PathBuf {
        self.cache.join("blobs")
    }

    /// The lists of projects as they were at the last visit.
    pub fn snapshots_dir(&self) -> PathBuf {
        self.cache.join("lists")
    }

    /// Perceptual hashes of pictures, by project.
    pub fn hashes_dir(&self) -> PathBuf {
        self.cache.join("hashes")
    }

    /// Findings that were called no problem, by project.
    pub fn dismissed_dir(&self) -> PathBuf {
        self.state.join("dismissed")
    }

    /// Takes away other people's rights to what earlier versions, or a restored backup, have left readable: the folders
    /// themselves, which closes what is in them, and the few files of the settings and the state.
    pub fn tighten(&self) {
        for folder in [&self.config, &self.cache, &self.state] {
            tighten(folder);
        }
        for folder in [&self.config, &self.state] {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                tighten(&entry.path());
            }
        }
        tighten(&self.blobs_dir());
        tighten(&self.imports_dir());
        tighten(&self.snapshots_dir());
        tighten(&self.mirrors_dir());
        tighten(&self.uploads_dir());
    }

    /// Lists of archives in object stores.
    pub fn mirrors_dir(&self) -> PathBuf {
        self.cache.join("stores")
    }

    /// What is built before it is uploaded to an object store.
    pub fn uploads_dir(&self) -> PathBuf {
        self.cache.join("uploads")
    }

    /// Archives made of datasets that were opened without importing them somewhere first.
    pub fn imports_dir(&self) -> PathBuf {
        self.cache.join("imports")
    }
}

/// Makes renames inside a folder last through a loss of power. Systems that cannot open a folder keep them anyway.
pub(super) fn sync_dir(path: &Path) {
    if cfg!(unix)
        && let Ok(dir) = std::fs::File::open(path)
    {
        let _ = dir.sync_all();
    }
}
