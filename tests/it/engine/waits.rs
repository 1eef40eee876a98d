//! A host of pictures that asks to slow down: the window is told why it waits, and that it no longer does.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use tagscope::app::{Effect, Event, ExportJob, TaskId, TaskState};
use tagscope::domain::{BlobUri, Catalogue, ImageIx, ProjectKind, Raster};
use tagscope::formats::{Format, PixelChoice};
use tagscope::pixels;

use super::rig::{Rig, serve, thumb, thumb_key};

/// A host that answers its first request with 429 and the others with a picture; its address of a picture. Ends with
/// the test's process.
fn busy_host() -> BlobUri {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let uri = BlobUri::new(format!("http://{}/i-1/t-2?sig=s", listener.local_addr().expect("address")));
    let raster = Raster::new(64, 48, vec![90; 64 * 48 * 4]).expect("raster");
    let picture = pixels::encode_jpeg(&raster, 80).expect("jpeg");
    let serve = move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.expect("stream");
            let mut lines = BufReader::new(stream.try_clone().expect("stream")).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let (head, body) = match number {
                0 => ("429 Too Many Requests\r\nRetry-After: 1", &[][..]),
                _ => ("200 OK", &picture[..]),
            };
            let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            // Who has left needs no answer.
            let _ = stream.write_all(&[head.as_bytes(), body].concat());
        }
    };
    std::thread::Builder::new().name("busy-host".to_owned()).spawn(serve).expect("thread");
    uri
}

const WORDS: &str = "the service is limiting requests; continuing in 1 s";

#[test]
fn thumbnails_say_why_they_wait() {
    let running = serve(3, Some(1));
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    let mut request = thumb(&catalogue, 0, 64);
    request.target.thumbnail = Some(busy_host());
    rig.run(Effect::WantThumbs { generation: 1, requests: vec![request] });
    let words = |event: &Event| match event {
        Event::Waiting { generation: 1, words } => Some(words.clone()),
        _ => None,
    };
    assert_eq!(rig.wait("words", words).as_deref(), Some(WORDS));
    assert_eq!(rig.pixels(thumb_key(0, 64)), Ok((64, 48)));
    assert_eq!(rig.wait("the end of the wait", words), None);
    rig.shutdown();
}

#[test]
fn an_export_says_why_it_waits() {
    let running = serve(3, Some(1));
    let mut rig = Rig::new();
    let connected = rig.connect_to(&running);
    let (listed, _) = rig.list(running.project_id(), 1);
    let mut rows: Vec<_> = listed.iter().map(|image| image.to_row()).collect();
    rows[0].uris.original = Some(busy_host());
    let mut catalogue = Catalogue::new();
    catalogue.append(rows);
    let job = ExportJob {
        plan: None,
        task: TaskId(1),
        generation: 1,
        images: (0..3).map(ImageIx).collect(),
        catalogue: Arc::new(catalogue),
        project: connected.projects[0].project.clone(),
        kind: ProjectKind::Detection,
        iteration: None,
        formats: vec![Format::Coco],
        near_duplicates: Default::default(),
        query: None,
        tags: Vec::new(),
        notes: Vec::new(),
        options: formats::FormatOptions::default(),
        pixels: PixelChoice::Original,
        out: rig.home.path().join("exported").into(),
        is_resumed: false,
    };
    rig.run(Effect::Export(Box::new(job)));
    rig.wait("words", |event| match event {
        Event::Task { state: TaskState::Running { waiting: Some(words), .. }, .. } => {
            assert_eq!(words, WORDS);
            Some(())
        }
        _ => None,
    });
    let report = rig.wait("the export", |event| match event {
        Event::ExportDone { report, .. } => Some(report.clone()),
        Event::TaskFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    });
    assert_eq!(report.images_out, 3);
    rig.shutdown();
}
