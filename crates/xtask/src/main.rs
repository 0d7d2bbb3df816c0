//! `cargo xtask …`: the project's own chores. Knows no room; everything it needs is in the files.

mod bench;
mod code;
mod files;
mod pictures;
mod test;
mod tidy;

use std::{path::Path, process::ExitCode};

const HELP: &str = "\
The chores of this project:

  cargo xtask test [--install]   everything that must hold before a change goes in;
                                 --install: missing components are installed first (Debian, as root)
  cargo xtask tidy               the house rules that are checked by reading the files
  cargo xtask pictures [DIR]     every page in both themes and at two widths, as PNG; DIR: target/pictures
  cargo xtask bench [NAME]       figures and ratios, no verdict; NAME: only this one";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = root();
    match arguments.as_slice() {
        ["test"] => test::run(&root, false),
        ["test", "--install"] => test::run(&root, true),
        ["tidy"] => tidy::run(&root),
        ["pictures"] => pictures::run(&root, &root.join("target/pictures")),
        ["pictures", folder] => pictures::run(&root, Path::new(folder)),
        ["bench", names @ ..] => bench::run(&root, names),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        other => {
            eprintln!("error: there is no chore `{}`\n\n{HELP}", other.join(" "));
            ExitCode::from(2)
        }
    }
}

/// The project's folder. Cargo says where this room is when it runs us; built for one checkout, it is there otherwise.
fn root() -> std::path::PathBuf {
    let room =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&room).ancestors().nth(2).unwrap_or(Path::new(".")).to_owned()
}
