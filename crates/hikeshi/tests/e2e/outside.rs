//! Somebody notices when hikeshi itself is silent: whoever waits for its sign of life, and systemd.

use crate::common::{House, sink::Sink};
use std::{os::unix::net::UnixDatagram, time::Duration};

#[test]
fn a_sign_of_life_is_given_at_once_and_its_address_stands_in_no_file() {
    let sink = Sink::start();
    let mut house = House::new("sign_of_life: {url_env: OUTSIDE_EYES}\nservices: {web: {}}\n")
        .with_variable("OUTSIDE_EYES", &sink.url());
    house.serve();
    house.wait("somebody hears it", |_| (!sink.told().is_empty()).then_some(()));
    assert!(!house.log().contains(&sink.url()), "{}", house.log());
}

#[test]
fn a_sign_that_nobody_takes_is_said_once_and_changes_nothing_else() {
    let mut house =
        House::new("sign_of_life: {url: \"http://127.0.0.1:1/ping\"}\nservices: {web: {}}\n");
    house.serve();
    house.wait("it is said", |house| {
        house.log().contains("the sign of life is not taken: 127.0.0.1").then_some(())
    });
    assert!(house.is_ready());
}

/// Two hikeshi watch each other: the sign of life of the one is a heartbeat of the other, which tells its people when it
/// stays away, and again when it is back.
#[test]
fn one_hikeshi_tells_its_people_when_the_other_is_silent() {
    let mut north = House::new(
        "services: {south: {title: South}}\nheartbeats: {south: {service: south, every: 10s, grace: 1s}}\n",
    );
    north.serve();
    let address = format!("http://{}/ping/south", north.door());
    let mut south = House::new("sign_of_life: {url_env: EYES, every: 10s}\nservices: {web: {}}\n")
        .with_variable("EYES", &address);
    south.serve();
    north.wait("a sign of life", |north| {
        (north.json(&["heartbeat", "list"])[0]["state"] == "good").then_some(())
    });
    south.kill();
    let fired = north.wait("an alert", |north| north.facts_of("alert_fired").pop());
    assert!(fired.to_string().contains("heartbeat_missed"), "{fired}");
    north.wait("somebody is told", |north| north.log().contains("South").then_some(()));
    south.serve();
    north.wait("its end", |north| north.facts_of("alert_resolved").pop());
}

/// sd_notify(3): ready when the doors are open, alive as long as the writer answers, stopping when it was asked to.
#[test]
fn systemd_hears_that_it_is_ready_lives_and_stops() {
    let mut house = House::new("services: {web: {}}\n");
    let path = house.path().join("notify");
    let systemd = UnixDatagram::bind(&path).expect("a socket");
    systemd.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
    let hear = || {
        let mut bytes = [0; 256];
        let length = systemd.recv(&mut bytes).expect("in time");
        String::from_utf8_lossy(&bytes[..length]).trim().to_owned()
    };
    house = house
        .with_variable("NOTIFY_SOCKET", path.to_str().expect("a path"))
        .with_variable("WATCHDOG_USEC", "300000");
    house.serve();
    assert_eq!(hear(), "READY=1");
    assert_eq!([hear(), hear()], ["WATCHDOG=1", "WATCHDOG=1"]);
    house.stop();
    let mut words = std::iter::from_fn(|| Some(hear()));
    assert!(words.any(|word| word == "STOPPING=1"));
}
