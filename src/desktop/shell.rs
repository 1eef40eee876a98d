//! The frame loop.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::dialogs::{self, Mail, Mailbox};
use super::{Options, SampleOpener, SampleService, crash, placement, session_bus};
use app::dialog::Dialog;
use app::review::ReviewEvent;
use app::state::Screen;
use app::{
    Command, ConnectionCommand, Effect, Event, ListingState, Notice, PixelKey, QuitCommand, Settings, Severity,
    SourceSpec, State, apply, at_exit, update,
};
use domain::Raster;
use engine::{Engine, EngineError, Waker};
use ui::theme::{self, fonts};
use ui::{self, ViewState};

/// Time a frame may spend on events before it paints; the rest waits for the next one.
const INGEST_TIME: Duration = Duration::from_millis(2);

/// Bytes of pixels uploaded to textures a frame.
const UPLOAD_BYTES: usize = 4 << 20;

pub struct Shell {
    state: State,
    view: ViewState,
    /// `None` once the window closes.
    engine: Option<Engine>,
    mailbox: Mailbox,
    sample: SampleService,
    open_sample: SampleOpener,
    /// The window's title as it is now, to notice a change.
    title: String,
    started: Instant,
    /// Time that this frame has taken so far.
    spent: Duration,
    has_painted: bool,
    has_thumbnail: bool,
    /// Whether the window may close: nothing is under way, or the person has said what is to become of it.
    may_close: bool,
}

impl Shell {
    /// The program with its engine running.
    ///
    /// # Errors
    /// When the engine's threads cannot be started.
    pub fn new(context: &eframe::CreationContext<'_>, options: Options) -> Result<Self, EngineError> {
        let ctx = context.egui_ctx.clone();
        let waker: Waker = {
            let ctx = ctx.clone();
            Arc::new(move || ctx.request_repaint())
        };
        let engine = Engine::start(options.engine, Arc::clone(&waker))?;
        theme::install(&ctx, options.settings.theme, read_fonts());
        if context.gl.is_some() {
            theme::set_cleared(&ctx);
        }
        placement::restore(context, options.settings.window);
        let mut state = State::new(options.settings);
        state.home = options.home;
        state.memory = options.memory;
        state.user_name = options.user;
        state.now_unix = unix_now();
        let notices = [options.settings_notice, crash::take_report(options.crash_file.as_deref())];
        for title in notices.into_iter().flatten() {
            let details = title.clone();
            state.push_notice(Notice { details, ..Notice::new(Severity::Warning, title, "") });
        }
        let mut shell = Self {
            state,
            view: ViewState::default(),
            engine: Some(engine),
            mailbox: Mailbox::new(waker),
            sample: SampleService::default(),
            open_sample: options.open_sample,
            title: String::new(),
            started: options.started,
            spent: Duration::ZERO,
            has_painted: false,
            has_thumbnail: false,
            may_close: false,
        };
        session_bus::ask_motion(shell.mailbox.clone());
        shell.command(
            &ctx,
            Command::Connection(ConnectionCommand::Start { source: options.source, project: options.project }),
        );
        Ok(shell)
    }

    /// What is shown; for tests.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether the window closes once this frame is over.
    pub fn is_closing(&self) -> bool {
        self.may_close
    }

    /// What the window keeps from frame to frame; for benches.
    pub fn view(&self) -> &ViewState {
        &self.view
    }

    pub fn settings(&self) -> &Settings {
        &self.state.settings
    }

    fn command(&mut self, ctx: &egui::Context, command: Command) {
        let effects = update(&mut self.state, command);
        self.run(ctx, effects);
    }

    fn event(&mut self, ctx: &egui::Context, mut event: Event) -> usize {
        let mut bytes = 0;
        if let Event::Pixels { generation, key, result: Ok(picture) } = &mut event {
            let is_current = self.state.opened.as_ref().is_some_and(|opened| opened.generation == *generation);
            if is_current || matches!(key, PixelKey::Cover { .. }) {
                bytes = picture.byte_count();
                // The state only has to know that they came.
                self.view.insert_pixels(ctx, *key, Arc::unwrap_or_clone(std::mem::take(picture)));
                self.log_first_thumbnail(*key);
            }
        }
        let milestone = milestone(&event);
        if let Event::Review { event: ReviewEvent::Kept { up_to }, .. } = &event {
            // From here on the window shows them as kept.
            tracing::debug!(target: "tagscope::review", up_to, "kept");
        }
        let effects = apply(&mut self.state, event);
        self.run(ctx, effects);
        if let Some(words) = milestone {
            tracing::info!(target: "tagscope::start", ms = self.started.elapsed().as_millis() as u64, "{words}");
        }
        bytes
    }

