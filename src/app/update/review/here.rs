//! What a key of review is about.

use crate::state::{Opened, View};
use domain::{ImageIx, Subject};

/// The selected region, else the image on the canvas; on the grid the selection when it is of several images, else the
/// image under the cursor, because that is the one a person looks at; on the wall the chosen regions, else the one under
/// the cursor.
pub(crate) fn subjects(opened: &Opened) -> Vec<Subject> {
    let image = |ix: ImageIx| opened.catalogue.get(ix).map(|image| Subject::image(image.id()));
    match opened.view {
        View::Canvas => {
            let region = opened.region.and_then(|region| opened.catalogue.region(region));
            let Some(current) = opened.current() else { return Vec::new() };
            vec![Subject { image: current.id(), region: region.map(|region| region.id) }]
        }
        View::Grid if opened.selection.len() > 1 => opened.selection.iter().filter_map(image).collect(),
        View::Grid => {
            let alone = opened.selection.iter().next();
            opened.cursor.or(alone).and_then(image).into_iter().collect()
        }
        View::Wall => opened.wall.subjects(&opened.catalogue),
        View::Statistics => Vec::new(),
    }
}
