//! Stories about the services, the proxy, the visitors and the sinks, on real processes without
//! PostgreSQL.

mod common;

use common::{Stage, exchange, get, until};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

#[test]
fn a_healthy_platform_serves_its_data_and_logs_its_visitors() {
    let stage = Stage::open(false);
    let (status, health) = stage.ask(2, "/health").expect("api-2 answers");
    assert_eq!(status, 200);
    for part in
        ["\"status\":\"healthy\"", "\"database\":\"memory\"", "\"message\":", "\"timestamp\":"]
    {
        assert!(health.contains(part), "{health}");
    }
    assert_eq!(stage.visit("/health").0, 200);
    let (_, stock) = stage.visit("/api/stocks/7203.T");
    assert!(stock.contains("トヨタ自動車"), "{stock}");
    let (_, found) = stage.visit("/api/stocks/search?q=toyota");
    assert!(found.contains("\"results\":[]"), "names are Japanese: {found}");
    assert!(stage.visit("/api/stocks/search?q=7203").1.contains("7203.T"));
    assert!(stage.visit("/api/finance/stocks/7203.T/price").1.contains("close_price"));
    assert!(stage.visit("/api/finance/stocks/7203.T/predictions").1.contains("linear-40"));
    assert!(stage.visit("/api/market/summary").1.contains("\"total_active_symbols\":30"));
    assert!(stage.visit("/api/finance/rankings/predictions").1.contains("\"status\":\"success\""));
    let (status, unknown) = stage.visit("/api/stocks/0000.T");
    assert_eq!(status, 404);
    assert!(unknown.contains("\"error\":") && unknown.contains("\"timestamp\":"), "{unknown}");
    let (_, page) = stage.visit("/");
    assert!(page.contains("Miraikakaku") && page.contains("data-ready=\"true\""), "{page}");
    let log = until("visitors come", || stage.access_log(), |log| log.contains("203.0.113.1"));
    assert!(log.contains("\"GET /api/stocks/7203.T HTTP/1.1\" 200 "), "{log}");
    assert!(log.contains(" ust=200 uct=0.") && log.contains(" rt=0."), "{log}");
    let (_, metrics) = stage.ask(1, "/metrics").expect("api-1 answers");
    assert!(metrics.contains("miraikakaku_http_requests_total"), "{metrics}");
}

#[test]
fn the_accuracy_is_measured_on_predictions_that_are_due() {
    let stage = Stage::open(false);
    let (_, text) = stage.visit("/api/predictions/accuracy/summary");
    let accuracy: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let overall = &accuracy["overall"];
    assert!(overall["n"].as_u64().expect("a count") > 300, "{text}");
    let mape = overall["mape_percent"].as_f64().expect("measured");
    assert!(mape > 0.1 && mape < 30.0, "a random walk is not predicted exactly: {text}");
    let hits = overall["direction_hit_rate_percent"].as_f64().expect("measured");
    assert!(hits > 5.0 && hits < 95.0, "{text}");
    assert_eq!(accuracy["models"].as_array().map(Vec::len), Some(3), "one per horizon: {text}");
}

#[test]
fn a_killed_instance_is_hidden_by_the_proxy_and_comes_back() {
    let mut stage = Stage::open(false);
    stage.set("api-2:kill");
    until("api-2 is dead", || stage.ask(2, "/health"), Option::is_none);
    for _ in 0..6 {
        assert_eq!(stage.visit("/api/stocks/7203.T").0, 200, "two are left");
    }
    stage.platform.start_services(&|_| {}).expect("starts api-2 again");
    assert_eq!(stage.ask(2, "/health").expect("answers").0, 200);
}

#[test]
fn a_hung_instance_accepts_and_never_answers_and_the_proxy_goes_round_it() {
    let stage = Stage::open(false);
    let hung = stage.platform.ports().api[1];
    stage.set("api-2:hang");
    assert_eq!(get(hung, "/health", Duration::from_millis(300)), None, "accepts, says nothing");
    // Requests that wait at api-2 are under way there, so that new ones go elsewhere.
    let answered = |_| get(stage.platform.ports().proxy, "/api/health", Duration::from_secs(5));
    until(
        "most requests are answered",
        || (0..3).filter_map(answered).count(),
        |count| *count == 3,
    );
    stage.clear("api-2:hang");
    assert_eq!(stage.ask(2, "/health").expect("answers again").0, 200);
}

