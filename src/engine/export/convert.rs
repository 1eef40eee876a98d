//! Converts pictures that a chosen format's readers do not accept to PNG, if the user asked for it.

use super::Plan;
use super::export_log::{ExportLog, Placed};
use super::labels::is_to_be_converted;
use crate::failure::OrFailureAt as _;
use app::Failure;
use pixels::{DecodeRequest, decode, encode_png};
use storage::StorageError;

/// Converts them; one that cannot be decoded stays as it is, and the format leaves it out.
pub(super) fn other_types(plan: &Plan, placed: &mut [Placed], ledger: &mut ExportLog) -> Result<(), Failure> {
    for file in placed {
        let Some((stem, extension)) = file.name.rsplit_once('.') else { continue };
        if file.facts.is_none() || !is_to_be_converted(&plan.job, extension) {
            continue;
        }
        plan.check_canceled()?;
        let Some(image) = plan.job.catalogue.get(file.ix) else { continue };
        let path = plan.staging.path().join(&file.name);
        let bytes = std::fs::read(&path)
            .map_err(|error| StorageError::read(&path, error))
            .or_failure_at(plan.staging.target())?;
        let request = DecodeRequest { listed_size: image.size(), max_side: None };
        let converted = decode(&bytes, request).and_then(|decoded| {
            let png = encode_png(&decoded.raster)?;
            Ok((png, decoded.raster.width(), decoded.raster.height()))
        });
        let (png, width, height) = match converted {
            Ok(converted) => converted,
            Err(error) => {
                ledger.remark(image, format!("It could not be converted: {error}."));
                continue;
            }
        };
        let name = format!("{stem}.png");
        let facts = plan.staging.write(&name, &png).or_failure_at(plan.staging.target())?;
        std::fs::remove_file(&path)
            .map_err(|error| StorageError::write(&path, error))
            .or_failure_at(plan.staging.target())?;
        let kind = extension.to_uppercase();
        ledger
            .remark(image, format!("The picture was converted from {kind} to PNG (of an animation, the first frame)."));
        *file = Placed { ix: file.ix, name, width, height, facts: Some(facts), is_staged: true };
    }
    Ok(())
}
