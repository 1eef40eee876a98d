//! Diagnostics: what frames cost, and what is held in memory and on disk against its bounds.

use std::collections::VecDeque;
use std::time::Duration;

use egui::{Ui, vec2};

use super::ViewState;
use super::theme::tokens;
use super::widgets::dialog::{buttons, close_button, dialog, fact, scroll};
use super::widgets::{Button, choice, text};
use app::{Budget, Command, Dialog, EngineLoad, State, TaskState, WindowCommand};

/// Frames that are remembered: ten seconds of a smooth picture.
const FRAMES: usize = 600;

/// What the last frames cost, without the painting that the graphics driver does after them.
#[derive(Debug, Default)]
pub struct FrameTimes(VecDeque<Duration>);

impl FrameTimes {
    pub fn note(&mut self, time: Duration) {
        if self.0.len() == FRAMES {
            self.0.pop_front();
        }
        self.0.push_back(time);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The times that half, 99 of a hundred and all of the frames do not exceed.
    pub fn shares(&self) -> Option<[Duration; 3]> {
        let mut times: Vec<_> = self.0.iter().copied().collect();
        times.sort_unstable();
        let last = times.len().checked_sub(1)?;
        Some([times[last / 2], times[last * 99 / 100], times[last]])
    }
}

pub(super) fn diagnostics_ui(ui: &Ui, state: &State, view: &ViewState, commands: &mut Vec<Command>) {
    dialog(ui, "Diagnostics", 520.0, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        let height = (ui.max_rect().height() - 130.0).max(160.0);
        scroll(ui, egui::ScrollArea::vertical().max_height(height), |ui| {
            frames_ui(ui, view);
            memory_ui(ui, state, view);
            disk_ui(ui, state);
            work_ui(ui, state, view.load);
        });
        ui.add_space(tokens::GAP);
        text::hint(ui, "Updated when you move the pointer. Change the limits in the settings.");
        buttons(ui, |ui| {
            if ui.add(Button::new("Settings...")).clicked() {
                commands.push(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Settings))));
            }
            close_button(ui, "Close", commands);
        });
    });
}

fn frames_ui(ui: &mut Ui, view: &ViewState) {
    text::section(ui, "Frames", None);
    let words = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    match view.frames.shares() {
        Some([median, most, all]) => {
            fact(ui, "measured", &text::thousands(view.frames.len() as u64), None);
            fact(ui, "median", &words(median), None);
            fact(ui, "99th percentile", &words(most), None);
            fact(ui, "longest", &words(all), None);
        }
        None => {
            text::dim(ui, "None yet.");
        }
    }
}

fn memory_ui(ui: &mut Ui, state: &State, view: &ViewState) {
    ui.add_space(tokens::GAP_LARGE);
    text::section(ui, "In memory", None);
    let ViewState { textures, load, .. } = view;
    let settings = &state.settings;
    held(ui, "textures", textures.byte_count() as u64, textures.budget() as u64);
    held(ui, "decoded originals", load.original_bytes as u64, Budget::Originals.fitted(settings, state.memory));
    held(ui, "decoded, not on screen yet", load.inbox_bytes as u64, load.inbox_budget as u64);
    if let Some(memory) = state.memory
        && Budget::ALL.iter().any(|budget| budget.fitted(settings, state.memory) < budget.bytes(settings))
    {
        let words = format!(
            "Only {} of memory were available at startup, so less is kept in memory than the settings allow.",
            text::bytes(memory)
        );
        text::hint(ui, &words);
    }
    match &state.opened {
        Some(opened) => {
            let coming = opened.coming.as_ref().map_or(0, |coming| coming.byte_count());
            let catalogue = &opened.catalogue;
            fact(ui, "images", &text::thousands(catalogue.len() as u64), None);
            fact(ui, "regions", &text::thousands(catalogue.region_count() as u64), None);
            fact(ui, "their index", &text::bytes((catalogue.byte_count() + coming) as u64), None);
        }
        None => {
            text::dim(ui, "No project is open.");
        }
    }
}

fn disk_ui(ui: &mut Ui, state: &State) {
    ui.add_space(tokens::GAP_LARGE);
    text::section(ui, "On disk", None);
    held(ui, "pictures", state.cache_bytes, Budget::DiskCache.bytes(&state.settings));
    if let Some(problem) = &state.cache_problem {
        text::hint(ui, problem);
    }
    fact(ui, "project lists, limit", &text::bytes(Budget::Lists.bytes(&state.settings)), None);
}

fn work_ui(ui: &mut Ui, state: &State, load: EngineLoad) {
    ui.add_space(tokens::GAP_LARGE);
    text::section(ui, "In progress", None);
    let is_running = |task: &&app::Task| matches!(task.state, TaskState::Running { .. });
    let running = state.tasks.iter().filter(is_running).count();
    fact(ui, "tasks", &format!("{running} running, {} finished", state.tasks.len() - running), None);
    fact(ui, "pages not on screen yet", &format!("{} of {}", load.pages, load.page_budget), None);
    fact(ui, "pictures to decode", &text::thousands(load.decodes as u64), None);
}

/// A figure against its bound, with a bar beneath.
fn held(ui: &mut Ui, name: &str, bytes: u64, budget: u64) {
    fact(ui, name, &format!("{} of {}", text::bytes(bytes), text::bytes(budget)), None);
    let share = bytes as f32 / budget.max(1) as f32;
    choice::progress(ui, name, Some(share), vec2(ui.available_width(), 4.0));
    ui.add_space(2.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_last_frames() {
        let mut frames = FrameTimes::default();
        assert_eq!(frames.shares(), None);
        frames.note(Duration::from_secs(9));
        for at in 0..FRAMES as u64 {
            frames.note(Duration::from_millis(1 + at / 300));
        }
        assert_eq!(frames.len(), FRAMES);
        assert_eq!(frames.shares(), Some([1, 2, 2].map(Duration::from_millis)), "the first is forgotten");
    }
}
