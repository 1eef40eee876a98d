//! Object stores on this computer: moto's server speaks like Amazon S3, Azurite like Azure Blob Storage, and
//! `tests/sdk/google_store.py` like Google Cloud Storage. Each test starts its own on a free port and ends just that one. The
//! clouds' own libraries make and judge the objects.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tagscope::domain::ObjectAddress;
use tagscope::remote::Environment;

use crate::outside::skipped;

/// The key of Azurite's one account, which its documentation gives to everybody.
const AZURITE_KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
/// The secret of the user of moto's server: any will do.
pub const S3_SECRET: &str = "5ec4e7moto5ec4e7moto5ec4e7moto";
/// The token that Google's stand-in wants.
const GOOGLE_TOKEN: &str = "5ec4e7googletoken5ec4e7";

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    S3,
    Azure,
    Google,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::S3, Self::Azure, Self::Google];

    pub fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Azure => "az",
            Self::Google => "gs",
        }
    }

    /// What must be there to start and to judge it.
    fn library(self) -> &'static str {
        match self {
            Self::S3 => "boto3, moto",
            Self::Azure => "azure.storage.blob",
            Self::Google => "google.cloud.storage, gcp_storage_emulator",
        }
    }
}

/// A store that runs.
pub struct Running {
    child: Child,
    kind: Kind,
    variables: Vec<(String, String)>,
    python: PathBuf,
    log: Log,
    _folder: tempfile::TempDir,
}

/// What a store has said: moto's server says each request.
type Log = Arc<Mutex<Vec<String>>>;

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An object, as the cloud's own library finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub bytes: u64,
    pub sha256: String,
    pub kind: String,
}

impl Running {
    /// Starts a store with a container `testing`; `None` where it is not installed.
    pub fn start(kind: Kind, test: &str) -> Option<Self> {
        Self::start_with(kind, test, &[])
    }

