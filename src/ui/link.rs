//! What the parts around an image share in a frame: the region that the pointer is on, and the image's place in the list.

use egui::{Context, Id};

use app::state::Opened;
use domain::{ImageIx, RegionIx};

/// A region that a part has the pointer on, and when.
type Pointed = (u64, Option<RegionIx>);

fn set(ctx: &Context, part: &'static str, region: Option<RegionIx>) {
    let id = Id::unique(part);
    let frame = ctx.cumulative_pass_nr();
    let before: Option<Pointed> = ctx.data_mut(|data| {
        let before = data.get_temp(id);
        data.insert_temp(id, (frame, region));
        before
    });
    // The other part may have been painted already.
    if before.and_then(|(_, region)| region) != region {
        ctx.request_repaint();
    }
}

/// Only what was said in this frame or the one before counts: the part may be gone.
fn get(ctx: &Context, part: &'static str) -> Option<RegionIx> {
    let (frame, region): Pointed = ctx.data(|data| data.get_temp(Id::unique(part)))?;
    region.filter(|_| frame + 1 >= ctx.cumulative_pass_nr())
}

pub(crate) fn set_from_canvas(ctx: &Context, region: Option<RegionIx>) {
    set(ctx, "region under the pointer on the canvas", region);
}

pub(crate) fn from_canvas(ctx: &Context) -> Option<RegionIx> {
    get(ctx, "region under the pointer on the canvas")
}

pub(crate) fn set_from_table(ctx: &Context, region: Option<RegionIx>) {
    set(ctx, "region under the pointer in the table", region);
}

pub(crate) fn set_from_findings(ctx: &Context, region: Option<RegionIx>) {
    set(ctx, "region under the pointer in the findings", region);
}

/// The region whose row, or finding, the pointer is on.
pub(crate) fn from_table(ctx: &Context) -> Option<RegionIx> {
    let in_findings = || get(ctx, "region under the pointer in the findings");
    get(ctx, "region under the pointer in the table").or_else(in_findings)
}

/// The place of an image in the shown list; looked up again only when something has changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlaceCache {
    known: Option<(u64, ImageIx, usize)>,
}

impl PlaceCache {
    pub(crate) fn is_of(&self, opened: &Opened, ix: ImageIx) -> bool {
        self.known.is_some_and(|(generation, known, place)| {
            (generation, known) == (opened.generation, ix) && opened.visible.get(place) == Some(&ix)
        })
    }

    /// The place, from 0; `None` when the image is not in the list.
    pub(crate) fn find(&mut self, opened: &Opened, ix: ImageIx) -> Option<usize> {
        if !self.is_of(opened, ix) {
            self.known = Some((opened.generation, ix, opened.place(ix)?));
        }
        self.known.map(|(.., place)| place)
    }
}
