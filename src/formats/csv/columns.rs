//! What the columns of a table mean: by their names, all of them together, since `width` is the picture's in one table and
//! the box's in the next.

use crate::error::FormatError;
use crate::layout::is_picture;
use crate::loose::number_in;

/// Names of columns as [`plain`] gives them; our own come first.
const IMAGE: &[&str] = &[
    "image",
    "filename",
    "imagepath",
    "imagename",
    "imagefile",
    "imagefilename",
    "path",
    "filepath",
    "file",
    "img",
    "imgpath",
    "imgname",
    "imageid",
    "frame",
];
/// Numbers of classes come last: a table often has both.
const TAG: &[&str] = &[
    "tag",
    "label",
    "class",
    "classname",
    "labelname",
    "category",
    "categoryname",
    "object",
    "classid",
    "labelid",
    "categoryid",
];
const PART: &[&str] = &["split", "subset", "dataset", "partition", "mluse"];
const PICTURE: [&[&str]; 2] = [&["imagewidth", "imgwidth"], &["imageheight", "imgheight"]];
const SIDES: [&str; 2] = ["width", "height"];
const REGION: &str = "regionid";
const CREATED: &str = "created";

/// The corners of a box.
const EDGES: [[&[&str]; 4]; 3] = [
    [
        &["xmin", "x1", "bboxx1", "bboxxmin", "roix1"],
        &["ymin", "y1", "bboxy1", "bboxymin", "roiy1"],
        &["xmax", "x2", "bboxx2", "bboxxmax", "roix2"],
        &["ymax", "y2", "bboxy2", "bboxymax", "roiy2"],
    ],
    [&["left"], &["top"], &["right"], &["bottom"]],
    [&["x0"], &["y0"], &["x1"], &["y1"]],
];
/// The third corner of an outline: its first two are not those of a box.
const THIRD_CORNER: [&str; 4] = ["x3", "y3", "bboxx3", "bboxy3"];
/// The service's own numbers as our own tables have them, next to the corners in pixels.
const LISTED: [&[&str]; 4] = [&["left"], &["top"], &["w"], &["h"]];
/// One corner and the sides.
const CORNER: [&[&str]; 2] = [
    &["x", "left", "bboxx", "bboxleft", "boxx", "xmin", "x1"],
    &["y", "top", "bboxy", "bboxtop", "boxy", "ymin", "y1"],
];
/// The middle and the sides.
const MIDDLE: [&[&str]; 2] = [&["cx", "xcenter", "centerx", "xcentre"], &["cy", "ycenter", "centery", "ycentre"]];
const BOX_SIDES: [&[&str]; 2] =
    [&["w", "bboxwidth", "boxwidth", "bboxw", "width"], &["h", "bboxheight", "boxheight", "bboxh", "height"]];
/// A cell with the four numbers of a box: the numbers have to show whether they are corners or sides.
const CELL: &[&str] = &["bbox", "boundingbox", "box"];
/// The same where the name says it.
const CELL_OF_SIDES: &[&str] = &["bboxxywh", "xywh"];
const CELL_OF_CORNERS: &[&str] = &["bboxxyxy", "xyxy"];
/// Words for a box that show that there is one, whether or not it is understood.
const OF_A_BOX: [&str; 12] = [
    "bbox",
    "box",
    "boxes",
    "boundingbox",
    "points",
    "polygon",
    "segmentation",
    "coordinates",
    "geometry",
    "rect",
    "rectangle",
    "rle",
];

/// Where the numbers of a box are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BoxColumns {
    /// Left, top, right, bottom.
    Edges([usize; 4]),
    /// Left, top, width, height.
    Corner([usize; 4]),
    /// The middle, width, height.
    Middle([usize; 4]),
    /// All four numbers in one cell, in either order.
    Cell(usize),
    /// All four numbers in one cell: left, top, width, height.
    CellOfSides(usize),
    /// All four numbers in one cell: left, top, right, bottom.
    CellOfEdges(usize),
    /// Up to four corners as x, y, x, y, from this column on; those that are not needed are empty.
    Vertices(usize),
}

