//! A project without an engine: generated images in the real window; what it asks for goes through
//! `update`, as it does in the program, and is kept for the test to look at.

use std::sync::Arc;

use tagscope::app::event::{PictureInfo, ProjectSummary};
use tagscope::app::state::Opened;
use tagscope::app::wall::{Basis, WallEffect, WallEvent};
use tagscope::app::{
    Command, Effect, Event, ListingState, PictureSource, PixelKey, Settings, SourceSpec, State, apply, update,
};
use tagscope::domain::wall::{Features, order_regions};
use tagscope::domain::{
    ImageId, ImageIx, ImageRow, ImageUris, Page, ProjectKind, Raster, RegionId, RegionRow, Stamp, TagId, TagMark,
    UnitRect,
};
use tagscope::ui::{self, ViewState};
use uuid::Uuid;

/// The tags that the images take in turn.
pub const TAGS: [&str; 4] = ["fork", "scissors", "タグ 猫", "a tag with quite a long name that has to be cut"];

/// The window of an open project.
pub struct Parts {
    /// The program's state.
    pub state: State,
    /// The window's own.
    pub view: ViewState,
    /// Everything asked for since the last look.
    pub commands: Vec<Command>,
}

/// Image `n` of 800 x 600 with `regions` regions; its first tag is tag `n % 3`.
pub fn row(n: usize, regions: usize) -> ImageRow {
    let tag = |at: usize| (TagId(Uuid::from_u128(at as u128 % 4 + 1)), Arc::<str>::from(TAGS[at % 4]));
    let first = n % 3;
    let created = Stamp(16_000_000_000_000_000 - n as i64 * 10_000_000);
    let regions = (0..regions).map(|at| {
        let (tag, tag_name) = tag(first + at);
        let columns = (regions as f32).sqrt().ceil().max(1.0);
        let (column, line) = (at as f32 % columns, (at as f32 / columns).floor());
        let side = 0.9 / columns;
        let rect = UnitRect::new(0.05 + column * side, 0.05 + line * side, side * 0.8, side * 0.7);
        RegionRow { id: RegionId(Uuid::from_u128((n << 32 | at) as u128)), tag, tag_name, created: Some(created), rect }
    });
    let (id, name) = tag(first);
    ImageRow {
        id: ImageId(Uuid::from_u128(n as u128 + 1)),
        created: Some(created),
        width: 800,
        height: 600,
        uris: ImageUris::default(),
        tags: vec![TagMark { tag: id, name, created: None }],
        regions: regions.collect(),
        metadata: vec![("camera".to_owned(), format!("c{}", n % 5))],
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

impl Parts {
    /// An open project with these rows.
    pub fn of_rows(rows: Vec<ImageRow>) -> Self {
        let project = serde_json::from_value(serde_json::json!({
            "id": Uuid::from_u128(7), "name": "Cutlery", "settings": {}
        }));
        let summary = ProjectSummary {
            project: project.expect("project"),
            kind: ProjectKind::Detection,
            tag_count: None,
            image_count: None,
            cover: None,
        };
        let mut state = State::new(Settings::default());
        let source = SourceSpec::Folder { path: "/data/cutlery".into() };
        apply(&mut state, Event::Connected { source, projects: vec![summary], key_notice: None });
        let generation = state.generation;
        let listed = rows.len() as u64;
        apply(&mut state, Event::Page { generation, page: Page { rows, problems: Vec::new() } });
        let complete = ListingState::Complete { listed, gone: 0, seconds: 1.0 };
        apply(&mut state, Event::Listing { generation, state: complete });
        Self { state, view: ViewState::default(), commands: Vec::new() }
    }

    /// An open project with `count` images of `regions` regions.
    pub fn new(count: usize, regions: usize) -> Self {
        Self::of_rows((0..count).map(|n| row(n, regions)).collect())
    }

    /// The open project.
    pub fn opened(&self) -> &Opened {
        self.state.opened.as_ref().expect("open project")
    }

    /// Takes an event of the engine.
    pub fn apply(&mut self, event: Event) {
        apply(&mut self.state, event);
    }

    /// Does a command as if the shell had asked for it.
    pub fn update(&mut self, command: Command) {
        let effects = update(&mut self.state, command);
        self.order(effects);
    }

    /// Makes the orders of the region wall that are asked for, as the engine does, but at once and without pixels.
    fn order(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Wall { generation, effect: WallEffect::Order { request, catalogue, basis } } = effect {
                let Basis { images, only, sort, is_grouped } = basis;
                let order = order_regions(&catalogue, &images, only, sort, is_grouped, &Features::default());
                let event = WallEvent::Ordered { request, order: Arc::new(order) };
                apply(&mut self.state, Event::Wall { generation, event });
            }
        }
    }

    /// One frame of the window, then `update`.
    pub fn frame(&mut self, ui: &mut egui::Ui) {
        for command in ui::show(ui, &self.state, &mut self.view) {
            self.commands.push(command.clone());
            self.update(command);
        }
    }

    /// Everything asked for since the last call.
    pub fn take(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.commands)
    }

    /// Hands in a plain picture for a key.
    pub fn insert(&mut self, ctx: &egui::Context, key: PixelKey, width: u32, height: u32) {
        let pixel = |at: u32| [(at % width / 4) as u8, (at / width / 4) as u8, 120, 255];
        let rgba = (0..width * height).flat_map(pixel).collect();
        let raster = Raster::new(width, height, rgba).expect("raster");
        self.view.textures.insert(ctx, key, &raster);
    }

    /// Tells the size of an image's original.
    pub fn know_original(&mut self, ix: ImageIx, width: u32, height: u32) {
        let generation = self.state.generation;
        let info = PictureInfo {
            ix,
            source: PictureSource::Original,
            width,
            height,
            bytes: 2_100_000,
            format: "JPEG",
            is_turned: false,
        };
        self.apply(Event::Picture { generation, info });
    }
}
