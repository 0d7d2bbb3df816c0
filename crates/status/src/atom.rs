//! The feed (Atom, RFC 4287): one entry for everything that was said, the newest first.

use crate::{
    page::Page,
    told::{Entry, Told},
    words,
};
use domain::{outside_text::markup, said::Language};
use jiff::Timestamp;

/// Entries of a feed.
const MOST: usize = 50;

/// The feed in a language; `base` is the address of the page, where it is known.
pub fn feed(page: &Page, language: Language, base: Option<&str>) -> String {
    let mut entries: Vec<(&Told, &Entry)> = page
        .incidents
        .iter()
        .flat_map(|told| told.entries.iter().map(move |entry| (told, entry)))
        .collect();
    entries.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.at));
    entries.truncate(MOST);
    let updated = entries.first().map_or(page.generated_at, |(_, entry)| entry.at);
    let title = markup(page.title.text(language));
    let code = language.pick("ja", "en");
    let links = base.map_or_else(String::new, |base| {
        let base = markup(base);
        format!(
            "<link rel=\"self\" type=\"application/atom+xml\" href=\"{base}.atom?lang={code}\"/>\n\
             <link rel=\"alternate\" type=\"text/html\" href=\"{base}?lang={code}\"/>\n"
        )
    });
    let about = format!("feed {} {}", page.title.ja, page.title.en);
    let entries: String =
        entries.iter().map(|(told, one)| entry(told, one, language, base)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{code}\">\n\
         <id>{}</id>\n<title>{title}</title>\n<updated>{}</updated>\n\
         <author><name>{title}</name></author>\n{links}{entries}</feed>\n",
        uuid(&crate::told::name(&about)),
        seconds(updated),
    )
}

fn entry(told: &Told, entry: &Entry, language: Language, base: Option<&str>) -> String {
    let heading = words::heading(&told.hits, language);
    let title = markup(&format!("{heading}: {}", words::kind(&entry.what, language)));
    let text = markup(&words::text(&entry.what, language));
    let link = base.map_or_else(String::new, |base| {
        let base = markup(base);
        format!("<link rel=\"alternate\" type=\"text/html\" href=\"{base}#i-{}\"/>\n", told.id)
    });
    let at = seconds(entry.at);
    format!(
        "<entry>\n<id>{}</id>\n<title>{title}</title>\n<published>{at}</published>\n<updated>{at}</updated>\n\
         {link}<content type=\"text\">{text}</content>\n</entry>\n",
        uuid(&entry.id)
    )
}

/// As RFC 3339 has it, in whole seconds: readers are used to no more.
fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An identifier that is valid as an IRI wherever the page is: a UUID of version 8 made from twelve bytes.
fn uuid(id: &str) -> String {
    let (a, b, c, d, e) = (&id[..8], &id[8..12], &id[12..15], &id[15..18], &id[18..24]);
    format!("urn:uuid:{a}-{b}-8{c}-8{d}-{e}000000")
}
