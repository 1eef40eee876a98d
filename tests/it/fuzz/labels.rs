//! The readers of the other formats that can be imported. An input is the name of one and a line break, then its text; a
//! name that is none means all of them.

use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::Arc;

use tagscope::engine::import::{DatasetFormat, DatasetPlace, import};
use tagscope::formats::dataset::Dataset;
use tagscope::formats::{
    ClassNames, FormatError, azureml, createml, csv, cvat, datumaro, huggingface, label_studio, labelme, layout,
    parquet, text, voc, vott, webdataset, yolo,
};
use tagscope::pixels::caught;
use tagscope::storage::Archive;
use tagscope::storage::regular::is_plain_path;
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
        b"huggingface\n{\"file_name\":\"a.jpg\",\"objects\":{\"bbox\":[[",
        b"voc\n<annotation><object>",
        b"yolo\ntrain: x\n",
        b"vott\n{\"tags\":[{\"name\":\"a\"}],\"assets\":{\"a\":{\"asset\":{\"name\":\"a.jpg\"},\"regions\":[",
        b"labelme\n{\"imagePath\":\"a.jpg\",\"shapes\":[",
    ],
};

/// Reads a text as a format, and checks what comes of it.
type Check = fn(&str, &[u8]);

/// The readers, and as what an import reads the same text.
const READERS: [(&str, Check, DatasetFormat); 14] = [
    ("csv", |name, text| whole(name, csv::dataset::read_dataset(text, &[])), DatasetFormat::Csv),
    ("cvat", |name, text| whole(name, cvat::dataset::read_dataset(text)), DatasetFormat::Cvat),
    ("datumaro", |name, text| whole(name, datumaro::dataset::read_dataset(text)), DatasetFormat::Datumaro),
    (
        "label-studio",
        |name, text| whole(name, label_studio::dataset::read_dataset(text, &[])),
        DatasetFormat::LabelStudio,
    ),
    ("createml", |name, text| whole(name, createml::dataset::read_dataset(text, &[])), DatasetFormat::CreateMl),
    ("azureml", |name, text| whole(name, azureml::dataset::read_dataset(text, &[])), DatasetFormat::AzureMl),
    (
        "huggingface",
        |name, text| whole(name, huggingface::dataset::read_dataset(text, &ClassNames::default())),
        DatasetFormat::HuggingFace,
    ),
    (
        "webdataset",
        |name, bytes| whole(name, webdataset::dataset::read_dataset(Cursor::new(bytes), &ClassNames::default())),
        DatasetFormat::WebDataset,
    ),
    ("parquet", |name, bytes| table(name, bytes), DatasetFormat::Parquet),
    ("vott", |name, text| whole(name, vott::dataset::read_dataset(text)), DatasetFormat::Vott),
    ("labelme", |name, text| whole(name, labelme::dataset::read_dataset(text)), DatasetFormat::Labelme),
    ("voc", |_, text| page(text), DatasetFormat::Voc),
    ("yolo", |_, text| rows(text), DatasetFormat::Yolo),
    // It has no form of its own: its rows are those of the service.
    ("jsonl", |_, _| {}, DatasetFormat::Jsonl),
];

/// `TAGSCOPE_FUZZ_READER` gives the time to one of the readers.
#[test]
fn texts() {
    let home = tempdir().expect("folder");
    std::fs::write(home.path().join("secret.jpg"), "outside").expect("secret");
    let chosen = std::env::var("TAGSCOPE_FUZZ_READER").unwrap_or_default();
    assert!(chosen.is_empty() || READERS.iter().any(|(known, ..)| *known == chosen), "there is no reader {chosen}");
    let start = if chosen.is_empty() { String::new() } else { format!("{chosen}\n") };
    TARGET.run_with(&start, |input, rng| {
        let cut = input.iter().position(|&byte| byte == b'\n').map_or(input.len(), |at| at + 1);
        let (name, text) = input.split_at(cut);
        let name = if chosen.is_empty() { name.trim_ascii() } else { chosen.as_bytes() };
        others(text);
        let is_known = READERS.iter().any(|(known, ..)| known.as_bytes() == name);
        for (known, check, format) in READERS.iter().filter(|(known, ..)| !is_known || known.as_bytes() == name) {
            check(known, text);
            // The whole way into an archive flushes to the disk, so it is done for few.
            if rng.u8(..64) == 0 {
                imported(*format, text, home.path());
            }
        }
    });
}

