//! The icons, of one set and one weight: Material Symbols Rounded, outlined.

use egui::{Align2, Color32, FontId, Painter, Pos2};
use egui_material_icons::icons as set;

use super::theme::fonts::icon_family;

/// One icon: a character of the icon font.
pub type Icon = &'static str;

/// Names the icons in use.
macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $icon:ident;)*) => {
        $($(#[$doc])* pub const $name: Icon = set::$icon.codepoint;)*
    };
}

icons! {
    /// Search or filter.
    SEARCH = ICON_SEARCH;
    /// Close, clear.
    CLOSE = ICON_CLOSE;
    /// Done, ticked.
    CHECK = ICON_CHECK;
    /// A warning.
    WARNING = ICON_WARNING;
    /// An error.
    ERROR = ICON_ERROR;
    /// Good to know.
    INFO = ICON_INFO;
    /// Success.
    SUCCESS = ICON_CHECK_CIRCLE;
    /// Start something.
    PLAY = ICON_PLAY_ARROW;
    /// A folder or archive.
    FOLDER = ICON_FOLDER_OPEN;
    /// A menu opens below.
    DROP_DOWN = ICON_KEYBOARD_ARROW_DOWN;
    /// Rising.
    UP = ICON_KEYBOARD_ARROW_UP;
    /// Unfold to the side; the next.
    RIGHT = ICON_CHEVRON_RIGHT;
    /// The previous.
    LEFT = ICON_CHEVRON_LEFT;
    /// Back.
    BACK = ICON_ARROW_BACK;
    /// Shown.
    EYE = ICON_VISIBILITY;
    /// Hidden.
    EYE_OFF = ICON_VISIBILITY_OFF;
    /// Only this one.
    SOLO = ICON_FILTER_CENTER_FOCUS;
    /// Boxes and tags on pictures.
    OVERLAYS = ICON_ACTIVITY_ZONE;
    /// Command palette.
    PALETTE = ICON_KEYBOARD_COMMAND_KEY;
    /// Settings.
    SETTINGS = ICON_SETTINGS;
    /// Copy.
    COPY = ICON_CONTENT_COPY;
    /// Show in the file manager.
    REVEAL = ICON_FOLDER_OPEN;
    /// Again.
    REFRESH = ICON_REFRESH;
    /// A picture.
    IMAGE = ICON_IMAGE;
    /// Many pictures.
    IMAGES = ICON_PHOTO_LIBRARY;
    /// No picture.
    BROKEN_IMAGE = ICON_BROKEN_IMAGE;
    /// A tag.
    TAG = ICON_SELL;
    /// The tag panel.
    LEFT_PANEL = ICON_DOCK_TO_RIGHT;
    /// The inspector.
    RIGHT_PANEL = ICON_DOCK_TO_LEFT;
    /// A key.
    KEY = ICON_KEY;
    /// The past.
    HISTORY = ICON_HISTORY;
    /// Leave.
    LEAVE = ICON_LOGOUT;
    /// What looks wrong.
    FINDINGS = ICON_FACT_CHECK;
    /// A list of tasks.
    TASKS = ICON_TASK_ALT;
    /// Fit to the view.
    FIT = ICON_FIT_SCREEN;
    /// Small thumbnails.
    SMALL = ICON_PHOTO_SIZE_SELECT_SMALL;
    /// Large thumbnails.
    LARGE = ICON_PHOTO_SIZE_SELECT_ACTUAL;
    /// Two images side by side.
    COMPARE = ICON_SPLITSCREEN_RIGHT;
    /// Brightness, contrast, gamma.
    ADJUST = ICON_WB_SUNNY;
    /// What else can be done with it.
    MORE = ICON_MORE_HORIZ;
    /// Plots.
    STATISTICS = ICON_BAR_CHART;
    /// The query language.
    HELP = ICON_HELP;
    /// Another name.
    EDIT = ICON_EDIT;
    /// Saved queries.
    BOOKMARK = ICON_BOOKMARK;
    /// Flagged: somebody is to look again.
    FLAG = ICON_FLAG;
    /// Nothing is there, and that is right.
    NEGATIVE = ICON_BLOCK;
    /// A comment.
    COMMENT = ICON_CHAT_BUBBLE;
    /// Two reviewers decided differently.
    DISAGREE = ICON_COMPARE_ARROWS;
    /// Stop.
    STOP = ICON_STOP_CIRCLE;
}

/// The font of icons at a size.
pub fn font(size: f32) -> FontId {
    FontId::new(size, icon_family())
}

/// Paints an icon around a point.
pub fn paint(painter: &Painter, center: Pos2, icon: Icon, size: f32, color: Color32) {
    painter.text(center, Align2::CENTER_CENTER, icon, font(size), color);
}
