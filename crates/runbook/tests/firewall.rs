//! Stories of `host.block_ip`: a stand-in for nft that answers as the real one did, and the real one in a network of its
//! own.

mod world;

use domain::plan::Outcome;
use ipnet::IpNet;
use runbook::Limits;
use std::{
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
};
use world::{World, verb};

/// What it is told is kept; what it shows is a file.
const NFT: &str = r#"
case "$2" in
  -f) cat >>"$HERE/told"; echo >>"$HERE/told"; [ -e "$HERE/after" ] && cp "$HERE/after" "$HERE/set"; exit 0 ;;
  list) if [ -e "$HERE/set" ]; then cat "$HERE/set"; else echo 'Error: No such file or directory' >&2; exit 1; fi ;;
esac"#;

fn set(elements: &str) -> String {
    format!(
        r#"{{"nftables": [{{"metainfo": {{}}}}, {{"set": {{"name": "blocked4", "elem": [{elements}]}}}}]}}"#
    )
}

fn element(address: &str, left: u64) -> String {
    format!(r#"{{"elem": {{"val": "{address}", "timeout": 3600, "expires": {left}}}}}"#)
}

fn world() -> World {
    World::new().program("nft", NFT)
}

fn write(world: &World, name: &str, text: &str) {
    std::fs::write(world.path(name), text).expect("written");
}

// A62: expiring, in one transaction, seen in the set afterwards.
#[tokio::test]
async fn an_address_is_blocked_for_an_hour_and_read_back() {
    let world = world();
    write(&world, "after", &set(&element("203.0.113.7", 3599)));
    let report = world.perform(&verb("host.block_ip\nip: 203.0.113.7")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert_eq!(report.captured["blocked"], "203.0.113.7/32");
    assert_eq!(report.captured["expires_at"], "2025-09-26T11:14:59Z");
    assert_eq!(
        world.calls(),
        ["-j|list|set|inet|hikeshi|blocked4|", "-j|-f|-|", "-j|list|set|inet|hikeshi|blocked4|"]
    );
    let told = world.read("told");
    assert!(told.contains(r#""elem":[{"elem":{"timeout":3600,"val":"203.0.113.7"}}]"#), "{told}");
    assert!(told.contains(r#""prio":-300"#) && told.contains("@blocked6"), "{told}");
}

#[tokio::test]
async fn a_block_that_is_not_there_afterwards_is_a_failure() {
    let world = world();
    write(&world, "after", &set(""));
    let report = world.perform(&verb("host.block_ip\nip: 203.0.113.7")).await;
    assert!(
        matches!(&report.outcome, Outcome::Failed(why) if why.en.contains("not in the set")),
        "{report:?}"
    );
}

// C25: own addresses, load balancers, monitors, loopback, private ranges.
#[tokio::test]
async fn whom_the_configuration_protects_is_never_blocked() {
    let mut world = world();
    let balancer: IpNet = "198.51.100.0/28".parse().expect("a network");
    world.deps.limits = Limits { never_block: vec![balancer], ..Limits::default() };
    for (call, why) in [
        ("ip\nip: 127.0.0.1", "loopback"),
        ("ip\nip: ::1", "loopback"),
        ("ip\nip: 198.51.100.3", "never_block"),
        ("network\ncidr: 198.51.100.0/24", "never_block"),
        ("ip\nip: 192.168.1.5", "private"),
        ("network\ncidr: 0.0.0.0/0", "too wide"),
    ] {
        let report = world.perform(&verb(&format!("host.block_{call}"))).await;
        assert!(
            matches!(&report.outcome, Outcome::Blocked(said) if said.en.contains(why)),
            "{call}: {report:?}"
        );
    }
    let report = world.perform(&verb("host.block_ip")).await;
    assert!(matches!(report.outcome, Outcome::Blocked(why) if why.en.contains("either")));
    assert_eq!(world.calls(), Vec::<String>::new(), "nft was never asked");
}

#[tokio::test]
async fn a_hostile_address_never_arrives_anywhere() {
    for hostile in [
        "--help",
        ";rm -rf /",
        "203.0.113.7; drop",
        "203.0.113.7 }",
        "$(id)",
        "010.0.0.1",
        "::ffff:1.2.3.4",
        "fe80::1%eth0",
        "203.0.113.0/24",
    ] {
        let world = world().attribute("client", "ip", hostile);
        for name in ["host.block_ip", "host.unblock_ip", "host.is_blocked"] {
            let report = world.perform(&verb(&format!("{name}\nip: $HK_CLIENT"))).await;
            assert!(matches!(report.outcome, Outcome::Blocked(_)), "{hostile}: {report:?}");
        }
        assert_eq!(world.calls(), Vec::<String>::new(), "{hostile}");
    }
    let world = world().attribute("time", "duration", "721h");
    let report = world.perform(&verb("host.block_ip\nip: 203.0.113.7\nexpires: $HK_TIME")).await;
    assert!(matches!(report.outcome, Outcome::Blocked(why) if why.en.contains("2592000 seconds")));
}

#[tokio::test]
async fn nobody_is_free_earlier_than_before() {
    let world = world();
    write(&world, "set", &set(&element("203.0.113.7", 7000)));
    write(&world, "after", &set(&element("203.0.113.7", 7000)));
    let report = world.perform(&verb("host.block_ip\nip: 203.0.113.7\nexpires: 10m")).await;
    assert_eq!(report.outcome, Outcome::Ok);
    let told = world.read("told");
    assert!(told.contains(r#""timeout":7000"#) && told.contains(r#"{"delete":"#), "{told}");

    // Within a wider block: fine while that lasts long enough.
    let wide = r#"{"elem": {"val": {"prefix": {"addr": "203.0.113.0", "len": 24}}, "timeout": 3600, "expires": 1800}}"#;
    write(&world, "set", &set(wide));
    let report = world.perform(&verb("host.block_ip\nip: 203.0.113.7\nexpires: 10m")).await;
    assert_eq!(report.captured["blocked"], "203.0.113.0/24");
    let report = world.perform(&verb("host.block_ip\nip: 203.0.113.7\nexpires: 2h")).await;
    assert!(
        matches!(&report.outcome, Outcome::Failed(why) if why.en.contains("only for 1800 s more"))
    );
    let report = world.perform(&verb("host.unblock_ip\nip: 203.0.113.7")).await;
    assert!(
        matches!(&report.outcome, Outcome::Failed(why) if why.en.contains("unblock 203.0.113.0/24"))
    );
}

// A block that ends between the look and the change makes the whole change fail; it is done again.
#[tokio::test]
async fn a_block_that_ends_at_the_wrong_moment_is_made_anew() {
    let ends = r#"if [ "$2" = -f ] && [ ! -e "$HERE/ended" ]; then touch "$HERE/ended"; rm "$HERE/set"
        echo 'internal:0:0-0: Error: element does not exist' >&2; exit 1; fi"#;
    let world = World::new().program("nft", &format!("{ends}\n{NFT}"));
    write(&world, "set", &set(&element("203.0.113.7", 1)));
    write(&world, "after", &set(&element("203.0.113.7", 3600)));
    let report = world.perform(&verb("host.block_ip\nip: 203.0.113.7")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert!(!world.read("told").contains("delete"), "there was nothing left to take out");
    let changes = world.calls().iter().filter(|call| call.contains("-f")).count();
    assert_eq!(changes, 2);
}

#[tokio::test]
async fn a_firewall_that_may_not_be_changed_says_what_is_needed() {
    let world = World::new()
        .program("nft", "echo 'Error: Operation not permitted (you must be root)' >&2; exit 1");
    let report = world.perform(&verb("host.block_ip\nip: 203.0.113.7")).await;
    assert!(
        matches!(&report.outcome, Outcome::Failed(why) if why.en.contains("CAP_NET_ADMIN")),
        "{report:?}"
    );
    let world = World::new();
    let report = world.perform(&verb("host.block_ip\nip: 203.0.113.7")).await;
    assert!(
        matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("nft is not here")),
        "{report:?}"
    );
}

/// Two networks with a cable between them: `server` has the firewall, `client` is who may be blocked.
struct Networks {
    server: String,
    client: String,
}

impl Networks {
    /// Nothing where they cannot be made; that is said.
    fn make() -> Option<Self> {
        let needed = ["/usr/sbin/nft", "/usr/sbin/ip", "/usr/bin/python3"];
        if let Some(missing) = needed.iter().find(|path| !Path::new(path).exists()) {
            let is_ci = std::env::var_os("CI").is_some();
            assert!(!is_ci, "{missing} is missing: apt-get install nftables iproute2 python3");
            eprintln!("skipped: {missing} is not here (apt-get install nftables iproute2 python3)");
            return None;
        }
        let id = std::process::id();
        let made = Self { server: format!("hk-server-{id}"), client: format!("hk-client-{id}") };
        let (server, client) = (made.server.as_str(), made.client.as_str());
        let (a, b) = (format!("hka{id}"), format!("hkb{id}"));
        let steps: [&[&str]; 12] = [
            &["netns", "add", server],
            &["netns", "add", client],
            &[
                "link", "add", &a, "netns", server, "type", "veth", "peer", "name", &b, "netns",
                client,
            ],
            &["-n", server, "addr", "add", "203.0.113.1/24", "dev", &a],
            &["-n", client, "addr", "add", "203.0.113.7/24", "dev", &b],
            &["-n", server, "addr", "add", "2001:db8::1/64", "dev", &a, "nodad"],
            &["-n", client, "addr", "add", "2001:db8::7/64", "dev", &b, "nodad"],
            &["-n", client, "addr", "add", "203.0.113.8/24", "dev", &b],
            &["-n", server, "link", "set", &a, "up"],
            &["-n", client, "link", "set", &b, "up"],
            &["-n", server, "link", "set", "lo", "up"],
            &["-n", client, "link", "set", "lo", "up"],
        ];
        for step in steps {
            let ended = Command::new("/usr/sbin/ip").args(step).output().expect("it runs");
            if !ended.status.success() {
                eprintln!(
                    "skipped: ip {}: {}",
                    step.join(" "),
                    String::from_utf8_lossy(&ended.stderr)
                );
                return None;
            }
        }
        Some(made)
    }

    fn run(&self, network: &str, program: &[&str]) -> Command {
        let mut command = Command::new("/usr/sbin/ip");
        command.args(["netns", "exec", network]).args(program).stdin(Stdio::null());
        command
    }

    /// A server that greets whoever comes.
    fn greeter(&self, address: &str) -> Greeter {
        let text = "import socket, sys\n\
            family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET\n\
            s = socket.socket(family); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n\
            s.bind((sys.argv[1], 8080)); s.listen(); print('ready', flush=True)\n\
            while True:\n c, _ = s.accept(); c.sendall(b'hello'); c.close()\n";
        let mut command = self.run(&self.server, &["/usr/bin/python3", "-c", text, address]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("python runs");
        let mut ready = [0; 6];
        child.stdout.as_mut().expect("a pipe").read_exact(&mut ready).expect("it listens");
        Greeter(child)
    }

    /// Whether the server hears the client with this address. Nothing is answered when it does not, so this waits.
    fn is_heard(&self, from: &str, to: &str) -> bool {
        let text = "import socket, sys\n\
            s = socket.create_connection((sys.argv[2], 8080), 2, (sys.argv[1], 0)); print(s.recv(9))";
        let mut command = self.run(&self.client, &["/usr/bin/python3", "-c", text, from, to]);
        let ended = command.stderr(Stdio::null()).output().expect("python runs");
        ended.stdout == b"b'hello'\n"
    }
}

impl Drop for Networks {
    fn drop(&mut self) {
        for network in [&self.server, &self.client] {
            let _ = Command::new("/usr/sbin/ip")
                .args(["netns", "del", network])
                .stderr(Stdio::null())
                .status();
        }
    }
}

struct Greeter(Child);

impl Drop for Greeter {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

// A62 for real: who is blocked is not heard, others are; accept rules before it do not help him; undo and expiry free him.
#[tokio::test]
async fn in_a_real_network_the_blocked_one_is_not_heard_and_others_are() {
    let Some(networks) = Networks::make() else { return };
    let (_greeter, _greeter6) = (networks.greeter("203.0.113.1"), networks.greeter("2001:db8::1"));
    let server = networks.server.clone();
    let world = World::new()
        .program("nft", &format!("exec /usr/sbin/ip netns exec {server} /usr/sbin/nft \"$@\""));
    // A firewall that accepts everybody, before ours is made.
    let accept = "add table inet filter; add chain inet filter input { type filter hook input priority 0; policy accept; }; \
        add rule inet filter input accept; add chain inet filter early { type filter hook prerouting priority -310; policy accept; }; \
        add rule inet filter early ip saddr 203.0.113.0/24 accept";
    let ended = networks.run(&server, &["/usr/sbin/nft", accept]).status().expect("nft runs");
    assert!(ended.success());
    let heard = |from: &str| {
        let to = if from.contains(':') { "2001:db8::1" } else { "203.0.113.1" };
        networks.is_heard(from, to)
    };
    let perform = async |text: &str| world.perform(&verb(text)).await;
    assert!(heard("203.0.113.7") && heard("203.0.113.8") && heard("2001:db8::7"));
    assert!(!perform("host.is_blocked\nip: 203.0.113.7").await.outcome.is_ok());

    let report = perform("host.block_ip\nip: 203.0.113.7\nexpires: 1h").await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert!(!heard("203.0.113.7"), "blocked");
    assert!(heard("203.0.113.8") && heard("2001:db8::7"), "the others are heard");
    let report = perform("host.is_blocked\nip: 203.0.113.7").await;
    assert!(report.outcome.is_ok() && report.output.contains("s more"), "{report:?}");
    // Again and for longer: the same set, no second rule.
    let report = perform("host.block_ip\nip: 203.0.113.7\nexpires: 720h").await;
    assert!(report.outcome.is_ok() && report.output.contains("2591"), "{report:?}");

    let report = perform("host.block_ip\nip: 2001:db8::7").await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert!(!heard("2001:db8::7"));
    // The whole network takes the address with it.
    let report = perform("host.block_network\ncidr: 203.0.113.0/24").await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert!(!heard("203.0.113.7") && !heard("203.0.113.8"));
    let listed =
        networks.run(&server, &["/usr/sbin/nft", "list", "table", "inet", "hikeshi"]).output();
    let listed = String::from_utf8(listed.expect("nft runs").stdout).expect("text");
    assert_eq!(listed.matches("drop").count(), 2, "{listed}");

    assert!(
        !perform("host.unblock_ip\nip: 203.0.113.7").await.outcome.is_ok(),
        "its network is blocked"
    );
    let report = perform("host.unblock_ip\ncidr: 203.0.113.0/24").await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert!(heard("203.0.113.7") && heard("203.0.113.8"));
    assert!(perform("host.unblock_ip\nip: 203.0.113.7").await.outcome.is_ok(), "free is free");
}
