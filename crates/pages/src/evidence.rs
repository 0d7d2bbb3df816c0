//! What a step kept before anything was changed: the files of a bundle, one of them as text, and as a download.
//!
//! The address names an attempt of a run; which folder is opened the history says, and nothing from outside. Seeing it takes
//! what seeing an incident takes: it is masked, as the outputs of steps are, and whoever is called must not look for
//! somebody who may.

use crate::{
    desk::Desk,
    figures::{self, figure},
    frame::{self, Here, Manner},
    links, paging, run,
    runs::{Marked, marked},
    trouble::Trouble,
    visitor::Viewer,
    when::{Clock, When},
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::said::{Language, Said};
use history::StepView;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use runbook::kept::{Bundles, Content, Contents, KeptFile, MANIFEST, Unseen};
use serde::Deserialize;

/// Bytes of a file that are shown at once.
const SHOWN: usize = 64 * 1024;

/// Which attempt kept it, and where.
struct Kept {
    run: String,
    runbook: String,
    step: String,
    incident: Option<u64>,
    at: When,
    path: String,
    /// Of its pages.
    link: String,
    /// The SHA-256 of the manifest, as the journal has it.
    manifest_sha256: Option<String>,
}

struct File {
    name: String,
    link: String,
    /// Its size and its time; none: it is gone.
    found: Option<(String, When)>,
    source: Option<String>,
    cut: Option<String>,
    sha256: Option<String>,
}

#[derive(Template)]
#[template(path = "evidence.html")]
struct Bundle {
    l: Language,
    kept: Kept,
    /// None: the bundle is gone.
    contents: Option<Inside>,
}

struct Inside {
    seal: Marked,
    files: Vec<File>,
    /// Lists of the others.
    lists: Vec<File>,
    missing: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "evidence_file.html")]
struct OneFile<'a> {
    l: Language,
    kept: Kept,
    name: String,
    link: String,
    size: String,
    seal: Marked,
    sha256: String,
    is_masked: bool,
    /// What is shown of it, where that is not all.
    shown: Option<String>,
    part: paging::Part<'a>,
}

/// `GET /evidence/{run}/{step}/{attempt}`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path((run, step, attempt)): Path<(String, String, String)>,
) -> Result<Response, Trouble> {
    let (kept, clock) = kept(&desk, &viewer, &run, &step, &attempt).await?;
    let path = kept.path.clone();
    let looked = open(&desk, &viewer, move |bundles| bundles.contents(&path)).await;
    let (status, contents) = match looked? {
        Ok(contents) => (StatusCode::OK, Some(inside(&contents, &kept, &clock))),
        Err(Unseen::Gone) => (StatusCode::NOT_FOUND, None),
        Err(Unseen::Unreadable(why)) => return Err(unreadable(&viewer, &kept.path, &why)),
    };
    let l = clock.language;
    let title = format!("{} {} {}", l.pick("証拠", "Evidence"), kept.run, kept.step);
    let manner = Manner::still(&title, Here::Incidents);
    let main = Bundle { l, kept, contents };
    Ok(frame::page(status, &viewer.visitor, Some(&viewer), &manner, &main))
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    /// Which part of the text, from 1 at its end.
    #[serde(default = "last")]
    part: usize,
}

fn last() -> usize {
    1
}

/// `GET /evidence/{run}/{step}/{attempt}/{file}?part=1`.
pub(crate) async fn file(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path((run, step, attempt, name)): Path<(String, String, String, String)>,
    Query(Asked { part }): Query<Asked>,
) -> Result<Response, Trouble> {
    let (kept, clock) = kept(&desk, &viewer, &run, &step, &attempt).await?;
    let content = content(&desk, &viewer, &kept, &name).await?;
    let l = clock.language;
    let Some(part) = paging::part(&content.text, part, SHOWN) else {
        let said = Said::new("この部分はありません。", "There is no such part of it.");
        return Err(Trouble::missing(&viewer.visitor, said));
    };
    // The journal knows the digest of the manifest, which knows those of the others while it is what it was.
    let manifest = kept.manifest_sha256.as_ref();
    let is_sure = content.manifest_digest.as_ref() == manifest;
    let known = match name.as_str() {
        MANIFEST => manifest,
        _ => content.kept_sha256.as_ref().filter(|_| is_sure),
    };
    let main = OneFile {
        l,
        size: size(content.bytes),
        seal: seal(Some(&content.sha256), known, name.clone(), l),
        sha256: content.sha256,
        is_masked: content.is_masked,
        link: links::below(&kept.link, &name),
        shown: (part.count > 1).then(|| shown(&part, l)),
        part,
        kept,
        name,
    };
    let title = format!("{} {}", main.name, main.kept.run);
    Ok(frame::of(&viewer, &Manner::still(&title, Here::Incidents), &main))
}

fn shown(part: &paging::Part<'_>, l: Language) -> String {
    let paging::Part { number, count, lines: (first, last), all_lines, .. } = part;
    l.pick(
        format!(
            "全 {all_lines} 行のうち {first}〜{last} 行目 ({number}/{count})。ほかの行はここでは省略しています。"
        ),
        format!(
            "Lines {first} to {last} of {all_lines} ({number}/{count}); the others are left out here."
        ),
    )
}

/// `GET /evidence/{run}/{step}/{attempt}/{file}/download`. The browser is told to keep it, and to show nothing of it.
pub(crate) async fn download(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path((run, step, attempt, name)): Path<(String, String, String, String)>,
) -> Result<Response, Trouble> {
    let (kept, _) = kept(&desk, &viewer, &run, &step, &attempt).await?;
    let content = content(&desk, &viewer, &kept, &name).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, attachment(&format!("{}-{name}", kept.run))),
    ];
    Ok((headers, content.text).into_response())
}

