//! The connect screen: endpoint and key at the left; recent projects and what needs no account at the right.

mod key_buffer;
mod recents;

use egui::{Align, Frame, Id, Layout, Margin, Rect, ScrollArea, Ui, pos2, vec2};

use super::theme::{self, tokens};
use super::widgets::button::link_sized;
use super::widgets::dialog::is_fresh;
use super::widgets::field::enter_pressed;
use super::widgets::{Button, Field, checkbox, message, text};
use super::{ViewState, open_folder};
use app::dialog::Dialog;
use app::state::Busy;
use app::{Action, Command, ConnectionCommand, FailureKind, ProjectCommand, SourceSpec, State, WindowCommand};
use key_buffer::KeyBuffer;
pub(super) use recents::cover_ui;

/// What is typed but not sent.
#[derive(Debug, Default)]
pub(super) struct ConnectView {
    key: KeyBuffer,
    endpoint: String,
    /// What `endpoint` was when it was last the state's.
    endpoint_seen: Option<String>,
}

impl ConnectView {
    /// Forgets the typed key; called on every other screen.
    pub(super) fn forget_key(&mut self) {
        if !self.key.is_empty() {
            self.key.wipe();
        }
    }
}

/// The width under which the right half goes below the left one.
const NARROW: f32 = 760.0;
const FIELD_HEIGHT: f32 = 34.0;

pub(super) fn connect_ui(ui: &mut Ui, state: &State, view: &mut ViewState, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let whole = ui.max_rect();
    ui.painter().rect_filled(whole, 0.0, tokens.window);
    let is_narrow = whole.width() < NARROW;
    let split = if is_narrow { whole.right() } else { whole.center().x.round() };
    let left = Rect::from_min_max(whole.min, pos2(split, whole.bottom()));
    half(ui, "left half", left, (0.15, 0.1125), |ui| {
        form_ui(ui, state, &mut view.connect, commands);
        if is_narrow {
            ui.add_space(32.0);
            others_ui(ui, state, view, commands);
        }
    });
    if !is_narrow {
        let right = Rect::from_min_max(pos2(split, whole.top()), whole.max);
        ui.painter().rect_filled(right, 0.0, tokens.panel);
        ui.painter().vline(split, whole.y_range(), egui::Stroke::new(1.0, tokens.line));
        half(ui, "right half", right, (0.09, 0.1125), |ui| others_ui(ui, state, view, commands));
    }
}

/// A scrolling column; `sides` are the margins' shares of the width.
fn half(ui: &mut Ui, name: &str, rect: Rect, sides: (f32, f32), content: impl FnOnce(&mut Ui)) {
    let side = |share: f32| (rect.width() * share).clamp(24.0, 96.0);
    let (left, right) = (side(sides.0), side(sides.1));
    let top = (rect.height() * 0.12).clamp(24.0, 96.0);
    let mut child =
        ui.new_child(egui::UiBuilder::new().id_salt(name).max_rect(rect).layout(Layout::top_down(Align::Min)));
    ScrollArea::vertical().id_salt(name).auto_shrink([false, false]).show(&mut child, |ui| {
        let margin = Margin { left: left as i8, right: right as i8, top: top as i8, bottom: 24 };
        Frame::new().inner_margin(margin).show(ui, |ui| {
            ui.set_width((rect.width() - left - right).min(520.0));
            ui.spacing_mut().item_spacing = vec2(tokens::GAP, 6.0);
            content(ui);
        });
    });
}

