//! Where things are: links that lead nowhere, addresses that are missing.

use crate::{
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
    text,
};

pub(crate) const LINK_RESERVED: Rule = Rule {
    id: "link-reserved",
    level: Level::Error,
    title: ("例示用の名前へのリンク", "a link to a name reserved for examples"),
    why: (
        "`example.com` などは例のために予約されていて、そこには何もない。",
        "`example.com` and the like are reserved for examples; nothing is there.",
    ),
    hint: ("実際のアドレスを書いてください", "write the real address"),
    bad: "# T\n\n- [ダッシュボード](https://monitoring.example.com)\n",
    good: "# T\n\n- [ダッシュボード](https://grafana.miraikakaku.jp/d/api)\n",
    look: Look::Each(reserved_links),
};

pub(crate) const LINK_DEAD: Rule = Rule {
    id: "link-dead",
    level: Level::Error,
    title: ("行き先のないリンク", "a link that leads nowhere"),
    why: ("急いでいる人が行き止まりに着く。", "Who is in a hurry ends up nowhere."),
    hint: ("行き先を書くか、リンクを外してください", "write where it leads, or take the link away"),
    bad: "# T\n\n[手順](#nowhere) と [図]()\n",
    good: "# T\n\n[手順](#t)\n",
    look: Look::Each(dead_links),
};

pub(crate) const ADDRESS_MISSING: Rule = Rule {
    id: "address-missing",
    level: Level::Warning,
    title: ("どこにあるか書かれていない", "the address is missing"),
    why: (
        "名前だけでは、初めて対応する人は開けない。",
        "With a name alone, whoever responds for the first time cannot open it.",
    ),
    hint: (
        "URL、電話番号、チャンネル名などを書いてください",
        "write the URL, the number or the channel",
    ),
    bad: "# T\n\n- **ダッシュボード**: Grafana URL\n",
    good: "# T\n\n- **ダッシュボード**: https://grafana.miraikakaku.jp/d/api\n",
    look: Look::Each(addresses),
};

const RESERVED: [&str; 9] = [
    "example.com",
    "example.org",
    "example.net",
    ".example",
    ".invalid",
    ".test",
    "company.com",
    "your-domain",
    "yourcompany",
];

/// Whether an address is reserved for examples, or made up.
pub(crate) fn is_reserved(address: &str) -> bool {
    let host = address.split("//").last().unwrap_or_default();
    let host = host.split(['/', ':', '?', '#', ')']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    RESERVED.iter().any(|name| match name.strip_prefix('.') {
        Some(_) => host.ends_with(name),
        None => {
            host == *name
                || host.ends_with(&format!(".{name}"))
                || (!name.contains('.') && host.contains(name))
        }
    })
}

fn reserved_links(page: &Page<'_>, hits: &mut Hits) {
    for link in
        page.links.iter().filter(|link| link.target.contains("//") && is_reserved(&link.target))
    {
        hits.at_place(
            (link.line, link.column),
            format!("`{}` は例示用のアドレスです", link.target),
            format!("`{}` is an address for examples", link.target),
        );
    }
}

fn dead_links(page: &Page<'_>, hits: &mut Hits) {
    for link in &page.links {
        let anchor = link.target.strip_prefix('#').map(str::to_lowercase);
        let is_dead = match &anchor {
            Some(anchor) => !page.headings.iter().any(|heading| slug(&heading.text) == *anchor),
            None => matches!(link.target.as_str(), "" | "TODO" | "TBD" | "http://" | "https://"),
        };
        if is_dead {
            hits.at_place(
                (link.line, link.column),
                format!("「{}」の行き先 `{}` がありません", link.text, link.target),
                format!("`{}` leads to `{}`, which is not there", link.text, link.target),
            );
        }
    }
}

/// The anchor that GitHub gives to a heading.
fn slug(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Things that are somewhere, and what a text has that says where.
const PLACES: &[&str] = &[
    "ダッシュボード",
    "ステータスページ",
    "サポート窓口",
    "外部監視",
    "dashboard",
    "status page",
    "support desk",
];

fn addresses(page: &Page<'_>, hits: &mut Hits) {
    for item in &page.items {
        let is_box = page.lines[item.line as usize - 1].contains("[ ]")
            || page.lines[item.line as usize - 1].contains("[x]");
        let has_address =
            ["://", "@", "](", "`", "内線", "#"].iter().any(|mark| item.text.contains(mark))
                || item.text.chars().filter(char::is_ascii_digit).count() >= 4;
        let says_url = item.rest.ends_with("URL");
        let label = item.label.as_deref().unwrap_or_default();
        let named = text::find_word(label, PLACES).or_else(|| text::find_word(&item.rest, PLACES));
        if item.label.is_some() && !is_box && !has_address && (named.is_some() || says_url) {
            let what = if says_url { label } else { named.unwrap_or(label) };
            hits.at(
                item.line,
                format!("「{what}」がどこにあるか書かれていません"),
                format!("nothing says where `{what}` is"),
            );
        }
    }
    for heading in &page.headings {
        let is_dashboard = text::has_word(&heading.text, &["ダッシュボード", "dashboards"]);
        let items: Vec<_> = page.items.iter().filter(|item| item.heading == heading.text).collect();
        if is_dashboard
            && !items.is_empty()
            && !items.iter().any(|item| item.text.contains("://") || item.text.contains("]("))
        {
            hits.at(
                heading.line,
                format!("「{}」の開き方が書かれていません", heading.text),
                format!("nothing says how to open `{}`", heading.text),
            );
        }
    }
}
