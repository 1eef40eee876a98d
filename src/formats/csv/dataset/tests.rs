use super::*;

fn read(table: &str) -> Dataset {
    read_dataset(table.as_bytes(), &[]).expect("dataset")
}

fn boxes(dataset: &Dataset) -> Vec<(BoxUnit, &str, [f64; 4])> {
    let of_image = |image: &DatasetImage| {
        image.boxes.iter().map(move |found| (image.unit, found.category, found.bbox)).collect::<Vec<_>>()
    };
    let found = dataset.images.iter().flat_map(of_image);
    found.map(|(unit, at, bbox)| (unit, dataset.categories[at].as_str(), bbox)).collect()
}

fn told(dataset: &Dataset) -> Vec<String> {
    dataset.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.reason)).collect()
}

#[test]
fn columns_have_many_names() {
    let table = "class;filename;x1;y1;x2;y2\nfork;a/1.jpg;1;2;11;22\n;a/1.jpg;0;0;5;5\nspoon;2.jpg;;;;\nx;..;1;1;2;2\n\
                 fork;2.jpg;a;1;2;2\n";
    let found = read_dataset(table.as_bytes(), &["knife".to_owned()]).expect("dataset");
    assert_eq!(found.categories, ["knife", "fork", "no label", "spoon"]);
    assert_eq!(found.images[0].boxes[0].bbox, [1.0, 2.0, 10.0, 20.0]);
    assert_eq!((found.images[0].boxes.len(), found.images[1].tags[0].as_str()), (2, "spoon"));
    assert_eq!(found.counts_in, (3, 3));
    let places: Vec<_> = found.problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, ["line 3", "line 5", "line 6"]);
    for bad in ["", "a,b\n1,2\n", "image,x1\n1,2\n", "\u{0}", "image,x1,y1\n1,2,3\n", "image,tag,x,y\n1,a,2,3\n"] {
        assert!(matches!(read_dataset(bad.as_bytes(), &[]), Err(FormatError::NotThisFormat { .. })), "{bad:?}");
    }
}

#[test]
fn the_services_numbers_come_first() {
    let table = "image,width,height,tag,xmin,ymin,xmax,ymax,left,top,w,h,region_id,created\n\
                 1.jpg,80,60,a,0,0,40,30,-0.5,0,1,0.5,0dd1a3a1-7f2c-4e9e-9c0e-1d2f3a4b5c6d,\n\
                 2.jpg,80,60,a,0,0,40,30,0,0,0.5,0.5,,\n2.jpg,80,60,a,8,6,40,30,,,,,,\n";
    let found = read(table);
    assert_eq!((found.images[0].unit, found.images[0].boxes[0].bbox), (BoxUnit::Fractions, [-0.5, 0.0, 1.0, 0.5]));
    assert!(found.images[0].boxes[0].id.is_some());
    assert_eq!((found.images[1].unit, found.images[1].boxes[1].bbox), (BoxUnit::Pixels, [8.0, 6.0, 32.0, 24.0]));
    assert_eq!(found.images[1].size, Some((80, 60)));
}

#[test]
fn width_and_height_are_those_of_the_box_where_there_is_a_corner() {
    let pixels = (BoxUnit::Pixels, "fork", [40.0, 60.0, 200.0, 120.0]);
    for (head, row) in [
        ("image,label,x,y,width,height", "1.jpg,fork,40,60,200,120"),
        (
            "label_name,bbox_x,bbox_y,bbox_width,bbox_height,image_name,image_width,image_height",
            "fork,40,60,200,120,1.jpg,400,300",
        ),
        ("file,class,x_center,y_center,width,height", "1.jpg,fork,140,120,200,120"),
        ("image,label,xmin,ymin,width,height", "1.jpg,fork,40,60,200,120"),
        ("image,label,x0,y0,x1,y1", "1.jpg,fork,40,60,240,180"),
        ("image_name,label_name,x1,y1,w,h", "1.jpg,fork,40,60,200,120"),
        ("file,class,left,top,right,bottom,width,height", "1.jpg,fork,40,60,240,180,400,300"),
        ("filename,width,height,class,xmin,ymin,xmax,ymax", "1.jpg,400,300,fork,240,180,40,60"),
    ] {
        let found = read(&format!("{head}\n{row}\n"));
        assert_eq!(boxes(&found), [pixels], "{head}");
        assert!(matches!(found.images[0].size, None | Some((400, 300))), "{head}");
    }
    let fractions = read("image,tag,left,top,width,height\n1.jpg,fork,0.1,0.2,0.5,0.4\n");
    assert_eq!(boxes(&fractions), [(BoxUnit::Fractions, "fork", [0.1, 0.2, 0.5, 0.4])]);
    assert!(told(&fractions)[0].contains("fractions"), "{:?}", told(&fractions));
}

#[test]
fn what_is_not_read_is_named() {
    let found = read("image,tag,mood,quality\n1.jpg,fork,good,3\n");
    assert_eq!(told(&found), ["line 1: columns that are not read: mood, quality"]);
    let reason = read_dataset(&b"image,tag,left,top,depth\n"[..], &[]).expect_err("refused").to_string();
    assert!(reason.contains("left, top, depth"), "{reason}");
}

