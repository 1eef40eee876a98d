//! The menu of an image or a region, on a right click or by the menu key: open it, compare it, decide about it, filter by
//! its tags, copy its picture, id, name or JSON, show its file. What it does is about the whole selection where the thing
//! that was clicked belongs to one, and says so. `key` opens menus, `tag` has those of tags and findings.

mod key;
mod tag;

use egui::{Pos2, Response, Ui, vec2};

use super::theme::tokens;
use super::widgets::MenuItem;
use super::widgets::row::divider;
use super::widgets::text;
use app::canvas::CanvasCommand;
use app::review::ReviewCommand;
use app::state::Companion;
use app::state::Opened;
use app::view::View;
use app::wall::WallCommand;
use app::{
    Action, Command, CompareCommand, CopyCommand, DisplayCommand, QueryCommand, SourceSpec, State, WindowCommand,
};
use domain::query::{Test, edit};
use domain::wall::WallItem;
use domain::{Blame, Dispute, ImageView, RegionView, Subject, UnitRect, UriForm, Verdict, write_image};

pub(crate) use key::{ask, end_pass, is_asked_of, is_asked_of_view};
pub(crate) use tag::{finding_menu, kind_menu, tag_menu};

/// Tags that the menu of an image offers to filter by.
const MOST_TAGS: usize = 4;
const WIDTH: f32 = 300.0;
/// Width of what excludes a tag, at the right of what filters by it.
const EXCLUDE: f32 = 110.0;

/// How the menu of a thing is opened but by a right click on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByKey {
    /// Whether the key asks for it now.
    pub is_asked: bool,
    /// Where it opens then.
    pub place: Pos2,
}

impl ByKey {
    /// A thing of the view: the key opens its menu where it is the current one.
    pub(crate) fn for_view(response: &Response, is_current: bool) -> Self {
        let is_asked = is_current && is_asked_of_view(&response.ctx);
        Self { is_asked, place: response.rect.center() }
    }
}

/// Shows it where `response` was clicked with the second button, or where the menu key asks for it.
pub(crate) fn context_menu(
    response: &Response,
    by_key: ByKey,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    region: Option<RegionView>,
    commands: &mut Vec<Command>,
) {
    key::context_popup(response, by_key.is_asked, by_key.place, WIDTH, |ui| {
        open_ui(ui, opened, image, region, commands);
        similar_ui(ui, state, image, region, commands);
        review_ui(ui, state, opened, image, region, commands);
        let disputes = opened.disputes(image, region);
        if !disputes.is_empty() {
            divider(ui);
            blame_ui(ui, state, opened, &disputes, commands);
        }
        divider(ui);
        filter_ui(ui, opened, image, region, commands);
        divider(ui);
        copy_ui(ui, opened, image, region, region.map(|region| region.rect), commands);
        file_ui(ui, state, image, commands);
    });
}

/// What is similar to the image or the region.
fn similar_ui(
    ui: &mut Ui,
    state: &State,
    image: ImageView<'_>,
    region: Option<RegionView>,
    commands: &mut Vec<Command>,
) {
    let near_region = region.map(|region| (Action::SimilarRegions, Command::Wall(WallCommand::ShowSimilar(region.ix))));
    let near_image = (Action::SimilarImages, Command::Display(DisplayCommand::ShowSimilar(image.ix)));
    for (action, command) in near_region.into_iter().chain([near_image]) {
        if MenuItem::new(action.text().label).key(state.keys.cap(action)).show(ui) {
            commands.push(command);
        }
    }
    divider(ui);
}

/// The menu of a prediction on the wall.
pub(crate) fn prediction_menu(
    response: &Response,
    by_key: ByKey,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    item: WallItem,
    commands: &mut Vec<Command>,
) {
    key::context_popup(response, by_key.is_asked, by_key.place, WIDTH, |ui| {
        if MenuItem::new("Open the image here").show(ui) {
            commands.push(Command::Wall(WallCommand::Open(item)));
        }
        compare_ui(ui, opened, image, commands);
        divider(ui);
        let disputes = opened.wall.disputes_at(&opened.catalogue, image.ix, item);
        blame_ui(ui, state, opened, &disputes, commands);
        divider(ui);
        let shown = opened.wall.shown(&opened.catalogue, item);
        let label = shown.and_then(|shown| opened.catalogue.region(shown.label?));
        filter_ui(ui, opened, image, label, commands);
        divider(ui);
        copy_ui(ui, opened, image, None, shown.map(|shown| shown.rect), commands);
        file_ui(ui, state, image, commands);
    });
}

