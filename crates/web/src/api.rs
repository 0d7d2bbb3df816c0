//! The table of the API: every route with the scope that it takes, what stands before it at each door, and what the document
//! says of it. A route without a scope cannot be written down, and neither can one whose handler does not say what it reads
//! and answers.

use crate::{
    bearer::{self, Gate},
    described::{Described, Describes},
    document::{Access, Document},
    state::Shared,
};
use axum::{
    Router,
    handler::Handler,
    middleware,
    routing::{self, MethodRouter},
};
use domain::carried_accounts::Scope;
use utoipa::openapi::HttpMethod;

/// Through which door requests come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The local socket: it belongs to whoever runs hikeshi, and they may everything in every name.
    Socket,
    /// The address: who acts shows a token, and acts in the name of its owner.
    Address,
}

/// One way to ask a path.
pub struct Asked<S> {
    method: HttpMethod,
    handler: MethodRouter<S>,
    described: Described,
}

/// What shows.
pub fn get<H: Handler<T, S> + Describes<T>, T: 'static, S: Shareable>(handler: H) -> Asked<S> {
    Asked { method: HttpMethod::Get, handler: routing::get(handler), described: H::described() }
}

/// What acts.
pub fn post<H: Handler<T, S> + Describes<T>, T: 'static, S: Shareable>(handler: H) -> Asked<S> {
    Asked { method: HttpMethod::Post, handler: routing::post(handler), described: H::described() }
}

/// What takes away.
pub fn delete<H: Handler<T, S> + Describes<T>, T: 'static, S: Shareable>(handler: H) -> Asked<S> {
    let described = H::described();
    Asked { method: HttpMethod::Delete, handler: routing::delete(handler), described }
}

/// What handlers can share.
pub trait Shareable: Clone + Send + Sync + 'static {}

impl<S: Clone + Send + Sync + 'static> Shareable for S {}

/// A line of the table.
struct Line<S> {
    path: &'static str,
    /// None: it is for the local socket alone.
    access: Option<Access>,
    asked: Asked<S>,
}

/// Routes with their scopes, for handlers that share an `S`.
pub struct Api<S>(Vec<Line<S>>);

impl<S> Default for Api<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: Shareable> Api<S> {
    /// What only shows, and may be seen by all who are on this machine.
    #[must_use]
    pub fn open(self, path: &'static str, asked: Asked<S>) -> Self {
        self.put(Some(Access { scope: Scope::Read, is_open: true }), path, asked)
    }

    /// What takes a scope.
    #[must_use]
    pub fn with(self, scope: Scope, path: &'static str, asked: Asked<S>) -> Self {
        self.put(Some(Access { scope, is_open: false }), path, asked)
    }

    /// What is for the local socket alone: the command line's, which no program reaches and no document describes.
    #[must_use]
    pub fn on_socket(self, path: &'static str, asked: Asked<S>) -> Self {
        self.put(None, path, asked)
    }

    fn put(mut self, access: Option<Access>, path: &'static str, asked: Asked<S>) -> Self {
        self.0.push(Line { path, access, asked });
        self
    }

    /// The routes of a door.
    pub fn into_router(self, shared: &Shared, door: Door) -> Router<S> {
        self.0.into_iter().fold(Router::new(), |router, line| {
            let handler = line.asked.handler;
            match (door, line.access) {
                (Door::Socket, _) => router.route(line.path, handler),
                (Door::Address, None) => router,
                (Door::Address, Some(Access { scope, is_open })) => {
                    let gate = Gate { shared: shared.clone(), scope, is_open };
                    let handler =
                        handler.route_layer(middleware::from_fn_with_state(gate, bearer::pass));
                    router.route(line.path, handler)
                }
            }
        })
    }

    /// Writes down what programs can ask at the address.
    pub fn describe(&self, document: &mut Document) {
        for Line { path, access, asked } in &self.0 {
            if let Some(access) = access {
                document.add(&asked.method, path, *access, &asked.described);
            }
        }
    }
}

impl<S> std::fmt::Debug for Api<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("routes", &self.0.len()).finish_non_exhaustive()
    }
}
