//! Stories of certificates, backups and the cloud: other programs do it, and what they say is believed only when it shows.

mod world;

use domain::{
    plan::Outcome,
    reading::{Observation, Reading},
};
use std::time::Duration;
use world::{Seen, World, seen, verb};

fn certificate(serial: &str, days: f64) -> Observation {
    seen("api-1")
        .with("serial", Reading::text(serial))
        .with("days_left", Reading::number(days))
        .because(format!("ends in {days} days"))
}

fn shows(looks: Vec<Observation>) -> Seen {
    Seen::default().with("tls_certificate", "api-1", looks)
}

// B29: renewed, and the server shows it.
#[tokio::test]
async fn a_certificate_near_its_end_is_renewed_and_seen() {
    let looks = vec![certificate("01", 9.5), certificate("01", 9.5), certificate("02", 89.9)];
    let world = World::new().program("certbot", "exit 0").seeing(shows(looks)).attribute(
        "certificate_name",
        "ident",
        "mirai.example",
    );
    let report = world.perform(&verb("certificate.renew")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert_eq!(world.calls(), ["renew|--quiet|--non-interactive|--cert-name=mirai.example|"]);
    assert_eq!(
        (report.captured["renewed"].as_str(), report.captured["serial"].as_str()),
        ("true", "02")
    );
}

// B29: nothing is done, and nothing reloaded, while there is time.
#[tokio::test]
async fn a_certificate_with_time_left_is_left_alone() {
    let world =
        World::new().program("certbot", "exit 0").seeing(shows(vec![certificate("01", 60.0)]));
    let report = world.perform(&verb("certificate.renew")).await;
    assert_eq!((report.outcome, report.captured["renewed"].as_str()), (Outcome::Ok, "false"));
    assert_eq!(world.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_renewal_that_nobody_sees_is_a_failure() {
    let old = || shows(vec![certificate("01", 5.0)]);
    let world = World::new().program("renew", "exit 0").seeing(old());
    let command = world.path("bin/renew").display().to_string();
    let world =
        world.attribute("renew_command", "const", &format!("{command} --quiet mirai; reboot"));
    let report = world.perform_within(&verb("certificate.renew"), Duration::from_secs(4)).await;
    assert!(
        matches!(&report.outcome, Outcome::Failed(why) if why.en.contains("still shows the old")),
        "{report:?}"
    );
    assert_eq!(world.calls(), ["--quiet|mirai;|reboot|"], "words, not a line for a shell");

    let world =
        World::new().program("certbot", "echo 'too many requests' >&2; exit 1").seeing(old());
    let report = world.perform(&verb("certificate.renew")).await;
    assert!(
        matches!(&report.outcome, Outcome::Failed(why) if why.en.contains("certbot: exit code 1: too many requests"))
    );

    let world = World::new().program("certbot", "exit 0");
    let report = world.perform(&verb("certificate.renew")).await;
    assert!(matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("tls_certificate")));
    let world = world.seeing(old()).attribute("renew_command", "const", "renew mirai");
    let report = world.perform(&verb("certificate.renew")).await;
    assert!(matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("absolute path")));
    let report = world.perform(&verb("certificate.renew\nreload: nginx")).await;
    assert!(matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("nginx")));
    assert_eq!(world.calls(), Vec::<String>::new());
}

// A41, A57.
#[tokio::test]
async fn the_cloud_is_told_the_instance_of_the_configuration() {
    let world = World::new()
        .program("gcloud", "exit 0")
        .attribute("cloud_instance", "const", "mirai-db")
        .attribute("cloud_project", "const", "mirai-prod");
    let report = world.perform(&verb("cloud.database_restart")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert_eq!(world.calls(), ["sql|instances|restart|--quiet|--project=mirai-prod|--|mirai-db|"]);
}

#[tokio::test]
async fn a_hostile_instance_never_reaches_the_cloud() {
    for hostile in ["--help", "a;rm -rf /", "a b", "$(id)", "-f"] {
        let world =
            World::new().program("gcloud", "exit 0").attribute("cloud_instance", "const", hostile);
        let report = world.perform(&verb("cloud.database_restart")).await;
        assert!(matches!(report.outcome, Outcome::Blocked(_)), "{hostile}: {report:?}");
        assert_eq!(world.calls(), Vec::<String>::new());
    }
}

// What had to be cut off may have happened.
#[tokio::test]
async fn a_cloud_that_does_not_answer_leaves_the_outcome_open() {
    let world = World::new().program("gcloud", "sleep 600").attribute(
        "cloud_instance",
        "const",
        "mirai-db",
    );
    let report =
        world.perform_within(&verb("cloud.database_restart"), Duration::from_millis(700)).await;
    assert!(
        matches!(&report.outcome, Outcome::Unknown(why) if why.en.contains("did not end in time")),
        "{report:?}"
    );
}

// B8, scenario 34: success is a backup that reads to its end.
#[tokio::test]
async fn a_backup_counts_when_it_reads_to_its_end() {
    let listed = |is_listed| seen("api-1").with("listed", Reading::flag(is_listed));
    let good =
        listed(true).with("entries", Reading::number(12.0)).because("db.dump: custom, 12 entries");
    let world = World::new().seeing(Seen::default().with("backup", "api-1", vec![good]));
    let report = world.perform(&verb("backup.verify")).await;
    assert_eq!((report.outcome, report.captured["entries"].as_str()), (Outcome::Ok, "12"));

    let bad = listed(false).with("problem", Reading::text("it ends in the middle"));
    let world = World::new().seeing(Seen::default().with("backup", "api-1", vec![bad]));
    let report = world.perform(&verb("backup.verify")).await;
    assert_eq!(report.outcome, Outcome::Failed("it ends in the middle".into()));

    let report = World::new().perform(&verb("backup.verify")).await;
    assert!(matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("kind: backup")));
}
