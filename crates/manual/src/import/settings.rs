//! The part of `hikeshi.yaml` that the documents give: services, alerts, people, escalation, recovery. What is open is a
//! comment, so that the file loads; it is never a made-up value.

use super::{
    alerts::Alert,
    draft::is_japanese,
    made::{At, Made, Open},
    names, people,
    procedures::{self, clean},
    steps::{DATABASE, named_services},
    yaml,
};
use crate::{
    effects::{self, Effect},
    page::Page,
    text,
};
use domain::said::Said;
use std::collections::{BTreeMap, BTreeSet};

/// A service that commands name.
struct Service {
    at: At,
    supervisor: &'static str,
    cloud_instance: Option<String>,
    depends_on: BTreeSet<String>,
}

/// Words in the name of a box of the recovery checklist, the services that it means, and the rules that judge it.
const BOXES: &[(&[&str], &[&str], &[&str])] = &[
    (&["データベース", "database"], &[DATABASE], &["database_connection_failed"]),
    (&["api"], &["api"], &["service_down"]),
    (&["フロントエンド", "表示", "frontend"], &["frontend", "web"], &["service_down"]),
    (&["パフォーマンス", "performance"], &["proxy", "nginx"], &["api_latency", "error_rate"]),
];

/// Writes the file; what stays open is added to the list.
pub(crate) fn write(
    pages: &[Page<'_>],
    alerts: &[Alert],
    drafts: &[(Made, String)],
    open: &mut Vec<Open>,
) -> String {
    let is_ja = pages.iter().any(is_japanese);
    let mut out = String::from(
        "# Written by `hikeshi runbook import` from your documents; every part names the line that it comes from.\n# Complete it here or in hikeshi.local.yaml, which is laid over it: the next import keeps what you wrote.\n# 文書から取り込んだ設定です。このファイルか hikeshi.local.yaml で補ってください。次の取り込みでも残ります。\n\n",
    );
    let product = pages.iter().find_map(product);
    match &product {
        Some((name, at)) => out.push_str(&format!(
            "product: {}   {}\n",
            yaml::quoted(name),
            yaml::comment(&at.to_string())
        )),
        None => out.push_str("# product: …\n"),
    }
    out.push_str(&format!("language: {}\n", if is_ja { "ja" } else { "en" }));
    let services = services(pages);
    write_services(&services, &mut out);
    write_alerts(alerts, drafts, &mut out);
    let contacts = write_people(pages, open, &mut out);
    write_escalation(pages, &contacts, open, &mut out);
    write_recovery(
        pages,
        &services,
        product.as_ref().map(|(name, _)| name.as_str()),
        open,
        &mut out,
    );
    write_evidence(pages, open, &mut out);
    for alert in alerts {
        for conflict in &alert.conflicts {
            open.push(Open { at: conflict.other.0.clone(), what: conflict.said() });
        }
    }
    out
}

/// What is left of the title of a document without the words for its kind.
fn product(page: &Page<'_>) -> Option<(String, At)> {
    let heading = page.headings.first().filter(|heading| heading.depth == 1)?;
    let kinds = [
        "インシデント対応手順書",
        "アラート対応手順",
        "運用手順書",
        "障害対応手順",
        "incident response plan",
        "incident response",
    ];
    let title = clean(&heading.text);
    let kind = kinds.iter().find(|kind| title.to_lowercase().ends_with(**kind))?;
    let name = title.get(..title.len() - kind.len())?.trim();
    (!name.is_empty()).then(|| (name.to_owned(), At::new(page.file, heading.line)))
}

fn services(pages: &[Page<'_>]) -> BTreeMap<String, Service> {
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

fn write_services(services: &BTreeMap<String, Service>, out: &mut String) {
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

fn write_alerts(alerts: &[Alert], drafts: &[(Made, String)], out: &mut String) {
    let built_in: Vec<&Alert> = alerts.iter().filter(|alert| alert.is_built_in).collect();
    if !built_in.is_empty() {
        out.push_str("\n# Laid over the built-in rules (`hikeshi config show-alerts`), which measure them.\nalerts:\n");
    }
    for alert in built_in {
        sources(alert, "  ", out);
        let mut parts = Vec::new();
        parts.extend(alert.owner.as_ref().map(|owner| format!("owner: {}", yaml::quoted(owner))));
        parts.extend(
            alert.minutes.map(|minutes| format!("respond_within: {}", yaml::minutes(minutes))),
        );
        other_limits(alert, out);
        let mark = if parts.is_empty() { "# " } else { "" };
        out.push_str(&format!("  {mark}{}: {{{}}}\n", alert.name, parts.join(", ")));
    }
    // What hikeshi has no rule for comes from other systems under this name.
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let others: Vec<&Alert> = alerts.iter().filter(|alert| !alert.is_built_in).collect();
    named.extend(others.iter().map(|alert| alert.name.as_str()));
    let is_own = |made: &&Made| {
        !names::KNOWN.iter().any(|row| row.is_built_in && row.name == made.alert)
            && !named.contains(made.alert.as_str())
    };
    let mut of_drafts: BTreeMap<&str, &Made> = BTreeMap::new();
    for made in drafts.iter().map(|(made, _)| made).filter(is_own) {
        of_drafts.entry(&made.alert).or_insert(made);
    }
    if others.is_empty() && of_drafts.is_empty() {
        return;
    }
    out.push_str("\n# hikeshi has no rule for these: other systems send them, under this name.\nintake:\n  sort:\n");
    for alert in others {
        sources(alert, "    ", out);
        let mut parts = vec![matching(&alert.name)];
        parts.extend(alert.level.map(|level| format!("level: {level}")));
        parts.extend(alert.priority.map(|priority| format!("priority: {priority}")));
        parts.extend(alert.owner.as_ref().map(|owner| format!("owner: {}", yaml::quoted(owner))));
        parts.extend(
            alert.minutes.map(|minutes| format!("respond_within: {}", yaml::minutes(minutes))),
        );
        out.push_str(&format!("    - {{{}}}\n", parts.join(", ")));
    }
    for (name, made) in of_drafts {
        out.push_str(&format!(
            "    - {{{}}}   {}\n",
            matching(name),
            yaml::comment(&made.from.to_string())
        ));
    }
}

fn matching(name: &str) -> String {
    format!("match: ['alertname=\"{name}\"']")
}

fn sources(alert: &Alert, indent: &str, out: &mut String) {
    for (at, says) in &alert.sources {
        out.push_str(&format!("{indent}{}\n", yaml::comment(&format!("{at}: {says}"))));
    }
    for conflict in &alert.conflicts {
        let said = conflict.said();
        out.push_str(&format!("{indent}# ! {}\n", clean(&said.ja)));
        out.push_str(&format!("{indent}# ! {}\n", clean(&said.en)));
    }
}

/// Limits of the documents that the built-in rule does not have are for a person to write as `bands:`.
fn other_limits(alert: &Alert, out: &mut String) {
    let Some(known) = names::KNOWN.iter().find(|row| row.name == alert.name) else { return };
    for (limit, level, priority) in &alert.limits {
        if !known.limits.contains(limit) {
            let words = [*level, *priority].into_iter().flatten().collect::<Vec<_>>().join(", ");
            out.push_str(&format!("  # ! the built-in rule has no limit at {limit} ({words}): write `bands:` if you want it\n"));
        }
    }
}

fn write_people(
    pages: &[Page<'_>],
    open: &mut Vec<Open>,
    out: &mut String,
) -> Vec<people::Contact> {
    let told: Vec<people::Told> = pages.iter().flat_map(people::told).collect();
    out.push_str("\n# Add the channels of your house; until then messages appear on the console.\nchannels:\n  console: {kind: console}\n");
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    wanted.extend(told.iter().flat_map(|told| &told.channels));
    for channel in wanted {
        out.push_str(&format!("  # {channel}: …\n"));
        if let Some(told) = told.iter().find(|told| told.channels.contains(&channel)) {
            open.push(Open {
                at: told.at.clone(),
                what: Said::new(
                    format!("チャネル `{channel}` の宛先がない (`channels:`)"),
                    format!("the channel `{channel}` has no address (`channels:`)"),
                ),
            });
        }
    }
    if !told.is_empty() {
        out.push_str("# routes:\n");
    }
    for told in &told {
        out.push_str(&format!(
            "#   {}: {{channels: [{}]}}   {}\n",
            told.priority,
            told.channels.join(", "),
            yaml::comment(&format!("{}: {}", told.at, told.says))
        ));
    }
    let mut contacts: Vec<people::Contact> = pages.iter().flat_map(people::contacts).collect();
    let mut seen = BTreeSet::new();
    contacts.retain(|contact| seen.insert(contact.title.clone()));
    if !contacts.is_empty() {
        out.push_str("\n# Addresses go beside `title`, under the names of the channels. A placeholder is never sent to.\ncontacts:\n");
    }
    for contact in &contacts {
        let title = yaml::quoted(&contact.title);
        out.push_str(&format!(
            "  {title}: {{title: {title}}}   {}\n",
            yaml::comment(&format!("{}: {}", contact.at, contact.says))
        ));
        if !contact.is_resolved {
            open.push(Open {
                at: contact.at.clone(),
                what: Said::new(
                    format!("「{}」の宛先がない", contact.title),
                    format!("`{}` has no address", contact.title),
                ),
            });
        }
    }
    contacts
}

fn write_escalation(
    pages: &[Page<'_>],
    contacts: &[people::Contact],
    open: &mut Vec<Open>,
    out: &mut String,
) {
    let (mut levels, mut others) = (Vec::new(), Vec::new());
    for page in pages {
        let (found, more) = people::escalation(page, contacts);
        levels.extend(found);
        others.extend(more);
    }
    levels.sort_by_key(|level| level.minutes);
    if !levels.is_empty() {
        out.push_str("\nescalation:\n  - {title: \"1\", contacts: []}   # whoever is on call: the documents name nobody\n");
    }
    for level in &levels {
        let names: Vec<String> = level.contacts.iter().map(|name| yaml::quoted(name)).collect();
        out.push_str(&format!(
            "  - {{title: {}, after: {}, contacts: [{}]}}   {}\n",
            yaml::quoted(&level.title),
            yaml::minutes(level.minutes),
            names.join(", "),
            yaml::comment(&level.at.to_string())
        ));
        if names.is_empty() {
            open.push(Open {
                at: level.at.clone(),
                what: Said::new(
                    format!("「{}」が誰のことか書かれていない", level.title),
                    format!("nothing says who `{}` is", level.title),
                ),
            });
        }
    }
    for (at, says) in others {
        out.push_str(&format!("  # {}: {}\n", at, says));
        open.push(Open {
            at,
            what: Said::new(
                format!("時間で決まらないエスカレーション: {says}"),
                format!("an escalation that no time decides: {says}"),
            ),
        });
    }
}

fn write_recovery(
    pages: &[Page<'_>],
    services: &BTreeMap<String, Service>,
    product: Option<&str>,
    open: &mut Vec<Open>,
    out: &mut String,
) {
    let (mut rows, mut used) = (Vec::new(), BTreeSet::new());
    for page in pages {
        let is_box =
            |line: u32| page.lines.get(line as usize - 1).is_some_and(|row| row.contains("[ ]"));
        let boxes = page.items.iter().filter(|item| {
            is_box(item.line)
                && text::has_word(&item.heading, &["復旧チェックリスト", "recovery checklist"])
        });
        for item in boxes {
            let at = At::new(page.file, item.line);
            let row = BOXES.iter().find(|(words, ..)| text::has_word(&item.text, words));
            let named: Vec<&String> = row.map_or(Vec::new(), |(_, starts, _)| {
                services
                    .keys()
                    .filter(|name| starts.iter().any(|start| name.starts_with(start)))
                    .collect()
            });
            match row.filter(|_| !named.is_empty()) {
                Some((_, starts, rules)) if used.insert(starts[0]) => {
                    let named: Vec<String> =
                        named.into_iter().map(|name| yaml::quoted(name)).collect();
                    rows.push(format!(
                        "    {}: {{title: {}, services: [{}], rules: [{}]}}   {}\n",
                        starts[0],
                        yaml::quoted(&item.text),
                        named.join(", "),
                        rules.join(", "),
                        yaml::comment(&at.to_string())
                    ));
                }
                _ => {
                    rows.push(format!("    # {}: {}\n", at, clean(&item.text)));
                    open.push(Open {
                        at,
                        what: Said::new(
                            format!(
                                "「{}」を何で判断するか書かれていない (`recovery:`)",
                                clean(&item.text)
                            ),
                            format!(
                                "nothing says what judges `{}` (`recovery:`)",
                                clean(&item.text)
                            ),
                        ),
                    });
                }
            }
        }
    }
    if used.is_empty() {
        rows.iter().for_each(|row| out.push_str(row.trim_start_matches(' ')));
        return;
    }
    out.push_str(&format!(
        "\n# Not recovered before every box passes.\nrecovery:\n  {}:\n{}",
        yaml::quoted(product.unwrap_or("hikeshi")),
        rows.concat()
    ));
}

/// The logs that the documents copy belong to every evidence bundle.
fn write_evidence(pages: &[Page<'_>], open: &mut Vec<Open>, out: &mut String) {
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
