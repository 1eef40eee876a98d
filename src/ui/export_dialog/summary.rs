//! What the export would do, found out before it starts; the order of its classes; and where it goes.

use egui::{Id, Ui};

use crate::report::skip_rows_ui;
use crate::theme::{self, tokens};
use crate::widgets::button::link_sized;
use crate::widgets::dialog::fact;
use crate::widgets::field::{enter_pressed, path_ui};
use crate::widgets::{Button, Field, checkbox, message, text};
use app::dialog::FolderPurpose;
use app::export::{Download, DryRun, DrySum, ExportChoice, ExportForm, PlaceState};
use app::state::Opened;
use app::{Command, Dialog, ExportCommand, Severity, WindowCommand, words};
use domain::{Destination, ObjectAddress};
use formats::PixelChoice;

const TAKEN: &str = "This folder already exists. Choose another name: an export never overwrites one.";
const WRITING: &str = "Tagscope is writing to this folder now. Wait for that, or choose another name.";
const CLEARING: &str =
    "The export to this place was canceled and has not ended yet. Wait a moment, or choose another name.";

const REASONS: usize = 5;

pub(super) fn summary_ui(
    ui: &mut Ui,
    opened: &Opened,
    form: &ExportForm,
    is_archive: bool,
    commands: &mut Vec<Command>,
) {
    let tokens = theme::of(ui);
    let preview = &form.preview;
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.spacing_mut().item_spacing.x = tokens::GAP;
    text::section(ui, "Summary", None);
    fact(ui, "images", &text::thousands(preview.images), None);
    fact(ui, "regions", &text::thousands(preview.regions), None);
    if preview.without_regions > 0 && !form.choices.are_negatives_left_out {
        fact(ui, "images without regions, kept", &text::thousands(preview.without_regions), None);
    }
    if preview.untagged > 0 {
        let words = format!("Include the images without tags ({})", text::thousands(preview.untagged));
        let hint = "Nobody has labeled them yet. In the files they look like images with nothing on them.";
        if checkbox(ui, form.takes_untagged, &words, "").on_hover_text(hint).clicked() {
            commands.push(Command::Export(ExportCommand::ToggleUntagged));
        }
    }
    if let Some(run) = form.dry_run.as_ref().filter(|run| !run.parts.is_empty()) {
        let parts: Vec<String> =
            run.parts.iter().map(|(part, count)| format!("{} {}", text::thousands(*count), part.name())).collect();
        fact(ui, "split", &parts.join(", "), None);
        if let (Some(together), Ok(options)) = (&run.together, form.choices.options(&form.formats))
            && let Some(rule) = &options.split
        {
            let words = words::grouping(&rule.group, together) + ".";
            text::paragraph(ui, &words, theme::font(12.0), tokens.dim);
        }
    }
    if let Some(run) = &form.dry_run {
        let (words, is_estimate) = download_words(run.download, form.pixels, is_archive);
        fact(ui, "to download", &words, None);
        if is_estimate {
            let words = "Estimated, because the service does not report file sizes.";
            text::paragraph(ui, words, theme::font(12.0), tokens.dim);
        }
    }
    let warnings = warnings(form);
    if !warnings.is_empty() {
        ui.add_space(tokens::GAP);
        message::banner(ui, Severity::Warning, &warnings);
    }
    if let Some(run) = form.dry_run.as_ref().filter(|run| run.count > 0) {
        items_ui(ui, run, form.has_items, commands);
    }
    ui.add_space(tokens::GAP_LARGE);
    classes_ui(ui, form, commands);
    ui.add_space(tokens::GAP_LARGE);
    text::section(ui, "To", None);
    ui.add_space(2.0);
    folder_ui(ui, form, commands);
    if !is_archive && opened.catalogue.len() as u64 == preview.images {
        ui.add_space(tokens::GAP_LARGE);
        if link_sized(ui, "Archive the whole project: Leave Custom Vision...", 12.0).clicked() {
            commands.push(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Leave))));
        }
    }
}

