//! `tagscope completions` and `tagscope man`, made from the same definition as the help.

use clap::CommandFactory as _;

use super::args::CommandLine;
use super::end::{Done, Outcome};
use super::terminal::Terminal;

pub(super) fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "tagscope", &mut text);
    print(&text)
}

/// The page of the program, then one section a command.
pub(super) fn man() -> Outcome {
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

fn print(text: &[u8]) -> Outcome {
    let mut terminal = Terminal::new(false);
    terminal.data(text)?;
    terminal.flush()?;
    Ok(Done::Whole)
}
