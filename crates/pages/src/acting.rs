//! Forms that act: whoever sends one is signed in, may do it, and sent it from one of our own pages.

use crate::{address, desk::Desk, trouble::Trouble, visitor::Viewer};
use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
};
use domain::{carried_accounts::Rights, command::Command, said::Said};
use std::{fmt::Display, str::FromStr};
use web::{Caller, Refused};

/// A form of somebody who is signed in.
#[derive(Debug)]
pub(crate) struct Acting {
    pub(crate) viewer: Viewer,
    fields: Vec<(String, String)>,
}

impl FromRequest<Desk> for Acting {
    type Rejection = Trouble;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let is_from_here = address::is_from_here(&parts.headers);
        let viewer = Viewer::from_request_parts(&mut parts, desk).await?;
        let form = Form::from_request(Request::from_parts(parts, body), desk).await;
        let fields: Vec<(String, String)> = form.map(|Form(fields)| fields).unwrap_or_default();
        let acting = Self { viewer, fields };
        if !is_from_here || acting.all("csrf").next() != Some(&acting.viewer.csrf) {
            let viewer = acting.viewer;
            return Err(Trouble::forbidden(
                &viewer.visitor,
                Said::new(
                    "この操作は hikeshi のページから送られていないか、ページが古くなっています。ページを開き直してもう一度お試しください。",
                    "This was not sent from a page of hikeshi, or the page was too old. Open the page again and repeat it.",
                ),
            ));
        }
        Ok(acting)
    }
}

impl Acting {
    /// A field; empty where it is missing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default().trim()
    }

    /// All values of a field of which there may be many, as they were sent.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.fields.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The same as a text of its own.
    pub(crate) fn text(&self, name: &str) -> String {
        self.field(name).to_owned()
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

    /// What a text says; refused where it says nothing of the kind.
    pub(crate) fn read<T: FromStr<Err: Display>>(&self, text: &str) -> Result<T, Trouble> {
        text.parse().map_err(|error: T::Err| self.bad(error.to_string()))
    }

    /// What cannot be read.
    pub(crate) fn bad(&self, why: impl Into<String>) -> Trouble {
        Trouble::refused(&self.viewer.visitor, Refused::bad(why))
    }

    /// Sends a command of whoever sent the form; it is durable after that.
    pub(crate) async fn submit(&self, desk: &Desk, command: Command) -> Result<(), Trouble> {
        let done = self.does(async { Ok(desk.shared.submit(command).await?) }).await;
        done.map(drop)
    }

    /// Does something in the name of whoever sent the form, who may all that their account may.
    pub(crate) async fn does<T>(
        &self,
        work: impl Future<Output = Result<T, Refused>>,
    ) -> Result<T, Trouble> {
        let caller = Caller { name: self.viewer.name.clone(), most: Rights::Administrator };
        let done = caller.does(work).await;
        done.map_err(|refused| Trouble::refused(&self.viewer.visitor, refused))
    }
}
