//! What the columns of a table mean: by their names, all of them together, since `width` is the picture's in one table and
//! the box's in the next.

use crate::error::FormatError;

/// Names of columns in lower case; our own come first.
const IMAGE: &[&str] = &["image", "filename", "file_name", "image_path", "image_name", "path", "file", "img"];
const TAG: &[&str] = &["tag", "label", "class", "class_name", "label_name", "category", "category_name", "object"];
const PICTURE: [&[&str]; 2] = [&["image_width", "img_width"], &["image_height", "img_height"]];
const SIDES: [&str; 2] = ["width", "height"];
const REGION: &str = "region_id";
const CREATED: &str = "created";

/// The corners of a box.
const EDGES: [[&[&str]; 4]; 3] = [
    [
        &["xmin", "x_min", "x1", "bbox_x1"],
        &["ymin", "y_min", "y1", "bbox_y1"],
        &["xmax", "x_max", "x2", "bbox_x2"],
        &["ymax", "y_max", "y2", "bbox_y2"],
    ],
    [&["left"], &["top"], &["right"], &["bottom"]],
    [&["x0", "x_0"], &["y0", "y_0"], &["x1", "x_1"], &["y1", "y_1"]],
];
/// The third corner of an outline: its first two are not those of a box.
const THIRD_CORNER: [&str; 6] = ["x3", "y3", "x_3", "y_3", "bbox_x3", "bbox_y3"];
/// The service's own numbers as our own tables have them, next to the corners in pixels.
const LISTED: [&[&str]; 4] = [&["left"], &["top"], &["w"], &["h"]];
/// One corner and the sides.
const CORNER: [&[&str]; 2] = [
    &["x", "left", "bbox_x", "bbox_left", "box_x", "xmin", "x_min"],
    &["y", "top", "bbox_y", "bbox_top", "box_y", "ymin", "y_min"],
];
/// The middle and the sides.
const MIDDLE: [&[&str]; 2] =
    [&["cx", "x_center", "xcenter", "center_x", "x_centre"], &["cy", "y_center", "ycenter", "center_y", "y_centre"]];
const BOX_SIDES: [&[&str]; 2] =
    [&["w", "bbox_width", "box_width", "bbox_w", "width"], &["h", "bbox_height", "box_height", "bbox_h", "height"]];
/// Words for a box that show that there is one, whether or not it is understood.
const OF_A_BOX: [&str; 12] = [
    "bbox",
    "box",
    "boxes",
    "bounding_box",
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
}

/// Where the columns are.
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
    /// The names of columns that are not read.
    pub(super) unread: Vec<String>,
}

impl Columns {
    /// Reads the head of a table, with its first row, which shows whether columns are classes.
    pub(super) fn of(head: &[String], first: Option<&[String]>) -> Result<Self, FormatError> {
        let names: Vec<String> = head.iter().map(|cell| cell.trim().to_lowercase()).collect();
        let find = |known: &[&str]| known.iter().find_map(|name| names.iter().position(|found| found == name));
        let both = |known: [&[&str]; 2]| Some([find(known[0])?, find(known[1])?]);
        let four = |known: [&[&str]; 4]| {
            let [a, b, c, d] = known.map(find);
            Some([a?, b?, c?, d?])
        };
        let Some(image) = find(IMAGE) else {
            let reason = format!("the header has no column for the images, such as {:?}: {}", IMAGE[0], listed(head));
            return Err(FormatError::says(reason));
        };
        let region = find(&[REGION]);
        let created = region.and_then(|_| find(&[CREATED]));
        let mut columns = Self { image, tag: find(TAG), region, created, ..Self::default() };
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
        let of_boxes = columns.places_of_boxes();
        let size =
            [0, 1].map(|at| find(PICTURE[at]).or_else(|| find(&[SIDES[at]]).filter(|side| !of_boxes.contains(side))));
        columns.size = size;
        if columns.tag.is_none() {
            columns.classes = classes(head, first, image);
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
        let known: Vec<usize> = [Some(image), columns.tag, columns.region, find(&[CREATED])]
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
        let boxes = match self.boxes {
            Some(BoxColumns::Edges(places) | BoxColumns::Corner(places) | BoxColumns::Middle(places)) => Some(places),
            None => None,
        };
        boxes.into_iter().chain(self.listed).flatten().collect()
    }
}

/// Whether a column has a number of a box, or all of them. A width or height alone is that of the picture.
fn is_of_a_box(name: &str) -> bool {
    let of_edges = EDGES.as_flattened().iter().chain(&LISTED);
    let mut known = of_edges.chain(&CORNER).chain(&MIDDLE).chain(&BOX_SIDES).copied().flatten();
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

/// The classes of a table with a column for each: all columns but that of the images, when the first row says yes or no in
/// each of them.
fn classes(head: &[String], first: Option<&[String]>, image: usize) -> Vec<(usize, String)> {
    let classes: Vec<(usize, String)> = (0..)
        .zip(head.iter().map(|name| name.trim().to_owned()))
        .filter(|(at, name)| *at != image && !name.is_empty())
        .collect();
    let is_answered = |at: usize| {
        let cell = first.and_then(|first| first.get(at));
        cell.is_some_and(|cell| !cell.trim().is_empty() && yes_or_no(cell).is_some())
    };
    if !classes.is_empty() && classes.iter().all(|(at, _)| is_answered(*at)) { classes } else { Vec::new() }
}

/// The names of the columns, for people.
fn listed(head: &[String]) -> String {
    let names: Vec<&str> = head.iter().map(|name| name.trim()).collect();
    names.join(", ").chars().take(200).collect()
}
