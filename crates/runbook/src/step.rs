//! One fence to one step: every key with its default, everything wrong with its line.

use crate::{
    call::Verb,
    digest,
    document::Fence,
    info::{Info, KEYS},
    kinds, params,
    roles::{self, Section},
    shell, types,
};
use domain::{
    ids::StepName,
    plan::{Body, Capture, EffectKind, Need, OnFail, Role, Step},
    said::Said,
};
use jiff::SignedDuration;
use source::{Place, Problems};
use std::collections::BTreeMap;

/// Reads a fence that has a name. `file` is the file as the person gave it.
///
/// Returns nothing when something is wrong; the reasons are then in `problems`.
pub fn read(fence: &Fence, info: &Info, file: &str, problems: &mut Problems) -> Option<Step> {
    let before = problems.len();
    let mut reader = Reader { info, place: place(file, fence.line), problems };
    reader.known_keys();
    let name = reader.name();
    let role = reader.role(fence);
    let body = reader.body(fence);
    let verb = match &body {
        Some(Body::Action { verb, .. }) => kinds::by_name(verb),
        _ => None,
    };
    let mut step = Step {
        name: name.clone().unwrap_or_default().into(),
        role: role.unwrap_or(Role::Diagnose),
        effect: reader.effect(role, verb),
        timeout: reader.timeout().unwrap_or_default(),
        belongs_to: reader.belongs_to(role),
        capture: reader.choice("capture", &[("kv", Capture::Kv), ("json", Capture::Json)]),
        ok_exit: reader.ok_exit(),
        on_fail: reader.on_fail(role),
        line: fence.line,
        digest: body.as_ref().map(digest::of_body).unwrap_or_default(),
        body: body.unwrap_or(Body::Shell(String::new())),
        uses: Vec::new(),
        needs: reader.needs(),
        secrets: reader.secrets(),
    };
    step.uses = params::names(&step).into_iter().collect();
    reader.checked_body(&step);
    (problems.len() == before).then_some(step)
}

/// A line of a body, from 0, and what is wrong with it.
pub type WrongLine = (u32, Said);

/// The verb and the arguments of an `action` fence.
///
/// # Errors
/// The first line that is wrong.
pub fn action(body: &str) -> Result<(&str, BTreeMap<String, String>), WrongLine> {
    let mut verb = None;
    let mut arguments = BTreeMap::new();
    for (line, text) in (0..).zip(body.lines()) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let Some(_) = verb else {
            verb = Some(text);
            continue;
        };
        let (key, value) = text.split_once(':').ok_or_else(|| {
            (
                line,
                Said::new(
                    format!("`{text}` は `キー: 値` の形ではありません"),
                    format!("`{text}` is not of the form `key: value`"),
                ),
            )
        })?;
        if arguments.insert(key.trim().to_owned(), value.trim().to_owned()).is_some() {
            let key = key.trim();
            return Err((
                line,
                Said::new(format!("`{key}` が 2 回あります"), format!("`{key}` is here twice")),
            ));
        }
    }
    let verb = verb.ok_or((0, Said::new("操作名がありません", "the verb is missing")))?;
    Ok((verb, arguments))
}

/// A line of a file.
pub(crate) fn place(file: &str, line: u32) -> Place {
    Place { file: file.into(), line }
}

