//! A runbook file to a plan, or every reason why it does not load.

use crate::{
    conditions, digest,
    document::{self, Document, Fence, Item},
    front::{self, Front},
    info::Info,
    params,
    step::{self, place},
};
use domain::{
    plan::{Body, CheckItem, EffectKind, Mode, OnFail, Plan, Role, Step},
    said::Said,
};
use jiff::SignedDuration;
use source::Problems;
use std::{collections::BTreeMap, path::Path};

/// More than a person writes.
const BYTES_LIMIT: usize = 1 << 20;

/// Reads a runbook. `file_name` is shown in messages; its last part without `.md` is the name of the plan.
///
/// Returns nothing when anything is wrong: a file loads whole or not at all. Whether the variables
/// that its steps name exist is judged by [`crate::check()`], which knows the services.
pub fn read(file_name: &str, text: &str, problems: &mut Problems) -> Option<Plan> {
    let before = problems.len();
    let digest = digest::of_bytes(text.as_bytes());
    let top = place(file_name, 1);
    if text.len() > BYTES_LIMIT {
        problems.add(
            &top,
            Said::new("1 MiB より大きいファイルは読みません", "files above 1 MiB are not read"),
        );
        return None;
    }
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let Some((yaml, rest, lines)) = front::split(&text) else {
        problems.add_with_hint(
            &top,
            Said::new("先頭の設定がありません", "the front matter is missing"),
            Said::new(
                "1 行目を `---` で始め、`alert: …` を書き、`---` の行で閉じてください",
                "start with a line `---`, write `alert: …`, and close it with a line `---`",
            ),
        );
        return None;
    };
    let front = front::read(file_name, yaml, problems);
    let document = document::read(rest, lines);
    let mut steps = read_steps(&document, file_name, problems);
    if let Some(front) = &front {
        refuse_texts(front, &steps, file_name, problems);
        refuse_unverified(front, &steps, file_name, problems);
    }
    add_evidence(&mut steps);
    let plan = front.map(|front| assemble(front, document, steps, file_name, digest));
    if let Some(plan) = &plan {
        conditions::check(plan, &top, problems);
    }
    plan.filter(|_| problems.len() == before)
}

fn assemble(
    front: Front,
    document: Document,
    steps: Vec<Step>,
    file_name: &str,
    digest: String,
) -> Plan {
    let stem = Path::new(file_name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Plan {
        title: document.title.unwrap_or_else(|| stem.clone()),
        name: stem.into(),
        file: file_name.to_owned(),
        alert: front.alert,
        service: front.service,
        level: front.level,
        respond_within: front.respond_within,
        owner: front.owner,
        mode: front.mode,
        version: front.version,
        approved_by: front.approved_by,
        reviewed: front.reviewed,
        parameters: front.parameters,
        inputs: front.inputs,
        facts: front.facts,
        guards: front.guards,
        conditions: front.conditions,
        checklist: document.checklist.into_iter().map(|item| bound(item, &steps)).collect(),
        steps,
        verify: front.verify,
        guardrails: front.guardrails,
        digest,
    }
}

/// An item that names a step is ticked by it.
fn bound(item: Item, steps: &[Step]) -> CheckItem {
    let names_it = |step: &&Step| item.codes.iter().any(|code| code == step.name.as_str());
    CheckItem { step: steps.iter().find(names_it).map(|step| step.name.clone()), text: item.text }
}

fn read_steps(document: &Document, file: &str, problems: &mut Problems) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for fence in &document.fences {
        let Some(info) = usable(fence, file, problems) else { continue };
        let Some(step) = step::read(fence, &info, file, problems) else { continue };
        if let Some(first) = steps.iter().find(|other| other.name == step.name) {
            problems.add_with_hint(
                &place(file, step.line),
                Said::new(
                    format!(
                        "手順名 `{}` が 2 回あります ({} 行目にもあります)",
                        step.name, first.line
                    ),
                    format!(
                        "the step name `{}` is here twice (also in line {})",
                        step.name, first.line
                    ),
                ),
                Said::new("別の名前を付けてください", "give it another name"),
            );
            continue;
        }
        steps.push(step);
    }
    refuse_strays(&steps, file, problems);
    steps
}

