//! Templates of annotations: whether their braces and blocks close, and what is left of a text without them.

use domain::said::Said;

/// What is wrong with the templates of a text; none: nothing.
pub(crate) fn mistake(text: &str) -> Option<Said> {
    let mut open_blocks = 0_usize;
    for part in parts(text) {
        match part {
            Part::Unclosed => {
                return Some(Said::new(
                    "`{{` が `}}` で閉じられていません",
                    "`{{` is not closed with `}}`",
                ));
            }
            Part::Plain(plain) if has_half_template(plain) => {
                return Some(Said::new(
                    "`}}` の前に `{{` がありません",
                    "`}}` has no `{{` before it",
                ));
            }
            Part::Plain(_) => {}
            Part::Template(inner) => match first_word(inner) {
                "if" | "range" | "with" | "define" | "block" => open_blocks += 1,
                "end" if open_blocks == 0 => {
                    return Some(Said::new(
                        "`{{ end }}` に対応する始まりがありません",
                        "`{{ end }}` ends nothing",
                    ));
                }
                "end" => open_blocks -= 1,
                _ => {}
            },
        }
    }
    (open_blocks > 0).then(|| Said::new("`{{ end }}` がありません", "`{{ end }}` is missing"))
}

/// The text with an ellipsis where a template stood, for titles that cannot have one.
pub(crate) fn without(text: &str) -> String {
    let plain: String = parts(text)
        .map(|part| match part {
            Part::Plain(plain) => plain,
            Part::Template(_) => "…",
            Part::Unclosed => "",
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

enum Part<'t> {
    Plain(&'t str),
    Template(&'t str),
    Unclosed,
}

fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(inside) = rest.strip_prefix("{{") else {
            let plain;
            (plain, rest) = rest.split_at(rest.find("{{").unwrap_or(rest.len()));
            return Some(Part::Plain(plain));
        };
        match end_of_template(inside) {
            Some(end) => {
                rest = &inside[end + 2..];
                Some(Part::Template(&inside[..end]))
            }
            None => {
                rest = "";
                Some(Part::Unclosed)
            }
        }
    })
}

/// Where the `}}` stands that closes a template; one within quotes closes nothing.
fn end_of_template(inside: &str) -> Option<usize> {
    let mut quote = None;
    let mut is_escaped = false;
    for (index, c) in inside.char_indices() {
        match quote {
            _ if is_escaped => is_escaped = false,
            Some('"') if c == '\\' => is_escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '`' => quote = Some(c),
            None if inside[index..].starts_with("}}") => return Some(index),
            None if inside[index..].starts_with("{{") => return None,
            None => {}
        }
    }
    None
}

/// `{ $value }}`: JSON may end with `}}` too, so only a variable right after the brace counts.
fn has_half_template(plain: &str) -> bool {
    let Some(end) = plain.find("}}") else { return false };
    let start = plain[..end].rfind('{').map_or("", |start| &plain[start + 1..end]);
    start.trim_start().starts_with('$')
}

fn first_word(inner: &str) -> &str {
    inner
        .trim_start_matches('-')
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .trim_end_matches('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_prometheus_accepts_is_fine() {
        for text in [
            "",
            "plain",
            "{{ $labels.instance }} of {{ $value | humanize }}",
            "{{ printf \"%.2f}}\" $value }}",
            "{{ if gt $value 5.0 }}a{{ else }}b{{ end }}",
            "{{- range query `up` -}}{{ .Value }}{{- end -}}",
            r#"{"a": {"b": 1}}"#,
            "素晴らしい {{ $labels.名前 }}",
        ] {
            assert_eq!(mistake(text), None, "{text}");
        }
    }

    #[test]
    fn what_does_not_close_is_said() {
        let said = |text| mistake(text).map(|said| said.en).unwrap_or_default();
        assert_eq!(said("{{ $labels.instance is down"), "`{{` is not closed with `}}`");
        assert_eq!(
            said("{{ $labels.instance } is at {{ $value }}"),
            "`{{` is not closed with `}}`"
        );
        assert_eq!(said("{ $value }} percent"), "`}}` has no `{{` before it");
        assert_eq!(said("{{ if true }}x"), "`{{ end }}` is missing");
        assert_eq!(said("x{{ end }}"), "`{{ end }}` ends nothing");
    }

    #[test]
    fn a_title_has_an_ellipsis_where_a_template_stood() {
        assert_eq!(without("{{ $labels.instance }} is\n down"), "… is down");
        assert_eq!(without("at {{ $value"), "at");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[{}$\"`\\\\ a-c五\\-]{0,40}") {
            let _ = (mistake(&text), without(&text));
        }
    }
}
