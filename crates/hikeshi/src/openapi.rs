//! The description of the whole JSON API, from the tables of the rooms that have routes in it.

use serde_json::Value;
use web::Document;

/// The document (OpenAPI 3.1).
pub fn document() -> Value {
    let mut document = Document::default();
    web::describe(&mut document);
    pages::describe(&mut document);
    document.finish()
}
