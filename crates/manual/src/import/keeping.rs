//! Which commands keep evidence: a copy in a place of its own.

use runbook::words::Command;

/// Whether what is written is a copy that is kept, in a place of its own: never one over the log itself.
pub(crate) fn keeps(command: &Command) -> bool {
    const KEPT: [&str; 8] =
        ["/tmp/", "/var/tmp/", "incident", "evidence", "backup", "snapshot", "dump", "forensic"];
    let is_place = |text: &str| KEPT.iter().any(|place| text.to_lowercase().contains(place));
    let arguments = command.arguments();
    let copies_nothing = arguments.contains(&"/dev/null")
        || matches!(command.program(), "" | ":" | "true" | "echo" | "printf");
    let takes_away =
        arguments.iter().any(|word| word.starts_with("--remove") || word.starts_with("--delete"));
    let by_redirect = command
        .redirects
        .iter()
        .any(|redirect| redirect.operator.contains('>') && is_place(&redirect.target.text));
    let by_itself = matches!(command.program(), "cp" | "rsync" | "tar" | "pg_dump")
        && arguments.iter().any(|word| is_place(word));
    let at_the_end =
        command.program() != "cp" || arguments.last().is_some_and(|word| is_place(word));
    !copies_nothing && !takes_away && (by_redirect || by_itself && at_the_end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use runbook::syntax;

    #[test]
    fn a_copy_is_kept_only_in_a_place_of_its_own() {
        let is_kept = |text: &str| keeps(&syntax::read(text).commands[0]);
        assert!(is_kept("cp /var/log/nginx/access.log /tmp/incident.log"));
        assert!(is_kept("journalctl -n 100 > /var/evidence/journal.log"));
        for text in [
            "cp /dev/null /var/log/app.log",
            "cat /dev/null > /tmp/app.log",
            "cp /tmp/app.conf /etc/app.conf",
            "cp /srv/old.log /var/log/app.log",
            "rsync -a --delete /var/log/ /tmp/logs/",
            "echo > /var/log/dump.log",
        ] {
            assert!(!is_kept(text), "{text}");
        }
    }
}
