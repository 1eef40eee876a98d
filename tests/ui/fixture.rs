//! A project without an engine: generated images in the real window; what it asks for goes through
//! `update`, as it does in the program, and is kept for the test to look at.

use std::sync::Arc;

use egui::{Event as Input, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, TouchPhase, vec2};
use egui_kittest::Harness;
use tagscope::app::event::ProjectSummary;
use tagscope::app::picture::PictureInfo;
use tagscope::app::predictions::{MatchedSet, PredictionSet, PredictionsCommand, PredictionsEvent, PredictionsPlace};
use tagscope::app::state::Opened;
use tagscope::app::statistics::{StatisticsEffect, StatisticsEvent};
use tagscope::app::wall::{WallEffect, WallEvent};
use tagscope::app::{
    Command, ConnectionCommand, Effect, Event, ListingState, PictureSource, PixelKey, Settings, SourceSpec, State,
    ThemeChoice, apply, at_exit, update,
};
use tagscope::domain::evaluation::{Detection, Matches, Ranking, Slide, TagSlide};
use tagscope::domain::stats::gather;
use tagscope::domain::wall::{Features, Looks};
use tagscope::domain::{
    ImageId, ImageIx, ImageRow, ImageUris, IterationId, Mipmap, Page, Predictions, ProjectKind, Raster, RegionId,
    RegionRow, TagId, TagIx, TagMark, Timestamp, UnitRect,
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
    let created = Timestamp(16_000_000_000_000_000 - n as i64 * 10_000_000);
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
        Self::listed(State::new(Settings::default()), rows)
    }

    /// The program ends and begins again, and the project has these rows.
    pub fn again(&mut self, rows: Vec<ImageRow>) -> Self {
        let settings = match at_exit(&mut self.state) {
            Effect::SaveSettings(settings) => Some(settings),
            _ => None,
        };
        let settings = settings.expect("the settings are kept");
        let text = serde_json::to_string(&*settings).expect("JSON");
        let mut state = State::new(serde_json::from_str(&text).expect("settings"));
        update(&mut state, Command::Connection(ConnectionCommand::Start { source: None, project: None }));
        Self::listed(state, rows)
    }

    fn listed(mut state: State, rows: Vec<ImageRow>) -> Self {
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
        let source = SourceSpec::Folder { path: "/data/cutlery".into() };
        apply(&mut state, Event::Connected { source, projects: vec![summary], notice: None });
        let generation = state.generation;
        let listed = rows.len() as u64;
        apply(&mut state, Event::Page { generation, page: Page { rows, ..Page::default() } });
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
        self.answer(effects);
    }

    /// Puts regions in order and counts for the plots where that is requested, as the engine does, but at once and without
    /// pixels.
    fn answer(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Statistics { generation, effect: StatisticsEffect::Count { catalogue, images, stamp, .. } } =
                effect
            {
                let figures = match images {
                    Some(images) => gather(&catalogue, images.iter().copied()),
                    None => gather(&catalogue, (0..catalogue.len() as u32).map(ImageIx)),
                };
                let event = StatisticsEvent::Counted { stamp, figures: Ok(figures.into()) };
                apply(&mut self.state, Event::Statistics { generation, event });
            } else if let Effect::Wall { generation, effect: WallEffect::Order { request, catalogue, basis } } = effect
            {
                let order = basis.order(&catalogue, Looks::of(&Features::default()));
                let event = WallEvent::Ordered { request, order: Arc::new(order) };
                apply(&mut self.state, Event::Wall { generation, event });
            }
        }
    }

    /// Loads predictions on images that are all compared, at an IoU of 0.5. `rest`: what else the set is to have.
    pub fn predict(&mut self, predictions: Predictions, rest: PredictionSet) {
        let place = PredictionsPlace::Iteration(IterationId(Uuid::from_u128(9)));
        self.update(Command::Predictions(PredictionsCommand::Load(place.clone())));
        let opened = self.opened();
        let (number, generation) = (opened.predictions.busy.expect("under way"), opened.generation);
        let catalogue = &opened.catalogue;
        let images: Arc<[ImageIx]> = catalogue.iter().map(|image| image.ix).collect();
        let set = PredictionSet {
            place: Some(place),
            ranking: Arc::new(Ranking::of(catalogue, &predictions, &images, true)),
            predictions: Arc::new(predictions),
            images,
            has_boxes: true,
            ..rest
        };
        let detection = Detection { catalogue, predictions: &set.predictions, images: &set.images };
        let parts = (0..detection.parts()).map(|part| detection.matches(part, 0.5));
        let matches = Matches::join(set.predictions.len(), catalogue.region_count(), parts);
        let tags = (0..set.ranking.len()).map(|at| TagSlide::of(&set.ranking, TagIx(at as u16), &matches)).collect();
        let slide = Arc::new(Slide::join(Arc::clone(&set.ranking), tags));
        let matched = MatchedSet { iou: 0.5, matches: Arc::new(matches), slide };
        let event = PredictionsEvent::Loaded { number, result: Ok((Arc::new(set), matched)) };
        self.apply(Event::Predictions { generation, event });
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
        self.view.textures.insert(ctx, key, picture(key, width, height));
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
            lacks_end: false,
        };
        self.apply(Event::Picture { generation, info });
    }
}

/// The program's window over these parts, dark, 1280 x 800, not yet painted.
pub fn window(parts: Parts) -> Harness<'static, Parts> {
    window_of(parts, 1280.0, 800.0)
}

/// The same with other sides.
pub fn window_of(parts: Parts, width: f32, height: f32) -> Harness<'static, Parts> {
    // Japanese names are part of the data; the test's fonts have no glyphs for them, the real window's have.
    let harness = Harness::builder()
        .with_size(vec2(width, height))
        .allow_missing_glyphs()
        .with_step_dt(1.0 / 60.0)
        .with_max_steps(200)
        .build_ui_state(|ui, parts: &mut Parts| parts.frame(ui), parts);
    ui::theme::install(&harness.ctx, ThemeChoice::Dark, Default::default());
    harness
}

/// The wheel, turned by so many points at a place.
pub fn wheel(harness: &mut Harness<'_, Parts>, at: Pos2, points: f32) {
    harness.hover_at(at);
    harness.event(Input::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, points),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    harness.run();
}

/// A rubber band from one place to another.
pub fn band(harness: &mut Harness<'_, Parts>, from: Pos2, to: Pos2) {
    harness.drag_at(from);
    harness.step();
    harness.hover_at(from.lerp(to, 0.5));
    harness.step();
    harness.hover_at(to);
    harness.step();
    harness.drop_at(to);
    harness.run();
}

/// A picture of two gradients, as the decoders hand it over.
pub fn picture(key: PixelKey, width: u32, height: u32) -> Mipmap {
    let pixel = |at: u32| [(at % width / 4) as u8, (at / width / 4) as u8, 120, 255];
    let rgba = (0..width * height).flat_map(pixel).collect();
    let raster = Raster::new(width, height, rgba).expect("raster");
    let is_large = matches!(key, PixelKey::Resized { .. });
    if is_large { Mipmap::with_halves(&raster) } else { Mipmap::single(&raster) }
}