fn items_ui(ui: &mut Ui, run: &DryRun, is_shown: bool, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    ui.add_space(tokens::GAP);
    let words =
        if is_shown { "Hide items".to_owned() } else { format!("Show {}", text::count(run.count, "item", "items")) };
    if link_sized(ui, &words, 12.0).clicked() {
        commands.push(Command::Export(ExportCommand::ToggleItems));
    }
    if !is_shown {
        return;
    }
    ui.add_space(tokens::GAP_SMALL);
    skip_rows_ui(ui, "what would be left out", 132.0, 20.0, &run.items);
    if (run.items.len() as u64) < run.count {
        let words =
            format!("The first {} are shown. The report lists all of them.", text::thousands(run.items.len() as u64));
        text::label(ui, &words, theme::font(12.0), tokens.dim);
    }
}

fn folder_ui(ui: &mut Ui, form: &ExportForm, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let mut folder = form.folder.clone();
    let is_bad = form.failure.is_some() || !form.place.can_take();
    let is_store = matches!(Destination::parse(&folder), Ok(Destination::Store(_)));
    let name = if is_store { "New address" } else { "New folder" };
    let field = Field::new(Id::unique("export folder"), name).hint("~/datasets/forks").bad(is_bad);
    let response = path_ui(ui, field, 84.0, FolderPurpose::Export, &mut folder, commands);
    if response.changed() {
        commands.push(Command::Export(ExportCommand::EditFolder(folder)));
    }
    if enter_pressed(ui, &response) {
        commands.push(Command::Export(ExportCommand::Start));
    }
    ui.add_space(4.0);
    let is_store = ObjectAddress::is_meant_by(&form.folder);
    if let Err(error) = Destination::parse(&form.folder) {
        text::paragraph(ui, &format!("{}.", words::capitalized(&error.to_string())), theme::font(12.0), tokens.warning);
        return;
    }
    let (words, color) = match form.place {
        PlaceState::Free if is_store => (words::INTO_STORE, tokens.dim),
        PlaceState::Free => (
            "Must be a new folder, or an address of an object store (s3://, gs://, az://, abfss://). Existing files are never \
             overwritten.",
            tokens.dim,
        ),
        PlaceState::Taken => (TAKEN, tokens.warning),
        PlaceState::Writing => (WRITING, tokens.warning),
        PlaceState::Clearing => (CLEARING, tokens.warning),
        PlaceState::Canceled => (
            "You canceled an export to this place. What it did is kept: with the same choices it is resumed.",
            tokens.accent,
        ),
        PlaceState::Unfinished => (
            "An export to this place was interrupted. With the same choices it is resumed: downloaded files are kept.",
            tokens.accent,
        ),
    };
    text::paragraph(ui, words, theme::font(12.0), color);
}

/// What has to be fetched, and whether that is an estimate.
fn download_words(download: Download, pixels: PixelChoice, is_archive: bool) -> (String, bool) {
    match download {
        _ if pixels == PixelChoice::None => ("nothing (labels only)".to_owned(), false),
        _ if is_archive => ("nothing (everything is in the archive)".to_owned(), false),
        Download { pictures: 0, .. } => ("nothing (everything is in the cache)".to_owned(), false),
        Download { pictures, here, bytes } => {
            let here = if here > 0 { format!(", {} in the cache", text::thousands(here)) } else { String::new() };
            let pictures = text::count(pictures, "picture", "pictures");
            (format!("about {} ({pictures}{here})", text::bytes(bytes)), true)
        }
    }
}

/// Why the choices cannot be exported.
fn refusals(form: &ExportForm) -> Vec<String> {
    let mut lines = Vec::new();
    if form.formats.is_empty() {
        lines.push("Choose a format.".to_owned());
    }
    if form.preview.images == 0 {
        lines.push("There are no images to export.".to_owned());
    }
    if let Err(reason) = form.choices.options(&form.formats) {
        lines.push(format!("{reason}."));
    }
    lines
}