fn open_ui(
    ui: &mut Ui,
    opened: &Opened,
    image: ImageView<'_>,
    region: Option<RegionView>,
    commands: &mut Vec<Command>,
) {
    let is_shown = opened.view == View::Canvas && opened.cursor == Some(image.ix);
    if !is_shown && MenuItem::new("Open the image").show(ui) {
        commands.push(Command::Canvas(CanvasCommand::OpenImage(image.ix)));
        commands.extend(region.map(|region| Command::Canvas(CanvasCommand::SelectRegion(Some(region.ix)))));
    }
    compare_ui(ui, opened, image, commands);
    divider(ui);
}

/// The image beside the pinned one, the one on the canvas, or another selected one.
fn compare_ui(ui: &mut Ui, opened: &Opened, image: ImageView<'_>, commands: &mut Vec<Command>) {
    let is_pinned = opened.tools.pinned == Some(image.ix);
    let label = if is_pinned { "Unpin from comparing" } else { "Pin for comparing" };
    if MenuItem::new(label).show(ui) {
        let pinned = (!is_pinned).then_some(image.ix);
        commands.push(Command::Canvas(CanvasCommand::Compare(CompareCommand::Pin(pinned))));
    }
    if opened.view == View::Canvas && opened.cursor != Some(image.ix) {
        if MenuItem::new("Compare with the open image").show(ui) {
            commands.push(Command::Canvas(CanvasCommand::Compare(CompareCommand::With(image.ix))));
        }
        return;
    }
    let companion = opened.companion(image.ix);
    let (label, remark) = match companion {
        Some(Companion::Pinned(_)) => ("Compare with the pinned image", ""),
        Some(Companion::Selected(_)) => ("Compare with another selected image", ""),
        None => ("Compare with...", "pin or select another"),
    };
    if MenuItem::new(label).remark(remark).enabled(companion.is_some()).show(ui) {
        let with = companion.map(|companion| CompareCommand::Open(image.ix, companion.ix()));
        commands.extend(with.map(|with| Command::Canvas(CanvasCommand::Compare(with))));
    }
}

/// What a verdict is about, and in words: `3 images`.
fn subjects(opened: &Opened, image: ImageView<'_>, region: Option<RegionView>) -> (Vec<Subject>, String) {
    let one = Subject { image: image.id(), region: region.map(|region| region.id) };
    let (noun, nouns) = if region.is_some() { ("region", "regions") } else { ("image", "images") };
    let many: Vec<Subject> = match (opened.view, region) {
        (View::Grid, None) if opened.selection.len() > 1 && opened.selection.contains(image.ix) => {
            let ids = opened.selection.iter().filter_map(|ix| opened.catalogue.get(ix));
            ids.map(|image| Subject::image(image.id())).collect()
        }
        (View::Wall, Some(region))
            if opened.wall.selection.len() > 1 && opened.wall.selection.contains(region.ix.into()) =>
        {
            opened.wall.subjects(&opened.catalogue)
        }
        _ => vec![one],
    };
    let words = text::count(many.len() as u64, noun, nouns);
    (many, words)
}

fn review_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    region: Option<RegionView>,
    commands: &mut Vec<Command>,
) {
    let (about, words) = subjects(opened, image, region);
    let has = |verdict: Verdict| about.iter().all(|subject| opened.review.reviews.verdict(*subject) == Some(verdict));
    let actions = [Action::Accept, Action::Reject, Action::Flag, Action::ConfirmNegative];
    for (verdict, action) in Verdict::ALL.into_iter().zip(actions) {
        let label = action.text().label;
        let item = MenuItem::new(label).remark(if about.len() > 1 { words.as_str() } else { "" }).chosen(has(verdict));
        let key = state.keys.cap(action).filter(|_| about.len() == 1);
        if item.key(key).show(ui) {
            commands.push(Command::Review(ReviewCommand::Decide { subjects: about.clone(), verdict }));
        }
    }
    let is_decided = about.iter().any(|subject| opened.review.reviews.verdict(*subject).is_some());
    let key = state.keys.cap(Action::ClearVerdict).filter(|_| about.len() == 1);
    if MenuItem::new(Action::ClearVerdict.text().label).enabled(is_decided).key(key).show(ui) {
        commands.push(Command::Review(ReviewCommand::Clear(about)));
    }
}