    /// The same with more arguments.
    pub fn start_with(kind: Kind, test: &str, arguments: &[&str]) -> Option<Self> {
        let python = PathBuf::from(std::env::var_os("TAGSCOPE_PYTHON").unwrap_or_else(|| "python3".into()));
        if !has(&python, kind.library(), test) {
            return None;
        }
        let folder = tempfile::tempdir().expect("folder");
        let mut command = match kind {
            Kind::S3 => {
                let mut command = Command::new(&python);
                command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]);
                command
            }
            Kind::Azure => {
                let modules = std::env::var_os("TAGSCOPE_NODE_MODULES").map(PathBuf::from).unwrap_or_default();
                let program = modules.join("azurite/dist/src/blob/main.js");
                if !program.exists() {
                    skipped(test, "set TAGSCOPE_NODE_MODULES to a folder with azurite 3.35.0");
                    return None;
                }
                let mut command = Command::new("node");
                command.arg(program).args(["--blobHost", "127.0.0.1", "--blobPort", "0", "--silent"]);
                command.args(["--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence"]);
                command
            }
            Kind::Google => {
                let mut command = Command::new(&python);
                let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/google_store.py");
                command.arg("-B").arg(script).arg(GOOGLE_TOKEN);
                command
            }
        };
        command.args(arguments);
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the store starts");
        let log = Log::default();
        let origin = match kind {
            Kind::S3 => origin(child.stderr.take().expect("stderr"), "Running on ", Arc::clone(&log)),
            Kind::Azure | Kind::Google => origin(child.stdout.take().expect("stdout"), "listens on ", Arc::clone(&log)),
        };
        let pairs: Vec<(&str, String)> = match kind {
            Kind::S3 => vec![
                ("AWS_ENDPOINT_URL", origin),
                ("AWS_ALLOW_HTTP", "true".to_owned()),
                ("AWS_ACCESS_KEY_ID", "AKIATESTING".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", S3_SECRET.to_owned()),
                ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ],
            Kind::Azure => {
                let account = "devstoreaccount1";
                let text = format!("AccountName={account};AccountKey={AZURITE_KEY};BlobEndpoint={origin}/{account};");
                vec![("AZURE_STORAGE_CONNECTION_STRING", text)]
            }
            Kind::Google => vec![
                // Read by Google's own library.
                ("STORAGE_EMULATOR_HOST", origin.clone()),
                ("GOOGLE_BASE_URL", origin),
                ("GOOGLE_ALLOW_HTTP", "true".to_owned()),
                ("GOOGLE_BEARER_TOKEN", GOOGLE_TOKEN.to_owned()),
            ],
        };
        let variables = pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let running = Self { child, kind, variables, python, log, _folder: folder };
        running.library(&["make", CONTAINER]);
        Some(running)
    }

    /// The variables with which it is reached.
    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// The same for this process.
    pub fn environment(&self) -> Environment {
        self.variables.iter().cloned().collect()
    }

    /// The secret that must never be shown.
    pub fn secret(&self) -> &'static str {
        match self.kind {
            Kind::S3 => S3_SECRET,
            Kind::Azure => AZURITE_KEY,
            Kind::Google => GOOGLE_TOKEN,
        }
    }

    /// An address in the container that is there.
    pub fn address(&self, prefix: &str) -> ObjectAddress {
        format!("{}://{CONTAINER}/{prefix}", self.kind.scheme()).parse().expect("address")
    }

    /// What it has said since the last time.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().expect("log"))
    }

    /// The objects below a prefix, by name, downloaded by the cloud's own library.
    pub fn objects(&self, prefix: &str) -> BTreeMap<String, Found> {
        let text = self.library(&["list", CONTAINER, prefix]);
        let found = text.lines().map(|line| {
            let value: Value = serde_json::from_str(line).expect("JSON");
            let text = |name: &str| value[name].as_str().expect(name).to_owned();
            let bytes = value["bytes"].as_u64().expect("bytes");
            (text("name"), Found { bytes, sha256: text("sha256"), kind: text("type") })
        });
        found.collect()
    }

    /// Puts an object there that is not Tagscope's.
    pub fn put(&self, name: &str, file: &Path) {
        self.library(&["put", CONTAINER, name, file.to_str().expect("UTF-8")]);
    }

    /// Puts every file below a folder there.
    pub fn upload(&self, prefix: &str, folder: &Path) {
        self.library(&["upload", CONTAINER, prefix, folder.to_str().expect("UTF-8")]);
    }

    /// Removes an object.
    pub fn remove(&self, name: &str) {
        self.library(&["remove", CONTAINER, name]);
    }

    /// The content of an object.
    pub fn read(&self, name: &str) -> Vec<u8> {
        self.library(&["read", CONTAINER, name]).into_bytes()
    }

    /// What pyarrow finds in Parquet below a prefix; `None` where it is not installed.
    pub fn parquet(&self, prefix: &str, test: &str) -> Option<Value> {
        let is_there = has(&self.python, "pyarrow.dataset", test);
        is_there.then(|| serde_json::from_str(&self.library(&["parquet", CONTAINER, prefix])).expect("JSON"))
    }

    fn library(&self, arguments: &[&str]) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/objects.py");
        let mut command = Command::new(&self.python);
        command.arg("-B").arg(script).arg(self.kind.scheme()).args(arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).env("PYTHONUTF8", "1");
        let output = command.output().expect("python");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

/// Whether a Python has libraries; where not, the test is skipped.
fn has(python: &Path, libraries: &str, test: &str) -> bool {
    let probe = Command::new(python).args(["-c", &format!("import {libraries}")]).output();
    let is_there = probe.is_ok_and(|output| output.status.success());
    if !is_there {
        let words = "set TAGSCOPE_PYTHON to a Python with moto[server] 5.2.5, azure-storage-blob 12.31.1, \
                     google-cloud-storage 3.17.1, gcp-storage-emulator 2026.7.19 and pyarrow 25.0.1";
        skipped(test, &format!("{words} (no {libraries})"));
    }
    is_there
}

/// The bucket or container of the tests.
pub const CONTAINER: &str = "testing";

/// Reads what a store says until it says where it listens; the rest is kept, so that it never waits for us.
fn origin(said: impl std::io::Read + Send + 'static, before: &str, log: Log) -> String {
    let mut said = BufReader::new(said);
    let mut all = String::new();
    let found = loop {
        let mut line = String::new();
        if said.read_line(&mut line).expect("a line") == 0 {
            panic!("the store has ended: {all}");
        }
        if let Some(rest) = line.split(before).nth(1) {
            break rest.split_whitespace().next().expect("address").to_owned();
        }
        all.push_str(&line);
    };
    std::thread::Builder::new()
        .name("store".to_owned())
        .spawn(move || said.lines().map_while(Result::ok).for_each(|line| log.lock().expect("log").push(line)))
        .expect("thread");
    found
}