#[test]
fn spreadsheets_of_other_countries_write_commas_in_numbers() {
    let found = read("image;label;xmin;ymin;xmax;ymax\r\n1.jpg;fork;10,5;20,5;50,5;60,5\r\n");
    assert_eq!(boxes(&found), [(BoxUnit::Pixels, "fork", [10.5, 20.5, 40.0, 40.0])]);
}

#[test]
fn a_column_a_class_tags_the_images() {
    let found = read("filename, cat, dog\n1.jpg, 1, 0\n2.jpg, 1, 1\n3.jpg, maybe, 0\n");
    let tags: Vec<_> = found.images.iter().map(|image| image.tags.join("+")).collect();
    assert_eq!(tags, ["cat", "cat+dog", ""]);
    assert_eq!(found.kind, Some(domain::ProjectKind::Multilabel));
    assert!(told(&found)[0].starts_with("line 4: \"maybe\""), "{:?}", told(&found));
}

#[test]
fn label_studios_tables_have_regions_in_a_cell() {
    let cell = r#"[{""x"":10,""y"":20,""width"":50,""height"":40,""rotation"":0,""rectanglelabels"":[""fork""],""original_width"":400,""original_height"":300}]"#;
    let found = read(&format!("id,image,label\n1,/data/upload/1/1.jpg,\"{cell}\"\n2,2.jpg,\"[{{\"\"x\"\":\"\n"));
    assert_eq!(boxes(&found), [(BoxUnit::Fractions, "fork", [0.1, 0.2, 0.5, 0.4])]);
    assert_eq!(found.images[0].size, Some((400, 300)));
    assert!(told(&found).iter().any(|words| words.starts_with("line 3: its label starts")), "{:?}", told(&found));
}

#[test]
fn cells_that_were_guarded_against_formulas_come_back() {
    let found = read("image,tag\n'=1.jpg,'=A1\n2.jpg,''+x\n3.jpg,'tis\n");
    assert_eq!(
        (found.images[0].file_name.as_str(), &found.categories[..]),
        ("=1.jpg", &["=A1", "'+x", "'tis"].map(str::to_owned)[..])
    );
}

/// A column of a box that is not understood must not make the row a tag of the whole picture.
#[test]
fn boxes_that_are_not_understood_are_no_tags() {
    for head in [
        "image,tag,x_min,y_min,x_mid",
        "image,tag,x1,y1",
        "image,tag,bbox_x1,depth",
        "image,tag,cx,cy",
        "image,tag,bbox_width,bbox_height",
        "image,tag,geometry",
        "image,tag,x1,y1,x2,y2,x3,y3,x4,y4",
        "image,tag,width,height,xmin,ymin,xmax",
    ] {
        let row = format!("1.jpg,fork{}", ",1".repeat(head.matches(',').count() - 1));
        let reason = read_dataset(format!("{head}\n{row}\n").as_bytes(), &[]).expect_err(head).to_string();
        assert!(reason.contains("box columns are not recognized"), "{head}: {reason}");
    }
}

#[test]
fn a_cell_with_the_numbers_of_a_box() {
    let expected = [40.0, 60.0, 200.0, 120.0];
    let box_of = |head: &str, cell: &str| boxes(&read(&format!("{head}\nab1,fork,\"{cell}\"\n")))[0].2;
    for cell in ["[40.0, 60, 200, 120]", "(40,60,200,120)", "40 60 200 120", "[40;60;200;120]"] {
        assert_eq!(box_of("image_id,label,bbox_xywh", cell), expected, "{cell}");
    }
    assert_eq!(box_of("image_id,label,bbox_xyxy", "[40,60,240,180]"), expected);
    let found = read("image,label,bbox_xywh\n1.jpg,,[]\n2.jpg,fork,\"[1, 2]\"\n");
    assert_eq!((found.images.len(), found.images[0].tags.len()), (2, 0));
    assert!(told(&found)[0].starts_with("line 3: its box does not have four numbers"), "{:?}", told(&found));
    for cell in ["[1, 2, 3]", "[[1, 2, 3, 4]]x", "a b c d"] {
        let table = format!("image,label,bbox\n1.jpg,fork,\"{cell}\"\n");
        let reason = read_dataset(table.as_bytes(), &[]).expect_err(cell).to_string();
        assert!(reason.contains("box columns are not recognized"), "{cell}: {reason}");
    }
}

