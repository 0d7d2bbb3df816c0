//! How values of the core look as JSON, for the description of the API: the core itself knows nothing of such descriptions.

use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::AdditionalProperties},
};

/// A sentence in both languages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Said)]
pub struct SaidShape {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// Who acts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Actor)]
pub enum ActorShape {
    /// hikeshi itself.
    Hikeshi,
    /// A person by name.
    Person(String),
    /// Another system, by the name of its integration.
    System(String),
}

/// An object whose fields are those of the core, such as a fact: more of them may come at any time.
#[derive(Debug)]
pub struct Open;

impl PartialSchema for Open {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .into()
    }
}

impl ToSchema for Open {}
