//! `accounts: {openid_connect: …}`: the provider, and what its people may do here.

use domain::{
    carried_accounts::{Granted, Rights},
    said::Said,
};
use egress::http::is_guarded;
use jiff::SignedDuration;
use reqwest::Url;
use source::{Fields, Node, Place, Problems, Secret};
use std::collections::BTreeMap;

/// A session ends after that unless written otherwise: what the provider takes back is gone with it.
const SESSION: SignedDuration = SignedDuration::from_hours(12);
/// The claim that most providers have for a name.
const NAME: &str = "preferred_username";
const GROUPS: &str = "groups";

/// The provider as a person configured it.
///
/// ```yaml
/// accounts:
///   openid_connect:
///     issuer: https://login.example.jp/realms/ops
///     client_id: hikeshi
///     client_secret: secret:openid
///     roles:
///       - {group: sre, role: approver}
///       - {group: dba, role: responder, team: DB}
/// ```
#[derive(Clone, Debug)]
pub struct Spec {
    /// As the provider writes itself, to the letter.
    pub issuer: String,
    /// As the provider knows us.
    pub client_id: String,
    /// What proves that we are that client; none: it is a public one, with PKCE alone.
    pub client_secret: Option<Secret>,
    /// What stands on the button.
    pub title: String,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// The claim with the name of an account.
    pub name: String,
    /// The claim with the groups.
    pub groups: String,
    /// What groups may do. Where there are any, they decide, at every sign-in.
    pub roles: Vec<GroupRole>,
    /// What whoever is in none of these groups may do; none: they do not come in.
    pub new_accounts: Option<Rights>,
    /// How long a session lasts.
    pub session: SignedDuration,
}

/// What the people of a group may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRole {
    /// As the provider names it.
    pub group: String,
    /// What.
    pub role: Rights,
    /// Only where services of this team are concerned.
    pub team: Option<String>,
    /// Where that is written.
    place: Place,
}

impl Spec {
    /// Reads one from the configuration.
    ///
    /// ```
    /// use openid::Spec;
    /// use source::{Problems, yaml};
    /// let mut problems = Problems::new();
    /// let text = "{issuer: 'https://login.example.jp', client_id: hikeshi}";
    /// let node = yaml::read("hikeshi.yaml", text, 0, &mut problems).unwrap();
    /// let spec = Spec::parse(&node, &mut problems).unwrap();
    /// assert_eq!((spec.title.as_str(), spec.new_accounts), ("login.example.jp", None));
    /// ```
    pub fn parse(node: &Node, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::open(node, problems)?;
        let issuer = fields.required("issuer", problems).and_then(|node| issuer(node, problems));
        let client_id = fields.required("client_id", problems).and_then(|node| node.text(problems));
        let keys = ["client_secret", "client_secret_env", "client_secret_file"];
        let client_secret = Secret::take(&mut fields, keys, problems);
        let title = fields.text("title", problems);
        let scopes = fields.optional("scopes").and_then(|node| node.texts(problems));
        let name = fields.text_or("name", NAME, problems);
        let groups = fields.text_or("groups", GROUPS, problems);
        let rows = fields.optional("roles").and_then(|node| node.list(problems));
        let rows = rows.iter().flatten();
        let roles = rows.filter_map(|node| GroupRole::parse(node, problems)).collect();
        let new_accounts = fields.optional("new_accounts").and_then(|node| role(node, problems));
        let session = fields.duration_or("session", SESSION, problems);
        fields.finish(problems);
        let (issuer, host) = issuer?;
        Some(Self {
            issuer,
            client_id: client_id?,
            client_secret,
            title: title.unwrap_or(host),
            scopes: scopes.unwrap_or_else(|| vec!["profile".into()]),
            name,
            groups,
            roles,
            new_accounts,
            session,
        })
    }

    /// What somebody in these groups may do; none: they do not come in. Without `roles` it is what a new account may.
    pub fn entitled(&self, groups: &[String]) -> Option<Granted> {
        let own = self.roles.iter().filter(|role| groups.contains(&role.group));
        let (mut everywhere, mut teams) = (self.new_accounts, BTreeMap::new());
        for GroupRole { role, team, .. } in own {
            // In a team they may see everything at least, as everybody does.
            everywhere = everywhere.max(Some(Rights::Viewer));
            match team {
                None => everywhere = everywhere.max(Some(*role)),
                Some(team) => {
                    let most: &mut Rights = teams.entry(team.clone()).or_insert(*role);
                    *most = (*most).max(*role);
                }
            }
        }
        everywhere.map(|rights| Granted { rights, teams })
    }

    /// Reports teams that own no service.
    pub fn check<'a>(&self, owners: impl IntoIterator<Item = &'a str>, problems: &mut Problems) {
        let owners: Vec<_> = owners.into_iter().collect();
        for GroupRole { team, place, .. } in &self.roles {
            let Some(team) = team.as_deref().filter(|team| !owners.contains(team)) else {
                continue;
            };
            problems.add(
                place,
                Said::new(
                    format!("どのサービスの owner も「{team}」ではありません"),
                    format!("no service has the owner `{team}`"),
                ),
            );
        }
    }
}

