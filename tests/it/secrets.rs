//! The key and the signatures: nowhere but where they belong. The real program against its own built-in service, at the
//! most talkative level, and everything that it has said and written is searched.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tagscope::app::effect::Effect;
use tagscope::app::{ConnectionCommand, Failure, FailureKind, KeyChoice, SourceSpec};
use tagscope::desktop::SampleEndpoint;
use tagscope::server::ServeOptions;
use tagscope::service::{Client, ClientOptions, Endpoint};
use tagscope::storage::{KeyringVault, SessionVault, Vault as _};

/// A key that was typed wrong: it is a secret all the same.
const WRONG_KEY: &str = "00112233445566778899aabbccddeeff";

/// A home folder, and the sample in a process of its own.
struct Stage {
    home: tempfile::TempDir,
    child: Child,
    endpoint: String,
    key: String,
    said: Vec<u8>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagscope"));
    command.args(arguments).env("TAGSCOPE_HOME", home).env("TAGSCOPE_LOG", "trace").env("RUST_BACKTRACE", "full");
    // No keychain and no display of the person who runs the tests.
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "VISION_TRAINING_KEY", "VISION_TRAINING_ENDPOINT"] {
        command.env_remove(name);
    }
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus").stdin(Stdio::null());
    command
}

impl Stage {
    fn new(images: &str) -> Self {
        let home = tempfile::tempdir().expect("home");
        let mut command = program(home.path(), &["serve", "--sample", "--images", images]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("start");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("first line");
        let hello: Value = serde_json::from_str(&line).expect("JSON");
        let text = |name: &str| hello[name].as_str().expect(name).to_owned();
        Self { home, child, endpoint: text("endpoint"), key: text("trainingKey"), said: Vec::new() }
    }

    /// Runs a command with a key; all that it says is kept.
    fn run(&mut self, key: &str, arguments: &[&str]) -> Output {
        let mut command = program(self.home.path(), arguments);
        command.env("VISION_TRAINING_KEY", key).env("VISION_TRAINING_ENDPOINT", &self.endpoint);
        let output = command.output().expect("run");
        self.said.extend_from_slice(&output.stdout);
        self.said.extend_from_slice(&output.stderr);
        output
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

#[test]
fn no_key_and_no_signature_in_what_is_said_and_written() {
    let mut stage = Stage::new("6");
    let key = stage.key.clone();
    let out = stage.home.path().join("out");
    let out = out.to_str().expect("UTF-8").to_owned();
    for arguments in [
        &["projects"][..],
        &["projects", "--json"],
        &["tags", "--json"],
        &["iterations", "--json"],
        &["images"],
        &["images", "--jsonl"],
        &["images", "--count"],
        &["export", "--format", "coco,jsonl", "--out", &out],
        &["key", "status"],
    ] {
        let output = stage.run(&key, arguments);
        let is_done = matches!(output.status.code(), Some(0 | 5));
        assert!(is_done, "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    for (key, arguments, status) in [
        (WRONG_KEY, &["projects"][..], 3),
        ("a key with spaces and \u{732b}", &["projects"], 3),
        (&key, &["images", "--project", "nobody"], 3),
        (&key, &["export", "--format", "coco", "--out", &out], 1),
        (&key, &["images", "--no-such-option"], 2),
        (&key, &["demo"], 1),
        (&key, &[], 1),
    ] {
        assert_eq!(stage.run(key, arguments).status.code(), Some(status), "{arguments:?}");
    }
    let mut searched = vec![("what was said".to_owned(), stage.said.clone())];
    for file in files(stage.home.path()) {
        searched.push((file.display().to_string(), std::fs::read(&file).expect("file")));
    }
    assert!(searched.len() > 8, "there is something to search");
    for (name, bytes) in &searched {
        for secret in [&*key, WRONG_KEY, "a key with spaces", "sig=", "sig%3D"] {
            assert!(!contains(bytes, secret), "{secret} is in {name}");
        }
    }
}

/// A picture whose signature has run out: neither the error nor the report of the export repeats the address.
#[tokio::test]
async fn an_expired_signature_is_not_repeated() {
    let running = server::start(server::ServedProject::Sample { images: 3, regions: Some(1) }, ServeOptions::default())
        .expect("server");
    let endpoint = Endpoint::parse(running.endpoint()).expect("endpoint");
    let client = Client::new(endpoint, running.training_key().clone(), ClientOptions::default()).expect("client");
    let project = running.project_id();
    let page = client.images_page(project, &service::ListQuery::default(), 0, 1).await.expect("page");
    let uri = page.rows[0].uris.original.clone().expect("address");
    assert!(uri.expose().contains("sig="));
    let old = domain::BlobUri::new(uri.expose().replace("sig=", "sig=0"));
    let error = client.blob(project, &old).await.expect_err("refused");
    let failure = engine::failure::from_service(&error);
    let words = format!("{error} {error:?} {failure:?} {} {old:?} {:?}", failure.full_text(), page.rows[0]);
    assert!(!words.contains("sig=") && !words.contains(running.training_key().expose_secret()), "{words}");
}

/// Every public type that holds a key, as a log or a panic would print it.
#[test]
fn debug_shows_no_key() {
    let key = || SecretString::from(WRONG_KEY);
    let vault = SessionVault::new();
    vault.set("https://h", &key()).expect("set");
    let endpoint = Endpoint::parse("https://h").expect("endpoint");
    let source = SourceSpec::Service { endpoint: "https://h".to_owned() };
    let choice = || KeyChoice::Typed { key: key(), keep: true };
    let served = SampleEndpoint { endpoint: String::new(), key: key(), guard: Box::new(()) };
    let printed = [
        format!("{:?}", key()),
        format!("{vault:?} {:?}", KeyringVault::new()),
        format!("{:?}", Client::new(endpoint, key(), ClientOptions::default())),
        format!("{:?}", ServeOptions { training_key: Some(key()), ..ServeOptions::default() }),
        format!("{:?} {:?}", ConnectionCommand::Connect(Some(key())), ConnectionCommand::Test(Some(key()))),
        format!("{:?} {:?}", choice(), Effect::Connect { source, key: choice() }),
        format!("{:?}", served.key),
        format!("{:?}", Failure::new(FailureKind::WrongKey, "").full_text()),
    ];
    for text in printed {
        assert!(!text.contains(WRONG_KEY), "{text}");
    }
}

/// The log lets our own messages through and nothing else; what ours may hold is looked at here.
#[test]
fn the_log_is_an_allow_list() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let filter = std::fs::read_to_string(src.join("cli/trace.rs")).expect("source");
    assert!(filter.contains("Targets::new().with_target(\"tagscope\", level)"), "only our own");
    let mut events = 0;
    for file in files(&src) {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        for (at, _) in text.match_indices("tracing::") {
            let event = text[at..].split(';').next().unwrap_or_default();
            let is_event = ["trace!(", "debug!(", "info!(", "warn!(", "error!(", "event!(", "span!("]
                .iter()
                .any(|name| event["tracing::".len()..].starts_with(name));
            if !is_event {
                continue;
            }
            events += 1;
            for word in ["uri", "url", "expose", "secret", "body", "headline", "message", "details", "full_text"] {
                assert!(!event.to_lowercase().contains(word), "{}: {event}", file.display());
            }
        }
    }
    assert!(events > 5, "{events} events were looked at");
}

/// What the window starts inherits its environment: there is no key in it, and none in what the system shows of the
/// process, while the program itself still has it. A display that never answers holds the window in its first moment.
#[cfg(target_os = "linux")]
#[test]
fn the_windows_environment_holds_no_key() {
    for arguments in [&[][..], &["demo", "--images", "3"]] {
        let home = tempfile::tempdir().expect("home");
        let display = home.path().join("wayland");
        let listener = std::os::unix::net::UnixListener::bind(&display).expect("display");
        let mut command = program(home.path(), arguments);
        command.env("WAYLAND_DISPLAY", &display).env("XDG_RUNTIME_DIR", home.path());
        command.env("VISION_TRAINING_KEY", WRONG_KEY).stderr(Stdio::piped());
        let mut child = command.spawn().expect("start");
        // The window connects to its display: by now it is the second program.
        let connection = listener.accept().expect("the window");
        let facts = format!("/proc/{}", child.id());
        let environment = std::fs::read(format!("{facts}/environ")).expect("environment");
        let line = std::fs::read(format!("{facts}/cmdline")).expect("arguments");
        child.kill().expect("kill");
        child.wait().expect("end");
        drop(connection);
        let said = std::io::read_to_string(child.stderr.take().expect("stderr")).expect("text");
        assert!(contains(&environment, "TAGSCOPE_HOME="), "an environment");
        assert!(!contains(&environment, WRONG_KEY) && !contains(&environment, "VISION_TRAINING_KEY"));
        assert!(!contains(&line, WRONG_KEY) && contains(&line, "--key-on-standard-input"));
        assert!(said.contains("the key came on standard input") && said.contains("is_there=true"), "{said}");
        assert!(!said.contains(WRONG_KEY));
    }
}

/// Settings, state and cache, made by the real program under an ordinary umask, and loose ones of before.
#[cfg(unix)]
#[test]
fn own_files_are_private_and_exports_are_not() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| path.symlink_metadata().expect("facts").permissions().mode() & 0o777;
    let loosen = |path: &Path, bits| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(bits)).expect("permissions");
    };
    let home = tempfile::tempdir().expect("home");
    let [config, state] = ["config", "state"].map(|name| home.path().join(name));
    for folder in [&config, &state] {
        std::fs::create_dir(folder).expect("folder");
        loosen(folder, 0o755);
    }
    let settings = config.join("settings.json");
    std::fs::write(&settings, "{}").expect("settings");
    loosen(&settings, 0o644);
    // The window tightens what it finds, then has no display.
    let ended = program(home.path(), &["demo"]).output().expect("run");
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!([mode(&config), mode(&state), mode(&settings)], [0o700, 0o700, 0o600]);

    // An export of the same person is an ordinary file.
    let stage = Stage::new("2");
    let key = stage.key.clone();
    let ordinary = |arguments: &[&str]| {
        let words: Vec<_> = arguments.iter().map(|word| format!("'{word}'")).collect();
        let script = format!("umask 022; exec \"$0\" {}", words.join(" "));
        let program = program(stage.home.path(), &[]);
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(script).arg(program.get_program());
        shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.env("VISION_TRAINING_KEY", &key).env("VISION_TRAINING_ENDPOINT", &stage.endpoint);
        let output = shell.output().expect("run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let out = stage.home.path().join("out");
    ordinary(&["export", "--format", "jsonl", "--images", "none", "--out", out.to_str().expect("UTF-8")]);
    assert_eq!((mode(&out), mode(&out.join("images.jsonl"))), (0o755, 0o644));
    // So are exported reviews, which others are to read.
    let reviews = stage.home.path().join("reviews.csv");
    ordinary(&["reviews", "export", "--out", reviews.to_str().expect("UTF-8")]);
    assert_eq!(mode(&reviews), 0o644);
}
