//! The services that commands name, and what each stage of a recovery needs; and the logs that are copied as evidence.

use super::{
    names,
    places::{At, Open},
    procedures::{self, clean},
    steps::{DATABASE, named_services},
    yaml,
};
use crate::{
    effects::{self, Effect},
    page::Page,
};
use domain::said::Said;
use std::collections::{BTreeMap, BTreeSet};

/// A service that commands name.
pub(crate) struct Service {
    at: At,
    supervisor: &'static str,
    cloud_instance: Option<String>,
    depends_on: BTreeSet<String>,
}

/// The services of all documents.
pub(crate) fn of(pages: &[Page<'_>]) -> BTreeMap<String, Service> {
    let mut found: BTreeMap<String, Service> = BTreeMap::new();
    for page in pages {
        // In a staged recovery each stage needs the one before it.
        let mut stages: Vec<(String, BTreeSet<String>)> = Vec::new();
        for block in page.shell_blocks().filter(|block| !procedures::is_exports(block)) {
            let is_staged = page.is_under(block.line, &["段階的", "staged"]);
            for command in block.commands() {
                for (supervisor, name) in named_services(command) {
                    let at = At::new(page.file, block.line_of(command.line));
                    let is_new = !found.contains_key(&name);
                    let service = found.entry(name.clone()).or_insert(Service {
                        at,
                        supervisor,
                        cloud_instance: None,
                        depends_on: BTreeSet::new(),
                    });
                    if let ("cloud", [.., "describe" | "restart", instance]) =
                        (supervisor, command.arguments().as_slice())
                    {
                        service.cloud_instance.get_or_insert_with(|| (*instance).to_owned());
                    }
                    if is_staged && effects::of(command) >= Effect::Change {
                        if let Some((_, before)) =
                            stages.iter().rev().find(|(heading, _)| *heading != block.heading)
                            && is_new
                        {
                            service.depends_on.extend(before.iter().cloned());
                        }
                        match stages.iter_mut().find(|(heading, _)| *heading == block.heading) {
                            Some((_, names)) => drop(names.insert(name)),
                            None => stages.push((block.heading.clone(), BTreeSet::from([name]))),
                        }
                    }
                }
            }
        }
    }
    found
}

/// Writes the section.
pub(crate) fn write(services: &BTreeMap<String, Service>, out: &mut String) {
    if services.is_empty() {
        out.push_str("\nservices: {}   # no command names one\n");
        return;
    }
    out.push_str(
        "\n# Named by commands. Add `health:` or `probes:` so that hikeshi sees them.\nservices:\n",
    );
    for (name, service) in services {
        let mut parts = Vec::new();
        if name == DATABASE {
            parts.push("kind: database".to_owned());
        }
        if matches!(service.supervisor, "systemd" | "pm2" | "docker") {
            parts.push(format!("supervise: {{{}: {}}}", service.supervisor, yaml::quoted(name)));
        }
        if let Some(instance) = service.cloud_instance.as_ref().filter(|name| names::is_name(name))
        {
            parts.push(format!("cloud_instance: {}", yaml::quoted(instance)));
        }
        if !service.depends_on.is_empty() {
            let names: Vec<String> =
                service.depends_on.iter().map(|name| yaml::quoted(name)).collect();
            parts.push(format!("depends_on: [{}]", names.join(", ")));
        }
        out.push_str(&format!(
            "  {}: {{{}}}   {}\n",
            yaml::quoted(name),
            parts.join(", "),
            yaml::comment(&service.at.to_string())
        ));
    }
}

/// The logs that the documents copy belong to every evidence bundle.
pub(crate) fn write_evidence(pages: &[Page<'_>], open: &mut Vec<Open>, out: &mut String) {
    let mut paths: BTreeMap<String, At> = BTreeMap::new();
    for page in pages {
        for block in page.shell_blocks() {
            for command in block.commands().into_iter().filter(|command| command.program() == "cp")
            {
                let arguments = command.arguments();
                let Some((_, sources)) = arguments.split_last() else { continue };
                for source in
                    sources.iter().filter(|word| word.contains("log") && !word.contains('$'))
                {
                    let at = At::new(page.file, block.line_of(command.line));
                    paths.entry(clean(source)).or_insert(at);
                }
            }
        }
    }
    if paths.is_empty() {
        return;
    }
    let is_usable = |path: &str| path.starts_with('/') && !path.contains(['?', '[']);
    out.push_str(if paths.keys().any(|path| is_usable(path)) {
        "\nevidence_logs:\n"
    } else {
        "\n# evidence_logs:\n"
    });
    for (path, at) in paths {
        if is_usable(&path) {
            out.push_str(&format!(
                "  - {}   {}\n",
                yaml::quoted(&path),
                yaml::comment(&at.to_string())
            ));
        } else {
            out.push_str(&format!("  # {}   {at}\n", yaml::quoted(&path)));
            open.push(Open {
                at,
                what: Said::new(
                    format!("`{path}` は絶対パスではない (`evidence_logs:`)"),
                    format!("`{path}` is no absolute path (`evidence_logs:`)"),
                ),
            });
        }
    }
}