impl GroupRole {
    fn parse(node: &Node, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::open(node, problems)?;
        let group = fields.required("group", problems).and_then(|node| node.text(problems));
        let role = fields.required("role", problems).and_then(|node| role(node, problems));
        let team = fields.text("team", problems);
        fields.finish(problems);
        let (group, role) = (group?, role?);
        if team.is_some() && role == Rights::Administrator {
            problems.add(
                &node.place,
                Said::new(
                    "管理者の権限はチームごとには与えられません",
                    "nobody administrates for one team only",
                ),
            );
        }
        Some(Self { group, role, team, place: node.place.clone() })
    }
}

/// An issuer to the letter, and its host.
fn issuer(node: &Node, problems: &mut Problems) -> Option<(String, String)> {
    let text = node.text(problems)?;
    let url = text.parse::<Url>().ok();
    let is_plain = |url: &Url| url.query().is_none() && url.fragment().is_none();
    let url = url.filter(|url| is_guarded(url) && is_plain(url));
    if let Some(host) = url.as_ref().and_then(Url::host_str) {
        return Some((text, host.to_owned()));
    }
    problems.add_with_hint(
        &node.place,
        Said::new(
            format!("`{text}` は https の発行者 (issuer) ではありません"),
            format!("`{text}` is no issuer with https"),
        ),
        Said::new(
            "例: https://login.example.jp/realms/ops (`/.well-known/openid-configuration` の前まで)",
            "for example https://login.example.jp/realms/ops, which is what stands before `/.well-known/openid-configuration`",
        ),
    );
    None
}

fn role(node: &Node, problems: &mut Problems) -> Option<Rights> {
    let text = node.text(problems)?;
    let role = text.parse();
    if role.is_err() {
        problems.add(
            &node.place,
            Said::new(
                format!(
                    "`{text}` は役割ではありません: viewer, responder, approver, administrator"
                ),
                format!("`{text}` is not a role: viewer, responder, approver or administrator"),
            ),
        );
    }
    role.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use source::yaml;

    fn read(text: &str) -> (Option<Spec>, Problems) {
        let mut problems = Problems::new();
        let node = yaml::read("hikeshi.yaml", text, 0, &mut problems).expect("YAML");
        (Spec::parse(&node, &mut problems), problems)
    }

    #[test]
    fn groups_decide_who_comes_in_and_what_they_may() {
        let (spec, problems) = read(
            "issuer: https://login.example.jp\nclient_id: hikeshi\nroles:\n\
             - {group: sre, role: approver}\n- {group: ops, role: responder}\n\
             - {group: dba, role: responder, team: DB}\n- {group: leads, role: approver, team: DB}\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
        let mut spec = spec.expect("whole");
        let entitled = |spec: &Spec, groups: &[&str]| {
            let groups: Vec<_> = groups.iter().map(|&group| group.to_owned()).collect();
            spec.entitled(&groups).map(|granted| (granted.rights, granted.teams))
        };
        let db = |rights| BTreeMap::from([("DB".to_owned(), rights)]);
        assert_eq!(entitled(&spec, &[]), None);
        assert_eq!(entitled(&spec, &["staff"]), None);
        assert_eq!(entitled(&spec, &["ops", "sre"]), Some((Rights::Approver, BTreeMap::new())));
        assert_eq!(entitled(&spec, &["dba"]), Some((Rights::Viewer, db(Rights::Responder))));
        assert_eq!(
            entitled(&spec, &["leads", "dba", "ops"]),
            Some((Rights::Responder, db(Rights::Approver)))
        );
        spec.new_accounts = Some(Rights::Responder);
        assert_eq!(entitled(&spec, &["staff"]), Some((Rights::Responder, BTreeMap::new())));
        let mut problems = Problems::new();
        spec.check(["Web"], &mut problems);
        assert_eq!(problems.sorted().len(), 2, "teams that own nothing");
    }

    #[test]
    fn an_issuer_is_kept_to_the_letter_and_read_by_nobody_on_the_way() {
        for good in
            ["https://login.example.jp", "https://login.example.jp/", "http://127.0.0.1:9000"]
        {
            let (spec, problems) = read(&format!("{{issuer: '{good}', client_id: x}}"));
            assert!(problems.is_empty(), "{good}: {problems:?}");
            assert_eq!(spec.expect("whole").issuer, good);
        }
        for bad in
            ["http://login.example.jp", "login.example.jp", "https://x.jp/?a=b", "https://x.jp/#a"]
        {
            let (spec, problems) = read(&format!("{{issuer: '{bad}', client_id: x}}"));
            assert!(spec.is_none() && !problems.is_empty(), "{bad}");
        }
    }
}
