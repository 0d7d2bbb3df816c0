//! Stories of people who sign in with an account elsewhere, against a provider that can be told to misbehave.

mod fake;

use fake::{CLIENT, Fake, SECRET};
use jiff::{SignedDuration, Timestamp};
use openid::{Arrival, Fault, Flow, Provider, Return, Spec};
use serde_json::{Value, json};
use source::{Problems, yaml};

const BACK: &str = "https://hikeshi.example.jp/sign-in/openid/back";

fn provider(fake: &Fake, more: &str) -> Provider {
    let text = format!("issuer: {}\nclient_id: {CLIENT}\n{more}", fake.issuer());
    let mut problems = Problems::new();
    let node = yaml::read("hikeshi.yaml", &text, 0, &mut problems).expect("YAML");
    let spec = Spec::parse(&node, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    Provider::new(spec.expect("whole"), secrets::Safe::default().reader("signing in"))
}

fn now() -> Timestamp {
    fake::NOW.parse().expect("a time")
}

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

/// Somebody goes to the provider, signs in there, and comes back.
async fn sign_in(provider: &Provider, fake: &Fake, at: Timestamp) -> Result<Arrival, Fault> {
    let (url, flow) = provider.begin(BACK, at).await?;
    provider.finish(&flow, BACK, &fake.visit(&url), at).await
}

#[tokio::test]
async fn somebody_arrives_with_the_name_and_the_groups_that_the_provider_claims() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "roles: [{group: sre, role: approver}]\n");
    let arrival = sign_in(&provider, &fake, now()).await.expect("let in");
    assert_eq!(arrival.identity.issuer, fake.issuer());
    assert_eq!(arrival.identity.subject, "sub-sato");
    assert_eq!(arrival.name.as_deref(), Some("sato"));
    assert_eq!(arrival.groups, Some(vec!["sre".to_owned()]));
    assert_eq!(fake.asked("userinfo"), 0, "the token has said it all");
    assert_eq!((fake.asked("discovery"), fake.asked("keys")), (1, 1));
    sign_in(&provider, &fake, later(29)).await.expect("let in again");
    assert_eq!((fake.asked("discovery"), fake.asked("keys")), (1, 1), "known for half a minute");
    sign_in(&provider, &fake, later(30)).await.expect("let in again");
    assert_eq!((fake.asked("discovery"), fake.asked("keys")), (2, 2));
}

#[tokio::test]
async fn the_address_of_the_provider_holds_what_the_standard_asks_for() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "scopes: [profile, groups]\n");
    let (url, _) = provider.begin(BACK, now()).await.expect("begun");
    let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    let of = |name: &str| query[name].as_str();
    assert_eq!((of("response_type"), of("client_id"), of("redirect_uri")), ("code", CLIENT, BACK));
    assert_eq!((of("scope"), of("code_challenge_method")), ("openid profile groups", "S256"));
    for random in ["state", "nonce", "code_challenge"] {
        assert_eq!(of(random).len(), 43, "{random}");
    }
}

#[tokio::test]
async fn what_the_token_does_not_say_is_asked_for_and_only_of_the_same_person() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "groups: teams\nroles: [{group: dba, role: responder}]\n");
    fake.userinfo(json!({"sub": "sub-sato", "teams": ["dba"], "preferred_username": "other"}));
    let arrival = sign_in(&provider, &fake, now()).await.expect("let in");
    assert_eq!(arrival.groups, Some(vec!["dba".to_owned()]));
    assert_eq!(arrival.name.as_deref(), Some("sato"), "what is signed comes first");
    for other in [json!({"sub": "sub-suzuki", "teams": ["dba"]}), json!({"teams": ["dba"]})] {
        fake.userinfo(other);
        let fault = sign_in(&provider, &fake, now()).await.expect_err("somebody else");
        assert!(matches!(&fault, Fault::Unfit(why) if why.contains("somebody else")), "{fault:?}");
    }
}

