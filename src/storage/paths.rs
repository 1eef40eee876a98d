//! Where the program keeps its own files, and with which rights.
//!
//! What is here is for one person's eyes alone: 0600 and 0700 on Unix; elsewhere the person's own folders are that. Exports
//! and archives are not made here: they are the person's files, with the rights that their umask leaves.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::error::StorageError;

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
        && let Ok(dir) = File::open(path)
    {
        let _ = dir.sync_all();
    }
}

/// Makes a folder and its parents; those that are new are for this person's eyes alone, and so is the folder itself
/// when it was there before.
///
/// # Errors
/// When the system refuses.
pub fn create_private_dir(path: &Path) -> Result<(), StorageError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path).map_err(|error| match error.kind() {
        // A file stands where the folder should be.
        io::ErrorKind::AlreadyExists => {
            StorageError::NotWritable { path: path.to_path_buf(), reason: "there is a file with this name".to_owned() }
        }
        _ => StorageError::write(path, error),
    })?;
    tighten(path);
    Ok(())
}

/// Makes a new file for this person's eyes alone.
///
/// # Errors
/// When something is there already (a link too: it is not followed), or the system refuses.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Takes away the rights of others to a file or folder. A link is left alone, and so is what belongs to somebody else.
pub fn tighten(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let Ok(facts) = path.symlink_metadata() else { return };
        let mode = facts.permissions().mode();
        if (facts.is_file() || facts.is_dir()) && mode & 0o077 != 0 {
            let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & 0o700));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// [`tighten`]s a folder and all that is in it.
pub fn tighten_all(folder: &Path) {
    tighten(folder);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        // Of the entry itself, so that a link to a folder is not walked into.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            tighten_all(&entry.path());
        } else {
            tighten(&entry.path());
        }
    }
}
