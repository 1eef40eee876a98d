//! The readers of the other formats that can be imported. An input is the name of one and a line break, then its text; a
//! name that is none means all of them.

use std::path::Path;
use std::sync::Arc;

use tagscope::engine::import::{DatasetFormat, DatasetPlace, import};
use tagscope::formats::dataset::Dataset;
use tagscope::formats::{
    FormatError, azureml, createml, csv, cvat, datumaro, label_studio, labelme, layout, read, text, voc, vott, yolo,
};
use tagscope::storage::Archive;
use tagscope::storage::staging::is_plain_path;
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use super::runner::Target;
use super::wire::comes_back;

const TARGET: Target = Target {
    name: "labels",
    cases: 1_200,
    tokens: &[
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b":",
        b"\"",
        b"\n",
        b";",
        b"null",
        b"1e999",
        b"-1",
        b"\"1px\"",
        b"\\u0000",
        b"\xff",
        b"\"image\":",
        b"\"../../x.jpg\"",
        b"\"https://h/%2e%2e/x.jpg?sig=s\"",
        b"\"annotations\":[",
        b"\"completions\":[",
        b"\"result\":[",
        b"\"value\":{",
        b"\"points\":[[0,0],[1,1]],",
        b"\"points\":[0,0,1,1],",
        b"\"type\":\"polygon\",",
        b"\"coordinates\":{",
        b"\"items\":[",
        b"\"categories\":{\"label\":{\"labels\":[",
        b"\"label_id\":18446744073709551615,",
        b"\"bbox\":[0,0,1,1],",
        b"\"image_url\":\"azureml://a/paths/b.jpg\",",
        b"\"polygon\":[[0,0,1,1]],",
        b"<annotations>",
        b"<image name='a.jpg' width='8' height='6'>",
        b"</image>",
        b"<box label='a' xtl='0' ytl='0' xbr='1' ybr='1'/>",
        b"<polygon label='a' points='0,0;1,1'/>",
        b"<!--",
        b"<![CDATA[",
        b"&#0;",
        b"&lol;",
        b"image,tag,xmin,ymin,xmax,ymax\n",
        b"a.jpg,a,0,0,1,1\n",
        b"\"a\"\"b\",",
        b"train: x\nnames: [",
        b"0 0.5 0.5 1 1\n",
        b"0 0.5 0.5 0.2 0.2 0.91 7\n",
        b"0,0.1,0.1,0.2,0.2,0.3,0.3\n",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"<?xml version='1.0' encoding='ISO-8859-1'?>",
        b"<track label='a'><box frame='0' outside='0' xtl='0' ytl='0' xbr='1' ybr='1'/><box frame='4000000000' outside='1'/></track>",
        b"<ellipse label='a' cx='1' cy='1' rx='1' ry='1' rotation='45'/>",
        b"<mask label='a' left='0' top='0' width='1' height='1'/>",
        b"\"rle\":{\"counts\":\"61X13mN000`0\",\"size\":[9,10]},\"type\":\"mask\",",
        b"\"rle\":{\"counts\":[0,9,81],\"size\":[9,10]},",
        b"\"format\":\"rle\",\"rle\":[0,0,0,255,7,8],",
        b"\"rotation\":359.9,",
        b"\"rotated_bbox\":[1,1,2,2,30],\"type\":\"rotated_bbox\",",
        b"\"rectanglelabels\":[\"a\",\"b\"],",
        b"\"annotation_id\":1,",
        b"\"assets\":{\"a\":{\"asset\":{\"path\":\"file:C:/a.jpg\"},\"regions\":[",
        b"\"boundingBox\":{\"left\":0,\"top\":0,\"width\":1,\"height\":1},\"tags\":[\"a\"]",
        b"\"shapes\":[{\"label\":\"a\",\"points\":[[0,0],[1,1]],\"shape_type\":\"circle\"}],",
        b"\"imagePath\":\"..\\\\a.jpg\",",
        b"x,y,width,height,",
        b"&a [*a, *a]",
        b"<polygon><pt><x>1</x><y>2</y></pt></polygon><deleted>1</deleted>",
        b"<attributes><attribute><name>rotation</name><value>45</value></attribute></attributes>",
        b"\"attributes\":{\"rotation\":45},",
        b"\"imageData\":\"aGVsbG8=\",",
        b"\"item_index\":1,",
        b"\"image_rotation\":90,",
        b"\"annos\":[{\"a\":1}],",
        b"\"Annotations\":{\"a\":1},",
        b"<Image name='a.jpg'/>",
        b"<Object><name>a</name></Object>",
        b"\"ground_truth\":true,",
        b"\"was_cancelled\":true,",
        b"\0\0",
    ],
    heads: &[
        b"csv\nimage,tag,xmin,ymin,xmax,ymax\n",
        b"cvat\n<annotations><image name='a.jpg'>",
        b"datumaro\n{\"categories\":{\"label\":{\"labels\":[{\"name\":\"a\"}]}},\"items\":[",
        b"label-studio\n[{\"data\":{\"image\":\"a.jpg\"},\"annotations\":[{\"result\":[",
        b"createml\n[{\"image\":\"a.jpg\",\"annotations\":[",
        b"azureml\n{\"image_url\":\"a.jpg\",\"label\":[",
        b"voc\n<annotation><object>",
        b"yolo\ntrain: x\n",
        b"vott\n{\"tags\":[{\"name\":\"a\"}],\"assets\":{\"a\":{\"asset\":{\"name\":\"a.jpg\"},\"regions\":[",
        b"labelme\n{\"imagePath\":\"a.jpg\",\"shapes\":[",
    ],
};