/// The Global Wheat tables have sides in such a cell, datumaro's have corners.
#[test]
fn numbers_in_a_cell_show_whether_they_are_corners() {
    let table = |rows: &[[f64; 4]]| {
        let rows: String = rows.iter().map(|row| format!("1.jpg,400,300,\"{row:?}\",fork\n")).collect();
        read_dataset(format!("image_id,width,height,bbox,label\n{rows}").as_bytes(), &[])
    };
    for (rows, expected, words) in [
        (&[[40.0, 60.0, 200.0, 120.0], [300.0, 200.0, 50.0, 40.0]], [40.0, 60.0, 200.0, 120.0], "cannot be corners"),
        (&[[40.0, 60.0, 240.0, 180.0], [300.0, 200.0, 350.0, 240.0]], [40.0, 60.0, 200.0, 120.0], "beyond the picture"),
    ] {
        let found = table(rows).expect("dataset");
        assert_eq!(boxes(&found)[0].2, expected);
        assert!(told(&found)[0].contains(words), "{:?}", told(&found));
    }
    let reason = table(&[[40.0, 60.0, 200.0, 120.0]]).expect_err("refused").to_string();
    assert!(reason.contains("bbox_xywh or bbox_xyxy"), "{reason}");
}

#[test]
fn tables_of_programs_that_write_no_header() {
    let fork = |bbox| (BoxUnit::Pixels, "fork", bbox);
    let retina = read("a/1.jpg,40,60,240,180,fork\na/1.jpg,1,2,3,4,fork\na/2.jpg,,,,,\n");
    assert_eq!(boxes(&retina), [fork([40.0, 60.0, 200.0, 120.0]), fork([1.0, 2.0, 2.0, 2.0])]);
    assert_eq!((retina.images.len(), retina.counts_in), (2, (2, 2)));
    assert!(told(&retina)[0].contains("RetinaNet"), "{:?}", told(&retina));
    let sense = read("fork,40,60,200,120,1.jpg,400,300\nfork,1,2,2,2,1.jpg,400,300\n");
    assert_eq!(boxes(&sense), boxes(&retina));
    assert_eq!(sense.images[0].size, Some((400, 300)));
    let google = read(
        "TRAIN,gs://b/1.jpg,fork,0.1,0.2,,,0.6,0.5,,\nVALIDATION,gs://b/2.jpg,fork,0.1,0.2,0.6,0.2,0.6,0.5,0.1,0.5\n\
         UNASSIGNED,gs://b/3.jpg,,,,,,,,,\nTEST,gs://b/4.jpg,fork,0.1,0.2,,,,,,\n",
    );
    let expected = (BoxUnit::Fractions, "fork", [0.1, 0.2, 0.5, 0.3]);
    assert_eq!(boxes(&google), [expected, expected]);
    let parts: Vec<_> =
        google.images.iter().map(|image| image.metadata.iter().find(|(key, _)| key == "split")).collect();
    let parts: Vec<_> = parts.into_iter().map(|part| part.map(|(_, part)| part.as_str())).collect();
    assert_eq!(parts, [Some("train"), Some("val"), None, Some("test")]);
    assert!(told(&google).iter().any(|words| words.starts_with("line 4: its box")), "{:?}", told(&google));
    let tags = read("TRAINING,gs://b/1.jpg,fork,spoon\nTEST,gs://b/2.jpg\n");
    let tags: Vec<_> = tags.images.iter().map(|image| image.tags.join("+")).collect();
    assert_eq!(tags, ["fork+spoon", ""]);
}

/// Its rows say with a confidence of 0 that a class is not on an image.
#[test]
fn tables_of_open_images_are_not_taken_for_tags() {
    let table = "ImageID,Source,LabelName,Confidence\nb,verification,/m/0,0\n";
    let reason = read_dataset(table.as_bytes(), &[]).expect_err("refused").to_string();
    assert!(reason.contains("Open Images"), "{reason}");
}

#[test]
fn a_table_without_a_header_is_not_read_by_guessing() {
    for row in ["1.jpg,fork", "1.jpg,1,2,30,40,fork,5", "fork,1.jpg,1,2,30,40"] {
        let reason = read_dataset(format!("{row}\n").as_bytes(), &[]).expect_err(row).to_string();
        assert!(reason.contains("it has no header"), "{row}: {reason}");
    }
}

#[test]
fn names_of_columns_may_be_written_in_any_way() {
    let pixels = [(BoxUnit::Pixels, "fork", [40.0, 60.0, 200.0, 120.0])];
    for (head, row) in [
        ("Image Name,Class Name,X-Min,Y-Min,X-Max,Y-Max", "1.jpg,fork,40,60,240,180"),
        ("imagePath,classId,bbox.x1,bbox.y1,bbox.x2,bbox.y2", "1.jpg,fork,40,60,240,180"),
        ("Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId", "1.jpg;400;300;40;60;240;180;fork"),
        ("frame,xmin,xmax,ymin,ymax,class_id", "1.jpg,40,240,60,180,fork"),
        ("sep=;\nimage;label;x;y;w;h", "1.jpg;fork;40;60;200;120"),
    ] {
        assert_eq!(boxes(&read(&format!("{head}\n{row}\n"))), pixels, "{head}");
    }
    let found = read("filepaths_x,file path,label,data set\n1,1.jpg,fork,valid\n1,2.jpg,fork,holdout\n");
    let parts: Vec<_> = found.images.iter().map(|image| image.metadata[1].1.as_str()).collect();
    assert_eq!(parts, ["val", "holdout"]);
}
