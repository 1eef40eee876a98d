//! The command line: arguments as typed (`args`), checked against each other (`config`), then run, over the same engine as the window.
//!
//! Data goes to standard output, messages to standard error. This is the only layer that speaks to the terminal, and it
//! does so through `terminal` alone.

mod archive;
mod args;
mod catalogue;
mod check;
mod check_args;
mod config;
mod diff;
mod doctor;
mod end;
mod evaluate;
mod export;
mod format_args;
mod handover;
mod job;
mod key;
mod list;
mod order;
mod place;
mod predictions;
mod project_args;
mod query;
mod reviews;
mod serve;
mod terminal;
mod trace;
mod verify;
mod window;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};

use crate::{desktop, pixels};
use args::{Command, CommandLine};
use config::{Environment, ImagesChoice, ProjectChoice, SourceChoice};
use end::{CommandResult, Done, Trouble};
use engine::import::places_of;
use place::last_endpoint;
use project_args::ReviewsCommand;
use serve::Served;
use service::ListingKind;
use storage::machine;
use terminal::Terminal;

/// Reads the arguments of the process, does what they say, and tells how it ended.
pub fn main() -> ExitCode {
    let started = Instant::now();
    desktop::install_panic_hook(pixels::is_guarded);
    let (arguments, has_key_on_input) = handover::take_mark(std::env::args_os());
    let typed = match CommandLine::try_parse_from(&arguments) {
        Ok(typed) => typed,
        Err(error) => return not_understood(&arguments, error),
    };
    let mut environment = Environment::read();
    if has_key_on_input {
        environment.key = handover::read_key(std::io::stdin());
    }
    let outcome = run_traced(typed, has_key_on_input, &environment, started).map(|done| environment.judged(done));
    if let Err(trouble) = &outcome {
        let words = trouble.words();
        if !words.is_empty() {
            let terminal = Terminal::new(false);
            terminal.error(&words);
            if let Trouble::Failed(failure) = trouble {
                let details = end::unsaid(&words, &failure.details);
                if !details.is_empty() {
                    terminal.say(&details);
                }
            }
        }
    }
    end::code(&outcome)
}

/// Says what is wrong with the arguments, or shows the help that they ask for.
fn not_understood(arguments: &[OsString], error: clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A closed pipe cannot be reported.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let error = match order::misplaced(arguments, &error) {
        Some(order::Misplaced { words, rest }) => {
            Terminal::new(false).error(&words);
            rest
        }
        None => Some(error),
    };
    if let Some(error) = error {
        match order::without_secrets(arguments, &error.to_string()) {
            Some(words) => Terminal::new(false).error(words.trim_end()),
            None => {
                let _ = error.print();
            }
        }
    }
    ExitCode::from(2)
}

/// Runs with the log, and with the trace that was requested.
fn run_traced(
    typed: CommandLine,
    has_key_on_input: bool,
    environment: &Environment,
    started: Instant,
) -> CommandResult {
    if matches!(typed.command, None | Some(Command::Demo { .. })) {
        // First of all: the program may begin again here, and would find its own trace in the way.
        handover::hide_key(environment)?;
    }
    let path = match &typed.command {
        None => typed.window.trace.trace.as_deref(),
        Some(Command::Demo { trace, .. }) => trace.trace.as_deref(),
        Some(_) => None,
    };
    let cannot = |path: &Path, error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Trouble::Output(format!(
            "{} already exists; choose another name, because existing files are never \
                                     overwritten",
            path.display()
        )),
        _ => Trouble::Output(format!("cannot write the trace {}: {error}", path.display())),
    };
    let trace = match path {
        Some(path) => Some(trace::Trace::create(path, started).map_err(|error| cannot(path, error))?),
        None => None,
    };
    trace::start(trace.clone());
    if has_key_on_input {
        tracing::info!(target: "tagscope::start", is_there = environment.key.is_some(), "the key came on standard input");
    }
    let path = path.map(Path::to_path_buf);
    let outcome = run(typed, environment, started);
    if let (Some(trace), Some(path)) = (trace, path) {
        trace.finish().map_err(|error| cannot(&path, error))?;
    }
    outcome
}

