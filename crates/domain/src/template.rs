//! Templates of messages: a person's text with named slots. A value is data, put in once and never read as text of a
//! template; what has no value is said in words that the template chose, or stays a blank, and a blank is never sent.

use crate::{ids::IncidentId, outside_text::plain, rota, said::Language, severity::Priority};
use jiff::{Timestamp, tz::TimeZone};

/// What may stand in a slot: `{began}`. The set is closed, and each slot has one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The system that suffers.
    System,
    /// What the incident is called.
    Title,
    /// How much it hurts.
    Priority,
    /// The number of the incident.
    Incident,
    /// 発生時刻.
    Began,
    /// 復旧時刻.
    Recovered,
    /// 影響時間: from beginning to end.
    Impact,
    /// 影響範囲.
    Scope,
    /// 現在の状況.
    Situation,
    /// 推定復旧時間.
    ExpectedRecovery,
    /// 対応状況.
    Response,
    /// 次回更新.
    NextUpdate,
    /// 根本原因.
    RootCause,
    /// 再発防止策.
    Prevention,
}

/// When a template is used: what is always known differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// While it burns.
    Burning,
    /// When it is over.
    Over,
}

impl Slot {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::System,
        Self::Title,
        Self::Priority,
        Self::Incident,
        Self::Began,
        Self::Recovered,
        Self::Impact,
        Self::Scope,
        Self::Situation,
        Self::ExpectedRecovery,
        Self::Response,
        Self::NextUpdate,
        Self::RootCause,
        Self::Prevention,
    ];

    /// Its name in a template.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Title => "title",
            Self::Priority => "priority",
            Self::Incident => "incident",
            Self::Began => "began",
            Self::Recovered => "recovered",
            Self::Impact => "impact",
            Self::Scope => "scope",
            Self::Situation => "situation",
            Self::ExpectedRecovery => "expected_recovery",
            Self::Response => "response",
            Self::NextUpdate => "next_update",
            Self::RootCause => "root_cause",
            Self::Prevention => "prevention",
        }
    }

    /// Whether it has a value in every incident at that moment.
    pub fn is_always_known(self, moment: Moment) -> bool {
        match self {
            Self::Recovered | Self::Impact => moment == Moment::Over,
            Self::Scope
            | Self::ExpectedRecovery
            | Self::NextUpdate
            | Self::RootCause
            | Self::Prevention => false,
            _ => true,
        }
    }
}

/// What stands in a slot. What a value looks like follows from its type alone.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One line of text.
    Text(String),
    /// A moment: `2026-11-22 10:00 JST`.
    Time(Timestamp),
    /// From a moment to another.
    Period(Timestamp, Timestamp),
    /// So many minutes, and what that rests on.
    Minutes(u64, String),
    /// A priority.
    Priority(Priority),
    /// An incident.
    Incident(IncidentId),
}

impl Value {
    /// As people read it; none: it says nothing.
    fn shown(&self, language: Language, zone: &TimeZone) -> Option<String> {
        let text = match self {
            Self::Text(text) => plain(text).trim().to_owned(),
            Self::Time(at) => time(*at, zone),
            Self::Period(from, to) => format!("{}-{}", time(*from, zone), time(*to, zone)),
            Self::Minutes(minutes, basis) => plain(&language.pick(
                format!("約 {minutes} 分 ({basis})"),
                format!("about {minutes} min ({basis})"),
            )),
            Self::Priority(priority) => priority.to_string(),
            Self::Incident(id) => id.to_string(),
        };
        (!text.is_empty()).then_some(text)
    }
}

/// `2026-11-22 10:00 JST`, in the zone of the configuration (A54).
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    zoned.strftime("%Y-%m-%d %H:%M %Z").to_string()
}

/// One piece of a text.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Words(String),
    /// The slot, and what is said when it has no value; none: then it is a blank.
    Slot(Slot, Option<String>),
    /// `[…]`: a person fills it in.
    Blank(String),
}

/// Why a text is no template, on which of its lines (from 0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The line.
    pub line: usize,
    /// What is wrong.
    pub kind: FlawKind,
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlawKind {
    /// There is no such slot.
    Unknown(String),
    /// A brace is open at the end of the line.
    Unclosed,
    /// Nothing stands in it.
    Empty,
    /// It is sent by itself, and nobody is there to fill this in.
    Blank(String),
    /// It is sent by itself, this may have no value, and it does not say what is said then.
    MayBeUnknown(Slot),
}