type Reader = fn(&[u8]) -> Result<Dataset, FormatError>;

/// The readers, the file that an import of it wants, and as what it is imported.
const READERS: [(&str, Reader, &str, DatasetFormat); 8] = [
    ("csv", |text| csv::dataset::read_dataset(text, &[]), "x.csv", DatasetFormat::Csv),
    ("cvat", |text| cvat::dataset::read_dataset(text), "x.xml", DatasetFormat::Cvat),
    ("datumaro", |text| datumaro::dataset::read_dataset(text), "x.json", DatasetFormat::Datumaro),
    ("label-studio", |text| label_studio::dataset::read_dataset(text, &[]), "x.json", DatasetFormat::LabelStudio),
    ("createml", |text| createml::dataset::read_dataset(text, &[]), "x.json", DatasetFormat::CreateMl),
    ("azureml", |text| azureml::dataset::read_dataset(text, &[]), "x.jsonl", DatasetFormat::AzureMl),
    ("vott", |text| vott::dataset::read_dataset(text), "x.json", DatasetFormat::Vott),
    ("labelme", |text| labelme::dataset::read_dataset(text), "x.json", DatasetFormat::Labelme),
];

#[test]
fn texts() {
    let home = tempdir().expect("folder");
    std::fs::write(home.path().join("secret.jpg"), "outside").expect("secret");
    std::fs::create_dir(home.path().join("data")).expect("folder");
    TARGET.run(|input, rng| {
        let cut = input.iter().position(|&byte| byte == b'\n').map_or(input.len(), |at| at + 1);
        let (name, text) = input.split_at(cut);
        let name = name.trim_ascii();
        others(text);
        let is_known = READERS.iter().any(|(known, ..)| known.as_bytes() == name);
        for (known, reader, file, format) in READERS.iter().filter(|(known, ..)| !is_known || known.as_bytes() == name)
        {
            match reader(text) {
                Ok(dataset) => sound(known, &dataset),
                Err(error) => assert!(error.to_string().len() < 2_000, "{known}: {error}"),
            }
            // The whole way into an archive flushes to the disk, so it is done for few.
            if rng.u8(..64) == 0 {
                let file = home.path().join("data").join(file);
                std::fs::write(&file, text).expect("write");
                imported(*format, &file, &home.path().join("archive"));
            }
        }
    });
}

/// Texts that formats have besides: only that reading them ends.
fn others(bytes: &[u8]) {
    let words = String::from_utf8_lossy(bytes);
    if let Ok(whole) = text::whole(bytes) {
        assert!(!whole.starts_with('\u{feff}') || bytes.len() > 3, "a byte order mark is no letter");
    }
    let _ = text::beginning(bytes);
    let _ = label_studio::dataset::read_setup(bytes);
    let _ = azureml::dataset::read_table(&words);
    let _ = (csv::dataset::is_table(bytes), cvat::dataset::is_page(bytes), datumaro::dataset::is_file(bytes));
    let _ = read::first_element(bytes).map(|first| createml::dataset::is_entry(&first));
    let _ = voc::dataset::read_page(bytes);
    for name in ["a.json", "a.jsonl", "a.xml", "a.csv", "a.yaml", "obj.data", "classes.txt", "1.txt", "MLTable"] {
        let _ = (layout::content_of(name, bytes), layout::foreign_of(name, bytes));
    }
    let _ = labelme::dataset::read_picture(bytes);
    let _ = (voc::dataset::read_label_map(&words), yolo::dataset::read_facts(&words));
    for line in words.lines().take(10) {
        if let Ok(row) = yolo::dataset::read_row(line, line.len() % 2 == 0) {
            assert!(row.bbox.iter().all(|number| number.is_finite()), "{line:?}");
        }
    }
}

fn sound(name: &str, dataset: &Dataset) {
    assert!(dataset.images.len() as u64 <= dataset.counts_in.0, "{name}");
    let boxes: usize = dataset.images.iter().map(|image| image.boxes.len()).sum();
    assert!(boxes as u64 <= dataset.counts_in.1, "{name}");
    for image in &dataset.images {
        assert!(is_plain_path(&image.file_name), "{name}: {:?}", image.file_name);
        assert!(image.size.is_none_or(|(width, height)| width > 0 && height > 0), "{name}");
        assert!(image.tags.iter().all(|tag| dataset.categories.contains(tag)), "{name}");
        for found in &image.boxes {
            assert!(found.category < dataset.categories.len(), "{name}");
            assert!(found.bbox.iter().all(|number| number.is_finite()), "{name}");
        }
    }
    for problem in &dataset.problems {
        assert!(problem.reason.len() + problem.place.len() < 2_000, "{name}: {problem:?}");
    }
}

fn imported(format: DatasetFormat, file: &Path, out: &Path) {
    let place = DatasetPlace { format, path: file.to_path_buf(), others: Vec::new(), images: None };
    let Ok(report) = import(&place, out, &(Arc::new(|_| {}) as _), &CancellationToken::new()) else { return };
    let archive = Archive::open(out).expect("an archive");
    let rows: Vec<_> = archive.rows().expect("rows").map(|row| row.expect("readable")).collect();
    assert_eq!((rows.len() as u64, report.pictures), (report.images_out, 0));
    rows.iter().for_each(comes_back);
    std::fs::remove_dir_all(out).expect("remove");
}
