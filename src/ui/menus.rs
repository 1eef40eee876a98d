//! The menu of an image or a region, on a right click: open it, decide about it, filter by its tags, copy its id, name or
//! JSON. What it does is about the whole selection where the thing that was clicked belongs to one, and says so.

use egui::{Popup, Response, Ui};

use super::widgets::MenuItem;
use super::widgets::row::divider;
use super::widgets::text;
use app::canvas::CanvasCommand;
use app::review::ReviewCommand;
use app::state::Opened;
use app::view::View;
use app::wall::WallCommand;
use app::{Action, Command, CompareCommand, QueryCommand, State, WindowCommand};
use domain::query::{Test, edit};
use domain::wall::WallItem;
use domain::{Blame, Dispute, ImageView, RegionView, Subject, UriForm, Verdict, write_image};

/// Tags that the menu of an image offers to filter by.
const MOST_TAGS: usize = 4;

/// Shows it where `response` was clicked with the second button.
pub(crate) fn context_menu(
    response: &Response,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    region: Option<RegionView>,
    commands: &mut Vec<Command>,
) {
    Popup::context_menu(response).show(|ui| {
        ui.set_width(280.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        open_ui(ui, opened, image, region, commands);
        review_ui(ui, state, opened, image, region, commands);
        let disputes = opened.disputes(image, region);
        if !disputes.is_empty() {
            divider(ui);
            blame_ui(ui, state, opened, &disputes, commands);
        }
        divider(ui);
        filter_ui(ui, opened, image, region, commands);
        divider(ui);
        copy_ui(ui, opened, image, region, commands);
    });
}

/// The menu of a prediction on the wall.
pub(crate) fn prediction_menu(
    response: &Response,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    item: WallItem,
    commands: &mut Vec<Command>,
) {
    Popup::context_menu(response).show(|ui| {
        ui.set_width(280.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        if MenuItem::new("Open the image here").flush().show(ui) {
            commands.push(Command::Wall(WallCommand::Open(item)));
        }
        divider(ui);
        let disputes = opened.wall.disputes_at(&opened.catalogue, image.ix, item);
        blame_ui(ui, state, opened, &disputes, commands);
        divider(ui);
        let label = opened.wall.shown(&opened.catalogue, item).and_then(|shown| shown.label);
        filter_ui(ui, opened, image, label.and_then(|label| opened.catalogue.region(label)), commands);
        divider(ui);
        copy_ui(ui, opened, image, None, commands);
    });
}

fn open_ui(
    ui: &mut Ui,
    opened: &Opened,
    image: ImageView<'_>,
    region: Option<RegionView>,
    commands: &mut Vec<Command>,
) {
    if opened.view == View::Canvas {
        let is_pinned = opened.tools.pinned == Some(image.ix);
        let label = if is_pinned { "Unpin from comparing" } else { "Pin for comparing" };
        if MenuItem::new(label).flush().show(ui) {
            commands.push(Command::Canvas(CanvasCommand::Compare(CompareCommand::TogglePin)));
        }
    } else if MenuItem::new("Open the image").flush().show(ui) {
        commands.push(Command::Canvas(CanvasCommand::OpenImage(image.ix)));
        commands.extend(region.map(|region| Command::Canvas(CanvasCommand::SelectRegion(Some(region.ix)))));
    }
    divider(ui);
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
    if MenuItem::new("Clear who is wrong").enabled(is_decided).show(ui) {
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
        None => super::grid::image_tags(image),
    };
    for tag in tags.into_iter().take(MOST_TAGS) {
        let test = edit::tag(&opened.catalogue.tags().get(tag).name);
        let label = format!("Filter by {}", opened.catalogue.tags().get(tag).name);
        let standing = opened.query.standing(&test);
        if MenuItem::new(&label).chosen(standing == edit::Standing::Included).show(ui) {
            commands.push(Command::Query(QueryCommand::Include(test)));
        }
    }
    if MenuItem::new("Leave this image out").show(ui) {
        commands.push(Command::Query(QueryCommand::Exclude(Test::Id(image.id().to_string()))));
    }
}

fn copy_ui(
    ui: &mut Ui,
    opened: &Opened,
    image: ImageView<'_>,
    region: Option<RegionView>,
    commands: &mut Vec<Command>,
) {
    let mut copy = |ui: &mut Ui, label: &str, text: &dyn Fn() -> String| {
        if MenuItem::new(label).show(ui) {
            commands.push(Command::Window(WindowCommand::CopyText(text())));
        }
    };
    if let Some(region) = region {
        copy(ui, "Copy the region's id", &|| region.id.to_string());
        copy(ui, "Copy the tag's name", &|| opened.catalogue.tags().get(region.tag).name.to_string());
    }
    copy(ui, "Copy the image's id", &|| image.id().to_string());
    if let Some(name) = image.name() {
        copy(ui, "Copy the file name", &|| name.to_owned());
    }
    copy(ui, "Copy the image as JSON", &|| {
        let mut json = Vec::new();
        write_image(&image.to_row(), UriForm::Absent, &mut json);
        String::from_utf8_lossy(&json).into_owned()
    });
}