/// A subject and a text with slots.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    subject: Vec<Vec<Piece>>,
    body: Vec<Vec<Piece>>,
}

/// What a template became: its text, and what is still blank in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub body: String,
}

impl Template {
    /// Reads both texts. A slot is `{began}`, or `{root_cause?調査中}` with what is said when it has no value (`{scope?}`:
    /// 不明, unknown). `{{` and `}}` are braces, `[…]` is a blank that a person fills in; what stands in brackets at the
    /// beginning of a subject is a tag.
    ///
    /// # Errors
    /// Every flaw, those of the subject first; `true` marks those of the subject.
    pub fn parse(subject: &str, body: &str, language: Language) -> Result<Self, Vec<(bool, Flaw)>> {
        let mut flaws = Vec::new();
        let mut read = |text: &str, is_subject: bool| {
            let lines = text.trim_end().lines().enumerate();
            let lines: Vec<_> = lines
                .map(|(number, line)| {
                    pieces(line, is_subject, language).unwrap_or_else(|kind| {
                        flaws.push((is_subject, Flaw { line: number, kind }));
                        Vec::new()
                    })
                })
                .collect();
            if text.trim().is_empty() || is_subject && lines.len() > 1 {
                flaws.push((is_subject, Flaw { line: 0, kind: FlawKind::Empty }));
            }
            lines
        };
        let template = Self { subject: read(subject, true), body: read(body, false) };
        if flaws.is_empty() { Ok(template) } else { Err(flaws) }
    }

    /// What would keep it from being sent by itself, at any time: blanks, and values that may be missing without a word
    /// for it. `true` marks those of the subject.
    pub fn flaws_if_automatic(&self, moment: Moment) -> Vec<(bool, Flaw)> {
        let of = |lines: &[Vec<Piece>], is_subject: bool| {
            let all = lines.iter().enumerate().flat_map(|(line, pieces)| {
                pieces.iter().filter_map(move |piece| {
                    let kind = match piece {
                        Piece::Blank(name) => FlawKind::Blank(name.clone()),
                        Piece::Slot(slot, None) if !slot.is_always_known(moment) => {
                            FlawKind::MayBeUnknown(*slot)
                        }
                        _ => return None,
                    };
                    Some((is_subject, Flaw { line, kind }))
                })
            });
            all.collect::<Vec<_>>()
        };
        [of(&self.subject, true), of(&self.body, false)].concat()
    }

    /// Puts the values in, once. What has no value and no word for it becomes a blank, `[scope]`.
    pub fn render(
        &self,
        language: Language,
        zone: &TimeZone,
        value: impl Fn(Slot) -> Option<Value>,
    ) -> Rendered {
        let piece = |piece: &Piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Blank(name) => format!("[{name}]"),
            Piece::Slot(slot, unknown) => value(*slot)
                .and_then(|value| value.shown(language, zone))
                .or_else(|| unknown.clone())
                .unwrap_or_else(|| format!("[{}]", slot.name())),
        };
        let text = |lines: &[Vec<Piece>]| {
            let lines: Vec<String> =
                lines.iter().map(|line| line.iter().map(piece).collect()).collect();
            lines.join("\n")
        };
        Rendered { subject: text(&self.subject), body: text(&self.body) }
    }
}