fn whole(name: &str, read: Result<Dataset, FormatError>) {
    match read {
        Ok(dataset) => sound(name, &dataset),
        Err(error) => assert!(error.to_string().len() < 2_000, "{name}: {error}"),
    }
}

/// The library may give up in its own way, which the import catches.
fn table(name: &str, bytes: &[u8]) {
    let mut file = tempfile::tempfile().expect("file");
    file.write_all(bytes).expect("write");
    match caught(|| parquet::dataset::read_dataset(file, &ClassNames::default())) {
        Ok(read) => whole(name, read),
        Err(reason) => assert!(reason.len() < 2_000, "{name}: {reason}"),
    }
}

fn page(text: &[u8]) {
    match voc::dataset::read_page(text) {
        Ok(page) => {
            let page = page.unwrap_or_default();
            assert!(page.objects.iter().all(|object| object.bbox.iter().all(|number| number.is_finite())));
            let problems =
                page.problems.iter().map(|(_, _, reason)| reason).chain(page.unread.iter().map(|(_, why)| why));
            problems.for_each(|reason| assert!(reason.len() < 2_000, "{reason}"));
        }
        Err(error) => assert!(error.to_string().len() < 2_000, "{error}"),
    }
}

fn rows(text: &[u8]) {
    let words = String::from_utf8_lossy(text);
    for read in [yolo::dataset::read_facts(&words), yolo::dataset::read_darknet(&words)] {
        match read {
            Ok(facts) => assert!(facts.names.len() <= 100_000),
            Err(error) => assert!(error.to_string().len() < 2_000, "{error}"),
        }
    }
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
    let _ = (csv::dataset::recognize(bytes).is_ok(), cvat::dataset::is_page(bytes), datumaro::dataset::is_file(bytes));
    let _ = voc::dataset::read_page(bytes);
    let _ = huggingface::names_of_card(&words);
    for name in [
        "a.json",
        "a.jsonl",
        "a.xml",
        "a.csv",
        "a.yaml",
        "obj.data",
        "classes.txt",
        "1.txt",
        "MLTable",
        "1.tar",
        "1.parquet",
    ] {
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

/// Imports a text as the label file of a format, with a picture where the format begins with those.
fn imported(format: DatasetFormat, text: &[u8], home: &Path) {
    let (data, out) = (home.join("data"), home.join("archive"));
    let write = |name: &str, bytes: &[u8]| {
        let file = data.join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("folder");
        std::fs::write(&file, bytes).expect("write");
        file
    };
    let path = match format {
        DatasetFormat::Voc => write("1.xml", text),
        DatasetFormat::Yolo => {
            // The facts, and the rows of a picture after a line of two hyphens.
            let cut = text.windows(4).position(|window| window == b"\n--\n");
            let (facts, rows) = cut.map_or((text, text), |at| (&text[..at], &text[at + 4..]));
            write("data.yaml", facts);
            write("images/1.bmp", include_bytes!("corpus/image/rgb.bmp"));
            write("labels/1.txt", rows);
            data.clone()
        }
        DatasetFormat::Cvat => write("x.xml", text),
        DatasetFormat::Csv => write("x.csv", text),
        DatasetFormat::AzureMl | DatasetFormat::HuggingFace | DatasetFormat::Jsonl => write("x.jsonl", text),
        DatasetFormat::WebDataset => write("x.tar", text),
        DatasetFormat::Parquet => write("x.parquet", text),
        _ => write("x.json", text),
    };
    let place = DatasetPlace { format, path, others: Vec::new(), images: None };
    if let Ok(report) = import(&place, &out, &(Arc::new(|_| {}) as _), &CancellationToken::new()) {
        let archive = Archive::open(&out).expect("an archive");
        let rows: Vec<_> = archive.rows().expect("rows").map(|row| row.expect("readable")).collect();
        let most = match format {
            DatasetFormat::Yolo => 1,
            DatasetFormat::WebDataset | DatasetFormat::Parquet => report.images_in,
            _ => 0,
        };
        assert!(rows.len() as u64 == report.images_out && report.pictures <= most, "{report:?}");
        rows.iter().for_each(comes_back);
        std::fs::remove_dir_all(&out).expect("remove");
    }
    std::fs::remove_dir_all(&data).expect("remove");
}
