//! The formats that are pictures, read again: every file there should be, decoded, and of the size it should have.

use std::collections::BTreeSet;

use super::{expected, inside, stem};
use crate::export::Plan;
use crate::export::export_log::ExportLog;
use crate::export::layout::Placed;
use domain::RegionView;
use formats::Format;
use formats::rules::{crop_numbers, crop_stem};
use pixels::{DecodeRequest, decode};
use storage::open_files::noted;

pub(super) fn check(plan: &Plan, placed: &[Placed], log: &ExportLog, format: Format) -> Result<(), String> {
    let prefix = format.prefix(&plan.job.formats);
    let names = log.layout.classes.names(format, false);
    let mut files: BTreeSet<&str> = log
        .files
        .iter()
        .filter(|file| file.picture.is_none())
        .filter_map(|file| file.name.strip_prefix(&prefix))
        .collect();
    for at in expected(placed, log, format, None) {
        let file = &placed[at];
        let Some(image) = plan.job.catalogue.get(file.ix) else { continue };
        let mut take = |name: String, low: (u32, u32), high: (u32, u32)| {
            let found =
                ["jpg", "png"].into_iter().find_map(|extension| files.take(format!("{name}.{extension}").as_str()));
            let found = found.ok_or_else(|| format!("the picture {name} is missing"))?;
            let path = plan.staging.path().join(&prefix).join(found);
            let bytes = noted(&path, std::fs::read(&path)).map_err(|error| error.to_string())?;
            let decoded = decode(&bytes, DecodeRequest::default()).map_err(|error| format!("{found}: {error}"))?;
            let (width, height) = decoded.upright_size;
            let fits = (low.0..=high.0).contains(&width) && (low.1..=high.1).contains(&height);
            if fits { Ok(()) } else { Err(format!("{found} is {width} x {height}")) }
        };
        if format == Format::Annotated {
            let size = (file.width, file.height);
            take(stem(&file.name).to_owned(), size, size)?;
            continue;
        }
        let held = || image.regions().filter(|region| log.holds_region(region.ix, format));
        let numbers = crop_numbers(held().map(|region| region.id));
        for (region, number) in held().zip(numbers) {
            let name = crop_name(log, &names, at, &crop_stem(&image.id().to_string(), region.id, number), region);
            let (low, high) = sizes(region, file, plan.job.options.crop_margin);
            take(name, low, high)?;
        }
    }
    files.first().map_or(Ok(()), |name| Err(format!("{name} should not be there")))
}

fn crop_name(log: &ExportLog, names: &[String], at: usize, stem: &str, region: RegionView) -> String {
    let layout = &log.layout;
    let class = layout.classes.index(region.tag).and_then(|class| names.get(class)).map(String::as_str);
    let part = match layout.part_list.len() {
        0 | 1 => String::new(),
        _ => format!("{}/", layout.parts.get(at).copied().unwrap_or_default().name()),
    };
    format!("{part}{}/{stem}", class.unwrap_or_default())
}

/// The smallest and largest size that a region's crop can have: with the margin that is inside, in whole pixels.
fn sizes(region: RegionView, file: &Placed, margin: f64) -> ((u32, u32), (u32, u32)) {
    let [left, top, right, bottom] = inside(region.rect);
    let range = |low: f64, high: f64, side: u32| {
        let side = f64::from(side);
        let more = (high - low) * margin;
        let length = ((high + more).min(1.0) - (low - more).max(0.0)) * side;
        ((length - 4e-6 * side).floor().max(1.0) as u32, (length + 2.0).ceil() as u32)
    };
    let ((low_width, high_width), (low_height, high_height)) =
        (range(left, right, file.width), range(top, bottom, file.height));
    ((low_width, low_height), (high_width, high_height))
}
