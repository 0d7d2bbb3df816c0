//! The table of probe kinds: one file and one row each.

use crate::{
    access_log, access_security, backup, break_glass, ci, disk, elasticsearch, freshness, host,
    http, journey, json, log, loki, oom, pm2, postgres, postgres_stats, pressure, probe::Kind,
    process, prometheus, promql, sql, systemd, tcp, tls_certificate,
};

/// Every kind there is, in the order of the manual.
pub const KINDS: &[Kind] = &[
    http::KIND,
    journey::KIND,
    tcp::KIND,
    tls_certificate::KIND,
    postgres::KIND,
    postgres_stats::KIND,
    sql::KIND,
    process::KIND,
    systemd::KIND,
    pm2::KIND,
    host::KIND,
    pressure::KIND,
    oom::KIND,
    disk::KIND,
    log::KIND,
    access_log::KIND,
    access_security::KIND,
    prometheus::KIND,
    promql::KIND,
    json::KIND,
    loki::KIND,
    elasticsearch::KIND,
    ci::KIND,
    freshness::KIND,
    backup::KIND,
    break_glass::KIND,
];

/// The kind with this name.
pub fn by_name(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::ProbeSpec;
    use domain::said::Language;
    use source::{Problems, yaml};

    #[test]
    fn the_example_of_every_kind_is_read_without_a_problem() {
        for kind in KINDS {
            let mut problems = Problems::new();
            let node = yaml::read(kind.name, kind.example, 0, &mut problems).expect(kind.name);
            let spec = ProbeSpec::parse("example", &node, &mut problems);
            assert!(problems.is_empty(), "{}", problems.render(Language::En));
            assert_eq!(spec.expect(kind.name).kind.name, kind.name);
        }
    }

    #[test]
    fn every_kind_and_every_reading_is_explained_in_both_languages() {
        for kind in KINDS {
            assert!(!kind.summary().ja.is_empty() && !kind.summary().en.is_empty(), "{kind:?}");
            assert!(!kind.readings.is_empty(), "{kind:?}");
            for (name, ja, en) in kind.readings {
                assert!(!ja.is_empty() && !en.is_empty(), "{kind:?} {name}");
            }
        }
    }
}