#[test]
fn with_all_instances_dead_the_proxy_says_502_and_its_own_health_is_green() {
    let stage = Stage::open(false);
    for number in 1..=3 {
        stage.set(&format!("api-{number}:crash-loop"));
    }
    until("all are dead", || stage.visit("/api/stocks/7203.T").0, |status| *status == 502);
    assert_eq!(stage.visit("/health"), (200, "healthy\n".into()));
    let (status, page) = stage.visit("/");
    assert!(status == 200 && page.contains("data-ready=\"false\""), "{page}");
    let start = stage.platform.services().remove(0);
    let ended = start.guarded().status().expect("runs");
    assert_eq!(ended.code(), Some(1), "it crashes at every start");
    let log = stage.access_log();
    assert!(log.contains(" ust=502 uct=-"), "{log}");
}

#[test]
fn errors_slowness_and_broken_routes_are_seen_through_the_proxy() {
    let stage = Stage::open(false);
    let each = |fault: &str| (1..=3).map(|it| format!("api-{it}:{fault}")).collect::<Vec<_>>();
    each("error-rate=60").iter().for_each(|fault| stage.set(fault));
    let failed = (0..30).filter(|_| stage.visit("/api/stocks/7203.T").0 == 500).count();
    assert!((10..=26).contains(&failed), "about 18 of 30, visitors take part: {failed}");
    assert_eq!(stage.ask(1, "/health").expect("answers").0, 200, "health is spared");
    each("error-rate=60").iter().for_each(|fault| stage.clear(fault));
    each("broken-predictions").iter().for_each(|fault| stage.set(fault));
    assert_eq!(stage.visit("/api/finance/stocks/7203.T/predictions").0, 500);
    assert_eq!(stage.visit("/api/finance/stocks/7203.T/price").0, 200);
    stage.platform.clear_all().expect("clears");
    assert_eq!(stage.visit("/api/finance/stocks/7203.T/predictions").0, 200);
    stage.set("frontend:blank");
    let (status, page) = stage.visit("/");
    assert!(status == 200 && !page.contains("data-ready"), "{page}");
    stage.set("api-1:slow=400");
    let begun = std::time::Instant::now();
    assert_eq!(stage.ask(1, "/health").expect("answers late").0, 200);
    assert!(begun.elapsed() >= Duration::from_millis(400));
}

#[test]
fn a_burst_of_log_errors_is_json_lines_in_the_shared_error_log() {
    let stage = Stage::open(false);
    let log = stage.platform.folder().api_errors();
    let count = || std::fs::read_to_string(&log).unwrap_or_default().matches("429 Too").count();
    stage.set("api-3:log-errors=200");
    until("fifty errors", count, |count| *count >= 50);
    stage.clear("api-3:log-errors=200");
    let line = std::fs::read_to_string(&log).expect("reads");
    let line: serde_json::Value =
        serde_json::from_str(line.lines().next().expect("a line")).expect("JSON lines");
    assert_eq!((line["level"].as_str(), line["instance"].as_str()), (Some("ERROR"), Some("api-3")));
}

#[test]
fn the_mks_log_grows_by_its_own_process_and_a_rotated_one_is_let_go() {
    let stage = Stage::open(false);
    let log = stage.platform.folder().mks_log();
    let size = || std::fs::metadata(&log).map_or(0, |it| it.len());
    stage.set("mks-backend:fill=3000000");
    until("the log is full", size, |size| *size == 3_000_000);
    until("it happens once", || stage.fault_list(), String::is_empty);
    let moved = log.with_extension("log.1");
    std::fs::rename(&log, &moved).expect("rotates");
    let pid = std::fs::read_to_string(stage.platform.folder().pid_file("mks-backend"));
    let pid = pid.expect("a pid file").trim().to_owned();
    let hup = Command::new("kill").args(["-HUP", &pid]).status().expect("kill runs");
    assert!(hup.success());
    until("a new log is open", || log.exists(), |exists| *exists);
    let open = || {
        std::fs::read_dir(format!("/proc/{pid}/fd"))
            .expect("lists")
            .flatten()
            .filter_map(|fd| std::fs::read_link(fd.path()).ok())
            .any(|path| path == moved)
    };
    until("the old file is let go", open, |open| !open);
    let (status, health) =
        get(stage.platform.ports().mks, "/api/v1/health", Duration::from_secs(60))
            .expect("answers");
    assert!(status == 200 && health.contains("\"disk_free_gb\":"), "{health}");
}

