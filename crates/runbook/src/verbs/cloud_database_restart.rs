//! `cloud.database_restart`: restarts a Cloud SQL instance with the cloud's own command (A41, A57).

use crate::{
    call::{Call, Done, Verb},
    types,
};
use domain::plan::{EffectKind, Outcome};
use futures::FutureExt;

/// Restarts a database of the cloud. Which one, only the configuration says.
pub const VERB: Verb = Verb {
    name: "cloud.database_restart",
    summary: (
        "Cloud SQL のインスタンスを再起動する (サービスの属性 cloud_instance、cloud_project)",
        "restarts the Cloud SQL instance that the attributes cloud_instance and cloud_project name",
    ),
    effect: EffectKind::Destructive,
    arguments: &[],
    example: "```action {name=sql timeout=15m}\ncloud.database_restart\n```",
    verify: Some("database.reconnect"),
    undo: None,
    perform: |call| async move { perform(&call).await.unwrap_or_else(|done| done) }.boxed(),
};

async fn perform(call: &Call<'_>) -> Result<Done, Done> {
    let instance = plain(call.setting("cloud_instance")?)?;
    let project = call.attribute("cloud_project").map(plain).transpose()?;
    let program = call
        .program("gcloud")?
        .args(["sql", "instances", "restart", "--quiet"])
        .args(project.map(|project| format!("--project={project}")))
        .operands([&instance]);
    let output = program.run(call.deadline).await.map_err(|error| Done::of_program(&error))?;
    output.success().map_err(|error| Done::of_program(&error))?;
    let said = format!("{instance} was restarted");
    Ok(Done::new(Outcome::Ok, said).with("instance", instance))
}

/// Names of the cloud are plain; whatever else stands there is a mistake.
fn plain(name: &str) -> Result<String, Done> {
    let typed = types::parse("ident", name).map_err(|why| Done::blocked(&why))?;
    Ok(typed.value)
}
