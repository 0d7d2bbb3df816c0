//! Labels: the names and values by which an alert from outside is known, kept as one sorted JSON object in text.
//!
//! One text per set instead of a tree of strings: a hundred thousand alerts fit into memory, equality is a comparison of
//! bytes, and the API prints them by copying.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap, fmt, hash::Hasher};

/// A set of labels or annotations: sorted by name, no name twice, no empty value (an empty label is no label, as
/// Prometheus has it).
///
/// ```
/// use domain::labels::Labels;
/// let labels = Labels::new([("job", "api"), ("alertname", "Down"), ("empty", "")]);
/// assert_eq!(labels.as_json(), r#"{"alertname":"Down","job":"api"}"#);
/// assert_eq!(labels.get("job").as_deref(), Some("api"));
/// ```
#[derive(Clone)]
pub struct Labels(Box<RawValue>);

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl Eq for Labels {}

impl Labels {
    /// The set of these pairs. Of a name that comes twice, the last value counts.
    pub fn new<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut sorted: Vec<(N, V)> = pairs.into_iter().collect();
        sorted.sort_by(|a, b| a.0.as_ref().cmp(b.0.as_ref()));
        let mut json = Vec::with_capacity(256);
        json.push(b'{');
        for (index, (name, value)) in sorted.iter().enumerate() {
            let comes_again =
                sorted.get(index + 1).is_some_and(|next| next.0.as_ref() == name.as_ref());
            if comes_again || value.as_ref().is_empty() {
                continue;
            }
            if json.len() > 1 {
                json.push(b',');
            }
            write_text(&mut json, name.as_ref());
            json.push(b':');
            write_text(&mut json, value.as_ref());
        }
        json.push(b'}');
        let json = String::from_utf8(json).expect("made of strings and ASCII");
        Self(RawValue::from_string(json).expect("an object of strings, written just now"))
    }

    /// The set as a JSON object.
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.as_json().len() <= 2
    }

    /// All pairs, sorted by name.
    pub fn iter(&self) -> Pairs<'_> {
        Pairs { rest: self.as_json().get(1..).unwrap_or_default() }
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// The set read once, for whoever asks it many questions.
    pub fn read(&self) -> Read<'_> {
        Read(self.iter().collect())
    }

    /// The 64-bit hash of the set, as Prometheus and Alertmanager compute it (FNV-1a over sorted names and values, each
    /// followed by the byte 255): the same alert has the same number there and here.
    pub fn hash64(&self) -> u64 {
        let mut hash = Fnv::default();
        for (name, value) in self.iter() {
            hash.write(name.as_bytes());
            hash.write(&[0xff]);
            hash.write(value.as_bytes());
            hash.write(&[0xff]);
        }
        hash.finish()
    }
}

/// The pairs of a set.
#[derive(Clone, Debug)]
pub struct Pairs<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Cow<'a, str>, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = read_text(self.rest)?;
        let (value, rest) = read_text(rest.get(1..)?)?;
        // A comma before the next pair, or the closing brace.
        self.rest = rest.get(1..).unwrap_or_default();
        Some((name, value))
    }
}

/// A set that was read: its names and values one after the other.
#[derive(Clone, Debug)]
pub struct Read<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Read<'_> {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| &**value)
    }
}

fn write_text(json: &mut Vec<u8>, text: &str) {
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
    } else {
        serde_json::to_writer(json, text)
            .expect("a string is always JSON, and memory does not fail");
    }
}

/// The JSON string at the beginning of `json`, and what comes after it.
fn read_text(json: &str) -> Option<(Cow<'_, str>, &str)> {
    let body = json.strip_prefix('"')?;
    let bytes = body.as_bytes();
    let (mut at, mut is_plain) = (0, true);
    loop {
        match bytes.get(at)? {
            b'"' => break,
            b'\\' => {
                is_plain = false;
                at += 2;
            }
            _ => at += 1,
        }
    }
    let text = if is_plain {
        Cow::Borrowed(&body[..at])
    } else {
        Cow::Owned(serde_json::from_str(&json[..at + 2]).ok()?)
    };
    Some((text, &body[at + 1..]))
}

impl Default for Labels {
    fn default() -> Self {
        Self::new::<&str, &str>([])
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self::new(pairs)
    }
}

impl Serialize for Labels {
    /// Copied as it stands: it is JSON already.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Labels;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of names and texts")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
                let mut pairs = Vec::with_capacity(16);
                while let Some(pair) = map.next_entry::<Cow<'de, str>, Cow<'de, str>>()? {
                    pairs.push(pair);
                }
                Ok(Labels::new(pairs))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

impl From<&BTreeMap<String, String>> for Labels {
    fn from(map: &BTreeMap<String, String>) -> Self {
        Self::new(map)
    }
}

/// FNV-1a, 64 bits: no defence against chosen collisions, so whoever keys by it compares the labels as well.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number that Alertmanager 0.25 shows for the same labels.
    #[test]
    fn an_alert_has_the_number_that_alertmanager_gives_it() {
        let labels = Labels::new([("alertname", "InstanceDown"), ("instance", "api-1")]);
        assert_eq!(format!("{:016x}", labels.hash64()), "0e15cccbaf2fb5cc");
    }

    #[test]
    fn hostile_values_come_back_as_they_were() {
        let hostile = "\"}],\\ \n\u{0}\u{1f}日本語</script>";
        let labels = Labels::new([(hostile, hostile), ("a", "b")]);
        let pairs: Vec<_> = labels.iter().map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        assert_eq!(pairs.len(), 2);
        assert!(pairs.contains(&(hostile.to_owned(), hostile.to_owned())));
        let back: Labels = serde_json::from_str(labels.as_json()).expect("JSON");
        assert_eq!(back, labels);
        assert_eq!(serde_json::to_string(&labels).expect("JSON"), labels.as_json());
    }

    #[test]
    fn an_empty_value_is_no_label_and_the_last_of_two_counts() {
        let labels = Labels::new([("b", "1"), ("a", ""), ("b", "2")]);
        assert_eq!(labels.as_json(), r#"{"b":"2"}"#);
        assert!(Labels::new([("a", "")]).is_empty());
        assert_eq!(Labels::default().iter().count(), 0);
    }
}
