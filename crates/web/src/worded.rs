//! Words of the core that requests may have, for the description of the API: taken from the core itself, which knows nothing
//! of descriptions.

use domain::{
    alert_label::AlertLabel,
    carried_accounts::{Rights, Scope},
    fact::Answer,
    incident_role::IncidentRole,
    plan::Mode,
    severity::Priority,
    stakeholders::Audience,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::{
    ObjectBuilder, OneOfBuilder, RefOr, Schema,
    schema::{AdditionalProperties, SchemaType, Type},
};

/// One of these.
fn one_of<T: Serialize>(all: impl IntoIterator<Item = T>) -> RefOr<Schema> {
    let words = all.into_iter().filter_map(|one| serde_json::to_value(one).ok());
    let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
    text.enum_values(Some(words)).into()
}

/// One of these, or null.
fn one_or_none<T: Serialize>(all: impl IntoIterator<Item = T>) -> RefOr<Schema> {
    let words = all.into_iter().filter_map(|one| serde_json::to_value(one).ok());
    let kinds = SchemaType::from_iter([Type::String, Type::Null]);
    ObjectBuilder::new().schema_type(kinds).enum_values(Some(words.chain([Value::Null]))).into()
}

pub(crate) fn priority() -> RefOr<Schema> {
    one_of([Priority::P0, Priority::P1, Priority::P2, Priority::P3])
}

pub(crate) fn audience() -> RefOr<Schema> {
    one_of(Audience::ALL)
}

pub(crate) fn role() -> RefOr<Schema> {
    one_of(IncidentRole::ALL)
}

pub(crate) fn answer() -> RefOr<Schema> {
    one_of([Answer::Done, Answer::Again, Answer::Manual])
}

pub(crate) fn mode() -> RefOr<Schema> {
    one_of([Mode::Manual, Mode::Approve, Mode::Auto])
}

pub(crate) fn scope() -> RefOr<Schema> {
    one_of([Scope::Read, Scope::Respond, Scope::Approve, Scope::Admin])
}

pub(crate) fn label() -> RefOr<Schema> {
    one_or_none(AlertLabel::ALL)
}

/// What an account may do.
pub fn rights() -> RefOr<Schema> {
    one_of(Rights::ALL)
}

/// What an account may do, or null.
pub fn rights_or_none() -> RefOr<Schema> {
    one_or_none(Rights::ALL)
}

/// A sign of life: a word, or the code with which the job ended.
pub(crate) fn sign() -> RefOr<Schema> {
    let code = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Integer));
    let code = code.minimum(Some(0)).maximum(Some(255));
    let exit = ObjectBuilder::new().property("exit", code).required("exit");
    let exit = exit.additional_properties(Some(AdditionalProperties::FreeForm(false)));
    let word = one_or_none(["success", "start", "fail", "log"]);
    OneOfBuilder::new().item(word).item(exit).into()
}
