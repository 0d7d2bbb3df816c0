//! A89, C27: secrets are asked for in declared order, held for a short while, written down, and in an emergency had from
//! the place for emergencies.

mod common;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use common::{FakeGoogle, Mood};
use domain::{
    ids::Actor,
    said::Language,
    secret_access::{AccessResult, SecretAccess},
};
use futures::future::{BoxFuture, join_all};
use jiff::{SignedDuration, Timestamp};
use secrets::{Ledger, Safe, World, declared};
use source::{Problems, Secret, yaml};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The name that the tests ask for.
const NAME: &str = "db-password";
const SECRET: &str = "google:projects/p/secrets/db";

#[derive(Default)]
struct Written {
    facts: Mutex<Vec<SecretAccess>>,
    is_full: AtomicBool,
}

impl Ledger for Written {
    fn note(&self, access: SecretAccess) {
        self.facts.lock().expect("no panic").push(access);
    }

    fn keep(&self, access: SecretAccess) -> BoxFuture<'_, Result<(), String>> {
        let is_full = self.is_full.load(Ordering::Relaxed);
        if !is_full {
            self.note(access);
        }
        Box::pin(async move { if is_full { Err("the disk is full".into()) } else { Ok(()) } })
    }
}

struct House {
    safe: Safe,
    ledger: Arc<Written>,
    now: Arc<Mutex<Timestamp>>,
}

impl House {
    /// A house that declares the secret so, in an environment with these variables.
    fn new(yaml: &str, variables: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let mut problems = Problems::new();
        let node = yaml::read("hikeshi.yaml", yaml, 0, &mut problems).expect("YAML");
        let named = declared::read(Some(&node), &mut problems);
        assert!(problems.is_empty(), "{}", problems.render(Language::En));
        let variables: BTreeMap<_, _> = variables.into_iter().collect();
        let world = World::with(Arc::new(move |name| variables.get(name).cloned()));
        let start = "2026-11-28T00:00:00Z".parse().expect("a time");
        let (ledger, now) = (Arc::new(Written::default()), Arc::new(Mutex::new(start)));
        let clock = now.clone();
        let clock = Arc::new(move || *clock.lock().expect("no panic"));
        let safe = Safe::new(named, world, ledger.clone(), clock);
        let safe = safe.with_limit(Duration::from_millis(300));
        Self { safe, ledger, now }
    }

    fn pass(&self, time: SignedDuration) {
        let mut now = self.now.lock().expect("no panic");
        *now = now.checked_add(time).expect("still this year");
    }

    async fn read_for(&self, purpose: &str) -> Result<String, String> {
        let place = source::Place { file: "hikeshi.yaml".into(), line: 1 };
        let secret = Secret::Named { name: NAME.into(), place };
        let read = self.safe.reader(purpose).read(&secret).await;
        read.map(|value| value.reveal().to_owned())
    }

    async fn read(&self) -> Result<String, String> {
        self.read_for("probe db/login").await
    }

    /// What was written down: purpose, source, how it went.
    fn facts(&self) -> Vec<(String, Option<String>, AccessResult, bool)> {
        let facts = self.ledger.facts.lock().expect("no panic");
        let facts = facts.iter().cloned();
        facts.map(|it| (it.purpose, it.source, it.result, it.break_glass)).collect()
    }
}

/// A file with a secret, for as long as the test runs.
fn glass(value: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("glass");
    fs::write(&path, format!("{value}\n")).expect("written");
    let text = format!("file:{}", path.display());
    (folder, text)
}

#[tokio::test]
async fn the_first_place_that_has_it_gives_it() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("db"), "from-systemd").expect("written");
    let yaml = format!("{NAME}: [env:UNSET, credential:db, env:SET]");
    let directory = folder.path().display().to_string();
    let variables = [("CREDENTIALS_DIRECTORY", directory), ("SET", "from-env".into())];
    let house = House::new(&yaml, variables);
    assert_eq!(house.read().await.as_deref(), Ok("from-systemd"));
    fs::remove_file(folder.path().join("db")).expect("removed");
    // What is on this machine is read anew with every need.
    assert_eq!(house.read().await.as_deref(), Ok("from-env"));
    let sources: Vec<_> = house.facts().into_iter().map(|(_, source, ..)| source).collect();
    assert_eq!(sources, [Some("credential:db".into()), Some("env:SET".into())]);
}

