//! Which commands surely only look. A step that looks runs in a dry run and without being asked, so that here, unlike in the
//! linter, what nobody listed counts as more than looking.

use crate::effects::{self, Effect};
use runbook::words::{Command, Script, Word};

/// Programs that change nothing, whatever they are given. (Where they could write a file, such a step may not.)
const PLAIN: &[&str] = &[
    "[",
    "[[",
    "basename",
    "cat",
    "cd",
    "column",
    "cut",
    "df",
    "diff",
    "dig",
    "dirname",
    "du",
    "echo",
    "egrep",
    "exit",
    "export",
    "false",
    "fgrep",
    "file",
    "free",
    "getent",
    "grep",
    "head",
    "host",
    "htop",
    "id",
    "iostat",
    "jq",
    "last",
    "less",
    "ls",
    "lsblk",
    "lscpu",
    "lsof",
    "more",
    "mpstat",
    "netstat",
    "nproc",
    "nslookup",
    "pg_isready",
    "pgrep",
    "pidstat",
    "ping",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "read",
    "readlink",
    "sar",
    "seq",
    "set",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "tac",
    "tail",
    "test",
    "top",
    "tr",
    "traceroute",
    "true",
    ":",
    "uname",
    "uniq",
    "unset",
    "uptime",
    "vmstat",
    "wc",
    "who",
    "zcat",
    "zgrep",
];
/// Programs that only look when the first word behind their options is one of these.
const VERBS: &[(&str, &[&str])] = &[
    (
        "systemctl",
        &[
            "status",
            "show",
            "cat",
            "is-active",
            "is-failed",
            "is-enabled",
            "list-units",
            "list-timers",
        ],
    ),
    ("pm2", &["list", "ls", "status", "show", "describe", "info", "jlist", "logs"]),
    ("docker", &["ps", "logs", "inspect", "stats", "images", "top", "version", "info"]),
    ("kubectl", &["get", "describe", "logs", "top", "version", "explain", "events"]),
    ("git", &["log", "show", "status", "diff", "rev-parse"]),
    (
        "redis-cli",
        &["info", "ping", "get", "llen", "dbsize", "ttl", "exists", "strlen", "lrange", "zcard"],
    ),
    ("openssl", &["s_client", "x509", "verify", "version"]),
];
/// Programs with options that make them change something.
const UNLESS: &[(&str, &[&str])] = &[
    (
        "journalctl",
        &["--vacuum", "--rotate", "--flush", "--sync", "--relinquish", "--update-catalog"],
    ),
    ("dmesg", &["-C", "-c", "-D", "-E", "-n", "--clear", "--read-clear", "--console"]),
    ("ss", &["-K", "--kill"]),
    ("find", &["-delete", "-exec", "-ok", "-fprint", "-fls"]),
    ("sysctl", &["-w", "-p", "--write", "--load", "--system"]),
];
/// Options of curl that send something.
const SENDING: [&str; 8] =
    ["--request", "--data", "--form", "--upload", "--json", "--config", "--quote", "--url-query"];
/// Words in an address that ask for a change, even by GET.
const ASKING: [&str; 9] =
    ["restart", "reload", "shutdown", "stop", "delete", "trigger", "flush", "quit", "reset"];
/// What may stand before a bracket in a question to a database.
const FUNCTIONS: &[&str] = &[
    "",
    "age",
    "and",
    "as",
    "avg",
    "cast",
    "coalesce",
    "count",
    "date_trunc",
    "distinct",
    "exists",
    "extract",
    "filter",
    "from",
    "greatest",
    "in",
    "least",
    "length",
    "lower",
    "max",
    "min",
    "not",
    "now",
    "nullif",
    "on",
    "or",
    "over",
    "pg_blocking_pids",
    "pg_database_size",
    "pg_is_in_recovery",
    "pg_size_pretty",
    "pg_total_relation_size",
    "round",
    "select",
    "sum",
    "to_char",
    "upper",
    "where",
];
/// Words of `ip` that show.
const IP: [&str; 12] =
    ["a", "addr", "address", "r", "route", "l", "link", "n", "neigh", "rule", "show", "list"];

/// What a script does at worst.
pub(crate) fn effect(script: &Script, text: &str) -> Effect {
    // A line that is only a redirection is no command to the reader, and empties a file.
    let empties = text.lines().any(|row| row.trim_start().starts_with('>'));
    let least = match empties || script.commands.is_empty() && script.assignments.is_empty() {
        true => Effect::Unknown,
        false => Effect::Read,
    };
    script.commands.iter().map(of).fold(least, Effect::max)
}