/// The pieces of one line.
fn pieces(line: &str, is_subject: bool, language: Language) -> Result<Vec<Piece>, FlawKind> {
    let mut pieces = Vec::new();
    let mut words = String::new();
    let mut rest = line;
    let tag_end = if is_subject { tag(line).len() } else { 0 };
    while let Some(first) = rest.chars().next() {
        let at = line.len() - rest.len();
        if let Some(after) = ["{{", "}}"].iter().find_map(|two| rest.strip_prefix(two)) {
            words.push(first);
            rest = after;
        } else if first == '{' {
            let (inside, after) = rest[1..].split_once('}').ok_or(FlawKind::Unclosed)?;
            pieces.push(Piece::Words(std::mem::take(&mut words)));
            pieces.push(slot(inside, language)?);
            rest = after;
        } else if first == '['
            && at >= tag_end
            && let Some((inside, after)) = rest[1..].split_once(']')
        {
            pieces.push(Piece::Words(std::mem::take(&mut words)));
            pieces.push(Piece::Blank(plain(inside).trim().to_owned()));
            rest = after;
        } else {
            words.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    pieces.push(Piece::Words(words));
    pieces.retain(|piece| *piece != Piece::Words(String::new()));
    Ok(pieces)
}

fn slot(inside: &str, language: Language) -> Result<Piece, FlawKind> {
    let (name, unknown) = match inside.split_once('?') {
        Some((name, "")) => (name, Some(language.pick("不明", "unknown").to_owned())),
        Some((name, words)) => (name, Some(words.to_owned())),
        None => (inside, None),
    };
    let known = Slot::ALL.into_iter().find(|slot| slot.name() == name.trim());
    known
        .map(|slot| Piece::Slot(slot, unknown))
        .ok_or_else(|| FlawKind::Unknown(name.trim().to_owned()))
}

/// What stands in brackets at the beginning of a subject, with the brackets: `[P0]`.
pub fn tag(subject: &str) -> &str {
    let end = subject.strip_prefix('[').and_then(|rest| rest.find(']')).map_or(0, |end| end + 2);
    &subject[..end]
}

/// What is still blank: brackets that nobody filled, a label with nothing behind it, an empty subject or text. Text with
/// a blank is never sent.
///
/// ```
/// use domain::template::blanks;
/// assert_eq!(blanks("[P0] x", "影響範囲: [詳細]\n現在の状況:\n"), ["詳細", "現在の状況"]);
/// assert!(blanks("[P0] x", "影響範囲: API\n経緯:\n復旧作業を続けています。").is_empty());
/// ```
pub fn blanks(subject: &str, body: &str) -> Vec<String> {
    let mut found = Vec::new();
    let subject_rest = &subject[tag(subject).len()..];
    if subject_rest.trim().is_empty() {
        found.push("subject".to_owned());
    }
    if body.trim().is_empty() {
        found.push("body".to_owned());
    }
    let lines: Vec<&str> = body.lines().collect();
    for line in std::iter::once(&subject_rest).chain(&lines) {
        found.extend(brackets(line));
    }
    let is_label = |line: &str| line.trim_end().ends_with([':', '：']);
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| is_label(line)) {
        // A paragraph may stand below its label.
        let next = lines.get(index + 1).map_or("", |next| next.trim());
        if next.is_empty() || next.contains(": ") || is_label(next) {
            found.push(line.trim().trim_end_matches([':', '：']).to_owned());
        }
    }
    rota::unique(found)
}

fn brackets(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once('[')
        && let Some((inside, after)) = after.split_once(']')
    {
        found.push(inside.trim().to_owned());
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(body: &str, title: &str) -> String {
        let template = Template::parse("[{priority}] x", body, Language::En).expect("a template");
        let value = |slot| match slot {
            Slot::Title => Some(Value::Text(title.to_owned())),
            Slot::Priority => Some(Value::Priority(Priority::P0)),
            _ => None,
        };
        template.render(Language::En, &TimeZone::UTC, value).body
    }

    #[test]
    fn a_value_is_never_read_as_text_of_the_template() {
        let hostile = "{priority} [gap] {{x}}\r\nBcc: a@example.jp";
        let told = render("Title: {title}\nCause: {root_cause?not known}", hostile);
        assert_eq!(told, "Title: {priority} (gap) {{x}}  Bcc: a@example.jp\nCause: not known");
        assert!(blanks("[P0] x", &told).is_empty());
    }

    #[test]
    fn what_has_no_value_and_no_word_stays_blank_and_is_named() {
        let told = render("Scope: {scope}\nTitle: {title}\nPress: [contact] {{ok}}", " \t");
        assert_eq!(told, "Scope: [scope]\nTitle: [title]\nPress: [contact] {ok}");
        assert_eq!(blanks("[P0] x", &told), ["scope", "title", "contact"]);
        assert_eq!(blanks("[P0]", ""), ["subject", "body"]);
    }

    #[test]
    fn every_flaw_is_named_with_its_line() {
        let flaws = Template::parse("a\nb", "ok {title}\n{skope}\n{open", Language::Ja);
        let flaw = |is_subject, line, kind| (is_subject, Flaw { line, kind });
        let expected = vec![
            flaw(true, 0, FlawKind::Empty),
            flaw(false, 1, FlawKind::Unknown("skope".into())),
            flaw(false, 2, FlawKind::Unclosed),
        ];
        assert_eq!(flaws, Err(expected));
    }
}
