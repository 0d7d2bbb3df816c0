//! Drives a real headless Chromium over the WebDriver protocol (W3C), which is JSON over HTTP: one file is enough, where a
//! crate for it would bring twenty others.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long anything may take, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(120);
/// The key under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What a browser is to be like.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    pub width: u32,
    pub height: u32,
    /// Scripts of pages run.
    pub scripting: bool,
    /// What it asks for in `Accept-Language`.
    pub language: &'static str,
}

/// A telephone in one hand.
pub const PHONE: Manner = Manner { width: 390, height: 844, scripting: true, language: "ja" };
/// A desk.
pub const DESK: Manner = Manner { width: 1280, height: 900, scripting: true, language: "ja" };

/// A browser; it ends with this value.
pub struct Browser {
    driver: Child,
    _profile: TempDir,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    session: String,
    manner: Manner,
}

/// Whether a browser can be had; where not, it is said, and is a failure under CI.
pub fn is_there() -> bool {
    let found = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let is_there = found("chromium") && found("chromedriver");
    assert!(is_there || std::env::var_os("CI").is_none(), "Chromium is needed in CI");
    if !is_there {
        eprintln!("skipped: no Chromium; on Debian: apt-get install chromium chromium-driver");
    }
    is_there
}

impl Browser {
    /// Starts one.
    pub fn start(manner: Manner) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let said = BufReader::new(driver.stdout.take().expect("a pipe"));
        let port = said.lines().map_while(Result::ok).find_map(|line| {
            let rest = line.split("started successfully on port ").nth(1)?.to_owned();
            rest.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.expect("chromedriver says its port");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let mut browser = Self {
            driver,
            _profile: profile,
            http: http.expect("a client"),
            runtime: runtime.expect("a runtime"),
            session: format!("http://127.0.0.1:{port}/session"),
            manner,
        };
        let made = browser.post("", &browser.capabilities());
        let id = made["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {made}"));
        browser.session = format!("{}/{id}", browser.session);
        browser.resize(manner.width, manner.height);
        browser
    }

