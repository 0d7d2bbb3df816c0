//! Thresholds: those that overlap, that nobody can measure, that are never reached, that nothing acts on.

use crate::{
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
    text,
};

pub(crate) const THRESHOLD_OVERLAP: Rule = Rule {
    id: "threshold-overlap",
    level: Level::Warning,
    title: ("閾値が重なっている", "thresholds overlap"),
    why: (
        "境目の値が二つの区分に入り、優先度が決まらない。",
        "The value on the border is in two bands, so its priority is undecided.",
    ),
    hint: ("片方を「未満」にしてください", "say `below` in one of them"),
    bad: "# T\n\n#### P1\n- **遅い**: 応答時間10秒以上\n\n#### P2\n- **やや遅い**: 応答時間5-10秒\n",
    good: "# T\n\n#### P1\n- **遅い**: 応答時間10秒以上\n\n#### P2\n- **やや遅い**: 応答時間5秒以上10秒未満\n",
    look: Look::Each(overlaps),
};

pub(crate) const THRESHOLD_UNMEASURABLE: Rule = Rule {
    id: "threshold-unmeasurable",
    level: Level::Warning,
    title: ("測れない閾値", "a threshold that cannot be measured"),
    why: (
        "基準も期間も統計量もない閾値は、人によって越えたり越えなかったりする。",
        "Without a baseline, a window and a statistic, whether it is passed depends on who looks.",
    ),
    hint: (
        "何を、どの期間で、どの統計量 (p95 など) で測るか、「通常」が何かを書いてください",
        "say what is measured, over which window, by which statistic, and what is normal",
    ),
    bad: "# T\n\n- **ログエラー増加**: 通常の5倍以上\n",
    good: "# T\n\n- **ログエラー増加**: 5分間のエラー件数が、過去7日の同時刻の中央値の5倍以上\n",
    look: Look::Each(unmeasurable),
};

pub(crate) const THRESHOLD_UNREACHABLE: Rule = Rule {
    id: "threshold-unreachable",
    level: Level::Warning,
    title: ("届かない閾値・期限", "a threshold or a deadline that is never reached"),
    why: (
        "別の制限が先に働くので、書いてあることは起こらない。",
        "Another limit acts first, so what is written never happens.",
    ),
    hint: ("二つの制限の順序を直してください", "put the two limits in order"),
    bad: "# T\n\n#### P2 - 4時間以内対応\n- 一部機能障害\n\n### エスカレーション基準\n- **30分で解決しない**: レベル2\n",
    good: "# T\n\n#### P2 - 15分以内対応\n- 一部機能障害\n\n### エスカレーション基準\n- **30分で解決しない**: レベル2\n",
    look: Look::Each(unreachable),
};

pub(crate) const THRESHOLD_INEFFECTIVE: Rule = Rule {
    id: "threshold-ineffective",
    level: Level::Warning,
    title: ("効かない閾値", "a threshold that nothing acts on"),
    why: (
        "大きさの閾値を超えても、日に一度の処理は翌日まで動かない。",
        "When the size passes its limit, what runs once a day does nothing until tomorrow.",
    ),
    hint: (
        "`maxsize` などで、閾値そのものに処理を結び付けてください",
        "tie the action to the limit itself, for example with `maxsize`",
    ),
    bad: "# T\n\n- **ログファイルサイズ大**: > 1GB\n\n```\n/var/log/a.log {\n    daily\n}\n```\n",
    good: "# T\n\n- **ログファイルサイズ大**: > 1GB\n\n```\n/var/log/a.log {\n    daily\n    maxsize 500M\n}\n```\n",
    look: Look::Each(ineffective),
};

/// What is measured, from one border to another, and whether the borders belong to it.
struct Band {
    line: u32,
    what: &'static str,
    from: f64,
    to: f64,
    has_from: bool,
    has_to: bool,
}

const MEASURES: &[(&str, &[&str])] = &[
    ("応答時間", &["応答時間", "レスポンスタイム", "response time", "latency"]),
    ("エラー率", &["エラー率", "error rate"]),
    ("使用率", &["使用率", "usage", "utilization"]),
];

fn bands(page: &Page<'_>) -> Vec<Band> {
    page.items.iter().filter_map(|item| band(item.line, &item.rest)).collect()
}

fn band(line: u32, text: &str) -> Option<Band> {
    let (what, words) = MEASURES.iter().find(|(_, words)| text::has_word(text, words))?;
    let lower = text.to_lowercase();
    let at = words.iter().find_map(|word| lower.find(word).map(|at| at + word.len()))?;
    let rest = lower.get(at..)?;
    let numbers = numbers(rest);
    let band = |from, to, has_from, has_to| Some(Band { line, what, from, to, has_from, has_to });
    let is_below = rest.contains("未満") || rest.contains("below");
    match numbers.as_slice() {
        [from, to, ..] => band(*from, *to, true, !is_below),
        [only] if rest.contains("以上") || rest.contains(">=") || rest.contains("or more") => {
            band(*only, f64::INFINITY, true, false)
        }
        [only] if rest.contains('>') || rest.contains('超') || rest.contains("above") => {
            band(*only, f64::INFINITY, false, false)
        }
        _ => None,
    }
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter_map(|part| part.parse().ok())
        .collect()
}

fn overlaps(page: &Page<'_>, hits: &mut Hits) {
    let bands = bands(page);
    for (at, band) in bands.iter().enumerate() {
        let other = bands[..at].iter().find(|other| {
            let is_same = other.what == band.what;
            let inner = other.from < band.to
                && band.from < other.to
                && (other.from, other.to) != (band.from, band.to);
            let touches =
                |low: &Band, high: &Band| low.to == high.from && low.has_to && high.has_from;
            is_same && (inner || touches(band, other) || touches(other, band))
        });
        if let Some(other) = other {
            let value = if band.to == other.from { band.to } else { band.from };
            hits.at(
                band.line,
                format!("{} がちょうど {value} の値は {} 行目にも入ります", band.what, other.line),
                format!("a value of exactly {value} is also in line {}", other.line),
            );
        }
    }
}

