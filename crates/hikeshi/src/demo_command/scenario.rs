//! A scenario: a fire, how it goes, and what must have been so at its end.

use super::stage::Stage;
use crate::show::{Trouble, pick, progress};
use anstyle::AnsiColor;
use domain::said::Said;
use serde_json::{Value, json};

/// One scenario: a row of the table.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// What it shows, in Japanese and English.
    pub title: (&'static str, &'static str),
    /// Whether it needs PostgreSQL.
    pub needs_database: bool,
    /// Plays it; every check is noted.
    pub run: fn(&mut Stage<'_>, &mut Checks) -> Result<(), Trouble>,
}

/// What must be so, and whether it was.
#[derive(Default)]
pub struct Checks(Vec<(Said, bool)>);

impl Checks {
    /// Notes whether something is so.
    pub fn note(&mut self, ja: impl Into<String>, en: impl Into<String>, is_so: bool) {
        self.0.push((Said::new(ja, en), is_so));
    }
}

/// A scenario that was played.
pub struct Played {
    name: &'static str,
    title: (&'static str, &'static str),
    checks: Vec<(Said, bool)>,
    trouble: bool,
    is_left_out: bool,
    incidents: Vec<Value>,
    alerts: Vec<Value>,
}

impl Scenario {
    /// Plays it from calm to calm.
    pub fn play(&'static self, stage: &mut Stage<'_>) -> Played {
        let mut checks = Checks::default();
        let played = stage.begin().and_then(|()| (self.run)(stage, &mut checks));
        let calm = played.is_ok() && matches!(stage.wait_until_calm(), Ok(true));
        checks.note("最後に平常に戻った", "all is calm at the end", calm);
        if let Err(trouble) = &played {
            trouble.show();
        }
        Played {
            name: self.name,
            title: self.title,
            checks: checks.0,
            trouble: played.is_err(),
            is_left_out: false,
            incidents: stage.incidents().unwrap_or_default(),
            alerts: stage.alerts().unwrap_or_default(),
        }
    }
}

impl Played {
    /// A scenario that cannot be played here.
    pub fn left_out(scenario: &Scenario) -> Self {
        Self {
            name: scenario.name,
            title: scenario.title,
            checks: Vec::new(),
            trouble: false,
            is_left_out: true,
            incidents: Vec::new(),
            alerts: Vec::new(),
        }
    }

    /// Whether anything was otherwise than it must.
    pub fn has_failed(&self) -> bool {
        self.trouble || self.checks.iter().any(|(_, is_so)| !is_so)
    }

    /// Whether it was not played.
    pub fn is_left_out(&self) -> bool {
        self.is_left_out
    }

    /// Prints the checks.
    pub fn show(&self) {
        for (said, is_so) in &self.checks {
            let (mark, colour) =
                if *is_so { ("✓", AnsiColor::Green) } else { ("✗", AnsiColor::Red) };
            let style = colour.on_default().bold();
            anstream::eprintln!("  {style}{mark}{style:#} {}", said.text(crate::show::language()));
        }
        if self.is_left_out {
            progress(&Said::new("省略 (PostgreSQL がありません)", "left out: no PostgreSQL"));
        }
    }

    /// The scenario as JSON.
    pub fn json(&self) -> Value {
        let verdict = match (self.is_left_out, self.has_failed()) {
            (true, _) => "left_out",
            (_, true) => "failed",
            _ => "passed",
        };
        let checks: Vec<_> =
            self.checks.iter().map(|(said, is_so)| json!({"text": said, "ok": is_so})).collect();
        let title = pick(self.title.0, self.title.1);
        json!({"name": self.name, "title": title, "verdict": verdict, "checks": checks, "incidents": self.incidents, "alerts": self.alerts})
    }
}
