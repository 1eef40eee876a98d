use super::*;

fn told(dataset: &Dataset) -> Vec<String> {
    dataset.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.reason)).collect()
}

#[test]
fn a_task_of_the_wild() {
    let found = read_dataset(
        "<?xml version='1.0'?><annotations><meta><task><name>Forks</name><labels><label><name>fork</name>\
         <attributes><attribute><name>bent</name></attribute></attributes></label></labels></task></meta>\n\
         <image id='7' name='a/1.jpg' width='80' height='60' subset='Train'>\n\
         <box label='fork' xtl='1' ytl='2' xbr='11.5' ybr='22'><attribute name='bent'>no</attribute></box>\n\
         <polygon label='spoon' points='1,1;5,1;3,9'/>\n<points label='fork' points='1,1'/>\n<box label='fork' xtl='a'/>\n\
         <tag label='good'/></image><image name='..'><box/></image></annotations>"
            .as_bytes(),
    )
    .expect("dataset");
    assert_eq!((found.description.as_deref(), found.counts_in), (Some("Forks"), (2, 4)));
    assert_eq!(found.categories, ["fork", "spoon", "good"]);
    let [image] = &found.images[..] else { panic!("{:?}", found.images) };
    assert_eq!((image.size, image.tags[0].as_str()), (Some((80, 60)), "good"));
    let boxes: Vec<_> = image.boxes.iter().map(|found| (found.category, found.bbox)).collect();
    assert_eq!(boxes, [(0, [1.0, 2.0, 10.5, 20.0]), (1, [1.0, 1.0, 4.0, 8.0])]);
    let told = told(&found);
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[0].starts_with("line 5: a shape \"points\"") && told[1].starts_with("line 6"), "{told:#?}");
    for bad in ["", "<html/>", "<annotations>", "<annotations><image>", "no xml"] {
        let found = read_dataset(bad.as_bytes());
        assert!(found.as_ref().map_or(true, |found| found.images.is_empty()), "{bad:?}: {found:?}");
    }
}

#[test]
fn turned_boxes_ellipses_and_masks_become_boxes() {
    let found = read_dataset(
        "<annotations><image name='1.jpg' width='500' height='400'>\
         <box label='b' xtl='100' ytl='150' xbr='400' ybr='250' rotation='90.0'/>\
         <ellipse label='e' cx='100' cy='100' rx='40' ry='20' rotation='90'/>\
         <mask label='m' rle='0, 6' left='40' top='60' width='2' height='3'/>\
         <box label='s' xtl='40' ytl='60' xbr='10' ybr='20'/></image></annotations>"
            .as_bytes(),
    )
    .expect("dataset");
    let boxes: Vec<_> = found.images[0].boxes.iter().map(|found| found.bbox).collect();
    let expected =
        [[200.0, 50.0, 100.0, 300.0], [80.0, 60.0, 40.0, 80.0], [40.0, 60.0, 2.0, 3.0], [10.0, 20.0, 30.0, 40.0]];
    assert_eq!(boxes, expected);
    let told = told(&found).join("\n");
    assert!(
        told.contains("box around its corners") && told.contains("put in order") && told.contains("outlines"),
        "{told}"
    );
}

#[test]
fn tracks_are_on_their_frames_and_on_those_between() {
    let place = |frame: u64, outside: u8, left: u32| {
        format!(
            "<box frame='{frame}' keyframe='1' outside='{outside}' xtl='{left}' ytl='0' xbr='{}' ybr='10'/>",
            left + 10
        )
    };
    let text = format!(
        "<annotations><meta><task><original_size><width>400</width><height>300</height></original_size></task></meta>\
         <track id='0' label='car'>{}{}{}{}</track></annotations>",
        place(0, 0, 0),
        place(4, 0, 40),
        place(5, 1, 40),
        place(9, 0, 90),
    );
    let found = read_dataset(text.as_bytes()).expect("dataset");
    let frames: Vec<_> = found
        .images
        .iter()
        .map(|image| (image.file_name.as_str(), image.needs_picture, image.boxes[0].bbox[0]))
        .collect();
    let expected = [
        ("frame_000000.png", false, 0.0),
        ("frame_000001.png", true, 10.0),
        ("frame_000002.png", true, 20.0),
        ("frame_000003.png", true, 30.0),
        ("frame_000004.png", false, 40.0),
        ("frame_000009.png", false, 90.0),
    ];
    assert_eq!(frames, expected, "nothing where the object is outside");
    assert_eq!((found.images[0].size, found.categories), (Some((400, 300)), vec!["car".to_owned()]));
    let told: Vec<_> = found.problems.iter().map(|problem| problem.reason.as_str()).collect();
    assert!(told[0].ends_with("with a picture: 3") && told[1].ends_with("are not images: 1"), "{told:?}");
}

#[test]
fn an_object_is_outside_whatever_word_says_so() {
    for word in ["1", "true", "True"] {
        let text = format!(
            "<annotations><track label='a'><box frame='0' outside='0' xtl='0' ytl='0' xbr='9' ybr='9'/>\
             <box frame='1' outside='{word}' xtl='0' ytl='0' xbr='9' ybr='9'/></track></annotations>"
        );
        assert_eq!(read_dataset(text.as_bytes()).expect("dataset").counts_in, (1, 1), "{word}");
    }
}

#[test]
fn a_track_without_a_label_is_told_once() {
    let text = "<annotations><track><box frame='0' xtl='0' ytl='0' xbr='9' ybr='9'/>\
                <box frame='3' xtl='0' ytl='0' xbr='9' ybr='9'/></track>\
                <track label='x'><box frame='7' outside='1' xtl='0' ytl='0' xbr='9' ybr='9'/></track></annotations>";
    let found = read_dataset(text.as_bytes()).expect("dataset");
    assert_eq!((found.counts_in, found.categories.len()), ((4, 4), 1));
    let told = told(&found);
    assert_eq!(told.iter().filter(|told| told.contains("it has no label")).count(), 1, "{told:?}");
    assert!(told.iter().any(|told| told.ends_with("are not images: 1")), "{told:?}");
}