impl BoxColumns {
    pub(super) fn places(self) -> Vec<usize> {
        match self {
            Self::Edges(places) | Self::Corner(places) | Self::Middle(places) => places.to_vec(),
            Self::Cell(at) | Self::CellOfSides(at) | Self::CellOfEdges(at) => vec![at],
            Self::Vertices(first) => (first..first + 8).collect(),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) image: usize,
    pub(super) tag: Option<usize>,
    /// Width and height of the picture.
    pub(super) size: [Option<usize>; 2],
    pub(super) boxes: Option<BoxColumns>,
    /// The service's own numbers, next to those in pixels.
    pub(super) listed: Option<[usize; 4]>,
    pub(super) region: Option<usize>,
    /// Only next to the column of region ids: in another program's table a column of this name may mean anything.
    pub(super) created: Option<usize>,
    /// A column a class, with 1 for yes: the column and the class.
    pub(super) classes: Vec<(usize, String)>,
    /// What an image is for: training, validation, testing.
    pub(super) part: Option<usize>,
    /// All cells from here on are tags where a row has no box.
    pub(super) tags_from: Option<usize>,
    pub(super) unread: Vec<String>,
    /// The program whose tables have no header, when the first row is one of its rows.
    pub(super) program: Option<&'static str>,
}

impl Columns {
    /// Reads the head of a table, with its first row, which shows whether columns are classes.
    pub(super) fn by_names(head: &[String], first: Option<&[String]>) -> Result<Self, FormatError> {
        let names: Vec<String> = head.iter().map(|cell| plain(cell)).collect();
        // Its labels are codes, and an image may be listed because a class is not on it.
        if ["imageid", "labelname", "confidence"].iter().all(|name| names.iter().any(|found| found == name)) {
            return Err(FormatError::says("it looks like Open Images, which is not supported"));
        }
        let find = |known: &[&str]| known.iter().find_map(|name| names.iter().position(|found| found == name));
        let both = |known: [&[&str]; 2]| Some([find(known[0])?, find(known[1])?]);
        let four = |known: [&[&str]; 4]| {
            let [a, b, c, d] = known.map(find);
            Some([a?, b?, c?, d?])
        };
        let Some(image) = find(IMAGE) else {
            let reason = match is_row(head) {
                true => format!(
                    "it has no header: its first row is {}. Put a row with the names of the columns before it, such as \
                     image,xmin,ymin,xmax,ymax,tag",
                    listed(head)
                ),
                false => format!("the header has no column for the images, such as {:?}: {}", IMAGE[0], listed(head)),
            };
            return Err(FormatError::says(reason));
        };
        let region = find(&[REGION]);
        let created = region.and_then(|_| find(&[CREATED]));
        let mut columns = Self { image, tag: find(TAG), part: find(PART), region, created, ..Self::default() };
        let is_outline = find(&THIRD_CORNER).is_some();
        let edges = EDGES.into_iter().find_map(four).filter(|_| !is_outline);
        let sides = both(BOX_SIDES);
        let with_sides = |start: [&[&str]; 2]| {
            let ([x, y], [width, height]) = (both(start)?, sides?);
            Some([x, y, width, height])
        };
        columns.listed = four(LISTED).filter(|_| edges.is_some());
        columns.boxes = edges.map(BoxColumns::Edges);
        // With half of another corner, width and height are those of the picture.
        let has_other_corner = EDGES[..2].iter().any(|edges| find(edges[2]).or(find(edges[3])).is_some());
        let by_corner = || with_sides(CORNER).filter(|_| !has_other_corner && !is_outline).map(BoxColumns::Corner);
        columns.boxes = columns.boxes.or_else(by_corner);
        columns.boxes = columns.boxes.or_else(|| with_sides(MIDDLE).map(BoxColumns::Middle));
        columns.boxes = columns.boxes.or_else(|| cell_of_box(&names, first));
        let of_boxes = columns.places_of_boxes();
        let size =
            [0, 1].map(|at| find(PICTURE[at]).or_else(|| find(&[SIDES[at]]).filter(|side| !of_boxes.contains(side))));
        columns.size = size;
        if columns.tag.is_none() {
            columns.classes = classes(head, first, [Some(image), columns.part]);
            if columns.classes.is_empty() {
                let reason = format!("the header has no column for the tags, such as {:?}: {}", TAG[0], listed(head));
                return Err(FormatError::says(reason));
            }
            // What is left are the classes.
            columns.size = [None, None];
            return Ok(columns);
        }
        if columns.boxes.is_none() && names.iter().any(|name| is_of_a_box(name)) {
            let reason = format!(
                "the box columns are not recognized: a box needs xmin, ymin, xmax, ymax, or x, y, width, height (the \
                 header is {})",
                listed(head)
            );
            return Err(FormatError::says(reason));
        }
        let known: Vec<usize> = [Some(image), columns.tag, columns.part, columns.region, find(&[CREATED])]
            .into_iter()
            .chain(columns.size)
            .flatten()
            .chain(columns.places_of_boxes())
            .collect();
        let unread = head.iter().enumerate().filter(|(at, name)| !known.contains(at) && !name.trim().is_empty());
        columns.unread = unread.map(|(_, name)| name.trim().to_owned()).collect();
        Ok(columns)
    }