    fn capabilities(&self) -> Value {
        let profile = format!("--user-data-dir={}", self._profile.path().display());
        let language = format!("--lang={}", self.manner.language);
        let mut arguments = vec![
            "--headless=new",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            &language,
            &profile,
        ];
        // Root has no sandbox to build.
        if rustix::process::getuid().is_root() {
            arguments.push("--no-sandbox");
        }
        let scripts = if self.manner.scripting { 1 } else { 2 };
        let options = json!({
            "args": arguments,
            "prefs": {
                "intl.accept_languages": self.manner.language,
                "profile.managed_default_content_settings.javascript": scripts,
            },
        });
        json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"},
        }}})
    }

    /// The width of the page in pixels of CSS, whatever the window's frame takes; less than 500 is a telephone.
    pub fn resize(&self, width: u32, height: u32) {
        let params = json!({
            "width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 500,
        });
        let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": params});
        self.post("/goog/cdp/execute", &command);
    }

    /// From now on somebody holds an authenticator, and lets it verify them.
    pub fn add_authenticator(&self) {
        let authenticator = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true,
        });
        self.post("/webauthn/authenticator", &authenticator);
    }

    /// Lets every page show notifications, as its user would.
    pub fn allow_notifications(&self) {
        let params = json!({"permissions": ["notifications"]});
        self.post(
            "/goog/cdp/execute",
            &json!({"cmd": "Browser.grantPermissions", "params": params}),
        );
    }

    /// Opens an address.
    pub fn open(&self, address: &str) {
        self.post("/url", &json!({"url": address}));
    }

    /// Loads the page anew.
    pub fn reload(&self) {
        self.post("/refresh", &json!({}));
    }

    /// Where it is.
    pub fn address(&self) -> String {
        self.get("/url").as_str().unwrap_or_default().to_owned()
    }

    /// What stands on the page; nothing while it goes from one to the next.
    pub fn text(&self) -> String {
        let Some(body) = self.find("body") else { return String::new() };
        let request = self.http.get(format!("{}/element/{body}/text", self.session));
        let text = self.send(request).unwrap_or_default();
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The first element of a CSS selector.
    pub fn find(&self, selector: &str) -> Option<String> {
        let found = self.post("/elements", &json!({"using": "css selector", "value": selector}));
        Some(found.as_array()?.first()?[ELEMENT].as_str()?.to_owned())
    }

    /// Presses what a selector names.
    pub fn press(&self, selector: &str) {
        let element = self.wait(selector, |browser| browser.find(selector));
        let error = self.try_post(&format!("/element/{element}/click"), &json!({}));
        if let Err(error) = error {
            // A part was swapped in between: once more, on what is there now.
            let element = self.find(selector).unwrap_or_else(|| panic!("{selector}: {error}"));
            self.post(&format!("/element/{element}/click"), &json!({}));
        }
    }

    /// Writes into a field.
    pub fn write(&self, selector: &str, text: &str) {
        let element = self.wait(selector, |browser| browser.find(selector));
        self.post(&format!("/element/{element}/value"), &json!({"text": text}));
    }

    /// Presses keys, one after the other, where the focus is.
    pub fn keys(&self, keys: &str) {
        let each = |key: char| {
            let stroke = |kind| json!({"type": kind, "value": key.to_string()});
            [stroke("keyDown"), stroke("keyUp")]
        };
        let strokes: Vec<_> = keys.chars().flat_map(each).collect();
        let keyboard = json!([{"type": "key", "id": "keyboard", "actions": strokes}]);
        self.post("/actions", &json!({"actions": keyboard}));
    }

    /// Runs a script of the test, which no policy of a page holds back.
    pub fn ask(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Runs a script of the test that calls its last argument when it is done, and returns with what.
    pub fn ask_later(&self, script: &str) -> Value {
        self.post("/execute/async", &json!({"script": script, "args": []}))
    }

    /// Waits for something; without scripting the page is loaded anew meanwhile, as people do.
    pub fn wait<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(
                Instant::now() < deadline,
                "in vain: {what}, at {}:\n{}",
                self.address(),
                self.text()
            );
            std::thread::sleep(Duration::from_millis(150));
        }
    }

    /// Waits until a text stands on the page with which a form is answered, which nobody loads anew: that sends the form again.
    pub fn see_answer(&self, text: &str) {
        self.wait(text, |browser| browser.text().contains(text).then_some(()));
    }

    /// Waits until a text stands on the page.
    pub fn see(&self, text: &str) {
        self.wait(text, |browser| {
            let is_there = browser.text().contains(text);
            if !is_there && !browser.manner.scripting {
                browser.reload();
            }
            is_there.then_some(())
        });
    }

    /// A picture of the whole page.
    pub fn picture(&self) -> Vec<u8> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let params = json!({"captureBeyondViewport": true, "format": "png"});
        let command = json!({"cmd": "Page.captureScreenshot", "params": params});
        let taken = self.post("/goog/cdp/execute", &command);
        STANDARD.decode(taken["data"].as_str().unwrap_or_default()).expect("base64")
    }

    /// What the browser complained about since it was asked last: broken policies, missing files, errors of scripts. An
    /// answer that refuses something is no complaint of ours.
    pub fn complaints(&self) -> Vec<String> {
        let all = self.post("/se/log", &json!({"type": "browser"}));
        let all = all.as_array().into_iter().flatten();
        let said = all.filter_map(|entry| entry["message"].as_str().map(ToOwned::to_owned));
        said.filter(|message| !message.contains("the server responded with a status of 4"))
            .collect()
    }

    fn get(&self, path: &str) -> Value {
        self.send(self.http.get(format!("{}{path}", self.session)))
            .unwrap_or_else(|e| panic!("{e}"))
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.try_post(path, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn try_post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.send(self.http.post(format!("{}{path}", self.session)).json(body))
    }

    fn send(&self, request: reqwest::RequestBuilder) -> Result<Value, String> {
        let answer: Value = self
            .runtime
            .block_on(async { request.send().await?.json().await })
            .map_err(|error| error.to_string())?;
        match answer["value"]["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", answer["value"]["message"])),
            None => Ok(answer["value"].clone()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium ends with its session; the driver is ours to end.
        let _ = self.runtime.block_on(async { self.http.delete(&self.session).send().await });
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
