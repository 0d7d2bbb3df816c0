//! The copy in a folder: everything that a plain file server needs to show the page while everything here is down. Each
//! file is replaced whole, so that nobody ever reads half of one.

use crate::{
    atom,
    html::{self, code},
    json,
    page::Page,
    place::Place,
};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

/// How the page looks.
const STYLE: &str = include_str!("../assets/page.css");
/// What says that it is old.
pub(crate) const SCRIPT: &str = include_str!("../assets/page.js");

/// The stylesheet with the colour of the house.
pub fn style(accent: Option<[u8; 3]>) -> String {
    match accent {
        Some([red, green, blue]) => {
            format!("{STYLE}:root {{ --accent: #{red:02x}{green:02x}{blue:02x}; }}\n")
        }
        None => STYLE.to_owned(),
    }
}

/// The files of a copy; what others need comes before them.
///
/// # Errors
/// A template cannot be rendered.
pub fn files(
    page: &Page,
    accent: Option<[u8; 3]>,
    base: Option<&str>,
) -> Result<Vec<(String, String)>, html::Error> {
    let (place, usual) = (Place::Copy, page.language());
    let mut files = vec![
        (place.style().to_owned(), style(accent)),
        (place.script().to_owned(), SCRIPT.to_owned()),
        (place.json().to_owned(), format!("{:#}\n", json::document(page))),
    ];
    for language in page.languages.iter().copied() {
        files.push((place.feed(language, usual), atom::feed(page, language, base)));
    }
    for language in page.languages.iter().copied() {
        let html = html::page(page, language, &place)?;
        // Whoever comes by the name of a language finds it, too.
        if language == usual {
            files.push((format!("{}.html", code(language)), html.clone()));
        }
        files.push((place.page(language, usual), html));
    }
    Ok(files)
}

/// Writes a copy into a folder, which is made where it is not there.
///
/// # Errors
/// The folder or a file cannot be written: which, and why.
pub fn write(folder: &Path, files: &[(String, String)]) -> io::Result<()> {
    let named = |path: &Path, error: io::Error| {
        io::Error::new(error.kind(), format!("{}: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| named(folder, error))?;
    for (name, text) in files {
        let (path, beside) = (folder.join(name), folder.join(format!(".{name}.new")));
        let replace = || {
            let mut file = File::create(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        };
        replace().map_err(|error| named(&path, error))?;
    }
    Ok(())
}
