//! The image on the canvas and its regions.

use super::{compare, look, tour};
use crate::command::ZoomCommand;
use crate::state::{CanvasRequest, Opened, View};
use crate::{CanvasCommand, Command, Effect, State};
use domain::{ImageIx, RegionIx, UriForm, write_image};

pub(super) fn update(state: &mut State, command: Command) -> Vec<Effect> {
    if let Command::Zoom(zoom) = command {
        state.zoom = Some((state.number(), zoom));
        return Vec::new();
    }
    if let Command::Canvas(command) = command {
        return tools(state, command);
    }
    let Some(opened) = &mut state.opened else { return Vec::new() };
    match command {
        Command::OpenImage(ix) => show(opened, ix),
        Command::StepImage(by) => {
            let place = opened.cursor.and_then(|ix| opened.place(ix));
            let last = opened.visible.len() as i64 - 1;
            let target = place.map_or(0, |place| (place as i64 + by).clamp(0, last.max(0)));
            match usize::try_from(target).ok().and_then(|at| opened.visible.get(at)) {
                Some(&ix) if opened.cursor != Some(ix) => show(opened, ix),
                _ => Vec::new(),
            }
        }
        Command::SelectRegion(region) => {
            opened.region = region;
            Vec::new()
        }
        Command::StepRegion(by) => {
            opened.region = step_region(opened, by);
            if opened.region.is_some() {
                state.zoom = Some((state.number(), ZoomCommand::Reveal));
            }
            Vec::new()
        }
        Command::ToggleKeepView => {
            opened.keeps_view = !opened.keeps_view;
            Vec::new()
        }
        Command::ToggleSmooth => {
            opened.is_smooth = !opened.is_smooth;
            Vec::new()
        }
        Command::CopyImageJson => opened
            .current()
            .map(|image| {
                let mut json = Vec::new();
                write_image(&image.to_row(), UriForm::Absent, &mut json);
                Effect::CopyText(String::from_utf8_lossy(&json).into_owned())
            })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// The canvas's tools.
fn tools(state: &mut State, command: CanvasCommand) -> Vec<Effect> {
    use CanvasCommand as C;
    if let C::Tour(by) = command {
        return tour::step(state, by);
    }
    let Some(opened) = &mut state.opened else { return Vec::new() };
    match command {
        C::ToggleAdjusting => {
            opened.tools.is_adjusting = !opened.tools.is_adjusting;
            Vec::new()
        }
        C::Adjust(adjust) => {
            let adjust = adjust.clamped();
            if std::mem::replace(&mut opened.tools.adjust, adjust) == adjust {
                return Vec::new();
            }
            vec![look::want_picture(opened)]
        }
        C::Point(ix, at) => vec![Effect::WantPixel { generation: opened.generation, ix, at }],
        other => compare::update(opened, other),
    }
}

/// Puts an image on the canvas.
pub(super) fn show(opened: &mut Opened, ix: ImageIx) -> Vec<Effect> {
    if opened.catalogue.get(ix).is_none() {
        return Vec::new();
    }
    if opened.cursor != Some(ix) {
        opened.region = None;
        opened.canvas = CanvasRequest::default();
    }
    opened.cursor = Some(ix);
    if opened.view != View::Canvas {
        opened.before_canvas = opened.view;
    }
    opened.view = View::Canvas;
    // Facts of pictures are small, but a day's work should not pile them up.
    if opened.pictures.len() > 256 {
        opened.pictures.retain(|(other, _), _| *other == ix);
    }
    vec![look::want_picture(opened)]
}

fn step_region(opened: &Opened, by: i64) -> Option<RegionIx> {
    let range = opened.current()?.region_range();
    let count = i64::from(range.end) - i64::from(range.start);
    if count == 0 {
        return None;
    }
    let place = match opened.region {
        Some(region) => i64::from(region.0) - i64::from(range.start) + by,
        None if by < 0 => -1,
        None => 0,
    };
    u32::try_from(i64::from(range.start) + place.rem_euclid(count)).ok().map(RegionIx)
}
