//! Wires the page that customers see: where it is, what it is made from, and who keeps it up to date.

use crate::outside::Task;
use config::{Settings, StatusSite};
use domain::ids::ChannelName;
use status::{Sender, Setup, Site, SiteError};
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    net::TcpListener,
    sync::{mpsc::UnboundedSender, oneshot},
};
use web::Shared;

/// The page, where there is one, and from now on it is kept up to date.
pub fn open(
    settings: &Settings,
    configured: Option<StatusSite>,
    shared: &Shared,
    tasks: UnboundedSender<Task>,
) -> Result<Option<(Site, Option<SocketAddr>)>, SiteError> {
    let Some(configured) = configured else { return Ok(None) };
    let own_host = configured.public_url.as_deref().and_then(host).map(ToOwned::to_owned);
    let setup = Setup {
        accent: configured.accent,
        own_host,
        public_url: configured.public_url.or_else(|| settings.public_url.clone()),
        export: configured.export,
        sender: configured.subscribe.map(|channel| sender(channel, tasks)),
    };
    let site = Site::open(shared.clone(), setup, &settings.data)?;
    tokio::spawn(site.clone().keep());
    Ok(Some((site, configured.listen)))
}

/// Sends mails on the channel of this name as it is configured when they are sent.
fn sender(channel: ChannelName, tasks: UnboundedSender<Task>) -> Sender {
    Arc::new(move |mail| {
        let (answer, wait) = oneshot::channel();
        let _ = tasks.send(Task::Mail(channel.clone(), Box::new(mail), answer));
        Box::pin(async { wait.await.ok().flatten() })
    })
}

/// The host that requests for an address name.
fn host(url: &str) -> Option<&str> {
    url.split_once("://")?.1.split('/').next()
}

/// Shows the page alone at an address of its own, encrypted like that of hikeshi.
pub async fn listen(
    site: &Site,
    address: SocketAddr,
    settings: &Settings,
    shared: &Shared,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    let (bound, tls) = (listener.local_addr()?, shared.tls.clone());
    let scheme = if tls.is_some() { "https" } else { "http" };
    tracing::info!("the status page is on {scheme}://{bound}");
    let proxies = settings.trusted_proxies.clone().into();
    tokio::spawn(web::serve(listener, status::own(site), tls, proxies));
    Ok(())
}