/// The info of a fence that is a step; nothing for one that is only shown, or that is broken.
fn usable(fence: &Fence, file: &str, problems: &mut Problems) -> Option<Info> {
    let at = place(file, fence.line);
    if !fence.is_closed {
        problems.add_with_hint(
            &at,
            Said::new("コードブロックが閉じていません", "this fence is not closed"),
            Said::new(
                "``` の行で閉じてください (字下げを揃えて)",
                "close it with a line of ``` at the same indentation",
            ),
        );
        return None;
    }
    let info = match Info::read(&fence.info) {
        Ok(info) => info,
        // Braces in another language belong to another tool.
        Err(_) if !is_runnable(&fence.info) => return None,
        Err(said) => {
            problems.add_with_hint(
                &at,
                said,
                Said::new(
                    "例: bash {name=status timeout=10s}",
                    "for example: bash {name=status timeout=10s}",
                ),
            );
            return None;
        }
    };
    if !info.is_runnable() {
        return None;
    }
    if info.get("name").is_none() {
        if info.has_step_keys() {
            problems.add_with_hint(
                &at,
                Said::new(
                    "`name` がないため、このブロックは実行されません",
                    "without `name` this block would never run",
                ),
                Said::new(
                    "`name=…` を書くか、`{…}` を消してください",
                    "add `name=…`, or remove the `{…}`",
                ),
            );
        }
        return None;
    }
    // An opening inside a fence is the sign of an earlier one that was never closed.
    let inner =
        (0..).zip(fence.body.lines()).find(|(_, line)| line.trim_start().starts_with("```"));
    if let Some((line, _)) = inner {
        problems.add_with_hint(
            &at,
            Said::new(
                format!("コードブロックが {} 行目より前で閉じていません", fence.line + 1 + line),
                format!("this fence is not closed before line {}", fence.line + 1 + line),
            ),
            Said::new("``` の行で閉じてください", "close it with a line of ```"),
        );
        return None;
    }
    Some(info)
}

fn is_runnable(info: &str) -> bool {
    let language = info.split([' ', '{']).next().unwrap_or_default().to_owned();
    Info { language, keys: Vec::new() }.is_runnable()
}

/// A probe or an undo must belong to a respond step of the same file.
fn refuse_strays(steps: &[Step], file: &str, problems: &mut Problems) {
    for step in steps {
        let Some(owner) = &step.belongs_to else { continue };
        if !steps.iter().any(|other| other.name == *owner && other.role == Role::Respond) {
            problems.add_with_hint(
                &place(file, step.line),
                Said::new(
                    format!("`for={owner}` という対応の手順がありません"),
                    format!("`for={owner}`: there is no such respond step"),
                ),
                Said::new("対応の手順の名前を書いてください", "name a respond step of this file"),
            );
        }
    }
}

fn refuse_texts(front: &Front, steps: &[Step], file: &str, problems: &mut Problems) {
    for step in steps {
        for (line, name) in params::places(step) {
            if front.texts.contains_key(&name) {
                problems.add_with_hint(
                    &place(file, line),
                    Said::new(
                        format!("`{name}` は text 型なので手順では使えません"),
                        format!("`{name}` is of type text and cannot be used in a step"),
                    ),
                    Said::new(
                        "text は表示と証拠にだけ使えます",
                        "a text is only shown or kept as evidence",
                    ),
                );
            }
        }
    }
}

/// What repairs by itself must also see by itself whether it worked.
fn refuse_unverified(front: &Front, steps: &[Step], file: &str, problems: &mut Problems) {
    let respond = steps.iter().find(|step| step.role == Role::Respond);
    let has_verify = steps.iter().any(|step| step.role == Role::Verify);
    if let (Mode::Auto | Mode::Approve, Some(respond), false) = (front.mode, respond, has_verify) {
        problems.add_with_hint(
            &place(file, respond.line),
            Said::new(
                "対応の手順はありますが、確認の手順がありません",
                "there is a respond step but no verify step",
            ),
            Said::new(
                "`## 確認` の下に失敗しうる手順を書くか、`mode: manual` にしてください",
                "add a step that can fail under `## Verify`, or use `mode: manual`",
            ),
        );
    }
}

/// Evidence comes before the repair that would destroy it (C9), whether the file asks for it or not.
fn add_evidence(steps: &mut Vec<Step>) {
    let Some(at) = steps.iter().position(|step| step.role == Role::Respond) else { return };
    if steps.iter().any(|step| step.role == Role::Evidence) {
        return;
    }
    let is_taken = steps.iter().any(|step| step.name.as_str() == "evidence");
    let body = Body::Action { verb: "evidence.collect".into(), arguments: BTreeMap::new() };
    let step = Step {
        name: if is_taken { "evidence-collect" } else { "evidence" }.into(),
        role: Role::Evidence,
        effect: EffectKind::Read,
        timeout: SignedDuration::from_secs(60),
        belongs_to: None,
        capture: None,
        ok_exit: vec![0],
        on_fail: OnFail::Continue,
        line: steps[at].line,
        digest: digest::of_body(&body),
        uses: Vec::new(),
        needs: Vec::new(),
        secrets: Vec::new(),
        body,
    };
    steps.insert(at, step);
}