/// Why the export cannot start, if it cannot.
pub(super) fn refusal(form: &ExportForm) -> Option<String> {
    let of_place = match form.place {
        PlaceState::Free | PlaceState::Unfinished | PlaceState::Canceled => None,
        PlaceState::Taken => Some(TAKEN.to_owned()),
        PlaceState::Writing => Some(WRITING.to_owned()),
        PlaceState::Clearing => Some(CLEARING.to_owned()),
    };
    refusals(form).into_iter().next().or(of_place)
}

/// What the export would change or leave out, in words.
fn warnings(form: &ExportForm) -> Vec<String> {
    let mut lines = refusals(form);
    let Some(run) = &form.dry_run else { return lines };
    lines.extend(run.notes.iter().cloned());
    let mut left = run.sums.as_slice();
    while let Some(sum) = left.first().filter(|_| lines.len() < REASONS) {
        // One line for all formats that a reason concerns alike.
        let alike = left.iter().take_while(|other| is_alike(sum, other)).count();
        lines.push(sum_words(&left[..alike]));
        left = &left[alike..];
    }
    if !left.is_empty() {
        lines.push(format!("And {}.", text::count(left.len() as u64, "more reason", "more reasons")));
    }
    lines
}

fn is_alike(one: &DrySum, other: &DrySum) -> bool {
    let DrySum { format: _, reason, is_left_out, is_of_images, count } = one;
    (reason, *is_left_out, *is_of_images, *count) == (&other.reason, other.is_left_out, other.is_of_images, other.count)
}

/// `COCO and YOLO skip 3 regions: they have no area.`
fn sum_words(sums: &[DrySum]) -> String {
    let Some(first) = sums.first() else { return String::new() };
    let what = match first.is_of_images {
        true => text::count(first.count, "image", "images"),
        false => text::count(first.count, "region", "regions"),
    };
    let formats: Vec<&str> = sums.iter().map(|sum| sum.format.label()).collect();
    let (formats, ending) = match formats.as_slice() {
        [first @ .., last] if !first.is_empty() => (format!("{} and {last}", first.join(", ")), ""),
        one => (one.concat(), "s"),
    };
    let verb = if first.is_left_out { "skip" } else { "change" };
    format!("{formats} {verb}{ending} {what}: {}", reason_of(&first.reason, first.count))
}

/// A reason as it follows a colon, about one image or region or about several.
fn reason_of(reason: &str, count: u64) -> String {
    const OF_SEVERAL: [(&str, &str); 8] = [
        ("It has ", "they have "),
        ("It duplicates ", "they duplicate "),
        ("The region has ", "they have "),
        ("The region lies ", "they lie "),
        ("The region is ", "they are "),
        ("The region reaches outside the image and was ", "they reach outside the image and were "),
        ("The region reaches ", "they reach "),
        ("Its tag marks images without objects, so it is not a category", "their tags mark images without objects"),
    ];
    if count > 1
        && let Some((one, several)) = OF_SEVERAL.into_iter().find(|(one, _)| reason.starts_with(one))
    {
        return format!("{several}{}", &reason[one.len()..]);
    }
    // A name of a format keeps its capital.
    let begins = ["It ", "Its ", "The ", "Readers "].into_iter().any(|word| reason.starts_with(word));
    if begins { reason[..1].to_lowercase() + &reason[1..] } else { reason.to_owned() }
}

