//! The program as a state machine, without I/O, clock or window: [`State`], what people ask for ([`Command`]), what
//! the engine is asked to do ([`Effect`]), what it reports ([`Event`]), and the table of [`Action`]s that fills menus,
//! palette, help and key bindings.
//!
//! `update` takes a command, `apply` takes an event; both change the state and return effects. `ui` and `engine` know
//! only the types of this layer and never each other.

pub mod action;
pub mod appearance;
mod apply;
pub mod budget;
pub mod canvas;
pub mod changes;
pub mod checks;
pub mod chord;
pub mod command;
pub mod dialog;
pub mod dropping;
pub mod effect;
pub mod event;
pub mod export;
pub mod failure;
pub mod history;
pub mod keys;
pub mod notice;
pub mod origin;
pub mod outdated;
pub mod picture;
pub mod predictions;
pub mod presets;
pub mod query;
pub mod quick_comments;
pub mod quit;
pub mod report;
pub mod retry;
pub mod review;
pub mod settings;
pub mod similar;
pub mod state;
pub mod statistics;
pub mod task;
pub mod task_progress;
mod update;
pub mod view;
pub mod wall;
pub mod words;

pub use action::Action;
pub use apply::apply;
pub use budget::{Budget, EngineLoad, largest_picture};
pub use canvas::{CanvasCommand, CompareCommand, ZoomCommand};
pub use chord::Chord;
pub use command::{
    Command, ConnectionCommand, DisplayCommand, LeaveCommand, ProjectCommand, QuitChoice, QuitCommand,
    SelectionCommand, SettingsCommand, TaskCommand, WindowCommand,
};
pub use dialog::{Dialog, LeaveForm};
pub use effect::{ArchiveJob, Effect, ExportJob, KeyChoice};
pub use event::{Event, ListingState};
pub use export::{DryRun, ExportChoice, ExportCommand};
pub use failure::{Failure, FailureKind};
pub use keys::{KeyMap, KeysCommand};
pub use notice::{Notice, NoticeAction, Severity};
pub use picture::{
    CopyCommand, CopyEffect, CopyEvent, PictureInfo, PictureRequest, PictureSource, PixelKey, PixelResult, ThumbRequest,
};
pub use query::{QueryCommand, QueryState, SavedQuery};
pub use quit::{QuitStage, Quitting};
pub use report::{ArchiveReport, ArchivedIteration, ExportReport, FormatCount, Skip};
pub use retry::{ArchivePlan, ExportPlan, Retry};
pub use settings::{Recent, ReduceMotion, RendererChoice, Settings, SourceSpec, ThemeChoice};
pub use state::{ConnectState, Opened, Screen, State};
pub use task::{Task, TaskId, TaskState};
pub use update::{Underway, at_exit, under_way, update};
pub use view::View;
