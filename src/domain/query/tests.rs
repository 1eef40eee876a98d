//! The language against a naive reading of it, and its text against its tree.

mod completion;
mod edits;
mod naive;
mod predicted;
mod random;
mod sample;

use proptest::prelude::*;

use super::*;
use crate::{Catalogue, Decision, Findings, ImageRow, RecordReader, Reviews, Statement, Subject, TagTable, Verdict};

/// Images with the tags `fork`, `Scissors` and `タグ 猫`, in five sizes, with up to three regions.
fn rows() -> Vec<ImageRow> {
    let tags = ["fork", "Scissors", "タグ 猫"];
    let line = |n: usize| {
        let marks: Vec<_> = (0..n % 3).map(|at| tag_json((n + at) % 3, tags[(n + at) % 3])).collect();
        let regions: Vec<_> = (0..n % 4)
            .map(|at| {
                let tag = (n * 7 + at) % 3;
                format!(
                    r#"{{"regionId":"00000000-0000-0001-{n:04x}-{at:012}",{},"left":0.{},"top":0.{},"width":0.{},"height":0.{}}}"#,
                    &tag_json(tag, tags[tag]).trim_matches(['{', '}']),
                    n % 10, (n + at) % 9, (n * 3 + at) % 9, 1 + (n + at * 5) % 9,
                )
            })
            .collect();
        let metadata = match n % 4 {
            0 => String::new(),
            rest => format!(r#","metadata":{{"camera":"C{rest}","Schicht Nr":"früh {}","iso":"{}"}}"#, n % 5, n * 100),
        };
        let created = if n == 7 {
            String::new()
        } else {
            format!(r#""created":"2024-{:02}-{:02}T0{}:00:00","#, 1 + n % 12, 1 + n % 28, n % 9)
        };
        format!(
            r#"{{"id":"{n:08x}-0000-4000-8000-{n:012}",{created}"width":{},"height":{},"tags":[{}],"regions":[{}]{metadata}}}"#,
            [800, 640, 1024, 0, 80][n % 5],
            [600, 480, 768, 600, 60][n % 5],
            marks.join(","),
            regions.join(","),
        )
    };
    (0..60).map(|n| RecordReader::new().line(line(n).as_bytes(), n).expect("row")).collect()
}

fn tag_json(at: usize, name: &str) -> String {
    format!(r#"{{"tagId":"00000000-0000-0000-0000-{at:012}","tagName":"{name}"}}"#)
}

fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::new();
    catalogue.append(rows());
    catalogue
}

/// Numbers of the images that a query lets through.
fn found(catalogue: &Catalogue, text: &str) -> Vec<u32> {
    let query = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let program = Program::bind(&query, catalogue.tags()).unwrap_or_else(|error| panic!("{text}: {error}"));
    let (reviews, findings) = (Reviews::default(), Findings::default());
    let mut images = Vec::new();
    program.extend(
        &Sources {
            catalogue,
            reviews: &reviews,
            findings: &findings,
            changes: &Default::default(),
            predicted: &Default::default(),
        },
        0,
        &mut images,
    );
    images.into_iter().map(|image| image.0).collect()
}

#[test]
fn terms_join_as_they_read() {
    let catalogue = catalogue();
    let all = found(&catalogue, "");
    assert_eq!(all.len(), 60);
    let same = |one: &str, other: &str| assert_eq!(found(&catalogue, one), found(&catalogue, other), "{one} / {other}");
    same("tag:fork w>=800", "w>=800 AND tag:FORK");
    same("tag:fork or w>=800 h=600", "tag:fork or (w>=800 and h=600)");
    same("-tag:fork", "not tag:fork");
    same("tag!=fork", "-tag:fork");
    same("- - tag:fork", "tag:fork");
    same("not (tag:fork or regions=0)", "-tag:fork regions >= 1");
    same("tag:scissors", r#"tag:"Scissors""#);
    same("regions:1..2", "regions>=1 regions<=2");
    same("regions:..1", "regions<2");
    same("created:2024-03", "created>=2024-03-01 created<2024-04-01");
    same("created:2024-02..2024-03", "created>2024-01 created<=2024-03");
    assert_eq!(found(&catalogue, "created:none"), [7], "the one image without a date");
    same("created!=none", "created:any");
    same("created:any", "created:2000..2999");
    same("meta.CAMERA=c1", r#"meta."camera":C1"#);
    same(r#"meta."schicht nr""#, "meta.camera");
    same("früh", r#""FRÜH""#);
    same("size:800x600", "w=800 h=600");
    same("猫", r#"tag:"タグ 猫""#);
    same("tag:any", "not tag:none");
    same("review:none check:none comment:none findings=0", "");
    same("review:any or check:any or comment:any or review:disagree", "w<0");
    same("id:0000000a", "0000000a-0000");
    same("tag:fork　w>=800", "tag:fork w>=800");
}

#[test]
fn pixels_are_those_of_the_original_once_it_is_known() {
    let mut catalogue = catalogue();
    assert_eq!(found(&catalogue, "w>3000 or size:8000x6000"), [0_u32; 0]);
    let of_size = catalogue.iter().filter(|image| image.size() == (800, 600));
    let sizes: Vec<_> = of_size.map(|image| (image.ix, (8_000, 6_000))).collect();
    catalogue.know_originals(&sizes);
    let larger = found(&catalogue, "w>3000");
    assert_eq!(larger.len(), sizes.len());
    assert_eq!(found(&catalogue, "size:8000x6000 pixels=48000000"), larger);
    assert_eq!(found(&catalogue, "size:800x600"), [0_u32; 0]);
    assert_eq!(found(&catalogue, "rw>=1600px w=8000"), found(&catalogue, "rw>=20% w=8000"));
    let program = |text: &str| Program::bind(&parse(text).expect("query"), catalogue.tags()).expect("tags");
    assert!(["w>3", "size:8x6", "rw<4px", "aspect>2"].iter().all(|text| program(text).asks_pixels()));
    assert!(!program("rw<4% tag:fork regions>2 created:none").asks_pixels());
}

#[test]
fn figures_of_regions_hold_for_any_region() {
    let catalogue = catalogue();
    let count = |text: &str| found(&catalogue, text).len();
    assert!(count("rw<20%") > 0 && count("rw>=50%") > 0);
    assert_eq!(count("left=10% regions=1"), count("left>=10% left<=10% regions=1"), "to the precision of the service");
    assert_eq!(found(&catalogue, "rw:200px..300px w=0"), [0_u32; 0], "without a size there are no pixels");
    assert_eq!(
        found(&catalogue, "area>5000px aspect>1 bottom>20% right<60%").iter().filter(|n| *n % 5 == 3).count(),
        0
    );
    assert_eq!(count("meta.iso>=5000"), count("meta.iso>4900"));
}

/// One image with a big bottle beside a small can, one with a small bottle, one without boxes.
fn bottles() -> Catalogue {
    let row = |n: usize, boxes: &[(usize, &str, f32)]| {
        let regions: Vec<_> = boxes
            .iter()
            .enumerate()
            .map(|(at, (tag, name, side))| {
                let tag = tag_json(*tag, name);
                let tag = tag.trim_matches(['{', '}']);
                format!(
                    r#"{{"regionId":"00000000-0000-0001-{n:04x}-{at:012}",{tag},"left":0.1,"top":0.1,"width":{side},"height":{side}}}"#
                )
            })
            .collect();
        let line = format!(
            r#"{{"id":"{n:08x}-0000-4000-8000-{n:012}","width":800,"height":600,"tags":[{}],"regions":[{}]}}"#,
            tag_json(0, "bottle"),
            regions.join(","),
        );
        RecordReader::new().line(line.as_bytes(), n).expect("row")
    };
    let mut catalogue = Catalogue::new();
    catalogue.append(vec![
        row(0, &[(0, "bottle", 0.5), (1, "can", 0.05)]),
        row(1, &[(0, "bottle", 0.05), (0, "bottle", 0.6)]),
        row(2, &[]),
    ]);
    catalogue
}

/// Numbers of the regions that a query chooses of the images that it lets through.
fn chosen(catalogue: &Catalogue, text: &str) -> Vec<u32> {
    let query = parse(text).expect("query");
    let (program, regions) = (
        Program::bind(&query, catalogue.tags()).expect("tags"),
        RegionProgram::bind(&query, catalogue.tags()).expect("tags"),
    );
    let (reviews, findings) = (Reviews::default(), Findings::default());
    let sources = Sources {
        catalogue,
        reviews: &reviews,
        findings: &findings,
        changes: &Default::default(),
        predicted: &Default::default(),
    };
    let shown = catalogue.iter().filter(|image| program.matches(&sources, *image));
    let is_chosen = |image, region| regions.as_ref().is_none_or(|regions| regions.chooses(&sources, image, region));
    shown
        .flat_map(|image| image.regions().map(move |region| (image, region)))
        .filter(|&(image, region)| is_chosen(image, region))
        .map(|(_, region)| region.ix.0)
        .collect()
}

#[test]
fn conditions_side_by_side_are_about_one_region() {
    let catalogue = bottles();
    // Regions: 0 a big bottle, 1 a small can, 2 a small bottle, 3 a big bottle.
    for (text, images, regions) in [
        ("", &[0, 1, 2][..], &[0, 1, 2, 3][..]),
        ("tag:bottle area<1%", &[1], &[2]),
        ("bottle area<1%", &[1], &[2]),
        ("area<1%", &[0, 1], &[1, 2]),
        ("area>20% area<30%", &[0], &[0]),
        // Each tag is somewhere on the image, and a region has one of them.
        ("tag:bottle tag:can", &[0], &[0, 1]),
        ("tag:bottle tag:can area<1%", &[0], &[1]),
        ("tag:bottle", &[0, 1, 2], &[0, 2, 3]),
        // A minus is about the image.
        ("area<1% -tag:can", &[1], &[2]),
        ("regions=0 or (tag:bottle area<1%)", &[1, 2], &[2]),
        ("(tag:can or tag:bottle) area<1%", &[0, 1], &[1, 2]),
        ("(tag:can area>1%) or (tag:bottle area<1%)", &[1], &[2]),
        ("regions>1", &[0, 1], &[0, 1, 2, 3]),
        ("review:none area<1%", &[0, 1], &[1, 2]),
    ] {
        assert_eq!((&found(&catalogue, text)[..], &chosen(&catalogue, text)[..]), (images, regions), "{text}");
    }
}

#[test]
fn verdicts_and_findings_choose_the_regions_that_they_are_about() {
    let catalogue = bottles();
    let ids: Vec<_> =
        catalogue.iter().flat_map(|image| image.regions().map(move |region| (image.id(), region.id))).collect();
    let mut reviews = Reviews::default();
    reviews.set_reviewer("me");
    let subjects = vec![Subject::region(ids[2].0, ids[2].1)];
    let statement = Statement::Decide { subjects, verdict: Some(Verdict::Rejected) };
    reviews.apply(&Decision { number: 1, at: 0, by: "me".into(), statement }).expect("decision");
    let image = catalogue.iter().next().expect("image").id();
    let statement = Statement::Decide { subjects: vec![Subject::image(image)], verdict: Some(Verdict::Accepted) };
    reviews.apply(&Decision { number: 2, at: 0, by: "me".into(), statement }).expect("decision");
    let mut findings = Findings::default();
    let options = crate::CheckOptions { tiny_px: 50.0, ..Default::default() };
    let part = crate::checks::ImagesPart::of(&catalogue, 0..3);
    let found = crate::checks::images(&part, crate::ProjectKind::Detection, &options);
    findings.add(found, |_| false);
    let sources = Sources {
        catalogue: &catalogue,
        reviews: &reviews,
        findings: &findings,
        changes: &Default::default(),
        predicted: &Default::default(),
    };
    let chosen = |text: &str| {
        let regions =
            RegionProgram::bind(&parse(text).expect("query"), catalogue.tags()).expect("tags").expect("regions");
        let all = catalogue.iter().flat_map(|image| image.regions().map(move |region| (image, region)));
        all.filter(|&(image, region)| regions.chooses(&sources, image, region))
            .map(|(_, region)| region.ix.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(chosen("review:rejected"), [2]);
    assert_eq!(chosen("review:accepted"), [0, 1], "the verdict on an image is about all of its regions");
    assert_eq!(chosen("check:tiny"), [1, 2]);
    assert_eq!(chosen("check:tiny tag:bottle"), [2]);
}

#[test]
fn errors_say_where_and_what() {
    let catalogue = catalogue();
    let error = |text: &str| {
        let bound = parse(text).and_then(|query| Program::bind(&query, catalogue.tags()));
        let error = bound.err().unwrap_or_else(|| panic!("{text} was understood"));
        assert!(text.get(error.range.clone()).is_some(), "{text}: {:?}", error.range);
        (text[error.range.clone()].to_owned(), error.to_string())
    };
    let says = |text: &str, place: &str, words: &str| {
        assert_eq!(error(text), (place.to_owned(), words.to_owned()));
    };
    says("w>800 tag:frok", "frok", "no tag `frok`; did you mean `fork`?");
    says("tga:fork", "tga", "there is no term `tga`; did you mean `tag`?");
    says("https://x", "https://x", "there is no term `https`; put it in quotes to search for the text");
    says("tag:", "tag:", "`tag` needs a value; for example, tag:fork");
    says("regions>=three", "three", "`three` is not a number; for example, regions>=3");
    says("regions>3px", "3px", "`regions` cannot have the unit `px`; for example, regions>=3");
    says("area<0.5", "0.5", "add px or % to `area`; for example, area<0.5%");
    says("rw>20cm", "20cm", "`rw` cannot have the unit `cm`; for example, rw<20px");
    says("created>yesterday", "yesterday", "`yesterday` is not a date; for example, created>2024-01-01");
    says("created>none", "none", "`none` is not a date; for example, created>2024-01-01");
    says("created:2023-02-29", "2023-02-29", "`2023-02-29` is not a valid date; for example, created>2024-01-01");
    says("created>2024..2025", "2024..2025", "use `:` for a range; for example, created>2024-01-01");
    says("regions:..", "..", "the range has no ends; for example, regions>=3");
    says("tag>fork", "tag>fork", "`tag` cannot be compared with < or >; for example, tag:fork");
    says("check:tyni", "tyni", "no check `tyni`; did you mean `tiny`?");
    says(
        "review:xyz",
        "xyz",
        "no state of review `xyz`; use none, accepted, rejected, flagged, negative, disagree, any",
    );
    says(
        "id:xyz",
        "xyz",
        "an id has only the digits 0 to 9, the letters a to f, and hyphens; for example, id:26571c15",
    );
    says("size:big", "big", "`big` is not a size; for example, size:800x600");
    says("meta.=x", "meta.=x", "a metadata key is missing; for example, meta.camera=c1");
    says("(tag:fork", "(", "this parenthesis is not closed; add `)` where the group ends");
    says("tag:fork)", ")", "this closing parenthesis has no opening one; add an opening one or remove it");
    says("()", "()", "a term is missing here");
    says("tag:fork or ", "", "a term is missing here");
    says(
        "or tag:fork",
        "or",
        "a term is missing here; `or` needs a term on each side; put it in quotes to search for the word",
    );
    says("-", "", "a term is missing here");
    says(r#"tag:"fork"#, r#""fork"#, "the quotes are not closed; add `\"` where the text ends");
    says(r#""night shift"#, r#""night shift"#, "the quotes are not closed; add `\"` where the text ends");
    says(r#""""#, r#""""#, "there is nothing between the quotes");
    says("x >=3", ">=3", "there is no name before the operator; for example, regions>=3");
}

#[test]
fn a_tag_is_taken_on_trust_while_none_has_come() {
    let query = parse("tag:frok").expect("query");
    assert!(Program::bind(&query, &TagTable::default()).is_ok());
}

#[test]
fn the_place_is_marked_below_the_text() {
    let text = "猫 tag:frok";
    let error = Program::bind(&parse(text).expect("query"), catalogue().tags()).expect_err("no such tag");
    assert_eq!(error.marked(text), "猫 tag:frok\n      ^^^^");
    let error = parse("tag:a or").expect_err("nothing follows");
    assert_eq!(error.marked("tag:a or"), "tag:a or\n        ^");
}

#[test]
fn long_and_deep_texts_are_answered_or_refused() {
    let words = |text: &str| parse(text).map(|_| ()).map_err(|error| error.message);
    assert!(words(&"(".repeat(1_000)).is_err());
    assert_eq!(
        words(&format!("{}w>1{}", "(".repeat(1_000), ")".repeat(1_000))),
        Err("nested more than 100 deep".to_owned())
    );
    assert_eq!(words(&format!("{}w>1", "-".repeat(10_000))), Err("nested more than 100 deep".to_owned()));
    assert_eq!(words(&format!("{}w>1", "not ".repeat(2_500))), Err("nested more than 100 deep".to_owned()));
    assert_eq!(words(&format!("{}w>1{}", "(".repeat(100), ")".repeat(100))), Ok(()));
    assert_eq!(words(&"a ".repeat(5_000)), Err("more than 500 terms".to_owned()));
    assert_eq!(words(&"a".repeat(10_000)), Ok(()));
    assert_eq!(words(&format!("tag:\"{}\"", "猫".repeat(3_000))), Ok(()));
    assert!(words(&"a".repeat(20_001)).is_err_and(|message| message.contains("too long")));
}

proptest! {
    #[test]
    fn any_text_is_answered_and_its_place_is_in_it(text in r#"[a-z:=<>!"()\\. 猫0-9%-]{0,60}"#) {
        match parse(&text) {
            Ok(query) => prop_assert_eq!(random::bare(parse(&query.to_string()).expect("printed")), random::bare(query)),
            Err(error) => prop_assert!(text.get(error.range.clone()).is_some(), "{:?} {:?}", text, error.range),
        }
    }

    #[test]
    fn a_printed_tree_is_read_as_the_same_tree(query in random::query()) {
        let text = query.to_string();
        let read = parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        prop_assert_eq!(random::bare(read), random::bare(query), "{}", text);
    }

    #[test]
    fn programs_find_what_a_naive_reading_finds(query in random::query()) {
        let catalogue = catalogue();
        let text = query.to_string();
        let naive: Vec<u32> = catalogue
            .iter()
            .filter(|image| query.root.as_ref().is_none_or(|root| naive::holds(&catalogue, &image.to_row(), root)))
            .map(|image| image.ix.0)
            .collect();
        prop_assert_eq!(found(&catalogue, &text), naive, "{}", text);
    }

    #[test]
    fn regions_are_chosen_as_a_naive_reading_chooses_them(query in random::query()) {
        let catalogue = catalogue();
        let text = query.to_string();
        let Some(root) = &query.root else { return Ok(()) };
        let mut naive = Vec::new();
        for image in catalogue.iter() {
            let row = image.to_row();
            if !naive::holds(&catalogue, &row, root) {
                continue;
            }
            let is_plain = naive::region_tests(root).1 == 0;
            let regions = image.regions().enumerate();
            let chosen = regions.filter(|(at, _)| is_plain || naive::chooses(&catalogue, &row, *at, root));
            naive.extend(chosen.map(|(_, region)| region.ix.0));
        }
        prop_assert_eq!(chosen(&catalogue, &text), naive, "{}", text);
    }
}