const WINDOWS: &[&str] = &[
    "p95",
    "p99",
    "p50",
    "平均",
    "中央値",
    "パーセンタイル",
    "分間",
    "秒間",
    "直近",
    "続けて",
    "連続",
    "average",
    "median",
    "percentile",
    "over",
    "for 5m",
    "in a row",
    "基準",
];
const RELATIVE: &[&str] = &["通常", "普段", "平常", "than usual", "than normal", "normal rate"];

fn unmeasurable(page: &Page<'_>, hits: &mut Hits) {
    for item in &page.items {
        if item.label.is_none() {
            continue;
        }
        if let Some(word) = text::find_word(&item.rest, RELATIVE)
            && !numbers(&item.rest).is_empty()
            && !text::has_word(&item.rest, WINDOWS)
        {
            hits.at(
                item.line,
                format!("「{word}」がどの値か書かれていません"),
                format!("nothing says which value `{word}` is"),
            );
        } else if let Some(band) = band(item.line, &item.rest)
            && matches!(band.what, "応答時間" | "エラー率")
            && !text::has_word(&item.rest, WINDOWS)
            && !page.is_runbook
        {
            hits.at(
                item.line,
                format!("{} の期間と統計量が書かれていません", band.what),
                "neither the window nor the statistic is given".to_owned(),
            );
            hits.as_level(Level::Info);
        }
    }
}

fn unreachable(page: &Page<'_>, hits: &mut Hits) {
    let escalation = page.items.iter().find(|item| {
        let label = item.label.as_deref().unwrap_or_default();
        text::has_word(label, &["解決しない", "not resolved", "unresolved"])
            && text::minutes(label).is_some()
    });
    if let Some((item, limit)) =
        escalation.and_then(|item| Some((item, text::minutes(item.label.as_deref()?)?)))
    {
        for heading in page.headings.iter().filter(|heading| heading.text.starts_with('P')) {
            if let Some(within) = text::minutes(&heading.text).filter(|within| *within > limit) {
                hits.at(
                    heading.line,
                    format!(
                        "対応開始の期限 ({}) より前に、{} 行目のエスカレーション ({}) が起こります",
                        text::duration(within, true),
                        item.line,
                        text::duration(limit, true)
                    ),
                    format!(
                        "line {} escalates after {}, before this deadline of {}",
                        item.line,
                        text::duration(limit, false),
                        text::duration(within, false)
                    ),
                );
            }
        }
    }
    // A probe that gives up before the threshold can be seen.
    let slowest =
        bands(page).into_iter().filter(|band| band.what == "応答時間" && band.to.is_infinite());
    let Some(band) = slowest.max_by(|a, b| a.from.total_cmp(&b.from)) else { return };
    for block in page.shell_blocks() {
        for command in block.commands().into_iter().filter(|command| command.program() == "curl") {
            let arguments = command.arguments();
            let limit = arguments.windows(2).find(|pair| matches!(pair[0], "--max-time" | "-m"));
            if let Some(limit) = limit
                .and_then(|pair| pair[1].parse::<f64>().ok())
                .filter(|limit| *limit < band.from)
            {
                hits.at_place(
                    block.place_of(command),
                    format!(
                        "{limit} 秒で打ち切るので、{} 行目の {} 秒は測れません",
                        band.line, band.from
                    ),
                    format!(
                        "it gives up after {limit} s, so the {} s of line {} cannot be seen",
                        band.from, band.line
                    ),
                );
            }
        }
    }
}

fn ineffective(page: &Page<'_>, hits: &mut Hits) {
    let size = page.items.iter().find(|item| {
        text::has_word(&item.text, &["ログ", "log", "logs"])
            && (item.text.contains("GB") || item.text.contains("MB"))
    });
    for block in &page.blocks {
        let rows: Vec<&str> = block.body.lines().map(str::trim).collect();
        let at = rows.iter().position(|row| matches!(*row, "daily" | "weekly" | "monthly"));
        let has_size =
            rows.iter().any(|row| row.starts_with("maxsize") || row.starts_with("size "));
        if let (Some(at), false, Some(size)) = (at, has_size, size) {
            let every = rows[at];
            hits.at(
                block.line_of(u32::try_from(at).unwrap_or_default()),
                format!(
                    "{} 行目の大きさを超えても、`{every}` のローテーションは待ちます",
                    size.line
                ),
                format!(
                    "when the size of line {} is passed, `{every}` rotation still waits",
                    size.line
                ),
            );
        }
        restarts(block, &rows, hits);
    }
}

/// A limit of starts that restarts so far apart never reach.
fn restarts(block: &crate::block::Block, rows: &[&str], hits: &mut Hits) {
    let value = |key: &str| {
        let at = rows.iter().position(|row| row.starts_with(key))?;
        let value: u32 = rows[at][key.len()..].trim_end_matches('s').parse().ok()?;
        Some((u32::try_from(at).ok()?, value))
    };
    let (Some((at, interval)), Some((_, burst)), Some((_, wait))) =
        (value("StartLimitIntervalSec="), value("StartLimitBurst="), value("RestartSec="))
    else {
        return;
    };
    if wait.saturating_mul(burst) > interval {
        hits.at(
            block.line_of(at),
            format!("{wait} 秒おきの再起動は {interval} 秒に {burst} 回にならず、制限は働きません"),
            format!(
                "restarts {wait} s apart are never {burst} in {interval} s, so the limit never acts"
            ),
        );
    }
}
