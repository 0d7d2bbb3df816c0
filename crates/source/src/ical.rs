//! Reads iCalendar files (RFC 5545) as far as lists of days and shifts need them: events with a start, an end, a text, and
//! at most a plain yearly rule. What it cannot read it says, with the line; nothing is passed over in silence.
//!
//! <https://www.rfc-editor.org/rfc/rfc5545>: content lines in 3.1, VEVENT in 3.6.1, DTSTART in 3.8.2.4, RRULE in 3.8.5.3.

use crate::problem::{Place, Problems};
use domain::said::Said;
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// Events of one file.
const MOST: usize = 10_000;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Where it begins in the file.
    pub place: Place,
    /// Its SUMMARY.
    pub summary: String,
    /// Its DTSTART.
    pub start: Moment,
    /// Its DTEND, which does not belong to it any more; a day without one lasts a day.
    pub end: Moment,
    /// It comes again every year.
    pub is_yearly: bool,
}

/// A day or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `;VALUE=DATE:20261229`.
    Day(Date),
    /// `:20261229T090000Z`, `;TZID=Asia/Tokyo:20261229T180000`, or without either in the zone of the reader.
    Time(Timestamp),
}

/// The events of a file, in its order. `zone` holds for times that name none.
pub fn read(file: &str, text: &str, zone: &TimeZone, problems: &mut Problems) -> Vec<Event> {
    let lines = unfolded(file, text);
    if lines.first().is_none_or(|line| !line.text.eq_ignore_ascii_case("BEGIN:VCALENDAR")) {
        let place = Place { file: file.into(), line: 1 };
        problems.add_with_hint(
            &place,
            Said::new("iCalendar ファイルではありません", "this is not an iCalendar file"),
            Said::new("最初の行は BEGIN:VCALENDAR です", "its first line would be BEGIN:VCALENDAR"),
        );
        return Vec::new();
    }
    let mut events = Vec::new();
    // The names of what is open, the outermost first.
    let mut open: Vec<String> = Vec::new();
    let mut draft = None;
    for line in &lines {
        let Some(property) = Property::of(line) else {
            problems.add(
                &line.place,
                Said::new(
                    format!("`{}` は iCalendar の行ではありません", line.text),
                    format!("`{}` is not a line of iCalendar", line.text),
                ),
            );
            continue;
        };
        match property.name.as_str() {
            "BEGIN" => {
                open.push(property.value.to_ascii_uppercase());
                if open.len() == 2 && open[1] == "VEVENT" {
                    draft = Some(Draft::new(line.place.clone()));
                }
            }
            "END" => {
                if open.pop().is_none_or(|name| !name.eq_ignore_ascii_case(property.value)) {
                    problems.add(
                        &line.place,
                        Said::new(
                            format!("`{}` に対応する BEGIN がありません", line.text),
                            format!("`{}` ends what is not open here", line.text),
                        ),
                    );
                    return events;
                }
                if open.len() == 1
                    && let Some(draft) = draft.take()
                {
                    events.extend(draft.event(problems));
                }
            }
            // What lies inside an event, such as an alarm, says nothing about when it is.
            _ if open.len() == 2 => {
                if let Some(draft) = &mut draft {
                    draft.take(&property, zone, problems);
                }
            }
            _ => {}
        }
        if events.len() > MOST {
            problems.add(
                &line.place,
                Said::new(
                    format!("{MOST} 件を超える予定は読めません"),
                    format!("more than {MOST} events are not read"),
                ),
            );
            return events;
        }
    }
    if let (Some(name), Some(last)) = (open.last(), lines.last()) {
        problems.add(
            &last.place,
            Said::new(
                format!("END:{name} がないまま終わっています"),
                format!("the file ends without END:{name}"),
            ),
        );
    }
    events
}

/// A line as it was before it was folded, with the place where it begins.
struct Line {
    place: Place,
    text: String,
}

fn unfolded(file: &str, text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in (1..).zip(text.lines()) {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.text.push_str(rest),
            _ if line.trim().is_empty() => {}
            _ => {
                let place = Place { file: file.into(), line: number };
                lines.push(Line { place, text: line.to_owned() });
            }
        }
    }
    lines
}

/// `NAME;PARAMETER=VALUE:VALUE`.
struct Property<'a> {
    place: &'a Place,
    name: String,
    parameters: Vec<(String, String)>,
    value: &'a str,
}