fn form_ui(ui: &mut Ui, state: &State, view: &mut ConnectView, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    text::label(ui, "Tagscope", theme::semibold(tokens::HERO), tokens.text);
    text::paragraph(
        ui,
        "Browse, review and export every tagged image of a Custom Vision project.",
        theme::font(tokens::BODY),
        tokens.dim,
    );
    ui.add_space(22.0);
    let is_busy = state.connect.busy.is_some();
    let failure = state.connect.failure.as_ref();
    let kind = failure.map(|failure| &failure.kind);
    let is_key_bad = matches!(kind, Some(FailureKind::WrongKey | FailureKind::NoKey | FailureKind::Forbidden));
    let is_folder = kind.is_some_and(is_of_folder);

    let enter_endpoint = endpoint_ui(ui, state, view, failure.is_some() && !is_key_bad && !is_folder, commands);
    ui.add_space(12.0);
    let enter_key = key_ui(ui, state, view, is_key_bad, commands);
    if let Some(failure) = failure.filter(|_| !is_folder) {
        ui.add_space(4.0);
        message::failure_line(ui, failure, commands);
    } else if let Some(count) = state.connect.tested {
        ui.add_space(4.0);
        let words = format!("The connection works: {}.", text::count(count as u64, "project", "projects"));
        text::label(ui, &words, theme::font(tokens::BODY), tokens.ok);
    }
    ui.add_space(10.0);
    keep_ui(ui, state, commands);
    ui.add_space(14.0);

    let has_key = !view.key.is_empty() || state.connect.has_stored_key;
    let can_go = !is_busy && has_key && !state.settings.endpoint.trim().is_empty();
    let (mut connect, mut test) = (false, false);
    ui.horizontal(|ui| {
        let label = match &state.connect.busy {
            Some(Busy::Connecting(SourceSpec::Service { .. })) => "Connecting...",
            _ => "Connect",
        };
        connect = ui.add(Button::new(label).primary().height(FIELD_HEIGHT).min_width(98.0).enabled(can_go)).clicked();
        let label = if state.connect.busy == Some(Busy::Testing) { "Testing..." } else { "Test" };
        test = ui.add(Button::new(label).height(FIELD_HEIGHT).min_width(52.0).enabled(can_go)).clicked();
        let kept = state.opened.as_ref();
        if is_busy && ui.add(Button::new("Cancel").quiet().height(FIELD_HEIGHT)).clicked() {
            // The list that waits behind this screen stays.
            commands.push(if kept.is_some() {
                Command::Project(ProjectCommand::StopListing)
            } else {
                Command::Connection(ConnectionCommand::Disconnect)
            });
        }
    });
    if let Some(opened) = &state.opened {
        ui.add_space(8.0);
        let words = format!("Back to {} (offline)", opened.project.name);
        if link_sized(ui, &words, tokens::BODY).clicked() {
            commands.push(Command::Window(WindowCommand::Back));
        }
    }
    if test {
        commands.push(Command::Connection(ConnectionCommand::Test(view.key.secret())));
    } else if connect || ((enter_endpoint || enter_key) && can_go) {
        commands.push(Command::Connection(ConnectionCommand::Connect(view.key.secret())));
    }
}

fn endpoint_ui(ui: &mut Ui, state: &State, view: &mut ConnectView, is_bad: bool, commands: &mut Vec<Command>) -> bool {
    let tokens = theme::of(ui);
    text::label(ui, "Endpoint", theme::semibold(tokens::BODY), tokens.text);
    // A recent project or the command line changes the state's endpoint: then it is taken over.
    if view.endpoint_seen.as_deref() != Some(state.settings.endpoint.as_str()) {
        view.endpoint.clone_from(&state.settings.endpoint);
        view.endpoint_seen = Some(state.settings.endpoint.clone());
    }
    let field = Field::new(Id::unique("endpoint"), "Endpoint")
        .hint("https://westeurope.api.cognitive.microsoft.com")
        .height(FIELD_HEIGHT)
        .bad(is_bad)
        .enabled(state.connect.busy.is_none());
    let (response, _) = field.show(ui, &mut view.endpoint);
    // There is nothing else to do here, so typing goes to this field, or the next one.
    if is_fresh(ui, Id::unique("connect screen opened")) {
        let id = if view.endpoint.is_empty() { response.id } else { key_id() };
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    if response.changed() {
        view.endpoint_seen = Some(view.endpoint.clone());
        commands.push(Command::Connection(ConnectionCommand::EditEndpoint(view.endpoint.clone())));
    }
    let words = "Copy it from the resource's \u{201c}Keys and Endpoint\u{201d} page. Regional and custom endpoints \
                 both work.";
    text::paragraph(ui, words, theme::font(12.0), tokens.dim);
    enter_pressed(ui, &response)
}

fn key_id() -> Id {
    Id::unique("training key")
}

fn key_ui(ui: &mut Ui, state: &State, view: &mut ConnectView, is_bad: bool, commands: &mut Vec<Command>) -> bool {
    let tokens = theme::of(ui);
    text::label(ui, "Training key", theme::semibold(tokens::BODY), tokens.text);
    let is_stored = state.connect.has_stored_key;
    let id = key_id();
    let field = Field::new(id, "Training key")
        .hint(if is_stored { "Leave empty to use the kept key" } else { "32 or 84 characters" })
        .password()
        .height(FIELD_HEIGHT)
        .bad(is_bad)
        .enabled(state.connect.busy.is_none());
    let (response, _) = field.show(ui, &mut view.key);
    // No undo: it would remember only dots, and it has nothing to give back.
    if let Some(mut edit) = egui::text_edit::TextEditState::load(ui.ctx(), id) {
        edit.clear_undoer();
        edit.store(ui.ctx(), id);
    }
    if is_stored && view.key.is_empty() {
        // In the keychain, or for this session only, as is said below.
        if link_sized(ui, "Remove the kept key", 12.0).clicked() {
            commands.push(Command::Connection(ConnectionCommand::ForgetKey));
        }
    }
    enter_pressed(ui, &response)
}

fn keep_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    match &state.connect.keychain_problem {
        None => {
            let response =
                checkbox(ui, state.settings.keep_key, "Keep the key in the system keychain", keychain_name());
            if response.clicked() {
                commands.push(Command::Connection(ConnectionCommand::KeepKey(!state.settings.keep_key)));
            }
        }
        Some(problem) => {
            let tokens = theme::of(ui);
            let words = format!("The key is kept for this session only: {problem}");
            text::paragraph(ui, &words, theme::font(tokens::BODY), tokens.warning);
        }
    }
}