/// What a command does, at worst.
pub(crate) fn of(command: &Command) -> Effect {
    let known = effects::of(command);
    let writes = command.redirects.iter().any(|redirect| {
        let target = redirect.target.text.as_str();
        let is_nothing = target == "/dev/null" || target.bytes().all(|b| b.is_ascii_digit());
        redirect.operator.contains('>') && !is_nothing
    });
    let looks = known == Effect::Read && !writes && looks(command.program_words());
    if looks || known > Effect::Unknown || known == Effect::Write { known } else { Effect::Unknown }
}

/// Whether a program with these arguments surely only looks.
fn looks(words: &[Word]) -> bool {
    let Some((program, rest)) = words.split_first() else { return true };
    let program = program.name();
    let arguments: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    let has =
        |words: &[&str]| arguments.iter().any(|word| words.iter().any(|it| word.starts_with(it)));
    if PLAIN.contains(&program) {
        return true;
    }
    // What follows `--` in a container is a command of its own.
    if matches!(program, "kubectl" | "docker") && verb(&arguments) == Some("exec") {
        let inner = rest.iter().position(|word| word.text == "--");
        return inner.is_some_and(|at| at + 1 < rest.len() && looks(&rest[at + 1..]));
    }
    if let Some((_, verbs)) = VERBS.iter().find(|(name, _)| *name == program) {
        return verb(&arguments).is_some_and(|verb| verbs.contains(&verb.to_lowercase().as_str()));
    }
    if let Some((_, options)) = UNLESS.iter().find(|(name, _)| *name == program) {
        let sets = program == "sysctl" && arguments.iter().any(|word| word.contains('='));
        return !sets && !has(options);
    }
    match program {
        "" => true,
        "service" => arguments.last() == Some(&"status"),
        "kill" => arguments.first() == Some(&"-0"),
        "nc" => arguments.iter().any(|word| word.starts_with('-') && word.contains('z')),
        "hostname" => arguments.iter().all(|word| word.starts_with('-')),
        "mount" => arguments.is_empty(),
        "date" => {
            arguments.iter().all(|word| word.starts_with(['+', '-'])) && !has(&["-s", "--set"])
        }
        "gcloud" => has(&["describe", "list"]),
        "ip" => arguments.iter().all(|word| word.starts_with('-') || IP.contains(word)),
        "curl" => asks_only(&arguments),
        "wget" => has(&["--spider"]) && asks_only(&arguments),
        "psql" | "mysql" | "sqlite3" => questions(&arguments),
        "awk" | "gawk" => {
            let text = arguments.join(" ").replace("||", "");
            !has(&["-f", "-i"])
                && !["system", "getline", "|"].iter().any(|word| text.contains(word))
        }
        "sed" => arguments.iter().all(|word| substitutes(word)),
        "xargs" => {
            let plain = rest.iter().position(|word| !word.text.starts_with('-'));
            // An option with a word of its own would be taken for the program: then nobody can tell.
            plain.is_some_and(|at| looks(&rest[at..]))
        }
        _ => false,
    }
}

/// The first word that is neither an option nor could be the value of one.
fn verb<'a>(arguments: &[&'a str]) -> Option<&'a str> {
    let mut is_value = false;
    for word in arguments {
        if word.starts_with('-') {
            is_value = !word.contains('=');
        } else if is_value {
            is_value = false;
        } else {
            return Some(word);
        }
    }
    None
}

/// Whether curl only asks: nothing is sent, and no address sounds like an order.
fn asks_only(arguments: &[&str]) -> bool {
    let sends = |word: &&str| match word.strip_prefix('-') {
        Some(long) if long.starts_with('-') => {
            SENDING.iter().any(|option| word.starts_with(option))
        }
        Some(short) => short.contains(['X', 'd', 'F', 'T', 'K', 'Q']),
        None => ASKING.iter().any(|order| word.to_lowercase().contains(order)),
    };
    !arguments.iter().any(sends)
}