#[tokio::test]
async fn a_token_is_believed_only_when_it_is_from_the_provider_to_us_now_and_of_this_sign_in() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "");
    let second = now().as_second();
    let lies: &[(&str, Value, &str)] = &[
        ("iss", json!("https://evil.example"), "InvalidIssuer"),
        ("iss", Value::Null, "iss"),
        ("aud", json!("another"), "InvalidAudience"),
        ("aud", json!(["another", "third"]), "InvalidAudience"),
        ("aud", Value::Null, "aud"),
        ("azp", json!("another"), "azp"),
        ("exp", json!(second - 61), "expired"),
        ("exp", json!("tomorrow"), "exp"),
        ("exp", Value::Null, "exp"),
        ("nbf", json!(second + 61), "not valid yet"),
        ("nonce", json!("of-another-sign-in"), "nonce"),
        ("nonce", Value::Null, "nonce"),
        ("sub", json!(""), "sub"),
        ("sub", json!("x".repeat(256)), "sub"),
        ("sub", json!("a\u{1b}[31m"), "sub"),
        ("sub", json!(7), "sub"),
        ("sub", Value::Null, "sub"),
    ];
    for (claim, value, why) in lies {
        fake.claim(claim, value.clone());
        let fault = sign_in(&provider, &fake, now()).await.expect_err(claim);
        assert!(matches!(&fault, Fault::Unfit(said) if said.contains(why)), "{claim}: {fault:?}");
        fake.claim_nothing_else();
    }
    // What is true is taken in each of its forms.
    for (claim, value) in [
        ("aud", json!(["another", CLIENT])),
        ("azp", json!(CLIENT)),
        ("exp", json!(second - 59)),
        ("nbf", json!(second + 59)),
    ] {
        fake.claim(claim, value);
        sign_in(&provider, &fake, now()).await.expect(claim);
        fake.claim_nothing_else();
    }
}

#[tokio::test]
async fn nobody_signs_for_the_provider() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "");
    for (forged, why) in [
        (fake::Forged::Nothing, "variant"),
        (fake::Forged::WithThePublicKey, "HS256"),
        (fake::Forged::ByAnotherKey, "InvalidSignature"),
        (fake::Forged::ByAnUnknownKey, "unknown key"),
        (fake::Forged::WithAnExtension, "InvalidToken"),
        (fake::Forged::NoToken, "no ID token"),
        (fake::Forged::Garbage, "ID token"),
    ] {
        fake.forge(Some(forged));
        let fault = sign_in(&provider, &fake, now()).await.expect_err("forged");
        assert!(
            matches!(&fault, Fault::Unfit(said) if said.to_lowercase().contains(&why.to_lowercase())),
            "{forged:?}: {fault:?}"
        );
    }
    fake.forge(None);
    sign_in(&provider, &fake, now()).await.expect("the real one");
}

#[tokio::test]
async fn new_keys_count_after_half_a_minute_and_made_up_ones_are_no_load_elsewhere() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "");
    sign_in(&provider, &fake, now()).await.expect("let in");
    fake.rotate();
    sign_in(&provider, &fake, later(30)).await.expect("with the new key");
    assert_eq!(fake.asked("keys"), 2);
    fake.forge(Some(fake::Forged::ByAnUnknownKey));
    for second in 0..5 {
        sign_in(&provider, &fake, later(40 + second)).await.expect_err("no such key");
    }
    assert_eq!(fake.asked("keys"), 2);
}

#[tokio::test]
async fn a_provider_that_is_down_is_asked_again_after_a_few_seconds() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "");
    fake.breaks(Some(fake::Broken::Fails));
    for second in 0..5 {
        provider.begin(BACK, later(second)).await.expect_err("it is down");
    }
    assert_eq!(fake.asked("discovery"), 1);
    fake.breaks(None);
    provider.begin(BACK, later(5)).await.expect("it is back");
}