    fn run(&mut self, ctx: &egui::Context, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Connect { source: SourceSpec::Sample, .. } => {
                    self.sample.start(&self.open_sample, &self.mailbox);
                }
                Effect::PickFolder(purpose) => {
                    let start = PathBuf::from(&self.state.export.folder)
                        .parent()
                        .map(PathBuf::from)
                        .filter(|start| start.is_absolute());
                    dialogs::pick_folder(purpose, start, self.mailbox.clone());
                }
                Effect::CopyText(text) => ctx.copy_text(text),
                Effect::CopyImage(raster) => ctx.copy_image(clipboard_image(&raster)),
                Effect::Reveal(path) => dialogs::reveal(path, self.mailbox.clone()),
                Effect::Announce { title, body } => {
                    if is_elsewhere(ctx) {
                        session_bus::notify(ctx, title, body);
                    }
                }
                Effect::Quit => {
                    self.may_close = true;
                    ctx.send_viewport_cmd(egui::ViewportCommand::Close);
                }
                Effect::Open { .. } | Effect::OpenKept { .. } => {
                    // Pictures of the project before would only push out those of this one.
                    self.view.textures.clear_images();
                    self.send(effect);
                }
                Effect::Renumber { generation, ref places, .. } => {
                    self.view.renumber(generation, places);
                    self.send(effect);
                }
                other => self.send(other),
            }
        }
    }

    fn send(&self, effect: Effect) {
        if let Some(engine) = &self.engine {
            engine.run(effect);
        }
    }

    /// Takes what the engine and the dialogs report, within a frame's budget.
    fn ingest(&mut self, ctx: &egui::Context) {
        let began = Instant::now();
        for mail in self.mailbox.drain() {
            match mail {
                Mail::Event(event) => {
                    self.event(ctx, event);
                }
                Mail::OpenFolder(url) => ctx.open_url(egui::OpenUrl::new_tab(url)),
                Mail::SampleRuns { endpoint, key } => {
                    if let Some(engine) = &self.engine {
                        engine.connect_service(SourceSpec::Sample, endpoint, key);
                    }
                }
            }
        }
        let mut uploaded = 0;
        loop {
            let Some(engine) = &self.engine else { return };
            let room = UPLOAD_BYTES.saturating_sub(uploaded);
            let events = engine.drain(room.min(256 << 10));
            if events.is_empty() {
                return;
            }
            for event in events {
                uploaded += self.event(ctx, event);
            }
            if began.elapsed() >= INGEST_TIME || uploaded >= UPLOAD_BYTES {
                ctx.request_repaint();
                return;
            }
        }
    }

    /// The close button, or whatever else closes windows: it asks what the command to quit asks.
    fn ask_before_close(&mut self, ctx: &egui::Context) {
        if !self.may_close && ctx.input(|input| input.viewport().close_requested()) {
            self.command(ctx, Command::Quit(QuitCommand::Ask));
            if !self.may_close {
                ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            }
        }
    }

    /// Notes how large the window is and where it stands, for the next start.
    fn note_window(&mut self, ctx: &egui::Context) {
        let kept = self.state.settings.window;
        if !self.has_painted && cfg!(target_os = "linux") && kept.is_some_and(|kept| kept.is_maximized) {
            // Managers of windows on X11 do not hear it of a window that is still hidden.
            ctx.send_viewport_cmd(egui::ViewportCommand::Maximized(true));
            return;
        }
        self.state.settings.window = Some(placement::kept(kept, placement::current(ctx)));
    }

    fn update_title(&mut self, ctx: &egui::Context) {
        let title = match &self.state.opened {
            Some(opened) if self.state.screen == Screen::Project => {
                format!("Tagscope - {}", one_line(&opened.project.name))
            }
            _ => "Tagscope".to_owned(),
        };
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    fn log_first_thumbnail(&mut self, key: PixelKey) {
        if !self.has_thumbnail && matches!(key, PixelKey::Thumb { .. }) {
            self.has_thumbnail = true;
            tracing::info!(target: "tagscope::start", ms = self.started.elapsed().as_millis() as u64, "first thumbnail");
        }
    }
}

