//! What to say where the pictures of a video's frames are missing: label files of a video are often copied without them.

use super::DatasetFormat;
use super::pictures::Place;
use formats::dataset::Dataset;

/// What VoTT puts between the name of a video and the time of a frame.
const VOTT_TIME: &str = "#t=";

/// What the pictures of frames have to be called; `None` where none is missing, or the images are no frames.
pub(super) fn advice(format: DatasetFormat, dataset: &Dataset, places: &[Place]) -> Option<&'static str> {
    let is_missing = |at: usize| places.get(at).is_none_or(|place| *place == Place::Missing);
    let mut missing = (0..).zip(&dataset.images).filter(|(at, _)| is_missing(*at)).map(|(_, image)| &image.file_name);
    match format {
        DatasetFormat::Cvat => missing.any(|name| is_numbered(name)).then_some(
            "these are the frames of a video. Each needs a picture named by the number of its frame, from 0, as CVAT names \
             it (frame_000000.png or .jpg): export from CVAT with images, or run ffmpeg -i VIDEO -start_number 0 \
             frame_%06d.png in the dataset's folder",
        ),
        DatasetFormat::Vott => {
            // Images whose names lead to another computer are left out already.
            let is_left = dataset.problems.iter().any(|problem| problem.is_left_out && problem.reason.contains(VOTT_TIME));
            (is_left || missing.any(|name| name.contains(VOTT_TIME))).then_some(
                "these are the frames of a video. Each needs a picture with the name of its frame (VIDEO.mp4#t=1.5, with \
                 .jpg after it or not), which VoTT writes when it exports with images",
            )
        }
        _ => None,
    }
}

/// Whether a name is one of those that CVAT gives frames.
fn is_numbered(name: &str) -> bool {
    let digits = name.strip_prefix("frame_").and_then(|rest| rest.strip_suffix(".png"));
    digits.is_some_and(|digits| digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}
