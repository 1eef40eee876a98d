use super::*;

fn read(tasks: &str) -> Dataset {
    read_dataset(tasks.as_bytes(), &[]).expect("dataset")
}

fn told(dataset: &Dataset) -> Vec<String> {
    dataset.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.reason)).collect()
}

/// A task with results of a picture of 1000 x 500.
fn task(results: &str) -> Dataset {
    read(&format!("[{{\"data\":{{\"image\":\"1.jpg\"}},\"annotations\":[{{\"result\":[{results}]}}]}}]"))
}

fn result(kind: &str, id: &str, value: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"type\":\"{kind}\",\"original_width\":1000,\"original_height\":500,\"value\":{{{value}}}}}"
    )
}

fn close(dataset: &Dataset, expected: &[(&str, [f64; 4])]) {
    let found = &dataset.images[0].boxes;
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, (label, bbox)) in found.iter().zip(expected) {
        assert_eq!(&dataset.categories[found.category], label);
        assert!(found.bbox.iter().zip(bbox).all(|(a, b)| (a - b).abs() < 1e-9), "{label}: {found:?}");
    }
}

const RECTANGLE: &str = "\"x\":10,\"y\":20,\"width\":50,\"height\":40,\"rotation\":0";

#[test]
fn tasks_of_the_wild() {
    let tasks = r#"[
        {"id":1,"data":{"photo":"/data/upload/3/ab12-one%20two.jpg","text":"x"},"annotations":[
          {"was_cancelled":true,"result":[]},
          {"result":[
            {"id":"0dd1a3a1-7f2c-4e9e-9c0e-1d2f3a4b5c6d","type":"rectanglelabels","original_width":80,"original_height":60,
             "value":{"x":25,"y":50,"width":"50","height":25,"rotation":0,"rectanglelabels":["fork"]}},
            {"type":"polygonlabels","value":{"points":[[0,0],[50,0],[25,100]],"polygonlabels":["cup"]}},
            {"type":"brushlabels","value":{"format":"rle","rle":[1]}},
            {"type":"rating","value":{"rating":3}},
            {"type":"choices","value":{"choices":["good","good"]}},
            {"type":"rectanglelabels","value":{"x":1}}]},
          {"result":[]}]},
        {"data":{"image":"https://h/c/b.jpg?sig=secret"},"completions":[{"result":[]}]},
        {"data":{"image":"https://h/?sig=secret"}},
        {"data":{"image":"/data/local-files/?d=.."}},
        {"data":{}}, 7]"#;
    let found = read_dataset(tasks.as_bytes(), &["spoon".to_owned()]).expect("dataset");
    assert_eq!((found.counts_in, found.images.len()), ((6, 4), 2));
    let names: Vec<_> = found.images.iter().map(|image| image.file_name.as_str()).collect();
    assert_eq!(names, ["3/ab12-one two.jpg", "c/b.jpg"]);
    assert_eq!(found.categories, ["spoon", "fork", "cup", "good"]);
    let image = &found.images[0];
    assert_eq!((image.size, image.tags.len(), image.boxes[0].id), (Some((80, 60)), 1, None));
    assert_eq!(image.boxes[0].bbox, [0.25, 0.5, 0.5, 0.25]);
    assert_eq!(image.boxes[1].bbox, [0.0, 0.0, 0.5, 1.0]);
    let told = told(&found);
    assert!(told.len() == 9 && !told.concat().contains("secret"), "{told:#?}");
    for bad in ["", "{}", "[7]", "[{\"data\":{\"text\":\"x\"}}]", "[{"] {
        assert!(read_dataset(bad.as_bytes(), &[]).is_err(), "{bad}");
    }
}

#[test]
fn a_box_and_its_label_may_be_two_results() {
    let labels = result("labels", "a", &format!("{RECTANGLE},\"labels\":[\"Car\"]"));
    let found = task(&format!("{},{labels}", result("rectangle", "a", RECTANGLE)));
    close(&found, &[("Car", [0.1, 0.2, 0.5, 0.4])]);
    assert_eq!((found.counts_in, told(&found)), ((1, 1), Vec::new()));
    let lonely = task(&result("labels", "b", &format!("{RECTANGLE},\"labels\":[\"Car\"]")));
    assert!(told(&lonely)[0].contains("\"labels\""), "a label of no region is told: {:?}", told(&lonely));
}

#[test]
fn turned_regions_become_the_boxes_around_them() {
    let turned = |kind: &str, more: &str| task(&result(kind, "a", more));
    // The numbers of a published report: middle 0.15, 0.5, size 0.1 x 0.6.
    let found = turned(
        "rectanglelabels",
        "\"x\":20,\"y\":20,\"width\":30,\"height\":20,\"rotation\":90,\"rectanglelabels\":[\"b\"]",
    );
    close(&found, &[("b", [0.1, 0.2, 0.1, 0.6])]);
    assert!(told(&found)[0].contains("rotated"), "{:?}", told(&found));
    let ellipse = "\"x\":50,\"y\":50,\"radiusX\":10,\"radiusY\":10,\"rotation\":90,\"ellipselabels\":[\"e\"]";
    close(&turned("ellipselabels", ellipse), &[("e", [0.45, 0.3, 0.1, 0.4])]);
    let without_size =
        "{\"type\":\"rectanglelabels\",\"value\":{\"x\":1,\"y\":1,\"width\":1,\"height\":1,\"rotation\":5}}";
    assert!(told(&task(without_size))[0].contains("picture's size"));
}