    fn places_of_boxes(&self) -> Vec<usize> {
        let boxes = self.boxes.map(BoxColumns::places).unwrap_or_default();
        boxes.into_iter().chain(self.listed.into_iter().flatten()).collect()
    }
}

/// The name of a column without its case, and without what people put between words.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The column with all four numbers of a box, when its first cell has them or is empty.
fn cell_of_box(names: &[String], first: Option<&[String]>) -> Option<BoxColumns> {
    type Made = fn(usize) -> BoxColumns;
    let known: [(&[&str], Made); 3] = [
        (CELL_OF_SIDES, BoxColumns::CellOfSides),
        (CELL_OF_CORNERS, BoxColumns::CellOfEdges),
        (CELL, BoxColumns::Cell),
    ];
    known.into_iter().find_map(|(known, made)| {
        let at = known.iter().find_map(|name| names.iter().position(|found| found == name))?;
        let cell = first.and_then(|first| first.get(at)).map(String::as_str).unwrap_or_default();
        (is_empty_list(cell) || numbers_in(cell).is_some()).then(|| made(at))
    })
}

/// Whether a row is one of labels, and no header: it names a picture.
fn is_row(row: &[String]) -> bool {
    row.iter().any(|cell| is_picture(cell.trim()))
}

/// Whether a cell says that there is no box.
pub(super) fn is_empty_list(cell: &str) -> bool {
    matches!(cell.trim(), "" | "[]" | "()")
}

/// The four numbers in a cell, such as `[1.5, 2, 30, 40]`, `(1, 2, 30, 40)` or `1 2 30 40`.
pub(super) fn numbers_in(cell: &str) -> Option<[f64; 4]> {
    let inner = cell.trim().trim_start_matches(['[', '(', '{']).trim_end_matches([']', ')', '}']);
    let words = inner.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';')).map(str::trim);
    let numbers: Option<Vec<f64>> = words.filter(|word| !word.is_empty()).map(number_in).collect();
    numbers?.try_into().ok()
}

/// Whether a column has a number of a box, or all of them. A width or height alone is that of the picture.
fn is_of_a_box(name: &str) -> bool {
    let of_edges = EDGES.as_flattened().iter().chain(&LISTED);
    let known = of_edges.chain(&CORNER).chain(&MIDDLE).chain(&BOX_SIDES).copied().flatten();
    let mut known = known.chain(CELL).chain(CELL_OF_SIDES).chain(CELL_OF_CORNERS);
    let is_known = known.any(|known| *known == name) && !SIDES.contains(&name);
    is_known || OF_A_BOX.contains(&name) || THIRD_CORNER.contains(&name)
}

/// Whether a cell says yes or no, and which. An empty one says no.
pub(super) fn yes_or_no(cell: &str) -> Option<bool> {
    match cell.trim() {
        "1" | "1.0" => Some(true),
        "0" | "0.0" | "" => Some(false),
        _ => None,
    }
}

/// The classes of a table with a column for each: all columns but those of the images and their parts, when the first row
/// says yes or no in each of them.
fn classes(head: &[String], first: Option<&[String]>, others: [Option<usize>; 2]) -> Vec<(usize, String)> {
    let classes: Vec<(usize, String)> = (0..)
        .zip(head.iter().map(|name| name.trim().to_owned()))
        .filter(|(at, name)| !others.contains(&Some(*at)) && !name.is_empty())
        .collect();
    let is_answered = |at: usize| {
        let cell = first.and_then(|first| first.get(at));
        cell.is_some_and(|cell| !cell.trim().is_empty() && yes_or_no(cell).is_some())
    };
    if !classes.is_empty() && classes.iter().all(|(at, _)| is_answered(*at)) { classes } else { Vec::new() }
}

fn listed(head: &[String]) -> String {
    let names: Vec<&str> = head.iter().map(|name| name.trim()).collect();
    names.join(", ").chars().take(200).collect()
}
