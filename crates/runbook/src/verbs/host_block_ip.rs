//! `host.block_ip`, `host.block_network`, `host.unblock_ip`, `host.is_blocked`: whom this machine does not hear for a while (A62, C25).

use crate::{
    call::{Argument, Call, Done, Verb},
    firewall::{allowed, table},
};
use domain::{
    plan::{EffectKind, Outcome},
    said::Said,
};
use futures::FutureExt;
use ipnet::IpNet;
use jiff::SignedDuration;
use serde_json::Value;
use std::time::Duration;
use supervise::ProgramError;

const ADDRESS: Argument = Argument { name: "ip", kind: "ip", bounds: None };
const NETWORK: Argument = Argument { name: "cidr", kind: "cidr", bounds: None };
/// From a minute to thirty days.
const EXPIRES: Argument =
    Argument { name: "expires", kind: "duration", bounds: Some((60, 30 * 86_400)) };
/// A block that nobody thought about ends soon.
const USUAL_EXPIRY: Duration = Duration::from_secs(3600);

/// Blocks an address. One client, for a while, that can be taken back and is read back: what is suspected is isolated
/// without a question (C24).
pub const BLOCK: Verb = Verb {
    name: "host.block_ip",
    summary: (
        "一つのアドレスからの通信を期限つきで遮断する (自分・監視・LB・プライベートは拒否)",
        "drops what comes from one address, for a while; refuses our own, monitors, load balancers and private ones",
    ),
    effect: EffectKind::Once,
    arguments: &[ADDRESS, EXPIRES],
    example: "```action {name=block timeout=20s}\nhost.block_ip\nip: 203.0.113.7\nexpires: 1h\n```",
    verify: Some("host.is_blocked"),
    undo: Some("host.unblock_ip"),
    perform: |call| async move { block(&call).await.unwrap_or_else(|done| done) }.boxed(),
};

/// Blocks a network: many who have done nothing, so a person agrees first.
pub const BLOCK_NETWORK: Verb = Verb {
    name: "host.block_network",
    summary: (
        "ネットワーク全体からの通信を期限つきで遮断する (関係のない人も止まるため、必ず承認が要る)",
        "drops what comes from a network, for a while; others are in it, too, so people always agree first",
    ),
    effect: EffectKind::Destructive,
    arguments: &[NETWORK, EXPIRES],
    example: "```action {name=block timeout=20s}\nhost.block_network\ncidr: 203.0.113.0/28\nexpires: 1h\n```",
    ..BLOCK
};

/// Frees an address.
pub const UNBLOCK: Verb = Verb {
    name: "host.unblock_ip",
    summary: ("アドレスの遮断を解く", "lets an address in again"),
    effect: EffectKind::Converge,
    arguments: &[ADDRESS, NETWORK],
    example: "```action {name=unblock timeout=20s}\nhost.unblock_ip\nip: 203.0.113.7\n```",
    verify: None,
    undo: Some("host.block_ip"),
    perform: |call| async move { unblock(&call).await.unwrap_or_else(|done| done) }.boxed(),
};

/// Says whether an address is blocked.
pub const IS_BLOCKED: Verb = Verb {
    name: "host.is_blocked",
    summary: (
        "アドレスが遮断されているかを調べる (されていなければ失敗)",
        "says whether an address is blocked; fails when it is not",
    ),
    effect: EffectKind::Read,
    arguments: &[ADDRESS, NETWORK],
    example: "```action {name=blocked timeout=20s}\nhost.is_blocked\nip: 203.0.113.7\n```",
    verify: None,
    undo: None,
    perform: |call| async move { is_blocked(&call).await.unwrap_or_else(|done| done) }.boxed(),
};

async fn block(call: &Call<'_>) -> Result<Done, Done> {
    let network = target(call)?;
    allowed::check(&network, &call.deps.limits).map_err(|why| Done::blocked(&why))?;
    let asked = call.duration("expires", USUAL_EXPIRY).as_secs();
    let is_around =
        |other: &table::Blocked| other.network != network && other.network.contains(&network);
    change(call, &network, |there| {
        if let Some(around) = there.iter().find(|other| is_around(other)) {
            return Err(around_it(&network, around, asked));
        }
        // What stands in it already is replaced; nobody is free earlier than he was before.
        let inside: Vec<_> =
            there.iter().filter(|other| network.contains(&other.network)).collect();
        let longest = inside.iter().filter_map(|other| other.left_seconds).max().unwrap_or(0);
        let gone: Vec<IpNet> = inside.iter().map(|other| other.network).collect();
        Ok(Some(table::block(&network, longest.max(asked), &gone)))
    })
    .await?;
    // Read back: what counts is what the kernel says.
    let now = list(call, &network).await?;
    let Some(found) = now.iter().find(|other| other.network == network) else {
        return Err(Done::failed(Said::new(
            format!("{network} を追加しましたが、集合にありません"),
            format!("{network} is not in the set after it was added"),
        )));
    };
    let left = found.left_seconds.unwrap_or(asked);
    let until = i64::try_from(left).ok().map(SignedDuration::from_secs);
    let until = until.and_then(|left| (call.deps.clock)().checked_add(left).ok());
    let until = until.map_or_else(String::new, |until| until.to_string());
    let output = format!("{network} is blocked for {left} s, until {until}");
    Ok(Done::new(Outcome::Ok, output).with("blocked", network).with("expires_at", until))
}

