//! What pages load besides themselves: a stylesheet, scripts, an icon. Each is found under the digest of its bytes,
//! so that it may be kept for good.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// A file inside the binary.
pub(crate) struct Asset {
    /// Where it is found.
    pub(crate) path: String,
    content_type: &'static str,
    bytes: &'static [u8],
}

/// How they look.
pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let text = concat!(
        include_str!("../assets/hikeshi.css"),
        include_str!("../assets/charts.css"),
        include_str!("../assets/showing.css")
    );
    asset("css", "text/css; charset=utf-8", text.as_bytes())
});
/// What makes them live.
pub(crate) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let text = concat!(
        include_str!("../assets/hikeshi.js"),
        include_str!("../assets/charts.js"),
        include_str!("../assets/palette.js")
    );
    asset("js", "text/javascript; charset=utf-8", text.as_bytes())
});
/// What asks authenticators for passkeys; only where somebody signs in.
pub(crate) static PASSKEYS: LazyLock<Asset> = LazyLock::new(|| {
    asset("js", "text/javascript; charset=utf-8", include_bytes!("../assets/passkeys.js"))
});
/// What stands in the browser's tab.
pub(crate) static ICON: LazyLock<Asset> =
    LazyLock::new(|| asset("svg", "image/svg+xml", include_bytes!("../assets/hikeshi.svg")));

fn asset(ending: &str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = Sha256::digest(bytes);
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Asset { path: format!("/assets/{name}.{ending}"), content_type, bytes }
}

/// `GET /assets/{file}`.
pub(crate) async fn asset_of(Path(file): Path<String>) -> Response {
    let all = [&*STYLE, &*SCRIPT, &*PASSKEYS, &*ICON];
    let found = all.into_iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(&file));
    let Some(asset) = found else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.bytes).into_response()
}