/// Whether a failure is about a folder that was opened, not about the endpoint and the key.
fn is_of_folder(kind: &FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::NotAnArchive { .. }
            | FailureKind::NoArchive { .. }
            | FailureKind::BadAddress { .. }
            | FailureKind::Store { .. }
            | FailureKind::MissingFile { .. }
            | FailureKind::SeveralDatasets { .. }
            | FailureKind::NoPictures { .. }
            | FailureKind::NewerArchive { .. }
            | FailureKind::BrokenFile { .. }
            | FailureKind::Files { .. }
            | FailureKind::DiskFull { .. }
            | FailureKind::NotWritable { .. }
    )
}

/// What the system calls its keychain.
fn keychain_name() -> &'static str {
    if cfg!(target_os = "macos") {
        "Keychain"
    } else if cfg!(target_os = "windows") {
        "Credential Manager"
    } else {
        "Secret Service"
    }
}

fn others_ui(ui: &mut Ui, state: &State, view: &mut ViewState, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let is_busy = state.connect.busy.is_some();
    recents::recents_ui(ui, state, view, commands);
    text::section(ui, "Without an account", None);
    let wide = ui.available_width();
    let opening = |source: &SourceSpec| matches!(&state.connect.busy, Some(Busy::Connecting(busy)) if busy == source);
    let label = if opening(&SourceSpec::Sample) { "Opening the sample project..." } else { "Open the sample project" };
    let sample = Button::new(label).icon(super::icons::PLAY).left().height(38.0).min_width(wide).max_width(wide);
    if ui.add(sample.enabled(!is_busy)).clicked() {
        commands.push(Command::Connection(ConnectionCommand::OpenSample));
    }
    let archive = Button::new("Open an archive or a dataset...").icon(super::icons::FOLDER).left().height(38.0);
    let archive = archive.min_width(wide).max_width(wide).enabled(!is_busy);
    if ui.add(archive).clicked() {
        commands.push(Command::Window(WindowCommand::ShowDialog(Some(Dialog::OpenFolder))));
    }
    if state.dialog != Some(Dialog::OpenFolder) {
        open_folder::arriving_ui(ui, state);
    }
    let failure = state.connect.failure.as_ref().filter(|failure| is_of_folder(&failure.kind));
    if let Some(failure) = failure {
        ui.add_space(4.0);
        message::failure_line(ui, failure, commands);
    }
    ui.add_space(18.0);
    let words = "Custom Vision shuts down on September 25, 2028. Until then, an export saves images and labels byte \
                 for byte and verifies them.";
    text::paragraph(ui, words, theme::font(12.0), tokens.dim);
    ui.add_space(tokens::GAP);
    ui.horizontal(|ui| {
        for action in [Action::Help, Action::Settings] {
            let words = action.text();
            if link_sized(ui, words.label, 12.0).clicked() {
                commands.extend(action.command(state));
            }
        }
    });
}
