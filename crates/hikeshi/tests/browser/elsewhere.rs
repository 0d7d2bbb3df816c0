//! People who sign in with an account elsewhere: a real provider, a real browser, and a site between which no strict cookie
//! travels (OpenID Connect; requirement A66).

use crate::{
    common::House,
    driver::{self, Browser, DESK, Manner, PHONE},
    inspecting, pictures,
    town::{self, PASSWORD},
};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

const SECRET: &str = "a secret of the tests";

/// npm's `oidc-provider`; it ends with this value.
struct Provider {
    process: Child,
    /// It ends when nobody hears it.
    _said: BufReader<ChildStdout>,
    port: u16,
    folder: tempfile::TempDir,
}

impl Provider {
    /// None: the package is not there, which is said, and is a failure under CI.
    fn start() -> Option<Self> {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/node_modules");
        let is_there = tools.join("oidc-provider").exists() && driver::is_there();
        assert!(is_there || std::env::var_os("CI").is_none(), "oidc-provider is needed in CI");
        if !is_there {
            eprintln!("skipped: no oidc-provider; cargo xtask test --install brings it");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("groups.json"), "{}").expect("written");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/provider.mjs");
        let mut process = Command::new("node")
            .args([&script, &tools, folder.path()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is there");
        let mut said = BufReader::new(process.stdout.take().expect("a pipe"));
        let port = said
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ready ").and_then(|port| port.parse().ok()));
        let port = port.expect("the provider starts");
        Some(Self { process, _said: said, port, folder })
    }

    /// From now on these are the groups of its people.
    fn groups(&self, groups: &Value) {
        fs::write(self.folder.path().join("groups.json"), groups.to_string()).expect("written");
    }

    /// A house that knows it.
    fn house(&self, more: &str) -> House {
        let accounts = format!(
            "accounts:\n  openid_connect:\n    issuer: http://localhost:{}\n    client_id: hikeshi\n    \
             client_secret_env: CLIENT_SECRET\n    title: Example\n    scopes: [profile, groups]\n{more}",
            self.port
        );
        let house = House::new(&format!("services: {{db: {{owner: DB}}, web: {{}}}}\n{accounts}"));
        house.with_variable("CLIENT_SECRET", SECRET)
    }

    fn end(&mut self) {
        self.process.kill().expect("ours");
        self.process.wait().expect("ours");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Signs in on the provider's own pages.
fn at_the_provider(browser: &Browser, name: &str) {
    browser.wait("the provider asks", |browser| browser.find("input[name=login]"));
    browser.write("input[name=login]", name);
    browser.write("input[name=password]", "anything");
    browser.press("button.login-submit");
    browser.wait("it asks whether we may know", |browser| {
        browser.find("form[action*=interaction]:not(:has(input[name=login])) button")
    });
    browser.press("form button");
}

/// They are signed in there already, and say that we may know.
fn again_at_the_provider(browser: &Browser) {
    browser.wait("the provider asks", |browser| browser.find("form[action*=interaction] button"));
    browser.press("form button");
}

/// What the browser complains of on our pages; those of the provider are its own.
fn complaints(house: &House, browser: &Browser) -> Vec<String> {
    let mut all = browser.complaints();
    all.retain(|one| one.contains(&house.door().to_string()));
    all
}

/// Whether everybody can use a page, and whether it is valid.
fn look_over(house: &House, browser: &Browser, path: &str, name: &str) {
    pictures::take_on_the_way(browser, &format!("http://{}{path}", house.door()), name);
    if let Some(tools) = inspecting::tools() {
        inspecting::look_over(&tools, house, browser, &[path]);
    }
}

fn account(house: &House, name: &str) -> Value {
    let all = house.json(&["account", "list"]);
    let found = all.as_array().into_iter().flatten().find(|one| one["name"] == name);
    found.cloned().unwrap_or_default()
}

fn sign_out(house: &House, browser: &Browser) {
    browser.open(&format!("http://{}/settings", house.door()));
    browser.press("form[action='/sign-out'] button");
    browser.wait("out", |browser| browser.find("input[name=password]"));
}

const ROLES: &str = "    roles:\n      - {group: sre, role: approver}\n      - {group: dba, role: responder, team: DB}\n";

#[test]
fn whoever_has_an_account_elsewhere_gets_one_here_and_may_what_their_groups_may() {
    let Some(provider) = Provider::start() else { return };
    let mut house = provider.house(&format!("{ROLES}  second_factor: required\n"));
    house.serve();
    house.run_for(0, &["account", "add", "root"]);
    provider.groups(&json!({"sato": ["sre"], "eve": ["staff"]}));
    for manner in [Manner { scripting: false, ..PHONE }, Manner { language: "en", ..DESK }] {
        let browser = Browser::start(manner);
        let base = format!("http://{}", house.door());
        browser.open(&format!("{base}/on-call?weeks=2"));
        browser.press("a.button[href^='/sign-in/openid']");
        at_the_provider(&browser, "sato");
        // Where they wanted to go, without the second factor that a password would need.
        browser.wait("in", |browser| browser.find(".who"));
        assert!(browser.address().ends_with("/on-call?weeks=2"), "{}", browser.address());
        let sato = account(&house, "sato");
        assert_eq!((&sato["role"], &sato["teams"]), (&json!("approver"), &json!({})));
        assert_eq!(
            (&sato["by"], &sato["identity"]["subject"]),
            (&json!("Example"), &json!("sato"))
        );
        // The next time their groups are others.
        provider.groups(&json!({"sato": ["dba"], "eve": ["staff"]}));
        sign_out(&house, &browser);
        browser.open(&format!("{base}/sign-in"));
        browser.press("a.button[href^='/sign-in/openid']");
        again_at_the_provider(&browser);
        browser.wait("in", |browser| browser.find(".who"));
        let sato = account(&house, "sato");
        assert_eq!(
            (&sato["role"], &sato["teams"]),
            (&json!("viewer"), &json!({"DB": "responder"}))
        );
        provider.groups(&json!({"sato": ["sre"], "eve": ["staff"]}));
        assert_eq!(complaints(&house, &browser), Vec::<String>::new());
    }
    // Who is in no group that may come in does not, and gets no account.
    let browser = Browser::start(Manner { language: "en", ..DESK });
    browser.open(&format!("http://{}/sign-in", house.door()));
    browser.press("a.button[href^='/sign-in/openid']");
    at_the_provider(&browser, "eve");
    browser.see("None of your groups at Example may come in here");
    assert_eq!(account(&house, "eve"), Value::Null);
    // Everything of it is a fact with a name, and none holds a secret.
    let facts = house.facts_of("account_changed");
    let of_sato = |change: &str| {
        facts
            .iter()
            .filter(|one| {
                one["fact"]["account"] == "sato" && one["fact"]["change"].get(change).is_some()
            })
            .count()
    };
    assert_eq!((of_sato("added"), of_sato("connected")), (1, 1));
    assert!(of_sato("allowed") >= 2 && of_sato("team_allowed") >= 2, "{facts:?}");
    assert!(!Value::Array(house.facts()).to_string().contains(SECRET));
    assert!(!house.log().contains(SECRET));
}

#[test]
fn an_account_that_is_there_is_connected_by_whoever_knows_its_password() {
    let Some(mut provider) = Provider::start() else { return };
    let mut house = provider.house("    new_accounts: viewer\n");
    house.serve();
    let base = format!("http://{}", house.door());
    let browser = Browser::start(Manner { language: "en", ..DESK });
    town::sign_in(&house, &browser, "sato", "administrator");
    sign_out(&house, &browser);
    look_over(&house, &browser, "/sign-in", "elsewhere-sign-in");
    browser.open(&format!("{base}/sign-in"));
    // A name that somebody has is taken over by nobody.
    browser.press("a.button[href^='/sign-in/openid']");
    at_the_provider(&browser, "sato");
    browser.see("there is an account of that name");
    assert_eq!(account(&house, "sato")["identity"], Value::Null);
    browser.write("input[name=name]", "sato");
    browser.write("input[name=password]", PASSWORD);
    browser.press("form[action='/sign-in'] button");
    // Signed in, they are asked whether the two belong together.
    browser.see("Connect this account with it?");
    look_over(&house, &browser, "/settings/security", "elsewhere-connect");
    browser.open(&format!("{base}/settings/security"));
    browser.write("form.ask input[name=password]", "not the password");
    browser.press("form.ask button");
    browser.see("The password is wrong");
    assert_eq!(account(&house, "sato")["identity"], Value::Null);
    browser.write("form.ask input[name=password]", PASSWORD);
    browser.press("form.ask button");
    browser.see("Connected: you sign in with it");
    assert_eq!(account(&house, "sato")["identity"]["subject"], "sato");
    assert_eq!(account(&house, "sato")["role"], "administrator", "what was said here stays");
    sign_out(&house, &browser);
    browser.open(&format!("{base}/sign-in?next=%2Faudit"));
    browser.press("a.button[href^='/sign-in/openid']");
    again_at_the_provider(&browser);
    browser.wait("in", |browser| browser.find(".who"));
    assert!(browser.address().ends_with("/audit"), "{}", browser.address());
    // An administrator takes it back: whoever is in with it is out.
    house.run_for(0, &["account", "disconnect", "sato"]);
    browser.open(&format!("{base}/audit"));
    browser.wait("out", |browser| browser.find("input[name=password]"));
    assert_eq!(complaints(&house, &browser), Vec::<String>::new());
    // Without the provider the password still opens. (What it said of itself is known for half a minute, if hikeshi lives.)
    provider.end();
    house.stop();
    house.serve();
    browser.open(&format!("http://{}/sign-in", house.door()));
    browser.press("a.button[href^='/sign-in/openid']");
    browser.see("cannot be reached");
    let found = house.json(&["account", "list"]);
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    browser.write("input[name=name]", "sato");
    browser.write("input[name=password]", PASSWORD);
    browser.press("form[action='/sign-in'] button");
    browser.wait("in", |browser| browser.find(".who"));
    let doctor = house.run(&["--json", "doctor"]);
    let found = doctor.json()["findings"].as_array().cloned().unwrap_or_default();
    assert!(found.iter().any(|one| one["kind"] == "openid_connect"), "{found:?}");
}

#[test]
fn a_one_time_link_is_used_with_an_account_elsewhere_instead_of_a_password() {
    let Some(provider) = Provider::start() else { return };
    let mut house = provider.house("");
    house.serve();
    house.run_for(0, &["account", "add", "root"]);
    let made = house.json(&["account", "add", "佐藤", "--role", "responder"]);
    let link = made["link"].as_str().expect("a link");
    let browser = Browser::start(PHONE);
    browser.open(link);
    browser.press("a.button[href^='/sign-in/openid/connect']");
    at_the_provider(&browser, "sato@example.jp");
    browser.see("sato@example.jp");
    look_over(&house, &browser, &town::path_of(link), "elsewhere-welcome");
    browser.open(link);
    browser.press("form.ask button");
    browser.wait("in", |browser| browser.find(".who"));
    assert_eq!(account(&house, "佐藤")["identity"]["subject"], "sato@example.jp");
    browser.open(link);
    browser.see("このリンクは使えません");
    // What takes a password says that there is none.
    browser.open(&format!("http://{}/settings/security", house.door()));
    browser.write("form.stack input[name=password]", "anything at all");
    browser.press("form.stack button");
    browser.see("このアカウントにはまだパスワードがありません");
    // Nobody else gets an account where none are made.
    let other = Browser::start(Manner { language: "en", ..DESK });
    other.open(&format!("http://{}/sign-in", house.door()));
    other.press("a.button[href^='/sign-in/openid']");
    at_the_provider(&other, "suzuki");
    other.see("no account here is connected with it yet");
    assert_eq!(house.json(&["account", "list"]).as_array().map(Vec::len), Some(2));
    // What comes back without having left is no sign-in.
    other.open(&format!("http://{}/sign-in/openid/back?code=x&state=y", house.door()));
    other.see("no sign-in that this browser has begun");
    assert_eq!(complaints(&house, &browser), Vec::<String>::new());
}