impl<'a> Property<'a> {
    fn of(line: &'a Line) -> Option<Self> {
        // A colon within quotes belongs to a parameter.
        let mut is_quoted = false;
        let colon = line.text.find(|c| {
            is_quoted ^= c == '"';
            c == ':' && !is_quoted
        })?;
        let (head, value) = (&line.text[..colon], &line.text[colon + 1..]);
        let mut parts = head.split(';');
        let name = parts.next()?.to_ascii_uppercase();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        let parameters = parts.filter_map(|part| part.split_once('='));
        let parameters = parameters
            .map(|(key, value)| (key.to_ascii_uppercase(), value.trim_matches('"').to_owned()));
        Some(Self { place: &line.place, name, parameters: parameters.collect(), value })
    }

    fn parameter(&self, key: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    fn moment(&self, zone: &TimeZone, problems: &mut Problems) -> Option<Moment> {
        let (zone, value) = match (self.parameter("TZID"), self.value.strip_suffix('Z')) {
            (_, Some(utc)) => (TimeZone::UTC, utc),
            (None, None) => (zone.clone(), self.value),
            (Some(name), None) => {
                let Ok(zone) = TimeZone::get(name) else {
                    problems.add_with_hint(
                        self.place,
                        Said::new(
                            format!("タイムゾーン `{name}` はありません"),
                            format!("there is no time zone `{name}`"),
                        ),
                        Said::new(
                            "IANA の名前 (Asia/Tokyo など) か UTC の時刻で書いてください",
                            "write an IANA name such as Asia/Tokyo, or a time in UTC",
                        ),
                    );
                    return None;
                };
                (zone, self.value)
            }
        };
        let found = match value.contains('T') {
            true => DateTime::strptime("%Y%m%dT%H%M%S", value)
                .and_then(|local| zone.to_timestamp(local))
                .map(Moment::Time),
            false => Date::strptime("%Y%m%d", value).map(Moment::Day),
        };
        if found.is_err() {
            problems.add_with_hint(
                self.place,
                Said::new(
                    format!("`{}` は日時として読めません", self.value),
                    format!("`{}` is not a day or a time", self.value),
                ),
                Said::same("20261229, 20261229T090000Z"),
            );
        }
        found.ok()
    }
}

/// An event that is being read.
struct Draft {
    place: Place,
    summary: String,
    start: Option<Moment>,
    end: Option<Moment>,
    is_yearly: bool,
    is_cancelled: bool,
    is_wrong: bool,
}

impl Draft {
    fn new(place: Place) -> Self {
        Self {
            place,
            summary: String::new(),
            start: None,
            end: None,
            is_yearly: false,
            is_cancelled: false,
            is_wrong: false,
        }
    }

    fn take(&mut self, property: &Property<'_>, zone: &TimeZone, problems: &mut Problems) {
        match property.name.as_str() {
            "SUMMARY" => self.summary = unescaped(property.value),
            "STATUS" => self.is_cancelled = property.value.eq_ignore_ascii_case("CANCELLED"),
            "DTSTART" => {
                self.start = property.moment(zone, problems);
                self.is_wrong |= self.start.is_none();
            }
            "DTEND" => {
                self.end = property.moment(zone, problems);
                self.is_wrong |= self.end.is_none();
            }
            "RRULE" if property.value.eq_ignore_ascii_case("FREQ=YEARLY") => self.is_yearly = true,
            "RRULE" | "RDATE" | "EXDATE" | "EXRULE" | "DURATION" | "RECURRENCE-ID" => {
                self.is_wrong = true;
                let what = format!("{}:{}", property.name, property.value);
                problems.add_with_hint(
                    property.place,
                    Said::new(format!("`{what}` は読めません"), format!("`{what}` cannot be read")),
                    Said::new(
                        "DTSTART と DTEND を一件ずつ書くか、RRULE:FREQ=YEARLY だけを使ってください",
                        "write each event with DTSTART and DTEND, or use RRULE:FREQ=YEARLY alone",
                    ),
                );
            }
            _ => {}
        }
    }

