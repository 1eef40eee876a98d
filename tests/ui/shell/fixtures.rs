//! States to paint, made as the program makes them: by commands and events.

use std::path::PathBuf;

use egui_kittest::Harness;
use tagscope::app::event::ProjectSummary;
use tagscope::app::{
    Command, Event, ListingState, ProjectCommand, Recent, Settings, SourceSpec, State, ThemeChoice, apply, update,
};
use tagscope::domain::{Iteration, Project, ProjectId, ProjectKind, RecordReader, Tag};
use tagscope::ui::theme::fonts::FontFiles;
use tagscope::ui::{self, ViewState};

/// What a harness runs: the state, the window's own part, and everything that was requested.
pub(super) struct App {
    pub(super) state: State,
    pub(super) view: ViewState,
    pub(super) commands: Vec<Command>,
}

impl App {
    pub(super) fn new(state: State) -> Self {
        Self { state, view: ViewState::default(), commands: Vec::new() }
    }

    /// Whether a command whose `Debug` begins so was requested.
    pub(super) fn asked(&self, debug: &str) -> bool {
        self.commands.iter().any(|command| format!("{command:?}").starts_with(debug))
    }
}

/// A window over a state. Commands are kept, and done too, so that a click has its effect.
pub(super) fn window(state: State, size: [f32; 2], files: FontFiles) -> Harness<'static, App> {
    let theme = state.settings.theme;
    Harness::builder()
        .with_size(egui::Vec2::from(size))
        .with_max_steps(16)
        .with_render_cursor(false)
        .with_context_setup(move |ctx| ui::theme::install(ctx, theme, files))
        .build_ui_state(
            |ui, app: &mut App| {
                // As eframe gives it: the whole window, without the harness's margin.
                let whole = ui.ctx().content_rect();
                let mut root = ui.new_child(egui::UiBuilder::new().max_rect(whole));
                root.set_clip_rect(whole);
                let commands = ui::show(&mut root, &app.state, &mut app.view);
                for command in commands {
                    app.commands.push(command.clone());
                    update(&mut app.state, command);
                }
            },
            App::new(state),
        )
}

pub(super) fn project(number: u32, name: &str, kind: ProjectKind, counts: Option<(u64, u64)>) -> ProjectSummary {
    let json = format!(r#"{{"id":"18c1fce5-28c6-4fc8-82a2-{number:012}","name":{name:?},"settings":{{}}}}"#);
    let project: Project = serde_json::from_str(&json).expect("project");
    ProjectSummary {
        project,
        kind,
        tag_count: counts.map(|(tags, _)| tags),
        image_count: counts.map(|(_, images)| images),
        cover: None,
    }
}

pub(super) fn projects() -> Vec<ProjectSummary> {
    vec![
        project(1, "My Detection Project", ProjectKind::Detection, Some((8, 100_000))),
        project(2, "Shelf audit", ProjectKind::Detection, Some((112, 31_406))),
        project(3, "Trees", ProjectKind::Multiclass, Some((2, 160))),
        project(4, "Just made", ProjectKind::Unknown, None),
    ]
}

pub(super) fn settings(theme: ThemeChoice) -> Settings {
    Settings { theme, endpoint: "https://westeurope.api.cognitive.microsoft.com".to_owned(), ..Settings::default() }
}

/// The connect screen of someone who has been here before.
pub(super) fn connect(theme: ThemeChoice) -> State {
    let now = 1_795_000_000;
    let source = SourceSpec::Service { endpoint: "https://westeurope.api.cognitive.microsoft.com".to_owned() };
    let recent = |number: usize, source: SourceSpec, days: i64| {
        let summary = &projects()[number];
        Recent {
            source,
            project: summary.project.id,
            name: summary.project.name.clone(),
            kind: summary.kind.word().to_owned(),
            tag_count: summary.tag_count.unwrap_or(0),
            image_count: summary.image_count.unwrap_or(0),
            cover: None,
            opened_unix: now - days * 86_400,
            left: None,
        }
    };
    let mut settings = settings(theme);
    settings.recents = vec![
        recent(0, source.clone(), 0),
        recent(1, source, 1),
        recent(2, SourceSpec::Folder { path: PathBuf::from("/data/trees") }, 11),
    ];
    let mut state = State::new(settings);
    update(&mut state, Command::Clock(now));
    state
}

/// The list of projects, with the iterations of the first one unfolded.
pub(super) fn listed(theme: ThemeChoice) -> State {
    let mut state = State::new(settings(theme));
    let source = SourceSpec::Service { endpoint: state.settings.endpoint.clone() };
    apply(&mut state, Event::Connected { source, projects: projects(), notice: None });
    let project = projects()[0].project.id;
    update(&mut state, Command::Project(ProjectCommand::ShowIterations(project)));
    apply(&mut state, iterations(project));
    state
}

fn iterations(project: ProjectId) -> Event {
    let json = r#"[
        {"id":"9a7a1f0e-0000-4000-8000-000000000002","name":"Iteration 2","status":"Completed","trainedAt":"2020-02-11T16:43:09Z"},
        {"id":"9a7a1f0e-0000-4000-8000-000000000001","name":"Iteration 1","status":"Failed","created":"2020-01-30T08:00:00Z"}
    ]"#;
    let iterations: Vec<Iteration> = serde_json::from_str(json).expect("iterations");
    Event::Iterations { project, result: Ok(iterations) }
}

