//! The part of `hikeshi.yaml` that the documents give: services, alerts, people, escalation, recovery. What is open is a
//! comment, so that the file loads; it is never a made-up value.

use super::{
    alerts::Alert,
    draft::is_japanese,
    made::Made,
    names, people,
    places::{At, Open},
    procedures::clean,
    services,
    steps::DATABASE,
    yaml,
};
use crate::{page::Page, text};
use domain::said::Said;
use std::collections::{BTreeMap, BTreeSet};

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
    let services = services::of(pages);
    services::write(&services, &mut out);
    write_alerts(alerts, drafts, &mut out);
    let contacts = people::write(pages, open, &mut out);
    people::write_escalation(pages, &contacts, open, &mut out);
    write_recovery(
        pages,
        &services,
        product.as_ref().map(|(name, _)| name.as_str()),
        open,
        &mut out,
    );
    services::write_evidence(pages, open, &mut out);
    for page in pages.iter().filter(|page| page.is_runbook) {
        open.push(Open {
            at: At::new(page.file, 1),
            what: Said::new(
                "hikeshi の手順書なので取り込まない。そのまま `runbooks/` に置く",
                "this is a runbook of hikeshi already: put it into `runbooks/` as it is",
            ),
        });
    }
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

fn write_recovery(
    pages: &[Page<'_>],
    services: &BTreeMap<String, services::Service>,
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
