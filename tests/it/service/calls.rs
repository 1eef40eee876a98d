//! Paths, queries, headers and answers of each call.

use tagscope::domain::{BlobUri, DomainId, IterationId, Problem, Timestamp, UriForm, write_image};
use tagscope::service::{ListQuery, ListingKind, Order, ServiceError};
use uuid::Uuid;

use super::script::{KEY, Script, image, project, reply, rows, tag};

const PROJECT: &str = "2f39bbf3-9674-4cec-b5b1-bc603b972a87";

fn iteration() -> IterationId {
    IterationId(Uuid::from_u128(0xcf0f_83fb_ebaa_4b25_8e34_613a_6a0b_8a12))
}

#[tokio::test]
async fn paths_and_queries_are_exact() {
    let script = Script::start(|request, _| {
        let path = request.call().split('?').next().expect("path").to_owned();
        let is_one = path == format!("projects/{PROJECT}") || path.starts_with("domains/");
        match path {
            _ if path.ends_with("/count") => reply(200, "40"),
            _ if path.ends_with("/performance") => reply(200, "{}"),
            _ if is_one => reply(200, format!(r#"{{"id":"{PROJECT}"}}"#)),
            _ => reply(200, "[]"),
        }
    })
    .await;
    let client = script.client();
    let domain = DomainId(Uuid::from_u128(1));
    let query = ListQuery {
        iteration: Some(iteration()),
        tags: vec![tag(1), tag(2)],
        order: Order::Oldest,
        ..ListQuery::default()
    };
    client.projects().await.expect("projects");
    client.project(project()).await.expect("project");
    client.domains().await.expect("domains");
    client.domain(domain).await.expect("domain");
    client.iterations(project()).await.expect("iterations");
    client.tags(project(), None).await.expect("tags");
    client.tags(project(), Some(iteration())).await.expect("tags");
    assert_eq!(client.images_count(project(), &query).await, Ok(40));
    client.images_page(project(), &query, 512, 300).await.expect("page");
    client.images_page(project(), &ListQuery::default(), 0, 50).await.expect("page");
    client.images_by_ids(project(), Some(iteration()), &[image(1), image(2)]).await.expect("images");
    let untagged = ListQuery { rows: ListingKind::Untagged, ..query };
    assert_eq!(client.images_count(project(), &untagged).await, Ok(40));
    client.images_page(project(), &untagged, 0, 5).await.expect("page");
    client.iteration_performance(project(), iteration(), None, None).await.expect("performance");
    client.iteration_performance(project(), iteration(), Some(0.5), Some(0.3)).await.expect("performance");
    let tags = [tag(1), tag(2)];
    assert_eq!(client.image_performances_count(project(), iteration(), &tags).await, Ok(40));
    client
        .image_performances_page(project(), iteration(), &tags, Order::Newest, (256, 300))
        .await
        .expect("performances");

    let (i, t) = ("iterationId=cf0f83fb-ebaa-4b25-8e34-613a6a0b8a12", format!("tagIds={}%2C{}", tag(1), tag(2)));
    let p = format!("projects/{PROJECT}");
    let expected = [
        "projects".to_owned(),
        p.clone(),
        "domains".to_owned(),
        format!("domains/{domain}"),
        format!("{p}/iterations"),
        format!("{p}/tags"),
        format!("{p}/tags?{i}"),
        format!("{p}/images/tagged/count?{i}&{t}"),
        format!("{p}/images/tagged?{i}&{t}&orderBy=Oldest&take=256&skip=512"),
        format!("{p}/images/tagged?orderBy=Newest&take=50&skip=0"),
        format!("{p}/images/id?imageIds={}%2C{}&{i}", image(1), image(2)),
        format!("{p}/images/untagged/count?{i}"),
        format!("{p}/images/untagged?{i}&orderBy=Oldest&take=5&skip=0"),
        format!("{p}/iterations/{}/performance", iteration()),
        format!("{p}/iterations/{}/performance?threshold=0.5&overlapThreshold=0.3", iteration()),
        format!("{p}/iterations/{}/performance/images/count?{t}", iteration()),
        format!("{p}/iterations/{}/performance/images?{t}&orderBy=Newest&take=256&skip=256", iteration()),
    ];
    assert_eq!(script.calls(), expected);
    for request in script.requests() {
        assert!(request.target.starts_with("/customvision/v3.4-preview/training/"), "{}", request.target);
        assert_eq!(request.header("Training-Key"), Some(KEY));
        assert_eq!(request.header("Accept"), Some("application/json"));
        assert_eq!(request.header("Referer"), None);
    }
}

#[tokio::test]
async fn nulls_absent_fields_and_both_dates_are_read() {
    let script = Script::start(|request, _| {
        let id = "879c5031-c23e-4452-8ad0-4f093d5f07d2";
        let call = request.call();
        if call.ends_with("/iterations") {
            return reply(200, format!(r#"[{{"id":"{id}","name":"Iteration 1","status":"Odd","trainedAt":"2020-11-06T16:42:33.426Z","exportableTo":null}}]"#));
        }
        if call.ends_with("/tags") {
            return reply(200, format!(r#"[{{"id":"{id}","name":"<>&\"'猫🙂","description":null,"type":"Negative","imageCount":3}}]"#));
        }
        if call.ends_with("projects") {
            return reply(200, format!(r#"[{{"id":"{id}","name":"IVS","description":null,"settings":{{"domainId":null}},"created":"2020-11-06T16:32:06.133Z","status":"IVS"}}]"#));
        }
        reply(200, format!(r#"[{{"id":"{id}","created":"2020-11-06T16:15:54.5237711","width":900,"height":1600}},{{"id":"{PROJECT}","created":"2020-11-06T16:15:54Z","width":900,"height":1600,"tags":null,"regions":null,"metadata":null,"resizedImageUri":null}}]"#))
    })
    .await;
    let client = script.client();
    assert_eq!(client.projects().await.expect("projects")[0].status.as_deref(), Some("IVS"));
    assert_eq!(client.iterations(project()).await.expect("iterations")[0].status, "Odd");
    let tags = client.tags(project(), None).await.expect("tags");
    assert_eq!((tags[0].name.as_str(), tags[0].is_negative()), ("<>&\"'猫🙂", true));
    let page = client.images_page(project(), &ListQuery::default(), 0, 50).await.expect("page");
    assert_eq!(page.rows[0].created, Timestamp::parse("2020-11-06T16:15:54.5237711"));
    assert_eq!(page.rows[1].created, Timestamp::parse("2020-11-06T16:15:54"));
    assert!(page.problems.is_empty() && page.rows.iter().all(|row| row.regions.is_empty() && row.problems.is_empty()));
}

#[tokio::test]
async fn number_text_survives_to_the_digit() {
    let text = r#"{"id":"9aa8e448-cbfa-437d-9d5b-39a006846d74","created":"2020-11-06T17:18:15.6703886","width":816,"height":612,"resizedImageUri":"https://a.blob.core.windows.net/i-1/i-2","tags":[{"tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","tagName":"scissors","created":"2020-11-06T17:18:15.6809553"}],"regions":[{"regionId":"8ec444b8-03b6-434f-93a2-ce881ef72359","tagName":"scissors","created":"2020-11-06T17:18:15.6965933","tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","left":0.295343131,"top":0.2594281,"width":1E-05,"height":0.421568632}],"metadata":{"k":"v"}}"#;
    let script = Script::start(move |_, _| reply(200, format!("[{text}]").replace("i-2", "i-2?sig=s"))).await;
    let page = script.client().images_page(project(), &ListQuery::default(), 0, 50).await.expect("page");
    let mut out = Vec::new();
    write_image(&page.rows[0], UriForm::Unsigned, &mut out);
    assert_eq!(String::from_utf8(out).expect("text"), text);
}

#[tokio::test]
async fn bad_rows_are_problems_and_the_rest_is_there() {
    let body = rows([1, 2]);
    let body = format!("{},{{\"id\":7}},{{\"id\":\"{}\",\"width\":1,\"width\":2}}]", &body[..body.len() - 1], image(9));
    let script = Script::start(move |_, _| reply(200, body.clone())).await;
    let page = script.client().images_page(project(), &ListQuery::default(), 0, 50).await.expect("page");
    assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [image(1), image(2)]);
    let place = |problem: &Problem| match problem {
        Problem::UnreadableRow { index, image, .. } => (*index, *image),
        other => panic!("{other}"),
    };
    let ids: Vec<_> = page.problems.iter().map(place).collect();
    assert_eq!(ids, [(2, None), (3, Some(image(9)))]);
}

#[tokio::test]
async fn many_ids_and_many_tags_take_several_calls() {
    let script = Script::start(|request, _| {
        if request.call().contains("/count") {
            return reply(200, request.parameter("tagIds").expect("tags").split(',').count().to_string());
        }
        reply(200, rows([request.parameter("imageIds").expect("ids").split(',').count()]))
    })
    .await;
    let client = script.client();
    let ids: Vec<_> = (0..600).map(image).collect();
    let page = client.images_by_ids(project(), None, &ids).await.expect("images");
    assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [image(256), image(256), image(88)]);
    let query = ListQuery { tags: (0..45).map(tag).collect(), ..ListQuery::default() };
    assert_eq!(client.images_count(project(), &query).await, Ok(45));
    assert_eq!(script.requests().len(), 6);
}

#[tokio::test]
async fn an_absolute_picture_is_fetched_without_the_key() {
    let store =
        Script::start(|_, _| reply(200, vec![0xFF, 0xD8, 0xFF]).header("Content-Type", "application/octet-stream"))
            .await;
    let script = Script::start(|_, _| reply(500, "")).await;
    let uri = BlobUri::new(format!("{}/i-1/o-2?sv=2017&sig=a%2Fb%3D&sp=r", store.origin));
    let bytes = script.client().blob(project(), &uri).await.expect("blob");
    assert_eq!(&*bytes, [0xFF, 0xD8, 0xFF]);
    let request = &store.requests()[0];
    assert_eq!(request.target, "/i-1/o-2?sv=2017&sig=a%2Fb%3D&sp=r");
    assert!(
        request.headers.iter().all(|(name, value)| !name.eq_ignore_ascii_case("training-key") && !value.contains(KEY))
    );
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn the_services_own_origin_gets_no_key_for_an_absolute_picture_either() {
    let script = Script::start(|_, _| reply(200, "x")).await;
    let uri = BlobUri::new(format!("{}/i-1/o-2?sig=s", script.origin));
    script.client().blob(project(), &uri).await.expect("blob");
    assert_eq!(script.requests()[0].header("Training-Key"), None);
}

#[tokio::test]
async fn a_relative_picture_goes_through_the_service_with_the_key() {
    let script = Script::start(|_, _| reply(200, "jpeg").header("Content-Type", "application/octet-stream")).await;
    let client = script.client();
    for path in ["/i-1/i-2", "i-1/i-2"] {
        assert_eq!(&*client.blob(project(), &BlobUri::new(path)).await.expect("blob"), b"jpeg");
    }
    let calls = script.calls();
    assert_eq!(calls[0], format!("projects/{PROJECT}/artifacts?path=%2Fi-1%2Fi-2"));
    assert_eq!(calls[1], format!("projects/{PROJECT}/artifacts?path=i-1%2Fi-2"));
    assert!(script.requests().iter().all(|request| request.header("Training-Key") == Some(KEY)));
}

#[tokio::test]
async fn expired_and_missing_pictures_are_told_apart() {
    let script = Script::start(|request, _| match request.target.contains("gone") {
        true => reply(404, "<Error><Code>BlobNotFound</Code></Error>").header("Content-Type", "application/xml"),
        false => {
            reply(403, "<Error><Code>AuthenticationFailed</Code></Error>").header("Content-Type", "application/xml")
        }
    })
    .await;
    let client = script.client();
    let blob = |path: &str| BlobUri::new(format!("{}{path}", script.origin));
    assert_eq!(client.blob(project(), &blob("/old?sig=s")).await, Err(ServiceError::Expired));
    assert_eq!(client.blob(project(), &blob("/gone?sig=s")).await, Err(ServiceError::MissingPicture));
    assert_eq!(client.blob(project(), &BlobUri::new("/gone")).await, Err(ServiceError::MissingPicture));
    assert!(matches!(client.blob(project(), &BlobUri::new("/old")).await, Err(ServiceError::Forbidden(_))));
    let plain = BlobUri::new("http://10.0.0.1/i-1?sig=s");
    assert!(matches!(client.blob(project(), &plain).await, Err(ServiceError::BadAnswer { .. })));
}

#[tokio::test]
async fn xml_answers_are_read_all_the_same() {
    let script = Script::start(|request, _| {
        let xml = |body: String| reply(200, body).header("Content-Type", "application/xml; charset=utf-8");
        match request.call() {
            call if call.contains("/count") => xml("<int>40</int>".to_owned()),
            call if call.contains("/tagged") => xml(format!(
                "<Images><Image><Id>{}</Id></Image><Image><Id>{}</Id></Image></Images>",
                image(1),
                image(2)
            )),
            _ => xml(format!("<Project><Id>{PROJECT}</Id><Name>forks &amp; spoons</Name></Project>")),
        }
    })
    .await;
    let client = script.client();
    assert_eq!(client.project(project()).await.expect("project").0.name, "forks & spoons");
    assert_eq!(client.images_count(project(), &ListQuery::default()).await, Ok(40));
    let page = client.images_page(project(), &ListQuery::default(), 0, 50).await.expect("page");
    assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [image(1), image(2)]);
}

#[tokio::test]
async fn performance_is_read_from_json_and_xml_alike() {
    let json = format!(
        r#"{{"perTagPerformance":[{{"id":"{0}","name":"fork","precision":0.952380955,"precisionStdDeviation":0.0,"recall":1.0,"recallStdDeviation":0.0,"averagePrecision":0.9884754}}],"precision":0.952380955,"precisionStdDeviation":0.0,"recall":0.5,"recallStdDeviation":0.0,"averagePrecision":null}}"#,
        tag(1)
    );
    let xml = format!(
        r#"<IterationPerformance xmlns="x" xmlns:i="y"><AveragePrecision i:nil="true"/><PerTagPerformance><TagPerformance><AveragePrecision>0.9884754</AveragePrecision><Id>{0}</Id><Name>fork</Name><Precision>0.952380955</Precision><PrecisionStdDeviation>0</PrecisionStdDeviation><Recall>1</Recall><RecallStdDeviation>0</RecallStdDeviation></TagPerformance></PerTagPerformance><Precision>0.952380955</Precision><PrecisionStdDeviation>0</PrecisionStdDeviation><Recall>0.5</Recall><RecallStdDeviation>0</RecallStdDeviation></IterationPerformance>"#,
        tag(1)
    );
    let images_json = format!(
        r#"[{{"predictions":[{{"probability":0.9953098,"tagId":"{0}","tagName":"fork","boundingBox":{{"left":0.1,"top":0.2,"width":0.3,"height":0.4}},"tagType":"Regular"}}],"id":"{1}","width":816,"height":612,"imageUri":"https://h/i?sig=s"}}]"#,
        tag(1),
        image(1)
    );
    let images_xml = format!(
        "<ArrayOfImagePerformance><ImagePerformance><Height>612</Height><Id>{1}</Id><ImageUri>https://h/i?sig=s</ImageUri><Predictions><Prediction><BoundingBox><Height>0.4</Height><Left>0.1</Left><Top>0.2</Top><Width>0.3</Width></BoundingBox><Probability>0.9953098</Probability><TagId>{0}</TagId><TagName>fork</TagName><TagType>Regular</TagType></Prediction></Predictions><Width>816</Width></ImagePerformance></ArrayOfImagePerformance>",
        tag(1),
        image(1)
    );
    let mut read = Vec::new();
    for (whole, images, kind) in [(json, images_json, "application/json"), (xml, images_xml, "text/xml")] {
        let script = Script::start(move |request, _| {
            let body = if request.call().contains("/performance/images") { &images } else { &whole };
            reply(200, body.clone()).header("Content-Type", kind)
        })
        .await;
        let client = script.client();
        let whole = client.iteration_performance(project(), iteration(), None, None).await.expect("performance");
        let page = client.image_performances_page(project(), iteration(), &[], Order::Newest, (0, 50)).await;
        read.push((whole, page.expect("page")));
    }
    assert_eq!(read[0], read[1]);
    let (whole, page) = &read[0];
    assert_eq!((whole.overall.recall, whole.overall.average_precision), (Some(0.5), None));
    assert_eq!(whole.per_tag_performance[0].figures.average_precision, Some(0.988_475_4));
    let prediction = &page.images[0].predictions[0];
    assert_eq!((prediction.probability, prediction.rect.map(|rect| rect.height)), (0.995_309_8, Some(0.4)));
}