#[test]
fn what_is_sent_to_the_sinks_can_be_read_until_they_are_down() {
    let stage = Stage::open(false);
    let ports = stage.platform.ports().clone();
    let post = |port: u16| {
        let body = r#"{"text":"[P0] 緊急事態","event":"firing"}"#;
        let request = format!(
            "POST /services/T HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        exchange(port, &request, Duration::from_secs(60)).expect("the sink answers").0
    };
    assert_eq!((post(ports.chat), post(ports.phone)), (200, 200));
    let mut smtp = TcpStream::connect(("127.0.0.1", ports.mail)).expect("connects");
    let mail = "HELO me\r\nMAIL FROM:<a@example.jp>\r\nRCPT TO:<b@example.jp>\r\nDATA\r\n\
                Subject: =?UTF-8?B?5Lu25ZCN?=\r\n\r\nhello\r\n.\r\nQUIT\r\n";
    smtp.write_all(mail.as_bytes()).expect("sends");
    let last = BufReader::new(&smtp).lines().map_while(Result::ok).last();
    assert_eq!(last.as_deref(), Some("221 bye"));
    let deliveries = stage.platform.deliveries().expect("reads");
    let sinks: Vec<&str> = deliveries.iter().map(|it| it.sink.as_str()).collect();
    assert_eq!(sinks, ["chat", "phone", "mail"]);
    assert_eq!(deliveries[0].body, "[P0] 緊急事態");
    assert_eq!(deliveries[2].subject.as_deref(), Some("件名"));
    stage.set("chat:down");
    assert_eq!((post(ports.chat), post(ports.phone)), (500, 200));
    stage.clear("chat:down");
    assert_eq!(post(ports.chat), 200);
}

#[test]
fn after_the_end_nothing_is_left_and_nobody_listens() {
    let mut stage = Stage::open(false);
    let pids = stage.platform.folder().path().join("pids");
    let running = || std::fs::read_dir(&pids).expect("lists").count();
    assert_eq!(running(), 8, "five services, sinks, proxy, visitors");
    let ports = stage.platform.ports().clone();
    stage.platform.stop();
    assert_eq!(running(), 0, "every pid file went with its process");
    for port in ports.api.into_iter().chain([ports.frontend, ports.proxy, ports.mail, ports.chat]) {
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "port {port}");
    }
    stage.platform.stop();
}

#[test]
fn a_second_terminal_flips_the_switches() {
    let stage = Stage::open(false);
    let fault = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_miraikakaku"))
            .arg("fault")
            .args(words)
            .env("MIRAIKAKAKU_FOLDER", stage.platform.folder().path())
            .output()
            .expect("runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(fault(&["set", "api-2", "slow=5100"]), (Some(0), String::new()));
    assert_eq!(fault(&["set", "mail:down"]), (Some(0), String::new()));
    assert_eq!(fault(&["list"]), (Some(0), "api-2:slow=5100\nmail:down\n".into()));
    assert_eq!(fault(&["clear", "api-2", "slow"]).0, Some(0));
    assert_eq!(fault(&["set", "api-2", "burn"]).0, Some(1));
    assert_eq!(fault(&["burn"]).0, Some(2));
    assert_eq!(fault(&["clear"]).0, Some(0));
    assert_eq!(stage.fault_list(), "");
    assert_eq!(fault(&["set", "api-1", "kill"]).0, Some(0));
    until("api-1 is dead", || stage.ask(1, "/health"), Option::is_none);
    assert_eq!(fault(&["set", "api-1", "kill"]).0, Some(1), "there is nothing to kill");
}

#[test]
fn when_the_starter_is_killed_everything_it_started_goes_too() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let folder = place.path().join("work");
    let mut starter = Command::new(env!("CARGO_BIN_EXE_miraikakaku"))
        .args(["up", "--free-ports"])
        .arg(&folder)
        .spawn()
        .expect("starts");
    let everyone = if demo::is_postgres_installed() { 9 } else { 8 };
    let pids = || std::fs::read_dir(folder.join("pids")).map_or(0, Iterator::count);
    until("everyone runs", pids, |count| *count == everyone);
    let data = std::fs::canonicalize(folder.join("postgres")).unwrap_or_default();
    starter.kill().expect("SIGKILL");
    starter.wait().expect("ends");
    until("everyone is gone", pids, |count| *count == 0);
    assert!(!data.join("postmaster.pid").exists(), "PostgreSQL too");
}

impl Stage {
    fn access_log(&self) -> String {
        std::fs::read_to_string(self.platform.folder().access_log()).expect("the log is there")
    }

    fn fault_list(&self) -> String {
        let faults = demo::fire::list(self.platform.folder()).expect("lists");
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}
