//! What a step may not do: a recorder gives it up for itself, and so for everything that it starts.
//!
//! A step that only looks reads files and writes none but its own, and gains no rights; `needs=` says otherwise. No step
//! leaves a core dump or fills a disk with one file. Where the kernel knows no Landlock, files are not confined.

use domain::plan::{EffectKind, Need, Step};
use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    path_beneath_rules,
};
use rustix::{
    process::{Resource, Rlimit, setrlimit},
    thread::set_no_new_privs,
};
use std::{io, path::Path};

/// The largest file that a step can write; one that only looks has its own folder to write into, and little to write.
const FILE_BYTES: u64 = 8 << 30;
const OWN_FILE_BYTES: u64 = 64 << 20;

/// Confines this process to what the step needs. `folder` is the step's own.
///
/// # Errors
/// The system refused: then nothing of the step may run.
pub(crate) fn to(step: &Step, folder: &Path) -> io::Result<()> {
    let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    setrlimit(Resource::Core, limit(0))?;
    let only_looks = step.effect == EffectKind::Read && step.needs.is_empty();
    setrlimit(Resource::Fsize, limit(if only_looks { OWN_FILE_BYTES } else { FILE_BYTES }))?;
    if step.effect != EffectKind::Read {
        return Ok(());
    }
    if !step.needs.contains(&Need::Privileges) {
        set_no_new_privs(true)?;
        if !step.needs.contains(&Need::Files) {
            reads_only(folder).map_err(io::Error::other)?;
        }
    }
    Ok(())
}

fn reads_only(folder: &Path) -> Result<(), landlock::RulesetError> {
    let abi = ABI::V5;
    let (read, all) = (AccessFs::from_read(abi), AccessFs::from_all(abi));
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .create()?
        .add_rules(path_beneath_rules(["/"], read))?
        .add_rules(path_beneath_rules([folder, Path::new("/dev")], all))?
        .restrict_self()?;
    Ok(())
}
