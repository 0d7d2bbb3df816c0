//! How things are shown to a person: language, colours, trouble.

use anstyle::{AnsiColor, Style};
use domain::said::{Language, Said};
use std::{fmt, io::Write, sync::OnceLock};

static LANGUAGE: OnceLock<Language> = OnceLock::new();

/// Prints a line of data to stdout; see [`print()`].
macro_rules! say {
    ($($text:tt)*) => { $crate::show::print(format_args!($($text)*)) };
}
pub(crate) use say;

/// What `sysexits.h` calls `EX_TEMPFAIL`.
const TRY_AGAIN: u8 = 75;

/// Something that ends a command, and its exit code.
#[derive(Debug)]
pub struct Trouble {
    /// 1: a problem was found; 2: wrong usage or unreachable; 75: try again later.
    pub code: u8,
    pub(crate) said: Said,
    hint: Option<Said>,
}

impl Trouble {
    /// A problem was found.
    pub fn problem(said: Said) -> Self {
        Self { code: 1, said, hint: None }
    }

    /// Wrong usage, or something cannot be reached.
    pub fn unusable(said: Said) -> Self {
        Self { code: 2, said, hint: None }
    }

    /// The same for a mail server that hands something over: it keeps it, and tries again later.
    #[must_use]
    pub fn worth_a_retry(self) -> Self {
        Self { code: TRY_AGAIN, ..self }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: Said) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Prints it to stderr.
    pub fn show(&self) {
        let (label, red) = (language().pick("エラー", "error"), AnsiColor::Red.on_default().bold());
        anstream::eprintln!("{red}{label}{red:#}: {}", self.said.text(language()));
        if let Some(hint) = &self.hint {
            anstream::eprintln!(
                "  {}: {}",
                language().pick("ヒント", "hint"),
                hint.text(language())
            );
        }
    }
}

/// Prints a line of data to stdout, in colour only on a terminal. Where nobody reads on (`… | head`) the program ends
/// quietly; an output that cannot be written for another reason is a trouble that ends it too.
pub fn print(text: fmt::Arguments<'_>) {
    let Err(error) = writeln!(anstream::stdout(), "{text}") else { return };
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        std::process::exit(0);
    }
    let trouble = Trouble::unusable(Said::new(
        format!("標準出力に書けません: {error}"),
        format!("the output cannot be written: {error}"),
    ));
    trouble.show();
    std::process::exit(i32::from(trouble.code));
}

/// Fixes the language: what was asked for, else that of the locale, else English.
pub fn set_language(asked: Option<&str>) -> Result<(), Trouble> {
    let language = match asked {
        Some(code) => Language::from_code(code).ok_or_else(|| {
            Trouble::unusable(Said::new(
                format!("言語 `{code}` は使えません: ja か en"),
                format!("`{code}` is not a language: ja or en"),
            ))
        })?,
        None => sys_locale::get_locale()
            .and_then(|locale| Language::from_code(&locale))
            .unwrap_or(Language::En),
    };
    let _ = LANGUAGE.set(language);
    Ok(())
}

/// The language of the output.
pub fn language() -> Language {
    *LANGUAGE.get_or_init(|| Language::En)
}

/// One of two texts, in the language of the output.
pub fn pick<'a>(ja: &'a str, en: &'a str) -> &'a str {
    language().pick(ja, en)
}

/// The colour of a moment in a timeline, by its kind; colours appear only on a terminal.
pub fn style_of(kind: &str) -> Style {
    let colour = |colour: AnsiColor| colour.on_default();
    match kind {
        "detected" | "alert_fired" | "alert_raised" => colour(AnsiColor::Red).bold(),
        "classified" | "escalated" | "paged" | "latched" => colour(AnsiColor::Yellow).bold(),
        "assessed" | "responding" | "acknowledged" | "run_planned" => {
            colour(AnsiColor::Cyan).bold()
        }
        "repaired" | "recovered" | "reviewed" | "closed" | "alert_resolved" => {
            colour(AnsiColor::Green).bold()
        }
        "step_settled" | "run_finished" | "checked" => colour(AnsiColor::Blue),
        _ => Style::new().dimmed(),
    }
}

/// A bold heading.
pub const BOLD: Style = Style::new().bold();

/// Text from outside, safe on a terminal: no control characters.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// One line of progress, to stderr.
pub fn progress(said: &Said) {
    anstream::eprintln!("  {}", said.text(language()));
}

/// Something from below that ends the command.
pub fn trouble(error: impl fmt::Display) -> Trouble {
    Trouble::unusable(Said::same(error.to_string()))
}
