//! A proxy that does not let a call through is named with its address and the variable that holds it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use super::{Ran, Stage};

/// Nothing under this name is ever asked for: the proxy comes first.
const ENDPOINT: &str = "https://nobody.cognitiveservices.azure.com";
const VARIABLES: [&str; 8] =
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];

/// Lists the projects through a proxy.
fn through(variable: &str, value: &str) -> Ran {
    let stage = Stage::empty();
    let mut command = stage.command(&["projects", "--endpoint", ENDPOINT]);
    VARIABLES.iter().for_each(|name| _ = command.env_remove(name));
    Ran::of(command.env("VISION_TRAINING_KEY", "k0k0k0").env(variable, value).output().expect("run"))
}

/// A proxy that gives each connection this answer. Its port, and the first bytes of each connection.
fn proxy(answer: &'static [u8]) -> (u16, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let port = listener.local_addr().expect("address").port();
    let (sender, first) = mpsc::sync_channel(64);
    let answer_all = move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut head = vec![0; 512];
            let count = stream.read(&mut head).unwrap_or_default();
            head.truncate(count);
            let _ = stream.write_all(answer);
            if sender.send(head).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("proxy".to_owned()).spawn(answer_all).expect("thread");
    (port, first)
}

#[test]
fn a_proxy_that_wants_a_password_or_refuses_is_named() {
    for (answer, words) in [
        (&b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"[..], "password"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "refuses"),
    ] {
        let (port, first) = proxy(answer);
        let ran = through("HTTPS_PROXY", &format!("http://me:s3cr3t@127.0.0.1:{port}")).is(4);
        let said = format!("The proxy 127.0.0.1:{port} (HTTPS_PROXY)");
        assert!(ran.err.contains(&said) && ran.err.contains(words), "{}", ran.err);
        assert!(!ran.err.contains("s3cr3t") && !ran.err.contains("Check the network connection"), "{}", ran.err);
        assert!(first.recv().expect("asked").starts_with(b"CONNECT nobody."));
        assert!(first.try_iter().count() <= 1, "the projects and their domains are asked for once");
    }
}

#[test]
fn a_proxy_that_is_down_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").expect("bind").local_addr().expect("address").port();
    let ran = through("all_proxy", &format!("127.0.0.1:{port}")).is(4);
    assert!(ran.err.contains(&format!("The proxy 127.0.0.1:{port} (all_proxy) cannot be reached")), "{}", ran.err);
}

#[test]
fn a_proxy_that_cannot_be_read_is_not_passed_over() {
    for value in ["ftp://me:s3cr3t@127.0.0.1:1", "http://me:s3cr3t@", "http//127.0.0.1:1 s3cr3t"] {
        let ran = through("HTTPS_PROXY", value).is(2);
        assert!(
            ran.err.contains("The proxy in HTTPS_PROXY cannot be used") && !ran.err.contains("s3cr3t"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_socks_proxy_is_spoken_to_as_one() {
    // No way to sign in is acceptable to it.
    let (port, first) = proxy(b"\x05\xff");
    let ran = through("ALL_PROXY", &format!("socks5h://127.0.0.1:{port}")).is(4);
    assert_eq!(first.recv().expect("asked").first(), Some(&5), "version 5");
    assert!(ran.err.contains(&format!("The proxy 127.0.0.1:{port} (ALL_PROXY)")), "{}", ran.err);
}

#[test]
#[cfg(target_os = "linux")]
fn a_computer_without_root_certificates_is_told_to_install_them_and_serves_itself() {
    let none = [("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/dev/null")];
    let stage = Stage::empty();
    let mut command = stage.command(&["projects", "--endpoint", ENDPOINT]);
    VARIABLES.iter().for_each(|name| _ = command.env_remove(name));
    let ran = Ran::of(command.env("VISION_TRAINING_KEY", "k0k0k0").envs(none).output().expect("run")).is(4);
    assert!(ran.err.contains("no root certificates") && ran.err.contains("apt install ca-certificates"), "{}", ran.err);
    let stage = Stage::sample(&["--images", "3"]);
    let ran = Ran::of(
        stage.command(&["images", "--count", "--project", &stage.served().project]).envs(none).output().expect("run"),
    )
    .is(0);
    assert_eq!(ran.out.trim(), "3");
}