/// Who is wrong about predictions, or labels that none agrees with.
fn blame_ui(ui: &mut Ui, state: &State, opened: &Opened, disputes: &[Dispute], commands: &mut Vec<Command>) {
    let is_many = disputes.len() > 1;
    let words = if is_many { text::thousands(disputes.len() as u64) } else { String::new() };
    for (blame, action) in Blame::ALL.into_iter().zip([Action::BlameLabel, Action::BlameModel]) {
        let has = disputes.iter().all(|dispute| opened.review.reviews.blame(dispute) == Some(blame));
        let key = state.keys.cap(action).filter(|_| !is_many);
        if MenuItem::new(blame.label()).remark(&words).chosen(has).key(key).show(ui) {
            let disputes = disputes.to_vec();
            commands.push(Command::Review(ReviewCommand::Blame { disputes, blame: Some(blame) }));
        }
    }
    let is_decided = disputes.iter().any(|dispute| opened.review.reviews.blame(dispute).is_some());
    if MenuItem::new("Clear the label-or-model decision").enabled(is_decided).show(ui) {
        let disputes = disputes.to_vec();
        commands.push(Command::Review(ReviewCommand::Blame { disputes, blame: None }));
    }
}

fn filter_ui(
    ui: &mut Ui,
    opened: &Opened,
    image: ImageView<'_>,
    region: Option<RegionView>,
    commands: &mut Vec<Command>,
) {
    let tags = match region {
        Some(region) => vec![region.tag],
        None => super::tag_style::image_tags(image),
    };
    for tag in tags.into_iter().take(MOST_TAGS) {
        let name = &opened.catalogue.tags().get(tag).name;
        let standing = opened.query.standing(&edit::tag(name));
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let whole = ui.available_width();
            let mut part = |ui: &mut Ui, width: f32, item: MenuItem<'_>, command: fn(Test) -> QueryCommand| {
                let size = vec2(width, tokens::CONTROL);
                if ui.allocate_ui(size, |ui| item.show(ui)).inner {
                    commands.push(Command::Query(command(edit::tag(name))));
                }
            };
            let label = format!("Filter by {name}");
            let include = MenuItem::new(&label).chosen(standing == edit::Standing::Included);
            part(ui, whole - EXCLUDE, include, QueryCommand::Include);
            let spoken = format!("Exclude {name}");
            let exclude = MenuItem::new("Exclude").name(&spoken).chosen(standing == edit::Standing::Excluded);
            part(ui, EXCLUDE, exclude, QueryCommand::Exclude);
        });
    }
    if MenuItem::new("Leave this image out").show(ui) {
        commands.push(Command::Query(QueryCommand::Exclude(Test::Id(image.id().to_string()))));
    }
}

/// Copies what it is. `part`: the box whose crop can be copied.
fn copy_ui(
    ui: &mut Ui,
    opened: &Opened,
    image: ImageView<'_>,
    region: Option<RegionView>,
    part: Option<UnitRect>,
    commands: &mut Vec<Command>,
) {
    if let Some(part) = part
        && MenuItem::new("Copy the crop as a picture").show(ui)
    {
        commands.push(Command::Copy(CopyCommand::Picture { ix: image.ix, part: Some(part) }));
    }
    if part.is_none() && MenuItem::new("Copy the picture").show(ui) {
        commands.push(Command::Copy(CopyCommand::Picture { ix: image.ix, part: None }));
    }
    if let Some(region) = region {
        copy_text(ui, "Copy the region's id", commands, || region.id.to_string());
        copy_text(ui, "Copy the tag's name", commands, || opened.catalogue.tags().get(region.tag).name.to_string());
    }
    copy_text(ui, "Copy the image's id", commands, || image.id().to_string());
    if let Some(name) = image.name() {
        copy_text(ui, "Copy the file name", commands, || name.to_owned());
    }
    copy_text(ui, "Copy the image as JSON", commands, || {
        let mut json = Vec::new();
        write_image(&image.to_row(), UriForm::Absent, &mut json);
        String::from_utf8_lossy(&json).into_owned()
    });
}

/// An entry that puts a text on the clipboard.
fn copy_text(ui: &mut Ui, label: &str, commands: &mut Vec<Command>, text: impl FnOnce() -> String) {
    if MenuItem::new(label).show(ui) {
        commands.push(Command::Window(WindowCommand::CopyText(text())));
    }
}

/// Where the source is on this computer: the image's file in its folder.
fn file_ui(ui: &mut Ui, state: &State, image: ImageView<'_>, commands: &mut Vec<Command>) {
    let is_here = matches!(state.source, Some(SourceSpec::Folder { .. }));
    if is_here && MenuItem::new("Show the file").remark("in its folder").show(ui) {
        commands.push(Command::Copy(CopyCommand::ShowFile(image.ix)));
    }
}
