//! What the types of a handler say of its operation: what it reads, and what it answers. A handler whose types say nothing
//! of that cannot stand in the table of the API.

use crate::{
    answer::Refused,
    extract::{Json, Mail, Path, Query},
};
use axum::{
    Extension,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, ObjectBuilder, RefOr, Required, Schema,
        path::{Parameter, ParameterIn},
        request_body::{RequestBody, RequestBodyBuilder},
        schema::{SchemaType, Type},
    },
};

/// What is known of an operation before it is known where it stands.
#[derive(Clone, Default)]
pub struct Described {
    /// What each place of the path holds, in order.
    pub(crate) places: Vec<RefOr<Schema>>,
    pub(crate) queries: Vec<Parameter>,
    pub(crate) body: Option<RequestBody>,
    /// The type and the shape of what it answers.
    pub(crate) answer: Option<(&'static str, RefOr<Schema>)>,
    /// Shapes that the others name.
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
}

impl Described {
    /// Whether it reads anything at all that may be wrong.
    pub(crate) fn reads(&self) -> bool {
        !self.places.is_empty() || !self.queries.is_empty() || self.body.is_some()
    }
}

/// A part of a request that a handler takes.
pub trait Part {
    /// Writes down what it reads.
    fn describe(described: &mut Described);
}

impl<T> Part for State<T> {
    fn describe(_: &mut Described) {}
}

impl<T> Part for Extension<T> {
    fn describe(_: &mut Described) {}
}

impl<T> Part for Option<Extension<T>> {
    fn describe(_: &mut Described) {}
}

/// What a path can hold.
pub trait Places {
    /// Their shapes, in order.
    fn places() -> Vec<RefOr<Schema>>;
}

impl Places for String {
    fn places() -> Vec<RefOr<Schema>> {
        let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
        vec![text.min_length(Some(1)).into()]
    }
}

impl Places for u64 {
    fn places() -> Vec<RefOr<Schema>> {
        vec![<Self as PartialSchema>::schema()]
    }
}

impl Places for (String, String) {
    fn places() -> Vec<RefOr<Schema>> {
        [String::places(), String::places()].concat()
    }
}

impl<T: Places> Part for Path<T> {
    fn describe(described: &mut Described) {
        described.places = T::places();
    }
}

impl<T: IntoParams> Part for Query<T> {
    fn describe(described: &mut Described) {
        described.queries = T::into_params(|| Some(ParameterIn::Query));
        // What is left out is not there: no address holds a null.
        for query in &mut described.queries {
            if let Some(RefOr::T(Schema::Object(object))) = &mut query.schema
                && let SchemaType::Array(kinds) = &mut object.schema_type
            {
                kinds.retain(|kind| *kind != Type::Null);
            }
        }
    }
}

/// Programs may leave out `by`: who acts follows from the token ([`crate::bearer`]).
impl<T: ToSchema> Part for Json<T> {
    fn describe(described: &mut Described) {
        let mut schema = T::schema();
        let mut must_be_there = Required::True;
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required.retain(|name| name != "by");
            if let Some(RefOr::T(Schema::Object(by))) = object.properties.get_mut("by") {
                by.description = Some(
                    "Who acts. With a token it is left out, or is the name of the account whose token it is."
                        .to_owned(),
                );
            }
            if object.required.is_empty() {
                must_be_there = Required::False;
            }
        }
        T::schemas(&mut described.schemas);
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let body = RequestBodyBuilder::new().content("application/json", content);
        described.body = Some(body.required(Some(must_be_there)).build());
    }
}

impl Part for Mail {
    fn describe(described: &mut Described) {
        let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
        let content = ContentBuilder::new().schema(Some(text.build())).build();
        let body = RequestBodyBuilder::new().content("message/rfc822", content);
        described.body = Some(body.required(Some(Required::True)).build());
    }
}

/// What a handler answers with when all is well.
pub trait Answers {
    /// Writes down its type and shape.
    fn describe(described: &mut Described);
}

impl<T: ToSchema> Answers for Json<T> {
    fn describe(described: &mut Described) {
        described.answer = Some(("application/json", T::schema()));
        T::schemas(&mut described.schemas);
    }
}

impl Answers for &'static str {
    fn describe(described: &mut Described) {
        described.answer = Some(("text/plain", <String as PartialSchema>::schema()));
    }
}

impl<T: Answers> Answers for Result<T, Refused> {
    fn describe(described: &mut Described) {
        T::describe(described);
    }
}

/// The metrics, in the text format of Prometheus.
#[derive(Debug)]
pub struct Exposition(pub String);

impl IntoResponse for Exposition {
    fn into_response(self) -> Response {
        let kind = "text/plain; version=0.0.4; charset=utf-8";
        ([(header::CONTENT_TYPE, kind)], self.0).into_response()
    }
}

impl Answers for Exposition {
    fn describe(described: &mut Described) {
        <&'static str as Answers>::describe(described);
    }
}

/// A handler whose operation follows from its types; `T` are the types of its parts, as axum has them.
pub trait Describes<T> {
    /// What follows.
    fn described() -> Described;
}

impl<F, A, R> Describes<((),)> for F
where
    F: FnOnce() -> A,
    A: Future<Output = R>,
    R: Answers,
{
    fn described() -> Described {
        let mut described = Described::default();
        R::describe(&mut described);
        described
    }
}

macro_rules! describes {
    ($($part:ident),+) => {
        impl<F, A, R, M, $($part),+> Describes<(M, $($part,)+)> for F
        where
            F: FnOnce($($part),+) -> A,
            A: Future<Output = R>,
            R: Answers,
            $($part: Part,)+
        {
            fn described() -> Described {
                let mut described = Described::default();
                $($part::describe(&mut described);)+
                R::describe(&mut described);
                described
            }
        }
    };
}

describes!(P1);
describes!(P1, P2);
describes!(P1, P2, P3);
