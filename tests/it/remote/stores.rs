//! Object stores on this computer: moto's server speaks like Amazon S3, Azurite like Azure Blob Storage. Each test starts its
//! own on a free port and ends just that one. The clouds' own libraries make and judge the objects.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tagscope::domain::ObjectAddress;
use tagscope::remote::Environment;

use crate::outside::skipped;

/// The key of Azurite's one account, which its documentation gives to everybody.
const AZURITE_KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
/// The secret of the user of moto's server: any will do.
pub const S3_SECRET: &str = "5ec4e7moto5ec4e7moto5ec4e7moto";

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    S3,
    Azure,
}

/// A store that runs.
pub struct Running {
    child: Child,
    kind: Kind,
    variables: Vec<(String, String)>,
    python: PathBuf,
    _folder: tempfile::TempDir,
}

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
        let python = PathBuf::from(std::env::var_os("TAGSCOPE_PYTHON").unwrap_or_else(|| "python3".into()));
        let library = if kind == Kind::S3 { "boto3" } else { "azure.storage.blob" };
        let probe = Command::new(&python).args(["-c", &format!("import {library}")]).output();
        if !probe.is_ok_and(|output| output.status.success()) {
            skipped(test, "set TAGSCOPE_PYTHON to a Python with moto[server] 5.2.5 and azure-storage-blob 12.31.1");
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
        };
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the store starts");
        let origin = match kind {
            Kind::S3 => origin(child.stderr.take().expect("stderr"), "Running on "),
            Kind::Azure => origin(child.stdout.take().expect("stdout"), "listens on "),
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
        };
        let variables = pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let running = Self { child, kind, variables, python, _folder: folder };
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
        if self.kind == Kind::S3 { S3_SECRET } else { AZURITE_KEY }
    }

    /// An address in the container that is there.
    pub fn address(&self, prefix: &str) -> ObjectAddress {
        let scheme = if self.kind == Kind::S3 { "s3" } else { "az" };
        format!("{scheme}://{CONTAINER}/{prefix}").parse().expect("address")
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

    /// Removes an object.
    pub fn remove(&self, name: &str) {
        self.library(&["remove", CONTAINER, name]);
    }

    /// The content of an object.
    pub fn read(&self, name: &str) -> Vec<u8> {
        self.library(&["read", CONTAINER, name]).into_bytes()
    }

    /// What pyarrow finds in Parquet below a prefix.
    pub fn parquet(&self, prefix: &str) -> Value {
        serde_json::from_str(&self.library(&["parquet", CONTAINER, prefix])).expect("JSON")
    }

    fn library(&self, arguments: &[&str]) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/objects.py");
        let mut command = Command::new(&self.python);
        command.arg("-B").arg(script).arg(if self.kind == Kind::S3 { "s3" } else { "az" }).args(arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).env("PYTHONUTF8", "1");
        let output = command.output().expect("python");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

/// The bucket or container of the tests.
pub const CONTAINER: &str = "testing";

/// Reads what a store says until it says where it listens; the rest is read and dropped, so that it never waits for us.
fn origin(said: impl std::io::Read + Send + 'static, before: &str) -> String {
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
        .spawn(move || std::io::copy(&mut said.by_ref(), &mut std::io::sink()))
        .expect("thread");
    found
}
