//! Customers who want mails (A49): only the owner of an address subscribes, each mail comes once, and a link in each ends
//! them. Addresses are nowhere but in their own file.

use crate::{
    common::{
        House,
        mailbox::{Mail, Mailbox},
    },
    visitor::Visitor,
};
use std::{fs, os::unix::fs::PermissionsExt};

const ADDRESS: &str = "hanako-yamada@customer.example.test";

fn shop(mails: &Mailbox, listen: &str) -> String {
    format!(
        "services: {{geheim-api: {{title: Interne Kasse, command: [sleep, \"1000\"]}}}}
public_url: http://127.0.0.1:{listen}
channels:
  console: {{kind: console}}
  mail: {{kind: email, server: \"{}\", tls: none, from: status@shop.example.test}}
contacts: {{tanaka: {{title: Tanaka, roles: [pr], mail: tanaka@shop.example.test}}}}
clocks: {{assess_within: 0s, steady: 1s}}
status_page:
  title: Shop
  components: {{geheim-api: {{name: Orders}}}}
  subscribe: mail
",
        mails.address()
    )
}

/// The mails to a customer, once there are so many.
fn mails_to(house: &mut House, mails: &Mailbox, address: &str, count: usize) -> Vec<Mail> {
    house.wait(&format!("{count} mails to a customer"), |_| {
        let own = mails.mails().into_iter().filter(|mail| mail.to == [address]);
        let own: Vec<_> = own.collect();
        (own.len() >= count).then_some(own)
    })
}

/// The path of a link in a text.
fn link(text: &str, part: &str) -> String {
    let found = text.split_whitespace().find(|word| word.contains(part)).expect("a link");
    found.split_once("/status/").map(|(_, rest)| format!("/status/{rest}")).expect("ours")
}

#[test]
fn who_confirms_hears_of_everything_once_until_they_leave() {
    let mails = Mailbox::start();
    let mut house = House::new(&shop(&mails, "7070"));
    house.serve();
    house.wait("the page is good", |house| {
        let answer = house.open_door().get("/status.json").ok()?;
        (answer.status == 200 && answer.json()["state"] == "operational").then_some(())
    });
    let visitor = Visitor::new(house.door());
    assert!(visitor.get("/status").body.contains("/status/subscribe?lang=en"));
    let form = visitor.get("/status/subscribe");
    assert!(form.body.contains("name=\"address\""), "{form:?}");
    let ask = |address: &str| visitor.post("/status/subscribe?lang=en", &[("address", address)]);
    assert_eq!(ask("no address").status, 400);
    let first = ask(ADDRESS);
    assert_eq!(first.status, 200);
    // Nobody learns from the answer who has asked before, and nobody is asked twice.
    assert_eq!(ask(ADDRESS).body, first.body);
    let asked = mails_to(&mut house, &mails, ADDRESS, 1);
    assert_eq!(asked.len(), 1, "{asked:?}");
    let confirm = link(&asked[0].text(), "/confirm/");
    assert!(asked[0].header("List-Unsubscribe").is_empty());

    // What happens before they confirm is none of theirs; whoever only looks at the link has not confirmed.
    let page = visitor.get(&confirm);
    assert!(page.status == 200 && page.body.contains(&format!("action=\"{confirm}\"")), "{page:?}");
    assert_eq!(house.json(&["status", "subscribers"])["subscribers"], 0);
    assert_eq!(visitor.post(&confirm, &[]).status, 200);
    assert_eq!(visitor.post(&confirm, &[]).status, 410, "once");
    assert_eq!(house.json(&["status", "subscribers"])["subscribers"], 1);

    house.kill_service("geheim-api");
    let told = mails_to(&mut house, &mails, ADDRESS, 2);
    let mail = &told[1];
    assert_eq!(mail.header("Subject"), "[Shop] Trouble with Orders: It began", "{mail:?}");
    assert!(mail.text().contains("Orders: major outage. We are looking into it."), "{mail:?}");
    let leave = link(&mail.text(), "/unsubscribe/");
    let header = mail.header("List-Unsubscribe");
    assert_eq!(header, format!("<http://127.0.0.1:7070{leave}>"), "RFC 2369");
    assert_eq!(mail.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click", "RFC 8058");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    for word in ["geheim", "Kasse", "Tanaka", "service_down", "INC-"] {
        assert!(!mail.raw.contains(word) && !mail.text().contains(word), "{word}: {mail:?}");
    }

    // A restart sends nothing again, and forgets nothing that is owed; it starts the service again, too.
    house.kill();
    house.serve();
    let text = house.path().join("text");
    fs::write(&text, "We are on it.").expect("written");
    let file = text.display().to_string();
    house.run_for(0, &["comms", "draft", "1", "--audience", "customers"]);
    house.run_for(0, &["comms", "edit", "DRF-1", "--subject", "News", "--body", &file]);
    house.run_for(0, &["comms", "release", "DRF-1", "--revision", "2", "--by", "tanaka"]);
    let told = mails_to(&mut house, &mails, ADDRESS, 4);
    let mut subjects: Vec<_> = told.iter().map(|mail| mail.header("Subject")).collect();
    subjects.sort();
    let end = "[Shop] Trouble with Orders: It is over";
    let began = "[Shop] Trouble with Orders: It began";
    assert_eq!(subjects, ["[Shop] News", "[Shop] Please confirm", began, end]);

    // One press in a mail program; after it the address is nowhere.
    let visitor = Visitor::new(house.door());
    assert!(visitor.get(&leave).body.contains("<button>Unsubscribe</button>"));
    assert_eq!(visitor.post(&leave, &[("List-Unsubscribe", "One-Click")]).status, 200);
    assert_eq!(house.json(&["status", "subscribers"])["subscribers"], 0);
    let file = house.data().join("subscribers.db");
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    house.kill_service("geheim-api");
    house.wait("new trouble is told", |house| {
        let page = house.open_door().get("/status.json").ok()?.json();
        page["incidents"][0].is_object().then_some(())
    });
    house.stop();
    let own = mails.mails().into_iter().filter(|mail| mail.to == [ADDRESS]).count();
    assert_eq!(own, 4, "nothing comes after they left");
    for entry in
        fs::read_dir(house.data()).expect("a folder").flatten().filter(|it| it.path().is_file())
    {
        let bytes = fs::read(entry.path()).expect("a file");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("hanako-yamada"), "{} keeps it", entry.path().display());
    }
    assert!(!house.log().contains("hanako-yamada"), "{}", house.log());
}

/// A mail server that refuses is no place from which an address gets into a log.
#[test]
fn an_address_is_in_no_log_when_its_mail_fails() {
    let mails = Mailbox::start();
    let mut house =
        House::new(&shop(&mails, "7070").replace(&mails.address().to_string(), "127.0.0.1:9"));
    house.serve();
    house.wait("the page is there", |house| {
        house.open_door().get("/status.json").ok().filter(|answer| answer.status == 200)
    });
    let visitor = Visitor::new(house.door());
    assert_eq!(visitor.post("/status/subscribe", &[("address", ADDRESS)]).status, 200);
    house.wait("it is given up", |house| {
        house.log().contains("a confirmation for the status page could not be sent").then_some(())
    });
    assert!(!house.log().contains("hanako-yamada"), "{}", house.log());
    // What a stranger can make us send is bounded.
    let ask = |number: usize| {
        let address = format!("someone-{number}@customer.example.test");
        visitor.post("/status/subscribe", &[("address", &address)]).status
    };
    assert!((0..40).map(ask).any(|status| status == 429));
}
