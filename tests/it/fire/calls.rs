//! What no client can make good: each fault ends, soon, with the error that names it, and nothing is given out as whole.

use std::time::Duration;

use tagscope::domain::{Project, ProjectKind};
use tagscope::engine::Source;
use tagscope::service::{ListQuery, RetryPolicy, ServiceError};

use super::range::{client, client_with, ends, list, sample};
use crate::watched::Watched;

async fn failed(service: &Watched) -> ServiceError {
    list(service, &client(service), ListQuery::default()).await.expect_err("a failure")
}

#[tokio::test]
async fn a_service_that_is_always_busy_is_given_up() {
    for says in ["nothing", "seconds:0", "date:0", "words:0"] {
        let service = sample(300, &["busy-every=1", &format!("busy-says={says}")]);
        assert!(matches!(failed(&service).await, ServiceError::TooManyCalls { .. }), "{says}");
    }
    // One that asks for more than anybody waits is given up at once.
    let service = sample(300, &["busy-every=1", "busy-says=seconds:7200"]);
    let error = ends(client(&service).projects()).await.expect_err("busy");
    let ServiceError::TooManyCalls { wait, .. } = error else { panic!("{error}") };
    assert_eq!((wait, service.stats().service_requests), (Some(Duration::from_secs(7_200)), 1));
}

#[tokio::test]
async fn a_service_that_always_fails_is_given_up() {
    for (status, tries) in [(500, 6), (501, 1), (502, 6), (503, 6), (504, 6), (599, 1)] {
        let service = sample(300, &["fail-every=1", &format!("fail-status={status}")]);
        let error = ends(client(&service).projects()).await.expect_err("failure");
        assert!(matches!(error, ServiceError::ServiceFailed(refusal) if refusal.status == status), "{status}");
        assert_eq!(service.stats().service_requests, tries, "{status}");
    }
}

#[tokio::test]
async fn answers_that_never_end_well_are_given_up() {
    for fault in ["cut-every=1", "short-every=1"] {
        let service = sample(300, &[fault]);
        let error = failed(&service).await;
        assert!(matches!(error, ServiceError::CutShort { .. } | ServiceError::BadAnswer { .. }), "{fault}: {error}");
        assert!((2..40).contains(&service.stats().service_requests), "{fault}: bounded tries");
    }
}

#[tokio::test]
async fn a_redirect_is_an_error_and_nobody_goes_there() {
    let service = sample(300, &["redirect-every=1"]);
    assert!(matches!(failed(&service).await, ServiceError::Redirected { host, status: 307 } if host == "127.0.0.1"));
    assert_eq!(service.stats().elsewhere_requests, 0);
    // In the middle of a listing too.
    let service = sample(1_000, &["redirect-every=4"]);
    assert!(matches!(failed(&service).await, ServiceError::Redirected { .. }));
}

#[tokio::test]
async fn a_proxys_page_is_told_as_one() {
    let service = sample(300, &["page-every=1"]);
    assert_eq!(failed(&service).await, ServiceError::ProxyPage { status: 200 });
    let service = sample(1_000, &["page-every=4"]);
    assert_eq!(failed(&service).await, ServiceError::ProxyPage { status: 200 });
}

#[tokio::test]
async fn broken_json_is_told_without_its_content() {
    let service = sample(300, &["bad-json-every=1"]);
    let ServiceError::BadAnswer { reason } = failed(&service).await else { panic!("bad answer") };
    assert!(!reason.contains("sig=") && !reason.contains("http") && reason.len() < 200, "{reason}");
    let error = ends(client(&service).projects()).await.expect_err("invalid JSON");
    assert!(matches!(error, ServiceError::BadAnswer { .. }), "{error}");
}

#[tokio::test]
async fn silence_ends_with_the_time_for_it() {
    let service = sample(300, &["latency=600000"]);
    let client = client_with(&service, |options| {
        options.read_timeout = Duration::from_millis(50);
        options.retry = RetryPolicy { network_tries: 2, base: Duration::from_millis(2), ..RetryPolicy::default() };
    });
    assert!(matches!(ends(client.projects()).await, Err(ServiceError::TimedOut { .. })));
}

#[tokio::test]
async fn projects_iterations_and_tags_are_the_same_in_every_dress() {
    let plain = sample(30, &[]);
    let asked = async |service: &Watched| {
        let (client, project) = (client(service), service.project_id());
        let mut projects = ends(client.projects()).await.expect("projects");
        // Signed for this run, and of its ports.
        projects.entries.iter_mut().for_each(|project| project.thumbnail_uri = None);
        let (one, odd): (Project, _) = ends(client.project(project)).await.expect("project");
        assert_eq!((&*one.name, odd.len()), (service.project_name(), 0));
        let iterations = ends(client.iterations(project)).await.expect("iterations");
        let tags = ends(client.tags(project, Some(iterations[0].id))).await.expect("tags");
        let domains = ends(client.domains()).await.expect("domains");
        let names = iterations.iter().map(|one| (one.id, one.name.clone(), one.created.clone())).collect::<Vec<_>>();
        let projects =
            projects.iter().map(|one| (one.id, one.name.clone(), one.settings.domain_id)).collect::<Vec<_>>();
        let domains = domains.iter().map(|domain| domain.id).collect::<Vec<_>>();
        let tags =
            tags.iter().map(|tag| (tag.id, tag.name.clone(), tag.is_negative(), tag.image_count)).collect::<Vec<_>>();
        let count = ends(client.images_count(project, &ListQuery::default())).await.expect("count");
        (projects, names, tags, domains, count)
    };
    let expected = asked(&plain).await;
    for fault in ["xml=wrapped", "xml=repeated", "nulls=on", "unknown=on"] {
        let service = sample(30, &[fault]);
        assert_eq!(asked(&service).await, expected, "{fault}");
    }
}

#[tokio::test]
async fn a_domain_of_an_unknown_type_is_no_error() {
    let service = sample(30, &["unknown=on"]);
    let source = Source::Service(client(&service));
    let projects = ends(source.projects()).await.expect("projects");
    assert_eq!(projects[0].1, ProjectKind::Unknown);
}