struct Reader<'a> {
    info: &'a Info,
    place: Place,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn problem(&mut self, ja: String, en: String, hint: (&str, &str)) {
        self.problems.add_with_hint(&self.place, Said::new(ja, en), Said::new(hint.0, hint.1));
    }

    fn known_keys(&mut self) {
        for (key, _) in &self.info.keys {
            if KEYS.contains(&key.as_str()) {
                continue;
            }
            let known = KEYS.join(", ");
            let near = KEYS.iter().find(|known| strsim::osa_distance(key, known) <= 2);
            let (ja, en) = near.map_or_else(Default::default, |near| {
                (format!("`{near}` のことですか? "), format!("did you mean `{near}`? "))
            });
            self.problem(
                format!("コードブロックに不明なキー `{key}`"),
                format!("unknown key `{key}` on a fence"),
                (&format!("{ja}使えるキー: {known}"), &format!("{en}The keys are {known}")),
            );
        }
        if let Some(key) = self.info.duplicate() {
            self.problem(
                format!("キー `{key}` が 2 回あります"),
                format!("key `{key}` is here twice"),
                ("片方を消してください", "remove one of them"),
            );
        }
    }

    fn name(&mut self) -> Option<String> {
        let name = self.info.get("name")?;
        let is_plain = types::parse("ident", name).is_ok() && !name.contains('.');
        if !is_plain {
            self.problem(
                format!("`{name}` は手順名として使えません"),
                format!("`{name}` cannot be the name of a step"),
                (
                    "英数字・_・- を使ってください (64 字まで)",
                    "use letters, digits, _ and - (at most 64)",
                ),
            );
        }
        is_plain.then(|| name.to_owned())
    }

    fn role(&mut self, fence: &Fence) -> Option<Role> {
        if let Some(name) = self.info.get("role") {
            let role = roles::role_by_name(name);
            if role.is_none() {
                self.problem(
                    format!("`{name}` という役割はありません"),
                    format!("there is no role `{name}`"),
                    (
                        "diagnose, evidence, respond, probe, verify, undo のどれか",
                        "one of diagnose, evidence, respond, probe, verify, undo",
                    ),
                );
            }
            return role;
        }
        if let Some(Section::Steps(role)) = fence.section {
            return Some(role);
        }
        let heading = fence.heading.as_deref().unwrap_or("-");
        self.problem(
            format!("見出し `{heading}` からは手順の役割が分かりません"),
            format!("the heading `{heading}` does not say what the step is for"),
            (
                "見出しを 診断・対応・確認 などにするか、`role=` を書いてください",
                "use a heading such as Diagnose, Respond, Verify, or write `role=`",
            ),
        );
        None
    }

    fn effect(&mut self, role: Option<Role>, verb: Option<&Verb>) -> EffectKind {
        let names = [
            ("read", EffectKind::Read),
            ("converge", EffectKind::Converge),
            ("once", EffectKind::Once),
            ("destructive", EffectKind::Destructive),
        ];
        let by_role = match role {
            Some(Role::Respond | Role::Undo) | None => EffectKind::Once,
            Some(_) => EffectKind::Read,
        };
        let least = verb.map(|verb| verb.effect);
        let effect = self.choice("effect", &names).or(least).unwrap_or(by_role);
        if let Some(verb) = verb.filter(|verb| effect < verb.effect) {
            self.problem(
                format!(
                    "`{}` は `{effect}` ではありません (少なくとも `{}`)",
                    verb.name, verb.effect
                ),
                format!("`{}` is more than `{effect}`: at least `{}`", verb.name, verb.effect),
                ("`effect=` を消してください", "remove `effect=`"),
            );
        }
        let only_looks = matches!(role, Some(Role::Diagnose | Role::Verify | Role::Probe));
        if only_looks && effect != EffectKind::Read {
            let role = role.map(|role| role.to_string()).unwrap_or_default();
            self.problem(
                format!("{role} の手順は何も変えてはいけません (effect は read だけ)"),
                format!("a {role} step must not change anything (effect can only be read)"),
                ("対応 の下に移してください", "move it under a Respond heading"),
            );
        }
        effect
    }

    fn timeout(&mut self) -> Option<SignedDuration> {
        let Some(text) = self.info.get("timeout") else {
            self.problem(
                "`timeout` がありません".into(),
                "`timeout` is missing".into(),
                (
                    "`timeout=30s` のように書いてください (1s から 1h)。無期限はありません",
                    "write for example `timeout=30s` (1s to 1h); there is no infinite",
                ),
            );
            return None;
        };
        let range = SignedDuration::from_secs(1)..=SignedDuration::from_hours(1);
        let timeout = text.parse::<SignedDuration>().ok().filter(|timeout| range.contains(timeout));
        if timeout.is_none() {
            self.problem(
                format!("`timeout={text}` は使えません"),
                format!("`timeout={text}` is not possible"),
                ("1s から 1h の時間を書いてください", "write a duration from 1s to 1h"),
            );
        }
        timeout
    }

    fn belongs_to(&mut self, role: Option<Role>) -> Option<StepName> {
        let needs = matches!(role, Some(Role::Probe | Role::Undo));
        let found = self.info.get("for").map(StepName::from);
        if role.is_some() && needs != found.is_some() {
            self.problem(
                "`for` は probe と undo にだけ、必ず書きます".into(),
                "`for` belongs to every probe and undo, and to nothing else".into(),
                ("`for=対応の手順名`", "`for=NAME` of the respond step"),
            );
        }
        found
    }

    fn ok_exit(&mut self) -> Vec<u8> {
        let Some(text) = self.info.get("ok_exit") else { return vec![0] };
        let codes: Result<Vec<u8>, _> = text.split(',').map(str::parse).collect();
        codes.unwrap_or_else(|_| {
            self.problem(
                format!("`ok_exit={text}` は使えません"),
                format!("`ok_exit={text}` is not possible"),
                (
                    "0 から 255 の終了コードを , で区切って書いてください",
                    "write exit codes from 0 to 255 with commas between them",
                ),
            );
            Vec::new()
        })
    }

    fn on_fail(&mut self, role: Option<Role>) -> OnFail {
        let names = [
            ("stop", OnFail::Stop),
            ("continue", OnFail::Continue),
            ("escalate", OnFail::Escalate),
        ];
        let on_fail = self.choice("on_fail", &names).unwrap_or(OnFail::Stop);
        let may_go_on = matches!(role, Some(Role::Diagnose | Role::Evidence));
        if on_fail == OnFail::Continue && role.is_some() && !may_go_on {
            self.problem(
                "`on_fail=continue` は診断と証拠の手順にだけ使えます".into(),
                "`on_fail=continue` is only for diagnose and evidence steps".into(),
                ("`stop` か `escalate` を使ってください", "use `stop` or `escalate`"),
            );
        }
        on_fail
    }

    /// `needs=privileges` or `needs=files,privileges`: what a step that only looks needs beyond looking.
    fn needs(&mut self) -> Vec<Need> {
        let known = [("files", Need::Files), ("privileges", Need::Privileges)];
        let words = self.info.get("needs").map(|text| text.split(',')).into_iter().flatten();
        let (mut needs, mut unknown) = (Vec::new(), Vec::new());
        for word in words {
            match known.iter().find(|(name, _)| *name == word) {
                Some((_, need)) => needs.push(*need),
                None => unknown.push(word.to_owned()),
            }
        }
        for word in unknown {
            self.problem(
                format!("`needs={word}` は使えません"),
                format!("`needs={word}` is not possible"),
                ("使える値: files, privileges", "the values are files and privileges"),
            );
        }
        needs
    }

    /// `secrets=db-password,api-key`: secrets that the step gets in files that are in memory only.
    fn secrets(&mut self) -> Vec<String> {
        let names = self.info.get("secrets").map(|text| text.split(',')).into_iter().flatten();
        let names: Vec<_> = names.map(str::to_owned).collect();
        if !names.is_empty() && self.info.language == "action" {
            self.problem(
                "`secrets` は bash の手順にだけ書けます".into(),
                "`secrets` is only for steps in bash".into(),
                (
                    "操作が使うシークレットは設定に書きます",
                    "what a verb needs stands in the configuration",
                ),
            );
        }
        names
    }

    fn choice<T: Copy>(&mut self, key: &str, names: &[(&str, T)]) -> Option<T> {
        let text = self.info.get(key)?;
        let found = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<_> = names.iter().map(|(name, _)| *name).collect();
            let known = known.join(", ");
            self.problem(
                format!("`{key}={text}` は使えません"),
                format!("`{key}={text}` is not possible"),
                (&format!("使える値: {known}"), &format!("the values are {known}")),
            );
        }
        found
    }

    fn body(&mut self, fence: &Fence) -> Option<Body> {
        if self.info.language != "action" {
            return Some(Body::Shell(fence.body.clone()));
        }
        match action(&fence.body) {
            Ok((verb, arguments)) => {
                self.verb(verb, &arguments);
                Some(Body::Action { verb: verb.to_owned(), arguments })
            }
            Err((line, said)) => {
                let place = place(&self.place.file, fence.line + 1 + line);
                self.problems.add_with_hint(
                    &place,
                    said,
                    Said::new(
                        "1 行目に操作名、続けて `キー: 値`",
                        "the verb on the first line, then `key: value` lines",
                    ),
                );
                None
            }
        }
    }

    fn verb(&mut self, name: &str, arguments: &BTreeMap<String, String>) {
        let known: Vec<_> = kinds::VERBS.iter().map(|verb| verb.name).collect();
        let Some(verb) = kinds::by_name(name) else {
            let known = known.join(", ");
            return self.problem(
                format!("`{name}` という操作はありません"),
                format!("there is no verb `{name}`"),
                (&format!("使える操作: {known}"), &format!("the verbs are {known}")),
            );
        };
        for (key, value) in arguments {
            let Some(argument) = verb.argument(key) else {
                let known: Vec<_> = verb.arguments.iter().map(|argument| argument.name).collect();
                let known = known.join(", ");
                self.problem(
                    format!("`{name}` に `{key}` という引数はありません"),
                    format!("`{name}` has no argument `{key}`"),
                    (&format!("使える引数: {known}"), &format!("its arguments are {known}")),
                );
                continue;
            };
            if !value.starts_with("$HK_")
                && let Err(said) = argument.read(value)
            {
                self.problems.add(&self.place, said);
            }
        }
    }

    /// What the shell check finds, each with its own line.
    fn checked_body(&mut self, step: &Step) {
        let Body::Shell(body) = &step.body else { return };
        for found in shell::check(body) {
            let place = place(&self.place.file, step.line + 1 + found.line);
            self.problems.add_with_hint(&place, found.message, found.hint);
        }
        if step.role == Role::Verify && shell::hides_failure(body) {
            self.problem(
                format!("確認の手順 `{}` は失敗することがありません", step.name),
                format!("the verify step `{}` cannot fail", step.name),
                (
                    "末尾の `|| echo …` や `|| true` を消してください",
                    "remove the `|| echo …` or `|| true` at its end",
                ),
            );
        }
    }
}