#[tokio::test]
async fn a_refusal_ends_the_search_and_breaks_no_glass() {
    let (_folder, glass) = glass("emergency");
    let google = FakeGoogle::start(Mood::Says(403, "PERMISSION_DENIED")).await;
    let yaml = format!("{NAME}: {{sources: ['{SECRET}', env:SET], break_glass: '{glass}'}}");
    let variables = google.variables().into_iter().chain([("SET", "other".into())]);
    let house = House::new(&yaml, variables);
    let why = house.read().await.expect_err("denied");
    assert!(why.contains("HTTP 403 PERMISSION_DENIED"), "{why}");
    assert_eq!(house.facts(), [("probe db/login".into(), None, AccessResult::Denied, false)]);
}

#[tokio::test]
async fn a_secret_that_is_not_there_breaks_no_glass() {
    let (_folder, glass) = glass("emergency");
    let google = FakeGoogle::start(Mood::Says(404, "NOT_FOUND")).await;
    let yaml = format!("{NAME}: {{sources: ['{SECRET}', env:UNSET], break_glass: '{glass}'}}");
    let house = House::new(&yaml, google.variables());
    let why = house.read().await.expect_err("absent");
    assert!(why.contains("HTTP 404 NOT_FOUND") && why.contains("UNSET is not set"), "{why}");
    assert_eq!(house.facts()[0].2, AccessResult::Absent);
    google.without_account();
    google.revoke_tokens();
    house.pass(SignedDuration::from_mins(1));
    let why = house.read().await.expect_err("nobody");
    assert!(why.contains("no service account"), "{why}");
}

#[tokio::test]
async fn who_cannot_be_reached_in_any_way_has_the_glass_broken() {
    for mood in [
        Mood::Says(503, "UNAVAILABLE"),
        Mood::Says(429, "RESOURCE_EXHAUSTED"),
        Mood::Says(302, "FOUND"),
        Mood::Hangs,
        Mood::Babbles,
        Mood::Damages,
    ] {
        let (_folder, glass) = glass("emergency");
        let google = FakeGoogle::start(mood.clone()).await;
        let yaml = format!("{NAME}: {{sources: ['{SECRET}'], break_glass: '{glass}'}}");
        let house = House::new(&yaml, google.variables());
        assert_eq!(house.read().await.as_deref(), Ok("emergency"), "{mood:?}");
        let expected = ("probe db/login".into(), Some(glass), AccessResult::Given, true);
        assert_eq!(house.facts(), [expected], "{mood:?}");
        let broken = house.safe.broken();
        assert!(!broken[0].reason.is_empty() && broken[0].secret == NAME, "{broken:?}");
    }
}

