//! A service that asks to slow down, and what the program says of it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::Stage;

/// So long that only a hang exceeds it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service with an empty project that refuses the first two calls about its images, which come at the same time. Ends
/// with the test's process.
fn busy_service() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let endpoint = format!("http://{}", listener.local_addr().expect("address"));
    let refused: Arc<AtomicUsize> = Arc::default();
    let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
    let serve = move || {
        for stream in listener.incoming() {
            let (stream, refused) = (stream.expect("stream"), Arc::clone(&refused));
            thread("busy-call").spawn(move || answer(stream, &refused)).expect("thread");
        }
    };
    thread("busy-service").spawn(serve).expect("thread");
    endpoint
}

fn answer(mut stream: TcpStream, refused: &AtomicUsize) {
    let mut lines = BufReader::new(stream.try_clone().expect("stream")).lines();
    let request = lines.next().and_then(Result::ok).unwrap_or_default();
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let (head, body) = if request.contains("/images/") && refused.fetch_add(1, Ordering::SeqCst) < 2 {
        // Both are refused together, however slow this machine is.
        let began = Instant::now();
        while refused.load(Ordering::SeqCst) < 2 && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(2));
        }
        // So long that a slow program still takes the second refusal for the same wait.
        ("429 Too Many Requests\r\nRetry-After: 5", "")
    } else if request.contains("/count") {
        ("200 OK", "0")
    } else if request.contains("/images/") || request.contains("/domains") {
        ("200 OK", "[]")
    } else {
        ("200 OK", r#"[{"id":"2f39bbf3-9674-4cec-b5b1-bc603b972a87","name":"P","settings":{}}]"#)
    };
    let length = body.len();
    let answer = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    // Who has left needs no answer.
    let _ = stream.write_all(answer.as_bytes());
}

#[test]
fn two_calls_that_wait_for_the_same_are_one_line() {
    let stage = Stage::empty();
    for (arguments, lines) in [(&["images"][..], 1), (&["images", "--quiet"][..], 0)] {
        let mut command = stage.command(arguments);
        command.env("VISION_TRAINING_ENDPOINT", busy_service()).env("VISION_TRAINING_KEY", "5ec4e7");
        let output = command.output().expect("run");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(0), "{said}");
        let waits = said.lines().filter(|line| *line == "The service is limiting requests; continuing in 5 s.").count();
        assert_eq!(waits, lines, "{said}");
    }
}
