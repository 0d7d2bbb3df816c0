//! What every command of the command line understands.

use clap::Args;
use std::path::PathBuf;

/// The hidden first word that makes this binary a process of the demo platform.
pub const DEMO_PROCESS: &str = "demo-process";

/// What every command understands.
#[derive(Args, Clone)]
pub struct Common {
    /// Folder with hikeshi.yaml
    #[arg(
        short,
        long,
        global = true,
        default_value = ".",
        env = "HIKESHI_CONFIG",
        value_name = "DIR"
    )]
    pub config: PathBuf,
    /// Print one JSON document (docs/reference/json.md) instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of the output, ja or en; by default that of the locale
    #[arg(long, global = true, env = "HIKESHI_LANG", value_name = "LANG")]
    pub lang: Option<String>,
    /// Name under which you act; by default your user name
    #[arg(long, global = true, value_name = "NAME")]
    pub by: Option<String>,
}