#[test]
fn backwards_boxes_are_turned_round() {
    let found = task(&result(
        "rectanglelabels",
        "a",
        "\"x\":10,\"y\":60,\"width\":50,\"height\":-40,\"rectanglelabels\":[\"b\"]",
    ));
    close(&found, &[("b", [0.1, 0.2, 0.5, 0.4])]);
}

#[test]
fn a_choice_of_a_region_is_no_tag_of_the_image() {
    let shape = result("rectanglelabels", "a", &format!("{RECTANGLE},\"rectanglelabels\":[\"Car\"]"));
    let choice = result("choices", "a", "\"choices\":[\"damaged\"]");
    let found = task(&format!("{shape},{choice},{}", result("choices", "c", "\"choices\":[\"day\"]")));
    assert_eq!(found.images[0].tags, ["day"]);
    assert!(told(&found)[0].contains("\"damaged\""), "{:?}", told(&found));
}

#[test]
fn several_labels_of_a_region_are_a_box_each() {
    let found = task(&result("rectanglelabels", "a", &format!("{RECTANGLE},\"rectanglelabels\":[\"a\",\"b\"]")));
    close(&found, &[("a", [0.1, 0.2, 0.5, 0.4]), ("b", [0.1, 0.2, 0.5, 0.4])]);
    assert_eq!(found.counts_in.1, 2);
}

#[test]
fn predictions_without_annotations_are_told() {
    let found = read(r#"[{"data":{"image":"1.jpg"},"annotations":[],"predictions":[{"result":[]}]}]"#);
    assert!(told(&found)[0].contains("only model predictions"), "{:?}", told(&found));
}

#[test]
fn the_short_form_is_read_like_the_long_one() {
    let region =
        format!("{{{RECTANGLE},\"rectanglelabels\":[\"fork\"],\"original_width\":400,\"original_height\":300}}");
    let found = read(&format!(
        "[{{\"image\":\"/data/upload/3/1.jpg\",\"id\":3,\"label\":[{region}],\"annotator\":1,\"quality\":{{\"choices\":[\"good\"]}},\"note\":{{}}}}]"
    ));
    close(&found, &[("fork", [0.1, 0.2, 0.5, 0.4])]);
    assert_eq!((found.images[0].file_name.as_str(), found.images[0].size), ("3/1.jpg", Some((400, 300))));
    assert_eq!(found.images[0].tags, ["good"]);
    assert_eq!(told(&found), ["[0]: fields that are not read: note"]);
}

#[test]
fn the_setup_has_the_order() {
    let setup = "<View><Choices name='t' toName='i'><Choice value='good'/></Choices><RectangleLabels><Label value='b'/>\
                 <Label value='a &amp; c'/><Label/></RectangleLabels></View>";
    assert_eq!(read_setup(setup.as_bytes()).expect("setup"), ["b", "a & c", "good"]);
    assert!(read_setup(&b"<View"[..]).is_err());
}

#[test]
fn results_on_other_pictures_and_on_turned_ones_are_told() {
    let second = result("rectanglelabels", "b", &format!("{RECTANGLE},\"rectanglelabels\":[\"cup\"]")).replacen(
        '{',
        "{\"item_index\":1,",
        1,
    );
    let turned = result("rectanglelabels", "a", &format!("{RECTANGLE},\"rectanglelabels\":[\"fork\"]")).replacen(
        '{',
        "{\"image_rotation\":90,",
        1,
    );
    let found = task(&format!("{turned},{second}"));
    close(&found, &[("fork", [0.1, 0.2, 0.5, 0.4])]);
    let told = told(&found);
    assert!(told[0].contains("turned by 90 degrees") && told[1].contains("picture 2 of its task"), "{told:?}");
}

#[test]
fn numbers_far_outside_are_no_percent() {
    let found = task(&result(
        "rectanglelabels",
        "a",
        "\"x\":400,\"y\":20,\"width\":50,\"height\":40,\"rotation\":0,\"rectanglelabels\":[\"fork\"]",
    ));
    close(&found, &[]);
    assert!(told(&found)[0].contains("far outside of the picture"), "{:?}", told(&found));
}

#[test]
fn of_several_annotations_the_truth_counts_and_what_was_given_up_is_told() {
    let region = |label: &str| {
        format!(
            r#"{{"type":"rectanglelabels","value":{{"x":1,"y":2,"width":3,"height":4,"rectanglelabels":["{label}"]}}}}"#
        )
    };
    let of = |annotations: String, data: &str| {
        let tasks = format!(r#"[{{"data":{{"image":"1.jpg"{data}}},"annotations":[{annotations}]}}]"#);
        let found = read_dataset(tasks.as_bytes(), &[]).expect("dataset");
        let told: Vec<_> = found.problems.iter().map(|problem| problem.reason.clone()).collect();
        (found.categories, told.join("\n"))
    };
    let (a, b) = (region("a"), region("b"));
    let (labels, told) = of(format!(r#"{{"result":[{a}]}},{{"ground_truth":true,"result":[{b}]}}"#), "");
    assert!(labels == ["b"] && told == "additional annotations, not read: 1", "{labels:?}: {told}");
    let (labels, told) = of(format!(r#"{{"was_cancelled":true,"result":[{a}]}}"#), "");
    assert!(labels.is_empty() && told.contains("was_cancelled"), "{told}");
    let (labels, told) = of("12,13".to_owned(), "");
    assert!(labels.is_empty() && told.contains("only numbers"), "{told}");
    let (labels, told) = of(format!(r#"{{"result":[{a}]}}"#), r#","other":"2.jpg","text":"7.""#);
    assert!(labels == ["a"] && told.contains("other pictures as well (other)"), "{told}");
}
