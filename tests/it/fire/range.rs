//! Where the shooting is done: a service with faults, and a client that does not wait long.

use std::path::Path;
use std::time::Duration;

use tagscope::domain::{BlobKind, ImageId, ImageRow, ListingReport, RecordReader, UriForm, write_image};
use tagscope::server::{Faults, ServeOptions, ServedProject};
use tagscope::service::{Client, ClientOptions, Endpoint, ListQuery, Pager, PagerOptions, RetryPolicy, ServiceError};
use tagscope::storage::{Archive, ArchiveFacts, ArchiveWriter};

use crate::watched::Watched;

/// So long that only a hang exceeds it.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A sample of `images` small rows with these faults.
pub(super) fn sample(images: usize, faults: &[&str]) -> Watched {
    start(ServedProject::Sample { images, regions: Some(1) }, faults)
}

/// Anything with these faults.
pub(super) fn start(content: ServedProject, faults: &[&str]) -> Watched {
    let faults = Faults::parse(faults).expect("faults");
    Watched::start(content, ServeOptions { faults, ..ServeOptions::default() })
}

/// The client as the program uses it, but for the length of its own back-off. What the service asks it to wait, it
/// waits.
pub(super) fn client(service: &Watched) -> Client {
    client_with(service, |_| {})
}

pub(super) fn client_with(service: &Watched, change: impl FnOnce(&mut ClientOptions)) -> Client {
    let retry = RetryPolicy { base: Duration::from_millis(2), ..RetryPolicy::default() };
    let mut options = ClientOptions { retry, ..ClientOptions::default() };
    change(&mut options);
    let endpoint = Endpoint::parse(service.endpoint()).expect("endpoint");
    Client::new(endpoint, service.training_key().clone(), options).expect("client")
}

/// A future that must end.
pub(super) async fn ends<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("it ends")
}

/// Everything that a listing gives.
pub(super) async fn list(
    service: &Watched,
    client: &Client,
    query: ListQuery,
) -> Result<(Vec<ImageRow>, ListingReport), ServiceError> {
    let mut pager = Pager::new(client.clone(), service.project_id(), query, PagerOptions::default());
    let mut rows = Vec::new();
    let work = async {
        while let Some(step) = pager.next().await {
            let step = step?;
            assert_eq!(step.page.problems.first(), None, "a row that cannot be read");
            rows.extend(step.page.rows);
        }
        Ok(())
    };
    ends(work).await?;
    Ok((rows, pager.report()))
}

/// A row as text without its addresses, which are signed again each time.
pub(super) fn text(row: &ImageRow) -> String {
    let mut row = row.clone();
    row.uris = Default::default();
    let mut out = Vec::new();
    write_image(&row, UriForm::Unsigned, &mut out);
    String::from_utf8(out).expect("UTF-8")
}

/// An archive of `count` images of 32 x 24 pixels, each its own file: quick to serve.
pub(super) fn archive(folder: &Path, count: usize) -> Archive {
    let mut writer = ArchiveWriter::create(folder).expect("archive");
    let tag = "3f1c6a52-8d0b-4e97-a1c4-5b7e2d908f13";
    let mut reader = RecordReader::new();
    for n in 0..count {
        let id = format!("00000000-0000-4000-8000-{n:012x}");
        let line = format!(
            r#"{{"id":"{id}","created":"2024-03-04T07:{:02}:{:02}","width":32,"height":24,"tags":[{{"tagId":"{tag}","tagName":"fork"}}],"regions":[{{"regionId":"{id}","tagName":"fork","tagId":"{tag}","left":0.25,"top":0.25,"width":0.5,"height":0.5}}]}}"#,
            59 - n / 60 % 60,
            59 - n % 60
        );
        let row = reader.line(line.as_bytes(), n).expect("row");
        writer.add_original(row.id, "png", &picture(n)).expect("original");
        writer.add_row(&row).expect("row");
    }
    let project = serde_json::from_value(serde_json::json!({
        "id": "2f39bbf3-9674-4cec-b5b1-bc603b972a87", "name": "Small",
        "settings": {"domainId": "da2e3a8a-40a5-4171-82f4-58522f70fbc1"}
    }));
    let tag =
        serde_json::from_value(serde_json::json!({"id": tag, "name": "fork", "type": "Regular", "imageCount": count}));
    let facts = ArchiveFacts {
        project: project.expect("project"),
        domains: Vec::new(),
        iterations: Vec::new(),
        tags: vec![tag.expect("tag")],
    };
    writer.finish(facts).expect("archive")
}

/// The file of image `n` of an [`archive`].
pub(super) fn picture(n: usize) -> Vec<u8> {
    let pixels = image::RgbImage::from_fn(32, 24, |x, y| image::Rgb([n as u8, (n >> 8) as u8, (x * 8 + y) as u8]));
    let mut file = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut file, image::ImageFormat::Png).expect("PNG");
    file.into_inner()
}

/// Ids in their order.
pub(super) fn ids(rows: &[ImageRow]) -> Vec<ImageId> {
    rows.iter().map(|row| row.id).collect()
}

/// The first rows of a service, and the address of a kind of the first of them.
pub(super) async fn first_row(service: &Watched, client: &Client) -> ImageRow {
    let page = ends(client.images_page(service.project_id(), &ListQuery::default(), 0, 1)).await.expect("page");
    page.rows.into_iter().next().expect("row")
}

/// One picture of a row, by its address.
pub(super) async fn blob(
    service: &Watched,
    client: &Client,
    row: &ImageRow,
    kind: BlobKind,
) -> Result<bytes::Bytes, ServiceError> {
    let uri = row.uris.get(kind).expect("address");
    ends(client.blob(service.project_id(), uri)).await
}
