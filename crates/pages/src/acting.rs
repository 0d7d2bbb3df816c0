//! Forms that act: whoever sends one is signed in, may do it, and sent it from one of our own pages.

use crate::{address, desk::Desk, trouble::Trouble, visitor::Viewer};
use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
};
use domain::{carried_accounts::Rights, command::Command, said::Said};
use engine::EngineError;
use std::collections::HashMap;
use web::Caller;

/// A form of somebody who is signed in.
#[derive(Debug)]
pub(crate) struct Acting {
    pub(crate) viewer: Viewer,
    fields: HashMap<String, String>,
}

impl FromRequest<Desk> for Acting {
    type Rejection = Trouble;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let is_from_here = address::is_from_here(&parts.headers);
        let viewer = Viewer::from_request_parts(&mut parts, desk).await?;
        let form = Form::from_request(Request::from_parts(parts, body), desk).await;
        let fields: HashMap<String, String> = form.map(|Form(fields)| fields).unwrap_or_default();
        if !is_from_here || fields.get("csrf") != Some(&viewer.csrf) {
            return Err(Trouble::forbidden(
                &viewer.visitor,
                Said::new(
                    "この操作は hikeshi のページから送られていないか、ページが古くなっています。ページを開き直してもう一度お試しください。",
                    "This was not sent from a page of hikeshi, or the page was too old. Open the page again and repeat it.",
                ),
            ));
        }
        Ok(Self { viewer, fields })
    }
}

impl Acting {
    /// A field; empty where it is missing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |value| value.trim())
    }

    /// The same as a text of its own.
    pub(crate) fn text(&self, name: &str) -> String {
        self.field(name).to_owned()
    }

    /// The password, with the spaces that belong to it.
    pub(crate) fn password(&self) -> String {
        self.fields.get("password").cloned().unwrap_or_default()
    }

    /// Refuses whoever may not do what these rights allow.
    pub(crate) fn needs(&self, rights: Rights) -> Result<(), Trouble> {
        if self.viewer.may(rights) {
            return Ok(());
        }
        let (own, word) = (self.viewer.rights, crate::words::rights);
        let (own, needed) = (word(own), word(rights));
        Err(self.forbidden(Said::new(
            format!("この操作には{}の権限が必要です (あなたは{})。", needed.ja, own.ja),
            format!("This takes the rights of {}; you are {}.", needed.en, own.en),
        )))
    }

    pub(crate) fn forbidden(&self, said: Said) -> Trouble {
        Trouble::forbidden(&self.viewer.visitor, said)
    }

    /// What cannot be read.
    pub(crate) fn bad(&self, why: impl Into<String>) -> Trouble {
        Trouble::refused(&self.viewer.visitor, web::Refused::bad(why))
    }

    /// Sends a command of whoever sent the form; it is durable after that.
    pub(crate) async fn submit(&self, desk: &Desk, command: Command) -> Result<(), Trouble> {
        // A session may all that its owner may.
        let caller = Caller { name: self.viewer.name.clone(), most: Rights::Administrator };
        let done = caller.does(async { desk.shared.submit(command).await }).await;
        done.map(drop).map_err(|error: EngineError| {
            Trouble::refused(&self.viewer.visitor, web::Refused::from(error))
        })
    }
}