/// Whether a database is only asked, by functions that are known.
fn questions(arguments: &[&str]) -> bool {
    let Some(at) = arguments.iter().position(|word| {
        matches!(*word, "-c" | "-e" | "--command" | "--execute")
            || word.ends_with("Ac")
            || word.ends_with("tc")
    }) else {
        return false;
    };
    let Some(sql) = arguments.get(at + 1) else { return false };
    let sql = sql.to_lowercase();
    let asks = sql.split(';').map(str::trim).filter(|one| !one.is_empty()).all(|one| {
        ["select", "show", "\\d", "\\l"].iter().any(|start| one.starts_with(start))
            && !one.split_whitespace().any(|word| word == "into")
    });
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let known = sql.match_indices('(').all(|(open, _)| {
        let before = sql[..open].trim_end();
        let start = before
            .rfind(|c: char| !is_word(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        FUNCTIONS.contains(&&before[start..])
    });
    asks && known
        && !arguments.iter().any(|word| word.starts_with("-f") || word.starts_with("--file"))
}

/// `-n`, `s/a/b/g`, `10,20p`: sed can also write files and run programs.
fn substitutes(word: &str) -> bool {
    let is_range = word.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '$' | 'p' | 'd'));
    let flags =
        word.strip_prefix("s/").and_then(|rest| rest.rsplit_once('/')).map(|(_, flags)| flags);
    let is_substitution = flags.is_some_and(|flags| {
        flags.chars().all(|c| c.is_ascii_digit() || matches!(c, 'g' | 'p' | 'i'))
    });
    matches!(word, "-n" | "-E" | "-r")
        || is_range
        || is_substitution && word.matches('/').count() == 3
        || word.starts_with('/')
            && !word.ends_with(['e', 'w', '/', 'p', 'd'])
            && word.matches('/').count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use runbook::syntax;

    fn effect_of(text: &str) -> Effect {
        effect(&syntax::read(text), text)
    }

    #[test]
    fn what_surely_looks_is_known() {
        for text in [
            "df -h",
            "tail -n 100 /var/log/app.log | grep ERROR | wc -l",
            "systemctl status mks-backend --no-pager",
            "kubectl -n shop get pods -o wide",
            "kubectl -n shop exec web-0 -- df -h /data",
            "curl -fsS --max-time 5 -o /dev/null --url http://127.0.0.1:8080/health",
            "psql -h db -U app -c 'select count(*) from pg_stat_activity;'",
            "psql -tAc \"select pg_size_pretty(pg_database_size('app'))\"",
            "redis-cli -h queue-1 llen checkout",
            "awk '$9 >= 500 {print $9, $7}' /var/log/access.log",
            "find /var/log -size +1G",
            "ps aux --sort=-%mem | head -10",
            "date +%F",
            "ip addr show",
            "if grep -q x /etc/hosts; then echo yes; fi",
            "sed -n '1,20p' /etc/app.conf",
        ] {
            assert_eq!(effect_of(text), Effect::Read, "{text}");
        }
    }

    #[test]
    fn what_could_change_something_does_not_count_as_looking() {
        for text in [
            "find / -name x | xargs rm -f",
            "pgrep app | xargs kill",
            "ls | xargs -n 1 kill",
            "redis-cli flushall",
            "ip link set eth0 down",
            "journalctl --vacuum-size=1G",
            "curl -XPOST http://127.0.0.1/",
            "curl -sXDELETE http://127.0.0.1/",
            "curl --json '{}' http://127.0.0.1/",
            "curl http://127.0.0.1/admin/restart",
            "kubectl exec web-0 -- kill 1",
            "docker exec web rm -rf /data",
            "psql -f /srv/fix.sql",
            "psql -c 'select pg_reload_conf()'",
            "psql -c 'select 1; vacuum'",
            "awk 'BEGIN { system(\"reboot\") }'",
            "awk '{ print | \"sh\" }' x",
            "sed -i s/a/b/ /etc/app.conf",
            "sed 's/a/b/e' x",
            "sed '1e reboot' x",
            "find / -exec rm {} +",
            "echo flush_all | nc 127.0.0.1 11211",
            "date -s 2026-01-01",
            "hostname other",
            "sysctl vm.swappiness=1",
            "ss -K dst 192.0.2.1",
            "gcloud run deploy app",
            "git checkout main",
            "pm2 flush",
            "ssh web 'pm2 list'",
            "df -h\n> /var/log/app.log",
            "> /var/log/app.log",
            "watch reboot",
            "eval \"$x\"",
            "bash -c 'reboot'",
            "echo 3 > /proc/sys/vm/drop_caches",
            "echo b >/proc/sysrq-trigger",
            "cat x > out.txt",
            ". /etc/profile",
        ] {
            assert_ne!(effect_of(text), Effect::Read, "{text}");
        }
    }
}