#[tokio::test]
async fn who_comes_back_is_who_left() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "");
    let (url, flow) = provider.begin(BACK, now()).await.expect("begun");
    let (_, other): (_, Flow) = provider.begin(BACK, now()).await.expect("begun");
    let returned = fake.visit(&url);
    let finish = |flow: Flow, returned: Return| {
        let provider = &provider;
        async move { provider.finish(&flow, BACK, &returned, now()).await }
    };
    assert_eq!(finish(other.clone(), returned.clone()).await, Err(Fault::Astray));
    assert_eq!(finish(flow.clone(), Return::default()).await, Err(Fault::Astray));
    let from_elsewhere = Return { iss: Some("https://evil.example".into()), ..returned.clone() };
    assert!(matches!(finish(flow.clone(), from_elsewhere).await, Err(Fault::Unfit(_))));
    assert_eq!(fake.asked("token"), 0, "for none of them the provider was asked");
    let denied = |error: &str| Return { error: Some(error.into()), code: None, ..returned.clone() };
    let fault = finish(flow.clone(), denied("access_denied")).await;
    assert_eq!(fault, Err(Fault::Denied("access_denied".into())));
    let fault = finish(flow.clone(), denied("<script>alert(1)</script>")).await;
    assert_eq!(fault, Err(Fault::Denied("unknown_error".into())), "a text from outside");
    // A code that was caught is worth nothing without the verifier of the browser that left.
    let (mine, caught) = provider.begin(BACK, now()).await.expect("begun");
    let code = fake.visit(&mine).code;
    let stolen = Return { code: returned.code.clone(), ..fake.visit(&mine) };
    assert_eq!(finish(caught.clone(), stolen).await, Err(Fault::Astray));
    assert!(
        finish(caught.clone(), Return { code: code.clone(), ..fake.visit(&mine) }).await.is_ok()
    );
    let again = finish(caught, Return { code, ..fake.visit(&mine) }).await;
    assert_eq!(again, Err(Fault::Astray), "a code is good once");
}

#[tokio::test]
async fn the_secret_is_shown_as_the_provider_takes_it() {
    let folder = std::env::temp_dir().join(format!("hikeshi-openid-{}", std::process::id()));
    std::fs::write(&folder, SECRET).expect("written");
    let secret = format!("client_secret_file: {}\n", folder.display());
    for (methods, way) in [
        (None, "basic"),
        (Some(json!(["client_secret_basic", "client_secret_post"])), "basic"),
        (Some(json!(["client_secret_post"])), "post"),
    ] {
        let fake = Fake::start().await;
        fake.takes_secrets(methods);
        sign_in(&provider(&fake, &secret), &fake, now()).await.expect(way);
        assert_eq!(fake.secret_shown(), Some(way));
        let fault = sign_in(&provider(&fake, ""), &fake, now()).await.expect_err("no secret");
        assert_eq!(fault, Fault::Unfit("token: invalid_client".into()));
    }
    std::fs::remove_file(folder).expect("ours");
}

#[tokio::test]
async fn a_provider_that_is_down_or_is_another_one_is_said_and_costs_nothing() {
    let fake = Fake::start().await;
    let said = |provider: Provider| async move {
        provider.begin(BACK, now()).await.expect_err("not to be used").said().en
    };
    for (document, why) in [
        (json!({"issuer": "https://evil.example"}), "calls itself `https://evil.example`"),
        (json!({"token_endpoint": "http://evil.example/token"}), "token_endpoint is not https"),
        (json!({"jwks_uri": "file:///etc/passwd"}), "jwks_uri is not https"),
        (json!({"authorization_endpoint": "javascript:alert(1)"}), "authorization_endpoint is not"),
        (json!({"authorization_endpoint": null}), "not the JSON of the standard"),
    ] {
        fake.document(document);
        let en = said(provider(&fake, "")).await;
        assert!(en.contains(why), "{why}: {en}");
    }
    fake.document(json!({}));
    for (broken, why) in [
        (fake::Broken::Redirects, "discovery: HTTP 302"),
        (fake::Broken::Floods, "more than 1048576 bytes"),
        (fake::Broken::Fails, "discovery: HTTP 503"),
        (fake::Broken::HasNoKeys, "keys: none that checks signatures"),
    ] {
        fake.breaks(Some(broken));
        let en = said(provider(&fake, "")).await;
        assert!(en.contains(why), "{why}: {en}");
    }
    fake.breaks(None);
    let used = provider(&fake, "");
    assert_eq!(used.look(now()).await.map(|health| health.keys), Ok(1));
    drop(fake);
    let gone = Fake::nowhere();
    let en = said(provider(&gone, "")).await;
    assert!(en.contains("cannot be reached") && en.contains("refused"), "{en}");
}
