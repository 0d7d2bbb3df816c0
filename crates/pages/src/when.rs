//! Times as people read them: in their zone, short, and as clocks that run.

use askama::{Template, filters::HtmlSafe};
use domain::said::Language;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// How a viewer reads times.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
    pub(crate) language: Language,
}

/// A time, ready to be shown: the attribute for machines, the whole in words, the short form.
#[derive(Clone, Debug)]
pub(crate) struct When {
    /// RFC 3339, for `datetime`.
    pub(crate) iso: String,
    /// With date and zone.
    pub(crate) whole: String,
    /// `21:04:10` today, `11-29 21:04` on other days.
    pub(crate) short: String,
    /// `14 min`: how long ago, or how long still.
    pub(crate) distance: String,
    /// Whether it lies behind us.
    pub(crate) is_past: bool,
    /// Whether it comes so soon that somebody should hurry.
    pub(crate) is_near: bool,
}

/// What comes within this time is near.
const NEAR: SignedDuration = SignedDuration::from_mins(5);

impl Clock {
    /// A time as it is shown.
    pub(crate) fn show(&self, at: Timestamp) -> When {
        let there = at.to_zoned(self.zone.clone());
        let is_today = there.date() == self.now.to_zoned(self.zone.clone()).date();
        let short = if is_today { "%H:%M:%S" } else { "%m-%d %H:%M" };
        let left = at.duration_since(self.now);
        When {
            iso: at.to_string(),
            whole: there.strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
            short: there.strftime(short).to_string(),
            distance: self.length(left.abs()),
            is_past: left.is_negative(),
            is_near: !left.is_negative() && left <= NEAR,
        }
    }

    /// A time that there may not be.
    pub(crate) fn maybe(&self, at: Option<Timestamp>) -> Option<When> {
        at.map(|at| self.show(at))
    }

    /// A length in its two largest units. The script of the pages counts in the same words.
    pub(crate) fn length(&self, length: SignedDuration) -> String {
        let seconds = length.as_secs();
        let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
        let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
        let unit = |count: i64, ja: &str, en: &str| match self.language {
            Language::Ja => format!("{count}{ja}"),
            Language::En => format!("{count} {en}"),
        };
        let pair =
            |(a, b): (String, String)| self.language.pick(format!("{a}{b}"), format!("{a} {b}"));
        match (days, hours, minutes) {
            (0, 0, 0) => unit(seconds, "秒", "s"),
            (0, 0, _) if minutes < 10 => {
                pair((unit(minutes, "分", "min"), unit(seconds, "秒", "s")))
            }
            (0, 0, _) => unit(minutes, "分", "min"),
            (0, _, _) => pair((unit(hours, "時間", "h"), unit(minutes, "分", "min"))),
            _ => pair((unit(days, "日", "d"), unit(hours, "時間", "h"))),
        }
    }
}

impl Clock {
    /// A length that somebody wrote down, without a second unit of which there is none: `5 min`.
    pub(crate) fn even(&self, length: SignedDuration) -> String {
        let text = self.length(length);
        let none = [" 0 s", " 0 min", " 0 h", "0秒", "0分", "0時間"];
        let end = none.iter().find_map(|none| text.strip_suffix(none));
        // Ten of something end with a nothing as well.
        let is_whole = |end: &&str| !end.is_empty() && !end.ends_with(|c: char| c.is_ascii_digit());
        end.filter(|end| is_whole(end)).map_or(text.clone(), |end| end.trim_end().to_owned())
    }
}

impl When {
    /// The time of day, or the day.
    pub(crate) fn at(&self) -> At<'_> {
        At { when: self }
    }

    /// How long ago it was; the script goes on counting.
    pub(crate) fn ago(&self) -> Ago<'_> {
        Ago { when: self }
    }

    /// How long until then; the script goes on counting.
    pub(crate) fn left(&self) -> Left<'_> {
        Left { when: self }
    }
}

/// See [`When::at`].
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<time datetime="{{ when.iso }}" title="{{ when.whole }}">{{ when.short }}</time>"#
)]
pub(crate) struct At<'a> {
    when: &'a When,
}

/// See [`When::ago`].
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<time datetime="{{ when.iso }}" title="{{ when.whole }}" data-since>{{ when.distance }}</time>"#
)]
pub(crate) struct Ago<'a> {
    when: &'a When,
}

/// See [`When::left`].
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<time datetime="{{ when.iso }}" title="{{ when.whole }}" data-until{% if when.is_past %} class="past"{% else if when.is_near %} class="near"{% endif %}>{% if when.is_past %}−{% endif %}{{ when.distance }}</time>"#
)]
pub(crate) struct Left<'a> {
    when: &'a When,
}

// Templates of their own: they have escaped what they hold.
impl HtmlSafe for At<'_> {}
impl HtmlSafe for Ago<'_> {}
impl HtmlSafe for Left<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(language: Language) -> Clock {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        Clock { now: "2026-11-29T12:00:00Z".parse().expect("a time"), zone, language }
    }

    #[test]
    fn times_are_in_the_zone_of_who_reads_them() {
        let clock = clock(Language::Ja);
        let today = clock.show("2026-11-29T11:45:30Z".parse().expect("a time"));
        assert_eq!((today.short.as_str(), today.distance.as_str()), ("20:45:30", "14分"));
        assert!(today.is_past && !today.is_near);
        assert_eq!(today.whole, "2026-11-29 20:45:30 JST");
        // In Tokyo it is the next day already.
        let later = clock.show("2026-11-29T15:00:00Z".parse().expect("a time"));
        assert_eq!(later.short, "11-30 00:00");
    }

    #[test]
    fn lengths_have_two_units_at_most() {
        let all = [5, 65, 599, 600, 3600, 90_000, 864_000].map(SignedDuration::from_secs);
        let lengths = |language| all.map(|length| clock(language).length(length));
        assert_eq!(
            lengths(Language::Ja),
            ["5秒", "1分5秒", "9分59秒", "10分", "1時間0分", "1日1時間", "10日0時間"]
        );
        assert_eq!(
            lengths(Language::En),
            ["5 s", "1 min 5 s", "9 min 59 s", "10 min", "1 h 0 min", "1 d 1 h", "10 d 0 h"]
        );
    }
}