/// A name to keep a download under, also for browsers that know ASCII only (RFC 6266).
fn attachment(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let ascii: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let whole = utf8_percent_encode(name, NON_ALPHANUMERIC);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{whole}")
}

/// What the history says of an attempt that kept something.
async fn kept(
    desk: &Desk,
    viewer: &Viewer,
    run: &str,
    step: &str,
    attempt: &str,
) -> Result<(Kept, Clock), Trouble> {
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    let id = run::number(viewer, run)?;
    let view = desk.shared.past(move |history| history.run(id)).await.map_err(refused)?;
    let view = view.ok_or_else(|| run::missing(viewer, id))?;
    let is_it = |one: &&StepView| one.step.as_str() == step && one.attempt.to_string() == attempt;
    let found = view.steps.iter().find(is_it);
    let Some((found, path)) = found.and_then(|one| Some((one, one.evidence.clone()?))) else {
        let said = Said::new(
            format!("{id} のこのステップは証拠を残していません。"),
            format!("This step of {id} kept no evidence."),
        );
        return Err(Trouble::missing(&viewer.visitor, said));
    };
    let zone = desk.shared.look(|world| world.policy.zone.clone()).await.map_err(refused)?;
    let clock = viewer.visitor.clock(desk, &zone);
    let kept = Kept {
        run: id.to_string(),
        runbook: view.runbook.to_string(),
        step: found.step.to_string(),
        incident: view.incident.map(|id| id.0),
        at: clock.show(found.at),
        path,
        link: links::evidence(id, &found.step, found.attempt),
        manifest_sha256: found.captured.get("manifest_sha256").cloned(),
    };
    Ok((kept, clock))
}

/// Looks into the bundles off the server's threads.
async fn open<T: Send + 'static>(
    desk: &Desk,
    viewer: &Viewer,
    look: impl FnOnce(&Bundles) -> T + Send + 'static,
) -> Result<T, Trouble> {
    let bundles = desk.bundles.clone();
    let looked = tokio::task::spawn_blocking(move || look(&bundles)).await;
    looked.map_err(|error| Trouble::fault(&viewer.visitor, &error))
}

async fn content(
    desk: &Desk,
    viewer: &Viewer,
    kept: &Kept,
    name: &str,
) -> Result<Content, Trouble> {
    let (path, file) = (kept.path.clone(), name.to_owned());
    let looked = open(desk, viewer, move |bundles| bundles.content(&path, &file)).await;
    looked?.map_err(|unseen| match unseen {
        Unseen::Gone => {
            let said = Said::new(
                format!(
                    "{} の証拠に「{name}」はありません。削除された可能性があります。",
                    kept.run
                ),
                format!("“{name}” is not, or no longer, in the evidence of {}.", kept.run),
            );
            Trouble::missing(&viewer.visitor, said)
        }
        Unseen::Unreadable(why) => unreadable(viewer, &format!("{}/{name}", kept.path), &why),
    })
}

fn unreadable(viewer: &Viewer, path: &str, why: &str) -> Trouble {
    Trouble::fault(&viewer.visitor, &format!("{path}: {why}"))
}

fn inside(contents: &Contents, kept: &Kept, clock: &Clock) -> Inside {
    let l = clock.language;
    let file = |file: &KeptFile| File {
        name: file.name.clone(),
        link: links::below(&kept.link, &file.name),
        found: file.found.map(|(bytes, at)| (size(bytes), clock.show(at))),
        source: file.source.clone(),
        cut: file.cut.clone(),
        sha256: file.sha256.clone(),
    };
    let (lists, files): (Vec<_>, Vec<_>) = contents.files.iter().partition(|one| one.is_list());
    let known = kept.manifest_sha256.as_ref();
    Inside {
        seal: seal(contents.manifest_digest.as_ref(), known, MANIFEST.to_owned(), l),
        files: files.into_iter().map(file).collect(),
        lists: lists.into_iter().map(file).collect(),
        missing: contents
            .missing
            .iter()
            .map(|(source, why)| (source.clone(), why.text(l).to_owned()))
            .collect(),
    }
}

/// Whether something is still what it was when it was kept.
fn seal(now: Option<&String>, then: Option<&String>, name: String, l: Language) -> Marked {
    let (ja, en, class) = match (now, then) {
        (Some(now), Some(then)) if now == then => ("採取時のまま", "as it was kept", "pass"),
        (Some(_), Some(_)) => ("採取後に変更された", "changed since it was kept", "fail"),
        (None, _) => ("読めない", "cannot be read", "fail"),
        (_, None) => ("採取時の記録なし", "no sure digest is known", "unknown"),
    };
    marked(name, (Said::new(ja, en), class), l)
}

fn size(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    figure(bytes as f64, figures::BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_breaks_out_of_no_header() {
        let name = attachment("RUN-1-株価\"; x=\r\n.log");
        assert_eq!(
            name,
            "attachment; filename=\"RUN-1-_____x___.log\"; \
             filename*=UTF-8''RUN%2D1%2D%E6%A0%AA%E4%BE%A1%22%3B%20x%3D%0D%0A%2Elog"
        );
    }

    #[test]
    fn what_nobody_recorded_is_not_said_to_be_as_it_was() {
        let class = |now: Option<&str>, then: Option<&str>| {
            let (now, then) = (now.map(str::to_owned), then.map(str::to_owned));
            seal(now.as_ref(), then.as_ref(), String::new(), Language::En).class
        };
        assert_eq!(class(Some("a"), Some("a")), "pass");
        assert_eq!(class(Some("a"), Some("b")), "fail");
        assert_eq!(class(None, Some("a")), "fail");
        assert_eq!(class(Some("a"), None), "unknown");
    }
}
