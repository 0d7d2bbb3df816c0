//! TLS at hikeshi's own address, with certificates that are made here: shown, renewed, refused; and proxies in front.

use crate::{
    common::House,
    visitor::{PASSWORD, Visitor},
};
use rcgen::{CertificateParams, KeyPair};
use reqwest::header::{HOST, LOCATION, SET_COOKIE, STRICT_TRANSPORT_SECURITY};
use serde_json::json;
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    time::{Duration, SystemTime},
};

const YAML: &str = "tls: {certificate: tls/cert.pem, key: tls/key.pem}\nservices: {web: {}}\n";

/// Writes a certificate and its key for `localhost`, good for so many days, 0: over since yesterday; returns the certificate.
fn certify(house: &House, days: u32) -> String {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(["localhost".into()]).expect("a name");
    let day = Duration::from_secs(86_400);
    let now = SystemTime::now();
    params.not_before = (now - day * 40).into();
    params.not_after = if days == 0 { now - day } else { now + day * days }.into();
    let certificate = params.self_signed(&key).expect("signed").pem();
    let folder = house.config().join("tls");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("key.pem"), key.serialize_pem()).expect("written");
    fs::set_permissions(folder.join("key.pem"), PermissionsExt::from_mode(0o600)).expect("set");
    fs::write(folder.join("cert.pem"), &certificate).expect("written");
    certificate
}

/// A client that trusts this certificate and no other.
fn trusting(house: &House, certificate: &str) -> Visitor {
    let mut visitor = Visitor::new(house.door());
    let certificate = reqwest::Certificate::from_pem(certificate.as_bytes()).expect("ours");
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([certificate]);
    let http = http.redirect(reqwest::redirect::Policy::none());
    visitor.http = http.build().expect("a client");
    visitor.base = format!("https://localhost:{}", house.door().port());
    visitor
}

fn says(house: &House, kind: &str) -> bool {
    // Other things of such a small house are wrong as well.
    house.run(&["doctor", "--json"]).stdout.contains(kind)
}

#[test]
fn the_address_speaks_tls_and_takes_a_renewed_certificate_by_itself() {
    let mut house = House::new(YAML);
    let first = certify(&house, 90);
    house.serve();
    let mut sato = trusting(&house, &first);
    let made = house.json(&["account", "add", "sato", "--role", "administrator"]);
    let link = made["link"].as_str().expect("a link");
    assert!(link.starts_with("https://"), "{link}");
    let path = format!("/welcome/{}", link.rsplit('/').next().expect("a token"));
    let entered = sato.post(&path, &[("password", PASSWORD)]);
    let cookie = entered.header(SET_COOKIE).to_owned();
    assert!(cookie.starts_with("__Host-hikeshi=") && cookie.contains("Secure"), "{cookie}");
    sato.cookie = cookie.split(';').next().expect("a cookie").into();
    let page = sato.get("/");
    assert!(page.status == 200 && !page.header(STRICT_TRANSPORT_SECURITY).is_empty(), "{page:?}");

    // Whoever forgets the `s` is told.
    let mut plain = TcpStream::connect(house.door()).expect("it listens");
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    let mut answer = String::new();
    plain.read_to_string(&mut answer).expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.ends_with("HTTPS: https://\r\n"),
        "{answer}"
    );

    // A renewal, of which one half comes first: until both fit, the old one is shown.
    assert!(!says(&house, "certificate_expir"));
    let half = KeyPair::generate().expect("a key").serialize_pem();
    fs::write(house.config().join("tls/key.pem"), half).expect("written");
    house.wait("the half is seen", |house| {
        let _ = trusting(house, &first).get("/sign-in");
        house.log().contains("does not fit").then_some(())
    });
    assert_eq!(trusting(&house, &first).get("/sign-in").status, 200);
    let second = certify(&house, 7);
    house.wait("the new one is shown", |house| {
        let client = trusting(house, &second);
        let request = client.http.get(format!("{}/sign-in", client.base)).send();
        client.runtime.block_on(request).is_ok().then_some(())
    });
    assert!(says(&house, "certificate_expiring"), "a week is left");
}

#[test]
fn what_does_not_fit_is_said_with_its_file() {
    let house = House::new(YAML);
    let refused = |what: &str| {
        let ran = house.run(&["serve"]);
        assert!(ran.code != 0 && ran.stderr.contains(what), "{what}: {ran:?}");
        ran.stderr
    };
    assert!(refused("cert.pem: cannot be read").contains("tls/cert.pem"));
    certify(&house, 90);
    let key = house.config().join("tls/key.pem");
    fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).expect("set");
    refused("a key that everybody may read is not used: chmod o-rwx");
    fs::write(&key, KeyPair::generate().expect("a key").serialize_pem()).expect("written");
    fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).expect("set");
    refused("this key does not fit the certificate in");
    fs::write(house.config().join("tls/cert.pem"), "nothing").expect("written");
    refused("there is no certificate in it");
}

/// One that is over keeps nobody from starting: what is watched must not wait for it.
#[test]
fn with_a_certificate_that_is_over_hikeshi_starts_and_says_so() {
    let mut house = House::new(YAML);
    certify(&house, 0);
    house.serve();
    assert!(house.log().contains("it has expired on"), "{}", house.log());
    assert!(says(&house, "certificate_expired"));
}

/// What a trusted proxy says of others is believed: they are not on this machine, and they came over TLS.
#[test]
fn whoever_comes_through_a_trusted_proxy_is_not_on_this_machine() {
    let mut house = House::new("trusted_proxies: [127.0.0.1]\nservices: {web: {}}\n");
    house.serve();
    let visitor = Visitor::new(house.door());
    let get = |path: &str, from: Option<&str>| {
        let request = visitor.http.get(format!("{}{path}", visitor.base));
        visitor.send(match from {
            Some(from) => {
                request.header("X-Forwarded-For", from).header("X-Forwarded-Proto", "https")
            }
            None => request,
        })
    };
    for path in ["/api/v1/incidents", "/metrics", "/api/v2/alerts", "/api/v2/silences"] {
        assert_eq!(get(path, None).status, 200, "{path}: on this machine");
        assert_eq!(get(path, Some("192.0.2.7")).status, 401, "{path}: from elsewhere");
        assert_eq!(get(path, Some("127.0.0.1, 192.0.2.7")).status, 401, "{path}: forged");
    }
    let page = get("/sign-in", Some("192.0.2.7"));
    assert!(page.status == 200 && !page.header(STRICT_TRANSPORT_SECURITY).is_empty(), "{page:?}");
    assert_eq!(get("/sign-in", None).header(STRICT_TRANSPORT_SECURITY), "");
    assert!(get("/", Some("192.0.2.7")).header(LOCATION).starts_with("/sign-in"));
    // Doors that are open on this machine are shut from elsewhere; a token opens them.
    let send = |from: Option<&str>, token: Option<&str>| {
        let alerts = json!([{"labels": {"alertname": "x"}}]);
        let request = visitor.http.post(format!("{}/api/v2/alerts", visitor.base)).json(&alerts);
        let request = match from {
            Some(from) => {
                request.header("X-Forwarded-For", from).header(HOST, "hikeshi.example.jp")
            }
            None => request,
        };
        visitor.send(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    };
    assert_eq!(send(None, None).status, 200);
    let refused = send(Some("192.0.2.7"), None).status;
    assert!(matches!(refused, 401 | 404), "{refused}");
    let made = house.json(&["token", "new", "alertmanager"]);
    let token = made["token"].as_str();
    assert_eq!(send(Some("192.0.2.7"), token).status, 200);
}
