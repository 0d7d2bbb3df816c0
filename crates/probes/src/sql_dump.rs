//! Reads a dump of SQL statements through to its end: which tables it fills, and whether it is complete.

use crate::inventory::{Fault, Inventory};
use domain::said::Said;
use std::{
    collections::BTreeSet,
    io::{self, BufRead},
};

/// As much of a line says what it is.
const LINE_BYTES: usize = 512;
/// More tables than that are counted no further.
const MOST_TABLES: usize = 100_000;

/// The last words of dumps that came to their end, by what the first words promise. The longest comes first.
const ENDS: [(&str, &str); 4] = [
    ("-- PostgreSQL database cluster dump", "-- PostgreSQL database cluster dump complete"),
    ("-- PostgreSQL database dump", "-- PostgreSQL database dump complete"),
    ("-- MySQL dump", "-- Dump completed"),
    ("-- MariaDB dump", "-- Dump completed"),
];

/// Reads it all.
///
/// # Errors
/// Bad when the end is missing.
pub(crate) fn read(dump: impl BufRead, inventory: &mut Inventory) -> io::Result<Result<(), Fault>> {
    let mut reading = Reading::default();
    each_line(dump, |line| reading.take(line, inventory))?;
    for _ in &reading.tables {
        inventory.count();
    }
    Ok(if reading.is_complete {
        Ok(())
    } else {
        let end = reading.end.unwrap_or("the last line");
        Err(Fault::Bad(Said::new(
            format!("途中で切れています: 終わりに `{end}` がありません"),
            format!("it is truncated: `{end}` is missing at its end"),
        )))
    })
}

#[derive(Default)]
struct Reading {
    tables: BTreeSet<String>,
    end: Option<&'static str>,
    is_in_copy: bool,
    is_complete: bool,
}

impl Reading {
    fn take(&mut self, line: &[u8], inventory: &mut Inventory) {
        if self.is_in_copy {
            self.is_in_copy = line != b"\\.";
            return;
        }
        let line = String::from_utf8_lossy(line);
        if self.end.is_none() {
            self.end = ENDS.iter().find(|(begin, _)| line.starts_with(begin)).map(|(_, end)| *end);
        } else if self.end.is_some_and(|end| line.starts_with(end)) {
            self.is_complete = true;
            return;
        }
        let is_statement = !line.is_empty() && !line.starts_with("--") && !line.starts_with('\\');
        if is_statement {
            self.is_complete = false;
        }
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            self.keep(table(rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest)));
        } else if let Some(rest) = line.strip_prefix("COPY ") {
            self.is_in_copy = line.ends_with(" FROM stdin;") || line.len() >= LINE_BYTES;
            self.fill(table(rest), inventory);
        } else if let Some(rest) = line.strip_prefix("INSERT INTO ") {
            self.fill(table(rest), inventory);
        }
    }

    fn fill(&mut self, table: String, inventory: &mut Inventory) {
        inventory.holds_table(&table);
        self.keep(table);
    }

    fn keep(&mut self, table: String) {
        if self.tables.len() < MOST_TABLES {
            self.tables.insert(table);
        }
    }
}

/// `public."Order of day" (id)`: the name without its quotes.
fn table(rest: &str) -> String {
    let mut is_quoted = false;
    let name = rest.chars().take_while(|c| {
        is_quoted ^= matches!(c, '"' | '`');
        is_quoted || !(c.is_whitespace() || *c == '(')
    });
    name.filter(|c| !matches!(c, '"' | '`')).collect()
}

/// Every line without its end; of long ones only the beginning. A line of a dump may be as long as a value.
fn each_line(mut text: impl BufRead, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut line = Vec::with_capacity(LINE_BYTES);
    loop {
        let piece = text.fill_buf()?;
        if piece.is_empty() {
            break;
        }
        let end = piece.iter().position(|byte| *byte == b'\n');
        let part = &piece[..end.unwrap_or(piece.len())];
        line.extend_from_slice(&part[..part.len().min(LINE_BYTES - line.len())]);
        let used = end.map_or(piece.len(), |end| end + 1);
        if end.is_some() {
            take(line.strip_suffix(b"\r").unwrap_or(&line));
            line.clear();
        }
        text.consume(used);
    }
    if !line.is_empty() {
        take(&line);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use glob::Pattern;
    use std::io::BufReader;

    const DUMP: &str = "\
--
-- PostgreSQL database dump
--
CREATE TABLE public.prices (
    symbol text
);
CREATE TABLE public.\"Order of day\" (id integer);
COPY public.prices (symbol, close) FROM stdin;
INSERT INTO liar VALUES
-- PostgreSQL database dump complete
\\.
INSERT INTO public.users VALUES (1, 'x');
--
-- PostgreSQL database dump complete
--

\\unrestrict 5Yq
";

    fn read_all(text: &str, expected: &[&str]) -> Result<u64, Fault> {
        let expected: Vec<_> =
            expected.iter().map(|text| Pattern::new(text).expect("good")).collect();
        let mut inventory = Inventory::new(&expected);
        // A small buffer: lines come in pieces.
        let dump = BufReader::with_capacity(7, text.as_bytes());
        read(dump, &mut inventory).expect("memory does not fail")?;
        inventory.judged()
    }

    #[test]
    fn tables_are_counted_and_those_with_data_are_known() {
        assert_eq!(read_all(DUMP, &["prices", "public.users"]), Ok(3));
        for missing in ["liar", "Order of day"] {
            let fault = read_all(DUMP, &[missing]).expect_err("no data");
            let Fault::Bad(why) = fault else { panic!("{fault:?}") };
            assert_eq!(why.en, format!("it does not hold the data of {missing}"));
        }
    }

    #[test]
    fn a_dump_that_was_cut_anywhere_is_truncated() {
        let complete = DUMP.find("\n--\n\n\\unrestrict").expect("there");
        for end in 30..complete {
            assert!(read_all(&DUMP[..end], &[]).is_err(), "cut after {end} bytes");
        }
        assert!(read_all(&DUMP[..complete + 4], &[]).is_ok());
    }

    #[test]
    fn a_dump_of_all_databases_ends_with_the_end_of_all() {
        let all = format!("-- PostgreSQL database cluster dump\n{DUMP}");
        assert!(
            read_all(&all, &[]).is_err(),
            "one database of it is complete, the rest is not there"
        );
        let whole = format!("{all}-- PostgreSQL database cluster dump complete\n");
        assert_eq!(read_all(&whole, &[]), Ok(3));
        let mysql = "-- MySQL dump 10.13\nINSERT INTO `prices` VALUES (1);\n-- Dump completed on 2026-11-20\n";
        assert_eq!(read_all(mysql, &["prices"]), Ok(1));
    }
}