pub(super) const TAGS: [&str; 8] =
    ["fork", "scissors", "spoon", "a tag with quite a long name indeed", "rust", "scratch", "dent", "negative"];

fn tag_id(number: usize) -> String {
    format!("00000000-0000-0000-0000-{number:012}")
}

/// An open project whose listing still runs.
pub(super) fn opened(theme: ThemeChoice, tag_count: usize) -> State {
    let mut state = listed(theme);
    let project = projects()[0].project.id;
    update(&mut state, Command::Project(ProjectCommand::Open { project, iteration: None }));
    let generation = state.generation;
    apply(&mut state, iterations(project));
    let name = |number: usize| TAGS.get(number).map_or_else(|| format!("tag {number}"), |name| (*name).to_owned());
    let tags: Vec<Tag> = (0..tag_count)
        .map(|number| {
            let kind = if name(number) == "negative" { "Negative" } else { "Regular" };
            let json = format!(r#"{{"id":"{}","name":{:?},"type":"{kind}"}}"#, tag_id(number), name(number));
            serde_json::from_str(&json).expect("tag")
        })
        .collect();
    apply(&mut state, Event::Tags { generation, tags });
    let rows: Vec<_> = (0..1204_usize)
        .map(|number| {
            let tag = (number * number / 7) % tag_count.min(7);
            let region = format!(
                r#"{{"regionId":"00000000-0000-0000-0001-{number:012}","tagId":"{0}","tagName":{1:?},"left":0.1,"top":0.1,"width":0.3,"height":0.4}}"#,
                tag_id(tag), name(tag)
            );
            format!(
                r#"{{"id":"00000000-0000-0001-0000-{number:012}","created":"2020-01-01T00:00:00","width":816,"height":612,"resizedImageUri":"https://h/r","tags":[{{"tagId":"{}","tagName":{:?}}}],"regions":[{}]}}"#,
                tag_id(tag), name(tag), vec![region; 1 + number % 2].join(",")
            )
        })
        .collect();
    let page = RecordReader::new().page(format!("[{}]", rows.join(",")).as_bytes()).expect("page");
    apply(&mut state, Event::Page { generation, page });
    let running = ListingState::Running { listed: 12_800, total: Some(100_000), pages_per_second: 10.0, waiting: None };
    apply(&mut state, Event::Listing { generation, state: running });
    apply(&mut state, Event::CacheSize(212_000_000));
    state
}
