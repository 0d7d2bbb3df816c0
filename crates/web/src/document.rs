//! The description of the API (OpenAPI 3.1), made from the table of its routes.

use crate::{answer::ErrorBody, described::Described, extract::Json};
use axum::Extension;
use domain::carried_accounts::Scope;
use history::shape::Open;
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, OpenApiBuilder, PathsBuilder,
        Ref, RefOr, Required, Response, ResponseBuilder, Schema, SecurityRequirement,
        path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// The name of the way in which programs show who they are.
const TOKEN: &str = "token";
/// Why something is refused, by the code.
const REFUSALS: [(u16, &str); 10] = [
    (400, "What was sent is not understood."),
    (401, "A token is missing, or the one that was shown does not open the API."),
    (
        403,
        "The token or its owner may not do this; or, without a token, the Host names another machine.",
    ),
    (404, "There is no such thing."),
    (409, "It cannot be done as things are."),
    (413, "The body is too large."),
    (415, "The body is of another type."),
    (422, "Something is missing before this can be done."),
    (
        429,
        "Too many wrong tokens were shown within a minute; `Retry-After` says when to try again.",
    ),
    (503, "hikeshi itself is in trouble; nothing was accepted."),
];

/// A description that grows by one operation after the other.
#[derive(Default)]
pub struct Document {
    paths: PathsBuilder,
    schemas: BTreeMap<String, RefOr<Schema>>,
    /// Names that two shapes have: a reader would take one for the other.
    clashes: Vec<String>,
}

impl Document {
    /// Adds an operation: where it stands, and what it takes (none: nothing, it is open).
    pub(crate) fn add(
        &mut self,
        method: &HttpMethod,
        path: &str,
        access: Access,
        described: &Described,
    ) {
        let operation = operation(method, path, access, described);
        let paths = std::mem::take(&mut self.paths);
        self.paths = paths.path(path, PathItem::new(method.clone(), operation));
        for (name, schema) in &described.schemas {
            let known = self.schemas.entry(name.clone()).or_insert_with(|| schema.clone());
            if known != schema {
                self.clashes.push(name.clone());
            }
        }
    }

    /// The whole document.
    ///
    /// # Panics
    /// Two shapes have the same name: a mistake in the program, which every test that makes the document finds.
    pub fn finish(mut self) -> Value {
        assert!(
            self.clashes.is_empty(),
            "two shapes are called {:?}: use `schema(as = …)`",
            self.clashes
        );
        let mut schemas = vec![("Error".to_owned(), ErrorBody::schema())];
        ErrorBody::schemas(&mut schemas);
        self.schemas.extend(schemas);
        let components = ComponentsBuilder::new()
            .schemas_from_iter(self.schemas)
            .responses_from_iter(REFUSALS.map(|(code, why)| (code.to_string(), refusal(why))));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
            "A token of an account (`hikeshi token new --api`). Its scope and the role of the account must both allow \
             the operation; the scope that one takes stands beside it.",
        ));
        let info = InfoBuilder::new().title("hikeshi").version(env!("CARGO_PKG_VERSION")).description(Some(
            "The JSON API at the address. Operations that show are open to who reaches the address by its own name, \
             and to every token. Times are RFC 3339 in UTC; fields are only added; what is unknown is null.",
        ));
        let document = OpenApiBuilder::new()
            .info(info.build())
            .paths(self.paths)
            .components(Some(
                components.security_scheme(TOKEN, SecurityScheme::Http(bearer.build())).build(),
            ))
            .build();
        serde_json::to_value(document).expect("its keys are texts")
    }
}

/// What an operation takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    pub(crate) scope: Scope,
    pub(crate) is_open: bool,
}

fn operation(method: &HttpMethod, path: &str, access: Access, described: &Described) -> Operation {
    let acts = !matches!(method, HttpMethod::Get);
    let mut operation = OperationBuilder::new().operation_id(Some(name(method, path)));
    operation = operation.tag(tag(path));
    for (name, schema) in places(path).zip(&described.places) {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
        operation =
            operation.parameter(parameter.required(Required::True).schema(Some(schema.clone())));
    }
    for query in &described.queries {
        operation = operation.parameter(query.clone());
    }
    operation = operation.request_body(described.body.clone());
    if access.is_open {
        operation = operation.security(SecurityRequirement::default());
    }
    operation = operation.security(SecurityRequirement::new(TOKEN, [access.scope.name()]));
    let mut good = ResponseBuilder::new().description("It is so.");
    if let Some((kind, schema)) = &described.answer {
        good = good.content(*kind, ContentBuilder::new().schema(Some(schema.clone())).build());
    }
    operation = operation.response("200", good.build());
    let may_be = [
        (400, described.reads() || acts),
        (404, acts || !described.places.is_empty()),
        (409, acts),
        (413, described.body.is_some()),
        (415, described.body.is_some()),
        (422, acts),
    ];
    let own = may_be.into_iter().filter(|(_, may_be)| *may_be).map(|(code, _)| code);
    for code in own.chain([401, 403, 429, 503]) {
        let code = code.to_string();
        operation = operation.response(code.clone(), Ref::from_response_name(code));
    }
    operation.build()
}

fn refusal(why: &str) -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
    ResponseBuilder::new().description(why).content("application/json", body).build()
}

/// The names in braces.
fn places(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// `post_incidents_id_acknowledge`: as stable as the route.
fn name(method: &HttpMethod, path: &str) -> String {
    let method = match method {
        HttpMethod::Get => "get",
        HttpMethod::Delete => "delete",
        _ => "post",
    };
    let parts = path.trim_start_matches("/api/v1").split('/').filter(|part| !part.is_empty());
    let parts = parts.map(|part| part.trim_matches(['{', '}']).replace(['-', '.'], "_"));
    std::iter::once(method.to_owned()).chain(parts).collect::<Vec<_>>().join("_")
}

/// What it is about: the first part of its path.
fn tag(path: &str) -> &str {
    path.trim_start_matches("/api/v1/")
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default()
}

/// The description as it is served. Clones share.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Open)]
pub struct Served(Arc<Value>);

impl Served {
    /// This is served.
    pub fn new(document: Value) -> Self {
        Self(Arc::new(document))
    }
}

/// `GET /api/v1/openapi.json`
pub(crate) async fn show(Extension(document): Extension<Served>) -> Json<Served> {
    Json(document)
}