    fn event(self, problems: &mut Problems) -> Option<Event> {
        if self.is_cancelled || self.is_wrong {
            return None;
        }
        let Some(start) = self.start else {
            problems
                .add(&self.place, Said::new("DTSTART がありません", "this event has no DTSTART"));
            return None;
        };
        let end = match (self.end, start) {
            (Some(end), _) => Some(end),
            (None, Moment::Day(day)) => day.checked_add(1.day()).ok().map(Moment::Day),
            (None, Moment::Time(_)) => None,
        };
        let is_after = match (start, end) {
            (Moment::Day(start), Some(Moment::Day(end))) => start < end,
            (Moment::Time(start), Some(Moment::Time(end))) => start < end,
            _ => false,
        };
        let Some(end) = end.filter(|_| is_after) else {
            problems.add(
                &self.place,
                Said::new(
                    "DTEND が DTSTART より後の同じ形の日時ではありません",
                    "its DTEND is not a later day or time of the same form as its DTSTART",
                ),
            );
            return None;
        };
        let Self { place, summary, is_yearly, .. } = self;
        Some(Event { place, summary, start, end, is_yearly })
    }
}

/// `\,`, `\;`, `\\` and `\n` stand for themselves and for a new line; of a summary, a space.
fn unescaped(text: &str) -> String {
    let mut chars = text.chars();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => chars.next().filter(|c| !matches!(c, 'n' | 'N')).unwrap_or(' '),
            c => c,
        };
        plain.push(if c.is_control() { ' ' } else { c });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::said::Language;
    use jiff::civil::date;

    fn tokyo() -> TimeZone {
        TimeZone::get("Asia/Tokyo").expect("a zone")
    }

    fn events(inside: &str) -> Result<Vec<Event>, String> {
        let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n");
        let mut problems = Problems::default();
        let events = read("days.ics", &text, &tokyo(), &mut problems);
        match problems.is_empty() {
            true => Ok(events),
            false => Err(problems.render(Language::En)),
        }
    }

    #[test]
    fn days_times_and_yearly_days_are_read() {
        let found = events(
            "BEGIN:VTIMEZONE\r\nTZID:Asia/Tokyo\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
             RRULE:FREQ=DAILY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
             BEGIN:VEVENT\r\nSUMMARY:Tag der Deutschen\r\n  Einheit\\, frei\r\n\
             DTSTART;VALUE=DATE:20201003\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\n\
             BEGIN:VEVENT\r\nSUMMARY:sato\r\nDTSTART;TZID=\"Asia/Tokyo\":20261201T090000\r\n\
             DTEND:20261201T090000Z\r\nBEGIN:VALARM\r\nDURATION:PT5M\r\nEND:VALARM\r\nEND:VEVENT\r\n",
        );
        let found = found.expect("reads");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].summary, "Tag der Deutschen Einheit, frei");
        assert_eq!(found[0].start, Moment::Day(date(2020, 10, 3)));
        assert_eq!(found[0].end, Moment::Day(date(2020, 10, 4)));
        assert!(found[0].is_yearly);
        let at = |text: &str| Moment::Time(text.parse().expect("a time"));
        assert_eq!(found[1].start, at("2026-12-01T00:00:00Z"));
        assert_eq!(found[1].end, at("2026-12-01T09:00:00Z"));
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_line() {
        for (inside, line, what) in [
            ("DTSTART;VALUE=DATE:20261003\r\nRRULE:FREQ=WEEKLY;BYDAY=MO\r\n", 5, "FREQ=WEEKLY"),
            ("DTSTART;VALUE=DATE:20261340\r\n", 4, "is not a day or a time"),
            ("SUMMARY:x\r\n", 3, "has no DTSTART"),
            ("DTSTART:20261003T090000\r\n", 3, "DTEND"),
            ("DTSTART;TZID=Mars/Base:20261003T090000\r\n", 4, "no time zone `Mars/Base`"),
            ("DTSTART;VALUE=DATE:20261003\r\nDTEND;VALUE=DATE:20261003\r\n", 3, "DTEND"),
            ("no colon here\r\n", 4, "not a line of iCalendar"),
        ] {
            let said =
                events(&format!("BEGIN:VEVENT\r\n{inside}END:VEVENT\r\n")).expect_err(inside);
            assert!(said.contains(&format!("days.ics:{line}")), "{said}");
            assert!(said.contains(what), "{said}");
        }
    }

    #[test]
    fn a_file_that_is_no_calendar_or_is_cut_off_is_refused() {
        let mut problems = Problems::default();
        read("x.ics", "<html>", &tokyo(), &mut problems);
        assert!(problems.render(Language::En).contains("not an iCalendar file"));
        let mut problems = Problems::default();
        read("x.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", &tokyo(), &mut problems);
        assert!(problems.render(Language::En).contains("without END:VEVENT"));
    }
}