fn run(typed: CommandLine, environment: &Environment, started: Instant) -> CommandResult {
    let Some(command) = typed.command else {
        return window::run(typed.window, environment, started);
    };
    match command {
        Command::Demo { sample, trace: _ } => window::demo(sample.into(), environment, started),
        Command::Key { action } => key::run(&action, environment),
        Command::Projects { place, quiet, json } => {
            let place = SourceChoice::from_args(place, environment, last_endpoint)?;
            block_on(list::projects(&place, environment, json, quiet.quiet))
        }
        Command::Iterations { project, json } => {
            let is_quiet = project.quiet.quiet;
            let choice = ProjectChoice::from_args(project, environment, last_endpoint)?;
            block_on(list::iterations(&choice, environment, json, is_quiet))
        }
        Command::Tags { project, iteration, json } => {
            let is_quiet = project.quiet.quiet;
            let choice = ProjectChoice::from_args(project, environment, last_endpoint)?;
            block_on(list::tags(&choice, iteration.as_deref(), environment, json, is_quiet))
        }
        Command::Images { images, untagged, order, skip, take, count, jsonl } => {
            let is_quiet = images.project.quiet.quiet;
            let choice = ImagesChoice::from_args(images, environment, last_endpoint)?;
            let rows = if untagged { ListingKind::Untagged } else { ListingKind::Tagged };
            if count {
                return block_on(list::count_images(&choice, rows, environment, is_quiet));
            }
            let window = list::Window { order: order.into(), skip, take, is_jsonl: jsonl };
            block_on(list::images(&choice, rows, window, environment, is_quiet))
        }
        Command::Check { images, check, json } => {
            let is_quiet = images.project.quiet.quiet;
            let choice = ImagesChoice::from_args(images, environment, last_endpoint)?;
            block_on(check::run(&choice, &check, json, environment, is_quiet))
        }
        Command::Diff { from, to, endpoint, iou, json, exit_code, quiet } => {
            let wanted = diff::Wanted { from, to, iou, is_json: json, has_exit_code: exit_code };
            let endpoint = || config::endpoint(endpoint.as_deref(), environment, last_endpoint, "");
            block_on(diff::run(wanted, endpoint, environment, quiet.quiet))
        }
        Command::Evaluate { project, evaluate, json } => {
            let is_quiet = project.quiet.quiet;
            let choice = ProjectChoice::from_args(project, environment, last_endpoint)?;
            block_on(evaluate::run(choice, evaluate, json, environment, is_quiet))
        }
        Command::Export { images, format, pictures, options, resume, json, out } => {
            let is_quiet = images.project.quiet.quiet;
            let choice = ImagesChoice::from_args(images, environment, last_endpoint)?;
            let (formats, options) = (config::formats(&format), format_args::options(options)?);
            let pixels = pictures.into();
            let out = config::destination(out)?;
            let wanted = export::Wanted { formats, pixels, options, is_resumed: resume, is_json: json, out };
            block_on(export::run(&choice, wanted, environment, is_quiet))
        }
        Command::RewriteAzuremlUrl { dir, url, quiet } => export::rewrite(&dir, &url, quiet.quiet),
        Command::Archive { project, resume, iterations, predictions, models, no_thumbnails, json, out } => {
            let is_quiet = project.quiet.quiet;
            let choice = ProjectChoice::from_args(project, environment, last_endpoint)?;
            let wanted = archive::Wanted {
                out: config::destination(out)?,
                is_resumed: resume,
                has_thumbnails: !no_thumbnails,
                has_iterations: iterations,
                has_predictions: predictions,
                has_models: models,
                is_json: json,
            };
            block_on(archive::run(&choice, wanted, environment, is_quiet))
        }
        Command::Verify { dir, json, quiet } => {
            block_on(verify::run(SourceChoice::from_source(dir)?, json, quiet.quiet))
        }
        Command::Import { format, paths, images, out, json, quiet } => {
            let is_auto = format.0.is_none();
            let places = places_of(format.0, &paths, images.as_deref()).map_err(place::local)?;
            block_on(archive::import(places, out, json, is_auto, quiet.quiet))
        }
        Command::Serve { dir, sample: _, size, port, faults, quiet } => {
            let served = match dir.map(SourceChoice::from_source).transpose()? {
                Some(SourceChoice::Store(address)) => {
                    let words = format!("{address} is not served: download the archive, and give its folder");
                    return Err(Trouble::Usage(words));
                }
                Some(SourceChoice::Archive(folder)) => Served::Archive(folder),
                Some(SourceChoice::Service(_)) | None => Served::Sample(size.into()),
            };
            block_on(serve::run(served, port, config::faults(&faults)?, environment, quiet.quiet))
        }
        Command::Reviews { action: ReviewsCommand::Export { project, form, cells, out } } => {
            let is_quiet = project.quiet.quiet;
            let choice = ProjectChoice::from_args(project, environment, last_endpoint)?;
            let form = reviews::Form { format: form.into(), cells: cells.into() };
            block_on(reviews::export(&choice, form, out, environment, is_quiet))
        }
        Command::Reviews { action: ReviewsCommand::Import { file, project } } => {
            let is_quiet = project.quiet.quiet;
            let choice = ProjectChoice::from_args(project, environment, last_endpoint)?;
            block_on(reviews::import(&choice, &file, environment, is_quiet))
        }
        Command::Doctor { json } => doctor::run(json),
        Command::Completions { shell } => completions(shell),
        Command::Man => man(),
    }
}

/// Runs a command's asynchronous part on a runtime of its own.
fn block_on(work: impl Future<Output = CommandResult>) -> CommandResult {
    machine::ensure().map_err(|error| Trouble::Output(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("command")
        .enable_all()
        .build()
        .map_err(|error| Trouble::Output(format!("cannot start threads: {error}")))?;
    let outcome = runtime.block_on(async {
        job::report_size_limit()?;
        work.await
    });
    // A call that is still under way is not waited for.
    runtime.shutdown_background();
    outcome
}

fn completions(shell: clap_complete::Shell) -> CommandResult {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "tagscope", &mut text);
    print(&text)
}

/// The page of the program, then one section a command.
fn man() -> CommandResult {
    let mut text = Vec::new();
    // The page is about the version; the commit and the system of one build do not belong there.
    let mut command = CommandLine::command().long_version(None);
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    for part in command.get_subcommands().filter(|part| part.get_name() != "help") {
        let page = clap_mangen::Man::new(part.clone());
        let mut section = Vec::new();
        page.render_synopsis_section(&mut section)?;
        page.render_description_section(&mut section)?;
        page.render_options_section(&mut section)?;
        page.render_extra_section(&mut section)?;
        // Its parts are below the command's own heading.
        let section = String::from_utf8_lossy(&section).replace(".SH ", ".SS ");
        text.extend_from_slice(format!(".SH {}\n{section}", part.get_name().to_uppercase()).as_bytes());
    }
    print(&text)
}

fn print(text: &[u8]) -> CommandResult {
    let mut terminal = Terminal::new(false);
    terminal.data(text)?;
    terminal.flush()?;
    Ok(Done::Whole)
}
