//! The icons, of one set and one weight: Material Symbols Rounded, outlined.

use egui::{Align2, Color32, FontId, Painter, Pos2};
use egui_material_icons::icons as set;

use super::theme::fonts::icon_family;

/// One icon: a character of the icon font.
pub type Icon = &'static str;

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $icon:ident;)*) => {
        $($(#[$doc])* pub const $name: Icon = set::$icon.codepoint;)*
    };
}

icons! {
    SEARCH = ICON_SEARCH;
    CLOSE = ICON_CLOSE;
    CHECK = ICON_CHECK;
    WARNING = ICON_WARNING;
    ERROR = ICON_ERROR;
    INFO = ICON_INFO;
    SUCCESS = ICON_CHECK_CIRCLE;
    PLAY = ICON_PLAY_ARROW;
    FOLDER = ICON_FOLDER_OPEN;
    DROP_DOWN = ICON_KEYBOARD_ARROW_DOWN;
    /// Rising.
    UP = ICON_KEYBOARD_ARROW_UP;
    /// Unfold to the side; the next.
    RIGHT = ICON_CHEVRON_RIGHT;
    LEFT = ICON_CHEVRON_LEFT;
    BACK = ICON_ARROW_BACK;
    EYE = ICON_VISIBILITY;
    EYE_OFF = ICON_VISIBILITY_OFF;
    SOLO = ICON_FILTER_CENTER_FOCUS;
    OVERLAYS = ICON_ACTIVITY_ZONE;
    PALETTE = ICON_KEYBOARD_COMMAND_KEY;
    SETTINGS = ICON_SETTINGS;
    COPY = ICON_CONTENT_COPY;
    REVEAL = ICON_FOLDER_OPEN;
    REFRESH = ICON_REFRESH;
    IMAGE = ICON_IMAGE;
    IMAGES = ICON_PHOTO_LIBRARY;
    BROKEN_IMAGE = ICON_BROKEN_IMAGE;
    TAG = ICON_SELL;
    LEFT_PANEL = ICON_DOCK_TO_RIGHT;
    RIGHT_PANEL = ICON_DOCK_TO_LEFT;
    KEY = ICON_KEY;
    HISTORY = ICON_HISTORY;
    LEAVE = ICON_LOGOUT;
    /// What looks wrong.
    FINDINGS = ICON_FACT_CHECK;
    TASKS = ICON_TASK_ALT;
    FIT = ICON_FIT_SCREEN;
    SMALL = ICON_PHOTO_SIZE_SELECT_SMALL;
    LARGE = ICON_PHOTO_SIZE_SELECT_ACTUAL;
    COMPARE = ICON_SPLITSCREEN_RIGHT;
    /// Brightness, contrast, gamma.
    ADJUST = ICON_WB_SUNNY;
    MORE = ICON_MORE_HORIZ;
    STATISTICS = ICON_BAR_CHART;
    HELP = ICON_HELP;
    EDIT = ICON_EDIT;
    BOOKMARK = ICON_BOOKMARK;
    FLAG = ICON_FLAG;
    /// Nothing is there, and that is right.
    NEGATIVE = ICON_BLOCK;
    COMMENT = ICON_CHAT_BUBBLE;
    DISAGREE = ICON_COMPARE_ARROWS;
    STOP = ICON_STOP_CIRCLE;
}

pub fn font(size: f32) -> FontId {
    FontId::new(size, icon_family())
}

pub fn paint(painter: &Painter, center: Pos2, icon: Icon, size: f32, color: Color32) {
    painter.text(center, Align2::CENTER_CENTER, icon, font(size), color);
}
