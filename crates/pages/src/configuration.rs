//! The configuration that counts now: every value, and which line of which file says so. It is changed in its files.

use crate::{
    desk::Desk,
    frame::{self, Here, Manner},
    visitor::Viewer,
};
use askama::Template;
use axum::{extract::State, response::Response};
use domain::said::Language;
use std::path::Path;
use web::{Setting, Written};

struct Row {
    path: String,
    /// What it is; the other keys stand under a section that says so.
    meaning: String,
    value: String,
    /// `hikeshi.yaml:12`; none: nobody wrote it.
    place: Option<String>,
}

struct Section {
    name: String,
    meaning: String,
    rows: Vec<Row>,
    /// How many of them are written.
    written: usize,
}

#[derive(Template)]
#[template(path = "configuration.html")]
struct Configuration {
    l: Language,
    /// Keys that are one value.
    plain: Vec<Row>,
    sections: Vec<Section>,
    /// Keys of which nothing is written and nothing holds.
    unused: Vec<(String, String)>,
}

/// `GET /configuration`.
pub(crate) async fn show(State(desk): State<Desk>, viewer: Viewer) -> Response {
    let l = viewer.visitor.language;
    let main = of(&desk.shared.configuration.get(), l);
    let manner = Manner::still(l.pick("設定", "Configuration"), Here::Configuration);
    frame::of(&viewer, &manner, &main)
}

fn of(written: &Written, l: Language) -> Configuration {
    let (mut plain, mut sections, mut unused) = (Vec::new(), Vec::new(), Vec::new());
    for (name, meaning) in &written.sections {
        let meaning = meaning.text(l).to_owned();
        let is_own = |setting: &&Setting| setting.path.split('.').next() == Some(name);
        let mut rows: Vec<_> = written.settings.iter().filter(is_own).map(row).collect();
        match rows.as_mut_slice() {
            [] => unused.push((name.clone(), meaning)),
            [one] if one.path == *name => plain.push(Row { meaning, ..rows.remove(0) }),
            _ => {
                let count = rows.iter().filter(|row| row.place.is_some()).count();
                sections.push(Section { name: name.clone(), meaning, rows, written: count });
            }
        }
    }
    Configuration { l, plain, sections, unused }
}

fn row(setting: &Setting) -> Row {
    let place = |(file, line): &(String, u32)| {
        // The folder is the same for all of them.
        let name = Path::new(file).file_name().map(|name| name.to_string_lossy().into_owned());
        format!("{}:{line}", name.as_deref().unwrap_or(file))
    };
    Row {
        path: setting.path.clone(),
        meaning: String::new(),
        value: setting.value.clone(),
        place: setting.place.as_ref().map(place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::said::Said;

    #[test]
    fn a_value_says_where_it_comes_from_and_an_unused_key_what_it_is_for() {
        let setting = |path: &str, place: Option<u32>| Setting {
            path: path.into(),
            value: "1".into(),
            place: place.map(|line| ("/etc/x/hikeshi.local.yaml".to_owned(), line)),
        };
        let section = |name: &str| (name.to_owned(), Said::new(name, name));
        let written = Written {
            sections: ["product", "probes", "clocks", "digest"].map(section).to_vec(),
            settings: vec![
                setting("product", Some(1)),
                setting("clocks.steady", None),
                setting("probes.a.every", Some(7)),
                setting("clocks.assess_within", Some(9)),
            ],
            ..Written::default()
        };
        let Configuration { plain, sections, unused, .. } = of(&written, Language::En);
        assert_eq!((plain[0].path.as_str(), plain[0].meaning.as_str()), ("product", "product"));
        let told: Vec<_> =
            sections.iter().map(|one| (one.name.as_str(), one.rows.len(), one.written)).collect();
        assert_eq!(told, [("probes", 1, 1), ("clocks", 2, 1)]);
        assert_eq!(sections[0].rows[0].place.as_deref(), Some("hikeshi.local.yaml:7"));
        assert_eq!(unused[0].0, "digest");
    }
}