fn classes_ui(ui: &mut Ui, form: &ExportForm, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    text::section(ui, "Class order", None);
    text::paragraph(ui, &class_words(form), theme::font(tokens::BODY), tokens.dim);
    ui.add_space(tokens::GAP_SMALL);
    let mut folder = form.choices.earlier_folder.clone();
    ui.horizontal(|ui| {
        let width = ui.available_width() - 92.0;
        let name = "Folder of an earlier export";
        let field =
            Field::new(Id::unique("earlier export"), name).path().hint("folder of an earlier export (optional)");
        let is_bad = matches!(form.choices.earlier, Some(Err(_)));
        let (response, _) = field.width(width).bad(is_bad).show(ui, &mut folder);
        if response.changed() {
            commands.push(Command::Export(ExportCommand::Choose(ExportChoice::EarlierFolder(folder))));
        }
        let browse = Button::new("Browse...").name("Choose an earlier export...").min_width(84.0);
        if ui.add(browse).clicked() {
            commands.push(Command::Window(WindowCommand::PickFolder(FolderPurpose::Classes)));
        }
    });
    ui.add_space(4.0);
    let (words, color) = match &form.choices.earlier {
        None => ("The project's order. Choose an earlier export to keep its order.".to_owned(), tokens.dim),
        Some(Ok(_)) => ("The earlier export's order, followed by new tags.".to_owned(), tokens.ok),
        Some(Err(failure)) => {
            (format!("{} {}", failure.headline(), failure.advice()).trim().to_owned(), tokens.warning)
        }
    };
    text::paragraph(ui, &words, theme::font(12.0), color);
}

/// `1 fork   2 scissors   3 spoon ...`, as COCO counts.
fn class_words(form: &ExportForm) -> String {
    const SHOWN: usize = 12;
    let classes = &form.preview.classes;
    if classes.is_empty() {
        return "no classes".to_owned();
    }
    let mut words: Vec<_> =
        classes.iter().take(SHOWN).enumerate().map(|(at, name)| format!("{} {name}", at + 1)).collect();
    if classes.len() > SHOWN {
        words.push(format!("and {} more", classes.len() - SHOWN));
    }
    words.join("   ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::export::ExportPreview;
    use formats::Format;

    fn sum(format: Format, reason: &str, count: u64) -> DrySum {
        DrySum { format, reason: reason.to_owned(), is_left_out: true, is_of_images: false, count }
    }

    #[test]
    fn what_is_fetched_is_said_to_be_an_estimate() {
        let some = Download { pictures: 3, here: 1_200, bytes: 2_500_000 };
        let (words, is_estimate) = download_words(some, PixelChoice::Original, false);
        assert!(is_estimate && words.starts_with("about 2.4 MiB (3 pictures, 1,200 in the cache"), "{words}");
        let all = Download { pictures: 0, here: 3, bytes: 0 };
        assert_eq!(
            download_words(all, PixelChoice::Original, false),
            ("nothing (everything is in the cache)".to_owned(), false)
        );
        assert_eq!(download_words(all, PixelChoice::Original, true).0, "nothing (everything is in the archive)");
        assert_eq!(download_words(some, PixelChoice::None, false).0, "nothing (labels only)");
    }

    #[test]
    fn warnings_are_counted_words() {
        let run = DryRun {
            sums: vec![
                sum(Format::Coco, "The region has no area.", 3),
                sum(Format::Yolo, "The region has no area.", 3),
                sum(Format::Yolo, "It duplicates another box of the same tag.", 1),
            ],
            ..DryRun::default()
        };
        let preview = ExportPreview { images: 2, regions: 9, ..ExportPreview::default() };
        let form = ExportForm { preview, dry_run: Some(run), ..ExportForm::default() };
        assert_eq!(
            warnings(&form),
            [
                "COCO and YOLO skip 3 regions: they have no area.",
                "YOLO skips 1 region: it duplicates another box of the same tag."
            ]
        );
        assert_eq!(reason_of("Create ML reads no such pictures.", 2), "Create ML reads no such pictures.");
    }

    #[test]
    fn classes_are_numbered_and_cut() {
        let classes = (0..14).map(|at| format!("c{at}").as_str().into()).collect();
        let preview = ExportPreview { classes, ..ExportPreview::default() };
        let words = class_words(&ExportForm { preview, ..ExportForm::default() });
        assert!(words.starts_with("1 c0   2 c1") && words.ends_with("12 c11   and 2 more"), "{words}");
    }
}