#[tokio::test]
async fn nobody_at_the_other_end_is_an_emergency_and_its_end_is_seen() {
    let (_folder, glass) = glass("emergency");
    let google = FakeGoogle::start(Mood::Gives("proper".into())).await;
    let yaml = format!("{NAME}: {{sources: ['{SECRET}'], break_glass: '{glass}'}}");
    let house = House::new(&yaml, google.variables());
    assert_eq!(house.read().await.as_deref(), Ok("proper"));
    google.set(Mood::Says(500, "INTERNAL"));
    house.pass(SignedDuration::from_mins(6));
    assert_eq!(house.read().await.as_deref(), Ok("emergency"));
    // Each time that the glass is broken is written down, and it is broken at most once a minute.
    assert_eq!(house.read().await.as_deref(), Ok("emergency"));
    house.pass(SignedDuration::from_mins(1));
    assert_eq!(house.read().await.as_deref(), Ok("emergency"));
    google.set(Mood::Gives("proper".into()));
    house.pass(SignedDuration::from_mins(1));
    assert_eq!(house.read().await.as_deref(), Ok("proper"));
    let glass: Vec<_> = house.facts().into_iter().map(|(.., glass)| glass).collect();
    assert_eq!(glass, [false, true, true, false]);
    assert_eq!(house.safe.broken().len(), 1);
    house.pass(SignedDuration::from_mins(6));
    assert!(house.safe.broken().is_empty());
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_handed_out() {
    let (_folder, glass) = glass("emergency");
    let google = FakeGoogle::start(Mood::Says(503, "UNAVAILABLE")).await;
    let yaml = format!("{NAME}: {{sources: ['{SECRET}'], break_glass: '{glass}'}}");
    let house = House::new(&yaml, google.variables());
    house.ledger.is_full.store(true, Ordering::Relaxed);
    let why = house.read().await.expect_err("not handed out");
    assert!(why.contains("not written down") && why.contains("the disk is full"), "{why}");
    assert!(house.safe.broken().is_empty() && house.safe.handed().is_empty());
}

#[tokio::test]
async fn a_remote_secret_is_asked_for_once_by_many_and_again_after_a_while() {
    let google = FakeGoogle::start(Mood::Gives("one".into())).await;
    let house = House::new(&format!("{NAME}: {SECRET}"), google.variables());
    let purposes: Vec<String> = (0..20).map(|number| format!("probe {number}")).collect();
    let reads = join_all(purposes.iter().map(|purpose| house.read_for(purpose))).await;
    assert!(reads.iter().all(|read| read.as_deref() == Ok("one")), "{reads:?}");
    assert_eq!((google.calls("token"), google.calls("secret")), (1, 1));
    // Each purpose is written down once, however often it reads.
    join_all(purposes.iter().map(|purpose| house.read_for(purpose))).await.clear();
    assert_eq!(house.facts().len(), 20);

    google.set(Mood::Gives("two".into()));
    assert_eq!(house.read().await.as_deref(), Ok("one"), "held");
    house.pass(SignedDuration::from_mins(5));
    assert_eq!(house.read().await.as_deref(), Ok("two"), "rotated");
    let masked: Vec<_> =
        house.safe.handed().iter().map(|value| value.reveal().to_owned()).collect();
    assert_eq!(masked, ["one", "two"], "both may still be said aloud");
    house.pass(SignedDuration::from_hours(1));
    assert!(house.safe.handed().is_empty());
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_replaced() {
    let google = FakeGoogle::start(Mood::Gives("one".into())).await;
    let house = House::new(&format!("{NAME}: {SECRET}"), google.variables());
    assert_eq!(house.read().await.as_deref(), Ok("one"));
    google.revoke_tokens();
    house.pass(SignedDuration::from_mins(5));
    assert_eq!(house.read().await.as_deref(), Ok("one"));
    assert_eq!((google.calls("token"), google.calls("secret")), (2, 3));
}

#[tokio::test]
async fn who_gives_up_does_not_stop_the_asking() {
    let google = FakeGoogle::start(Mood::Gives("one".into())).await;
    let house = House::new(&format!("{NAME}: {SECRET}"), google.variables());
    let impatient = tokio::time::timeout(Duration::ZERO, house.read()).await;
    assert!(impatient.is_err(), "it needs more than one look");
    assert_eq!(house.read().await.as_deref(), Ok("one"));
    assert_eq!(google.calls("secret"), 1);
}

#[tokio::test]
async fn a_person_behind_an_access_is_named() {
    let house = House::new(&format!("{NAME}: env:SET"), [("SET", "x1234".to_owned())]);
    let place = source::Place { file: "hikeshi.yaml".into(), line: 1 };
    let secret = Secret::Named { name: NAME.into(), place };
    let reader = house.safe.reader("diagnose db").on_behalf_of(Actor::Person("sato".into()));
    reader.read(&secret).await.expect("it is there");
    let fact = house.safe.last(&secret).expect("an access");
    assert_eq!((fact.by, fact.result), (Actor::Person("sato".into()), AccessResult::Given));
}

/// RFC 7523: who hikeshi is, is signed with the key of a service account.
#[tokio::test]
async fn a_key_file_stands_for_a_service_account() {
    let google = FakeGoogle::start(Mood::Gives("one".into())).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key.json");
    let uri = format!("http://{}/token", google.address);
    let key = |pem: &str| {
        serde_json::json!({
            "type": "service_account", "client_email": "hikeshi@p.iam.gserviceaccount.com",
            "private_key_id": "k1", "private_key": pem, "token_uri": uri,
        })
    };
    let Some(rsa) = openssl(folder.path(), "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048")
    else {
        return;
    };
    fs::write(&path, key(&rsa).to_string()).expect("written");
    let variables = || {
        let path = path.display().to_string();
        google.variables().into_iter().chain([("GOOGLE_APPLICATION_CREDENTIALS", path)])
    };
    let house = House::new(&format!("{NAME}: {SECRET}"), variables());
    assert_eq!(house.read().await.as_deref(), Ok("one"));
    let assertion = google.assertion().expect("asked for a token");
    let (grant, jwt) = assertion.split_once("&assertion=").expect("a form");
    assert_eq!(grant, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer");
    let (text, signature) = jwt.rsplit_once('.').expect("a signature");
    let (_, claims) = text.split_once('.').expect("claims");
    let claims: serde_json::Value = serde_json::from_slice(&decoded(claims)).expect("JSON");
    assert_eq!((&claims["iss"], &claims["aud"]), (&key("")["client_email"], &uri.as_str().into()));
    for (name, bytes) in
        [("rsa.pem", rsa.as_bytes()), ("text", text.as_bytes()), ("sig", &decoded(signature))]
    {
        fs::write(folder.path().join(name), bytes).expect("written");
    }
    openssl(folder.path(), "pkey -in rsa.pem -pubout -out public.pem");
    let said = openssl(folder.path(), "dgst -sha256 -verify public.pem -signature sig text");
    assert_eq!(said.as_deref().map(str::trim), Some("Verified OK"));

    for broken in ["", "{}", r#"{"type": "authorized_user"}"#, &key("no key").to_string()] {
        fs::write(&path, broken).expect("written");
        let house = House::new(&format!("{NAME}: {SECRET}"), variables());
        let why = house.read().await.expect_err("no identity");
        assert!(why.contains("key.json"), "{why}");
    }
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("Base64")
}

/// What the program says; nothing when it is not installed, which is a failure where everything must be there.
fn openssl(folder: &Path, arguments: &str) -> Option<String> {
    let mut command = Command::new("openssl");
    let ran = command.args(arguments.split(' ')).current_dir(folder).output();
    match ran {
        Ok(ran) => Some(String::from_utf8(ran.stdout).expect("text")),
        Err(error) => {
            assert!(std::env::var("CI").is_err(), "openssl: {error}");
            eprintln!("not tested: openssl: {error}");
            None
        }
    }
}

#[tokio::test]
async fn a_token_goes_to_nobody_who_could_be_overheard() {
    let variables = [
        ("GCE_METADATA_HOST", "127.0.0.1:1".to_owned()),
        ("CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER", "http://192.0.2.1/".to_owned()),
    ];
    let house = House::new(&format!("{NAME}: {SECRET}"), variables);
    let why = house.read().await.expect_err("no");
    assert!(why.contains("no https URL"), "{why}");
}

#[test]
fn every_mistake_in_the_section_is_named() {
    let mut problems = Problems::new();
    let text = "DB: env:X\nempty: []\nodd: vault:x\nkey: env:1X\nlocal: {sources: [env:X], break_glass: file:/x}\nwhere: {soruces: env:X}\nrelative: file:x\n";
    let node = yaml::read("hikeshi.yaml", text, 0, &mut problems).expect("YAML");
    declared::read(Some(&node), &mut problems);
    let said = problems.render(Language::En);
    for part in [
        "`DB` cannot be the name of a secret",
        "`empty` needs at least one source",
        "`vault:x` is no source of a secret",
        "`1X` is no name of a variable",
        "`break_glass` is never used",
        "did you mean `sources`?",
        "`x` is not an absolute path",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
