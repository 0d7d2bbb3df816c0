//! Who comes in, and who does not.

use crate::{
    common::House,
    driver::{self, Browser, DESK, Manner},
    town::{self, PASSWORD},
};

#[test]
fn who_is_not_signed_in_sees_nothing_and_goes_on_where_they_wanted_to() {
    if !driver::is_there() {
        return;
    }
    let mut house = town::house();
    house.serve();
    let base = format!("http://{}", house.door());
    let browser = Browser::start(Manner { language: "en", ..DESK });
    browser.open(&base);
    browser.see("Nobody has an account yet");
    town::sign_in(&house, &browser, "sato", "administrator");
    house.run_for(0, &["incident", "open", "--title", "logins fail", "--priority", "P2"]);
    browser.press(".who");
    browser.press("form[action='/sign-out'] button");
    browser.see("Sign in");
    browser.open(&format!("{base}/incidents/1"));
    browser.see("Sign in");
    assert!(!browser.text().contains("logins fail"));
    browser.write("input[name=name]", "sato");
    browser.write("input[name=password]", "not the password");
    browser.press("main button");
    browser.see("is wrong");
    browser.write("input[name=password]", PASSWORD);
    browser.press("main button");
    browser.see("logins fail");
    assert!(browser.address().ends_with("/incidents/1"), "{}", browser.address());
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// The session outlives a restart in the middle of an incident, and the page goes on by itself.
#[test]
fn a_page_goes_on_after_the_server_was_killed() {
    if !driver::is_there() {
        return;
    }
    let mut house = House::new("services: {web: {}}\n");
    house.configure("services: {web: {}}\n");
    house.serve();
    let door = house.door();
    let browser = Browser::start(Manner { language: "en", ..DESK });
    town::sign_in(&house, &browser, "sato", "administrator");
    house.run_for(0, &["incident", "open", "--title", "logins fail", "--priority", "P2"]);
    browser.see("logins fail");
    house.kill();
    browser.see("The connection is lost");
    std::fs::write(
        house.config().join("hikeshi.yaml"),
        format!("language: en\nlisten: {door}\nservices: {{web: {{}}}}\n"),
    )
    .expect("written");
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "payments fail", "--priority", "P1"]);
    browser.see("payments fail");
}

/// Two people at once: what one does, the other sees without asking.
#[test]
fn what_one_does_the_other_sees_and_a_viewer_changes_nothing() {
    if !driver::is_there() {
        return;
    }
    let mut house = town::house();
    house.serve();
    let manner = Manner { language: "en", ..DESK };
    let (one, other) = (Browser::start(manner), Browser::start(manner));
    town::sign_in(&house, &one, "sato", "administrator");
    town::sign_in(&house, &other, "suzuki", "viewer");
    house.run_for(0, &["incident", "open", "--title", "logins fail", "--priority", "P2"]);
    let room = format!("http://{}/incidents/1", house.door());
    one.open(&room);
    other.open(&room);
    one.press("#r-take button");
    other.see("taken by 佐藤");
    assert_eq!(other.find("main form"), None, "a viewer has nothing to press");
    // And what is not offered is refused all the same.
    let status = other.ask(
        "const csrf = document.querySelector('.foot form') && '';
         const request = new XMLHttpRequest();
         request.open('POST', '/incidents/1/close', false);
         request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
         request.send('csrf=' + csrf);
         return request.status",
    );
    assert_eq!(status, 403);
    house.run_for(0, &["account", "remove", "suzuki"]);
    other.see("Sign in");
}
