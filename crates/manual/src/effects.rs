//! What a command does to the system: looks, writes a copy, changes, or can lose data or a whole service.

use runbook::words::Command;

/// What a command does. Orders from harmless to grave; what nobody knows stands between looking and changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Looks.
    Read,
    /// Writes something new: a copy, a folder.
    Write,
    /// Nobody can tell: a program of the team.
    Unknown,
    /// Changes the system.
    Change,
    /// Can lose data, or stop a whole service.
    Danger,
}

use Effect::{Change, Danger, Read, Write};

/// A row: a program, words that must be among its arguments, words that must not be, and what it then does.
type Row = (&'static str, &'static [&'static str], Effect);

/// The first row that fits counts. A program without words stands last.
const ROWS: &[Row] = &[
    ("pm2", &["stop", "all"], Danger),
    ("pm2", &["restart", "all"], Danger),
    ("pm2", &["delete"], Danger),
    ("pm2", &["kill"], Danger),
    ("pm2", &["restart"], Change),
    ("pm2", &["reload"], Change),
    ("pm2", &["start"], Change),
    ("pm2", &["stop"], Change),
    ("pm2", &[], Read),
    ("kill", &["-0"], Read),
    ("kill", &["-9"], Danger),
    ("kill", &["-KILL"], Danger),
    ("kill", &["-SIGKILL"], Danger),
    ("kill", &[], Change),
    ("killall", &[], Danger),
    ("pkill", &[], Danger),
    ("iptables", &["-L"], Read),
    ("iptables", &["-S"], Read),
    ("iptables", &[], Danger),
    ("ip6tables", &[], Danger),
    ("nft", &["list"], Read),
    ("nft", &[], Danger),
    ("ufw", &["status"], Read),
    ("ufw", &[], Danger),
    ("gcloud", &["restart"], Danger),
    ("gcloud", &["delete"], Danger),
    ("gcloud", &["stop"], Danger),
    ("gcloud", &["reset"], Danger),
    ("gcloud", &["patch"], Change),
    ("gcloud", &["update"], Change),
    ("gcloud", &["create"], Change),
    ("gcloud", &[], Read),
    ("rm", &["-r"], Danger),
    ("rm", &["-f"], Danger),
    ("rm", &["-rf"], Danger),
    ("rm", &["-fr"], Danger),
    ("rm", &[], Change),
    ("dd", &[], Danger),
    ("reboot", &[], Danger),
    ("shutdown", &[], Danger),
    ("poweroff", &[], Danger),
    ("halt", &[], Danger),
    ("systemctl", &["status"], Read),
    ("systemctl", &["show"], Read),
    ("systemctl", &["cat"], Read),
    ("systemctl", &["is-active"], Read),
    ("systemctl", &["is-failed"], Read),
    ("systemctl", &["is-enabled"], Read),
    ("systemctl", &["list-units"], Read),
    ("systemctl", &["list-timers"], Read),
    ("systemctl", &["reboot"], Danger),
    ("systemctl", &["poweroff"], Danger),
    ("systemctl", &["isolate"], Danger),
    ("systemctl", &[], Change),
    ("service", &["status"], Read),
    ("service", &[], Change),
    ("kubectl", &["delete"], Danger),
    ("kubectl", &["drain"], Danger),
    ("kubectl", &["rollout", "status"], Read),
    ("kubectl", &["rollout"], Change),
    ("kubectl", &["scale"], Change),
    ("kubectl", &["apply"], Change),
    ("kubectl", &["patch"], Change),
    ("kubectl", &["edit"], Change),
    ("kubectl", &["cordon"], Change),
    ("kubectl", &["uncordon"], Change),
    ("kubectl", &[], Read),
    ("docker", &["rm"], Danger),
    ("docker", &["prune"], Danger),
    ("docker", &["kill"], Danger),
    ("docker", &["down"], Danger),
    ("docker", &["restart"], Change),
    ("docker", &["stop"], Change),
    ("docker", &["start"], Change),
    ("docker", &["run"], Change),
    ("docker", &["up"], Change),
    ("docker", &[], Read),
    ("git", &["push"], Change),
    ("git", &["reset"], Danger),
    ("git", &["clean"], Danger),
    ("git", &[], Read),
    ("dropdb", &[], Danger),
    ("certbot", &["renew"], Change),
    ("apt-get", &["install"], Change),
    ("apt-get", &["upgrade"], Change),
    ("apt", &["install"], Change),
    ("apt", &["upgrade"], Change),
    ("yum", &[], Change),
    ("dnf", &[], Change),
    ("mv", &[], Change),
    ("chmod", &[], Change),
    ("chown", &[], Change),
    ("truncate", &[], Change),
    ("logrotate", &["-d"], Read),
    ("logrotate", &[], Change),
    ("swapoff", &[], Change),
    ("sed", &["-i"], Change),
    ("sysctl", &["-w"], Change),
    ("cp", &[], Write),
    ("mkdir", &[], Write),
    ("tee", &[], Write),
    ("tar", &[], Write),
    ("rsync", &[], Write),
    ("touch", &[], Write),
    ("mail", &[], Write),
    ("pg_dump", &[], Write),
];

/// Programs that only look, whatever they are given.
const LOOKERS: &[&str] = &[
    "",
    "[",
    "[[",
    "awk",
    "cat",
    "cd",
    "column",
    "cut",
    "date",
    "df",
    "diff",
    "dig",
    "dirname",
    "dmesg",
    "du",
    "echo",
    "env",
    "exec",
    "exit",
    "export",
    "false",
    "file",
    "find",
    "free",
    "getent",
    "grep",
    "egrep",
    "fgrep",
    "head",
    "hostname",
    "htop",
    "id",
    "iostat",
    "ip",
    "journalctl",
    "jq",
    "last",
    "less",
    "ls",
    "lsblk",
    "lsof",
    "more",
    "mount",
    "mpstat",
    "nc",
    "netstat",
    "nproc",
    "nslookup",
    "openssl",
    "pg_isready",
    "pgrep",
    "pidstat",
    "ping",
    "printf",
    "ps",
    "pwd",
    "read",
    "readlink",
    "sar",
    "sed",
    "set",
    "sha256sum",
    "sleep",
    "sort",
    "ss",
    "stat",
    "tail",
    "test",
    "top",
    "tr",
    "traceroute",
    "true",
    ":",
    "uname",
    "uniq",
    "uptime",
    "vmstat",
    "watch",
    "wc",
    "who",
    "xargs",
    "zcat",
    "zgrep",
    "sysctl",
    "promtool",
    "amtool",
    "unset",
    "wget",
    "curl",
    "psql",
    "mysql",
    "redis-cli",
    "sqlite3",
];
/// Words in the name of a team's own program that say what it does.
const CHANGING: &[&str] = &[
    "updat", "upgrad", "optimiz", "fix", "repair", "restart", "clean", "purge", "migrat", "deploy",
    "heal",
];
/// Statements that can lose data.
const LOSING: [&str; 4] = ["drop ", "truncate ", "delete ", "pg_terminate_backend"];
const WRITING: [&str; 7] =
    ["update ", "insert ", "alter ", "vacuum", "reindex", "create ", "grant "];

/// What a command does.
pub fn of(command: &Command) -> Effect {
    let program = command.program();
    let arguments = command.arguments();
    let has = |word: &&str| arguments.contains(word);
    if matches!(program, "psql" | "mysql" | "sqlite3") {
        let text = arguments.join(" ").to_lowercase();
        let has_any = |words: &[&str]| words.iter().any(|word| text.contains(word));
        return if has_any(&LOSING) {
            Danger
        } else if has_any(&WRITING) {
            Change
        } else {
            Read
        };
    }
    if program == "curl" {
        let posts = ["-X", "--request", "-d", "--data", "-F", "-T"];
        let gets = arguments.windows(2).any(|pair| pair[0] == "-X" && pair[1] == "GET");
        return if arguments.iter().any(|word| posts.contains(word)) && !gets {
            Change
        } else {
            Read
        };
    }
    if matches!(program, "systemctl" | "service" | "docker" | "kubectl")
        && arguments
            .iter()
            .any(|word| ["postgres", "mysql", "mariadb"].iter().any(|db| word.contains(db)))
        && arguments.iter().any(|word| matches!(*word, "restart" | "stop"))
    {
        return Danger;
    }
    if program == "find" && (has(&"-delete") || has(&"rm")) {
        return Danger;
    }
    if program.starts_with("mkfs") {
        return Danger;
    }
    if let Some(row) = ROWS.iter().find(|row| row.0 == program && row.1.iter().all(has)) {
        return row.2;
    }
    if LOOKERS.contains(&program) {
        return if writes(command) { Write } else { Read };
    }
    match script(command) {
        Some(name) if CHANGING.iter().any(|word| name.contains(word)) => Change,
        _ => Effect::Unknown,
    }
}

/// The program of the team that a command runs: `python3 x.py`, `./x.sh`.
pub fn script(command: &Command) -> Option<String> {
    let words = command.program_words();
    let first = words.first()?;
    let interpreters = ["python", "python3", "node", "ruby", "perl", "bash", "sh"];
    let word = match interpreters.contains(&first.name()) {
        true => words.iter().skip(1).find(|word| !word.text.starts_with('-'))?,
        false => first,
    };
    let is_file =
        [".py", ".sh", ".js", ".rb", ".pl"].iter().any(|ending| word.text.ends_with(ending));
    (is_file || word.text.starts_with("./")).then(|| word.text.clone())
}

/// Whether a command writes a file.
pub fn writes(command: &Command) -> bool {
    command.redirects.iter().any(|redirect| {
        redirect.operator.starts_with('>')
            && redirect.target.text.starts_with(['/', '.', '$', '~'])
            && redirect.target.text != "/dev/null"
    })
}

/// Whether a command acts on everything at once.
pub fn is_for_all(command: &Command) -> bool {
    command.arguments().contains(&"all")
}

/// Whether a command starts a service anew, so that it is away for a while.
pub fn restarts(command: &Command) -> bool {
    let arguments = command.arguments();
    arguments.contains(&"restart") && of(command) >= Change || matches!(command.program(), "reboot")
}
