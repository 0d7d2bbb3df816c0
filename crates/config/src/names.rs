//! Names that must be known: what is said of one that is not, with the nearest known name.

use domain::said::Said;
use source::{Place, Problems};

/// More known names than this are not listed: nobody reads them.
const LISTED: usize = 12;

/// Reports that there is no `word` (in both languages) called `name`, and which name may have been meant.
pub(crate) fn unknown<'a>(
    place: &Place,
    word: (&str, &str),
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    problems: &mut Problems,
) {
    let known: Vec<_> = known.into_iter().collect();
    let (ja, en) = word;
    let message =
        Said::new(format!("{ja} `{name}` はありません"), format!("there is no {en} `{name}`"));
    let near = known
        .iter()
        .map(|other| (strsim::osa_distance(name, other), other))
        .min()
        .filter(|(distance, other)| *distance <= 2.max(other.len() / 3));
    let hint = match near {
        Some((_, other)) => {
            Said::new(format!("`{other}` のことですか?"), format!("did you mean `{other}`?"))
        }
        None if (1..=LISTED).contains(&known.len()) => {
            let known = known.join(", ");
            Said::new(format!("あるもの: {known}"), format!("there are: {known}"))
        }
        None => return problems.add(place, message),
    };
    problems.add_with_hint(place, message, hint);
}