/// A wider network is blocked already: the address is not heard, but perhaps not for as long as asked.
fn around_it(network: &IpNet, around: &table::Blocked, asked: u64) -> Done {
    let (wide, left) = (around.network, around.left_seconds);
    if left.is_none_or(|left| left >= asked) {
        let output = format!("{network} is blocked already, within {wide}");
        return Done::new(Outcome::Ok, output).with("blocked", wide);
    }
    let left = left.unwrap_or_default();
    Done::failed(Said::new(
        format!(
            "{network} は {wide} の一部として遮断済みですが、残り {left} 秒だけです。{wide} を延長してください"
        ),
        format!(
            "{network} is blocked within {wide}, but only for {left} s more; block {wide} for longer"
        ),
    ))
}

async fn unblock(call: &Call<'_>) -> Result<Done, Done> {
    let network = target(call)?;
    let mut count = 0;
    change(call, &network, |there| {
        let inside = there.iter().map(|other| other.network);
        let gone: Vec<IpNet> = inside.filter(|other| network.contains(other)).collect();
        count = gone.len();
        Ok((count > 0).then(|| table::unblock(&gone)))
    })
    .await?;
    let now = list(call, &network).await?;
    if let Some(left) = now.iter().find(|other| meets(&other.network, &network)) {
        let wide = left.network;
        return Err(Done::failed(Said::new(
            format!(
                "{network} は {wide} の一部としてまだ遮断されています。{wide} の遮断を解除してください"
            ),
            format!("{network} is still blocked, within {wide}; unblock {wide}"),
        )));
    }
    let was = if count == 0 { "was not blocked" } else { "is not blocked any more" };
    Ok(Done::new(Outcome::Ok, format!("{network} {was}")).with("unblocked", count))
}

async fn is_blocked(call: &Call<'_>) -> Result<Done, Done> {
    let network = target(call)?;
    let there = list(call, &network).await?;
    match there.iter().find(|other| other.network.contains(&network)) {
        Some(found) => {
            let left = found
                .left_seconds
                .map_or_else(|| "for ever".into(), |left| format!("for {left} s more"));
            Ok(Done::new(Outcome::Ok, format!("{network} is blocked {left}")).with("blocked", true))
        }
        None => Err(Done::failed(Said::new(
            format!("{network} は遮断されていません"),
            format!("{network} is not blocked"),
        ))
        .with("blocked", false)),
    }
}

fn meets(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

/// The one address or network that is meant.
fn target(call: &Call<'_>) -> Result<IpNet, Done> {
    let text = match (call.argument("ip"), call.argument("cidr")) {
        (Some(text), None) | (None, Some(text)) => text,
        _ => {
            return Err(Done::blocked(&Said::new(
                "`ip` か `cidr` のどちらか一つを書いてください",
                "give either `ip` or `cidr`",
            )));
        }
    };
    allowed::network(text).ok_or_else(|| {
        Done::blocked(&Said::new(
            format!("`{text}` はアドレスではありません"),
            format!("`{text}` is no address"),
        ))
    })
}

/// What is blocked of the network's family; nothing when the table is not there yet.
async fn list(call: &Call<'_>, network: &IpNet) -> Result<Vec<table::Blocked>, Done> {
    let listing = table::listing(table::set_of(network));
    let output = call.program("nft")?.args(listing).run(call.deadline).await;
    let output = output.map_err(|error| Done::of_program(&error))?;
    let is_missing = !output.status.success()
        && output.complaint().is_some_and(|words| words.contains("No such file or directory"));
    if is_missing {
        return Ok(Vec::new());
    }
    let printed = output.success().map_err(|error| refused(&error))?;
    table::read(&printed).map_err(Done::failed)
}

/// Changes the sets from what stands in them now. A block may end between the look and the change; then nothing was
/// changed, and it is done again from what stands in them then.
async fn change(
    call: &Call<'_>,
    network: &IpNet,
    mut transaction: impl FnMut(&[table::Blocked]) -> Result<Option<Value>, Done>,
) -> Result<(), Done> {
    let mut is_again = false;
    loop {
        let Some(wanted) = transaction(&list(call, network).await?)? else { return Ok(()) };
        match tell(call, &wanted).await {
            Err(done) if !is_again && done.output.contains("does not exist") => is_again = true,
            told => return told,
        }
    }
}

/// One transaction: all of it counts, or nothing.
async fn tell(call: &Call<'_>, transaction: &Value) -> Result<(), Done> {
    let program = call.program("nft")?.args(["-j", "-f", "-"]).input(transaction.to_string());
    let output = program.run(call.deadline).await.map_err(|error| Done::of_program(&error))?;
    output.success().map(drop).map_err(|error| refused(&error))
}

fn refused(error: &ProgramError) -> Done {
    let why = error.said();
    if why.en.contains("Operation not permitted") {
        return Done::failed(Said::new(
            format!("{}。ファイアウォールの変更には hikeshi に CAP_NET_ADMIN が必要です", why.ja),
            format!("{}; hikeshi needs CAP_NET_ADMIN to change the firewall", why.en),
        ));
    }
    Done::failed(why)
}
