//! The runbook is the program: Markdown to a typed plan, and performing the steps of one.
//!
//! | | |
//! | --- | --- |
//! | types | [`types`]: typed parameters; [`digest`]; [`roles`]: which heading means what |
//! | reading | [`document`] Markdown, [`info`] the `{…}` of a fence, [`front`] front matter, bash ([`words`] what it consists of, [`syntax`] and `nodes` the tree, [`taint`] where values go, [`shell`] what is wrong), [`step`] one fence, [`parse`] the whole file |
//! | checking | [`params`]: what a step gets; [`mod@check`]: a plan against the services |
//! | performing | [`perform`] on top of [`script`] (bash in its own session, [`tree`], [`output`], [`mask`]) inside a [`recorder`] that outlives hikeshi and hands secrets on in memory (`handing`), and [`kinds`] (the built-in verbs, one file each in [`verbs`], within [`limits`]); evidence that steps kept is read again by [`kept`] |
//!
//! Reading is pure; only what performs touches the system.

pub mod call;
pub mod check;
mod conditions;
mod confine;
pub mod digest;
pub mod document;
mod evidence;
mod firewall;
pub mod front;
mod handing;
mod health;
mod http;
pub mod info;
pub mod kinds;
pub mod limits;
pub mod mask;
mod nodes;
pub mod output;
pub mod params;
pub mod parse;
pub mod perform;
pub mod recorder;
pub mod roles;
mod rotation;
pub mod script;
pub mod shell;
pub mod step;
pub mod syntax;
pub mod taint;
pub mod tree;
pub mod verbs;
pub mod words;

pub use call::{Deps, Looks};
pub use check::check;
pub use domain::types;
pub use evidence::kept;
pub use limits::Limits;
pub use parse::read;
pub use perform::{Job, Performer};
pub use tree::reap;
pub use verbs::ci_rerun::token_of;