impl eframe::App for Shell {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        let began = Instant::now();
        self.state.now_unix = unix_now();
        self.ingest(ctx);
        self.ask_before_close(ctx);
        let time = began.elapsed();
        self.spent += time;
        tracing::trace!(name: "take events", target: "tagscope::trace", us = time.as_micros() as u64);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        let began = Instant::now();
        if let (Some(engine), Some(Dialog::Diagnostics)) = (&self.engine, self.state.dialog) {
            self.view.load = engine.load();
        }
        let is_pressed = ctx.input(|input| input.events.iter().any(is_press));
        let commands = ui::show(ui, &self.state, &mut self.view);
        tracing::debug!(name: "paint", target: "tagscope::trace", us = began.elapsed().as_micros() as u64);
        if !commands.is_empty() {
            // What was just laid out shows the state before. To lay it out again takes a fraction of the time that a
            // processor takes to paint it.
            if is_pressed {
                ctx.request_discard("a key or a click has changed the state");
            }
            if !ctx.will_discard() {
                ctx.request_repaint();
            }
        }
        for command in commands {
            self.command(&ctx, command);
        }
        self.update_title(&ctx);
        self.note_window(&ctx);
        self.spent += began.elapsed();
        if !ctx.will_discard() {
            let time = std::mem::take(&mut self.spent);
            self.view.frames.note(time);
            tracing::trace!(name: "frame", target: "tagscope::trace", us = time.as_micros() as u64);
        }
        if !self.has_painted {
            self.has_painted = true;
            tracing::info!(target: "tagscope::start", ms = self.started.elapsed().as_millis() as u64, "first frame");
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        let save = at_exit(&mut self.state);
        self.send(save);
        if let Some(engine) = self.engine.take() {
            // Decisions are left behind only where the person has chosen that.
            let is_giving_up = self.may_close && !self.state.unsaved.is_empty();
            if is_giving_up { engine.shutdown_at_once() } else { engine.shutdown() }
        }
    }
}

/// What a start is measured by, in words for the log.
fn milestone(event: &Event) -> Option<&'static str> {
    match event {
        Event::LastVisit { .. } | Event::Recalled { .. } => Some("list of the last visit"),
        Event::Listing { state: ListingState::Complete { .. }, .. } => Some("list is whole"),
        _ => None,
    }
}

/// Whether the event is a key or a button of the pointer: the person waits for what it does.
fn is_press(event: &egui::Event) -> bool {
    matches!(
        event,
        egui::Event::Key { pressed: true, .. }
            | egui::Event::Copy
            | egui::Event::Cut
            | egui::Event::PointerButton { .. }
    )
}

/// Whether the person looks at another window, as far as the system tells.
fn is_elsewhere(ctx: &egui::Context) -> bool {
    ctx.input(|input| input.viewport().focused == Some(false))
}

/// A picture as the clipboard takes it.
fn clipboard_image(raster: &Raster) -> egui::ColorImage {
    let size = [raster.width() as usize, raster.height() as usize];
    egui::ColorImage::from_rgba_unmultiplied(size, raster.rgba())
}

/// A foreign name fit for the title of a window: the window system panics at a NUL, and a name may be endless.
fn one_line(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn unix_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0))
}

/// The first interface font of the system that is there.
fn read_fonts() -> fonts::FontFiles {
    for candidate in fonts::CANDIDATES {
        if let Ok(regular) = std::fs::read(candidate.regular) {
            return fonts::FontFiles { regular: Some(regular), semibold: std::fs::read(candidate.semibold).ok() };
        }
    }
    fonts::FontFiles::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_looks_at_another_window_is_told() {
        let found = [Some(false), Some(true), None].map(|focused| {
            let ctx = egui::Context::default();
            let mut input = egui::RawInput::default();
            input.viewports.entry(egui::ViewportId::ROOT).or_default().focused = focused;
            let mut found = None;
            let mut output = ctx.run_ui(input, |ui| found = Some(is_elsewhere(ui.ctx())));
            output.textures_delta.clear();
            found
        });
        assert_eq!(found, [Some(true), Some(false), Some(false)]);
    }

    #[test]
    fn a_hostile_name_is_no_danger_for_the_title() {
        assert_eq!(one_line("fo\0rk\u{1b}[2Js\n \u{732b}"), "fork[2Js \u{732b}");
        assert_eq!(one_line(&"x".repeat(100_000)).len(), 200);
    }
}
