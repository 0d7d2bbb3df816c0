//! Passkeys in a real browser, with an authenticator that WebDriver makes (Web Authentication, level 3, section 11).

use crate::{
    driver::{self, Browser, DESK, Manner, PHONE},
    town::{self, PASSWORD},
};

#[test]
fn a_passkey_is_made_signs_in_without_a_name_and_is_removed() {
    if !driver::is_there() {
        return;
    }
    for manner in [Manner { language: "en", ..PHONE }, Manner { language: "en", ..DESK }] {
        let mut house = town::house();
        house.serve();
        let base = format!("http://localhost:{}", house.door().port());
        let browser = Browser::start(manner);
        browser.add_authenticator();
        town::sign_in_at(&house, &browser, &base, "sato", "administrator");
        browser.open(&format!("{base}/settings/security"));
        let form = "form[data-passkey]";
        browser.write(&format!("{form} input[name=title]"), "my key");
        browser.write(&format!("{form} input[name=password]"), "not the password");
        browser.press(&format!("{form} button"));
        browser.see("The password is wrong");
        browser.ask("document.querySelector('form[data-passkey] input[name=password]').value = ''");
        browser.write(&format!("{form} input[name=password]"), PASSWORD);
        browser.press(&format!("{form} button"));
        browser.see("Recovery codes");
        browser.see("my key");
        // Signing out and in again, with nothing typed.
        browser.open(&format!("{base}/settings"));
        browser.press("form[action='/sign-out'] button");
        browser.see("Sign in with a passkey");
        browser.open(&format!("{base}/sign-in?next=/on-call"));
        browser.press("form[data-passkey] button");
        browser.see("The coming two weeks");
        // With the password alone nobody is in: the passkey is asked for.
        browser.open(&format!("{base}/settings"));
        browser.press("form[action='/sign-out'] button");
        browser.write("input[name=name]", "sato");
        browser.write("input[name=password]", PASSWORD);
        browser.press("form[action='/sign-in'] button");
        browser.see("Sign in with your passkey");
        browser.press("form[data-passkey] button");
        browser.wait("in", |browser| browser.find(".who"));
        browser.open(&format!("{base}/settings/security"));
        browser.press("article.account summary");
        browser.write("article.account input[name=password]", PASSWORD);
        browser.press("article.account button.danger");
        browser.wait("it is gone", |browser| (!browser.text().contains("my key")).then_some(()));
        browser.open(&format!("{base}/settings"));
        browser.press("form[action='/sign-out'] button");
        browser.see("Sign in with a passkey");
        browser.press("form[data-passkey] button");
        browser.see("does not sign in");
        assert_eq!(browser.complaints(), Vec::<String>::new());
    }
}
